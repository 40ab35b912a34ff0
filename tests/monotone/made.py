"""A made-up cluster that networks decide: twelve plants of two groups, three networks that need several users each.

Little can be abated alone here: kilns and lime works emit their process CO2, and what else there is runs on hydrogen, on
captured CO2 or on a grid without room. So trust, pacts and lenders have something to decide.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.policies.package import parse_law
from clusterpact.sim.buyers import Buyer
from clusterpact.sim.cluster import ClusterFile, Plant
from clusterpact.sim.scenario import Scenario
from clusterpact.sim.tables import LIBRARY, read_tables

NAME = "made"
TABLES = read_tables()
SOURCE = {"source": "made up for tests.monotone", "mark": "estimate"}
DRAWN_AS = "dunkirk"  #: the experiment whose horizon and uncertain parameters hold here too

#: name, sector, technology, thousand product units a year, age of the campaign in years, group that owns it
PLANTS = (
    ("ammonia-east", "ammonia", "SMR-HB", 450.0, 12.0, "group-a"),
    ("cement-east", "cement", "dry kiln (EU fuel mix)", 1100.0, 18.0, "group-a"),
    ("cement-north", "cement", "dry kiln (EU fuel mix)", 900.0, 6.0, "group-b"),
    ("cement-south", "cement", "dry kiln (EU fuel mix)", 1400.0, 24.0, "group-b"),
    ("cracker", "steam_cracker", "naphtha cracker", 700.0, 9.0, "group-a"),
    ("glass-east", "glass", "gas regenerative furnace", 350.0, 8.0, "group-b"),
    ("glass-west", "glass", "gas regenerative furnace", 250.0, 3.0, "group-b"),
    ("hydrogen", "hydrogen", "SMR", 2400.0, 11.0, "group-a"),
    ("lime-north", "lime", "PFR kiln, gas", 400.0, 14.0, "group-b"),
    ("lime-south", "lime", "PFR kiln, gas", 300.0, 21.0, "group-b"),
    ("lng", "lng", "gas-turbine drives", 2500.0, 5.0, "group-a"),
    ("refinery", "refinery", "conversion refinery (SMR H2, fired heat)", 6000.0, 10.0, "group-a"),
)
#: id, kind, first phase (kt or GWh a year), capital cost in MEUR, tariff cap and service in EUR per unit, quarters to build
NETWORKS = (
    ("co2", "co2_ts", 2500.0, 500.0, 50.0, 30.0, 16),
    ("h2", "h2_pipeline", 3000.0, 150.0, 25.0, 0.0, 14),
    ("grid", "grid", 2000.0, 180.0, 12.0, 0.0, 16),
)
#: id, kind, capital, rate in % a year, smallest and largest ticket (MEUR), appetite for what is new
LENDERS = (
    ("banks", "commercial", 6000.0, 6.0, 1.0, 900.0, 1.0),
    ("public-bank", "development_bank", 3000.0, 4.5, 10.0, 600.0, 0.7),
    ("fund", "infrastructure_fund", 3000.0, 6.0, 30.0, 600.0, 1.0),
)
#: id, product, kt a year, premium in EUR/t, share of its purchases that the public hand pays for
BUYERS = (
    ("builders", "cement", 1200.0, 40.0, 0.5),
    ("car-makers", "glass", 300.0, 60.0, 0.0),
    ("water-works", "lime", 250.0, 40.0, 0.5),
)
#: id, level, duty, year of the first election
GOVERNMENTS = (
    ("union", "supranational", "sets_carbon_price", 2029),
    ("state", "state", "awards_support", 2027),
    ("region", "region", "governs_pact", 2026),
)


def scenario() -> Scenario:
    """The cluster, checked as one that is read from files."""
    file = ClusterFile.model_validate(
        {
            "name": NAME, "title": "A made-up cluster that networks decide", "base_year": 2022, "governance": "majority",
            "milestones": {"2030": 0.4, "2040": 0.8, "2050": 1.0},
            "network": [_network(row) for row in NETWORKS],
            "financier": [_lender(row) for row in LENDERS],
            "government": [
                {"id": name, "name": name, "level": level, duty: True, "first_election_year": year, **SOURCE}
                for name, level, duty, year in GOVERNMENTS
            ],
        }
    )  # fmt: skip
    plants = tuple(sorted((_plant(*row) for row in PLANTS), key=lambda plant: plant.id))
    buyers = tuple(Buyer.model_validate(_buyer(row)) for row in BUYERS)
    return Scenario(Path("."), file, plants, TABLES, LIBRARY, parse_law({"grant_share": 0.15}, ""), buyers=buyers)


def _buyer(row: tuple[Any, ...]) -> dict[str, Any]:
    """One buyer as it would be written in a file."""
    name, product, volume, premium, public = row
    return {
        "id": name, "name": name, "product": product, "volume_kt_per_year": volume, "premium_eur_per_t": premium,
        "from_year": 2026, "public_share": public, **SOURCE,
    }  # fmt: skip


def _network(row: tuple[Any, ...]) -> dict[str, Any]:
    """One network as it would be written in a file."""
    name, kind, phase, capex, cap, service, quarters = row
    return {
        "id": name, "name": name, "kind": kind, "phase_per_year": phase, "capex_meur": capex, "scale_exponent": 0.6,
        "opex_share_per_year": 0.03, "lead_quarters": quarters, "life_years": 30, "tariff_cap_eur_per_unit": cap,
        "service_eur_per_unit": service, "first_season_year": 2026, "spare_per_year": 0.0, **SOURCE,
    }  # fmt: skip


def _lender(row: tuple[Any, ...]) -> dict[str, Any]:
    """One lender as it would be written in a file."""
    name, kind, capital, rate, smallest, largest, appetite = row
    return {
        "id": name, "name": name, "kind": kind, "capital_meur": capital, "base_rate_pct": rate,
        "ticket_min_meur": smallest, "ticket_max_meur": largest, "novelty_appetite": appetite, **SOURCE,
    }  # fmt: skip


def _plant(name: str, sector: str, technology: str, capacity: float, age: float, group: str) -> Plant:
    """One plant that emits what its technology's row says."""
    row = next(row for row in TABLES.technologies if (row.sector, row.technology) == (sector, technology))
    size = "capacity_gwh_per_year" if row.unit.startswith("MWh") else "capacity_kt_per_year"
    owner = {key: group for key in ("operator", "owner") if key in Plant.model_fields}
    return Plant.model_validate(
        {"id": name, "name": name, "sector": sector, "technology": technology, size: capacity, "campaign_age_years": age,
         "scope1_kt_per_year": capacity * row.co2_direct_t_per_unit, **owner}
    )  # fmt: skip


def experiment() -> Experiment:
    """An experiment on the cluster, with the horizon and the uncertain parameters of Dunkirk's."""
    return replace(load_experiment(DRAWN_AS), name=NAME, title="A made-up cluster", scenario=scenario(), targets={})
