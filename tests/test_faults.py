"""What may go wrong in a batch, and what is left then: the same bytes in the end, or one clear line and nothing lost."""

import errno
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numba
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from experiments import cli, executors, locks, session
from experiments import folder as manifests
from experiments.experiment import load_experiment, reopen
from experiments.folder import find_manifest, open_folder
from experiments.locks import claim
from experiments.session import run_experiment
from results.store import RECORDING, RECORDINGS, part_path, table_path
from tests.commands import call, poison

ROOT = Path(__file__).parent.parent
RUNS = 12
SHARDS = 8  #: of 6 runs each
FIRST = "p000-r000000000-n6"
SECOND = "p000-r000000006-n6"
TABLES = RECORDINGS[RECORDING]
SIMPLY = ("--no-figures", "-q")


def table_bytes(folder):
    return {table: table_path(folder, table).read_bytes() for table in TABLES}


def run(folder, *options, runs=RUNS, shard_runs=6):
    """`clusterpact run` in this process; returns its exit code."""
    return call("run", "dunkirk", "--runs", runs, "--shard-runs", shard_runs, "--out", folder, *SIMPLY, *options)


def start(folder, *options, runs, shard_runs):
    """`clusterpact run` as a process of its own."""
    command = [sys.executable, "-m", "experiments.cli", "run", "dunkirk", "--runs", str(runs), "--shard-runs",
               str(shard_runs), "--threads", "1", "--out", str(folder), *SIMPLY, *options]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, cwd=folder.parent, stderr=subprocess.PIPE, text=True,
                            preexec_fn=hear_the_keyboard)  # fmt: skip


