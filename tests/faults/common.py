"""What the tests of faults share: a small experiment of 8 shards, as a command and as a process of its own."""

import json
import subprocess
import sys

from clusterpact.results.recorded import RECORDING, RECORDINGS
from tests.commands import call, environment, hear_the_keyboard

RUNS = 12
SHARDS = 8  #: of 6 runs each
FIRST = "p000-r000000000-n6"
SECOND = "p000-r000000006-n6"
TABLES = RECORDINGS[RECORDING]
SIMPLY = ("--no-figures", "-q")


def run(folder, *options, runs=RUNS, shard_runs=6):
    """`clusterpact run` in this process; returns its exit code."""
    return call("run", "dunkirk", "--runs", runs, "--shard-runs", shard_runs, "--out", folder, *SIMPLY, *options)


def start(folder, *options, runs, shard_runs):
    """`clusterpact run` as a process of its own."""
    command = [sys.executable, "-m", "clusterpact", "run", "dunkirk", "--runs", str(runs), "--shard-runs",
               str(shard_runs), "--threads", "1", "--out", str(folder), *SIMPLY, *options]  # fmt: skip
    return subprocess.Popen(command, env=environment(), cwd=folder.parent, stderr=subprocess.PIPE, text=True,
                            preexec_fn=hear_the_keyboard)  # fmt: skip


def one_line(text):
    """The only line of an error text."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("clusterpact: ")
    return lines[0]


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], check=False, capture_output=True).returncode == 0


def fill(disk):
    """Fill a disk to the last byte."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


def entry_of(folder, key=FIRST):
    return json.loads((folder / "ledger" / f"{key}.json").read_text())
