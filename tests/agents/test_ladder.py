"""R2 and R4: the ladder of promises. Pledge, commitment, lapse, breach and sanction, and what others see of it."""

import math

import pytest

from clusterpact.agents.bookings import publish_bookings
from clusterpact.agents.chance import COMMIT, PLEDGE, uniform
from clusterpact.agents.expectations import expect_prices
from clusterpact.agents.ladder import make_pledges, observe_firms, sign_commitments, signs, wants_to_pledge
from clusterpact.agents.lenders import take_fid
from clusterpact.agents.networks import decide
from clusterpact.agents.plant import work_on_plants
from clusterpact.agents.vocabulary import (
    ANCHOR,
    BUILDING,
    BY_FINANCIER,
    BY_FIRM,
    BY_OPERATOR,
    COMMITTED,
    GATE_BANK,
    GATE_NETWORK,
    GATE_RATION,
    IDLE,
    NET_BUILDING,
    NET_OPERATING,
    OPERATING,
    PLEDGED,
)
from tests.agents.test_pact import THRESHOLD, capture_world, probability
from tests.worlds.small import small_state

RUNS = range(300)


def over_runs(s, rule, *arguments):
    answers = []
    for run in RUNS:
        s.world[0].run = run
        answers.append(bool(rule(s, *arguments)))
    return answers


def draws(stream, firm, t):
    return [uniform(1, run, stream, firm.id, t) for run in RUNS]


def test_firms_pledge_with_three_in_ten_and_free_riders_with_one_in_ten():
    s = capture_world(firms=2)
    s.firms[1].free_rider = 1
    for i, chance in ((0, 0.3), (1, 0.1)):
        assert over_runs(s, wants_to_pledge, i, 8) == [u < chance for u in draws(PLEDGE, s.firms[i], 8)]


def test_firms_pledge_in_the_quarter_of_their_board_only():
    s = capture_world(pledge_probability_per_year=1.0)
    s.firms[0].board_quarter = 2
    assert [wants_to_pledge(s, 0, t) for t in range(4)] == [False, False, True, False]


def test_no_firm_pledges_what_does_not_pay_five_years_ahead():
    s = capture_world(pledge_probability_per_year=1.0)
    s.market.in_force[:] = 0.0
    expect_prices(s, 0)
    assert not wants_to_pledge(s, 0, 0)
    s.market.in_force[9:] = 100.0  # works of two years after five: years 8 to 27 from now, 19 of 20 at the new price
    expect_prices(s, 0)
    assert wants_to_pledge(s, 0, 0)


def test_a_pledge_is_due_in_two_years():
    s = capture_world(pledge_probability_per_year=1.0)
    make_pledges(s, 4)
    assert (s.firms[0].stage, s.firms[0].c1_due, s.firms[0].c1_honoured) == (PLEDGED, 12, 0)


def test_a_firm_without_a_candidate_neither_pledges_nor_signs():
    s = capture_world(pledge_probability_per_year=1.0)
    s.firms[0].candidate = -1
    s.networks[0].season = 1
    assert not wants_to_pledge(s, 0, 0)
    assert not signs(s, 0, 1)


def open_season(firms=3, **parameters):
    s = capture_world(firms=firms, **parameters)
    s.networks[0].season = 1
    publish_bookings(s, 1)
    return s


def signing_chance(s, believed, utility, sanction=0.0):
    gain = believed * utility - (1 - believed) * 2 * 0.03 + sanction
    return 0.5 / (1 + math.exp(-10 * gain))  # A = 0.5, lambda = 10


def test_signing_weighs_gain_against_the_lost_development_cost():
    s = open_season()
    s.firms[1].stage = s.firms[2].stage = PLEDGED
    s.firms[0].utility = 0.1
    publish_bookings(s, 1)
    believed = probability((400 + 400 - THRESHOLD) / math.sqrt(2 * 400**2 / 4 + (0.05 * THRESHOLD) ** 2))
    assert believed == pytest.approx(0.5)
    chance = signing_chance(s, believed, 0.1)  # gain = 0.5 * 0.1 - 0.5 * 2 * 0.03 = 0.02
    assert over_runs(s, signs, 0, 1) == [u < chance for u in draws(COMMIT, s.firms[0], 1)]


def test_an_outstanding_pledge_adds_the_expected_sanction_to_the_gain():
    s = open_season()
    s.firms[0].stage, s.firms[0].breaches, s.firms[0].utility = PLEDGED, 1, 0.1
    s.pacts[0].transparency, s.pacts[0].sanction = 0.5, 0.1
    s.firms[1].stage = s.firms[2].stage = PLEDGED
    publish_bookings(s, 1)
    chance = signing_chance(s, 0.5, 0.1, sanction=0.5 * 0.1 * 2)
    assert over_runs(s, signs, 0, 1) == [u < chance for u in draws(COMMIT, s.firms[0], 1)]


