"""R3: repayment, failure, default and its write-down and contagion."""

import pytest

from clusterpact.agents.chance import DEFAULT, uniform
from clusterpact.agents.default import check_defaults, fail, repay
from clusterpact.agents.lenders import update_lenders
from clusterpact.agents.lending import owe, room
from clusterpact.agents.plant import work_on_plants
from clusterpact.agents.vocabulary import BUILDING, ELECTRICITY, FAILED, FID, IDLE, OPERATING
from tests.worlds.small import NEVER, small_state

QUIET = {"default_early_per_year": 0.0, "default_late_per_year": 0.0, "surplus_share": 0.0}


def indebted(debt=70.0, options_per_firm=2, **parameters):
    """Firm 0 runs its option 1 since quarter 0, on a loan of lender 0 that it repays over 60 quarters."""
    s = small_state(firms=2, options_per_firm=options_per_firm, **parameters)
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.switched, firm.stage = 1, 0, 1, OPERATING
    firm.start_quarter, firm.fid_quarter, firm.capex_meur = 0, 0, 100.0
    firm.debt_meur, firm.repayment_meur, firm.debt_service_meur = debt, debt / 60, 10.0
    owe(s, 0, 0, 0, debt)
    return s


def test_a_loan_is_repaid_in_equal_quarters_and_frees_room():
    s = indebted(**QUIET)
    for t in range(59):
        check_defaults(s, t)
    assert s.firms[0].debt_meur == pytest.approx(70 / 60)
    for t in range(59, 62):
        check_defaults(s, t)
    assert s.firms[0].debt_meur == pytest.approx(0.0, abs=1e-9)
    assert s.financiers[0].exposure_meur == pytest.approx(0.0, abs=1e-9)


def test_lenders_state_and_owner_are_repaid_in_proportion():
    """1 MEUR a quarter of 60 owed to lenders, of 15 to the state and of 25 that the owner borrowed: 1 % of each."""
    s = indebted(debt=45.0, financiers=2, **QUIET)
    firm = s.firms[0]
    owe(s, 1, 0, 0, 15.0)
    firm.debt_meur, firm.public_debt_meur, firm.corporate_debt_meur, firm.repayment_meur = 60.0, 15.0, 25.0, 1.0
    s.owners[0].debt_meur = 40.0  # 15 of them for another plant
    check_defaults(s, 1)
    assert (firm.debt_meur, firm.public_debt_meur, firm.corporate_debt_meur) == pytest.approx((59.4, 14.85, 24.75))
    assert list(s.financiers.exposure_meur) == pytest.approx([44.55, 14.85])
    assert s.loans[:2].tolist() == s.clients[:2].tolist() == pytest.approx([44.55, 14.85])
    assert s.owners[0].debt_meur == pytest.approx(39.75)


def test_the_last_payment_leaves_nothing_owed_by_anyone():
    s = indebted(debt=0.3, **QUIET)
    firm = s.firms[0]
    firm.public_debt_meur, firm.corporate_debt_meur, firm.repayment_meur = 0.1, 0.6, 1.0
    s.owners[0].debt_meur = 0.6
    repay(s, 0)
    assert (firm.debt_meur, firm.public_debt_meur, firm.corporate_debt_meur, s.owners[0].debt_meur) == (0.0, 0.0, 0.0, 0.0)
    assert (s.loans[0], s.clients[0], s.financiers[0].exposure_meur) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("stage", [FID, BUILDING])
def test_nothing_is_repaid_before_the_plant_runs(stage):
    s = indebted(**QUIET)
    s.firms[0].stage = stage
    repay(s, 0)
    assert s.firms[0].debt_meur == 70.0


@pytest.mark.parametrize(("t", "hazard"), [(11, 0.4), (12, 0.1), (59, 0.1), (60, 0.0)])
@pytest.mark.parametrize("debt", [70.0, 0.0])
def test_projects_fail_more_often_in_their_first_three_years_and_not_after_the_tenor_whoever_paid(t, hazard, debt):
    s = indebted(debt=debt, default_early_per_year=0.4, default_late_per_year=0.1)
    for run in range(100):
        fresh = s.copy()
        fresh.world[0].run = run
        check_defaults(fresh, t)
        drawn = uniform(1, run, DEFAULT, fresh.firms[0].id, t) < hazard / 4
        assert (fresh.firms[0].stage == FAILED) == drawn


