"""Bands: means and quantiles of binned values against those of the sample, whatever the shards and their order."""

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.results import store
from clusterpact.results.bands import (
    BIN_ERROR,
    MEASURED,
    QUANTILES,
    add_up,
    bands_of,
    count_rows,
    count_series,
    is_share,
    middle,
)
from clusterpact.results.recorded import table_path
from clusterpact.sim.bins import HALF, PAGES, SHARE_DECIMALS, counts_of, memory_for
from clusterpact.sim.measures import ACCOUNT_DTYPE

SMALLEST = np.finfo(float).tiny  #: below it numbers lose digits, and bins stand for nothing but zero
LARGEST = np.finfo(float).max
numbers = st.floats(allow_nan=False, allow_infinity=False)


def values_of(seed, runs, years):
    """Values of every kind: zeros of both signs, one value many times, both signs, tiny, huge."""
    rng = np.random.default_rng(seed)
    shape = (runs, years)
    kinds = [
        np.zeros(shape),
        -np.zeros(shape),
        rng.normal(0.0, 1.0, shape),
        rng.normal(-1e4, 1.0, shape),
        rng.lognormal(0.0, 5.0, shape),
        -rng.lognormal(0.0, 5.0, shape),
        rng.uniform(0.0, 1e-300, shape),
        rng.uniform(-1e300, 1e300, shape),
        np.where(rng.random(shape) < 0.5, 0.0, rng.random(shape)),
        rng.integers(-3, 4, shape).astype(float),
    ]
    series = np.zeros(shape, ACCOUNT_DTYPE)
    for place, name in enumerate(MEASURED):
        series[name] = kinds[place % len(kinds)]
    return series


def bin_of(values):
    """The bins of values, each in a block of its own."""
    each = np.arange(1, len(values) + 1)
    bins, counts, ends = counts_of(values, each, False, memory_for(each))
    assert counts.tolist() == [1] * len(values)
    assert ends.tolist() == list(range(1, len(values) + 1))
    return bins - HALF


def bands(parts, policies=("p",)):
    return bands_of(add_up(parts), policies)


@given(st.lists(numbers, min_size=1, max_size=40))
def test_the_middle_of_a_bin_is_close_to_all_in_it(listed):
    values = np.array(listed)
    error = np.abs(middle(bin_of(values)) - values)
    assert (error <= np.maximum(BIN_ERROR * np.abs(values) * (1 + 1e-12), SMALLEST)).all()


@given(numbers, numbers)
def test_bins_keep_the_order_of_values(a, b):
    low, high = middle(bin_of(np.array(sorted((a, b)))))
    assert low <= high


@pytest.mark.parametrize("value", [0.0, -0.0, SMALLEST, -SMALLEST, LARGEST, -LARGEST, 1.0, -1.0, 0.1])
def test_the_edges_of_the_numbers(value):
    found = middle(bin_of(np.array([value])))[0]
    assert np.isfinite(found)
    assert found == pytest.approx(value, rel=BIN_ERROR, abs=0.0)


@pytest.mark.parametrize("is_share", [False, True])
def test_bins_and_counts_are_those_of_numpy_block_by_block(is_share):
    rng = np.random.default_rng(3)
    steps, edges = rng.integers(-30000, 30000, 900) / 20000, np.array([5e-324, 0.00005, -0.00005])
    largest = 30 if is_share else 1023
    powers = np.ldexp(rng.choice([-1.0, 1.0], 5000), rng.integers(-1074, largest, 5000))
    values = np.concatenate([rng.normal(0.0, 1.0, 900), steps, edges, powers])
    ends = np.array([0, 3, 900, 900, 1700, len(values), len(values)])
    bins, counts, bin_ends = counts_of(values, ends, is_share, memory_for(ends))
    rounded = np.round(values, SHARE_DECIMALS) if is_share else values
    places = ((rounded + 0.0).view(np.int64) >> 44) + HALF
    assert len(bins) == len(counts) == bin_ends[-1]
    for k, block in enumerate(np.split(places, ends[:-1])):
        mine = slice(bin_ends[k - 1] if k else 0, bin_ends[k])
        expected = np.unique(block, return_counts=True)
        assert (bins[mine].tolist(), counts[mine].tolist()) == (expected[0].tolist(), expected[1].tolist())


