"""Dask for real: worker processes here, or a scheduler and workers of their own; killed in the middle; the same bytes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import experiments.distributed
from experiments.distributed import Dask
from experiments.executors import Budget
from experiments.experiment import load_experiment
from experiments.session import run_experiment
from policies.inputs import InputError
from tests.cluster import bench, deadly

pytestmark = pytest.mark.cluster
SHARDS = 60


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bench.write_experiment(tmp_path_factory.mktemp("experiment"))


@pytest.fixture(scope="module")
def reference(experiment: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Tables from one thread of one process, which two threads give as well."""
    folder = tmp_path_factory.mktemp("reference")
    run_experiment(load_experiment(str(experiment)), folder / "one", threads=1, shard_runs=100)
    run_experiment(load_experiment(str(experiment)), folder / "two", threads=2, shard_runs=8)
    assert bench.tables(folder / "one") == bench.tables(folder / "two")
    return bench.tables(folder / "one")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, list[psutil.Popen]]]:
    """A scheduler and two workers, each a process of its own: address, scheduler file, workers."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    options = {"env": bench.environment(), "cwd": folder, "stdout": subprocess.DEVNULL}
    with (folder / "log").open("w") as log:
        scheduler = psutil.Popen(
            [*dask, "scheduler", "--scheduler-file", str(file), "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
            **options, stderr=log,
        )  # fmt: skip
        bench.wait_until(file.exists, "the scheduler's file")
        worker = [*dask, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard"]
        workers = [psutil.Popen([*worker, "--name", f"w{n}"], **options, stderr=log) for n in range(2)]
        address = re.search(r'"address": "([^"]+)"', file.read_text())
        assert address is not None
        yield address[1], file, workers
        for process in (*workers, scheduler):
            process.terminate()
        psutil.wait_procs([*workers, scheduler], timeout=20)
        for process in (*workers, scheduler):
            bench.kill(process)


def test_worker_processes_give_the_bytes_of_one_thread_though_one_is_killed(experiment, reference, tmp_path):
    process = bench.start(*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", "--workers", 4)
    bench.wait_for_shards(tmp_path / "r", 5, process)
    workers = bench.worker_processes(process.pid)
    assert len(workers) == 4
    bench.kill(workers[0])
    error = bench.end(process)
    assert (process.returncode, error) == (0, "")
    assert bench.tables(tmp_path / "r") == reference
    assert bench.are_gone(workers)


def test_a_killed_client_takes_its_workers_along_and_the_same_command_goes_on(experiment, reference, tmp_path):
    options = [*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", "--workers", 2]
    process = bench.start(*options)
    bench.wait_for_shards(tmp_path / "r", 5, process)
    workers = bench.worker_processes(process.pid)
    bench.kill(process)
    bench.end(process)
    bench.wait_until(lambda: bench.are_gone(workers), "the workers of a killed client end", 60)
    found = bench.done(tmp_path / "r")
    assert 5 <= found < SHARDS
    again = bench.call(*options)
    assert (again.returncode, again.stderr) == (0, "")
    assert bench.tables(tmp_path / "r") == reference


def test_an_interrupt_from_the_keyboard_ends_cleanly_and_the_same_command_goes_on(experiment, reference, tmp_path):
    options = [*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", "--workers", 2]
    process = bench.start(*options)
    bench.wait_for_shards(tmp_path / "r", 5, process)
    workers = bench.worker_processes(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    error = bench.end(process)
    assert process.returncode == 130
    assert error == "clusterpact: interrupted; the same command resumes where it stopped\n"
    bench.wait_until(lambda: bench.are_gone(workers), "the workers of an interrupted client end", 60)
    again = bench.call(*options)
    assert again.returncode == 0
    assert bench.tables(tmp_path / "r") == reference


@pytest.mark.parametrize("by_file", [False, True])
def test_a_scheduler_with_workers_of_its_own_gives_the_same_bytes(experiment, reference, cluster, tmp_path, by_file):
    place = cluster[1] if by_file else cluster[0]
    answer = bench.call(*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", "--scheduler", place)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert bench.tables(tmp_path / "r") == reference


def test_a_scheduler_whose_worker_is_killed_and_whose_client_too(experiment, reference, cluster, tmp_path):
    options = [*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", "--scheduler", cluster[0]]
    process = bench.start(*options)
    bench.wait_for_shards(tmp_path / "r", 3, process)
    bench.kill(bench.worker_processes(cluster[2][0].pid)[0])  # its nanny starts another
    bench.wait_for_shards(tmp_path / "r", 8, process)
    bench.kill(process)
    bench.end(process)
    assert bench.done(tmp_path / "r") < SHARDS
    again = bench.call(*options)
    assert (again.returncode, again.stderr) == (0, "")
    assert bench.tables(tmp_path / "r") == reference


def test_workers_import_neither_mesa_nor_matplotlib(experiment, cluster, tmp_path):
    from dask.distributed import Client

    loaded = load_experiment(str(experiment), runs=16)
    run_experiment(loaded, tmp_path / "r", shard_runs=4, executor=Dask(2, cluster[0]))
    with Client(cluster[0]) as client:
        modules = client.run(lambda: sorted(__import__("sys").modules))
    assert modules
    for names in modules.values():
        assert "experiments.worker" in names
        assert not {"mesa", "matplotlib"} & set(names)


def test_a_worker_that_dies_in_a_shard_loses_nothing(experiment, reference, tmp_path, monkeypatch):
    monkeypatch.setattr(experiments.distributed, "work", deadly.once)
    run_experiment(load_experiment(str(experiment)), tmp_path / "r", shard_runs=8, executor=Dask(2))
    assert (tmp_path / "r" / "locks" / "has-died").exists()
    assert bench.tables(tmp_path / "r") == reference


def test_a_shard_that_kills_every_worker_is_named(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(experiments.distributed, "work", deadly.always)
    with pytest.raises(InputError, match=r"shard p000-r000000016-n8: kills every worker that runs it, even alone"):
        run_experiment(load_experiment(str(experiment), runs=24), tmp_path / "r", shard_runs=8, executor=Dask(1))
    assert bench.done(tmp_path / "r") == 5


def test_a_mistake_of_the_workers_is_one_line(experiment, cluster, tmp_path):
    loaded = load_experiment(str(experiment), runs=16)
    with pytest.raises(InputError, match=r"fails on a worker: ValueError: .*: this worker has other rules or inputs"):
        run_experiment(loaded, tmp_path / "r", shard_runs=4, executor=_stranger(cluster[0]))


def test_a_scheduler_that_nobody_answers_at_is_one_line(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(experiments.distributed, "CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=r"--scheduler = 'tcp://127.0.0.1:9': cannot be reached"):
        run_experiment(load_experiment(str(experiment), runs=8), tmp_path / "r", shard_runs=8,
                       executor=Dask(1, "tcp://127.0.0.1:9"))  # fmt: skip


def test_a_missing_dask_is_one_line(experiment, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_DASK)
    path = os.pathsep.join([str(tmp_path), str(bench.ROOT)])
    answer = bench.call(*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", PYTHONPATH=path)
    assert answer.returncode == 2
    assert answer.stderr == (
        "clusterpact: run --executor dask: distributed is not installed; expected: pip install 'clusterpact[distributed]'\n"
    )
    assert not (tmp_path / "r").exists()


WITHOUT_DASK = """\
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        hidden = name.partition(".")[0] in ("dask", "distributed", "dask_jobqueue")
        return None if hidden else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


def test_a_budget_ends_though_no_worker_ever_comes(experiment, tmp_path):
    from dask.distributed import LocalCluster

    with LocalCluster(n_workers=0, dashboard_address=None) as empty:
        notes: list[str] = []
        outcome = run_experiment(load_experiment(str(experiment), runs=8), tmp_path / "r", shard_runs=8, budget_s=6.0,
                                 executor=Dask(1, empty.scheduler_address), note=notes.append)  # fmt: skip
    assert (outcome.ran, outcome.left) == (0, 2)
    assert "waiting for workers" in notes


class _Elsewhere(Dask):
    """A client whose experiment is another than its workers find in the folder."""

    def run(self, experiment, shards, folder, budget: Budget, add, note) -> None:
        from dataclasses import replace

        super().run(replace(experiment, seed=experiment.seed + 1), shards, folder, budget, add, note)


def _stranger(scheduler: str) -> Dask:
    return _Elsewhere(2, scheduler)
