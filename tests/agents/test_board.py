"""R4: what a board may choose from, how it chooses, and when it decides."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from clusterpact.agents.board import appraise, appraise_firms, choose, has_board, is_open, keeps_candidate, prefer
from clusterpact.agents.chance import INVEST, TASTE, uniform
from clusterpact.agents.ladder import invests
from clusterpact.agents.theories import CHOICE_NPV
from clusterpact.agents.vocabulary import (
    BEYOND_MEANS,
    BUILDING,
    CARBON,
    CLOSED,
    COMMITTED,
    CORPORATE,
    FAILED,
    FAMILIES,
    FID,
    GATE_BANK,
    GATE_NETWORK,
    IDLE,
    N_KINDS,
    NET_BUILDING,
    NET_PROPOSED,
    NO_GATE,
    OPEN,
    OPERATING,
    PLEDGED,
    WAITS,
)
from tests.agents.appraising import annuity, lone_firm
from tests.worlds.small import CLEAN, small_state

RUNS = range(300)


def test_an_option_opens_when_its_technology_comes_to_market():
    s = lone_firm()
    s.technologies[CLEAN].first_quarter = 8
    assert [bool(is_open(s, s.firms[0], 1, t)) for t in (0, 7, 8)] == [False, False, True]


def test_what_runs_or_improves_nothing_is_not_open():
    s = lone_firm(options_per_firm=3)
    s.options[1].emission_kt, s.options[2].emission_kt, s.options[2].heat_gwh = 1000.0, 1000.0, 50.0
    assert [bool(is_open(s, s.firms[0], row, 0)) for row in range(3)] == [False, False, True]


def test_an_increment_needs_its_base():
    s = lone_firm()
    s.options[1].is_increment = 1
    assert is_open(s, s.firms[0], 1, 0)
    s.firms[0].base_intact = 0
    assert not is_open(s, s.firms[0], 1, 0)


@pytest.mark.parametrize(("kind", "limit", "opens"), [(0, 400.0, True), (0, 399.0, False), (1, 500.0, False)])
def test_an_option_needs_a_network_that_exists_and_can_grow_large_enough(kind, limit, opens):
    s = lone_firm(networks=1)
    s.options[1].volume[kind], s.networks[0].limit = 400.0, limit
    assert bool(is_open(s, s.firms[0], 1, 0)) is opens


def test_a_planned_plant_may_be_built_once():
    s = lone_firm()
    s.firms[0].planned, s.options[0].emission_kt = 1, 0.0
    assert is_open(s, s.firms[0], 1, 0)
    s.firms[0].switched = 1
    assert not is_open(s, s.firms[0], 1, 0)


def test_a_plant_without_options_has_no_candidate():
    s = lone_firm(options_per_firm=1)
    appraise(s, 0, 0)
    assert (s.firms[0].available, s.firms[0].candidate, s.firms[0].choice) == (0, -1, 0.0)
    assert not invests(s, 0, 0)


def test_the_choice_is_a_logit_against_waiting():
    s = lone_firm(options_per_firm=3, choice_sharpness=4.0)
    s.options[1].capex_meur, s.options[2].capex_meur = 600.0, 700.0
    appraise(s, 0, 0)
    weights = [math.exp(4 * s.assessments[row].utility) for row in (1, 2)]
    assert s.firms[0].choice == pytest.approx(sum(weights) / (1 + sum(weights)))
    own = weights[s.firms[0].candidate - 1]
    assert s.firms[0].choice_candidate == pytest.approx(own / (1 + own))  # the candidate alone, or nothing


def test_the_utility_that_the_logit_weighs_is_by_hand():
    s = lone_firm(choice_sharpness=4.0)
    s.options[1].capex_meur = 600.0
    appraise(s, 0, 0)
    utility = 0.9 * (90 * annuity(1, 20) - 600) / 100 - 0.1 * 0.5  # nobody else, so the norm is 0.5 short of its centre
    assert s.firms[0].choice == pytest.approx(1 / (1 + math.exp(-4 * utility)))


def test_candidates_are_drawn_in_proportion_to_their_weights():
    s = lone_firm(options_per_firm=3, choice_sharpness=4.0)
    s.options[1].capex_meur, s.options[2].capex_meur = 600.0, 700.0
    appraise(s, 0, 0)
    first, second = (math.exp(4 * s.assessments[row].utility) for row in (1, 2))
    for run in RUNS:
        s.world[0].run = run
        appraise(s, 0, 0)
        draw = uniform(1, run, TASTE, s.firms[0].id, 0)
        assert s.firms[0].candidate == (1 if draw < first / (first + second) else 2)


@pytest.mark.parametrize(("phase_out", "waiting"), [(0.5, 0.5), (1.0, 0.0)])
def test_a_phase_out_takes_weight_from_waiting(phase_out, waiting):
    s = lone_firm(choice_sharpness=4.0)
    s.options[1].capex_meur = 700.0
    s.policy.phase_out = phase_out
    appraise(s, 0, 0)
    weight = math.exp(4 * s.firms[0].utility)
    assert s.firms[0].choice == pytest.approx(weight / (waiting + weight))


@pytest.mark.parametrize("better", [1, 2])
def test_hopeless_options_are_never_chosen_yet_the_board_prefers_the_better_one(better):
    s = lone_firm(options_per_firm=3)
    s.options.opex_meur[1:] = 2e6
    s.options[better].opex_meur = 1e6
    appraise(s, 0, 0)
    assert (s.firms[0].candidate, s.firms[0].choice, s.firms[0].choice_candidate) == (better, 0.0, 0.0)


@pytest.mark.parametrize("better", [1, 2])
def test_options_do_not_tie_for_being_very_good(better):
    """20,000 and 21,000 times the cost of a campaign: by 10 * 1,000 in the exponent the better one is taken, always."""
    s = lone_firm(options_per_firm=3)
    s.options.opex_meur[1:] = -2e6 / annuity(1, 20)
    s.options[better].opex_meur = -2.1e6 / annuity(1, 20)
    for run in range(50):
        s.world[0].run = run
        appraise(s, 0, 0)
        assert s.firms[0].candidate == better
    assert (s.assessments[3 - better].weight, s.assessments[better].weight) == (0.0, 1.0)
    assert (s.firms[0].choice, s.firms[0].choice_candidate) == (1.0, 1.0)


@pytest.mark.parametrize("fields", [{"stage": COMMITTED}, {"strike": 200.0}])
def test_a_committed_firm_or_the_winner_of_a_contract_keeps_its_candidate(fields):
    s = lone_firm(options_per_firm=3)
    for run in range(20):
        s.world[0].run = run
        s.firms[0].candidate = 2
        for name, field in fields.items():
            setattr(s.firms[0], name, field)
        appraise(s, 0, 0)
        assert s.firms[0].candidate == 2


def test_a_board_meets_once_a_year_and_not_during_works_or_after_a_failure():
    s = lone_firm()
    s.firms[0].board_quarter = 2
    assert [bool(has_board(s, 0, t)) for t in range(8)] == [False, False, True, False] * 2
    for stage, meets in ((FID, False), (BUILDING, False), (FAILED, False), (OPERATING, True), (PLEDGED, True)):
        s.firms[0].stage = stage
        assert bool(has_board(s, 0, 2)) is meets


def test_firms_are_appraised_in_the_quarter_of_their_board_only():
    s = small_state(firms=2, networks=0)
    s.firms.board_quarter = [0, 1]
    appraise_firms(s, 0)
    assert list(s.firms.available) == [1, 0]


def test_trust_in_the_government_enters_through_the_expected_price():
    s = lone_firm()
    s.market.in_force = 200.0
    appraise(s, 0, 0)
    doubtful = s.firms[0].value
    s.governments[0].kept[0] = 2.0  # from 1/2 to 3/4
    appraise(s, 0, 0)
    years = sum(1.11 ** -(2 + k) for k in range(1, 21))
    assert s.firms[0].value - doubtful == pytest.approx(0.25 * 100 * 0.9 * years / 100)


def test_without_any_lender_a_firm_still_appraises_at_the_regulated_return():
    s = lone_firm(financiers=0)
    appraise(s, 0, 0)
    assert (s.firms[0].route, s.firms[0].wacc) == (CORPORATE, pytest.approx(0.055))
    assert s.firms[0].value == pytest.approx((90 * annuity(1, 20, 0.105) - 100) / 100)


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


@pytest.mark.parametrize("kind", range(N_KINDS))
def test_even_a_small_volume_needs_its_network(kind):
    s = lone_firm()
    s.options[1].volume[kind] = 0.5
    assert not is_open(s, s.firms[0], 1, 0)


@pytest.mark.parametrize(("fields", "kept"), [({}, False), ({"strike": 0.5}, True), ({"stage": COMMITTED}, True)])
def test_what_binds_a_firm_may_be_its_first_option_and_a_low_strike(fields, kept):
    s = lone_firm()
    s.firms[0].candidate = 0
    for name, field in fields.items():
        setattr(s.firms[0], name, field)
    assert bool(keeps_candidate(s.firms[0])) is kept


@pytest.mark.parametrize(("stage", "candidate"), [(IDLE, -1), (COMMITTED, 1)])
def test_a_board_whose_options_closed_forgets_what_it_thought_but_not_what_binds_it(stage, candidate):
    s = lone_firm()
    firm = s.firms[0]
    appraise(s, 0, 0)
    firm.stage, firm.refused = stage, 6
    assert (firm.available, firm.candidate) == (1, 1)
    assert firm.choice_candidate > 0.5
    firm.blocked = GATE_BANK
    s.technologies[CLEAN].first_quarter = 9
    s.policy.phase_out = 1.0  # waiting is forbidden, but there is nothing else
    appraise(s, 0, 8)
    assert (firm.available, firm.refused, firm.blocked, firm.choice, firm.choice_candidate) == (0, 0, 0, 0.0, 0.0)
    assert s.assessments[1].standing == CLOSED
    assert firm.candidate == candidate


def test_an_option_that_closed_is_no_longer_chosen_nor_weighed():
    s = lone_firm(options_per_firm=3, choice_sharpness=4.0)
    s.options[2].capex_meur, s.options[1].volume[0] = 700.0, 0.0
    appraise(s, 0, 0)
    s.options[1].volume[0] = 400.0  # needs a network that the cluster lacks
    for run in range(20):
        s.world[0].run = run
        appraise(s, 0, 4)
        assert s.firms[0].candidate == 2
    weight = math.exp(4 * s.assessments[2].utility)
    assert s.firms[0].choice == pytest.approx(weight / (1 + weight))


@pytest.mark.parametrize("theory", [0, CHOICE_NPV])
def test_a_plant_may_go_back_to_its_first_option(theory):
    s = lone_firm(options_per_firm=3, choice_sharpness=4.0)
    s.world[0].choice_rule = theory
    s.firms[0].option, s.options[2].emission_kt = 1, 1000.0
    s.options[0].emission_kt, s.options[1].emission_kt = 100.0, 1000.0
    s.options[0].capex_meur, s.options[0].build_quarters = 700.0, 8.0
    appraise(s, 0, 0)
    assert (s.firms[0].available, s.firms[0].candidate) == (1, 0)
    weight = math.exp(4 * 0.9 * (90 * annuity(1, 20) - 700) / 100 - 4 * 0.1 * 0.5)
    expected = 0.0 if theory == CHOICE_NPV else weight / (1 + weight)
    assert s.firms[0].choice == pytest.approx(expected)


def test_npv_compares_a_firms_own_options_and_the_first_may_be_the_best():
    s = small_state(firms=2, networks=0, options_per_firm=3)
    s.world[0].choice_rule = CHOICE_NPV
    s.assessments.standing, s.assessments.plan_utility = OPEN, 0.1
    s.assessments.value = [0.5, 0.4, 0.3, -0.1, -0.3, -0.2]
    assert [choose(s, i, 0) for i in range(2)] == [0, 3]


@pytest.mark.parametrize(("value", "chance"), [(0.001, 1.0), (0.0, 0.0)])
def test_npv_waits_where_nothing_is_gained(value, chance):
    s = lone_firm()
    s.world[0].choice_rule = CHOICE_NPV
    s.assessments[1].value = value
    prefer(s, 0, 1, 0)
    assert s.firms[0].choice == chance


def test_a_board_notes_the_paper_of_its_candidate():
    """By hand: 6 % and 5 points without peers; 40 MEUR of renewal in 15 years are saved, three quarters of them stranded."""
    s = lone_firm(networks=1, stranding_share=1.0, norm_weight=0.1)
    firm = s.firms[0]
    s.options[0].campaign_years, s.options[0].renewal_meur, firm.campaign_age = 20.0, 40.0, 5.0
    firm.norm, firm.others_volume[0] = 0.9, 77.0  # of an earlier year: there are no peers, and nobody else
    appraise(s, 0, 0)
    assert (firm.norm, firm.others_volume[0], firm.own_meur) == pytest.approx((0.0, 0.0, 30.0))  # it borrows 70
    unstranded = (90 * annuity(1, 20) + 40 * 1.11**-15 - 100) / 100
    noted = (firm.wacc, firm.hurdle, firm.value_unstranded, firm.value, firm.utility)
    assert noted == pytest.approx((0.06, 0.11, unstranded, unstranded - 0.3, 0.9 * (unstranded - 0.3) - 0.05))


def test_a_board_sees_the_prices_of_the_years_of_operation():
    s = lone_firm()
    s.options[1].life_years = 1.0
    s.governments[0].kept[0] = 1e12  # the announcement is believed
    s.market.in_force = 10.0 * np.arange(26)
    appraise(s, 0, 4)
    assert s.firms[0].value == pytest.approx((0.9 * 40 * 1.11**-3 - 100) / 100)  # decided in year 1, runs in year 4


def test_a_contract_enters_the_paper_of_the_option_that_won_it_alone():
    s = lone_firm(options_per_firm=3)
    s.firms[0].candidate, s.firms[0].strike = 1, 150.0
    appraise(s, 0, 0)
    assert s.firms[0].strike == 150.0
    won = 0.9 * (150 * annuity(1, 15, 0.06) + 100 * annuity(16, 20, 0.06)) - 100
    assert list(s.assessments.value[1:]) == pytest.approx([won / 100, (90 * annuity(1, 20) - 100) / 100])


#: EUR/t: after the contract come two years at 5 EUR/t and three at 10, as 15 are announced for them and half believed.
BREAK_EVEN = (100 / 0.9 - 5 * annuity(16, 17, 0.06) - 10 * annuity(18, 20, 0.06)) / annuity(1, 15, 0.06)


@pytest.mark.parametrize(
    ("budget", "fields", "bid"),
    [
        (0.5, {}, BREAK_EVEN),
        (0.0, {}, 0.0),
        (30.0, {"strike": 15.5}, 0.0),
        (30.0, {"strike": 1.0}, BREAK_EVEN),  # worth less than the market: it is given up
        (30.0, {"running_strike": 1.0}, 0.0),
    ],
)
def test_a_board_works_out_its_bid_where_contracts_are_on_offer_and_it_has_none(budget, fields, bid):
    s = lone_firm()
    s.market.in_force = s.spots[0].price[CARBON] = 5.0
    s.market.in_force[20:] = 15.0
    s.policy.ccfd_budget_meur_per_year = budget
    s.firms[0].candidate, s.firms[0].strike_bid = 1, 77.0
    for name, field in fields.items():
        setattr(s.firms[0], name, field)
    appraise(s, 0, 0)
    assert s.firms[0].strike_bid == pytest.approx(bid)


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
    s = rich_and_poor(29.0)
    s.options.opex_meur[1:] = 1000.0
    appraise(s, 0, 0)
    assert s.firms[0].blocked == NO_GATE


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
