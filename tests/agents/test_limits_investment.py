"""Investment in limiting cases: break-even prices, carbon contracts and learning (model.md, section 7).

How numbers are worked out and compared: `tests/worlds/limits.py`.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import brentq

from clusterpact.agents.vocabulary import ELECTRICITY, IDLE, NATURAL_GAS
from tests.worlds.limits import (
    DEFAULTS,
    NUDGE,
    QUARTERS,
    RESOLUTE,
    YEARS,
    agree,
    annuity,
    first_fid,
    play,
    set_carbon_price,
    started,
    world,
)
from tests.worlds.small import CLEAN, NEVER

pytestmark = pytest.mark.horizon

# Investment (R4)


@pytest.mark.parametrize("run", range(4))
@pytest.mark.parametrize("side", [-1, 1])
def test_a_lone_firm_invests_exactly_above_the_textbook_break_even_price(run, side):
    """100 MEUR that avoid 900 kt/year for 20 years after two years of works, at 6 % and a hurdle premium of 5 points."""
    break_even = 100.0 / (0.9 * annuity(0.11, 20) * 1.11**-2)
    s = world(policy_premium_pp=0.0, **RESOLUTE)
    set_carbon_price(s, np.full(YEARS, break_even * (1 + side * NUDGE)))
    assert first_fid(started(s, run)) == (s.firms[0].board_quarter if side > 0 else NEVER)


#: A plant with everything that a stand-alone case can have: power for gas, learning, a campaign, a grant, allowances.
PLANT = SimpleNamespace(
    avoided=900.0, capex=700.0, opex=6.0, power=300.0, gas=250.0, life=20, lead=3, novelty=0.5, learning=0.1,
    campaign=17.0, age=5.0, renewal=60.0, lost=300.0, grant=0.15, premium=4.0,
)  # fmt: skip
MID = 55.0 + 3.0 * np.arange(YEARS)
POWER, GAS = 50.0 + 0.5 * np.arange(YEARS), 30.0 + 0.2 * np.arange(YEARS)
FREE_SHARE = np.linspace(1.0, 0.0, YEARS)
LEVEL = 0.7  #: the run's price path lies above the announced (mid) path
STEEPEST = 0.2  #: per year; so steep a trend is extrapolated as it is


def full_case(scale, run=0):
    """A lone firm with that plant; all carbon prices times `scale`. Its lender and its owner ask for 6 %, without premia."""
    s = world(
        carbon_price_level=LEVEL, trend_cap_per_year=STEEPEST, technology_premium_pp=0.0, policy_premium_pp=0.0, **RESOLUTE
    )  # fmt: skip
    set_carbon_price(s, scale * MID, scale * 1.6 * MID)
    for path in ("low", "mid", "high"):
        s.prices[path][:, ELECTRICITY], s.prices[path][:, NATURAL_GAS] = POWER, GAS
    s.prices.free_share_law[:, 0] = FREE_SHARE
    s.policy.grant_share, s.policy.green_premium_eur_per_t = PLANT.grant, PLANT.premium
    s.technologies[CLEAN].novelty, s.technologies[CLEAN].learning_exponent = PLANT.novelty, math.log2(1 - PLANT.learning)
    now, clean = s.options[0], s.options[1]
    now.energy_gwh[NATURAL_GAS], clean.energy_gwh[ELECTRICITY] = PLANT.gas, PLANT.power
    now.allocation_kt, now.renewal_meur, now.campaign_years = PLANT.lost, PLANT.renewal, PLANT.campaign
    clean.capex_meur, clean.opex_meur, clean.build_quarters = PLANT.capex, PLANT.opex, 4 * PLANT.lead
    s.firms.start_age = PLANT.age
    return started(s, run)


def value_at_board(scale, t, firm_base_rate):
    """Closed form of v for that plant at a board in quarter t (model.md R1, R4)."""
    year, years = t // 4, np.arange(YEARS)
    last = YEARS - 1
    kept = sum(DEFAULTS.trust_memory ** (t - k) for k in range(3, t + 1, 4))  # a kept announcement each fourth quarter
    trust = (kept + 2 * firm_base_rate) / (kept + 2)

    announced = scale * MID
    path = announced + (2 * LEVEL - 1) * (scale * 1.6 * MID - announced)
    prices = np.interp(np.arange(t + 1) / 4, years, path)
    means = np.convolve(np.r_[np.full(3, prices[0]), prices], np.full(4, 0.25), "valid")
    speed = DEFAULTS.trend_speed_per_quarter
    trend = sum(speed * (1 - speed) ** (t - k) * 4 * math.log(means[k] / means[k - 1]) for k in range(1, t + 1))
    assert trend < STEEPEST
    ahead = PLANT.lead + np.arange(1, PLANT.life + 1)
    seen = np.minimum(year + ahead, last)
    expected = trust * announced[seen] + (1 - trust) * prices[t] * np.exp(trend * np.minimum(ahead, 15))

    weights = 1.08 ** -np.arange(20.0)
    power, gas = (weights @ price[np.minimum(year + np.arange(20), last)] / weights.sum() for price in (POWER, GAS))
    extra = PLANT.opex + (PLANT.power * power - PLANT.gas * gas) / 1000
    experience = 1 + DEFAULTS.outside_projects_per_year * year
    hurdle = 0.06 + DEFAULTS.hurdle_premium_pp / 100

    capital = PLANT.capex * experience ** math.log2(1 - PLANT.learning)
    yearly = (expected + PLANT.premium) * PLANT.avoided / 1000 - extra - expected * PLANT.lost * FREE_SHARE[seen] / 1000
    gain = (1 + hurdle) ** -ahead.astype(float) @ yearly
    left = PLANT.campaign - (PLANT.age + t / 4) % PLANT.campaign
    saved = PLANT.renewal * ((1 + hurdle) ** -left - DEFAULTS.stranding_share * left / PLANT.campaign)
    return (gain + saved - (1 - PLANT.grant) * capital) / 100.0  # a campaign costs 100 MEUR


def boards(s):
    """Quarters of the first firm's boards."""
    return range(int(s.firms[0].board_quarter), QUARTERS, 4)