def short_of_cash(**parameters):
    s = indebted(**QUIET, **parameters)
    s.spots[0].price[0] = 10.0  # 10 EUR/t * 900 kt = 9 MEUR/year against a debt service of 10
    return s


def test_four_quarters_short_of_debt_service_are_a_default_and_the_plant_runs_on():
    s = short_of_cash()
    for t in range(1, 4):
        check_defaults(s, t)
    assert s.account[0].defaults == 0.0
    owed = 70 * (1 - 4 / 60)
    check_defaults(s, 4)
    firm, lender = s.firms[0], s.financiers[0]
    assert (firm.stage, firm.option, firm.failures, firm.fid_quarter) == (OPERATING, 1, 0, 0)
    assert s.account.defaults.tolist() == [1.0, 0.0]
    assert (firm.debt_meur, firm.debt_service_meur, firm.short_quarters) == (0.0, 0.0, 0)
    assert (lender.npl_meur, lender.capital_meur) == pytest.approx((owed, 10_000 - 0.2 * owed))
    check_defaults(s, 5)
    assert s.account[0].defaults == 1.0


def test_what_the_owner_borrowed_survives_a_default_on_the_projects_loans_and_is_repaid_at_its_pace():
    """70 of 100 MEUR are lenders': with them go 70 % of the payments."""
    s = short_of_cash()
    s.firms[0].corporate_debt_meur = s.owners[0].debt_meur = 30.0
    s.firms[0].repayment_meur, s.firms[0].short_quarters = 0.0, 3
    s.firms[0].repayment_meur = 1.0
    check_defaults(s, 4)
    left = 30.0 * 0.99
    assert (s.firms[0].debt_meur, s.firms[0].corporate_debt_meur) == pytest.approx((0.0, left))
    assert s.firms[0].repayment_meur == pytest.approx(0.3)
    check_defaults(s, 5)
    assert (s.firms[0].corporate_debt_meur, s.owners[0].debt_meur) == pytest.approx((left - 0.3, left - 0.3))


def losing_money(is_increment=1, **parameters):
    """What firm 0 added costs 95 MEUR/year more to run than before, at 90 MEUR/year of carbon cost avoided."""
    s = indebted(debt=0.0, **QUIET, **parameters)
    s.options[1].is_increment, s.options[1].opex_meur = is_increment, 95.0
    return s


def test_what_was_added_and_loses_money_for_a_year_is_switched_off():
    s = losing_money()
    for t in range(8, 11):
        check_defaults(s, t)
    assert (s.firms[0].option, s.firms[0].losing_quarters) == (1, 3)
    check_defaults(s, 11)
    firm = s.firms[0]
    assert (firm.option, firm.stage, firm.switched, firm.failures) == (0, IDLE, 0, 0)
    assert (firm.losing_quarters, firm.fid_quarter, firm.start_quarter) == (0, NEVER, NEVER)
    assert s.account[0].stranded_meur == pytest.approx(100 * (1 - 11 / 80))  # of 20 years
    assert s.account[0].defaults == 0.0


def test_a_quarter_without_a_loss_starts_the_count_anew_and_a_cash_flow_of_nothing_is_no_loss():
    s = losing_money()
    for t in range(8, 15):
        s.options[1].opex_meur = 90.0 if t == 10 else 95.0
        check_defaults(s, t)
        assert s.firms[0].losing_quarters == (0 if t == 10 else t - 7 if t < 10 else t - 10)
        if t == 13:
            break
    assert s.firms[0].option == 1


def test_a_replacement_that_loses_money_has_nothing_to_be_switched_off_to():
    s = losing_money(is_increment=0)
    for t in range(8, 16):
        check_defaults(s, t)
    assert s.firms[0].option == 1


