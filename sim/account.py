"""What each plant emits, buys, captures, sells, employs and adds: today, and at any moment of a run (docs/accounts.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusterpact.agents.vocabulary import CLOSED_DOWN, ELECTRICITY
from clusterpact.sim.amounts import Mark
from clusterpact.sim.arithmetic import straight
from clusterpact.sim.books import HEAT_LOSS, HOME_HEAT_MWH, HOME_POWER_KW, ORC_EFFICIENCY
from clusterpact.sim.cluster import GridFactor, Plant
from clusterpact.sim.options import COLD_SHARE, RECOVERY_HOURS
from clusterpact.sim.scenario import NO_LAW, Scenario
from clusterpact.sim.state import State
from clusterpact.sim.tables import Tables
from clusterpact.sim.world import build_world

WARM_HOURS = (1.0 - COLD_SHARE) * RECOVERY_HOURS  #: a year in which waste heat makes power
MARKS: tuple[Mark, ...] = ("published", "derived", "estimate")  #: from the strongest to the weakest

#: The account: every quantity with its unit.
UNITS = {
    "scope1_kt": "kt CO2e/year", "scope2_kt": "kt CO2e/year", "captured_kt": "kt CO2/year",
    "electricity_bought_gwh": "GWh/year", "heat_sold_gwh": "GWh/year", "heat_power_gwh": "GWh/year",
    "homes_heated": "homes", "homes_powered": "homes",
    "jobs_direct": "jobs", "jobs_indirect": "jobs", "jobs_induced": "jobs", "jobs_total": "jobs",
    "gva_direct_meur": "MEUR/year", "gva_indirect_meur": "MEUR/year", "gva_induced_meur": "MEUR/year",
    "gva_total_meur": "MEUR/year",
}  # fmt: skip


def weakest(*marks: Mark | None) -> Mark:
    """The weakest of some marks; a figure without one counts as an estimate."""
    return max((mark or "estimate" for mark in marks), key=MARKS.index, default="estimate")


def grid_factor(factors: Sequence[GridFactor], year: int) -> float:
    """Emission factor of bought electricity, t/MWh: linear between the years given, constant beyond, NaN if none is."""
    rows = sorted(factors, key=lambda row: row.year)
    if not rows:
        return float("nan")
    return straight(year, [row.year for row in rows], [row.t_per_mwh for row in rows])


def grid_mark(factors: Sequence[GridFactor], year: int) -> Mark:
    """Mark of the emission factor of a year: the weakest of the rows that it lies between."""
    rows = sorted(factors, key=lambda row: row.year)
    before = [row for row in rows if row.year <= year][-1:]
    after = [row for row in rows if row.year >= year][:1]
    return weakest(*(row.mark for row in before + after))


@dataclass(frozen=True)
class Roster:
    """What firm records do not hold: each firm's plant and cluster, and how its spill-over splits; shapes (firms,)."""

    clusters: tuple[Scenario, ...]
    plants: tuple[Plant, ...]
    cluster: np.ndarray
    jobs_indirect_share: np.ndarray
    gva_indirect_share: np.ndarray

    @classmethod
    def of(cls, scenario: Scenario, cluster: np.ndarray) -> "Roster":
        """The roster of a scenario whose firm records belong to these clusters (their rows)."""
        clusters = scenario.clusters
        queues = [iter(part.plants) for part in clusters]
        plants = tuple(next(queues[row]) for row in cluster)
        economy = [clusters[row].tables.economy[plant.sector] for row, plant in zip(cluster, plants, strict=True)]
        return cls(clusters, plants, np.asarray(cluster), np.array([row.jobs_indirect_share for row in economy]),
                   np.array([row.gva_indirect_share for row in economy]))  # fmt: skip

    def grid_factors(self, year: int) -> np.ndarray:
        """Emission factor of the electricity that each firm buys in a year, t/MWh; NaN where its cluster gives none."""
        return np.array([grid_factor(part.file.grid_factor, year) for part in self.clusters])[self.cluster]


