"""Killed, interrupted, out of space: what was finished counts, and in the end the bytes are the same."""

import errno
import json
import platform
import shutil
import signal
import sys
from pathlib import Path

import pytest

from clusterpact.cli import app as cli
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from tests.commands import call, python, table_bytes, wait_for_shards
from tests.faults.common import (
    FIRST,
    RUNS,
    SHARDS,
    fill,
    mount,
    one_line,
    run,
    start,
)

# --- killed, stopped, interrupted


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_client_that_is_stopped_goes_on_to_the_same_bytes(way, undisturbed, tmp_path, hasty, capsys):
    folder = tmp_path / "r"
    process = start(folder, runs=200, shard_runs=5)
    wait_for_shards(folder, 4, process)
    assert run(folder, runs=200) == 2  # it is at work
    assert f"being worked on by process {process.pid} on {platform.node()} since" in one_line(capsys.readouterr().err)
    process.send_signal(way)
    error = process.communicate(timeout=120)[1]
    if way == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == cli.INTERRUPTED
        assert one_line(error) == "clusterpact: interrupted; the same command resumes where it stopped"
    done = len(list((folder / "ledger").glob("*.json")))
    assert 4 <= done < 160
    outcome = run_experiment(load_experiment("dunkirk", runs=200), folder, RunOptions(threads=2))
    assert (outcome.found, outcome.ran) == (done, 160 - done)
    assert table_bytes(folder) == undisturbed(200)
    assert not list(folder.rglob(".*"))


# --- disks


@pytest.mark.parametrize("place", ["part", "ledger", "table"])
def test_a_full_disk_is_one_line_and_what_was_finished_is_kept(place, disk, undisturbed, monkeypatch, capsys):
    folder = disk / "r"
    module, name = {
        "part": ("clusterpact.experiments.running.shards", "write_parts"),
        "ledger": ("clusterpact.experiments.running.shards", "write_atomically"),
        "table": ("clusterpact.experiments.folder.result", "merge"),
    }[place]
    usual = getattr(sys.modules[module], name)
    calls = []

    def full(*arguments, **options):
        calls.append(arguments)
        if len(calls) == (1 if place == "table" else 3):
            fill(disk)
        return usual(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[module], name, full)
        assert run(folder, "--threads", 1) == 2
    line = one_line(capsys.readouterr().err)
    assert "No space left on device" in line
    assert str(folder) in line
    assert len(list((folder / "ledger").glob("*.json"))) == (SHARDS if place == "table" else 2)
    assert not list(folder.rglob(".*"))
    (disk / "ballast").unlink()
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()


@pytest.mark.parametrize("name", ["part", "ledger", "table", "manifest"])
def test_an_error_of_the_disk_anywhere_is_one_line(name, undisturbed, tmp_path, monkeypatch, capsys):
    """As above, where nothing can be mounted; and a disk that is full from the start."""
    place = {
        "part": "clusterpact.results.store.pq.write_table",
        "ledger": "clusterpact.experiments.running.shards.write_atomically",
        "table": "clusterpact.results.store.pq.ParquetWriter.write_table",
        "manifest": "pathlib.Path.write_bytes",
    }[name]

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(place, full)
        assert run(tmp_path / "r") == 2
    assert "No space left on device" in one_line(capsys.readouterr().err)
    assert run(tmp_path / "r") == 0
    assert table_bytes(tmp_path / "r") == undisturbed()


def test_a_disk_that_is_full_from_the_start(disk, undisturbed, capsys):
    fill(disk)
    assert run(disk / "r") == 2
    assert "No space left on device" in one_line(capsys.readouterr().err)
    (disk / "ballast").unlink()
    assert run(disk / "r") == 0
    assert table_bytes(disk / "r") == undisturbed()


def test_a_folder_that_cannot_be_written(disk, unmerged, undisturbed, capsys):
    folder = shutil.copytree(unmerged, disk / "r")
    assert mount("-o", "remount,ro", disk)
    assert run(folder) == 2
    assert "cannot be written (Read-only file system)" in one_line(capsys.readouterr().err)
    assert call("merge", folder) == 2
    assert run(disk / "new") == 2
    assert "cannot be written (Read-only file system)" in capsys.readouterr().err
    assert call("status", folder) == 0
    assert mount("-o", "remount,rw", disk)
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()
    assert mount("-o", "remount,ro", disk)
    assert run(folder) == 0  # complete: only read


def test_a_path_where_nothing_can_be_made(capsys):
    assert run(Path("/proc/self/results")) == 2
    assert "cannot be written" in one_line(capsys.readouterr().err)


# --- merging

KILLED = """
import os, signal, sys
from clusterpact.experiments.folder import result as folder
from pathlib import Path
from clusterpact.results import store
def kill(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)
def later(function, name):
    return lambda path, *rest: kill() if Path(path).name.lstrip(".").startswith(name) else function(path, *rest)
def parts(path, **options):
    next(Path(path).rglob("*.parquet")).unlink()
    kill()
if sys.argv[1] == "between tables":
    store.checksum = later(store.checksum, "series")
elif sys.argv[1] == "after the tables":
    folder.write_atomically = later(folder.write_atomically, "failures.json")
elif sys.argv[1] == "before the note":
    folder.write_atomically = later(folder.write_atomically, "complete.json")
else:
    folder.shutil.rmtree = parts
from clusterpact.cli import app as cli
sys.argv = ["clusterpact", "merge", sys.argv[2]]
cli.main()
"""


@pytest.mark.parametrize("moment", ["between tables", "after the tables", "before the note", "parts left"])
def test_killed_while_merging(moment, folder, undisturbed):
    answer = python("-c", KILLED, moment, folder)
    assert answer.returncode == -signal.SIGKILL, answer.stderr
    assert (folder / "parts").exists()
    assert (folder / "complete.json").exists() == (moment == "parts left")
    outcome = run_experiment(load_experiment("dunkirk", runs=RUNS), folder)
    assert (outcome.ran, outcome.found) == (0, SHARDS)
    assert table_bytes(folder) == undisturbed()
    assert not (folder / "parts").exists()
    assert not list(folder.rglob(".*"))
    assert json.loads((folder / "manifest.json").read_text())["execution"]["failed_runs"] == 0


def test_shard_runs_of_a_resume_are_said_to_be_ignored(folder, undisturbed, monkeypatch, capsys):
    (folder / "ledger" / f"{FIRST}.json").unlink()
    command = ("run", "dunkirk", "--runs", RUNS, "--out", folder, "--no-figures")
    assert call(*command, "--shard-runs", 5) == 0
    assert "--shard-runs 5 is ignored: shards keep the 6 runs" in capsys.readouterr().err
    assert table_bytes(folder) == undisturbed()
