"""Free allocation: what is left of it by law, what a switch gives up, and where that is counted."""

import csv
import math

import numpy as np
import pytest

from clusterpact.agents.appraisal import Terms, lost_allowances, pledge_value
from clusterpact.agents.default import cash_flow, check_defaults
from clusterpact.agents.expectations import expect_prices, free_share
from clusterpact.agents.funding import Plan, plan_for, stressed_cash_flow
from clusterpact.agents.lending import owe
from clusterpact.agents.parameters import default_parameters
from clusterpact.agents.vocabulary import OPERATING
from clusterpact.policies.package import Package
from clusterpact.sim.books import keep_accounts, open_year
from clusterpact.sim.markets import set_paths
from clusterpact.sim.scenario import CLUSTERS
from clusterpact.sim.world import build_world
from tests.agents.appraising import HURDLE, annuity
from tests.worlds.random import simulate
from tests.worlds.small import paper, small_state, strike_of, switch

OTHER, CBAM = 0, 1  # columns of free_share
EAF = "scrap-EAF conversion (flat grades, 30% ore-based metallics)"


def steelworks(before=800.0, after=200.0, until=6, **parameters):
    """A firm without network whose option gives up 600 kt/year of allowances, all of them free in rows 0 to `until`.

    Its owner can have no more than 6 % a year elsewhere, so that under a contract the hurdle is the 6 % that capital costs.
    """
    usual = {"firms": 1, "networks": 0, "policy_premium_pp": 0.0, "outside_return_pct": 6.0}
    s = small_state(**(usual | parameters))
    s.options[0].allocation_kt, s.options[1].allocation_kt = before, after
    s.market.free_share[: until + 1] = 1.0
    return s


def lost(s, hurdle=0.0, lead=2.0, life=20.0, t=0, price=50.0):
    """`lost_allowances` of the option, MEUR, on a flat outlook."""
    return lost_on(s, np.full(40, price), hurdle, lead, life, t)


def lost_on(s, outlook, hurdle=0.0, lead=2.0, life=20.0, t=0):
    terms = Terms(hurdle, math.log1p(hurdle), Plan(0.0, lead, 0.0, 0.0), 0.0)
    return lost_allowances(s, s.firms[0], switch(s).lost_allocation_kt, life, terms, outlook, t)


# What a switch gives up.


def test_equal_allowances_lose_nothing():
    assert lost(steelworks(before=800.0, after=800.0)) == 0.0


def test_a_switch_loses_the_price_of_its_allowances_while_they_are_free():
    # Works of two years: it runs in rows 3 to 22, and allowances are free in 3, 4, 5 and 6: 4 years * 50 EUR/t * 600 kt.
    assert lost(steelworks()) == pytest.approx(120.0)


def test_the_longer_it_waits_the_less_it_loses():
    s = steelworks()
    assert lost(s, t=7) == pytest.approx(90.0)  # second year: rows 4, 5 and 6
    assert lost(s, t=8) == pytest.approx(60.0)  # third year: rows 5 and 6
    assert lost(s, t=16) == pytest.approx(0.0)


def test_the_loss_is_discounted_at_the_hurdle_from_the_end_of_the_works():
    expected = 50 * 0.6 * (1.1**-3 + 1.1**-4 + 1.1**-5 + 1.1**-6)
    assert lost(steelworks(), hurdle=0.1) == pytest.approx(expected)


def test_half_a_year_of_works_more_discounts_more_in_the_same_rows():
    expected = 50 * 0.6 * (1.1**-3.5 + 1.1**-4.5 + 1.1**-5.5 + 1.1**-6.5)
    assert lost(steelworks(), hurdle=0.1, lead=2.5) == pytest.approx(expected)


def test_a_short_life_loses_fewer_years_and_a_long_one_at_most_thirty():
    assert lost(steelworks(), life=2.0) == pytest.approx(60.0)  # rows 3 and 4
    assert lost(steelworks(until=25), life=50.0) == pytest.approx(900.0)  # 30 years * 50 EUR/t * 600 kt


def test_only_the_share_that_is_left_is_lost():
    s = steelworks()
    s.market.free_share[4:7] = [[0.5, 0.5], [0.25, 0.25], [0.0, 0.0]]
    assert lost(s) == pytest.approx(52.5)  # (1 + 0.5 + 0.25) * 50 EUR/t * 600 kt


