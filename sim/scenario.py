"""Reads and checks a cluster folder: `cluster.toml`, `firms.csv`, and its own prices and owners where these differ there."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clusterpact.inputs import InputError, check, read_table, read_toml, unique, usable_path
from clusterpact.policies.package import Package, parse_law
from clusterpact.sim.cluster import ClusterFile, GroupFile, Plant, Team
from clusterpact.sim.tables import LIBRARY, Owner, Price, Tables, Technology, read_owners, read_tables

CLUSTERS = LIBRARY / "clusters"
GROUP_FILE = "clusters.toml"
OWN_PRICES = "own-prices.csv"  #: price paths of the place, in the format of the library's `prices.csv`
OWN_OWNERS = "own-owners.csv"  #: owners of the place, in the format of the library's `owners.csv`
NO_LAW = parse_law({}, "")


@dataclass(frozen=True)
class OwnerRow:
    """An owner of plants in a world; its means are 0 where no table of owners has them."""

    key: str
    title: str
    cash_flow_meur_per_year: float = 0.0
    net_debt_meur: float = 0.0


@dataclass(frozen=True)
class Scenario:
    """A cluster, checked: its file, its plants in the order of their ids, the tables, and the instruments in its law.

    The tables are those that all clusters share, with the cluster's own prices and owners in place of the shared ones. A
    network of clusters is a scenario too: plants, networks and links of all members, with the cluster's name before their
    ids, lenders and governments that they share, and teams of governments.
    """

    folder: Path
    file: ClusterFile
    plants: tuple[Plant, ...]
    tables: Tables
    tables_folder: Path
    law: Package = NO_LAW
    members: tuple["Scenario", ...] = ()
    teams: tuple[Team, ...] = ()

    @property
    def clusters(self) -> tuple["Scenario", ...]:
        """The clusters of this world: the members of a network of clusters, or this one."""
        return self.members or (self,)

    @property
    def owners(self) -> tuple[OwnerRow, ...]:
        """The owners of the plants, in the order in which they first appear; one may hold plants in several clusters."""
        first: dict[str, Plant] = {}
        for plant in self.plants:
            first.setdefault(plant.owner_key, plant)
        return tuple(_owner_row(plant, self.tables.owners) for plant in first.values())

    @property
    def owner_rows(self) -> tuple[int, ...]:
        """The row in `owners` of each plant's owner, in the order of the plants."""
        row_of = {owner.key: row for row, owner in enumerate(self.owners)}
        return tuple(row_of[plant.owner_key] for plant in self.plants)


def cluster_names() -> list[str]:
    """Names of the clusters and networks of clusters that the project ships."""
    return sorted(path.parent.name for path in CLUSTERS.glob("*/cluster*.toml"))


def find_cluster(name: str, near: Path | None = None, file: object = "") -> Path:
    """Folder of a cluster: a path (relative to `near`, if given), or a name of the library."""
    candidates = [Path(name)] if near is None else [near / name, Path(name)]
    for candidate in candidates:
        folder = usable_path(candidate, "cluster", file)
        if (folder / "cluster.toml").is_file() or (folder / GROUP_FILE).is_file():
            return candidate
    if name in cluster_names():
        return CLUSTERS / name
    beside = sorted(path.parent.name for path in (near or Path()).glob("*/cluster.toml"))
    raise InputError(file, "cluster", name, "no such cluster or folder with a cluster.toml", [*beside, *cluster_names()])


def read_scenario(folder: Path, tables_folder: Path = LIBRARY) -> Scenario:
    """Read and check a cluster folder; the shared tables come from the library, or from a result's copy of them.

    A folder with a `clusters.toml` is a network of clusters.
    """
    if (folder / GROUP_FILE).is_file():
        return _read_group(folder, tables_folder)
    path = folder / "cluster.toml"
    file = check(ClusterFile, read_toml(path), path, strict=True)
    tables = _with_own_prices(read_tables(tables_folder), folder / OWN_PRICES)
    tables = _with_own_owners(tables, folder / OWN_OWNERS)
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