@pytest.mark.parametrize("run", range(5))
def test_a_lone_firm_invests_at_the_first_board_at_which_the_closed_form_npv_is_positive(run):
    """Sweep the level of all carbon prices around the break-even; compare v at every board up to the FID."""
    decided = set()
    for scale in np.linspace(0.4, 3.0, 40):
        s = full_case(scale, run)
        values = {t: value_at_board(scale, t, s.firms[0].disposition) for t in boards(s)}
        expected = next((t for t in values if values[t] > 0), NEVER)
        for t in play(s):
            if t in values:
                agree(s.firms[0].value, values[t], of=1.0)
            if s.firms[0].fid_quarter >= 0:
                break
        assert s.firms[0].fid_quarter == expected
        decided.add(expected)
    assert NEVER in decided
    assert min(decided - {NEVER}) < 4
    assert len(decided) > 10


@pytest.mark.parametrize("run", range(4))
@pytest.mark.parametrize("board", [0, 3, 6, 9, 24])
def test_a_hair_below_the_break_even_of_a_board_the_firm_waits_for_the_next(run, board):
    s = full_case(1.0, run)
    believer = s.firms[0].disposition
    meetings = boards(s)
    t = meetings[board]
    break_even = brentq(lambda scale: value_at_board(scale, t, believer), 0.1, 10.0, xtol=1e-15, rtol=1e-14)
    values = [value_at_board(break_even, t, believer) for t in meetings]
    assert max(values[:board], default=-1.0) < 0 < values[board + 1]
    assert first_fid(full_case(break_even * (1 + NUDGE), run)) == t
    assert first_fid(full_case(break_even * (1 - NUDGE), run)) == meetings[board + 1]


def test_a_lone_firm_that_never_gains_stays_idle_for_the_whole_run():
    s = full_case(0.2)
    for t in play(s):
        assert (s.firms[0].stage, s.firms[0].fid_quarter) == (IDLE, NEVER)
        assert s.firms[0].value < 0 or t < s.firms[0].board_quarter


# Carbon contracts


def bidder(run=0, **changes):
    """A lone firm at 10 EUR/t that bids for a carbon contract, with 10 MEUR/year of extra cost; it cannot decide (A = 0)."""
    s = world(**(RESOLUTE | {"policy_premium_pp": 0.0, "capability_start": 0.0} | changes))
    set_carbon_price(s, np.full(YEARS, 10.0))
    s.policy.ccfd_budget_meur_per_year = 1e6
    s.options[1].opex_meur, s.options[1].build_quarters = 10.0, 12.0
    return started(s, run)