def test_the_price_of_each_year_is_the_one_looked_ahead():
    s = steelworks()
    assert lost_on(s, 10.0 * np.arange(40)) == pytest.approx(0.6 * (30 + 40 + 50 + 60))


def test_a_switch_that_gains_allowances_loses_less_than_nothing():
    assert lost(steelworks(before=200.0, after=800.0)) == pytest.approx(-120.0)


# The share that is left.


@pytest.mark.parametrize(("cbam_good", "share"), [(0, 0.8), (1, 0.3)])
def test_goods_under_the_border_adjustment_have_a_share_of_their_own(cbam_good, share):
    s = small_state()
    s.market.free_share[:, OTHER], s.market.free_share[:, CBAM] = 0.8, 0.3
    s.firms[0].cbam_good = cbam_good
    assert free_share(s, s.firms[0], 7) == share


def test_the_share_of_the_last_year_holds_beyond_the_horizon():
    s = small_state(years=26)
    s.market[24].free_share[OTHER], s.market[25].free_share[OTHER] = 0.4, 0.2
    assert [free_share(s, s.firms[0], year) for year in (24, 25, 26, 65)] == [0.4, 0.2, 0.2, 0.2]


def test_paths_lie_between_the_law_and_a_slower_phase_out():
    s = small_state(free_allocation_level=0.25)
    s.prices.free_share_law[:, OTHER], s.prices.free_share_slower[:, OTHER] = 0.2, 0.6
    s.prices.free_share_law[:, CBAM], s.prices.free_share_slower[:, CBAM] = 0.0, 1.0
    set_paths(s)
    assert s.market.free_share[:, OTHER] == pytest.approx(0.3)  # 0.2 + 0.25 * 0.4
    assert s.market.free_share[:, CBAM] == pytest.approx(0.25)


# Where it is counted.


def assessed(s, t=0):
    return paper(s, t=t)  # at 100 EUR/t in every year


@pytest.mark.parametrize("capex", [100.0, 250.0])
def test_value_falls_by_the_loss_over_the_cost_of_a_campaign_whatever_the_investment(capex):
    plain, switching = steelworks(after=800.0), steelworks()
    plain.options[1].capex_meur = switching.options[1].capex_meur = capex
    loss = 100 * 0.6 * annuity(1, 4) / 100
    assert assessed(switching).value == pytest.approx(assessed(plain).value - loss)
    assert assessed(switching).value_unstranded == pytest.approx(assessed(plain).value_unstranded - loss)


def test_value_rises_for_a_plant_that_gains_allowances():
    gain = 100 * 0.6 * annuity(1, 4) / 100
    assert assessed(steelworks(200.0, 800.0)).value == pytest.approx(assessed(steelworks(200.0, 200.0)).value + gain)


def test_a_contract_does_not_give_allowances_back():
    """The strike stands for the price of tonnes avoided; allowances are lost at the market's 100 EUR/t."""
    s = steelworks()
    s.firms[0].candidate, s.firms[0].strike = 1, 150.0
    revenue = 0.9 * (150 * annuity(1, 15, 0.06) + 100 * annuity(16, 20, 0.06))
    loss = 0.6 * 100 * annuity(1, 4, 0.06)
    assert assessed(s).value == pytest.approx((revenue - loss - 100) / 100)


def test_the_break_even_strike_pays_for_lost_allowances_too():
    s = steelworks()
    s.market.in_force = s.spots[0].price[0] = 5.0
    s.firms[0].candidate = 1
    loss = 0.6 * 5 * annuity(1, 4, 0.06)
    expected = ((100 + loss) / 0.9 - 5 * annuity(16, 20, 0.06)) / annuity(1, 15, 0.06)
    assert strike_of(s) == pytest.approx(expected)


def test_a_pledge_counts_the_allowances_of_the_years_that_it_looks_at():
    # It looks five years ahead: the plant runs from row 5 + 2 + 1 on, and allowances are free in rows 8 and 9.
    plain, switching = steelworks(after=800.0, until=9), steelworks(until=9)
    for s in (plain, switching):
        s.firms[0].candidate, s.firms[0].hurdle = 1, HURDLE
    loss = 100 * 0.6 * annuity(1, 2)
    assert pledge_value(switching, 0, 0) == pytest.approx(pledge_value(plain, 0, 0) - loss)


