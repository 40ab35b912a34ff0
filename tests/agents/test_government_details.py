"""R6 to the letter: what concerns one government or cluster of several, and what happens just at a threshold."""

import math

import numpy as np
import pytest

from clusterpact.agents.chance import ADOPTION, ELECTION, uniform
from clusterpact.agents.expectations import announced_price
from clusterpact.agents.governments import (
    adopt_instruments,
    adopts,
    announce_prices,
    clusters_abated_share,
    hold_elections,
    milestone,
    note_adoption,
    observe_governments,
    reversal_chance,
    reverse,
    reverses,
    review_government,
    review_governments,
    statutory_scale,
)
from tests.worlds.pair import small_pair
from tests.worlds.small import adoption, place_of, small_state

CCFD, GUARANTEE = "ccfd_budget_meur_per_year", "infrastructure_guarantee_share"


def test_a_ratchet_does_not_stretch_a_price_path():
    s = small_state()
    s.policy.carbon_price_path_eur_per_t, s.governments[0].price_scale = 170.0, 1.5
    announce_prices(s, 0)
    assert announced_price(s, 0, 3) == 170.0


# What is due, and how far a cluster has come.


def uneven_pair():
    """Clusters of 3000 and 1000 kt that have abated 30 and 70 %; due are 40 and 80 %, in year 2 50 and 90 %."""
    s = small_pair()
    s.pacts.baseline_kt, s.pacts.abated_share = [3000.0, 1000.0], [0.3, 0.7]
    s.market.target[:26], s.market.target[26:] = 0.4, 0.8
    s.market.target[[2, 28]] = 0.5, 0.9
    return s


@pytest.mark.parametrize(
    ("government", "abated", "due", "due_in_year_2"),
    [
        (0, 0.4, 0.5, 0.6),  # (3 * 0.3 + 0.7) / 4; (3 * 0.4 + 0.8) / 4; (3 * 0.5 + 0.9) / 4
        (1, 0.4, 0.5, 0.6),
        (2, 0.3, 0.4, 0.5),  # the first cluster alone
        (3, 0.7, 0.8, 0.9),  # the second
    ],
)
def test_a_government_looks_at_the_clusters_that_it_has_a_say_in_by_their_emissions(government, abated, due, due_in_year_2):
    s = uneven_pair()
    assert clusters_abated_share(s, government) == pytest.approx(abated)
    assert [milestone(s, government, t) for t in (4, 8, 11, 12)] == pytest.approx([due, due_in_year_2, due_in_year_2, due])


def test_a_cluster_of_half_a_kilotonne_counts_like_a_large_one():
    s = small_state()
    s.pacts.baseline_kt, s.pacts.abated_share, s.market.target = 0.5, 0.3, 0.8
    assert clusters_abated_share(s, 0) == pytest.approx(0.3)
    assert milestone(s, 0, 4) == pytest.approx(0.8)


def test_nothing_is_due_where_nothing_is_emitted_or_no_cluster_is_governed():
    s = uneven_pair()
    s.pacts[1].baseline_kt = 0.0
    assert [milestone(s, g, 4) for g in range(4)] == pytest.approx([0.4, 0.4, 0.4, 0.0])
    s.pacts.pact_government = 3
    assert milestone(s, 2, 4) == 0.0


def test_every_government_is_reviewed():
    s = small_state(governments=4)
    s.market.target, s.pacts.abated_share, s.pacts.pact_government = 0.7, 0.2, 3
    review_governments(s, 4)
    assert s.governments.gap.tolist() == pytest.approx([0.5, 0.5, 0.0, 0.5])  # the third governs nothing


