"""The plan of an experiment and its ledger: shards of work, each done once, each checked before it counts as done.

A shard is a policy and a range of runs. Its tables are Parquet parts, its ledger entry a small JSON file written last and
atomically; so whatever happens, a shard is either done or not. Running again does what is missing.
"""

import json
import os
import platform
import re
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from clusterpact.experiments.design import draw_design
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.failures import Failure, Printable
from clusterpact.experiments.folder.manifest import Manifest, Resolved, Sha256
from clusterpact.experiments.running.compilation import check_room
from clusterpact.files import checksum, write_atomically
from clusterpact.inputs import InputError, read_bytes
from clusterpact.policies.package import Package
from clusterpact.results.recorded import RECORDINGS, part_path
from clusterpact.results.store import each_table_of, tables_of, write_parts
from clusterpact.sim.chronicle import Chronicle
from clusterpact.sim.kernel import start_run
from clusterpact.sim.runs import RunArrays, simulate, words_of
from clusterpact.sim.schedule import quarter
from clusterpact.sim.state import State
from clusterpact.sim.world import World, build_world, parameter_records

SHARD_RUNS = 250
KEY = re.compile(r"p([0-9]{3,9})-r([0-9]{9})-n([0-9]{1,9})\.json")  #: of a shard, as its entry is named
MOST_SHARDS = 10_000_000  #: of an experiment; the plan is held in memory


class Entry(BaseModel):
    """An entry of the ledger: a shard that was done, with its failed runs and the checksums of its parts."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    experiment: str
    shard: dict[str, int]
    parts: dict[str, Sha256]
    failures: list[Failure]
    seconds: Annotated[float, Field(ge=0, le=1e9)]
    finished: Annotated[float, Field(ge=0, le=1e11)]  #: Unix time
    executor: Printable
    worker: Printable


@dataclass(frozen=True)
class Shard:
    """A policy (by its place) and a range of runs."""

    policy: int
    first_run: int
    runs: int

    @property
    def key(self) -> str:
        """Name of the shard in the ledger and in its parts' file names; sorts in the order of policies and runs."""
        return f"p{self.policy:03d}-r{self.first_run:09d}-n{self.runs}"