def lenders_case(s, strike=0.0, t=0):
    """What lenders count on of the option, MEUR/year: its stressed cash flow."""
    expect_prices(s, t)
    plan = plan_for(s, 0, s.options[1], strike, t)
    return stressed_cash_flow(s, s.firms[0], s.options[1], switch(s, t=t), plan, t)


def test_the_lender_spreads_the_loss_over_the_tenor_and_cuts_nothing_off_it():
    s = steelworks(after=800.0)
    assert lenders_case(s) == pytest.approx(50.4)  # 900 kt/year at 100 EUR/t less the haircut of 0.44
    s.options[1].allocation_kt = 200.0
    # A tenor of 15 years from row 3 to 17, free in four of them: 100 EUR/t * 600 kt * 4 / 15 = 16.
    assert lenders_case(s) == pytest.approx(50.4 - 16.0)
    assert lenders_case(s, t=8) == pytest.approx(50.4 - 8.0)  # two years later: rows 5 and 6


def test_the_lender_counts_the_loss_under_a_contract_too():
    assert lenders_case(steelworks(), strike=120.0) == pytest.approx(120 * 0.9 - 16.0)


def running(strike=0.0):
    """A firm that switched: 900 kt/year avoided and 600 kt/year of allowances lost, free by a half and then a quarter."""
    s = steelworks(default_early_per_year=0.0, default_late_per_year=0.0, surplus_share=0.0)
    s.market.free_share[0], s.market.free_share[1] = 0.5, 0.25
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.switched, firm.stage, firm.start_quarter = 1, 0, 1, OPERATING, 0
    firm.running_strike, firm.running_until = strike, 60
    return s


@pytest.mark.parametrize(("t", "flow"), [(0, 60.0), (3, 60.0), (4, 75.0)])
def test_cash_flow_lacks_the_allowances_that_the_plant_gave_up(t, flow):
    assert cash_flow(running(), 0, t) == pytest.approx(flow)  # 100 EUR/t * (900 - 600 * 0.5 or 0.25) kt


def test_cash_flow_values_lost_allowances_at_todays_price_also_under_a_contract():
    s = running(strike=50.0)
    s.spots[0].price[0] = 80.0
    assert cash_flow(s, 0, 0) == pytest.approx(50 * 0.9 - 80 * 0.6 * 0.5)


def test_lost_allowances_can_miss_the_debt_service():
    s = running()
    firm = s.firms[0]
    firm.debt_meur, firm.repayment_meur, firm.debt_service_meur = 70.0, 1.0, 61.0
    owe(s, 0, 0, 0, 70.0)
    check_defaults(s, 1)
    assert firm.short_quarters == 1  # 60 MEUR/year in the first year
    check_defaults(s, 4)
    assert firm.short_quarters == 0  # 75 MEUR/year in the second


def test_the_account_shows_allowances_for_free_and_the_cost_of_the_rest():
    s = small_state(firms=2, networks=0)
    s.options[0].allocation_kt = 800.0
    s.firms[0].cbam_good = 1
    s.market.free_share[0], s.market.free_share[1] = (1.0, 0.5), (1.0, 0.25)
    found = []
    for t in range(8):
        open_year(s, t)
        keep_accounts(s, t)
        if t % 4 == 3:
            found.append((s.account[0].free_allocation_kt, s.account[0].carbon_cost_meur))
    # Two firms emit 1000 kt/year at 100 EUR/t; the first has 800 kt * 0.5 = 400 for free, then 200: 160 MEUR, then 180.
    assert found == [pytest.approx((400.0, 160.0)), pytest.approx((200.0, 180.0))]


def test_a_plant_with_more_allowances_than_emissions_earns_on_them():
    s = small_state(firms=1, networks=0)
    s.options[0].allocation_kt = 1500.0
    s.market.free_share[:, OTHER] = 1.0
    keep_accounts(s, 0)
    assert s.account[0].carbon_cost_meur == pytest.approx(-12.5)  # 500 kt/year at 100 EUR/t, a quarter of a year


