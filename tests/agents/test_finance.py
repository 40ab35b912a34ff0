"""R3: debt on a stressed case, bankability, ranking and rationing under a cap, and where the money comes from."""

import numpy as np
import pytest

from clusterpact.agents.cost_of_capital import owe, room
from clusterpact.agents.lenders import approves, debt_capacity, lend, lender_case, take_fid
from clusterpact.agents.vocabulary import ELECTRICITY, FID, IDLE, NET_BUILDING, NET_OPERATING
from clusterpact.sim.state import ARRAYS, State
from tests.agents.appraising import asking
from tests.worlds.small import CLEAN, NEVER, small_state

GATE_NETWORK, GATE_BANK, GATE_RATION = 6, 7, 8
CRF_5_PERCENT = 0.05 / (1 - 1.05**-15)  # 0.0963


def applicant(avoided=900.0, **parameters):
    """A firm that asks for a loan for 100 MEUR that avoid so many kt/year, at 100 EUR/t."""
    s = small_state(**parameters)
    asking(s, lender=0 if s.financiers.size else NEVER)
    s.options[1].emission_kt = s.options[1].generated_kt = 1000.0 - avoided
    return s


def test_the_stressed_case_cuts_uncontracted_carbon_revenue_by_the_haircut():
    assert lender_case(applicant(), 0, 0, 0) == pytest.approx((1 - 0.44) * 100 * 900 / 1000)


def test_extra_costs_count_in_full_and_savings_after_the_haircut():
    s = applicant()
    s.options[1].opex_meur = 10.0
    assert lender_case(s, 0, 0, 0) == pytest.approx(50.4 - 10)
    s.options[1].opex_meur = 0.0
    s.options[1].energy_gwh[ELECTRICITY] = -200.0
    s.spots[0].expected_price[ELECTRICITY] = 50.0
    assert lender_case(s, 0, 0, 0) == pytest.approx(50.4 + 0.56 * 10)  # 200 GWh at 50 EUR/MWh


def test_a_contract_secures_its_strike_for_the_share_of_the_tenor_that_it_covers():
    s = applicant(ccfd_years=10.0)
    s.firms[0].strike = 120.0
    assert lender_case(s, 0, 0, 0) == pytest.approx((2 / 3 * 120 + 1 / 3 * 56) * 0.9)


def test_tariffs_and_service_of_the_network_come_off_the_stressed_case():
    s = applicant()
    s.options[1].volume[0] = 400.0
    s.networks[0].stage, s.networks[0].tariff, s.networks[0].service = NET_OPERATING, 20.0, 5.0
    assert lender_case(s, 0, 0, 0) == pytest.approx(50.4 - 0.4 * 25)


def test_the_lender_believes_the_announced_path_as_far_as_it_trusts_the_government():
    s = applicant()
    s.market.in_force = 200.0
    s.governments[0].kept[1] = 2.0  # (2 + 1) / 4
    assert lender_case(s, 0, 0, 0) == pytest.approx(0.56 * (0.75 * 200 + 0.25 * 100) * 0.9)


def test_the_lender_averages_the_price_over_the_tenor_after_the_works():
    s = applicant()
    s.market.in_force[:] = [10.0 * year for year in range(26)]
    s.governments[0].kept[1] = 1e15  # the announcement is believed
    assert lender_case(s, 0, 0, 0) == pytest.approx(0.56 * 100 * 0.9)  # years 3 to 17 from now: 30 to 170 EUR/t


def test_debt_is_what_the_stressed_case_serves_with_cover():
    s = applicant(avoided=90.0)
    assert debt_capacity(s, 0, 0, 100.0, 0) == pytest.approx(5.04 / (1.3 * CRF_5_PERCENT))  # 40.24


def test_debt_is_capped_by_gearing_and_never_negative():
    s = applicant()
    assert debt_capacity(s, 0, 0, 100.0, 0) == pytest.approx(70.0)
    s.options[1].opex_meur = 1000.0
    assert debt_capacity(s, 0, 0, 100.0, 0) == 0.0


def test_debt_is_capped_by_the_lenders_ticket():
    s = applicant()
    s.financiers.ticket_max_meur = 40.0
    assert debt_capacity(s, 0, 0, 100.0, 0) == pytest.approx(40.0)


def test_a_project_is_bankable_only_if_equity_stays_within_what_the_sponsor_can_carry():
    s = applicant(avoided=90.0)  # debt 40.24, equity 59.76 of at most 35
    assert approves(s, 0, 0, 0) == GATE_BANK
    s.policy.grant_share = 0.25  # equity 34.76
    assert approves(s, 0, 0, 0) == 0


@pytest.mark.parametrize(("capital", "gate"), [(281.0, 0), (279.0, GATE_RATION), (0.0, GATE_RATION)])
def test_a_lender_without_room_rations_even_what_is_bankable(capital, gate):
    s = applicant()  # debt 70, a quarter of 280
    s.financiers[0].capital_meur = capital
    assert approves(s, 0, 0, 0) == gate


