"""Trust in limiting cases: closed forms of trust, belief in a threshold and governments (model.md, section 7).

How numbers are worked out and compared: `tests/worlds/limits.py`.
"""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from clusterpact.agents.bookings import belief
from clusterpact.agents.vocabulary import CARBON, COMMITTED, IDLE, ORCHESTRATOR, PLEDGED
from clusterpact.sim.schedule import quarter
from tests.worlds.limits import (
    DEFAULTS,
    NUDGE,
    QUARTERS,
    RESOLUTE,
    YEARS,
    agree,
    annuity,
    partners,
    play,
    set_carbon_price,
    share_agrees,
    started,
    trust_of,
    world,
)
from tests.worlds.small import NEVER

pytestmark = pytest.mark.horizon

# Trust (R1)


def test_kept_and_broken_announcements_give_josang_and_ismails_mean():
    """Every election reverses policy; a reversal of a depth of 1/4 is one broken promise (size 4 * 1/4)."""
    s = world(governments=1, options_per_firm=1, trust_memory=1.0, breach_weight=1.0, reversal_depth=0.25,
              reversal_probability=1e9)  # fmt: skip
    set_carbon_price(s, 100.0 + 4.0 * np.arange(YEARS))
    s.governments.reversal_exposed, s.governments.first_election = 1, 9
    for t in play(started(s)):
        if t % 4 == 3:
            broken = len(range(9, t + 1, 16))  # elections so far; a year with one is not a kept year as well
            kept = (t + 1) // 4 - broken
            agree(s.account[0].trust_in_governments, (kept + 1) / (kept + broken + 2))
    assert (kept, broken) == (20, 6)


@pytest.mark.parametrize(("memory", "breach_weight"), [(1.0, 1.0), (0.97, 1.0), (0.97, 2.0), (0.93, 4.0)])
def test_trust_in_a_firm_is_the_beta_mean_of_its_fading_promises(memory, breach_weight):
    s = started(world(options_per_firm=1, trust_memory=memory, breach_weight=breach_weight, witness_discount=1.0))
    promises = np.random.default_rng(1).integers(0, 2, QUARTERS)
    for t in range(QUARTERS):
        s.firms[0].c1_due, s.firms[0].c1_honoured, s.pacts[0].transparency = t, promises[t], 1.0
        quarter(s, t)
        weights = memory ** np.arange(t, -1.0, -1.0)
        kept, broken = weights @ promises[: t + 1], breach_weight * (weights @ (1 - promises[: t + 1]))
        agree(s.pacts[0].mean_trust, (kept + 1) / (kept + broken + 2))
        if t % 4 == 3:
            agree(s.account[0].trust_in_firms, (kept + 1) / (kept + broken + 2))


def test_without_events_trust_returns_to_the_base_rate_geometrically():
    s = world(options_per_firm=1, trust_memory=0.93, base_rate_trust=0.4)
    s.firms.kept, s.firms.broken = 8.0, 3.0
    for t in play(started(s)):
        left = 0.93 ** (t + 1)
        agree(s.pacts[0].mean_trust, (8 * left + 2 * 0.4) / (11 * left + 2))
    assert s.pacts[0].mean_trust == pytest.approx(0.4, abs=1e-3)


def test_full_forgetting_remembers_this_quarter_only():
    s = started(world(options_per_firm=1, trust_memory=0.0, witness_discount=1.0))
    for t in range(8):
        s.firms[0].c1_due, s.firms[0].c1_honoured = (t, 1) if t % 2 else (NEVER, 0)
        quarter(s, t)
        agree(s.pacts[0].mean_trust, 2 / 3 if t % 2 else 1 / 2)  # (1 + 1) / (1 + 2), (0 + 1) / (0 + 2)


# Belief in the threshold (R2)


def test_the_belief_of_one_of_two_firms_is_the_normal_probability_of_its_partners_pledge():
    s = partners((IDLE, PLEDGED), (300.0, 400.0), kept=(0, 3), broken=(0, 1))
    pi = trust_of(s, 0, 3, 1)
    mean, variance = 300 + 400 * pi, 400**2 * pi * (1 - pi) + (0.05 * 800) ** 2  # Q* = 0.8 * 1,000
    agree(belief(s, 0, 0), norm.cdf((mean - 800) / math.sqrt(variance)))
    agree(belief(s, 1, 0), norm.cdf((400 - 800) / 40))  # nobody else promised: ten deviations short


