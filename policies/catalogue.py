"""The catalogue: instruments of governments, interests of their teams, practices of other stakeholders. One table each."""

from pathlib import Path
from typing import Literal

import numpy as np

from clusterpact.agents.vocabulary import DUTIES
from clusterpact.inputs import Record, read_table

HERE = Path(__file__).parent
STAKEHOLDERS = ("government", "lenders", "operators", "firms", "pact")


class Instrument(Record):
    """One row of `instruments.csv`; a strength of zero is the same as its absence, and one instrument enters one term.

    adopted_by: the duty of the government that may adopt it by itself or from its peers (R6), at its typical strength; rows
    of such instruments are appended, never put between others, since the luck of adopting hangs on their order.
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
    controlled_by: str
    adopted_by: Literal[(*DUTIES, "")] = ""  # type: ignore[valid-type]
    who_pays: str
    source: str


class Interest(Record):
    """One row of `interests.csv`: an instrument that a team of governments on an interest learns about (a judgement)."""

    interest: str
    instrument: str
    reason: str


class Practice(Record):
    """One row of `levers.csv`: a parameter of behaviour that a stakeholder sets to a value."""

    name: str
    stakeholder: Literal[STAKEHOLDERS]  # type: ignore[valid-type]
    action: str
    parameter: str
    value: float
    source: str


INSTRUMENTS = {row.name: row for row in read_table(HERE / "instruments.csv", Instrument)}
ADOPTABLE = tuple(row for row in INSTRUMENTS.values() if row.adopted_by)
PRACTICES = tuple(read_table(HERE / "levers.csv", Practice))

_INTERESTS = read_table(HERE / "interests.csv", Interest)
#: Instruments by interest of the Industry Transition Platform.
TOPICS = {row.interest: tuple(r.instrument for r in _INTERESTS if r.interest == row.interest) for row in _INTERESTS}
INTERESTS = tuple(TOPICS)

#: One record a year of the horizon: the strength of every instrument and the governance mode (-1: the cluster's own).
POLICY_DTYPE = np.dtype([(name, "f8") for name in INSTRUMENTS] + [("governance_mode", "i8")], align=True)