def test_a_concessional_loan_needs_no_room_at_the_lender():
    s = applicant()
    s.policy.concessional_share = 0.5
    s.financiers[0].capital_meur = 141.0
    assert approves(s, 0, 0, 0) == 0


def test_room_is_what_exposure_and_bad_loans_leave_of_the_limit():
    s = small_state()
    owe(s, 0, 0, 1000.0)
    s.financiers[0].npl_meur = 300.0
    assert room(s, 0, 0) == pytest.approx(0.25 * 10_000 - 1000 - 300)


def test_a_lender_limits_what_each_cluster_owes_it_and_lends_no_more_than_its_capital():
    """A lender of 1,000 MEUR may lend 250 to each of five clusters, but not to all; bad loans of 40 weigh on each."""
    one = small_state(connected_limit=0.25)
    s = State(**{name: getattr(one, name) for name in ARRAYS} | {"loans": np.zeros(5)})
    s.financiers[0].capital_meur = 1000.0
    for cluster in range(4):
        assert room(s, 0, cluster) == pytest.approx(250.0)
        owe(s, 0, cluster, 250.0 - 20.0 * cluster)
        assert room(s, 0, cluster) == pytest.approx(20.0 * cluster)
    assert s.loans.tolist() == [250.0, 230.0, 210.0, 190.0, 0.0]
    assert s.financiers[0].exposure_meur == 880.0
    assert room(s, 0, 4) == pytest.approx(120.0)
    s.financiers[0].npl_meur = 40.0
    assert [room(s, 0, cluster) for cluster in (0, 3, 4)] == pytest.approx([-40.0, 20.0, 80.0])
    owe(s, 0, 1, -200.0)
    assert [room(s, 0, cluster) for cluster in (1, 4)] == pytest.approx([180.0, 210.0])


def test_what_nobody_lent_nobody_is_owed():
    s = small_state()
    owe(s, NEVER, 0, 50.0)
    assert (s.financiers[0].exposure_meur, s.loans[0]) == (0.0, 0.0)


def test_frozen_awards_give_no_grant():
    s = applicant(avoided=90.0)
    s.policy.grant_share = 0.25
    s.governments[1].frozen_until = 1
    assert approves(s, 0, 0, 0) == GATE_BANK


@pytest.mark.parametrize(("equity_share", "gate"), [(0.39, GATE_BANK), (0.4, 0)])
def test_a_firm_without_a_lender_must_carry_all_but_the_grant_itself(equity_share, gate):
    s = applicant(financiers=0, equity_share_max=equity_share)
    s.policy.grant_share = 0.9  # capped at 0.6
    assert approves(s, -1, 0, 0) == gate


def test_an_equity_only_project_has_no_debt():
    s = applicant(financiers=0, equity_share_max=1.0)
    s.firms[0].applied = 1
    lend(s, 3)
    firm = s.firms[0]
    assert (firm.stage, firm.equity_meur, firm.debt_meur, firm.debt_service_meur, firm.creditor) == (FID, 100, 0, 0, -1)


def test_an_fid_closes_its_books_and_books_its_capacity():
    s = applicant()
    s.options[1].volume[0] = 400.0
    s.networks[0].stage, s.networks[0].capacity, s.networks[0].tariff_cap = NET_OPERATING, 400.0, 0.0
    s.policy.grant_share, s.policy.concessional_share, s.policy.loan_guarantee_share = 0.4, 0.2, 0.5
    take_fid(s, 0, 0, 3)
    firm, account = s.firms[0], s.account[0]
    assert (firm.grant_meur, firm.equity_meur) == pytest.approx((40.0, 0.0))  # debt 60 of at most 70
    assert (firm.debt_meur, firm.public_debt_meur) == pytest.approx((48.0, 12.0))
    assert s.financiers[0].exposure_meur == pytest.approx(48.0)
    assert firm.repayment_meur == pytest.approx(1.0)  # 60 over 60 quarters
    assert firm.debt_service_meur == pytest.approx(60 * CRF_5_PERCENT)
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
    take_fid(s, 0, 0, 3)
    assert (s.firms[0].ready_quarter, s.firms[0].c3_due) == (11, 21)


def competitors(capital):
    s = small_state(firms=3)
    s.financiers[0].capital_meur = capital
    for i in range(3):
        s.firms[i].candidate, s.firms[i].applied, s.firms[i].lender, s.firms[i].wacc = 2 * i + 1, 1, 0, 0.065
    s.firms.value = [0.1, 0.5, 0.3]
    return s


def test_a_lender_serves_the_best_value_per_euro_first_while_room_lasts():
    s = competitors(capital=600.0)  # room 150 for loans of 70
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


def test_a_next_decision_repays_the_old_loan():
    s = applicant()
    s.firms[0].debt_meur, s.firms[0].public_debt_meur, s.firms[0].creditor = 30.0, 5.0, 0
    owe(s, 0, 0, 30.0)
    take_fid(s, 0, 0, 40)
    assert s.account[0].refinanced_meur == pytest.approx(35.0)
    assert s.financiers[0].exposure_meur == pytest.approx(70.0)
