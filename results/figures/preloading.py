"""Matplotlib and what else painters need, imported in a process of its own from the first moment on.

This module imports nothing that takes time, so that a command can call it before its own imports.
"""

import multiprocessing
import signal

CAN_PRELOAD = "forkserver" in multiprocessing.get_all_start_methods()
MODULES = ["clusterpact.results.figures.result", "clusterpact.results.summary"]


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
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
