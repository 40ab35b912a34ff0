"""R4: the expected carbon price, the hurdle, net present value per euro, and the choice of the board."""

import math

import numpy as np
import pytest

from clusterpact.agents.appraisal import Paper, assess, note_paper, pledge_value
from clusterpact.agents.expectations import expect_prices, look_ahead
from clusterpact.agents.funding import Means, policy_share
from clusterpact.agents.projects import lead_of
from clusterpact.agents.switching import expected_tariffs
from clusterpact.agents.valuation import remaining_share
from clusterpact.agents.vocabulary import CARBON, CORPORATE, ELECTRICITY, NET_OPERATING, NO_GATE, OPERATING, PROJECT
from tests.agents.appraising import HURDLE, annuity, lone_firm, value
from tests.worlds.small import CLEAN, paper, small_state, strike_of, switch

MEANS = Means(1000.0, 0.0)  #: an owner that can pay for anything here


def test_the_expected_price_mixes_what_is_announced_with_todays_price_and_its_trend():
    s = small_state()
    s.market.in_force = 100.0 + 10.0 * np.arange(26)
    s.spots[0].price[CARBON], s.spots[0].carbon_price_trend = 80.0, 0.02
    expect_prices(s, 4 * 3)
    outlook = look_ahead(s, 0, 0.7, 1.25, 0, s.world[0].outlook)
    assert outlook[0] == pytest.approx(0.7 * 130 + 0.3 * 80 * 1.25)
    assert outlook[10] == pytest.approx(0.7 * 230 + 0.3 * 80 * 1.25 * math.exp(0.2))


def test_the_trend_is_extrapolated_fifteen_years_and_the_announcement_to_the_horizon():
    s = small_state()
    s.market.in_force = 100.0 + 10.0 * np.arange(26)
    s.spots[0].carbon_price_trend = 0.02
    expect_prices(s, 0)
    doubted = look_ahead(s, 0, 0.0, 1.0, 0, s.world[0].outlook)
    assert doubted[15] == pytest.approx(100 * math.exp(0.3))
    assert doubted[39] == pytest.approx(100 * math.exp(0.3))
    assert look_ahead(s, 0, 1.0, 1.0, 0, s.world[0].outlook)[39] == pytest.approx(350.0)


def test_value_is_the_discounted_gain_less_capital_per_cost_of_a_campaign_and_the_index_per_capital_cost():
    s = lone_firm()
    s.firms[0].campaign_meur, s.options[1].capex_meur = 80.0, 125.0
    gain = 90 * annuity(1, 20) - 125
    assert (value(s), paper(s).profitability_index) == pytest.approx((gain / 80, gain / 125))


def test_all_options_of_a_plant_are_valued_on_one_scale():
    """A small option with a splendid ratio is worth less than a large one that brings more money."""
    s = lone_firm(options_per_firm=3)
    s.options[1].capex_meur, s.options[1].emission_kt = 1.0, 900.0  # 10 MEUR/year for 1 MEUR
    s.options[2].capex_meur, s.options[2].emission_kt = 400.0, 0.0  # 100 MEUR/year for 400 MEUR
    small, large = 10 * annuity(1, 20) - 1, 100 * annuity(1, 20) - 400
    assert (value(s, 1), value(s, 2)) == pytest.approx((small / 100, large / 100))
    assert value(s, 1) < value(s, 2)
    assert paper(s, 1).profitability_index > paper(s, 2).profitability_index


@pytest.mark.parametrize(("capex", "sign"), [(0.999, 1), (1.001, -1)])
def test_a_lone_firm_gains_exactly_where_the_net_present_value_crosses_zero(capex, sign):
    s = lone_firm()
    s.options[1].capex_meur = capex * 90 * annuity(1, 20)
    assert np.sign(value(s)) == sign
    s.options[1].capex_meur = 90 * annuity(1, 20)
    assert value(s) == pytest.approx(0.0, abs=1e-12)


def test_operation_starts_after_permits_and_works_and_faster_permits_save_time():
    s = lone_firm(permit_quarters=4.0)
    assert lead_of(s, s.firms[0], s.options[1], 0) == 3.0
    s.policy.faster_permits = 0.5
    assert lead_of(s, s.firms[0], s.options[1], 0) == 2.5
    spent = 100 * 1.11**-0.5  # once the permits are there
    assert value(s) == pytest.approx((90 * annuity(1, 20, lead=2.5) - spent) / 100)


