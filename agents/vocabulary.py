"""The words of the model. Counts follow from the tuples, so that a word more is a row or an entry more, and no rule counts.

Carriers and kinds of network stand in tables beside this file; the rest is fixed by the rules that speak of it.
"""

from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from clusterpact.inputs import InputError, Record, read_table, unique


class Carrier(Record):
    """One row of `carriers.csv`: an energy carrier (or carbon), in the order in which all tables hold them.

    column: the column of the technology table that says how much a technology buys of it; of carriers that share a column, a
    plant buys the one that names its sector, else the one that names none. Without a column nothing buys it by the unit.
    co2_t_per_mwh: fossil CO2 of burning it, t per MWh (lower heating value); biogenic_co2_t_per_mwh: CO2 that counts only
    where it is captured.
    """

    name: str
    column: str = ""
    sectors: str = ""
    co2_t_per_mwh: float = Field(default=0.0, ge=0)
    biogenic_co2_t_per_mwh: float = Field(default=0.0, ge=0)
    meaning: str
    source: str = ""


class NetworkKind(Record):
    """One row of `network_kinds.csv`: a kind of shared network, in the order in which all tables hold them.

    carries: a carrier, `captured_co2` or `waste_heat`: what a technology needs capacity for; both_ways: whether feeding in
    needs it too. premium_points: first-of-a-kind premium of technologies that need it (TEMOA and estimates; 2 if blank).
    """

    name: str
    carries: str
    both_ways: bool = False
    unit: Literal["kt", "GWh"]
    label: str
    season: str
    premium_points: float | None = Field(default=None, gt=0)


def _read_carriers() -> tuple[Carrier, ...]:
    """The carriers; of those that share a column at most one may name no sectors."""
    rows = read_table(CARRIER_FILE, Carrier, "name")
    unique(CARRIER_FILE, "column (of carriers without sectors)", [r.column for r in rows if r.column and not r.sectors])
    return tuple(rows)


def _read_network_kinds() -> dict[str, NetworkKind]:
    """The kinds of network by name, each carrying something that there is."""
    rows = read_table(NETWORK_KIND_FILE, NetworkKind, "name")
    carried = (*CARRIERS[1:], *OTHER_LOADS)
    for row in rows:
        if row.carries not in carried:
            raise InputError(NETWORK_KIND_FILE, f"{row.name}: carries", row.carries, "no such carrier or load", carried)
    return {row.name: row for row in rows}


CARRIER_FILE = Path(__file__).with_name("carriers.csv")
NETWORK_KIND_FILE = Path(__file__).with_name("network_kinds.csv")
OTHER_LOADS = ("captured_co2", "waste_heat")  #: what networks carry that is not bought

CARRIER_TABLE = _read_carriers()
CARRIERS = tuple(row.name for row in CARRIER_TABLE)
CARBON = CARRIERS.index("carbon")
ELECTRICITY = CARRIERS.index("electricity")
NATURAL_GAS = CARRIERS.index("natural_gas")
HYDROGEN = CARRIERS.index("hydrogen")
HEAT = CARRIERS.index("heat")

NETWORK_KIND_TABLE = _read_network_kinds()
NETWORK_KINDS = tuple(NETWORK_KIND_TABLE)
N_CARRIERS = len(CARRIERS)
N_KINDS = len(NETWORK_KINDS)

#: Classes of observers: each has an opinion of its own of every agent that promises.
OBSERVERS = ("firm", "financier", "government", "operator")
N_OBSERVERS = len(OBSERVERS)
BY_FIRM, BY_FINANCIER, BY_GOVERNMENT, BY_OPERATOR = range(N_OBSERVERS)

#: Who sees an outcome at first hand, a bit per class of observers: to whom the promise was made.
NOBODY = 0
OPERATORS = 1 << BY_OPERATOR
LENDERS_AND_OPERATORS = 1 << BY_FINANCIER | 1 << BY_OPERATOR
FIRMS_AND_LENDERS = 1 << BY_FIRM | 1 << BY_FINANCIER

