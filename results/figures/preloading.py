"""Matplotlib and what else painters need, imported in a process of its own from the first moment on.

This module imports nothing that takes time, so that a command can call it before its own imports.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

CAN_PRELOAD = "forkserver" in multiprocessing.get_all_start_methods()
MODULES = [
    "clusterpact.results.figures.uncollected", "clusterpact.results.figures.result", "clusterpact.results.summary",
    "clusterpact.policies.package",
]  # fmt: skip
ONE_THREAD = "OPENBLAS_NUM_THREADS"  #: what linear algebra reads when it is loaded


@contextmanager
def without_algebra() -> Iterator[None]:
    """Have NumPy, if it is first imported now, start no threads of linear algebra: no run or figure needs them.

    They would wait for work in a loop, for some 50 ms of a core.
    """
    before = os.environ.get(ONE_THREAD)
    os.environ.setdefault(ONE_THREAD, "1")
    try:
        yield
    finally:
        if before is None:
            del os.environ[ONE_THREAD]


def preload() -> None:
    """Start the process from which painters are forked, and have it import what they need; returns at once.

    It ends with this process. Where there is no such process, painters import for themselves.
    """
    if CAN_PRELOAD:
        from multiprocessing import forkserver, resource_tracker

        multiprocessing.set_forkserver_preload(MODULES)
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the keyboard's interrupt is not for it
        try:
            with without_algebra():
                forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
