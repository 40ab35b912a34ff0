"""Owners of plants: who holds which plant of a world, and with what means."""

import csv
import shutil

import pytest

from clusterpact.agents.records import empty
from clusterpact.experiments.experiment import input_files
from clusterpact.experiments.making.starter import STARTER
from clusterpact.inputs import InputError
from clusterpact.sim.cluster import Government
from clusterpact.sim.scenario import CLUSTERS, OWN_OWNERS, OwnerRow, Scenario, cluster_names, read_scenario
from clusterpact.sim.tables import LIBRARY, read_owners
from clusterpact.sim.template import owner_records

HEADER = "owner,title,cash_flow_meur_per_year,net_debt_meur,source,mark\n"
TERMS = {
    "dunkirk": {"eu": 5, "french-state": 5, "hauts-de-france": 6},
    "nrw": {"eu": 5, "german-state": 4, "nrw-land": 5},
    "louisiana": {"us-federal": 4, "louisiana-state": 4},
    "brescia": {"eu": 5, "italian-state": 5, "lombardy": 5},
}


def write_member(folder, name, owners):
    """The starter's cluster under another name, with these owners by plant."""
    shutil.copytree(STARTER, folder)
    text = (folder / "cluster.toml").read_text(encoding="utf-8")
    (folder / "cluster.toml").write_text(text.replace('name = "my-cluster"', f'name = "{name}"'), encoding="utf-8")
    rows = list(csv.DictReader((folder / "firms.csv").read_text(encoding="utf-8").splitlines()))
    with (folder / "firms.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*rows[0], "owner"])
        table.writeheader()
        table.writerows(row | {"owner": owners.get(row["id"], "")} for row in rows)


@pytest.fixture
def pair(tmp_path):
    """Two clusters in one world; Holcim holds a plant in both, and one more in the south."""
    write_member(tmp_path / "north", "north", {"cement-works": "holcim", "glass-works": "glass-family"})
    write_member(tmp_path / "south", "south", {"lime-works": "holcim", "cement-works": "holcim"})
    (tmp_path / "clusters.toml").write_text(
        'name = "pair"\ntitle = "Pair"\nclusters = ["north", "south"]\n', encoding="utf-8"
    )
    return tmp_path


def put_owners(folder, *rows):
    (folder / OWN_OWNERS).write_text(HEADER + "".join(f"{row},made up,estimate\n" for row in rows), encoding="utf-8")


def holdings(scenario):
    """Ids of the plants of every owner, by its key."""
    keys = [owner.key for owner in scenario.owners]
    found = {key: [] for key in keys}
    for plant, row in zip(scenario.plants, scenario.owner_rows, strict=True):
        found[keys[row]].append(plant.id)
    return found


@pytest.mark.parametrize("name", sorted(TERMS))
def test_every_real_plant_that_emits_has_an_owner(name):
    scenario = read_scenario(CLUSTERS / name)
    assert [plant.id for plant in scenario.plants if plant.scope1_kt_per_year > 0 and not plant.owner] == []
    assert {plant.owner_mark for plant in scenario.plants} == {"derived", "estimate"}


@pytest.mark.parametrize("name", sorted(TERMS))
def test_governments_of_the_library_serve_their_own_terms(name):
    assert {row.id: row.term_years for row in read_scenario(CLUSTERS / name).file.government} == TERMS[name]


def test_a_term_is_four_years_unless_said_and_one_to_ten():
    field = Government.model_fields["term_years"]
    assert field.default == 4
    assert [(limit.ge if hasattr(limit, "ge") else limit.le) for limit in field.metadata] == [1, 10]


def sites(units):
    """The plants of some units, by their ids."""
    return sorted({unit.partition(":")[0] for unit in units})


def test_every_row_of_the_library_is_an_owner_of_some_plant():
    used = {plant.owner for name in cluster_names() for plant in read_scenario(CLUSTERS / name).plants}
    assert set(read_owners(LIBRARY / "owners.csv")) - used == set()


def test_one_company_has_one_key_in_all_clusters():
    held = {name: holdings(read_scenario(CLUSTERS / name)) for name in ("dunkirk", "nrw", "louisiana", "brescia")}
    assert sites(held["dunkirk"]["arcelormittal"]) == ["arcelormittal-dunkirk", "arcelormittal-mardyck"]
    assert sites(held["nrw"]["arcelormittal"]) == ["arcelormittal-ruhrort", "prosper-bottrop"]
    for key in ("shell", "basf", "lyondellbasell", "sasol", "air-liquide", "smurfit-westrock", "kronos", "orion"):
        assert key in held["nrw"], key
        assert key in held["louisiana"], key
    assert held["brescia"]["heidelberg-materials"] == ["italcementi-rezzato"]


def test_an_owner_of_plants_in_several_clusters_is_one_row_of_the_network():
    scenario = read_scenario(CLUSTERS / "wef-network")
    held = holdings(scenario)
    assert {plant.partition("/")[0] for plant in held["arcelormittal"]} == {"antwerp-bruges", "dunkirk"}
    assert len(sites(held["cf-industries"])) == 4
    assert len(held) == len({owner.key for owner in scenario.owners}) == len(scenario.owners)
    assert sum(map(len, held.values())) == len(scenario.plants)


def test_owners_stand_in_the_order_of_their_first_plants(pair):
    scenario = read_scenario(pair)
    plants = [plant.id for plant in scenario.plants]
    first = [plants.index(held[0]) for held in holdings(scenario).values()]
    assert first == sorted(first)
    assert scenario.owner_rows[0] == 0
    assert sites(holdings(scenario)["holcim"]) == ["north/cement-works", "south/cement-works", "south/lime-works"]
    assert sites(holdings(scenario)["glass-family"]) == ["north/glass-works"]


def test_a_plant_without_an_owner_owns_itself_and_has_no_means_of_its_own(pair):
    owners = {owner.key: owner for owner in read_scenario(pair).owners}
    assert owners["south/glass-works"] == OwnerRow("south/glass-works", "Glass works", 0.0, 0.0)
    assert owners["glass-family"] == OwnerRow("glass-family", "glass-family", 0.0, 0.0)
    shared = read_owners(LIBRARY / "owners.csv")["holcim"]
    means = (shared.cash_flow_meur_per_year, shared.net_debt_meur)
    assert owners["holcim"] == OwnerRow("holcim", "Holcim", *means)
    assert means[0] > 0
    alone = {owner.key for owner in read_scenario(pair / "south").owners}
    assert {"holcim", "glass-works"} < alone


def test_an_owner_without_a_row_is_called_by_its_operator():
    titles = {owner.key: owner.title for owner in read_scenario(CLUSTERS / "nrw").owners}
    assert (titles["spenner"], titles["rwe"]) == ("Spenner", "RWE")


def test_own_owners_replace_and_join_the_shared_ones(pair):
    put_owners(pair / "north", "holcim,Holcim of here,5,-3.5", "glass-family,Glass family,2,1")
    for folder in (pair, pair / "north"):
        scenario = read_scenario(folder)
        owners = {owner.key: owner for owner in scenario.owners}
        assert owners["holcim"] == OwnerRow("holcim", "Holcim of here", 5.0, -3.5)
        assert owners["glass-family"] == OwnerRow("glass-family", "Glass family", 2.0, 1.0)
        assert scenario.tables.owners["shell"] == read_owners(LIBRARY / "owners.csv")["shell"]
    assert {owner.title for owner in read_scenario(pair / "south").owners} >= {"Holcim"}


def test_clusters_may_not_differ_on_an_owner(pair):
    for name, row in (("north", "holcim,Holcim,5,1"), ("south", "holcim,Holcim,5,1")):
        put_owners(pair / name, row)
    assert {owner.cash_flow_meur_per_year for owner in read_scenario(pair).owners if owner.key == "holcim"} == {5.0}
    put_owners(pair / "south", "holcim,Holcim,6,1")
    with pytest.raises(InputError, match=r"clusters.toml: owner = 'holcim': differs between the own-owners.csv"):
        read_scenario(pair)


def test_results_keep_the_tables_of_owners(pair):
    put_owners(pair / "north", "glass-family,Glass family,2,1")
    files = input_files(read_scenario(pair))
    assert files["owners.csv"] == LIBRARY / "owners.csv"
    assert files["north/own-owners.csv"] == pair / "north" / OWN_OWNERS
    assert "south/own-owners.csv" not in files


def test_who_owns_what_is_looked_up_once_for_a_world_and_not_for_every_plant(pair, monkeypatch):
    scenario, asked = read_scenario(pair), []
    rows = scenario.owner_rows
    monkeypatch.setattr(Scenario, "owner_rows", property(lambda scenario: asked.append(scenario) or rows))
    firms = empty("firm", len(scenario.plants))
    owner_records(scenario, firms)
    assert [*firms.owner] == [*rows]
    assert len(asked) == 1
