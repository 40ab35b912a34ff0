"""The parameters of the model, read from `parameters.csv`: those of behaviour (R1 to R6), then finance and market data."""

from itertools import zip_longest
from pathlib import Path
from typing import Literal

import numpy as np

from clusterpact.agents.layout import flat, folded
from clusterpact.agents.vocabulary import CARRIERS, FAMILIES
from clusterpact.inputs import InputError, Ranged, read_table

TABLE = Path(__file__).with_name("parameters.csv")


class Parameter(Ranged):
    """One row of `parameters.csv`; low and high bound what an experiment may use."""

    group: str
    name: str
    symbol: str = ""
    meaning: str
    unit: str
    default: float
    low: float
    high: float
    source: str
    confidence: Literal["low", "medium", "high"]

    @property
    def is_behavioural(self) -> bool:
        """Whether the parameter belongs to one of the rules R1 to R6."""
        return self.group.startswith("R")


def _read() -> dict[str, Parameter]:
    """The parameters by name; where a carrier's price lies between its paths comes for all carriers in their order."""
    rows = read_table(TABLE, Parameter, "name")
    levels = [row.name for row in rows if row.name.endswith(LEVEL)]
    for carrier, found in zip_longest(CARRIERS, levels):
        if found != f"{carrier}{LEVEL}":
            raise InputError(
                TABLE, "name", found, f"expected {carrier}{LEVEL}: one row a carrier, in the order of carriers.csv"
            )
    return {row.name: row for row in rows}


LEVEL = "_price_level"
PARAMETERS = _read()
PARAMETER_DTYPE = flat(PARAMETERS)
#: The same words for rules: where a carrier's price lies between its paths is one array over carriers, and the largest
#: hazard of deciding one over families of technologies.
PARAMETER_RECORD = folded(
    PARAMETERS,
    {
        "price_level": tuple(f"{carrier}{LEVEL}" for carrier in CARRIERS),
        "ceiling": tuple(f"{family}_ceiling_per_year" for family in FAMILIES),
    },
)


def default_parameters(runs: int = 1) -> np.recarray:
    """Parameter records at their defaults, one a run: shape (runs,)."""
    table = np.zeros(runs, PARAMETER_DTYPE).view(np.recarray)
    for name, parameter in PARAMETERS.items():
        table[name] = parameter.default
    return table