def test_the_loans_of_what_is_switched_off_are_still_repaid():
    s = losing_money()
    s.firms[0].debt_meur, s.firms[0].repayment_meur, s.firms[0].debt_service_meur = 70.0, 7.0, 0.0
    owe(s, 0, 0, 0, 70.0)
    s.firms[0].losing_quarters = 3
    check_defaults(s, 8)
    check_defaults(s, 9)
    assert s.firms[0].option == 0
    assert s.firms[0].debt_meur == s.financiers[0].exposure_meur == pytest.approx(56.0)


def test_one_good_quarter_starts_the_count_anew():
    s = short_of_cash()
    for t in range(1, 8):
        s.spots[0].price[0] = 12.0 if t == 4 else 10.0
        check_defaults(s, t)
    assert s.firms[0].stage == OPERATING
    assert s.firms[0].short_quarters == 3


def test_a_contract_carries_a_project_through_low_carbon_prices():
    s = short_of_cash()
    s.firms[0].running_strike, s.firms[0].running_until = 50.0, 60
    for t in range(1, 9):
        check_defaults(s, t)
    assert s.firms[0].short_quarters == 0


def test_energy_at_todays_price_and_tariffs_reduce_the_cash_flow():
    s = indebted(**QUIET)
    s.options[1].energy_gwh[ELECTRICITY], s.spots[0].price[ELECTRICITY] = 800.0, 80.0  # 64 MEUR/year
    s.options[1].volume[0], s.networks[0].tariff = 400.0, 45.0  # 18 MEUR/year: 90 - 64 - 18 = 8
    check_defaults(s, 1)
    assert s.firms[0].short_quarters == 1


def test_the_green_premium_that_paid_for_the_project_also_serves_its_debt():
    s = short_of_cash()
    s.policy.green_premium_eur_per_t = 30.0  # 27 MEUR/year more
    check_defaults(s, 1)
    assert s.firms[0].short_quarters == 0


def test_a_failure_writes_down_every_lenders_capital_by_what_is_not_recovered_of_its_part():
    s = indebted(debt=50.0, financiers=2)
    s.firms[0].debt_meur = 70.0
    owe(s, 1, 0, 0, 20.0)
    owe(s, 1, 1, 1, 40.0)  # the loan of another firm
    fail(s, 0, 5)
    assert list(s.financiers.capital_meur) == pytest.approx([10_000 - 0.2 * 50, 10_000 - 0.2 * 20])
    assert list(s.financiers.npl_meur) == list(s.financiers.defaulted_now_meur) == pytest.approx([50.0, 20.0])
    assert list(s.financiers.exposure_meur) == pytest.approx([0.0, 40.0])


def test_a_default_shrinks_the_lenders_room_instead_of_freeing_it():
    s = indebted()
    before = room(s, 0, 1)
    fail(s, 0, 5)
    assert room(s, 0, 1) == pytest.approx(before - 0.25 * 0.2 * 70)  # for everyone: a quarter of what is lost
    assert room(s, 0, 0) == pytest.approx(before - 0.25 * 0.2 * 70)  # what it owed is repaid or lost
    s.financiers[0].capital_meur = 100.0
    assert room(s, 0, 1) == pytest.approx(25.0)
    s.financiers[0].npl_meur = 90.0
    assert room(s, 0, 1) == pytest.approx(10.0)


def test_the_state_pays_the_guaranteed_share_and_all_of_its_own_loss():
    s = indebted()
    s.firms[0].guaranteed, s.firms[0].public_debt_meur = 0.5, 20.0
    fail(s, 0, 5)
    assert s.financiers[0].capital_meur == pytest.approx(10_000 - 0.5 * 0.2 * 70)
    assert s.account[0].guarantee_calls_meur == pytest.approx(0.5 * 0.2 * 70 + 0.2 * 20)


