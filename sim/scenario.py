"""Reads and checks a cluster folder: `cluster.toml`, `firms.csv`, and `own-prices.csv` where prices differ there."""

from dataclasses import dataclass, replace
from pathlib import Path

from policies.inputs import InputError, check, read_table, read_toml, usable_path
from policies.package import Package, parse_law
from sim.cluster import ClusterFile, Plant
from sim.tables import LIBRARY, Price, Tables, Technology, read_tables, unique

CLUSTERS = LIBRARY / "clusters"
OWN_PRICES = "own-prices.csv"  #: price paths of the place, in the format of the library's `prices.csv`
NO_LAW = parse_law({}, "")


@dataclass(frozen=True)
class Scenario:
    """A cluster, checked: its file, its plants in the order of their ids, the tables, and the instruments in its law.

    The tables are those that all clusters share, with the cluster's own prices in place of the shared ones.
    """

    folder: Path
    file: ClusterFile
    plants: tuple[Plant, ...]
    tables: Tables
    tables_folder: Path
    law: Package = NO_LAW


def cluster_names() -> list[str]:
    """Names of the clusters that the project ships."""
    return sorted(path.parent.name for path in CLUSTERS.glob("*/cluster.toml"))


def find_cluster(name: str, near: Path | None = None, file: object = "") -> Path:
    """Folder of a cluster: a path (relative to `near`, if given), or a name of the library."""
    candidates = [Path(name)] if near is None else [near / name, Path(name)]
    for candidate in candidates:
        if (usable_path(candidate, "cluster", file) / "cluster.toml").is_file():
            return candidate
    if name in cluster_names():
        return CLUSTERS / name
    raise InputError(file, "cluster", name, "no such cluster or folder with a cluster.toml", cluster_names())


def read_scenario(folder: Path, tables_folder: Path = LIBRARY) -> Scenario:
    """Read and check a cluster folder; the shared tables come from the library, or from a result's copy of them."""
    path = folder / "cluster.toml"
    file = check(ClusterFile, read_toml(path), path, strict=True)
    tables = _with_own_prices(read_tables(tables_folder), folder / OWN_PRICES)
    plants = read_table(folder / "firms.csv", Plant)
    for kind, items in (("network", file.network), ("financier", file.financier), ("government", file.government)):
        unique(path, f"{kind}.id", [item.id for item in items])
    _check_governments(path, file)
    _check_plants(folder / "firms.csv", plants, file, tables)
    ids = [plant.id for plant in plants]
    for network in file.network:
        if network.id in ids:
            raise InputError(path, "network.id", network.id, "is also the id of a firm; expected another one")
    for number, link in enumerate(file.link, start=1):
        for key, value in (("from", link.source_firm), ("to", link.sink_firm)):
            if value not in ids:
                raise InputError(path, f"link[{number}].{key}", value, "no such firm", ids)
        if link.source_firm == link.sink_firm:
            raise InputError(path, f"link[{number}].to", link.sink_firm, "expected another firm than 'from'")
    _check_roadmaps(path, file, tables)
    law = parse_law(file.instruments, path)
    return Scenario(folder, file, tuple(sorted(plants, key=lambda plant: plant.id)), tables, tables_folder, law)


def _with_own_prices(tables: Tables, path: Path) -> Tables:
    """The tables with a cluster's own price paths: a carrier that its file names is replaced as a whole."""
    if not path.is_file():
        return tables
    own = read_table(path, Price)
    named = {price.carrier for price in own}
    return replace(tables, prices=(*(price for price in tables.prices if price.carrier not in named), *own))


def _check_roadmaps(path: Path, file: ClusterFile, tables: Tables) -> None:
    sectors = sorted({row.sector for row in tables.technologies})
    for number, roadmap in enumerate(file.roadmap, start=1):
        for sector in roadmap.sectors:
            if sector not in sectors:
                raise InputError(path, f"roadmap[{number}].sectors", sector, "unknown sector", sectors)


def _check_governments(path: Path, file: ClusterFile) -> None:
    for duty in ("sets_carbon_price", "awards_support", "governs_pact"):
        holders = [government.id for government in file.government if getattr(government, duty)]
        if len(holders) != 1:
            expected = f"expected exactly one government with {duty} = true, found {len(holders)}"
            raise InputError(path, "government", None, expected)
    kinds = [network.kind for network in file.network]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise InputError(path, "network.kind", kind, "expected at most one network of a kind")


def _check_plants(path: Path, plants: list[Plant], file: ClusterFile, tables: Tables) -> None:
    if not plants:
        raise InputError(path, "file", None, "no firms; expected at least one row")
    unique(path, "id", [plant.id for plant in plants])
    sectors = sorted({row.sector for row in tables.technologies})
    kinds = {network.kind for network in file.network}
    for plant in plants:
        where = f"{path}: {plant.id}"
        if plant.sector not in sectors:
            raise InputError(where, "sector", plant.sector, "unknown sector", sectors)
        rows = {row.technology: row for row in tables.of_sector(plant.sector)}
        for key, value in (("technology", plant.technology), ("announced_technology", plant.announced_technology)):
            if value is None:
                continue
            if value not in rows:
                raise InputError(where, key, value, f"no such technology in sector {plant.sector!r}", rows)
            for need in rows[value].networks:
                if need not in kinds and (key == "announced_technology" or plant.status == "planned"):
                    raise InputError(where, key, value, f"needs a network of kind {need!r}, which the cluster lacks")
        _check_capacity(where, plant, rows[plant.technology])
        _check_gas(where, plant, {other.id: other for other in plants})


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
