"""The page plant by plant: what it says of each is what the tables of the result hold, and a run that is one of them."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusterpact.agents.vocabulary import GATES
from clusterpact.experiments.folder.replay import replay_run
from clusterpact.experiments.questions.comparison import compare_result
from clusterpact.experiments.questions.plants import with_typical_run
from clusterpact.results.report import plants
from clusterpact.results.report.words import number, percent, year
from clusterpact.results.statistics.plants import decided, held_back, typical_run
from clusterpact.results.summary import read_table


@pytest.fixture(scope="module")
def found(result):
    return with_typical_run(compare_result(result, lever_runs=0))


@pytest.fixture(scope="module")
def sections(found):
    return plants.plant_sections(found)


@pytest.fixture(scope="module")
def projects(result, found):
    table = read_table(result, "projects")
    return table[table["policy"] == found.package]


def test_the_plants_with_a_section_make_up_most_of_what_is_emitted(found, sections):
    ranked = sorted(found.scenario.whole_plants, key=lambda plant: -plant.scope1_kt_per_year)
    names = [plant.name for plant in ranked]
    assert [section["name"] for section in sections] == names[: len(sections)]
    sums = np.cumsum([plant.scope1_kt_per_year for plant in ranked]) / found.about.baseline_kt
    assert sums[len(sections) - 1] >= plants.COVERED
    assert len(sections) == 1 or sums[len(sections) - 2] < plants.COVERED
    line = plants.other_plants(found)
    assert [name for name in names if name in line] == names[len(sections) :]


def test_the_facts_of_a_plant_are_sums_over_its_units(found, sections):
    left = found.tables["remaining"]
    last = left[left["year"] == left["year"].max()].set_index("agent")
    for section, plant in zip(
        sections, sorted(found.scenario.whole_plants, key=lambda p: -p.scope1_kt_per_year), strict=False
    ):
        kt = sum(last.loc[unit.id, "remaining_kt"] for unit in found.scenario.sites[plant.id])
        assert f"today: {number(plant.scope1_kt_per_year)} kt" in section["facts"]
        assert percent(plant.scope1_kt_per_year / found.about.baseline_kt) in section["facts"]
        several = len(section["units"]) > 1
        assert f"{number(kt)} kt {'on average' if several else 'in'}" in section["facts"]
        assert len(section["units"]) == len(found.scenario.sites[plant.id])
        assert len(section["shares"]) == (len(section["units"]) if several else 0)


def test_shares_and_dates_of_options_are_those_of_the_projects(found, sections, projects):
    runs, told = projects["run"].nunique(), 0
    for section in sections:
        plant = next(plant for plant in found.scenario.whole_plants if plant.name == section["name"])
        mine = projects[(projects["agent"] == plant.id) & projects["fid_year"].notna()]
        options = [row for unit in section["units"] for row in unit["options"]]
        assert {row["technology"] for row in options} >= set(mine["technology"])
        for row in options:
            dates = mine[mine["technology"] == row["technology"]]
            assert row["decided"] == percent(len(dates) / runs)
            assert row["started"] == percent(dates["start_year"].notna().mean() * len(dates) / runs if len(dates) else 0)
            if len(dates):
                middle = np.sort(dates["fid_year"])[int(np.ceil(len(dates) / 2)) - 1]
                assert row["decision"].startswith(year(middle))
                told += 1
            else:
                assert row["decision"] == row["start"] == "-"
    assert told >= 2


def test_gates_are_told_by_how_long_they_hold(found, sections, result):
    gates = read_table(result, "gates")
    gates = gates[gates["policy"] == found.package]
    quarters = 4 * (found.about.last_year - found.about.first_year + 1)
    told = 0
    for section in sections:
        plant = next(plant for plant in found.scenario.whole_plants if plant.name == section["name"])
        text = section["units"][0]["held"]
        for gate, time, futures in re.findall(r"([a-z][a-z ]+) (\d+\xa0%) of the time \(in (\d+\xa0%) of futures\)", text):
            mine = gates[(gates["firm"] == plant.id) & (gates["gate"] == GATES.index(gate) + 1)]
            lengths = mine["last_quarter"].astype(int) - mine["first_quarter"] + 1
            assert time == percent(lengths.sum() / quarters / found.about.runs)
            assert futures == percent(mine["run"].nunique() / found.about.runs)
            told += 1
    assert told >= len(sections)


def test_the_story_is_what_replay_prints_of_the_run_and_stands_on_the_page(found, sections, result, page):
    story = replay_run(result, found.package, found.typical.run)
    for section in sections:
        lines = [f"{row['date']}: {section['name']} {row['text']}" for row in section["story"]]
        assert lines == [line for line in story.lines if f": {section['name']} " in line]
        for row in section["story"]:
            assert f"{row['date']} {row['text']}" in page.text
    assert any(section["story"] for section in sections)
    assert f"--run {found.typical.run} " in page.text


def test_without_a_replayed_run_the_page_tells_no_story(found):
    assert not any(section["story"] for section in plants.plant_sections(replace(found, typical=None)))


def test_all_plants_can_be_downloaded(page, result, found):
    names = {link["download"] for link in page.all("a") if "download" in link}
    assert {"options.csv", "held.csv"} <= names
    options = pd.read_csv(result / "compare" / "options.csv")
    assert set(options["agent"]) == {plant.id for plant in found.scenario.plants}
    assert (options.groupby("agent")["is_today"].sum() == 1).all()


def made(values, starts):
    """Outcomes and projects of one policy: an outcome per run, and a start per run of two plants."""
    outcomes = pd.DataFrame({"policy": "p", "run": range(len(values)), "cumulative_mt": values})
    rows = [{"policy": "p", "run": run, "agent": agent, "technology": "t", "fid_year": 2030.0, "start_year": start}
            for run, pair in enumerate(starts) for agent, start in zip("ab", pair, strict=True)]  # fmt: skip
    return outcomes, pd.DataFrame(rows)


def test_the_typical_run_lies_in_the_middle_of_outcomes_and_dates():
    outcomes, projects = made([1, 5, 5, 5, 9], [(2030, 2030), (2035, 2049), (2035, 2040), (np.nan, 2040), (2040, 2050)])
    assert typical_run(outcomes, projects, "p", "cumulative_mt", {"a": 3.0, "b": 1.0}, 2050) == 2
    outcomes, projects = made([7, 7, 7], [(2030, 2030)] * 3)
    assert typical_run(outcomes, projects, "p", "cumulative_mt", {"a": 0.0, "b": 0.0}, 2050) == 0


def test_a_start_after_the_horizon_is_the_latest_of_dates():
    _outcomes, projects = made([1, 2, 3], [(2031, 2030), (2035, np.nan), (np.nan, np.nan)])
    table = decided(projects, "p").set_index("agent")
    assert table.loc["a", ["start_p10", "start_p50", "start_p90"]].tolist() == [2031, 2035, np.inf]
    assert table.loc["b", ["start_p50", "decided_share", "started_share"]].tolist() == [np.inf, 1.0, pytest.approx(1 / 3)]


def test_time_behind_a_gate_adds_up_over_spells_and_runs():
    gates = pd.DataFrame([("p", 0, "a", 3, 0, 3), ("p", 0, "a", 4, 4, 5), ("p", 0, "a", 3, 6, 7), ("p", 1, "a", 10, 0, 7),
                          ("other", 0, "a", 3, 0, 7)],
                         columns=["policy", "run", "firm", "gate", "first_quarter", "last_quarter"])  # fmt: skip
    table = held_back(gates, "p").set_index("gate")
    assert table.loc["not profitable", ["time_share", "run_share"]].tolist() == [6 / 16, 0.5]
    assert table.loc["switched", "time_share"] == 0.5
    assert table["time_share"].sum() == 1
