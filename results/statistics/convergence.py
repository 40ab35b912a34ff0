"""How many runs are enough: standard errors, and the coefficient-of-variation curve.

A curve has settled after n runs if it stays within 0.01 of its end from there on (the criterion of Lorscheid et al. 2012 and
Lee et al. 2015, JASSS 18(4)4); that is trusted only if n is at most half of the runs.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

TOLERANCE = 0.01
FEWEST_RUNS = 10  #: the curve is not read before


def standard_error(values: "pd.Series[float]") -> float:
    """Monte Carlo error of a mean (one standard error); nan for fewer than two runs."""
    return float(np.std(values.to_numpy(float), ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def variation_curve(values: np.ndarray) -> np.ndarray:
    """Coefficient of variation (standard deviation over mean) of the first 1, 2, … runs, shape (runs,); nan at first."""
    x = np.asarray(values, float)
    n = np.arange(1, len(x) + 1)
    shifted = x - x[0]  # keeps the running variance exact for values far from zero
    total, squares = np.cumsum(shifted), np.cumsum(shifted * shifted)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (squares - total * total / n) / (n - 1)
        mean = x[0] + total / n
        curve = np.sqrt(np.maximum(variance, 0)) / np.abs(mean)
    return np.where(variance <= 0, 0.0, np.where(mean != 0, curve, np.nan))


def settled_after(values: np.ndarray) -> int | None:
    """Runs after which the curve stays within the tolerance of its end; None if that takes more than half of the runs."""
    curve = variation_curve(values)
    if len(curve) < 2 * FEWEST_RUNS or not np.isfinite(curve[-1]):
        return None
    off = np.flatnonzero(~(np.abs(curve - curve[-1]) < TOLERANCE))
    first = max(FEWEST_RUNS, int(off[-1]) + 2 if len(off) else FEWEST_RUNS)
    return first if first <= len(curve) // 2 else None


def watched(outcomes: pd.DataFrame) -> dict[str, str]:
    """Outcomes whose curves are watched, with their labels: the last abated share, and total emissions."""
    last = [name for name in outcomes.columns if name.startswith("abated_share_")][-1]
    return {last: f"abated share in {last.rsplit('_', 1)[1]}", "cumulative_mt": "CO2 emitted over the horizon"}


def verdicts(outcomes: pd.DataFrame) -> Iterator[tuple[str, str, int | None]]:
    """Per policy and watched outcome: (policy, label, runs after which the curve has settled or None)."""
    for policy, rows in outcomes.groupby("policy", sort=False):
        for column, label in watched(outcomes).items():
            yield str(policy), label, settled_after(rows[column].to_numpy())


def advice(outcomes: pd.DataFrame) -> str:
    """One line: whether the runs suffice, and if not, what has not settled."""
    runs = int(outcomes.groupby("policy").size().max()) if len(outcomes) else 0
    found = list(verdicts(outcomes))
    open_ones = [f"{label} ({policy})" for policy, label, settled in found if settled is None]
    if not found:
        return "Runs: more are needed. There is none yet."
    if not open_ones:
        latest = max(settled for _, _, settled in found if settled is not None)
        return f"Runs: enough. The coefficients of variation settled within {TOLERANCE} after {latest:,} of {runs:,} runs."
    more = "" if len(open_ones) == 1 else f" and {len(open_ones) - 1} more"
    return (
        f"Runs: more are needed. After {runs:,} the coefficient of variation has not settled within {TOLERANCE} for "
        f"{open_ones[0]}{more}; try --runs {max(2 * runs, 200)}."
    )
