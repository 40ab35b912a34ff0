"""Boxes of futures in which an event is frequent: the patient rule induction method (PRIM; Friedman and Fisher 1999).

A box restricts a few dimensions to an interval each. It is peeled from all futures, pasted, and bumped: peeled again from
bootstrap samples with a part of the dimensions each (Kwakkel and Cunningham 2016). What is kept stands out most from
the base rate; restrictions that could be chance are dropped (quasi-p-values after Bryant and Lempert 2010); and the box
must be told from the base rate in runs that were held out. Further boxes are looked for in what the first ones do not cover.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

Limits = dict[int, tuple[float | None, float | None]]  #: by dimension: least and most, both within; None where open
PEEL = 0.05  #: share of a box's runs that one peel takes
LEAST_MASS = 0.05  #: share of the runs that a box holds at least
LEAST_RUNS = 10  #: of a box
SAMPLES = 20  #: bootstrap samples of bumping
CHANCE = 0.01  #: a restriction with a larger quasi-p-value, times the number of dimensions, is dropped
TOLD = 0.01  #: a box is told from the base rate of held-out runs at this level, for all boxes at once
MOST_BOXES = 4
HELD_OUT = 3  #: one run in so many is held out


@dataclass(frozen=True)
class Box:
    """A box of futures. Shares are of the runs that it was found in, `held_…` of those held out.

    limits: by dimension; density: share of its runs with the event; coverage: share of all runs with the event that are in
    it; mass: share of all runs; quasi_p: by dimension, the chance of as many events without its restriction; p_value: of the
    base rate in the runs held out, one-sided (binomial), times the number of boxes; path: (coverage, density) from all
    futures to the box. Of a second box all is of the runs that the first does not hold, but coverage and mass are of all.
    """

    limits: Limits
    density: float
    coverage: float
    mass: float
    runs: int
    quasi_p: dict[int, float]
    held_density: float
    held_coverage: float
    held_runs: int
    p_value: float
    path: tuple[tuple[float, float], ...]


def split(runs: int, seed: int) -> np.ndarray:
    """Which of so many runs, by their place, are held out: one in three, drawn by a seed. Shape (runs,)."""
    held = np.zeros(runs, bool)
    held[np.random.default_rng(seed).permutation(runs)[: runs // HELD_OUT]] = True
    return held


def inside(x: np.ndarray, limits: Limits) -> np.ndarray:
    """Which futures (rows of x) lie within limits. Shape (runs,)."""
    within = np.ones(len(x), bool)
    for dimension, (low, high) in limits.items():
        if low is not None:
            within &= x[:, dimension] >= low
        if high is not None:
            within &= x[:, dimension] <= high
    return within


def discover_boxes(x: np.ndarray, event: np.ndarray, held: np.ndarray, seed: int) -> list[Box]:
    """Boxes in which the event is told to be more frequent than elsewhere, one after the other; none in noise.

    x: (runs, dimensions), without missing values; event: (runs,) true or false; held: runs held out, of `split`.
    """
    random = np.random.default_rng(seed)
    left = np.ones(len(x), bool)
    found: list[Box] = []
    for _ in range(MOST_BOXES):
        learn, test = left & ~held, left & held
        limits, path = _best(x[learn], event[learn], random)
        if not limits:
            break
        box = _box(x, event, held, left, limits, path)
        if box.p_value * (len(found) + 1) >= TOLD:
            break
        found.append(box)
        left &= ~inside(x, limits)
        if event[left & ~held].sum() < LEAST_RUNS or not test.any():
            break
    return [_adjusted(box, len(found)) for box in found]


def _adjusted(box: Box, boxes: int) -> Box:
    return Box(**{**vars(box), "p_value": min(1.0, box.p_value * boxes)})


def _box(x: np.ndarray, event: np.ndarray, held: np.ndarray, left: np.ndarray, limits: Limits,
         path: list[Limits]) -> Box:  # fmt: skip
    """A box with all that is told of it; its p value is not yet adjusted."""
    learn, test, within = left & ~held, left & held, left & inside(x, limits)
    learnt, tested = within & ~held, within & held
    base = float(event[test].mean()) if test.any() else 0.0
    hits, runs = int(event[tested].sum()), int(tested.sum())
    p_value = float(stats.binom.sf(hits - 1, runs, base)) if runs and 0 < base < 1 else 1.0
    steps = []
    for step in path:
        reached = learn & inside(x, step)
        steps.append((float(event[reached].sum() / event[learn].sum()), float(event[reached].mean())))
    return Box(
        limits, float(event[learnt].mean()), float(event[learnt].sum() / event[~held].sum()),
        float(learnt.sum() / (~held).sum()), int(learnt.sum()), quasi_p(x[learn], event[learn], limits),
        hits / runs if runs else float("nan"), hits / max(1, int(event[held].sum())), runs, p_value, tuple(steps),
    )  # fmt: skip


def quasi_p(x: np.ndarray, event: np.ndarray, limits: Limits) -> dict[int, float]:
    """Per restricted dimension: the chance of as many events in the box if the restriction brought nothing.

    Of the runs that lie within all other limits, as many as the box holds are drawn by chance, without replacement
    (hypergeometric): a box is part of what it is set against, which the binomial of Bryant and Lempert leaves aside.
    """
    within = inside(x, limits)
    hits, runs = int(event[within].sum()), int(within.sum())
    found = {}
    for dimension in limits:
        without = event[inside(x, {k: v for k, v in limits.items() if k != dimension})]
        found[dimension] = float(stats.hypergeom.sf(hits - 1, len(without), int(without.sum()), runs))
    return found


def gain(event: np.ndarray, within: np.ndarray) -> float:
    """How far the density of a box is above the base rate, in standard errors of as many runs drawn by chance, per root run.

    0 by chance and of all runs. It weighs coverage against density: neither a handful of pure runs nor a large dull box.
    """
    base, runs = float(event.mean()), int(within.sum())
    if base in (0.0, 1.0) or runs == 0:
        return 0.0
    return (float(event[within].mean()) - base) * float((runs / len(event) / (base * (1 - base))) ** 0.5)


def _best(x: np.ndarray, event: np.ndarray, random: np.random.Generator) -> tuple[Limits, list[Limits]]:
    """The limits of the largest gain of all peelings, without what could be chance, and the peeling that led there.

    Bumping peels bootstrap samples: in turn over the dimensions that lead in the sample, and over some drawn at random.
    """
    runs, dimensions = x.shape
    everything = np.arange(dimensions)
    if runs < 2 * LEAST_RUNS or event.all() or not event.any():
        return {}, []
    ways: list[tuple[np.ndarray, np.ndarray]] = [(np.arange(runs), everything)]
    for k in range(SAMPLES):
        sample: np.ndarray = random.integers(runs, size=(runs,))
        count = round(dimensions ** random.uniform())  # as often few as many
        some = random.choice(dimensions, count, replace=False) if k % 2 else _leading(x[sample], event[sample])[:count]
        ways.append((sample, some))
    best: tuple[float, Limits, list[Limits]] = (0.0, {}, [])
    for rows, columns in ways:
        path = peel(x[rows], event[rows], np.sort(columns))
        gains = [gain(event, inside(x, step)) for step in path]
        place = int(np.argmax(gains))
        limits = paste(x, event, _without_chance(x, event, paste(x, event, path[place])))
        if (reached := gain(event, inside(x, limits))) > best[0]:
            best = (reached, limits, path)
    return best[1], best[2]


def _leading(x: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Dimensions by how far the event goes with them, or with the distance from their middle: strongest first."""
    apart = x - x.mean(axis=0)
    y = event - event.mean()
    strengths = []
    for values in (apart, apart**2 - (apart**2).mean(axis=0)):
        spread = np.sqrt((values**2).sum(axis=0))
        strengths.append(np.abs(y @ values) / np.where(spread > 0, spread, np.inf))
    return np.argsort(-np.maximum(*strengths), kind="stable")


