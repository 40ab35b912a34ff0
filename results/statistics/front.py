"""Many objectives at once: who dominates whom, fronts, crowding, hypervolume, and statistics with a bootstrap over runs.

Objectives are of shape (packages, objectives), each to be made small; `broken` is by how much a package breaks its
constraints, of shape (packages,), 0 where it keeps them. Who keeps them dominates who does not (Deb 2000).
Sources: Deb et al. (2002), IEEE Trans. Evol. Comput. 6:182 (NSGA-II); Zitzler & Thiele (1999), ibid. 3:257 (hypervolume);
Rubin (1981), Ann. Stat. 9:130 (Bayesian bootstrap); Beume et al. (2007), Eur. J. Oper. Res. 181:1653 (SMS-EMOA).
"""

from functools import cache

import numpy as np
from scipy.stats import qmc

from clusterpact.results.statistics.kinds import KINDS

POINTS = 2048  #: of the box that a hypervolume is counted in: the same ones each time, so that differences are told well


def weights(resamples: int, runs: int, seed: int) -> np.ndarray:
    """Weights of runs for a Bayesian bootstrap, shape (1 + resamples, runs): the first row weighs all alike.

    The weights of a run are its own, whatever number of runs is asked for, so that resamples are the same for packages of
    which few and many runs are known.
    """
    drawn = [np.random.default_rng([seed, run]).exponential(size=resamples) for run in range(runs)]
    return np.vstack([np.ones(runs), np.array(drawn).reshape(runs, resamples).T])


def statistic(values: np.ndarray, weighed: np.ndarray, kind: str) -> np.ndarray:
    """Mean or quantile (a key of KINDS) of the values of runs, shape (runs,), under each row of weights; (rows,)."""
    total = weighed.sum(axis=1)
    fraction = KINDS[kind]
    if fraction is None:
        mean: np.ndarray = weighed @ values / total
        return mean
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weighed[:, order], axis=1)
    place = np.argmax(below >= fraction * total[:, None] * (1 - 1e-12), axis=1)
    quantile: np.ndarray = values[order][place]
    return quantile


def dominated_by(objectives: np.ndarray, broken: np.ndarray) -> np.ndarray:
    """Whether the package of a row is dominated by that of a column, shape (packages, packages)."""
    no_worse = np.ones((len(objectives), len(objectives)), bool)
    better = np.zeros_like(no_worse)
    for column in objectives.T:
        no_worse &= column[None, :] <= column[:, None]
        better |= column[None, :] < column[:, None]
    alike = broken[None, :] == broken[:, None]
    dominated: np.ndarray = np.where(alike, no_worse & better, broken[None, :] < broken[:, None])
    return dominated


def ranks(objectives: np.ndarray, broken: np.ndarray) -> np.ndarray:
    """The front that each package is in: 0 if none dominates it, 1 if only such do, and so on; shape (packages,)."""
    dominated = dominated_by(objectives, broken)
    waiting = dominated.sum(axis=1)
    found = np.full(len(objectives), -1)
    rank = 0
    while (found < 0).any():
        front = (waiting == 0) & (found < 0)
        found[front] = rank
        waiting = waiting - dominated[:, front].sum(axis=1)
        rank += 1
    return found


