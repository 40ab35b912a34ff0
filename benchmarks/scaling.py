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

NAMES = ("local", "dask")

Job = tuple[str, int, int, int]  #: executor, workers, runs per policy, runs per shard

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


def measure(job: Job) -> dict[str, float]:
    """Seconds in all (start of workers and merging included), at work (first shard to last), and busy in the shards."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", RUN, *(str(part) for part in job), f"{folder}/r"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    return json.loads(answer.stdout.splitlines()[-1])


def powers_of_two(most: int) -> list[int]:
    """1, 2, 4, … up to `most`."""
    return [1 << power for power in range(most.bit_length())]


@dataclass(frozen=True)
class Asked:
    """What is measured: cores, runs per policy, runs per shard, rounds of all jobs, and pairs of Dask and threads."""

    cores: int
    runs: int
    shard: int
    rounds: int
    pairs: int

    @property
    def places(self) -> list[tuple[str, int]]:
        """Executors with numbers of workers."""
        local = [("local", count) for count in powers_of_two(self.cores)]
        return local + [("dask", count) for count in powers_of_two(max(4, self.cores))]

    def strong(self, place: tuple[str, int]) -> Job:
        """The whole work, at one place."""
        return (*place, self.runs, self.shard)

    def weak(self, place: tuple[str, int]) -> Job:
        """Work in proportion to the workers."""
        return (*place, self.runs * place[1] // self.cores, self.shard)

    def small(self, name: str) -> Job:
        """A part of the work in small shards."""
        return (name, self.cores, self.runs // FEWER, SMALL)


def rounds_of(asked: Asked) -> dict[Job, dict[str, float]]:
    """Medians of every job over rounds of all jobs, so that a slow phase of the machine meets every job alike."""
    jobs = [*map(asked.strong, asked.places), *map(asked.weak, asked.places), *map(asked.small, NAMES)]
    rounds = []
    for number in range(asked.rounds):
        found = {}
        for job in dict.fromkeys(jobs):
            found[job] = measure(job)
            print(number + 1, *job, found[job], file=sys.stderr, flush=True)
        rounds.append(found)
    return {job: {key: statistics.median(r[job][key] for r in rounds) for key in rounds[0][job]} for job in rounds[0]}


def page_of(asked: Asked, medians: dict[Job, dict[str, float]], pairs: list[float]) -> str:
    """The measurements as a page of Markdown."""
    cores, runs, shard = asked.cores, asked.runs, asked.shard
    strong = {place: medians[asked.strong(place)] for place in asked.places}
    weak = {place: medians[asked.weak(place)] for place in asked.places}
    base = strong["local", 1]["work"]
    rows = [
        f"| {name} x {count} | {m['work']:.1f} | {base / m['work']:.2f} | {m['whole']:.1f} |"
        for (name, count), m in strong.items()
    ]
    start = {name: weak[name, 1]["work"] for name in NAMES}
    weak_rows = [
        f"| {name} x {count} | {4 * runs * count // cores:,} | {m['work']:.1f} | {start[name] / m['work']:.2f} |"
        for (name, count), m in weak.items()
    ]
    costs = [_cost_of_a_shard(name, cores, strong[name, cores], medians[asked.small(name)]) for name in NAMES]
    over = 100 * (statistics.median(pairs) - 1)
    spread = ", ".join(f"{100 * (pair - 1):+.0f}" for pair in sorted(pairs))
    seconds = strong["local", 1]["busy"] / strong["local", 1]["shards"]
    machine = f"{platform.platform()}, Python {platform.python_version()}, NumPy {np.__version__}"
    crowded = asked.places[-1][1] > cores
    return f"""# Scaling, measured on {cores} cores

{machine}; shared with others: read the ratios.
Dunkirk, 4 policies x {runs:,} runs, `--recording outcomes`, shards of {shard:,} runs ({seconds:.1f} s each); medians of
{asked.rounds} rounds. Written by `python -m benchmarks.scaling`.

## Strong: the same work on more

| where | seconds at work | against one thread | seconds in all |
|---|---|---|---|
{chr(10).join(rows)}

{"More workers than cores show what sharing costs, not what more cores give." if crowded else ""}

Dask's {cores} workers against {cores} threads on {LONGER} times the runs, {asked.pairs} pairs one after the other:
{over:+.0f} % at work ({spread}).

## Weak: work in proportion

| where | runs in all | seconds at work | efficiency |
|---|---|---|---|
{chr(10).join(weak_rows)}

## What a shard costs

A quarter of that work in shards of {SMALL} runs, on {cores} threads or workers, against its time in shards of {shard:,}:

| where | shards | seconds at work | ms of a core per shard |
|---|---|---|---|
{chr(10).join(costs)}
"""


def _cost_of_a_shard(name: str, cores: int, large: dict[str, float], small: dict[str, float]) -> str:
    """A row of the table of shards' costs: what a part of the work takes longer in small shards."""
    more = small["shards"] - large["shards"] / FEWER
    extra = 1000 * cores * (small["work"] - large["work"] / FEWER) / more
    return f"| {name} | {small['shards']:.0f} | {small['work']:.1f} | {extra:.0f} |"


def main() -> None:
    """Measure, print the page and write it beside this file."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, usual in (("cores", 2), ("runs", 2000), ("shard", 1000), ("rounds", 3), ("pairs", 5)):
        options.add_argument(f"--{name}", type=int, default=usual)
    asked = Asked(**vars(options.parse_args()))
    medians = rounds_of(asked)
    long = (asked.cores, LONGER * asked.runs, asked.shard)
    pairs = [measure(("dask", *long))["work"] / measure(("local", *long))["work"] for _ in range(asked.pairs)]
    page = page_of(asked, medians, pairs)
    place = Path(__file__).with_name(f"scaling-{asked.cores}-cores.md")
    place.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
