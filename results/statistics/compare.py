"""Paired comparison of packages: each run of a package against the same run, with the same luck, of the baseline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import signal, stats

from clusterpact.agents.vocabulary import GATES
from clusterpact.results.language import _
from clusterpact.results.statistics.matters import smallest_that_matters

CONFIDENCE = 0.95
NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Compared:
    """An outcome that packages are compared by: better is +1 if more is better, -1 if less is, 0 if neither."""

    column: str
    label: str
    unit: str
    better: int
    values: "pd.Series[float]"


VERDICTS = ("better", "worse", "different", "alike", "tied", "undefined")
#: Outcomes of one column each: label, unit, and whether more is better.
PLAIN = {
    "public_meur": ("public money", "MEUR", -1),
    "loans_meur": ("public loans given, to be paid back", "MEUR", 0),
    "public_eur_per_t": ("public money per tonne avoided", "EUR/t", -1),
    "private_meur": ("private money", "MEUR", 0),
    "private_per_public": ("private per public EUR", "EUR/EUR", 1),
    "jobs_direct": ("direct jobs at the end", "jobs", 1),
    "jobs_total": ("all jobs at the end", "jobs", 1),
    "gva_total_meur": ("gross value added at the end, all rounds", "MEUR/year", 1),
    "stranded_meur": ("stranded value", "MEUR", -1),
    "defaults": ("defaults", "projects", -1),
    "reversals": ("policy reversals", "-", -1),
}
TRUST = {
    "trust_in_firms": "trust in firms at the end", "trust_in_governments": "trust in governments at the end",
    "trust_in_operators": "trust in operators at the end",
}  # fmt: skip
ABATED = {
    "switched": "abated by {year} by switching", "closed": "abated by {year} by closing",
    "output": "abated by {year} by making less",
}  # fmt: skip


def compared_outcomes(outcomes: pd.DataFrame, names: Mapping[str, str] = NO_NAMES) -> Iterator[Compared]:
    """The outcomes of a table, in the order in which they are read, with values per row (missing where undefined).

    names: what labels call networks by id, where that is not by their ids.
    """

    def of(column: str, label: str, unit: str, better: int, values: "pd.Series[float] | None" = None) -> Compared:
        return Compared(column, label, _(unit), better, (outcomes[column] if values is None else values).astype(float))

    told = [str(name) for name in outcomes.columns]
    for name in (n for n in told if n.startswith("target_")):
        yield of(
            name,
            _("chance of the {year} target").format(year=name.split("_")[1]),
            "%",
            1,
            100 * outcomes[name].astype(float),
        )
    for name in (n for n in told if n.startswith("abated_share_")):
        year = name.rsplit("_", 1)[1]
        yield of(name, _("abated by {year}").format(year=year), "% of scope 1", 1, 100 * outcomes[name])
        for cause, words in ABATED.items():  # that plants close, or make less, is neither good nor bad
            part, better = f"{cause}_share_{year}", int(cause == "switched")
            yield of(part, _(words).format(year=year), "% of scope 1", better, 100 * outcomes[part])
    yield of("cumulative_mt", _("CO2 emitted over the horizon"), "Mt", -1)
    yield of("half_reached", _("chance of half abatement"), "%", 1, 100 * outcomes["half_abated_year"].notna())
    yield of("half_abated_year", _("year of half abatement, where both reach it"), "year", -1)
    for name in (n for n in told if n.startswith("fid_year_")):
        column = name.removeprefix("fid_year_")
        network = names.get(column, column)
        chance = _("chance of an FID of {network}").format(network=network)
        yield of(f"fid_{column}", chance, "%", 1, 100 * outcomes[name].notna())
        yield of(name, _("FID of {network}, where both have one").format(network=network), "year", -1)
    ratio = outcomes["private_meur"] / outcomes["public_meur"].where(outcomes["public_meur"] > 0)
    for column, (label, unit, better) in PLAIN.items():
        yield of(column, _(label), unit, better, ratio if column == "private_per_public" else None)
    for number, gate in enumerate(GATES, start=1):
        label = _("still emitted behind gate {number} ({gate}), mean over the horizon").format(number=number, gate=_(gate))
        values = 100 * outcomes[f"gate_{number}_share"]
        yield of(f"gate_{number}_share", label, "% of emissions at the start", 0, values)
    for column, label in TRUST.items():
        yield of(column, _(label), "-", 1)


def by_policy(outcomes: pd.DataFrame, column: str) -> tuple[Compared, pd.DataFrame]:
    """An outcome, and its values by run (rows) and policy (columns), missing where undefined."""
    outcome = next(item for item in compared_outcomes(outcomes) if item.column == column)
    table = pd.DataFrame({"policy": outcomes["policy"], "run": outcomes["run"], "value": outcome.values})
    wide = table.pivot(index="run", columns="policy", values="value")
    return outcome, wide[list(dict.fromkeys(outcomes["policy"]))]


def compare(outcomes: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Every package against the baseline, a row per package and outcome.

    difference: mean over pairs, with its 95 % interval (Student's t; low, high); better_share and worse_share: pairs in
    which the package is better or worse; variance_reduction: 1 - var(difference) / (var + var), what pairing has saved;
    p_value of no difference, p_holm the same adjusted for all rows of the table (Holm 1979); smallest: the smallest
    difference that matters; verdict: alike if the whole interval is smaller than that, tied (it cannot be told) if p_holm is
    not below 0.05, else better, worse, or different where neither is better.
    """
    rows = []
    policies = [str(policy) for policy in dict.fromkeys(outcomes["policy"])]
    for column in [item.column for item in compared_outcomes(outcomes)]:
        outcome, wide = by_policy(outcomes, column)
        smallest = smallest_that_matters(outcome.unit, float(wide[baseline].mean()), outcomes)
        for policy in policies:
            if policy != baseline:
                rows.append({"policy": policy, "outcome": outcome.column, "label": outcome.label, "unit": outcome.unit,
                             "better": outcome.better, "smallest": smallest}
                            | _pair(wide[policy], wide[baseline], outcome.better))  # fmt: skip
    found = pd.DataFrame(rows)
    found["p_holm"] = holm(found["p_value"].to_numpy())
    found["verdict"] = [_verdict(row) for row in found.to_dict("records")]
    return found