@pytest.mark.parametrize("psi", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("theta", [0.5, 0.8, 1.0])
def test_the_belief_of_three_firms_is_the_normal_probability_of_a_pledge_and_a_commitment(psi, theta):
    volumes, kept, broken = (300.0, 400.0, 350.0), (1, 2, 5), (0, 4, 1)
    s = partners((IDLE, PLEDGED, COMMITTED), volumes, kept, broken, bindingness=psi, threshold_share=theta)
    threshold = theta * 1000.0
    for i in range(3):
        mean, variance = volumes[i], (0.05 * threshold) ** 2
        for j in {1, 2} - {i}:
            pi = trust_of(s, i, kept[j], broken[j])
            pi += (1 - pi) * psi if j == 2 else 0.0
            mean, variance = mean + volumes[j] * pi, variance + volumes[j] ** 2 * pi * (1 - pi)
        agree(belief(s, i, 0), norm.cdf((mean - threshold) / math.sqrt(variance)))


def test_belief_goes_to_one_without_a_threshold_and_to_zero_beyond_all_volume():
    agree(belief(partners((IDLE, IDLE), (300.0, 400.0), threshold_share=1e-9), 0, 0), 1.0)
    far = partners((IDLE, IDLE), (300.0, 400.0), threshold_share=1e9)  # ambiguity alone: 20 deviations short
    agree(belief(far, 0, 0), norm.cdf((300 - 1e12) / 5e10), relative=1e-10)  # which magnify rounding by 20 squared
    assert belief(far, 0, 0) < 1e-88


def test_without_a_threshold_a_doubtful_partner_still_takes_the_tail_of_the_normal_from_belief():
    """The volume of others is normal: below nothing with a probability of Phi(-mean / deviation), whatever one brings."""
    s = partners((IDLE, PLEDGED), (300.0, 400.0), threshold_share=1e-12)
    pi = s.firms[0].disposition
    agree(belief(s, 0, 0), norm.cdf((300 + 400 * pi) / (400 * math.sqrt(pi * (1 - pi)))))


@pytest.mark.parametrize("side", [-1, 1])
def test_published_bookings_and_certain_partners_leave_no_doubt_either_way(side):
    """300 own and 400 certain; no ambiguity with an orchestrator, so belief is a step at the threshold."""
    s = partners((IDLE, COMMITTED), (300.0, 400.0), mode=ORCHESTRATOR, bindingness=1.0,
                 threshold_share=0.7 * (1 - side * NUDGE))  # fmt: skip
    assert belief(s, 0, 0) == (1.0 if side > 0 else 0.0)


def test_splitting_the_others_at_equal_volume_converges_to_their_mean():
    """n equal pledges of 800 in all: the variance is that of one, divided by n."""
    gaps = []
    for n in (1, 4, 16, 64, 256, 1024):
        s = partners((IDLE,) + (PLEDGED,) * n, (300.0,) + (800.0 / n,) * n)
        pi = s.firms[0].disposition
        z = (300 + 800 * pi - 800) / math.sqrt(800**2 * pi * (1 - pi) / n + 40**2)
        agree(belief(s, 0, 0), norm.cdf(z))
        gaps.append(abs(belief(s, 0, 0) - norm.cdf((300 + 800 * pi - 800) / 40)))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < gaps[0] / 20


def signer(theta, pledged=True, **changes):
    """Firm 0 wants 500 of a network without a tariff; firm 1 pledged 600 and does nothing more. A season in quarter 1."""
    s = world(firms=2, networks=1, threshold_share=theta, counterparty_premium_pp=0.0, policy_premium_pp=0.0, **changes)
    s.options[1].volume[0], s.options[3].volume[0] = 500.0, 600.0
    s.networks.tariff_cap = 0.0
    if pledged:
        s.firms[1].stage, s.firms[1].candidate = PLEDGED, 3
    s.firms[1].n_options = 1
    return started(s)


def gain_at_100():
    """v of the plant at a flat 100 EUR/t and 11 %."""
    return 90.0 * annuity(0.11, 20) * 1.11**-2 / 100.0 - 1


@pytest.mark.parametrize("side", [-1, 1])
def test_a_firm_signs_exactly_above_the_belief_that_weighs_gain_and_development_cost(side):
    """P* = Lambda d / (U + Lambda d): the implicit threshold of a conditional cooperator."""
    known = signer(0.8, **RESOLUTE)
    pi, lost = known.firms[0].disposition, DEFAULTS.loss_aversion * DEFAULTS.development_cost_share
    least = lost / (gain_at_100() + lost)

    def surplus(theta):
        deviation = math.sqrt(600**2 * pi * (1 - pi) + (0.05 * theta * 1000) ** 2)
        return norm.cdf((500 + 600 * pi - theta * 1000) / deviation) - least

    theta = brentq(surplus, 0.1, 10.0, xtol=1e-15)
    s = signer(theta * (1 - side * NUDGE), **RESOLUTE)
    s.firms.board_quarter = [1, 3]
    for _ in play(s, 0, 2):
        pass
    assert s.firms[0].stage == (COMMITTED if side > 0 else IDLE)


def test_a_lone_firm_at_its_threshold_believes_one_half_and_signs_at_the_logit_of_that():
    template = signer(0.5, pledged=False, norm_weight=0.0, choice_sharpness=0.5).copy()
    s, signed = template.copy(), 0
    for run in range(4000):
        started(s, run, template)
        s.firms.board_quarter = 1
        for _ in play(s, 0, 2):
            pass
        signed += s.firms[0].c2_lapse == 9 or s.firms[0].stage > COMMITTED
    weighed = 0.5 * gain_at_100() - 0.5 * DEFAULTS.loss_aversion * DEFAULTS.development_cost_share
    share_agrees(signed, 4000, DEFAULTS.capability_start / (1 + math.exp(-0.5 * weighed)))


# Governments (R6)


def test_each_reversal_takes_its_share_of_the_uplift_that_is_left():
    s = world(governments=1, options_per_firm=1, reversal_probability=1e9, reversal_depth=0.3, ratchet_per_year=0.0,
              carbon_price_level=0.75)  # fmt: skip
    mid, high = 100 + 4.0 * np.arange(YEARS), 100 + 6.0 * np.arange(YEARS)
    set_carbon_price(s, mid, high)
    s.governments.reversal_exposed, s.governments.first_election = 1, 5
    for t in play(started(s)):
        left, before = (0.7 ** len(range(5, now, 16)) for now in (t + 1, t))  # prices move before elections are held
        agree(s.market.in_force, 100 + left * (mid - 100))
        agree(s.spots[0].price[CARBON], 100 + before * 5 * min(t / 4, 25))
    assert s.governments[0].reversals == 7


def test_a_reversal_happens_with_its_probability_at_an_uplift_of_60_euros():
    template = world(governments=1, options_per_firm=1)
    set_carbon_price(template, np.r_[100.0, np.full(YEARS - 1, 160.0)])
    template.governments.reversal_exposed, template.governments.first_election = 1, 5
    s, reversed_ = template.copy(), 0
    for run in range(4000):
        for _ in play(started(s, run, template), 0, 6):
            pass
        reversed_ += s.governments[0].reversals
    share_agrees(reversed_, 4000, DEFAULTS.reversal_probability)


def test_the_ratchet_compounds_with_the_gap_that_nobody_closes():
    s = world(governments=1, options_per_firm=1, ratchet_per_year=0.5, reversal_probability=0.0)
    mid = 100 + 4.0 * np.arange(YEARS)
    set_carbon_price(s, mid, 100 + 100 * (mid - 100))
    s.market.target = np.linspace(0.0, 1.0, YEARS)
    for t in play(started(s)):
        reviewed, before = (np.prod(1 + 0.5 * 0.2 * s.market.target[1 : now // 4 + 1]) for now in (t, max(0, t - 1)))
        agree(s.market.in_force, 100 + reviewed * (mid - 100))
        agree(s.spots[0].price[CARBON], 100 + before * min(t, 100))  # prices move before the review