#: 15 years at the strike and 5 at 10 EUR/t pay for 100 MEUR and 10 MEUR/year, three years after the decision, at 6 %.
STRIKE = (100.0 * 1.06**3 + 10.0 * annuity(0.06, 20) - 9.0 * (annuity(0.06, 20) - annuity(0.06, 15))) / (
    0.9 * annuity(0.06, 15)
)


@pytest.mark.parametrize("run", range(4))
def test_under_a_contract_at_its_break_even_strike_an_option_is_worth_nothing(run):
    """The bid is made at one board, won in an auction, and valued at the next board."""
    s = bidder(run)
    won = NEVER
    for t in play(s, 0, 16):
        if s.firms[0].strike > 0 and won < 0:
            won = t
        if 0 <= won < t and t in boards(s):
            agree(s.firms[0].value, 0.0, of=1.0)
            break
    assert t < 12
    agree(s.firms[0].strike, STRIKE)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_firm_invests_exactly_above_its_break_even_strike_and_is_paid_for_fifteen_years(side):
    s = bidder(capability_start=1.0)
    s.firms[0].candidate, s.firms[0].strike, s.firms[0].strike_until = 1, STRIKE * (1 + side * NUDGE), 2 * QUARTERS
    s.policy.ccfd_budget_meur_per_year = 0.0
    paid = sum(s.account[0].ccfd_meur for t in play(s) if t % 4 == 3)
    assert s.firms[0].fid_quarter == (s.firms[0].board_quarter if side > 0 else NEVER)
    agree(paid, 15 * (STRIKE * (1 + NUDGE) - 10.0) * 0.9 if side > 0 else 0.0)


# Learning (R3, R4)


@pytest.mark.parametrize("education", [0.0, 0.03, 0.1])
@pytest.mark.parametrize("start", [0.2, 0.4, 0.7])
def test_education_alone_closes_a_constant_share_of_the_gap_in_capability(education, start):
    s = world(firms=3, options_per_firm=1, capability_start=start)
    s.policy.skills_per_year = education
    for t in play(started(s)):
        expected = 1 - (1 - start) * (1 - education / 4) ** (t + 1)
        agree(s.firms.capability, expected)
        if t % 4 == 3:
            agree(s.account[0].capability, expected)


def test_an_own_project_adds_to_education_and_spills_over_at_half_the_rate():
    """Firm 0 invests at its first board with full capability; firm 1 has no option and learns from it alone."""
    s = world(firms=2, **(RESOLUTE | {"capability_start": 0.3}))
    s.options[3].emission_kt = s.options[3].generated_kt = 1000.0
    started(s)
    s.firms[0].capability = 1.0
    decided, l_a = int(s.firms[0].board_quarter), DEFAULTS.learning_per_year
    for t in play(s):
        n = max(0, t - decided)  # seen in the sums over peers from the quarter after the FID on
        agree(s.firms[1].capability, 1 - 0.7 * (1 - l_a / 8) ** n)
    s = started(world(**(RESOLUTE | {"capability_start": 0.3, "choice_sharpness": 1e12})))
    for t in play(s):
        if s.firms[0].fid_quarter < 0:
            decided = t + 1
        agree(s.firms[0].capability, 1 - 0.7 * (1 - l_a / 4) ** max(0, t - decided + 1))
    assert 0 <= s.firms[0].fid_quarter < QUARTERS


def test_each_doubling_of_experience_takes_its_share_of_the_premium_and_of_the_capital_cost():
    """One project a year elsewhere: E is 1, 2, 4, 8 and 16 in years 0, 1, 3, 7 and 15."""
    s = world(options_per_firm=1, outside_projects_per_year=1.0, experience_rate=0.11)
    s.technologies.novelty, s.technologies.learning_exponent = 0.6, math.log2(1 - 0.08)
    for t in play(started(s)):
        doublings = math.log2(1 + t // 4)
        agree(s.technologies.premium, 0.6 * 0.89**doublings)
        agree(s.technologies.cost, 0.92**doublings)
    assert t // 4 == 25


def test_fifteen_decisions_are_four_doublings():
    s = world(firms=15, outside_projects_per_year=0.0, **RESOLUTE)
    s.technologies[CLEAN].novelty, s.technologies[CLEAN].learning_exponent = 1.0, math.log2(1 - 0.08)
    for _ in play(started(s), 0, 8):
        pass
    assert s.firms.fid_quarter.max() == 3
    agree(s.technologies[CLEAN].premium, (1 - DEFAULTS.experience_rate) ** 4)
    agree(s.technologies[CLEAN].cost, 0.92**4)
