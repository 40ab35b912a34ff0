"""The library of clusters: every start account is a golden number, meets what is published or says why not, and runs."""

from pathlib import Path

import numpy as np
import pytest

from clusterpact.agents.parameters import default_parameters
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.layers import experiment_names
from clusterpact.experiments.making import typed
from clusterpact.experiments.questions.account import Account
from clusterpact.policies.package import library_package
from clusterpact.sim.account import account_today
from clusterpact.sim.scenario import CLUSTERS, cluster_names, read_scenario
from clusterpact.sim.world import build_world
from tests.commands import call
from tests.worlds.random import simulate

pytestmark = pytest.mark.horizon

#: plants, scope 1 (kt CO2e a year), direct jobs, networks on offer: counted from the files when they were finished.
GOLDEN = {
    "brescia": (22, 2170.8, 6144, 4),
    "dunkirk": (24, 14043.2, 9729, 4),
    "itp-regions": (354, 198620.0, 538044, 40),
    "louisiana": (75, 92332.3, 27530, 3),
    "nrw": (95, 112102.8, 81006, 4),
    "tianjin-teda": (30, 15000.0, 385880, 4),
    "wef-network": (293, 626000.0, 1724345, 79),
    "wef-network-2025": (394, 832000.0, 2190988, 131),
}
#: Clusters set back in time: the same, and how many plants had closed by the last year of the record.
PAST = {
    "history/dunkirk-2013": (29, 16909.1, 4),
    "history/nrw-2013": (176, 157082.9, 15),
}
PROJECTS = "history/projects-2023"  #: projects that were in hand then, of no place as a whole


@pytest.fixture(scope="module", params=sorted(GOLDEN))
def account(request) -> Account:
    scenario = read_scenario(CLUSTERS / request.param)
    return Account(scenario, account_today(scenario))


def test_the_library_is_what_the_tests_know():
    assert cluster_names() == sorted({*GOLDEN, *PAST, PROJECTS})
    assert {*GOLDEN, *PAST, PROJECTS} <= set(experiment_names())


def test_every_project_of_2023_has_a_fate_on_record_but_the_one_that_stands_for_others():
    scenario = read_scenario(CLUSTERS / PROJECTS)
    known = {(fate.agent, fate.name) for fate in scenario.record.fates}
    left = [project.agent for project in scenario.projects if (project.agent, project.name) not in known]
    assert left == ["netherlands/porthos-users"]
    for fate in scenario.record.fates:
        assert fate.as_of_year in (2024, 2025, 2026)


@pytest.mark.parametrize("name", PAST)
def test_a_cluster_set_back_in_time_starts_from_its_record(name):
    scenario = read_scenario(CLUSTERS / name)
    plants, scope1_kt, closed = PAST[name]
    rows = scenario.record.emitted
    first, last = min(row.year for row in rows), max(row.year for row in rows)
    assert (first, last) == (scenario.file.base_year, 2022)
    start = {row.plant: row.scope1_kt_per_year for row in rows if row.year == first}
    assert start == pytest.approx({plant.id: plant.scope1_kt_per_year for plant in scenario.whole_plants}, rel=1e-6)
    assert len(start) == plants
    assert sum(start.values()) == pytest.approx(scope1_kt, abs=0.1)
    assert sum(row.closed for row in rows if row.year == last) == closed


def test_the_start_account_is_as_it_was_found(account):
    scenario = account.scenario
    plants, scope1_kt, jobs, networks = GOLDEN[scenario.file.name]
    sums = account.sums(None if scenario.members else scenario.file.name)
    assert (len(scenario.sites), len(scenario.file.network)) == (plants, networks)
    assert sums["scope1_kt"] == pytest.approx(scope1_kt, abs=0.06)
    assert sums["jobs_direct"] == pytest.approx(jobs, abs=1)


def test_published_totals_are_met_or_the_miss_is_explained(account):
    published = account.published
    assert len(published), "every cluster is compared with something published"
    missed = published[~published["within"]]
    assert missed["why"].str.len().gt(20).all()


