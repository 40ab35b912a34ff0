"""Shards on Dask: a cluster on this machine, a scheduler that runs already, or workers that Slurm starts (dask-jobqueue).

Dask hands out names of shards and gets ledger entries back; results go to the shared file system. A lost worker's shards
run again elsewhere; one that kills its workers is tried alone before it is given up.
"""

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.executors import Budget, default_threads, seconds_of
from experiments.experiment import Experiment
from experiments.shards import Shard
from experiments.worker import work
from policies.inputs import InputError

IN_FLIGHT = 4  #: shards per worker that the scheduler knows of: keeps it small however long the plan is
TRIES = 3  #: times that a shard may lose its worker
CONNECT_SECONDS = 30
MARGIN_SECONDS = 60  #: a worker leaves so long before its walltime, and starts no shard in that time


@dataclass(frozen=True)
class SlurmJobs:
    """What Slurm is asked for: each job is one worker process with one thread per core."""

    partition: str | None = None
    account: str | None = None
    cores: int = 1
    memory: str = "2GB"
    walltime: str = "01:00:00"
    jobs: int = 2
    adaptive: bool = False
    interface: str | None = None
    extra: tuple[str, ...] = ()


@dataclass
class Dask:
    """Workers of Dask. scheduler: an address (tcp://…) or a scheduler file; none: worker processes on this machine."""

    workers: int = field(default_factory=default_threads)
    scheduler: str | None = None
    name: str = "dask"

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], note: Callable[[str], None]) -> None:  # fmt: skip
        """Run shards on Dask's workers."""
        with self.client(folder, note) as client:
            _hand_out(client, self.name, experiment, shards, folder, budget, add, note)

    @contextmanager
    def client(self, folder: Path, note: Callable[[str], None]) -> Iterator[Any]:
        """A client of the scheduler, with at least one worker."""
        from dask.distributed import Client, LocalCluster

        if self.scheduler is None:
            note(f"starting {self.workers} worker processes")
            with (
                LocalCluster(n_workers=self.workers, threads_per_worker=1, processes=True, dashboard_address=None,
                             memory_limit=0, silence_logs=50, local_directory=str(folder / "locks")) as cluster,
                Client(cluster) as client,
            ):  # fmt: skip
                yield client
            return
        options = {"address": self.scheduler}
        if not self.scheduler.startswith(("tcp://", "tls://", "ucx://")):
            if not Path(self.scheduler).is_file():
                expected = "no such scheduler file; expected one, or an address such as tcp://host:8786"
                raise InputError("", "--scheduler", self.scheduler, expected)
            options = {"scheduler_file": self.scheduler}
        try:
            with Client(**options, timeout=CONNECT_SECONDS) as client:
                yield client
        except (OSError, TimeoutError) as error:
            raise InputError("", "--scheduler", self.scheduler, f"cannot be reached ({error or 'time-out'})") from None


@dataclass
class Slurm(Dask):
    """Workers that Slurm starts as jobs of their own; they leave before their walltime, and others take over."""

    jobs: SlurmJobs = field(default_factory=SlurmJobs)
    name: str = "slurm"

    def __post_init__(self) -> None:
        self.workers = self.jobs.jobs * self.jobs.cores

    @contextmanager
    def client(self, folder: Path, note: Callable[[str], None]) -> Iterator[Any]:
        """A client of a scheduler in this process, whose workers are jobs."""
        from dask.distributed import Client
        from dask_jobqueue import SLURMCluster

        jobs = self.jobs
        life = seconds_of(jobs.walltime) - MARGIN_SECONDS
        if life <= 0:
            raise InputError("", "--walltime", jobs.walltime, f"expected more than {MARGIN_SECONDS} seconds")
        logs = folder / "locks" / "slurm"
        logs.mkdir(parents=True, exist_ok=True)
        try:
            cluster = SLURMCluster(
                queue=jobs.partition, account=jobs.account, cores=jobs.cores, memory=jobs.memory, processes=1,
                walltime=jobs.walltime, interface=jobs.interface, job_extra_directives=list(jobs.extra),
                python=sys.executable, log_directory=str(logs.resolve()), local_directory=str(logs.resolve()),
                worker_extra_args=["--lifetime", f"{life}s", "--lifetime-stagger", f"{life // 20}s", "--no-dashboard"],
                job_script_prologue=[f"export PYTHONPATH={os.environ.get('PYTHONPATH', '')}"],
                scheduler_options={"dashboard_address": None}, silence_logs=50,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise InputError("", "--executor", "slurm", f"{error.filename or 'sbatch'}: no such command here") from None
        with cluster, Client(cluster) as client:
            note(f"asking Slurm for {jobs.jobs} jobs of {jobs.cores} cores for {jobs.walltime}")
            if jobs.adaptive:
                cluster.adapt(minimum_jobs=0, maximum_jobs=jobs.jobs)
            else:
                cluster.scale(jobs=jobs.jobs)
            yield client


def _hand_out(client: Any, name: str, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
              add: Callable[[dict[str, Any]], None], note: Callable[[str], None]) -> None:  # fmt: skip
    """Keep the workers busy until all shards are done or the budget is spent; what loses its worker runs again, alone."""
    from dask.distributed import KilledWorker, as_completed

    queue = iter(shards)
    tries: dict[str, int] = {}
    suspects: list[tuple[int, int, int]] = []
    identity = experiment.id

    def submit(shard: tuple[int, int, int]) -> Any:
        left = budget.left()
        deadline = None if math.isinf(left) else time.time() + left
        future = client.submit(
            work, str(folder.resolve()), identity, experiment.check_books, shard, deadline, name, pure=False
        )
        future.shard = shard
        return future

    pending = as_completed()
    while True:
        busy = IN_FLIGHT * max(1, sum(client.nthreads().values()))
        while pending.count() < busy and not budget.is_spent() and (shard := next(queue, None)) is not None:
            pending.add(submit((shard.policy, shard.first_run, shard.runs)))
        if pending.count() == 0:
            if not suspects or budget.is_spent():
                return
            pending.add(submit(suspects.pop()))
        future = next(pending)
        try:
            entry = future.result()
        except KilledWorker:
            shard_key = future.shard
            tries[shard_key] = tries.get(shard_key, 0) + 1
            note(f"shard {Shard(*shard_key).key} lost its worker again and again; it runs once more, alone")
            if tries[shard_key] >= TRIES:
                raise InputError(
                    folder, "shard", Shard(*shard_key).key, "kills every worker that runs it (memory?)"
                ) from None
            suspects.append(shard_key)
            continue
        if entry is not None:
            budget.saw(entry)
            add(entry)
