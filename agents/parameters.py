"""The parameters of the model, read from `parameters.csv`: those of behaviour (R1 to R6), then finance and market data."""

from pathlib import Path

import numpy as np

from clusterpact.agents.layout import flat, folded
from clusterpact.agents.vocabulary import CARRIERS
from clusterpact.inputs import Record, read_table

TABLE = Path(__file__).with_name("parameters.csv")


class Parameter(Record):
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
    confidence: str

    @property
    def is_behavioural(self) -> bool:
        """Whether the parameter belongs to one of the rules R1 to R6."""
        return self.group.startswith("R")


PARAMETERS = {row.name: row for row in read_table(TABLE, Parameter)}
PARAMETER_DTYPE = flat(PARAMETERS)
#: The same words for rules: where a carrier's price lies between its paths is one array over carriers.
PARAMETER_RECORD = folded(PARAMETERS, {"price_level": tuple(f"{carrier}_price_level" for carrier in CARRIERS)})


def default_parameters(runs: int = 1) -> np.recarray:
    """Parameter records at their defaults, one a run: shape (runs,)."""
    table = np.zeros(runs, PARAMETER_DTYPE).view(np.recarray)
    for name, parameter in PARAMETERS.items():
        table[name] = parameter.default
    return table