@pytest.mark.parametrize(
    ("before", "due", "abated", "fell"),
    [
        (0.5, 0.5, 0.25, 1),  # from 0.5 to 0.25
        (0.25, 0.5, 0.25, 0),  # as before
        (0.125, 0.5, 0.25, 0),
        (0.0, 0.5, 0.75, 1),  # what is due is met
        (0.0, 0.0, 0.0, 0),  # nothing is due
        (0.25, 0.0, 0.0, 1),
    ],
)
def test_a_gap_fell_if_it_is_smaller_than_a_year_ago_or_what_is_due_is_met(before, due, abated, fell):
    s = small_state()
    s.governments.gap, s.governments.gap_fell = before, 1 - fell
    s.market.target, s.pacts.abated_share = due, abated
    review_government(s, 1, 4)
    assert s.governments[1].gap_fell == fell
    assert s.governments[1].gap == max(0.0, due - abated)


# How far a ratchet can go.


def bounded(announced, statutory):
    """A world whose announced and statutory prices are given for its first years and hold thereafter, EUR/t."""
    s = small_state(years=len(announced))
    s.market.announced, s.market.statutory = announced, statutory
    return s


@pytest.mark.parametrize(
    ("statutory", "year", "largest"),
    [
        ((100, 112, 140, 151, 200), 1, 1.2),  # scales 1.2, 2, 1.7, 2.5 of uplifts 10, 20, 30, 40
        ((100, 112, 140, 151, 200), 2, 1.7),  # the bound of year 1 has passed
        ((100, 130, 160, 190, 180), 0, 2.0),  # the last year binds
        ((100, 130, 110, 190, 220), 0, 1.0),  # 0.5 in year 2: a ratchet lowers no price
        ((100, 105, 160, 190, 220), 0, 1.0),  # 0.5 in year 1
        ((100, 130, 100, 190, 220), 0, 1.0),  # no uplift at all is allowed in year 2
        ((100, 100, 160, 190, 220), 0, 1.0),
    ],
)
def test_the_tightest_year_to_come_bounds_the_scale_of_the_uplift(statutory, year, largest):
    assert statutory_scale(bounded((100, 110, 120, 130, 140), statutory), 0, year) == pytest.approx(largest)


def test_an_uplift_of_half_a_euro_is_bounded_too_and_a_flat_path_is_not():
    assert statutory_scale(bounded((100, 100.5, 110), (100, 100.75, 140)), 0, 0) == pytest.approx(1.5)
    assert statutory_scale(bounded((100, 100, 100), (100, 120, 140)), 0, 0) == math.inf


def test_a_bound_that_has_passed_holds_no_ratchet_back():
    s = bounded((100, 110, 120, 130), (100, 110, 160, 190))
    s.market.target = 1.0
    for t, scale in ((4, 1.0), (8, 1.1)):  # held in year 1; then 1 + 0.5 * 1 * 0.2
        review_government(s, 0, t)
        assert s.governments[0].price_scale == pytest.approx(scale)


# Elections.


def test_no_reversal_is_more_than_certain():
    s = small_state(reversal_probability=0.4)
    s.market.in_force = 10_000.0
    assert reversal_chance(s, 0, 5) == 1.0


@pytest.mark.parametrize(("more", "reversed_policy"), [(0.0, False), (1e-9, True)])
def test_a_draw_equal_to_the_chance_reverses_nothing(more, reversed_policy):
    """An uplift of 60 EUR/t without abatement makes the chance the parameter's."""
    s = small_state()
    s.governments[0].reversal_exposed, s.governments[0].first_election = 1, 5
    s.market.in_force = 160.0
    s.parameters.reversal_probability = uniform(1, 0, ELECTION, s.governments[0].id, 5) + more
    assert bool(reverses(s, 0, 5)) == reversed_policy


def test_every_exposed_government_may_reverse_and_each_reversal_is_counted():
    s = small_state(reversal_probability=0.4)
    s.governments.reversal_exposed, s.governments.first_election, s.market.in_force = 1, 5, 10_000.0
    hold_elections(s, 5)
    assert s.governments.reversals.tolist() == [1, 1, 1]
    assert s.account.reversals.tolist() == [3.0, 0.0]


