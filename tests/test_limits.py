"""Limiting cases with closed forms, and negative controls (model.md, section 7), through whole quarters and whole runs.

Every expected number is worked out here with NumPy, SciPy or by hand, never by the rules under test; what a run draws once
(base-rate trust, the quarter of a board) is read from its state as an input. Closed forms are met to a relative 1e-12, or to
1e-12 of the terms whose difference they are; frequencies within four standard errors.
"""

import csv
import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm
from worlds import random_package, random_parameters, random_scenario, simulate

import agents.firm
from agents.bookings import belief
from agents.chance import INVEST, uniform
from agents.firm import invests
from agents.parameters import default_parameters
from agents.records import (
    ANCHOR,
    BY_FIRM,
    CARBON,
    CARRIERS,
    COMMITTED,
    ELECTRICITY,
    FAILED,
    IDLE,
    NATURAL_GAS,
    NET_OPERATING,
    OPERATING,
    ORCHESTRATOR,
    PLEDGED,
)
from policies.package import Package
from sim.kernel import start_run
from sim.measures import MEASURES, PRIVATE_LINES, PUBLIC_LINES
from sim.schedule import quarter
from sim.tables import LIBRARY
from sim.world import build_world
from tests.small import CLEAN, NEVER, small_state

EXACT = 1e-12
NUDGE = 1e-10  #: how far, relatively, a threshold is missed or met
YEARS, QUARTERS = 26, 104
DEFAULTS = default_parameters()[0]
GATE_BANK, GATE_RATION = 7, 8
NO_POLICY = Package("none", "None", "", None, {})

#: No luck: no noise, no spread of price beliefs, no free riders, no defaults, no pledges, no adoption of instruments.
QUIET = {
    "price_noise": 0.0, "price_belief_spread": 0.0, "free_rider_share": 0.0, "default_early_per_year": 0.0,
    "default_late_per_year": 0.0, "pledge_probability_per_year": 0.0, "spontaneous_adoption_per_year": 0.0,
}  # fmt: skip
#: Boards that do whatever has a positive net present value, whatever equity it takes.
RESOLUTE = {"capability_start": 1.0, "choice_sharpness": 1e12, "norm_weight": 0.0, "equity_share_max": 1.0}
#: Capital costs the lender's 6 % a year, and the hurdle is no higher.
PLAIN = {"hurdle_premium_pp": 0.0, "policy_premium_pp": 0.0}


def agree(found, expected, relative=EXACT, of=0.0):
    """Assert equality to a relative deviation; `of`: size of the terms whose difference the expected number is."""
    np.testing.assert_allclose(found, expected, rtol=relative, atol=relative * of)


def within_four_errors(found, expected, error):
    """Assert that a Monte Carlo estimate lies within four standard errors of its expected value."""
    assert np.all(np.abs(np.asarray(found) - expected) <= 4.0 * np.asarray(error)), (found, expected, error)


def share_agrees(hits, draws, expected):
    """Assert that a share of draws is the expected probability within four standard errors."""
    within_four_errors(hits / draws, expected, math.sqrt(expected * (1.0 - expected) / draws))


def world(firms=1, networks=0, **changes):
    """A small world without luck, with a lender that never runs short, and with audited books."""
    s = small_state(firms=firms, networks=networks, **(QUIET | changes))
    s.financiers.capital_meur = 1e9
    s.world.check_books = 1
    return s


def set_carbon_price(s, mid, high=None):
    """Write the carbon-price paths of a world: half, once and twice the mid path unless a high one is given."""
    s.prices.low[:, CARBON], s.prices.mid[:, CARBON] = np.asarray(mid) / 2, mid
    s.prices.high[:, CARBON] = 2 * np.asarray(mid) if high is None else high


def started(s, run=0, template=None):
    """The state at the start of a run."""
    template = template or s.copy()
    start_run(s, template, np.uint64(run), template.parameters.view(np.uint64).reshape(-1))
    return s


def play(s, first=0, last=QUARTERS):
    """Quarters of a run, one by one."""
    for t in range(first, last):
        quarter(s, t)
        yield t


def annuity(rate, years):
    """Textbook present value of one euro at the end of every year."""
    return sum((1.0 + rate) ** -k for k in range(1, years + 1))


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


# Investment (R4)


def first_fid(s):
    """Quarter of the first firm's first FID; -1 if it takes none."""
    for _ in play(s):
        if s.firms[0].fid_quarter >= 0:
            return s.firms[0].fid_quarter
    return NEVER


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


def full_case(scale, run=0):
    """A lone firm with that plant; all carbon prices times `scale`."""
    s = world(carbon_price_level=LEVEL, **RESOLUTE)
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


