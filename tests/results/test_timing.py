"""Latest years, yearly costs, milestones and pairs on made outcomes whose answers are worked out by hand."""

from zlib import crc32

import numpy as np
import pandas as pd
import pytest

from clusterpact.results.statistics.contributions import NONE
from clusterpact.results.statistics.timing import (
    ALONE,
    ANYHOW,
    BISECTION,
    BY,
    END,
    EVERY_YEAR,
    HARMS,
    LITTLE,
    MISSED,
    START,
    TIED,
    USEFUL,
    WITHIN,
    Curve,
    Variants,
    chance,
    curve_table,
    grid,
    interactions,
    latest_of,
    milestones,
    rises,
    yearly_cost,
    years_to_run,
)
from tests.results.made import made

FIRST, LAST, RUNS = 2026, 2050, 400
BASE = np.random.default_rng(7).normal(500, 30, RUNS)
START_ALONE = Curve(("grant_share",), ALONE, START, FIRST)
START_WITHIN = Curve(("grant_share",), WITHIN, START, FIRST)
END_ALONE = Curve(("grant_share",), ALONE, END, FIRST)


def noise(policy, sd=1.0):
    """Differences between the runs of a policy, exactly zero on the mean."""
    drawn = np.random.default_rng(crc32(policy.encode())).normal(0, sd, RUNS)
    return drawn - drawn.mean()


def variants(curve, effect, years, sd=1.0, cost=lambda year: 0.0, co2=None, met=None):
    """Variants of a curve whose mean effect by year is given, Mt less than never; cost: MEUR more, by year."""
    emitted, public = {curve.never: BASE}, {curve.never: np.full(RUNS, 100.0)}
    if curve.setting == WITHIN:
        emitted[NONE], public[NONE] = BASE, np.full(RUNS, 100.0)
    for year in years:
        policy = curve.policy(year)
        emitted[policy] = BASE - effect(year) - noise(policy, sd)
        public[policy] = 100.0 + cost(year) + noise(policy, 0.01)
    targets = {name: {policy: met(policy) for policy in emitted} for name in (["target_2040_met"] if met else [])}
    outcomes = made(emitted, public_meur=public, **targets)
    return Variants.of(outcomes, "cumulative_mt", [2040] if met else [], co2)


def search(curve, effect, every, met=None, **options):
    """Run a made curve as `timing` does: a grid, then what is asked for; returns the last variants and the years run."""
    years = grid(FIRST, LAST, every)
    while True:
        found = variants(curve, effect, years, met=met, **options)
        more = years_to_run(found, curve, LAST, 0.5)
        if not more:
            return found, years
        assert not set(more) & set(years)
        years = sorted({*years, *more})


def falling(year):
    """10 Mt in the first year, 0.5 Mt less for each year later, nothing from 2046 on."""
    return max(0.0, 10.0 - 0.5 * (year - FIRST))


@pytest.mark.parametrize("every", [1, 3, 7, 24])
def test_the_latest_useful_year_of_a_falling_effect_is_the_last_before_it_is_gone(every) -> None:
    found, years = search(START_ALONE, falling, every)
    row = latest_of(found, START_ALONE, curve_table(found, START_ALONE, years), LAST)
    assert (row["verdict"], row["latest_year"], row["next_year"]) == (USEFUL, 2045, 2046)
    assert row["searched"] == (EVERY_YEAR if every == 1 else BISECTION)
    assert row["years_tested"] == len(years)
    assert every == 1 or len(years) < 15
    assert row["first_effect"] == pytest.approx(10.0)


def test_a_years_delay_costs_the_slope() -> None:
    found, years = search(START_ALONE, falling, 3)
    row = latest_of(found, START_ALONE, curve_table(found, START_ALONE, years), LAST)
    assert row["year_costs"] == pytest.approx(0.5)
    assert row["year_costs_low"] < 0.5 < row["year_costs_high"]
    assert row["year_costs_until"] == 2032


def test_the_interval_of_a_years_delay_holds_the_slope_in_most_samples() -> None:
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        emitted = {NONE: BASE[:30]} | {START_ALONE.policy(y): BASE[:30] - falling(y) - rng.normal(0, 2, 30)
                                       for y in (2026, 2029, 2032)}  # fmt: skip
        found = Variants.of(made(emitted), "cumulative_mt", [], None)
        _, low, high = yearly_cost(found, START_ALONE, [2026, 2029, 2032])
        held.append(low <= 0.5 <= high)
    assert 0.9 <= np.mean(held) <= 0.99


