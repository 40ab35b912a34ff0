"""R1: trust is a Beta reputation with memory, asymmetry and imperfect sight."""

import pytest

from clusterpact.agents.trust import (
    firm_trust_in_price,
    lender_trust_in_policy,
    peer_norm,
    remember,
    success_of,
    trust,
    trust_line,
    update_trust,
)
from clusterpact.agents.trust import testify as give_testimony
from clusterpact.agents.vocabulary import BY_FINANCIER, BY_FIRM, BY_GOVERNMENT, BY_OPERATOR
from tests.worlds.pair import small_pair
from tests.worlds.small import small_state

MEMORY = 0.97
YEAR = MEMORY**4


def after_yearly_promises(firm, kept_years, breach_weight=2.0):
    """Quarter by quarter, one kept promise in the last quarter of every year."""
    for quarter in range(4 * kept_years):
        firm.kept_now[BY_FIRM] = 1.0 if quarter % 4 == 3 else 0.0
        remember(firm, MEMORY, breach_weight)


def test_without_evidence_trust_is_the_base_rate():
    assert trust(0.0, 0.0, 0.3) == pytest.approx(0.3)
    assert trust(0.0, 0.0, 0.95) == pytest.approx(0.95)


@pytest.mark.parametrize(("kept", "broken"), [(0, 0), (1, 0), (0, 1), (5, 3), (40, 2)])
def test_without_asymmetry_and_forgetting_trust_is_josang_and_ismails_mean(kept, broken):
    firm = small_state().firms[0]
    for outcome, times in ((1.0, kept), (0.0, broken)):
        for _ in range(times):
            give_testimony(firm, outcome, 1.0, 0b0001, True, 0.5)
            remember(firm, 1.0, 1.0)
    expected = (kept + 1) / (kept + broken + 2)
    assert trust(firm.kept[BY_FIRM], firm.broken[BY_FIRM], 0.5) == pytest.approx(expected)


def test_five_yearly_kept_promises_lift_trust_from_50_to_83_percent():
    firm = small_state().firms[0]
    after_yearly_promises(firm, 5)
    evidence = 1 + YEAR + YEAR**2 + YEAR**3 + YEAR**4  # 3.975: promises 0 to 4 years old
    assert firm.kept[BY_FIRM] == pytest.approx(evidence)
    assert round(trust(firm.kept[BY_FIRM], 0.0, 0.5), 2) == 0.83  # (3.975 + 1) / (3.975 + 2)


@pytest.mark.parametrize(("breach_weight", "expected"), [(1.0, 0.71), (2.0, 0.62), (4.0, 0.50)])
def test_one_broken_promise_then_costs_more_trust_the_more_breaches_weigh(breach_weight, expected):
    firm = small_state().firms[0]
    after_yearly_promises(firm, 5)
    kept, broken = firm.kept[BY_FIRM], breach_weight * 1.0  # no forgetting between: 4.975 / (3.975 + kappa + 2)
    assert trust(kept, broken, 0.5) == pytest.approx((kept + 1) / (kept + broken + 2))
    assert round(trust(kept, broken, 0.5), 2) == expected


@pytest.mark.parametrize(("breach_weight", "promises"), [(1.0, 6), (2.0, 10), (4.0, 14)])
def test_recovery_from_one_broken_promise_is_slower_than_the_loss(breach_weight, promises):
    firm = small_state().firms[0]
    after_yearly_promises(firm, 5)
    before = trust(firm.kept[BY_FIRM], firm.broken[BY_FIRM], 0.5)
    firm.broken_now[BY_FIRM] = 1.0
    remember(firm, MEMORY, breach_weight)
    years = 0
    while trust(firm.kept[BY_FIRM], firm.broken[BY_FIRM], 0.5) < before:
        after_yearly_promises(firm, 1, breach_weight)
        years += 1
    assert years == promises  # model.md R1


def test_a_broken_promise_weighs_kappa_times_a_kept_one():
    firm = small_state().firms[0]
    firm.kept_now[:] = 1.0
    firm.broken_now[:] = 1.0
    remember(firm, MEMORY, 2.0)
    assert list(firm.kept) == [1.0] * 4
    assert list(firm.broken) == [2.0] * 4


def test_evidence_counts_once_and_fades_by_the_memory_per_quarter():
    firm = small_state().firms[0]
    firm.kept_now[:], firm.broken_now[:] = 1.0, 0.5
    for _ in range(3):
        remember(firm, 0.9, 2.0)
    assert firm.kept[BY_FIRM] == pytest.approx(0.81)  # 1 * 0.9^2
    assert firm.broken[BY_FIRM] == pytest.approx(0.81)  # 2 * 0.5 * 0.9^2
    assert not firm.kept_now.any()
    assert not firm.broken_now.any()


