"""Work that goes wrong on a worker: it kills its process, finds no space on the disk, or has runs that raise."""

import errno
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from clusterpact.experiments.running.worker import work
from tests.commands import poison

SHARD = (0, 16, 8)


def once(folder: str, *rest: Any) -> dict[str, Any] | None:
    """Die in the middle of the first shard that any worker takes up; later, work as ever."""
    try:
        (Path(folder) / "locks" / "has-died").touch(exist_ok=False)
    except FileExistsError:
        return work(folder, *rest)
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def always(folder: str, identity: str, check_books: bool, shard: tuple[int, int, int], *rest: Any) -> dict[str, Any] | None:
    """Die whenever the shard is SHARD."""
    if tuple(shard) == SHARD:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(folder, identity, check_books, shard, *rest)


def on_a_full_disk(folder: str, *rest: Any) -> dict[str, Any] | None:
    """The disk is full once three shards are done."""
    if len(list((Path(folder) / "ledger").glob("*.json"))) >= 3:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)
    return work(folder, *rest)


def with_failing_runs(folder: str, *rest: Any) -> dict[str, Any] | None:
    """Runs 3 and 8 of every policy raise."""
    with pytest.MonkeyPatch.context() as patch:
        poison(patch, {3, 8})
        return work(folder, *rest)
