"""Other ways in which a system fails a command: space, handles, memory, time, place, and everyone at once."""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.common import mount
from tests.kills.killing import Came, Undisturbed
from tests.kills.works import WORKS, Ended, Work, command, differences, do, finish, fresh, hidden, products, start

BY_NAME = {work.name: work for work in WORKS}
RUN, COMPARE, MERGE, ARCHIVE = (BY_NAME[name] for name in ("run, events", "compare", "merge", "archive"))
GIGABYTE = 1 << 30
JUMPING = """
import itertools, time
true, count = time.time, itertools.count()
time.time = lambda: true() + 86400.0 * (-1) ** next(count)
"""
TOGETHER = 8


def one_line(ended: Ended) -> list[str]:
    """What is wrong with an end that should be a success or one line and exit code 2."""
    if ended.code == 0:
        return []
    lines = [line for line in ended.error.splitlines() if line.startswith("clusterpact: ")]
    if ended.code != 2 or len(lines) != 1 or "Traceback" in ended.error:
        return [f"exit code {ended.code}: {ended.error.strip()[-300:]}"]
    return []


def full_disk(undisturbed: Undisturbed, megabytes: float, work: Work) -> Came:
    """A disk of a few megabytes fills up; then it is made larger and the same command goes on."""
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        disk = Path(place)
        if not mount("-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k", "tmpfs", disk):
            return Came(False, ())
        try:
            try:
                fresh(work, undisturbed.originals, disk)
            except (OSError, shutil.Error):
                return Came(False, ())
            first = do(command(work), disk, TMPDIR=tempfile.gettempdir())
            wrong = one_line(first)
            mount("-o", "remount,size=512m", disk)
            return Came(first.code != 0, (*wrong, *undisturbed.compare_again(work, disk)))
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=False)


def limited(undisturbed: Undisturbed, kind: int, amount: int, work: Work) -> Came:
    """A limit of the system: success, or one line; then without the limit, the same bytes."""
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        fresh(work, undisturbed.originals, Path(place))
        first = do(command(work), Path(place), lambda: resource.setrlimit(kind, (amount, amount)))
        return Came(first.code != 0, (*one_line(first), *undisturbed.compare_again(work, Path(place))))


def jumping_clock(undisturbed: Undisturbed, work: Work) -> Came:
    """A clock that jumps by two days with every look at it."""
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        fresh(work, undisturbed.originals, Path(place))
        jumps = Path(place) / "jumps"
        jumps.mkdir()
        (jumps / "sitecustomize.py").write_text(JUMPING)
        root = os.environ.get("PYTHONPATH", str(Path(__file__).parents[2]))
        first = do(command(work), Path(place), PYTHONPATH=f"{jumps}{os.pathsep}{root}")
        wrong = [] if first.code == 0 else [f"exit code {first.code}: {first.error.strip()[-300:]}"]
        return Came(True, (*wrong, *undisturbed.compare_again(work, Path(place))))


def moved(undisturbed: Undisturbed, work: Work) -> Came:
    """The folder is moved between a killed run and the next."""
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        before, after = Path(place) / "before", Path(place) / "after"
        before.mkdir()
        fresh(work, undisturbed.originals, before)
        started = time.monotonic()
        process = start(command(work), before)
        time.sleep(0.7 * undisturbed.seconds[work.name])
        process.send_signal(signal.SIGKILL)
        finish(process, started)
        before.rename(after)
        return Came(True, tuple(undisturbed.compare_again(work, after)))


def together(undisturbed: Undisturbed) -> Came:
    """Several processes compile the rules at once into an empty cache."""
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        folders = [Path(place) / str(k) for k in range(TOGETHER)]
        for folder in folders:
            folder.mkdir()
            fresh(RUN, undisturbed.originals, folder)
        started = time.monotonic()
        processes = [start(command(RUN), folder, XDG_CACHE_HOME=f"{place}/cache") for folder in folders]
        wrong = []
        for process, folder in zip(processes, folders, strict=True):
            ended = finish(process, started)
            wrong += [f"exit code {ended.code}: {ended.error.strip()[-300:]}"] if ended.code else []
            wrong += [f"differs: {name}" for name in differences(products(RUN, folder), undisturbed.made[RUN.name])]
            wrong += [f"left: {name}" for name in hidden(folder)]
        return Came(True, tuple(wrong))


Try = Callable[[Undisturbed], Came]
#: What is tried, by name, each with what differs between its tries.
TRIES: dict[str, list[Try]] = {
    "full disk": [lambda u, mb=mb, w=w: full_disk(u, mb, w) for w in (RUN, COMPARE, MERGE, ARCHIVE)
                  for mb in (0.5, 0.7, 1.0, 1.5, 2.0, 3.0)],
    "64 file handles": [lambda u, w=w: limited(u, resource.RLIMIT_NOFILE, 64, w) for w in WORKS if "Dask" not in w.name],
    "24 file handles": [lambda u, w=w: limited(u, resource.RLIMIT_NOFILE, 24, w) for w in (RUN, COMPARE, MERGE, ARCHIVE)],
    "address space": [lambda u, gb=gb, w=w: limited(u, resource.RLIMIT_AS, int(gb * GIGABYTE), w)
                      for w in (RUN, MERGE) for gb in (0.5, 0.75, 1.0, 1.5, 2.0, 4.0)],
    "jumping clock": [lambda u, w=w: jumping_clock(u, w) for w in (RUN, BY_NAME["run, with figures"], COMPARE, MERGE)],
    "moved folder": [lambda u, w=w: moved(u, w) for w in (RUN, RUN, COMPARE)],
    "eight compile at once": [together],
}  # fmt: skip