def test_trust_without_upkeep_decays_to_the_base_rate():
    firm = small_state().firms[0]
    firm.kept[BY_FIRM] = 10.0
    for _ in range(1000):
        remember(firm, MEMORY, 2.0)
    assert trust(firm.kept[BY_FIRM], 0.0, 0.4) == pytest.approx(0.4)


def test_a_broken_promise_that_stays_private_is_seen_by_direct_counterparties_only():
    firm = small_state().firms[0]
    give_testimony(firm, 0.0, 1.0, 1 << BY_OPERATOR, False, 0.5)
    assert list(firm.broken_now) == [0.0, 0.0, 0.0, 1.0]
    assert not firm.kept_now.any()


def test_a_public_breach_reaches_third_parties_at_the_witness_discount():
    firm = small_state().firms[0]
    give_testimony(firm, 0.0, 4.0, (1 << BY_OPERATOR) | (1 << BY_FINANCIER), True, 0.5)
    assert list(firm.broken_now) == [2.0, 4.0, 2.0, 4.0]


def test_a_kept_promise_is_seen_by_all_even_if_breaches_stay_private():
    firm = small_state().firms[0]
    give_testimony(firm, 1.0, 1.0, 1 << BY_GOVERNMENT, False, 0.5)
    assert list(firm.kept_now) == [0.5, 0.5, 1.0, 0.5]


def test_a_promise_kept_in_part_splits_into_kept_and_broken():
    firm = small_state().firms[0]
    give_testimony(firm, 0.75, 2.0, 0b1111, True, 0.5)
    assert list(firm.kept_now) == [1.5] * 4
    assert list(firm.broken_now) == [0.5] * 4


def test_trust_is_a_line_in_the_disposition_of_the_observer():
    intercept, slope = trust_line(3.0, 1.0)
    assert (intercept, slope) == pytest.approx((0.5, 1 / 3))  # 3 / 6 and 2 / 6
    assert intercept + slope * 0.2 == pytest.approx(trust(3.0, 1.0, 0.2))


def test_the_norm_is_the_trust_weighted_share_of_peers_that_succeeded_less_those_that_failed():
    s = small_state(firms=4, trust_memory=1.0)
    s.firms[1].fid_quarter = 3
    s.firms[1].kept[BY_FIRM] = 2.0  # trusted (2 + 1) / (2 + 2) = 3/4
    s.firms[2].failures = 1
    s.firms[2].broken[BY_FIRM] = 2.0  # trusted 1 / 4
    update_trust(s, 0)
    assert peer_norm(s, 0) == pytest.approx((0.75 - 0.25) / (0.75 + 0.25 + 0.5))


def test_the_norm_leaves_out_the_firms_own_success():
    s = small_state(firms=2)
    s.firms[0].fid_quarter = 0
    update_trust(s, 0)
    assert peer_norm(s, 0) == pytest.approx(0.0)
    assert peer_norm(s, 1) == pytest.approx(1.0)


def test_a_norm_of_failures_is_zero_not_negative():
    s = small_state(firms=3)
    s.firms[1].failures = s.firms[2].failures = 1
    update_trust(s, 0)
    assert peer_norm(s, 0) == 0.0


def test_a_lone_firm_has_no_norm():
    s = small_state(firms=1)
    s.firms[0].fid_quarter = 0
    update_trust(s, 0)
    assert peer_norm(s, 0) == 0.0


def test_peers_do_not_look_at_an_inert_firm():
    s = small_state(firms=3)
    s.firms[1].visibility, s.firms[1].failures = 0.0, 1
    s.firms[2].fid_quarter = 0
    update_trust(s, 0)
    assert peer_norm(s, 0) == pytest.approx(1.0)


def test_a_firm_that_failed_and_decided_again_counts_as_a_success():
    firm = small_state().firms[0]
    firm.failures = 1
    assert success_of(firm) == -1.0
    firm.fid_quarter = 20
    assert success_of(firm) == 1.0


def test_mean_trust_in_members_is_weighted_by_emissions_and_uses_the_base_rate():
    s = small_state(firms=2, base_rate_trust=0.6, trust_memory=1.0)
    s.firms[0].baseline_kt, s.firms[1].baseline_kt = 1500.0, 500.0
    s.firms[0].kept[BY_FIRM] = 2.0  # (2 + 1.2) / 4 = 0.8
    update_trust(s, 0)
    assert s.pacts[0].mean_trust == pytest.approx(0.75 * 0.8 + 0.25 * 0.6)


def test_capability_of_adopters_is_the_mean_over_firms_that_decided():
    s = small_state(firms=3)
    s.firms.capability = [0.9, 0.5, 0.1]
    s.firms[0].fid_quarter = s.firms[1].fid_quarter = 2
    update_trust(s, 3)
    assert s.pacts[0].adopters_capability == pytest.approx(0.7)


def test_zero_reputation_gives_zero_evidence_and_finite_trust():
    s = small_state(base_rate_trust=0.3)
    s.firms.disposition = 0.05
    update_trust(s, 0)
    assert firm_trust_in_price(s, s.firms[0]) == pytest.approx(0.05)
    assert s.pacts[0].mean_trust == pytest.approx(0.3)


