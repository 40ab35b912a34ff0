"""The portrait of a cluster: plants stand as plants, however many units they have; what is in hand and what is limited."""

import pytest

from clusterpact.cli import catalogue
from clusterpact.cli.portrait import portrait
from clusterpact.results.figures.cluster_map import cluster_map, tie_network
from clusterpact.sim.scenario import CLUSTERS, cluster_names, read_scenario


@pytest.fixture(scope="module")
def dunkirk():
    return read_scenario(CLUSTERS / "dunkirk")


def lines_after(text, title, stop):
    """The lines of one part of the portrait."""
    lines = text.splitlines()
    first = lines.index(title) + 1
    return lines[first : first + stop]


def test_plants_are_counted_and_ranked_as_plants(dunkirk):
    text = portrait(dunkirk)
    assert f"{len(dunkirk.sites)} plants (3 planned, {len(dunkirk.plants)} units)" in text
    works = sum(unit.scope1_kt_per_year for unit in dunkirk.sites["arcelormittal-dunkirk"]) / 1000
    first = lines_after(text, "largest plants:", 1)[0]
    assert first.split("  ")[-1] == "ArcelorMittal Dunkerque integrated works, BF-BOF"
    assert f"{works:.2f} Mt" in first
    assert "primary steel 6.41 Mt;" in text  # one plant, so its number is not said
    assert "arcelormittal-dunkirk: bf-2-3 2,940 kt, bf-4 3,860 kt" in text


def test_the_last_year_of_a_unit_is_told():
    text = " ".join(portrait(read_scenario(CLUSTERS / "nrw")).split())
    assert "f 7,135 GWh until 2029" in text


def test_every_project_stands_with_its_start_stage_and_grant(dunkirk):
    rows = lines_after(portrait(dunkirk), "projects in hand:", 1 + len(dunkirk.projects))[1:]
    assert len(rows) == 13
    steel = next(row for row in rows if "Electric arc furnace" in row)
    assert steel.split()[:4] == ["2029", "FID", "650", "MEUR"]
    assert any("contract signed  158 EUR/t" in row for row in rows)
    years = [int(row.split()[0]) for row in rows]
    assert years == sorted(years)


def test_what_buyers_take_and_what_is_limited(dunkirk):
    text = " ".join(portrait(dunkirk).split())
    assert "primary steel 400 kt a year by 3 at 80 to 150 EUR/t; cement 260 kt a year at 20 EUR/t" in text
    assert "limited: biomass 1,800 GWh a year; waste fuel 510 GWh a year; scrap 2,850 kt a year" in text
    assert "planned (2028)" in text  # the network's project


def test_the_list_of_clusters_counts_plants():
    found = {row["cluster"]: row for row in catalogue.clusters().data}
    assert set(found) == set(cluster_names())
    for name, row in found.items():
        scenario = read_scenario(CLUSTERS / name)
        assert row["plants"] == len(scenario.sites)
        assert row["scope1_kt_per_year"] == pytest.approx(sum(plant.scope1_kt_per_year for plant in scenario.plants))
        assert row["title"] == scenario.file.title
    assert found["dunkirk"]["plants"] == 24


def test_a_plant_is_one_circle_on_the_map_and_in_the_ties(dunkirk):
    drawn = cluster_map(dunkirk)
    assert sum(len(found.get_offsets()) for axis in drawn.axes for found in axis.collections) == len(dunkirk.sites)
    assert f"{len(dunkirk.sites)} plants" in drawn.texts[0].get_text()
    circles = tie_network(dunkirk).axes[0].collections[0]
    assert len(circles.get_offsets()) == len(dunkirk.sites)


def test_whole_plants_are_the_sums_of_their_units(dunkirk):
    works = next(plant for plant in dunkirk.whole_plants if plant.id == "arcelormittal-dunkirk")
    units = dunkirk.sites[works.id]
    assert len(units) == 2
    for name in ("scope1_kt_per_year", "capacity_kt_per_year", "jobs"):
        assert getattr(works, name) == pytest.approx(sum(getattr(unit, name) for unit in units))
    assert works.capacity_gwh_per_year is None
    assert works.name == "ArcelorMittal Dunkerque integrated works"
    assert len(dunkirk.whole_plants) == len(dunkirk.sites)
