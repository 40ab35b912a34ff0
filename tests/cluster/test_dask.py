"""What only Dask shows: interrupts, workers that die in a shard, schedulers and workers that are not there."""

import os
import signal
from dataclasses import replace

import pytest

import clusterpact.experiments.running.on_dask
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.result import open_folder
from clusterpact.experiments.running.on_dask import Dask
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError
from tests.cluster import bench, deadly
from tests.commands import ROOT, Heard, poison, shards_done, table_bytes, wait_for_shards, wait_until

pytestmark = pytest.mark.cluster


def test_an_interrupt_from_the_keyboard_ends_cleanly_and_the_same_command_goes_on(experiment, reference, tmp_path):
    options = [*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", "--workers", 2]
    process = bench.start(*options)
    wait_for_shards(tmp_path / "r", 5, process)
    workers = bench.worker_processes(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    error = bench.end(process)
    assert process.returncode == 130
    assert error == "clusterpact: interrupted; the same command resumes where it stopped\n"
    wait_until(lambda: bench.are_gone(workers), "the workers of an interrupted client end", 60)
    again = bench.call(*options)
    assert again.returncode == 0
    assert table_bytes(tmp_path / "r") == reference


def test_workers_import_neither_mesa_nor_matplotlib(experiment, dask_cluster, tmp_path):
    from dask.distributed import Client

    loaded = load_experiment(str(experiment), runs=16)
    run_experiment(loaded, tmp_path / "r", RunOptions(shard_runs=4, executor=Dask(2, dask_cluster.address)))
    with Client(dask_cluster.address) as client:
        modules = client.run(lambda: sorted(__import__("sys").modules))
    assert modules
    for names in modules.values():
        assert "clusterpact.experiments.running.worker" in names
        assert not {"mesa", "matplotlib"} & set(names)


def test_a_worker_that_dies_in_a_shard_loses_nothing(experiment, reference, tmp_path, monkeypatch):
    monkeypatch.setattr(clusterpact.experiments.running.on_dask, "work", deadly.once)
    run_experiment(load_experiment(str(experiment)), tmp_path / "r", RunOptions(shard_runs=8, executor=Dask(2)))
    assert (tmp_path / "r" / "locks" / "has-died").exists()
    assert table_bytes(tmp_path / "r") == reference


def test_a_full_disk_under_a_worker_is_one_line_and_what_was_finished_is_kept(experiment, reference, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(clusterpact.experiments.running.on_dask, "work", deadly.on_a_full_disk)
        with pytest.raises(InputError, match=r"fails on a worker: OSError.*No space left on device"):
            run_experiment(load_experiment(str(experiment)), tmp_path / "r", RunOptions(shard_runs=8, executor=Dask(2)))
    done = shards_done(tmp_path / "r")
    assert done >= 3
    outcome = run_experiment(load_experiment(str(experiment)), tmp_path / "r", RunOptions(executor=Dask(2)))
    assert outcome.found == done
    assert table_bytes(tmp_path / "r") == reference


def test_runs_that_raise_on_a_worker_are_rows_and_the_tables_are_those_of_one_thread(experiment, tmp_path, monkeypatch):
    loaded = load_experiment(str(experiment), runs=24)
    with monkeypatch.context() as patch:
        patch.setattr(clusterpact.experiments.running.on_dask, "work", deadly.with_failing_runs)
        outcome = run_experiment(loaded, tmp_path / "dask", RunOptions(shard_runs=4, executor=Dask(2)))
    assert [(failure["policy"], failure["run"]) for failure in outcome.failures] == [
        (policy.name, run) for policy in loaded.policies for run in (3, 8)
    ]
    poison(monkeypatch, {3, 8})
    run_experiment(loaded, tmp_path / "local", RunOptions(threads=1))
    assert table_bytes(tmp_path / "dask") == table_bytes(tmp_path / "local")


@pytest.mark.slow
def test_a_shard_that_kills_every_worker_is_named(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(clusterpact.experiments.running.on_dask, "work", deadly.always)
    with pytest.raises(InputError, match="shard = 'p000-r000000016-n8': kills every worker that runs it"):
        run_experiment(load_experiment(str(experiment), runs=24), tmp_path / "r", RunOptions(shard_runs=8, executor=Dask(1)))
    assert shards_done(tmp_path / "r") == 5


def test_a_mistake_of_the_workers_is_one_line(experiment, dask_cluster, tmp_path):
    loaded = load_experiment(str(experiment), runs=16)
    with pytest.raises(InputError, match=r"fails on a worker: ValueError: .*: this worker has other rules or inputs"):
        run_experiment(loaded, tmp_path / "r", RunOptions(shard_runs=4, executor=Elsewhere(2, dask_cluster.address)))


def test_a_scheduler_that_nobody_answers_at_is_one_line(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(clusterpact.experiments.running.on_dask, "CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=r"--scheduler = 'tcp://127.0.0.1:9': cannot be reached"):
        run_experiment(load_experiment(str(experiment), runs=8), tmp_path / "r",
                       RunOptions(shard_runs=8, executor=Dask(1, "tcp://127.0.0.1:9")))  # fmt: skip


def test_a_missing_dask_is_one_line(experiment, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_DASK)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    answer = bench.call(*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask", PYTHONPATH=path)
    assert answer.returncode == 2
    assert answer.stderr == (
        "clusterpact: run --executor dask: distributed is not installed; expected: pip install distributed "
        "(or the extra 'distributed')\n"
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

    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as empty:
        heard = Heard()
        options = RunOptions(executor=Dask(1, empty.scheduler_address), shard_runs=8, budget_s=6.0, progress=heard)
        outcome = run_experiment(load_experiment(str(experiment), runs=8), tmp_path / "r", options)
    assert (outcome.ran, outcome.left) == (0, 2)
    assert "waiting for workers" in heard.notes


@pytest.mark.slow
def test_a_scheduler_that_dies_is_one_line_and_the_same_command_goes_on(experiment, reference, tmp_path):
    options = [*bench.run_options(experiment, tmp_path / "r"), "--executor", "dask"]
    with bench.dask_processes(tmp_path) as cluster:
        process = bench.start(*options, "--scheduler", cluster.address)
        wait_for_shards(tmp_path / "r", 3, process)
        cluster.scheduler.kill()
        error = bench.end(process)
    assert process.returncode == 2
    assert error == (
        "clusterpact: --executor = 'dask': its scheduler is gone; finished shards are kept, the same command goes on\n"
    )
    assert bench.call(*options, "--workers", 2).returncode == 0
    assert table_bytes(tmp_path / "r") == reference


@pytest.mark.slow
def test_of_workers_with_an_empty_cache_only_one_compiles(experiment, tmp_path):
    options = bench.run_options(experiment, tmp_path / "r")
    open_folder(load_experiment(str(experiment)), tmp_path / "r", 8)  # planned: the client has nothing to compile for
    answer = bench.call(*options, "--executor", "dask", "--workers", 3,
                        XDG_CACHE_HOME=str(tmp_path / "cache"), NUMBA_DEBUG_CACHE="1")  # fmt: skip
    assert answer.returncode == 0, answer
    saved = [line for line in answer.stdout.splitlines() if "data saved" in line and "kernel.run_range" in line]
    loaded = [line for line in answer.stdout.splitlines() if "data loaded" in line and "kernel.run_range" in line]
    assert len(saved) == 1
    assert len(loaded) >= 1


class Elsewhere(Dask):
    """A client whose experiment is another than its workers find in the folder."""

    def run(self, experiment, *rest):
        super().run(replace(experiment, seed=experiment.seed + 1), *rest)
