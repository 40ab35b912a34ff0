"""Shards on Dask: a cluster on this machine, a scheduler that runs already, or one that workers of Slurm join (on_slurm.py).

Whoever reaches a scheduler may run code as its user, so those started here take nobody without the run's own certificate.

Dask hands out names of shards and gets ledger entries back; results go to the shared file system. A lost worker's shards
run again elsewhere; one that kills its workers is tried alone before it is given up.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.budget import Budget
from clusterpact.experiments.running.local import default_threads
from clusterpact.experiments.running.progress import Progress
from clusterpact.experiments.running.shards import Shard
from clusterpact.experiments.running.worker import work
from clusterpact.inputs import InputError, usable_path

ADDRESSES = ("tcp://", "tls://", "ucx://")
IN_FLIGHT = 4  #: shards per worker that the scheduler knows of: keeps it small however long the plan is
CONNECT_SECONDS = 30
IDLE_SECONDS = 0.02  #: how often it is asked whether a shard is done
WATCH_SECONDS = 5.0  #: how often lost jobs are asked for again, and missing workers are noted
#: A worker gets its next shard when it is done with the last, and nobody samples what it does meanwhile
UNHURRIED = {"distributed.scheduler.worker-saturation": 1.0, "distributed.worker.profile.enabled": False}
#: What listens here answers nobody who asks without the credentials of the run: no pages of state, health or metrics
CLOSED: dict[str, Any] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}


@dataclass
class Dask:
    """Workers of Dask. scheduler: an address (tcp://…) or a scheduler file; none: worker processes on this machine."""

    workers: int = field(default_factory=default_threads)
    scheduler: str | None = None
    name: str = "dask"
    shard_runs: int | None = None

    def __post_init__(self) -> None:
        if self.scheduler and not self.scheduler.startswith(ADDRESSES):
            file = usable_path(self.scheduler, "--scheduler")
            if not file.is_file():
                expected = "no such scheduler file; expected one, or an address such as tcp://host:8786"
                raise InputError("", "--scheduler", self.scheduler, expected)
            self.scheduler = str(file)

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], progress: Progress) -> None:  # fmt: skip
        """Run shards on Dask's workers."""
        from dask.distributed import CancelledError
        from distributed.utils import silence_logging_cmgr

        with silence_logging_cmgr(logging.CRITICAL), self.client(folder, progress) as (client, refresh):
            desk = _Desk(client, self.name, experiment.id, experiment.check_books, folder, budget, refresh, progress)
            try:
                desk.hand_out(shards, self.workers, add)
            except (CancelledError, OSError):  # closed, or no answer for too long
                expected = "its scheduler is gone; finished shards are kept, the same command goes on"
                raise InputError("", "--executor", self.name, expected) from None

    @contextmanager
    def client(self, folder: Path, progress: Progress) -> Iterator[tuple[Any, Callable[[], None]]]:
        """A client of the scheduler, and what to call now and then so that lost workers are replaced."""
        import dask
        from dask.distributed import Client, LocalCluster
        from distributed.security import Security

        if self.scheduler is None:
            progress.note(f"worker processes to start: {self.workers}")
            with (
                dask.config.set(UNHURRIED | CLOSED),
                LocalCluster(n_workers=self.workers, threads_per_worker=1, processes=True, security=Security.temporary(),
                             dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
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
            yield client, nothing


def nothing() -> None:
    """Those who started these workers see to it that they last."""


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
    progress: Progress
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
            self.progress.note(f"shard {shard.key} lost its worker again and again; it runs once more, alone")
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
            self.progress.note("the workers are there" if has_workers else "waiting for workers")
        self.had_workers = has_workers
