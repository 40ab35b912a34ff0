"""Gates: why a plant has not switched, the first closed one of ten."""

import pytest

from clusterpact.agents.gates import close_gates, first_closed_gate
from clusterpact.agents.vocabulary import (
    BEYOND_MEANS,
    BUILDING,
    COMMITTED,
    FAILED,
    FID,
    GATE_BANK,
    GATE_NETWORK,
    GATE_PROFIT,
    GATE_RATION,
    GATE_SWITCHED,
    GATE_WORKS,
    NO_GATE,
    OPEN,
    OPERATING,
    PLEDGED,
)
from clusterpact.sim.books import keep_accounts
from tests.worlds.small import small_state

PAYS = {"available": 1, "candidate": 1, "value": 0.2, "value_unstranded": 0.3}


def at_gate(volume=0.0, standing=OPEN, gate=NO_GATE, **fields):
    s = small_state()
    s.assessments[1].standing, s.assessments[1].gate = standing, gate
    s.options[1].volume[0] = volume
    for name, value in fields.items():
        setattr(s.firms[0], name, value)
    close_gates(s, 0)
    return s.firms[0].gate


@pytest.mark.parametrize(
    ("gate", "volume", "fields"),
    [
        (1, 0.0, {}),
        (2, 0.0, PAYS | {"value": -0.1}),
        (3, 0.0, PAYS | {"value": -0.2, "value_unstranded": -0.1}),
        (4, 0.0, PAYS),
        (5, 400.0, PAYS),
        (5, 400.0, PAYS | {"stage": PLEDGED}),
        (6, 400.0, PAYS | {"stage": COMMITTED}),
        (6, 0.0, PAYS | {"refused": 6}),
        (7, 0.0, PAYS | {"refused": 7}),
        (7, 0.0, {"stage": FAILED}),
        (8, 0.0, PAYS | {"refused": 8}),
        (9, 0.0, PAYS | {"stage": FID}),
        (9, 0.0, {"stage": BUILDING}),
        (10, 0.0, {"stage": OPERATING, "switched": 1}),
        (10, 0.0, PAYS | {"stage": OPERATING, "switched": 1, "option": 1}),  # emits a tenth: done
        (3, 0.0, PAYS | {"stage": OPERATING, "switched": 1, "value": -1.0, "value_unstranded": -1.0}),  # emits too much
        (10, 0.0, {"baseline_kt": 0.0}),  # inert: nothing to abate
        (1, 0.0, {"baseline_kt": 0.0, "planned": 1}),
        (1, 0.0, {"baseline_kt": 0.5}),  # little is not nothing
        (2, 0.0, PAYS | {"value": 0.0}),  # a value of nothing is no gain
        (3, 0.0, PAYS | {"value": 0.0, "value_unstranded": 0.0}),
        (4, 0.0, PAYS | {"candidate": 0, "option": 1}),  # the first row of the table is an option like any other
    ],
)
def test_a_firm_stands_before_the_first_gate_that_is_closed(gate, volume, fields):
    assert at_gate(volume, **fields) == gate


def test_a_gate_that_does_not_pay_comes_before_a_network_that_is_missing():
    assert at_gate(400.0, **PAYS | {"value": -0.1}) == 2
    assert at_gate(400.0, **PAYS | {"value": -0.1, "refused": 7}) == 2


@pytest.mark.parametrize(("gate", "closed"), [(GATE_BANK, 7), (GATE_RATION, 8)])
def test_a_candidate_beyond_its_owners_means_stands_before_the_gate_that_closes_it(gate, closed):
    assert at_gate(standing=BEYOND_MEANS, gate=gate, **PAYS) == closed
    assert at_gate(standing=OPEN, gate=gate, **PAYS) == 4
    assert at_gate(volume=400.0, standing=BEYOND_MEANS, gate=gate, **PAYS) == 5  # the network comes first


@pytest.mark.parametrize(("blocked", "closed"), [(GATE_NETWORK, 5), (GATE_BANK, 7), (GATE_RATION, 8), (NO_GATE, 2)])
def test_a_candidate_that_does_not_pay_says_what_blocks_the_one_that_would(blocked, closed):
    assert at_gate(blocked=blocked, **PAYS | {"value": -0.1}) == closed
    assert at_gate(blocked=blocked, **PAYS) == 4  # a candidate that pays is held back by other things


def test_gates_are_reported_by_what_is_still_emitted_and_add_up():
    s = small_state(firms=2)
    s.firms.baseline_kt = [1500.0, 500.0]
    s.firms[0].stage, s.firms[1].stage = BUILDING, FAILED
    close_gates(s, 3)
    keep_accounts(s, 3)
    account = s.account[0]
    assert (account.gate[GATE_WORKS - 1], account.gate[GATE_BANK - 1]) == pytest.approx((0.5, 0.5))  # kt of 2,000
    assert account.gate.sum() + account.abated_share == pytest.approx(1.0)


@pytest.mark.parametrize(("handed_on", "gate"), [(0.0, GATE_PROFIT), (600.0, GATE_SWITCHED)])
def test_a_works_that_handed_gases_on_is_done_by_the_co2_of_its_process(handed_on, gate):
    """It emits 150 of 1,000 kt: more than a tenth of its own stacks, and less than a tenth of a process of 1,600."""
    s = small_state(firms=1, networks=0)
    s.options[0].generated_kt = 1000.0 + handed_on
    s.options[1].emission_kt = 150.0
    firm = s.firms[0]
    firm.option, firm.switched, firm.available, firm.candidate, firm.value = 1, 1, 1, 0, -1.0
    assert first_closed_gate(s, firm, 0) == gate
