"""R3: how a project is paid for. Own means, the owner's debt, loans to it, their mean rate; public money and budgets."""

import itertools

import pytest

from clusterpact.agents.lenders import lend, market_rate
from clusterpact.agents.support import expected_calls, grant_element, grant_for, loan_support, open_budgets, within_budget
from clusterpact.agents.vocabulary import (
    CONCESSIONAL,
    CORPORATE,
    GATE_BANK,
    GATE_RATION,
    GRANTS,
    GUARANTEES,
    N_BUDGETS,
    NO_GATE,
    NO_ROUTE,
    PROJECT,
)
from tests.agents.appraising import apply, asking, funded, stressed
from tests.worlds.small import small_state


def borrower(budget=30.0, limit=0.0, asked=0.065, avoided=900.0, ticket=float("inf"), **parameters):
    """A project of 100 MEUR that serves up to 70 of debt; its owner has a budget, and room for debt at 6 %."""
    s = asking(small_state(**parameters))
    s.owners.budget_meur, s.owners.debt_limit_meur = budget, limit
    s.financiers.base_rate, s.financiers.ticket_max_meur = asked, ticket
    s.options[1].emission_kt = s.options[1].generated_kt = 1000.0 - avoided
    return s


def sources(funding):
    return funding.grant_meur, funding.own_meur, funding.borrowed_meur, funding.debt_meur


# Routes.


@pytest.mark.parametrize(
    ("means", "own", "borrowed", "debt", "rate", "route"),
    [
        # Lenders ask for more than the owner's own money costs: it borrows itself, as far as it has room.
        ({}, 30.0, 0.0, 70.0, 0.3 * 0.06 + 0.7 * 0.065, PROJECT),
        ({"limit": 40.0}, 30.0, 40.0, 30.0, 0.7 * 0.06 + 0.3 * 0.065, PROJECT),
        ({"limit": 70.0}, 30.0, 70.0, 0.0, 0.06, CORPORATE),
        ({"limit": 500.0}, 30.0, 70.0, 0.0, 0.06, CORPORATE),
        ({"budget": 10.0, "limit": 500.0}, 10.0, 90.0, 0.0, 0.06, CORPORATE),
        ({"budget": 90.0}, 30.0, 0.0, 70.0, 0.3 * 0.06 + 0.7 * 0.065, PROJECT),  # its budget is kept for other projects
        # Lenders ask for less: what they lend comes first.
        ({"asked": 0.05}, 30.0, 0.0, 70.0, 0.3 * 0.06 + 0.7 * 0.05, PROJECT),
        ({"asked": 0.05, "limit": 500.0}, 30.0, 0.0, 70.0, 0.3 * 0.06 + 0.7 * 0.05, PROJECT),
        ({"asked": 0.05, "limit": 500.0, "ticket": 50.0}, 30.0, 20.0, 50.0, 0.055, PROJECT),
        ({"asked": 0.05, "limit": 15.0, "budget": 90.0, "ticket": 50.0}, 35.0, 15.0, 50.0, 0.055, PROJECT),
        ({"asked": 0.05, "limit": 20.0, "budget": 10.0}, 10.0, 20.0, 70.0, 0.3 * 0.06 + 0.7 * 0.05, PROJECT),
        # Nobody lends: all of it is the owner's.
        ({"ticket": 0.0, "budget": 100.0}, 100.0, 0.0, 0.0, 0.06, CORPORATE),
        ({"ticket": 0.0, "budget": 60.0, "limit": 40.0}, 60.0, 40.0, 0.0, 0.06, CORPORATE),
    ],
)
def test_a_project_is_paid_for_by_own_means_the_owners_debt_and_loans_the_cheaper_first(
    means, own, borrowed, debt, rate, route
):
    found = funded(borrower(**means))
    assert sources(found) == pytest.approx((0.0, own, borrowed, debt))
    assert (found.route, found.gate) == (route, NO_GATE)
    assert found.rate == pytest.approx(rate)


def test_debt_costs_what_lenders_ask_less_a_margin():
    assert funded(borrower()).debt_rate == pytest.approx(0.05)
    assert funded(borrower(debt_margin_pp=0.5)).debt_rate == pytest.approx(0.06)


def test_grant_own_means_and_debts_are_shares_of_what_the_grant_leaves():
    s = borrower(limit=10.0)
    s.policy.grant_share = 0.4
    found = funded(s)
    assert sources(found) == pytest.approx((40.0, 18.0, 10.0, 32.0))
    assert found.rate == pytest.approx((28 * 0.06 + 32 * 0.065) / 60)


