"""The tests on trial: what each takes and runs, and whether they notice a mutant."""

import collections
import contextlib
import os
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.mutants.children import OutOfTime, in_children, limited
from tests.mutants.edits import Mutant

QUICK = ["-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler", "--tb=native"]
#: A mutant's test may take so many times what it takes without the mutant, and so many seconds more.
PATIENCE, GRACE = 10.0, 1.0
#: Tracing lines makes plain Python slower by about this much at most.
TRACING = 20.0


@dataclass(frozen=True)
class Trial:
    """A test that takes part: its place among the collected ones, name, seconds, and the lines of rules that it runs."""

    place: int
    name: str
    seconds: float
    lines: frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: killed, timed out, survived or not covered."""

    mutant: Mutant
    verdict: str


class Bench:
    """Pytest plugin: collects the tests, and hands over to `work` where pytest would run them."""

    def __init__(self, work: Callable[["Bench"], None]):
        self.work = work
        self.items: list[pytest.Item] = []
        self.left_out: dict[str, str] = {}
        self.outcomes: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.unregister(name="terminalreporter")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.left_out[report.nodeid] = "could not be collected"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.outcomes.append(report.outcome)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = session.items
        self.work(self)
        return True

    def run(self, place: int, seconds: float) -> str:
        """Run one test within so many seconds: passed, skipped, failed or out of time."""
        self.outcomes = []
        item = self.items[place]
        with limited(seconds) as alarms, contextlib.suppress(OutOfTime):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        if alarms:
            return "out of time"
        return next((bad for bad in ("failed", "skipped") if bad in self.outcomes), "passed")

    def survey(self, files: frozenset[str], slowest: float, jobs: int) -> list[Trial]:
        """Run every test by itself, for its time and then for its lines in the files; slow and failing ones are left out."""

        def timed(place: int) -> tuple[str, float]:
            started = time.process_time()
            return self.run(place, slowest), time.process_time() - started

        def traced(place: int) -> frozenset[tuple[str, int]]:
            with lines_run(files) as lines:
                self.run(place, TRACING * slowest)
            return frozenset(lines)

        seconds = {}
        for place, answer in in_children(range(len(self.items)), timed, jobs):
            outcome, seconds[place] = answer or ("died", 0.0)
            if outcome != "passed":
                self.left_out[self.items[place].nodeid] = outcome
                del seconds[place]
        trials = in_children(seconds, traced, jobs)
        found = [Trial(place, self.items[place].nodeid, seconds[place], lines) for place, lines in trials if lines]
        return sorted(found, key=lambda trial: (trial.seconds, trial.place))

    def fates(self, mutants: list[Mutant], trials: list[Trial], jobs: int) -> Iterator[Fate]:
        """Put each mutant before the tests that run its lines, until one fails."""
        by_line = collections.defaultdict(set)
        for order, trial in enumerate(trials):
            for line in trial.lines:
                by_line[line].add(order)

        def verdict(mutant: Mutant) -> str:
            mutant.target.__code__ = mutant.code
            lines = ((mutant.code.co_filename, line) for line in range(mutant.line, mutant.last_line + 1))
            concerned = [trials[order] for order in sorted(set().union(*(by_line[line] for line in lines)))]
            for trial in concerned:
                outcome = self.run(trial.place, PATIENCE * trial.seconds + GRACE)
                if outcome != "passed":
                    return "timed out" if outcome == "out of time" else "killed"
            return "survived" if concerned else "not covered"

        for mutant, answer in in_children(mutants, verdict, jobs):
            yield Fate(mutant, answer or "timed out")


@contextlib.contextmanager
def lines_run(files: frozenset[str]) -> Iterator[set[tuple[str, int]]]:
    """Collect the lines of the files that run in the block, as (file, line); code of which all has run is left alone."""
    lines: set[tuple[str, int]] = set()
    missing: dict[types.CodeType, set[int | None]] = {}

    def enter(frame: types.FrameType, event: str, arg: object) -> Callable | None:
        code = frame.f_code
        if code.co_filename not in files:
            return None
        if code not in missing:
            missing[code] = {line for _, _, line in code.co_lines()} - {code.co_firstlineno, None}
        return note if missing[code] else None

    def note(frame: types.FrameType, event: str, arg: object) -> Callable:
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        missing[frame.f_code].discard(frame.f_lineno)
        return note

    sys.settrace(enter)
    try:
        yield lines
    finally:
        sys.settrace(None)


def on_bench(tests: list[str], work: Callable[[Bench], None]) -> Bench:
    """Collect tests and do the work on them."""
    try:
        from hypothesis import settings
    except ImportError:
        pass
    else:
        settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
        settings.load_profile("mutants")
    bench = Bench(work)
    code = pytest.main([*tests, *QUICK, "-m", "not slow and not cluster"], plugins=[bench])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(f"pytest ended with {code!r} in {os.getcwd()}")
    return bench
