"""Measures what the project promises about speed and memory, and writes `benchmarks/results.md`.

    make bench            (about fifteen minutes)

One agent-step is one agent of any kind advanced by one quarter. Medians of repeated measurements; ratios of two are taken
pair by pair, since the machines are shared. Nothing here is a test: tests never look at a clock.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import instructions
from clusterpact.agents.records import RECORDS
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import parameters_of, world_of
from clusterpact.policies.package import library_package
from clusterpact.sim.runs import RunArrays, simulate
from clusterpact.sim.scenario import CLUSTERS, Scenario, read_scenario
from clusterpact.sim.world import World, build_world, parameter_records

ROOT = Path(__file__).resolve().parent.parent

PLAIN = """
import time
import numba
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from clusterpact.policies.package import library_package
import clusterpact.agents.chance as chance
world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("pact"), 2025, 2050, 42)
started = time.perf_counter()
model = ClusterModel(world, 0).run()
total = time.perf_counter() - started
calls = 0
plain = chance.philox4x32
def counted(*words):
    global calls
    calls += 1
    return plain(*words)
chance.philox4x32 = counted
ClusterModel(world, 0).run()
import numpy as np
words = [np.uint64(k) for k in range(6)]
started = time.perf_counter()
for _ in range(2000):
    plain(*words)