def crowding(objectives: np.ndarray) -> np.ndarray:
    """Crowding distance of packages of one front, shape (packages,): how far apart its neighbours are, infinite at ends."""
    count = len(objectives)
    distance = np.zeros(count)
    for column in objectives.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        distance[order[[0, -1]]] = np.inf
        if span > 0 and count > 2:
            distance[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return distance


def best(objectives: np.ndarray, broken: np.ndarray, count: int) -> np.ndarray:
    """Places of the best so many packages: front by front, and the last of them where it is least crowded."""
    rank = ranks(objectives, broken)
    chosen: list[int] = []
    for front in range(int(rank.max(initial=-1)) + 1):
        members = np.flatnonzero(rank == front)
        room = count - len(chosen)
        if len(members) > room:
            members = members[np.argsort(-crowding(objectives[members]), kind="stable")[:room]]
        chosen += members.tolist()
        if len(chosen) == count:
            break
    return np.array(sorted(chosen), int)


def clearly_dominated(objectives: np.ndarray, broken: np.ndarray, by: np.ndarray, least: float) -> np.ndarray:
    """Packages that one of those at the places `by` dominates in at least this share of resamples.

    objectives: (1 + resamples, packages, objectives), packages with the same runs paired; broken: (1 + resamples, packages).
    """
    count = objectives.shape[1]
    found = np.zeros(count, bool)
    for other in by:
        no_worse = (objectives[1:, [other], :] <= objectives[1:]).all(axis=2)
        better = (objectives[1:, [other], :] < objectives[1:]).any(axis=2)
        alike = broken[1:, [other]] == broken[1:]
        beats = np.where(alike, no_worse & better, broken[1:, [other]] < broken[1:])
        found |= beats.mean(axis=0) >= least
    return found


def hypervolume(objectives: np.ndarray, ideal: np.ndarray, worst: np.ndarray) -> float:
    """Share of the box from `ideal` to `worst`, both (objectives,), that packages dominate, counted at Sobol points.

    An objective in which the box has no extent is left out; 0 where none has any.
    """
    return float(_covered(objectives, ideal, worst).any(axis=0).mean())


def _covered(objectives: np.ndarray, ideal: np.ndarray, worst: np.ndarray) -> np.ndarray:
    """Which points of a box each package dominates, (packages, POINTS)."""
    wide = worst > ideal
    if not wide.any() or not len(objectives):
        return np.zeros((len(objectives), POINTS), bool)
    scaled = (objectives[:, wide] - ideal[wide]) / (worst[wide] - ideal[wide])
    covered = np.ones((len(scaled), POINTS), bool)
    for column, places in zip(scaled.T, _sobol(int(wide.sum())).T, strict=True):
        covered &= column[:, None] <= places
    return covered


def thinned(objectives: np.ndarray, broken: np.ndarray, most: int, box: tuple[np.ndarray, np.ndarray]) -> list[int]:
    """Places of packages that none dominates, at most so many of them; box: its ideal and its worst corner.

    They are taken in their order. Of one too many, the one goes that alone dominates the fewest points of the box, of
    several the most crowded: so no package makes the hypervolume of those before it any smaller (as in SMS-EMOA).
    """
    covered = _covered(objectives, *box) & (broken == 0.0)[:, None]
    kept: list[int] = []
    for k in range(len(objectives)):
        others, alike = objectives[kept], broken[kept] == broken[k]
        as_good, as_bad = (others <= objectives[k]).all(axis=1), (others >= objectives[k]).all(axis=1)
        if np.where(alike, as_good, broken[kept] < broken[k]).any():
            continue
        is_lost = np.where(alike, as_bad, broken[kept] > broken[k])
        kept = [*(one for one, lost in zip(kept, is_lost, strict=True) if not lost), k]
        if len(kept) > most:
            alone = (covered[kept] & (covered[kept].sum(axis=0) == 1)).sum(axis=1)
            del kept[int(np.lexsort((-np.arange(len(kept)), crowding(objectives[kept]), alone))[0])]
    return kept


@cache
def _sobol(dimensions: int) -> np.ndarray:
    """Points that fill a box evenly, (POINTS, dimensions), each in the middle of its cell."""
    points: np.ndarray = qmc.Sobol(dimensions, scramble=False).random(POINTS) + 0.5 / POINTS
    return points


def knee(objectives: np.ndarray) -> int:
    """The place of the package that lies nearest to the best of every objective, each scaled to its range on the front."""
    low, high = objectives.min(axis=0), objectives.max(axis=0)
    scaled = (objectives - low) / np.where(high > low, high - low, 1.0)
    return int(np.argmin(np.sqrt((scaled**2).sum(axis=1))))
