"""R3: debt on a stressed case, bankability, ranking and rationing under a cap, and where the money comes from."""

import pytest

from clusterpact.agents.funding import debt_capacity, debt_rate
from clusterpact.agents.lenders import funding_now, lend
from clusterpact.agents.lending import owe
from clusterpact.agents.trust import renew_credibility
from clusterpact.agents.vocabulary import BY_FINANCIER, CORPORATE, ELECTRICITY, FID, IDLE, NET_BUILDING, NET_OPERATING
from tests.agents.appraising import CRF_5_PERCENT, apply, asking, funded, stressed
from tests.worlds.small import CLEAN, small_state

GATE_NETWORK, GATE_BANK, GATE_RATION = 6, 7, 8


def applicant(avoided=900.0, **parameters):
    """A firm that asks for a loan at 5 % for 100 MEUR that avoid so many kt/year, at 100 EUR/t; its owner has 30 MEUR."""
    s = asking(small_state(**parameters))
    s.options[1].emission_kt = s.options[1].generated_kt = 1000.0 - avoided
    return s


def test_the_stressed_case_cuts_uncontracted_carbon_revenue_by_the_haircut():
    assert stressed(applicant()) == pytest.approx((1 - 0.44) * 100 * 900 / 1000)


def test_extra_costs_count_in_full_and_savings_after_the_haircut():
    s = applicant()
    s.options[1].opex_meur = 10.0
    assert stressed(s) == pytest.approx(50.4 - 10)
    s.options[1].opex_meur = 0.0
    s.options[1].energy_gwh[ELECTRICITY] = -200.0
    s.spots[0].expected_price[ELECTRICITY] = 50.0
    assert stressed(s) == pytest.approx(50.4 + 0.56 * 10)  # 200 GWh at 50 EUR/MWh


def test_a_contract_secures_its_strike_for_the_share_of_the_tenor_that_it_covers():
    s = applicant(ccfd_years=10.0)
    s.firms[0].strike = 120.0
    assert stressed(s) == pytest.approx((2 / 3 * 120 + 1 / 3 * 56) * 0.9)


def test_tariffs_and_service_of_the_network_come_off_the_stressed_case():
    s = applicant()
    s.options[1].volume[0] = 400.0
    s.networks[0].stage, s.networks[0].tariff, s.networks[0].service = NET_OPERATING, 20.0, 5.0
    assert stressed(s) == pytest.approx(50.4 - 0.4 * 25)


def test_the_lender_believes_the_announced_path_as_far_as_it_trusts_the_government():
    s = applicant()
    s.market.in_force = 200.0
    s.governments[0].kept[BY_FINANCIER] = 2.0  # (2 + 1) / 4
    renew_credibility(s)
    assert stressed(s) == pytest.approx(0.56 * (0.75 * 200 + 0.25 * 100) * 0.9)


def test_the_lender_averages_the_price_over_the_tenor_after_the_works():
    s = applicant()
    s.market.in_force[:] = [20.0 * year for year in range(26)]
    s.governments[0].kept[BY_FINANCIER] = 1e15  # the announcement is believed
    renew_credibility(s)
    assert stressed(s) == pytest.approx(0.56 * 200 * 0.9)  # years 3 to 17 from now: 60 to 340 EUR/t


def test_debt_is_what_the_stressed_case_serves_with_cover():
    s = applicant(avoided=90.0)
    assert debt_capacity(s, 100.0, 0.05, stressed(s), 0.0) == pytest.approx(5.04 / (1.3 * CRF_5_PERCENT))  # 40.24


def test_debt_is_capped_by_gearing_and_never_negative():
    s = applicant()
    assert debt_capacity(s, 100.0, 0.05, 50.4, 0.0) == pytest.approx(70.0)
    assert debt_capacity(s, 100.0, 0.05, -1000.0, 0.0) == 0.0


@pytest.mark.parametrize(("guarantee", "debt"), [(0.2, 40.24 / 0.8), (0.5, 70.0)])
def test_lenders_stress_only_what_the_state_does_not_guarantee(guarantee, debt):
    s = applicant(avoided=90.0)
    assert debt_capacity(s, 100.0, 0.05, stressed(s), guarantee) == pytest.approx(debt, rel=1e-3)


def test_debt_costs_a_margin_less_than_capital_and_never_less_than_nothing():
    s = applicant()
    assert [debt_rate(s, wacc) for wacc in (0.065, 0.015, 0.01)] == pytest.approx([0.05, 0.0, 0.0])


def test_debt_is_capped_by_the_lenders_ticket():
    s = applicant()
    s.financiers.ticket_max_meur = 40.0
    assert funded(s).debt_meur == pytest.approx(40.0)


@pytest.mark.parametrize(("budget", "gate"), [(59.0, GATE_BANK), (60.0, 0)])
def test_a_project_is_bankable_only_if_its_owner_can_pay_what_lenders_do_not_lend(budget, gate):
    s = applicant(avoided=90.0)  # debt 40.24, so 59.76 are left
    s.owners.budget_meur = budget
    assert funded(s).gate == gate


def test_a_grant_can_make_a_project_bankable():
    s = applicant(avoided=90.0)  # 59.76 of its own
    assert apply(s) == GATE_BANK
    s.policy.grant_share = 0.3  # 29.76, of 30 that it has
    assert apply(s) == 0


@pytest.mark.parametrize(("capital", "gate"), [(281.0, 0), (279.0, GATE_RATION), (0.0, GATE_RATION)])
def test_a_lender_without_room_rations_even_what_is_bankable(capital, gate):
    s = applicant()  # debt 70, a quarter of 280
    s.financiers[0].capital_meur = capital
    assert apply(s) == gate


