"""R3: lenders at the edges of their case, what an FID writes into firm and books, and whose turn it is."""

import numpy as np
import pytest

from clusterpact.agents.cost_of_capital import owe
from clusterpact.agents.lenders import (
    approves,
    lend,
    lender_case,
    mean_prices,
    rank_applicants,
    settle_old_debt,
    take_fid,
    update_lenders,
)
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
from tests.agents.test_finance import CRF_5_PERCENT, applicant
from tests.worlds.small import NEVER, small_state

STRESSED = 0.56 * 90.0  # MEUR: 900 kt at 100 EUR/t after the haircut


def test_beyond_the_longest_outlook_the_last_year_holds():
    s = small_state()
    outlook = 10.0 * np.arange(40)
    price, lost = mean_prices(s, s.firms[0], 0.0, 36, 5, outlook, 0)
    assert price == pytest.approx((370 + 380 + 3 * 390) / 5)
    assert lost == 0.0


def test_lost_allowances_weigh_by_what_is_left_of_them_in_each_year_of_the_loan():
    s = small_state()
    s.market.free_share[6, 0], s.market.free_share[7, 0] = 0.5, 0.2  # the third year, three of works: years 4 and 5 from now
    price, lost = mean_prices(s, s.firms[0], 600.0, 3, 2, 10.0 * np.arange(40), 9)
    assert price == pytest.approx((40 + 50) / 2)
    assert lost == pytest.approx((40 * 0.6 * 0.5 + 50 * 0.6 * 0.2) / 2)


def test_lost_allowances_come_off_the_stressed_case_in_full():
    s = applicant()
    s.options[0].allocation_kt, s.market.free_share[:] = 200.0, 0.5
    assert lender_case(s, 0, 0, 0) == pytest.approx(STRESSED - 10)  # 100 kt/year at 100 EUR/t


def test_a_small_extra_cost_counts_in_full():
    s = applicant()
    s.options[1].opex_meur = 0.8
    assert lender_case(s, 0, 0, 0) == pytest.approx(STRESSED - 0.8)


def test_a_green_premium_is_paid_per_tonne_and_not_contracted():
    s = applicant()
    s.policy.green_premium_eur_per_t = 30.0
    assert lender_case(s, 0, 0, 0) == pytest.approx(STRESSED + 0.56 * 27)


@pytest.mark.parametrize("years", [15.0, 30.0])
def test_a_contract_that_outlasts_the_loan_secures_its_strike_once(years):
    s = applicant(ccfd_years=years)
    s.firms[0].strike = 0.5
    assert lender_case(s, 0, 0, 0) == pytest.approx(0.45)  # 0.5 EUR/t for 900 kt


def test_a_lender_counts_with_the_tariff_of_the_users_that_the_firm_expects():
    s = applicant()
    s.options[1].volume[0], s.networks[0].tariff_cap = 400.0, 100.0
    alone = 300 * (0.055 + 1 / 30 + 0.03)  # the network is proposed and nobody else is expected: all that it needs a year
    assert lender_case(s, 0, 0, 0) == pytest.approx(STRESSED - alone)


@pytest.mark.parametrize(("capital", "gate"), [(280.0, 0), (279.0, GATE_RATION)])
def test_a_loan_may_take_the_last_of_the_room(capital, gate):
    s = applicant()  # debt 70, a quarter of 280
    s.financiers[0].capital_meur = capital
    assert approves(s, 0, 0, 0) == gate


@pytest.mark.parametrize(("capital", "gate"), [(241.0, 0), (239.0, GATE_RATION)])
def test_a_loan_needs_room_only_for_what_the_grant_leaves(capital, gate):
    s = applicant()
    s.policy.grant_share = 0.4  # 60 MEUR are left, a quarter of 240
    s.financiers[0].capital_meur = capital
    assert approves(s, 0, 0, 0) == gate


# The final investment decision.


