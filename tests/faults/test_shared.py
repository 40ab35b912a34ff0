"""Time budgets, and several clients, tasks and experiments on one folder."""

import errno
import json
import os
import platform
import re
import signal
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from clusterpact.cli.run import AGAIN
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder import result as manifests
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.result import find_manifest, open_folder
from clusterpact.experiments.running import compilation, locks, session
from clusterpact.experiments.running.locks import claim
from clusterpact.experiments.running.session import RunOptions, run_experiment
from tests.commands import Heard, call, table_bytes, wait_for_shards
from tests.faults.common import (
    FIRST,
    RUNS,
    SHARDS,
    one_line,
    run,
    start,
)

# --- time


def test_a_time_budget_ends_between_shards_and_the_next_call_goes_on(tmp_path, undisturbed, monkeypatch, capsys):
    asked = []

    def is_spent(budget):
        asked.append(budget)
        return len(asked) > 3

    with monkeypatch.context() as patch:
        patch.setattr("clusterpact.experiments.running.budget.Budget.is_spent", is_spent)
        assert run(tmp_path / "r", "--threads", 1, "--time-budget", "1h") == AGAIN
    told = capsys.readouterr().out
    assert f"3 shards run, 0 found done, {SHARDS - 3} left: run the same command again, or clusterpact run " in told
    assert not (tmp_path / "r" / "tables").exists()
    assert run(tmp_path / "r", "--time-budget", "1h") == 0
    assert table_bytes(tmp_path / "r") == undisturbed()


def test_a_time_budget_too_small_for_any_shard(tmp_path, undisturbed, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(session, "get_ready", lambda *_: time.sleep(1.1))
        assert run(tmp_path / "r", "--time-budget", "1s") == AGAIN
    assert f"0 shards run, 0 found done, {SHARDS} left" in capsys.readouterr().out
    assert run(tmp_path / "r") == 0
    assert table_bytes(tmp_path / "r") == undisturbed()


def test_a_time_budget_that_is_shorter_than_a_shard_is_said(folder, capsys):
    """Without this, one would submit the same array again and again."""
    for path in (folder / "ledger").glob("*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": 700.0}))
    (folder / "ledger" / f"{FIRST}.json").unlink()
    command = ("run", "dunkirk", "--runs", RUNS, "--out", folder, "--no-figures", "--time-budget", "10m")
    assert call(*command) == AGAIN
    assert f"1 of {SHARDS} shards are left; a shard takes 700 s, so it needs a time budget of" in capsys.readouterr().err


def test_a_lock_of_a_process_that_hangs_holds_nobody_up_for_ever(monkeypatch, tmp_path):
    monkeypatch.setattr(compilation, "native", lambda: None)
    monkeypatch.setattr(compilation, "IS_PLAIN", False)
    monkeypatch.setattr(compilation, "CACHE_FOLDER", tmp_path / "cache")
    monkeypatch.setattr(compilation, "COMPILE_SECONDS", 0.1)
    ran = []
    monkeypatch.setattr(compilation, "_run_none", ran.append)
    (tmp_path / "cache").mkdir()
    with FileLock(tmp_path / "cache.lock"):
        compilation.warm_up("the world")
    assert ran == ["the world"]


# --- who works on what

ME = f"is being worked on by process {os.getpid()} on {platform.node()} since"


@pytest.mark.parametrize(
    ("held", "asked", "allowed"),
    [
        (None, None, False),
        (None, (1, 3), False),
        ((1, 3), None, False),
        ((1, 3), (1, 3), False),
        ((0, 3), (3, 3), False),  # tasks may be counted from 0 or 1: the same share
        ((1, 3), (2, 3), True),
    ],
)
def test_who_may_work_beside_whom(held, asked, allowed, folder, hasty, capsys):
    with claim(folder, held, print):
        if asked is None:
            assert call("merge", folder) == 2
            assert ME in one_line(capsys.readouterr().err)
        options = () if asked is None else ("--shard", "{}/{}".format(*asked))
        assert run(folder, *options) == (0 if allowed else 2)
        error = capsys.readouterr().err
        assert error == "" if allowed else ME in one_line(error)
    assert run(folder) == 0


def test_a_task_waits_while_another_one_tries_the_lock(folder):
    """Tasks that start at once try the client's lock, each for a moment: none may take another one for a client."""
    held, tried = threading.Event(), 0.5

    def hold():
        with locks._take(folder, folder / "locks" / "client.lock"):
            held.set()
            time.sleep(tried)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    with claim(folder, (0, 2), print):
        pass
    other.join()


def test_a_manifest_that_appears_meanwhile_is_found(folder, monkeypatch):
    """Another task starts the folder, and runs its first shard, just when this one looks."""
    manifest = folder / "manifest.json"
    whole = manifest.read_bytes()
    (folder / "ledger").rename(folder.with_name("ledger"))
    (folder / "parts").rename(folder.with_name("parts"))
    manifest.unlink()
    usual = Path.is_dir

    def other_first(path):
        if path == folder:
            manifest.write_bytes(whole)
            folder.with_name("ledger").rename(folder / "ledger")
            folder.with_name("parts").rename(folder / "parts")
            monkeypatch.undo()
        return usual(path)

    monkeypatch.setattr(Path, "is_dir", other_first)
    found = find_manifest(load_experiment("dunkirk", runs=RUNS), folder)
    assert found is not None
    assert found.as_json() == whole


