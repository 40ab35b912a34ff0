"""Hazards in limiting cases (R3, R4, R6): boards, defaults, pledges, adoption (model.md, section 7).

How numbers are worked out and compared: `tests/worlds/limits.py`.
"""

import math

import numpy as np
import pytest

import clusterpact.agents.ladder
from clusterpact.agents.chance import INVEST, uniform
from clusterpact.agents.ladder import invests
from clusterpact.agents.vocabulary import PLEDGED
from clusterpact.policies.catalogue import ADOPTABLE
from clusterpact.sim.schedule import quarter
from tests.worlds.limits import (
    DEFAULTS,
    RESOLUTE,
    YEARS,
    agree,
    annuity,
    borrower,
    play,
    set_carbon_price,
    share_agrees,
    started,
    world,
)
from tests.worlds.small import NEVER

pytestmark = pytest.mark.horizon


def hesitant(capability=0.4, run=0, template=None):
    """A lone firm with default sharpness that gains a little; the same chance at every board."""
    s = (
        template.copy()
        if template
        else world(policy_premium_pp=0.0, capability_start=capability, fuel_ceiling_per_year=CEILING)
    )
    if template is None:
        set_carbon_price(s, np.full(YEARS, 17.2))
    return started(s, run, template)


CEILING = 0.8  #: largest yearly hazard of changing the fuel


def chance_of_hesitant(capability=0.4):
    """h A p of that firm: v at 11 %, U = 0.9 v - 0.05 without peers, logit at 10."""
    utility = 0.9 * (17.2 * 0.9 * annuity(0.11, 20) * 1.11**-2 / 100.0 - 1) - 0.1 * 0.5
    return CEILING * capability / (1 + math.exp(-10 * utility))


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
            monkeypatch.setattr(clusterpact.agents.ladder, "uniform", lambda *_, draw=middle: draw)
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


def test_failures_over_three_and_ten_years_are_those_of_the_hazards():
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
    adopted = np.zeros(len(ADOPTABLE))
    for run in range(2000):
        for _ in play(started(s, run, template)):
            pass
        adopted += s.adoptions.strength > 0
    for count in adopted:
        share_agrees(count, 2000, 1 - math.exp(-0.02 * 25))


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