def hear_the_keyboard():
    """A process that is started in the background of a shell ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_for_entries(folder, count, process, pattern="*.json"):
    deadline = time.monotonic() + 300
    while len(list((folder / "ledger").glob(pattern))) < count:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def one_line(text):
    """The only line of an error text."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("clusterpact: ")
    return lines[0]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Tables of undisturbed runs of so many runs per policy."""
    known = {}

    def tables(runs=RUNS):
        if runs not in known:
            folder = tmp_path_factory.mktemp("undisturbed") / "r"
            run_experiment(load_experiment("dunkirk", runs=runs), folder, threads=2)
            known[runs] = table_bytes(folder)
        return known[runs]

    return tables


@pytest.fixture(scope="module")
def unmerged(tmp_path_factory):
    """A folder whose shards are all done and whose tables are not merged."""
    folder = tmp_path_factory.mktemp("unmerged") / "r"

    def stop(*arguments):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "complete", stop)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(load_experiment("dunkirk", runs=RUNS), folder, shard_runs=6)
    return folder


@pytest.fixture
def folder(unmerged, tmp_path):
    """A copy of that folder, to be damaged."""
    return shutil.copytree(unmerged, tmp_path / "r")


@pytest.fixture
def hasty(monkeypatch):
    """Nobody waits for a lock."""
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.1)


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own; skips where nothing may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", place):
        pytest.skip("may not mount")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=False)


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


# --- killed, stopped, interrupted


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_client_that_is_stopped_goes_on_to_the_same_bytes(way, undisturbed, tmp_path, hasty, capsys):
    folder = tmp_path / "r"
    process = start(folder, runs=200, shard_runs=5)
    wait_for_entries(folder, 4, process)
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
    outcome = run_experiment(load_experiment("dunkirk", runs=200), folder, threads=2)
    assert (outcome.found, outcome.ran) == (done, 160 - done)
    assert table_bytes(folder) == undisturbed(200)
    assert not list(folder.rglob(".*"))


# --- disks


@pytest.mark.parametrize("place", ["part", "ledger", "table"])
def test_a_full_disk_is_one_line_and_what_was_finished_is_kept(place, disk, undisturbed, monkeypatch, capsys):
    folder = disk / "r"
    module, name = {
        "part": ("experiments.shards", "write_parts"),
        "ledger": ("experiments.shards", "write_atomically"),
        "table": ("experiments.folder", "merge"),
    }[place]
    usual = getattr(sys.modules[module], name)
    calls = []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) == (1 if place == "table" else 3):
            fill(disk)
        return usual(*arguments)

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
        "part": "results.store.pq.write_table",
        "ledger": "experiments.shards.write_atomically",
        "table": "results.store.pq.ParquetWriter.write_table",
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


# --- parts and ledger entries


def truncate(folder):
    part = part_path(folder, "series", FIRST)
    part.write_bytes(part.read_bytes()[:-10])


def remove(folder):
    part_path(folder, "bands", FIRST).unlink()


def swap(folder):
    shutil.copyfile(part_path(folder, "series", SECOND), part_path(folder, "series", FIRST))


def foreign(folder):
    """The same shard of another seed: the same name, the same size of table, other numbers."""
    other = folder.with_name("other")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.folder.remove_parts", lambda folder: None)
        run_experiment(load_experiment("dunkirk", runs=RUNS, seed=7), other, shard_runs=6)
    shutil.copyfile(part_path(other, "outcomes", FIRST), part_path(folder, "outcomes", FIRST))


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (truncate, "its part of series is damaged, or another one's"),
        (remove, "its part of bands is missing"),
        (swap, "its part of series is damaged, or another one's"),
        (foreign, "its part of outcomes is damaged, or another one's"),
    ],
)
def test_a_shard_whose_part_is_damaged_runs_again(harm, reason, folder, undisturbed, capsys):
    harm(folder)
    assert call("merge", folder) == 2
    assert f"1 of {SHARDS} shards are missing or damaged (first: {FIRST}); run them first" in capsys.readouterr().err
    notes = []
    outcome = run_experiment(load_experiment("dunkirk", runs=RUNS), folder, note=notes.append)
    assert (outcome.ran, outcome.found) == (1, SHARDS - 1)
    assert f"1 shards run again (first: {FIRST}: {reason})" in notes
    assert table_bytes(folder) == undisturbed()


def entry_of(folder, key=FIRST):
    return json.loads((folder / "ledger" / f"{key}.json").read_text())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder, text: "",
        lambda folder, text: text[: len(text) // 2],
        lambda folder, text: "[1, 2]",
        lambda folder, text: "[" * 100_000,
        lambda folder, text: "\udcff",
        lambda folder, text: (folder / "ledger" / f"{SECOND}.json").read_text(),
        lambda folder, text: json.dumps(entry_of(folder) | {"parts": {}}),
        lambda folder, text: json.dumps(entry_of(folder) | {"parts": []}),
        lambda folder, text: json.dumps({key: value for key, value in entry_of(folder).items() if key != "parts"}),
        lambda folder, text: json.dumps({key: value for key, value in entry_of(folder).items() if key != "worker"}),
        lambda folder, text: json.dumps(entry_of(folder) | {"finished": None}),
        lambda folder, text: json.dumps(entry_of(folder) | {"shard": {"policy": 0}}),
        lambda folder, text: json.dumps(entry_of(folder) | {"experiment": "0123456789ab"}),
    ],
)
def test_a_shard_whose_entry_is_damaged_runs_again(spoil, folder, undisturbed, capsys):
    path = folder / "ledger" / f"{FIRST}.json"
    path.write_text(spoil(folder, path.read_text()), errors="surrogateescape")
    assert call("status", folder) == 0
    assert call("merge", folder) == 2
    assert f"1 of {SHARDS} shards are missing or damaged (first: {FIRST})" in one_line(capsys.readouterr().err)
    outcome = run_experiment(load_experiment("dunkirk", runs=RUNS), folder)
    assert (outcome.ran, outcome.found) == (1, SHARDS - 1)
    assert table_bytes(folder) == undisturbed()


def test_a_lost_table_is_made_again(folder, undisturbed):
    assert run(folder) == 0
    table_path(folder, "series").unlink()
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tables": 3}', '{"tables": ["outcomes"], "failures": ""}'])
def test_a_damaged_note_of_completion_is_made_again(text, folder, undisturbed):
    (folder / "complete.json").write_text(text)
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()


def test_a_damaged_manifest_is_one_line(folder, capsys):
    path = folder / "manifest.json"
    whole = path.read_text()
    damages = ["", whole[:100], "[]", '{"id": 3}', whole.replace('"source"', '"recording": "all",\n  "source"')]
    for text in damages:
        path.write_text(text)
        assert call("status", folder) == 2
        assert "manifest.json" in one_line(capsys.readouterr().err)
        assert call("merge", folder) == 2
        assert "manifest.json" in one_line(capsys.readouterr().err)


# --- runs that raise


def test_failed_runs_are_rows_everywhere(tmp_path, undisturbed, monkeypatch, capsys):
    folder = tmp_path / "r"
    poison(monkeypatch, {3, 8})
    for task in (0, 1):
        assert run(folder, "--shard", f"{task}/2") == 1
    assert "4 runs failed (first: current-policies, run 3: ValueError" in capsys.readouterr().err
    assert call("status", folder) == 0
    assert f"{4 * RUNS} of {4 * RUNS} done (100.0 %), 8 failed" in capsys.readouterr().out
    assert call("merge", folder) == 1
    assert "8 failed runs" in capsys.readouterr().out
    assert run(folder) == 1  # complete, and still said
    failures = json.loads((folder / "failures.json").read_text())
    assert sorted({failure["run"] for failure in failures}) == [3, 8]
    sick = pq.read_table(table_path(folder, "series")).to_pandas()
    whole = tmp_path / "series.parquet"
    whole.write_bytes(undisturbed()["series"])
    table = pq.read_table(whole).to_pandas()
    assert sick.equals(table[~table["run"].isin([3, 8])].reset_index(drop=True))


def test_when_all_runs_fail_it_is_said_and_the_tables_are_empty(tmp_path, monkeypatch, capsys):
    poison(monkeypatch, set(range(RUNS)))
    assert run(tmp_path / "r") == 1
    assert f"{4 * RUNS} runs failed" in one_line(capsys.readouterr().err)
    assert [len(pq.read_table(table_path(tmp_path / "r", table))) for table in TABLES] == [0] * len(TABLES)


# --- time


def test_a_time_budget_ends_between_shards_and_the_next_call_goes_on(tmp_path, undisturbed, monkeypatch, capsys):
    asked = []

    def is_spent(budget):
        asked.append(budget)
        return len(asked) > 3

    with monkeypatch.context() as patch:
        patch.setattr("experiments.executors.Budget.is_spent", is_spent)
        assert run(tmp_path / "r", "--threads", 1, "--time-budget", "1h") == cli.AGAIN
    assert f"3 shards run, 0 found done, {SHARDS - 3} left: run the same command again" in capsys.readouterr().out
    assert not (tmp_path / "r" / "tables").exists()
    assert run(tmp_path / "r", "--time-budget", "1h") == 0
    assert table_bytes(tmp_path / "r") == undisturbed()


def test_a_time_budget_too_small_for_any_shard(tmp_path, undisturbed, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(session, "warm_up", lambda world: time.sleep(1.1))
        assert run(tmp_path / "r", "--time-budget", "1s") == cli.AGAIN
    assert f"0 shards run, 0 found done, {SHARDS} left" in capsys.readouterr().out
    assert run(tmp_path / "r") == 0
    assert table_bytes(tmp_path / "r") == undisturbed()


def test_a_time_budget_that_is_shorter_than_a_shard_is_said(folder, capsys):
    """Without this, one would submit the same array again and again."""
    for path in (folder / "ledger").glob("*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": 700.0}))
    (folder / "ledger" / f"{FIRST}.json").unlink()
    command = ("run", "dunkirk", "--runs", RUNS, "--out", folder, "--no-figures", "--time-budget", "10m")
    assert call(*command) == cli.AGAIN
    assert f"1 of {SHARDS} shards are left; a shard takes 700 s, so it needs a time budget of" in capsys.readouterr().err


def test_a_lock_of_a_process_that_hangs_holds_nobody_up_for_ever(monkeypatch, tmp_path):
    monkeypatch.setitem(vars(numba.config), "CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(executors, "COMPILE_SECONDS", 0.1)
    ran = []
    monkeypatch.setattr(executors, "_run_none", ran.append)
    (tmp_path / "cache").mkdir()
    with FileLock(tmp_path / "cache.lock"):
        executors.warm_up("the world")
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
    assert found == json.loads(whole)


def test_a_folder_that_was_finished_while_one_waited_is_not_run_again(tmp_path, monkeypatch):
    experiment = load_experiment("dunkirk", runs=RUNS)

    def other_first(*arguments):
        monkeypatch.undo()
        run_experiment(experiment, tmp_path / "r")
        return claim(*arguments)

    monkeypatch.setattr(session, "claim", other_first)
    outcome = run_experiment(experiment, tmp_path / "r", shard_runs=6)
    assert outcome.ran == 0


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_said_and_used(code, folder, undisturbed, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def flock(*arguments):
        raise OSError(code, os.strerror(code))

    notes = []
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", flock)
        with claim(folder, None, notes.append), claim(folder, (1, 2), notes.append):
            pass
    assert notes == ["this file system has no locks: take care that no one else works on this folder"] * 2
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()


@pytest.mark.slow
def test_a_job_array_without_a_scheduler(tmp_path, undisturbed, capsys):
    """Seven tasks at once on a new folder, one of them killed and run again."""
    folder = tmp_path / "r"
    tasks = [start(folder, "--shard", f"{task}/7", runs=320, shard_runs=20) for task in range(7)]
    wait_for_entries(folder, 1, tasks[3], "p000-r000000060-*.json")  # its first shard
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


# --- merging

KILLED = """
import os, signal, sys
from experiments import folder
from pathlib import Path
from results import store
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
from experiments import cli
sys.argv = ["clusterpact", "merge", sys.argv[2]]
cli.main()
"""


@pytest.mark.parametrize("moment", ["between tables", "after the tables", "before the note", "parts left"])
def test_killed_while_merging(moment, folder, undisturbed):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, moment, str(folder)]
    answer = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
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
