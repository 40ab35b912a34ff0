"""The catalogue of instruments: what a government, a pact or a lender can change. One instrument enters one term."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TABLE = Path(__file__).with_name("instruments.csv")

#: Governance modes of the pact (Provan and Kenis 2008), in the order of their codes in `clusterpact.agents.records`.
GOVERNANCE_MODES = ("unanimity", "majority", "anchor", "orchestrator")


@dataclass(frozen=True)
class Instrument:
    """One row of `instruments.csv`; a strength of zero is the same as its absence."""

    name: str
    action: str
    meaning: str
    unit: str
    low: float
    high: float
    typical: float
    rule: str
    term: str
    controlled_by: str
    who_pays: str
    source: str


def _read() -> dict[str, Instrument]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = ("low", "high", "typical")
    cells: list[dict[str, Any]] = [{k: float(v) if k in numbers else v for k, v in row.items()} for row in rows]
    return {row["name"]: Instrument(**row) for row in cells}


INSTRUMENTS = _read()

#: One record a year of the horizon: the strength of every instrument and the governance mode (-1: the cluster's own).
POLICY_DTYPE = np.dtype([(name, "f8") for name in INSTRUMENTS] + [("governance_mode", "i8")], align=True)
