"""The tables that all clusters share: technologies, prices, volatility, economy, allocation, owners; read and checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, create_model, field_validator

from clusterpact.agents.vocabulary import CARRIER_FILE, CARRIER_TABLE, CARRIERS, NETWORK_KINDS
from clusterpact.inputs import InputError, Record, nearest, read_table, unique
from clusterpact.sim.amounts import (
    Eur,
    Mark,
    Name,
    NotNegative,
    Positive,
    PositiveEur,
    PositiveMeur,
    PositiveYears,
    Share,
    Signed,
    Slug,
    TonnesPerUnit,
    Year,
)
from clusterpact.sim.prices import Price, read_prices

LIBRARY = Path(__file__).with_name("library")


class TechnologyRow(Record):
    """One row of `technologies.csv`, but for carriers that came later; quantities per annual product unit (t or MWh)."""

    sector: str
    technology: str
    unit: Annotated[str, Field(pattern=r"^(t|MWh)(_[A-Za-z0-9_]+)?$")]
    role: Literal["incumbent", "incumbent_renewal", "alternative"]
    capex_kind: Literal["greenfield", "increment", "renewal", "contract"]
    capex_eur_per_unit: PositiveEur
    fixed_opex_eur_per_unit: Eur
    other_opex_eur_per_unit: Signed
    revenue_eur_per_unit: Eur = 0.0
    electricity_mwh_per_unit: Signed
    gas_mwh_per_unit: Signed
    coal_mwh_per_unit: Signed
    hydrogen_mwh_per_unit: Signed
    biomass_mwh_per_unit: Signed
    oil_mwh_per_unit: Signed
    heat_export_mwh_per_unit: NotNegative
    co2_direct_t_per_unit: TonnesPerUnit
    co2_captured_t_per_unit: TonnesPerUnit
    co2_process_t_per_unit: TonnesPerUnit
    coal_co2_t_per_mwh: Positive | None = None  #: of the coal it burns, where that is not the carrier's (lignite)
    lifetime_years: PositiveYears
    campaign_years: PositiveYears
    build_years: PositiveYears
    first_year: Year
    learning_rate: Annotated[float, Field(ge=0, lt=1)]
    trl: Annotated[int, Field(ge=1, le=9)]
    needs: str
    source: str
    mark: Mark

    @property
    def networks(self) -> tuple[str, ...]:
        """Kinds of network that the technology cannot run without."""
        return tuple(need for need in self.needs.split(";") if need and need != "none")

    @field_validator("needs")
    @classmethod
    def _known_needs(cls, value: str) -> str:
        for need in value.split(";"):
            if need not in (*NETWORK_KINDS, "none", ""):
                raise ValueError(f"expected network kinds separated by ';'{nearest(need, NETWORK_KINDS)}")
        return value


_LATER = {row.column for row in CARRIER_TABLE if row.column} - set(TechnologyRow.model_fields)
if TYPE_CHECKING:
    Technology = TechnologyRow
else:  # a carrier of `carriers.csv` brings its column; technologies that say nothing of it buy none
    Technology = create_model("Technology", __base__=TechnologyRow, **dict.fromkeys(sorted(_LATER), (Signed, 0.0)))


class Volatility(Record):
    """One row of `volatility.csv`."""

    carrier: Literal[CARRIERS]  # type: ignore[valid-type]
    mean_reversion_per_year: Positive
    sigma_per_sqrt_year: NotNegative
    source: str
    mark: Mark


class Correlation(Record):
    """One row of `correlations.csv`."""

    carrier_a: Literal[CARRIERS]  # type: ignore[valid-type]
    carrier_b: Literal[CARRIERS]  # type: ignore[valid-type]
    correlation: Annotated[float, Field(ge=-1, le=1)]
    source: str
    mark: Mark


class Allocation(Record):
    """One row of `allocation.csv`: a sector (no technology), or a technology that keeps only a share of its allowances."""

    sector: str
    technology: str = ""
    cbam_good: bool
    kept_share: Share
    source: str
    mark: Mark


class AllocationPath(Record):
    """One row of `allocation_path.csv`: share of free allocation left, by law and under a slower phase-out."""

    goods: Literal["cbam", "other"]
    year: Year
    law: Share
    slower: Share
    source: str
    mark: Mark


class Economy(Record):
    """One row of `economy.csv`; kunit is a thousand product units a year.

    The indirect shares say how much of what comes on top of the direct figure is in supply chains; the rest is induced.
    """

    sector: str
    gva_eur_per_unit: Signed
    jobs_per_kunit: NotNegative
    gva_multiplier: Positive
    jobs_multiplier: Positive
    gva_indirect_share: Share
    jobs_indirect_share: Share
    source: str
    mark: Mark


class Output(Record):
    """One row of `output.csv`: how what a sector's plants make moves from year to year, and how often they close.

    output_spread_per_year: standard deviation of the yearly change of the logarithm; low and high: 95 % interval of the
    closure hazard in the record.
    """

    sector: str
    output_spread_per_year: NotNegative
    closure_per_year: Share
    closure_low_per_year: Share
    closure_high_per_year: Share
    source: str
    mark: Mark


class Owner(Record):
    """One row of `owners.csv`: a parent company's means. Cash flow is EBITDA; net debt below 0 is net cash."""

    owner: Slug
    title: Name
    cash_flow_meur_per_year: PositiveMeur
    net_debt_meur: Signed
    source: str
    mark: Mark


