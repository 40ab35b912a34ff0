"""How work scales over threads and Dask's workers, and what a shard costs: writes `benchmarks/scaling-N-cores.md`.

Run on an otherwise idle machine: python -m benchmarks.scaling (about 15 minutes on two cores). Every figure is a median of
rounds. --cores, --runs, --shard, --rounds and --pairs fit it to a larger machine.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SMALL = 50
LONGER = 2  #: Dask's price is measured on twice the runs, in pairs with threads, one after the other
FEWER = 4  #: the price of a shard is measured on a quarter of the runs

EXECUTORS = ("local", "dask")

Place = tuple[str, int]  #: executor, workers
Job = tuple[str, int, int, int]  #: executor, workers, runs per policy, runs per shard
Figures = dict[str, float]  #: what `measure` finds

RUN = """
import json, sys, time
from pathlib import Path
from clusterpact.experiments.running.executors import make_executor
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import world_of
name, workers, runs, shard, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])
experiment = load_experiment("dunkirk", runs=runs, recording="outcomes")
warm_up(world_of(experiment, 0))
started = time.perf_counter()
run_experiment(experiment, folder, RunOptions(executor=make_executor(name, workers, workers), shard_runs=shard))
whole = time.perf_counter() - started
entries = [json.loads(path.read_text()) for path in (folder / "ledger").iterdir()]
ends = [entry["finished"] for entry in entries]
work = max(ends) - min(entry["finished"] - entry["seconds"] for entry in entries)
print(json.dumps({"whole": whole, "work": work, "shards": len(entries), "busy": sum(e["seconds"] for e in entries)}))
"""


def measure(job: Job) -> Figures:
    """Seconds in all (start of workers and merging included), at work (first shard to last), and busy in the shards."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", RUN, *(str(part) for part in job), f"{folder}/r"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    return json.loads(answer.stdout.splitlines()[-1])


def powers_of_two(most: int) -> list[int]:
    """1, 2, 4, … up to `most`."""
    return [1 << power for power in range(most.bit_length())]


