"""Which gate holds a plant back: the first that is closed, in the order in which a project meets them."""

from clusterpact.agents.bookings import lacks_network
from clusterpact.agents.compiled import rule
from clusterpact.agents.offtake import would_pay_with_buyer
from clusterpact.agents.vocabulary import (
    BEYOND_MEANS,
    BUILDING,
    CLOSED_DOWN,
    COMMITTED,
    FAILED,
    FID,
    GATE_AVAILABLE,
    GATE_BANK,
    GATE_BELIEF,
    GATE_BUYER,
    GATE_CAPABILITY,
    GATE_CLOSED,
    GATE_NETWORK,
    GATE_PROFIT,
    GATE_SWITCHED,
    GATE_WINDOW,
    GATE_WORKS,
    NO_GATE,
)

DONE_SHARE = 0.1  #: a plant that emits no more than this share of what it did has nothing left to do


@rule
def close_gates(s, t):
    """Record, for every firm, the first gate that is closed."""
    for i in range(s.firms.size):
        s.firms[i].gate = first_closed_gate(s, s.firms[i], t)


@rule
def first_closed_gate(s, firm, t):
    """Number of the first closed gate, one of `GATE_...`; `clusterpact.agents.vocabulary.GATES` names them."""
    if firm.stage == CLOSED_DOWN:
        return GATE_CLOSED
    if firm.stage == FID or firm.stage == BUILDING:
        return GATE_WORKS
    if firm.stage == FAILED:
        return GATE_BANK
    running = s.options[firm.option]
    done = False
    if firm.switched == 1:  # of its process: gases that a neighbour burns included
        done = running.emission_kt <= DONE_SHARE * max(firm.baseline_kt, s.options[firm.first_option].generated_kt)
    if firm.available == 0 or firm.candidate < 0 or done:
        has_nothing_to_do = firm.baseline_kt <= 0.0 and firm.planned == 0
        return GATE_SWITCHED if firm.switched == 1 or has_nothing_to_do else GATE_AVAILABLE
    if firm.value <= 0.0:
        if firm.blocked != NO_GATE:
            return GATE_BELIEF if firm.blocked == GATE_NETWORK else firm.blocked
        if firm.value_unstranded > 0.0:
            return GATE_WINDOW
        return GATE_BUYER if would_pay_with_buyer(s, firm, t) else GATE_PROFIT
    if firm.preparing == 1 and firm.project == firm.candidate:
        return GATE_WORKS
    if firm.refused != NO_GATE:
        return firm.refused
    if lacks_network(s, firm):
        return GATE_NETWORK if firm.stage == COMMITTED else GATE_BELIEF
    beyond_means = s.assessments[firm.candidate].standing == BEYOND_MEANS
    return s.assessments[firm.candidate].gate if beyond_means else GATE_CAPABILITY