def test_a_concessional_loan_needs_no_room_at_the_lender():
    s = applicant()
    s.policy.concessional_share = 0.5
    s.financiers[0].capital_meur = 141.0
    assert apply(s) == 0
    assert s.firms[0].debt_meur == pytest.approx(35.0)


def test_frozen_awards_give_no_grant():
    s = applicant(avoided=90.0)
    s.policy.grant_share = 0.3
    s.governments[1].frozen_until = 1
    assert apply(s) == GATE_BANK


@pytest.mark.parametrize(("budget", "gate"), [(39.0, GATE_RATION), (40.0, 0)])
def test_where_nobody_lends_an_owner_must_carry_all_but_the_grant_itself(budget, gate):
    s = applicant(financiers=0)
    s.owners.budget_meur = budget
    s.policy.grant_share = 0.9  # capped at 0.6
    assert apply(s) == gate


def test_a_project_of_own_means_has_no_debt():
    s = applicant(financiers=0)
    s.owners.budget_meur = 100.0
    assert (funded(s).route, funded(s).debt_meur) == (CORPORATE, 0.0)
    assert apply(s, 3) == 0
    firm = s.firms[0]
    assert (firm.stage, firm.equity_meur, firm.debt_meur, firm.debt_service_meur) == (FID, 100, 0, 0)
    assert s.owners[0].budget_meur == 0.0


def test_an_fid_closes_its_books_and_books_its_capacity():
    s = applicant()
    s.options[1].volume[0] = 400.0
    s.networks[0].stage, s.networks[0].capacity, s.networks[0].tariff_cap = NET_OPERATING, 400.0, 0.0
    s.policy.grant_share, s.policy.concessional_share, s.policy.loan_guarantee_share = 0.4, 0.2, 0.5
    assert apply(s, 3) == 0
    firm, account = s.firms[0], s.account[0]
    assert (firm.grant_meur, firm.equity_meur) == pytest.approx((40.0, 18.0))  # of 60 the owner brings 30 %
    assert (firm.debt_meur, firm.public_debt_meur) == pytest.approx((42.0 * 0.8, 42.0 * 0.2))
    assert s.financiers[0].exposure_meur == pytest.approx(33.6)
    assert firm.repayment_meur == pytest.approx(0.7)  # 42 over 60 quarters
    rate = 0.14 * 0.02 + 0.86 * 0.065 - 0.015  # a fifth of the 70 % of debt at 2 %; there is no risk to guarantee
    assert firm.debt_service_meur == pytest.approx(42 * rate / (1 - (1 + rate) ** -15))
    assert firm.guaranteed == 0.5
    sources = account.grants_meur + account.equity_meur + account.debt_meur + account.concessional_meur
    assert account.project_capex_meur == pytest.approx(sources)
    assert (firm.booked[0], s.networks[0].booked) == (400.0, 400.0)
    assert (firm.fid_quarter, firm.ready_quarter, firm.c3_due) == (3, 11, 12)  # C3 is judged a quarter after the start
    assert s.technologies[CLEAN].decided_now == 1.0


def test_a_plant_promises_to_start_no_earlier_than_its_network():
    s = applicant()
    s.options[1].volume[0] = 400.0
    s.networks[0].stage, s.networks[0].capacity, s.networks[0].planned_quarter = NET_BUILDING, 400.0, 20
    s.parameters.counterparty_premium_pp = 0.0
    assert apply(s, 3) == 0
    assert (s.firms[0].ready_quarter, s.firms[0].c3_due) == (11, 21)


def competitors(capital):
    s = small_state(firms=3)
    s.financiers[0].capital_meur = capital
    s.firms.candidate, s.firms.applied = [1, 3, 5], 1
    s.firms.profitability_index = [0.1, 0.5, 0.3]
    return s


def test_lenders_serve_the_best_value_per_euro_first_while_room_lasts():
    s = competitors(capital=150.0)
    s.parameters.connected_limit = 1.0  # 150 MEUR in all, for loans of 70
    lend(s, 0)
    assert list(s.firms.stage) == [IDLE, FID, FID]
    assert list(s.firms.refused) == [GATE_RATION, 0, 0]
    assert s.financiers[0].exposure_meur == pytest.approx(140.0)


def test_the_last_capacity_of_a_network_goes_to_the_best_applicant():
    s = competitors(capital=10_000.0)
    s.options.volume[1::2, 0] = 400.0
    s.networks[0].stage, s.networks[0].capacity = NET_OPERATING, 900.0
    lend(s, 0)
    assert list(s.firms.refused) == [GATE_NETWORK, 0, 0]
    assert s.networks[0].booked == 800.0


def test_a_next_decision_repays_the_old_loan_out_of_the_owners_budget():
    s = applicant()
    s.owners.budget_meur = 65.0
    s.firms[0].debt_meur, s.firms[0].public_debt_meur = 30.0, 5.0
    owe(s, 0, 0, 0, 30.0)
    assert apply(s, 40) == 0
    assert s.account[0].refinanced_meur == pytest.approx(35.0)
    assert s.financiers[0].exposure_meur == pytest.approx(70.0)
    assert s.owners[0].budget_meur == pytest.approx(0.0, abs=1e-9)  # 35 for the old loans and 30 for the new project


@pytest.mark.parametrize(("budget", "gate"), [(64.9, GATE_BANK), (65.0, 0)])
def test_an_owner_that_cannot_repay_the_old_loan_starts_no_next_project(budget, gate):
    s = applicant()
    s.owners.budget_meur = budget
    s.firms[0].debt_meur = 35.0
    owe(s, 0, 0, 0, 35.0)
    assert funding_now(s, 0, 40).gate == gate
