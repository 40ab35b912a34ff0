"""Works, campaigns and contracts of plants that start, and learning by doing."""

import pytest

from clusterpact.agents.capability import learn
from clusterpact.agents.plant import work_on_plants
from clusterpact.agents.vocabulary import BUILDING, FID, NET_OPERATING, OPERATING
from tests.worlds.small import small_state


def test_a_plant_starts_in_its_ready_quarter_and_replaces_what_ran():
    s = small_state()
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.fid_quarter, firm.ready_quarter, firm.strike = 1, FID, 0, 8, 80.0
    for t in range(8):
        work_on_plants(s, t)
    assert (firm.stage, firm.option) == (BUILDING, 0)
    work_on_plants(s, 8)
    assert (firm.stage, firm.option, firm.previous_option, firm.candidate) == (OPERATING, 1, 0, -1)
    assert (firm.start_quarter, firm.base_intact, firm.campaign_age) == (8, 0, 0.0)
    assert (firm.strike, firm.running_strike, firm.running_until) == (0.0, 80.0, 8 + 60)


def test_an_increment_leaves_the_base_and_its_campaign():
    s = small_state()
    firm = s.firms[0]
    s.options[1].is_increment = 1
    firm.candidate, firm.stage, firm.ready_quarter, firm.campaign_age = 1, BUILDING, 8, 7.0
    work_on_plants(s, 8)
    assert (firm.option, firm.base_intact, firm.campaign_age) == (1, 1, 7.0)


def test_a_plant_cannot_start_on_capacity_that_is_still_an_extension():
    s = small_state()
    firm, network = s.firms[0], s.networks[0]
    s.options[1].volume[0] = 400.0
    firm.candidate, firm.stage, firm.ready_quarter = 1, BUILDING, 8
    network.stage, network.capacity, network.extension, network.used = NET_OPERATING, 1000.0, 300.0, 400.0
    work_on_plants(s, 8)
    assert firm.stage == BUILDING
    network.extension = 200.0
    work_on_plants(s, 9)
    assert (firm.stage, network.used) == (OPERATING, 800.0)


def test_a_campaign_is_renewed_at_its_end():
    s = small_state(firms=1)
    s.options[0].campaign_years, s.options[0].renewal_meur = 10.0, 25.0
    s.firms[0].campaign_age = 9.5
    work_on_plants(s, 0)
    assert s.account[0].renewal_meur == 0.0
    work_on_plants(s, 1)
    assert (s.account[0].renewal_meur, s.firms[0].campaign_age) == (25.0, 0.0)


def test_a_contract_ends_after_its_years_and_an_award_if_it_is_not_used():
    s = small_state()
    s.firms[0].strike, s.firms[0].strike_until = 80.0, 8
    s.firms[1].running_strike, s.firms[1].running_until = 80.0, 8
    work_on_plants(s, 7)
    assert (s.firms[0].strike, s.firms[1].running_strike) == (80.0, 80.0)
    work_on_plants(s, 8)
    assert (s.firms[0].strike, s.firms[1].running_strike) == (0.0, 0.0)


def test_capability_grows_by_own_projects_by_peers_and_by_education():
    s = small_state(firms=3)
    s.firms.capability = [0.4, 0.4, 0.9]
    s.firms[0].fid_quarter = 0
    s.pacts[0].adopters_capability = 0.6
    s.policy.skills_per_year = 0.05
    s.firms[2].planned = 1  # not built yet: nobody works there
    learn(s, 0)
    own = 0.15 * 0.6
    spill_over = 0.5 * 0.15 * 0.2
    education = 0.05 * 0.6
    assert s.firms[0].capability == pytest.approx(0.4 + 0.25 * (own + spill_over + education))
    assert s.firms[1].capability == pytest.approx(0.4 + 0.25 * (spill_over + education))
    assert s.firms[2].capability == pytest.approx(0.9 + 0.25 * 0.05 * 0.1)  # nothing to learn from the less able
    assert s.account[0].skills_meur == pytest.approx(0.5 * 1.0 * 200 / 4000)  # 200 jobs, 1 kEUR a year at 0.1


def test_nobody_becomes_more_than_fully_capable_and_education_costs_by_the_job():
    s = small_state(firms=1, learning_per_year=10.0, skills_cost_keur_per_job_year=2.0)
    s.firms[0].fid_quarter, s.firms[0].jobs = 0, 300.0
    s.policy.skills_per_year = 0.05
    learn(s, 0)
    assert s.firms[0].capability == 1.0
    assert s.account[0].skills_meur == pytest.approx(0.5 * 2.0 * 300 / 4000)  # twice as dear, at half the strength
