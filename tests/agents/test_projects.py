"""R9: projects in hand at the start, their preparation, the grants that come with them, and what comes later and dearer."""

import math

import numpy as np
import pytest

from clusterpact.agents.board import keeps_candidate
from clusterpact.agents.networks import commission_networks
from clusterpact.agents.output import close_plants
from clusterpact.agents.plant import activity, work_on_plants
from clusterpact.agents.preparation import prepare_projects
from clusterpact.agents.projects import (
    grant_in_hand,
    slip_of,
    start_pipeline,
)
from clusterpact.agents.vocabulary import (
    ANNOUNCED,
    BUILDING,
    CLOSED_DOWN,
    CONTRACT_SIGNED,
    DECIDED,
    FID,
    IDLE,
    IN_PLANNING,
    IN_WORKS,
    NET_BUILDING,
    NET_OPERATING,
    NET_PROPOSED,
    ON_HOLD,
    OPERATING,
    PERMITTED,
)
from tests.agents.projects_worlds import (
    RUNS,
    by_hand,
    connected,
    fates,
    in_hand,
    preparing,
    started,
)
from tests.worlds.small import NEVER, small_state

# Where it stands at the start.


@pytest.mark.parametrize(("stage", "planned", "prepared"), [
    (ANNOUNCED, 8, 8),  # all of two years is before it, whatever was planned
    (ANNOUNCED, 12, 8),
    (ANNOUNCED, 24, 16),  # works of two years begin in time for what is planned, not before
    (IN_PLANNING, 8, 4),
    (IN_PLANNING, 12, 4),
    (IN_PLANNING, 13, 5),
    (CONTRACT_SIGNED, 12, 4),
    (PERMITTED, 8, 0),
    (PERMITTED, 12, 4),
    (PERMITTED, 0, 0),
])  # fmt: skip
def test_a_project_before_its_decision_has_still_a_part_of_its_preparation_before_it(stage, planned, prepared):
    firm = started(stage, planned).firms[0]
    assert (firm.project, firm.candidate, firm.stage) == (1, 1, IDLE)
    assert (firm.prepared_quarter, firm.preparing) == (prepared, int(prepared > 0))


@pytest.mark.parametrize(("stage", "prepared"), [(ANNOUNCED, 4), (IN_PLANNING, 2), (PERMITTED, 0)])
def test_faster_permits_shorten_what_is_left(stage, prepared):
    s = in_hand(stage, 0)
    s.policy.faster_permits = 0.5
    start_pipeline(s)
    assert s.firms[0].prepared_quarter == prepared


def test_a_project_on_hold_waits_with_its_grant_for_a_board_that_wants_it():
    s = started(ON_HOLD, grant=30.0)
    firm = s.firms[0]
    assert (firm.project, firm.candidate, firm.preparing, firm.stage) == (NEVER, NEVER, 0, IDLE)
    assert grant_in_hand(s, firm, s.options[1]) == 30.0


@pytest.mark.parametrize(("stage", "planned", "until"), [(CONTRACT_SIGNED, 12, 20), (ON_HOLD, 6, 14), (IN_WORKS, 0, 8)])
def test_a_contract_in_hand_binds_its_firm_and_lapses_two_years_after_the_planned_start(stage, planned, until):
    s = started(stage, planned, strike=90.0)
    firm = s.firms[0]
    assert (firm.candidate, firm.strike, firm.strike_until) == (1, 90.0, until)
    assert keeps_candidate(s, firm)


def test_a_firm_without_a_project_in_hand_starts_as_ever():
    s = in_hand(ANNOUNCED, firms=2)
    before = s.firms[1:].tobytes()
    start_pipeline(s)
    assert s.firms[1:].tobytes() == before


# What was decided before the start.


@pytest.mark.parametrize(("stage", "rung"), [(DECIDED, FID), (IN_WORKS, BUILDING)])
def test_what_was_decided_before_the_start_is_in_works_with_its_money_raised(stage, rung):
    s = started(stage, 6, grant=30.0, capex_level=1.2)
    firm = s.firms[0]
    assert (firm.stage, firm.candidate, firm.project, firm.fid_quarter) == (rung, 1, NEVER, 0)
    assert (firm.promised_quarter, firm.ready_quarter, firm.c3_due) == (6, 6, 7)
    assert (firm.capex_meur, firm.grant_meur, firm.equity_meur) == pytest.approx((120.0, 30.0, 90.0))
    assert (s.pipeline[0].fid_quarter, s.account[0].project_capex_meur) == (0, 0.0)
    assert s.owners[0].budget_meur == 30.0  # nothing is asked of it now


def test_a_grant_is_no_more_than_the_cost():
    assert started(DECIDED, grant=500.0).firms[0].grant_meur == 100.0


@pytest.mark.parametrize(("planned", "mean"), [(2, 1.5), (4, 3.0), (8, 6.0), (20, 6.0)])
def test_works_slip_in_the_measure_of_what_is_left_of_them(planned, mean):
    """Works take eight quarters: a project with two of them left slips by a quarter of the mean of six."""
    late = []
    for run in range(40):
        s = in_hand(IN_WORKS, planned, start_slip_quarters=6.0)
        s.world[0].run = run
        start_pipeline(s)
        assert s.firms[0].promised_quarter == planned
        late.append(s.firms[0].ready_quarter - planned)
        assert late[-1] == by_hand(s, mean, 0)
    assert len(set(late)) > 2


