"""What people write about a cluster: the rows of `firms.csv`, the tables of `cluster.toml` and of `clusters.toml`."""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from clusterpact.agents.vocabulary import CARRIERS, GOVERNANCE_MODES, NETWORK_KINDS
from clusterpact.inputs import Record
from clusterpact.policies.catalogue import INTERESTS
from clusterpact.sim.amounts import (
    Eur,
    Jobs,
    Kt,
    Mark,
    Meur,
    Name,
    Positive,
    PositiveMeur,
    PositiveVolume,
    RecentYear,
    Share,
    Slug,
    Volume,
    Year,
    Years,
)

YEAR_KEY = re.compile("(19|20|21)[0-9]{2}")
IN_PROJECTS = "announced projects stand in projects.csv"
NetworkKindName = Literal[NETWORK_KINDS]  # type: ignore[valid-type]
QUANTITIES = (
    "scope1_kt", "scope2_kt", "captured_kt", "jobs_direct", "jobs_total", "gva_direct_meur", "gva_total_meur",
    "heat_sold_gwh", "homes_heated", "homes_powered",
)  # fmt: skip


class Plant(Record):
    """One row of `firms.csv`; `owner` is the parent company, the same key in every cluster (blank: the plant itself)."""

    gone: ClassVar[dict[str, str]] = dict.fromkeys(("announced_technology", "announced_year", "announced_mark"), IN_PROJECTS)
    id: Slug
    name: Name
    operator: Name = ""
    owner: Slug = ""
    sector: str
    technology: str
    status: Literal["operating", "planned"] = "operating"
    capacity_kt_per_year: Kt | None = None
    capacity_gwh_per_year: Volume | None = None
    scope1_kt_per_year: Kt = 0.0
    scope1_year: Year | None = None
    free_allocation_kt_per_year: Kt | None = None
    gas_from: str = ""
    jobs: Jobs | None = None
    gva_meur_per_year: Meur | None = None
    heat_recovery_mw: Annotated[float, Field(gt=0, le=1e5)] | None = None
    campaign_age_years: Years | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    owner_mark: Mark | None = None
    scope1_mark: Mark | None = None
    free_allocation_mark: Mark | None = None
    capacity_mark: Mark | None = None
    jobs_mark: Mark | None = None
    gva_mark: Mark | None = None
    register_id: str = ""
    source: str = ""
    note: str = ""

    @property
    def site(self) -> str:
        """Id of the plant: its own, or that of the plant that it is a unit of."""
        return self.id

    @property
    def site_name(self) -> str:
        """Name of the plant: its own, or that of the plant that it is a unit of."""
        return self.name

    @property
    def owner_key(self) -> str:
        """Key of its owner: the parent company, or the plant's own id."""
        return self.owner or self.site

    @property
    def capacity(self) -> float:
        """Thousand product units a year (kt or GWh)."""
        return self.capacity_kt_per_year or self.capacity_gwh_per_year or 0.0


class Network(Record):
    """A network on offer; volumes in kt/year (CO2) or GWh/year, tariffs per t or MWh."""

    gone: ClassVar[dict[str, str]] = {"announced_year": IN_PROJECTS}
    id: Slug
    name: Name
    kind: NetworkKindName
    phase_per_year: PositiveVolume
    capex_meur: PositiveMeur
    scale_exponent: Annotated[float, Field(gt=0, le=1)]
    opex_share_per_year: Share
    lead_quarters: Annotated[int, Field(ge=1, le=80)]
    life_years: Annotated[int, Field(ge=1, le=80)]
    tariff_cap_eur_per_unit: Eur
    service_eur_per_unit: Eur = 0.0
    first_season_year: Year
    spare_per_year: Volume = 0.0
    limit_per_year: PositiveVolume | None = None
    grant_meur: Meur = 0.0
    source: str
    mark: Mark


class Resource(Record):
    """What is limited in the place: a carrier of which all plants together can get so much a year.

    available_per_year: GWh (scrap: kt), today's use included; price_rise_share: by how much it is dearer once all is used.
    """

    carrier: Literal[CARRIERS[1:]]  # type: ignore[valid-type]
    available_per_year: PositiveVolume
    price_rise_share: Annotated[float, Field(ge=0, le=1000)] = 0.0
    source: str
    mark: Mark