@pytest.mark.parametrize(
    ("means", "gate"),
    [
        ({"budget": 29.9}, GATE_BANK),  # 70 MEUR is all that gearing allows
        ({"budget": 20.0, "limit": 9.9}, GATE_BANK),
        ({"budget": 49.0, "ticket": 50.0}, GATE_RATION),  # the project carries 70, but nobody lends more than 50
        ({"budget": 29.0, "ticket": 50.0}, GATE_BANK),  # lenders with larger tickets would not help
        ({"budget": 30.0, "avoided": 90.0}, GATE_BANK),  # its stressed case carries 40
    ],
)
def test_what_cannot_be_paid_for_says_which_gate_is_closed(means, gate):
    found = funded(borrower(**means))
    assert (found.route, found.gate) == (NO_ROUTE, gate)
    assert found.rate == pytest.approx(0.065)


def test_what_an_unaffordable_project_lacks_of_own_means_is_noted():
    assert sources(funded(borrower(budget=10.0, ticket=50.0))) == pytest.approx((0.0, 50.0, 0.0, 50.0))


@pytest.mark.parametrize(("budget", "gate"), [(79.9, GATE_BANK), (80.0, NO_GATE)])
def test_old_loans_to_the_plant_come_off_the_budget_but_not_what_its_owner_owes_itself(budget, gate):
    s = borrower(budget=budget)
    s.firms[0].debt_meur, s.firms[0].public_debt_meur, s.firms[0].corporate_debt_meur = 30.0, 20.0, 500.0
    assert funded(s).gate == gate


def test_an_owner_that_cannot_repay_old_loans_starts_nothing_whatever_it_may_borrow():
    s = borrower(budget=29.0, limit=500.0)
    s.firms[0].debt_meur = 30.0
    assert funded(s).gate == GATE_BANK


def test_more_means_never_close_a_project_nor_make_it_dearer():
    """Budgets, room for debt, tickets and grants, each walked up with the others held."""
    values = {"budget": (0.0, 15.0, 30.0, 60.0, 120.0), "limit": (0.0, 20.0, 80.0), "ticket": (0.0, 35.0, 70.0)}
    found = {}
    for means in itertools.product(*values.values()):
        found[means] = funded(borrower(**dict(zip(values, means, strict=True))))
    for place, name in enumerate(values):
        for means, funding in found.items():
            k = values[name].index(means[place])
            if k == 0:
                continue
            less = found[(*means[:place], values[name][k - 1], *means[place + 1 :])]
            assert funding.gate == NO_GATE or less.gate != NO_GATE
            if name != "ticket" and less.gate == NO_GATE:
                assert funding.rate <= less.rate + 1e-15


def test_what_is_paid_in_is_what_was_planned_for_every_source():
    s = borrower(limit=40.0)
    s.policy.grant_share = 0.1
    assert apply(s, 2) == 0
    firm, owner, account = s.firms[0], s.owners[0], s.account[0]
    assert (firm.grant_meur, firm.equity_meur, firm.corporate_debt_meur, firm.debt_meur) == pytest.approx((10, 27, 40, 23))
    assert (owner.budget_meur, owner.debt_meur) == pytest.approx((3.0, 40.0))
    assert firm.repayment_meur == pytest.approx(63 / 60)
    assert (account.corporate_debt_meur, account.equity_meur) == pytest.approx((40.0, 27.0))
    assert firm.debt_service_meur == pytest.approx(23 * 0.05 / (1 - 1.05**-15))  # of the project's loans alone


# Guarantees and public loans.


@pytest.mark.parametrize(
    ("guarantee", "debt"), [(0.0, 5.04 / (1.3 * 0.0963423)), (0.25, 5.04 / (1.3 * 0.0963423) / 0.75), (0.5, 70.0)]
)
def test_a_guarantee_lifts_what_a_project_can_borrow_up_to_gearing(guarantee, debt):
    s = borrower(budget=60.0, avoided=90.0)
    assert stressed(s) == pytest.approx(5.04)
    s.policy.loan_guarantee_share = guarantee
    assert funded(s).debt_meur == pytest.approx(debt, rel=1e-6)