def test_the_price_of_a_year_of_operation_is_the_one_expected_after_the_works():
    s = lone_firm()
    s.options[1].life_years = 2.0
    s.governments[0].kept[0] = 1e12  # the announcement is believed
    s.market.in_force = 10.0 * np.arange(26)
    expect_prices(s, 0)
    announced = look_ahead(s, 0, 1.0, 1.0, 0, s.world[0].outlook)
    found = assess(s, 0, s.options[1], 0.0, 0.0, MEANS, announced, 0)
    expected = 0.9 * (30 * 1.11**-3 + 40 * 1.11**-4)  # operates in years 3 and 4
    assert found.value == pytest.approx((expected - 100) / 100)


@pytest.mark.parametrize("life", [1, 2, 3])
def test_a_rising_price_is_taken_year_by_year_in_odd_and_in_even_lives(life):
    s = lone_firm()
    s.options[1].life_years = life
    prices = 10.0 * np.arange(40)
    expected = 0.9 * sum((20 + 10 * k) * 1.11 ** -(2 + k) for k in range(1, life + 1))  # from year 3 on
    assert assess(s, 0, s.options[1], 0.0, 0.0, MEANS, prices, 0).value == pytest.approx((expected - 100) / 100)


def test_extra_cost_and_green_premium_enter_every_year():
    s = lone_firm()
    s.options[1].opex_meur, s.options[1].energy_gwh[ELECTRICITY] = 12.0, 200.0
    s.spots[0].expected_price[ELECTRICITY] = 60.0
    s.policy.green_premium_eur_per_t = 10.0
    assert value(s) == pytest.approx(((90 + 9 - 12 - 12) * annuity(1, 20) - 100) / 100)


def test_a_grant_cuts_capital_cost_by_at_most_sixty_percent():
    s = lone_firm()
    base = value(s)
    s.policy.grant_share = 0.4
    assert value(s) == pytest.approx(base + 0.4)
    s.policy.grant_share = 0.9
    assert value(s) == pytest.approx(base + 0.6)


def test_learning_and_the_level_of_capital_costs_scale_the_investment():
    s = lone_firm(capex_level=1.2)
    s.technologies[CLEAN].cost = 0.9
    assert value(s) == pytest.approx((90 * annuity(1, 20) - 108) / 100)
    assert paper(s).profitability_index == pytest.approx((90 * annuity(1, 20) - 108) / 108)


def test_a_contract_pays_its_strike_for_its_years_and_takes_away_the_hurdle_premium():
    s = lone_firm()
    s.firms[0].candidate, s.firms[0].strike = 1, 150.0
    expected = 0.9 * (150 * annuity(1, 15, 0.06) + 100 * annuity(16, 20, 0.06)) - 100
    assert value(s) == pytest.approx(expected / 100)
    assert paper(s).hurdle == pytest.approx(0.06)


@pytest.mark.parametrize(("outside", "hurdle"), [(8.0, 0.11), (11.5, 0.115)])
def test_the_hurdle_is_no_lower_than_what_the_owner_can_have_elsewhere(outside, hurdle):
    s = lone_firm(outside_return_pct=outside)
    assert (paper(s).wacc, paper(s).hurdle) == pytest.approx((0.06, hurdle))
    assert value(s) == pytest.approx((90 * annuity(1, 20, hurdle) - 100) / 100)


def test_success_of_all_peers_takes_away_the_hurdle_premium():
    s = lone_firm()
    s.firms[0].norm = 0.6
    assert paper(s).hurdle == pytest.approx(0.06 + 0.05 * 0.4)


def test_utility_mixes_value_with_the_norm():
    s = lone_firm(norm_weight=0.2)
    s.firms[0].norm = 0.8
    found = paper(s)
    assert found.utility == pytest.approx(0.8 * found.value + 0.2 * 0.3)


def running_campaign(age, **parameters):
    s = lone_firm(**parameters)
    s.options[0].campaign_years, s.options[0].renewal_meur, s.firms[0].campaign_age = 20.0, 40.0, age
    return s


def test_a_replacement_strands_what_is_left_of_the_campaign_and_saves_its_next_renewal():
    plain = value(lone_firm())
    stranded = 0.8 * 40 * 15 / 20
    saved = 40 * 1.11**-15
    s = running_campaign(age=5.0, stranding_share=0.8)
    assert value(s) == pytest.approx(plain + (saved - stranded) / 100)
    assert paper(s).value_unstranded == pytest.approx(plain + saved / 100)


