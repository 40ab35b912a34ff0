"""Shards on Dask: a cluster on this machine, a scheduler that runs already, or workers that Slurm starts (dask-jobqueue).

Dask hands out names of shards and gets ledger entries back; results go to the shared file system. A lost worker's shards
run again elsewhere; one that kills its workers is tried alone before it is given up.
"""

import logging
import math
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.executors import Budget, default_threads, seconds_of
from clusterpact.experiments.running.shards import Shard
from clusterpact.experiments.running.worker import work

from clusterpact.inputs import InputError

ADDRESSES = ("tcp://", "tls://", "ucx://")
IN_FLIGHT = 4  #: shards per worker that the scheduler knows of: keeps it small however long the plan is
CONNECT_SECONDS = 30
IDLE_SECONDS = 0.02  #: how often it is asked whether a shard is done
WATCH_SECONDS = 5.0  #: how often lost jobs are asked for again, and missing workers are noted
#: A worker gets its next shard when it is done with the last, and nobody samples what it does meanwhile
UNHURRIED = {"distributed.scheduler.worker-saturation": 1.0, "distributed.worker.profile.enabled": False}
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

    def __post_init__(self) -> None:
        if self.scheduler and not self.scheduler.startswith(ADDRESSES) and not Path(self.scheduler).is_file():
            expected = "no such scheduler file; expected one, or an address such as tcp://host:8786"
            raise InputError("", "--scheduler", self.scheduler, expected)

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], note: Callable[[str], None]) -> None:  # fmt: skip
        """Run shards on Dask's workers."""
        from dask.distributed import CancelledError
        from distributed.utils import silence_logging_cmgr

        with silence_logging_cmgr(logging.CRITICAL), self.client(folder, note) as (client, refresh):
            desk = _Desk(client, self.name, experiment.id, experiment.check_books, folder, budget, refresh, note)
            try:
                desk.hand_out(shards, self.workers, add)
            except (CancelledError, OSError):  # closed, or no answer for too long
                expected = "its scheduler is gone; finished shards are kept, the same command goes on"
                raise InputError("", "--executor", self.name, expected) from None

    @contextmanager
    def client(self, folder: Path, note: Callable[[str], None]) -> Iterator[tuple[Any, Callable[[], None]]]:
        """A client of the scheduler, and what to call now and then so that lost workers are replaced."""
        import dask
        from dask.distributed import Client, LocalCluster

        if self.scheduler is None:
            note(f"worker processes to start: {self.workers}")
            with (
                dask.config.set(UNHURRIED),
                LocalCluster(n_workers=self.workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
                             memory_limit=0, silence_logs=50, local_directory=str(folder / "locks"),
                             preload=["clusterpact.experiments.running.worker"]) as cluster,
                Client(cluster) as client,
            ):  # fmt: skip
                # A nanny starts a lost worker again, unless Dask ends the nanny first for having been without one
                yield client, lambda: cluster.scale(self.workers)
            return
        options = {"address" if self.scheduler.startswith(ADDRESSES) else "scheduler_file": self.scheduler}
        try:
            client = Client(**options, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise InputError("", "--scheduler", self.scheduler, f"cannot be reached ({error or 'time-out'})") from None
        with client:
            yield client, _nothing


@dataclass
class Slurm(Dask):
    """Workers that Slurm starts as jobs of their own; they leave before their walltime, and others take over."""

    jobs: SlurmJobs = field(default_factory=SlurmJobs)
    name: str = "slurm"

    def __post_init__(self) -> None:
        self.workers = self.jobs.jobs * self.jobs.cores
        if self.life() <= 0:
            raise InputError("", "--walltime", self.jobs.walltime, f"expected more than {MARGIN_SECONDS} seconds")
        if shutil.which("sbatch") is None:
            raise InputError("", "--executor", "slurm", "sbatch: no such command here")

    def life(self) -> int:
        """Seconds after which a worker leaves, so that no walltime finds it at work."""
        return seconds_of(self.jobs.walltime) - MARGIN_SECONDS

    @contextmanager
    def client(self, folder: Path, note: Callable[[str], None]) -> Iterator[tuple[Any, Callable[[], None]]]:
        """A client of a scheduler in this process, whose workers are jobs; jobs that ended are asked for again."""
        from dask.distributed import Client

        keyboard = signal.getsignal(signal.SIGINT)
        from dask_jobqueue import SLURMCluster

        signal.signal(signal.SIGINT, keyboard)  # that import makes an interrupt look like success
        jobs = self.jobs
        life = self.life()
        logs = folder / "locks" / "slurm"
        logs.mkdir(parents=True, exist_ok=True)
        with (
            SLURMCluster(
                queue=jobs.partition, account=jobs.account, cores=jobs.cores, memory=jobs.memory, processes=1,
                walltime=jobs.walltime, interface=jobs.interface, job_extra_directives=list(jobs.extra),
                python=shlex.quote(sys.executable), log_directory=str(logs.resolve()),
                local_directory=shlex.quote(str(logs.resolve())),
                worker_extra_args=["--lifetime", f"{life}s", "--lifetime-stagger", f"{life // 20}s", "--no-dashboard"],
                job_script_prologue=[f"export PYTHONPATH={shlex.quote(os.environ.get('PYTHONPATH', ''))}"],
                scheduler_options={"dashboard": False, "dashboard_address": ":0"}, silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):  # fmt: skip
            _submit_held(cluster.job_script())
            note(f"asking Slurm for {jobs.jobs} jobs of {jobs.cores} cores for {jobs.walltime}; their logs: {logs}")
            if jobs.adaptive:
                cluster.adapt(minimum_jobs=0, maximum_jobs=jobs.jobs)
                yield client, _nothing
                return
            cluster.scale(jobs=jobs.jobs)
            yield client, lambda: _replace(cluster, jobs.jobs)


def _nothing() -> None:
    """Those who started these workers see to it that they last."""


def _submit_held(script: str) -> None:
    """Submit a job that never starts: what sbatch has against it is said at once, by nobody else."""
    held = subprocess.run(["sbatch", "--hold", "--parsable"], input=script, capture_output=True, text=True, check=False)
    if held.returncode:
        raise InputError("", "--executor", "slurm", f"sbatch refuses the jobs: {' '.join(held.stderr.split())}")
    subprocess.run(["scancel", held.stdout.strip().partition(";")[0]], capture_output=True, check=False)


def _replace(cluster: Any, jobs: int) -> None:
    """Ask again for jobs that have ended, or that could not be submitted when they were asked for."""
    for name, job in list(cluster.workers.items()):
        if job.job_id is None:
            del cluster.workers[name]
    cluster.scale(jobs=jobs)


@dataclass
class _Desk:
    """Hands shards to workers and takes ledger entries back."""

    client: Any
    name: str
    experiment: str  #: its id, which workers check
    check_books: bool
    folder: Path
    budget: Budget
    refresh: Callable[[], None]
    note: Callable[[str], None]
    lost: list[Shard] = field(default_factory=list)
    hopeless: list[Shard] = field(default_factory=list)
    watched: float = 0.0
    had_workers: bool = True

    def hand_out(self, shards: list[Shard], workers: int, add: Callable[[dict[str, Any]], None]) -> None:
        """Keep the workers busy until all is done or the budget is spent; what lost its workers runs again, alone."""
        from dask.distributed import CancelledError, as_completed

        queue = iter(shards)
        suspects: list[Shard] = []
        pending = as_completed(with_results=True, raise_errors=False)
        while True:
            busy = IN_FLIGHT * max(workers, self.cores())
            while pending.count() < busy and not self.budget.is_spent() and (shard := next(queue, None)) is not None:
                pending.add(self.submit(shard))
            if pending.count() == 0:
                if not suspects or self.budget.is_spent():
                    break
                pending.add(self.submit(suspects.pop()))
            while not pending.has_ready():
                time.sleep(IDLE_SECONDS)
                self.watch()
                if self.budget.is_spent() and not self.had_workers:
                    return
            future, entry = next(pending)
            if isinstance(entry, CancelledError):
                raise entry
            if future.status == "error":
                self.lose(future.shard, entry[1], suspects)
            elif entry is not None:
                self.budget.saw(entry)
                add(entry)
        for shard in self.hopeless:
            raise InputError(self.folder, "shard", shard.key, "kills every worker that runs it (too little memory?)")

    def lose(self, shard: Shard, error: BaseException, suspects: list[Shard]) -> None:
        """What lost one worker after another is suspected, and given up the second time; another error ends all."""
        from dask.distributed import KilledWorker

        if not isinstance(error, KilledWorker):
            raise InputError(self.folder, "shard", shard.key, f"fails on a worker: {type(error).__name__}: {error}")
        if shard in self.lost:
            self.hopeless.append(shard)
        else:
            self.note(f"shard {shard.key} lost its worker again and again; it runs once more, alone")
            self.lost.append(shard)
            suspects.append(shard)

    def submit(self, shard: Shard) -> Any:
        """Hand a shard to the scheduler."""
        left = self.budget.left()
        deadline = None if math.isinf(left) else time.time() + left
        future = self.client.submit(
            work, str(self.folder.resolve()), self.experiment, self.check_books,
            (shard.policy, shard.first_run, shard.runs), deadline, self.name, pure=False,
        )  # fmt: skip
        future.shard = shard
        return future

    def cores(self) -> int:
        """Threads of all workers."""
        return sum(self.client.nthreads().values())

    def watch(self) -> None:
        """Every few seconds: ask for lost workers again, and say so if there are none."""
        if time.monotonic() - self.watched < WATCH_SECONDS:
            return
        self.watched = time.monotonic()
        self.refresh()
        has_workers = self.cores() > 0
        if has_workers != self.had_workers:
            self.note("the workers are there" if has_workers else "waiting for workers")
        self.had_workers = has_workers