def test_a_public_loan_reaches_loans_of_either_kind_and_cheapens_both():
    """Half of 70 % of debt at 2 %: lenders' 6.5 % become 4.925, the owner's 6 % become 4.6."""
    s = borrower(limit=20.0)
    s.policy.concessional_share = 0.5
    found = funded(s)
    own_rate, asked = 0.35 * 0.02 + 0.65 * 0.06, 0.35 * 0.02 + 0.65 * 0.065
    assert sources(found) == pytest.approx((0.0, 30.0, 20.0, 50.0))
    assert found.rate == pytest.approx(0.5 * own_rate + 0.5 * asked)
    assert apply(s) == 0
    firm = s.firms[0]
    assert (firm.public_debt_meur, firm.corporate_debt_meur, firm.debt_meur) == pytest.approx((35.0, 10.0, 25.0))


@pytest.mark.parametrize(("budget", "ticket", "gate"), [
    (29.6, 35.25, GATE_BANK),  # lenders would bear half of 70.5 MEUR, but 70 is all that gearing allows
    (30.0, 35.0, NO_GATE),
    (30.0, 34.9, GATE_RATION),
])  # fmt: skip
def test_lenders_bear_what_the_public_loan_leaves_of_the_debt(budget, ticket, gate):
    s = borrower(budget=budget, ticket=ticket)
    s.policy.concessional_share = 0.5
    assert funded(s).gate == gate


def test_a_public_loan_for_all_of_the_debt_needs_no_lender():
    s = borrower(ticket=0.0)
    s.policy.concessional_share = 1.0
    assert apply(s) == 0
    assert (s.firms[0].public_debt_meur, s.firms[0].debt_meur) == pytest.approx((70.0, 0.0))


def test_the_gift_in_a_loan_at_2_percent_over_15_years_is_more_than_a_quarter_where_the_market_asks_for_6_and_a_half():
    p = small_state().parameters[0]
    by_hand = 1 - (0.02 / (1 - 1.02**-15)) / (0.065 / (1 - 1.065**-15))
    assert grant_element(p, 0.065) == pytest.approx(by_hand)
    assert 0.26 < by_hand < 0.27
    assert grant_element(p, 0.02) == pytest.approx(0.0, abs=1e-15)
    assert grant_element(p, 0.01) == 0.0


@pytest.mark.parametrize(("share", "limit"), [(0.25, 0.0), (1.0, 0.0), (0.5, 500.0)])
def test_the_gift_is_booked_against_what_the_market_asks_for_however_large_the_public_share(share, limit):
    """Loans to the project at 5 %, or the owner's own debt at 4.5 %, against 2 %."""
    s = borrower(limit=limit)
    s.policy.concessional_share = share
    s.pacts.budget_left_meur = 1000.0
    assert apply(s) == 0
    market = 0.045 if limit > 0.0 else 0.05
    gift = 1 - (0.02 / (1 - 1.02**-15)) / (market / (1 - (1 + market) ** -15))
    assert s.firms[0].public_debt_meur == pytest.approx(70 * share)
    assert s.account[0].grant_element_meur == pytest.approx(70 * share * gift)
    assert s.pacts[0].budget_left_meur[CONCESSIONAL] == pytest.approx(1000 - 70 * share * gift)


def test_the_market_asks_what_lenders_do_by_what_they_offer():
    s = borrower(financiers=2)
    s.financiers.base_rate, s.financiers.confidence_pp = [0.07, 0.05], [0.0, 1.0]
    s.offers[:] = [30.0, 10.0]
    assert market_rate(s, 0, 0) == pytest.approx((30 * 0.07 + 10 * 0.06) / 40 - 0.015)
    s.offers[:] = 0.0
    assert market_rate(s, 0, 0) == pytest.approx(0.045)
    assert market_rate(borrower(financiers=0), 0, 0) == pytest.approx(0.045)  # the owner's 6 %


def test_the_expected_loss_of_a_guarantee_is_that_of_default_hazards_on_what_is_left_of_a_loan():
    """Three years at 1.5 %, twelve at 0.4 % on half the loan; a fifth of it is lost."""
    p = small_state().parameters[0]
    assert expected_calls(p) == pytest.approx((3 * 0.015 + 0.5 * 12 * 0.004) * 0.2)
    p.debt_tenor_years = 2.0
    assert expected_calls(p) == pytest.approx(3 * 0.015 * 0.2)


# Budgets.


@pytest.mark.parametrize(("left", "share"), [(20.0, 1.0), (10.0, 1.0), (5.0, 0.5), (0.0, 0.0), (-3.0, 0.0)])
def test_a_budget_covers_the_share_of_a_promise_that_is_left_in_it(left, share):
    s = small_state()
    s.pacts[0].budget_left_meur[GRANTS] = left
    assert within_budget(s, 0, GRANTS, 10.0) == share
    assert within_budget(s, 0, GUARANTEES, 10.0) == 1.0