def test_a_lenders_trust_in_policy_is_its_mean_trust_in_the_three_governments():
    s = small_state(financiers=2, trust_memory=1.0)
    s.financiers[1].disposition = 0.2
    s.governments[0].broken[BY_FINANCIER] = 2.0
    update_trust(s, 0)
    assert lender_trust_in_policy(s, 0, 0) == pytest.approx((0.25 + 0.5 + 0.5) / 3)  # 1 / 4, base rate, base rate
    assert lender_trust_in_policy(s, 0, 1) == pytest.approx((0.1 + 0.2 + 0.2) / 3)  # 0.4 / 4, base rate, base rate


@pytest.mark.parametrize("agents", ["firms", "networks", "governments"])
def test_a_quarters_evidence_enters_the_reputation_of_every_promiser(agents):
    s = small_state(firms=3, networks=3, trust_memory=0.9, breach_weight=2.0)
    promisers = getattr(s, agents)
    promisers.kept[:, BY_FIRM], promisers.kept_now[:, BY_FIRM] = [1.0, 2.0, 3.0], [0.5, 0.25, 0.0]
    promisers.broken[:, BY_FIRM], promisers.broken_now[:, BY_FIRM] = 10.0, [1.0, 0.0, 4.0]
    update_trust(s, 0)
    assert promisers.kept[:, BY_FIRM].tolist() == pytest.approx([1.4, 2.05, 2.7])  # 0.9 * 1 + 0.5, 0.9 * 2 + 0.25, 0.9 * 3
    assert promisers.broken[:, BY_FIRM].tolist() == pytest.approx([11.0, 9.0, 17.0])  # 0.9 * 10 + 2 * 1, 0, 4
    assert not promisers.kept_now.any()
    assert not promisers.broken_now.any()


def test_sums_over_peers_are_those_of_each_cluster_and_made_anew_every_quarter():
    s = small_pair(firms=4, trust_memory=1.0, base_rate_trust=0.6)
    s.firms.kept[:, BY_FIRM], s.firms.broken[:, BY_FIRM] = [2.0, 1.0, 6.0, 0.0], [0.0, 1.0, 0.0, 2.0]
    s.firms.baseline_kt, s.pacts.baseline_kt = [1500.0, 500.0, 400.0, 600.0], [2000.0, 1000.0]
    s.firms.capability = [0.9, 0.8, 0.7, 0.3]
    s.firms[0].fid_quarter, s.firms[2].failures, s.firms[3].fid_quarter = 5, 1, 5  # succeeded, failed, succeeded
    for t in range(3):
        update_trust(s, t)
    north, south = s.pacts  # trust is 0.5 + 0.5 a and 0.25 + 0.5 a; 0.75 + 0.25 a and 0.5 a
    assert north.watched.tolist() == pytest.approx([0.75, 1.0])
    assert south.watched.tolist() == pytest.approx([0.75, 0.75])
    assert north.succeeded.tolist() == pytest.approx([0.5, 0.5])
    assert south.succeeded.tolist() == pytest.approx([-0.75, 0.25])
    assert north.mean_trust == pytest.approx(0.75 * 0.8 + 0.25 * 0.55)
    assert south.mean_trust == pytest.approx(0.4 * 0.9 + 0.6 * 0.3)
    assert s.pacts.adopters_capability.tolist() == [0.9, 0.3]


def test_mean_trust_asks_for_emissions_however_small():
    s = small_pair(firms=2, base_rate_trust=0.6)
    s.firms.baseline_kt = s.pacts.baseline_kt = [0.5, 0.0]
    update_trust(s, 0)
    assert s.pacts.mean_trust.tolist() == pytest.approx([0.6, 0.0])


def test_no_rounding_lifts_a_norm_above_one():
    s = small_state(firms=4, trust_memory=1.0)
    s.firms[1:].fid_quarter = 3
    norms = []
    for quarter in range(60):
        s.firms.kept_now[:, BY_FIRM] = [0.1, 0.3, 0.7, 1.1]
        update_trust(s, quarter)
        norms.append(peer_norm(s, 0))
    assert norms == pytest.approx([1.0] * 60)
    assert max(norms) <= 1.0


def test_each_lender_trusts_the_governments_of_each_cluster_by_itself():
    s = small_pair(financiers=3, trust_memory=1.0)
    s.financiers.disposition = [0.2, 0.5, 0.8]
    s.governments[3].broken[BY_FINANCIER] = 2.0  # halves what they think of it; it governs the second pact
    update_trust(s, 0)
    trusts = [[lender_trust_in_policy(s, c, f) for f in range(3)] for c in range(2)]
    assert trusts[0] == pytest.approx([0.2, 0.5, 0.8])
    assert trusts[1] == pytest.approx([0.5 / 3, 1.25 / 3, 2.0 / 3])