def test_worth_starting_by_is_the_last_year_in_which_tonnes_are_worth_more_than_they_cost() -> None:
    """At 100 EUR/t a gain of 10 Mt less 0.5 Mt a year is worth more than 620 MEUR until 2033 (6.5 Mt), not in 2034."""
    found, years = search(START_ALONE, falling, 3, cost=lambda _: 620.0, co2=100.0)
    row = latest_of(found, START_ALONE, curve_table(found, START_ALONE, years), LAST)
    assert (row["worth_year"], row["latest_year"]) == (2033, 2045)


def test_without_a_value_of_co2_nothing_is_worth_starting() -> None:
    found, years = search(START_ALONE, falling, 3)
    table = curve_table(found, START_ALONE, years)
    assert table["net_meur"].isna().all()
    assert latest_of(found, START_ALONE, table, LAST)["worth_year"] is None


def test_what_is_never_told_is_tied_and_costs_no_more_runs() -> None:
    found, years = search(START_ALONE, lambda _: 0.0, 3)
    assert years == grid(FIRST, LAST, 3)
    row = latest_of(found, START_ALONE, curve_table(found, START_ALONE, years), LAST)
    assert (row["verdict"], row["latest_year"], row["next_year"]) == (TIED, None, None)


def test_what_is_told_and_small_is_too_little_to_matter() -> None:
    found, years = search(START_ALONE, lambda year: falling(year) / 10, 3, sd=0.1)
    row = latest_of(found, START_ALONE, curve_table(found, START_ALONE, years), LAST)
    assert row["smallest"] == pytest.approx(0.01 * BASE.mean())
    assert (row["verdict"], row["latest_year"]) == (LITTLE, 2045)


def test_harm_falls_with_delay_as_help_does() -> None:
    found, years = search(START_ALONE, lambda year: -falling(year), 3)
    row = latest_of(found, START_ALONE, curve_table(found, START_ALONE, years), LAST)
    assert (row["verdict"], row["latest_year"], row["searched"]) == (HARMS, 2045, BISECTION)


def test_where_the_effect_rises_with_delay_every_year_is_run() -> None:
    """Useful in the middle alone: a bisection from the first years would never get there."""

    def middle(year):
        return 5.0 if 2035 <= year <= 2040 else 0.0

    found, years = search(START_ALONE, middle, 3)
    assert rises(found, START_ALONE, grid(FIRST, LAST, 3))
    assert years == list(range(FIRST, LAST + 1))
    row = latest_of(found, START_ALONE, curve_table(found, START_ALONE, years), LAST)
    assert (row["latest_year"], row["searched"]) == (2040, EVERY_YEAR)


def test_noise_is_not_taken_for_a_rise() -> None:
    rose = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        emitted = {NONE: BASE[:40]} | {START_ALONE.policy(y): BASE[:40] - rng.normal(0, 3, 40)
                                       for y in grid(FIRST, LAST, 3)}  # fmt: skip
        rose += rises(Variants.of(made(emitted), "cumulative_mt", [], None), START_ALONE, grid(FIRST, LAST, 3))
    assert rose <= 20


def test_an_effect_that_is_only_luck_is_told_in_one_of_twenty_curves_at_most() -> None:
    """Holm over the years that were tested: nine looks are not nine chances to be wrong."""
    told = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        emitted = {NONE: BASE[:30]} | {START_ALONE.policy(y): BASE[:30] - rng.normal(0, 3, 30)
                                       for y in grid(FIRST, LAST, 3)}  # fmt: skip
        found = Variants.of(made(emitted), "cumulative_mt", [], None)
        told += curve_table(found, START_ALONE, grid(FIRST, LAST, 3))["is_told"].any()
    assert told / 400 <= 0.08