@dataclass(frozen=True)
class Plan:
    """What is asked: cores of this machine, runs per policy, runs per shard, rounds of all jobs, pairs with Dask."""

    cores: int
    runs: int
    shard: int
    rounds: int
    pairs: int

    def places(self) -> list[Place]:
        """Threads up to the cores, Dask's workers up to four at least."""
        threads = [("local", count) for count in powers_of_two(self.cores)]
        return threads + [("dask", count) for count in powers_of_two(max(4, self.cores))]

    def strong(self) -> dict[Place, Job]:
        """The same work in every place."""
        return {place: (*place, self.runs, self.shard) for place in self.places()}

    def weak(self) -> dict[Place, Job]:
        """Work in proportion to the place."""
        return {place: (*place, self.runs * place[1] // self.cores, self.shard) for place in self.places()}

    def small(self) -> dict[str, Job]:
        """Fewer runs in many small shards, by executor."""
        return {name: (name, self.cores, self.runs // FEWER, SMALL) for name in EXECUTORS}


def read_plan() -> Plan:
    """The plan that the command line asks for."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, usual in (("cores", 2), ("runs", 2000), ("shard", 1000), ("rounds", 3), ("pairs", 5)):
        options.add_argument(f"--{name}", type=int, default=usual)
    return Plan(**vars(options.parse_args()))


def measure_all(plan: Plan) -> dict[Job, Figures]:
    """Medians of rounds over all jobs, so that a slow phase of the machine meets every job alike."""
    jobs = list(dict.fromkeys([*plan.strong().values(), *plan.weak().values(), *plan.small().values()]))
    rounds = []
    for number in range(plan.rounds):
        found = {}
        for job in jobs:
            found[job] = measure(job)
            print(number + 1, *job, found[job], file=sys.stderr, flush=True)
        rounds.append(found)
    return {job: {key: statistics.median(r[job][key] for r in rounds) for key in rounds[0][job]} for job in jobs}


def measure_pairs(plan: Plan) -> list[float]:
    """Dask's seconds at work for those of as many threads, one after the other, on more runs."""
    long = (plan.cores, LONGER * plan.runs, plan.shard)
    return [measure(("dask", *long))["work"] / measure(("local", *long))["work"] for _ in range(plan.pairs)]


def strong_rows(plan: Plan, medians: dict[Job, Figures]) -> list[str]:
    """Rows of the table of the same work on more."""
    strong = {place: medians[job] for place, job in plan.strong().items()}
    base = strong["local", 1]["work"]
    return [
        f"| {name} x {count} | {m['work']:.1f} | {base / m['work']:.2f} | {m['whole']:.1f} |"
        for (name, count), m in strong.items()
    ]


def weak_rows(plan: Plan, medians: dict[Job, Figures]) -> list[str]:
    """Rows of the table of work in proportion."""
    weak = {place: medians[job] for place, job in plan.weak().items()}
    start = {name: weak[name, 1]["work"] for name in EXECUTORS}
    return [
        f"| {name} x {count} | {4 * plan.runs * count // plan.cores:,} | {m['work']:.1f} | {start[name] / m['work']:.2f} |"
        for (name, count), m in weak.items()
    ]


def cost_rows(plan: Plan, medians: dict[Job, Figures]) -> list[str]:
    """Rows of the table of what a shard costs: time beyond that of the same work in large shards."""
    rows = []
    for name in EXECUTORS:
        large, small = medians[plan.strong()[name, plan.cores]], medians[plan.small()[name]]
        more = small["shards"] - large["shards"] / FEWER
        extra = 1000 * plan.cores * (small["work"] - large["work"] / FEWER) / more
        rows.append(f"| {name} | {small['shards']:.0f} | {small['work']:.1f} | {extra:.0f} |")
    return rows


def page_of(plan: Plan, medians: dict[Job, Figures], pairs: list[float]) -> str:
    """The page, as Markdown."""
    cores, runs, shard = plan.cores, plan.runs, plan.shard
    over = 100 * (statistics.median(pairs) - 1)
    spread = ", ".join(f"{100 * (pair - 1):+.0f}" for pair in sorted(pairs))
    alone = medians[plan.strong()["local", 1]]
    seconds = alone["busy"] / alone["shards"]
    machine = f"{platform.platform()}, Python {platform.python_version()}, NumPy {np.__version__}"
    crowded = plan.places()[-1][1] > cores
    return f"""# Scaling, measured on {cores} cores

{machine}; shared with others: read the ratios.
Dunkirk, 4 policies x {runs:,} runs, `--recording outcomes`, shards of {shard:,} runs ({seconds:.1f} s each); medians of
{plan.rounds} rounds. Written by `python -m benchmarks.scaling`.

## Strong: the same work on more

| where | seconds at work | against one thread | seconds in all |
|---|---|---|---|
{chr(10).join(strong_rows(plan, medians))}

{"More workers than cores show what sharing costs, not what more cores give." if crowded else ""}

Dask's {cores} workers against {cores} threads on {LONGER} times the runs, {plan.pairs} pairs one after the other:
{over:+.0f} % at work ({spread}).

## Weak: work in proportion

| where | runs in all | seconds at work | efficiency |
|---|---|---|---|
{chr(10).join(weak_rows(plan, medians))}

## What a shard costs

A quarter of that work in shards of {SMALL} runs, on {cores} threads or workers, against its time in shards of {shard:,}:

| where | shards | seconds at work | ms of a core per shard |
|---|---|---|---|
{chr(10).join(cost_rows(plan, medians))}
"""


def main() -> None:
    """Measure and write the page."""
    plan = read_plan()
    page = page_of(plan, measure_all(plan), measure_pairs(plan))
    Path(__file__).with_name(f"scaling-{plan.cores}-cores.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
