"""How uncertain parameters are drawn: once a run, the same for every policy, each from its own numbers.

A draw depends on the seed, the run and the parameter's name alone. One more uncertain parameter, or another order, changes
no other draw.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from clusterpact.agents.chance import DESIGN, agent_number, cut_normal
from clusterpact.agents.parameters import Parameter
from clusterpact.inputs import InputError, nearest
from clusterpact.sim.runs import fill_draws

KINDS = {"uniform": 2, "triangular": 3, "normal": 2, "choice": None}


@dataclass(frozen=True)
class Distribution:
    """uniform [low, high]; triangular [low, mode, high]; normal [mean, sd], cut at the parameter's bounds; choice [...]."""

    kind: str
    numbers: tuple[float, ...]
    low: float
    high: float

    def quantile(self, u: float) -> float:
        """Inverse of the distribution function at u in [0, 1)."""
        n = self.numbers
        if self.kind == "uniform":
            return n[0] + u * (n[1] - n[0])
        if self.kind == "triangular":
            low, mode, high = n
            if high == low:
                return low
            split = (mode - low) / (high - low)
            if u < split:
                return low + math.sqrt(u * (high - low) * (mode - low))
            return high - math.sqrt((1 - u) * (high - low) * (high - mode))
        if self.kind == "normal":
            return float(cut_normal(u, *n, self.low, self.high))
        return n[int(u * len(n))]

    def as_data(self) -> dict[str, list[float]]:
        """The distribution as written in an experiment file."""
        return {self.kind: list(self.numbers)}


def parse_distribution(written: Any, parameter: Parameter, file: object, key: str) -> Distribution:
    """Check a distribution as written: { uniform = [low, high] } and the like, within the parameter's bounds."""
    if not isinstance(written, dict) or len(written) != 1:
        raise InputError(file, key, written, "expected one distribution, such as { uniform = [0.1, 0.9] }")
    kind, numbers = next(iter(written.items()))
    if kind not in KINDS:
        raise InputError(file, f"{key}.{kind}", None, "unknown distribution" + nearest(kind, KINDS))
    count = KINDS[kind]
    good = isinstance(numbers, list | tuple) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in numbers)
    if not good or (count is not None and len(numbers) != count) or len(numbers) == 0:
        raise InputError(file, f"{key}.{kind}", numbers, f"expected {count or 'some'} numbers in [ ]")
    try:
        values = tuple(float(x) for x in numbers)
    except OverflowError:
        raise InputError(file, f"{key}.{kind}", numbers, "expected numbers of ordinary size") from None
    if kind == "normal":
        if not 0 < values[1] <= 1000 * (parameter.high - parameter.low):
            raise InputError(
                file, f"{key}.normal", numbers, "expected [mean, standard deviation > 0], not far beyond the range"
            )
    elif kind != "choice" and list(values) != sorted(values):
        raise InputError(file, f"{key}.{kind}", numbers, "expected numbers that rise")
    for value in values[:1] if kind == "normal" else values:
        if not parameter.low <= value <= parameter.high:
            expected = f"expected {parameter.low:g} to {parameter.high:g} {parameter.unit}"
            raise InputError(file, f"{key}.{kind}", value, expected)
    return Distribution(kind, values, parameter.low, parameter.high)


def design_draws(seed: int, name: str, first_run: int, runs: int) -> np.ndarray:
    """Numbers in [0, 1) that what is drawn under a name hangs on, for a range of runs, shape (runs,)."""
    u = np.empty(runs)
    fill_draws(np.uint64(seed), first_run, DESIGN, np.uint64(agent_number(name)), u)
    return u


def draw_design(uncertainty: dict[str, Distribution], seed: int, first_run: int, runs: int) -> dict[str, np.ndarray]:
    """Values of every uncertain parameter for a range of runs, each of shape (runs,)."""
    design = {}
    for name, distribution in uncertainty.items():
        u = design_draws(seed, name, first_run, runs)
        design[name] = np.array([distribution.quantile(float(x)) for x in u])
    return design