def _without_chance(x: np.ndarray, event: np.ndarray, limits: Limits) -> Limits:
    """Limits without the restrictions whose quasi-p-value is too large, the largest first."""
    limits = dict(limits)
    while limits:
        found = quasi_p(x, event, limits)
        worst = max(found, key=lambda dimension: found[dimension])
        if found[worst] <= CHANCE / x.shape[1]:
            break
        del limits[worst]
    return limits


def peel(x: np.ndarray, event: np.ndarray, columns: np.ndarray) -> list[Limits]:
    """Limits from none on, each a peel smaller than the last: what raises the density most per run that it takes."""
    least = max(LEAST_RUNS, LEAST_MASS * len(x))
    rows = np.arange(len(x))
    limits: Limits = {}
    path: list[Limits] = [{}]
    while True:
        part, hits = x[np.ix_(rows, columns)], event[rows]
        cut = _best_cut(part, hits, least)
        if cut is None:
            return path
        side, place, bound = cut
        dimension = int(columns[place])
        low, high = limits.get(dimension, (None, None))
        limits = limits | {dimension: (bound, high) if side == 0 else (low, bound)}
        keeps = part[:, place] >= bound if side == 0 else part[:, place] <= bound
        rows = rows[keeps]
        path.append(limits)


def _best_cut(part: np.ndarray, hits: np.ndarray, least: float) -> tuple[int, int, float] | None:
    """The peel that raises the density most per run that it takes: (0 from below or 1 from above, column, bound within).

    Where none raises it, the one that lowers it least, since what lies behind may; None if no peel leaves enough runs.
    """
    ordered = np.sort(part, axis=0)
    take = max(1, int(PEEL * len(part)))
    lows, highs = _next_up(ordered, take), _next_down(ordered, len(part) - 1 - take)
    mean, best, found = float(hits.mean()), -np.inf, None
    for side, bounds in enumerate((lows, highs)):
        keeps = part >= bounds if side == 0 else part <= bounds
        counts = keeps.sum(axis=0)
        ok = (counts >= least) & (counts < len(part))
        if not ok.any():
            continue
        means = np.divide(hits.astype(float) @ keeps, counts, out=np.zeros(len(counts)), where=counts > 0)
        rise, taken = means - mean, np.maximum(1, len(part) - counts)
        score = np.where(ok, np.where(rise > 0, rise / taken, rise * taken), -np.inf)
        place = int(np.argmax(score))
        if score[place] > best:
            best, found = float(score[place]), (side, place, float(bounds[place]))
    return found