def test_the_world_of_a_library_cluster_starts_from_its_account(account):
    """The first quarter of a run emits what the account says, before anything is decided."""
    scenario = account.scenario
    world = build_world(scenario, library_package("current-policies"), 2025, 2026, seed=1)
    sums = account.sums(None if scenario.members else scenario.file.name)
    assert world.template.firms.emission_kt.sum() == pytest.approx(sums["scope1_kt"], rel=1e-9)
    series = simulate(world, default_parameters(2))[0]
    assert np.isfinite(series["scope1_kt"]).all()


def test_every_source_is_named(account):
    for cluster in account.scenario.clusters:
        assert all(plant.source for plant in cluster.plants)
        assert cluster.file.source


@pytest.mark.parametrize("name", ["dunkirk", "nrw", "louisiana", "brescia"])
def test_clusters_of_real_plants_say_what_is_missing(name):
    text = (CLUSTERS / name / "sources.md").read_text(encoding="utf-8")
    assert "estimate" in text
    assert "published" in text


def test_typed_clusters_are_what_the_tables_make_of_them(tmp_path: Path):
    """The files in the library are those that `python -m clusterpact.experiments.making.typed` writes, byte for byte."""
    written = typed.write_all(tmp_path)
    assert len(written) > 60
    for path in written:
        place = path.relative_to(tmp_path)
        assert path.read_bytes() == (CLUSTERS / place).read_bytes(), place


def test_every_typed_plant_is_an_estimate():
    for name in ("tianjin-teda", "wef-network", "wef-network-2025", "itp-regions"):
        for cluster in read_scenario(CLUSTERS / name).clusters:
            if cluster.file.name in ("dunkirk", "louisiana"):
                continue
            marks = {(plant.scope1_mark, plant.capacity_mark, plant.jobs_mark, plant.gva_mark) for plant in cluster.plants}
            assert marks == {("estimate",) * 4}


@pytest.mark.parametrize(("network", "published_kt"), [("wef-network", 626_000), ("wef-network-2025", 832_000)])
def test_clusters_without_figures_fill_what_the_published_total_leaves(network, published_kt):
    """The parts with no figure add up to what the rest leaves of the total, in proportion to the weights of their plants."""
    rows = typed.read_table(typed.TABLES / "clusters.csv", typed.TypedCluster)
    filled = {row.name for row in rows if row.folder == "wef-network" and row.scope1_kt is None}
    members = {c.file.name: sum(p.scope1_kt_per_year for p in c.plants) for c in read_scenario(CLUSTERS / network).clusters}
    assert sum(members.values()) == pytest.approx(published_kt, abs=0.01)
    entries = typed.read_table(typed.TABLES / "plants.csv", typed.TypedPlants)
    weights = {name: sum(e.plants * e.weight for e in entries if e.cluster == name) for name in filled}
    ratios = [members[name] / weights[name] for name in filled]
    assert max(ratios) == pytest.approx(min(ratios), rel=1e-6)


def test_the_platform_ties_all_ten_regions():
    world = build_world(read_scenario(CLUSTERS / "itp-regions"), library_package("peer-learning"), 2025, 2030, 1)
    ties = world.template.peer_ties
    assert len(set(ties.observer)) == 10
    for g in set(ties.observer):
        mine = ties[ties.observer == g]
        for k in set(mine.instrument):
            assert mine.weight[mine.instrument == k].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_cluster_shows_its_portrait_and_pictures_on_one_screen(name, tmp_path, capsys):
    assert call("show", name, "--out", tmp_path) == 0
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert len(lines) <= 50
    assert max(len(line) for line in lines if "/" not in line) <= 125
    for word in ("plants", "Mt CO2e", "direct jobs", "lenders", "governments", "projects in hand"):
        assert word in said
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}-map.png", f"{name}-ties.png"}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_experiment_of_a_cluster_loads(name):
    assert load_experiment(name).scenario.file.name == name
