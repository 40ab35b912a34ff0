"""Texts for the screen where a figure does not vary, or is none: words or a dash, never nan, and no small figure as 0."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.cli import score, sensitivity
from clusterpact.experiments.screening import LUCK
from clusterpact.results.summary import headlines

NOTHING = {"abated_share_2050": 0.0, "switched_share_2050": 0.0, "closed_share_2050": 0.0, "output_share_2050": 0.0}
BANDS = pd.DataFrame({"policy": [], "year": [], "measure": [], "mean": []})


def cell(values, column="private_meur"):
    """A cell of the headline table for values of one column."""
    rows = pd.DataFrame({"policy": "p", "run": range(len(values)), **NOTHING, "cumulative_mt": 1.0, "public_meur": 0.0,
                         "private_meur": 0.0, "jobs_direct": 0.0})  # fmt: skip
    rows[column] = values
    label = {"private_meur": "private money", "abated_share_2050": "abated by 2050"}[column]
    return next(line for line in headlines(rows, BANDS, {}) if line.label.startswith(label)).cells["p"]


@pytest.mark.parametrize(("values", "shown"), [
    ([0.4, 0.4, 0.4], "0.40 ±0 (0.40 to 0.40)"),
    ([0.00031, 0.00031], "0.00031 ±0 (0.00031 to 0.00031)"),
    ([0.4], "0.40 (0.40 to 0.40)"),
    ([3.25] * 4, "3.2 ±0 (3 to 3)"),
    ([0.0, 0.0], "0 ±0 (0 to 0)"),
    ([1e-17, -2e-17, 0.0], "0 ±0 (0 to 0)"),
    ([12.0, 12.0], "12 ±0 (12 to 12)"),
    ([7.0, 7.0], "7 ±0 (7 to 7)"),
    ([0.0002, 0.0004, 0.0006], "0.0004 ±0.0001 (0.00022 to 0.00058)"),
    ([100.0, 200.0, 150.0, 130.0], "145 ±21 (104 to 192)"),
])  # fmt: skip
def test_a_small_figure_is_not_rounded_to_nothing(values, shown):
    assert cell(values) == shown


def test_a_share_that_is_the_same_in_all_runs_keeps_two_digits():
    assert cell([0.004, 0.004], "abated_share_2050") == "0.40 ±0 (0.40 to 0.40)"


def screened(mu_star, half):
    rows = [
        ("a", "trust_memory", mu_star, half),
        ("a", LUCK, 0.0, half),
        ("b", "trust_memory", 1.0, 0.5),
        ("b", LUCK, 0.1, 0.2),
    ]
    table = pd.DataFrame(rows, columns=["outcome", "factor", "mu_star", "half_1"])
    return table.assign(half_2=table["half_1"], mu=0.0, sigma=0.0, mu_star_conf=0.0)


def test_an_outcome_that_is_the_same_in_all_runs_does_not_vary():
    lines = sensitivity.describe(screened(0.0, 0.0))
    assert lines[:2] == ["a: does not vary", ""]
    assert lines[2].startswith("b: 1 of 1 factors stand out")
    assert "nan" not in " ".join(lines)


def test_halves_that_do_not_vary_have_no_correlation():
    assert "in one half of the trajectories it does not vary" in " ".join(sensitivity.describe(screened(0.3, 0.0)))


def test_a_skill_that_is_none_is_a_dash():
    windows = pd.DataFrame([{"window": "2013", "first_year": 2013, "last_year": 2019, "years": 7.0, "inside_90_share": 1.0,
                             "inside_50_share": 0.5, "crps": 1.0, "skill_nothing_changes": np.nan,
                             "skill_random_walk": np.nan}])  # fmt: skip
    events = pd.DataFrame([{"event": "decided", "events": 1.0, "observed_rate": 1.0, "observed_low": 0.0,
                            "observed_high": 1.0, "forecast_rate": 0.5, "brier": 0.25, "skill_base_rate": np.nan,
                            "skill_error": np.nan, "inside": True}])  # fmt: skip
    lines = [*score._windows(windows), *score._events(events)]
    assert "nan" not in " ".join(lines)
    assert lines[1].split()[-2:] == ["-", "-"]
    assert lines[-2].split()[-3:] == ["-", "±", "-"]
