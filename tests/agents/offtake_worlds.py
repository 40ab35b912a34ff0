"""Small worlds and helpers of the tests of buyers and their contracts."""

import dataclasses

import numpy as np

from clusterpact.agents.chance import OFFTAKE, agent_number, uniform
from clusterpact.agents.gates import first_closed_gate
from clusterpact.agents.offtake import (
    signs_offtake,
)
from clusterpact.agents.vocabulary import (
    OBSERVERS,
    OPERATING,
)
from clusterpact.policies.package import Package, library_package
from clusterpact.sim.runs import simulate
from clusterpact.sim.world import build_world, parameter_records
from tests.agents.appraising import HURDLE, annuity, lone_firm
from tests.worlds.small import NEVER, small_state

PREMIUM = 20.0  #: MEUR a year: 50 EUR/t on 400 kt


AUTUMN = 3


STEEL, GLASS = agent_number("steel"), agent_number("glass")


def along_the_chain(s):
    """Firm 0 makes 1000 kt of steel and would turn to a low-carbon option; a buyer would take 400 kt of it for 8 years."""
    s.firms.product, s.firms[0].candidate, s.firms[0].value = STEEL, 1, 0.2
    s.options[1::2].is_low_carbon = 1
    for b, buyer in enumerate(s.buyers):
        buyer.id = agent_number(f"buyer {b}")
    s.buyers.product, s.buyers.volume_kt, s.buyers.premium, s.buyers.contract_quarters = STEEL, 400.0, 50.0, 32
    s.buyers.disposition = 0.5
    return s


def buying(firms=1, buyers=1, **further):
    """The same in a small world; buyers want to sign with a chance of 0.3 a year."""
    return along_the_chain(small_state(firms=firms, buyers=buyers, **({"buyer_signs_per_year": 0.3} | further)))


def signing(s, t=AUTUMN, b=0, runs=200):
    """In which of many runs buyer b signs with firm 0, and the draws of their luck."""
    found, draws = [], []
    for run in range(runs):
        s.world[0].run = run
        found.append(bool(signs_offtake(s, b, 0, t)))
        draws.append(uniform(1, run, OFFTAKE, s.firms[0].id ^ s.buyers[b].id, t))
    return np.array(found), np.array(draws)


def ever_signs(s, **options):
    return signing(s, **options)[0].any()


#: What 20 MEUR a year for eight years after two years' works are worth at a hurdle of 11 %, per campaign of 100 MEUR.
HELP = PREMIUM * annuity(1, 8) / 100


def under_contract(firms=1, running=False, **further):
    """Firm 0 has signed for 400 kt in quarter 3, or delivers them since quarter 8 for eight years."""
    s = buying(firms=firms, **({"buyer_leaves_per_year": 0.0, "witness_discount": 0.5} | further))
    firm = s.firms[0]
    firm.buyer, firm.offtake_kt, firm.offtake_due, s.buyers[0].signed_kt = 0, 400.0, 27, 400.0
    if running:
        firm.option, firm.candidate, firm.switched, firm.stage, firm.offtake_until = 1, NEVER, 1, OPERATING, 40
    return s


def evidence(target, name):
    """What all classes of observers see of a target in this quarter."""
    return dict(zip(OBSERVERS, target[f"{name}_now"].tolist(), strict=True))


SEEN = {"firm": 1.0, "financier": 1.0, "government": 0.5, "operator": 0.5}  #: at first hand, and by witnesses


def ended(s):
    """Whether the contract is over, and its buyer free again."""
    firm = s.firms[0]
    return (firm.buyer, firm.offtake_kt, firm.offtake_due, firm.offtake_until, s.buyers[0].signed_kt) == (
        NEVER, 0.0, NEVER, NEVER, 0.0)  # fmt: skip


# What it is worth.


def appraised(**further):
    """A lone firm, with a contract for 20 MEUR/year in the eyes of its board: half of that, as it trusts the buyer."""
    s = along_the_chain(lone_firm(**({"buyers": 1} | further)))
    firm = s.firms[0]
    firm.buyer, firm.offtake_kt, firm.offtake_due = 0, 400.0, 27
    return s


def bare(s):
    """The same without the contract."""
    s = s.copy()
    s.firms[0].buyer = NEVER
    return s


# The gate.


def at_gate(s, t=AUTUMN):
    firm = s.firms[0]
    firm.available = 1
    return first_closed_gate(s, firm, t)


def short_of_profit(**further):
    """A candidate that misses its profit by 10 MEUR, which the premium would bring."""
    s = buying(**({"networks": 1} | further))
    firm = s.firms[0]
    firm.value, firm.value_unstranded, firm.hurdle = -0.1, -0.1, HURDLE
    return s


# Whole runs.

RUNS = 200


def public_buyers(starter, **changes):
    """The starter, whose makers of bottles would find buyers for all their glass at 160 EUR/t, all of it for the public."""
    changes = {"public_share": 1.0, "premium_eur_per_t": 160.0, "volume_kt_per_year": 200.0} | changes
    bottlers = next(buyer for buyer in starter.buyers if buyer.product == "glass")
    return dataclasses.replace(starter, buyers=(bottlers.model_copy(update=changes),))


def run(scenario, runs=RUNS, parameters=None, **instruments):
    """Runs of a cluster under current policies and further instruments from 2026 on, each by the luck of its number."""
    schedules = library_package("current-policies").schedules
    schedules = schedules | {name: ((2026, strength),) for name, strength in instruments.items()}
    world = build_world(scenario, Package("made", "", "", None, schedules), 2026, 2050, seed=1)
    records = parameter_records({name: np.full(runs, value) for name, value in (parameters or {}).items()}, runs)
    return world, simulate(world, records, np.arange(runs, dtype=np.uint64))


def recorded(arrays, *but):
    """All that runs recorded, bytes; less some measures."""
    names = [name for name in arrays.series.dtype.names if name not in but]
    series = [arrays.series[name].tobytes() for name in names]
    return *series, arrays.gates.tobytes(), arrays.decisions.tobytes(), arrays.networks.tobytes()
