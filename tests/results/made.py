"""Results and tables of outcomes to compare: a small real one, and tables made by hand."""

import numpy as np
import pandas as pd

from clusterpact.agents.vocabulary import GATES
from tests.commands import call

SMALL = """
name = "small"
title = "Small"
cluster = "."
horizon = [2025, 2036]
runs = 60
seed = 1
baseline = "current-policies"
policies = ["current-policies"]
[uncertainty]
carbon_price_level = { triangular = [0.0, 0.5, 1.0] }
bindingness = { uniform = [0.1, 0.9] }
[[policy]]
name = "help"
base = "current-policies"
grant_share = 0.5
peer_learning = { schedule = [[2026, 1.0]] }
practices = { merchant_haircut = 0.36 }
[[policy]]
name = "same"
base = "current-policies"
[targets]
2030 = 0.30
"""


def small_result(folder, text=SMALL):
    """Make the starter's cluster, run an experiment on it, and return the folder of its result."""
    assert call("new", folder / "region") == 0
    (folder / "region" / "experiment.toml").write_text(text, encoding="utf-8")
    command = ("run", folder / "region" / "experiment.toml", "--no-figures", "-q", "--threads", 1)
    assert call(*command, "--out", folder / "o") == 0
    return folder / "o"


CONSTANT = ("public_eur_per_t", "loans_meur", "most_guaranteed_meur", "private_meur", "jobs_direct", "jobs_total",
            "gva_total_meur", "stranded_meur", "defaults", "reversals", "trust_in_firms", "trust_in_governments",
            "trust_in_operators", *(f"gate_{gate}_share" for gate in range(1, len(GATES) + 1)))  # fmt: skip


def made(emitted, draws=None, **others):
    """Outcomes of made packages: emissions per run by package; all else alike unless given by package."""
    tables = []
    for policy, values in emitted.items():
        table = pd.DataFrame({"policy": policy, "run": range(len(values)), "cumulative_mt": np.asarray(values, float)})
        table["half_abated_year"] = np.nan
        table["public_meur"] = 10.0
        for name in CONSTANT:
            table[name] = 1.0
        for name, by_policy in others.items():
            table[name] = by_policy[policy]
        for name, drawn in (draws or {}).items():
            table[f"draw_{name}"] = drawn
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def row_of(table, **equal):
    for name, value in equal.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]
