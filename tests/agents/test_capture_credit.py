"""R3 and R4: the tax credit per tonne captured, in a firm's value, a lender's case, cash flow and the account."""

from dataclasses import replace

import numpy as np
import pytest

from clusterpact.agents.appraisal import pledge_value
from clusterpact.agents.default import cash_flow, check_defaults, fail
from clusterpact.agents.funding import debt_capacity, policy_share
from clusterpact.agents.lenders import take_fid
from clusterpact.agents.lending import owe
from clusterpact.agents.plant import commission, work_on_plants
from clusterpact.agents.support import credit_for, tax_credit
from clusterpact.agents.vocabulary import BUILDING, CARBON, FAILED, GATE_BANK, OPERATING
from clusterpact.sim.books import keep_accounts
from clusterpact.sim.kernel import start_run
from clusterpact.sim.measures import PUBLIC_LINES
from clusterpact.sim.schedule import quarter
from clusterpact.sim.world import build_world
from tests.agents.appraising import annuity, asking, funded, lone_firm, stressed, value
from tests.worlds.random import random_package, random_parameters, random_scenario, simulate
from tests.worlds.small import NEVER, paper, strike_of, switch

CREDIT = 75.0  #: EUR/t; on 800 kt/year it is 60 MEUR/year
QUIET = {"default_early_per_year": 0.0, "default_late_per_year": 0.0, "surplus_share": 0.0}


def emitter(credit=CREDIT, options_per_firm=2, **parameters):
    """A firm whose option emits 100 of 1,000 kt/year and captures 800, for 100 MEUR; 90 MEUR/year at 100 EUR/t."""
    s = lone_firm(options_per_firm, **parameters)
    s.options[1].captured_kt, s.options[1].generated_kt = 800.0, 900.0
    s.policy.capture_credit_eur_per_t = credit
    return s


# What a firm expects.


def test_value_rises_by_twelve_years_of_credits():
    expected = 90 * annuity(1, 20) + 60 * annuity(1, 12) - 100
    assert value(emitter()) == pytest.approx(expected / 100)


def test_an_option_that_lasts_less_long_gets_credits_for_its_life():
    s = emitter()
    s.options[1].life_years = 8.0
    assert value(s) == pytest.approx((150 * annuity(1, 8) - 100) / 100)


def test_at_a_hurdle_of_zero_twelve_years_are_twelve_credits():
    s = emitter(hurdle_premium_pp=0.0, corporate_rate_pct=0.0)
    s.financiers.base_rate = 0.0
    assert value(s) == pytest.approx((90 * 20 + 60 * 12 - 100) / 100)


@pytest.mark.parametrize(("before", "credit"), [(0.0, 60.0), (300.0, 37.5), (800.0, 0.0), (900.0, 0.0)])
def test_the_credit_is_for_what_is_captured_beyond_what_runs_and_never_a_charge(before, credit):
    s = emitter()
    s.options[0].captured_kt = before
    assert credit_for(CREDIT, switch(s).captured_kt) == pytest.approx(credit)


def test_an_option_that_captures_nothing_gets_nothing():
    s = emitter()
    s.options[1].captured_kt = 0.0
    assert value(s) == value(emitter(credit=0.0))


def test_a_board_counts_with_the_credit_of_its_year():
    s = emitter()
    s.policy.capture_credit_eur_per_t[1:] = 0.0
    assert value(s, t=3) == value(emitter(), t=3)
    assert value(s, t=4) == value(emitter(credit=0.0), t=4)


def test_a_pledge_counts_with_the_credit_too():
    s = emitter()
    s.firms[0].candidate, s.firms[0].hurdle = 1, 0.11
    assert pledge_value(s, 0, 0) == pytest.approx(90 * annuity(1, 20) + 60 * annuity(1, 12) - 100)


def test_revenue_from_credits_does_not_hang_on_the_carbon_price():
    plain = emitter(credit=0.0)
    assert policy_share(plain, plain.firms[0], switch(plain)) == 1.0
    s = emitter(policy_premium_pp=3.0)
    assert policy_share(s, s.firms[0], switch(s)) == pytest.approx(0.6)  # 90 of 150 MEUR/year
    # The lender doubts half of what the government says; its loan is 70 %, and the owner's means cost 6 %.
    assert paper(s).wacc == pytest.approx(0.06 + 0.7 * 0.03 * 0.5 * 0.6)
    s.spots[0].price[CARBON] = 0.0
    assert policy_share(s, s.firms[0], switch(s)) == 0.0


