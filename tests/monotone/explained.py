"""`explained.csv`: the mechanisms behind steps the wrong way and behind cliffs, each with a test that removes it.

world and policy may be `any`; a row covers what lies within from … to. `test` names the test (file::function) which shows
that without the mechanism the step is gone.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from clusterpact.inputs import InputError, Record, read_table
from tests.commands import ROOT
from tests.monotone.factors import EXPECTED, read_factors
from tests.monotone.walks import Walk

EXPLAINED = Path(__file__).with_name("explained.csv")
ANY = "any"
NUDGE = 1e-9  #: levels are printed with fewer digits than they have


class Explanation(Record):
    """A row of `explained.csv`."""

    kind: Literal["step", "cliff"]
    world: str
    policy: str
    factor: str
    start: float = Field(alias="from")
    end: float = Field(alias="to")
    mechanism: str
    test: str

    def covers(self, kind: str, walk: Walk, start: float, end: float) -> bool:
        """Whether the row explains a step of a walk."""
        slack = NUDGE * max(1.0, abs(self.start), abs(self.end))
        return (
            self.kind == kind and self.world in (ANY, walk.world) and self.policy in (ANY, walk.policy)
            and self.factor == walk.factor.factor and self.start - slack <= start and end <= self.end + slack
        )  # fmt: skip


@dataclass(frozen=True)
class Explanations:
    """All rows."""

    rows: tuple[Explanation, ...]

    def mechanism(self, kind: str, walk: Walk, start: float, end: float) -> str:
        """The mechanism that explains a step; empty if none does."""
        return next((row.mechanism for row in self.rows if row.covers(kind, walk, start, end)), "")


def read_explanations(path: Path = EXPLAINED) -> Explanations:
    """The table; raises InputError for an unknown factor, a range that is none, or a test that does not exist."""
    rows = read_table(path, Explanation)
    factors = read_factors(EXPECTED)
    for row in rows:
        if row.factor not in factors:
            raise InputError(path, "factor", row.factor, "no such factor", factors)
        if not row.start < row.end:
            raise InputError(path, f"{row.factor}: from, to", f"{row.start:g}, {row.end:g}", "expected from < to")
        _check_test(path, row.test)
    return Explanations(tuple(rows))


def _check_test(path: Path, test: str) -> None:
    """Raise InputError unless `test` is file::function of a test that is there."""
    file, _, function = test.partition("::")
    there = (ROOT / file).is_file() and function.startswith("test_")
    if not there or f"def {function}(" not in (ROOT / file).read_text(encoding="utf-8"):
        raise InputError(path, "test", test, "no such test; expected tests/…/test_file.py::test_function")
