"""R4: what can be had now and what is planned for, the order of options, and contracts as options."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from clusterpact.agents.board import appraise
from clusterpact.agents.ladder import invests
from clusterpact.agents.theories import CHOICE_NPV
from clusterpact.agents.vocabulary import (
    BEYOND_MEANS,
    GATE_BANK,
    GATE_NETWORK,
    NET_BUILDING,
    NO_GATE,
    OPEN,
    PLEDGED,
    WAITS,
)
from tests.agents.appraising import annuity, lone_firm

# A contract that was won is an option.


def winner(strike, **parameters):
    """Firm 0 won a contract for its option 1; at the market's price that is worth 90 * annuity - 100 = 481.7 MEUR."""
    s = lone_firm(options_per_firm=3, **parameters)
    s.firms[0].candidate, s.firms[0].strike = 1, strike
    return s


#: EUR/t: in its 15 years the contract pays as much as the market at 100 EUR/t, as it saves the hurdle premium.
INDIFFERENT = (annuity(1, 20) - annuity(16, 20, 0.06)) * 100 / annuity(1, 15, 0.06)


@pytest.mark.parametrize(("side", "kept"), [(0.001, True), (-0.001, False)])
def test_a_contract_is_given_up_where_the_market_pays_more(side, kept):
    s = winner(INDIFFERENT * (1 + side))
    s.options[2].emission_kt = 1000.0  # no other option
    appraise(s, 0, 0)
    assert (s.firms[0].strike > 0.0) == kept
    found = s.firms[0].hurdle, s.firms[0].value
    if kept:
        paid = 0.9 * (INDIFFERENT * 1.001 * annuity(1, 15, 0.06) + 100 * annuity(16, 20, 0.06)) - 100
        assert found == pytest.approx((0.06, paid / 100))
    else:
        assert found == pytest.approx((0.11, (90 * annuity(1, 20) - 100) / 100))


@pytest.mark.parametrize(("capex", "kept"), [(1.001, True), (0.999, False)])
def test_a_contract_is_given_up_for_another_option_that_is_worth_more_without_one(capex, kept):
    s = winner(150.0)
    held = 0.9 * (150 * annuity(1, 15, 0.06) + 100 * annuity(16, 20, 0.06)) - 100
    s.options[2].opex_meur = -1000.0  # 1,090 MEUR/year, less what makes it worth as much as the contract
    s.options[2].capex_meur = capex * (1090 * annuity(1, 20) - held)
    appraise(s, 0, 0)
    assert (s.firms[0].strike > 0.0) == kept
    if not kept:
        assert s.assessments[1].value == pytest.approx((90 * annuity(1, 20) - 100) / 100)  # filed anew without it


def test_a_contract_is_kept_by_a_plant_that_could_have_nothing_without_it():
    s = winner(1.0)  # worth far less than the market, but nothing can be paid for either way
    s.owners.budget_meur = 10.0
    appraise(s, 0, 0)
    assert s.assessments.standing[1:].tolist() == [BEYOND_MEANS, BEYOND_MEANS]
    assert s.firms[0].strike == 1.0


@pytest.mark.parametrize("reason", ["beyond means", "closed"])
def test_a_contract_is_not_given_up_for_what_cannot_be_had(reason):
    s = winner(150.0)
    s.options[2].opex_meur = -1000.0
    s.options[2].capex_meur = 3000.0  # 1,090 * 6.46 - 3,000 = 4,040 MEUR, but it takes 900 MEUR of its own
    if reason == "beyond means":
        s.owners.budget_meur = 890.0
    else:
        s.options[2].volume[0] = 1.0  # needs a network that the cluster lacks
    appraise(s, 0, 0)
    assert (s.firms[0].candidate, s.firms[0].strike) == (1, 150.0)


# Now and plan.


def torn(threshold=500.0, **parameters):
    """A plant may change its fuel now for 581.7 - 500 = 81.7 MEUR, or wait for a network and gain more.

    The network-bound option wants 400 of 1,000 kt; nobody else does, so belief is Phi((400 - Q*) / (0.05 Q*)). It costs 100
    MEUR, its tariffs are capped at 50 EUR/t (20 MEUR/year), and no premium is asked for the operator's word.
    """
    s = lone_firm(options_per_firm=3, networks=1, counterparty_premium_pp=0.0, norm_weight=0.0, **parameters)
    s.options[1].capex_meur, s.options[2].volume[0] = 500.0, 400.0
    s.networks[0].threshold, s.networks[0].tariff_cap = threshold, 50.0
    return s


