"""R9, second part: preparation, grants and phases of projects."""

import pytest

from clusterpact.agents.board import draw_up_papers, is_open, keeps_candidate
from clusterpact.agents.ladder import go_ahead, invests, sign
from clusterpact.agents.preparation import prepare_projects
from clusterpact.agents.projects import (
    begin_project,
    drop_project,
    give_up_plan,
    grant_in_hand,
    lead_of,
    note_decision,
    preparation_left,
)
from clusterpact.agents.vocabulary import (
    BUILDING,
    BY_FINANCIER,
    BY_FIRM,
    BY_OPERATOR,
    COMMITTED,
    FAILED,
    FID,
    IDLE,
    IN_PLANNING,
    ON_HOLD,
)
from tests.agents.projects_worlds import RUNS, fates, given_up, preparing, started, with_buyer
from tests.worlds.small import NEVER, small_state


@pytest.mark.parametrize("prepared", [0, 8])
def test_projects_are_given_up_with_the_hazard_of_the_record_prepared_or_not(prepared):
    ended = 0
    for run in range(RUNS):
        s = preparing(prepared, project_dropped_per_year=0.4)
        s.world[0].run = run
        prepare_projects(s, 3)
        ends = fates(s, 3)[0] < 0.1
        assert (s.firms[0].project == NEVER) == ends
        assert (s.pipeline[0].dropped_quarter == 3) == ends
        ended += ends
    assert 0 < ended < RUNS


@pytest.mark.parametrize("stage", [FID, BUILDING, FAILED])
def test_what_is_decided_is_not_given_up(stage):
    s = preparing(project_dropped_per_year=4.0, project_slip_share=1.0)
    s.firms[0].stage = stage
    before = s.firms.tobytes()
    prepare_projects(s, 3)
    assert s.firms.tobytes() == before


def test_who_gives_a_project_up_is_free_again():
    s = given_up(strike=90.0)
    prepare_projects(s, 3)
    firm = s.firms[0]
    assert (firm.project, firm.candidate, firm.pipeline, firm.preparing, firm.stage) == (NEVER, NEVER, NEVER, 0, IDLE)
    assert (firm.strike, firm.choice, grant_in_hand(s, firm, s.options[1])) == (0.0, 0.0, 0.0)
    assert not s.firms.broken_now.any()


def test_a_commitment_to_a_network_that_is_not_decided_lapses_with_the_project():
    s = given_up(stage=COMMITTED, c2_lapse=9)
    prepare_projects(s, 3)
    assert (s.firms[0].stage, s.firms[0].breaches, s.account[0].lost_development_meur) == (IDLE, 0, pytest.approx(3.0))
    assert not s.firms.broken_now.any()


def test_a_commitment_to_a_decided_network_is_broken_with_the_project():
    """The operator sees it; three MEUR of development cost and the capacity that was held for it are gone."""
    s = given_up(stage=COMMITTED, c2_due=9)
    s.firms[0].booked[0] = s.networks[0].booked = 400.0
    s.pacts.transparency, s.pacts.sanction = 0.0, 0.05
    prepare_projects(s, 3)
    firm = s.firms[0]
    assert (firm.stage, firm.breaches, firm.c2_due, firm.booked[0], s.networks[0].booked) == (IDLE, 1, NEVER, 0.0, 0.0)
    assert (s.account[0].lost_development_meur, s.account[0].sanctions_meur) == pytest.approx((3.0, 5.0))
    assert (firm.broken_now[BY_OPERATOR], firm.broken_now[BY_FIRM]) == (1.0, 0.0)


def test_a_buyers_contract_is_broken_with_the_project():
    s = with_buyer()
    prepare_projects(s, 3)
    assert (s.firms[0].buyer, s.buyers[0].signed_kt, s.account[0].offtakes_broken) == (NEVER, 0.0, 1.0)
    assert (s.firms[0].broken_now[BY_FIRM], s.firms[0].broken_now[BY_FINANCIER]) == (1.0, 1.0)


def test_a_contract_that_is_delivered_already_does_not_hang_on_the_next_project():
    s = with_buyer(offtake_until=30)
    prepare_projects(s, 3)
    assert (s.firms[0].project, s.firms[0].buyer, s.firms[0].offtake_until) == (NEVER, 0, 30)
    assert (s.account[0].offtakes_broken, s.firms.broken_now.sum()) == (0.0, 0.0)


def test_promises_for_another_option_than_the_one_given_up_stand():
    s = preparing(project_dropped_per_year=4.0, options_per_firm=3)
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.c2_due, firm.strike = 2, COMMITTED, 9, 90.0
    prepare_projects(s, 3)
    assert (firm.project, firm.pipeline, s.pipeline[0].dropped_quarter) == (NEVER, NEVER, 3)
    assert (firm.candidate, firm.stage, firm.breaches, firm.strike) == (2, COMMITTED, 0, 90.0)


# Going for a project.