def test_after_a_default_the_plant_runs_as_before_and_may_not_try_for_two_years():
    s = indebted()
    s.options[1].volume[0] = 400.0
    s.firms[0].booked[0] = s.networks[0].booked = s.networks[0].used = 400.0
    s.firms[0].base_intact = 0
    fail(s, 0, 5)
    firm = s.firms[0]
    assert (firm.option, firm.switched, firm.stage, firm.base_intact, firm.fid_quarter) == (0, 0, FAILED, 1, -1)
    assert (s.networks[0].used, s.networks[0].booked, firm.booked[0]) == (0.0, 0.0, 0.0)
    for t in range(6, 13):
        work_on_plants(s, t)
    assert firm.stage == FAILED
    work_on_plants(s, 13)
    assert firm.stage == IDLE


def test_failing_a_second_replacement_does_not_bring_back_the_plant_of_the_start():
    s = indebted(options_per_firm=3)
    s.firms[0].previous_option, s.firms[0].option, s.firms[0].base_intact = 1, 2, 0
    fail(s, 0, 5)
    assert s.firms[0].option == 1
    assert s.firms[0].base_intact == 0


def test_failing_a_replacement_of_an_increment_leaves_the_base_standing():
    s = indebted(options_per_firm=3)
    s.options[1].is_increment = 1
    s.firms[0].previous_option, s.firms[0].option, s.firms[0].base_intact = 1, 2, 0
    fail(s, 0, 5)
    assert s.firms[0].base_intact == 1


def test_the_old_plant_comes_back_at_the_age_that_it_had():
    s = small_state(firms=1)
    s.options[0].campaign_years = 20.0
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.ready_quarter, firm.campaign_age, firm.debt_meur = 1, BUILDING, 8, 12.0, 70.0
    work_on_plants(s, 8)
    fail(s, 0, 8)
    assert firm.campaign_age >= 12.0


def test_a_firm_without_a_loan_cannot_default_but_its_project_can_fail():
    s = indebted(debt=0.0, **QUIET)
    s.spots[0].price[0] = 0.0
    for t in range(1, 9):
        check_defaults(s, t)
    assert (s.firms[0].stage, s.account[0].defaults) == (OPERATING, 0.0)
    s.parameters.default_early_per_year = 4.0
    check_defaults(s, 9)
    assert (s.firms[0].stage, s.firms[0].option, s.firms[0].failures) == (FAILED, 0, 1)


def test_a_plant_that_runs_what_it_ran_at_the_start_has_no_project_to_fail():
    s = small_state(default_early_per_year=4.0)
    check_defaults(s, 1)
    assert not s.firms.failures.any()


def test_the_debt_of_an_owner_stays_when_the_project_fails():
    s = indebted(debt=0.0)
    s.firms[0].corporate_debt_meur = s.owners[0].debt_meur = 30.0
    s.firms[0].repayment_meur = 0.5
    fail(s, 0, 5)
    assert (s.firms[0].corporate_debt_meur, s.owners[0].debt_meur, s.firms[0].repayment_meur) == (30.0, 30.0, 0.5)
    assert s.financiers[0].npl_meur == 0.0


def test_default_of_a_firm_without_lender_costs_only_the_state():
    s = small_state(financiers=0)
    s.firms[0].public_debt_meur = 20.0
    fail(s, 0, 5)
    assert s.account[0].guarantee_calls_meur == pytest.approx(4.0)


def test_spreads_rise_with_the_defaulted_share_of_the_portfolio_and_recover():
    s = small_state()
    lender = s.financiers[0]
    owe(s, 0, 0, 0, 30.0)
    lender.defaulted_now_meur, lender.npl_meur = 70.0, 70.0
    update_lenders(s, 5)
    assert lender.confidence_pp == pytest.approx(5 * 0.7)
    assert lender.npl_meur == pytest.approx(70 * (1 - 0.0625))
    update_lenders(s, 6)
    assert lender.confidence_pp == pytest.approx(3.5 * 0.85)


def test_a_lender_without_loans_or_capital_keeps_its_calm():
    s = small_state()
    s.financiers[0].capital_meur = 0.0
    update_lenders(s, 0)
    assert s.financiers[0].confidence_pp == 0.0
    assert room(s, 0, 0) == 0.0
