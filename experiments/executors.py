"""Where shards run. Here: on this machine, in threads; the compiled kernel does not hold Python's lock."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np

from experiments.experiment import Experiment
from experiments.shards import Shard, do_shard, world_of
from sim.kernel import run_range
from sim.measures import MEASURES
from sim.state import State
from sim.world import World


def default_threads() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(world: World) -> None:
    """Compile the kernel, or load it from the cache, by running no run at all."""
    words = world.template.parameters.view(np.uint64).reshape(1, -1)[:0]
    series = np.zeros((0, world.years, len(MEASURES)), np.uint64)
    gates = np.zeros((0, len(world.firm_ids), world.quarters), np.uint8)
    projects = np.zeros((0, len(world.firm_ids), 3), np.int16)
    networks = np.zeros((0, len(world.network_ids), 4))
    numbers = np.zeros(0, np.uint64)
    run_range(world.fresh_state(), world.template, words, numbers, series, gates, projects, networks)


def run_local(
    experiment: Experiment, shards: list[Shard], folder: Path, threads: int, report: Callable[[dict[str, Any]], None]
) -> None:
    """Run shards in threads; `report` gets every ledger entry in the calling thread.

    Each thread keeps one state per policy and uses its memory again from shard to shard. On an interrupt, shards that have
    not started are dropped and those in flight are finished, so that their work is in the ledger.
    """
    worlds = {policy: world_of(experiment, policy) for policy in sorted({shard.policy for shard in shards})}
    local = threading.local()

    def work(shard: Shard) -> dict[str, Any]:
        states: dict[int, State] = local.__dict__.setdefault("states", {})
        if shard.policy not in states:
            states[shard.policy] = worlds[shard.policy].fresh_state()
        return do_shard(experiment, worlds[shard.policy], states[shard.policy], shard, folder)

    with ThreadPoolExecutor(threads) as pool:
        waiting: set[Future[dict[str, Any]]] = set()
        queue = iter(shards)
        try:
            while True:
                while len(waiting) < 2 * threads and (shard := next(queue, None)) is not None:
                    waiting.add(pool.submit(work, shard))
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    report(future.result())
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