def test_an_fid_enters_the_money_of_firm_and_books_and_ends_older_promises():
    s = applicant()
    s.policy.grant_share, s.policy.concessional_share = 0.25, 0.2
    firm = s.firms[0]
    firm.start_quarter, firm.c1_honoured, firm.c2_due, firm.c2_lapse, firm.capex_meur = 2, 0, 9, 7, 55.0
    take_fid(s, 0, 0, 3)
    assert (firm.capex_meur, firm.grant_meur, firm.equity_meur) == pytest.approx((100.0, 25.0, 5.0))
    assert (firm.debt_meur, firm.public_debt_meur) == pytest.approx((56.0, 14.0))
    assert (firm.creditor, firm.debt_service_meur) == (0, pytest.approx(70 * CRF_5_PERCENT))
    assert (firm.stage, firm.fid_quarter, firm.start_quarter) == (FID, 3, NEVER)
    assert (firm.c1_honoured, firm.c2_due, firm.c2_lapse) == (1, NEVER, NEVER)
    for name, amount in {"project_capex": 100.0, "grants": 25.0, "equity": 5.0, "debt": 56.0, "concessional": 14.0}.items():
        assert s.account[f"{name}_meur"].tolist() == pytest.approx([amount, 0.0])


@pytest.mark.parametrize(
    ("stage", "due", "kept"), [(COMMITTED, 0, 1.0), (COMMITTED, 9, 1.0), (COMMITTED, NEVER, 0.0), (IDLE, 9, 0.0)]
)
def test_an_fid_keeps_a_commitment_that_is_owed(stage, due, kept):
    s = applicant()
    s.firms[0].stage, s.firms[0].c2_due = stage, due
    take_fid(s, 0, 0, 0)
    assert s.firms[0].kept_now[BY_OPERATOR] == kept
    assert not s.firms[0].broken_now.any()


@pytest.mark.parametrize("kind", range(N_KINDS))
@pytest.mark.parametrize(("needed", "due"), [(0.0, 12), (0.5, 21), (400.0, 21)])
def test_a_plant_promises_to_start_after_every_network_that_it_needs_and_no_other(kind, needed, due):
    s = applicant(networks=N_KINDS)
    s.options[1].volume[kind] = needed
    s.networks.stage, s.networks.capacity = NET_OPERATING, 400.0
    s.networks[kind].stage, s.networks[kind].planned_quarter = NET_BUILDING, 20
    take_fid(s, 0, 0, 3)
    assert s.firms[0].c3_due == due


@pytest.mark.parametrize(("debt", "public"), [(5.0, 30.0), (0.5, 0.0), (0.0, 0.5)])
def test_an_old_loan_however_small_and_whoever_gave_it_is_refinanced(debt, public):
    s = applicant()
    s.firms[0].debt_meur, s.firms[0].public_debt_meur, s.firms[0].creditor = debt, public, 0
    owe(s, 0, 0, 50.0)
    settle_old_debt(s, s.firms[0])
    assert s.account.refinanced_meur.tolist() == pytest.approx([debt + public, 0.0])
    assert s.financiers[0].exposure_meur == pytest.approx(50.0 - debt)


# Whose turn it is.


def queue(s, f):
    return s.queue[: rank_applicants(s, f)].tolist()


def applicants(values, lenders, applied):
    s = small_state(firms=len(values), financiers=2)
    s.firms.value, s.firms.lender, s.firms.applied = values, lenders, applied
    return s


def test_a_lender_ranks_by_value_those_who_applied_to_it():
    s = applicants([0.1, 0.2, 0.9, 0.3, 0.8], lenders=[0, 0, 1, 0, 0], applied=[1, 1, 1, 1, 0])
    assert queue(s, 0) == [3, 1, 0]
    assert queue(s, 1) == [2]


def test_of_equal_applicants_the_one_listed_first_comes_first():
    s = applicants([0.2, 0.2, 0.2], lenders=[0, 0, 0], applied=[1, 1, 1])
    assert queue(s, 0) == [0, 1, 2]


def test_every_applicant_without_a_lender_is_answered():
    s = small_state(firms=2, financiers=0, equity_share_max=1.0)
    s.firms.candidate, s.firms.applied = [1, 3], 1
    lend(s, 3)
    assert s.firms.stage.tolist() == [FID, FID]
    assert s.firms.applied.tolist() == [0, 0]


def test_confidence_in_a_small_portfolio_falls_like_in_a_large_one():
    s = small_state()
    s.financiers[0].exposure_meur, s.financiers[0].defaulted_now_meur = 0.25, 0.25
    update_lenders(s, 5)
    assert s.financiers[0].confidence_pp == pytest.approx(5 * 0.5)
