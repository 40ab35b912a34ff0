"""The parameters of the model, read from `parameters.csv`: 34 of behaviour (R1 to R6), then finance and market data."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TABLE = Path(__file__).with_name("parameters.csv")


@dataclass(frozen=True)
class Parameter:
    """One row of `parameters.csv`; low and high bound what an experiment may use."""

    group: str
    name: str
    symbol: str
    meaning: str
    unit: str
    default: float
    low: float
    high: float
    source: str
    confidence: str

    @property
    def is_behavioural(self) -> bool:
        """Whether the parameter belongs to one of the rules R1 to R6."""
        return self.group.startswith("R")


def _read() -> dict[str, Parameter]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = ("default", "low", "high")
    cells: list[dict[str, Any]] = [{k: float(v) if k in numbers else v for k, v in row.items()} for row in rows]
    return {row["name"]: Parameter(**row) for row in cells}


PARAMETERS = _read()
PARAMETER_DTYPE = np.dtype([(name, "f8") for name in PARAMETERS], align=True)


def default_parameters(runs: int = 1) -> np.recarray:
    """Parameter records at their defaults, one a run: shape (runs,)."""
    table = np.zeros(runs, PARAMETER_DTYPE).view(np.recarray)
    for name, parameter in PARAMETERS.items():
        table[name] = parameter.default
    return table
