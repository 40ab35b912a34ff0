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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import instructions, rules
from benchmarks.growth import agents_in, growth, growth_rows, peak_memory, runner
from benchmarks.timing import median, processor, rounds, seconds
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import parameters_of, world_of

ROOT = Path(__file__).resolve().parent.parent


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
    rules.run_in_mesa(1)
    compiled = median(lambda: rules.run_in_mesa(1), repeats)
    rules.run_in_kernel(50)
    kernel = median(lambda: rules.run_in_kernel(50), repeats) / 50
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.rules"]
    answers = []
    for _ in range(3):
        answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        answers.append([float(x) for x in answer.stdout.split()])
    total, calls, draw = (statistics.median(column) for column in zip(*answers, strict=True))
    return {
        "mesa": rules.steps_of_a_run() / compiled,
        "plain": rules.steps_of_a_run() / total,
        "draw_share": calls * draw / total,
        "ratio": total / kernel,
        "ratio_without_draws": (total - calls * draw) / kernel,
    }


def start_times(repeats: int) -> dict[str, float]:
    """Wall time of `clusterpact run dunkirk --runs 100`: with nothing compiled, then warm; of `--help` and of an import."""
    command = [sys.executable, "-m", "clusterpact"]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"XDG_CACHE_HOME": folder, "PYTHONPATH": str(ROOT)}

        def call(*words: str) -> float:
            return process(*command, *words)

        def process(*words: str) -> float:
            return seconds(lambda: subprocess.run(words, check=True, env=environment, cwd=folder, capture_output=True))

        cold = call("run", "dunkirk", "--runs", "100", "--out", f"{folder}/cold")
        warm = [call("run", "dunkirk", "--runs", "100", "--out", f"{folder}/warm{k}") for k in range(repeats)]
        help_ = [call("--help") for _ in range(repeats)]
        import_ = [process(sys.executable, "-c", "import clusterpact") for _ in range(repeats)]
    middle = {name: statistics.median(times) for name, times in (("warm", warm), ("help", help_), ("import", import_))}
    return {"cold": cold} | middle


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
        "agent-steps/s (by policy) | 8 million |",
        instructions.row(found["instructions"]),
        f"| two threads against one | {k['two_threads']:.2f} x | 1.7 x |",
        f"| Mesa driver, compiled rules | {m['mesa']:,.0f} agent-steps/s | |",
        f"| Mesa driver, the same rules as plain Python | {m['plain']:,.0f} agent-steps/s | |",
        f"| … share of that time in random draws | {100 * m['draw_share']:.0f} % | |",
        f"| kernel against plain Python | {m['ratio']:,.0f} x ({m['ratio_without_draws']:,.0f} x with the draws' time taken "
        "off plain Python) | 300 x |",
        f"| `clusterpact run dunkirk --runs 100`, nothing compiled | {s['cold']:.0f} s | 40 s |",
        f"| the same, warm | {s['warm']:.1f} s | 2 s |",
        f"| `clusterpact --help` | {s['help']:.2f} s | 0.2 s |",
        f"| a Python that does `import clusterpact` | {s['import']:.2f} s | 0.3 s |",
        *(f"| peak memory, {runs:,} runs x 4 policies | {mib:,.0f} MiB | flat |" for runs, mib in memory["peak"]),
        "",
        "Growth: time per unit relative to the smallest case, so that linear growth reads as 1 (to reach: within 15 %); in",
        "brackets between two of the ordered values, which hold the median with 95 % or more:",
        "",
        *growth_rows(g),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure everything, print the page and write it beside this file."""
    parser = argparse.ArgumentParser(description="Measure speed and memory; write benchmarks/results.md.")
    parser.add_argument("--repeats", type=rounds, default=7, help="measurements per median, at least 6")
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
