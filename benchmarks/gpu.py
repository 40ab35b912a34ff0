"""Measures `--executor gpu` on the card that is there: the same bits, runs a second, a million runs with their bands.

    python -m benchmarks.gpu --make card.ptx                    (anywhere, without a card: the code, so that no time is lost)
    python -m benchmarks.gpu --code card.ptx --out FOLDER       (beside a card; at most five minutes)

Writes `gpu.json` and, for benchmarks/results.md, `gpu.md` after every step, so that what was measured is there whatever
happens next. A step that would not fit into the time is left out, and said to be.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.experiments.gpu.batches import OUTPUTS, QUEUES, Batches, Extent
from clusterpact.experiments.gpu.card import Card, loaded
from clusterpact.experiments.gpu.code import ptx, sources_hash
from clusterpact.experiments.running.local import default_threads
from clusterpact.experiments.running.on_gpu import SHARD_RUNS, Gpu
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import Shard, inputs_of, is_by_plant, run_shard, world_of
from clusterpact.inputs import InputError
from clusterpact.sim.runs import RunArrays, words_of
from clusterpact.sim.world import World

SECONDS = 290.0
EXPERIMENT = "dunkirk"
COMPARED = 10_000  #: runs of every policy
MILLION = 1_000_000  #: runs of all policies together
#: Blocks on each multiprocessor, of both queues together, by lanes of a block.
SIZES = ((128, 2), (128, 4), (64, 4), (64, 8), (32, 8), (32, 16), (256, 2))
MEASURED_S = 4.0  #: of a size, at least one batch of each queue
AIMS = {"runs_per_second": 100_000, "million_seconds": 20.0, "values_that_differ": 0}


class Clock:
    """How much of the time is left, seconds."""

    def __init__(self, seconds: float) -> None:
        self.end = time.perf_counter() + seconds

    def has(self, seconds: float) -> bool:
        """Whether so much is left."""
        return time.perf_counter() + seconds < self.end


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that something takes, and what it gives."""
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def runs_per_second(card: Card, world: World, inputs: tuple[np.ndarray, np.ndarray], extent: Extent) -> float:
    """Runs a second, fetched, of batches of an extent with both queues busy. inputs: of `extent.runs` runs."""
    batches = Batches(card, extent)
    try:
        batches.open(world, False, extent.runs)
        batches.start(*inputs)
        once, _ = timed(batches.finish)
        rounds = max(QUEUES, math.ceil(MEASURED_S / once))

        def work() -> None:
            for started in range(rounds + QUEUES - 1):
                if started < rounds:
                    batches.start(*inputs)
                if started >= QUEUES - 1:
                    batches.finish()

        seconds, _ = timed(work)
        return rounds * extent.runs / seconds
    finally:
        batches.close()


def sweep(card: Card, experiment: Experiment, clock: Clock) -> list[dict[str, Any]]:
    """Runs a second by blocks and lanes; a size that the card has no memory for is said."""
    policy = len(experiment.policies) - 1
    world = world_of(experiment, policy)
    found = []
    for block, blocks in SIZES:
        lanes = block * card.multiprocessors * blocks // QUEUES
        row: dict[str, Any] = {"block": block, "blocks_per_multiprocessor": blocks, "lanes": lanes}
        if not clock.has(5 * MEASURED_S):
            found.append(row | {"left out": "no time"})
            continue
        inputs = inputs_of(experiment, Shard(policy, 0, lanes))
        try:
            rate = runs_per_second(card, world, inputs, Extent(lanes, lanes, block))
        except InputError as error:  # in the words of the driver
            found.append(row | {"left out": str(error)})
            continue
        found.append(row | {"runs_per_second": round(rate)} | asdict(card.takes(block)))
        print(json.dumps(found[-1]), flush=True)
    return found


def on_processor(experiment: Experiment, world: World, policy: int, runs: int) -> RunArrays:
    """What runs of a policy leave, computed by all threads of this processor."""
    threads = default_threads()
    whole = RunArrays.empty(runs, world, is_by_plant(experiment))
    firsts = np.linspace(0, runs, 4 * threads + 1).astype(int)

    def some(place: int) -> None:
        first, end = int(firsts[place]), int(firsts[place + 1])
        arrays, _ = run_shard(experiment, world, world.fresh_state(), Shard(policy, first, end - first))
        for name in OUTPUTS:
            getattr(whole, name)[first:end] = getattr(arrays, name)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, range(4 * threads)))
    return whole


def differing(found: np.ndarray, expected: np.ndarray) -> int:
    """How many values differ in a bit."""
    mine, other = (words_of(one) if one.dtype.names else one.view(f"u{one.itemsize}") for one in (found, expected))
    return int((mine != other).sum())


