"""How many runs are enough: for the decision between packages, and the coefficient-of-variation curve.

A curve has settled after n runs if it stays within 0.01 of its end from there on (the criterion of Lorscheid et al. 2012 and
Lee et al. 2015, JASSS 18(4)4); that is trusted only if n is at most half of the runs.
"""

from typing import TYPE_CHECKING

import numpy as np

from clusterpact.results.arrow import Table, by_policy, names_of, numbers
from clusterpact.results.language import _, plural, written
from clusterpact.results.statistics.matters import smallest_that_matters

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 0.01
FEWEST_RUNS = 10  #: the curve is not read before
DECIDED = "cumulative_mt"  #: the outcome that packages are told apart by
NORMAL = 1.96  #: errors of a mean in half a 95 % interval


def standard_error(values: "np.ndarray | pd.Series[float]") -> float:
    """Monte Carlo error of a mean (one standard error); nan for fewer than two runs."""
    return float(np.std(np.asarray(values, float), ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


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


def watched(outcomes: Table) -> dict[str, str]:
    """Outcomes whose curves are watched, with their labels: the last abated share, and total emissions."""
    last = [name for name in names_of(outcomes) if name.startswith("abated_share_")][-1]
    share = _("abated share in {year}").format(year=last.rsplit("_", 1)[1])
    return {last: share, "cumulative_mt": _("CO2 emitted over the horizon")}


def advice(outcomes: Table, baseline: str) -> str:
    """One line: whether the runs suffice for the decision between packages, and if not, how many would.

    The decision is on total emissions: a package is told from the baseline if the 95 % interval of the paired difference
    leaves out zero, or is smaller than what matters. Half of what is seen, or of what matters if that is more, is the error
    that is asked for.
    """
    wide = by_run(outcomes, DECIDED)
    runs = len(next(iter(wide.values()), ()))
    if runs < FEWEST_RUNS or baseline not in wide:
        return _("Runs: more are needed. There are {runs}; try --runs 200.").format(runs=written(f"{runs:,}"))
    smallest = smallest_that_matters("Mt", float(np.nanmean(wide[baseline])), outcomes)
    others = [name for name in wide if name != baseline]
    if not others:
        half = NORMAL * standard_error(_there(wide[baseline]))
        error = written(f"{half:.2g}")
        if half <= smallest:
            return _("Runs: enough. CO2 emitted over the horizon is known to ±{error} Mt (95 %).").format(error=error)
        text = _("Runs: more are needed. CO2 emitted over the horizon is known to ±{error} Mt (95 %); try --runs {more}.")
        return text.format(error=error, more=_wanted(runs, half / max(smallest, 0.01 * half)))
    open_ones = []
    for policy in others:
        gap = _there(wide[policy] - wide[baseline])
        mean, half = abs(float(gap.mean())), NORMAL * standard_error(gap)
        if half > 0 and mean <= half and mean + half >= smallest:
            open_ones.append((2 * half / max(mean, smallest, 0.02 * half), policy, float(gap.mean()), half))
    if not open_ones:
        text = _("Runs: enough. {runs} tell every package from {baseline} in CO2 emitted, or as alike (95 %).")
        return text.format(runs=written(f"{runs:,}"), baseline=baseline)
    ratio, policy, mean, half = max(open_ones)
    others_open = len(open_ones) - 1
    text = _(
        "Runs: {runs} do not tell {policy} from {baseline} in CO2 emitted ({mean} ±{error} Mt, 95 %); try --runs {more}."
    )
    if others_open:
        text = plural(
            "Runs: {runs} do not tell {policy} from {baseline} in CO2 emitted ({mean} ±{error} Mt, 95 %), nor {count} more; "
            "try --runs {more}.",
            "Runs: {runs} do not tell {policy} from {baseline} in CO2 emitted ({mean} ±{error} Mt, 95 %), nor {count} more; "
            "try --runs {more}.", others_open)  # fmt: skip
    return text.format(runs=written(f"{runs:,}"), policy=policy, baseline=baseline, mean=written(f"{mean:+.2g}"),
                       error=written(f"{half:.2g}"), count=others_open, more=_wanted(runs, ratio))  # fmt: skip


def by_run(outcomes: Table, column: str) -> dict[str, np.ndarray]:
    """An outcome by policy, run by run of all that there are, NaN where a policy lacks one."""
    runs, places = np.unique(numbers(outcomes, "run"), return_inverse=True)
    values, wide = numbers(outcomes, column).astype(float), {}
    for policy, rows in by_policy(outcomes).items():
        wide[policy] = np.full(len(runs), np.nan)
        wide[policy][places[rows]] = values[rows]
    return wide


def _there(values: np.ndarray) -> np.ndarray:
    found: np.ndarray = values[~np.isnan(values)]
    return found


def _wanted(runs: int, ratio: float) -> int:
    """How many runs would shrink an interval by a ratio, to two digits; errors shrink with the root of their number."""
    return rounded_up(runs * max(ratio, 1.1) ** 2)


def rounded_up(wanted: float) -> int:
    """A number of runs, rounded up to two digits."""
    step = 10 ** max(0, int(np.log10(max(wanted, 1.0))) - 1)
    return int(-(-wanted // step) * step)
