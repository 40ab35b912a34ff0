"""Several clusters in one world: what they share (lenders, governments, experience) and what each keeps for itself."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clusterpact.agents.parameters import default_parameters
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.making.starter import STARTER
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import ADOPTABLE
from clusterpact.policies.package import Package, library_package
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.scenario import read_scenario
from clusterpact.sim.world import World, build_world
from tests.commands import call
from tests.worlds.random import simulate

pytestmark = pytest.mark.horizon

CLUSTERS_FILE = """name = "pair"
title = "Two regions"
clusters = ["north", "south"]

[[team]]
interest = "stakeholder engagement"
governments = ["north-region", "south-region"]
source = "made up"
mark = "estimate"
"""
EXPERIMENT = """name = "pair"
cluster = "pair"
horizon = [2025, 2040]
runs = 4
policies = ["current-policies", "four-pillars"]
"""


REGION = """
[[government]]
id = "{name}-region"
name = "Region {name}"
level = "region"
awards_support = true
governs_pact = true
first_election_year = 2028
source = "made up"
mark = "estimate"
"""


def write_member(folder: Path, name: str) -> None:
    """The starter's cluster under another name, with a region of its own and a state that all share."""
    folder.mkdir(parents=True)
    text = (STARTER / "cluster.toml").read_text().replace('name = "my-cluster"', f'name = "{name}"')
    text = text.replace("awards_support = true\ngoverns_pact = true", "awards_support = false\ngoverns_pact = false")
    (folder / "cluster.toml").write_text(text + REGION.format(name=name))
    shutil.copy(STARTER / "firms.csv", folder / "firms.csv")


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A folder with a network of two clusters that are alike, and an experiment about it."""
    for name in ("north", "south"):
        write_member(tmp_path / "pair" / name, name)
    (tmp_path / "pair" / "clusters.toml").write_text(CLUSTERS_FILE)
    (tmp_path / "pair.toml").write_text(EXPERIMENT)
    return tmp_path / "pair"


def world_of(folder: Path, package: Package | None = None, **options) -> World:
    return build_world(read_scenario(folder), package or library_package("four-pillars"), 2025, 2050, 7, **options)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_records_hold_both_clusters_one_after_the_other(pair):
    scenario = read_scenario(pair)
    alone = read_scenario(pair / "north")
    state = world_of(pair).template
    count = len(alone.plants)
    assert [plant.id for plant in scenario.plants[:count]] == [f"north/{plant.id}" for plant in alone.plants]
    assert state.firms.cluster.tolist() == [0] * count + [1] * count
    assert state.pacts.first_firm.tolist() == [0, count]
    assert state.pacts.n_firms.tolist() == [count, count]
    assert state.pacts.baseline_kt.tolist() == [sum(p.scope1_kt_per_year for p in alone.plants)] * 2
    kinds = len(alone.file.network)
    assert state.networks.cluster.tolist() == [0] * kinds + [1] * kinds
    for firm in state.firms:
        assert all(state.networks[n].cluster == firm.cluster for n in firm.network if n >= 0)
    assert len(set(state.firms.id)) == 2 * count
    assert len(set(state.networks.id)) == 2 * kinds


def test_lenders_and_governments_of_the_same_name_are_one_agent(pair):
    alone, both = world_of(pair / "north"), world_of(pair)
    assert both.names["financiers"] == alone.names["financiers"]
    assert len(both.names["governments"]) == len(alone.names["governments"]) + 1
    pacts = both.template.pacts
    assert pacts[0].carbon_government == pacts[1].carbon_government
    assert pacts[0].pact_government != pacts[1].pact_government


def test_an_idle_neighbour_changes_nothing_to_the_bit(pair):
    """A second cluster without emissions or wishes leaves the first one's runs as they are in a network of one."""
    change(pair / "clusters.toml", '["north", "south"]', '["north"]')
    (pair / "clusters.toml").write_text((pair / "clusters.toml").read_text().split("[[team]]")[0])
    lone = world_of(pair)
    rows = (pair / "south" / "firms.csv").read_text().splitlines()
    header = rows[0].split(",")
    cells = dict(zip(header, rows[1].split(","), strict=True))
    cells |= {"capacity_kt_per_year": "0", "scope1_kt_per_year": "0", "jobs": "0", "announced_technology": "",
              "announced_year": ""}  # fmt: skip
    (pair / "south" / "firms.csv").write_text(rows[0] + "\n" + ",".join(cells[name] for name in header) + "\n")
    change(pair / "clusters.toml", '["north"]', '["north", "south"]')
    both = world_of(pair)
    firms, networks = len(lone.firm_ids), len(lone.network_ids)
    expected, found = (simulate(world, default_parameters(6)) for world in (lone, both))
    for a, b, count in ((expected[1], found[1], firms), (expected[2], found[2], firms), (expected[3], found[3], networks)):
        assert a.tobytes() == b[:, :count].tobytes()
    assert (expected[2][:, :, 1] >= 0).any()
    assert expected[0]["scope1_kt"].tobytes() == found[0]["scope1_kt"].tobytes()


