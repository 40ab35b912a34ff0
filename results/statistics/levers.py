"""What each lever brings: alone upon the baseline, and within the package; what it costs, and whether that is worth it.

A lever is one action of one stakeholder: a member of the package (an instrument, the governance mode, budgets, a practice),
or a practice that the package does not have. Every figure is a mean of paired differences between runs of one luck.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from clusterpact.policies.catalogue import STAKEHOLDERS
from clusterpact.results.statistics.compare import CONFIDENCE, Compared, by_policy, holm, p_value_of
from clusterpact.results.statistics.contributions import FULL, NONE, mean_interval, owner
from clusterpact.results.statistics.convergence import rounded_up
from clusterpact.results.statistics.matters import smallest_that_matters

WITHOUT, ONLY, UPON, WITH = "without ", "only ", "practice ", "package and "
#: Verdicts on a lever within the package, best first.
WORTH, HELPS, DEAR, UNTOLD, LITTLE, HARMS = VERDICTS = (
    "worth its cost", "helps", "helps, not worth its cost", "cannot be told", "too little to matter", "harms",
)  # fmt: skip
#: What a lever does to public money within the package.
SAVES, FREE, COSTS, UNKNOWN = "saves", "free", "costs", "not told"
PRICED = "cumulative_mt"  #: the outcome that a value of CO2 turns into money
PART = 0.1  #: of what the package brings: a lever that brings less is too little to matter, however surely it is told


@dataclass(frozen=True)
class Pair:
    """Two policies of the levers' runs, of which the first has the lever and the second has not."""

    lever: str
    within: tuple[str, str]
    alone: tuple[str, str]
    is_member: bool


def pairs_of(policies: list[str]) -> Iterator[Pair]:
    """Every lever that both of its pairs of policies were run for: members of the package, then other practices."""
    for policy in policies:
        if policy.startswith(WITHOUT):
            lever = policy.removeprefix(WITHOUT)
            yield Pair(lever, (FULL, policy), (ONLY + lever, NONE), True)
    for policy in policies:
        if policy.startswith(WITH):
            lever = policy.removeprefix(WITH)
            yield Pair(lever, (policy, FULL), (UPON + lever, NONE), False)


def ranking(levers: pd.DataFrame, column: str, co2_eur_per_t: float | None = None) -> pd.DataFrame:
    """Levers of every stakeholder on one outcome, best first within each stakeholder.

    effect: within the package, counted so that more is better; alone: the same upon the baseline; public_meur, loans_meur,
    private_meur: what it changes of public money, of public loans given, and of private money within the package;
    eur_per_t: public money per tonne less (only of total emissions); net_meur: effect x value of CO2 - public money (only of
    total emissions, and where CO2 has a value); each with its 95 % interval (`_low`, `_high`). p_holm: of no effect,
    adjusted for the number of levers. smallest: the smallest effect that matters, at most a tenth of the package's. verdict:
    one of `VERDICTS`, by net_meur where there is one; money: one of saves, free, costs, not told. Order: by verdict, then
    net_meur, else effect. is_ahead: whether its lead over the next lever of its stakeholder is told from zero.
    """
    outcome, wide = by_policy(levers, column)
    money = {name: by_policy(levers, f"{name}_meur")[1] for name in ("public", "loans", "private")}
    smallest = _smallest(outcome, wide, NONE, FULL, levers)
    cheap = smallest_that_matters("MEUR", 0.0, levers)
    value = co2_eur_per_t if column == PRICED else None
    rows, keys = [], []
    for pair in pairs_of([str(name) for name in dict.fromkeys(levers["policy"])]):
        known = wide[[*pair.within, *pair.alone]].dropna().index
        if len(known) < 2:
            continue
        effect = _gain(wide, pair.within, known) * (outcome.better or 1)
        cost = {name: _gain(table, pair.within, known) for name, table in money.items()}
        net = np.full(len(known), np.nan) if value is None else value * effect - cost["public"]
        stakeholder, action = owner(pair.lever)
        row: dict[str, object] = {"stakeholder": stakeholder, "lever": pair.lever, "action": action,
                                  "is_member": pair.is_member, "unit": outcome.unit, "pairs": len(known)}  # fmt: skip
        row |= _interval("effect", effect)
        row |= _interval("alone", _gain(wide, pair.alone, known) * (outcome.better or 1))
        for name, values in cost.items():
            row |= _interval(f"{name}_meur", values)
        row |= _ratio("eur_per_t", cost["public"], effect) if column == PRICED else {}
        rows.append(row | _interval("net_meur", net) | {"p_value": p_value_of(effect), "smallest": smallest})
        keys.append(effect if value is None else net)
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table.pop("p_value").to_numpy())
    table["money"] = [_money(row, cheap) for row in table.to_dict("records")]
    table["verdict"] = [_verdict(row, smallest) for row in table.to_dict("records")]
    places = [_place(row, float(values.mean())) for row, values in zip(table.to_dict("records"), keys, strict=True)]
    order = sorted(range(len(places)), key=places.__getitem__)
    table = table.iloc[order].reset_index(drop=True)
    table["is_ahead"] = _ahead(table, [keys[k] for k in order])
    return table


