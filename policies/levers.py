"""Levers: what one stakeholder can change by itself. Instruments of a package, and practices from `levers.csv`."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("levers.csv")
STAKEHOLDERS = ("government", "lenders", "operators", "firms", "pact")


@dataclass(frozen=True)
class Practice:
    """One row of `levers.csv`: a parameter of behaviour that a stakeholder sets to a value."""

    name: str
    stakeholder: str
    action: str
    parameter: str
    value: float
    source: str


def _read() -> tuple[Practice, ...]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    return tuple(Practice(**{**row, "value": float(row["value"])}) for row in rows)


PRACTICES = _read()
