"""Compiling the rules before the first run, once for all processes that share a cache."""

from pathlib import Path

import llvmlite.binding
import numba
import numpy as np
from filelock import FileLock, Timeout

from clusterpact.sim.runs import simulate
from clusterpact.sim.world import World

COMPILE_SECONDS = 300.0  #: longer than a compilation takes on a busy machine


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
