"""R2: bookings and belief, votes and modes of the pact, and open seasons."""

import math

import pytest

from clusterpact.agents.bookings import (
    belief,
    lacks_network,
    promise_line,
    publish_bookings,
    release,
    reserve,
    volume_of_others,
)
from clusterpact.agents.ladder import observe_firms
from clusterpact.agents.pact import carries_vote, cast_votes, is_season, run_pact
from clusterpact.agents.vocabulary import (
    ANCHOR,
    BY_FIRM,
    BY_OPERATOR,
    COMMITTED,
    MAJORITY,
    NET_BUILDING,
    NET_OPERATING,
    ORCHESTRATOR,
    PLEDGED,
    UNANIMITY,
)
from tests.worlds.small import small_state

PHASE = 1000.0
THRESHOLD = 800.0  # 0.8 of the phase


def capture_world(firms=3, volume=400.0, **parameters):
    """Firms that all prefer an option that needs 400 kt/year on the proposed network."""
    s = small_state(firms=firms, **parameters)
    for i in range(firms):
        s.options[2 * i + 1].volume[0] = volume
        s.firms[i].candidate = 2 * i + 1
        s.firms[i].utility = 0.5
    return s


def probability(z):
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def test_the_threshold_is_the_share_of_the_phase_that_public_cover_leaves():
    s = capture_world()
    s.policy.infrastructure_guarantee_share = 0.5
    publish_bookings(s, 0)
    assert s.networks[0].threshold == pytest.approx(0.8 * 0.5 * PHASE)


def test_a_firm_without_a_promise_is_not_booked():
    s = capture_world()
    publish_bookings(s, 0)
    assert (s.networks[0].mu[0], s.networks[0].signed) == (0.0, 0.0)


def test_a_pledge_is_worth_the_trust_in_the_firm():
    s = capture_world()
    s.firms[1].stage = PLEDGED
    s.firms[1].kept[BY_FIRM] = 2.0
    publish_bookings(s, 0)
    mean, variance = volume_of_others(s, s.firms[0], 0)
    assert mean == pytest.approx(400 * 0.75)  # (2 + 1) / 4
    assert variance == pytest.approx(400**2 * 0.75 * 0.25)
    assert s.networks[0].signed == 0.0


def test_a_commitment_removes_the_share_psi_of_the_doubt():
    s = capture_world(bindingness=0.6)
    s.firms[1].stage = COMMITTED
    publish_bookings(s, 0)
    binding = 0.5 + 0.5 * 0.6
    assert volume_of_others(s, s.firms[0], 0) == pytest.approx((400 * binding, 400**2 * binding * (1 - binding)))
    intercept, slope = promise_line(s, s.firms[1])
    assert intercept + slope * 0.5 == pytest.approx(binding)


def test_a_distrustful_firm_expects_less_of_the_same_promises():
    s = capture_world()
    s.firms[1].stage = s.firms[2].stage = PLEDGED
    s.firms[0].disposition = 0.2
    publish_bookings(s, 0)
    assert volume_of_others(s, s.firms[0], 0) == pytest.approx((2 * 400 * 0.2, 2 * 400**2 * 0.2 * 0.8))


def test_what_others_bring_leaves_out_the_firms_own_promise():
    s = capture_world()
    s.firms[0].stage, s.firms[1].stage = COMMITTED, PLEDGED
    publish_bookings(s, 0)
    assert volume_of_others(s, s.firms[0], 0) == pytest.approx((200.0, 40_000.0))


def test_a_pledge_that_ran_out_does_not_count_as_anothers_volume():
    s = capture_world()
    s.firms[0].stage, s.firms[0].c1_due = PLEDGED, 4
    publish_bookings(s, 3)
    observe_firms(s, 4)
    publish_bookings(s, 4)  # as in the schedule, before boards meet
    assert volume_of_others(s, s.firms[0], 0)[0] == pytest.approx(0.0)


def test_the_operator_discounts_signed_volume_by_its_own_trust():
    s = capture_world()
    s.firms[0].stage = s.firms[1].stage = COMMITTED
    s.firms[0].kept[BY_OPERATOR] = 6.0  # (6 + 1) / 8
    publish_bookings(s, 0)
    assert s.networks[0].signed == pytest.approx(800.0)
    assert s.networks[0].believed == pytest.approx(400 * (0.875 + 0.125 / 2) + 400 * (0.5 + 0.5 / 2))


def test_belief_is_the_chance_that_the_sum_of_promises_reaches_the_threshold():
    s = capture_world()
    s.firms[1].stage = COMMITTED
    s.firms[2].stage = PLEDGED
    publish_bookings(s, 0)
    mean = 400 + 400 * 0.75 + 400 * 0.5
    variance = 400**2 * (0.75 * 0.25 + 0.5 * 0.5) + (0.05 * THRESHOLD) ** 2
    assert belief(s, 0, 0) == pytest.approx(probability((mean - THRESHOLD) / math.sqrt(variance)))


def test_an_orchestrator_takes_the_ambiguity_out_of_belief():
    s = capture_world()
    s.firms[1].stage = PLEDGED
    s.pacts[0].mode = ORCHESTRATOR
    publish_bookings(s, 0)
    assert belief(s, 0, 0) == pytest.approx(probability((600 - THRESHOLD) / math.sqrt(400**2 * 0.25)))


@pytest.mark.parametrize(("volume", "expected"), [(799.0, 0.0), (800.0, 1.0)])
def test_without_doubt_or_ambiguity_belief_is_a_step_at_the_threshold(volume, expected):
    s = capture_world(firms=1, volume=volume)
    s.pacts[0].mode = ORCHESTRATOR
    publish_bookings(s, 0)
    assert belief(s, 0, 0) == expected


