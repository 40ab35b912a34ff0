"""What an imported cluster is offered: networks and lenders of generic kinds, sized by what its plants would need."""

import math
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from clusterpact.agents.records import empty
from clusterpact.agents.vocabulary import NETWORK_KIND_TABLE, NETWORK_KINDS
from clusterpact.experiments.making import MAKING
from clusterpact.inputs import Record, read_table
from clusterpact.sim.amounts import Mark, NotNegative, Positive, Share, Slug
from clusterpact.sim.cluster import Financier, Network, NetworkKindName, Plant
from clusterpact.sim.options import option_records
from clusterpact.sim.tables import Tables

OFFERS = MAKING / "registers" / "networks.csv"
FIRST_PHASE_SHARE = 1 / 3  #: part of the need that a first phase is built for
FIRST_SEASON_YEAR = 2026


class LenderType(NamedTuple):
    """A type of lender: its share of the capital, base rate (%), smallest ticket (MEUR) and appetite for novelty."""

    id: str
    name: str
    kind: str
    share: float
    rate_pct: float
    smallest_meur: float
    appetite: float


LENDERS = (
    LenderType("bank-club", "Commercial bank club", "commercial", 0.5, 6.0, 1.0, 1.2),
    LenderType("development-bank", "Public development bank", "development_bank", 0.3, 4.5, 5.0, 0.6),
    LenderType("infrastructure-fund", "Infrastructure fund", "infrastructure_fund", 0.2, 6.0, 10.0, 1.0),
)


class Offer(Record):
    """One row of `networks.csv`: a network of a generic kind, with its capital cost at one size (kt a year, or MW)."""

    kind: NetworkKindName
    id: Slug
    name: str
    capex_meur: Positive
    at_size: Positive
    size_unit: str
    hours: Positive = 1000.0  #: full-load hours that turn MW into GWh a year; 1000 leaves a size as it is
    scale_exponent: Annotated[float, Field(gt=0, le=1)]
    opex_share_per_year: Share
    lead_quarters: int
    life_years: int
    tariff_cap_eur_per_unit: NotNegative
    service_eur_per_unit: NotNegative
    spare_share: Share  #: part of the first phase that there is to spare at the start
    limit_phases: Positive | None = None
    smallest_phase: Positive  #: below it none is built, above the largest the unit cost does not hold
    largest_phase: Positive
    source: str
    mark: Mark


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
    options, _ = option_records(
        tuple(plants), tables, {(row.sector, row.technology): k for k, row in enumerate(rows)}, firms
    )
    volume = dict.fromkeys(NETWORK_KINDS, 0.0)
    costs = [0.0]
    for firm in firms:
        own = options[firm.first_option + 1 : firm.first_option + firm.n_options]
        for column, kind in enumerate(NETWORK_KINDS):
            asked = own["volume"][:, column]
            if np.any(asked > 0):
                volume[kind] += float(asked[asked > 0].mean())
        if len(own):
            costs.append(float(own["capex_meur"].mean()))
    return Needs(volume, sum(costs), max(costs))


def networks_for(needs: Needs) -> list[Network]:
    """One network of each kind; the arithmetic of each stands in its source."""
    return [_network(offer, needs.volume[offer.kind]) for offer in read_table(OFFERS, Offer)]


def _network(offer: Offer, need: float) -> Network:
    phase = two_digits(min(max(FIRST_PHASE_SHARE * need, offer.smallest_phase), offer.largest_phase))
    size = 1000 * phase / offer.hours
    unit = NETWORK_KIND_TABLE[offer.kind].unit
    power = "" if offer.size_unit == unit else f", {size:,.0f} {offer.size_unit} at {offer.hours:g} h"
    cost = f"{offer.capex_meur:g} x ({size:,.0f} / {offer.at_size:g})^{offer.scale_exponent:g} MEUR"
    source = (
        f"First phase: a third of {need:,.0f} {unit} a year (sum over plants of the mean need of their options that need "
        f"it), at least {offer.smallest_phase:g}, at most {offer.largest_phase:g}{power}. "
        f"Capex: {cost}, from {offer.source}. "
        "Lead time, life, cap and season year: estimate. To be replaced by the figures of the place."
    )
    return Network(
        id=offer.id, name=offer.name, kind=offer.kind, phase_per_year=phase,
        capex_meur=two_digits(offer.capex_meur * (size / offer.at_size) ** offer.scale_exponent),
        scale_exponent=offer.scale_exponent, opex_share_per_year=offer.opex_share_per_year,
        lead_quarters=offer.lead_quarters, life_years=offer.life_years,
        tariff_cap_eur_per_unit=offer.tariff_cap_eur_per_unit, service_eur_per_unit=offer.service_eur_per_unit,
        first_season_year=FIRST_SEASON_YEAR,
        spare_per_year=two_digits(offer.spare_share * phase),
        limit_per_year=None if offer.limit_phases is None else offer.limit_phases * phase, source=source, mark=offer.mark,
    )  # fmt: skip


def lenders_for(needs: Needs, networks: list[Network]) -> list[Financier]:
    """Lenders whose capital together is what switching and the networks would need."""
    total = needs.capital_meur + sum(network.capex_meur for network in networks)
    largest = max(needs.largest_meur, *(network.capex_meur for network in networks))
    return [_lender(lender, total, largest) for lender in LENDERS]


def _lender(lender: LenderType, total: float, largest: float) -> Financier:
    """A lender of a type; total: capital of all lenders, largest: capital cost of the largest project, MEUR."""
    capital = two_digits(lender.share * total)
    ticket = min(capital, two_digits(max(capital / 6, lender.share * largest)))
    return Financier.model_validate({
        "id": lender.id, "name": lender.name, "kind": lender.kind, "capital_meur": capital,
        "base_rate_pct": lender.rate_pct, "ticket_min_meur": min(lender.smallest_meur, ticket / 10),
        "ticket_max_meur": ticket, "novelty_appetite": lender.appetite,
        "source": f"Capital: {lender.share:.0%} of {total:,.0f} MEUR, the sum over plants of the mean capital cost of their "
                  f"options, plus the networks. Largest ticket: a sixth of it, or {lender.share:.0%} of the largest "
                  f"project. Real required return before risk {lender.rate_pct:g} % (range 4-8). A type of lender, not a "
                  "named one; assumed.",
        "mark": "estimate",
    })  # fmt: skip


def two_digits(value: float) -> float:
    """A positive number to two significant digits."""
    return round(value, 1 - math.floor(math.log10(value))) if value > 0 else 0.0