draw = (time.perf_counter() - started) / 2000
print(total, calls, draw)
"""


def agents_in(world: World) -> int:
    """Agents of all kinds in a world."""
    return sum(len(getattr(world.template, kind.array)) for kind in RECORDS.values() if kind.agent)


def runner(world: World, parameters: np.recarray) -> Callable[[], None]:
    """A function that runs all parameters once, with everything recorded, in memory of its own."""
    state, arrays = world.fresh_state(), RunArrays.empty(len(parameters), world)
    numbers = np.arange(len(parameters), dtype=np.uint64)

    def run() -> None:
        simulate(world, parameters, numbers, state, arrays)

    run()
    return run


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median(work: Callable[[], object], repeats: int) -> float:
    """Median wall time of repeated calls."""
    return statistics.median(seconds(work) for _ in range(repeats))


def kernel_speed(repeats: int) -> dict[str, float]:
    """Agent-steps per second of one core, per policy of the Dunkirk experiment, and two threads against one."""
    experiment = load_experiment("dunkirk", runs=200)
    speeds = []
    for policy in range(len(experiment.policies)):
        world = world_of(experiment, policy)
        run = runner(world, parameters_of(experiment, 0, 200))
        speeds.append(200 * world.quarters * agents_in(world) / median(run, repeats))
    world = world_of(experiment, 0)
    pair = [runner(world, parameters_of(experiment, 200 * k, 200)) for k in range(2)]
    ratios = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(2 * repeats):
            one = seconds(pair[0]) + seconds(pair[1])
            two = seconds(lambda: list(pool.map(lambda run: run(), pair)))
            ratios.append(one / two)
    return {"lowest": min(speeds), "highest": max(speeds), "two_threads": statistics.median(ratios)}


def mesa_speed(repeats: int) -> dict[str, float]:
    """The Mesa driver with compiled rules, and with the same rules as plain Python, in agent-steps per second."""
    from clusterpact.sim.model import ClusterModel

    world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("pact"), 2025, 2050, 42)
    steps = world.quarters * agents_in(world)
    compiled = median(lambda: ClusterModel(world, 0).run(), repeats)
    kernel = median(runner(world, parameter_records({}, 50)), repeats) / 50
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    answers = []
    for _ in range(3):
        answer = subprocess.run([sys.executable, "-c", PLAIN], check=True, capture_output=True, text=True, env=environment)
        answers.append([float(x) for x in answer.stdout.split()])
    total, calls, draw = (statistics.median(column) for column in zip(*answers, strict=True))
    return {
        "mesa": steps / compiled,
        "plain": steps / total,
        "draw_share": calls * draw / total,
        "ratio": total / kernel,
        "ratio_without_draws": (total - calls * draw) / kernel,
    }


def start_times(repeats: int) -> dict[str, float]:
    """Wall time of `clusterpact run dunkirk --runs 100`: with nothing compiled, then warm; and of `--help`."""
    command = [sys.executable, "-m", "clusterpact"]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"XDG_CACHE_HOME": folder, "PYTHONPATH": str(ROOT)}

        def call(*words: str) -> float:
            return seconds(
                lambda: subprocess.run([*command, *words], check=True, env=environment, cwd=folder, capture_output=True)
            )

        cold = call("run", "dunkirk", "--runs", "100", "--out", f"{folder}/cold")
        warm = [call("run", "dunkirk", "--runs", "100", "--out", f"{folder}/warm{k}") for k in range(repeats)]
        help_ = [call("--help") for _ in range(repeats)]
    return {"cold": cold, "warm": statistics.median(warm), "help": statistics.median(help_)}


def peak_memory(runs: int) -> float:
    """Peak memory of `run` without figures, MiB."""
    with tempfile.TemporaryDirectory() as folder:
        code = (
            "from pathlib import Path; from clusterpact.experiments.experiment import load_experiment; "
            "from clusterpact.experiments.running.session import RunOptions, run_experiment; "
            f"run_experiment(load_experiment('dunkirk', runs={runs}), Path({folder!r}) / 'r', RunOptions(threads=2)); "
            "lines = Path('/proc/self/status').read_text().splitlines(); "  # not getrusage: that counts the parent too
            "print(int(next(line.split()[1] for line in lines if line.startswith('VmHWM'))) / 1024)"
        )
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    return float(answer.stdout)


def larger(scenario: Scenario, firms: int) -> Scenario:
    """The scenario with its plants repeated until there are so many, and networks and lenders that grow with them.

    Otherwise a network would be full, or decided at once, in a large cluster, and its firms would do other things.
    """
    scale = firms / len(scenario.plants)
    plants = []
    for number in range(firms):
        plant = scenario.plants[number % len(scenario.plants)]
        plants.append(plant.model_copy(update={"id": f"{plant.id}-{number // len(scenario.plants):04d}"}))
    sizes = ("phase_per_year", "capex_meur", "grant_meur", "spare_per_year")
    networks = [net.model_copy(update={size: scale * getattr(net, size) for size in sizes}
                               | ({"limit_per_year": scale * net.limit_per_year} if net.limit_per_year else {}))
                for net in scenario.file.network]  # fmt: skip
    lenders = [lender.model_copy(update={"capital_meur": scale * lender.capital_meur,
                                         "ticket_max_meur": max(1.0, scale) * lender.ticket_max_meur})
               for lender in scenario.file.financier]  # fmt: skip
    file = scenario.file.model_copy(update={"link": (), "network": tuple(networks), "financier": tuple(lenders)})
    return replace(scenario, file=file, plants=tuple(sorted(plants, key=lambda plant: plant.id)))


def interleaved(works: list[Callable[[], None]], repeats: int) -> list[float]:
    """Time of each work relative to the first, measured in rounds of all of them: medians of the ratios within a round.

    The machines are shared and change their speed from minute to minute; within a round they hardly do.
    """
    rounds = []
    for _ in range(repeats):
        times = [seconds(work) for work in works]
        rounds.append([time / times[0] for time in times])
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def growth(repeats: int) -> dict[str, list[tuple[int, float]]]:
    """Time per firm, run and year relative to the smallest case, so that linear growth reads as 1."""
    scenario = read_scenario(CLUSTERS / "dunkirk")
    package = library_package("four-pillars")
    found = {}
    counts, works, agents = (25, 100, 400, 1600), [], []
    for count in counts:
        world = build_world(larger(scenario, count), package, 2025, 2050, 42)
        works.append(runner(world, parameter_records({}, 3200 // count)))
        agents.append(agents_in(world) / count)
    ratios = interleaved(works, repeats)
    found["firms"] = [(n, r) for n, r in zip(counts, ratios, strict=True)]
    found["agents"] = [(n, r * agents[0] / a) for n, r, a in zip(counts, ratios, agents, strict=True)]
    world = build_world(scenario, package, 2025, 2050, 42)
    counts = (50, 200, 800, 3200)
    ratios = interleaved([runner(world, parameter_records({}, n)) for n in counts], repeats)
    found["runs"] = [(n, r * counts[0] / n) for n, r in zip(counts, ratios, strict=True)]
    worlds = [build_world(scenario, package, 2025, last, 42) for last in (2030, 2040, 2050, 2060)]
    ratios = interleaved([runner(w, parameter_records({}, 200)) for w in worlds], repeats)
    found["years"] = [(w.years, r * worlds[0].years / w.years) for w, r in zip(worlds, ratios, strict=True)]
    return found


def processor() -> str:
    """Name of the processor and cores that this process may use."""
    name = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                 if line.startswith("model name")), "unknown")  # fmt: skip
    return f"{name}, {len(os.sched_getaffinity(0))} cores, shared"


def report(found: dict[str, dict]) -> str:
    """The measurements as a page of Markdown."""
    k, m, s, memory, g = (found[name] for name in ("kernel", "mesa", "start", "memory", "growth"))
    lines = [
        "# Measured speed and memory",
        "",
        f"Written by `make bench` on {time.strftime('%Y-%m-%d')}; {found['machine']['processor']}. Medians.",
        "",
        "| what | measured | to reach |",
        "| --- | --- | --- |",
        f"| kernel on Dunkirk, everything recorded, one core | {k['lowest'] / 1e6:.2f} to {k['highest'] / 1e6:.2f} million "
        "agent-steps/s (by policy) | 3 million |",
        instructions.row(found["instructions"]),
        f"| two threads against one | {k['two_threads']:.2f} x | 1.7 x |",
        f"| Mesa driver, compiled rules | {m['mesa']:,.0f} agent-steps/s | |",
        f"| Mesa driver, the same rules as plain Python | {m['plain']:,.0f} agent-steps/s | |",
        f"| … share of that time in random draws | {100 * m['draw_share']:.0f} % | |",
        f"| kernel against plain Python | {m['ratio']:,.0f} x ({m['ratio_without_draws']:,.0f} x with the draws' time taken "
        "off plain Python) | 300 x |",
        f"| `clusterpact run dunkirk --runs 100`, nothing compiled | {s['cold']:.0f} s | 60 s |",
        f"| the same, warm | {s['warm']:.1f} s | 4 s |",
        f"| `clusterpact --help` | {s['help']:.2f} s | 0.2 s |",
        *(f"| peak memory, {runs:,} runs x 4 policies | {mib:,.0f} MiB | flat |" for runs, mib in memory["peak"]),
        "",
        "Growth: time per unit relative to the smallest case, so that linear growth reads as 1 (to reach: within 15 %):",
        "",
        "| firms | time per firm |   | firms | time per agent |   | runs | time per run |   | years | time per year |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    columns = ("firms", "agents", "runs", "years")
    rows = max(len(g[name]) for name in columns)
    for row in range(rows):
        cells = []
        for name in columns:
            here = g[name][row] if row < len(g[name]) else None
            cells.append(f"{here[0]:,} | {here[1]:.2f}" if here else " | ")
        lines.append("| " + " |   | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure everything, print the page and write it beside this file."""
    parser = argparse.ArgumentParser(description="Measure speed and memory; write benchmarks/results.md.")
    parser.add_argument("--repeats", type=int, default=7, help="measurements per median")
    repeats = parser.parse_args().repeats
    found: dict[str, dict] = {
        "machine": {"processor": processor()},
        "kernel": kernel_speed(repeats),
        "instructions": instructions.instructions(),
        "mesa": mesa_speed(repeats),
        "start": start_times(min(5, repeats)),
        "growth": growth(repeats),
        "memory": {"peak": [(runs, peak_memory(runs)) for runs in (1_000, 20_000)]},
    }
    page = report(found)
    (ROOT / "benchmarks" / "results.md").write_text(page, encoding="utf-8")
    print(page)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
