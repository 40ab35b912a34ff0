"""Compiling the rules before the first run, once for all processes that share a cache."""

from contextlib import suppress

import llvmlite.binding
import numpy as np
from filelock import FileLock, Timeout

from clusterpact.agents.compiled import CACHE_FOLDER
from clusterpact.sim.runs import simulate
from clusterpact.sim.world import World

COMPILE_SECONDS = 300.0  #: longer than a compilation takes on a busy machine


def warm_up(world: World) -> None:
    """Compile the kernel, or load it from the cache, by running no run at all.

    Of several processes that share a cache only one compiles; the others wait for it and load what it compiled. Once that
    is done, which a file in the cache says for each kind of processor, they load it side by side.
    """
    compiled = CACHE_FOLDER / f"compiled-for-{llvmlite.binding.get_host_cpu_name()}"
    if compiled.exists():
        _run_none(world)
        return
    lock = FileLock(f"{CACHE_FOLDER}.lock")
    with suppress(Timeout, OSError):  # who holds it hangs, or it is no lock: better compile twice than never
        lock.acquire(timeout=COMPILE_SECONDS)
    try:
        _run_none(world)
        with suppress(OSError):  # on a full disk the next process finds nothing kept, and compiles
            compiled.touch()
    finally:
        lock.release()


def _run_none(world: World) -> None:
    simulate(world, world.template.parameters[:0], np.zeros(0, np.uint64))
