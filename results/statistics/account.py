"""The account as tables: sums over sectors and clusters, what they rest on, and how they compare with what is published."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from clusterpact.sim.account import MARKS, UNITS, weakest
from clusterpact.sim.cluster import Published

#: The table that is handed on. `policy` and what follows `value` are blank where they do not apply.
COLUMNS = (
    "level", "cluster", "name", "sector", "quantity", "unit", "year", "policy", "value", "low", "high", "mean", "mark",
)  # fmt: skip
CO2E = ("scope1_kt", "scope2_kt")


def total(values: pd.Series) -> float:
    """A sum that is missing if a part is: what is not stated does not count as zero."""
    return float(values.sum(skipna=False))


def totals(plants: pd.DataFrame) -> pd.DataFrame:
    """An account with its sums: levels `plant`, `sector` and `cluster`, and `network` where there are several clusters.

    Every level is summed up from the one below it. The mark of a sum is the weakest of its parts that are not zero.
    """
    rows = plants.assign(level="plant")
    sectors = _sums(rows, "sector", ["cluster", "sector"])
    clusters = _sums(sectors, "cluster", ["cluster"])
    parts = [rows, sectors, clusters]
    if clusters["cluster"].nunique() > 1:
        parts.append(_sums(clusters, "network", []))
    return pd.concat(parts, ignore_index=True)


def _sums(rows: pd.DataFrame, level: str, by: list[str]) -> pd.DataFrame:
    groups = rows.groupby([*by, "quantity"], sort=False)
    sums = groups.agg(unit=("unit", "first"), year=("year", "max"), value=("value", total)).reset_index()
    marks = rows[rows["value"] != 0].groupby([*by, "quantity"], sort=False)["mark"].agg(lambda marks: weakest(*marks))
    keys = [tuple(key) if len(key) > 1 else key[0] for key in sums[[*by, "quantity"]].to_numpy()]
    sums["mark"] = marks.reindex(keys).fillna("").to_numpy()
    return sums.assign(level=level, name=sums[by[-1]] if by else "")


def shares(plants: pd.DataFrame) -> pd.DataFrame:
    """What an account rests on: per quantity (scope 1 and 2 together as `co2e_kt` too), the share of every mark.

    Index: quantity; columns: the marks. Missing for a quantity that is zero or not stated; scope 2 that is not stated is
    left out of CO2e.
    """
    emitted = plants[plants["quantity"].isin(CO2E) & plants["value"].notna()].assign(quantity="co2e_kt")
    rows = pd.concat([emitted, plants])
    parts = rows.pivot_table(index="quantity", columns="mark", values="value", aggfunc=total, sort=False, dropna=False)
    parts = parts.reindex(columns=pd.Index(MARKS), index=pd.Index(["co2e_kt", *UNITS])).fillna(0.0)
    stated = rows.groupby("quantity")["value"].agg(total).reindex(parts.index)
    return parts.div(stated.where(stated > 0), axis=0)


def reconcile(sums: pd.Series, published: Sequence[Published], cluster: str) -> pd.DataFrame:
    """Published totals against ours (by quantity): difference in percent, and whether it is within the stated tolerance."""
    rows = []
    for entry in published:
        ours = float(sums[entry.quantity])
        difference = 100.0 * (ours / entry.value - 1.0)
        rows.append({
            "cluster": cluster, "quantity": entry.quantity, "scope": entry.scope, "year": entry.year,
            "published": entry.value, "ours": ours, "difference_pct": difference, "tolerance_pct": entry.tolerance_pct,
            "within": bool(abs(difference) <= entry.tolerance_pct), "why": entry.why, "source": entry.source,
        })  # fmt: skip
    return pd.DataFrame(rows)


def spread(runs: np.ndarray) -> dict[str, float]:
    """Median, 5 and 95 % and mean of a quantity over runs; the mean, unlike the others, adds up over sectors."""
    low, median, high = np.quantile(runs, [0.05, 0.5, 0.95])
    return {"value": float(median), "low": float(low), "high": float(high), "mean": float(runs.mean())}


def tidy(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One table in the columns of the account."""
    table = pd.concat([part for part in parts if len(part)], ignore_index=True).reindex(columns=list(COLUMNS))
    text = ["cluster", "name", "sector", "policy", "mark"]
    table[text] = table[text].astype(object).where(table[text].notna(), "")
    return table
