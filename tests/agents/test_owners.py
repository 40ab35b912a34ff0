"""R3: owners. What a parent company can put into its plants, kept over years, and which of its plants comes first."""

import numpy as np
import pytest

from clusterpact.agents.lenders import lend
from clusterpact.agents.owners import backs, budget_for, debt_room, is_ahead, plan_capital, spend_capital, start_owner
from clusterpact.agents.vocabulary import (
    BUILDING,
    COMMITTED,
    FAILED,
    FID,
    GATE_BANK,
    GATE_NETWORK,
    GATE_RATION,
    IDLE,
    OPERATING,
    PLEDGED,
)
from tests.agents.appraising import apply, asking
from tests.worlds.small import NEVER, small_state

# What an owner can do.


def started(group_cash_flow=0.0, net_debt=0.0, **parameters):
    """An owner of a plant with 50 MEUR/year of value added, 17.5 of it surplus, at the start of a run."""
    s = small_state(firms=1, **parameters)
    s.owners.group_cash_flow_meur, s.owners.group_net_debt_meur = group_cash_flow, net_debt
    start_owner(s, 0)
    return s.owners[0]


def test_a_plant_draws_on_its_own_surplus_and_on_a_tenth_of_its_groups_other_cash_flow():
    owner = started(1017.5, 1221.0)
    assert owner.cash_flow_meur == pytest.approx(17.5 + 0.1 * 1000)
    assert owner.budget_meur == pytest.approx(3 * 0.3 * 117.5)  # 30 % a year, kept over three years
    assert owner.debt_limit_meur == pytest.approx((2.5 - 1221.0 / 1017.5) * 117.5)  # it owes 1.2 years of cash flow


@pytest.mark.parametrize(("reach", "cash_flow"), [(0.0, 17.5), (0.3, 317.5), (1.0, 1017.5)])
def test_reach_says_how_much_of_the_group_is_there_for_its_plants_here(reach, cash_flow):
    assert started(1017.5, owner_group_reach=reach).cash_flow_meur == pytest.approx(cash_flow)


def test_an_owner_without_accounts_has_the_surplus_of_its_plants_and_owes_what_owners_usually_do():
    owner = started()
    assert owner.cash_flow_meur == pytest.approx(17.5)
    assert owner.budget_meur == pytest.approx(15.75)
    assert owner.debt_limit_meur == pytest.approx((2.5 - 1.2) * 17.5)


def test_a_group_that_earns_less_than_its_plants_here_takes_nothing_from_them():
    owner = started(10.0, 5.0)
    assert owner.cash_flow_meur == pytest.approx(17.5)
    assert owner.debt_limit_meur == pytest.approx((2.5 - 0.5) * 17.5)


@pytest.mark.parametrize(("net_debt", "years"), [(-500.0, 3.0), (0.0, 2.5), (2400.0, 0.1), (2600.0, 0.0)])
def test_room_for_debt_is_what_the_groups_net_debt_leaves_of_its_limit(net_debt, years):
    assert started(1000.0, net_debt).debt_limit_meur == pytest.approx(years * (17.5 + 0.1 * 982.5))


def test_a_budget_that_is_not_used_is_kept_over_three_years_and_grows_in_january():
    s = small_state(firms=1)
    s.owners.cash_flow_meur, s.owners.budget_meur = 100.0, 0.0
    budgets = []
    for t in range(21):
        plan_capital(s, t)
        budgets.append(float(s.owners[0].budget_meur))
    assert budgets[::4] == pytest.approx([0.0, 30.0, 60.0, 90.0, 90.0, 90.0])  # the first year's is there from the start
    assert budgets == pytest.approx(list(np.repeat(budgets[::4], 4))[:21])


def test_every_owner_plans_and_an_overdrawn_budget_fills_up_first():
    s = small_state(firms=2)
    s.owners.cash_flow_meur, s.owners.budget_meur = [100.0, 10.0], [-50.0, 8.5]
    plan_capital(s, 4)
    assert list(s.owners.budget_meur) == pytest.approx([-20.0, 9.0])


@pytest.mark.parametrize(("owed", "room"), [(0.0, 80.0), (79.5, 0.5), (80.0, 0.0), (90.0, 0.0)])
def test_room_for_debt_is_what_is_not_owed_yet(owed, room):
    s = small_state(firms=1)
    s.owners.debt_limit_meur, s.owners.debt_meur = 80.0, owed
    assert debt_room(s.owners[0]) == room


def test_what_a_project_takes_is_booked_with_the_owner_of_its_plant():
    s = small_state(firms=3)
    s.firms.owner = [0, 1, 1]
    spend_capital(s, 2, 12.0, 5.0)
    assert s.owners.budget_meur.tolist() == [30.0, 18.0, 30.0]
    assert s.owners.debt_meur.tolist() == [0.0, 5.0, 0.0]


# Which plant comes first.


