"""The statistics of `compare` on made tables, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.results.statistics.compare import compare, holm, modes
from clusterpact.results.statistics.regret import flips, futures, regret
from tests.results.made import made, row_of

BASE, GOOD, BAD = [10.0, 12, 14, 16], [10.0, 11, 14, 14], [11.0, 14, 17, 20]


def test_regret_by_hand():
    # The best of each run: 10, 11, 14, 14. Short of it: base 0, 1, 0, 2; good 0; bad 1, 3, 3, 6.
    table = regret(made({"bad": BAD, "base": BASE, "good": GOOD}), "cumulative_mt")
    assert table["policy"].tolist() == ["good", "base", "bad"]
    assert table["mean_regret"].tolist() == pytest.approx([0, 0.75, 3.25])
    assert table["max_regret"].tolist() == [0, 2, 6]
    # Of four sorted numbers the 90th percentile lies at place 2.7: 1 + 0.7 x 1, and 3 + 0.7 x 3.
    assert table["p90_regret"].tolist() == pytest.approx([0, 1.7, 5.1])
    # Good and base tie in runs 0 and 2, which they share: 2/4 + 2 x 0.5/4, and 2 x 0.5/4.
    assert table["best_share"].tolist() == [0.75, 0.25, 0]


def test_regret_where_more_is_better():
    jobs = {"base": [5.0, 7.0, 7.0], "good": [6.0, 7.0, 4.0]}
    table = regret(made({"base": [1.0] * 3, "good": [1.0] * 3}, jobs_total=jobs), "jobs_total").set_index("policy")
    assert table.loc["base", ["mean_regret", "max_regret", "best_share"]].tolist() == pytest.approx([1 / 3, 1, 1.5 / 3])
    assert table.loc["good", ["mean_regret", "max_regret", "best_share"]].tolist() == pytest.approx([1, 3, 1.5 / 3])


def test_identical_packages_share_every_future():
    table = regret(made({"a": BASE, "b": BASE, "c": BASE}), "cumulative_mt")
    assert table["best_share"].tolist() == pytest.approx([1 / 3] * 3)
    assert (table[["mean_regret", "p90_regret", "max_regret"]] == 0).all(axis=None)


def test_a_future_with_a_missing_value_is_dropped():
    table = made({"base": BASE, "bad": BAD})
    table.loc[(table["policy"] == "bad") & (table["run"] == 3), "cumulative_mt"] = np.nan
    wide, better = futures(table, "cumulative_mt")
    assert (wide.index.tolist(), better) == ([0, 1, 2], -1)
    # Bad falls short by 1, 2 and 3; without its lost run 4 is not among them.
    assert row_of(regret(table, "cumulative_mt"), policy="bad")["max_regret"] == 3
    assert compare(table, "base").set_index("outcome").loc["cumulative_mt", "pairs"] == 3


def test_a_package_that_is_worse_in_every_run_is_worse():
    luck = np.random.default_rng(1).normal(20, 3, 40)
    extra = np.linspace(1, 2, 40)
    row = row_of(compare(made({"base": luck, "bad": luck + extra}), "base"), outcome="cumulative_mt")
    assert (row["verdict"], row["better_share"], row["worse_share"]) == ("worse", 0.0, 1.0)
    assert row["difference"] == pytest.approx(1.5)
    assert row["low"] > 1


def test_targets_met_stand_beside_the_regret():
    met = {"base": [True, False, False, False], "good": [True, True, False, True]}
    table = regret(made({"base": BASE, "good": GOOD}, target_2030_met=met), "cumulative_mt").set_index("policy")
    assert table["target_2030_met_share"].to_dict() == {"good": 0.75, "base": 0.25}


def test_one_against_the_luck_of_the_others_does_not_change_a_pair():
    """A third package alters the adjustment only."""
    two, three = (
        compare(made({"base": BASE, "bad": BAD}), "base"),
        compare(made({"base": BASE, "bad": BAD, "good": GOOD}), "base"),
    )
    columns = ["difference", "low", "high", "p_value", "variance_reduction"]
    pd.testing.assert_frame_equal(two[columns], three.loc[three["policy"] == "bad", columns].reset_index(drop=True))


def test_pairs_in_step_save_all_variance():
    # Bad is base x 2: the difference has a quarter of bad's variance, of (1 + 4) parts 1 is left.
    row = row_of(compare(made({"base": BASE, "bad": [2 * x for x in BASE]}), "base"), outcome="cumulative_mt")
    assert row["variance_reduction"] == pytest.approx(1 - 1 / 5)
    shifted = row_of(compare(made({"base": BASE, "bad": [x + 1 for x in BASE]}), "base"), outcome="cumulative_mt")
    assert shifted["variance_reduction"] == 1.0


def test_pairs_against_each_other_cost_variance():
    # x and -x: the difference 2x has 4 parts of variance, the two have 2.
    row = row_of(compare(made({"base": [1.0, 2, 3], "bad": [-1.0, -2, -3]}), "base"), outcome="cumulative_mt")
    assert row["variance_reduction"] == pytest.approx(-1)


def test_a_constant_difference_is_certain():
    row = row_of(compare(made({"base": BASE, "bad": [x + 1 for x in BASE]}), "base"), outcome="cumulative_mt")
    assert (row["difference"], row["low"], row["high"], row["p_value"], row["verdict"]) == (1, 1, 1, 0, "worse")


def test_a_constant_difference_but_for_the_last_bit_is_certain_without_a_warning():
    """Such as the yearly cost of a cluster office, added to money that differs from run to run."""
    luck = np.random.default_rng(1).normal(size=60)
    assert len(set(luck + 0.1 - luck)) > 1
    row = row_of(compare(made({"base": luck, "bad": luck + 0.1}), "base"), outcome="cumulative_mt")
    assert (row["low"], row["high"]) == pytest.approx((0.1, 0.1))
    assert (row["p_value"], row["verdict"]) == (pytest.approx(0, abs=1e-12), "worse")


def test_a_single_pair_says_nothing():
    row = row_of(compare(made({"base": [1.0], "bad": [2.0]}), "base"), outcome="cumulative_mt")
    assert (row["pairs"], row["mean"], row["baseline_mean"], row["verdict"]) == (1, 2, 1, "undefined")
    assert np.isnan(row["difference"])


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([0.01, 0.02, 0.03], [0.03, 0.04, 0.04]),  # 3 x 0.01, 2 x 0.02, and 0.03 raised to the one before
        ([0.03, 0.01, 0.02], [0.04, 0.03, 0.04]),
        ([0.5, 0.6, 0.001], [1.0, 1.0, 0.003]),
        ([0.01, np.nan, 0.04], [0.02, np.nan, 0.04]),  # what is missing is not counted
        ([0.0, 1.0], [0.0, 1.0]),
        ([], []),
    ],
)
def test_holm_by_hand(p, adjusted):
    assert holm(np.array(p, float)).tolist() == pytest.approx(adjusted, nan_ok=True)


# What flips an order.


def flipping(shift, draws=None):
    """Package a emits less than b by x - shift for x = 0 … 10, twice each; y is balanced over x."""
    x, y = np.repeat(np.arange(11.0), 2), np.tile([0.0, 1.0], 11)
    return flips(made({"a": 50 - (x - shift), "b": np.full(22, 50.0)}, draws or {"x": x, "y": y}), "cumulative_mt")


def test_a_parameter_that_turns_the_gap_flips_the_order():
    table = flipping(4).set_index("parameter")
    assert (table["first"].iloc[0], table["second"].iloc[0]) == ("a", "b")  # b wins where x < 4 only
    # The lowest fifth holds x = 0, 1, 2 and the highest 8, 9, 10: gaps of 1 - 4 and 9 - 4.
    assert table.loc["x", ["correlation", "low_gap", "high_gap"]].tolist() == pytest.approx([1, -3, 5])
    assert table.loc["x", "flips"]
    assert table.loc["y", "correlation"] == pytest.approx(0)
    assert not table.loc["y", "flips"]
    assert table.index.tolist() == ["x", "y"]


def test_a_parameter_that_moves_the_gap_but_not_its_sign_flips_nothing():
    table = flipping(-1).set_index("parameter")
    assert table.loc["x", ["correlation", "low_gap", "high_gap"]].tolist() == pytest.approx([1, 2, 10])
    assert not table["flips"].any()


def test_without_draws_nothing_flips():
    assert len(flips(made({"a": BASE, "b": BAD}), "cumulative_mt")) == 0


def test_two_best_packages_that_are_alike_flip_with_nothing():
    assert len(flips(made({"a": BASE, "b": BASE, "c": BAD}, {"x": [0.0, 1, 2, 3]}), "cumulative_mt")) == 0


def test_a_parameter_drawn_alike_in_every_run_flips_nothing():
    assert len(flips(made({"a": BASE, "b": GOOD}, {"x": [2.0] * 4}), "cumulative_mt")) == 0


# Modes.


@pytest.mark.parametrize("runs", [60, 200, 1000])
def test_a_normal_has_one_mode(runs):
    """In nearly all of 40 samples: the page says of two modes that the mean hides them."""
    counts = [len(modes(np.random.default_rng(seed).normal(10, 2, runs))) for seed in range(40)]
    assert sum(count == 1 for count in counts) >= 36, counts


def test_two_normals_apart_are_two_modes_with_their_shares():
    rng = np.random.default_rng(1)
    found = modes(np.concatenate([rng.normal(0, 1, 300), rng.normal(20, 1, 100)]))
    big = [(value, share) for value, share in found if share > 0.2]
    assert sum(share for _, share in found) == pytest.approx(1)
    assert len(found) == 2, found
    assert [value for value, _ in big] == pytest.approx([0, 20], abs=0.5)
    assert [share for _, share in big] == pytest.approx([0.75, 0.25])


def test_constants_and_few_values_are_one_mode():
    assert modes(np.full(100, 3.0)) == [(3.0, 1.0)]
    assert modes(np.array([1.0] * 20 + [9.0] * 29)) == [(9.0, 1.0)]  # 49 values, their median
    assert modes(np.array([])) == []


def test_a_yes_or_no_has_two_modes():
    assert modes(np.array([0.0] * 30 + [100.0] * 70)) == [(0.0, 0.3), (100.0, 0.7)]
