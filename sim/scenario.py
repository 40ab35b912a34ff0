"""Reads and checks a cluster folder: `cluster.toml`, `firms.csv`, and what may stand beside them (`BESIDE`)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clusterpact.inputs import InputError, at_home, check, read_table, read_toml, unique, usable_path
from clusterpact.policies.package import Package, parse_law
from clusterpact.sim.buyers import BUYERS_FILE, Buyer, read_buyers
from clusterpact.sim.checks import OWN_OWNERS, check_governments, check_links, check_owners, check_plants, check_roadmaps
from clusterpact.sim.cluster import ClusterFile, GroupFile, Plant, Team
from clusterpact.sim.limits import check_resources
from clusterpact.sim.pipeline import PROJECTS_FILE, Project, read_projects
from clusterpact.sim.record import FATES_FILE, RECORD_FILE, PastRecord, read_record
from clusterpact.sim.tables import LIBRARY, Owner, Price, Tables, read_owners, read_tables
from clusterpact.sim.units import UNITS_FILE, Unit, with_units

CLUSTERS = LIBRARY / "clusters"
GROUP_FILE = "clusters.toml"
OWN_PRICES = "own-prices.csv"  #: price paths of the place, in the format of the library's `prices.csv`
#: Files that a cluster folder may have.
BESIDE = (UNITS_FILE, PROJECTS_FILE, BUYERS_FILE, OWN_PRICES, OWN_OWNERS, RECORD_FILE, FATES_FILE)
PAST = "history"  #: folder of the library's clusters that are set back in time
#: What the units of a plant add up to.
SUMMED = (
    "capacity_kt_per_year", "capacity_gwh_per_year", "scope1_kt_per_year", "free_allocation_kt_per_year", "jobs",
    "gva_meur_per_year", "heat_recovery_mw",
)  # fmt: skip
NO_LAW = parse_law({}, "")
NO_RECORD = PastRecord()


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

    A plant of several units stands as its units, one after the other: each decides for itself (`Plant.site` names the
    plant). projects are those in hand at the start, buyers those of low-carbon products; record is what came of a cluster
    that is set back in time. The tables are those that all clusters share, with the cluster's own prices and owners in place
    of the shared ones. A network of clusters is a scenario too: plants, networks and links of all members, with the
    cluster's name before their ids, lenders and governments that they share, and teams of governments.
    """

    folder: Path
    file: ClusterFile
    plants: tuple[Plant, ...]
    tables: Tables
    tables_folder: Path
    law: Package = NO_LAW
    projects: tuple[Project, ...] = ()
    buyers: tuple[Buyer, ...] = ()
    record: PastRecord = NO_RECORD
    members: tuple["Scenario", ...] = ()
    teams: tuple[Team, ...] = ()

    @property
    def clusters(self) -> tuple["Scenario", ...]:
        """The clusters of this world: the members of a network of clusters, or this one."""
        return self.members or (self,)

    @property
    def sites(self) -> dict[str, tuple[Plant, ...]]:
        """The plants by id, in order, each as its units (itself, if it has none)."""
        sites: dict[str, tuple[Plant, ...]] = {}
        for plant in self.plants:
            sites[plant.site] = (*sites.get(plant.site, ()), plant)
        return sites

    @property
    def whole_plants(self) -> tuple[Plant, ...]:
        """The plants in order, each as a whole: of several units, their sums under the plant's id and name."""
        return tuple(_whole(site, units) for site, units in self.sites.items())

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


def _whole(site: str, units: tuple[Plant, ...]) -> Plant:
    """A plant as a whole; what no unit states stays unstated."""
    first = units[0]
    sums = {key: sum(getattr(unit, key) for unit in units) for key in SUMMED if getattr(first, key) is not None}
    return first.model_copy(update=sums | {"id": site, "name": first.site_name})


def cluster_names() -> list[str]:
    """Names of the clusters and networks of clusters that the project ships."""
    places = [path.parent for pattern in ("*", f"{PAST}/*") for path in CLUSTERS.glob(f"{pattern}/cluster*.toml")]
    return sorted(place.relative_to(CLUSTERS).as_posix() for place in places)


