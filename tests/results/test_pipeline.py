"""The table `pipeline`: what became of the projects in hand at the start, by policy and run."""

import numpy as np
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.replay import replay_run
from clusterpact.experiments.questions.comparison import announcements_of, compare_result
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.policies.package import library_package
from clusterpact.results.recorded import RECORDINGS
from clusterpact.results.store import pipeline_table
from clusterpact.results.summary import read_table
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from tests.results.made import row_of

RUNS = 12


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The folder of a result of Dunkirk in shards of five runs."""
    folder = tmp_path_factory.mktemp("pipeline") / "r"
    experiment = load_experiment("dunkirk", runs=RUNS, policies=["current-policies", "four-pillars"])
    run_experiment(experiment, folder, RunOptions(shard_runs=5))
    return folder


def test_quarters_become_years_and_what_never_happened_is_empty():
    world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("pact"), 2026, 2040, 1)
    pipeline = np.full((2, len(world.projects), 3), -1)
    pipeline[1, 2] = (0, 10, -1)
    pipeline[1, 3] = (-1, -1, 7)
    table = pipeline_table("p", np.array([4, 9]), pipeline, world).to_pandas()
    assert table["run"].tolist() == [4] * len(world.projects) + [9] * len(world.projects)
    dates = ["fid_year", "start_year", "given_up_year"]
    assert table[table["run"] == 4][dates].isna().all(axis=None)
    row = row_of(table, run=9, project=world.projects[2].name)
    assert (row["agent"], row["planned_start_year"]) == (world.projects[2].agent, world.projects[2].start_year)
    assert row[["fid_year", "start_year"]].tolist() == [2026.0, 2028.5]
    assert np.isnan(row["given_up_year"])
    assert row_of(table, run=9, project=world.projects[3].name)["given_up_year"] == 2027.75


def test_every_project_of_a_plant_has_a_row_per_policy_and_run(result):
    table = read_table(result, "pipeline")
    projects = [project for project in read_scenario(CLUSTERS / "dunkirk").projects if not project.network]
    assert len(table) == 2 * RUNS * len(projects)
    first = table[(table["policy"] == "four-pillars") & (table["run"] == 7)]
    assert first["project"].tolist() == [project.name for project in projects]
    assert not (table["start_year"] < table["fid_year"]).any()
    assert not (table["given_up_year"].notna() & table["start_year"].notna()).any()
    decided = table[table["project"] == "Electric arc furnace of 2 Mt"]
    assert (decided["fid_year"] == 2026).all()


def test_the_table_says_what_a_replayed_run_does(result):
    table = read_table(result, "pipeline")
    model = replay_run(result, "four-pillars", 3).model
    mine = table[(table["policy"] == "four-pillars") & (table["run"] == 3)]
    for column, field in (
        ("fid_year", "fid_quarter"),
        ("start_year", "start_quarter"),
        ("given_up_year", "dropped_quarter"),
    ):
        quarters = model.state.pipeline[field].astype(float)
        years = np.where(quarters < 0, np.nan, 2026 + quarters / 4)
        np.testing.assert_array_equal(mine[column].to_numpy(float), years)


def test_it_is_recorded_with_the_projects():
    assert {level for level, tables in RECORDINGS.items() if "pipeline" in tables} == {
        level for level, tables in RECORDINGS.items() if "projects" in tables
    }


def test_a_cluster_without_projects_has_an_empty_table():
    world = build_world(read_scenario(CLUSTERS / "brescia"), library_package("pact"), 2026, 2030, 1)
    empty = pipeline_table("p", np.arange(3), np.zeros((3, 0, 3), int), world)
    assert (len(empty), world.projects) == (0, ())
    assert empty.schema.field("start_year").type == "double"


def test_compare_tells_the_fate_of_every_project_under_every_package(result):
    found = compare_result(result, lever_runs=0).tables["announcements"]
    table = read_table(result, "pipeline")
    announced = announcements_of(load_experiment("dunkirk"))
    assert len(found) == 2 * len(announced)
    assert {a.stage for a in announced} >= {"FID", "building", "planned", "announced", "on hold", "contract signed"}
    for row in found[found["technology"] != ""].to_dict("records"):
        mine = table[(table["policy"] == row["policy"]) & (table["project"] == row["project"])]
        in_time = (mine["start_year"] < row["announced_year"] + 1).mean()
        assert row["in_time_share"] == pytest.approx(in_time)
        assert row["in_time_share"] + row["late_share"] == pytest.approx(mine["start_year"].notna().mean())
        assert row["decided_share"] == pytest.approx(mine["fid_year"].notna().mean())
        assert row["given_up_share"] == pytest.approx(mine["given_up_year"].notna().mean())
    assert found["given_up_share"].max() > 0
    assert found["late_share"].max() > 0
    networks = found[found["technology"] == ""]
    assert set(networks["agent"]) == {"dartagnan", "dhune"}
    assert networks["given_up_share"].isna().all()
