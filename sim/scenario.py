"""Reads and checks a cluster folder: `cluster.toml`, `firms.csv`, and what may stand beside them (`BESIDE`)."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clusterpact.inputs import (
    Doubt,
    InputError,
    Record,
    accepted,
    at_home,
    check,
    is_there,
    read_table,
    read_toml,
    unique,
    usable_path,
)
from clusterpact.policies.package import Package, parse_law
from clusterpact.sim.buyers import BUYERS_FILE, Buyer, read_buyers
from clusterpact.sim.checks import (
    OWN_OWNERS,
    check_governments,
    check_links,
    check_owners,
    check_plants,
    check_roadmaps,
    with_usual_emissions,
)
from clusterpact.sim.cluster import ClusterFile, GroupFile, Plant, Team
from clusterpact.sim.coverage import check_targets
from clusterpact.sim.limits import check_resources
from clusterpact.sim.pipeline import PROJECTS_FILE, Project, read_projects
from clusterpact.sim.plausibility import doubts_of_cluster, unread_files
from clusterpact.sim.prices import Price, conversions, read_prices
from clusterpact.sim.record import FATES_FILE, RECORD_FILE, Emitted, Fate, PastRecord, read_record
from clusterpact.sim.tables import LIBRARY, Owner, Tables, read_owners, read_tables
from clusterpact.sim.units import UNITS_FILE, Unit, UnitRow, with_units

CLUSTERS = LIBRARY / "clusters"
GROUP_FILE = "clusters.toml"
OWN_PRICES = "own-prices.csv"  #: price paths of the place, in the format of the library's `prices.csv`
#: Files that a cluster folder may have.
BESIDE = (UNITS_FILE, PROJECTS_FILE, BUYERS_FILE, OWN_PRICES, OWN_OWNERS, RECORD_FILE, FATES_FILE)
ROWS_OF: dict[str, type[Record]] = {
    "firms.csv": Plant, UNITS_FILE: UnitRow, PROJECTS_FILE: Project, BUYERS_FILE: Buyer, OWN_PRICES: Price,
    OWN_OWNERS: Owner, RECORD_FILE: Emitted, FATES_FILE: Fate,
}  # fmt: skip
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
    cluster's name before their ids, lenders and governments that they share, and teams of governments. doubts is what is
    allowed and looks wrong.
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
    doubts: tuple[Doubt, ...] = ()

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
    sums = {key: math.fsum(getattr(unit, key) for unit in units) for key in SUMMED if getattr(first, key) is not None}
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
        if is_there(folder / "cluster.toml") or is_there(folder / GROUP_FILE):
            return folder
    if name in cluster_names():
        return CLUSTERS / name
    beside = sorted(path.parent.name for path in (near or Path()).glob("*/cluster.toml"))
    raise InputError(file, "cluster", name, "no such cluster or folder with a cluster.toml", [*beside, *cluster_names()])


def read_scenario(folder: Path, tables_folder: Path = LIBRARY) -> Scenario:
    """Read and check a cluster folder; the shared tables come from the library, or from a result's copy of them.

    A folder with a `clusters.toml` is a network of clusters.
    """
    if is_there(folder / GROUP_FILE):
        return _read_group(folder, tables_folder)
    path = folder / "cluster.toml"
    file = check(ClusterFile, read_toml(path), path, strict=True)
    tables = _with_own_prices(read_tables(tables_folder), folder / OWN_PRICES)
    tables = _with_own_owners(tables, folder / OWN_OWNERS)
    plants: list[Plant] = read_table(folder / "firms.csv", Plant)
    for kind, items in (("network", file.network), ("financier", file.financier), ("government", file.government)):
        unique(path, f"{kind}.id", [item.id for item in items])
    check_governments(path, file)
    unique(path, "resource.carrier", [resource.carrier for resource in file.resource])
    unique(path, "grid_factor.year", [str(row.year) for row in file.grid_factor])
    check_plants(folder / "firms.csv", plants, file, tables)
    plants, blank = with_usual_emissions(plants, tables)
    firms = [plant.id for plant in plants]
    for network in file.network:
        if network.id in firms:
            raise InputError(path, "network.id", network.id, "is also the id of a firm; expected another one")
    check_owners(folder, plants)
    plants = sorted(with_units(folder, plants, tables, file.base_year), key=lambda plant: (plant.site, plant.id))
    projects = read_projects(folder, plants, file, tables)
    record = read_record(folder, plants, projects, file.base_year)
    buyers = read_buyers(folder, plants, [*firms, *(network.id for network in file.network)])
    found = [*doubts_of_cluster(folder, file, plants, tables, blank)]
    check_resources(path, file, plants, projects, tables, [one.text for one in found if one.name.startswith("scope1:")])
    check_links(path, file, plants)
    check_roadmaps(path, file, tables)
    law = parse_law(file.instruments, path, file.budgets)
    if tables_folder == LIBRARY:  # a result's copy holds shared tables too
        found += unread_files(folder, ("cluster.toml", "firms.csv", *BESIDE))
    doubts = accepted(found, file.accept, path)
    scenario = Scenario(folder, file, tuple(plants), tables, tables_folder, law, projects, buyers, record, doubts=doubts)
    check_targets(law, scenario, path, "instruments.")
    return scenario


def ways_of_reading(scenario: Scenario) -> list[str]:
    """How tables of a cluster were read where not with commas, decimal points and usual units: `firms.csv: read with …`."""
    lines = []
    for cluster in scenario.clusters:
        for name, model in ROWS_OF.items():
            path = cluster.folder / name
            if not is_there(path):
                continue
            said = read_table(path, model).read_with
            lines += [f"{path}: {said}"] if said else []
            lines += conversions(path) if name == OWN_PRICES else []
    return lines


def _read_group(folder: Path, tables_folder: Path) -> Scenario:
    """Read a network of clusters: its members lie in folders beside its file, or in the library."""
    path = folder / GROUP_FILE
    group = check(GroupFile, read_toml(path), path, strict=True)
    unique(path, "clusters", list(group.clusters))
    members = []
    for name in group.clusters:
        place = find_cluster(name, folder, path)
        if is_there(place / GROUP_FILE):
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
    found = [Doubt(f"{member.file.name}/{one.name}", one.text) for member in members for one in member.doubts]
    found += unread_files(folder, (GROUP_FILE,)) if tables_folder == LIBRARY else []
    return Scenario(folder, file, plants, tables, tables_folder, projects=projects, buyers=buyers, record=record,
                    members=tuple(members), teams=group.team, doubts=accepted(found, group.accept, path))  # fmt: skip


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
    if not is_there(path):
        return tables
    own = read_prices(path, tables.prices)
    named = {price.carrier for price in own}
    return replace(tables, prices=(*(price for price in tables.prices if price.carrier not in named), *own))


def _with_own_owners(tables: Tables, path: Path) -> Tables:
    """The tables with a cluster's own rows of owners, which replace or join the shared ones."""
    return replace(tables, owners=tables.owners | read_owners(path)) if is_there(path) else tables


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
