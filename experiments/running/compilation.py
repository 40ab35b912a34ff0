"""Getting the rules ready before the first run: machine code that is shipped, or else compiled once for all processes."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from clusterpact.agents.compiled import CACHE_FOLDER, IS_PLAIN, is_shipped, native
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.memory import ask_for
from clusterpact.sim.runs import simulate
from clusterpact.sim.world import World

COMPILE_SECONDS = 300.0  #: longer than a compilation takes on a busy machine
#: Address space in bytes: what shipped rules take (221 MB were seen), those of Numba (140), and compiling them (630).
SHIPPED_BYTES, LOADED_BYTES, COMPILED_BYTES = 256_000_000, 192_000_000, 768_000_000


def _mark() -> Path:
    """The file that says that the rules are compiled for this kind of processor."""
    from llvmlite.binding import get_host_cpu_name

    return CACHE_FOLDER / f"compiled-for-{get_host_cpu_name()}"


def is_compiled() -> bool:
    """Whether there is nothing to compile: machine code is shipped or kept, or the rules run as plain Python."""
    return IS_PLAIN or native() is not None or _mark().exists()


def check_room() -> None:
    """Raise MemoryError where the system would not give the memory that the rules take; worlds are made with some."""
    if is_shipped():
        ask_for(SHIPPED_BYTES)
    if not IS_PLAIN and native() is None:
        ask_for(LOADED_BYTES if _mark().exists() else COMPILED_BYTES)


def warm_up(world: World, progress: Progress = SILENT) -> None:
    """Get the rules ready (`get_ready`) with a world that is there."""
    get_ready(lambda: world, progress)


def get_ready(make: Callable[[], World], progress: Progress = SILENT) -> None:
    """Get the rules ready: what is shipped, what is kept, or the kernel compiled, of which `progress` is told.

    A world is made only if they are not shipped.
    Of several processes that share a cache only one compiles; the others wait for it and load what it compiled. Once that
    is done, which a file in the cache says for each kind of processor, they load it side by side. Raises MemoryError where
    the system would not give the memory: the compiler ends the process that it refuses.
    """
    check_room()
    if IS_PLAIN or native() is not None:
        return
    world, compiled = make(), _mark()
    if compiled.exists():
        _run_none(world)
        return
    progress.note("compiling the rules (a minute or two, once after a change of them)")
    lock = FileLock(f"{CACHE_FOLDER}.lock")
    with suppress(Timeout, OSError):  # who holds it hangs, or it is no lock: better compile twice than never
        lock.acquire(timeout=COMPILE_SECONDS)
    try:
        ask_for(LOADED_BYTES if compiled.exists() else COMPILED_BYTES)
        _run_none(world)
        with suppress(OSError):  # on a full disk the next process finds nothing kept, and compiles
            compiled.touch()
    finally:
        lock.release()


def _run_none(world: World) -> None:
    simulate(world, world.template.parameters[:0], np.zeros(0, np.uint64))