def test_belief_in_a_decided_network_is_one():
    s = capture_world()
    publish_bookings(s, 0)
    s.networks[0].stage = NET_BUILDING
    assert belief(s, 0, 0) == 1.0


def test_a_firm_that_needs_no_network_lacks_none_even_in_a_cluster_without_networks():
    s = small_state(networks=0)
    s.firms[0].candidate = 1
    publish_bookings(s, 0)
    assert not lacks_network(s, s.firms[0])


def test_a_network_that_is_decided_but_full_is_lacking():
    s = capture_world()
    s.networks[0].stage, s.networks[0].capacity, s.networks[0].booked = NET_OPERATING, 1000.0, 601.0
    assert lacks_network(s, s.firms[0])
    s.networks[0].booked = 600.0
    assert not lacks_network(s, s.firms[0])


def test_reserved_capacity_is_booked_once_and_given_back_in_full():
    s = capture_world()
    reserve(s, s.firms[0])
    reserve(s, s.firms[0])
    assert (s.firms[0].booked[0], s.networks[0].booked) == (400.0, 400.0)
    release(s, s.firms[0])
    assert (s.firms[0].booked[0], s.networks[0].booked) == (0.0, 0.0)


# Votes and modes: a firm expects to keep its word with 1 - (1 - A)^2; mean trust is 0.5, so A = 0.3 (0.51) votes yes.


def carried_by(s):
    """Whether the members adopt the rules, once each has voted."""
    cast_votes(s, 0)
    return bool(carries_vote(s, 0))


def run_season(s, t):
    cast_votes(s, t)
    run_pact(s, 0, t)


def voting_world(capabilities, emissions, mode):
    s = small_state(firms=len(capabilities))
    s.firms.capability, s.firms.baseline_kt = capabilities, emissions
    s.pacts[0].mode = s.pacts[0].own_mode = mode
    s.pacts[0].mean_trust, s.pacts[0].baseline_kt = 0.5, sum(emissions)
    return s


@pytest.mark.parametrize(
    ("mode", "capabilities", "emissions", "carried"),
    [
        (UNANIMITY, [0.3, 0.3, 0.3], [1000, 100, 100], True),
        (UNANIMITY, [0.3, 0.3, 0.2], [1000, 100, 100], False),  # 1 - 0.8^2 = 0.36
        (MAJORITY, [0.3, 0.2, 0.2], [1000, 500, 500], True),
        (MAJORITY, [0.3, 0.2, 0.2], [990, 500, 500], False),
        (ANCHOR, [0.3, 0.2, 0.2], [1000, 5000, 5000], True),
        (ANCHOR, [0.2, 0.3, 0.3], [1000, 5000, 5000], False),
        (ORCHESTRATOR, [0.2, 0.3, 0.3], [1000, 400, 500], False),
    ],
)
def test_rules_are_carried_by_all_by_half_of_emissions_or_by_the_anchor(mode, capabilities, emissions, carried):
    assert carried_by(voting_world(capabilities, emissions, mode)) is carried


def test_a_firm_that_emits_nothing_has_no_vote():
    s = voting_world([0.3, 0.0], [1000, 0], UNANIMITY)
    assert carried_by(s)


def test_a_carried_vote_puts_monitoring_and_sanctions_in_force():
    s = voting_world([0.3, 0.3], [1000, 1000], MAJORITY)
    s.policy.monitoring, s.policy.sanctions = 0.4, 0.5
    run_season(s, 0)
    assert s.pacts[0].transparency == pytest.approx(0.3 + 0.4)
    assert s.pacts[0].sanction == pytest.approx(0.05 * 0.5)


def test_a_lost_vote_leaves_transparency_at_its_base_and_no_sanctions():
    s = voting_world([0.2, 0.2], [1000, 1000], MAJORITY)
    s.policy.monitoring, s.policy.sanctions = 0.4, 1.0
    run_season(s, 0)
    assert s.pacts[0].transparency == pytest.approx(0.3)
    assert s.pacts[0].sanction == 0.0


def test_an_orchestrator_adds_transparency_without_a_vote_and_costs_money():
    s = voting_world([0.2, 0.2], [1000, 1000], MAJORITY)
    s.policy.orchestrator = 0.5
    run_season(s, 0)
    assert s.pacts[0].mode == ORCHESTRATOR
    assert s.pacts[0].transparency == pytest.approx(0.3 + 0.4 * 0.5)
    assert s.account[0].orchestrator_meur == pytest.approx(0.5 * 3.4 / 4)


def test_transparency_stays_below_certainty():
    s = voting_world([0.3], [1000], MAJORITY)
    s.policy.monitoring, s.policy.orchestrator = 0.9, 1.0
    run_season(s, 0)
    assert s.pacts[0].transparency == pytest.approx(0.95)


def test_a_policy_sets_the_mode_and_without_it_the_cluster_keeps_its_own():
    s = voting_world([0.3], [1000], MAJORITY)
    s.policy.governance_mode[0] = ANCHOR
    run_season(s, 0)
    assert s.pacts[0].mode == ANCHOR
    run_season(s, 4)
    assert s.pacts[0].mode == MAJORITY


@pytest.mark.parametrize(("mode", "seasons"), [(MAJORITY, [5, 9]), (ORCHESTRATOR, [5, 7, 9, 11])])
def test_open_seasons_come_yearly_or_every_second_quarter_with_an_orchestrator(mode, seasons):
    s = small_state()
    s.pacts[0].mode, s.networks[0].first_season = mode, 4
    assert [t for t in range(12) if is_season(s, s.networks[0], t)] == seasons
