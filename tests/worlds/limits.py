"""What the tests of limiting cases share (closed forms and negative controls, model.md, section 7).

Every expected number is worked out here with NumPy, SciPy or by hand, never by the rules under test; what a run draws once
(base-rate trust, the quarter of a board) is read from its state as an input. Closed forms are met to a relative 1e-12, or to
1e-12 of the terms whose difference they are; frequencies within four standard errors.
"""

import math

import numpy as np

from clusterpact.agents.parameters import default_parameters
from clusterpact.agents.vocabulary import BY_FIRM, CARBON
from clusterpact.policies.package import Package
from clusterpact.sim.kernel import start_run
from clusterpact.sim.schedule import quarter
from tests.worlds.small import NEVER, small_state

EXACT = 1e-12
NUDGE = 1e-10  #: how far, relatively, a threshold is missed or met
YEARS, QUARTERS = 26, 104
DEFAULTS = default_parameters()[0]
NO_POLICY = Package("none", "None", "", None, {})

#: No luck: no noise, no spread of price beliefs, no free riders, no defaults, no pledges, no adoption of instruments.
QUIET = {
    "price_noise": 0.0, "price_belief_spread": 0.0, "free_rider_share": 0.0, "default_early_per_year": 0.0,
    "default_late_per_year": 0.0, "pledge_probability_per_year": 0.0, "spontaneous_adoption_per_year": 0.0,
}  # fmt: skip
#: Owners pay out of their budgets for what lenders do not lend, at the lender's 6 %, and have no better use for their money.
RICH = {"owner_leverage_max": 0.0, "corporate_rate_pct": 6.0, "outside_return_pct": 0.0}
#: Boards that do whatever has a positive net present value.
RESOLUTE = {"capability_start": 1.0, "choice_sharpness": 1e12, "norm_weight": 0.0, "fuel_ceiling_per_year": 1.0}
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
    """A small world without luck, with a lender and owners that never run short, and with audited books."""
    s = small_state(firms=firms, networks=networks, **(QUIET | RICH | changes))
    s.financiers.capital_meur = s.owners.group_cash_flow_meur = 1e9
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


def first_fid(s):
    """Quarter of the first firm's first FID; -1 if it takes none."""
    for _ in play(s):
        if s.firms[0].fid_quarter >= 0:
            return s.firms[0].fid_quarter
    return NEVER


def borrower(debt_service_cover=1.3, tenor=15.0, avoided=120.0, **changes):
    """A lone firm whose stressed case is 0.56 * 12 MEUR/year at 100 EUR/t; it borrows at 4.5 % (6 % less 1.5 points)."""
    s = world(**(RESOLUTE | PLAIN | {"debt_service_cover": debt_service_cover, "debt_tenor_years": tenor} | changes))
    s.options[1].emission_kt = s.options[1].generated_kt = 1000.0 - avoided
    return s


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
