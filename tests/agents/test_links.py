"""R5: heat links between two plants."""

import pytest

from clusterpact.agents.links import form_links, link_gain, pays_for
from clusterpact.agents.vocabulary import FAILED, IDLE, NATURAL_GAS
from tests.worlds.small import NEVER, small_state


def heat_link(capex=44.0):
    """94 GWh of heat that save 100 GWh of gas: (40 + 0.2 * 100) EUR/MWh, 6 MEUR/year."""
    s = small_state(links=1, fuel_ceiling_per_year=1.0)
    s.firms.capability = 1.0
    s.links[0].source, s.links[0].sink, s.links[0].heat_gwh, s.links[0].capex_meur = 0, 1, 94.0, capex
    s.options[2].energy_gwh[NATURAL_GAS] = 500.0
    s.spots[0].expected_price[NATURAL_GAS] = 40.0
    return s


@pytest.mark.parametrize(("factor", "formed"), [(0.999, 2), (1.001, NEVER)])
def test_a_heat_link_forms_where_half_the_gain_pays_half_the_cost_at_their_distrust(factor, formed):
    rate = (5.5 + 5 + 3 * 0.5) / 100
    s = heat_link(capex=factor * 6 * (1 - (1 + rate) ** -20) / rate)
    for t in range(8):
        form_links(s, t)
    assert s.links[0].formed_quarter == formed


def test_both_parties_of_a_heat_link_must_trust():
    s = heat_link()
    s.firms[1].broken[0] = 20.0  # only the source looks at the sink's record
    form_links(s, 2)
    assert s.links[0].formed_quarter == NEVER


def test_a_heat_link_ends_for_good_when_a_party_fails():
    s = heat_link()
    form_links(s, 2)
    assert (s.firms[1].heat_relief_gwh, s.account[0].link_meur) == (94.0, 44.0)
    s.firms[0].stage = FAILED
    form_links(s, 3)
    s.firms[0].stage = IDLE
    form_links(s, 6)
    assert (s.firms[1].heat_relief_gwh, s.links[0].ended) == (0.0, 1)


def test_a_plant_that_is_not_built_gives_no_heat():
    s = heat_link()
    s.firms[0].planned = 1
    form_links(s, 2)
    assert s.links[0].formed_quarter == NEVER


def test_a_second_link_is_worth_only_the_gas_that_the_first_one_leaves():
    s = heat_link()
    s.options[2].energy_gwh[NATURAL_GAS] = 100.0
    s.firms[1].heat_relief_gwh = 94.0
    form_links(s, 2)
    assert s.links[0].formed_quarter == NEVER


def test_a_neighbour_that_burns_no_gas_takes_no_heat():
    s = heat_link()
    s.options[2].energy_gwh[NATURAL_GAS] = 0.0
    form_links(s, 2)
    assert s.links[0].formed_quarter == NEVER


@pytest.mark.parametrize(("gas", "relief", "saved"), [(0.5, 0.0, 0.5), (100.0, 0.94 * 99.5, 0.5), (100.0, 0.94 * 60, 40.0)])
def test_heat_saves_no_more_gas_than_the_neighbour_still_burns(gas, relief, saved):
    s = heat_link()
    s.options[2].energy_gwh[NATURAL_GAS], s.firms[1].heat_relief_gwh = gas, relief
    assert link_gain(s, s.links[0]) == pytest.approx(saved * (40 + 0.2 * 100) / 1000)


def test_a_small_gain_pays_a_small_link():
    s = heat_link(capex=0.1)
    s.options[2].energy_gwh[NATURAL_GAS] = 0.5  # 0.03 MEUR/year
    form_links(s, 2)
    assert s.links[0].formed_quarter == 2


def test_a_link_that_saves_nothing_is_not_made_even_where_it_costs_nothing():
    s = heat_link(capex=0.0)
    s.options[2].energy_gwh[NATURAL_GAS] = 0.0
    form_links(s, 2)
    assert s.links[0].formed_quarter == NEVER


@pytest.mark.parametrize(("half_cost", "pays"), [(60.0, True), (60.1, False)])
def test_a_link_pays_if_its_gains_just_return_its_cost(half_cost, pays):
    s = small_state(regulated_return_pct=0.0, hurdle_premium_pp=0.0, counterparty_premium_pp=0.0)
    assert bool(pays_for(s, 0, 1, 3.0, half_cost)) is pays  # 20 years of 3 MEUR at no interest


@pytest.mark.parametrize("distrusted", [0, 1])
@pytest.mark.parametrize(("factor", "formed"), [(0.999, 2), (1.001, NEVER)])
def test_the_more_distrustful_party_decides_on_half_the_gain(distrusted, factor, formed):
    rate = (5.5 + 5 + 3 * 0.75) / 100
    s = heat_link(capex=factor * 6 * (1 - (1 + rate) ** -20) / rate)
    s.firms[distrusted].broken[0] = 2.0  # trust 1/4
    form_links(s, 2)
    assert s.links[0].formed_quarter == formed


def test_a_link_that_did_not_pay_is_looked_at_again_a_year_later():
    s = heat_link(capex=500.0)
    for t in range(3):
        form_links(s, t)
    s.links[0].capex_meur = 40.0
    for t in range(3, 12):
        form_links(s, t)
    assert s.links[0].formed_quarter == 6


def test_a_link_that_stands_from_the_first_quarter_forms_only_once_and_ends_like_another():
    s = heat_link()
    s.links[0].formed_quarter, s.firms[1].heat_relief_gwh = 0, 94.0 + 30.0
    form_links(s, 2)
    assert (s.links[0].formed_quarter, s.firms[1].heat_relief_gwh, s.account[0].link_meur) == (0, 124.0, 0.0)
    s.firms[0].stage = FAILED
    form_links(s, 3)
    assert (s.links[0].ended, s.firms[1].heat_relief_gwh) == (1, 30.0)  # what another link brings remains
