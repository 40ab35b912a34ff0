"""How many runs are enough: Monte Carlo errors, curves of variation, and the cells of the headline table."""

import re

import numpy as np
import pandas as pd
import pytest

from clusterpact.results.statistics.convergence import advice, settled_after, standard_error, variation_curve
from clusterpact.results.summary import _cell


def noise(runs, seed=7):
    return np.random.default_rng(seed).normal(size=runs)


def by_hand(values):
    """Standard deviation over mean of every prefix, by NumPy; the first has none."""
    prefixes = [values[:n] for n in range(2, len(values) + 1)]
    return np.array([np.nan, *(np.std(x, ddof=1) / abs(np.mean(x)) for x in prefixes)])


# The curve.


@pytest.mark.parametrize(
    "values",
    [
        5 + noise(200),
        -5 + noise(200),
        np.exp(noise(200)),
        (noise(200) > 0).astype(float) + 1,
        1e-12 * (3 + noise(200)),
        np.arange(1.0, 50.0),
    ],
    ids=["normal", "negative", "lognormal", "two values", "tiny", "line"],
)
def test_the_curve_is_the_standard_deviation_over_the_mean_of_every_prefix(values):
    np.testing.assert_allclose(variation_curve(values), by_hand(values), rtol=1e-9)


def test_three_runs_by_hand():
    # 2: none. 2 and 4: sqrt(2) / 3. 2, 4 and 9: deviations -3, -1 and 4, variance 26 / 2, mean 5.
    assert variation_curve(np.array([2.0, 4.0, 9.0])) == pytest.approx([np.nan, 2**0.5 / 3, 13**0.5 / 5], nan_ok=True)


@pytest.mark.parametrize("level", [1e9, -1e9, 1e12])
def test_the_curve_is_exact_for_small_noise_far_from_zero(level):
    values = level + np.tile([-1.0, 0.0, 2.0, -1.0], 50)  # these sums are exact
    found = variation_curve(values)
    np.testing.assert_allclose(found, by_hand(values), rtol=1e-6)
    assert found[-1] == pytest.approx((300 / 199) ** 0.5 / abs(level), rel=1e-9)  # squares of -1, 0, 2, -1 add up to 6


def test_the_curve_survives_a_first_run_far_from_the_others():
    values = np.r_[0.0, 1e9 + np.tile([-1.0, 1.0], 100)]
    np.testing.assert_allclose(variation_curve(values), by_hand(values), rtol=1e-6)


@pytest.mark.parametrize("value", [1.0, 0.1, -3.3, 1e9 + 0.1])
def test_constant_values_do_not_vary(value):
    found = variation_curve(np.full(30, value))
    assert np.isnan(found[0])
    assert (found[1:] == 0.0).all()


def test_zeros_do_not_vary():
    assert (variation_curve(np.zeros(30))[1:] == 0).all()


def test_one_run_has_none_either():
    assert np.isnan(variation_curve(np.array([3.0]))).all()


def test_a_prefix_whose_mean_is_zero_has_none_and_the_next_one_has():
    found = variation_curve(np.array([-1.0, 1.0, 3.0]))
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(2.0)  # standard deviation 2, mean 1


def test_whole_numbers_and_booleans_are_read_as_numbers():
    assert variation_curve(np.array([True, False])) == pytest.approx([np.nan, 2**0.5], nan_ok=True)


# When it has settled.


def test_a_constant_series_settles_at_the_fewest_runs():
    assert settled_after(np.full(20, 3.0)) == 10
    assert settled_after(np.full(1000, 3.0)) == 10


def test_a_series_of_zeros_has_settled_like_any_constant_one():
    """Where nothing is ever abated, more runs would change nothing."""
    assert settled_after(np.zeros(1000)) == 10


def test_fewer_than_twenty_runs_are_too_few():
    assert settled_after(np.full(19, 3.0)) is None
    assert settled_after(np.array([3.0])) is None


def test_white_noise_settles_later_and_after_that_stays_within_a_hundredth():
    values = 1 + 0.5 * noise(4000)
    curve = by_hand(values)
    found = settled_after(values)
    assert 100 < found <= 2000
    assert (np.abs(curve[found - 1 :] - curve[-1]) < 0.01).all()  # element n - 1 is the curve after n runs
    assert abs(curve[found - 2] - curve[-1]) >= 0.01


def test_less_noise_settles_earlier():
    spreads = (0.5, 0.2, 0.05)
    found = [settled_after(1 + spread * noise(4000)) for spread in spreads]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 3


def test_the_same_noise_in_too_few_runs_has_not_settled():
    assert settled_after(1 + 0.5 * noise(200)) is None