def plan(experiment: Experiment | Resolved, shard_runs: int = SHARD_RUNS) -> list[Shard]:
    """All shards of an experiment, in the order of policies and runs; raises InputError if they are too many."""
    count = len(experiment.policies) * -(-experiment.runs // shard_runs)
    if count > MOST_SHARDS:
        expected = f"makes {count:,} shards; expected more runs per shard, for at most {MOST_SHARDS:,}"
        raise InputError("", "shard_runs", shard_runs, expected)
    return [
        Shard(policy, experiment.first_run + done, min(shard_runs, experiment.runs - done))
        for policy in range(len(experiment.policies))
        for done in range(0, experiment.runs, shard_runs)
    ]


def world_of(experiment: Experiment, policy: int) -> World:
    """The world that all runs of a policy share. Raises MemoryError where there is no room for the rules."""
    check_room()
    return build_world(
        experiment.scenario,
        experiment.policies[policy],
        experiment.first_year,
        experiment.last_year,
        experiment.seed,
        experiment.check_books,
        experiment.theories,
    )


def parameters_of(experiment: Experiment, first_run: int, runs: int) -> np.recarray:
    """Parameter records of a range of runs: defaults, fixed values of the experiment, and what is drawn."""
    fixed = {name: np.full(runs, value) for name, value in experiment.parameters.items()}
    return parameter_records(fixed | draws_of(experiment, first_run, runs), runs)


def with_practices(parameters: np.recarray, package: Package) -> np.recarray:
    """Parameter records with what the practices of a package make of what was drawn (changed in place)."""
    for name, practised in package.practices.items():
        parameters[name] = practised.of(parameters[name])
    return parameters


def draws_of(experiment: Experiment, first_run: int, runs: int) -> dict[str, np.ndarray]:
    """What is drawn, or laid out by a screening, for a range of runs; each of shape (runs,).

    What an ensemble holds gives way to what the experiment fixes or draws by itself.
    """
    if experiment.screening is not None:
        return experiment.screening.values(first_run, runs)
    drawn = draw_design(experiment.uncertainty, experiment.seed, first_run, runs)
    if experiment.ensemble is None:
        return drawn
    together = experiment.ensemble.values(experiment.seed, first_run, runs)
    return {name: values for name, values in together.items() if name not in experiment.parameters} | drawn


def numbers_of(experiment: Experiment, first_run: int, runs: int) -> np.ndarray:
    """The numbers that the luck of a range of runs hangs on: their own, unless a screening repeats them."""
    if experiment.screening is not None:
        return experiment.screening.numbers(first_run, runs)
    return np.arange(first_run, first_run + runs, dtype=np.uint64)


def run_shard(experiment: Experiment, world: World, state: State, shard: Shard) -> tuple[RunArrays, list[dict[str, Any]]]:
    """Run a shard; a run that raises becomes a failure (run, parameters, traceback) and the others go on."""
    package = experiment.policies[shard.policy]
    parameters, numbers = inputs_of(experiment, shard)
    arrays = RunArrays.empty(shard.runs, world, is_by_plant(experiment))
    failures: list[dict[str, Any]] = []
    pending = [(0, shard.runs)]
    while pending:
        first, count = pending.pop()
        try:
            part = slice(first, first + count)
            simulate(world, parameters[part], numbers[part], state, arrays.part(part))
        except (ValueError, ArithmeticError, IndexError):
            if count > 1:
                half = count // 2
                pending += [(first + half, count - half), (first, half)]
                continue
            names = parameters.dtype.names or ()
            failures.append(
                {
                    "run": shard.first_run + first,
                    "policy": package.name,
                    "parameters": {name: float(parameters[first][name]) for name in names},
                    "traceback": traceback.format_exc(),
                }
            )
            arrays.failed[first] = True
    if "events" in RECORDINGS[experiment.recording]:
        words = words_of(parameters)
        good = np.flatnonzero(~arrays.failed)
        arrays.events = [tell(world, state, numbers[run], words[run]) for run in good]
    return arrays, sorted(failures, key=lambda failure: failure["run"])


def inputs_of(experiment: Experiment, shard: Shard) -> tuple[np.recarray, np.ndarray]:
    """What the runs of a shard begin with: their parameter records, and the numbers that their luck hangs on."""
    parameters = parameters_of(experiment, shard.first_run, shard.runs)
    numbers = numbers_of(experiment, shard.first_run, shard.runs)
    return with_practices(parameters, experiment.policies[shard.policy]), numbers


def is_by_plant(experiment: Experiment) -> bool:
    """Whether what every plant emits is recorded."""
    return "plants" in RECORDINGS[experiment.recording]


def tell(world: World, state: State, number: np.uint64, words: np.ndarray) -> list[tuple[int, str, str]]:
    """What happens in one run, as (quarter, agent, sentence): walked once more, quarter by quarter, with a watcher."""
    start_run(state, world.template, number, words)
    chronicle = Chronicle(world, state)
    for t in range(world.quarters):
        quarter(state, t)
        chronicle.note(t)
    return chronicle.events


def do_shard(experiment: Experiment, world: World, state: State, shard: Shard, folder: Path,
             executor: str = "local") -> dict[str, Any]:  # fmt: skip
    """Run a shard, write its parts and then its ledger entry; returns the entry."""
    started = time.perf_counter()
    arrays, failures = run_shard(experiment, world, state, shard)
    return Done(shard, arrays, failures).write(experiment, world, folder, executor, time.perf_counter() - started)


@dataclass(frozen=True)
class Done:
    """A shard that was run: what its runs did, and those that failed."""

    shard: Shard
    arrays: RunArrays
    failures: list[dict[str, Any]]

    def write(self, experiment: Experiment, world: World, folder: Path, executor: str, spent: float) -> dict[str, Any]:
        """Write its parts and then its ledger entry; returns the entry. spent: seconds that its runs took."""
        started = time.perf_counter()
        shard = self.shard
        draws = draws_of(experiment, shard.first_run, shard.runs)
        name = experiment.policies[shard.policy].name
        tables = each_table_of(name, shard.first_run, self.arrays, world, draws, experiment.recorded)
        sums = write_parts(folder, shard.key, tables)
        entry = {
            "experiment": experiment.id,
            "shard": asdict(shard),
            "parts": sums,
            "failures": self.failures,
            "seconds": round(spent + time.perf_counter() - started, 3),
            "finished": round(time.time(), 3),
            "executor": executor,
            "worker": f"{platform.node()}:{os.getpid()}",
        }
        write_atomically(ledger_path(folder, shard), json.dumps(entry, indent=1).encode(), tidy=False)
        return entry


def pilot_seconds(experiment: Experiment, runs: int) -> float:
    """Seconds that a few runs of the first policy take, tables included; nothing is written."""
    world = world_of(experiment, 0)
    shard = Shard(0, experiment.first_run, min(runs, experiment.runs))
    started = time.perf_counter()
    arrays, _ = run_shard(experiment, world, world.fresh_state(), shard)
    draws = draws_of(experiment, 0, shard.runs)
    tables_of("pilot", 0, arrays, world, draws, experiment.recorded)
    return (time.perf_counter() - started) * runs / shard.runs


def ledger_path(folder: Path, shard: Shard) -> Path:
    """Where a shard's ledger entry lies."""
    return folder / "ledger" / f"{shard.key}.json"


def read_entry(identity: str, folder: Path, shard: Shard) -> dict[str, Any] | None:
    """The ledger entry of a shard of an experiment, by its id; None if there is none, if it is damaged, or another one's."""
    try:
        entry: dict[str, Any] = Entry.model_validate(json.loads(read_bytes(ledger_path(folder, shard)))).model_dump()
        return entry if entry["experiment"] == identity and Shard(**entry["shard"]) == shard else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def entries_of(manifest: Manifest, folder: Path) -> list[dict[str, Any]]:
    """The entries of all shards of a result that are done, in their order; only what lies in the ledger is looked at."""
    size, runs = manifest.shard_runs, manifest.experiment.runs
    found = []
    for name in sorted(path.name for path in (folder / "ledger").glob("p*.json")):
        if parts := KEY.fullmatch(name):
            shard = Shard(*(int(part) for part in parts.groups()))
            done = shard.first_run - manifest.experiment.first_run
            planned = shard.policy < len(manifest.experiment.policies) and done in range(0, runs, size)
            if planned and shard.runs == min(size, runs - done) and f"{shard.key}.json" == name:
                found.append(read_entry(manifest.id, folder, shard))
    return [entry for entry in found if entry is not None]


def examine(experiment: Experiment, folder: Path, shard: Shard) -> tuple[dict[str, Any] | None, str | None]:
    """The ledger entry of a shard whose parts are there and whole; else None and, if it was called done, what is wrong."""
    entry = read_entry(experiment.id, folder, shard)
    if entry is None:
        return None, "its ledger entry is damaged, or another one's" if ledger_path(folder, shard).exists() else None
    for table in RECORDINGS[experiment.recording]:
        try:
            if checksum(part_path(folder, table, shard.key)) != entry["parts"].get(table):
                return None, f"its part of {table} is damaged, or another one's"
        except OSError:
            return None, f"its part of {table} is missing"
    return entry, None
