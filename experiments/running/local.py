"""Shards on this machine, in threads: the compiled kernel does not hold Python's lock."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.budget import Budget
from clusterpact.experiments.running.compilation import get_ready
from clusterpact.experiments.running.progress import Progress
from clusterpact.experiments.running.shards import Shard, do_shard, world_of
from clusterpact.sim.state import State


def default_threads() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Local:
    """Threads of this process. Each uses the memory of its state again from shard to shard of a policy.

    On an interrupt, shards that have not started are dropped and those in flight are finished, so that their work counts.
    """

    def __init__(self, threads: int) -> None:
        self.workers = threads
        self.shard_runs: int | None = None

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], progress: Progress) -> None:  # fmt: skip
        """Run shards in threads."""
        world = lru_cache(2 * self.workers)(partial(world_of, experiment))  # built while other threads are in the kernel
        get_ready(partial(world, shards[0].policy), progress)
        local = threading.local()

        def work(shard: Shard) -> dict[str, Any] | None:
            if budget.is_spent():
                return None
            states: dict[int, State] = local.__dict__.setdefault("states", {})
            if shard.policy not in states:
                states.clear()  # shards come policy by policy, of which a search has many
                states[shard.policy] = world(shard.policy).fresh_state()
            return do_shard(experiment, world(shard.policy), states[shard.policy], shard, folder)

        with ThreadPoolExecutor(self.workers) as pool:
            waiting: set[Future[dict[str, Any] | None]] = set()
            queue = iter(shards)
            try:
                while True:
                    while len(waiting) < 2 * self.workers and (shard := next(queue, None)) is not None:
                        waiting.add(pool.submit(work, shard))
                    if not waiting:
                        return
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        if (entry := future.result()) is not None:
                            budget.saw(entry)
                            add(entry)
            except BaseException:
                for future in waiting:
                    future.cancel()
                raise
