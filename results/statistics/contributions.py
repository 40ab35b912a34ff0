"""What each member of a package contributes: switched off in turn and alone on, paired by luck."""

import numpy as np
import pandas as pd
from scipy import stats

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.policies.catalogue import INSTRUMENTS, PRACTICES
from clusterpact.results.language import _
from clusterpact.results.statistics.compare import CONFIDENCE, by_policy

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


def contributions(levers: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """What each member adds to the package and does alone, a row per member and outcome.

    adds: package less the package without it; alone: baseline with it less the baseline; interaction: adds less alone;
    each with its 95 % interval. interacts: whether the interaction's interval excludes zero (Bonferroni over members).
    """
    rows = []
    changed = [name.removeprefix("without ") for name in dict.fromkeys(levers["policy"]) if str(name).startswith("without ")]
    for column in columns:
        outcome, wide = by_policy(levers, column)
        for member in changed:
            parts = wide[[NONE, FULL, f"without {member}", f"only {member}"]].dropna().to_numpy()
            if len(parts) < 2:
                continue
            none, full, without, only = parts.T
            row: dict[str, object] = {"member": member, "outcome": column, "unit": outcome.unit, "pairs": len(parts)}
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
        return INSTRUMENTS[member].controlled_by, _(INSTRUMENTS[member].action)
    for practice in PRACTICES:
        if member in (practice.name, practice.parameter):
            return practice.stakeholder, _(practice.action)
    if member == MODE:
        return "pact", _("change how the pact is governed")
    if member == BUDGETS:
        return "government", _("change the yearly budgets of public support")
    parameter = PARAMETERS[member]
    words = _("change {parameter}").format(parameter=_(parameter.meaning))
    return OWNERS.get(parameter.group.split()[0], "pact"), words
