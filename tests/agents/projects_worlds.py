"""Small worlds and helpers of the tests of projects in hand."""

import math

from clusterpact.agents.chance import PREPARATION, SLIP, two_uniforms, uniform
from clusterpact.agents.gates import first_closed_gate
from clusterpact.agents.projects import (
    start_pipeline,
)
from clusterpact.agents.vocabulary import (
    GRANTS,
    IN_PLANNING,
    IN_WORKS,
    NET_OPERATING,
    PERMITTED,
)
from tests.agents.appraising import asking
from tests.worlds.small import small_state

RUNS = 300


def in_hand(stage, planned=12, grant=0.0, strike=0.0, **further):
    """Firm 0 has a project in hand for its option 1: two years' works, 100 MEUR, two years of permits and engineering."""
    s = small_state(**({"firms": 1, "networks": 0, "pipeline": 1, "permit_quarters": 8.0} | further))
    plan = s.pipeline[0]
    plan.firm, plan.option, plan.stage, plan.planned_quarter = 0, 1, stage, planned
    plan.grant_meur, plan.strike = grant, strike
    s.firms[0].pipeline = 0
    return s


def started(stage, planned=12, **further):
    """The same at the start of a run."""
    s = in_hand(stage, planned, **further)
    start_pipeline(s)
    return s


def by_hand(s, mean, t):
    """Quarters of slip by hand: geometric with a mean, from the draw of firm 0."""
    draw = uniform(1, s.world[0].run, SLIP, s.firms[0].id, t)
    return math.floor(math.log(1 - draw) / math.log(mean / (1 + mean)))


def connected(network_stage=NET_OPERATING, booked=0.0, capacity=1000.0, stage=IN_WORKS, planned=6):
    """A decided project that needs 400 of a network."""
    s = in_hand(stage, planned, networks=1)
    s.options[1].volume[0] = 400.0
    network = s.networks[0]
    network.stage, network.capacity, network.booked = network_stage, capacity, booked
    start_pipeline(s)
    return s


# Preparation.


def preparing(prepared=8, **further):
    """Firm 0 prepares the project in hand, for another `prepared` quarters."""
    s = started(IN_PLANNING, **further)
    s.firms[0].prepared_quarter, s.firms[0].preparing = prepared, 1
    return s


def fates(s, t):
    """What chance has in store for firm 0's project in a quarter: (end, slip), numbers in [0, 1)."""
    return two_uniforms(1, s.world[0].run, PREPARATION, s.firms[0].id, t)


def given_up(**fields):
    """Firm 0 gives its project up for sure in quarter 3."""
    s = preparing(project_dropped_per_year=4.0, networks=1)
    s.options[1].volume[0] = 400.0
    s.firms[0].choice = 0.3
    for name, value in fields.items():
        s.firms[0][name] = value
    return s


def with_buyer(**fields):
    """The project that is given up had a contract with a buyer, for 100 kt/year."""
    s = preparing(project_dropped_per_year=4.0, buyers=1)
    s.buyers[0].signed_kt = 100.0
    firm = s.firms[0]
    firm.buyer, firm.offtake_kt, firm.offtake_due = 0, 100.0, 20
    for name, value in fields.items():
        firm[name] = value
    return s


def at_gate(**fields):
    """The gate of a firm whose candidate pays and is being prepared."""
    s = preparing()
    firm = s.firms[0]
    firm.available, firm.value, firm.value_unstranded = 1, 0.2, 0.3
    for name, value in fields.items():
        firm[name] = value
    return first_closed_gate(s, firm, 3)


# Grants in hand.


def granted(grant, by_law=0.0, budget=math.inf):
    """A project that is permitted, with a grant in hand, where the law gives a share to everybody."""
    s = asking(started(PERMITTED, 0, grant=grant, options_per_firm=3))
    s.policy.grant_share = by_law
    s.pacts[0].budget_left_meur[GRANTS] = budget
    s.owners.budget_meur = 200.0
    return s