#: Ladder of a firm's next project: pledge (C1), conditional commitment (C2), final investment decision, works, running.
STAGES = ("idle", "pledged", "committed", "FID", "building", "operating", "failed", "closed")
IDLE, PLEDGED, COMMITTED, FID, BUILDING, OPERATING, FAILED, CLOSED_DOWN = range(len(STAGES))
#: Where a project in hand stands at the start. Before its decision it may still slip or be given up.
PROJECT_STAGES = ("announced", "planned", "permitted", "contract signed", "FID", "building", "on hold")
(ANNOUNCED, IN_PLANNING, PERMITTED, CONTRACT_SIGNED, DECIDED, IN_WORKS, ON_HOLD) = range(len(PROJECT_STAGES))
NETWORK_STAGES = ("proposed", "building", "operating")
NET_PROPOSED, NET_BUILDING, NET_OPERATING = range(len(NETWORK_STAGES))

#: Governance modes of the pact (Provan and Kenis 2008).


class SignalKind(NamedTuple):
    """What an instrument may wait for: what the signal is of ("network", or nothing: the cluster), its unit, its range."""

    of: str
    unit: str
    low: float
    high: float
    meaning: str


SIGNALS = {
    "signed_share": SignalKind("network", "-", 0, 100, "volume signed for a network, per its first phase"),
    "decided_share": SignalKind("network", "-", 0, 100, "capacity of a network that is decided, per its first phase"),
    "abated_share": SignalKind("", "-", -1, 1, "abated share of scope 1, at the end of last year"),
    "milestone_gap": SignalKind(
        "", "-", 0, 1, "what the milestone in force asks for, less the abated share; 0 if it is met"
    ),
    "carbon_price_eur_per_t": SignalKind("", "EUR/t", 0, 2000, "mean carbon price of last year"),
    "reversals": SignalKind("", "-", 0, 100, "policy reversals so far, of the governments of the cluster"),
}
SIGNED_SHARE, DECIDED_SHARE, ABATED_SHARE, MILESTONE_GAP, CARBON_PRICE, REVERSALS = range(len(SIGNALS))

GOVERNANCE_MODES = ("unanimity", "majority", "anchor", "orchestrator")
UNANIMITY, MAJORITY, ANCHOR, ORCHESTRATOR = range(len(GOVERNANCE_MODES))

#: Why a plant has not switched: the first closed gate, numbered from 1.
GATES = (
    "not available", "not in its investment window", "not profitable", "not capable",
    "partners or threshold not believed", "network not decided or full", "not bankable", "rationed",
    "in permits or construction", "switched", "no buyer", "closed down",
)  # fmt: skip
N_GATES = len(GATES)
(GATE_AVAILABLE, GATE_WINDOW, GATE_PROFIT, GATE_CAPABILITY, GATE_BELIEF, GATE_NETWORK, GATE_BANK, GATE_RATION, GATE_WORKS,
 GATE_SWITCHED, GATE_BUYER, GATE_CLOSED) = range(1, N_GATES + 1)  # fmt: skip
NO_GATE = 0  #: nothing stands in the way

#: Families of technologies: what a switch changes, and so which barriers that are not money it meets.
FAMILIES = ("fuel", "electric", "hydrogen", "capture")
N_FAMILIES = len(FAMILIES)
FUEL, CAPTURE = FAMILIES.index("fuel"), FAMILIES.index("capture")
#: How a project is paid for: not at all, on its owner's balance sheet, or by loans to the project alone.
ROUTES = ("none", "corporate", "project")
NO_ROUTE, CORPORATE, PROJECT = range(len(ROUTES))
#: Where an option stands at a board: not on the market, open now, waiting for a network, beyond the owner's means.
STANDINGS = ("closed", "open", "waits for a network", "beyond means")
CLOSED, OPEN, WAITS, BEYOND_MEANS = range(len(STANDINGS))
#: Public money that a place may cap by a yearly budget, what is not spent being kept; booked when it is promised.
BUDGET_LINES = ("grants", "concessional", "guarantees", "credits", "networks")
N_BUDGETS = len(BUDGET_LINES)
GRANTS, CONCESSIONAL, GUARANTEES, CREDITS, NETWORK_SUPPORT = range(N_BUDGETS)

#: Goods by their free allocation: outside the carbon border adjustment, and under it.
GOODS = ("other", "cbam")
N_GOODS = len(GOODS)
#: What governments do for a cluster, each done by exactly one of them; an instrument names the duty that adopts it.
DUTIES = ("sets_carbon_price", "awards_support", "governs_pact")
SETS_CARBON_PRICE, AWARDS_SUPPORT, GOVERNS_PACT = range(len(DUTIES))
QUARTER = 0.25  #: of a year