def test_an_end_is_set_against_keeping_it() -> None:
    """In force until a year, it brings 0.5 Mt a year: ended in 2031 it brings 2.5 of 12.5 Mt, so that 10 Mt are lost."""
    emitted = {NONE: BASE, END_ALONE.always: BASE - 12.5}
    years = [FIRST, 2031, 2041, 2050]
    emitted |= {END_ALONE.policy(year): BASE - 0.5 * (year - FIRST) for year in years[1:]}
    public = {name: np.full(RUNS, 1000.0 - values.mean()) for name, values in emitted.items()}
    found = Variants.of(made(emitted, public_meur=public), "cumulative_mt", [], None)
    table = curve_table(found, END_ALONE, years)
    assert table["effect"].to_list() == pytest.approx([12.5, 10.0, 5.0, 0.5])
    assert table["public_meur"].to_list() == pytest.approx([12.5, 10.0, 5.0, 0.5])
    assert latest_of(found, END_ALONE, table, LAST)["year_costs"] == pytest.approx(0.5)


def meeting(shares):
    """Runs that meet a target by policy: the first so many of them."""
    return lambda policy: np.arange(RUNS) < round(RUNS * shares(policy))


def test_a_milestone_is_the_latest_start_whose_chance_is_told_to_be_enough() -> None:
    """Chance 0.9 in the first year and 0.04 less for each later one; a Wilson interval of 400 runs is about 0.049 wide
    to each side: the last start told to reach a half is 2034 (0.58, low end 0.531)."""

    def shares(policy):
        return 0.02 if not policy[-4:].isdigit() else max(0.0, 0.9 - 0.04 * (int(policy[-4:]) - FIRST))

    found, years = search(START_WITHIN, lambda _: 0.0, 3, met=meeting(shares))
    (row,) = milestones(found, [START_WITHIN], LAST, 0.5).to_dict("records")
    assert (row["verdict"], row["latest_year"], row["target_year"]) == (BY, 2034, 2040)
    assert row["chance"] == pytest.approx(0.58)
    n, p, z = RUNS, 0.58, 1.959964
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z / (1 + z * z / n) * (p * (1 - p) / n + z * z / 4 / n / n) ** 0.5
    assert (row["chance_low"], row["chance_high"]) == pytest.approx((middle - half, middle + half))
    assert {2034, 2035} <= set(years)
    assert found.tested(START_WITHIN, LAST) == years


@pytest.mark.parametrize(("share", "verdict"), [(0.12, MISSED), (0.8, ANYHOW)])
def test_a_milestone_that_is_missed_or_met_anyhow_names_no_year(share, verdict) -> None:
    found, _ = search(START_WITHIN, lambda _: 0.0, 6, met=meeting(lambda _: share))
    (row,) = milestones(found, [START_WITHIN], LAST, 0.5).to_dict("records")
    assert row["verdict"] == verdict
    assert pd.isna(row["latest_year"])
    assert row["chance"] == pytest.approx(share)
    assert chance(found, START_WITHIN.never, 2040)[0] == RUNS


def test_pairs_that_interact_are_told_from_those_that_add_up() -> None:
    alone = {"grant_share": 3.0, "lock_in": 2.0, "faster_permits": 1.0}
    together = {("grant_share", "lock_in"): 9.0, ("grant_share", "faster_permits"): 4.0, ("lock_in", "faster_permits"): 1.5}
    emitted = {NONE: BASE}
    for names, effect in {**{(name,): effect for name, effect in alone.items()}, **together}.items():
        policy = Curve(names, ALONE, START, FIRST).always
        emitted[policy] = BASE - effect - noise(policy, 0.5)
    table = interactions(Variants.of(made(emitted), "cumulative_mt", [], None), list(alone), FIRST)
    found = table.set_index(["first", "second"])
    assert found["interaction"].to_dict() == pytest.approx(
        {("grant_share", "lock_in"): 4.0, ("grant_share", "faster_permits"): 0.0, ("lock_in", "faster_permits"): -1.5}
    )
    assert found["interacts"].to_dict() == {("grant_share", "lock_in"): True, ("grant_share", "faster_permits"): False,
                                            ("lock_in", "faster_permits"): True}  # fmt: skip


def test_runs_in_which_the_outcome_is_undefined_are_left_out_of_the_curve() -> None:
    emitted = {NONE: BASE.copy(), START_ALONE.policy(2026): BASE - 4, START_ALONE.policy(2050): BASE - 1}
    emitted[START_ALONE.policy(2026)][:100] = np.nan
    table = curve_table(Variants.of(made(emitted), "cumulative_mt", [], None), START_ALONE, [2026, 2050])
    assert table["pairs"].to_list() == [300, 300]
    assert table["effect"].to_list() == pytest.approx([4.0, 1.0])
