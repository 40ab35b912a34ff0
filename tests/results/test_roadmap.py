"""Roadmaps on made tables: announcements, whether they fit together, who carries a milestone, and by when to decide."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.agents.vocabulary import GATE_PROFIT, GATE_WORKS
from clusterpact.experiments.making.starter import STARTER
from clusterpact.experiments.questions.plants import abated_by_option
from clusterpact.policies.package import library_package
from clusterpact.results.statistics.roadmap import Announcement, carriers, confront, fits, latest_decisions
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world

KILN = Announcement("kiln", "Kiln", "CCS", 2030)


def projects(starts, fids=None, technology="CCS", agent="kiln", policy="p"):
    return pd.DataFrame({"policy": policy, "run": range(len(starts)), "agent": agent, "kind": "plant",
                         "technology": technology, "start_year": np.array(starts, float),
                         "fid_year": np.array(fids or starts, float)})  # fmt: skip


def plans(starts, fids=None, given_up=None, agent="kiln", project="Kiln", policy="p"):
    """What became of one project in hand, by run."""
    none = [np.nan] * len(starts)
    return pd.DataFrame({"policy": policy, "run": range(len(starts)), "agent": agent, "project": project,
                         "planned_start_year": 2030, "fid_year": np.array(fids or starts, float),
                         "start_year": np.array(starts, float), "given_up_year": given_up or none})  # fmt: skip


NO_GATES = pd.DataFrame(columns=["policy", "run", "firm", "gate", "first_quarter", "last_quarter"])


def confronted(pipeline, projects_=None, announced=KILN, gates=NO_GATES):
    """The only row of a table of one package and one project."""
    table = projects(pipeline["start_year"].to_list()) if projects_ is None else projects_
    found = confront(table, pipeline, gates, [announced], 2025, 2050)
    assert len(found) == 1
    return found.iloc[0]


def test_the_fate_of_a_project_in_hand_by_hand():
    # 2030.75 is in time, 2031.0 a quarter late, 2032.75 the last quarter of two years late, 2033.0 later still; one is
    # decided and never starts, one given up.
    nan = np.nan
    starts = [2030.75, 2031.0, 2032.75, 2033.0, nan, nan, nan, nan]
    found = confronted(plans(starts, [2028, 2028, 2029, 2029, 2048, nan, nan, nan], [nan] * 5 + [2027, nan, nan]))
    shares = ["decided_share", "in_time_share", "two_years_late_share", "late_share", "ever_share", "given_up_share"]
    assert found[shares].tolist() == [5 / 8, 1 / 8, 3 / 8, 3 / 8, 4 / 8, 1 / 8]
    # Quantiles of four starts lie at places 0.3, 1.5 and 2.7: 2030.75 + 0.3 x 0.25, and so on.
    assert found[["p10", "p50", "p90"]].tolist() == pytest.approx([2030.825, 2031.875, 2032.925])


def test_another_project_of_the_plant_is_not_the_one_in_hand():
    """A project that was given up, or another phase, is told apart from what the plant runs in the end."""
    phases = pd.concat([plans([2028.0, np.nan], given_up=[np.nan, 2027.0]), plans([np.nan] * 2, project="Phase 2")])
    found = confronted(phases, projects([2028.0, 2029.0], technology=["CCS", "electric"]))
    assert (found["ever_share"], found["given_up_share"], found["anything_share"], found["p50"]) == (0.5, 0.5, 1, 2028)
    second = Announcement("kiln", "Phase 2", "CCS", 2035)
    assert confronted(phases, projects([2028.0, 2029.0]), second)[["decided_share", "ever_share"]].tolist() == [0, 0]


def test_what_holds_a_plant_back_is_told_of_the_runs_in_which_its_project_is_late():
    """Run 0 is in time. A plant that builds while its project is undecided builds another one."""
    at_work = pd.DataFrame({"policy": "p", "run": range(4), "firm": "kiln", "gate": GATE_WORKS, "first_quarter": 0,
                            "last_quarter": 99})  # fmt: skip
    nan, words = np.nan, "in permits or construction"
    late = plans([2029.0, 2033.0, 2034.0, nan], [2027.0, 2028.0, 2028.0, nan])
    assert confronted(late, gates=at_work)["gate"] == words  # decided in most of the late runs
    undecided = plans([2029.0, nan, nan, 2033.0], [2027.0, nan, nan, 2028.0])
    assert confronted(undecided, gates=at_work)["gate"] == f"{words} (another project)"
    unable = at_work.assign(gate=[GATE_WORKS, *[GATE_PROFIT] * 3])
    assert confronted(undecided, gates=unable)["gate"] == "not profitable"
    assert confronted(plans([2029.0] * 4), gates=at_work)["gate"] == ""


def test_a_network_is_told_by_its_own_dates():
    hub = Announcement("hub", "Hub", "", 2030, "planned")
    found = confronted(plans([]), projects([2029.5, np.nan], [2027.0, 2049.0], technology=None, agent="hub"), hub)
    assert found[["decided_share", "in_time_share", "ever_share"]].tolist() == [1, 0.5, 0.5]
    assert np.isnan(found["given_up_share"])


def test_a_project_on_hold_without_a_year_is_neither_in_time_nor_late():
    found = confronted(plans([2029.0, np.nan]), announced=Announcement("kiln", "Kiln", "CCS", None, "on hold"))
    assert np.isnan(found[["in_time_share", "late_share"]].tolist()).all()
    assert (found["ever_share"], found["gate"]) == (0.5, "")


def test_the_gate_is_that_of_the_planned_year_in_most_runs():
    # The last quarter of 2030 is number 23 from 2025.
    rows = [("p", 0, "kiln", 3, 0, 22), ("p", 0, "kiln", 7, 23, 40), ("p", 1, "kiln", 7, 20, 23), ("p", 2, "kiln", 3, 0, 99),
            ("p", 3, "other", 3, 0, 99), ("q", 0, "kiln", 3, 0, 99), ("q", 1, "kiln", 3, 0, 99)]  # fmt: skip
    gates = pd.DataFrame(rows, columns=list(NO_GATES))
    assert confronted(plans([np.nan]), gates=gates)["gate"] == "not bankable"


def test_roadmaps_fit_by_hand():
    hub, grid = read_scenario(STARTER).file.network  # CO2: 1000 in a phase; grid: 300 spare
    oven, boiler = Announcement("oven", "Oven", "CCS", 2033), Announcement("boiler", "Boiler", "electric", 2029)
    second = Announcement("kiln", "More of the kiln", "CCS", 2035)
    decided = Announcement("mill", "Mill", "electric", 2027, "building")
    users = [KILN, second, oven, boiler, decided, Announcement(hub.id, "Hub", "", 2031, "planned")]
    needs = {KILN: {"co2-hub": 400.0}, second: {"co2-hub": 600.0}, oven: {"co2-hub": 500.0}, boiler: {"grid": 250.0}}
    found = fits(users, needs, [hub, grid], {KILN: 100.0, oven: 200.0, decided: 900.0}, 200.0, 0.7)
    # 600 of the kiln, whose phases do not add up, + 500 of 1000; opening in 2031 for a user of 2030; 250 of 300 spare;
    # 0.7 x 300 = 210 of 200, since what is decided has its money.
    assert found[["needed", "available"]].to_numpy().tolist() == [
        [1100, 1000], [2030, 2031], [250, 300], [pytest.approx(210), 200],
    ]  # fmt: skip
    assert found["fits"].tolist() == [False, False, True, False]
    alone = fits(users[:-1], needs, [hub], {}, 200.0, 0.7).iloc[1]
    assert (alone["needed"], alone["fits"]) == (2030, False)
    assert np.isnan(alone["available"])  # no planned opening


def test_carriers_by_hand():
    table = pd.concat([projects([2030.75, 2031.0, np.nan, 2029.0], technology=["CCS", "CCS", None, "electric"]),
                       projects([2028.0] * 4, agent="oven")])  # fmt: skip
    found = carriers(table, {("kiln", "CCS"): 100.0, ("kiln", "electric"): 40.0, ("oven", "CCS"): 60.0}, 2030, 1000.0)
    # By the end of 2030 the kiln abates 100, 0, 0 and 40, on average 35; the oven 60 in every run.
    assert found["agent"].tolist() == ["oven", "kiln"]
    assert found["abated_share"].tolist() == pytest.approx([0.06, 0.035])
    assert found["running_share"].tolist() == [1, 0.5]


def test_latest_decisions_by_hand():
    # Leads of 1, 2, 3 and 4 years: the quantile at 0.8 lies at place 2.4, 3.4 years before the end of 2030.
    table = projects([2029.0, 2030.0, 2031.0, 2032.0, np.nan], [2028.0, 2028.0, 2028.0, 2028.0, 2026.0])
    found = latest_decisions(table, 2030, 0.8).iloc[0]
    assert (found["lead_years"], found["latest_fid_year"]) == pytest.approx((3.4, 2027.6))
    assert (found["decided_in_time_share"], found["runs"]) == (0.2, 5)
    assert len(latest_decisions(projects([np.nan], [2026.0]), 2030, 0.8)) == 0


def test_a_decision_is_in_time_only_if_its_start_is():
    """Four years before 2031.0 is a start in the first quarter of 2031, which is not by the end of 2030."""
    table = projects([2031.0, 2030.75], [2027.0, 2026.75])
    in_time = confronted(plans([2031.0, 2030.75]))["in_time_share"]
    assert latest_decisions(table, 2030, 0.8).iloc[0]["decided_in_time_share"] == in_time == 0.5


def test_furnace_gases_go_with_the_furnaces_only():
    """Each unit of the works takes its share of the gases that others burn with it."""
    scenario = read_scenario(CLUSTERS / "dunkirk")
    world = build_world(scenario, library_package("pact"), 2026, 2050, 1)
    abated = abated_by_option(world)
    firms, options = world.template.firms, world.template.options
    works = [i for i, plant in enumerate(scenario.plants) if plant.site == "arcelormittal-dunkirk"]
    gases = sum(firm.gas_kt for firm in firms if firm.gas_supplier == works[0])
    assert gases > 1000
    assert len(works) > 1
    assert sum(firms[i].gas_share for i in works) == pytest.approx(1.0)
    seen = set()
    for i in works:
        for k, name in enumerate(world.option_names[i]):
            option = options[firms[i].first_option + k]
            own = firms[i].baseline_kt - option.emission_kt
            kind = "start" if k == 0 else "increment" if option.is_increment else "replacement"
            seen.add(kind)
            expected = own + (gases * firms[i].gas_share if kind == "replacement" else 0)
            assert abated[world.firm_ids[i], name] == pytest.approx(expected)
            if kind == "start":
                assert expected == pytest.approx(0, abs=1e-6)
    assert seen == {"start", "increment", "replacement"}
