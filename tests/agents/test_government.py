"""R6: announced prices, the ratchet, reversals, and what governments adopt from peers."""

import math

import numpy as np
import pytest

from clusterpact.agents.chance import ADOPTION, ELECTION, uniform
from clusterpact.agents.expectations import announced_price
from clusterpact.agents.governments import (
    adopts,
    announce_prices,
    clusters_abated_share,
    hold_elections,
    observe_governments,
    reversal_chance,
    reverse,
    review_government,
)
from clusterpact.agents.support import contract_budget, instrument_levels, network_guarantee, policy_of
from clusterpact.agents.theories import ADOPTION_SOLITARY
from clusterpact.agents.trust import trust, update_trust
from clusterpact.sim.kernel import start_run
from tests.worlds.small import adoption, place_of, review, small_state

RUNS = range(400)


def rising(**parameters):
    """The announced price rises by 10 EUR/t a year from 100, its statutory bound by 20."""
    s = small_state(**parameters)
    s.market.announced = 100.0 + 10.0 * np.arange(26)
    s.market.statutory = 100.0 + 20.0 * np.arange(26)
    announce_prices(s, 0)
    return s


def test_the_announced_price_holds_its_last_year_beyond_the_horizon():
    s = rising()
    assert announced_price(s, 0, 3) == pytest.approx(130.0)
    assert announced_price(s, 0, 60) == pytest.approx(350.0)


@pytest.mark.parametrize(("scale", "price"), [(0.7, 128.0), (1.0, 140.0), (1.5, 160.0), (3.0, 180.0)])
def test_ratchets_and_reversals_scale_the_uplift_up_to_the_statutory_path(scale, price):
    s = rising()
    s.governments[0].price_scale = scale
    announce_prices(s, 0)
    assert announced_price(s, 0, 4) == pytest.approx(price)


def test_a_price_path_gives_way_to_a_reversal_but_a_floor_does_not():
    s = rising()
    s.policy.carbon_price_path_eur_per_t, s.policy.carbon_price_floor_eur_per_t = 300.0, 150.0
    announce_prices(s, 0)
    assert announced_price(s, 0, 0) == pytest.approx(300.0)
    s.governments[0].price_scale = 0.4
    announce_prices(s, 0)
    assert announced_price(s, 0, 0) == pytest.approx(150.0)


@pytest.mark.parametrize(("abated", "scale"), [(0.1, 1 + 0.5 * 0.4 * 0.2), (0.5, 1.0), (0.9, 1.0)])
def test_the_ratchet_follows_the_gap_to_the_milestone(abated, scale):
    s = small_state()
    s.market.target, s.pacts.abated_share = 0.5, abated
    review(s, 4)
    assert s.governments[0].price_scale == pytest.approx(scale)
    assert s.governments[0].gap == pytest.approx(max(0.0, 0.5 - abated))


def test_policy_is_reviewed_in_january_but_not_in_the_first_quarter():
    s = small_state()
    s.market.target = 0.5
    for t, ratchets in ((0, 0), (1, 0), (4, 1), (5, 1), (8, 2)):
        review(s, t)
        assert s.governments[0].price_scale == pytest.approx(1.05**ratchets)  # gap 0.5: 1 + 0.5 * 0.5 * 0.2


def test_only_the_government_that_sets_the_carbon_price_ratchets_it():
    s = small_state()
    s.market.target = 0.5
    review_government(s, 1, 4)
    assert s.governments[0].price_scale == 1.0


def test_shared_milestones_stand_between_published_ones():
    s = small_state()
    s.market.target, s.market.shared_target, s.policy.shared_milestones = 0.2, 0.6, 0.5
    review_government(s, 0, 4)
    assert s.governments[0].gap == pytest.approx(0.4)


def test_abatement_of_clusters_is_weighted_and_nil_where_nothing_is_emitted():
    s = small_state()
    s.pacts.abated_share = 0.3
    assert clusters_abated_share(s, 0) == pytest.approx(0.3)
    s.pacts.baseline_kt = 0.0
    assert clusters_abated_share(s, 0) == 0.0


# Elections.


def test_the_chance_of_a_reversal_grows_with_the_uplift_and_falls_with_abatement_and_lock_in():
    s = rising(reversal_probability=0.15)
    s.pacts.abated_share = 0.2
    s.policy.lock_in = 0.5
    assert reversal_chance(s, 0, 4 * 9) == pytest.approx(0.15 * 0.5 * 0.8 * 90 / 60)