def value_at_board(scale, t, firm_base_rate, lender_base_rate):
    """Closed form of v for that plant at a board in quarter t (model.md R1, R3, R4)."""
    year, years = t // 4, np.arange(YEARS)
    last = YEARS - 1
    kept = sum(DEFAULTS.trust_memory ** (t - k) for k in range(3, t + 1, 4))  # a kept announcement each fourth quarter
    trust, lenders_trust = ((kept + 2 * a) / (kept + 2) for a in (firm_base_rate, lender_base_rate))

    announced = scale * MID
    path = announced + (2 * LEVEL - 1) * (scale * 1.6 * MID - announced)
    prices = np.interp(np.arange(t + 1) / 4, years, path)
    means = np.convolve(np.r_[np.full(3, prices[0]), prices], np.full(4, 0.25), "valid")
    speed = DEFAULTS.trend_speed_per_quarter
    trend = sum(speed * (1 - speed) ** (t - k) * 4 * math.log(means[k] / means[k - 1]) for k in range(1, t + 1))
    assert trend < DEFAULTS.trend_cap_per_year
    ahead = PLANT.lead + np.arange(1, PLANT.life + 1)
    seen = np.minimum(year + ahead, last)
    expected = trust * announced[seen] + (1 - trust) * prices[t] * np.exp(trend * np.minimum(ahead, 15))

    weights = 1.08 ** -np.arange(20.0)
    power, gas = (weights @ price[np.minimum(year + np.arange(20), last)] / weights.sum() for price in (POWER, GAS))
    extra = PLANT.opex + (PLANT.power * power - PLANT.gas * gas) / 1000
    carbon = prices[t] * PLANT.avoided / 1000
    policy_share = carbon / (carbon + max(0.0, -extra))
    experience = 1 + DEFAULTS.outside_projects_per_year * year
    novelty = PLANT.novelty * experience ** math.log2(1 - DEFAULTS.experience_rate)
    risk_pp = DEFAULTS.technology_premium_pp * novelty + DEFAULTS.policy_premium_pp * (1 - lenders_trust) * policy_share
    hurdle = 0.06 + (risk_pp + DEFAULTS.hurdle_premium_pp) / 100

    capital = PLANT.capex * experience ** math.log2(1 - PLANT.learning)
    yearly = (expected + PLANT.premium) * PLANT.avoided / 1000 - extra - expected * PLANT.lost * FREE_SHARE[seen] / 1000
    gain = (1 + hurdle) ** -ahead.astype(float) @ yearly
    left = PLANT.campaign - (PLANT.age + t / 4) % PLANT.campaign
    saved = PLANT.renewal * ((1 + hurdle) ** -left - DEFAULTS.stranding_share * left / PLANT.campaign)
    return (gain + saved) / capital - (1 - PLANT.grant)


def boards(s):
    """Quarters of the first firm's boards."""
    return range(int(s.firms[0].board_quarter), QUARTERS, 4)


@pytest.mark.parametrize("run", range(5))
def test_a_lone_firm_invests_at_the_first_board_at_which_the_closed_form_npv_is_positive(run):
    """Sweep the level of all carbon prices around the break-even; compare v at every board up to the FID."""
    decided = set()
    for scale in np.linspace(0.4, 3.0, 40):
        s = full_case(scale, run)
        believers = s.firms[0].disposition, s.financiers[0].disposition
        values = {t: value_at_board(scale, t, *believers) for t in boards(s)}
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
    believers = s.firms[0].disposition, s.financiers[0].disposition
    meetings = boards(s)
    values = [value_at_board(1.0, t, *believers) for t in meetings]
    t = meetings[board]
    break_even = brentq(lambda scale: value_at_board(scale, t, *believers), 0.1, 10.0, xtol=1e-15, rtol=1e-14)
    values = [value_at_board(break_even, t, *believers) for t in meetings]
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


# Loans (R3)


def borrower(debt_service_cover=1.3, tenor=15.0, avoided=120.0, **changes):
    """A lone firm whose stressed case is 0.56 * 12 MEUR/year at 100 EUR/t; it borrows at 4.5 % (6 % less 1.5 points)."""
    s = world(**(RESOLUTE | PLAIN | {"debt_service_cover": debt_service_cover, "debt_tenor_years": tenor} | changes))
    s.options[1].emission_kt = s.options[1].generated_kt = 1000.0 - avoided
    return s


def loan(cover=1.3, tenor=15, avoided=120.0):
    """Present value of the debt service that the stressed case of that firm carries, MEUR."""
    return (1 - DEFAULTS.merchant_haircut) * 100.0 * avoided / 1000 / cover * annuity(0.045, tenor)


@pytest.mark.parametrize("cover", [1.2, 1.3, 1.5])
@pytest.mark.parametrize("tenor", [10, 15, 20])
def test_a_loan_is_the_present_value_of_its_debt_service_and_is_repaid_in_equal_quarters(cover, tenor):
    s = started(borrower(cover, tenor, gearing_max=10.0))
    debt, firm, lender = loan(cover, tenor), s.firms[0], s.financiers[0]
    for t in play(s):
        if firm.fid_quarter < 0:
            assert lender.exposure_meur == 0.0
            continue
        payments = max(0, t - firm.start_quarter + 1) if firm.start_quarter >= 0 else 0
        left = debt * max(0.0, 1 - payments / (4 * tenor))
        agree([firm.debt_meur, lender.exposure_meur], left, of=debt)
        agree(firm.debt_service_meur, debt / annuity(0.045, tenor))
    assert payments > 4 * tenor
    agree(lender.exposure_meur, 0.0, of=debt)


