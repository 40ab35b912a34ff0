"""Reads and checks a cluster folder (`cluster.toml`, `firms.csv`) and the tables that all clusters share."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from policies.inputs import InputError, Record, check, read_table, read_toml, usable_path
from sim.tables import LIBRARY, Mark, NotNegative, Positive, Share, Tables, Technology, Year, read_tables, unique

CLUSTERS = LIBRARY / "clusters"

YEAR_KEY = re.compile("(19|20|21)[0-9]{2}")
NetworkKind = Literal["co2_ts", "h2_pipeline", "grid", "waste_heat_network"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Plant(Record):
    """One row of `firms.csv`."""

    id: Slug
    name: str
    operator: str = ""
    sector: str
    technology: str
    status: Literal["operating", "planned"] = "operating"
    capacity_kt_per_year: NotNegative | None = None
    capacity_gwh_per_year: NotNegative | None = None
    scope1_kt_per_year: NotNegative = 0.0
    scope1_year: Year | None = None
    free_allocation_kt_per_year: NotNegative | None = None
    gas_from: str = ""
    jobs: NotNegative | None = None
    campaign_age_years: NotNegative | None = None
    announced_technology: str | None = None
    announced_year: Year | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    scope1_mark: Mark | None = None
    free_allocation_mark: Mark | None = None
    capacity_mark: Mark | None = None
    jobs_mark: Mark | None = None
    announced_mark: Mark | None = None
    register_id: str = ""
    source: str = ""
    note: str = ""

    @property
    def capacity(self) -> float:
        """Thousand product units a year (kt or GWh)."""
        return self.capacity_kt_per_year or self.capacity_gwh_per_year or 0.0


class Network(Record):
    """A network on offer; volumes in kt/year (CO2) or GWh/year, tariffs per t or MWh."""

    id: Slug
    name: str
    kind: NetworkKind
    phase_per_year: Positive
    capex_meur: Positive
    scale_exponent: Annotated[float, Field(gt=0, le=1)]
    opex_share_per_year: Share
    lead_quarters: Annotated[int, Field(ge=1, le=80)]
    life_years: Annotated[int, Field(ge=1, le=80)]
    tariff_cap_eur_per_unit: NotNegative
    service_eur_per_unit: NotNegative = 0.0
    first_season_year: Year
    spare_per_year: NotNegative = 0.0
    limit_per_year: Positive | None = None
    grant_meur: NotNegative = 0.0
    announced_year: int = 0
    source: str
    mark: Mark


class Financier(Record):
    """A lender or fund."""

    id: Slug
    name: str
    kind: Literal["commercial", "development_bank", "infrastructure_fund"]
    capital_meur: NotNegative
    base_rate_pct: Annotated[float, Field(ge=0, le=50)]
    ticket_min_meur: NotNegative = 0.0
    ticket_max_meur: NotNegative
    novelty_appetite: NotNegative = 1.0
    source: str
    mark: Mark

    @field_validator("ticket_max_meur")
    @classmethod
    def _ticket(cls, value: float, info: ValidationInfo) -> float:
        smallest = info.data.get("ticket_min_meur", 0.0)
        if value < smallest:
            raise ValueError(f"expected at least ticket_min_meur ({smallest:g})")
        return value


class Government(Record):
    """A government with a say over the cluster."""

    id: Slug
    name: str
    level: Literal["supranational", "state", "region"]
    sets_carbon_price: bool = False
    awards_support: bool = False
    governs_pact: bool = False
    first_election_year: Year
    reversal_exposed: bool = True
    source: str
    mark: Mark


class HeatLink(Record):
    """A possible heat link between two plants."""

    source_firm: str = Field(alias="from")
    sink_firm: str = Field(alias="to")
    heat_gwh_per_year: Positive
    capex_meur: Positive
    source: str
    mark: Mark


class ClusterFile(Record):
    """The file `cluster.toml`."""

    name: Slug
    title: str
    country: str = ""
    base_year: Year
    governance: Literal["unanimity", "majority", "anchor", "orchestrator"] = "majority"
    source: str = ""
    mark: Mark = "estimate"
    milestones: dict[str, Share] = Field(default_factory=dict)
    network: tuple[Network, ...] = ()
    financier: tuple[Financier, ...] = ()
    government: tuple[Government, ...]
    link: tuple[HeatLink, ...] = ()

    @field_validator("milestones")
    @classmethod
    def _years(cls, value: dict[str, float]) -> dict[str, float]:
        for year in value:
            if not YEAR_KEY.fullmatch(year):
                raise ValueError(f"expected a year as key, found {year!r}")
        shares = [value[year] for year in sorted(value)]
        if shares != sorted(shares):
            raise ValueError("expected shares that do not fall from year to year")
        return value


@dataclass(frozen=True)
class Scenario:
    """A cluster, checked: its file, its plants in the order of their ids, and the shared tables."""

    folder: Path
    file: ClusterFile
    plants: tuple[Plant, ...]
    tables: Tables
    tables_folder: Path


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
    tables = read_tables(tables_folder)
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
    return Scenario(folder, file, tuple(sorted(plants, key=lambda plant: plant.id)), tables, tables_folder)


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
