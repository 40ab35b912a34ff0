"""The command line as tests call it, here or in a process of its own, the bytes that it leaves, and runs made to raise."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from clusterpact.cli import app as cli
from clusterpact.experiments.running import shards
from clusterpact.experiments.running.progress import Silent
from clusterpact.results.recorded import RECORDING, RECORDINGS, table_path

ROOT = Path(__file__).parents[1]
SECONDS = 240.0  #: that anything waited for may take, on a busy machine and with rules to compile


def call(*arguments):
    """Run the command line; returns its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["clusterpact", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return stop.value.code


class Heard(Silent):
    """Progress that keeps what it is told."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def environment(**changes):
    """This process's environment, in which Python finds this checkout."""
    return os.environ | {"PYTHONPATH": str(ROOT)} | changes


def python(*words, where=None, **changes):
    """Run Python in a process of its own to its end; `changes` of its environment. Returns what became of it."""
    return subprocess.run([sys.executable, *map(str, words)], env=environment(**changes), cwd=where, capture_output=True,
                          text=True, timeout=3 * SECONDS, check=False)  # fmt: skip


def printed(*words, where=None, **changes):
    """What such a process prints; it must end well."""
    done = python(*words, where=where, **changes)
    assert done.returncode == 0, done.stderr
    return done.stdout


def hear_the_keyboard():
    """What a shell starts in the background ignores Ctrl-C, and with nohup a lost line; so would its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def wait_until(what, why, seconds=SECONDS, pause=0.02):
    """Wait until something holds; `pause` seconds between two looks."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, f"waited in vain: {why}"
        time.sleep(pause)


def shards_done(folder, pattern="*.json"):
    """Shards that are in the ledger of a result."""
    return len(list((folder / "ledger").glob(pattern)))


def wait_for_shards(folder, count, process, pattern="*.json"):
    """Wait until so many shards are in the ledger of a result, while a process is at it."""

    def are_done():
        return shards_done(folder, pattern) >= count

    wait_until(lambda: are_done() or process.poll() is not None, f"{count} shards in {folder}", pause=0.002)
    assert process.poll() is None, f"ended before it could be killed: {process.communicate()}"


def table_bytes(folder, recording=RECORDING):
    """The bytes of all tables of a result at a level of recording."""
    return {table: table_path(folder, table).read_bytes() for table in RECORDINGS[recording]}


def poison(monkeypatch, bad):
    """Let some runs raise inside the kernel."""
    healthy = shards.parameters_of

    def spoil(experiment, first_run, runs):
        table = healthy(experiment, first_run, runs)
        for run in bad:
            if first_run <= run < first_run + runs:
                table.capability_start[run - first_run] = np.nan
        return table

    monkeypatch.setattr(shards, "parameters_of", spoil)