@pytest.mark.parametrize("tenor", [10, 15, 20])
def test_a_loan_is_at_risk_until_its_last_payment_and_no_longer(tenor):
    """However the payments round, nothing is owed after the last one: a loan of nothing could still default."""
    late = []
    for avoided in np.linspace(110.0, 140.0, 61):
        s = started(borrower(tenor=float(tenor), avoided=avoided))
        end = NEVER
        for t in play(s):
            if s.firms[0].start_quarter >= 0 and s.firms[0].debt_meur == 0.0:
                end = t
                break
        if end != s.firms[0].start_quarter + 4 * tenor - 1:
            late.append(avoided)
    assert late == []


@pytest.mark.parametrize("side", [-1, 1])
def test_a_project_is_bankable_exactly_if_equity_reaches_the_cost_less_the_loan(side):
    equity = 1 - loan() / 100.0  # 100 MEUR; the loan is 55.5
    s = started(borrower(equity_share_max=equity * (1 + side * NUDGE)))
    assert first_fid(s) == (s.firms[0].board_quarter if side > 0 else NEVER)
    assert s.firms[0].refused == (0 if side > 0 else GATE_BANK)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_loan_is_rationed_exactly_below_the_capital_that_carries_it(side):
    s = borrower(connected_limit=0.25)
    s.financiers.capital_meur = 4 * loan() * (1 + side * NUDGE)
    started(s)
    assert first_fid(s) == (s.firms[0].board_quarter if side > 0 else NEVER)
    assert s.firms[0].refused == (0 if side > 0 else GATE_RATION)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_project_defaults_exactly_below_the_price_that_serves_its_debt(side):
    """The price falls two years after the start; the fourth short quarter is the default. No other means serve the loan."""
    s = started(borrower(surplus_share=0.0))
    firm = s.firms[0]
    for t in play(s):
        if firm.start_quarter >= 0 and t == firm.start_quarter + 7:
            s.market.path[:, CARBON] = loan() / annuity(0.045, 15) / 0.12 * (1 + side * NUDGE)
        if firm.failures > 0:
            break
    assert firm.failures == (1 if side < 0 else 0)
    assert t == (firm.board_quarter + 8 + 8 + 3 if side < 0 else QUARTERS - 1)


def test_a_default_leaves_capital_bad_loans_and_confidence_on_their_closed_forms():
    s = started(borrower(default_early_per_year=4.0))  # certain in the quarter of the start, after one payment
    lender, capital = s.financiers[0], s.financiers[0].capital_meur
    lost, failed = loan() * (1 - 1 / 60), NEVER
    for t in play(s):
        if s.firms[0].failures == 1 and failed < 0:
            failed, s.firms[0].capability = t, 0.0
        if failed >= 0:
            n = t - failed + 1
            agree(capital - lender.capital_meur, (1 - DEFAULTS.recovery_share) * lost, of=capital)
            agree(lender.npl_meur, lost * (1 - DEFAULTS.npl_runoff_per_quarter) ** n)
            spread = DEFAULTS.default_contagion_pp * (1 - DEFAULTS.confidence_recovery_per_quarter) ** (n - 1)
            agree(lender.confidence_pp, spread)
            agree(lender.exposure_meur, 0.0, of=lost)
    assert failed >= 8


# Networks (R5)


def user(use, capacity=1000.0, life=20.0, cap=1e9, grant=60.0, run=0):
    """A network of 300 MEUR that runs from the start and the one plant that uses `use` of its capacity."""
    s = world(networks=1, options_per_firm=2)
    net, firm = s.networks[0], s.firms[0]
    s.options[1].volume[0] = firm.booked[0] = net.booked = net.used = use * capacity
    firm.option, firm.switched, firm.stage, firm.base_intact = 1, 1, OPERATING, 0
    net.stage, net.capacity, net.fid_quarter, net.ready_quarter, net.c4_seen = NET_OPERATING, capacity, 0, 0, 1
    net.invested_meur, net.grant_meur, net.asset_base_meur = 300.0, grant, 300.0 - grant
    net.life_years, net.tariff_cap = life, cap
    return started(s, run)


RETURN = DEFAULTS.regulated_return_pct / 100


def requirement(quarters, life=20.0, grant=60.0):
    """Revenue requirement of that network after n quarters, MEUR/year: return, depreciation and 3 % operating cost."""
    base = (300.0 - grant) * np.maximum(0.0, 1 - np.asarray(quarters) / (4 * life))
    return RETURN * base + np.where(base > 0, (300.0 - grant) / life, 0.0) + 9.0


@pytest.mark.parametrize("use", [1.0, 0.7, 0.4, 0.1, 0.0])
@pytest.mark.parametrize("cap", [1e9, 20.0])
def test_a_tariff_spreads_the_requirement_over_use_and_the_account_compounds_what_it_misses(use, cap):
    s = user(use, cap=cap, life=30.0)
    needed = requirement(np.arange(QUARTERS), life=30.0)
    tariffs = np.minimum(cap, needed / max(use, 0.4))  # 1,000 kt: MEUR per 1,000 kt are EUR/t
    missed = (needed - tariffs * use) / 4
    for t in play(s):
        agree(s.networks[0].tariff, tariffs[t])
        growth = (1 + RETURN / 4) ** np.arange(t, -1.0, -1.0)
        agree(s.networks[0].account_meur, growth @ missed[: t + 1], of=growth @ needed[: t + 1] / 4)