def test_support_of_loans_is_cut_to_what_its_budgets_cover_at_the_most_that_the_project_could_take():
    s = borrower()
    s.policy.loan_guarantee_share, s.policy.concessional_share = 0.5, 0.4
    assert loan_support(s, s.firms[0], 100.0, 0) == (0.5, 0.4)
    calls = 0.5 * 70 * 0.0138  # 1.38 % of half of 70 MEUR
    s.pacts[0].budget_left_meur[GUARANTEES] = 0.5 * calls
    gift = 1 - (0.02 / (1 - 1.02**-15)) / (0.15 / (1 - 1.15**-15))  # no project borrows at more than 15 %
    s.pacts[0].budget_left_meur[CONCESSIONAL] = 0.25 * 0.4 * 100 * gift
    assert loan_support(s, s.firms[0], 100.0, 0) == pytest.approx((0.25, 0.1))
    s.pacts[0].budget_left_meur[:] = 0.0
    assert loan_support(s, s.firms[0], 100.0, 0) == (0.0, 0.0)


@pytest.mark.parametrize(("left", "grant"), [(100.0, 30.0), (12.0, 12.0), (0.0, 0.0)])
def test_a_grant_is_within_its_budget_and_what_is_withheld_was_promised(left, grant):
    s = borrower()
    s.policy.grant_share, s.pacts[0].budget_left_meur[GRANTS] = 0.3, left
    assert grant_for(s, s.firms[0], 100.0, 0) == pytest.approx(grant)
    assert apply(s) == 0
    assert s.pacts[0].budget_left_meur[GRANTS] == pytest.approx(left - grant)
    government = s.governments[s.pacts[0].support_government]
    assert (government.promised_meur, government.paid_meur) == pytest.approx((30.0, grant))


def test_what_a_project_takes_of_guarantees_is_the_expected_loss_on_its_loans():
    s = borrower()
    s.policy.loan_guarantee_share, s.pacts.budget_left_meur = 0.5, 10.0
    assert apply(s) == 0
    assert s.pacts[0].budget_left_meur[GUARANTEES] == pytest.approx(10 - 0.5 * 70 * 0.0138)
    assert s.firms[0].guaranteed == 0.5


@pytest.mark.parametrize("budget", [0.0, 0.01, 0.3, 1.0, 5.0, 20.0, 300.0])
def test_budgets_are_never_overdrawn_however_many_projects_are_decided_at_once(budget):
    s = small_state(firms=8, networks=0, policy_premium_pp=0.0)
    s.firms.candidate, s.firms.applied, s.firms.profitability_index = range(1, 17, 2), 1, 0.1
    s.owners.budget_meur, s.owners.debt_limit_meur = 70.0, [0.0, 100.0] * 4
    s.financiers.base_rate = 0.12
    s.policy.grant_share, s.policy.loan_guarantee_share, s.policy.concessional_share = 0.3, 0.8, 0.6
    s.pacts.budget_left_meur = budget
    lend(s, 0)
    assert (s.firms.fid_quarter == 0).all()
    assert s.pacts[0].budget_left_meur.min() >= -1e-12
    assert s.account[0].grants_meur == pytest.approx(budget - s.pacts[0].budget_left_meur[GRANTS])
    assert s.account[0].grant_element_meur == pytest.approx(budget - s.pacts[0].budget_left_meur[CONCESSIONAL])
    assert s.account[0].grants_meur == pytest.approx(min(budget, 8 * 30.0))


def test_budgets_open_in_january_and_keep_what_was_not_spent():
    s = small_state()
    s.policy.budget_meur_per_year[0], s.policy.budget_meur_per_year[1] = 10.0, [5.0, 0.0, 1.0, float("inf"), 2.0]
    open_budgets(s, 0)
    assert s.pacts[0].budget_left_meur.tolist() == [10.0] * N_BUDGETS  # without limit before: nothing to keep
    s.pacts[0].budget_left_meur[GRANTS] = 4.0
    for t in (1, 2, 3):
        open_budgets(s, t)
    assert s.pacts[0].budget_left_meur[GRANTS] == 4.0
    open_budgets(s, 4)
    assert s.pacts[0].budget_left_meur.tolist() == [9.0, 10.0, 11.0, float("inf"), 12.0]
