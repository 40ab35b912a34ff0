"""Single runs of a result computed again: on the processor, or many of them on a graphics card."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.gpu.batches import Batches
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.on_gpu import open_here, refuse_events
from clusterpact.experiments.running.progress import SILENT
from clusterpact.experiments.running.shards import Shard, draws_of, inputs_of, is_by_plant, run_shard, world_of
from clusterpact.inputs import InputError
from clusterpact.results.store import tables_of
from clusterpact.sim.runs import RunArrays
from clusterpact.sim.state import State
from clusterpact.sim.world import World

EXECUTORS = ("local", "gpu")


class Again(Protocol):
    """What computes runs again: `begin` hears which runs of a policy come next, at most `at_once` of them."""

    at_once: int

    def begin(self, policy: int, runs: list[int]) -> None:
        """Hear which runs of a policy, by its place, come next."""
        ...

    def tables(self, policy: int, run: int, audited: bool) -> dict[str, pa.Table] | None:
        """The rows of a run by table; None if it fails. audited: with the books checked in every quarter."""
        ...


class OnProcessor:
    """Computes single runs again, in one world and one state per policy; on demand with the books audited."""

    at_once = 25  #: as many as whose rows are read together

    def __init__(self, folder: Path) -> None:
        self.experiments = {audited: reopen(folder, check_books=audited) for audited in (False, True)}
        self.states: dict[tuple[int, bool], tuple[World, State]] = {}

    def begin(self, policy: int, runs: list[int]) -> None:
        """Nothing is begun: each run is computed when it is asked for."""

    def tables(self, policy: int, run: int, audited: bool) -> dict[str, pa.Table] | None:
        """The rows of a run by table; None if it fails."""
        experiment = self.experiments[audited]
        if (policy, audited) not in self.states:
            world = world_of(experiment, policy)
            warm_up(world)
            self.states[policy, audited] = (world, world.fresh_state())
        world, state = self.states[policy, audited]
        arrays, failures = run_shard(experiment, world, state, Shard(policy, run, 1))
        return None if failures else _rows(experiment, policy, run, arrays, world)


class OnCard(OnProcessor):
    """Computes many runs again at once on a card; one that had failed, on the processor, with the books audited.

    Raises InputError for a result with events, which a card cannot tell.
    """

    at_once = 4000  #: a multiple of the runs whose rows are read together

    def __init__(self, folder: Path, batches: Batches) -> None:
        super().__init__(folder)
        refuse_events(self.experiments[False])
        self.batches = batches
        self.worlds: dict[int, World] = {}
        self.found: dict[int, RunArrays] = {}

    def begin(self, policy: int, runs: list[int]) -> None:
        """Compute some runs of a policy on the card."""
        experiment = self.experiments[False]
        if policy not in self.worlds:
            self.worlds[policy] = world_of(experiment, policy)
        world = self.worlds[policy]
        self.batches.open(world, is_by_plant(experiment), len(runs))
        inputs = [inputs_of(experiment, Shard(policy, run, 1)) for run in runs]
        parameters, numbers = (np.concatenate(columns) for columns in zip(*inputs, strict=True))
        self.batches.start(parameters, numbers)
        arrays = self.batches.finish()
        self.found = {run: arrays.part(slice(place, place + 1)) for place, run in enumerate(runs)}

    def tables(self, policy: int, run: int, audited: bool) -> dict[str, pa.Table] | None:
        """The rows of a run by table; None if it fails."""
        if audited:
            return super().tables(policy, run, audited)
        arrays = self.found[run]
        if arrays.failed[0]:
            return None
        return _rows(self.experiments[False], policy, run, arrays, self.worlds[policy])


def _rows(experiment: Experiment, policy: int, run: int, arrays: RunArrays, world: World) -> dict[str, pa.Table]:
    """The tables of one run."""
    draws = draws_of(experiment, run, 1)
    return tables_of(experiment.policies[policy].name, run, arrays, world, draws, experiment.recorded)


def again_on(executor: str) -> Callable[[Path], Again]:
    """A function of a folder, of what computes its runs again: on the processor (local) or on a card (gpu).

    Raises InputError for another name, and where there is no card.
    """
    if executor not in EXECUTORS:
        raise InputError("", "--executor", executor, "cannot verify", EXECUTORS)
    if executor == "local":
        return OnProcessor
    open_card = open_here()
    return lambda folder: OnCard(folder, open_card(SILENT))
