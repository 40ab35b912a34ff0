"""The package that comes nearest to a target which none meets, and what it still emits, plant by plant."""

from typing import Any

import pandas as pd

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.questions.remaining import remaining

COLUMNS = ["policy", "year", "target", "abated_share", "met_share", "missing_kt", "agent", "remaining_kt"]


def nearest(experiment: Experiment, outcomes: pd.DataFrame, confidence: float, held: pd.DataFrame) -> pd.DataFrame:
    """The last target that no package meets in as many futures as a confidence, a row per plant of the nearest package.

    Nearest is what abates most on average by then. abated_share, met_share: its mean, and futures in which it meets the
    target; missing_kt: what its mean emits in that year beyond the target, kt a year; remaining_kt: mean of a plant, largest
    first; held: that table of a package, which is not computed again. Empty if every target is met.
    """
    for year in sorted(experiment.targets, reverse=True):
        by_policy = outcomes.groupby("policy", sort=False)
        shares = by_policy[f"target_{year}_met"].mean()
        if float(shares.max()) >= confidence:
            continue
        abated = by_policy[f"abated_share_{year}"].mean()
        policy, target = str(abated.idxmax()), experiment.targets[year]
        same = held[(held["policy"] == policy) & (held["year"] == year)]
        plants = same if len(same) else remaining(experiment, policy, [year])
        baseline_kt = sum(plant.scope1_kt_per_year for plant in experiment.scenario.plants)
        row: dict[str, Any] = {
            "policy": policy, "year": year, "target": target, "abated_share": float(abated[policy]),
            "met_share": float(shares[policy]), "missing_kt": max(0.0, (target - float(abated[policy])) * baseline_kt),
        }  # fmt: skip
        return plants[["agent", "remaining_kt"]].assign(**row)[COLUMNS].reset_index(drop=True)
    return pd.DataFrame(columns=COLUMNS)