def _pair(package: "pd.Series[float]", baseline: "pd.Series[float]", better: int) -> dict[str, float]:
    """The paired difference of one outcome."""
    pairs = package.notna() & baseline.notna()
    a, b = package[pairs].to_numpy(), baseline[pairs].to_numpy()
    difference = a - b
    n = len(difference)
    nan = float("nan")
    row = {"pairs": n, "mean": float(a.mean()) if n else nan, "baseline_mean": float(b.mean()) if n else nan}
    if n < 2:
        return row | dict.fromkeys(
            ("difference", "low", "high", "better_share", "worse_share", "variance_reduction", "p_value"), nan
        )
    mean, spread = float(difference.mean()), float(difference.std(ddof=1))
    apart = float(a.var(ddof=1) + b.var(ddof=1))
    if spread == 0.0:
        half = 0.0
    else:
        half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * (spread / n**0.5)
    sign = better or 1
    return row | {
        "difference": mean,
        "low": mean - half,
        "high": mean + half,
        "better_share": float((sign * difference > 0).mean()),
        "worse_share": float((sign * difference < 0).mean()),
        "variance_reduction": 1 - spread**2 / apart if apart > 0 else 1.0,
        "p_value": p_value_of(difference),
    }


def p_value_of(difference: np.ndarray) -> float:
    """Two-sided p value of a mean of zero, of at least two paired differences (Student's t); 1 if all are zero."""
    mean, spread, n = float(difference.mean()), float(difference.std(ddof=1)), len(difference)
    if spread == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    return float(2 * stats.t.sf(abs(mean) / (spread / n**0.5), n - 1))


