"""Small random clusters and policies for property tests: valid by construction, different by their number."""

import random
from pathlib import Path

import numpy as np

from clusterpact.agents.vocabulary import GOVERNANCE_MODES, NETWORK_KINDS
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package
from clusterpact.sim.cluster import ClusterFile, Plant
from clusterpact.sim.runs import simulate as run_many
from clusterpact.sim.scenario import Scenario
from clusterpact.sim.tables import LIBRARY, read_tables
from clusterpact.sim.world import World, parameter_records

TABLES = read_tables()
SOURCE = {"source": "made up", "mark": "estimate"}
OWNERS = ("arcelormittal", "holcim", "no-accounts")  #: two of the library's table, and one that it does not know


def random_plant(number: int, chance: random.Random) -> Plant:
    """A plant of a random sector; some are planned, some are without emissions."""
    row = chance.choice([row for row in TABLES.technologies if row.role == "incumbent"])
    capacity = round(chance.uniform(10, 3000), 1)
    planned = chance.random() < 0.15
    unit = "capacity_gwh_per_year" if row.unit.startswith("MWh") else "capacity_kt_per_year"
    emits = row.co2_direct_t_per_unit > 0 and not planned
    return Plant(
        id=f"plant-{number}",
        name=f"Plant {number}",
        sector=row.sector,
        technology=row.technology,
        status="planned" if planned else "operating",
        scope1_kt_per_year=round(capacity * row.co2_direct_t_per_unit * chance.uniform(0.5, 1.5), 3) if emits else 0.0,
        campaign_age_years=chance.choice([None, round(chance.uniform(0, 30), 1)]),
        free_allocation_kt_per_year=chance.choice([None, round(chance.uniform(0, 1.2) * capacity, 1)]),
        **{unit: capacity},
    )


def random_scenario(number: int) -> Scenario:
    """A cluster with 1 to 9 plants and any mix of networks, lenders and governments."""
    chance = random.Random(number)
    kinds = [k for k in NETWORK_KINDS if chance.random() < 0.75]
    networks = [
        {
            "id": kind.replace("_", "-"), "name": kind, "kind": kind, "phase_per_year": chance.uniform(50, 3000),
            "capex_meur": chance.uniform(10, 800), "scale_exponent": chance.uniform(0.3, 1.0),
            "opex_share_per_year": 0.03, "lead_quarters": chance.randint(4, 24), "life_years": chance.randint(15, 40),
            "tariff_cap_eur_per_unit": chance.uniform(5, 80), "service_eur_per_unit": chance.choice([0.0, 30.0]),
            "first_season_year": chance.randint(2022, 2032), "grant_meur": chance.choice([0.0, 50.0]),
            "spare_per_year": chance.choice([0.0, 500.0]) if kind == "grid" else 0.0, **SOURCE,
        }
        for kind in kinds
    ]  # fmt: skip
    financiers = [
        {
            "id": f"lender-{k}", "name": f"Lender {k}", "kind": chance.choice(["commercial", "development_bank"]),
            "capital_meur": chance.choice([0.0, 500.0, 20000.0]), "base_rate_pct": chance.uniform(2, 8),
            "ticket_min_meur": chance.choice([0.0, 10.0]), "ticket_max_meur": chance.choice([100.0, 5000.0]),
            "novelty_appetite": chance.uniform(0.3, 1.5), **SOURCE,
        }
        for k in range(chance.randint(0, 3))
    ]  # fmt: skip
    governments = [
        {
            "id": f"government-{k}", "name": f"Government {k}", "level": "state", "sets_carbon_price": k == 0,
            "awards_support": k == 1, "governs_pact": k == 2, "first_election_year": chance.randint(2024, 2030),
            "reversal_exposed": chance.random() < 0.8, **SOURCE,
        }
        for k in range(3)
    ]  # fmt: skip
    plants = [random_plant(k, chance) for k in range(chance.randint(1, 9))]
    groups = random.Random(5000 + number)  # apart, so that the rest of a world does not hang on who owns it
    owned = groups.choice([0.0, 0.6])
    plants = [
        plant.model_copy(update={"owner": groups.choice(OWNERS)}) if groups.random() < owned else plant for plant in plants
    ]
    standing = [k for k, plant in enumerate(plants) if plant.status == "operating"]
    if len(standing) > 1 and chance.random() < 0.5:
        source, sink = chance.sample(standing, 2)
        plants[sink] = plants[sink].model_copy(update={"gas_from": plants[source].id})
    links = []
    if len(plants) > 1:
        a, b = chance.sample([plant.id for plant in plants], 2)
        links = [{"from": a, "to": b, "heat_gwh_per_year": 40.0, "capex_meur": 3.0, **SOURCE}]
    file = ClusterFile.model_validate(
        {
            "name": f"world-{number}", "title": f"World {number}", "base_year": 2024,
            "governance": chance.choice(GOVERNANCE_MODES), "milestones": {"2030": 0.3, "2050": 1.0},
            "network": networks, "financier": financiers, "government": governments, "link": links,
        }
    )  # fmt: skip
    return Scenario(Path("."), file, tuple(sorted(plants, key=lambda p: p.id)), TABLES, LIBRARY)


def random_package(number: int) -> Package:
    """A package in which each instrument is on with probability one half, from a random year."""
    chance = random.Random(1000 + number)
    schedules = {
        name: ((chance.randint(2025, 2035), chance.uniform(i.low, min(i.high, 2 * i.typical))),)
        for name, i in INSTRUMENTS.items()
        if chance.random() < 0.5
    }
    mode = chance.choice([None, *GOVERNANCE_MODES])
    return Package(f"package-{number}", "", "", mode, schedules)


def random_parameters(number: int, runs: int) -> np.recarray:
    """Parameters drawn evenly within their bounds."""
    from clusterpact.agents.parameters import PARAMETERS

    generator = np.random.default_rng(number)
    return parameter_records({n: generator.uniform(p.low, p.high, runs) for n, p in PARAMETERS.items()}, runs)


def simulate(world: World, parameters: np.recarray, first_run: int = 0) -> tuple[np.ndarray, ...]:
    """Run the compiled driver: series, gates, projects, networks."""
    numbers = np.arange(first_run, first_run + len(parameters), dtype=np.uint64)
    arrays = run_many(world, parameters, numbers)
    return arrays.series, arrays.gates, arrays.projects, arrays.networks
