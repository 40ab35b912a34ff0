"""Regret: in each sampled future, how far a package falls short of the best one; and what flips the ranking."""

import numpy as np
import pandas as pd
from scipy import stats

from clusterpact.results.statistics.compare import by_policy, holm

COLUMNS = ["parameter", "first", "second", "correlation", "p_value", "low_gap", "high_gap", "p_holm", "flips"]


def regret(outcomes: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Regret of every package on one outcome, a row each, least expected regret first.

    A run is a future: its uncertainties and luck are the same for every package. best_share: futures in which the package
    is best (ties are shared); mean, p90 and max of its regret, in the outcome's unit; met_all_targets_share.
    """
    wide, better = futures(outcomes, outcome)
    best = wide.max(axis=1) if better > 0 else wide.min(axis=1)
    short = wide.rsub(best, axis=0) * better
    first = short.le(1e-12 * np.maximum(1.0, best.abs()), axis=0).astype(float)
    shared = first.div(first.sum(axis=1), axis=0).mean()
    targets = [name for name in outcomes.columns if str(name).startswith("target_")]
    met = outcomes.groupby("policy", sort=False)[targets].mean() if targets else pd.DataFrame(index=wide.columns)
    columns = {
        "best_share": shared,
        "mean_regret": short.mean(),
        "p90_regret": short.quantile(0.9),
        "max_regret": short.max(),
    }
    table = pd.DataFrame(columns).rename_axis("policy").reset_index()
    for name in targets:
        table[f"{name}_share"] = met[name].reindex(table["policy"]).to_numpy()
    return table.sort_values("mean_regret", kind="stable").reset_index(drop=True)


def futures(outcomes: pd.DataFrame, outcome: str) -> tuple[pd.DataFrame, int]:
    """Values of an outcome by future (rows) and package (columns), complete futures only; and whether more is better."""
    item, wide = by_policy(outcomes, outcome)
    return wide.dropna(), item.better or 1


def flips(outcomes: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Which uncertainties decide between the two packages of least regret: strongest first.

    The gap between the two is set against each drawn parameter over futures (Spearman's rank correlation, p values
    adjusted by Holm's method); low_gap and high_gap are its means in the lowest and the highest fifth of the draws. The
    ranking flips where they differ in sign.
    """
    order = regret(outcomes, outcome)["policy"].tolist()
    draws = [str(name) for name in outcomes.columns if str(name).startswith("draw_")]
    if len(order) < 2 or not draws:
        return pd.DataFrame(columns=COLUMNS)
    first, second = order[:2]
    wide, better = futures(outcomes, outcome)
    gap = better * (wide[first] - wide[second])
    drawn = outcomes[outcomes["policy"] == first].set_index("run").loc[gap.index, draws]
    rows = []
    for name in draws:
        values = drawn[name]
        if values.nunique() < 2 or gap.nunique() < 2:
            continue
        correlation = stats.spearmanr(values, gap)
        low, high = values.quantile([0.2, 0.8])
        row = {"parameter": name.removeprefix("draw_"), "first": first, "second": second}
        row |= {"correlation": float(correlation.statistic), "p_value": float(correlation.pvalue)}
        rows.append(row | {"low_gap": float(gap[values <= low].mean()), "high_gap": float(gap[values >= high].mean())})
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p_value"].to_numpy())
    table["flips"] = (table["low_gap"] * table["high_gap"] < 0) & (table["p_holm"] < 0.05)
    strongest = table["correlation"].abs().argsort(kind="stable")[::-1]
    return table.iloc[strongest].reset_index(drop=True)
