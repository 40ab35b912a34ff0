"""What a Morris screening says: elementary effects on each outcome, their noise, and whether they have settled."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from clusterpact.inputs import InputError

NETWORK_YEAR = 2040  #: the year by which a network counts as decided
CONFIDENCE = 0.95
RESAMPLES = 500
ROUNDING = 1e-9  #: what is avoided must exceed this share of what is emitted; the rest is rounding


def outcomes_by_point(outcomes: pd.DataFrame, replicates: int, networks: Sequence[str]) -> dict[str, np.ndarray]:
    """Means over the replicates of every point, per outcome; networks: ids of the CO2 networks. Shapes (points,)."""
    rows = outcomes.sort_values("run").reset_index(drop=True)
    if len(rows) == 0 or len(rows) % replicates or (rows["run"] != rows.index).any():
        raise InputError("", "sensitivity", None, "some runs failed, so that the design is not complete; see failures.json")
    point = np.arange(len(rows)) // replicates
    last = [name for name in rows.columns if name.startswith("abated_share_")][-1]
    found = {f"abated share in {last.rsplit('_', 1)[1]}": rows[last].groupby(point).mean().to_numpy()}
    for network in networks:
        decided = rows[f"fid_year_{network}"] <= NETWORK_YEAR
        found[f"chance of {network} by {min(NETWORK_YEAR, int(last.rsplit('_', 1)[1]))}"] = (
            decided.groupby(point).mean().to_numpy()
        )
    found["cumulative emissions, Mt"] = rows["cumulative_mt"].groupby(point).mean().to_numpy()
    names = ("public_meur", "avoided_mt", "cumulative_mt")
    public, avoided, emitted = (rows[name].groupby(point).sum().to_numpy() for name in names)
    if (avoided > ROUNDING * emitted).all():
        found["public EUR per t avoided"] = public / avoided
    return found


def elementary_effects(salib: Any, problem: dict[str, Any], sample: np.ndarray, outcome: np.ndarray, levels: int,
                       seed: int) -> pd.DataFrame:  # fmt: skip
    """Effects of one outcome, a row per factor, largest first, per whole range of the factor.

    mu_star: mean absolute effect; mu_star_conf: half width of its 95 % interval (bootstrap over trajectories); mu: mean
    effect; sigma: standard deviation (interactions and curvature); half_1, half_2: mu_star of each half of the trajectories.
    """
    analyze = salib.analyze.morris.analyze

    def effects(part: slice) -> Any:
        return analyze(problem, sample[part], outcome[part], num_levels=levels, num_resamples=RESAMPLES,
                       conf_level=CONFIDENCE, seed=seed % 2**32)  # fmt: skip

    size = problem["num_vars"] + 1
    middle = len(sample) // size // 2 * size
    found = effects(slice(None))
    table = pd.DataFrame(
        {
            "factor": problem["names"],
            "mu_star": found["mu_star"],
            "mu_star_conf": found["mu_star_conf"],
            "mu": found["mu"],
            "sigma": found["sigma"],
            "half_1": effects(slice(0, middle))["mu_star"],
            "half_2": effects(slice(middle, None))["mu_star"],
        }
    ).astype({"mu_star": float, "mu_star_conf": float})
    return table.sort_values("mu_star", ascending=False, kind="stable").reset_index(drop=True)


def screen(salib: Any, problem: dict[str, Any], sample: np.ndarray, found: dict[str, np.ndarray], levels: int,
           seed: int) -> pd.DataFrame:  # fmt: skip
    """Elementary effects of all outcomes in one table, with the outcome in front."""
    tables = []
    for name, outcome in found.items():
        table = elementary_effects(salib, problem, sample, outcome, levels, seed)
        table.insert(0, "outcome", name)
        table.insert(2, "rank", np.arange(1, len(table) + 1))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def agreement(table: pd.DataFrame) -> float:
    """Rank correlation (Spearman) of the two halves of the trajectories, over the factors of one outcome."""
    halves = table["half_1"], table["half_2"]
    if any(half.nunique() < 2 for half in halves):
        return float("nan")
    return float(halves[0].corr(halves[1], method="spearman"))
