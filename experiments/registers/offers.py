"""What an imported cluster is offered: networks and lenders of generic kinds, sized by what its plants would need."""

import math
from dataclasses import dataclass

import numpy as np

from agents.records import NETWORK_KINDS, empty
from sim.cluster import Financier, Network, Plant
from sim.options import option_records
from sim.tables import Tables

HOURS = {"h2_pipeline": 8000.0, "grid": 6000.0, "waste_heat_network": 6000.0}  #: full-load hours that turn GWh into MW
FIRST_PHASE_SHARE = 1 / 3  #: part of the need that a first phase is built for
GRID_SPARE_SHARE = 0.25  #: part of the first phase that the grid has to spare at the start
#: Smallest and largest first phase: below it none is built, above it the unit costs do not hold.
SIZES = {"co2_ts": (100.0, 5000.0), "h2_pipeline": (100.0, 20_000.0), "grid": (100.0, 12_000.0), "waste_heat_network": (20.0, 150.0)}
FIRST_SEASON_YEAR = 2026
LENDERS = (
    # id, name, kind, share of the capital, base rate (%), smallest ticket (MEUR), appetite for novelty
    ("bank-club", "Commercial bank club", "commercial", 0.5, 6.0, 1.0, 1.2),
    ("development-bank", "Public development bank", "development_bank", 0.3, 4.5, 5.0, 0.6),
    ("infrastructure-fund", "Infrastructure fund", "infrastructure_fund", 0.2, 6.0, 10.0, 1.0),
)


@dataclass(frozen=True)
class Needs:
    """What switching would take: volumes per kind of network (kt or GWh a year), and capital (MEUR)."""

    volume: dict[str, float]
    capital_meur: float
    largest_meur: float


def needs_of(plants: list[Plant], tables: Tables) -> Needs:
    """Sums over plants of the mean of their options: of those that need a network, and of all that cost capital."""
    sectors = {plant.sector for plant in plants}
    rows = [row for row in tables.technologies if row.sector in sectors]
    firms = empty("firm", len(plants))
    options, _ = option_records(tuple(plants), tables, {(row.sector, row.technology): k for k, row in enumerate(rows)}, firms)
    volume = dict.fromkeys(NETWORK_KINDS, 0.0)
    costs = [0.0]
    for firm in firms:
        own = options[firm.first_option + 1 : firm.first_option + firm.n_options]
        for column, kind in enumerate(NETWORK_KINDS):
            asked = own.volume[:, column]
            if np.any(asked > 0):
                volume[kind] += float(asked[asked > 0].mean())
        if len(own):
            costs.append(float(own.capex_meur.mean()))
    return Needs(volume, sum(costs), max(costs))


def networks_for(needs: Needs) -> list[Network]:
    """One network of each kind; the arithmetic of each stands in its source."""
    return [_network(kind, needs.volume[kind]) for kind in NETWORK_KINDS]


def _network(kind: str, need: float) -> Network:
    smallest, largest = SIZES[kind]
    phase = two_digits(min(max(FIRST_PHASE_SHARE * need, smallest), largest))
    unit = "kt" if kind == "co2_ts" else "GWh"
    size = (
        f"First phase: a third of {need:,.0f} {unit} a year (sum over plants of the mean need of their options that need it), "
        f"between {smallest:,.0f} and {largest:,.0f}, two digits: {phase:,.0f}. "
    )
    megawatts = 1000 * phase / HOURS.get(kind, 1000.0)
    fields = {
        "co2_ts": lambda: _co2(phase), "h2_pipeline": lambda: _hydrogen(megawatts), "grid": lambda: _grid(megawatts, phase),
        "waste_heat_network": lambda: _heat(megawatts, phase),
    }[kind]()  # fmt: skip
    rest = " Lead time, life, cap and season year: estimate. Replace by the figures of the place."
    fields["source"] = size + fields["source"] + rest
    return Network(kind=kind, phase_per_year=phase, first_season_year=FIRST_SEASON_YEAR, mark="estimate", **fields)


