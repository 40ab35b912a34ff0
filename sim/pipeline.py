"""Projects in hand at the start: the rows of `projects.csv`, checked against the plants and networks of their cluster."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from clusterpact.agents.vocabulary import PROJECT_STAGES
from clusterpact.inputs import InputError, Record, is_there, read_table
from clusterpact.sim.amounts import Mark, Meur, Name, PositiveEur, RecentYear, Year
from clusterpact.sim.cluster import ClusterFile, Network, Plant
from clusterpact.sim.options import plant_options
from clusterpact.sim.tables import Tables, Technology
from clusterpact.sim.units import OF, unit_name

PROJECTS_FILE = "projects.csv"
DECIDED_STAGES = ("FID", "building")
BY_GRANT_IN_CLUSTER_FILE = "expected none: a network's grant stands in cluster.toml"


class Project(Record):
    """One row of `projects.csv`: a project of a plant (or one of its units) or of a network, as it stands at the start.

    start_year: planned start as last stated; grant_meur, strike_eur_per_t: grant or carbon contract in hand for it. Rows of
    the same unit are phases, one after the other.
    """

    plant: str = ""
    unit: str = ""
    network: str = ""
    name: Name
    technology: str = ""
    stage: Literal[PROJECT_STAGES]  # type: ignore[valid-type]
    announced_year: RecentYear | None = None
    start_year: Year | None = None
    grant_meur: Meur = 0.0
    strike_eur_per_t: PositiveEur | None = None
    source: str
    mark: Mark
    note: str = ""

    @property
    def agent(self) -> str:
        """Id of the plant, unit or network that it is a project of."""
        return self.network or (f"{self.plant}{OF}{self.unit}" if self.unit else self.plant)

    @property
    def is_decided(self) -> bool:
        """Whether its investment decision was taken before the start."""
        return self.stage in DECIDED_STAGES

    def mistake(self, path: Path, key: str, expected: str, known: Iterable[str] = ()) -> InputError:
        """What is wrong with one of its cells."""
        value = getattr(self, key)
        shown = None if value in ("", None) else value
        return InputError(path, f"{self.name}: {key}", shown, expected, known if shown else ())


def read_projects(folder: Path, plants: list[Plant], file: ClusterFile, tables: Tables) -> tuple[Project, ...]:
    """The projects of a cluster folder, in the order of the file; none without the file."""
    path = folder / PROJECTS_FILE
    if not is_there(path):
        return ()
    rows = [_of_whole_plant(row, plants) for row in read_table(path, Project)]
    by_id = {plant.id: plant for plant in plants}
    networks = {network.id: network for network in file.network}
    begun = {row.network for row in rows if row.network and row.is_decided}
    begun |= {network.id for network in file.network if network.spare_per_year > 0}
    last: dict[str, Project] = {}
    for row in rows:
        if bool(row.plant) == bool(row.network):
            raise row.mistake(
                path, "plant", f"expected either a plant or a network, found {'both' if row.plant else 'none'}"
            )
        _check_years(path, row, file.base_year)
        if row.network:
            _check_network(path, row, networks, last)
        else:
            _check_plant(path, row, by_id, tables, file)
            _check_needs(path, row, _technology(row, by_id, tables), file, begun)
            if row.agent in last:
                _check_phase(path, row, last[row.agent])
        last[row.agent] = row
    return tuple(rows)


def _of_whole_plant(row: Project, plants: list[Plant]) -> Project:
    """The row, the unit left out where it is all of its plant."""
    whole = any(plant.id == row.plant and unit_name(plant) == row.unit != "" for plant in plants)
    return row.model_copy(update={"unit": ""}) if whole else row


def _check_years(path: Path, row: Project, base_year: int) -> None:
    if row.start_year is None:
        if row.stage != "on hold":
            raise row.mistake(path, "start_year", f"missing; expected a year for a project that is {row.stage!r}")
        return
    if row.announced_year is not None and row.start_year < row.announced_year:
        raise row.mistake(path, "start_year", f"expected announced_year ({row.announced_year}) or later")
    if row.start_year < base_year:
        expected = f"expected {base_year} (base_year of cluster.toml) or later; what runs by then stands in firms.csv"
        raise row.mistake(path, "start_year", expected)


def _check_network(path: Path, row: Project, networks: dict[str, Network], last: dict[str, Project]) -> None:
    if row.network not in networks:
        raise row.mistake(path, "network", "no such network", networks)
    if row.network in last:
        raise row.mistake(path, "network", "has a project already; expected one row a network")
    for key in ("unit", "technology", "strike_eur_per_t"):
        if getattr(row, key):
            raise row.mistake(path, key, "expected none for a network")
    if row.grant_meur:
        raise row.mistake(path, "grant_meur", BY_GRANT_IN_CLUSTER_FILE)
    if row.is_decided and networks[row.network].spare_per_year > 0:
        expected = f"expected a project before its decision: {row.network!r} operates already (spare_per_year > 0)"
        raise row.mistake(path, "stage", expected)


def _check_plant(path: Path, row: Project, plants: dict[str, Plant], tables: Tables, file: ClusterFile) -> None:
    if row.agent not in plants:
        raise _unknown(path, row, plants)
    plant = plants[row.agent]
    technologies = [entry.technology for entry in tables.of_sector(plant.sector)]
    if not row.technology:
        raise row.mistake(path, "technology", f"missing; expected a technology of sector {plant.sector!r}")
    if row.technology not in technologies:
        raise row.mistake(path, "technology", f"no such technology in sector {plant.sector!r}", technologies)
    if plant.status == "planned":
        if row.technology != plant.technology:
            raise row.mistake(path, "technology", f"expected {plant.technology!r}, which the plant plans")
        return
    if row.technology == plant.technology:
        raise row.mistake(path, "technology", "runs there already; expected what is to come")
    options = [name for name, _ in plant_options(plant, tables)][1:]
    if not options:
        raise row.mistake(path, "plant", "stands idle (no capacity or no emissions); expected a plant that runs")
    if row.technology not in options:
        raise row.mistake(path, "technology", "is not what a plant can turn to", options)


def _unknown(path: Path, row: Project, plants: dict[str, Plant]) -> InputError:
    """What is wrong with the plant or unit of a row."""
    if row.plant in plants:
        return row.mistake(path, "unit", f"expected none: {row.plant!r} is not divided into units")
    units = [unit_name(plant) for plant in plants.values() if plant.site == row.plant]
    if not units:
        return row.mistake(path, "plant", "no such firm", sorted({plant.site for plant in plants.values()}))
    if not row.unit:
        return row.mistake(path, "unit", f"missing; {row.plant!r} has units: {', '.join(units)}")
    return row.mistake(path, "unit", f"no such unit of {row.plant!r}", units)


def _technology(row: Project, plants: dict[str, Plant], tables: Tables) -> Technology:
    """The technology that a project is for."""
    sector = plants[row.agent].sector
    return next(entry for entry in tables.of_sector(sector) if entry.technology == row.technology)


def _check_needs(path: Path, row: Project, technology: Technology, file: ClusterFile, begun: set[str]) -> None:
    """A project needs networks that there are; if it is decided, networks that operate or are decided too."""
    by_kind = {network.kind: network for network in file.network}
    for need in technology.networks:
        if need not in by_kind:
            raise row.mistake(path, "technology", f"needs a network of kind {need!r}, which the cluster lacks")
        if row.is_decided and by_kind[need].id not in begun:
            expected = (
                f"needs network {by_kind[need].id!r}, which neither operates (spare_per_year > 0) nor has a decided project"
            )
            raise row.mistake(path, "stage", expected)


def _check_phase(path: Path, row: Project, before: Project) -> None:
    """A later phase of a unit's projects comes after the one before it, is not decided yet, and changes something."""
    if row.is_decided:
        raise row.mistake(path, "stage", "only the first project of a unit may be decided")
    if row.technology == before.technology:
        raise row.mistake(path, "technology", f"is what the phase before it ({before.name}) builds")
    if row.start_year is not None and before.start_year is not None and row.start_year < before.start_year:
        raise row.mistake(path, "start_year", f"expected {before.start_year}, the year of the phase before it, or later")
