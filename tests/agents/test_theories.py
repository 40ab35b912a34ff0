"""Theories that an experiment may choose: each does what it says, and the usual ones are the model as it was."""

import numpy as np
import pytest

from clusterpact.agents.board import appraise
from clusterpact.agents.pact import votes_for_rules
from clusterpact.agents.theories import CHOICE_NPV, THEORIES, VOTES_INTEREST, theory_numbers
from clusterpact.agents.vocabulary import IDLE, NET_OPERATING
from tests.agents.appraising import annuity
from tests.worlds.small import small_state

GAIN = 90 * annuity(1, 20)  #: MEUR, of an option that avoids 900 kt/year at 100 EUR/t for 20 years


def npv_world(capex=(100.0, 150.0), **parameters):
    s = small_state(firms=1, networks=0, options_per_firm=3, policy_premium_pp=0.0, **parameters)
    s.options[1].capex_meur, s.options[2].capex_meur = capex
    s.world.choice_rule = CHOICE_NPV
    return s


def test_the_first_theory_of_every_decision_is_the_usual_one():
    assert theory_numbers({}) == dict.fromkeys(THEORIES, 0)
    assert theory_numbers({"choice": "npv"})["choice"] == CHOICE_NPV
    with pytest.raises(KeyError):
        theory_numbers({"chioce": "npv"})
    with pytest.raises(ValueError, match="nvp"):
        theory_numbers({"choice": "nvp"})


@pytest.mark.parametrize(("capex", "best"), [((100.0, 150.0), 1), ((150.0, 100.0), 2), ((100.0, 100.0), 1)])
def test_npv_prefers_the_highest_value_per_euro_whatever_the_luck(capex, best):
    s = npv_world(capex)
    for run in range(20):
        s.world.run = run
        s.firms[0].candidate = -1
        appraise(s, 0, 0)
        assert s.firms[0].candidate == best


@pytest.mark.parametrize(("capex", "chance"), [(0.999 * GAIN, 1.0), (1.001 * GAIN, 0.0)])
def test_npv_decides_for_certain_as_soon_as_the_value_is_positive(capex, chance):
    s = npv_world((capex, 2 * GAIN))
    appraise(s, 0, 0)
    assert (s.firms[0].choice, s.firms[0].choice_candidate) == (chance, chance)


def test_npv_under_a_full_phase_out_decides_for_the_least_bad():
    s = npv_world((2 * GAIN, 3 * GAIN))
    s.policy.phase_out = 1.0
    appraise(s, 0, 0)
    assert (s.firms[0].candidate, s.firms[0].choice) == (1, 1.0)


def test_interest_votes_for_rules_while_its_own_project_waits_for_a_network():
    s = small_state(firms=2, networks=1)
    s.world.votes_rule, s.options.volume[1, 0] = VOTES_INTEREST, 400.0
    s.firms.stage, s.firms[0].candidate = IDLE, 1
    assert [bool(votes_for_rules(s, i, 0)) for i in range(2)] == [True, False]
    s.networks[0].stage, s.networks[0].capacity = NET_OPERATING, 1000.0
    assert not votes_for_rules(s, 0, 0)


def test_reciprocity_votes_by_capability_and_looks_at_no_network():
    s = small_state(firms=2, networks=1)
    s.firms.capability, s.pacts.mean_trust = np.array([0.9, 0.1]), 0.5
    assert [bool(votes_for_rules(s, i, 0)) for i in range(2)] == [True, False]