def _next_up(ordered: np.ndarray, take: int) -> np.ndarray:
    """Per sorted column the least value that is kept by a peel from below: above the lowest one. Shape (columns,)."""
    bounds: np.ndarray = ordered[take].copy()
    for column in np.flatnonzero(bounds == ordered[0]):
        place = int(np.searchsorted(ordered[:, column], bounds[column], side="right"))
        bounds[column] = ordered[place, column] if place < len(ordered) else np.inf
    return bounds


def _next_down(ordered: np.ndarray, place: int) -> np.ndarray:
    """Per sorted column the largest value that is kept by a peel from above: below the highest one. Shape (columns,)."""
    bounds: np.ndarray = ordered[place].copy()
    for column in np.flatnonzero(bounds == ordered[-1]):
        below = int(np.searchsorted(ordered[:, column], bounds[column], side="left")) - 1
        bounds[column] = ordered[below, column] if below >= 0 else -np.inf
    return bounds


def paste(x: np.ndarray, event: np.ndarray, limits: Limits) -> Limits:
    """Limits moved to values of other futures, one at a time, as long as that raises the gain."""
    limits, best = dict(limits), gain(event, inside(x, limits))
    moved = True
    while moved:
        moved = False
        for dimension in list(limits):
            others = inside(x, {k: v for k, v in limits.items() if k != dimension})
            for pair in _moves(limits[dimension], np.unique(x[others, dimension])):
                tried = limits | {dimension: pair}
                if (reached := gain(event, inside(x, tried))) > best + 1e-12:
                    limits, best, moved = tried, reached, True
    return limits


def _moves(pair: tuple[float | None, float | None], values: np.ndarray) -> list[tuple[float | None, float | None]]:
    """Intervals with one end moved: by up to a peel of the values, in or out, or by any number of peels."""
    steps = max(1, int(PEEL * len(values)))
    near = [s for k in (steps // 2, steps // 4, steps // 8, 1) for s in (k, -k) if k]
    offsets = [*near, *range(-len(values), len(values), steps)]
    found: list[tuple[float | None, float | None]] = []
    for side, end in enumerate(pair):
        if end is None:
            continue
        place = int(np.searchsorted(values, end))
        for offset in offsets:
            if 0 <= place + offset < len(values):
                value = float(values[place + offset])
                found.append((value, pair[1]) if side == 0 else (pair[0], value))
    return found