def test_memory_serves_again_and_again():
    ends, memory = np.array([100, 200]), memory_for(np.array([100, 200]))
    for seed in range(4):
        values = np.random.default_rng(seed).normal(0.0, 10.0**seed, 200)
        again, anew = (counts_of(values, ends, False, one) for one in (memory, memory_for(ends)))
        assert [one.tolist() for one in again] == [one.tolist() for one in anew]
    assert not memory[:PAGES].any()


@pytest.mark.parametrize("runs", [1, 2, 19, 20, 21, 100, 1001])
def test_means_and_quantiles_are_those_of_the_sample(runs):
    series = values_of(runs, runs, 3)
    table = bands([count_series("p", series, 2025)]).to_pandas().set_index(["measure", "year"])
    assert len(table) == 3 * len(MEASURED)
    assert (table["runs"] == runs).all()
    for name in MEASURED:
        least = 0.5 * 10**-SHARE_DECIMALS * (1 + BIN_ERROR) if is_share(name) else SMALLEST
        for year in range(3):
            values = np.sort(series[name][:, year])
            row = table.loc[name, 2025 + year]
            assert abs(row["mean"] - values.mean()) <= BIN_ERROR * np.abs(values).mean() * (1 + 1e-9) + least
            for column, share in QUANTILES.items():
                exact = values[-(-runs * Fraction(str(share)) // 1) - 1]  # the smallest that so many do not exceed
                assert exact == np.quantile(values, share, method="inverted_cdf")
                assert row[column] == pytest.approx(exact, rel=0, abs=BIN_ERROR * abs(exact) * (1 + 1e-9) + least)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(1, 30), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_shards_of_any_size_in_any_order_give_the_same_table(seed, sizes, random):
    runs, years = sum(sizes), 2
    series = values_of(seed, runs, years)
    whole = bands([count_series("p", series, 2025)])
    ends = np.cumsum(sizes)
    parts = [count_series("p", series[end - size : end], 2025) for size, end in zip(sizes, ends, strict=True)]
    random.shuffle(parts)
    for group in (1, 2, 5, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("clusterpact.results.bands.AT_ONCE", group)
            assert bands(parts).equals(whole)


def test_policies_are_kept_apart_and_in_their_order():
    first, second = values_of(1, 9, 2), values_of(2, 7, 2)
    both = bands([count_series("b", first, 2025), count_series("a", second, 2025)], ("b", "a"))
    alone = [bands([count_series("b", first, 2025)], ("b",)), bands([count_series("a", second, 2025)], ("a",))]
    assert both.equals(pa.concat_tables(alone).combine_chunks())


def test_no_runs_give_an_empty_table_of_the_same_columns():
    empty = bands([count_series("p", values_of(1, 0, 2), 2025)])
    assert len(empty) == 0
    assert empty.schema == bands([count_series("p", values_of(1, 2, 2), 2025)]).schema


def test_the_bytes_of_a_result_do_not_hang_on_its_shards_even_where_row_groups_end(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "ROW_GROUP", 7)
    experiment = load_experiment("dunkirk", runs=17, recording="yearly")
    found = set()
    for size in (1, 3, 7, 17):
        run_experiment(experiment, tmp_path / str(size), RunOptions(shard_runs=size))
        paths = [table_path(tmp_path / str(size), table) for table in store.RECORDINGS["yearly"]]
        found.add(tuple(path.read_bytes() for path in paths))
    assert len(found) == 1


def test_counts_of_the_rows_of_a_table_are_those_of_the_runs_in_it():
    series = values_of(3, 40, 3)
    columns = {name: pa.array(series[name].reshape(-1)) for name in MEASURED}
    rows = pa.table({"year": pa.array(np.tile(np.arange(2025, 2028, dtype=np.int32), 40)), **columns})
    assert count_rows("p", rows).equals(count_series("p", series, 2025))
