"""R5: heat links between two plants."""

import pytest

from clusterpact.agents.links import form_links
from clusterpact.agents.vocabulary import FAILED, IDLE, NATURAL_GAS
from tests.worlds.small import NEVER, small_state


def heat_link(capex=44.0):
    """94 GWh of heat that save 100 GWh of gas: (40 + 0.2 * 100) EUR/MWh, 6 MEUR/year."""
    s = small_state(links=1)
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