def test_the_investment_window_is_widest_at_the_end_of_a_campaign():
    values = [value(running_campaign(age)) for age in (0.0, 10.0, 20.0)]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(value(lone_firm()) + 0.4)  # nothing stranded, the whole renewal saved


@pytest.mark.parametrize(("campaign_years", "gain"), [(0.0, 0.0), (1.0, 40 * 1.11**-0.75 - 0.75 * 40)])
def test_a_short_campaign_has_a_renewal_and_a_plant_without_campaigns_has_none(campaign_years, gain):
    s = running_campaign(age=0.25, stranding_share=1.0)
    s.options[0].campaign_years = campaign_years
    assert value(s) == pytest.approx(value(lone_firm()) + gain / 100)


def test_an_increment_neither_strands_nor_saves_a_renewal():
    s = running_campaign(age=5.0)
    s.options[1].is_increment = 1
    assert value(s) == pytest.approx(value(lone_firm()))


def test_a_campaign_beyond_its_years_has_nothing_left_and_one_without_years_neither():
    s = running_campaign(age=30.0)
    assert remaining_share(s.options[0], 30.0) == 0.0
    assert remaining_share(s.options[1], 0.0) == 0.0


# Networks and contracts.


def test_before_the_decision_the_expected_tariff_spreads_the_cost_over_the_volume_believed():
    s = lone_firm(networks=1)
    s.options[1].volume[0] = 400.0
    s.firms[0].others_volume[0] = 200.0
    requirement = 300 * 0.055 + 300 / 30 + 0.03 * 300  # 35.5 MEUR/year
    s.networks[0].service = 7.0
    assert expected_tariffs(s, 0, s.options[1], False) == pytest.approx(0.4 * (1000 * requirement / 600 + 7))


def test_a_firm_pays_only_for_capacity_beyond_what_it_uses():
    s = lone_firm(networks=1)
    s.networks[0].stage, s.networks[0].tariff = NET_OPERATING, 20.0
    s.options[0].volume[0], s.options[1].volume[0] = 300.0, 100.0
    assert expected_tariffs(s, 0, s.options[1], False) == pytest.approx(-0.2 * 20)


def test_a_cluster_without_networks_charges_nothing():
    s = lone_firm()
    s.options[1].volume[0] = 400.0
    assert expected_tariffs(s, 0, s.options[1], False) == 0.0


def test_the_break_even_strike_is_the_price_at_which_the_option_just_pays():
    s = lone_firm()
    s.market.in_force, s.spots[0].price[CARBON] = 5.0, 5.0
    s.firms[0].candidate = 1
    strike = strike_of(s)
    expected = (100 / 0.9 - 5 * annuity(16, 20, 0.06)) / annuity(1, 15, 0.06)
    assert strike == pytest.approx(expected)
    assert s.firms[0].strike == 0.0


def test_what_avoids_nothing_has_no_strike():
    s = lone_firm()
    s.options[1].emission_kt = 1000.0
    assert strike_of(s) == 0.0


def test_a_contract_won_for_one_option_does_not_pay_for_another():
    s = lone_firm(options_per_firm=3)
    without = value(s, row=2)
    s.firms[0].candidate, s.firms[0].strike = 1, 500.0
    assert value(s, row=2) == pytest.approx(without)


def test_the_contract_of_a_running_project_does_not_pay_for_the_next():
    s = lone_firm(options_per_firm=3)
    s.options[2].emission_kt = 0.0
    s.firms[0].option, s.firms[0].switched, s.firms[0].stage = 1, 1, OPERATING
    without = value(s, row=2)
    s.firms[0].running_strike, s.firms[0].running_until = 500.0, 60
    assert value(s, row=2) == pytest.approx(without)


def test_a_pledge_looks_five_years_ahead_on_the_announced_path_alone():
    s = lone_firm()
    s.market.in_force = 10.0 * np.arange(26)
    s.firms[0].candidate, s.firms[0].hurdle, s.firms[0].optimism = 1, HURDLE, 5.0
    prices = [10.0 * min(25, 5 + 2 + k) for k in range(1, 21)]
    expected = sum(0.9 * price * 1.11 ** -(2 + k) for k, price in enumerate(prices, start=1))
    expect_prices(s, 0)
    assert pledge_value(s, 0, 0) == pytest.approx(expected - 100)


