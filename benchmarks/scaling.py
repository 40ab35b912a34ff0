"""How work scales over threads and Dask's workers, and what a shard costs: writes `benchmarks/scaling.md`.

Run on an otherwise idle machine: python -m benchmarks.scaling (about 15 minutes). Every figure is a median of three.
"""

import json
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PAGE = Path(__file__).with_name("scaling.md")
REPEATS = 1
RUNS = 1000  #: per policy, four policies
SHARD = 500  #: runs: a shard of about two seconds on one of these cores
SMALL = 50

RUN = """
import json, sys, time
from pathlib import Path
from experiments.batch import make_executor
from experiments.executors import warm_up
from experiments.experiment import load_experiment
from experiments.session import run_experiment
from experiments.shards import world_of
name, workers, runs, shard, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])
experiment = load_experiment("dunkirk", runs=runs, recording="outcomes")
warm_up(world_of(experiment, 0))
started = time.perf_counter()
run_experiment(experiment, folder, shard_runs=shard, executor=make_executor(name, workers, workers, None, {}))
whole = time.perf_counter() - started
entries = [json.loads(path.read_text()) for path in (folder / "ledger").iterdir()]
ends = [entry["finished"] for entry in entries]
work = max(ends) - min(entry["finished"] - entry["seconds"] for entry in entries)
print(json.dumps({"whole": whole, "work": work, "shards": len(entries), "busy": sum(e["seconds"] for e in entries)}))
"""


def measure(executor: str, workers: int, runs: int, shard: int) -> dict[str, float]:
    """Medians of seconds in all (start of workers and merging included), at work (first shard to last), and busy."""
    found = []
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", RUN, executor, str(workers), str(runs), str(shard), f"{folder}/r"]
            answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PAGE.parents[1])
            found.append(json.loads(answer.stdout.splitlines()[-1]))
    return {key: statistics.median(entry[key] for entry in found) for key in found[0]}


def main() -> None:
    """Measure, and write the page."""
    strong = {place: measure(*place, RUNS, SHARD) for place in
              (("local", 1), ("local", 2), ("dask", 1), ("dask", 2), ("dask", 4))}  # fmt: skip
    weak = {place: measure(*place, RUNS * place[1] // 2, SHARD // 2 * place[1]) for place in
            (("local", 1), ("local", 2), ("dask", 1), ("dask", 2), ("dask", 4))}  # fmt: skip
    small = {name: measure(name, 2, RUNS, SMALL) for name in ("local", "dask")}
    base = strong["local", 1]["work"]
    rows = [
        f"| {name} x {count} | {m['work']:.1f} | {base / m['work']:.2f} | {m['whole']:.1f} |"
        for (name, count), m in strong.items()
    ]
    start = {name: weak[name, 1]["work"] for name in ("local", "dask")}
    weak_rows = [f"| {name} x {count} | {4 * RUNS * count // 2:,} | {m['work']:.1f} | {start[name] / m['work']:.2f} |"
                 for (name, count), m in weak.items()]  # fmt: skip
    costs = []
    for name in ("local", "dask"):
        large = strong[name, 2]
        extra = 1000 * (small[name]["work"] - large["work"]) * 2 / (small[name]["shards"] - large["shards"])
        costs.append(f"| {name} | {small[name]['shards']:.0f} | {small[name]['work']:.1f} | {extra:.0f} |")
    over = 100 * (strong["dask", 2]["work"] / strong["local", 2]["work"] - 1)
    machine = f"{platform.platform()}, Python {platform.python_version()}, NumPy {np.__version__}"
    page = f"""# Scaling, measured

{machine}; 2 cores, shared with others: read the ratios. Dunkirk, 4 policies x {RUNS:,} runs,
`--recording outcomes`, shards of {SHARD} runs; medians of {REPEATS}. Written by `make bench-scaling`.

## Strong: the same work on more

| where | seconds at work | against one thread | seconds in all |
|---|---|---|---|
{chr(10).join(rows)}

Dask's two workers against two threads: {over:+.0f} % at work. Four workers share two cores here: they show what sharing
costs, not what four cores give.

## Weak: work in proportion

| where | runs in all | seconds at work | efficiency |
|---|---|---|---|
{chr(10).join(weak_rows)}

## What a shard costs

The same work in shards of {SMALL} runs, on two threads or workers:

| where | shards | seconds at work | ms of a core per shard |
|---|---|---|---|
{chr(10).join(costs)}
"""
    PAGE.write_text(page, encoding="utf-8")
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