def test_a_credit_lowers_the_strike_that_a_firm_asks_for():
    s = emitter(credit=5.0)  # 4 MEUR/year
    s.market.in_force = s.spots[0].price[CARBON] = 5.0
    s.firms[0].candidate = 1
    expected = ((100 - 4 * annuity(1, 12, 0.06)) / 0.9 - 5 * annuity(16, 20, 0.06)) / annuity(1, 15, 0.06)
    assert strike_of(s) == pytest.approx(expected)


# What a lender counts with.


def applicant(credit=CREDIT, **parameters):
    return asking(emitter(credit, **parameters))


@pytest.mark.parametrize(("tenor", "share"), [(10.0, 1.0), (12.0, 1.0), (15.0, 0.8), (20.0, 0.6)])
def test_a_lender_counts_credits_in_full_for_the_share_of_the_tenor_that_they_last(tenor, share):
    s = applicant(debt_tenor_years=tenor)
    assert stressed(s) == pytest.approx(0.56 * 90 + 60 * share)


def test_debt_grows_by_what_the_credits_serve_with_cover():
    """At 10 EUR/t the stressed case is 5.04 MEUR/year; 5 EUR/t captured add 4 in 12 of 15 years."""
    s = applicant(credit=5.0, gearing_max=10.0)
    s.market.in_force = s.spots[0].price[CARBON] = 10.0
    factor = 0.05 / (1 - 1.05**-15)
    assert debt_capacity(s, 100.0, 0.05, stressed(s), 0.0) == pytest.approx((5.04 + 3.2) / (1.3 * factor))  # 65.8
    assert funded(s).debt_meur == pytest.approx((5.04 + 3.2) / (1.3 * factor))


@pytest.mark.parametrize(("credit", "gate"), [(0.0, GATE_BANK), (4.8, GATE_BANK), (4.9, 0)])
def test_credits_can_make_a_project_bankable(credit, gate):
    """An owner with 35 MEUR needs loans of 65: 65 * 1.3 * 0.0963 = 8.141 MEUR/year; the price brings 5.04."""
    s = applicant(credit=credit)
    s.owners.budget_meur = 35.0
    s.market.in_force = s.spots[0].price[CARBON] = 10.0
    assert pytest.approx(8.141, abs=5e-4) == 0.65 * 100 * 1.3 * 0.05 / (1 - 1.05**-15)
    assert funded(s).gate == gate  # 0.64 MEUR/year per EUR/t, so at 4.845 EUR/t


# What is paid.


def running(credit=CREDIT, **parameters):
    """The plant runs since quarter 0, with a loan and a credit of twelve years."""
    s = emitter(credit=0.0, **(QUIET | parameters))
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.switched, firm.stage = 1, 0, 1, OPERATING
    firm.start_quarter, firm.fid_quarter, firm.capex_meur = 0, 0, 100.0
    firm.debt_meur, firm.repayment_meur, firm.debt_service_meur = 70.0, 70 / 60, 10.0
    firm.running_credit, firm.credit_until, firm.credit_kt = credit, 48, 800.0
    owe(s, 0, 0, 0, 70.0)
    return s


def test_cash_flow_holds_the_credit_whatever_the_carbon_price():
    s = running()
    assert cash_flow(s, 0, 0) == pytest.approx(90 + 60)
    s.spots[0].price[CARBON] = 0.0
    assert cash_flow(s, 0, 0) == pytest.approx(60.0)


def test_a_credit_and_a_contract_add_up():
    s = running()
    s.firms[0].running_strike, s.firms[0].running_until = 120.0, 60
    assert cash_flow(s, 0, 0) == pytest.approx(108 + 60)


@pytest.mark.parametrize(("credit", "short"), [(12.5, 0), (12.4, 1)])
def test_a_credit_serves_the_debt_of_a_project_that_the_carbon_price_does_not_carry(credit, short):
    s = running(credit=credit)
    s.spots[0].price[CARBON] = 0.0  # 0.8 MEUR/year per EUR/t, against a debt service of 10
    check_defaults(s, 1)
    assert s.firms[0].short_quarters == short