def test_nobody_signs_outside_an_open_season_or_without_gain():
    s = open_season()
    s.firms.capability, s.firms.utility = 1.0, 5.0
    s.networks[0].season = 0
    assert not any(over_runs(s, signs, 0, 1))
    s.networks[0].season, s.firms[0].utility = 1, 0.0
    assert not any(over_runs(s, signs, 0, 1))


def test_free_riders_sign_only_once_the_network_is_decided():
    s = open_season(firms=1)
    s.firms[0].free_rider, s.firms[0].capability, s.firms[0].utility = 1, 1.0, 10.0
    assert not any(over_runs(s, signs, 0, 1))
    s.networks[0].stage, s.networks[0].capacity = NET_BUILDING, 100.0
    assert all(over_runs(s, signs, 0, 1))


def test_the_anchor_signs_as_soon_as_it_gains_whatever_it_believes():
    s = open_season()
    s.pacts[0].mode = ANCHOR
    s.firms.capability, s.firms.utility = 0.0, 0.01
    assert all(over_runs(s, signs, 0, 1))
    assert not any(over_runs(s, signs, 1, 1))


def test_a_firm_that_needs_two_networks_must_believe_in_both():
    s = small_state(firms=1, networks=2)
    s.options[1].volume[:2] = [THRESHOLD, 400.0]
    s.firms[0].candidate, s.firms[0].utility = 1, 0.1
    s.networks.season = 1
    publish_bookings(s, 1)
    second = probability((400 - THRESHOLD) / (0.05 * THRESHOLD))
    chance = signing_chance(s, 0.5 * second, 0.1)
    assert over_runs(s, signs, 0, 1) == [u < chance for u in draws(COMMIT, s.firms[0], 1)]


def test_all_firms_of_a_season_read_the_bookings_published_before():
    s = open_season(firms=2)
    s.pacts[0].mode, s.firms[1].capability = ANCHOR, 1.0
    before = over_runs(s, signs, 1, 1)
    for run in RUNS:
        fresh = s.copy()
        fresh.world[0].run = run
        sign_commitments(fresh, 1)
        assert (fresh.firms[1].stage == COMMITTED) == before[run]


def test_signing_honours_the_pledge_and_lapses_in_two_years():
    s = open_season()
    s.pacts[0].mode = ANCHOR
    s.firms[0].stage, s.firms[0].c1_due = PLEDGED, 6
    sign_commitments(s, 1)
    firm = s.firms[0]
    assert (firm.stage, firm.c1_honoured, firm.c2_lapse, firm.c2_due) == (COMMITTED, 1, 9, -1)
    publish_bookings(s, 1)
    assert s.networks[0].signed >= 400.0


# What becomes of promises.


def promised(transparency, **fields):
    s = capture_world()
    s.pacts[0].transparency = transparency
    for name, value in fields.items():
        setattr(s.firms[0], name, value)
    return s


def test_an_honoured_pledge_is_seen_by_all_at_the_witness_discount():
    s = promised(0.0, stage=COMMITTED, c1_due=8, c1_honoured=1)
    observe_firms(s, 8)
    assert list(s.firms[0].kept_now) == [0.5] * 4
    assert s.firms[0].c1_due == -1


@pytest.mark.parametrize(("transparency", "seen"), [(0.0, 0.0), (1.0, 0.5)])
def test_a_pledge_that_runs_out_is_broken_and_silently_disappears_unless_it_becomes_public(transparency, seen):
    s = promised(transparency, stage=PLEDGED, c1_due=8)
    observe_firms(s, 8)
    assert list(s.firms[0].broken_now) == [seen] * 4
    assert s.firms[0].stage == IDLE


def test_a_commitment_lapses_without_a_breach_if_the_network_stays_undecided():
    s = promised(1.0, stage=COMMITTED, c2_lapse=9)
    observe_firms(s, 9)
    firm = s.firms[0]
    assert (firm.stage, firm.breaches, firm.c2_lapse) == (IDLE, 0, -1)
    assert not firm.broken_now.any()
    assert s.account[0].lost_development_meur == pytest.approx(0.03 * 100)
    assert s.account[0].sanctions_meur == 0.0


def test_a_running_firm_whose_commitment_lapses_goes_on_running():
    s = promised(1.0, stage=COMMITTED, c2_lapse=9, switched=1)
    observe_firms(s, 9)
    assert s.firms[0].stage == OPERATING


@pytest.mark.parametrize(("breaches", "steps"), [(0, 1), (1, 2), (2, 3), (7, 3)])
def test_sanctions_grow_with_breaches_up_to_three_steps(breaches, steps):
    s = promised(0.0, stage=COMMITTED, c2_due=9, breaches=breaches)
    s.pacts[0].sanction = 0.05
    observe_firms(s, 9)
    assert s.account[0].sanctions_meur == pytest.approx(0.05 * steps * 100)
    assert s.firms[0].breaches == breaches + 1