NOW = (90 * annuity(1, 20) - 500) / 100
PLAN = (70 * annuity(1, 20) - 100) / 100


def test_a_network_that_is_believed_is_waited_for():
    s = torn(threshold=200.0)  # ten deviations beyond doubt
    appraise(s, 0, 0)
    assert s.assessments.standing[1:].tolist() == [OPEN, WAITS]
    assert list(s.assessments.value[1:]) == pytest.approx([NOW, PLAN])
    assert s.firms[0].candidate == 2
    assert s.assessments[2].plan_utility == pytest.approx(PLAN)
    s.firms.capability = 1.0
    assert not invests(s, 0, 0)


def test_a_network_that_nobody_believes_in_keeps_no_plant_from_what_it_can_do_alone():
    s = torn(threshold=800.0)  # ten deviations short
    appraise(s, 0, 0)
    assert s.assessments[2].plan_utility == pytest.approx(-2 * 0.03 * 100 / 100)  # the development cost, twice
    assert (s.firms[0].candidate, s.firms[0].blocked) == (1, GATE_NETWORK)
    assert s.firms[0].choice == pytest.approx(1 / (1 + math.exp(-10 * NOW)))


def test_luck_makes_no_plant_wait_for_a_plan_that_is_worth_less_than_what_it_can_do():
    s = torn(threshold=800.0, choice_sharpness=0.1)  # almost a toss-up between the plans
    for run in range(50):
        s.world[0].run = run
        appraise(s, 0, 0)
        assert s.firms[0].candidate == 1


@pytest.mark.parametrize(("others", "candidate"), [(1, 1), (-1, 2)])
def test_a_plan_is_waited_for_where_its_worth_with_the_doubts_exceeds_what_can_be_had_now(others, candidate):
    """P * 4.52 - (1 - P) * 0.06 = 0.817 at P = 0.191; Phi(z) there at z = -0.873."""
    belief = (NOW + 0.06) / (PLAN + 0.06)
    z = NormalDist().inv_cdf(belief)
    threshold = 400 / (1 + 0.05 * z)
    for theory in (0, CHOICE_NPV):
        s = torn(threshold=threshold * (1 + others * 1e-6), choice_sharpness=1e9)
        s.world.choice_rule = theory
        appraise(s, 0, 0)
        assert s.firms[0].candidate == candidate


def test_a_decided_network_with_room_is_had_now_and_a_full_one_that_cannot_grow_only_hoped_for():
    s = torn()
    s.networks[0].stage, s.networks[0].tariff, s.networks[0].capacity = NET_BUILDING, 50.0, 400.0
    appraise(s, 0, 0)
    assert (s.assessments[2].standing, s.firms[0].candidate) == (OPEN, 2)
    s.networks[0].booked, s.networks[0].limit = 1.0, 400.0
    appraise(s, 0, 0)
    assert (s.assessments[2].standing, s.assessments[2].gate, s.firms[0].candidate) == (WAITS, GATE_NETWORK, 1)


def test_the_plan_of_a_plant_that_can_do_nothing_now_is_its_candidate():
    s = torn(threshold=800.0)
    s.options[1].emission_kt = 1000.0
    appraise(s, 0, 0)
    assert (s.firms[0].candidate, s.assessments[2].standing) == (2, WAITS)
    assert s.firms[0].choice == pytest.approx(1 / (1 + math.exp(-10 * PLAN)))  # for votes and pledges; it lacks the network


def rich_and_poor(budget, **parameters):
    """Option 1 takes 30 of 100 MEUR from its owner, option 2, worth more, 300 of 1,000 MEUR; lenders bring the rest."""
    s = lone_firm(options_per_firm=3, norm_weight=0.0, **parameters)
    s.options[2].capex_meur, s.options[2].opex_meur = 1000.0, -400.0  # 490 * 6.46 - 1,000 = 2,167 MEUR
    s.owners.budget_meur = budget
    return s