def test_the_account_follows_the_plant_that_runs():
    s = running()
    keep_accounts(s, 0)
    assert s.account[0].free_allocation_kt == pytest.approx(25.0)  # 200 kt * 0.5, a quarter of a year
    assert s.account[0].carbon_cost_meur == pytest.approx(0.0)  # it emits 100 kt/year


# Dunkirk.


@pytest.fixture(scope="module")
def world(whole_dunkirk):
    return build_world(whole_dunkirk, Package("none", "", "", None, {}), 2025, 2050, seed=1)


def column():
    """Free allocation of every plant as `firms.csv` writes it, kt/year."""
    with (CLUSTERS / "dunkirk" / "firms.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: float(row["free_allocation_kt_per_year"] or 0) for row in csv.DictReader(file)}


def options_of(world, firm):
    """Allowances of a firm's options by name, kt/year."""
    i = world.firm_ids.index(firm)
    first = int(world.template.firms[i].first_option)
    return {name: float(world.template.options[first + k].allocation_kt) for k, name in enumerate(world.option_names[i])}


@pytest.mark.horizon
def test_what_dunkirk_gets_for_free_is_the_column_of_its_plants(world):
    listed = column()
    assert sum(listed.values()) > 10_000
    for firm in world.firm_ids:
        assert next(iter(options_of(world, firm).values())) == listed[firm]
    series = simulate(world, default_parameters(2))[0]
    assert series["free_allocation_kt"][:, 0] == pytest.approx(sum(listed.values()))  # all of it is free in 2025


def test_scrap_steel_keeps_eleven_percent_of_the_works_allowances_and_all_else_keeps_them(world):
    found = options_of(world, "arcelormittal-dunkirk")
    assert found.pop(EAF) == pytest.approx(0.11 * 9331.9)
    assert len(found) > 3
    assert set(found.values()) == {9331.9}


def test_less_clinker_keeps_seventy_one_percent(world):
    found = options_of(world, "eqiom-lumbres")
    assert found.pop("clinker substitution (calcined clay, CF 0.55)") == pytest.approx(0.71 * 394.6)
    assert set(found.values()) == {394.6}


def test_what_is_planned_or_has_no_entry_gets_nothing(world):
    for firm in ("h2v-dunkirk", "prologium", "dk6", "norenergy-blendecques"):
        assert set(options_of(world, firm).values()) == {0.0}


def test_steel_and_cement_are_under_the_border_adjustment_and_paper_and_lime_are_not(world):
    flags = dict(zip(world.firm_ids, world.template.firms.cbam_good, strict=True))
    assert [flags[firm] for firm in ("arcelormittal-dunkirk", "eqiom-lumbres", "aluminium-dunkerque")] == [1, 1, 1]
    assert [flags[firm] for firm in ("wizpaper-wizernes", "lhoist-rety", "dk6")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("level", "goods", "shares"),
    [
        (0.0, CBAM, {2025: 1.0, 2030: 0.515, 2033: 0.14, 2034: 0.0, 2050: 0.0}),
        (1.0, CBAM, {2025: 1.0, 2033: 1.0, 2034: 0.5, 2037: 0.2, 2039: 0.0}),  # 2034 to 2039 on a line
        (0.5, CBAM, {2030: 0.7575, 2034: 0.25, 2037: 0.1, 2039: 0.0}),  # 0.515 + 0.5 * 0.485
        (0.0, OTHER, {2025: 1.0, 2027: 0.96, 2030: 0.9, 2035: 0.45, 2040: 0.0}),
        (0.5, OTHER, {2030: 0.925, 2035: 0.575, 2045: 0.1125}),  # 2045: 0 by law, 0.45 / 2 if slower
    ],
)
def test_the_phase_out_follows_the_law_at_level_0_and_the_slower_path_at_level_1(world, level, goods, shares):
    s = world.fresh_state()
    s.parameters.free_allocation_level = level
    set_paths(s)
    for year, share in shares.items():
        assert s.market[year - 2025].free_share[goods] == pytest.approx(share, abs=1e-12), year


def test_goods_under_the_border_adjustment_get_nothing_from_2034_on(world):
    s = world.fresh_state()
    set_paths(s)
    assert (s.market.free_share[9:, CBAM] == 0.0).all()
    assert (np.diff(s.market.free_share, axis=0) <= 1e-12).all()