def test_the_account_holds_a_quarter_of_the_yearly_credit_as_public_money():
    s = running()
    keep_accounts(s, 0)
    assert s.account[0].tax_credits_meur == pytest.approx(15.0)
    keep_accounts(s, 1)
    assert s.account[0].tax_credits_meur == pytest.approx(30.0)
    assert "tax_credits_meur" in PUBLIC_LINES
    assert sum(s.account[0][line] for line in PUBLIC_LINES) == pytest.approx(30.0)


def test_a_credit_is_for_what_is_captured_now_and_for_no_more_than_was_promised():
    s = running(options_per_firm=3)
    s.options[2].captured_kt, s.firms[0].option, s.firms[0].previous_option = 900.0, 2, 1
    assert tax_credit(s, s.firms[0]) == pytest.approx(60.0)  # 800 kt at 75 EUR/t
    s.options[2].captured_kt = 300.0
    assert tax_credit(s, s.firms[0]) == pytest.approx(22.5)


def test_a_second_project_gets_its_own_credit_on_top_of_the_one_that_runs():
    """800 kt at 75 EUR/t until quarter 48, 100 more at 175 from quarter 12: 900 at 86.11 until both have been paid."""
    s = running(options_per_firm=3)
    s.options[2].captured_kt = 900.0
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.credit = 2, BUILDING, 175.0
    commission(s, 0, 12)
    assert (firm.running_credit, firm.credit_kt) == pytest.approx((75 + 100 / 9, 900.0))
    assert tax_credit(s, firm) == pytest.approx(60 + 17.5)
    assert firm.credit_until == 51  # 12 + 4 * (60 * 9 + 17.5 * 12) / 77.5 = 50.7


def test_a_second_project_that_captures_no_more_keeps_the_credit_that_runs():
    s = running(options_per_firm=3)
    s.options[2].captured_kt = 700.0
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.credit = 2, BUILDING, 175.0
    commission(s, 0, 12)
    assert (firm.credit, firm.running_credit, firm.credit_kt, firm.credit_until) == (0.0, 75.0, 800.0, 48)
    assert tax_credit(s, firm) == pytest.approx(52.5)


def test_nothing_is_paid_before_the_plant_runs():
    s = applicant()
    take_fid(s, 0, 3)
    assert (s.firms[0].credit, s.firms[0].running_credit) == (CREDIT, 0.0)
    s.firms[0].stage = BUILDING
    keep_accounts(s, 4)
    assert s.account[0].tax_credits_meur == 0.0


def test_the_rate_of_the_decision_holds_whatever_the_law_becomes():
    s = applicant()
    s.policy.capture_credit_eur_per_t[1:] = 200.0
    take_fid(s, 0, 3)
    s.policy.capture_credit_eur_per_t = 0.0
    commission(s, 0, 11)
    firm = s.firms[0]
    assert (firm.credit, firm.running_credit, firm.credit_until) == (0.0, CREDIT, 11 + 48)
    assert tax_credit(s, firm) == pytest.approx(60.0)


def test_a_credit_ends_after_twelve_years():
    s = running()
    for t in range(60):
        work_on_plants(s, t)
        assert tax_credit(s, s.firms[0]) == pytest.approx(60.0 if t < 48 else 0.0)
    assert cash_flow(s, 0, 60) == pytest.approx(90.0)


def test_a_default_ends_the_credit():
    s = running()
    fail(s, 0, 20)
    assert (s.firms[0].stage, s.firms[0].running_credit, tax_credit(s, s.firms[0])) == (FAILED, 0.0, 0.0)
    keep_accounts(s, 20)
    assert s.account[0].tax_credits_meur == 0.0


# Whole runs.

#: Boards that do whatever has a positive net present value at 6 %, of a rich owner; no luck, no trend, books audited.
RESOLUTE = {
    "capability_start": 1.0, "choice_sharpness": 1e12, "norm_weight": 0.0, "hurdle_premium_pp": 0.0,
    "fuel_ceiling_per_year": 1.0, "owner_leverage_max": 0.0,
    "price_noise": 0.0, "price_belief_spread": 0.0, "free_rider_share": 0.0, "pledge_probability_per_year": 0.0,
    "spontaneous_adoption_per_year": 0.0, "reversal_probability": 0.0, "ratchet_per_year": 0.0,
}  # fmt: skip

#: At 10 EUR/t, 20 years of 9 MEUR/year and 12 of credits on 800 kt/year pay for 100 MEUR at 6 %.
BREAK_EVEN = (100 - 9 * annuity(1, 20, 0.06)) / (0.8 * annuity(1, 12, 0.06))


