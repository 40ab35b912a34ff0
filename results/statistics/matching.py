"""History matching: which points of the parameter space one observed history does not rule out, and what that says.

A point is implausible if the record lies too far from what an emulator expects there, in units of everything that may keep
them apart: the emulator's own error, luck (the record is one run of history, so luck counts in full), the simulator's
discrepancy and the error of the observation. Waves of runs in what is left sharpen the emulators; no wave readmits a point.
Sources: Vernon, Goldstein and Bower (2010), Bayesian Anal. 5:619; Andrianakis et al. (2015), PLoS Comput. Biol. 11:e1003968.

The second-largest measure rules out by default, since one bad emulator or one surprising statistic should not. Its price: a
parameter that moves one statistic alone is never bounded by it. So for the last word, after a look at `Emulator.errors`,
take rank 1, or weights.

Three sigma on counts: Pukelsheim's rule (at least 95 % within three sigma) needs one hump, not symmetry, and holds. But it
is not 0.3 %. With roots of Poisson counts, a record of 0 is 3 sigma off where its chance is still 4 % (mean 3.3); with roots
of count + 3/8, where it is 1.3 %. So a zero throws points out early, which the second-largest measure forgives once. If
counts come in bursts (variance above mean + mean^2 / 2), luck hides 0 within 3 sigma whatever the mean: then 0 rules out
next to nothing. Where zeros matter, make the share of replicates with 0 a statistic of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from clusterpact.results.statistics.emulation import Emulator, predict, sobol

CUTOFF = 3.0
RANK = 2
BATCH = 4096
TRIES = 2**17  #: points of the whole space that `next_wave` tries before it moves around survivors
SWEEPS = 3
BLOCK = 4  #: factors that move together
SHRINKS = 30
CONFIDENCE = 0.95
SAYS_NOTHING = "the record says nothing about it"

Kept = Callable[[np.ndarray], np.ndarray]  #: which of points (points, factors) are not ruled out, shape (points,)


@dataclass(frozen=True, eq=False)
class Targets:
    """The record: values, and variances of discrepancy and observation, each of shape (statistics,)."""

    observed: np.ndarray
    discrepancy: np.ndarray
    observation: np.ndarray


def measured(points: np.ndarray, emulators: Sequence[Emulator], targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    """Implausibility and the variance it is measured by, each of shape (points, statistics)."""
    means, variances, luck = predict(emulators, points)
    whole = variances + luck + targets.discrepancy + targets.observation
    gap = np.abs(targets.observed - means)
    off = np.where(gap > 0, np.inf, 0.0)  # a statistic that never varies is hit or missed
    return np.divide(gap, np.sqrt(whole), out=off, where=whole > 0), whole


def implausibility(points: np.ndarray, emulators: Sequence[Emulator], targets: Targets) -> np.ndarray:
    """Distance of the record from every statistic's expectation, in standard deviations: (points, statistics)."""
    return measured(points, emulators, targets)[0]


def largest(measures: np.ndarray, rank: int = 1) -> np.ndarray:
    """The rank-largest measure of every point, of measures (points, statistics): shape (points,)."""
    rank = min(rank, measures.shape[1])
    return np.asarray(np.partition(measures, -rank, axis=1)[:, -rank])


def kept_test(waves: Sequence[tuple[Sequence[Emulator], Targets]], cutoff: float = CUTOFF, rank: int = RANK) -> Kept:
    """The test of what no wave has ruled out: rank-largest measure within the cutoff. Later waves only see survivors."""

    def kept(points: np.ndarray) -> np.ndarray:
        alive = np.ones(len(points), bool)
        for emulators, targets in waves:
            exceeded = np.zeros(len(points), int)
            for k, item in enumerate(emulators):
                part = Targets(
                    *(values[k : k + 1] for values in (targets.observed, targets.discrepancy, targets.observation))
                )
                rows = np.flatnonzero(alive)
                exceeded[rows] += implausibility(points[rows], [item], part)[:, 0] > cutoff
                alive &= exceeded < min(rank, len(emulators))
        return alive

    return kept