@pytest.mark.parametrize(("permits", "ready"), [(8.0, 13), (5.5, 11), (0.0, 5)])
def test_who_goes_for_a_project_prepares_it_first(permits, ready):
    s = small_state(firms=1, permit_quarters=permits)
    firm = s.firms[0]
    firm.candidate, firm.c1_honoured = 1, 0
    go_ahead(s, 0, 5)
    assert (firm.project, firm.prepared_quarter, firm.preparing) == (1, ready, int(ready > 5))
    assert (firm.c1_honoured, firm.applied) == (1, int(ready == 5))


def test_it_asks_for_finance_once_it_is_prepared():
    s = preparing(prepared=8)
    firm = s.firms[0]
    firm.choice = firm.choice_candidate = 1.0
    for t in range(8):
        assert not invests(s, 0, t)
    assert invests(s, 0, 8)
    go_ahead(s, 0, 8)
    assert (firm.applied, firm.prepared_quarter) == (1, 8)


def test_a_commitment_begins_the_preparation_and_keeps_what_has_begun():
    s = small_state(firms=1, permit_quarters=8.0)
    s.firms[0].candidate = 1
    sign(s, 0, 5)
    assert (s.firms[0].stage, s.firms[0].project, s.firms[0].prepared_quarter) == (COMMITTED, 1, 13)
    s.firms[0].stage = IDLE
    sign(s, 0, 9)
    assert s.firms[0].prepared_quarter == 13


def test_the_lead_of_an_option_is_what_is_left_of_its_preparation_and_its_works():
    s = preparing(prepared=6, options_per_firm=3)
    firm = s.firms[0]
    assert preparation_left(s, firm, s.options[1], 2) == 1.0
    assert lead_of(s, firm, s.options[1], 2) == 1.0 + 2.0
    assert preparation_left(s, firm, s.options[1], 9) == 0.0
    assert lead_of(s, firm, s.options[2], 2) == 2.0 + 2.0  # nobody has begun to prepare that


def test_another_project_is_given_up_for_a_new_one_with_its_plan_and_all_its_phases():
    s = preparing(options_per_firm=4, pipeline=2)
    s.pipeline[0].next, s.pipeline[1].option, s.pipeline[1].next = 1, 3, NEVER
    firm = s.firms[0]
    firm.candidate = 2
    begin_project(s, 0, 5)
    assert (firm.project, firm.prepared_quarter, firm.pipeline) == (2, 13, NEVER)
    assert list(s.pipeline.dropped_quarter) == [5, 5]


@pytest.mark.parametrize(("candidate", "pipeline", "dropped"), [(1, 0, NEVER), (2, NEVER, 5)])
def test_a_plan_on_hold_is_taken_up_by_a_board_that_wants_it_and_given_up_for_another(candidate, pipeline, dropped):
    s = started(ON_HOLD, options_per_firm=3, grant=30.0)
    firm = s.firms[0]
    firm.candidate = candidate
    begin_project(s, 0, 5)
    assert (firm.project, firm.prepared_quarter, firm.pipeline) == (candidate, 13, pipeline)
    assert s.pipeline[0].dropped_quarter == dropped
    assert grant_in_hand(s, firm, s.options[1]) == (30.0 if candidate == 1 else 0.0)


@pytest.mark.parametrize("stage", [ON_HOLD, IN_PLANNING])
@pytest.mark.parametrize("decided", [False, True])
def test_a_contract_won_for_another_option_outlives_the_plan_that_is_given_up_for_it(stage, decided):
    s = started(stage, options_per_firm=3)
    firm = s.firms[0]
    firm.candidate, firm.strike, firm.strike_until = 2, 90.0, 40
    if decided:
        note_decision(s, firm, 5)
    else:
        begin_project(s, 0, 5)
    assert (firm.pipeline, s.pipeline[0].dropped_quarter, firm.strike) == (NEVER, 5, 90.0)


def test_nothing_is_dropped_where_nothing_is_prepared():
    s = started(ON_HOLD)
    drop_project(s, 0, 5)
    assert (s.firms[0].pipeline, s.pipeline[0].dropped_quarter) == (0, NEVER)


def test_the_phase_that_was_decided_was_not_given_up():
    s = started(IN_PLANNING, pipeline=2)
    s.pipeline[0].next, s.pipeline[0].fid_quarter, s.pipeline[1].next = 1, 4, NEVER
    give_up_plan(s, s.firms[0], 9)
    assert list(s.pipeline.dropped_quarter) == [NEVER, 9]


def test_a_project_in_hand_is_open_before_its_technology_is_on_the_market():
    s = started(IN_PLANNING, options_per_firm=3)
    s.technologies.first_quarter = 20
    assert [bool(is_open(s, s.firms[0], row, 4)) for row in (1, 2)] == [True, False]


@pytest.mark.parametrize(("cost", "kept"), [(0.0, True), (1e5, False)])
def test_a_board_keeps_what_it_prepares_as_long_as_it_pays(cost, kept):
    s = preparing()
    s.options[1].opex_meur = cost
    s.owners.budget_meur = 1e6
    draw_up_papers(s, 0, 4)
    assert bool(keeps_candidate(s, s.firms[0])) is kept
