"""R4: when a board decides: capability, ceilings of technologies, and the network that a plant needs."""

import math

import pytest

from clusterpact.agents.board import appraise
from clusterpact.agents.chance import INVEST, uniform
from clusterpact.agents.ladder import invests
from clusterpact.agents.vocabulary import (
    BUILDING,
    COMMITTED,
    FAILED,
    FAMILIES,
    FID,
    IDLE,
    NET_PROPOSED,
)
from tests.agents.appraising import lone_firm
from tests.worlds.small import CLEAN

RUNS = range(300)


def deciding(stage, **fields):
    s = lone_firm()
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.choice, firm.choice_candidate, firm.capability = 1, stage, 0.8, 0.6, 0.5
    answers, draws = [], []
    for name, field in fields.items():
        setattr(firm, name, field)
    for run in RUNS:
        s.world[0].run = run
        answers.append(bool(invests(s, 0, 5)))
        draws.append(uniform(1, run, INVEST, firm.id, 5))
    return answers, draws


def test_the_yearly_chance_to_decide_is_spread_over_four_quarters():
    answers, draws = deciding(IDLE)
    chance = 1 - (1 - 0.5 * 0.5 * 0.8) ** 0.25  # the ceiling of fuels and efficiency, capability and choice
    assert answers == [draw < chance for draw in draws]


def test_a_committed_firm_decides_on_its_candidate_at_the_full_chance():
    answers, draws = deciding(COMMITTED)  # whose permits, site and suppliers are prepared
    assert answers == [draw < 0.5 * 0.6 for draw in draws]


@pytest.mark.parametrize("fields", [{"capability": 0.0}, {"choice": 0.0}, {"candidate": -1}])
def test_a_firm_without_skill_gain_or_candidate_never_decides(fields):
    assert not any(deciding(IDLE, **fields)[0])


@pytest.mark.parametrize("stage", [FID, BUILDING, FAILED])
def test_a_firm_with_a_project_under_way_or_failed_decides_nothing(stage):
    assert not any(deciding(stage, capability=1.0, choice=1.0)[0])


def test_no_firm_decides_before_its_network_does():
    s = lone_firm(networks=1, fuel_ceiling_per_year=1.0)
    firm = s.firms[0]
    s.options[1].volume[0] = 400.0
    firm.candidate, firm.choice, firm.choice_candidate, firm.capability = 1, 1.0, 1.0, 1.0
    assert s.networks[0].stage == NET_PROPOSED
    assert not invests(s, 0, 0)
    s.networks[0].stage, s.networks[0].capacity = 1, 400.0
    assert invests(s, 0, 0)


def test_the_ceiling_is_that_of_the_technologys_family():
    """Hydrogen has 0.2 of the hazard that fuels have here."""
    s = lone_firm(fuel_ceiling_per_year=1.0, hydrogen_ceiling_per_year=0.2)
    s.technologies[CLEAN].family = FAMILIES.index("hydrogen")
    firm = s.firms[0]
    firm.candidate, firm.choice, firm.capability = 1, 0.8, 0.5
    chance = 1 - (1 - 0.2 * 0.5 * 0.8) ** 0.25
    for run in RUNS:
        s.world[0].run = run
        assert bool(invests(s, 0, 5)) == (uniform(1, run, INVEST, firm.id, 5) < chance)


def test_the_winner_of_a_contract_weighs_the_option_that_won_alone():
    s = lone_firm(options_per_firm=3, choice_sharpness=4.0)
    s.options[1].capex_meur, s.options[2].capex_meur = 1000.0, 600.0
    s.firms[0].candidate, s.firms[0].strike = 1, 120.0
    appraise(s, 0, 0)
    assert s.firms[0].candidate == 1
    weight = math.exp(4 * s.assessments[1].utility)
    assert s.firms[0].choice == s.firms[0].choice_candidate == pytest.approx(weight / (1 + weight))
