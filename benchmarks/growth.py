"""How time and memory grow: larger clusters, plants of more units, more clusters, runs and years, made of Dunkirk."""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import Interval, Work, interleaved
from clusterpact.agents.records import RECORDS
from clusterpact.policies.package import library_package
from clusterpact.sim.runs import RunArrays, simulate
from clusterpact.sim.scenario import CLUSTERS, GROUP_FILE, Scenario, read_scenario
from clusterpact.sim.units import OF, UNITS_FILE, Unit
from clusterpact.sim.world import World, build_world, parameter_records

ROOT = Path(__file__).resolve().parent.parent
DUNKIRK = CLUSTERS / "dunkirk"
PACKAGE = "four-pillars"
FIRST_YEAR, LAST_YEAR, SEED = 2025, 2050, 42

COPIES = (1, 4, 16, 64)  #: of every plant of Dunkirk, in one cluster
UNITS = (1, 2, 4, 8)  #: of every plant
SEVERAL = (1, 2, 4, 8)  #: clusters in one world
RUNS = (25, 100, 400, 1600)
LAST_YEARS = (2030, 2040, 2050, 2060)
AT_ONCE = 64  #: runs of the smallest world in one measurement; of larger ones fewer, so that all take about as long

NAMED = re.compile(r'^name = "dunkirk"$', re.M)

Row = tuple[int, Interval]

PEAK = """
import sys
from pathlib import Path
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
options = RunOptions(threads=2, shard_runs=int(sys.argv[3]) or None)
run_experiment(load_experiment("dunkirk", runs=int(sys.argv[1])), Path(sys.argv[2]) / "r", options)
lines = Path("/proc/self/status").read_text().splitlines()  # not getrusage: that counts the parent too
print(int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024)
"""


def agents_in(world: World) -> int:
    """Agents of all kinds in a world."""
    return sum(len(getattr(world.template, kind.array)) for kind in RECORDS.values() if kind.agent)


def world_of(scenario: Scenario, last_year: int = LAST_YEAR) -> World:
    """The world of a scenario under the package that is measured."""
    return build_world(scenario, library_package(PACKAGE), FIRST_YEAR, last_year, SEED)


def runner(world: World, parameters: np.recarray) -> Callable[[], None]:
    """A function that runs all parameters once, with everything recorded, in memory of its own."""
    state, arrays = world.fresh_state(), RunArrays.empty(len(parameters), world)
    numbers = np.arange(len(parameters), dtype=np.uint64)

    def run() -> None:
        simulate(world, parameters, numbers, state, arrays)

    run()
    return run


def larger(scenario: Scenario, copies: int) -> Scenario:
    """The scenario with every plant, its projects and its owner so many times, and all else in proportion.

    Otherwise a network would be full, or decided at once, in a large cluster, and its firms would do other things.
    """
    plants, projects = [], []
    for number in range(copies):
        plants += [_copy_of(plant, number) for plant in scenario.plants]
        projects += [
            project.model_copy(update={"plant": _tagged(project.plant, number)})
            for project in scenario.projects
            if project.plant
        ]
    sizes = ("phase_per_year", "capex_meur", "grant_meur", "spare_per_year", "limit_per_year")
    file = scenario.file.model_copy(update={
        "link": (),
        "network": tuple(_scaled(network, copies, sizes) for network in scenario.file.network),
        "resource": tuple(_scaled(resource, copies, ("available_per_year",)) for resource in scenario.file.resource),
        "financier": _lenders(scenario, copies),
    })  # fmt: skip
    projects += [project for project in scenario.projects if project.network]
    buyers = tuple(_scaled(buyer, copies, ("volume_kt_per_year",)) for buyer in scenario.buyers)
    plants.sort(key=lambda plant: (plant.site, plant.id))
    owners = {_tagged(key, number): owner for key, owner in scenario.tables.owners.items() for number in range(copies)}
    return replace(scenario, file=file, plants=tuple(plants), projects=tuple(projects), buyers=buyers,
                   tables=replace(scenario.tables, owners=owners))  # fmt: skip


def _tagged(name: str, number: int) -> str:
    """The name of a copy; of none, if there is no name."""
    return f"{name}-{number:04d}" if name else name


def _copy_of(plant: Any, number: int) -> Any:
    """A plant, or a unit of one, under the names of a copy."""
    site = _tagged(plant.site, number)
    update = {"id": site, "owner": _tagged(plant.owner, number), "gas_from": _tagged(plant.gas_from, number)}
    if isinstance(plant, Unit):
        update |= {"id": f"{site}{OF}{plant.unit}", "plant": site}
    return plant.model_copy(update=update)


def _scaled(row: Any, factor: float, keys: tuple[str, ...]) -> Any:
    """A row with some of its figures times a factor, those that it states."""
    return row.model_copy(update={key: factor * value for key in keys if (value := getattr(row, key)) is not None})


