"""Work that kills the process that does it: once per folder, or whenever it meets a certain shard."""

import os
import signal
from pathlib import Path
from typing import Any

from experiments.worker import work

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
