"""What each member of a package contributes: switched off in turn and alone on, paired by luck; and the levers' ranking."""

import numpy as np
import pandas as pd
from scipy import stats

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.policies.catalogue import INSTRUMENTS, PRACTICES, STAKEHOLDERS
from clusterpact.results.statistics.compare import CONFIDENCE, compared_outcomes

NONE, FULL = "baseline", "package"
MODE, BUDGETS = "governance_mode", "budgets"
CONTRIBUTIONS = ["member", "outcome", "unit", "pairs",
                 *(f"{name}{end}" for name in ("adds", "alone", "interaction") for end in ("", "_low", "_high")),
                 "interacts"]  # fmt: skip
#: Who acts on a parameter that no practice names, by the rule it belongs to.
OWNERS = {"R3": "lenders", "finance": "lenders", "R4": "firms", "investment": "firms", "R5": "operators", "R6": "government"}


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of paired differences with its 95 % interval (Student's t); exact zeros stay zero."""
    mean, n = float(values.mean()), len(values)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * float(values.std(ddof=1)) / n**0.5 if n > 1 else float("nan")
    return mean, mean - half, mean + half


def by_future(levers: pd.DataFrame, column: str) -> tuple[pd.DataFrame, int, str]:
    """Values of an outcome by run and policy of the levers' runs, whether more is better, and its unit."""
    item = next(item for item in compared_outcomes(levers) if item.column == column)
    table = pd.DataFrame({"policy": levers["policy"], "run": levers["run"], "value": item.values})
    return table.pivot(index="run", columns="policy", values="value"), item.better or 1, item.unit


def contributions(levers: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """What each member adds to the package and does alone, a row per member and outcome.

    adds: package less the package without it; alone: baseline with it less the baseline; interaction: adds less alone;
    each with its 95 % interval. interacts: whether the interaction's interval excludes zero (Bonferroni over members).
    """
    rows = []
    changed = [name.removeprefix("without ") for name in dict.fromkeys(levers["policy"]) if str(name).startswith("without ")]
    for column in columns:
        wide, _, unit = by_future(levers, column)
        for member in changed:
            parts = wide[[NONE, FULL, f"without {member}", f"only {member}"]].dropna().to_numpy()
            if len(parts) < 2:
                continue
            none, full, without, only = parts.T
            row: dict[str, object] = {"member": member, "outcome": column, "unit": unit, "pairs": len(parts)}
            for name, values in (("adds", full - without), ("alone", only - none),
                                 ("interaction", (full - without) - (only - none))):  # fmt: skip
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), mean_interval(values), strict=True))
            gap = (full - without) - (only - none)
            error = float(gap.std(ddof=1)) / len(gap) ** 0.5
            limit = _bonferroni(len(changed), len(gap))
            rows.append(row | {"interacts": bool(abs(float(gap.mean())) > limit * error)})
    return pd.DataFrame(rows, columns=CONTRIBUTIONS)


def _bonferroni(comparisons: int, pairs: int) -> float:
    """Student's quantile of a two-sided interval that holds for all of so many comparisons at once."""
    return float(stats.t.ppf(1 - (1 - CONFIDENCE) / 2 / max(1, comparisons), pairs - 1))


def owner(member: str) -> tuple[str, str]:
    """Who controls a lever, and what it is in words."""
    if member in INSTRUMENTS:
        return INSTRUMENTS[member].controlled_by, INSTRUMENTS[member].action
    for practice in PRACTICES:
        if member in (practice.name, practice.parameter):
            return practice.stakeholder, practice.action
    if member == MODE:
        return "pact", "change how the pact is governed"
    if member == BUDGETS:
        return "government", "change the yearly budgets of public support"
    parameter = PARAMETERS[member]
    return OWNERS.get(parameter.group.split()[0], "pact"), f"change {parameter.meaning}"


def ranking(levers: pd.DataFrame, column: str) -> pd.DataFrame:
    """Levers of every stakeholder on one outcome, alone upon the baseline: who, what, effect, cost, effect per cost.

    effect is counted so that more is better; public_meur: change of public money, private_meur: of private money, each
    with its interval. per_public_meur: effect per MEUR of public money, missing where the lever costs the state nothing that
    can be told from zero. Order within a stakeholder: levers that help without public cost by effect, then by effect per
    public MEUR, then those whose effect cannot be told from zero.
    """
    wide, better, unit = by_future(levers, column)
    public, _, _ = by_future(levers, "public_meur")
    private, _, _ = by_future(levers, "private_meur")
    rows = []
    for policy in dict.fromkeys(str(name) for name in levers["policy"]):
        kind, _, lever = policy.partition(" ")
        if kind not in ("only", "practice"):
            continue
        known = wide[[policy, NONE]].dropna().index
        if len(known) < 2:
            continue
        effect = mean_interval(better * (wide[policy] - wide[NONE])[known].to_numpy())
        cost = mean_interval((public[policy] - public[NONE])[known].to_numpy())
        moved = mean_interval((private[policy] - private[NONE])[known].to_numpy())
        stakeholder, action = owner(lever)
        rows.append({"stakeholder": stakeholder, "lever": lever, "action": action, "policy": policy, "unit": unit,
                     "effect": effect[0], "effect_low": effect[1], "effect_high": effect[2],
                     "public_meur": cost[0], "public_low": cost[1], "public_high": cost[2],
                     "private_meur": moved[0], "private_low": moved[1], "private_high": moved[2],
                     "per_public_meur": effect[0] / cost[0] if cost[1] > 0 else np.nan,
                     "grade": _grade(effect, cost)})  # fmt: skip
    table = pd.DataFrame(rows)
    table["_who"] = table["stakeholder"].map({name: k for k, name in enumerate(STAKEHOLDERS)})
    table["_by"] = np.where(table["grade"] == 1, table["per_public_meur"], table["effect"])
    table = table.sort_values(["_who", "grade", "_by"], ascending=[True, True, False], kind="stable")
    return table.drop(columns=["_who", "_by"]).reset_index(drop=True)


def _grade(effect: tuple[float, float, float], cost: tuple[float, float, float]) -> int:
    """0 helps and costs the state nothing that can be told from zero; 1 helps at a cost; 2 cannot be told; 3 harms."""
    if effect[1] > 0:
        return 1 if cost[1] > 0 else 0
    return 3 if effect[2] < 0 else 2