class Financier(Record):
    """A lender or fund."""

    id: Slug
    name: Name
    kind: Literal["commercial", "development_bank", "infrastructure_fund"]
    capital_meur: Meur
    base_rate_pct: Annotated[float, Field(ge=0, le=50)]
    ticket_min_meur: Meur = 0.0
    ticket_max_meur: Meur
    novelty_appetite: Annotated[float, Field(ge=0, le=1000)] = 1.0
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
    """A government with a say over the cluster; elections come every `term_years`, from the first one on."""

    id: Slug
    name: Name
    level: Literal["supranational", "state", "region"]
    sets_carbon_price: bool = False
    awards_support: bool = False
    governs_pact: bool = False
    first_election_year: Year
    term_years: Annotated[int, Field(ge=1, le=10)] = 4
    reversal_exposed: bool = True
    source: str
    mark: Mark


class GridFactor(Record):
    """Emission factor of the electricity that the cluster buys, from a year on (linear between years)."""

    year: Year
    t_per_mwh: Annotated[float, Field(ge=0, le=2)]
    source: str
    mark: Mark


class Published(Record):
    """A published total that the cluster's account is reconciled with; `why` says what explains a miss."""

    quantity: Literal[QUANTITIES]  # type: ignore[valid-type]
    value: Positive
    year: Year | None = None
    scope: str
    tolerance_pct: Annotated[float, Field(ge=0, le=100)] = 10.0
    why: str = ""
    source: str


class Roadmap(Record):
    """The published roadmap of an association: shares of its sectors' emissions to be abated by year."""

    association: Name
    sectors: Annotated[tuple[str, ...], Field(min_length=1)]
    milestones: dict[str, Share]
    source: str
    mark: Mark

    @field_validator("milestones")
    @classmethod
    def _years(cls, value: dict[str, float]) -> dict[str, float]:
        return rising_shares(value)


class Team(Record):
    """A team of governments that work on one interest, and so see each other's policies on it."""

    interest: Literal[INTERESTS]  # type: ignore[valid-type]
    governments: Annotated[tuple[str, ...], Field(min_length=2)]
    source: str
    mark: Mark


class HeatLink(Record):
    """A possible heat link between two plants."""

    source_firm: str = Field(alias="from")
    sink_firm: str = Field(alias="to")
    heat_gwh_per_year: PositiveVolume
    capex_meur: PositiveMeur
    source: str
    mark: Mark


class ClusterFile(Record):
    """The file `cluster.toml`; accept: names of warnings that its author has looked at, with `*` for any letters."""

    name: Slug
    title: Name
    country: str = ""
    base_year: RecentYear
    governance: Literal[GOVERNANCE_MODES] = "majority"  # type: ignore[valid-type]
    accept: tuple[str, ...] = ()
    source: str = ""
    mark: Mark = "estimate"
    milestones: dict[str, Share] = Field(default_factory=dict)
    instruments: dict[str, Any] = Field(default_factory=dict)
    budgets: dict[str, Any] = Field(default_factory=dict)
    grid_factor: tuple[GridFactor, ...] = ()
    published: tuple[Published, ...] = ()
    roadmap: tuple[Roadmap, ...] = ()
    network: tuple[Network, ...] = ()
    resource: tuple[Resource, ...] = ()
    financier: tuple[Financier, ...] = ()
    government: tuple[Government, ...]
    link: tuple[HeatLink, ...] = ()

    @field_validator("milestones")
    @classmethod
    def _years(cls, value: dict[str, float]) -> dict[str, float]:
        return rising_shares(value)


class GroupFile(Record):
    """The file `clusters.toml`: several clusters in one world, with the lenders that they share."""

    name: Slug
    title: Name
    clusters: Annotated[tuple[Slug, ...], Field(min_length=1)]
    accept: tuple[str, ...] = ()
    source: str = ""
    published: tuple[Published, ...] = ()
    financier: tuple[Financier, ...] = ()
    team: tuple[Team, ...] = ()


def rising_shares(value: dict[str, float]) -> dict[str, float]:
    """Shares by year, checked: years as keys, shares that do not fall."""
    for year in value:
        if not YEAR_KEY.fullmatch(year):
            raise ValueError(f"expected a year as key, found {year!r}")
    shares = [value[year] for year in sorted(value)]
    if shares != sorted(shares):
        raise ValueError("expected shares that do not fall from year to year")
    return value