def _co2(phase_kt: float) -> dict:
    return {
        "id": "co2-hub", "name": "CO2 transport and storage hub", "capex_meur": two_digits(1200 * (phase_kt / 4000) ** 0.6),
        "scale_exponent": 0.6, "opex_share_per_year": 0.035, "lead_quarters": 24, "life_years": 30,
        "tariff_cap_eur_per_unit": 98.0, "service_eur_per_unit": 12.0,
        "source": f"Capex: generic hub with pipe and store, 300 EUR/(t/yr) at 4 Mt/yr with exponent 0.6: "
                  f"1200 x ({phase_kt:,.0f} / 4000)^0.6 MEUR (estimate from DEA-CCTS 421 and 451, Northern Lights). Opex: generic hub. "
                  "Service: variable cost of an offshore store, 11.9 EUR/t (DEA-CCTS 451.3). Cap: 110 EUR/t (high 2030 tariff of "
                  "transport and storage) less service.",
    }  # fmt: skip


def _hydrogen(megawatts: float) -> dict:
    return {
        "id": "hydrogen-line", "name": "Hydrogen pipeline", "capex_meur": two_digits(60 * 0.5175 * (megawatts / 375) ** 0.4),
        "scale_exponent": 0.4, "opex_share_per_year": 0.032, "lead_quarters": 16, "life_years": 40,
        "tariff_cap_eur_per_unit": 25.0,
        "source": f"{megawatts:,.0f} MW at 8000 h. Capex: 60 km (assumed) x 1380 EUR/MW/km x 375 MW with exponent 0.4: "
                  f"60 x 0.5175 x ({megawatts:,.0f} / 375)^0.4 MEUR (DEA-ET hydrogen pipes 140 bar; exponent and opex: "
                  "technology-data).",
    }  # fmt: skip


def _grid(megawatts: float, phase_gwh: float) -> dict:
    return {
        "id": "grid", "name": "Transmission grid reinforcement", "capex_meur": two_digits(200 * (megawatts / 500) ** 0.7),
        "scale_exponent": 0.7, "opex_share_per_year": 0.015, "lead_quarters": 24, "life_years": 40,
        "tariff_cap_eur_per_unit": 12.0, "spare_per_year": two_digits(GRID_SPARE_SHARE * phase_gwh),
        "source": f"{megawatts:,.0f} MW at 6000 h. Capex: 400 EUR/kW at 500 MW with exponent 0.7: 200 x ({megawatts:,.0f} / 500)^0.7 "
                  "MEUR (estimate from IEA 2023, Energinet and DEA line costs). Spare on top of what plants draw today: a quarter of "
                  "the first phase.",
    }  # fmt: skip


def _heat(megawatts: float, phase_gwh: float) -> dict:
    return {
        "id": "waste-heat", "name": "Industrial waste-heat network", "capex_meur": two_digits(1.155 * megawatts),
        "scale_exponent": 0.63, "opex_share_per_year": 0.02, "lead_quarters": 14, "life_years": 30,
        "tariff_cap_eur_per_unit": 40.0, "limit_per_year": 2 * phase_gwh,
        "source": f"{megawatts:,.1f} MW at 6000 h. Capex: 15 km (assumed) x 33.4 EUR/kW/km + exchange station 154 EUR/kW "
                  f"(DEA-ET 113_11) + recovery unit 500 EUR/kW (estimate): 1155 EUR/kW x {megawatts:,.1f} MW. Limit: twice the first "
                  "phase.",
    }  # fmt: skip


def lenders_for(needs: Needs, networks: list[Network]) -> list[Financier]:
    """Lenders whose capital together is what switching and the networks would need."""
    total = needs.capital_meur + sum(network.capex_meur for network in networks)
    largest = max(needs.largest_meur, *(network.capex_meur for network in networks))
    return [_lender(*row, total, largest) for row in LENDERS]


def _lender(slug: str, name: str, kind: str, share: float, rate: float, smallest: float, appetite: float,
            total: float, largest: float) -> Financier:  # fmt: skip
    capital = two_digits(share * total)
    ticket = min(capital, two_digits(max(capital / 6, share * largest)))
    return Financier.model_validate({
        "id": slug, "name": name, "kind": kind, "capital_meur": capital, "base_rate_pct": rate,
        "ticket_min_meur": min(smallest, ticket / 10), "ticket_max_meur": ticket, "novelty_appetite": appetite,
        "source": f"Capital: {share:.0%} of {total:,.0f} MEUR, the sum over plants of the mean capital cost of their options, plus the "
                  f"networks. Largest ticket: a sixth of the capital, or {share:.0%} of the largest project. Real required return "
                  f"before risk {rate:g} % (range 4-8). A type of lender, not a named one; all assumed.",
        "mark": "estimate",
    })  # fmt: skip


def two_digits(value: float) -> float:
    """A positive number to two significant digits."""
    return round(value, 1 - math.floor(math.log10(value))) if value > 0 else 0.0
