"""The tests on trial: what each takes and runs, and whether they notice a mutant."""

import contextlib
import gc
import os
import time
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest

from tests.children import OutOfTime, counted, limited
from tests.mutants.edits import Mutant
from tests.mutants.marks import Place, marked

PLAIN = ["-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler", "--tb=native"]
#: A mutant's test may take so many times what it takes without the mutant, and so many seconds more.
PATIENCE, GRACE = 10.0, 1.0


@dataclass(frozen=True)
class Trial:
    """A test that takes part: its place among the collected ones, name, seconds, and the lines of rules that it runs."""

    place: int
    name: str
    seconds: float
    lines: frozenset[Place]


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
        gc.freeze()  # a forked process then shares the memory of what is here, instead of copying it at its first collection
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

    def survey(self, modules: Iterable[types.ModuleType], slowest: float, jobs: int) -> list[Trial]:
        """Run every test by itself, for its time and its lines in the modules; slow and failing ones are left out."""
        found = []
        with marked(modules) as ran:

            def alone(place: int) -> tuple[str, float, frozenset[Place]]:
                ran.clear()
                started = time.process_time()
                outcome = self.run(place, slowest)
                return outcome, time.process_time() - started, frozenset(ran)

            for place, answer in counted("tests timed", range(len(self.items)), alone, jobs):
                outcome, seconds, lines = answer or ("died", 0.0, frozenset())
                if outcome != "passed":
                    self.left_out[self.items[place].nodeid] = outcome
                elif lines:
                    found.append(Trial(place, self.items[place].nodeid, seconds, lines))
        return sorted(found, key=lambda trial: (trial.seconds, trial.place))

    def fates(self, mutants: list[Mutant], trials: list[Trial], jobs: int) -> Iterator[Fate]:
        """Put each mutant before the tests that run its lines, until one fails."""

        def verdict(mutant: Mutant) -> str:
            mutant.target.__code__ = mutant.code
            concerned = [trial for trial in trials if (mutant.code.co_filename, mutant.line) in trial.lines]
            for trial in concerned:
                outcome = self.run(trial.place, PATIENCE * trial.seconds + GRACE)
                if outcome != "passed":
                    return "timed out" if outcome == "out of time" else "killed"
            return "survived" if concerned else "not covered"

        for mutant, answer in counted("mutants tried", mutants, verdict, jobs):
            yield Fate(mutant, answer or "killed")


def on_bench(tests: list[str], marks: str, work: Callable[[Bench], None]) -> Bench:
    """Collect the tests with such marks and do the work on them."""
    try:
        from hypothesis import settings
    except ImportError:
        pass
    else:
        settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
        settings.load_profile("mutants")
    bench = Bench(work)
    code = pytest.main([*tests, *PLAIN, "-m", marks], plugins=[bench])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(f"pytest ended with {code!r} in {os.getcwd()}")
    return bench