def test_an_option_beyond_means_keeps_no_plant_from_what_it_can_do():
    s = rich_and_poor(299.0)
    appraise(s, 0, 0)
    assert s.assessments.standing[1:].tolist() == [OPEN, BEYOND_MEANS]
    assert s.assessments.gate[1:].tolist() == [NO_GATE, GATE_BANK]
    assert (s.firms[0].candidate, s.firms[0].blocked) == (1, GATE_BANK)
    assert s.firms[0].choice == pytest.approx(1 / (1 + math.exp(-10 * (90 * annuity(1, 20) - 100) / 100)))


def test_means_that_just_suffice_open_the_better_option():
    s = rich_and_poor(300.0)
    appraise(s, 0, 0)
    assert s.assessments.standing[1:].tolist() == [OPEN, OPEN]
    assert (s.firms[0].candidate, s.firms[0].blocked) == (2, NO_GATE)


def test_what_is_beyond_means_is_planned_where_nothing_else_is_open():
    s = rich_and_poor(29.0)
    appraise(s, 0, 0)
    assert s.assessments.standing[1:].tolist() == [BEYOND_MEANS, BEYOND_MEANS]
    assert s.firms[0].candidate == 2


def test_what_blocks_is_only_noted_of_an_option_that_pays():
    s = rich_and_poor(290.0)
    s.options.opex_meur[1:] = [2000.0, 500.0]  # the candidate loses 12,500 MEUR, the one beyond means 3,650
    appraise(s, 0, 0)
    assert s.assessments.standing[1:].tolist() == [OPEN, BEYOND_MEANS]
    assert s.assessments[1].value < s.assessments[2].value < 0.0
    assert (s.firms[0].candidate, s.firms[0].blocked) == (1, NO_GATE)


# Dominance and order.


@pytest.mark.parametrize("sharpness", [0.0, 1.0, 10.0])
def test_an_option_that_is_cheaper_and_cleaner_is_never_chosen_less_often(sharpness):
    s = lone_firm(options_per_firm=3, choice_sharpness=sharpness)
    s.options[1].capex_meur, s.options[2].capex_meur = 600.0, 590.0
    s.options[2].emission_kt = 90.0
    chosen = np.zeros(3)
    for run in range(400):
        s.world[0].run = run
        appraise(s, 0, 0)
        chosen[s.firms[0].candidate] += 1
    assert s.assessments[2].utility > s.assessments[1].utility
    assert s.assessments[2].weight >= s.assessments[1].weight
    ratio = math.exp(sharpness * 0.9 * (10 + annuity(1, 20)) / 100)  # 10 MEUR cheaper, and 1 MEUR/year more
    assert s.assessments[2].weight / s.assessments[1].weight == pytest.approx(ratio)
    expected = 400 * ratio / (1 + ratio)
    assert abs(chosen[2] - expected) <= 4 * math.sqrt(expected / (1 + ratio))


def test_the_chance_to_decide_rises_with_every_option_that_is_added():
    one = lone_firm(choice_sharpness=4.0)
    one.options[1].capex_meur = 600.0
    two = lone_firm(options_per_firm=3, choice_sharpness=4.0)
    two.options[1].capex_meur = two.options[2].capex_meur = 600.0
    for s in (one, two):
        appraise(s, 0, 0)
    odds = one.firms[0].choice / (1 - one.firms[0].choice)
    assert two.firms[0].choice == pytest.approx(2 * odds / (1 + 2 * odds))


def test_waiting_costs_a_pledger_what_the_pact_takes():
    """A pact that sees half of all breaches and takes 10 % of 600 MEUR: waiting is worth exp(-4 * 0.5 * 0.6)."""
    s = lone_firm(choice_sharpness=4.0)
    s.options[1].capex_meur = 600.0
    s.firms[0].stage, s.firms[0].candidate = PLEDGED, 1
    s.pacts[0].transparency, s.pacts[0].sanction = 0.5, 0.1
    appraise(s, 0, 0)
    weight = math.exp(4 * (0.9 * (90 * annuity(1, 20) - 600) / 100 - 0.05))
    expected = weight / (math.exp(-4 * 0.5 * 0.1 * 6.0) + weight)
    assert (s.firms[0].choice, s.firms[0].choice_candidate) == pytest.approx((expected, expected))
