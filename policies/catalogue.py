"""The catalogue: instruments of governments, interests of their teams, practices of other stakeholders. One table each."""

from pathlib import Path
from typing import Literal

import numpy as np

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.vocabulary import DUTIES, N_BUDGETS
from clusterpact.inputs import InputError, Ranged, Record, read_table
from clusterpact.policies.targets import KEYS_OF

INSTRUMENT_FILE = Path(__file__).with_name("instruments.csv")
INTEREST_FILE = Path(__file__).with_name("interests.csv")
LEVER_FILE = Path(__file__).with_name("levers.csv")
STAKEHOLDERS = ("government", "lenders", "operators", "firms", "pact")


class Instrument(Ranged):
    """One row of `instruments.csv`; a strength of zero is the same as its absence, and one instrument enters one term.

    adopted_by: the duty of the government that may adopt it by itself or from its peers (R6), at its typical strength; rows
    of such instruments are appended, never put between others, since the luck of adopting hangs on their order.
    promised_by: the duty of the government whose word it is, so that cutting it breaks a promise (C5); empty where it is
    nobody's. acts_on: whom it may be for, where it need not be for everyone (`clusterpact.policies.targets`).
    """

    name: str
    action: str
    meaning: str
    unit: str
    low: float
    high: float
    typical: float
    rule: str
    term: str
    controlled_by: Literal[STAKEHOLDERS]  # type: ignore[valid-type]
    adopted_by: Literal[(*DUTIES, "")] = ""  # type: ignore[valid-type]
    promised_by: Literal[(*DUTIES, "")] = ""  # type: ignore[valid-type]
    acts_on: Literal[tuple(KEYS_OF)] = ""  # type: ignore[valid-type]
    who_pays: str
    source: str

    @property
    def is_pot(self) -> bool:
        """Whether it is money that all share who may ask for it."""
        return self.unit == "MEUR/year"


class Interest(Record):
    """One row of `interests.csv`: an instrument that a team of governments on an interest learns about (a judgement)."""

    interest: str
    instrument: str
    reason: str


class Practice(Record):
    """One row of `levers.csv`: a parameter of behaviour that a stakeholder moves to a value, where it is not there already.

    bound: which way its words go, so that it never acts against them.
    """

    name: str
    stakeholder: Literal[STAKEHOLDERS]  # type: ignore[valid-type]
    action: str
    parameter: str
    bound: Literal["at_least", "at_most"]
    value: float
    source: str


def _read_topics() -> dict[str, tuple[str, ...]]:
    """Instruments by interest of the Industry Transition Platform."""
    rows = read_table(INTEREST_FILE, Interest)
    for row in rows:
        if row.instrument not in INSTRUMENTS:
            raise InputError(INTEREST_FILE, "instrument", row.instrument, "no such instrument", INSTRUMENTS)
    return {row.interest: tuple(r.instrument for r in rows if r.interest == row.interest) for row in rows}


def _read_practices() -> tuple[Practice, ...]:
    """The practices, each a value that its parameter may have."""
    rows = read_table(LEVER_FILE, Practice)
    for row in rows:
        if row.parameter not in PARAMETERS:
            raise InputError(LEVER_FILE, "parameter", row.parameter, "no such parameter", PARAMETERS)
        parameter = PARAMETERS[row.parameter]
        if not parameter.low <= row.value <= parameter.high:
            raise InputError(
                LEVER_FILE, f"{row.name}: value", row.value, f"expected {parameter.low:g} to {parameter.high:g}"
            )
    return tuple(rows)


INSTRUMENTS = {row.name: row for row in read_table(INSTRUMENT_FILE, Instrument, "name")}
ADOPTABLE = tuple(row for row in INSTRUMENTS.values() if row.adopted_by)
PRACTICES = _read_practices()
TOPICS = _read_topics()
INTERESTS = tuple(TOPICS)

#: One record a year of the horizon: the strength of every instrument, the governance mode (-1: the cluster's own), the
#: yearly budgets for public support (infinite where none is set), and the row of the cluster.
POLICY_DTYPE = np.dtype(
    [(name, "f8") for name in INSTRUMENTS]
    + [("governance_mode", "i8"), ("budget_meur_per_year", "f8", (N_BUDGETS,)), ("cluster", "i8")],
    align=True,
)
