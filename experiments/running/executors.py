"""Where shards run. Here: on this machine, in threads; the compiled kernel does not hold Python's lock."""

import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import llvmlite.binding
import numba
import numpy as np
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.shards import Shard, do_shard, world_of
from clusterpact.sim.runs import simulate
from clusterpact.sim.state import State
from clusterpact.sim.world import World
from filelock import FileLock, Timeout

COMPILE_SECONDS = 300.0  #: longer than a compilation takes on a busy machine


def default_threads() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(world: World) -> None:
    """Compile the kernel, or load it from the cache, by running no run at all.

    Of several processes that share a cache only one compiles; the others wait for it and load what it compiled. Once that
    is done, which a file in the cache says for each kind of processor, they load it side by side.
    """
    cache = Path(vars(numba.config)["CACHE_DIR"])
    compiled = cache / f"compiled-for-{llvmlite.binding.get_host_cpu_name()}"
    if compiled.exists():
        _run_none(world)
        return
    try:
        with FileLock(f"{cache}.lock", timeout=COMPILE_SECONDS):
            _run_none(world)
            compiled.touch()
    except Timeout:  # who holds it hangs, or was killed where the system frees no lock: better compile twice than never
        _run_none(world)


def _run_none(world: World) -> None:
    simulate(world, world.template.parameters[:0], np.zeros(0, np.uint64))


@dataclass
class Budget:
    """Time that may be spent: no shard is started that would probably end too late."""

    seconds: float | None
    started: float  #: on the clock of `time.perf_counter`
    longest: float = 0.0  #: seconds of the longest shard so far

    def saw(self, entry: dict[str, Any]) -> None:
        """Note how long a shard took."""
        self.longest = max(self.longest, entry["seconds"])

    def left(self) -> float:
        """Seconds that are left for starting a shard."""
        if self.seconds is None:
            return math.inf
        return self.seconds - (time.perf_counter() - self.started) - self.longest

    def is_spent(self) -> bool:
        """Whether no further shard should start."""
        return self.left() <= 0.0


class Executor(Protocol):
    """Where shards run. `run` hands every ledger entry to `add` in the calling thread, and stops early at the budget."""

    workers: int

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], note: Callable[[str], None]) -> None:  # fmt: skip
        """Run shards, each to its parts and its ledger entry."""
        ...


class Local:
    """Threads of this process. Each keeps one state per policy and uses its memory again from shard to shard.

    On an interrupt, shards that have not started are dropped and those in flight are finished, so that their work counts.
    """

    def __init__(self, threads: int) -> None:
        self.workers = threads

    def run(self, experiment: Experiment, shards: list[Shard], folder: Path, budget: Budget,
            add: Callable[[dict[str, Any]], None], note: Callable[[str], None]) -> None:  # fmt: skip
        """Run shards in threads."""
        note("compiling the rules (about a minute after a change, else a second)")
        worlds = {policy: world_of(experiment, policy) for policy in sorted({shard.policy for shard in shards})}
        warm_up(next(iter(worlds.values())))
        local = threading.local()

        def work(shard: Shard) -> dict[str, Any] | None:
            if budget.is_spent():
                return None
            states: dict[int, State] = local.__dict__.setdefault("states", {})
            if shard.policy not in states:
                states[shard.policy] = worlds[shard.policy].fresh_state()
            return do_shard(experiment, worlds[shard.policy], states[shard.policy], shard, folder)

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


def seconds_of(text: str) -> int:
    """Seconds of a time such as 90s, 55m, 2h, 1d, 1:30 (hours and minutes) or 01:30:00; raises ValueError."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text and text[-1] in units:
        seconds = float(text[:-1]) * units[text[-1]]
        if not math.isfinite(seconds):
            raise ValueError(text)
        return int(seconds)
    days, _, clock = text.rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    if len(parts) not in (2, 3):
        raise ValueError(text)
    hours, minutes, seconds = (*parts, 0)[:3]
    return 86400 * int(days or 0) + 3600 * hours + 60 * minutes + seconds
