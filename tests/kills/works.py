"""The commands that are killed: what each starts from, its words, and what it makes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.commands import environment, wait_until
from tests.fuzz.words import SEARCH

SECONDS = 300.0  #: that any command may take here
ENDS_WITHIN_SECONDS = 15.0  #: processes that a killed one had started


@dataclass(frozen=True)
class Work:
    """A command on copies of originals; `made` names the files that it makes, by pattern.

    again: its exit codes when all is done already and the same command is given once more.
    """

    name: str
    words: tuple[str, ...]
    made: tuple[str, ...]
    share: int  #: of the kills
    needs: tuple[str, ...] = ("place",)
    again: tuple[int, ...] = (0,)


RUN = ("run", "place/experiment.toml", "--runs", "24", "--shard-runs", "3", "--threads", "2", "--out", "out")
WORKS = (
    Work("run, with figures", RUN, ("out/tables/*", "out/summary.csv", "out/figures/*"), 25),
    Work("run, events", (*RUN, "--runs", "16", "--recording", "events", "--no-figures", "-q"), ("out/tables/*",), 25),
    Work("run on Dask", (*RUN, "--executor", "dask", "--workers", "2", "--no-figures", "-q"), ("out/tables/*",), 10),
    Work("compare", ("compare", "whole", "--lever-runs", "4"), ("whole/compare/*.csv", "whole/levers/*/tables/*"), 30,
         ("whole",)),
    Work("timing", ("timing", "whole", "--runs", "4", "--every", "12"),
         ("whole/timing/*.csv", "whole/timing/runs/*/tables/*", "whole/timing/figures/*"), 25, ("whole",)),
    Work("search", ("search", "whole", *SEARCH), ("whole/search/*.csv", "whole/search/*.json", "whole/search/packages/*",
         "whole/search/generations/*/*/tables/*", "whole/search/figures/*"), 25, ("whole",)),
    Work("report", ("report", "whole", "--lever-runs", "4"), ("whole/report.html", "whole/compare/*"), 20, ("whole",)),
    Work("merge", ("merge", "begun"), ("begun/tables/*",), 35, ("begun",)),
    Work("import", ("import", "eutl", "registers/eutl.csv", "--out", "out"), ("out/*",), 25, ("registers",), (0, 2)),
    Work("archive", ("archive", "whole", "--file", "out.zip"), ("out.zip",), 30, ("whole",), (0, 2)),
)  # fmt: skip


@dataclass
class Ended:
    """What became of a command: its exit code, what it printed, and how long it took."""

    code: int
    out: str
    error: str
    seconds: float
    left: list[str] = field(default_factory=list)  #: processes that outlived it


def fresh(work: Work, originals: Path, folder: Path) -> None:
    """Copies of what a command starts from."""
    for name in work.needs:
        shutil.copytree(originals / name, folder / name)


def command(work: Work) -> list[str]:
    """The words of a command for a process of its own."""
    return [sys.executable, "-m", "clusterpact", *work.words]


def start(
    words: list[str], folder: Path, before: Callable[[], object] | None = None, **changes: str
) -> "subprocess.Popen[str]":
    """Start a command in a session of its own, so that whatever it starts can be found; `before` runs in the child."""
    return subprocess.Popen(words, cwd=folder, env=environment(**changes), text=True, start_new_session=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=before)  # fmt: skip


def finish(process: "subprocess.Popen[str]", started: float) -> Ended:
    """Wait for a command and for all that it started; raises TimeoutExpired for one that hangs."""
    try:
        out, error = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return Ended(process.returncode, out, error, time.monotonic() - started, outlived(process.pid))


def do(words: list[str], folder: Path, before: Callable[[], object] | None = None, **changes: str) -> Ended:
    """Run a command to its end."""
    started = time.monotonic()
    return finish(start(words, folder, before, **changes), started)


def outlived(session: int) -> list[str]:
    """Processes of a session that have not ended within some seconds; they are then killed."""
    try:
        wait_until(lambda: not members(session), "its processes to end", ENDS_WITHIN_SECONDS, 0.05)
    except AssertionError:
        left = members(session)
        for process, _ in left:
            os.kill(process, signal.SIGKILL)
        return [name for _, name in left]
    return []


def members(session: int) -> list[tuple[int, str]]:
    """Living processes of a session, with their command lines."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (place / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found.append((int(place.name), (place / "cmdline").read_text().replace("\0", " ")[:120]))
        except (OSError, ValueError):
            continue
    return found


def products(work: Work, folder: Path) -> dict[str, bytes]:
    """What a command made, by name."""
    paths = [path for pattern in work.made for path in sorted(folder.glob(pattern))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> Iterable[str]:
    """Names of what differs."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def hidden(folder: Path) -> list[str]:
    """Temporary files that were left in a folder."""
    return [str(path.relative_to(folder)) for path in folder.rglob(".*")]
