"""What is reported of a search: the front and the packages made by hand on fresh luck, and what choosing has flattered."""

import numpy as np
import pandas as pd
from scipy import stats

from clusterpact.experiments.search.evolution import Judge, Member
from clusterpact.experiments.search.settings import Search
from clusterpact.results.statistics.compare import CONFIDENCE, holm
from clusterpact.results.statistics.front import dominated_by, knee
from clusterpact.results.statistics.kinds import FOUND, HAND

RESAMPLES = 1000


def judged(search: Search, members: list[Member], hand: int, baseline: int) -> None:
    """Work out objectives of packages, of which the first so many are made by hand, from the same runs of each."""
    judge = Judge(search, members[:hand], baseline, RESAMPLES)
    for member in members[hand:]:
        judge.judge(member)


def front_table(search: Search, known: list[Member], fresh: list[Member], hand: int, baseline: int) -> pd.DataFrame:
    """Every package made by hand and of the front, a row each: its statistics on fresh luck, in their own units.

    NAME, NAME_low, NAME_high: an objective or a constraint with its 95 % interval (bootstrap over runs); of objectives also
    NAME_searched: what the search took it for; NAME_shrinkage: by how much less it is ahead of the baseline on fresh luck.
    keeps_constraints;
    dominated_by: packages that dominate it on fresh luck; knee: the package of the front that is nearest to the best of
    every objective.
    """
    objectives = np.array([one.objectives[0] for one in fresh])
    broken = np.array([one.broken[0] for one in fresh])
    before = np.array([one.objectives[0] for one in known])
    shrunk = (objectives - objectives[baseline]) - (before - before[baseline])
    dominated = dominated_by(objectives, broken)
    names = [one.package.name for one in fresh]
    middle = hand + knee(objectives[hand:]) if len(fresh) > hand else -1
    rows = []
    for k, (after, package) in enumerate((one, one.package) for one in fresh):
        row: dict[str, object] = {"package": package.name, "made": HAND if k < hand else FOUND}
        for column, aim in enumerate(search.objectives):
            low, high = _interval(aim.sign * after.objectives[1:, column])
            row |= {aim.name: aim.sign * objectives[k, column], f"{aim.name}_low": low, f"{aim.name}_high": high,
                    f"{aim.name}_searched": aim.sign * before[k, column],
                    f"{aim.name}_shrinkage": shrunk[k, column]}  # fmt: skip
        for aim, held in zip(search.constraints, after.bounded.T, strict=True):
            low, high = _interval(held[1:])
            row |= {aim.name: held[0], f"{aim.name}_low": low, f"{aim.name}_high": high}
        words = [f"{name} {package.in_words(name)}" for name in package.schedules]
        rows.append(row | {
            "keeps_constraints": bool(broken[k] == 0.0), "knee": k == middle,
            "dominated_by": "; ".join(names[other] for other in np.flatnonzero(dominated[k])),
            "governance_mode": package.governance_mode or "", "instruments": "; ".join(words),
        })  # fmt: skip
    return pd.DataFrame(rows)


def against(search: Search, fresh: list[Member], hand: int) -> pd.DataFrame:
    """Every package of the front against every one made by hand, on fresh luck: a row per pair and objective.

    difference: of the objective, with its 95 % interval; p_holm: adjusted for all rows of the table; verdict: better or
    worse if the difference stands after that, else tied.
    """
    rows = []
    for mine in fresh[hand:]:
        for other in fresh[:hand]:
            for column, aim in enumerate(search.objectives):
                difference = mine.objectives[:, column] - other.objectives[:, column]
                low, high = _interval(aim.sign * difference[1:])
                rows.append({
                    "package": mine.package.name, "against": other.package.name, "objective": aim.written,
                    "difference": aim.sign * difference[0], "low": low, "high": high, "p_value": _p_value(difference),
                    "advantage": -difference[0],
                })  # fmt: skip
    names = ["package", "against", "objective", "difference", "low", "high", "p_value", "advantage"]
    table = pd.DataFrame(rows, columns=names)
    table["p_holm"] = holm(table["p_value"].to_numpy(float))
    stands = (table["p_holm"] < 1 - CONFIDENCE).to_numpy()
    table["verdict"] = np.where(stands, np.where(table["advantage"] > 0, "better", "worse"), "tied")
    return table.drop(columns="advantage")


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _p_value(difference: np.ndarray) -> float:
    """Two-sided p value of no difference, of a statistic (first) and its resamples, taken as normal."""
    spread = float(difference[1:].std(ddof=1))
    if spread == 0.0:
        return 1.0 if difference[0] == 0.0 else 0.0
    return float(2 * stats.norm.sf(abs(difference[0]) / spread))
