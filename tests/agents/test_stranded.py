"""Stranded value: what is left of a campaign that a replacement ends, and of a project that fails."""

import pytest

from clusterpact.agents.default import fail
from clusterpact.agents.plant import commission
from clusterpact.agents.vocabulary import BUILDING, OPERATING
from tests.worlds.small import small_state


def about_to_start(**parameters):
    """Firm 0 is about to start option 1 in place of a plant in year 5 of a 20-year campaign, renewed for 40 MEUR."""
    s = small_state(firms=2, **parameters)
    firm = s.firms[0]
    firm.stage, firm.candidate, firm.campaign_age = BUILDING, 1, 5.0
    s.options[0].campaign_years, s.options[0].renewal_meur, s.options[0].greenfield_meur = 20.0, 40.0, 0.0
    return s


def test_a_replacement_strands_what_is_left_of_the_campaign():
    s = about_to_start(stranding_share=0.8)
    commission(s, 0, 3)
    assert s.account[0].stranded_meur == pytest.approx(0.8 * 40.0 * 0.75)


def test_an_increment_strands_nothing():
    s = about_to_start()
    s.options[1].is_increment = 1
    commission(s, 0, 3)
    assert s.account[0].stranded_meur == 0.0


def test_a_campaign_at_its_end_strands_nothing():
    s = about_to_start()
    s.firms[0].campaign_age = 20.0
    commission(s, 0, 3)
    assert s.account[0].stranded_meur == 0.0


@pytest.mark.parametrize(("quarter", "left"), [(20, 75.0), (80, 0.0), (100, 0.0)])
def test_a_failed_project_strands_the_rest_of_its_life(quarter, left):
    s = small_state(firms=2)
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.switched, firm.stage = 1, 0, 1, OPERATING
    firm.start_quarter, firm.capex_meur = 0, 100.0
    s.options[1].life_years = 20.0
    fail(s, 0, quarter)
    assert s.account[0].stranded_meur == pytest.approx(left)  # 100 * (1 - 5 / 20) after 20 quarters