@dataclass(frozen=True)
class Tables:
    """The tables that all clusters share."""

    technologies: tuple[Technology, ...]
    prices: tuple[Price, ...]
    volatility: tuple[Volatility, ...]
    correlations: tuple[Correlation, ...]
    economy: dict[str, Economy]
    allocation: dict[tuple[str, str], Allocation]
    allocation_path: tuple[AllocationPath, ...]
    owners: dict[str, Owner]
    output: dict[str, Output]

    def of_sector(self, sector: str) -> list[Technology]:
        """Technologies of a sector, in the order of the table."""
        return [row for row in self.technologies if row.sector == sector]


def read_tables(folder: Path = LIBRARY) -> Tables:
    """The shared tables of the library, checked."""
    path = folder / "technologies.csv"
    technologies = read_table(path, Technology)
    unique(path, "technology", [f"{row.sector}/{row.technology}" for row in technologies])
    _known_sectors({row.sector for row in technologies})
    economy = {row.sector: row for row in read_table(folder / "economy.csv", Economy, "sector")}
    for row in technologies:
        if row.sector not in economy:
            raise InputError(folder / "economy.csv", "sector", row.sector, "missing row", economy)
    rows = read_table(folder / "allocation.csv", Allocation)
    unique(folder / "allocation.csv", "technology", [f"{row.sector}/{row.technology}" for row in rows])
    allocation = {(row.sector, row.technology): row for row in rows}
    for sector in economy:
        if (sector, "") not in allocation:
            raise InputError(folder / "allocation.csv", "sector", sector, "missing row without a technology")
    phase_out = read_table(folder / "allocation_path.csv", AllocationPath)
    for goods in ("cbam", "other"):
        if not any(row.goods == goods for row in phase_out):
            raise InputError(folder / "allocation_path.csv", "goods", goods, "missing rows")
    prices = read_prices(folder / "prices.csv")
    volatility = read_table(folder / "volatility.csv", Volatility, "carrier")
    for name, found in (
        ("prices.csv", {row.carrier for row in prices}),
        ("volatility.csv", {v.carrier for v in volatility}),
    ):
        for carrier in CARRIERS:
            if carrier not in found:
                raise InputError(folder / name, "carrier", carrier, "missing rows")
    return Tables(
        tuple(technologies),
        tuple(prices),
        tuple(volatility),
        tuple(read_table(folder / "correlations.csv", Correlation)),
        economy,
        allocation,
        tuple(phase_out),
        read_owners(folder / "owners.csv"),
        _of_every_sector(folder / "output.csv", economy),
    )


def _of_every_sector(path: Path, sectors: dict[str, Economy]) -> dict[str, Output]:
    """How output moves in every sector."""
    rows = {row.sector: row for row in read_table(path, Output, "sector")}
    for sector in sectors:
        if sector not in rows:
            raise InputError(path, "sector", sector, "missing row", rows)
    return rows


def read_owners(path: Path) -> dict[str, Owner]:
    """The rows of a table of owners by their keys."""
    return {row.owner: row for row in read_table(path, Owner, "owner")}


def _known_sectors(sectors: set[str]) -> None:
    """Raise InputError if a carrier names a sector that no technology is of."""
    for row in CARRIER_TABLE:
        for sector in filter(None, row.sectors.split(";")):
            if sector not in sectors:
                raise InputError(CARRIER_FILE, f"{row.name}: sectors", sector, "unknown sector", sorted(sectors))