def test_a_step_near_the_end_unsettles_the_curve():
    values = np.ones(100)
    values[-1] = 2.0  # from 0 to sqrt(0.0099 * 100 / 99) / 1.01 = 0.099
    assert settled_after(values) is None
    values[-1] = 1.05  # 0.005: within the tolerance
    assert settled_after(values) == 10


@pytest.mark.parametrize(("runs", "found"), [(66, None), (68, 34), (118, 50)])
def test_it_counts_only_if_it_took_at_most_half_of_the_runs(runs, found):
    """Ones and a sixth run of 1.2: the curve after n runs is 0.2 / sqrt(n) / (1 + 0.2 / n).

    33 runs: 0.0346, 34: 0.0341, 66: 0.0245, 68: 0.0242. So 34 runs are the first within 0.01 of both ends, but of 66 runs
    they are more than half. 49: 0.0285, 50: 0.0282, 118: 0.0184: after 118 runs, 50 are the first.
    """
    values = np.ones(runs)
    values[5] = 1.2
    assert settled_after(values) == found


# The advice.


def outcomes(**policies):
    """Outcomes of policies: a series of abated shares each, and total emissions that do not vary."""
    tables = [
        pd.DataFrame({"policy": name, "run": range(len(values)), "abated_share_2030": 0.1, "abated_share_2050": values,
                      "cumulative_mt": 100.0})
        for name, values in policies.items()
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def stepped(runs):
    values = np.ones(runs)
    values[-1] = 3.0
    return values


def decided(**emitted):
    """Outcomes of policies by their total emissions, Mt."""
    return pd.concat([
        pd.DataFrame({"policy": name, "run": range(len(values)), "cumulative_mt": np.asarray(values, float),
                      "public_meur": 1.0, "private_meur": 1.0})
        for name, values in emitted.items()
    ])  # fmt: skip


def test_packages_that_are_told_apart_need_no_more_runs():
    base = 100 + 5 * noise(50)
    found = advice(decided(base=base, less=base - 10 + noise(50, 8)), "base")
    assert found == "Runs: enough. 50 tell every package from base in CO2 emitted, or as alike (95 %)."


def test_packages_that_differ_by_too_little_to_matter_need_no_more_runs():
    base = 100 + 5 * noise(400)
    assert advice(decided(base=base, same=base + 0.1 * noise(400, 8)), "base").startswith("Runs: enough.")


def test_what_cannot_be_told_is_named_with_its_error_and_the_runs_that_would():
    # Differences of 4 and -4: mean 0, error 4 / sqrt(99) = 0.402; half an interval 0.788. A hundredth of 50 Mt is 0.5.
    base = np.full(100, 50.0)
    found = advice(decided(base=base, other=base + np.tile([4.0, -4.0], 50)), "base")
    wanted = 100 * (1.96 * 4 / 99**0.5 / 0.25) ** 2  # 993: to half of what matters
    assert found == (
        f"Runs: 100 do not tell other from base in CO2 emitted (+0 ±0.79 Mt, 95 %); try --runs {int(-(-wanted // 10) * 10)}."
    )


def test_the_worst_is_named_and_the_others_are_counted():
    base = np.full(60, 50.0)
    wide, wider = np.tile([4.0, -4.0], 30), np.tile([8.0, -8.0], 30)
    assert "do not tell b from base" in (found := advice(decided(base=base, a=base + wide, b=base + wider), "base"))
    assert ", nor 1 more; try --runs " in found


@pytest.mark.parametrize("true", [0.2, 0.7])
def test_the_advice_holds_when_it_is_followed(true):
    """Of as many runs as it asks for, the same futures tell the packages apart or alike."""
    gap = true + 4 * noise(20_000)
    base = np.full(20_000, 50.0)
    first = advice(decided(base=base[:100], other=(base + gap)[:100]), "base")
    typed = re.search(r"--runs (\d+)\.$", first)
    assert typed is not None
    more = int(typed[1])
    assert 100 < more < 5000
    assert advice(decided(base=base[:more], other=(base + gap)[:more]), "base").startswith("Runs: enough.")


def test_a_policy_by_itself_is_known_or_not():
    known = "Runs: enough. CO2 emitted over the horizon is known"
    assert advice(decided(one=100 + 0.5 * noise(100)), "one").startswith(known)
    assert "try --runs" in advice(decided(one=100 + 50 * noise(100)), "one")


@pytest.mark.parametrize("table", [decided(one=np.zeros(1000)), decided(one=np.zeros(50), two=np.zeros(50))])
def test_a_result_in_which_nothing_is_emitted_needs_no_more_runs(table):
    assert advice(table, "one").startswith("Runs: enough.")


@pytest.mark.parametrize("runs", [0, 1, 9])
def test_a_result_of_hardly_a_run_needs_more(runs):
    assert advice(decided(one=np.ones(max(1, runs))).iloc[:runs], "one").startswith("Runs: more are needed.")


# Errors and cells.


def cell_of(values, kind):
    """The cell of one column of outcomes."""
    return _cell([values.to_numpy()], kind)


def test_the_standard_error_is_the_spread_over_the_root_of_the_runs():
    # Deviations -3, -1 and 4: variance 13, over 3 runs.
    assert standard_error(pd.Series([2.0, 4.0, 9.0])) == pytest.approx((13 / 3) ** 0.5)
    assert standard_error(pd.Series([True, False, False, True])) == pytest.approx((1 / 3 / 4) ** 0.5)


def test_one_run_has_no_standard_error_and_equal_runs_have_none_to_speak_of():
    assert np.isnan(standard_error(pd.Series([3.0])))
    assert standard_error(pd.Series([3.0, 3.0])) == 0.0


def test_a_share_is_shown_with_its_error():
    met = pd.Series([True] * 3 + [False] * 7)
    assert cell_of(met, "chance") == "30 ±15"  # variance 10,000 * 0.3 * 0.7 * 10 / 9, over 10 runs: 15.3


def test_small_errors_show_a_digit():
    assert cell_of(pd.Series([True] * 50 + [False] * 9950), "chance") == "0.50 ±0.07"  # root of 0.5 * 99.5 / 9999: 0.07


@pytest.mark.parametrize(("runs", "cell"), [(10, "0 (<30)"), (100, "0 (<3)"), (200, "0 (<1.5)"), (1000, "0 (<0.3)")])
def test_none_of_n_runs_leaves_three_in_n(runs, cell):
    assert cell_of(pd.Series([False] * runs), "chance") == cell


@pytest.mark.parametrize(
    ("runs", "cell"), [(10, "100 (>70)"), (100, "100 (>97)"), (200, "100 (>98.5)"), (1000, "100 (>99.7)")]
)
def test_all_of_n_runs_leave_three_in_n(runs, cell):
    assert cell_of(pd.Series([True] * runs), "chance") == cell


@pytest.mark.parametrize("runs", [2, 3, 4, 10_000, 1_000_000])
@pytest.mark.parametrize("met", [False, True])
def test_the_bound_is_a_percentage_that_says_something_however_many_runs_there_are(runs, met):
    cell = cell_of(pd.Series([met] * runs), "chance")
    bound = re.search(r"\([<>](.*)\)", cell)
    assert bound is not None
    assert "e" not in bound[1], cell
    assert 0 <= float(bound[1]) <= 100, cell
    assert runs <= 3 or 0 < float(bound[1]) < 100, cell


def test_one_run_shows_no_error():
    assert cell_of(pd.Series([True]), "chance") == "100"
    assert cell_of(pd.Series([12.34]), "number") == "12 (12 to 12)"


def test_numbers_show_error_and_range():
    values = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0])  # error root of 2.5 / 5; 5 % at 1.2 and 95 % at 4.8
    assert cell_of(values, "number") == "3.0 ±0.7 (1 to 5)"
    assert cell_of(1000 * values, "number") == "3,000 ±707 (1,200 to 4,800)"
    assert cell_of(values / 100, "percent") == "3.0 ±0.7 (1 to 5)"


@pytest.mark.parametrize("kind", ["number", "percent"])
@pytest.mark.parametrize("value", [0, 100])
def test_three_in_n_bounds_how_often_and_never_how_much(kind, value):
    """Jobs of 100 or public money of 0 in every run are sums, not chances: they have no bound."""
    values = pd.Series([float(value)] * 50) / (100 if kind == "percent" else 1)
    cell = cell_of(values, kind)
    assert "<" not in cell
    assert ">" not in cell


def test_dates_show_how_often_and_when():
    assert cell_of(pd.Series([2030.0, np.nan, 2034.0, np.nan]), "date") == "50 ±29 %, 2032"  # root of 10,000 / 3 / 4
    assert cell_of(pd.Series([2030.0, 2031.0, 2032.0, 2031.0] * 50), "date") == "100 (>98.5) %, 2031"
    assert cell_of(pd.Series([np.nan] * 50), "date") == "never"


def test_without_runs_there_is_nocell_of():
    assert cell_of(pd.Series([], dtype=float), "number") == "no run"
