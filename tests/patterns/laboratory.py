"""Paired experiments for the patterns: worlds made for the purpose, runs with common luck, intervals of differences."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from clusterpact.policies.package import Package, library_package, parse_law
from clusterpact.sim.cluster import ClusterFile, Plant
from clusterpact.sim.kernel import start_run
from clusterpact.sim.runs import RunArrays, simulate, words_of
from clusterpact.sim.scenario import Scenario
from clusterpact.sim.schedule import quarter
from clusterpact.sim.state import State
from clusterpact.sim.tables import LIBRARY, read_tables
from clusterpact.sim.world import World, build_world, parameter_records
from tests.worlds.whole import whole

SEED = 2026
FIRST_YEAR, LAST_YEAR = 2026, 2050
TABLES = read_tables()
#: Dunkirk in the laboratory: its plants whole and nothing in hand, so that rules show and not where projects stand in 2026.
with TemporaryDirectory() as _empty:
    DUNKIRK = whole("dunkirk", Path(_empty))
ABATED = "switched_share"  #: what patterns take for abated: plants that close adopt nothing
SOURCE = {"source": "made for the patterns", "mark": "estimate"}
LAW = parse_law({"grant_share": 0.15}, "")  #: Dunkirk's grants hold in the made-up clusters too


@dataclass(frozen=True)
class Sample:
    """What many runs of one world did, in the order of their luck: run k of two samples is a pair."""

    world: World
    series: np.ndarray
    projects: np.ndarray
    networks: np.ndarray

    def measure(self, name: str, year: int = LAST_YEAR) -> np.ndarray:
        """A measure in one year, shape (runs,)."""
        return self.series[name][:, year - self.world.first_year]

    def total(self, name: str) -> np.ndarray:
        """A measure summed over the horizon, shape (runs,)."""
        return self.series[name].sum(axis=1)

    def network_fid(self, network: str) -> np.ndarray:
        """Year of a network's FID, shape (runs,); the year after the horizon if there was none."""
        quarter_of = self.networks[:, self.world.network_ids.index(network), 0]
        return np.where(quarter_of >= 0, self.world.first_year + quarter_of / 4, self.world.last_year + 1.0)

    def built(self, network: str) -> np.ndarray:
        """1 where the network was decided, shape (runs,)."""
        return (self.networks[:, self.world.network_ids.index(network), 0] >= 0).astype(float)

    def decided(self) -> np.ndarray:
        """Plants with a project decided or running at the end, shape (runs,)."""
        return (self.projects[:, :, 1] >= 0).sum(axis=1).astype(float)


def package(name: str = "current-policies", mode: str | None = None, **levels: float) -> Package:
    """A package of the library with instruments set to a strength from 2026 on."""
    base = library_package(name)
    schedules = base.schedules | {key: ((2026, level),) for key, level in levels.items()}
    return replace(base, schedules=schedules, governance_mode=mode or base.governance_mode)


def records(runs: int, parameters: dict[str, float]) -> np.recarray:
    """Parameter records of the runs: defaults, but for the given ones."""
    return parameter_records({name: np.full(runs, value) for name, value in parameters.items()}, runs)


def sample(scenario: Scenario, policy: Package, runs: int, seed: int = SEED, **parameters: float) -> Sample:
    """Run a world many times in threads; equal seeds give paired luck."""
    world = build_world(scenario, policy, FIRST_YEAR, LAST_YEAR, seed)
    drawn = records(runs, parameters)
    arrays = RunArrays.empty(runs, world)
    numbers = np.arange(runs, dtype=np.uint64)
    cores = len(os.sched_getaffinity(0))

    def work(part: np.ndarray) -> None:
        span = slice(int(part[0]), int(part[-1]) + 1)
        simulate(world, drawn[span], numbers[span], into=arrays.part(span))

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(work, np.array_split(numbers, cores)))
    return Sample(world, arrays.series, arrays.projects, arrays.networks)


def watch(scenario: Scenario, policy: Package, runs: int, visit: Callable[[State, int, int], None], seed: int = SEED,
         **parameters: float) -> World:  # fmt: skip
    """Run a world quarter by quarter and show the state after each to visit(state, run, t), which may disturb it."""
    world = build_world(scenario, policy, FIRST_YEAR, LAST_YEAR, seed)
    state = world.fresh_state()
    words = words_of(records(runs, parameters))
    for run in range(runs):
        start_run(state, world.template, np.uint64(run), words[run])
        for t in range(world.quarters):
            quarter(state, t)
            visit(state, run, t)
    return world


def small_world(sectors: list[tuple[str, str, float]], phase_kt: float = 800.0, governance: str = "majority",
                lenders_meur: float = 50_000.0, network_grant_meur: float = 0.0) -> Scenario:  # fmt: skip
    """A cluster of plants (sector, technology, kt of product) with a CO2 network, one lender and one government."""
    plants = []
    for number, (sector, technology, capacity) in enumerate(sectors):
        row = next(row for row in TABLES.technologies if row.sector == sector and row.technology == technology)
        plants.append(
            Plant(
                id=f"plant-{number:02d}", name=f"Plant {number}", sector=sector, technology=technology,
                capacity_kt_per_year=capacity, scope1_kt_per_year=capacity * row.co2_direct_t_per_unit,
            )
        )  # fmt: skip
    network = {
        "id": "co2", "name": "CO2 network", "kind": "co2_ts", "phase_per_year": phase_kt, "capex_meur": 250.0,
        "scale_exponent": 0.6, "opex_share_per_year": 0.03, "lead_quarters": 12, "life_years": 30,
        "tariff_cap_eur_per_unit": 60.0, "service_eur_per_unit": 25.0, "first_season_year": 2026,
        "grant_meur": network_grant_meur, **SOURCE,
    }  # fmt: skip
    lender = {
        "id": "bank", "name": "Bank", "kind": "commercial", "capital_meur": lenders_meur, "base_rate_pct": 6.0,
        "ticket_max_meur": 10_000.0, **SOURCE,
    }  # fmt: skip
    government = {
        "id": "state", "name": "State", "level": "state", "sets_carbon_price": True, "awards_support": True,
        "governs_pact": True, "first_election_year": 2027, **SOURCE,
    }  # fmt: skip
    file = ClusterFile.model_validate(
        {
            "name": "small", "title": "Small world", "base_year": 2024, "governance": governance,
            "milestones": {"2030": 0.5, "2050": 1.0}, "network": [network], "financier": [lender],
            "government": [government],
        }
    )  # fmt: skip
    return Scenario(Path("."), file, tuple(plants), TABLES, LIBRARY, LAW)
