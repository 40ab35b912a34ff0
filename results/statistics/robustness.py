"""Which package is robust? Six criteria that weigh futures in different ways, whom each chooses, and how firmly.

Satisficing, maximin (Wald), regret (Savage) by its mean, 90th percentile and largest, and Hurwicz between worst and best;
after McPhail and others (2018), who show that they need not agree.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from clusterpact.inputs import InputError
from clusterpact.results.statistics.events import event_of, parse_event
from clusterpact.results.statistics.regret import futures

SATISFICING, MAXIMIN, HURWICZ = "satisficing", "maximin", "hurwicz"
REGRETS = ("mean_regret", "p90_regret", "max_regret")
CRITERIA = (SATISFICING, MAXIMIN, *REGRETS, HURWICZ)
ALPHA = 0.5  #: Hurwicz's weight on the best future
AGAIN = 200  #: draws of futures anew, that tell how firm a choice is
COLUMNS = ["criterion", "policy", "value", "chosen", "again", "alpha_from", "alpha_to"]


def met(outcomes: pd.DataFrame, bounds: Sequence[str]) -> pd.DataFrame:
    """Whether each future meets all bounds (events, such as `cumulative_mt <= 200`), or all targets if none are stated.

    By run (rows) and policy (columns); no rows if there is neither. What is not defined is not met.
    """
    if not bounds:
        columns = [str(name) for name in outcomes.columns if str(name).startswith("target_")]
        whole = outcomes[columns].all(axis=1) if columns else pd.Series(dtype=bool)
        table = outcomes.loc[whole.index, ["policy", "run"]].assign(met=whole)
        return table.pivot(index="run", columns="policy", values="met")
    policies = [str(name) for name in dict.fromkeys(outcomes["policy"])]
    found = pd.DataFrame(True, index=sorted(outcomes["run"].unique()), columns=policies)
    for text in bounds:
        event = parse_event(text, outcomes, "--bound")
        if event.is_paired:
            raise InputError("", "--bound", text, "a difference is of two packages; expected an outcome itself")
        for policy in policies:
            found[policy] &= event_of(event, outcomes, policy, policy).reindex(found.index, fill_value=False)
    return found


def robustness(outcomes: pd.DataFrame, outcome: str, satisfied: pd.DataFrame) -> pd.DataFrame:
    """Every criterion on one outcome, a row per criterion and package; satisfied: of `met`, not a criterion without rows.

    value: share of futures that meet what is asked, else in the outcome's unit; chosen: whether the package is best by it
    (several are where they are level); again: share of draws of the futures anew in which it is, shared where level;
    alpha_from and alpha_to: of Hurwicz, the weights on the best future with which the package is chosen.
    """
    wide, better = futures(outcomes, outcome)
    policies = [str(name) for name in wide.columns]
    scores = better * wide.to_numpy(float)
    meets = satisfied.reindex(index=wide.index, columns=policies).to_numpy(float) if len(satisfied) else None
    measured = _measures(scores, meets)
    random = np.random.default_rng(0)
    draws = [random.integers(len(scores), size=len(scores)) for _ in range(AGAIN)]
    again = {name: np.zeros(len(policies)) for name in measured}
    for rows in draws:
        for name, values in _measures(scores[rows], None if meets is None else meets[rows]).items():
            best = _best(values)
            again[name] += best / best.sum() / AGAIN
    ranges = alphas(scores.min(axis=0), scores.max(axis=0))
    rows_ = []
    for name, values in measured.items():
        sign = 1.0 if name == SATISFICING else -1.0 if name in REGRETS else float(better)
        chosen = _best(values)
        for k, policy in enumerate(policies):
            low, high = ranges[k] if name == HURWICZ else (np.nan, np.nan)
            rows_.append([name, policy, sign * values[k] + 0.0, bool(chosen[k]), again[name][k], low, high])
    return pd.DataFrame(rows_, columns=COLUMNS)


def _measures(scores: np.ndarray, meets: np.ndarray | None) -> dict[str, np.ndarray]:
    """Every criterion by package, counted so that more is better; scores, meets: (futures, packages)."""
    short = scores.max(axis=1, keepdims=True) - scores
    of: dict[str, Callable[[], np.ndarray]] = {
        MAXIMIN: lambda: scores.min(axis=0),
        REGRETS[0]: lambda: -short.mean(axis=0),
        REGRETS[1]: lambda: -np.quantile(short, 0.9, axis=0),
        REGRETS[2]: lambda: -short.max(axis=0),
        HURWICZ: lambda: ALPHA * scores.max(axis=0) + (1 - ALPHA) * scores.min(axis=0),
    }
    first = {} if meets is None else {SATISFICING: meets.mean(axis=0)}
    return first | {name: measure() for name, measure in of.items()}


def _best(values: np.ndarray) -> np.ndarray:
    """Which packages are best, all that are level. Shape (packages,)."""
    level = float(values.max()) - 1e-12 * max(1.0, float(np.abs(values).max()))
    return np.asarray(values >= level)


def alphas(worst: np.ndarray, best: np.ndarray) -> list[tuple[float, float]]:
    """Weights on the best future, from and to, with which Hurwicz chooses each package; missing if with none.

    worst, best: scores by package, more is better. The score is linear in the weight, so that the chosen packages are the
    upper envelope of lines.
    """
    slopes = best - worst
    found = []
    for k in range(len(worst)):
        low, high = 0.0, 1.0
        for other in range(len(worst)):
            ahead, steeper = worst[k] - worst[other], slopes[k] - slopes[other]
            if steeper > 0:
                low = max(low, -ahead / steeper)
            elif steeper < 0:
                high = min(high, -ahead / steeper)
            elif ahead < 0:
                high = -1.0
        found.append((float(low), float(high)) if low < high else (float("nan"), float("nan")))
    return found


def choices(table: pd.DataFrame) -> dict[str, list[str]]:
    """By criterion, whom it chooses: several where they are level."""
    chosen = table[table["chosen"]]
    return {str(name): [str(policy) for policy in rows["policy"]] for name, rows in chosen.groupby("criterion", sort=False)}
