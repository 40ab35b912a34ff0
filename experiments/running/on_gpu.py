"""Shards on a graphics card: it runs batches of them, and threads of this process make their tables meanwhile.

A run that raises on the card is run again on the processor, which says why; all else is the card's.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.gpu.batches import Batches
from clusterpact.experiments.gpu.card import Card, find, loaded
from clusterpact.experiments.gpu.code import ptx
from clusterpact.experiments.running.budget import Budget
from clusterpact.experiments.running.progress import Progress
from clusterpact.experiments.running.shards import Done, Shard, inputs_of, is_by_plant, run_shard, world_of
from clusterpact.inputs import InputError
from clusterpact.results.recorded import RECORDINGS
from clusterpact.sim.runs import RunArrays
from clusterpact.sim.state import State
from clusterpact.sim.world import World

NAME = "gpu"
#: Runs per shard: the bins of `bands` are few beside so many runs, so that little is written and merged for each.
SHARD_RUNS = 8192


@dataclass
class _Batch:
    """Shards that a card runs together, and their tables in the making."""

    shards: list[Shard]
    started: float
    tables: list[Future[dict[str, Any]]] = field(default_factory=list)


class Gpu:
    """Runs shards on a card. open_batches: opens it when it is first needed; threads: of this process, for the tables.

    On an interrupt, what is on the card is dropped; tables that are begun are finished, so that their work counts.
    """

    def __init__(self, threads: int, open_batches: Callable[[Progress], Batches]) -> None:
        self.workers = threads
        self.shard_runs: int | None = SHARD_RUNS
        self._open = open_batches

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], progress: Progress) -> None:  # fmt: skip
        """Run shards policy by policy, in batches of as many as the card takes at once."""
        refuse_events(experiment)
        batches = self._open(progress)
        try:
            with ThreadPoolExecutor(self.workers) as pool:
                for policy, mine in groupby(shards, key=lambda shard: shard.policy):
                    work = _Work(experiment, world_of(experiment, policy), batches, folder, pool)
                    work.do(list(mine), self.workers, budget, add)
        finally:
            batches.close()


def refuse_events(experiment: Experiment) -> None:
    """Raise InputError for an experiment that records events: they are told run by run, which no card does."""
    if "events" in RECORDINGS[experiment.recording]:
        expected = "cannot tell events; expected another --recording, or --executor local"
        raise InputError("", "--executor", NAME, expected)


def open_here() -> Callable[[Progress], Batches]:
    """A function that opens the card of this machine. Raises InputError if there is none, or nothing to call it by."""
    driver = loaded()
    find(driver)
    return lambda progress: Batches(Card(ptx(progress), driver))


class _Work:
    """The shards of one policy: at most one batch is run while the tables of the one before are made."""

    def __init__(
        self, experiment: Experiment, world: World, batches: Batches, folder: Path, pool: ThreadPoolExecutor
    ) -> None:
        self.experiment, self.world, self.batches, self.folder, self.pool = experiment, world, batches, folder, pool
        self._state: State | None = None

    def do(self, shards: list[Shard], threads: int, budget: Budget, add: Callable[[dict[str, Any]], None]) -> None:
        """Run shards, in batches with one for every thread, and add the ledger entry of each."""
        least = max(shard.runs for shard in shards)
        most = self.batches.open(self.world, is_by_plant(self.experiment), least, least * threads)
        running: _Batch | None = None
        making: _Batch | None = None
        for some in (*together(shards, most), None):
            if making is not None:  # its memory is that of the batch after the next
                _collect(making, budget, add)
            following = None if some is None or budget.is_spent() else self._start(some)
            making = None if running is None else self._make(running)
            running = following
        if making is not None:
            _collect(making, budget, add)

    def _start(self, shards: list[Shard]) -> _Batch:
        """Start the runs of some shards on the card."""
        started = time.perf_counter()
        inputs = [inputs_of(self.experiment, shard) for shard in shards]
        parameters, numbers = (np.concatenate(columns) for columns in zip(*inputs, strict=True))
        self.batches.start(parameters, numbers)
        return _Batch(shards, started)

    def _make(self, batch: _Batch) -> _Batch:
        """Wait for the runs of a batch, and let threads make its tables."""
        arrays = self.batches.finish()
        per_run = (time.perf_counter() - batch.started) / len(arrays.failed)
        first = 0
        for shard in batch.shards:
            mine = arrays.part(slice(first, first + shard.runs))
            first += shard.runs
            done = Done(shard, mine, self._failures(shard, mine))
            spent = per_run * shard.runs
            batch.tables.append(self.pool.submit(done.write, self.experiment, self.world, self.folder, NAME, spent))
        return batch

    def _failures(self, shard: Shard, arrays: RunArrays) -> list[dict[str, Any]]:
        """Why runs failed, from the processor. Raises RuntimeError if one does not fail there: then the card is wrong."""
        found = []
        for place in np.flatnonzero(arrays.failed):
            self._state = self._state or self.world.fresh_state()
            alone = Shard(shard.policy, shard.first_run + int(place), 1)
            _, failures = run_shard(self.experiment, self.world, self._state, alone)
            if not failures:
                raise RuntimeError(f"run {alone.first_run} fails on the card and not on the processor")
            found += failures
        return found


def together(shards: list[Shard], most: int) -> Iterator[list[Shard]]:
    """Shards in their order, as many at a time as have no more than `most` runs together, at least one."""
    some: list[Shard] = []
    for shard in shards:
        if some and sum(one.runs for one in (*some, shard)) > most:
            yield some
            some = []
        some.append(shard)
    yield some


def _collect(batch: _Batch, budget: Budget, add: Callable[[dict[str, Any]], None]) -> None:
    """Wait for the tables of a batch, and add the ledger entry of each of its shards."""
    for future in batch.tables:
        add(future.result())
    budget.saw({"seconds": time.perf_counter() - batch.started})