def frontier(table: pd.DataFrame) -> pd.DataFrame:
    """The levers that nothing cheaper beats: of those that help, by rising public money and rising effect."""
    helps = table[table["verdict"].isin((WORTH, HELPS, DEAR))].sort_values(["public_meur", "effect"], kind="stable")
    best, kept = 0.0, []
    for row in helps.index:
        if float(helps.loc[row, "effect"]) > best:
            best = float(helps.loc[row, "effect"])
            kept.append(row)
    columns = ["stakeholder", "lever", "action", "effect", "effect_low", "effect_high", "unit", "public_meur",
               "public_meur_low", "public_meur_high", "money", "verdict"]  # fmt: skip
    return helps.loc[kept, columns].reset_index(drop=True)


def marginal(outcomes: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Public money per tonne that each package emits less than the baseline: policy, less_mt, public_meur, eur_per_t.

    eur_per_t with its 95 % interval (Fieller); missing where it cannot be told whether the package emits less.
    """
    _, emitted = by_policy(outcomes, PRICED)
    _, public = by_policy(outcomes, "public_meur")
    rows: list[dict[str, object]] = []
    for policy in (name for name in emitted.columns if name != baseline):
        known = emitted[[policy, baseline]].dropna().index
        less, more = -_gain(emitted, (policy, baseline), known), _gain(public, (policy, baseline), known)
        if len(known) > 1:
            row: dict[str, object] = {"policy": policy, "less_mt": float(less.mean()), "public_meur": float(more.mean())}
            rows.append(row | _ratio("eur_per_t", more, less))
    return pd.DataFrame(rows, columns=["policy", "less_mt", "public_meur", "eur_per_t", "eur_per_t_low", "eur_per_t_high"])


def runs_needed(outcomes: pd.DataFrame, column: str, baseline: str, package: str, fewest: int, most: int) -> int:
    """Runs per lever so that the 95 % interval of a lever's effect is about as narrow as the smallest that matters.

    The spread of a lever's paired effect is taken to be that of the whole package against the baseline, which most levers
    stay below; the number is rounded up to two digits, and kept within its bounds.
    """
    outcome, wide = by_policy(outcomes, column)
    gap = (wide[package] - wide[baseline]).dropna().to_numpy()
    smallest = _smallest(outcome, wide, baseline, package, outcomes)
    if len(gap) < 2 or smallest <= 0:
        return most
    wanted = (stats.norm.ppf((1 + CONFIDENCE) / 2) * float(gap.std(ddof=1)) / smallest) ** 2
    return min(most, max(fewest, rounded_up(wanted)))


def _smallest(outcome: Compared, wide: pd.DataFrame, baseline: str, package: str, outcomes: pd.DataFrame) -> float:
    """The smallest effect of one lever that matters."""
    whole = abs(float((wide[package] - wide[baseline]).mean()))
    return min(smallest_that_matters(outcome.unit, float(wide[baseline].mean()), outcomes), PART * whole)


def _gain(wide: pd.DataFrame, pair: tuple[str, str], known: "pd.Index[int]") -> np.ndarray:
    """Paired differences, shape (runs,): with the lever less without it."""
    return np.asarray((wide[pair[0]] - wide[pair[1]])[known].to_numpy(), float)


def _interval(name: str, values: np.ndarray) -> dict[str, object]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), mean_interval(values), strict=True))


def _ratio(name: str, cost_meur: np.ndarray, less_mt: np.ndarray) -> dict[str, object]:
    """Public money per tonne less, EUR/t, with its 95 % interval (Fieller 1954); missing where the tonnes are not told."""
    n, level = len(less_mt), float(stats.t.ppf((1 + CONFIDENCE) / 2, len(less_mt) - 1))
    x, y = float(less_mt.mean()), float(cost_meur.mean())
    (xx, xy), (_, yy) = np.cov(less_mt, cost_meur) / n
    a, b, c = x * x - level**2 * xx, x * y - level**2 * xy, y * y - level**2 * yy
    if x <= 0 or a <= 0 or b * b < a * c:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), float("nan"))
    root = float(np.sqrt(b * b - a * c))
    return {name: y / x, f"{name}_low": (b - root) / a, f"{name}_high": (b + root) / a}


def _money(row: dict[Any, Any], cheap: float) -> str:
    """What a lever does to public money: nothing only where its whole interval is too little to matter."""
    low, high = row["public_meur_low"], row["public_meur_high"]
    if -cheap < low and high < cheap:
        return FREE
    return COSTS if low > 0 else SAVES if high < 0 else UNKNOWN


def _verdict(row: dict[Any, Any], smallest: float) -> str:
    """What is known of a lever within the package, for all levers at once."""
    if -smallest < row["effect_low"] and row["effect_high"] < smallest:
        return LITTLE
    if row["p_holm"] >= 1 - CONFIDENCE:
        return UNTOLD
    if row["effect"] < 0:
        return HARMS
    return WORTH if row["net_meur_low"] > 0 else DEAR if row["net_meur_high"] < 0 else HELPS


def _place(row: dict[Any, Any], key: float) -> tuple[int, int, float]:
    """Where a lever stands: by stakeholder, verdict, and what is ranked by."""
    return STAKEHOLDERS.index(str(row["stakeholder"])), VERDICTS.index(str(row["verdict"])), -key


def _ahead(table: pd.DataFrame, keys: list[np.ndarray]) -> list[bool]:
    """Whether each lever's lead over the next of its stakeholder is told from zero."""
    who = table["stakeholder"].to_list()
    found = []
    for k in range(len(keys)):
        has_next = k + 1 < len(keys) and who[k + 1] == who[k] and len(keys[k]) == len(keys[k + 1])
        found.append(not has_next or mean_interval(keys[k] - keys[k + 1])[1] > 0)
    return found