@pytest.mark.parametrize(
    ("transparency", "refused", "taken"),
    [(1.0, 0, 5.0), (0.0, 0, 0.0), (1.0, GATE_BANK, 0.0), (1.0, GATE_RATION, 0.0), (1.0, GATE_NETWORK, 5.0)],
)
def test_a_pledge_that_is_seen_to_be_broken_costs_a_deposit_unless_lenders_refused_it(transparency, refused, taken):
    s = promised(transparency, stage=PLEDGED, c1_due=8, refused=refused)
    s.pacts[0].sanction, s.pacts[0].fund_meur = 0.05, 2.0
    observe_firms(s, 8)
    assert s.account.sanctions_meur.tolist() == pytest.approx([taken, 0.0])  # 5 % of 100 MEUR, once
    assert s.pacts[0].fund_meur == pytest.approx(2.0 + taken)


def test_a_pledge_without_a_candidate_has_no_deposit_to_lose():
    s = promised(1.0, stage=PLEDGED, c1_due=8, candidate=-1)
    s.pacts[0].sanction = 0.05
    observe_firms(s, 8)
    assert (s.account[0].sanctions_meur, s.pacts[0].fund_meur) == (0.0, 0.0)


@pytest.mark.parametrize("refused", [GATE_BANK, GATE_RATION])
def test_a_commitment_that_lenders_refuse_is_void_and_no_breach(refused):
    s = promised(1.0, stage=COMMITTED, c2_due=9, refused=refused)
    s.pacts[0].sanction = 0.05
    s.firms[0].booked[0] = s.networks[0].booked = 400.0
    observe_firms(s, 9)
    firm = s.firms[0]
    assert (firm.stage, firm.breaches, firm.c2_due, firm.booked[0]) == (IDLE, 0, -1, 0.0)
    assert not firm.broken_now.any()
    assert (s.account[0].sanctions_meur, s.account[0].lost_development_meur) == pytest.approx((0.0, 3.0))


def test_a_breach_is_always_seen_by_the_operator_and_gives_back_capacity():
    s = promised(0.0, stage=COMMITTED, c2_due=9)
    s.firms[0].booked[0] = s.networks[0].booked = 400.0
    observe_firms(s, 9)
    assert list(s.firms[0].broken_now) == [0.0, 0.0, 0.0, 1.0]
    assert (s.firms[0].stage, s.firms[0].booked[0], s.networks[0].booked) == (IDLE, 0.0, 0.0)


def test_a_public_breach_reaches_other_firms_and_lenders():
    s = promised(1.0, stage=COMMITTED, c2_due=9)
    observe_firms(s, 9)
    assert (s.firms[0].broken_now[BY_FIRM], s.firms[0].broken_now[BY_FINANCIER]) == (0.5, 0.5)


def test_a_commitment_that_leads_to_an_fid_is_a_kept_promise():
    s = promised(0.3, stage=COMMITTED)
    publish_bookings(s, 1)
    decide(s, 0, 1)
    assert s.firms[0].c2_due == 9
    take_fid(s, 0, 2)
    for t in range(3, 10):
        observe_firms(s, t)
    assert s.firms[0].kept_now[BY_OPERATOR] == pytest.approx(1.0)


def building(c3_due, **fields):
    s = small_state(firms=1)
    firm = s.firms[0]
    firm.candidate, firm.stage, firm.fid_quarter, firm.ready_quarter, firm.c3_due = 1, BUILDING, 0, 8, c3_due
    for name, value in fields.items():
        setattr(firm, name, value)
    return s


def pass_quarters(s, first, last):
    """The two rules of the quarter that matter for a start, in the order of the schedule."""
    for t in range(first, last + 1):
        observe_firms(s, t)
        work_on_plants(s, t)


def test_a_plant_that_starts_on_time_keeps_its_promise():
    s = building(c3_due=9)
    pass_quarters(s, 7, 9)
    assert s.firms[0].start_quarter == 8
    assert list(s.firms[0].kept_now) == [0.5, 1.0, 0.5, 1.0]
    assert not s.firms[0].broken_now.any()


def test_a_plant_that_does_not_run_when_promised_breaks_its_promise_before_all_eyes():
    s = building(c3_due=5)
    s.pacts[0].transparency = 0.0
    pass_quarters(s, 5, 5)
    assert list(s.firms[0].broken_now) == [0.5, 1.0, 0.5, 1.0]  # lender and operator in full, witnesses at half weight
    assert s.firms[0].c3_due == -1


def test_a_plant_that_waits_for_a_late_network_is_not_to_blame():
    s = building(c3_due=8)
    s.options[1].volume[0] = 400.0
    s.firms[0].booked[0] = s.networks[0].booked = s.networks[0].capacity = 400.0
    s.networks[0].stage = NET_BUILDING
    pass_quarters(s, 8, 11)
    assert not s.firms[0].broken_now.any()
    s.networks[0].stage = NET_OPERATING
    work_on_plants(s, 11)
    pass_quarters(s, 12, 12)
    assert s.firms[0].kept_now[BY_FINANCIER] == 1.0
    assert s.firms[0].stage == OPERATING