def holm(p_values: np.ndarray) -> np.ndarray:
    """P values adjusted for their number by Holm's step-down method (1979); missing ones stay missing."""
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    largest = 0.0
    for place, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - place) * float(p_values[index])))
        adjusted[index] = largest
    return adjusted


def _verdict(row: dict[Any, Any]) -> str:
    """What is known of a difference, for all of the table at once."""
    if np.isnan(row["p_holm"]):
        return "undefined"
    if max(abs(row["low"]), abs(row["high"])) < row["smallest"] or row["low"] == row["high"] == 0.0:
        return "alike"
    if row["p_holm"] >= 1 - CONFIDENCE:
        return "tied"
    if row["better"] == 0:
        return "different"
    return "better" if row["difference"] * row["better"] > 0 else "worse"


def shapes(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Distribution of every outcome under every package: mean, spread, quantiles, and the modes with their shares."""
    rows = []
    for outcome in compared_outcomes(outcomes):
        for policy, values in outcome.values.groupby(outcomes["policy"], sort=False):
            x = values.dropna().to_numpy()
            quantiles = np.quantile(x, [0.05, 0.25, 0.5, 0.75, 0.95]) if len(x) else np.full(5, np.nan)
            peaks = modes(x)
            rows.append({"policy": policy, "outcome": outcome.column, "label": outcome.label, "unit": outcome.unit,
                         "runs": len(x), "mean": x.mean() if len(x) else np.nan,
                         "sd": x.std(ddof=1) if len(x) > 1 else np.nan,
                         **dict(zip(("p5", "p25", "p50", "p75", "p95"), quantiles, strict=True)),
                         "modes": len(peaks), "mode_values": "; ".join(f"{value:.4g}" for value, _ in peaks),
                         "mode_shares": "; ".join(f"{share:.2f}" for _, share in peaks)})  # fmt: skip
    return pd.DataFrame(rows)


FEWEST_FOR_MODES = 50
LEAST_MODE = 0.05  #: a mode holds at least this share of the runs


def modes(values: np.ndarray) -> list[tuple[float, float]]:
    """Modes of a distribution as (value, share of runs): peaks of a kernel density, split at the valleys between them.

    Silverman's bandwidth is cut to 0.7, since it blurs two modes into one. A valley counts if it is at most half as high as
    the lower of its peaks; peaks that hold under 5 % of the runs are joined to their neighbour. Too few runs, or all alike,
    count as one mode.
    """
    if len(values) < FEWEST_FOR_MODES or np.ptp(values) <= 1e-9 * max(1.0, float(np.abs(values).max())):
        return [(float(np.median(values)), 1.0)] if len(values) else []
    density = stats.gaussian_kde(values, bw_method=lambda kde: 0.7 * kde.silverman_factor())
    grid = np.linspace(values.min(), values.max(), 200)
    edges = [-np.inf, *grid[valleys(density(grid))], np.inf]
    parts = [values[(values > low) & (values <= high)] for low, high in pairwise(edges)]
    merged: list[np.ndarray] = []
    for part in parts:
        small = len(part) < LEAST_MODE * len(values) or (merged and len(merged[-1]) < LEAST_MODE * len(values))
        if merged and small:
            merged[-1] = np.concatenate([merged[-1], part])
        elif len(part):
            merged.append(part)
    return [(float(np.median(part)), len(part) / len(values)) for part in merged]


def valleys(height: np.ndarray) -> list[int]:
    """Places of the valleys of a curve between peaks that stand out by at least half of their height."""
    padded = np.concatenate([[0.0], height, [0.0]])
    peaks, found = signal.find_peaks(padded, prominence=0.0)
    high = peaks[found["prominences"] >= 0.5 * padded[peaks]] - 1
    return [left + int(np.argmin(height[left : right + 1])) for left, right in pairwise(high.tolist())]
