"""Plants of several units: the rows of `units.csv`, and the plants that they make, each with decisions of its own."""

import math
from pathlib import Path

from clusterpact.inputs import InputError, Record, is_there, read_table, unique
from clusterpact.sim.amounts import Mark, Name, PositiveKt, PositiveVolume, Share, Slug, Year, Years
from clusterpact.sim.cluster import Plant
from clusterpact.sim.tables import Tables

UNITS_FILE = "units.csv"
OF = ":"  #: between a plant's id and its unit's, in the id of the unit
ROUNDING = 1e-6  #: what units' capacities and shares may miss of their plant's


class UnitRow(Record):
    """One row of `units.csv`: a furnace, kiln, boiler house, block, cracker or potline of a plant in `firms.csv`.

    technology: the plant's own if blank; scope1_share: of the plant's emissions (blank in all rows of it: by capacity);
    last_year: the last year in which it runs, by law or a decision that was taken.
    """

    plant: Slug
    unit: Slug
    name: Name
    technology: str = ""
    capacity_kt_per_year: PositiveKt | None = None
    capacity_gwh_per_year: PositiveVolume | None = None
    scope1_share: Share | None = None
    campaign_age_years: Years | None = None
    last_year: Year | None = None
    source: str = ""
    mark: Mark = "estimate"
    note: str = ""

    @property
    def capacity(self) -> float:
        """Thousand product units a year (kt or GWh)."""
        return self.capacity_kt_per_year or self.capacity_gwh_per_year or 0.0


class Unit(Plant):
    """A unit as a plant with decisions of its own; jobs, gases and promises are those of its `plant`."""

    id: str  #: `plant:unit`, of two that were checked
    name: str
    plant: str
    plant_name: str
    unit: str
    last_year: int | None = None

    @property
    def site(self) -> str:
        """Id of the plant that it is a unit of."""
        return self.plant

    @property
    def site_name(self) -> str:
        """Name of that plant."""
        return self.plant_name


def with_units(folder: Path, plants: list[Plant], tables: Tables, base_year: int) -> list[Plant]:
    """The plants of a folder, those with rows in its `units.csv` as their units; raises InputError for what does not fit."""
    path = folder / UNITS_FILE
    if not is_there(path):
        return plants
    rows = read_table(path, UnitRow)
    unique(path, "unit", [f"{row.plant}{OF}{row.unit}" for row in rows])
    by_id = {plant.id: plant for plant in plants}
    for row in rows:
        if row.plant not in by_id:
            raise InputError(f"{path}: {row.unit}", "plant", row.plant, "no such firm", by_id)
        _check_row(f"{path}: {row.plant}{OF}{row.unit}", row, by_id[row.plant], tables, base_year)
    made: list[Plant] = []
    for plant in plants:
        own = [row for row in rows if row.plant == plant.id]
        made += _units(path, plant, own, tables) if own else [plant]
    return made


def unit_name(plant: Plant) -> str:
    """The name of a unit within its plant; blank for a plant without rows in `units.csv`."""
    return plant.unit if isinstance(plant, Unit) else ""


def _check_row(where: str, row: UnitRow, plant: Plant, tables: Tables, base_year: int) -> None:
    """Raise InputError for a row that does not fit its plant."""
    right, wrong = "capacity_kt_per_year", "capacity_gwh_per_year"
    if plant.capacity_kt_per_year is None:
        right, wrong = wrong, right
    if getattr(row, wrong) is not None:
        raise InputError(where, wrong, getattr(row, wrong), f"expected {right}, the column of its plant's capacity")
    if getattr(row, right) is None:
        raise InputError(where, right, None, "missing; expected the capacity, in the column of its plant's")
    known = [entry.technology for entry in tables.of_sector(plant.sector)]
    if row.technology and row.technology not in known:
        raise InputError(where, "technology", row.technology, f"no such technology in sector {plant.sector!r}", known)
    if plant.status == "planned" and row.technology not in ("", plant.technology):
        raise InputError(where, "technology", row.technology, f"expected {plant.technology!r}, which the plant plans")
    if row.last_year is not None and plant.status == "planned":
        raise InputError(where, "last_year", row.last_year, "expected none: its plant is planned and does not run yet")
    if row.last_year is not None and row.last_year < base_year:
        expected = f"expected {base_year} (base_year of cluster.toml) or later; what runs no more is no unit"
        raise InputError(where, "last_year", row.last_year, expected)


def _units(path: Path, plant: Plant, rows: list[UnitRow], tables: Tables) -> list[Plant]:
    """The units of one plant, checked against it; a plant of one unit keeps its own id and name."""
    for row in rows:
        if (row.scope1_share is None) != (rows[0].scope1_share is None):
            where = f"{path}: {plant.id}{OF}{row.unit}"
            raise InputError(where, "scope1_share", row.scope1_share, "expected a share in all rows of a plant, or in none")
    total = math.fsum(row.capacity for row in rows)
    if not math.isclose(total, plant.capacity, rel_tol=ROUNDING):
        expected = f"expected capacities of its units that add up to its {plant.capacity:g}, found {total:g}"
        raise InputError(path, "plant", plant.id, expected)
    shares = [row.capacity / total if row.scope1_share is None else row.scope1_share for row in rows]
    whole = math.fsum(shares)
    if not math.isclose(whole, 1.0, rel_tol=ROUNDING):
        expected = f"expected scope1_share of its units to add up to 1, found {whole:g}"
        raise InputError(path, "plant", plant.id, expected)
    units = [_unit(plant, row, row.capacity / total, share / whole) for row, share in zip(rows, shares, strict=True)]
    for unit in units:
        _check_emissions(path, unit, tables)
    if len(units) == 1:
        return [units[0].model_copy(update={"id": plant.id, "name": plant.name})]
    return [*units]


def _check_emissions(path: Path, unit: Unit, tables: Tables) -> None:
    """Raise InputError for a unit that has emissions of its plant's and a technology that emits nothing."""
    row = next(row for row in tables.of_sector(unit.sector) if row.technology == unit.technology)
    if unit.scope1_kt_per_year > 0 and row.co2_direct_t_per_unit == 0:
        expected = "emits nothing; expected 0 in scope1_share, and shares in all rows of the plant"
        raise InputError(f"{path}: {unit.id}", "technology", unit.technology, expected)


def _unit(plant: Plant, row: UnitRow, size: float, share: float) -> Unit:
    """One unit: its share of the plant's emissions and allowances, and, by capacity, of what else the plant has."""

    def part(value: float | None, of: float) -> float | None:
        return None if value is None else value * of

    return Unit(
        **plant.model_dump(exclude_unset=True)
        | {
            "id": f"{plant.id}-{row.unit}",  # a slug while it is checked
            "name": f"{plant.name}, {row.name}",
            "plant": plant.id,
            "plant_name": plant.name,
            "unit": row.unit,
            "technology": row.technology or plant.technology,
            "capacity_kt_per_year": row.capacity_kt_per_year,
            "capacity_gwh_per_year": row.capacity_gwh_per_year,
            "scope1_kt_per_year": plant.scope1_kt_per_year * share,
            "free_allocation_kt_per_year": part(plant.free_allocation_kt_per_year, share),
            "jobs": part(plant.jobs, size),
            "gva_meur_per_year": part(plant.gva_meur_per_year, size),
            "heat_recovery_mw": part(plant.heat_recovery_mw, size),
            "campaign_age_years": plant.campaign_age_years if row.campaign_age_years is None else row.campaign_age_years,
            "last_year": row.last_year,
        }
    ).model_copy(update={"id": f"{plant.id}{OF}{row.unit}"})
