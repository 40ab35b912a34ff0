"""What a walk says about signs: the paired change from level to level, tested against its expected sign.

A step is a change from one level to the next; the change over the whole range is one step more, so that a slow drift is seen
too. A step is wrong if its mean has the wrong sign and a one-sided test (Student's t on paired runs) rejects the right one
after Holm's adjustment for all steps of the world.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from clusterpact.results.statistics.compare import holm
from tests.monotone.walks import Walk

LEVEL = 0.05  #: of the family of all steps of a world
ROUNDING = 1e-12  #: differences of this size are rounding


@dataclass(frozen=True)
class Step:
    """A change of the mean abated share between two levels, with its 95 % interval. p: one-sided, against the sign."""

    walk: Walk
    start: float
    end: float
    mean: float
    half: float
    p: float
    adjusted: float = float("nan")
    whole: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the step goes the wrong way, by more than its Monte Carlo error."""
        return self.walk.factor.sign != 0 and self.mean * self.walk.factor.sign < 0 and self.adjusted < LEVEL


def mean_and_half(values: np.ndarray) -> tuple[float, float]:
    """Mean over runs and half width of its 95 % interval (Student's t)."""
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    return float(values.mean()), float(stats.t.ppf(0.975, len(values) - 1)) * error


def wrong_way(differences: np.ndarray, sign: int) -> float:
    """P value of a mean as far from `sign` as this one, if the true mean had that sign or were zero."""
    mean, error = float(differences.mean()), float(differences.std(ddof=1)) / len(differences) ** 0.5
    if error <= ROUNDING:
        return 0.0 if sign * mean < -ROUNDING else 1.0
    return float(stats.t.cdf(sign * mean / error, len(differences) - 1))


def steps_of(walk: Walk) -> list[Step]:
    """The steps of one walk, the whole range last; not yet adjusted."""
    pairs = [(k, k + 1) for k in range(len(walk.levels) - 1)] + [(0, len(walk.levels) - 1)]
    found = []
    for place, (a, b) in enumerate(pairs):
        differences = walk.abated[b] - walk.abated[a]
        mean, half = mean_and_half(differences)
        p = wrong_way(differences, walk.factor.sign) if walk.factor.sign else float("nan")
        found.append(Step(walk, float(walk.levels[a]), float(walk.levels[b]), mean, half, p, whole=place == len(pairs) - 1))
    return found


def judged(walks: Iterable[Walk]) -> list[list[Step]]:
    """The steps of every walk of one world, adjusted for the number of all of them that have an expected sign."""
    steps = [steps_of(walk) for walk in walks]
    flat = [step for row in steps for step in row]
    adjusted = iter(holm(np.array([step.p for step in flat])))
    return [[Step(**(vars(step) | {"adjusted": float(next(adjusted))})) for step in row] for row in steps]


def worst(steps: list[Step]) -> Step:
    """The step that goes the wrong way most surely; of equals, the one furthest from the sign."""
    sign = steps[0].walk.factor.sign
    return min(steps, key=lambda step: (step.p, sign * step.mean))