def _lenders(scenario: Scenario, factor: float) -> tuple[Any, ...]:
    """The lenders of a scenario with so much more to lend."""
    return tuple(_scaled(lender, factor, ("capital_meur", "ticket_max_meur")) for lender in scenario.file.financier)


def divided(units: int, folder: Path) -> Scenario:
    """Dunkirk without projects in hand, every plant as so many equal units; written into a new folder and read."""
    shutil.copytree(DUNKIRK, folder, ignore=shutil.ignore_patterns("projects.csv"))
    with (DUNKIRK / "firms.csv").open(encoding="utf-8", newline="") as file:
        plants = [*csv.DictReader(file)]
    columns = ("capacity_kt_per_year", "capacity_gwh_per_year")
    with (folder / UNITS_FILE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("plant", "unit", "name", *columns))
        for plant in plants:
            capacity = [float(plant[column]) / units if plant[column] else "" for column in columns]
            table.writerows((plant["id"], f"u-{number}", f"Unit {number}", *capacity) for number in range(units))
    return read_scenario(folder)


def several(clusters: int, folder: Path) -> Scenario:
    """So many copies of Dunkirk in one world, with lenders in proportion; written into a new folder and read."""
    names = [f"dunkirk-{number}" for number in range(clusters)]
    for name in names:
        shutil.copytree(DUNKIRK, folder / name)
        path = folder / name / "cluster.toml"
        text = path.read_text(encoding="utf-8")
        renamed, found = NAMED.subn(f'name = "{name}"', text, count=1)
        if not found:
            raise RuntimeError(f"{DUNKIRK / 'cluster.toml'} has another name than dunkirk")
        path.write_text(renamed, encoding="utf-8")
    listed = ", ".join(f'"{name}"' for name in names)
    (folder / GROUP_FILE).write_text(f'name = "several"\ntitle = "Several"\nclusters = [{listed}]\n', encoding="utf-8")
    scenario = read_scenario(folder)
    return replace(scenario, file=scenario.file.model_copy(update={"financier": _lenders(scenario, clusters)}))


def compared(worlds: list[World], repeats: int) -> list[Interval]:
    """Time of a run of each world relative to the first."""
    sizes = [agents_in(world) * world.quarters for world in worlds]
    runs = [max(1, AT_ONCE * sizes[0] // size) for size in sizes]
    works: list[Work] = [runner(world, parameter_records({}, count)) for world, count in zip(worlds, runs, strict=True)]
    ratios = interleaved(works, repeats)
    return [ratio.times(runs[0] / count) for ratio, count in zip(ratios, runs, strict=True)]


def per(counts: list[int], ratios: list[Interval]) -> list[Row]:
    """Ratios of whole times as those of the time per unit of what is counted, so that linear growth reads as 1."""
    return [(count, ratio.times(counts[0] / count)) for count, ratio in zip(counts, ratios, strict=True)]


def growth(repeats: int) -> dict[str, list[Row]]:
    """Time per firm, agent, unit, cluster, run and year relative to the smallest case; repeats: at least six."""
    scenario = read_scenario(DUNKIRK)
    found = {}
    worlds = [world_of(larger(scenario, copies)) for copies in COPIES]
    ratios = compared(worlds, repeats)
    found["firms"] = per([len(world.firm_ids) for world in worlds], ratios)
    found["agents"] = per([agents_in(world) for world in worlds], ratios)
    with tempfile.TemporaryDirectory() as place:
        worlds = [world_of(divided(units, Path(place) / f"units-{units}")) for units in UNITS]
        found["units"] = per([len(world.firm_ids) for world in worlds], compared(worlds, repeats))
        worlds = [world_of(several(count, Path(place) / f"several-{count}")) for count in SEVERAL]
        found["clusters"] = per([*SEVERAL], compared(worlds, repeats))
    world = world_of(scenario)
    found["runs"] = per([*RUNS], interleaved([runner(world, parameter_records({}, count)) for count in RUNS], repeats))
    worlds = [world_of(scenario, last) for last in LAST_YEARS]
    found["years"] = per([world.years for world in worlds], compared(worlds, repeats))
    return found


def growth_rows(found: dict[str, list[Row]]) -> list[str]:
    """The table of growth, in Markdown."""
    head = [f"{name} | time per {name.removesuffix('s')}" for name in found]
    lines = ["| " + " |   | ".join(head) + " |", "| " + " | ".join(["---"] * (3 * len(found) - 1)) + " |"]
    for rows in zip(*found.values(), strict=True):
        cells = [f"{count:,} | {ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" for count, ratio in rows]
        lines.append("| " + " |   | ".join(cells) + " |")
    return lines


def peak_memory(runs: int, shard_runs: int = 0) -> float:
    """Peak memory of `run` without figures, MiB; shard_runs: runs per shard (none: as `run` chooses, by their number)."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", PEAK, str(runs), folder, str(shard_runs)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(answer.stdout.splitlines()[-1])
