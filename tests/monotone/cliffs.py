"""What a fine walk says about cliffs: jumps between neighbouring levels that no finer step takes apart.

The jump of a step is its paired change less the mean change of the steps beside it (a second difference), so a steep slope
is none. A jump is a candidate if it differs from zero after Holm's adjustment for all steps of the world, exceeds 0.02 of
the abated share and five times the median step of its walk, and no step beside it jumps further. A candidate is then walked
in parts: it is a cliff if one part still has most of the change, and else a curve that is steep there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from clusterpact.results.statistics.compare import holm
from tests.monotone.steps import LEVEL, ROUNDING
from tests.monotone.walks import Walk, Walker

SMALLEST = 0.02  #: of the abated share
TIMES = 5.0  #: the median absolute step of the walk
PARTS = 8  #: a candidate's step is walked in
MOST = 0.5  #: share of the jump that one part of a cliff has


@dataclass(frozen=True)
class Cliff:
    """A jump: its step, its size and p (adjusted), and the largest share of the step's change in one of its parts."""

    walk: Walk
    start: float
    end: float
    change: float
    jump: float
    adjusted: float
    sharpest: float

    @property
    def sheer(self) -> bool:
        """Whether the jump stays one step however finely it is walked."""
        return self.sharpest > MOST


def jumps(walk: Walk) -> np.ndarray:
    """Second differences, shape (steps, runs): each step less the mean of its neighbours."""
    steps = np.diff(walk.abated, axis=0)
    beside = np.empty_like(steps)
    beside[1:-1] = 0.5 * (steps[:-2] + steps[2:])
    beside[0], beside[-1] = steps[1], steps[-2]
    return steps - beside


def p_values(values: np.ndarray) -> np.ndarray:
    """Two-sided p of every row's mean being zero (Student's t)."""
    mean, error = values.mean(axis=1), values.std(axis=1, ddof=1) / values.shape[1] ** 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * stats.t.sf(np.abs(mean / error), values.shape[1] - 1)
    return np.where(error > ROUNDING, p, np.where(np.abs(mean) > ROUNDING, 0.0, 1.0))


def candidates(walks: Iterable[Walk]) -> list[tuple[Walk, int, float, float]]:
    """Of one world: walk, number of the step, jump and adjusted p of every jump that stands out."""
    walks = list(walks)
    means = [jumps(walk).mean(axis=1) for walk in walks]
    adjusted = holm(np.concatenate([p_values(jumps(walk)) for walk in walks]))
    found, first = [], 0
    for walk, mean in zip(walks, means, strict=True):
        typical = float(np.median(np.abs(np.diff(walk.abated, axis=0).mean(axis=1))))
        for k, jump in enumerate(mean):
            largest = float(np.abs(mean[max(0, k - 1) : k + 2]).max())
            if adjusted[first + k] < LEVEL and abs(jump) == largest > max(SMALLEST, TIMES * typical):
                found.append((walk, k, float(jump), float(adjusted[first + k])))
        first += len(mean)
    return found


def taken_apart(walker: Walker, walk: Walk, k: int, jump: float, adjusted: float) -> Cliff:
    """Walk the k-th step of a walk in parts."""
    fine = walker.walk(walk.policy, walk.factor, np.linspace(walk.levels[k], walk.levels[k + 1], PARTS + 1))
    parts = np.diff(fine.abated, axis=0).mean(axis=1)
    change = float(parts.sum())
    sharpest = float(parts[np.argmax(np.abs(parts))]) / change if abs(change) > ROUNDING else 0.0
    return Cliff(walk, float(walk.levels[k]), float(walk.levels[k + 1]), change, jump, adjusted, sharpest)


def cliffs(walker: Walker, walks: Iterable[Walk]) -> list[Cliff]:
    """Of one world: all jumps that stand out, taken apart."""
    return [taken_apart(walker, *candidate) for candidate in candidates(walks)]
