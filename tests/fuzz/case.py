"""One case: a copy of an original, damaged, a command on it, and what came of it against the contract."""

import contextlib
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clusterpact.cli import app as cli
from tests.children import OutOfTime
from tests.fuzz.damage import damage
from tests.fuzz.words import KINDS, damaged_words

SECONDS, MEGABYTES = 60.0, 2048
LONGEST = 1500  #: characters of the line of a mistake
MOST = 100  #: mistakes of a file that `validate` lists, a line each
GOOD = (0, 1, 75)  #: done; does not hold, or some runs failed; the time budget is up
PREFIX = "clusterpact: "
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
KEPT = re.compile(r"^(?:whole|begun)/(?:locks|inputs|parts|ledger)(?:/|$)")  #: work on a result, done before a fault
WARNED = re.compile(r"\b[A-Z]\w*Warning\b")


@dataclass(frozen=True)
class Found:
    """What came of a case: its kind, what was done, exit code, seconds, peak memory in MB, and faults in words."""

    number: int
    kind: str
    told: str
    code: int
    seconds: float
    megabytes: float
    faults: tuple[str, ...]
    line: str


def try_case(originals: Path, seed: int, number: int, only: str | None = None) -> Found:
    """Build the case of that number, run its command in this process, and judge; meant for a process of its own."""
    rng = random.Random(f"{seed}/{number}")
    kinds = [only] if only else list(KINDS)
    kind = rng.choices(kinds, [KINDS[name][0] for name in kinds])[0]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        folder = Path(place) / "here"
        shutil.copytree(originals, folder)
        words, told = build(rng, kind, folder)
        before = snapshot(folder)
        code, seconds, out, error = in_here(words, folder, Path(place))
        faults = judge(code, seconds, out, error, before, snapshot(folder), MOST if words[:1] == ["validate"] else 1)
    line = next((line for line in error.splitlines() if line.startswith(PREFIX)), "")[:LONGEST]
    shown = " ".join(word if len(word) < 60 else f"{word[:50]}... ({len(word)})" for word in words)
    return Found(number, kind, f"{told}: {shown!r}", code, seconds, peak_mb(), tuple(faults), line)


def build(rng: random.Random, kind: str, folder: Path) -> tuple[list[str], str]:
    """Damage the files of a kind; returns the command line, and the damage in words."""
    if kind == "words":
        return damaged_words(rng), "words"
    _, original, patterns, lines = KINDS[kind]
    files = sorted({p for pattern in patterns.split() for p in (folder / original).glob(pattern) if p.is_file()})
    told = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        path = rng.choice(files)
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 10**8:
            told.append(f"{damage(rng, path)} {path.relative_to(folder)}")
    words = rng.choices(list(lines), list(lines.values()))[0]
    return list(words), ", ".join(told)


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Every file of a folder with kind, size and time of its last change."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            state = os.lstat(path)
            change = (0, 0) if name in folders else (state.st_size, state.st_mtime_ns)
            found[os.path.relpath(path, folder)] = (state.st_mode, *change)
    return found


def in_here(words: list[str], folder: Path, beside: Path) -> tuple[int, float, str, str]:
    """Run a command line in this process within limits; returns its exit code, seconds, and what it printed."""
    os.chdir(folder)
    (beside / "home").mkdir()
    os.environ |= {"HOME": str(beside / "home"), "COLUMNS": "120"}
    sys.argv = ["clusterpact", *words]
    with (beside / "out").open("wb") as out, (beside / "error").open("wb") as error:
        os.dup2(out.fileno(), 1)
        os.dup2(error.fileno(), 2)
        started = time.monotonic()
        with limits():
            code = exit_code()
        seconds = time.monotonic() - started
        sys.stdout.flush()
        sys.stderr.flush()
    return code, seconds, *((beside / name).read_text("utf-8", "replace") for name in ("out", "error"))


def exit_code() -> int:
    """The exit code of the command line; 1 with a traceback on stderr for what it lets through."""
    try:
        cli.main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    return 1


@contextlib.contextmanager
def limits() -> Iterator[None]:
    """A clock that ends the block, and a bound on new memory, so that a fault does not take the machine with it."""

    def stop(number: int, frame: Any) -> None:
        raise OutOfTime

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1.0)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (MEGABYTES << 20), resource.RLIM_INFINITY))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def peak_mb() -> float:
    """Peak resident memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def judge(code: int, seconds: float, out: str, error: str, before: dict[str, Any], after: dict[str, Any],
          most: int = 1) -> list[str]:  # fmt: skip
    """What breaks the contract, in words: success or one line and exit 2, nothing left behind, no traceback, in time.

    most: lines of mistakes that a command may print; each says another.
    """
    faults = []
    mistakes = [line for line in error.splitlines() if line.startswith(PREFIX)]
    if "Traceback" in error:
        faults.append("traceback: " + " ".join(error.strip().splitlines()[-1].split())[:300])
    elif code == 2:
        if not 1 <= len(mistakes) <= most or len(set(mistakes)) < len(mistakes):
            faults.append(f"{len(mistakes)} lines of a mistake: {error[:300]!r}")
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        changed = [name for name in changed if not KEPT.search(name)]
        if changed:
            faults.append(f"left behind: {', '.join(changed[:4])[:300]}")
    elif code not in GOOD:
        faults.append(f"exit code {code}: {error[-300:]!r}")
    hidden = [name for name in after if name not in before and Path(name).name.startswith(".")]
    faults += [f"temporary file left: {name}" for name in hidden[:1]]
    if any(len(line) > LONGEST for line in mistakes):
        faults.append(f"a line of {max(map(len, mistakes)):,} characters")
    if odd := UNPRINTABLE.search(out + error):
        faults.append(f"prints U+{ord(odd[0]):04X}")
    if warned := WARNED.search(error):
        faults.append(f"a warning of a library: {error[max(0, warned.start() - 100) : warned.end() + 200]!r}")
    if seconds > SECONDS:
        faults.append(f"took {seconds:.0f} s")
    if peak_mb() > MEGABYTES:
        faults.append(f"took {peak_mb():,.0f} MB")
    return faults
