"""A plant whose table of units holds one row is the plant itself: the same ids, names and bytes as without the table."""

import shutil

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.making.starter import STARTER
from clusterpact.experiments.running.shards import Shard, run_shard, world_of
from clusterpact.sim.scenario import read_scenario

HEADER = "plant,unit,name,capacity_kt_per_year,capacity_gwh_per_year,source,mark\n"
ROWS = """cement-works,main,Kiln,1000,,made up,estimate
lime-works,main,Kiln,400,,made up,estimate
ammonia-plant,main,Line,500,,made up,estimate
food-factory,main,Boiler house,,300,made up,estimate
"""


def region(folder, units="", projects=()):
    """The starter with another table of units (none if blank), its glass works in one, and edits of its projects."""
    shutil.copytree(STARTER, folder)
    (folder / "units.csv").write_text(HEADER + units, encoding="utf-8")
    if not units:
        (folder / "units.csv").unlink()
    text = (folder / "projects.csv").read_text(encoding="utf-8").replace("glass-works,furnace-2", "glass-works,")
    for old, new in projects:
        assert old in text
        text = text.replace(old, new)
    (folder / "projects.csv").write_text(text, encoding="utf-8")
    return folder


def recorded(folder):
    """Names, and all that three runs record."""
    experiment = load_experiment(str(folder / "experiment.toml"), runs=3, horizon=[2026, 2045], targets={})
    world = world_of(experiment, 1)
    arrays, failures = run_shard(experiment, world, world.fresh_state(), Shard(1, 0, 3))
    assert not failures
    return world.firm_ids, world.names, *(
        getattr(arrays, name).tobytes() for name in ("series", "gates", "decisions", "networks"))  # fmt: skip


@pytest.mark.parametrize("unit", ["", "main"], ids=["project of the plant", "project of its one unit"])
def test_a_plant_of_one_unit_gives_the_same_bytes_as_without_the_table(tmp_path, unit):
    named = [("ammonia-plant,,", f"ammonia-plant,{unit},")]
    assert recorded(region(tmp_path / "one", ROWS, named)) == recorded(region(tmp_path / "none"))


def test_a_plant_of_two_units_is_two_agents_and_one_site(tmp_path):
    shutil.copytree(STARTER, tmp_path / "region")
    scenario = read_scenario(tmp_path / "region")
    assert [unit.id for unit in scenario.sites["glass-works"]] == ["glass-works:furnace-1", "glass-works:furnace-2"]
    assert sum(unit.scope1_kt_per_year for unit in scenario.sites["glass-works"]) == pytest.approx(80, rel=1e-12)
    assert [unit.scope1_kt_per_year for unit in scenario.sites["glass-works"]] == pytest.approx([48, 32], rel=1e-12)
    assert len(scenario.sites) == 5


def test_one_unit_brings_its_age_and_its_last_year(tmp_path):
    units = "campaign_age_years,last_year,source"
    folder = region(tmp_path / "region", ROWS)
    text = (folder / "units.csv").read_text(encoding="utf-8").replace("source", units).replace("made up", "3,2030,made up")
    (folder / "units.csv").write_text(text, encoding="utf-8")
    (plant,) = read_scenario(folder).sites["cement-works"]
    assert (plant.id, plant.name, plant.campaign_age_years, plant.last_year) == ("cement-works", "Cement works", 3, 2030)
