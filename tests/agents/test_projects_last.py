"""R9, third part: what comes later and dearer, and the law's stop."""

import math

import numpy as np
import pytest

from clusterpact.agents.chance import OVERRUN, uniform
from clusterpact.agents.governments import support_kept
from clusterpact.agents.output import close_plants
from clusterpact.agents.plant import activity, pay_overrun, work_on_plants
from clusterpact.agents.preparation import prepare_projects
from clusterpact.agents.projects import (
    grant_in_hand,
    grant_to,
    overrun_of,
    start_pipeline,
)
from clusterpact.agents.vocabulary import (
    CLOSED_DOWN,
    FID,
    GATE_CAPABILITY,
    GATE_PROFIT,
    GATE_WORKS,
    GRANTS,
    IN_PLANNING,
    IN_WORKS,
    OPERATING,
    PERMITTED,
)
from clusterpact.sim.audit import audit
from clusterpact.sim.books import keep_accounts
from tests.agents.appraising import apply, asking
from tests.agents.projects_worlds import (
    at_gate,
    by_hand,
    granted,
    in_hand,
    started,
)
from tests.worlds.small import NEVER


def test_a_project_that_is_being_prepared_stands_at_the_gate_of_permits_and_works():
    assert at_gate() == GATE_WORKS
    assert at_gate(preparing=0) == GATE_CAPABILITY
    assert at_gate(project=NEVER) == GATE_CAPABILITY  # what it prepared is not what it wants
    assert at_gate(value=-0.1, value_unstranded=-0.1) == GATE_PROFIT  # permits for what does not pay hold nobody back


@pytest.mark.parametrize(("in_hand_meur", "by_law", "budget", "grant"), [
    (30.0, 0.0, math.inf, 30.0), (30.0, 0.2, math.inf, 30.0), (10.0, 0.2, math.inf, 20.0), (150.0, 0.2, math.inf, 100.0),
    (10.0, 0.2, 5.0, 10.0), (0.0, 0.2, 5.0, 5.0), (70.0, 0.9, math.inf, 70.0),
])  # fmt: skip
def test_a_project_gets_what_is_in_hand_for_it_or_what_the_law_gives_if_that_is_more(in_hand_meur, by_law, budget, grant):
    s = granted(in_hand_meur, by_law, budget)
    assert grant_to(s, s.firms[0], s.options[1], 0) == pytest.approx(grant)


def test_a_grant_in_hand_is_for_its_option_alone():
    s = granted(30.0, 0.2)
    assert (grant_in_hand(s, s.firms[0], s.options[2]), grant_to(s, s.firms[0], s.options[2], 0)) == (0.0, 20.0)


@pytest.mark.parametrize(("by_law", "grant", "left"), [(0.2, 30.0, 50.0), (0.4, 40.0, 10.0), (0.0, 30.0, 50.0)])
def test_a_grant_in_hand_takes_nothing_from_the_budget_of_the_law(by_law, grant, left):
    s = granted(30.0, by_law, 50.0)
    assert apply(s) == 0
    assert (s.firms[0].grant_meur, s.account[0].grants_meur) == pytest.approx((grant, grant))
    assert s.pacts[0].budget_left_meur[GRANTS] == pytest.approx(left)
    assert s.account[0].project_capex_meur == pytest.approx(100.0)
    keep_accounts(s, 0)
    audit(s)


def test_a_grant_that_pays_for_all_of_it_leaves_nothing_to_raise():
    s = granted(100.0)
    s.owners.budget_meur = 0.0
    assert apply(s) == 0
    assert (s.firms[0].stage, s.firms[0].grant_meur, s.firms[0].equity_meur, s.firms[0].debt_meur) == (FID, 100.0, 0.0, 0.0)


def test_a_grant_in_hand_does_not_make_up_for_one_that_another_project_was_promised_and_not_paid():
    """The law promises 20 of 100 MEUR to each of two projects; its budget is empty, and one of them has 40 in hand."""
    s = asking(started(PERMITTED, 0, grant=40.0, firms=2))
    s.policy.grant_share, s.owners.budget_meur = 0.2, 200.0
    s.pacts[0].budget_left_meur[GRANTS] = 0.0
    s.firms[1].candidate = 3
    for i in range(2):
        s.firms[i].applied = 1
    assert apply(s) == 0
    assert list(s.firms.grant_meur) == [40.0, 0.0]
    assert support_kept(s, s.governments[1]) == pytest.approx(0.5)


# From the decision to the start, and on to the next phase.


def test_a_project_runs_from_its_plan_through_its_decision_to_its_start():
    s = granted(30.0)
    assert apply(s, 2) == 0
    firm, plan = s.firms[0], s.pipeline[0]
    assert (firm.stage, firm.project, firm.preparing, firm.pipeline, plan.fid_quarter) == (FID, NEVER, 0, 0, 2)
    for t in range(2, 11):
        work_on_plants(s, t)
    assert (firm.stage, firm.option, plan.start_quarter, firm.pipeline) == (OPERATING, 1, 10, NEVER)
    assert plan.dropped_quarter == NEVER