def test_a_pledge_assumes_that_the_network_is_full():
    s = lone_firm(networks=1)
    s.options[1].volume[0] = 400.0
    s.firms[0].candidate, s.firms[0].hurdle = 1, HURDLE
    expected = (90 - 0.4 * 35.5) * annuity(1, 20)  # 35.5 MEUR/year over the 1000 of the phase
    assert pledge_value(s, 0, 0) == pytest.approx(expected - 100)


@pytest.mark.parametrize(("avoided", "earned", "credit_kt", "share"), [
    (900.0, 30.0, 0.0, 0.75),  # 90 of 120 MEUR/year
    (900.0, -30.0, 0.0, 1.0),  # a cost is no revenue
    (900.0, 30.0, 750.0, 0.5),  # 60 MEUR/year of tax credits besides
    (9.0, 0.0, 0.0, 1.0),  # 0.9 MEUR/year are revenue too
    (0.0, 0.0, 0.0, 0.0),
])  # fmt: skip
def test_revenue_hangs_on_the_carbon_price_but_for_sales_and_credits(avoided, earned, credit_kt, share):
    s = lone_firm()
    s.options[1].emission_kt, s.options[1].opex_meur = 1000.0 - avoided, -earned
    s.options[1].captured_kt, s.policy.capture_credit_eur_per_t = credit_kt, 80.0
    assert policy_share(s, s.firms[0], switch(s)) == pytest.approx(share)


def test_a_board_counts_with_the_tariff_that_it_expects_not_with_that_of_a_full_network():
    s = lone_firm(networks=1)
    s.options[1].volume[0], s.firms[0].others_volume[0] = 400.0, 200.0
    s.networks[0].threshold, s.networks[0].tariff_cap = 0.0, 1e9
    asked = 0.06 + 0.03 * 0.5  # the lender doubts the operator by half
    rate = 0.7 * asked + 0.3 * 0.06 + 0.05  # it lends 70 %, the owner puts in the rest at 6 %
    tariffs = 0.4 * 35500 / 600  # 35.5 MEUR/year over 600 kt
    expected = (90 - tariffs) * annuity(1, 20, rate) - 100
    assert value(s) == pytest.approx(expected / 100)


def test_a_switch_that_costs_a_kilotonne_of_allowances_a_year_pays_for_it_from_its_own_years_on():
    s = lone_firm()
    s.options[0].allocation_kt, s.options[1].allocation_kt = 3.0, 2.0
    s.market.free_share[:5] = 1.0  # free to row 4: the works end in row 2, so rows 3 and 4 are lost
    lost = 0.1 * annuity(1, 2)  # 100 EUR/t
    assert value(s) == pytest.approx((90 * annuity(1, 20) - lost - 100) / 100)


NOTED = Paper(
    route=2,
    gate=7,
    wacc=0.07,
    hurdle=0.12,
    value=1.5,
    profitability_index=0.9,
    own_meur=33.0,
    value_unstranded=1.75,
    utility=0.3,
    log_rate=0.11,
)


@pytest.mark.parametrize("target", ["assessment", "firm"])
def test_a_paper_is_noted_as_it_is_but_for_the_gate_which_belongs_to_the_option(target):
    s = lone_firm()
    record = s.assessments[1] if target == "assessment" else s.firms[0]
    record.gate = 3
    note_paper(record, NOTED)
    noted = NOTED._replace(gate=3)._asdict()
    del noted["log_rate"]  # which no record keeps
    assert {name: record[name] for name in noted} == noted


def test_a_paper_says_how_the_option_would_be_paid_for():
    """The lender takes 70 of 100 MEUR; without one the owner pays for all of it, at what its own money costs."""
    found = paper(lone_firm())
    assert (found.route, found.gate, found.own_meur) == (PROJECT, NO_GATE, pytest.approx(30.0))
    found = paper(lone_firm(financiers=0))
    assert (found.route, found.gate, found.own_meur) == (CORPORATE, NO_GATE, pytest.approx(100.0))
    assert found.wacc == pytest.approx(0.06)


def test_an_option_that_avoids_half_a_kilotonne_has_a_strike_and_one_that_pays_anyway_asks_for_none():
    s = lone_firm()
    s.market.in_force = s.spots[0].price[CARBON] = 5.0
    s.options[1].emission_kt, s.options[1].capex_meur = 999.5, 0.1
    assert strike_of(s) == pytest.approx((0.1 / 0.0005 - 5 * annuity(16, 20, 0.06)) / annuity(1, 15, 0.06))
    s.options[1].opex_meur = -50.0
    assert strike_of(s) == 0.0
