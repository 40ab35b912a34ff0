"""R2: edges of votes, modes and seasons, and two clusters beside each other."""

import numpy as np
import pytest

from clusterpact.agents.pact import carries_vote, cast_votes, is_season, run_pact, run_pacts, votes_for_rules
from clusterpact.agents.vocabulary import ANCHOR, MAJORITY, ORCHESTRATOR, UNANIMITY
from clusterpact.sim.state import ARRAYS, State
from tests.worlds.small import small_state


def voted(votes, emissions, mode=MAJORITY):
    """A pact whose members have voted so, at these emissions."""
    s = small_state(firms=len(votes))
    s.firms.vote, s.firms.baseline_kt = votes, emissions
    s.pacts[0].mode = s.pacts[0].own_mode = mode
    return s


@pytest.mark.parametrize(("mean_trust", "vote"), [(0.75, True), (0.76, False)])
def test_a_firm_that_keeps_its_word_just_as_well_as_others_votes_for_rules(mean_trust, vote):
    s = small_state()  # capability 0.5: 1 - 0.5^2
    s.pacts[0].mean_trust = mean_trust
    assert bool(votes_for_rules(s, 0, 0)) is vote


def test_a_vote_of_last_quarter_does_not_bind_a_firm_that_changed_its_mind():
    s = voted([1, 1], [1000.0, 1000.0])
    s.firms.capability, s.pacts[0].mean_trust = [0.2, 0.6], 0.5  # 0.36 and 0.84
    cast_votes(s, 1)
    assert s.firms.vote.tolist() == [0, 1]


@pytest.mark.parametrize(("yes", "carried"), [(499.5, False), (500.0, True)])
def test_half_of_emissions_is_enough_and_a_little_less_is_not(yes, carried):
    assert bool(carries_vote(voted([1, 0], [yes, 1000.0 - yes]), 0)) is carried


def test_a_small_emitter_can_withhold_unanimity():
    assert not carries_vote(voted([1, 0], [1000.0, 0.5], UNANIMITY), 0)


@pytest.mark.parametrize(
    ("monitoring", "sanctions", "adopted", "transparency", "sanction"),
    [(0.0, 0.0, 0, 0.3, 0.0), (0.2, 0.0, 1, 0.5, 0.0), (0.0, 0.4, 1, 0.3, 0.02), (0.2, 0.4, 1, 0.5, 0.02)],
)
def test_members_adopt_what_is_proposed_to_them_and_nothing_else(monitoring, sanctions, adopted, transparency, sanction):
    s = voted([1, 1], [1000.0, 1000.0])
    s.policy.monitoring, s.policy.sanctions = monitoring, sanctions
    run_pact(s, 0, 0)
    pact = s.pacts[0]
    assert (pact.rules_adopted, pact.transparency, pact.sanction) == pytest.approx((adopted, transparency, sanction))


@pytest.mark.parametrize("mode", [UNANIMITY, MAJORITY, ANCHOR])
def test_a_policy_may_set_any_mode_without_an_office(mode):
    s = voted([1], [1000.0], MAJORITY if mode == ANCHOR else ANCHOR)
    s.policy.governance_mode = mode
    run_pact(s, 0, 0)
    assert (s.pacts[0].mode, s.account[0].orchestrator_meur) == (mode, 0.0)


@pytest.mark.parametrize(("by_policy", "strength"), [(True, 0.0), (True, 0.5), (False, 0.0)])
def test_a_pact_in_the_mode_of_an_orchestrator_has_a_whole_office(by_policy, strength):
    s = voted([0], [1000.0], MAJORITY if by_policy else ORCHESTRATOR)
    s.policy.governance_mode, s.policy.orchestrator = ORCHESTRATOR if by_policy else -1, strength
    run_pact(s, 0, 0)
    assert s.pacts[0].mode == ORCHESTRATOR
    assert s.pacts[0].transparency == pytest.approx(0.3 + 0.4)
    assert s.account[0].orchestrator_meur == pytest.approx(3.4 / 4)


def test_the_first_season_is_one():
    s = small_state()
    s.networks[0].first_season = 5
    assert [t for t in range(12) if is_season(s, s.networks[0], t)] == [5, 9]


@pytest.mark.parametrize("votes", [[1, 0], [0, 1]])
def test_every_pact_counts_the_votes_of_its_own_members(votes):
    one = small_state()
    arrays = {name: getattr(one, name) for name in ARRAYS}
    s = State(**(arrays | {name: np.repeat(arrays[name], 2) for name in ("pacts", "policy")}))
    s.pacts.first_firm, s.pacts.n_firms = [0, 1], 1
    s.firms.cluster, s.firms.vote = [0, 1], votes
    s.policy.monitoring = 0.4
    run_pacts(s, 0)
    assert s.pacts.rules_adopted.tolist() == votes


def test_every_network_holds_its_own_seasons():
    s = small_state(networks=3)
    s.networks.first_season, s.networks.season = [4, 8, 4], [0, 1, 0]
    run_pacts(s, 5)
    assert s.networks.season.tolist() == [1, 0, 1]
    run_pacts(s, 6)
    assert s.networks.season.tolist() == [0, 0, 0]