def test_books_close_and_drivers_agree(pair):
    world = world_of(pair, check_books=True)
    series, gates, *_ = simulate(world, default_parameters(3))
    model = ClusterModel(world, 2, default_parameters(1)).run()
    assert model.series.tobytes() == series[2].tobytes()
    assert model.gates.tobytes() == gates[2].tobytes()
    assert [pact.name for pact in model.pacts] == list(world.names["pacts"])
    model.release()


def test_emissions_of_the_world_are_those_of_its_clusters(pair):
    world = world_of(pair)
    state = world.template
    series, *_ = simulate(world, default_parameters(2))
    assert series["scope1_kt"][0, 0] == pytest.approx(state.pacts.baseline_kt.sum(), rel=0.01)


def test_each_cluster_has_its_own_prices_and_law(pair):
    years = ",".join(("carbon", "2025", "0", "0", "0", "EUR/t", "made up", "estimate"))
    (pair / "south" / "own-prices.csv").write_text("carrier,year,low,mid,high,unit,source,mark\n" + years + "\n")
    change(pair / "south" / "cluster.toml", "grant_share = 0.15", "grant_share = 0.0\ncapture_credit_eur_per_t = 70.0")
    world = world_of(pair, library_package("current-policies"))
    model = ClusterModel(world, 0)
    for _ in range(8):
        model.step()
    spots = model.state.spots
    assert spots[0].price[0] > 40
    assert spots[1].price[0] == 0.0
    assert spots[0].price[1] == spots[1].price[1]
    years = world.years
    assert world.template.policy.grant_share[[0, years]].tolist() == [0.15, 0.0]
    assert world.template.policy.capture_credit_eur_per_t[[0, years]].tolist() == [0.0, 70.0]
    weights = world.template.pacts.baseline_kt
    assert model.state.account[0].carbon_price_eur_per_t > 0
    assert weights[0] == weights[1]
    model.run().release()


def test_a_package_replaces_what_it_names_in_the_law_from_its_first_year_and_keeps_the_rest(pair):
    law = read_scenario(pair).clusters[0].law
    bare = library_package("current-policies")
    named = replace(bare, schedules={"grant_share": ((2030, 0.4),)})
    assert bare.by_year(2029, 2030, law).grant_share.tolist() == [0.15, 0.15]
    assert named.by_year(2029, 2030, law).grant_share.tolist() == [0.15, 0.4]
    assert named.by_year(2029, 2030, law).skills_per_year.tolist() == [0.0, 0.0]


