"""Work in forked processes, one a task: a crash, an endless loop or a changed function is gone with the process."""

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from rich.console import Console
from rich.progress import track

SECONDS_BETWEEN_LINES = 10.0


class OutOfTime(BaseException):
    """Raised in whatever runs when its time is up; no `except Exception` holds it."""


def counted(what: str, tasks: Sequence[Any], work: Callable[[Any], Any], jobs: int) -> Iterator[tuple[Any, Any]]:
    """As `in_children`, with a bar on a terminal and a line every few seconds in a log."""
    console = Console(stderr=True)
    done = in_children(tasks, work, jobs)
    if console.is_terminal:
        yield from track(done, what, len(tasks), console=console)
        return
    last = time.monotonic()
    for number, pair in enumerate(done, start=1):
        yield pair
        if number == len(tasks) or time.monotonic() - last > SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"{number:,}/{len(tasks):,} {what}", file=sys.stderr, flush=True)


def in_children(tasks: Iterable[Any], work: Callable[[Any], Any], jobs: int) -> Iterator[tuple[Any, Any]]:
    """Do `work` on each task in a forked process of its own, `jobs` at a time: task and answer, None if the process died.

    Raises what `work` raises.
    """
    context = multiprocessing.get_context("fork")
    waiting = iter(tasks)
    running: dict[Connection, tuple[Any, Any]] = {}
    try:
        while True:
            while len(running) < jobs and (task := next(waiting, None)) is not None:
                receiver, sender = context.Pipe(duplex=False)
                process = context.Process(target=_answer, args=(sender, work, task))
                process.start()
                sender.close()
                running[receiver] = process, task
            if not running:
                return
            for receiver in wait(running):
                process, task = running.pop(receiver)
                answer = None
                with contextlib.suppress(EOFError):
                    answer = receiver.recv()
                process.join()
                receiver.close()
                if isinstance(answer, Exception):
                    raise answer
                yield task, answer
    finally:
        for process, _ in running.values():
            process.kill()


def _answer(sender: Connection, work: Callable[[Any], Any], task: Any) -> None:
    """Send what `work` makes of a task, or the exception that it raises; whatever is printed goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        sender.send(work(task))
    except Exception as error:
        sender.send(error)


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[list[int]]:
    """Raise OutOfTime in the block after that many seconds of its own work, or ten times as many by the clock.

    Yields a list that is no longer empty once that has happened, for blocks that keep exceptions to themselves.
    """
    alarms: list[int] = []

    def stop(number: int, frame: Any) -> None:
        alarms.append(number)
        raise OutOfTime

    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    signal.setitimer(signal.ITIMER_REAL, 10.0 * seconds + 10.0, 1.0)
    try:
        yield alarms
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
