"""Sums, lines and factors in plain floats: a world is made of the same numbers on every machine (no BLAS, no libm)."""

import math
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np


def straight(x: float, known: Sequence[float], values: Sequence[float], beyond: float | None = None) -> float:
    """The value at x on straight lines between known places, which rise; beyond them `beyond`, or else what stands there.

    >>> straight(2027, [2025, 2030], [10.0, 20.0]), straight(2040, [2025, 2030], [10.0, 20.0]), straight(1, [2], [3.0], -1.0)
    (14.0, 20.0, -1.0)
    """
    if not known[0] <= x <= known[-1]:
        return beyond if beyond is not None else values[0 if x < known[0] else -1]
    k = min(bisect_right(known, x), len(known) - 1)
    if k == 0 or x == known[k]:
        return values[k]
    share = (x - known[k - 1]) / (known[k] - known[k - 1])
    return values[k - 1] + share * (values[k] - values[k - 1])


def cholesky(matrix: np.ndarray) -> np.ndarray:
    """The lower triangle L of L L' = matrix, (n, n); ValueError if the matrix is not positive definite."""
    lower = np.zeros_like(matrix)
    for i, row in enumerate(matrix.tolist()):
        for j in range(i + 1):
            left = row[j] - math.fsum(lower[i, k] * lower[j, k] for k in range(j))
            if i == j and left <= 0.0:
                raise ValueError("the matrix is not positive definite")
            lower[i, j] = math.sqrt(left) if i == j else left / lower[j, j]
    return lower