@pytest.mark.parametrize(("lock_in", "uplift_year"), [(1.0, 9), (0.0, 0)])
def test_nothing_is_reversed_under_full_lock_in_or_without_uplift(lock_in, uplift_year):
    s = rising(reversal_probability=0.4)
    s.policy.lock_in = lock_in
    assert reversal_chance(s, 0, 4 * uplift_year) == 0.0


def test_elections_come_every_sixteen_quarters_and_reverse_with_their_chance():
    s = rising(reversal_probability=0.4)
    s.governments[0].reversal_exposed, s.governments[0].first_election = 1, 9
    for t in (8, 9, 10, 25, 41):
        chance = 0.4 * 10 * (t // 4) / 60 if t in (9, 25, 41) else 0.0
        for run in RUNS[:60]:
            fresh = s.copy()
            fresh.world[0].run = run
            hold_elections(fresh, t)
            drawn = uniform(1, run, ELECTION, s.governments[0].id, t) < chance
            assert fresh.governments[0].reversals == int(drawn)


def test_a_government_that_is_not_exposed_never_reverses():
    s = rising(reversal_probability=0.4)
    s.market.in_force = 10_000.0
    s.governments.first_election = 1
    hold_elections(s, 1)
    assert not s.governments.reversals.any()


def test_a_reversal_takes_its_share_of_the_uplift_and_freezes_awards_for_a_year():
    s = rising(reversal_depth=0.3)
    s.policy.grant_share, s.policy.ccfd_budget_meur_per_year, s.policy.infrastructure_guarantee_share = 0.4, 100.0, 0.5
    reverse(s, 0, 9)
    assert instrument_levels(s, s.firms[0], 9)[0] == 0.4  # another government awards support
    reverse(s, 1, 9)
    announce_prices(s, 0)
    assert announced_price(s, 0, 4) == pytest.approx(100 + 0.7 * 40)
    for t, frozen in ((9, True), (12, True), (13, False)):
        levels = (
            instrument_levels(s, s.firms[0], t)[0],
            contract_budget(s, 0, t),
            network_guarantee(s, s.networks[0], 300.0, t),
        )
        assert levels == ((0.0, 0.0, 0.0) if frozen else (0.4, 100.0, 0.5))


def test_a_signed_contract_outlives_a_reversal():
    s = rising()
    s.firms[0].running_strike, s.firms[0].running_until = 150.0, 60
    reverse(s, 1, 9)
    review(s, 9)
    assert (s.firms[0].running_strike, s.firms[0].running_until) == (150.0, 60)


def test_a_reversal_lowers_the_price_even_after_many_ratchets():
    s = rising()
    s.market.target = 1.0
    for t in range(4, 80, 4):
        review(s, t)
    before = announced_price(s, 0, 20)
    assert before == pytest.approx(500.0)  # at its statutory bound
    reverse(s, 0, 81)
    announce_prices(s, 0)
    assert announced_price(s, 0, 20) == pytest.approx(100 + 0.7 * (before - 100))


def test_a_reversal_is_one_broken_promise_of_four_times_its_depth():
    s = small_state(reversal_depth=0.3, breach_weight=2.0)
    reverse(s, 0, 9)
    observe_governments(s, 9)
    assert list(s.governments[0].broken_now) == pytest.approx([1.2, 1.2, 0.6, 0.6])
    update_trust(s, 9)
    assert trust(s.governments[0].kept[0], s.governments[0].broken[0], 0.5) == pytest.approx(1 / (2 * 1.2 + 2))


def test_a_year_without_reversal_is_a_kept_announcement():
    s = small_state()
    for t in range(8):
        observe_governments(s, t)
    assert s.governments[0].kept_now[0] == 2.0


def test_a_year_with_a_reversal_is_not_also_a_kept_announcement():
    s = small_state()
    for t in range(4):
        if t == 1:  # elections are held in second quarters
            reverse(s, 0, t)
        observe_governments(s, t)
    assert s.governments[0].kept_now[0] == 0.0


# Adoption.


CCFD, GUARANTEE = "ccfd_budget_meur_per_year", "infrastructure_guarantee_share"


def answers_of(s, g, instrument, t=4):
    k = place_of(instrument)
    answers = []
    for run in RUNS:
        s.world[0].run = run
        answers.append(bool(adopts(s, g, k, t)))
    draws = [uniform(1, run, ADOPTION, s.governments[g].id, 4 * t + k) for run in RUNS]
    return answers, draws


def peers(count=4, **parameters):
    s = small_state(governments=count, peer_ties=1, **parameters)
    tie(s, 0, 1, 3, CCFD, 0.5)
    adoption(s, 3, CCFD).strength, s.governments[3].gap_fell = 60.0, 1
    return s


def tie(s, e, observer, peer, instrument, weight):
    """A tie through which a government sees a peer's instrument."""
    s.peer_ties[e].observer, s.peer_ties[e].peer = observer, peer
    s.peer_ties[e].instrument, s.peer_ties[e].weight = place_of(instrument), weight


def test_instruments_are_adopted_at_a_spontaneous_hazard():
    answers, draws = answers_of(small_state(spontaneous_adoption_per_year=0.3), 1, CCFD)
    assert answers == [draw < 1 - math.exp(-0.3) for draw in draws]


@pytest.mark.parametrize(("platform", "fell", "hazard"), [(1.0, 1, 1.02), (0.5, 1, 0.52), (0.0, 1, 0.02), (1.0, 0, 0.02)])
def test_peers_that_succeeded_raise_the_hazard_on_a_platform(platform, fell, hazard):
    s = peers(peer_adoption_per_year=2.0)
    s.policy.peer_learning, s.governments[3].gap_fell = platform, fell
    answers, draws = answers_of(s, 1, CCFD)
    assert answers == [draw < 1 - math.exp(-hazard) for draw in draws]


def test_a_government_learns_only_what_its_peer_adopted():
    s = peers(peer_adoption_per_year=1e9, spontaneous_adoption_per_year=0.0)
    s.policy.peer_learning = 1.0
    assert all(answers_of(s, 1, CCFD)[0])
    assert not any(answers_of(s, 1, GUARANTEE)[0])
    assert not any(answers_of(s, 0, CCFD)[0])


def test_a_tie_carries_only_the_instrument_that_it_is_for():
    s = peers(peer_adoption_per_year=1e9, spontaneous_adoption_per_year=0.0)
    s.policy.peer_learning, s.adoptions.strength = 1.0, 1.0
    tie(s, 0, 1, 3, GUARANTEE, 0.5)
    assert all(answers_of(s, 1, GUARANTEE)[0])
    assert not any(answers_of(s, 1, CCFD)[0])


def test_a_theory_without_peers_leaves_the_spontaneous_hazard():
    s = peers(peer_adoption_per_year=1e9, spontaneous_adoption_per_year=0.3)
    s.policy.peer_learning, s.world.adoption_rule = 1.0, ADOPTION_SOLITARY
    answers, draws = answers_of(s, 1, CCFD)
    assert answers == [draw < 1 - math.exp(-0.3) for draw in draws]


def test_each_instrument_is_adopted_at_its_typical_strength_by_the_government_in_charge():
    s = small_state(spontaneous_adoption_per_year=1e9)
    review(s, 4)
    assert s.adoptions.strength.reshape(3, -1).tolist() == [[0, 0, 0, 0], [100, 0.76, 0, 0], [0, 0, 1, 0.4]]
    assert network_guarantee(s, s.networks[0], 300.0, 4) == 0.76
    assert contract_budget(s, 0, 4) == 100.0
    assert policy_of(s, 0, 4).orchestrator == 1.0
    assert policy_of(s, 0, 4).monitoring == 0.4


def test_what_is_adopted_holds_from_that_year_on_and_takes_nothing_from_a_stronger_package():
    s = small_state(spontaneous_adoption_per_year=1e9)
    s.policy.ccfd_budget_meur_per_year[3] = 250.0
    review(s, 8)
    assert s.policy.ccfd_budget_meur_per_year[:5].tolist() == [0.0, 0.0, 100.0, 250.0, 100.0]


def test_a_run_starts_without_what_another_one_adopted():
    s = small_state(spontaneous_adoption_per_year=1e9)
    template = s.copy()
    review(s, 4)
    start_run(s, template, 1, template.parameters_words)
    assert not s.adoptions.strength.any()
    assert not s.policy.ccfd_budget_meur_per_year.any()


def test_what_a_peer_adopts_this_year_is_seen_next_year():
    s = small_state(governments=3, peer_ties=2, peer_adoption_per_year=1e9, spontaneous_adoption_per_year=0.0)
    s.governments.gap, s.policy.peer_learning, s.market.target = 0.9, 1.0, 0.5
    for g in range(3):
        adoption(s, g, CCFD).may_adopt = 1
    adoption(s, 0, CCFD).strength, s.governments.gap_fell = 100.0, 1
    for e in range(2):
        tie(s, e, e + 1, e, CCFD, 1.0)
    review(s, 4)
    assert [adoption(s, g, CCFD).strength for g in range(3)] == [100.0, 100.0, 0.0]