def test_a_folder_that_was_finished_while_one_waited_is_not_run_again(tmp_path, monkeypatch):
    experiment = load_experiment("dunkirk", runs=RUNS)

    def other_first(*arguments):
        monkeypatch.undo()
        run_experiment(experiment, tmp_path / "r")
        return claim(*arguments)

    monkeypatch.setattr(session, "claim", other_first)
    outcome = run_experiment(experiment, tmp_path / "r", RunOptions(shard_runs=6))
    assert outcome.ran == 0


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_said_and_used(code, folder, undisturbed, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def flock(*arguments):
        raise OSError(code, os.strerror(code))

    heard = Heard()
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", flock)
        with claim(folder, None, heard), claim(folder, (1, 2), heard):
            pass
    assert heard.notes == ["this file system has no locks: take care that no one else works on this folder"] * 2
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()


@pytest.mark.slow
def test_a_job_array_without_a_scheduler(tmp_path, undisturbed, capsys):
    """Seven tasks at once on a new folder, one of them killed and run again."""
    folder = tmp_path / "r"
    tasks = [start(folder, "--shard", f"{task}/7", runs=320, shard_runs=20) for task in range(7)]
    wait_for_shards(folder, 1, tasks[3], "p000-r000000060-*.json")  # its first shard
    tasks[3].kill()
    errors = [task.communicate(timeout=600)[1] for task in tasks]
    assert [task.returncode for task in tasks] == [0, 0, 0, -signal.SIGKILL, 0, 0, 0], errors
    left = 64 - len(list((folder / "ledger").glob("*.json")))
    assert 1 <= left <= 8
    assert call("merge", folder) == 2
    said = one_line(capsys.readouterr().err)
    assert re.search(rf"{left} of 64 shards are missing or damaged \(first: p00\d-r\d{{9}}-n20\); run them first", said)
    assert call("status", folder) == 0
    assert f"{64 - left} of 64 done, {left} missing" in capsys.readouterr().out
    assert run(folder, "--shard", "3/7", runs=320) == 0
    assert f"{left} shards run, {9 - left} found done, 0 left: when all tasks are done" in capsys.readouterr().out
    assert call("merge", folder) == 0
    assert table_bytes(folder) == undisturbed(320)
    assert run(folder, "--shard", "3/7", runs=320) == 0  # nothing to run


# --- folders


def test_the_folder_of_another_experiment_is_refused(folder, capsys):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(folder, "--seed", 9) == 2
    assert "holds another experiment" in one_line(capsys.readouterr().err)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_of_two_experiments_that_start_in_one_folder_the_second_touches_nothing(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "r"
    usual = manifests._create

    def other_first(path, content):
        monkeypatch.undo()
        other = load_experiment("brescia", runs=RUNS)
        open_folder(other, folder, 6)
        usual(path, content)

    monkeypatch.setattr(manifests, "_create", other_first)
    assert run(folder) == 2
    assert "holds another experiment" in one_line(capsys.readouterr().err)
    assert reopen(folder).id == load_experiment("brescia", runs=RUNS).id


def test_inputs_that_were_lost_come_back(folder, undisturbed):
    (folder / "inputs" / "firms.csv").write_text("ha")
    (folder / "inputs" / "economy.csv").unlink()
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()
    assert reopen(folder).id == load_experiment("dunkirk", runs=RUNS).id


@pytest.mark.parametrize("name", ["notes.txt", "inputs/firms.csv", "tables/outcomes.parquet", "parts/x"])
def test_a_folder_with_foreign_files_is_refused(name, tmp_path, capsys):
    path = tmp_path / "r" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert run(tmp_path / "r") == 2
    assert "is not empty and holds no result" in one_line(capsys.readouterr().err)
    assert [found for found in (tmp_path / "r").rglob("*") if found.is_file()] == [path]
    assert path.read_text() == "mine"


def test_a_start_that_was_killed_is_no_foreign_folder(tmp_path, undisturbed):
    """Killed after the lock, and while the manifest was written."""
    folder = tmp_path / "r"
    (folder / "locks").mkdir(parents=True)
    (folder / ".manifest.json.node.1").write_text("{")
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()
    assert not (folder / ".manifest.json.node.1").exists()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("dsk",), "--executor = 'dsk': unknown executor; did you mean 'dask'?"),
        (("dask", "--scheduler", "nofile"), "--scheduler = 'nofile': no such scheduler file; expected one, or an address"),
        (("slurm",), "--executor = 'slurm': sbatch: no such command here"),
        (("slurm", "--walltime", "30s"), "--walltime = '30s': expected more than 60 seconds"),
        (("slurm", "--walltime", "soon"), "--walltime = 'soon': expected a time such as 01:00:00"),
    ],
)
def test_a_mistake_in_where_to_run_is_one_line_before_anything_is_made(options, line, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert run(tmp_path / "r", "--executor", *options) == 2
    assert line in one_line(capsys.readouterr().err)
    assert not (tmp_path / "r").exists()
