"""What a cluster folder says, checked against tables, networks and itself: plants, gases, owners, links, governments."""

from pathlib import Path

from clusterpact.inputs import InputError, is_there, unique
from clusterpact.sim.cluster import ClusterFile, Plant
from clusterpact.sim.tables import Tables, Technology, read_owners

OWN_OWNERS = "own-owners.csv"  #: owners of the place, in the format of the library's `owners.csv`


def check_owners(folder: Path, plants: list[Plant]) -> None:
    """Raise InputError for an owner in the cluster's own table that holds no plant of it: its key is misspelt."""
    held = {plant.owner for plant in plants if plant.owner}
    for key in read_owners(folder / OWN_OWNERS) if is_there(folder / OWN_OWNERS) else ():
        if key not in held:
            raise InputError(folder / OWN_OWNERS, "owner", key, "owns no plant in firms.csv", sorted(held))


def check_links(path: Path, file: ClusterFile, plants: list[Plant]) -> None:
    """Heat links join plants that there are; a plant of several units stands for the first of them."""
    units = {plant.site: plant.id for plant in reversed(plants)} | {plant.id: plant.id for plant in plants}
    for number, link in enumerate(file.link, start=1):
        for key, value in (("from", link.source_firm), ("to", link.sink_firm)):
            if value not in units:
                raise InputError(path, f"link[{number}].{key}", value, "no such firm", sorted(units))
        if units[link.source_firm] == units[link.sink_firm]:
            raise InputError(path, f"link[{number}].to", link.sink_firm, "expected another firm than 'from'")


def check_roadmaps(path: Path, file: ClusterFile, tables: Tables) -> None:
    sectors = sorted({row.sector for row in tables.technologies})
    for number, roadmap in enumerate(file.roadmap, start=1):
        for sector in roadmap.sectors:
            if sector not in sectors:
                raise InputError(path, f"roadmap[{number}].sectors", sector, "unknown sector", sectors)


def check_governments(path: Path, file: ClusterFile) -> None:
    for duty in ("sets_carbon_price", "awards_support", "governs_pact"):
        holders = [government.id for government in file.government if getattr(government, duty)]
        if len(holders) != 1:
            expected = f"expected exactly one government with {duty} = true, found {len(holders)}"
            raise InputError(path, "government", None, expected)
    kinds = [network.kind for network in file.network]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise InputError(path, "network.kind", kind, "expected at most one network of a kind")


def check_plants(path: Path, plants: list[Plant], file: ClusterFile, tables: Tables) -> None:
    if not plants:
        raise InputError(path, "file", None, "no firms; expected at least one row")
    unique(path, "id", [plant.id for plant in plants])
    sectors = sorted({row.sector for row in tables.technologies})
    kinds = {network.kind for network in file.network}
    by_id = {plant.id: plant for plant in plants}
    owners = {plant.owner for plant in plants}
    for plant in plants:
        where = f"{path}: {plant.id}"
        if not plant.owner and plant.id in owners:
            raise InputError(where, "owner", None, f"missing; expected one, since {plant.id!r} is the owner of another firm")
        if plant.sector not in sectors:
            raise InputError(where, "sector", plant.sector, "unknown sector", sectors)
        rows = {row.technology: row for row in tables.of_sector(plant.sector)}
        key, value = "technology", plant.technology
        if value not in rows:
            raise InputError(where, key, value, f"no such technology in sector {plant.sector!r}", rows)
        for need in rows[value].networks:
            if need not in kinds and plant.status == "planned":
                raise InputError(where, key, value, f"needs a network of kind {need!r}, which the cluster lacks")
        _check_capacity(where, plant, rows[plant.technology])
        _check_gas(where, plant, by_id)


def with_usual_emissions(plants: list[Plant], tables: Tables) -> tuple[list[Plant], list[Plant]]:
    """The plants, and those among them without a register entry: what their technology emits at capacity stands for it.

    A plant that is planned, or whose technology emits nothing, emits nothing; a stated 0 stays: it stands idle.
    """
    made, blank = [], []
    for plant in plants:
        row = next(row for row in tables.of_sector(plant.sector) if row.technology == plant.technology)
        usual = 0.0 if plant.status == "planned" else plant.capacity * row.co2_direct_t_per_unit
        if "scope1_kt_per_year" not in plant.model_fields_set and usual > 0:
            mark = plant.scope1_mark or "derived"
            plant = plant.model_copy(update={"scope1_kt_per_year": usual, "scope1_mark": mark})
            blank.append(plant)
        made.append(plant)
    return made, blank


def _check_gas(where: str, plant: Plant, plants: dict[str, Plant]) -> None:
    if not plant.gas_from:
        return
    if plant.gas_from not in plants or plant.gas_from == plant.id:
        raise InputError(where, "gas_from", plant.gas_from, "expected the id of another firm", plants)
    if plants[plant.gas_from].gas_from:
        raise InputError(where, "gas_from", plant.gas_from, "burns another works' gases itself; expected their source")
    if "planned" in (plant.status, plants[plant.gas_from].status):
        raise InputError(where, "gas_from", plant.gas_from, "expected two plants that operate")


def _check_capacity(where: str, plant: Plant, technology: Technology) -> None:
    per_energy = technology.unit.startswith("MWh")
    right, wrong = ("capacity_gwh_per_year", "capacity_kt_per_year")
    if not per_energy:
        right, wrong = wrong, right
    if getattr(plant, wrong) is not None:
        raise InputError(where, wrong, getattr(plant, wrong), f"expected {right} (the product unit is {technology.unit})")
    if getattr(plant, right) is None:
        raise InputError(where, right, None, "missing; expected the capacity")
    if plant.scope1_kt_per_year > 0 and plant.capacity == 0:
        raise InputError(where, right, 0, "expected more than 0 for a plant with emissions")
    if plant.scope1_kt_per_year > 0 and technology.co2_direct_t_per_unit == 0:
        raise InputError(where, "scope1_kt_per_year", plant.scope1_kt_per_year, "expected 0: its technology emits nothing")
    if plant.status == "planned" and technology.capex_kind != "greenfield":
        raise InputError(where, "technology", plant.technology, "expected a greenfield technology for a planned plant")
    if plant.status == "planned" and plant.scope1_kt_per_year > 0:
        raise InputError(where, "scope1_kt_per_year", plant.scope1_kt_per_year, "expected 0 for a planned plant")