@pytest.mark.parametrize("life", [10, 12, 15, 20, 25])
@pytest.mark.parametrize("grant", [0.0, 60.0, 100.0])
def test_cost_covering_tariffs_return_exactly_what_was_invested(life, grant):
    """At the allowed return, the present value of all tariffs less operating cost is the asset base; then users pay opex."""
    s = user(1.0, life=float(life), grant=grant)
    value, tariffs = 0.0, []
    for t in play(s):
        tariffs.append(s.networks[0].tariff)
        value += (s.networks[0].tariff - 9.0) / 4 * (1 + RETURN / 4) ** -(t + 1)
    agree(value, 300.0 - grant)
    agree(tariffs, requirement(np.arange(QUARTERS), life, grant))


def anchored(run=0, limit=1000.0, **changes):
    """An anchor that signs at the first season in which it gains, and the network that is built for it alone."""
    s = world(networks=1, **(RESOLUTE | {"threshold_share": 0.5, "oversizing": 1.0} | changes))
    s.pacts.own_mode, s.pacts.anchor = ANCHOR, 0
    s.options[1].volume[0] = 1000.0
    s.networks.limit = limit
    return started(s, run)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("guarantee", [0.0, 0.3])
def test_a_network_is_decided_exactly_at_the_threshold_of_trusted_bookings(side, guarantee):
    """The operator believes T + (1 - T) psi of the 1,000 kt that are signed, and needs theta (1 - g) of the phase."""
    trust = anchored().networks[0].disposition
    theta = (trust + (1 - trust) * DEFAULTS.bindingness) / (1 - guarantee) * (1 - side * NUDGE)
    s = anchored(threshold_share=theta)
    s.policy.infrastructure_guarantee_share = guarantee
    for _ in play(s, 0, 8):
        pass
    assert (s.networks[0].fid_quarter >= 0) == (side > 0)


@pytest.mark.parametrize("cover", [1.3, 2.0])
def test_the_loan_of_a_network_is_the_present_value_of_what_its_users_bring_less_operating_cost(cover):
    """Return and depreciation on 300 MEUR, over 30 years at 6 % and the policy premium less 1.5 points."""
    s = anchored(debt_service_cover=cover, gearing_max=10.0)
    for t in play(s):
        if s.networks[0].fid_quarter == t:
            break
    kept = sum(DEFAULTS.trust_memory ** (t - k) for k in range(3, t + 1, 4))
    trust = (kept + 2 * s.financiers[0].disposition) / (kept + 2)
    rate = 0.06 + (3.0 * (1 - trust) - 1.5) / 100
    agree(s.networks[0].debt_meur, 300.0 * (RETURN + 1 / 30) / cover * annuity(rate, 30))
    agree(s.networks[0].debt_meur + s.networks[0].equity_meur, 300.0)