def family(needs=(40.0, 50.0, 30.0), indices=(0.3, 0.2, 0.1), budget=100.0):
    """Three plants of one owner, each with a project that needs so much of its means."""
    s = small_state(firms=3, networks=1)
    s.firms.owner, s.firms.sibling, s.owners.first_firm = 0, [1, 2, NEVER], [0, NEVER, NEVER]
    s.firms.candidate, s.firms.own_meur, s.firms.profitability_index = [1, 3, 5], needs, indices
    s.owners[0].budget_meur = budget
    return s


def budgets(s):
    return [float(budget_for(s, i)) for i in range(3)]


def test_the_better_projects_of_an_owner_claim_their_means_first():
    assert budgets(family()) == [100.0, 60.0, 10.0]
    assert budgets(family(indices=(0.1, 0.2, 0.3))) == [20.0, 70.0, 100.0]


def test_claims_leave_nothing_but_never_less():
    assert budgets(family(needs=(60.0, 40.0, 30.0))) == [100.0, 40.0, 0.0]
    assert budgets(family(budget=-5.0)) == [0.0, 0.0, 0.0]


def test_no_plant_waits_for_one_that_its_owner_cannot_afford():
    assert budgets(family(needs=(101.0, 50.0, 30.0))) == [100.0, 100.0, 50.0]
    assert budgets(family(needs=(100.0, 50.0, 30.0))) == [100.0, 0.0, 0.0]


def test_a_plant_without_siblings_has_the_whole_budget():
    s = family()
    s.firms.owner, s.firms.sibling, s.owners.first_firm = [0, 1, 2], NEVER, [0, 1, 2]
    s.owners.budget_meur = [10.0, 20.0, 30.0]
    assert budgets(s) == [10.0, 20.0, 30.0]


@pytest.mark.parametrize(
    ("stage", "ahead"),
    [(IDLE, True), (PLEDGED, True), (COMMITTED, True), (OPERATING, True), (FID, False), (BUILDING, False), (FAILED, False)],
)
def test_only_a_plant_that_may_decide_is_ahead(stage, ahead):
    s = family()
    s.firms[0].stage = stage
    assert bool(is_ahead(s, s.firms[0], s.firms[1])) == ahead


@pytest.mark.parametrize("gate", [GATE_BANK, GATE_RATION, GATE_NETWORK])
def test_a_project_that_something_closes_claims_nothing(gate):
    s = family()
    s.assessments[1].gate = gate
    assert not is_ahead(s, s.firms[0], s.firms[1])
    assert budgets(s) == [100.0, 100.0, 50.0]


@pytest.mark.parametrize(
    ("other", "own", "ahead"),
    [(0.3, 0.2, True), (0.2, 0.2, False), (0.1, 0.2, False), (0.1, -0.5, True), (-0.1, -0.5, False)],
)
def test_a_project_is_ahead_by_value_per_euro_if_it_pays_at_all(other, own, ahead):
    s = family(indices=(other, own, 0.0))
    assert bool(is_ahead(s, s.firms[0], s.firms[1])) == ahead


def test_a_plant_without_a_project_is_not_ahead():
    s = family()
    s.firms[0].candidate = -1
    assert not is_ahead(s, s.firms[0], s.firms[1])
    s = family()
    s.firms[0].candidate = 0  # the first row of the table is an option like any other
    assert is_ahead(s, s.firms[0], s.firms[1])


@pytest.mark.parametrize(("limit", "backed"), [(0.0, False), (19.9, False), (20.0, True)])
def test_an_owner_backs_what_its_budget_and_its_room_for_debt_still_carry(limit, backed):
    s = family(needs=(40.0, 50.0, 30.0))  # 10 MEUR are left for the third plant
    s.owners[0].debt_limit_meur = limit
    assert bool(backs(s, 0, 2, 0)) == backed
    assert backs(s, 0, 0, 0)


def test_two_plants_of_an_owner_compete_for_its_budget_and_the_better_one_wins():
    """Each takes 30 of 100 MEUR from a budget of 45; 15 are left for the second."""
    s = family(needs=(30.0, 30.0, 30.0), indices=(0.1, 0.3, -0.2), budget=45.0)
    s.financiers.base_rate, s.parameters.policy_premium_pp = 0.065, 0.0
    s.firms.applied = [1, 1, 0]
    lend(s, 0)
    assert s.firms.stage.tolist() == [IDLE, FID, IDLE]
    assert s.firms.refused.tolist() == [GATE_BANK, 0, 0]
    assert s.owners[0].budget_meur == pytest.approx(15.0)


def test_an_owner_that_saves_for_a_better_project_does_not_back_a_worse_one():
    """The better plant did not apply in this quarter; its 30 of 45 MEUR are kept for it."""
    s = family(needs=(30.0, 30.0, 30.0), indices=(0.1, 0.3, -0.2), budget=45.0)
    asking(s)
    assert apply(s) == GATE_BANK
    s.assessments[3].gate = GATE_BANK  # nobody would finance the better one
    assert apply(s) == 0