def test_a_reversal_is_told_once_and_the_year_after_it_counts_as_kept():
    s = small_state(reversal_depth=0.3)
    for t in range(8):
        if t == 1:
            reverse(s, 2, t)
        observe_governments(s, t)
    assert s.governments.broken_now[:, 0].tolist() == pytest.approx([0.0, 0.0, 1.2])  # 4 * 0.3
    assert s.governments.kept_now[:, 0].tolist() == [2.0, 2.0, 1.0]


# Adoption.


@pytest.mark.parametrize(
    ("instrument", "number", "slot"),
    [(1, 0b0111, 17), (3, 0b0111, 19), (5, 0b0110, 17), (13, 0b0100, 17)],  # 7 with the whole fours 0, 0, 1, 3 turned over
)
def test_every_instrument_has_luck_of_its_own(instrument, number, slot):
    s = small_state(spontaneous_adoption_per_year=0.7)
    s.governments[1].id = 0b0111
    answers = []
    for run in range(60):
        s.world[0].run = run
        answers.append(bool(adopts(s, 1, instrument, 4)))
    assert answers == [uniform(1, run, ADOPTION, np.uint64(number), slot) < 1 - math.exp(-0.7) for run in range(60)]


@pytest.mark.parametrize(("more", "adopted"), [(0.0, False), (1e-9, True)])
def test_a_draw_equal_to_the_probability_adopts_nothing(more, adopted):
    """Of the hazards -ln(1 - draw), whose probability is the draw, one that meets it to the last bit."""
    s = small_state()
    draws = [uniform(1, run, ADOPTION, s.governments[1].id, 16) for run in range(60)]
    run = next(run for run, draw in enumerate(draws) if 1.0 - math.exp(math.log1p(-draw)) == draw)
    s.world[0].run, s.parameters.spontaneous_adoption_per_year = run, -math.log1p(-draws[run]) + more
    assert bool(adopts(s, 1, place_of(CCFD), 4)) == adopted


@pytest.mark.parametrize(("instrument", "learns"), [(GUARANTEE, True), (CCFD, False)])
def test_a_government_looks_up_the_very_instrument_at_its_peer(instrument, learns):
    s = small_state(governments=4, peer_ties=1, peer_adoption_per_year=1e9, spontaneous_adoption_per_year=0.0)
    s.policy.peer_learning, s.governments.gap_fell = 1.0, 1
    tie = s.peer_ties[0]
    tie.observer, tie.peer, tie.instrument, tie.weight = 1, 3, place_of(GUARANTEE), 1.0
    adoption(s, 3, instrument).strength = 0.5
    assert bool(adopts(s, 1, place_of(GUARANTEE), 4)) == learns


def test_what_is_noted_waits_for_the_end_of_the_review():
    s = small_state()
    note_adoption(s, 1, place_of(GUARANTEE))
    assert (adoption(s, 1, GUARANTEE).pending, adoption(s, 1, GUARANTEE).strength) == (1, 0.0)
    assert s.adoptions.pending.sum() == 1


def test_a_government_alone_adopts_its_first_instrument_to_the_end_of_the_horizon():
    s = small_state(governments=1, spontaneous_adoption_per_year=1e9)
    adopt_instruments(s, 8)
    assert s.adoptions.strength.tolist() == [100.0, 0.76, 1.0, 0.4]
    assert s.policy.ccfd_budget_meur_per_year.tolist() == [0.0] * 2 + [100.0] * 24
    assert not s.adoptions.pending.any()


def test_what_is_adopted_holds_where_the_government_has_the_duty():
    s = small_pair(spontaneous_adoption_per_year=1e9)
    s.pacts[1].support_government, s.adoptions.may_adopt = 3, 0
    adoption(s, 3, CCFD).may_adopt = 1
    adopt_instruments(s, 8)
    assert s.policy.ccfd_budget_meur_per_year.tolist() == [0.0] * 28 + [100.0] * 24