def compare(card: Card, experiment: Experiment, runs: int) -> dict[str, Any]:
    """Values that differ between card and processor, in every output of all policies, and how many were compared."""
    found: dict[str, Any] = {"runs_per_policy": runs, "policies": len(experiment.policies)}
    differ, compared = dict.fromkeys(OUTPUTS, 0), dict.fromkeys(OUTPUTS, 0)
    batches = Batches(card)
    try:
        for policy in range(len(experiment.policies)):
            world = world_of(experiment, policy)
            expected = on_processor(experiment, world, policy, runs)
            batches.open(world, is_by_plant(experiment), runs)
            batches.start(*inputs_of(experiment, Shard(policy, 0, runs)))
            mine = batches.finish()
            for name in OUTPUTS:
                differ[name] += differing(getattr(mine, name), getattr(expected, name))
                compared[name] += getattr(expected, name).nbytes
    finally:
        batches.close()
    return found | {"values_that_differ": sum(differ.values()), "by_output": differ, "bytes_compared": compared}


def million(card: Card, extent: Extent | None, folder: Path) -> dict[str, Any]:
    """A million runs with their bands, tables merged, as `run --executor gpu --recording outcomes` does it."""
    policies = len(load_experiment(EXPERIMENT).policies)
    experiment = load_experiment(EXPERIMENT, recording="outcomes", runs=MILLION // policies)
    place = Gpu(default_threads(), lambda progress: Batches(card, extent))
    seconds, outcome = timed(lambda: run_experiment(experiment, folder / "million", RunOptions(executor=place)))
    size = sum(path.stat().st_size for path in (outcome.folder / "tables").glob("*.parquet"))
    return {"million_seconds": round(seconds, 1), "megabytes": round(size / 1e6), "failed": len(outcome.failures)}


def measure(code: bytes, out: Path, seconds: float) -> dict[str, Any]:
    """All steps; what is found is written after each."""
    clock, found = Clock(seconds), {}

    def keep(**more: Any) -> None:
        found.update(more)
        (out / "gpu.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        (out / "gpu.md").write_text(page(found), encoding="utf-8")
        print(json.dumps(more), flush=True)

    warm = subprocess.Popen([sys.executable, "-c", WARM])  # the processor's rules are compiled beside the sweep
    load, card = timed(lambda: Card(code, loaded()))
    keep(card=card.name, multiprocessors=card.multiprocessors, threads=default_threads(), load_seconds=round(load, 1))
    experiment = load_experiment(EXPERIMENT, recording="plants")
    rates = sweep(card, experiment, clock)
    best = max((row for row in rates if "runs_per_second" in row), key=lambda row: row["runs_per_second"], default=None)
    keep(rates=rates, best=best)
    warm.wait()
    left_out = {"left out": "no time"}
    keep(bits=compare(card, experiment, COMPARED) if clock.has(100) else left_out)
    if clock.has(60):
        fits = None if best is None else Extent(best["lanes"], max(best["lanes"], 8 * SHARD_RUNS), best["block"])
        with tempfile.TemporaryDirectory() as folder:
            keep(million=million(card, fits, Path(folder)))
    else:
        keep(million=left_out)
    return found


#: Compiles the rules for the processor, into the cache that this process reads.
WARM = f"""
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.shards import world_of
warm_up(world_of(load_experiment({EXPERIMENT!r}), 0))
"""


def mark() -> bytes:
    """A comment that says of which rules, and by what, the code was made."""
    return f"// {SOURCE_HASH} {sources_hash()}\n".encode()


def read_code(path: Path) -> bytes:
    """The code that `--make` wrote. Raises InputError if it is of other rules."""
    content = path.read_bytes()
    if not content.startswith(mark()):
        raise InputError(path, "--code", None, "was made of other rules; expected what --make writes here")
    return content


def page(found: dict[str, Any]) -> str:
    """What was found as rows of Markdown, beside what is aimed at."""
    name = found["card"]
    best, bits, whole = (found.get(key) or {} for key in ("best", "bits", "million"))
    shown = {
        f"Dunkirk on one {name}, runs/s": (best.get("runs_per_second"), f"{AIMS['runs_per_second']:,}"),
        f"values that differ from the processor's, {bits.get('runs_per_policy', 0):,} runs of every policy": (
            bits.get("values_that_differ"), str(AIMS["values_that_differ"]),
        ),
        f"a million runs with bands on one {name}, s": (whole.get("million_seconds"), str(AIMS["million_seconds"])),
    }  # fmt: skip
    rows = [
        f"| {what} | {'not measured' if value is None else f'{value:,}'} | {aim} |" for what, (value, aim) in shown.items()
    ]
    return "\n".join(["| what | measured | to reach |", "| --- | --- | --- |", *rows]) + "\n"


def main() -> None:
    """Make the code, or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--make", type=Path, help="write the code for a card into this file, and stop")
    parser.add_argument("--code", type=Path, help="the code that --make wrote, of these rules; default: made now")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for gpu.json and gpu.md")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="time for all steps")
    given = parser.parse_args()
    if given.make:
        given.make.write_bytes(mark() + ptx())
        return
    given.out.mkdir(parents=True, exist_ok=True)
    print(page(measure(read_code(given.code) if given.code else ptx(), given.out, given.seconds)))


if __name__ == "__main__":
    main()