@pytest.mark.parametrize("decided", [False, True])
def test_phases_come_into_hand_one_after_the_other(decided):
    s = in_hand(IN_WORKS if decided else PERMITTED, 8, pipeline=2, options_per_firm=3, grant=5.0)
    s.pipeline[0].next, s.pipeline[1].next = 1, NEVER
    second = s.pipeline[1]
    second.firm, second.option, second.stage, second.planned_quarter, second.grant_meur = 0, 2, IN_PLANNING, 40, 7.0
    s.options[2].emission_kt = 50.0
    start_pipeline(s)
    firm = s.firms[0]
    if not decided:
        s.owners.budget_meur = 200.0
        assert apply(asking(s), 0) == 0
    for t in range(8):
        work_on_plants(s, t)
        assert (firm.pipeline, firm.project, grant_in_hand(s, firm, s.options[2])) == (0, NEVER, 0.0)
    work_on_plants(s, 8)
    assert (firm.stage, firm.option, firm.pipeline) == (OPERATING, 1, 1)
    assert (firm.project, firm.candidate, firm.prepared_quarter, firm.preparing) == (2, 2, 40 - 8, 1)
    assert grant_in_hand(s, firm, s.options[2]) == 7.0
    assert list(s.pipeline.start_quarter) == [8, NEVER]


def test_who_decides_for_something_else_has_no_plan_left():
    s = granted(30.0)
    s.firms[0].project, s.firms[0].candidate = 2, 2
    assert apply(s, 2) == 0
    assert (s.firms[0].pipeline, s.pipeline[0].dropped_quarter, s.pipeline[0].fid_quarter) == (NEVER, 2, NEVER)
    assert s.firms[0].grant_meur == 0.0


def test_a_decided_project_slips_by_the_whole_mean():
    s = granted(0.0)
    s.parameters.start_slip_quarters = 6.0
    assert apply(s, 2) == 0
    assert (s.firms[0].promised_quarter, s.firms[0].ready_quarter) == (10, 10 + by_hand(s, 6.0, 2))


@pytest.mark.parametrize(("family", "mean"), [(0, 0.1), (1, 0.1), (2, 0.1), (3, 0.3)])
def test_projects_cost_more_than_was_decided_by_their_record_and_their_owner_pays(family, mean):
    s = started(IN_WORKS, 6, capture_overrun_share=0.3, other_overrun_share=0.1)
    s.technologies[1].family = family
    for t in range(7):
        work_on_plants(s, t)
    extra = -100.0 * mean * math.log(1 - uniform(1, 0, OVERRUN, s.firms[0].id, 0))
    firm, account = s.firms[0], s.account[0]
    assert (firm.capex_meur, firm.equity_meur) == pytest.approx((100 + extra, 100 + extra))
    assert s.owners[0].budget_meur == pytest.approx(30.0 - extra)
    assert (account.overrun_meur, account.equity_meur, account.project_capex_meur) == pytest.approx((extra, extra, extra))
    keep_accounts(s, 6)
    audit(s)


def test_overruns_have_the_mean_of_the_record_and_are_drawn_for_each_decision():
    s = started(IN_WORKS, other_overrun_share=0.064)
    found = []
    for quarter in range(3000):
        s.firms[0].fid_quarter = quarter
        found.append(overrun_of(s, s.firms[0], s.options[1]))
    assert np.mean(found) == pytest.approx(0.064, abs=4 * 0.064 / math.sqrt(3000))
    assert min(found) > 0.0


def test_without_overruns_nothing_is_paid():
    s = started(IN_WORKS)
    before = s.firms.tobytes(), s.owners.tobytes(), s.account.tobytes()
    pay_overrun(s, 0, s.options[1])
    assert (s.firms.tobytes(), s.owners.tobytes(), s.account.tobytes()) == before


# The law's stop.


def test_a_unit_that_the_law_stops_is_still_decided_built_and_run():
    """Permitted at the start; the law stops what runs after a year, and the board decides in the third."""
    s = granted(30.0)
    firm = s.firms[0]
    firm.last_quarter = 3
    made = []
    for t in range(20):
        close_plants(s, t)
        prepare_projects(s, t)
        if t == 9:
            assert apply(s, t) == 0
        work_on_plants(s, t)
        made.append(activity(firm))
    assert made == [1.0] * 4 + [0.0] * 13 + [1.0] * 3
    assert (firm.stage, s.account[0].closures) == (OPERATING, 0.0)


def test_a_unit_that_the_law_stops_closes_if_its_project_is_given_up():
    s = granted(30.0)
    s.firms[0].last_quarter = 3
    close_plants(s, 4)
    s.parameters.project_dropped_per_year = 4.0
    prepare_projects(s, 4)
    close_plants(s, 5)
    assert (s.firms[0].stage, s.firms[0].closed_quarter, s.pipeline[0].dropped_quarter) == (CLOSED_DOWN, 5, 4)
