"""What the command line prints: progress, tables, warnings, and one line for a mistake."""

import json
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from clusterpact.inputs import shown
from clusterpact.texts import padded, width, wrapped

SECONDS_BETWEEN_LINES = 5.0
MOST_WARNINGS = 50
WIDTH = 120  #: cells of a line of sentences
LONGEST_LINE = 1200  #: letters of a mistake


def note(text: str) -> None:
    """Say on a terminal what is being done that takes a while."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)


@contextmanager
def busy(text: str) -> Iterator[None]:
    """Say on a terminal what is being done that takes a while, with a sign that moves meanwhile."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(file=getattr(sys.stderr, "stream", sys.stderr)).status(text):
        yield


def warn(found: Iterable[Any]) -> None:
    """Print warnings, one line each on stderr, with the name by which `accept` silences each."""
    lines = [str(one) for one in found]
    for line in lines[:MOST_WARNINGS]:
        print(f"warning: {line}", file=sys.stderr)
    if len(lines) > MOST_WARNINGS:
        print(f"warning: and {len(lines) - MOST_WARNINGS} more", file=sys.stderr)


@contextmanager
def printable_output() -> Iterator[None]:
    """What is printed holds no control characters within, whatever names of people and files say."""
    plain, errors = sys.stdout, sys.stderr
    with redirect_stdout(Escaping(plain)), redirect_stderr(Escaping(errors)):
        yield


class Escaping:
    """A stream that writes characters which do not print as their escapes; a bar of progress takes the stream within."""

    def __init__(self, stream: Any):
        self.stream = stream

    def write(self, text: str) -> int:
        """Write a text, escaped."""
        return int(self.stream.write(shown(text)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def fail(text: str) -> None:
    """Print a mistake as one line on stderr; what would steer a terminal is written out."""
    words = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in " ".join(text.split()))
    print(f"clusterpact: {words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 3] + '...'}", file=sys.stderr)


def headed(groups: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    """What is said under headings, in lines that a screen has room for."""
    for heading, texts in groups:
        yield heading
        for text in texts:
            first, *more = wrapped(text, WIDTH - 4)
            yield from (f"  {first}", *(f"    {line}" for line in more))


class Plain:
    """Progress as plain lines every few seconds, for logs."""

    def __init__(self, quiet: bool):
        self.quiet = quiet
        self.started = time.monotonic()
        self.last = self.started
        self.first_done: int | None = None

    def note(self, text: str) -> None:
        """Say what is being done."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def report(self, done: int, total: int, failed: int) -> None:
        """Count runs: done of total, of which failed."""
        now = time.monotonic()
        if self.first_done is None:
            self.first_done, self.started = done, now
        if self.quiet or (done < total and now - self.last < SECONDS_BETWEEN_LINES):
            return
        self.last = now
        rate = (done - self.first_done) / max(1e-9, now - self.started)
        left = f"{(total - done) / rate:.0f} s left" if rate > 0 and done < total else "done"
        lost = f", {failed} failed" if failed else ""
        print(f"{done:,}/{total:,} runs, {rate:,.0f} runs/s, {left}{lost}", file=sys.stderr, flush=True)


class Bar:
    """Progress as a bar on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("runs"),
            TimeRemainingColumn(), console=Console(file=getattr(sys.stderr, "stream", sys.stderr)),
        )  # fmt: skip
        self.task = self.progress.add_task("running", total=None)

    def note(self, text: str) -> None:
        """Say what is being done."""
        self.progress.update(self.task, description=text)

    def report(self, done: int, total: int, failed: int) -> None:
        """Count runs: done of total, of which failed."""
        text = f"running ({failed} failed)" if failed else "running"
        self.progress.update(self.task, completed=done, total=total, description=text)


@contextmanager
def progress(quiet: bool) -> Iterator[Bar | Plain]:
    """A bar on a terminal, plain lines in a log, nothing if quiet."""
    if quiet or not sys.stderr.isatty():
        yield Plain(quiet)
    else:
        bar = Bar()
        with bar.progress:
            yield bar


def warn_of_failures(failures: list[dict[str, Any]], folder: Path) -> None:
    """Say how many runs failed, and where their parameters and tracebacks are."""
    if failures:
        first = failures[0]
        lines = reversed(first["traceback"].strip().splitlines())
        reason = next(line for line in lines if not line.startswith("raised by the rule "))
        fail(f"{len(failures)} runs failed (first: {first['policy']}, run {first['run']}: {reason}); "
             f"see {folder / 'failures.json'}")  # fmt: skip


def span(seconds: float) -> str:
    """A time in words: seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def print_json(data: Any) -> None:
    """Print data as JSON."""
    print(json.dumps(data, indent=1, ensure_ascii=False))


def print_table(header: list[str], rows: list[list[str]]) -> None:
    """Print a table; the last column wraps to the terminal's width."""
    widths = [max(width(row[k]) for row in [header, *rows]) for k in range(len(header) - 1)]
    indent = sum(widths) + 2 * len(widths)
    space = max(30, shutil.get_terminal_size((120, 24)).columns - indent)
    for number, row in enumerate([header, *rows]):
        start = "".join(padded(cell, wide + 2) for cell, wide in zip(row, widths, strict=False))
        lines = wrapped(row[-1], space)
        print((start + lines[0]).rstrip())
        for line in lines[1:]:
            print(" " * indent + line)
        if number == 0:
            print("-" * min(indent + space, indent + max(width(row[-1]) for row in [header, *rows])))


def describe_scenario(scenario: Any) -> str:
    """One sentence on a cluster: plants, emissions, networks, lenders, projects in hand, buyers."""
    plants, file = scenario.plants, scenario.file
    total = sum(plant.scope1_kt_per_year for plant in plants)
    units = f" ({len(plants)} units)" if len(plants) > len(scenario.sites) else ""
    return (
        f"{file.title}: {len(scenario.sites)} plants{units}, {total:,.1f} kt CO2e a year, {len(file.network)} networks, "
        f"{len(file.financier)} financiers, {len(file.government)} governments, {len(scenario.projects)} projects, "
        f"{len(scenario.buyers)} buyers."
    )
