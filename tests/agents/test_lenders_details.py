"""R3: lenders at the edges of their case, what an FID writes into firm and books, and whose turn it is."""

import numpy as np
import pytest

from clusterpact.agents.funding import mean_prices
from clusterpact.agents.lenders import lend, rank_applicants, settle_old_debt, update_lenders
from clusterpact.agents.lending import owe
from clusterpact.agents.vocabulary import (
    BY_OPERATOR,
    COMMITTED,
    FID,
    GATE_RATION,
    IDLE,
    N_KINDS,
    NET_BUILDING,
    NET_OPERATING,
)
from tests.agents.appraising import apply, stressed
from tests.agents.test_finance import applicant
from tests.worlds.small import NEVER, small_state

STRESSED = 0.56 * 90.0  # MEUR: 900 kt at 100 EUR/t after the haircut


def expecting(s, prices):
    """Let lenders expect these carbon prices, EUR/t, by year ahead."""
    s.spots[0].lenders_outlook[:], s.spots[0].lenders_sum[:] = prices, np.cumsum(prices)


def test_beyond_the_longest_outlook_the_last_year_holds():
    s = small_state()
    expecting(s, 10.0 * np.arange(40))
    price, lost = mean_prices(s, s.firms[0], 0.0, 36, 5, 0)
    assert price == pytest.approx((370 + 380 + 3 * 390) / 5)
    assert lost == 0.0


def test_lost_allowances_weigh_by_what_is_left_of_them_in_each_year_of_the_loan():
    s = small_state()
    s.market.free_share[6, 0], s.market.free_share[7, 0] = 0.5, 0.2  # the third year, three of works: years 4 and 5 from now
    expecting(s, 10.0 * np.arange(40))
    price, lost = mean_prices(s, s.firms[0], 600.0, 3, 2, 9)
    assert price == pytest.approx((40 + 50) / 2)
    assert lost == pytest.approx((40 * 0.6 * 0.5 + 50 * 0.6 * 0.2) / 2)


def test_lost_allowances_come_off_the_stressed_case_in_full():
    s = applicant()
    s.options[0].allocation_kt, s.market.free_share[:] = 200.0, 0.5
    assert stressed(s) == pytest.approx(STRESSED - 10)  # 100 kt/year at 100 EUR/t


def test_a_small_extra_cost_counts_in_full():
    s = applicant()
    s.options[1].opex_meur = 0.8
    assert stressed(s) == pytest.approx(STRESSED - 0.8)


def test_a_green_premium_is_paid_per_tonne_and_not_contracted():
    s = applicant()
    s.policy.green_premium_eur_per_t = 30.0
    assert stressed(s) == pytest.approx(STRESSED + 0.56 * 27)


@pytest.mark.parametrize("years", [15.0, 30.0])
def test_a_contract_that_outlasts_the_loan_secures_its_strike_once(years):
    s = applicant(ccfd_years=years)
    s.firms[0].strike = 0.5
    assert stressed(s) == pytest.approx(0.45)  # 0.5 EUR/t for 900 kt


def test_a_lender_counts_with_the_tariff_of_the_users_that_the_firm_expects():
    s = applicant()
    s.options[1].volume[0], s.networks[0].tariff_cap = 400.0, 100.0
    alone = 300 * (0.055 + 1 / 30 + 0.03)  # the network is proposed and nobody else is expected: all that it needs a year
    assert stressed(s) == pytest.approx(STRESSED - alone)


@pytest.mark.parametrize(("capital", "gate"), [(280.0, 0), (279.0, GATE_RATION)])
def test_a_loan_may_take_the_last_of_the_room(capital, gate):
    s = applicant()  # debt 70, a quarter of 280
    s.financiers[0].capital_meur = capital
    assert apply(s) == gate


@pytest.mark.parametrize(("capital", "gate"), [(121.0, 0), (119.0, GATE_RATION)])
def test_a_loan_needs_room_only_for_what_grant_and_owner_leave(capital, gate):
    s = applicant()
    s.policy.grant_share = 0.4  # 60 MEUR are left; of them the owner has 30, and 30 are a quarter of 120
    s.financiers[0].capital_meur = capital
    assert apply(s) == gate


# The final investment decision.