def _read_group(folder: Path, tables_folder: Path) -> Scenario:
    """Read a network of clusters: its members lie in folders beside its file, or in the library."""
    path = folder / GROUP_FILE
    group = check(GroupFile, read_toml(path), path, strict=True)
    unique(path, "clusters", list(group.clusters))
    members = []
    for name in group.clusters:
        place = find_cluster(name, folder, path)
        if (place / GROUP_FILE).is_file():
            raise InputError(path, "clusters", name, "is a network of clusters itself; expected a cluster")
        members.append(_with_prefix(read_scenario(place, tables_folder)))
    names = [member.file.name for member in members]
    unique(path, "clusters (names in their files)", names)
    governments = _shared(path, "government", [row for member in members for row in member.file.government])
    financiers = group.financier or _shared(path, "financier", [row for m in members for row in m.file.financier])
    unique(path, "financier.id", [row.id for row in financiers])
    known = [row.id for row in governments]
    for number, team in enumerate(group.team, start=1):
        for name in team.governments:
            if name not in known:
                raise InputError(path, f"team[{number}].governments", name, "no such government", known)
    file = ClusterFile.model_construct(
        name=group.name,
        title=group.title,
        country=", ".join(sorted({member.file.country for member in members})),
        base_year=max(member.file.base_year for member in members),
        source=group.source,
        published=group.published,
        network=tuple(row for member in members for row in member.file.network),
        link=tuple(row for member in members for row in member.file.link),
        financier=tuple(financiers),
        government=tuple(governments),
    )
    plants = tuple(plant for member in members for plant in member.plants)
    tables = _with_owners_of(members, read_tables(tables_folder), path)
    return Scenario(folder, file, plants, tables, tables_folder, members=tuple(members), teams=group.team)


def _with_prefix(member: Scenario) -> Scenario:
    """A cluster with its name before the ids of its plants, networks and links, which then are unique in the world."""
    file, prefix = member.file, f"{member.file.name}/"
    plants = tuple(
        plant.model_copy(update={"id": prefix + plant.id, "gas_from": plant.gas_from and prefix + plant.gas_from})
        for plant in member.plants
    )
    networks = tuple(
        row.model_copy(update={"id": prefix + row.id, "name": f"{row.name} ({file.name})"}) for row in file.network
    )
    links = tuple(
        row.model_copy(update={"source_firm": prefix + row.source_firm, "sink_firm": prefix + row.sink_firm})
        for row in file.link
    )
    return replace(member, file=file.model_copy(update={"network": networks, "link": links}), plants=plants)


def _shared(path: Path, kind: str, rows: list[Any]) -> list[Any]:
    """Lenders or governments of all members: one that several clusters name is one agent, and must be the same in all."""
    found: dict[str, Any] = {}
    for row in rows:
        if found.setdefault(row.id, row) != row:
            raise InputError(path, f"{kind}.id", row.id, "differs between clusters; expected the same entry in all of them")
    return list(found.values())


def _with_own_prices(tables: Tables, path: Path) -> Tables:
    """The tables with a cluster's own price paths: a carrier that its file names is replaced as a whole."""
    if not path.is_file():
        return tables
    own = read_table(path, Price)
    named = {price.carrier for price in own}
    return replace(tables, prices=(*(price for price in tables.prices if price.carrier not in named), *own))


def _with_own_owners(tables: Tables, path: Path) -> Tables:
    """The tables with a cluster's own rows of owners, which replace or join the shared ones."""
    return replace(tables, owners=tables.owners | read_owners(path)) if path.is_file() else tables


def _with_owners_of(members: list[Scenario], tables: Tables, path: Path) -> Tables:
    """The tables with the owners that members bring: one that several of them bring must be the same in all."""
    own: dict[str, Owner] = {}
    for member in members:
        for key, row in member.tables.owners.items():
            if row != tables.owners.get(key) and own.setdefault(key, row) != row:
                expected = f"differs between the {OWN_OWNERS} of clusters; expected the same row in all of them"
                raise InputError(path, "owner", key, expected)
    return replace(tables, owners=tables.owners | own)


def _owner_row(plant: Plant, known: dict[str, Owner]) -> OwnerRow:
    """The owner of a plant, with the means that a table gives it. No table gives any to a plant that owns itself."""
    if not plant.owner:
        return OwnerRow(plant.id, plant.name)
    row = known.get(plant.owner)
    if row is None:
        return OwnerRow(plant.owner, plant.operator or plant.owner)
    return OwnerRow(plant.owner, row.title, row.cash_flow_meur_per_year, row.net_debt_meur)


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
    by_id = {plant.id: plant for plant in plants}
    owners = {plant.owner for plant in plants}
    for plant in plants:
        where = f"{path}: {plant.id}"
        if not plant.owner and plant.id in owners:
            raise InputError(where, "owner", None, f"missing; expected one, since {plant.id!r} is the owner of another firm")
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
        _check_gas(where, plant, by_id)


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