def test_a_project_that_is_due_now_starts_now():
    s = started(IN_WORKS, 0, start_slip_quarters=6.0)
    assert s.firms[0].ready_quarter == 0
    work_on_plants(s, 0)
    assert (s.firms[0].stage, s.pipeline[0].start_quarter) == (OPERATING, 0)


def test_slips_have_the_mean_of_the_record():
    s = in_hand(IN_WORKS)
    found = []
    for run in range(3000):
        s.world[0].run = run
        found.append(slip_of(s, s.firms[0], 6.0, 3))
    assert np.mean(found) == pytest.approx(6.0, abs=4 * math.sqrt(42 / 3000))  # variance of a geometric number: m (1 + m)
    assert min(found) == 0
    assert slip_of(s, s.firms[0], 0.0, 3) == 0


def test_a_decided_project_holds_its_place_on_a_network():
    s = connected(booked=600.0)
    network = s.networks[0]
    assert (s.firms[0].booked[0], network.booked, network.capacity, network.extension) == (400.0, 1000.0, 1000.0, 0.0)


def test_what_a_network_lacks_for_it_is_built_until_it_is_ready():
    s = connected(booked=800.0)
    network = s.networks[0]
    assert (network.booked, network.capacity, network.extension, network.extension_ready) == (1200.0, 1200.0, 200.0, 6)
    network.used = 800.0
    for t in range(6):
        commission_networks(s, t)
        work_on_plants(s, t)
    assert s.firms[0].stage == BUILDING
    commission_networks(s, 6)
    work_on_plants(s, 6)
    assert (s.firms[0].stage, network.used, network.extension) == (OPERATING, 1200.0, 0.0)


def test_two_decided_projects_on_a_full_network_are_both_waited_for():
    s = small_state(networks=1, pipeline=2)
    s.options.volume[[1, 3], 0] = [400.0, 300.0]
    s.networks[0].stage, s.networks[0].capacity, s.networks[0].booked = NET_OPERATING, 100.0, 100.0
    for i, planned in ((0, 6), (1, 4)):
        plan = s.pipeline[i]
        plan.firm, plan.option, plan.stage, plan.planned_quarter = i, 2 * i + 1, DECIDED, planned
        s.firms[i].pipeline = i
    start_pipeline(s)
    network = s.networks[0]
    assert (network.capacity, network.booked, network.extension, network.extension_ready) == (800.0, 800.0, 700.0, 6)


def test_a_network_in_works_is_joined_and_a_proposed_one_is_not():
    assert connected(NET_BUILDING).networks[0].booked == 400.0
    s = connected(NET_PROPOSED, capacity=0.0)
    assert (s.networks[0].booked, s.networks[0].capacity, s.firms[0].booked[0]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("stage", "rung"), [(DECIDED, FID), (IN_WORKS, BUILDING), (PERMITTED, IDLE), (ANNOUNCED, IDLE)])
def test_a_unit_that_closed_before_the_start_stands_still_until_its_project_starts(stage, rung):
    s = in_hand(stage, 6)
    firm = s.firms[0]
    firm.stage, firm.closed_quarter, firm.last_quarter = CLOSED_DOWN, 0, 0
    start_pipeline(s)
    for t in range(4):
        close_plants(s, t)
    assert (firm.stage, firm.stopped, firm.closed_quarter, activity(firm)) == (rung, 1, NEVER, 0.0)


def test_a_unit_that_closed_before_the_start_stays_closed_if_its_project_is_on_hold():
    s = in_hand(ON_HOLD)
    s.firms[0].stage = CLOSED_DOWN
    start_pipeline(s)
    assert (s.firms[0].stage, s.firms[0].stopped) == (CLOSED_DOWN, 0)


def test_preparation_slips_by_a_quarter_with_the_chance_of_the_record():
    slipped = 0
    for run in range(RUNS):
        s = preparing(project_slip_share=0.4)
        s.world[0].run = run
        prepare_projects(s, 3)
        slips = fates(s, 3)[1] < 0.4
        assert s.firms[0].prepared_quarter == 8 + slips
        slipped += slips
    assert 0 < slipped < RUNS


def test_what_is_prepared_slips_no_more():
    s = preparing(prepared=2, project_slip_share=1.0)
    for t, (left, prepared) in enumerate([(1, 3), (1, 4), (1, 5)]):
        prepare_projects(s, t)
        assert (s.firms[0].preparing, s.firms[0].prepared_quarter) == (left, prepared)
    s.parameters.project_slip_share = 0.0
    prepare_projects(s, 5)
    assert s.firms[0].preparing == 0
    s.parameters.project_slip_share = 1.0
    prepare_projects(s, 6)
    assert (s.firms[0].preparing, s.firms[0].prepared_quarter) == (0, 5)
