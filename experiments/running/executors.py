"""Where shards run: what every place can do, and the place of a name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.budget import Budget, seconds_of
from clusterpact.experiments.running.local import Local
from clusterpact.experiments.running.on_dask import Dask
from clusterpact.experiments.running.on_slurm import Slurm, SlurmJobs
from clusterpact.experiments.running.progress import Progress
from clusterpact.experiments.running.shards import Shard
from clusterpact.extras import require
from clusterpact.inputs import InputError, nearest

EXECUTORS = ("local", "dask", "slurm", "gpu")


class Executor(Protocol):
    """Where shards run. `run` hands every ledger entry to `add` in the calling thread, and stops early at the budget.

    workers: what works at the same time; shard_runs: runs per shard that suit the place, None to time them.
    """

    workers: int
    shard_runs: int | None

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], progress: Progress) -> None:  # fmt: skip
        """Run shards, each to its parts and its ledger entry."""
        ...


def make_executor(
    name: str, threads: int, workers: int | None, scheduler: str | None = None, jobs: SlurmJobs | None = None
) -> Executor:
    """The executor of that name. threads: of this process; workers: processes; jobs: what Slurm is asked for."""
    if name not in EXECUTORS:
        raise InputError("", "--executor", name, "unknown executor" + nearest(name, EXECUTORS))
    if name == "local":
        return Local(threads)
    if name == "gpu":
        from clusterpact.experiments.running.on_gpu import Gpu, open_here

        return Gpu(threads, open_here())
    modules = ["distributed", "cryptography", *(["dask_jobqueue"] if name == "slurm" else [])]
    require(f"run --executor {name}", "distributed", *modules)
    if name == "dask":
        return Dask(workers or threads, scheduler)
    jobs = jobs or SlurmJobs()
    try:
        seconds_of(jobs.walltime)
    except ValueError:
        expected = "expected a time such as 01:00:00 or 2-12:00:00"
        raise InputError("", "--walltime", jobs.walltime, expected) from None
    return Slurm(jobs=jobs)