def plant_quantities(state: State, roster: Roster, year: int) -> dict[str, np.ndarray]:
    """The account of every firm as the records stand, as yearly rates of what it makes now; each of shape (firms,).

    Plants that are announced and not built, that closed or that have stopped count nothing (gases of a works that are flared
    in a closed plant's place stay its emissions). scope2_kt is NaN where the cluster gives no grid factor.
    """
    firms = state.firms
    built = (firms.planned == 0) | (firms.switched == 1)
    runs = built & (firms.stage != CLOSED_DOWN) & (firms.stopped == 0)
    made = firms.output * runs
    options = state.options[firms.option]
    to_networks = COLD_SHARE * options.heat_gwh * (1.0 - HEAT_LOSS) * made
    heat = to_networks.copy()
    for link in state.links[(state.links.formed_quarter >= 0) & (state.links.ended == 0)]:
        heat[link.source] += link.heat_gwh * runs[link.sink]  # all year: its taker saves the gas of all of it
    warm_power = (1.0 - COLD_SHARE) * options.heat_gwh * ORC_EFFICIENCY * made
    jobs, gva = firms.jobs * made, firms.gva_meur * made
    more_jobs, more_gva = jobs * (firms.jobs_multiplier - 1.0), gva * (firms.gva_multiplier - 1.0)
    bought = np.maximum(0.0, options.energy_gwh[:, ELECTRICITY]) * made
    return {
        "scope1_kt": firms.emission_kt * built,
        "scope2_kt": bought * roster.grid_factors(year),
        "captured_kt": options.captured_kt * made,
        "electricity_bought_gwh": bought,
        "heat_sold_gwh": heat,
        "heat_power_gwh": warm_power,
        "homes_heated": 1000.0 * to_networks / HOME_HEAT_MWH,
        "homes_powered": 1e6 * warm_power / WARM_HOURS / HOME_POWER_KW,
        "jobs_direct": jobs,
        "jobs_indirect": more_jobs * roster.jobs_indirect_share,
        "jobs_induced": more_jobs * (1.0 - roster.jobs_indirect_share),
        "jobs_total": jobs * firms.jobs_multiplier,
        "gva_direct_meur": gva,
        "gva_indirect_meur": more_gva * roster.gva_indirect_share,
        "gva_induced_meur": more_gva * (1.0 - roster.gva_indirect_share),
        "gva_total_meur": gva * firms.gva_multiplier,
    }


def plant_marks(plant: Plant, tables: Tables, grid: Mark) -> dict[str, Mark]:
    """What every figure of a plant's account rests on: the weakest mark of its factors; a product is at best derived."""
    economy = tables.economy[plant.sector]
    technology = next(row for row in tables.of_sector(plant.sector) if row.technology == plant.technology)
    process = weakest("derived", plant.capacity_mark, technology.mark)
    gva = (
        weakest("derived", plant.capacity_mark, economy.mark) if plant.gva_meur_per_year is None else weakest(plant.gva_mark)
    )
    jobs = gva if plant.jobs is None else weakest(plant.jobs_mark)
    spilled = weakest("derived", jobs, economy.mark)
    marks: dict[str, Mark] = dict.fromkeys(UNITS, process)
    marks |= {name: weakest("derived", gva, economy.mark) for name in UNITS if name.startswith("gva_")}
    marks |= {name: spilled for name in UNITS if name.startswith("jobs_")}
    return marks | {
        "scope1_kt": weakest(plant.scope1_mark),
        "scope2_kt": weakest(process, grid),
        "captured_kt": weakest("derived", plant.scope1_mark, technology.mark),
        "homes_heated": "estimate",
        "homes_powered": "estimate",
        "jobs_direct": jobs,
        "gva_direct_meur": gva,
    }


def power_sellers(scenario: Scenario) -> list[str]:
    """Ids of the plants whose product is power: the tables give none that they buy, and what they sell is not counted."""
    return [
        site
        for part in scenario.clusters
        for site, units in part.sites.items()
        if any(row.unit == "MWh_e" for row in part.tables.of_sector(units[0].sector))
    ]


def account_today(scenario: Scenario) -> pd.DataFrame:
    """The account of every plant that runs in its cluster's base year, a row per plant (all its units) and quantity.

    Columns: cluster, name (the plant's id), sector, quantity, unit, year, value, mark. The values are those that a run
    starts from.
    """
    rows = []
    for part in scenario.clusters:
        year = part.file.base_year
        template = build_world(part, NO_LAW, year, year, seed=0).template
        values = plant_quantities(template, Roster.of(part, np.zeros(len(part.plants), int)), year)
        grid = grid_mark(part.file.grid_factor, year)
        places = {plant.id: i for i, plant in enumerate(part.plants)}
        for site, units in part.sites.items():
            if units[0].status == "operating":
                own = [places[unit.id] for unit in units]
                marks = [plant_marks(unit, part.tables, grid) for unit in units]
                head = (part.file.name, site, units[0].sector)
                rows += [(*head, name, unit, year, float(values[name][own].sum()), weakest(*(mark[name] for mark in marks)))
                         for name, unit in UNITS.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=["cluster", "name", "sector", "quantity", "unit", "year", "value", "mark"])
