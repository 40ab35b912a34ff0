"""The Brescia cluster: its account agrees with the register, its figures have sources, its packages run."""

import csv
from pathlib import Path

import numpy as np
import pytest

from clusterpact.policies.package import library_names, library_package
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from tests.worlds.random import random_parameters, simulate

pytestmark = pytest.mark.horizon

REGISTER = Path(__file__).parents[1] / "data" / "register_brescia_2022.csv"


@pytest.fixture(scope="module")
def brescia():
    return read_scenario(CLUSTERS / "brescia")


def test_every_plant_and_their_sum_agree_with_the_register(brescia) -> None:
    with REGISTER.open(newline="", encoding="utf-8") as file:
        listed = {row["register_id"]: float(row["verified_t_2022"]) / 1000 for row in csv.DictReader(file)}
    assert sorted(units[0].register_id for units in brescia.sites.values()) == sorted(listed)
    for units in brescia.sites.values():
        found = sum(unit.scope1_kt_per_year for unit in units)
        assert found == pytest.approx(listed[units[0].register_id], abs=0.06)
    total = next(item for item in brescia.file.published if item.quantity == "scope1_kt")
    assert sum(listed.values()) == pytest.approx(total.value, rel=total.tolerance_pct / 100)


def test_every_figure_has_a_source_and_a_mark(brescia) -> None:
    for plant in brescia.plants:
        assert plant.source
        assert plant.capacity_mark
        assert plant.scope1_mark
        assert (plant.jobs_mark is not None) == (plant.jobs is not None)
    file = brescia.file
    for item in (*file.network, *file.financier, *file.government, *file.link, *file.grid_factor):
        assert item.source
        assert item.mark
    for item in file.published:
        assert item.source
        assert item.why


def test_every_plant_employs_people(brescia) -> None:
    world = build_world(brescia, library_package("current-policies"), 2025, 2030, seed=1)
    assert (world.template.firms.jobs > 0).all()


def test_the_european_union_is_the_same_as_in_dunkirk(brescia) -> None:
    dunkirk = read_scenario(CLUSTERS / "dunkirk")
    assert brescia.file.government[0] == dunkirk.file.government[0]


@pytest.mark.parametrize("name", library_names())
def test_every_package_of_the_library_runs_with_balanced_books(brescia, name: str) -> None:
    world = build_world(brescia, library_package(name), 2025, 2050, seed=3, check_books=True)
    series = simulate(world, random_parameters(2, 10))[0]
    assert np.isfinite(series["abated_share"]).all()
    assert (series["abated_share"] <= 1.0).all()