@pytest.mark.parametrize("oversizing", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("run", range(4))
def test_a_network_built_for_its_user_has_a_flat_account_and_repays_its_lender(run, oversizing):
    """From season to the end of the run: use of all or most, a tariff that covers the cost, no delay, no extension."""
    s = anchored(run, limit=oversizing * 1000.0, oversizing=oversizing, delay_mean_quarters=0.0)
    net, firm, cost = s.networks[0], s.firms[0], 300.0 * oversizing**0.6
    for t in play(s):
        if net.fid_quarter >= 0:
            agree([net.capacity, net.invested_meur], [oversizing * 1000.0, cost])
            agree(net.account_meur, 0.0, of=cost)
            n = max(0, t - (net.fid_quarter + 12))  # opens after three years and bills from the next quarter on
            agree(net.asset_base_meur, cost * (1 - n / 120))
            agree(net.debt_meur, (cost - net.equity_meur) * (1 - n / 120))
        if net.stage == NET_OPERATING:
            assert net.used == (1000.0 if t >= net.fid_quarter + 12 else 0.0)
    assert net.fid_quarter in (1, 5)
    assert firm.start_quarter == net.fid_quarter + 12


@pytest.mark.parametrize("oversizing", [1.0, 1.5, 3.0])
def test_a_network_with_room_for_all_who_signed_is_not_extended_before_more_volume_waits(oversizing):
    s = anchored(limit=np.inf, oversizing=oversizing, delay_mean_quarters=0.0)
    for _ in play(s):
        if s.networks[0].fid_quarter >= 0:
            assert s.networks[0].capacity == oversizing * 1000.0
    assert s.networks[0].used == 1000.0


@pytest.mark.parametrize("mean", [2.0, 8.0, 12.0])
def test_the_delay_of_a_network_is_geometric_with_its_mean(mean):
    s = anchored(delay_mean_quarters=mean)
    template = s.copy()
    delays = []
    for run in range(4000):
        started(s, run, template)
        for _ in play(s, 0, 6):
            if s.networks[0].fid_quarter >= 0:
                delays.append(s.networks[0].ready_quarter - s.networks[0].planned_quarter)
                break
    assert len(delays) == 4000
    within_four_errors(np.mean(delays), mean, math.sqrt(mean * (1 + mean) / 4000))
    for k in range(5):
        share_agrees(np.sum(np.array(delays) == k), 4000, 1 / (1 + mean) * (mean / (1 + mean)) ** k)


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


# Prices


def table_rows(name):
    """Rows of a table of the library."""
    with (LIBRARY / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def market_world(**changes):
    """A world with the prices and volatilities of the library, one plant, and nothing that moves prices but their noise."""
    quiet = {"reversal_probability": 0.0, "ratchet_per_year": 0.0, "spontaneous_adoption_per_year": 0.0}
    built = build_world(random_scenario(11), NO_POLICY, 2025, 2050, seed=5)
    for name, value in (quiet | changes).items():
        built.template.parameters[name] = value
    return built.template


@pytest.mark.parametrize("level", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_without_noise_every_price_is_the_interpolated_path_of_its_table(level):
    levels = {f"{carrier}_price_level": level for carrier in CARRIERS}
    template = market_world(price_noise=0.0, **levels)
    s = started(template.copy(), 0, template)
    years = np.arange(2025, 2051)
    paths = {}
    for carrier in CARRIERS:
        rows = sorted((int(r["year"]), *(float(r[k]) for k in ("low", "mid", "high")))
                      for r in table_rows("prices.csv") if r["carrier"] == carrier)  # fmt: skip
        low, mid, high = (np.interp(years, [r[0] for r in rows], [r[k] for r in rows]) for k in (1, 2, 3))
        paths[carrier] = low + 2 * level * (mid - low) if level <= 0.5 else mid + (2 * level - 1) * (high - mid)
    for t in play(s):
        now = [np.interp(2025 + t / 4, years, paths[carrier]) for carrier in CARRIERS]
        agree(s.spots[0].price, now)
        if t % 4 == 3:
            four = [np.interp(2025 + k / 4, years, paths["carbon"]) for k in range(t - 3, t + 1)]
            agree(s.account[0].carbon_price_eur_per_t, np.mean(four))


@pytest.fixture(scope="module")
def noise():
    """4,000 runs of 26 years: log deviations in the last two quarters, factors on the path, and what is expected of them."""
    template = market_world()
    s = template.copy()
    logs, factors, expected = np.zeros((4000, 2, 10)), np.zeros((4000, 10)), np.zeros((4000, 10))
    for run in range(4000):
        started(s, run, template)
        for t in play(s):
            if t >= QUARTERS - 2:
                logs[run, t - QUARTERS + 2] = s.world[0].noise
        factors[run] = s.spots[0].price / s.market[25].path
        expected[run] = s.spots[0].expected_price / s.market[25].levelised
    rows = {row["carrier"]: row for row in table_rows("volatility.csv")}
    kappa, sigma = (np.array([float(rows[c][k]) for c in CARRIERS])
                    for k in ("mean_reversion_per_year", "sigma_per_sqrt_year"))  # fmt: skip
    return SimpleNamespace(logs=logs, factors=factors, expected=expected, kappa=kappa, sigma=sigma, state=s)


def test_noise_leaves_the_mean_of_every_price_on_its_path(noise):
    for factors in (noise.factors, noise.expected[:, 1:]):
        within_four_errors(factors.mean(axis=0), 1.0, factors.std(axis=0) / math.sqrt(4000))


def test_the_variance_of_log_prices_is_that_of_the_ornstein_uhlenbeck_process(noise):
    stationary = noise.sigma**2 / (2 * noise.kappa)
    by_now = stationary * (1 - np.exp(-2 * noise.kappa * 103 / 4))
    agree(noise.state.world[0].noise_variance, by_now)
    agree(noise.state.world[0].noise_variance, stationary, relative=1e-6)  # 26 years of mean reversion leave exp(-16)
    for quarter_of in range(2):
        within_four_errors(noise.logs[:, quarter_of].var(axis=0), stationary, stationary * math.sqrt(2 / 4000))
        within_four_errors(noise.logs[:, quarter_of].mean(axis=0), 0.0, np.sqrt(stationary / 4000))


def test_a_deviation_fades_at_its_rate_of_mean_reversion(noise):
    first, second = noise.logs[:, 0], noise.logs[:, 1]
    slope = (first * second).sum(axis=0) / (first**2).sum(axis=0)
    within_four_errors(slope, np.exp(-noise.kappa / 4), np.sqrt((1 - np.exp(-noise.kappa / 2)) / 4000))


def test_shocks_of_two_carriers_are_correlated_as_the_table_says(noise):
    """Fisher's z of the sample correlation is normal with a standard error of 1 / sqrt(n - 3)."""
    shocks = noise.logs[:, 1] - np.exp(-noise.kappa / 4) * noise.logs[:, 0]
    found = np.corrcoef(shocks.T)
    expected = np.eye(10)
    for row in table_rows("correlations.csv"):
        a, b = CARRIERS.index(row["carrier_a"]), CARRIERS.index(row["carrier_b"])
        expected[a, b] = expected[b, a] = float(row["correlation"])
    pairs = np.triu_indices(10, 1)
    within_four_errors(np.arctanh(found[pairs]), np.arctanh(expected[pairs]), 1 / math.sqrt(3997))


# Hazards (R3, R4, R6)


def hesitant(capability=0.4, run=0, template=None):
    """A lone firm with default sharpness that gains a little; the same chance at every board."""
    s = template.copy() if template else world(equity_share_max=1.0, policy_premium_pp=0.0, capability_start=capability)
    if template is None:
        set_carbon_price(s, np.full(YEARS, 17.2))
    return started(s, run, template)


def chance_of_hesitant(capability=0.4):
    """A p of that firm: v at 11 %, U = 0.9 v - 0.05 without peers, logit at 10."""
    utility = 0.9 * (17.2 * 0.9 * annuity(0.11, 20) * 1.11**-2 / 100.0 - 1) - 0.1 * 0.5
    return capability / (1 + math.exp(-10 * utility))


def test_the_quarterly_hazard_compounds_to_the_yearly_probability(monkeypatch):
    """Find by bisection the draw below which the rule says yes; the draws are replaced, and the rule runs as Python."""
    rule = getattr(invests, "py_func", invests)
    for capability in (0.1, 0.4, 0.7, 1.0):
        s = hesitant(capability)
        for _ in play(s, 0, int(s.firms[0].board_quarter)):
            pass
        s.firms[0].capability = 0.0  # the board meets, and nobody decides
        quarter(s, int(s.firms[0].board_quarter))
        s.firms[0].capability = capability
        low, high = 0.0, 1.0
        while high - low > 2.0**-53:
            middle = (low + high) / 2
            monkeypatch.setattr(agents.firm, "uniform", lambda *_, draw=middle: draw)
            low, high = (middle, high) if rule(s, 0, 0) else (low, middle)
        agree(1 - (1 - high) ** 4, chance_of_hesitant(capability))


def test_boards_decide_within_a_year_with_the_yearly_probability():
    template = hesitant().copy()
    chance, hits = chance_of_hesitant(), np.zeros(3)
    hazard = 1 - (1 - chance) ** 0.25
    s = template.copy()
    for run in range(4000):
        started(s, run, template)
        board = int(s.firms[0].board_quarter)
        draws = [uniform(1, run, INVEST, s.firms[0].id, t) for t in range(board + 12)]
        expected = next((t for t in range(board, board + 12) if draws[t] < hazard), NEVER)
        for _ in play(s, 0, board + 12):
            if s.firms[0].fid_quarter >= 0:
                break
        assert s.firms[0].fid_quarter == expected
        hits += [0 <= expected < board + 4 * (year + 1) for year in range(3)]
    for year in range(3):
        share_agrees(hits[year], 4000, 1 - (1 - chance) ** (year + 1))


def test_defaults_over_three_and_ten_years_are_those_of_the_hazards():
    """30 runs of 500 firms that all borrow at their first boards: 4.4 % and 7.0 % (Moody's: 6.7 to 8.1 % in ten years)."""
    hazards = {name: DEFAULTS[name] for name in ("default_early_per_year", "default_late_per_year")}
    template = world(firms=500, **(RESOLUTE | hazards))
    s = template.copy()
    failed = np.zeros(40)
    for run in range(30):
        started(s, run, template)
        ages = np.full(500, NEVER)
        for t in play(s, 0, 52):
            age = t - (s.firms.board_quarter + 8)
            ages[(ages < 0) & (s.firms.failures > 0)] = age[(ages < 0) & (s.firms.failures > 0)]
        failed += np.bincount(ages[(ages >= 0) & (ages < 40)], minlength=40)
    early, late = 1 - 0.015 / 4, 1 - 0.004 / 4
    share_agrees(failed[:12].sum(), 15000, 1 - early**12)
    share_agrees(failed.sum(), 15000, 1 - early**12 * late**28)
    share_agrees(failed[0], 15000, 1 - early)


@pytest.mark.parametrize(("early", "late", "age"), [(4.0, 0.0, 0), (0.0, 4.0, 12), (0.0, 0.0, NEVER)])
def test_the_early_hazard_lasts_for_exactly_the_first_twelve_quarters(early, late, age):
    """A hazard of 4 a year is certain in its first quarter."""
    s = started(borrower(default_early_per_year=early, default_late_per_year=late))
    start = s.firms[0].board_quarter + 8
    assert next((t - start for t in play(s) if s.firms[0].failures > 0), NEVER) == age


def test_governments_adopt_alone_at_the_spontaneous_hazard():
    """25 reviews in 26 years; a hazard of 2 % a year leaves exp(-0.5) without an instrument."""
    template = world(governments=1, options_per_firm=1, spontaneous_adoption_per_year=0.02)
    s = template.copy()
    adopted = np.zeros(4)
    for run in range(2000):
        for _ in play(started(s, run, template)):
            pass
        adopted += s.governments[0].adopted > 0
    for k in range(4):
        share_agrees(adopted[k], 2000, 1 - math.exp(-0.02 * 25))


def test_idle_firms_pledge_at_each_board_with_their_probability():
    template = world(capability_start=0.0, pledge_probability_per_year=0.3)
    s = template.copy()
    first = []
    for run in range(3000):
        started(s, run, template)
        for t in play(s, 0, 24):
            if s.firms[0].stage == PLEDGED:
                first.append((t - s.firms[0].board_quarter) // 4)
                break
    for boards_held in range(1, 6):
        share_agrees(np.sum(np.array(first) < boards_held), 3000, 1 - 0.7**boards_held)


# Belief in the threshold (R2)


def partners(stages, volumes, kept=(), broken=(), mode=None, **changes):
    """Firms at given rungs that want given volumes of one network whose season is far; evidence about them is held."""
    s = world(firms=len(stages), networks=1, trust_memory=1.0, **({"capability_start": 0.0} | changes))
    s.networks.first_season = QUARTERS
    for i, (stage, volume) in enumerate(zip(stages, volumes, strict=True)):
        s.options[2 * i + 1].volume[0] = volume
        s.firms[i].stage, s.firms[i].candidate = stage, 2 * i + 1
    for i, (good, bad) in enumerate(zip(kept, broken, strict=True)):
        s.firms[i].kept[BY_FIRM], s.firms[i].broken[BY_FIRM] = good, bad
    if mode is not None:
        s.pacts.own_mode = mode
    started(s)
    for _ in play(s, 0, 4):
        pass
    return s


def trust_of(s, i, kept, broken):
    """Trust of firm i in a firm with that evidence."""
    return (kept + 2 * s.firms[i].disposition) / (kept + broken + 2)


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


# Whole runs without a choice


def test_with_no_option_open_a_run_emits_its_baseline_and_moves_no_money():
    s = world(firms=3, networks=2, governments=3, spontaneous_adoption_per_year=0.0)
    s.technologies.first_quarter = QUARTERS
    s.firms.baseline_kt = s.firms.emission_kt = s.options[::2].emission_kt = s.options[::2].generated_kt = [100.0, 0.7, 3e3]
    s.pacts.baseline_kt = 3100.7
    totals = dict.fromkeys((measure.name for measure in MEASURES), 0.0)
    for t in play(started(s)):
        if t % 4 == 3:
            for name in totals:
                totals[name] += s.account[0][name]
    agree(totals["scope1_kt"], 3100.7 * YEARS)
    agree(totals["carbon_cost_meur"], 0.1 * 3100.7 * YEARS)  # 100 EUR/t in every year
    agree(totals["jobs_total"], 3 * 300 * YEARS)
    agree(totals["gva_total_meur"], 3 * 100 * YEARS)
    agree(totals["gate_1"], YEARS)
    for name in (*PUBLIC_LINES, *PRIVATE_LINES, "captured_kt", "displaced_kt", "project_capex_meur", "network_capex_meur"):
        assert totals[name] == 0.0, name


@pytest.mark.parametrize(("age", "campaign", "renewals"), [(0.0, 17.0, 1), (9.0, 17.0, 2), (16.75, 17.0, 2), (0.0, 26.0, 1)])
def test_an_idle_plant_pays_one_renewal_a_campaign(age, campaign, renewals):
    s = world(options_per_firm=1)
    s.options.campaign_years, s.options.renewal_meur, s.firms.start_age = campaign, 40.0, age
    paid = sum(s.account[0].renewal_meur for t in play(started(s)) if t % 4 == 3)
    assert renewals == math.floor((age + 26) / campaign)
    agree(paid, 40.0 * renewals)


# Scale: twice the cluster, plant by plant, is twice of everything and no other decision

EXTENSIVE = {
    "options": ("emission_kt", "captured_kt", "allocation_kt", "volume", "heat_gwh", "capex_meur", "renewal_meur",
                "greenfield_meur", "opex_meur", "energy_gwh", "generated_kt"),
    "firms": ("baseline_kt", "emission_kt", "gas_kt", "jobs", "gva_meur"),
    "networks": ("phase", "phase_capex_meur", "grant_meur", "limit", "capacity"),
    "financiers": ("capital_meur", "ticket_min_meur", "ticket_max_meur"),
    "pacts": ("baseline_kt",), "links": ("heat_gwh", "capex_meur"), "policy": ("ccfd_budget_meur_per_year",),
}  # fmt: skip
PER_CLUSTER = ("kt", "GWh", "MEUR", "jobs", "MEUR/year", "kt CO2e", "kt CO2", "kt or GWh/year")


@pytest.mark.parametrize("number", range(24))
def test_twice_the_size_of_everything_is_twice_the_amounts_and_the_same_decisions(number):
    """A factor of two is exact in binary, so that all runs of random worlds must agree to the last bit."""
    worlds = [build_world(random_scenario(number), random_package(number), 2025, 2050, seed=number) for _ in range(2)]
    parameters = random_parameters(number, 6)
    parameters.spontaneous_adoption_per_year = 0.0  # a budget that is adopted has a size of its own
    for array, names in EXTENSIVE.items():
        for name in names:
            getattr(worlds[1].template, array)[name] *= 2
    once = simulate(worlds[0], parameters)
    parameters.orchestrator_cost_meur_per_year *= 2
    twice = simulate(worlds[1], parameters)
    for measure in MEASURES:
        factor = 2 if measure.unit in PER_CLUSTER else 1
        np.testing.assert_array_equal(twice[0][measure.name], factor * once[0][measure.name], measure.name)
    for k in (1, 2):
        np.testing.assert_array_equal(twice[k], once[k])
    np.testing.assert_array_equal(twice[3], once[3] * [1, 1, 2, 1])


# Negative controls


def utility_with(success, **changes):
    """U at the first board of a firm with five peers that all run a new plant (+1), failed (-1), or neither (0)."""
    s = world(firms=6, capability_start=0.0, **changes)
    peers = s.firms[1:]
    if success > 0:
        peers.option, peers.switched, peers.stage, peers.base_intact = 2 * np.arange(1, 6) + 1, 1, OPERATING, 0
        peers.fid_quarter = peers.start_quarter = 0
    if success < 0:
        peers.stage, peers.failures, peers.failed_until = FAILED, 1, QUARTERS
    started(s)
    for _ in play(s, 0, 4):
        pass
    return s.firms[0].utility, s.firms[0].value, s.firms[0].norm


def test_without_norm_weight_and_hurdle_premium_the_success_of_peers_does_not_matter():
    utilities = {utility_with(success, norm_weight=0.0, hurdle_premium_pp=0.0)[0] for success in (-1, 0, 1)}
    assert len(utilities) == 1


@pytest.mark.parametrize("weight", [0.0, 0.1, 0.3, 1.0])
def test_utility_is_value_and_norm_in_the_proportion_of_the_norm_weight(weight):
    for success, expected in ((-1, 0.0), (0, 0.0), (1, 1.0)):
        utility, value, found = utility_with(success, norm_weight=weight)
        agree(found, expected)
        agree(utility, (1 - weight) * value + weight * (expected - 0.5))


def test_a_signature_that_binds_nothing_is_worth_exactly_the_trust_and_one_that_binds_all_is_certain():
    pledged, signed, bound = (
        partners((IDLE, stage), (300.0, 400.0), kept=(0, 3), broken=(0, 1), bindingness=psi)
        for stage, psi in ((PLEDGED, 0.0), (COMMITTED, 0.0), (COMMITTED, 1.0))
    )
    assert belief(signed, 0, 0) == belief(pledged, 0, 0)
    pi = trust_of(signed, 0, 3, 1)
    expected = norm.cdf((300 + 400 * pi - 800) / math.sqrt(400**2 * pi * (1 - pi) + 40**2))
    agree(belief(signed, 0, 0), expected)
    agree(signed.networks[0].believed, 400.0 * signed.networks[0].disposition)
    agree(belief(bound, 0, 0), norm.cdf(-100 / 40))
    agree(bound.networks[0].believed, 400.0)


def test_without_education_and_projects_capability_stays_where_it_started():
    s = world(firms=3, options_per_firm=1, capability_start=0.4)
    for _ in play(started(s)):
        assert (s.firms.capability == 0.4).all()


def test_without_witnesses_promises_to_nobody_in_particular_leave_no_trace():
    s = started(world(options_per_firm=1, witness_discount=0.0))
    for t in range(QUARTERS):
        s.firms[0].c1_due, s.firms[0].c1_honoured, s.pacts[0].transparency = t, t % 2, 1.0
        quarter(s, t)
        assert s.pacts[0].mean_trust == 0.5


def test_without_monitoring_broken_pledges_disappear_and_kept_ones_are_seen():
    s = started(world(options_per_firm=1, transparency=0.0, trust_memory=1.0, witness_discount=1.0))
    for t in range(QUARTERS):
        s.firms[0].c1_due, s.firms[0].c1_honoured = t, t % 2
        quarter(s, t)
        kept = (t + 1) // 2
        agree(s.pacts[0].mean_trust, (kept + 1) / (kept + 2))


def test_policy_without_ratchet_and_reversal_stays_as_announced():
    s = world(options_per_firm=1, ratchet_per_year=0.0, reversal_probability=0.0)
    set_carbon_price(s, 100 + 4.0 * np.arange(YEARS))
    s.governments.reversal_exposed, s.market.target = 1, 1.0
    for t in play(started(s)):
        assert s.governments[0].price_scale == 1.0
        assert (s.market.in_force == s.market.announced).all()
        agree(s.spots[0].price[CARBON], 100.0 + min(t, 100))


# Heat links (R5)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_heat_link_forms_exactly_where_half_its_gain_pays_half_its_cost(side):
    """94 GWh of heat save 100 GWh of gas at 30 EUR/MWh and 20 kt of CO2: 5 MEUR/year, at 10.5 % and 3 points of doubt."""
    s = world(firms=2, options_per_firm=1, links=1)
    s.options.energy_gwh[1, NATURAL_GAS] = 200.0
    for path in ("low", "mid", "high"):
        s.prices[path][:, NATURAL_GAS] = 30.0
    s.links.sink, s.links.heat_gwh = 1, 94.0
    started(s)
    rates = [(5.5 + 5.0 + 3.0 * (1 - s.firms[i].disposition)) / 100 for i in range(2)]
    s.links.capex_meur = 5.0 * annuity(max(rates), 20) * (1 - side * NUDGE)
    for t in play(s):
        assert s.links[0].formed_quarter == (2 if side > 0 and t >= 2 else NEVER)
    assert s.firms[1].emission_kt == pytest.approx(980.0 if side > 0 else 1000.0)
