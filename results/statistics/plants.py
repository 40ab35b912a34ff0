"""Plant by plant under one package: what it decides and when, what holds it back, and which run is typical."""

import numpy as np
import pandas as pd

from clusterpact.agents.vocabulary import GATES, NO_GATE

DATES = ("fid_year", "start_year")
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def decided(projects: pd.DataFrame, policy: str) -> pd.DataFrame:
    """What plants decide last under a policy: a row per agent and technology.

    decided_share: runs in which it is the plant's last decision; started_share: in which it has started by the end; fid_p10,
    fid_p50, fid_p90, start_p10 …: fractional years in the runs in which it is decided, infinite where that quantile of
    starts comes after the horizon.
    """
    runs = projects["run"].nunique()
    mine = projects[(projects["policy"] == policy) & projects["fid_year"].notna() & projects["technology"].notna()]
    rows = []
    for (agent, technology), group in mine.groupby(["agent", "technology"], sort=True):
        row = {"agent": agent, "technology": technology, "decided_share": len(group) / runs,
               "started_share": float(group["start_year"].notna().sum()) / runs}  # fmt: skip
        for column in DATES:
            values = group[column].fillna(np.inf).to_numpy()
            for name, share in QUANTILES.items():
                row[f"{column.removesuffix('_year')}_{name}"] = float(np.quantile(values, share, method="inverted_cdf"))
        rows.append(row)
    quantiles = [f"{date.removesuffix('_year')}_{name}" for date in DATES for name in QUANTILES]
    return pd.DataFrame(rows, columns=["agent", "technology", "decided_share", "started_share", *quantiles])


def held_back(gates: pd.DataFrame, policy: str) -> pd.DataFrame:
    """How long each gate holds each plant under a policy: a row per agent and gate, the longest first.

    gate: its name, with `switched` and `closed down` as what became of the plant; time_share: of all quarters of all runs;
    run_share: runs in which it ever held.
    """
    mine = gates[(gates["policy"] == policy) & (gates["gate"] != NO_GATE)]
    runs, quarters = gates["run"].nunique(), int(gates["last_quarter"].max()) + 1
    spells = mine.assign(quarters=mine["last_quarter"].astype(int) - mine["first_quarter"] + 1)
    groups = spells.groupby(["firm", "gate"], sort=True)
    table = pd.DataFrame({"time_share": groups["quarters"].sum() / (runs * quarters),
                          "run_share": groups["run"].nunique() / runs}).reset_index()  # fmt: skip
    table = table.assign(gate=[GATES[gate - 1] for gate in table["gate"]]).rename(columns={"firm": "agent"})
    return table.sort_values(["agent", "time_share"], ascending=[True, False], kind="stable").reset_index(drop=True)


def typical_run(outcomes: pd.DataFrame, projects: pd.DataFrame, policy: str, outcome: str,
                weights: dict[str, float], last_year: int) -> int:  # fmt: skip
    """The run of a policy that lies nearest to the middle of all: in the outcome, and in when plants start to run anew.

    weights: of agents whose starts count, such as their emissions. Distances are to the median, of the outcome in its
    quartiles' range, of starts in years of the horizon, those that never come one year after its end.
    """
    mine = outcomes[outcomes["policy"] == policy].set_index("run")[outcome]
    low, middle, high = mine.quantile([0.25, 0.5, 0.75])
    distance = (mine - middle).abs() / max(high - low, 1e-9)
    chosen = projects[(projects["policy"] == policy) & projects["agent"].isin(weights)]
    starts = chosen.assign(start_year=chosen["start_year"].fillna(last_year + 1.0)).pivot_table(
        index="run", columns="agent", values="start_year", aggfunc="max"
    )
    total = sum(weights[agent] for agent in starts.columns)
    years = max(1.0, float(np.ptp(starts.to_numpy()))) if starts.size else 1.0
    for agent in starts.columns:
        share = weights[agent] / total if total > 0 else 1 / len(starts.columns)
        distance = distance + share * (starts[agent] - starts[agent].median()).abs() / years
    runs = distance.sort_index()
    return int(runs.index[int(np.argmin(runs.to_numpy()))])
