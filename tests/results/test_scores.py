"""Scores of bands, counts and events against what came: by hand, on numbers small enough for it."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.results.statistics.scores import (
    WALKS,
    crps,
    random_walks,
    reliability,
    score_count,
    score_events,
    score_window,
    score_years,
    skill,
)

RUNS = 101  #: 0, 1, …, 100: quantiles are numbers of runs
RUN_NUMBERS = np.arange(RUNS, dtype=float)


def years_of(observed, drawn=RUN_NUMBERS, start=60.0, walks=RUN_NUMBERS):
    """The table of years in which the runs are the same and the record is another."""
    count = len(observed)
    drawn, walks = (np.repeat(values[:, None], count, axis=1) for values in (drawn, walks))
    return score_years(drawn, np.array(observed, float), start, walks, list(range(2014, 2014 + count)))


def walks_of(base, spread, years, seed):
    """Random walks of plants that are known in all years."""
    return random_walks(base, spread, np.ones((len(base), years), bool), seed)


def crps_by_hand(value, drawn):
    """Mean distance of draws from a value less half the mean distance between two draws."""
    drawn = np.asarray(drawn, float)
    return np.abs(drawn - value).mean() - 0.5 * np.abs(drawn[:, None] - drawn[None, :]).mean()


@pytest.mark.parametrize(
    ("came", "inside_90", "inside_50"),
    [(4.9, False, False), (5.0, True, False), (24.9, True, False), (25.0, True, True), (75.0, True, True),
     (75.1, True, False), (95.0, True, False), (95.1, False, False)],
)  # fmt: skip
def test_bands_hold_what_lies_between_their_quantiles(came, inside_90, inside_50):
    (row,) = years_of([came]).to_dict("records")
    assert (row["low_90"], row["low_50"], row["median"], row["high_50"], row["high_90"]) == (5.0, 25.0, 50.0, 75.0, 95.0)
    assert (row["inside_90"], row["inside_50"]) == (inside_90, inside_50)


@pytest.mark.parametrize("value", [-3.0, 1.0, 2.5, 40.0])
def test_crps_is_the_distance_of_the_draws_less_half_that_between_them(value):
    drawn = [1.0, 2.0, 2.0, 5.0, 11.0]
    assert crps(np.array([value]), np.array([drawn]))[0] == pytest.approx(crps_by_hand(value, drawn))


def test_a_forecast_without_a_doubt_is_scored_by_its_distance():
    assert crps(np.array([7.0]), np.full((1, 9), 4.0))[0] == pytest.approx(3.0)


def test_each_year_scores_three_forecasts():
    walks = np.linspace(20.0, 30.0, 40)
    (row,) = years_of([48.0], walks=walks).to_dict("records")
    assert row["crps"] == pytest.approx(crps_by_hand(48.0, RUN_NUMBERS))
    assert row["crps_nothing_changes"] == pytest.approx(12.0)
    assert row["crps_random_walk"] == pytest.approx(crps_by_hand(48.0, walks))


def test_a_year_without_a_record_is_left_out():
    table = years_of([50.0, np.nan, 10.0])
    assert table["year"].tolist() == [2014, 2016]
    assert table["observed"].tolist() == [50.0, 10.0]
    assert not table.isna().any().any()


def test_each_year_has_its_own_runs():
    drawn = np.stack([RUN_NUMBERS, RUN_NUMBERS + 1000.0], axis=1)
    table = score_years(drawn, np.array([50.0, 50.0]), 60.0, drawn, [2014, 2015])
    assert table["inside_90"].tolist() == [True, False]
    assert table["median"].tolist() == [50.0, 1050.0]


def test_a_window_is_the_mean_of_its_years():
    table = years_of([50.0, 10.0, 2.0, 99.0])
    row = score_window(table)
    assert (row["years"], row["inside_90_share"], row["inside_50_share"]) == (4, 0.5, 0.25)
    mean = np.mean([crps_by_hand(value, RUN_NUMBERS) for value in (50.0, 10.0, 2.0, 99.0)])
    assert row["crps"] == pytest.approx(mean)
    assert row["skill_nothing_changes"] == pytest.approx(1 - mean / np.mean([10.0, 50.0, 58.0, 39.0]))
    assert row["skill_random_walk"] == pytest.approx(0.0)  # it drew the same


@pytest.mark.parametrize(("score", "reference", "expected"), [(0.0, 5.0, 1.0), (5.0, 5.0, 0.0), (10.0, 5.0, -1.0)])
def test_skill_is_what_is_left_of_a_reference_s_score(score, reference, expected):
    assert skill(score, reference) == expected


def test_there_is_no_skill_against_a_perfect_reference():
    assert np.isnan(skill(1.0, 0.0))


# The random walk.


def test_a_random_walk_holds_its_mean_at_the_base():
    base, spread = np.array([100.0, 50.0, 10.0]), np.array([0.1, 0.2, 0.4])
    walks = walks_of(base, spread, 8, 3)
    assert walks.shape == (WALKS, 8)
    error = walks.std(axis=0) / np.sqrt(WALKS)
    assert (np.abs(walks.mean(axis=0) - base.sum()) < 4 * error).all()


def test_the_logarithm_of_a_random_walk_spreads_with_the_root_of_the_years():
    walks = np.log(walks_of(np.array([100.0]), np.array([0.1]), 16, 3))
    for years in (1, 4, 16):
        assert walks[:, years - 1].std() == pytest.approx(0.1 * np.sqrt(years), rel=4 / np.sqrt(2 * WALKS))


def test_plants_walk_apart_from_each_other():
    one, many = (walks_of(np.full(n, 100.0 / n), np.full(n, 0.1), 1, 3)[:, 0].std() for n in (1, 100))
    assert many == pytest.approx(one / 10, rel=8 / np.sqrt(2 * WALKS))


def test_a_walk_without_a_spread_stays_and_a_seed_gives_the_same_walk_again():
    still = walks_of(np.array([3.0, 4.0]), np.zeros(2), 5, 3)
    assert np.unique(still).tolist() == [7.0]
    base, spread = np.array([3.0]), np.array([0.1])
    assert (walks_of(base, spread, 5, 3) == walks_of(base, spread, 5, 3)).all()
    assert (walks_of(base, spread, 5, 3) != walks_of(base, spread, 5, 4)).any()


# Counts.


@pytest.mark.parametrize(
    ("least", "most", "inside"),
    [(4, 4, False), (5, 5, True), (50, 50, True), (94, 94, True), (95, 95, True), (96, 96, False), (0, 5, True),
     (0, 4, False), (96, 99, False), (95, 99, True), (0, 100, True)],
)  # fmt: skip
def test_a_count_is_inside_where_what_it_may_be_reaches_into_the_interval(least, most, inside):
    row = score_count(np.arange(RUNS), least, most)
    assert (row["low_90"], row["high_90"], row["mean"]) == (5, 95, 50.0)
    assert (row["observed_low"], row["observed_high"]) == (least, most)
    assert row["inside_90"] is inside


def test_the_interval_of_a_count_is_of_counts_that_were_drawn():
    row = score_count(np.array([0] * 90 + [3] * 10), 1, 1)
    assert (row["low_90"], row["high_90"], row["mean"]) == (0, 3, pytest.approx(0.3))


# Events.


def test_brier_is_the_mean_square_of_what_a_chance_missed():
    row = score_events(np.array([0.9, 0.6, 0.2, 0.1]), np.array([True, False, False, False]))
    assert row["brier"] == pytest.approx((0.01 + 0.36 + 0.04 + 0.01) / 4)
    assert row["brier_base_rate"] == pytest.approx(0.25 * 0.75)
    assert row["skill_base_rate"] == pytest.approx(1 - row["brier"] / row["brier_base_rate"])
    assert (row["events"], row["observed_rate"], row["forecast_rate"]) == (4, 0.25, pytest.approx(0.45))


def test_who_says_the_base_rate_has_no_skill_and_who_knows_has_all_of_it():
    happened = np.array([True, False, False, True, False])
    assert score_events(np.full(5, 0.4), happened)["skill_base_rate"] == pytest.approx(0.0)
    assert score_events(happened.astype(float), happened)["skill_base_rate"] == 1.0


def test_the_error_of_a_skill_is_that_over_samples_of_events():
    draws = np.random.default_rng(1)

    def sample(count):
        chances = draws.uniform(0, 1, count)
        return score_events(chances, draws.uniform(0, 1, count) < chances)

    many = [sample(400) for _ in range(300)]
    told = np.mean([row["skill_error"] for row in many])
    assert told == pytest.approx(np.std([row["skill_base_rate"] for row in many]), rel=0.2)


@pytest.mark.parametrize("happened", [[True, True, True], [False, False]])
def test_events_that_all_came_out_alike_leave_no_base_rate_to_beat(happened):
    row = score_events(np.full(len(happened), 0.5), np.array(happened))
    assert np.isnan(row["skill_base_rate"])
    assert np.isnan(row["skill_error"])
    assert row["brier"] == 0.25


def test_one_event_has_a_score_and_no_error():
    row = score_events(np.array([0.7]), np.array([True]))
    assert row["brier"] == pytest.approx(0.09)
    assert np.isnan(row["skill_error"])


def test_a_table_of_reliability_sorts_events_by_their_chance():
    chances = np.array([0.0, 0.05, 0.1, 0.29, 0.5, 0.9, 1.0])
    happened = np.array([False, True, False, False, True, True, True])
    assert reliability(chances, happened).to_dict("list") == {
        "from_share": [0.0, 0.1, 0.5, 0.9],
        "to_share": [0.1, 0.3, 0.7, 1.0],
        "events": [2, 2, 1, 2],
        "forecast_share": pytest.approx([0.025, 0.195, 0.5, 0.95]),
        "observed_share": [0.5, 0.0, 1.0, 1.0],
    }


def test_no_events_have_an_empty_table_of_the_same_columns():
    empty = reliability(np.array([]), np.array([], bool))
    pd.testing.assert_index_equal(empty.columns, reliability(np.array([0.5]), np.array([True])).columns)
    assert len(empty) == 0


def test_a_walk_adds_up_the_plants_that_a_year_knows():
    known = np.array([[True, True], [True, False]])
    both = random_walks(np.array([3.0, 4.0]), np.zeros(2), known, 3)
    assert both == pytest.approx(np.tile([7.0, 3.0], (WALKS, 1)))
