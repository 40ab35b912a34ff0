"""What a worker of a cluster does: open a result folder once, then run shards of it to parts and ledger entries.

It reads nothing but the folder, so that a worker on another node needs the shared file system and this package alone. It
imports neither Mesa nor Matplotlib.
"""

import signal
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.shards import Shard, do_shard, world_of
from clusterpact.inputs import InputError
from clusterpact.sim.state import State
from clusterpact.sim.world import World

_local = threading.local()
_opening = threading.Lock()


def dask_setup(worker: Any) -> None:
    """Called by Dask in each worker process of this machine: the keyboard's interrupt is the client's to answer."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@lru_cache(maxsize=2)
def _experiment(folder: str, identity: str, check_books: bool) -> Experiment:
    """The experiment of a folder; `identity` is its id, which must be the client's."""
    try:
        experiment = reopen(Path(folder), check_books)
    except InputError as error:
        raise ValueError(str(error)) from None  # Dask hands on what can be made from its text alone
    if experiment.id != identity:
        raise ValueError(f"{folder}: this worker has other rules or inputs ({experiment.id}) than the client ({identity})")
    return experiment


@lru_cache(maxsize=16)
def _world(folder: str, identity: str, check_books: bool, policy: int) -> World:
    world = world_of(_experiment(folder, identity, check_books), policy)
    warm_up(world)
    return world


def work(folder: str, identity: str, check_books: bool, shard: tuple[int, int, int], deadline: float | None,
         executor: str) -> dict[str, Any] | None:  # fmt: skip
    """Run one shard (policy, first run, runs); returns its ledger entry, or None if the deadline (Unix time) has come."""
    if deadline is not None and time.time() >= deadline:
        return None
    with _opening:
        world = _world(folder, identity, check_books, shard[0])
    key = (identity, shard[0])
    states: dict[tuple[str, int], State] = _local.__dict__.setdefault("states", {})
    if any(one != identity for one, _ in states):  # a search is many experiments, and a state takes memory
        states.clear()
    if key not in states:
        states[key] = world.fresh_state()
    return do_shard(_experiment(folder, identity, check_books), world, states[key], Shard(*shard), Path(folder), executor)