def find_cluster(name: str, near: Path | None = None, file: object = "") -> Path:
    """Folder of a cluster: a path (relative to `near`, if given), or a name of the library."""
    place = at_home(name, "cluster", file)
    for candidate in [place] if near is None else [near / place, place]:
        folder = usable_path(candidate, "cluster", file)
        if (folder / "cluster.toml").is_file() or (folder / GROUP_FILE).is_file():
            return folder
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
    check_governments(path, file)
    unique(path, "resource.carrier", [resource.carrier for resource in file.resource])
    check_plants(folder / "firms.csv", plants, file, tables)
    firms = [plant.id for plant in plants]
    for network in file.network:
        if network.id in firms:
            raise InputError(path, "network.id", network.id, "is also the id of a firm; expected another one")
    check_owners(folder, plants)
    plants = sorted(with_units(folder, plants, tables, file.base_year), key=lambda plant: (plant.site, plant.id))
    projects = read_projects(folder, plants, file, tables)
    record = read_record(folder, plants, projects, file.base_year)
    buyers = read_buyers(folder, plants, [*firms, *(network.id for network in file.network)])
    check_resources(path, file, plants, projects, tables)
    check_links(path, file, plants)
    check_roadmaps(path, file, tables)
    law = parse_law(file.instruments, path, file.budgets)
    return Scenario(folder, file, tuple(plants), tables, tables_folder, law, projects, buyers, record)


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
        resource=tuple(row for member in members for row in member.file.resource),
        link=tuple(row for member in members for row in member.file.link),
        financier=tuple(financiers),
        government=tuple(governments),
    )
    plants = tuple(plant for member in members for plant in member.plants)
    tables = _with_owners_of(members, read_tables(tables_folder), path)
    projects = tuple(project for member in members for project in member.projects)
    buyers = tuple(buyer for member in members for buyer in member.buyers)
    record = PastRecord(tuple(row for member in members for row in member.record.emitted),
                        tuple(row for member in members for row in member.record.fates))  # fmt: skip
    return Scenario(folder, file, plants, tables, tables_folder, projects=projects, buyers=buyers, record=record,
                    members=tuple(members), teams=group.team)  # fmt: skip


def _with_prefix(member: Scenario) -> Scenario:
    """A cluster with its name before the ids of its plants, networks and links, which then are unique in the world."""
    file, prefix = member.file, f"{member.file.name}/"

    def renamed(row: Any, *keys: str) -> Any:
        """A row with the prefix before the ids that it holds."""
        return row.model_copy(update={key: prefix + getattr(row, key) for key in keys if getattr(row, key)})

    plants = tuple(
        renamed(plant, "id", "gas_from", *(["plant"] if isinstance(plant, Unit) else [])) for plant in member.plants
    )
    projects = tuple(renamed(project, "plant", "network") for project in member.projects)
    buyers = tuple(renamed(buyer, "id") for buyer in member.buyers)
    networks = tuple(
        row.model_copy(update={"id": prefix + row.id, "name": f"{row.name} ({file.name})"}) for row in file.network
    )
    links = tuple(
        row.model_copy(update={"source_firm": prefix + row.source_firm, "sink_firm": prefix + row.sink_firm})
        for row in file.link
    )
    file = file.model_copy(update={"network": networks, "link": links})
    return replace(member, file=file, plants=plants, projects=projects, buyers=buyers, record=member.record.renamed(prefix))


def _shared(path: Path, kind: str, rows: list[Any]) -> list[Any]:
    """Lenders or governments of all members: one that several clusters name is one agent, and must be the same in all."""
    found: dict[str, Any] = {}
    for row in rows:
        if found.setdefault(row.id, row) != row:
            raise InputError(path, f"{kind}.id", row.id, "differs between clusters; expected the same entry in all of them")
    return list(found.values())


def _with_own_prices(tables: Tables, path: Path) -> Tables:
    """The tables with a cluster's own price paths: a carrier that its file names is replaced as a whole."""
    if not path.exists():
        return tables
    own = read_table(path, Price)
    named = {price.carrier for price in own}
    return replace(tables, prices=(*(price for price in tables.prices if price.carrier not in named), *own))


def _with_own_owners(tables: Tables, path: Path) -> Tables:
    """The tables with a cluster's own rows of owners, which replace or join the shared ones."""
    return replace(tables, owners=tables.owners | read_owners(path)) if path.exists() else tables


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
        return OwnerRow(plant.site, plant.site_name)
    row = known.get(plant.owner)
    if row is None:
        return OwnerRow(plant.owner, plant.operator or plant.owner)
    return OwnerRow(plant.owner, row.title, row.cash_flow_meur_per_year, row.net_debt_meur)