def test_decisions_in_one_cluster_make_technology_cheaper_in_the_other(pair):
    """The two clusters share technology rows, so an FID in the north counts as experience in the south."""
    state = world_of(pair).template
    north, south = (state.options.technology[state.firms[i].first_option + 1] for i in (0, len(state.firms) // 2))
    assert north == south


def test_lenders_share_their_capital_and_limit_every_cluster(pair):
    """Less capital for both clusters together lends less; the limit holds per cluster."""
    world = world_of(pair)
    series = {}
    for share in (1.0, 0.02):
        world.template.financiers.capital_meur *= share
        series[share] = simulate(world, default_parameters(6))[0]["debt_meur"].sum()
        world.template.financiers.capital_meur /= share
    assert series[0.02] < 0.7 * series[1.0]


def test_teams_tie_governments_and_the_platform_makes_policies_spread(pair):
    learning = library_package("peer-learning")
    world = world_of(pair, learning)
    ties = world.template.peer_ties
    names = [(world.names["governments"][tie.observer], world.names["governments"][tie.peer]) for tie in ties]
    assert len(names) == 4
    assert names[0] == names[2][::-1]
    assert [ADOPTABLE[tie.instrument].name for tie in ties] == ["orchestrator", "monitoring"] * 2
    assert ties.weight.tolist() == [1.0] * 4
    parameters = default_parameters(60)
    parameters.spontaneous_adoption_per_year, parameters.peer_adoption_per_year = 0.05, 0.5
    with_platform = simulate(world, parameters)[0]["adopted_instruments"][:, -1]
    without = simulate(world_of(pair, library_package("current-policies")), parameters)[0]["adopted_instruments"][:, -1]
    assert (with_platform >= without).all()
    assert with_platform.mean() > without.mean() + 0.2


def test_a_network_runs_resumes_and_reopens_from_its_folder(pair, tmp_path):
    out = tmp_path / "out"
    assert call("run", tmp_path / "pair.toml", "--out", out, "--no-figures") == 0
    assert {path.relative_to(out / "inputs").as_posix() for path in (out / "inputs").rglob("*.toml")} == {
        "clusters.toml", "north/cluster.toml", "south/cluster.toml",
    }  # fmt: skip
    again = reopen(out)
    assert again.resolved() == load_experiment(str(tmp_path / "pair.toml")).resolved()
    assert call("replay", out, "--run", "1") == 0
    assert call("validate", pair) == 0


MISTAKES = [
    ("pair/clusters.toml", '"south"]', '"sauth"]', ["clusters.toml", "cluster = 'sauth'", "south"]),
    ("pair/clusters.toml", '"south"]', '"../south"]', ["clusters.toml", "clusters[2]", "expected"]),
    ("pair/clusters.toml", '"south"]', '"north"]', ["clusters", "'north'", "appears more than once"]),
    ("pair/clusters.toml", '"south-region"', '"sauth-region"', ["team[1].governments", "'sauth-region'", "south-region"]),
    ("pair/clusters.toml", "stakeholder engagement", "stakeholders", ["team[1].interest", "expected"]),
    ("pair/south/cluster.toml", 'name = "south"', 'name = "north"', ["names in their files", "'north'"]),
    ("pair/south/cluster.toml", "base_rate_pct = ", "base_rate_pct = 1", ["financier.id", "differs between clusters"]),
    ("pair/south/cluster.toml", "[instruments]", "[instruments]\ngrnt_share = 1", ["instruments.grnt_share", "grant_share"]),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), MISTAKES)
def test_mistakes_in_a_network_get_one_line(pair, tmp_path, capsys, file, old, new, expected):
    change(tmp_path / file, old, new)
    assert call("validate", pair) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    for words in expected:
        assert words in said


def test_a_network_of_networks_is_refused(pair, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    shutil.copytree(pair, outer / "pair")
    (outer / "clusters.toml").write_text('name = "outer"\ntitle = "x"\nclusters = ["pair"]\n')
    with pytest.raises(InputError, match="network of clusters itself"):
        read_scenario(outer)


def test_milestones_are_weighed_over_a_governments_clusters(pair):
    """The state sees the mean of both clusters' milestones, weighted by emissions; a region sees its own."""
    from clusterpact.agents.governments import milestone

    change(pair / "south" / "cluster.toml", '"2030" = 0.30', '"2030" = 0.50')
    state = world_of(pair, library_package("current-policies")).fresh_state()
    t = 4 * (2031 - 2025)
    shared = state.pacts[0].carbon_government
    assert milestone(state, shared, t) == pytest.approx(0.40)
    assert milestone(state, state.pacts[0].pact_government, t) == 0.30
    assert milestone(state, state.pacts[1].pact_government, t) == 0.50
    assert np.isclose(state.pacts.baseline_kt[0], state.pacts.baseline_kt[1])
