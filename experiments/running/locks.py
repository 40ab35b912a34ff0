"""Locks on a result folder: one client at a time, or the tasks of one job array, each on its own share."""

import errno
import json
import os
import platform
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from clusterpact.experiments.running.progress import Progress
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError

CLIENT = "client"
PATIENCE_SECONDS = 3.0  #: whoever starts tries the locks of others for a moment; that is no reason to refuse
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


@contextmanager
def claim(folder: Path, share: tuple[int, int] | None, progress: Progress) -> Iterator[None]:
    """Hold the folder as its one client, or as the task of a share of the work; refuses if someone else does.

    The system frees a lock when its process ends, however it ends. Where the file system has no locks, that is said.
    """
    places = folder / "locks"
    name = CLIENT if share is None else f"task-{share[0] % share[1]}-of-{share[1]}"
    with ExitStack() as held:
        try:
            places.mkdir(parents=True, exist_ok=True)
            held.enter_context(_take(folder, places / f"{name}.lock"))
            me = {"host": platform.node(), "process": os.getpid(), "since": _now()}
            write_atomically(places / f"{name}.json", json.dumps(me).encode())
            for other in places.glob("task-*.lock" if share is None else f"{CLIENT}.lock"):
                with _take(folder, other):
                    pass
        except NotImplementedError:
            progress.note("this file system has no locks: take care that no one else works on this folder")
        except OSError as error:
            raise InputError(folder, "out", None, f"cannot be written ({error.strerror})") from None
        yield


@contextmanager
def _take(folder: Path, path: Path) -> Iterator[None]:
    """Hold one lock; raises NotImplementedError where the file system has none that a process's end would free."""
    lock = FileLock(path, timeout=PATIENCE_SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a file that only looks like a lock, which is not used
            lock.acquire()
    except Timeout:
        if isinstance(lock, SoftFileLock):
            raise NotImplementedError from None
        expected = f"is being worked on by {_holder(path)}; wait for it, or stop it"
        raise InputError(folder, "results", None, expected) from None
    except OSError as error:
        if error.errno in NO_LOCKS:
            raise NotImplementedError from None
        raise
    try:
        if isinstance(lock, SoftFileLock):
            raise NotImplementedError
        yield
    finally:
        lock.release()


def _holder(path: Path) -> str:
    """Who holds a lock, as far as the file beside it says."""
    try:
        entry = json.loads(path.with_suffix(".json").read_text())
        return f"process {entry['process']} on {entry['host']} since {entry['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another clusterpact"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
