"""Locks on a result folder: one client at a time, or the tasks of one job array, each on its own share."""

import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from policies.inputs import InputError

CLIENT = "client"


@contextmanager
def claim(folder: Path, share: tuple[int, int] | None, note: Callable[[str], None]) -> Iterator[None]:
    """Hold the folder as its one client, or as the task of a share of the work; refuses if someone else does.

    The system frees a lock when its process ends, however it ends. Where the file system has no locks, that is said.
    """
    places = folder / "locks"
    name = CLIENT if share is None else f"task-{share[0]}-of-{share[1]}"
    with ExitStack() as held:
        try:
            places.mkdir(parents=True, exist_ok=True)
            held.enter_context(_take(folder, places / f"{name}.lock"))
            others = [CLIENT] if share is not None else [path.stem for path in places.glob("task-*.lock")]
            for other in others:
                with _take(folder, places / f"{other}.lock"):
                    pass
            (places / f"{name}.json").write_text(
                json.dumps({"host": platform.node(), "process": os.getpid(), "since": _now()})
            )
        except NotImplementedError:
            note("this file system has no locks: take care that no one else works on this folder")
        except OSError as error:
            raise InputError(folder, "out", None, f"cannot be written ({error.strerror})") from None
        yield


@contextmanager
def _take(folder: Path, path: Path) -> Iterator[None]:
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(
            folder, "results", None, f"is being worked on by {_holder(path)}; wait for it, or stop it"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _holder(path: Path) -> str:
    """Who holds a lock, as far as the file beside it says."""
    try:
        entry = json.loads(path.with_suffix(".json").read_text())
        return f"process {entry['process']} on {entry['host']} since {entry['since']}"
    except (OSError, ValueError, KeyError):
        return "another clusterpact"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
