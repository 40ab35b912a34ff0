"""What is still emitted in a year under a package, plant by plant, and what holds each plant back."""

from dataclasses import replace

import numpy as np
import pandas as pd

from clusterpact.agents.vocabulary import GATE_CLOSED, GATE_SWITCHED, GATES
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.shards import Shard, run_shard, world_of

RUNS = 200  #: whose plants are looked at: a mean over them is known to a few per cent
COLUMNS = ["policy", "agent", "year", "remaining_kt", "p5", "p95", "share", "switched_share", "closed_share", "gate",
           "gate_share", "runs"]  # fmt: skip


def remaining(experiment: Experiment, policy: str, years: list[int], runs: int = RUNS) -> pd.DataFrame:
    """Emissions that remain under a policy at the end of given years: a row per year and plant, largest first.

    remaining_kt: mean over the first runs of the experiment, kt a year, with their 5 and 95 % quantiles; share: of what
    remains of the cluster; switched_share, closed_share: runs in which the plant has switched, or closed; gate: what holds
    it back in most of the other runs, and in which share of all (`gate_share`). Runs that fail are left out.
    """
    place = next(k for k, package in enumerate(experiment.policies) if package.name == policy)
    world = world_of(experiment, place)
    warm_up(world)
    by_plant = replace(experiment, recording="plants")
    arrays, _ = run_shard(by_plant, world, world.fresh_state(), Shard(place, 0, min(runs, experiment.runs)))
    good = ~arrays.failed
    rows = []
    for year in years:
        at = year - world.first_year
        emitted, gates = arrays.plants[good, :, at, 0], arrays.gates[good, :, 4 * at + 3]
        total = float(emitted.sum(axis=1).mean())
        for i, agent in enumerate(world.firm_ids):
            held = gates[:, i][(gates[:, i] != GATE_SWITCHED) & (gates[:, i] != GATE_CLOSED)]
            numbers, counts = np.unique(held, return_counts=True)
            gate = int(numbers[counts.argmax()]) if len(held) else 0
            rows.append({
                "policy": policy, "agent": agent, "year": year, "remaining_kt": float(emitted[:, i].mean()),
                "p5": float(np.quantile(emitted[:, i], 0.05)), "p95": float(np.quantile(emitted[:, i], 0.95)),
                "share": float(emitted[:, i].mean()) / total if total > 0 else 0.0,
                "switched_share": float((gates[:, i] == GATE_SWITCHED).mean()),
                "closed_share": float((gates[:, i] == GATE_CLOSED).mean()),
                "gate": GATES[gate - 1] if gate else "", "gate_share": float((gates[:, i] == gate).mean()) if gate else 0.0,
                "runs": int(good.sum()),
            })  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["year", "remaining_kt"], ascending=[True, False], kind="stable").reset_index(drop=True)
