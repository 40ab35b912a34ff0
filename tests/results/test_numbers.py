"""`summary.csv` holds numbers that other programs read: what the headline table says in words, of the same runs."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.summary import write_summary
from clusterpact.results.numbers import NUMBERS, numbers
from clusterpact.results.summary import headlines, read_table
from tests.results.made import small_result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_result(tmp_path_factory.mktemp("numbers"))


@pytest.fixture(scope="module")
def table(folder):
    """The file as another program reads it."""
    write_summary(reopen(folder), folder)
    return pd.read_csv(folder / "summary.csv")


def test_every_cell_is_one_number_or_one_name(table):
    assert list(table.columns) == list(NUMBERS)
    for name in ("value", "standard_error", "p5", "p95", "runs"):
        assert pd.api.types.is_numeric_dtype(table[name]), name
    assert not table.duplicated(["policy", "quantity"]).any()
    assert table["unit"].notna().all()


def test_values_are_those_of_the_runs(folder, table):
    outcomes = read_table(folder, "outcomes")
    for policy, mine in outcomes.groupby("policy"):
        rows = table[table["policy"] == policy].set_index("outcome")
        for column, factor in (("cumulative_mt", 1), ("public_meur", 1), ("closed_share_2030", 100)):
            row, values = rows.loc[column], factor * mine[column]
            assert row["value"] == pytest.approx(values.mean())
            assert row["standard_error"] == pytest.approx(values.std(ddof=1) / len(values) ** 0.5)
            assert (row["p5"], row["p95"]) == pytest.approx(tuple(values.quantile([0.05, 0.95])))
        chance = rows.loc["target_2030_met"]
        assert chance["value"] == pytest.approx(100 * mine["target_2030_met"].mean())
        assert chance["unit"] == "% of runs"
        assert np.isnan(chance["p5"])


def test_what_is_abated_and_what_is_left_behind_gates_is_a_hundred_percent(table):
    for _, rows in table.groupby("policy"):
        left = rows[rows["quantity"].str.startswith("still emitted in 2030 behind gate")]
        assert len(left) == 12
        abated = rows.loc[rows["quantity"] == "abated by 2030", "value"].iloc[0]
        assert left["value"].sum() + abated == pytest.approx(100, abs=0.4)  # bands are counted in bins


def made(years, kinds):
    """Two runs of one package with years of networks' decisions; numbers and headlines of them."""
    table = pd.DataFrame({"policy": "p", "run": [0, 1], "cumulative_mt": 1.0, "public_meur": 1.0, "private_meur": 1.0,
                          "jobs_direct": 1.0} | {f"fid_year_{name}": value for name, value in years.items()})  # fmt: skip
    bands = pd.DataFrame(columns=["policy", "measure", "year", "runs", "mean", "q05", "q95"])
    return numbers(table, bands, kinds).set_index("quantity"), headlines(table, bands, kinds)


def test_a_decision_has_its_chance_and_its_median_year():
    found, lines = made({"grid": [2031.0, np.nan]}, {"grid": "power"})
    assert found.loc["chance of FID of grid", ["value", "unit"]].to_list() == [50.0, "% of runs"]
    assert found.loc["FID of grid", ["value", "runs", "unit"]].to_list() == [2031.0, 1, "year"]
    assert found.loc["FID of grid", "outcome"] == "fid_year_grid"
    assert lines[-1].cells["p"].endswith("%, 2031")


def test_many_networks_of_a_kind_are_counted():
    years = {f"n{k}": [2030.0, 2032.0] for k in range(9)}
    found, lines = made(years, dict.fromkeys(years, "power"))
    assert found.loc["number of FIDs of power networks", "value"] == 9
    assert found.loc["FIDs of power networks", "value"] == 2031
    assert lines[-1].cells["p"] == "9 ±0, 2031"
