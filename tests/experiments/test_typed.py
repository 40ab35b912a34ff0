"""Typed clusters: units of plants that are larger than one, and what their folders leave out."""

import csv
import tomllib
from pathlib import Path

import pytest

from clusterpact.experiments.making import typed
from clusterpact.experiments.making.typed_units import TypicalUnit, units_of
from clusterpact.inputs import read_table
from clusterpact.sim.cluster import Plant
from clusterpact.sim.scenario import CLUSTERS
from clusterpact.sim.tables import read_tables
from clusterpact.sim.units import UNITS_FILE

TYPICAL = read_table(typed.TABLES / UNITS_FILE, TypicalUnit)
TYPES = read_table(typed.TABLES / "plants.csv", typed.TypedPlants)
TYPED = sorted(
    path.parent
    for folder in ("tianjin-teda", "wef-network", "wef-network-2025", "itp-regions")
    for path in (CLUSTERS / folder).rglob("cluster.toml")
)


def plant(capacity: float, sector: str = "cement") -> Plant:
    key = "capacity_kt_per_year" if sector == "cement" else "capacity_gwh_per_year"
    return Plant.model_validate({"id": "works", "name": "Works", "sector": sector, "technology": "any", key: capacity})


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("capacity", "units"), [(10, 0), (1299, 0), (1300, 0), (1300.1, 2), (2600, 2), (2601, 3), (13000, 10)]
)
def test_a_plant_is_as_few_equal_units_as_are_no_larger_than_a_typical_one(capacity, units):
    kiln = TypicalUnit(sector="cement", name="Kiln", capacity_kt_per_year=1300, source="made up", mark="estimate")
    rows = units_of([plant(capacity)], [kiln])
    assert [row["unit"] for row in rows] == [f"kiln-{k}" for k in range(1, units + 1)]
    assert sum(row["capacity_kt_per_year"] for row in rows) == pytest.approx(capacity if units else 0, rel=1e-9)
    assert all(row["capacity_kt_per_year"] == pytest.approx(capacity / units, abs=1e-5) for row in rows)


def test_units_stand_in_the_column_of_their_plant_and_only_where_a_size_is_known():
    boiler = TypicalUnit(sector="process_heat", name="Boiler", capacity_gwh_per_year=300, source="x", mark="estimate")
    rows = units_of([plant(600, "process_heat"), plant(600, "batteries")], [boiler])
    assert [row["capacity_gwh_per_year"] for row in rows] == [300, 300]
    assert not any("capacity_kt_per_year" in row for row in rows)


def test_every_sector_of_typed_plants_has_a_typical_unit_in_its_own_measure():
    sizes = {row.sector: row for row in TYPICAL}
    assert len(sizes) == len(TYPICAL)
    assert {entry.sector for entry in TYPES} <= set(sizes)
    tables = read_tables()
    for row in TYPICAL:
        energy = next(t for t in tables.of_sector(row.sector) if t.role == "incumbent").unit.startswith("MWh")
        assert (row.capacity_gwh_per_year is not None) == energy, row.sector
        assert (row.capacity_kt_per_year is not None) != energy, row.sector
        assert row.source


@pytest.mark.parametrize("folder", TYPED, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_units_of_a_typed_cluster_add_up_to_its_plants(folder):
    plants = {row["id"]: row for row in rows_of(folder, "firms.csv")}
    sizes = {row.sector: row.capacity for row in TYPICAL}
    rows = rows_of(folder, "units.csv")
    assert len({(row["plant"], row["unit"]) for row in rows}) == len(rows)
    for key, row in plants.items():
        column = "capacity_kt_per_year" if row["capacity_kt_per_year"] else "capacity_gwh_per_year"
        own = [float(unit[column]) for unit in rows if unit["plant"] == key]
        assert len(own) != 1
        assert sum(own) == pytest.approx(float(row[column]) if own else 0, rel=1e-6)
        assert max(own, default=float(row[column])) <= sizes[row["sector"]] + 1e-6
    assert {unit["mark"] for unit in rows} <= {"estimate"}


@pytest.mark.parametrize("folder", TYPED, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_nothing_is_planned_and_no_flat_grant_given_in_a_typed_cluster(folder):
    assert not (folder / "projects.csv").exists()
    file = tomllib.loads((folder / "cluster.toml").read_text(encoding="utf-8"))
    assert "grant_share" not in file.get("instruments", {})
    assert not any("announced_year" in network for network in file["network"])


def test_the_network_of_2025_is_that_of_2024_and_thirteen_more():
    networks = tomllib.loads((typed.TABLES / "networks.toml").read_text(encoding="utf-8"))
    before, after = networks["wef-network"]["clusters"], networks["wef-network-2025"]["clusters"]
    assert (len(before), after[:20], len(set(after))) == (20, before, 33)
    units = sum(
        sum(1 for row in plants if row["id"] not in split) + len(rows)
        for folder in TYPED
        if folder.parent.name == "wef-network-2025"
        for plants, rows in [(rows_of(folder, "firms.csv"), rows_of(folder, "units.csv"))]
        for split in [{row["plant"] for row in rows}]
    )
    assert 1800 < units < 2000, "with Tianjin, Louisiana and Dunkirk about two thousand"