def next_wave(kept: Kept, count: int, factors: int, seed: int, tries: int = TRIES) -> tuple[np.ndarray, float]:
    """Points of what is left, uniformly, of shape (count, factors); and the share of the whole space that is left.

    The first survivors of a Sobol set. Where `tries` points leave too few, the survivors start walks which keep the uniform
    distribution (slices of random blocks of factors, Neal 2003); the points that they reach depend on one another the more,
    the fewer the survivors were. Raises ValueError where nothing survives.
    """
    sequence = sobol(factors, seed)
    found: list[np.ndarray] = []
    tried = survivors = 0
    while tried < tries and survivors < count:
        points = sequence.random(BATCH)
        found.append(points[kept(points)])
        tried, survivors = tried + BATCH, survivors + len(found[-1])
    points = np.concatenate(found)
    if not survivors:
        raise ValueError(f"all of {tried:,} points are ruled out; check emulators and discrepancies, or try more")
    if survivors < count:
        starts = points[np.arange(count - survivors) % survivors]
        points = np.concatenate([points, walk(kept, starts, np.random.default_rng(seed))])
    return points[:count], survivors / tried


def walk(kept: Kept, starts: np.ndarray, rng: np.random.Generator, sweeps: int = SWEEPS) -> np.ndarray:
    """Where kept starts (points, factors) get to: every sweep draws all factors anew, block by block.

    A block is drawn from the whole cube; at a point that is ruled out, its box shrinks towards where it stood, until a
    point is kept. A block that has found none after some shrinks stays where it was.
    """
    here = starts.copy()
    count, factors = here.shape
    blocks = -(-factors // BLOCK)
    for _ in range(sweeps):
        order = rng.permuted(np.tile(np.arange(factors), (count, 1)), axis=1)
        for block in range(blocks):
            chosen = order[:, block::blocks]
            stood = np.take_along_axis(here, chosen, axis=1)
            low, high = np.zeros_like(stood), np.ones_like(stood)
            open_rows = np.arange(count)
            for _ in range(SHRINKS):
                low_now, high_now = low[open_rows], high[open_rows]
                drawn = low_now + (high_now - low_now) * rng.random(low_now.shape)
                tried = here[open_rows]
                np.put_along_axis(tried, chosen[open_rows], drawn, axis=1)
                good = kept(tried)
                here[open_rows[good]] = tried[good]
                open_rows, drawn = open_rows[~good], drawn[~good]
                if not len(open_rows):
                    break
                below = drawn < stood[open_rows]
                low[open_rows] = np.where(below, drawn, low[open_rows])
                high[open_rows] = np.where(below, high[open_rows], drawn)
    return here


def independent_statistics(runs: np.ndarray) -> float:
    """How many independent statistics the luck of runs (points, replicates, statistics) amounts to: 1 to statistics.

    The participation ratio of the eigenvalues of their correlation from run to run, within points.
    """
    within = (runs - runs.mean(axis=1, keepdims=True)).reshape(-1, runs.shape[2])
    within = within[:, within.std(axis=0) > 0]
    if within.shape[1] < 2:
        return 1.0
    correlation = within.T @ within
    scale = np.sqrt(np.diag(correlation))
    return float(within.shape[1] ** 2 / ((correlation / np.outer(scale, scale)) ** 2).sum())


def likelihood_weights(measures: np.ndarray, variances: np.ndarray | None = None, independent: float = 1.0,
                       clip: float = CUTOFF) -> tuple[np.ndarray, float]:  # fmt: skip
    """Weights of kept points (points,), adding up to 1, and their effective sample size 1 / sum of squares.

    measures, variances: of `measured`, (points, statistics). A weight is the Gaussian likelihood of every statistic, with
    measures clipped (a surprise counts no more than 3 sigma), to the power independent / statistics: a composite
    likelihood that counts `independent` statistics (Ribatet, Cooley and Davison 2012). Without variances, points of much
    luck look better than they are.

    Power 1 would take all statistics for independent and all emulators for true: twenty small errors of emulation then add
    up to a factor of thousands between neighbours, and the ensemble becomes a few points. By default all of them count as
    one. Too flat a weight keeps points that have not been ruled out anyway; too sharp a one follows errors of the emulators.
    `independent_statistics` says what luck allows at most.
    """
    terms = np.minimum(measures, clip) ** 2
    if variances is not None:
        terms = terms + np.log(variances)
    log = -0.5 * independent * terms.mean(axis=1)
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    return weights, float(1 / (weights**2).sum())


def identifiability(prior: np.ndarray, kept: np.ndarray, weights: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """What the record says about every parameter, a row each; prior (n, factors), kept (points, factors), weights (points,).

    low, high: the weighted 90 % interval of what is kept; width: its width, prior_width: that of the prior, ratio: of the
    two. distance: largest gap between the two distributions (Kolmogorov and Smirnov); level_one: what chance exceeds in 5 %
    of cases, for the effective sample size; level: the same for the largest of all parameters together (with 70, three or
    four exceed the former by chance). The verdict goes by `level`: `the record says nothing about it`, or which ends
    the record takes weight from.
    """
    chance = 1 - CONFIDENCE
    size = 1 / (1 / len(prior) + (weights**2).sum() / weights.sum() ** 2)
    level_one, level = (float(stats.kstwobign.isf(p) / np.sqrt(size)) for p in (chance, chance / len(names)))
    even = np.full(len(prior), 1 / len(prior))
    rows = []
    for j, name in enumerate(names):
        first, last = quantiles(prior[:, j], even, (0.05, 0.95))
        low, high = quantiles(kept[:, j], weights, (0.05, 0.95))
        at = np.sort(np.concatenate([prior[:, j], kept[:, j]]))
        gap = share_below(at, kept[:, j], weights) - share_below(at, prior[:, j], even)
        rows.append({
            "parameter": name, "prior_width": last - first, "width": high - low, "ratio": (high - low) / (last - first),
            "low": low, "high": high, "distance": float(np.abs(gap).max()), "level_one": level_one, "level": level,
            "verdict": verdict(gap, level),
        })  # fmt: skip
    return pd.DataFrame(rows)


def verdict(gap: np.ndarray, level: float) -> str:
    """In words, the gap of two distribution functions (kept less prior) along the axis."""
    from_above, from_below = gap.max() > level, -gap.min() > level
    if from_above and from_below:
        return "bounded from both sides" if gap.argmin() < gap.argmax() else "the middle is disfavoured"
    if from_above or from_below:
        return "bounded from above" if from_above else "bounded from below"
    return SAYS_NOTHING


def share_below(at: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted share of values (n,) at or below every place: the shape of `at`."""
    order = np.argsort(values, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weights[order])]) / weights.sum()
    return np.asarray(total[np.searchsorted(values[order], at, side="right")])


def quantiles(values: np.ndarray, weights: np.ndarray, shares: Sequence[float]) -> list[float]:
    """Weighted quantiles of values (n,)."""
    order = np.argsort(values, kind="stable")
    total = (np.cumsum(weights[order]) - 0.5 * weights[order]) / weights.sum()
    return [float(np.interp(share, total, values[order])) for share in shares]


def ridges(kept: np.ndarray, weights: np.ndarray, names: Sequence[str], most: int = 20) -> pd.DataFrame:
    """Pairs of parameters that the record ties together: rank correlations of kept points beyond chance, strongest first.

    level: what the largest of all pairs exceeds in 5 % of cases where none is tied. A bent or V-shaped ridge may not show.
    """
    ranks = stats.rankdata(kept, axis=0)
    share = weights / weights.sum()
    spread = ranks - share @ ranks
    covariance = (spread * share[:, None]).T @ spread
    deviation = np.sqrt(np.diag(covariance))
    first, second = np.triu_indices(len(names), 1)
    correlation = covariance[first, second] / np.maximum(deviation[first] * deviation[second], 1e-300)
    freedom = max(1 / float((share**2).sum()) - 2, 1.0)
    quantile = float(stats.t.isf((1 - CONFIDENCE) / 2 / max(len(first), 1), freedom))
    level = quantile / float(np.sqrt(freedom + quantile**2))
    order = np.argsort(-np.abs(correlation), kind="stable")
    rows = [(names[first[i]], names[second[i]], float(correlation[i]), level) for i in order if abs(correlation[i]) > level]
    return pd.DataFrame(rows[:most], columns=["first", "second", "correlation", "level"])
