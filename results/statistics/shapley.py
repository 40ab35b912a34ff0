"""Shares of the variance of an outcome by groups of inputs: Shapley effects, and Sobol's first-order and total indices.

The design draws every group twice, A and B, for each of n samples, and runs all 2^g mixtures: number s takes a group from B
where its bit is set. Two mixtures that differ in the groups w have half their mean squared difference as the variance
that is left when all others are known (Jansen 1999, Comput. Phys. Commun. 117:35); every pair of the cube is used. Shapley's
value of that variance shares interactions evenly among groups, and the shares add up to one (Owen 2014, SIAM/ASA J.
Uncertain. Quantif. 2:245; Song, Nelson and Staum 2016, ibid. 4:1060). Intervals: bootstrap over the samples.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 1000


@dataclass(frozen=True)
class Shares:
    """Of one outcome, per group, shape (groups,): Shapley share with its interval, first-order and total index."""

    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first: np.ndarray
    total: np.ndarray
    variance: float


def left_over(values: np.ndarray) -> np.ndarray:
    """Of every sample and every set of groups, half the mean squared difference; values: (samples, 2**groups)."""
    mixtures = np.arange(values.shape[1])
    left = np.empty(values.shape)
    for groups in mixtures:
        left[:, groups] = 0.5 * ((values - values[:, mixtures ^ groups]) ** 2).mean(axis=1)
    return left


def shapley(worth: np.ndarray) -> np.ndarray:
    """Shapley values of the groups; worth: of every set of groups by its number, shape (..., 2**groups)."""
    groups = int(worth.shape[-1]).bit_length() - 1
    found = np.zeros((*worth.shape[:-1], groups))
    for others in range(worth.shape[-1]):
        size = others.bit_count()
        for group in range(groups):
            if not others >> group & 1:
                weight = factorial(size) * factorial(groups - size - 1) / factorial(groups)
                found[..., group] += weight * (worth[..., others | 1 << group] - worth[..., others])
    return found


def shares(values: np.ndarray, seed: int) -> Shares:
    """Shares of the variance; values: an outcome, (samples, 2**groups). All nan if it never varies."""
    left = left_over(values)
    worth = left.mean(axis=0)
    groups = int(values.shape[1]).bit_length() - 1
    single = 1 << np.arange(groups)
    whole = float(worth[-1])
    if not whole > 0.0:
        nothing = np.full(groups, np.nan)
        return Shares(nothing, nothing, nothing, nothing, nothing, 0.0)
    counts = np.random.default_rng(seed).multinomial(len(left), np.full(len(left), 1 / len(left)), RESAMPLES)
    again = counts @ left / len(left)
    with np.errstate(invalid="ignore"):
        spread = shapley(again) / again[:, -1:]
    low, high = np.nanquantile(spread, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    first = 1.0 - worth[worth.size - 1 - single] / whole
    return Shares(shapley(worth) / whole, low, high, first, worth[single] / whole, whole)
