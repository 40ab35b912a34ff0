"""What is walked: instruments, parameters and means of lenders, each with the sign that economics lets expect.

`expected.csv` says for each whether more of it may raise the mean abated share (+1: never lower), lower it (-1: never
raise), or either (0), and why. Ranges are those of the catalogue and of `parameters.csv` unless the table gives its own.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.inputs import InputError, Record, nearest, read_table
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.sim.world import World

EXPECTED = Path(__file__).with_name("expected.csv")


def _scale_lenders(world: World, multiplier: float) -> World:
    """The world with lenders whose capital and tickets are a multiple of what they were."""
    template = world.template.copy()
    template.financiers.capital_meur *= multiplier
    template.financiers.ticket_max_meur *= multiplier
    return replace(world, template=template)


#: What is no instrument and no parameter: a change of the world's records by a number.
MEANS: dict[str, Callable[[World, float], World]] = {"lenders_capital": _scale_lenders}


class Factor(Record):
    """A row of `expected.csv`. spacing of the levels: even, growing with squares from low on, or by equal factors."""

    factor: str
    kind: Literal["instrument", "parameter", "means"]
    sign: Annotated[int, Field(ge=-1, le=1)]
    spacing: Literal["even", "squares", "factors"] = "even"
    low: float | None = None
    high: float | None = None
    why: str

    @property
    def unit(self) -> str:
        """Unit of the levels."""
        if self.kind == "means":
            return "times"
        return (INSTRUMENTS if self.kind == "instrument" else PARAMETERS)[self.factor].unit  # type: ignore[index]

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest level."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        row = (INSTRUMENTS if self.kind == "instrument" else PARAMETERS)[self.factor]  # type: ignore[index]
        return row.low, row.high

    def levels(self, count: int) -> np.ndarray:
        """So many levels from the lowest to the highest, both included."""
        low, high = self.range
        share = np.linspace(0.0, 1.0, count)
        if self.spacing == "factors":
            return low * (high / low) ** share
        return low + (high - low) * (share**2 if self.spacing == "squares" else share)


def read_factors(path: Path = EXPECTED) -> dict[str, Factor]:
    """The table by name of the factor; raises InputError for a factor that does not exist, or whose range is none."""
    rows = read_table(path, Factor, "factor")
    known = {"instrument": INSTRUMENTS, "parameter": PARAMETERS, "means": MEANS}
    for row in rows:
        if row.factor not in known[row.kind]:  # type: ignore[operator]
            raise InputError(path, "factor", row.factor, f"no such {row.kind}{nearest(row.factor, known[row.kind])}")
        if (row.low is None) != (row.high is None) or (row.kind == "means" and row.low is None):
            raise InputError(path, f"{row.factor}: low, high", row.low, "expected both, or neither where a table has them")
        low, high = row.range
        if not low < high or (row.spacing == "factors" and low <= 0):
            expected = "expected low < high" + (", above 0" if row.spacing == "factors" else "")
            raise InputError(path, f"{row.factor}: low, high", f"{low:g}, {high:g}", expected)
    return {row.factor: row for row in rows}


def chosen(names: list[str] | None) -> list[Factor]:
    """The factors asked for, all if none is; raises InputError for one that the table lacks."""
    factors = read_factors()
    for name in names or ():
        if name not in factors:
            raise InputError(EXPECTED, "--factors", name, f"no such factor{nearest(name, factors)}")
    return [factors[name] for name in names] if names else list(factors.values())