def play(credits_by_year, quarters=104, **parameters):
    """Run the emitter's world at 10 EUR/t; returns the state and the credits paid in every quarter."""
    s = emitter(**(QUIET | RESOLUTE | parameters))
    s.prices.low[:, CARBON], s.prices.mid[:, CARBON], s.prices.high[:, CARBON] = 5.0, 10.0, 20.0
    s.policy.capture_credit_eur_per_t = credits_by_year
    s.owners.group_cash_flow_meur = 1e6
    s.world.check_books = 1
    start_run(s, s.copy(), np.uint64(0), s.parameters.view(np.uint64).reshape(-1))
    paid = []
    for t in range(quarters):
        before = s.account[0].tax_credits_meur if t % 4 else 0.0
        quarter(s, t)
        paid.append(s.account[0].tax_credits_meur - before)
    return s, np.array(paid)


@pytest.mark.horizon
@pytest.mark.parametrize("side", [-1, 1])
def test_a_firm_invests_exactly_above_the_break_even_credit_and_is_paid_for_twelve_years(side):
    credit = BREAK_EVEN * (1 + side * 1e-10)
    s, paid = play(credit)
    firm = s.firms[0]
    if side < 0:
        assert firm.fid_quarter == NEVER
        assert not paid.any()
        return
    start = firm.start_quarter
    assert (firm.fid_quarter, start) == (firm.board_quarter, firm.board_quarter + 8)
    assert not paid[:start].any()
    assert not paid[start + 48 :].any()
    assert paid[start : start + 48] == pytest.approx(np.full(48, credit * 0.8 / 4))


@pytest.mark.horizon
def test_a_credit_that_is_repealed_is_paid_to_those_who_decided_and_to_nobody_else():
    early, late = np.zeros(26), np.full(26, CREDIT)
    early[0], late[0] = CREDIT, 0.0
    s, paid = play(early)
    assert s.firms[0].fid_quarter < 4
    assert paid.sum() == pytest.approx(12 * 60.0)
    s, _ = play(late)
    assert 4 <= s.firms[0].fid_quarter < 8


def test_a_default_in_a_run_stops_the_payments():
    s, paid = play(CREDIT, quarters=28, default_late_per_year=4.0)  # certain three years after the start
    assert s.firms[0].failures == 1
    start = int(np.flatnonzero(paid)[0])
    assert paid[start : start + 12] == pytest.approx(np.full(12, 15.0))
    assert not paid[start + 12 : start + 20].any()  # a failed firm decides nothing for two years


#: Random worlds in which some run captures CO2 at the highest credit.
CAPTURING = (13, 25, 34, 44, 45, 50, 57)


def outcome(number, rate, captures=True):
    """Runs of a random world with a credit of a rate (None: without the instrument), or as if nothing were captured."""
    package = random_package(number)
    schedules = {name: points for name, points in package.schedules.items() if name != "capture_credit_eur_per_t"}
    if rate is not None:
        schedules["capture_credit_eur_per_t"] = ((2025, rate),)
    world = build_world(random_scenario(number), replace(package, schedules=schedules), 2025, 2050, seed=number)
    if not captures:
        world.template.options.captured_kt = 0.0
    return simulate(world, random_parameters(number, 4))


@pytest.mark.horizon
@pytest.mark.parametrize("number", CAPTURING)
def test_a_credit_of_zero_changes_nothing_to_the_bit(number):
    without, zero = outcome(number, None), outcome(number, 0.0)
    for a, b in zip(without, zero, strict=True):
        assert a.tobytes() == b.tobytes()
    assert not zero[0]["tax_credits_meur"].any()


@pytest.mark.horizon
@pytest.mark.parametrize("number", CAPTURING)
def test_where_nothing_is_captured_the_highest_credit_changes_nothing_to_the_bit(number):
    for a, b in zip(outcome(number, None, captures=False), outcome(number, 300.0, captures=False), strict=True):
        assert a.tobytes() == b.tobytes()


@pytest.mark.horizon
def test_those_worlds_could_tell():
    paid = [outcome(number, 300.0)[0]["tax_credits_meur"] for number in CAPTURING]
    assert all((credit >= 0.0).all() for credit in paid)
    assert sum(credit.any() for credit in paid) >= 3