def test_an_fid_enters_the_money_of_firm_owner_and_books_and_ends_older_promises():
    s = applicant()
    s.policy.grant_share, s.policy.concessional_share = 0.25, 0.2
    firm = s.firms[0]
    firm.start_quarter, firm.c1_honoured, firm.c2_due, firm.c2_lapse, firm.capex_meur = 2, 0, 9, 7, 55.0
    assert apply(s, 3) == 0
    assert (firm.capex_meur, firm.grant_meur, firm.equity_meur) == pytest.approx((100.0, 25.0, 22.5))  # 30 % of 75
    assert (firm.debt_meur, firm.public_debt_meur, firm.corporate_debt_meur) == pytest.approx((42.0, 10.5, 0.0))
    assert (s.owners[0].budget_meur, s.owners[0].debt_meur) == pytest.approx((7.5, 0.0))
    rate = 0.14 * 0.02 + 0.86 * 0.065 - 0.015
    assert firm.debt_service_meur == pytest.approx(52.5 * rate / (1 - (1 + rate) ** -15))
    assert (firm.stage, firm.fid_quarter, firm.start_quarter) == (FID, 3, NEVER)
    assert (firm.c1_honoured, firm.c2_due, firm.c2_lapse, firm.applied) == (1, NEVER, NEVER, 0)
    sources = {"project_capex": 100.0, "grants": 25.0, "equity": 22.5, "corporate_debt": 0.0, "debt": 42.0,
               "concessional": 10.5}  # fmt: skip
    for name, amount in sources.items():
        assert s.account[f"{name}_meur"].tolist() == pytest.approx([amount, 0.0])
    government = s.governments[s.pacts[0].support_government]
    assert (government.promised_meur, government.paid_meur) == pytest.approx((25.0, 25.0))


@pytest.mark.parametrize(
    ("stage", "due", "kept"), [(COMMITTED, 0, 1.0), (COMMITTED, 9, 1.0), (COMMITTED, NEVER, 0.0), (IDLE, 9, 0.0)]
)
def test_an_fid_keeps_a_commitment_that_is_owed(stage, due, kept):
    s = applicant()
    s.firms[0].stage, s.firms[0].c2_due = stage, due
    assert apply(s, 0) == 0
    assert s.firms[0].kept_now[BY_OPERATOR] == kept
    assert not s.firms[0].broken_now.any()


@pytest.mark.parametrize("kind", range(N_KINDS))
@pytest.mark.parametrize(("needed", "due"), [(0.0, 12), (0.5, 21), (400.0, 21)])
def test_a_plant_promises_to_start_after_every_network_that_it_needs_and_no_other(kind, needed, due):
    s = applicant(networks=N_KINDS, counterparty_premium_pp=0.0)
    s.options[1].volume[kind] = needed
    s.networks.stage, s.networks.capacity = NET_OPERATING, 400.0
    s.networks[kind].stage, s.networks[kind].planned_quarter = NET_BUILDING, 20
    assert apply(s, 3) == 0
    assert s.firms[0].c3_due == due


@pytest.mark.parametrize(("debt", "public"), [(5.0, 30.0), (0.5, 0.0), (0.0, 0.5), (0.0, 0.0)])
def test_an_old_loan_however_small_and_whoever_gave_it_is_refinanced(debt, public):
    s = applicant(financiers=2)
    s.firms[0].debt_meur, s.firms[0].public_debt_meur = debt, public
    for f, share in enumerate((0.6, 0.4)):
        owe(s, f, 0, 0, share * debt)
        owe(s, f, 1, 1, 50.0)
    settle_old_debt(s, 0)
    assert s.account.refinanced_meur.tolist() == pytest.approx([debt + public, 0.0])
    assert list(s.financiers.exposure_meur) == pytest.approx([50.0, 50.0])
    assert s.loans[:4].tolist() == pytest.approx([0.0, 0.0, 50.0, 50.0])
    assert s.owners.budget_meur.tolist() == pytest.approx([30.0 - debt - public, 30.0])


def test_what_an_owner_owes_for_the_last_project_stays_on_its_balance_sheet():
    s = applicant()
    s.firms[0].corporate_debt_meur = s.owners[0].debt_meur = 20.0
    settle_old_debt(s, 0)
    assert (s.firms[0].corporate_debt_meur, s.owners[0].debt_meur, s.owners[0].budget_meur) == (20.0, 20.0, 30.0)
    assert s.account[0].refinanced_meur == 0.0


# Whose turn it is.


def applicants(indices, applied):
    s = small_state(firms=len(indices))
    s.firms.profitability_index, s.firms.applied = indices, applied
    return s.queue[: rank_applicants(s)].tolist()


def test_those_who_applied_are_ranked_by_value_per_euro():
    assert applicants([0.1, 0.2, 0.9, 0.3, 0.8], applied=[1, 1, 1, 1, 0]) == [2, 3, 1, 0]


def test_of_equal_applicants_the_one_listed_first_comes_first():
    assert applicants([0.2, 0.2, 0.2], applied=[1, 1, 1]) == [0, 1, 2]


def test_every_applicant_is_answered_where_nobody_lends():
    s = small_state(firms=2, financiers=0)
    s.firms.candidate, s.firms.applied, s.owners.budget_meur = [1, 3], 1, 100.0
    lend(s, 3)
    assert s.firms.stage.tolist() == [FID, FID]
    assert s.firms.applied.tolist() == [0, 0]


def test_confidence_in_a_small_portfolio_falls_like_in_a_large_one():
    s = small_state()
    s.financiers[0].exposure_meur, s.financiers[0].defaulted_now_meur = 0.25, 0.25
    update_lenders(s, 5)
    assert s.financiers[0].confidence_pp == pytest.approx(5 * 0.5)
