"""R4: what a board may choose from, and how it chooses."""

import math

import numpy as np
import pytest

from clusterpact.agents.board import appraise, appraise_firms, choose, has_board, is_open, keeps_candidate, prefer
from clusterpact.agents.chance import TASTE, uniform
from clusterpact.agents.expectations import expect_prices
from clusterpact.agents.ladder import invests
from clusterpact.agents.theories import CHOICE_NPV
from clusterpact.agents.vocabulary import (
    BUILDING,
    CARBON,
    CLOSED,
    COMMITTED,
    CORPORATE,
    FAILED,
    FID,
    GATE_BANK,
    IDLE,
    N_KINDS,
    OPEN,
    OPERATING,
    PLEDGED,
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
    expect_prices(s, 0)
    appraise(s, 0, 0)
    doubtful = s.firms[0].value
    s.governments[0].kept[0] = 2.0  # from 1/2 to 3/4
    appraise(s, 0, 0)
    years = sum(1.11 ** -(2 + k) for k in range(1, 21))
    assert s.firms[0].value - doubtful == pytest.approx(0.25 * 100 * 0.9 * years / 100)


def test_without_any_lender_a_firm_still_appraises_at_what_its_owners_money_costs():
    s = lone_firm(financiers=0)
    appraise(s, 0, 0)
    assert (s.firms[0].route, s.firms[0].wacc) == (CORPORATE, pytest.approx(0.06))
    assert s.firms[0].value == pytest.approx((90 * annuity(1, 20, 0.11) - 100) / 100)


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
    assert bool(keeps_candidate(s, s.firms[0])) is kept


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
    expect_prices(s, 4)
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
    expect_prices(s, 0)
    appraise(s, 0, 0)
    assert s.firms[0].strike_bid == pytest.approx(bid)
