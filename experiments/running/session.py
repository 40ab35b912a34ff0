"""One experiment, one result folder: start it, resume it, finish it; all of it, or one task's share of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.failures import read_failures
from clusterpact.experiments.folder.manifest import Execution, ShardTiming, read_manifest
from clusterpact.experiments.folder.result import (
    complete,
    find_manifest,
    is_complete,
    keep_inputs,
    open_folder,
    remove_parts,
    result_folder,
)
from clusterpact.experiments.running.budget import Budget
from clusterpact.experiments.running.compilation import get_ready
from clusterpact.experiments.running.executors import Executor
from clusterpact.experiments.running.local import Local
from clusterpact.experiments.running.locks import claim
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.shards import SHARD_RUNS, Shard, examine, pilot_seconds, plan, world_of
from clusterpact.inputs import InputError

SHARD_SECONDS = 5.0  #: what a shard should take: little is lost with it, and starting it costs little
FEWEST_RUNS = 50
FEW_RUNS = 100  #: a shard of fewer takes as long for its tables as for its runs
MOST_RUNS = 500  #: a run of a shard takes about 100 kB of memory while it is computed and its tables are made
MOST_SHARDS = 5000  #: per policy: keeps the number of files in hand
PILOT_RUNS = 20
PILOTS = 3  #: the fastest counts: whatever else the machine does only adds time


@dataclass(frozen=True)
class Outcome:
    """What `run` did: the folder, how many shards it ran and found done, the failed runs, and how many are left."""

    folder: Path
    ran: int
    found: int
    failures: list[dict[str, Any]]
    seconds: float
    left: int = 0


@dataclass
class _Tally:
    """Counts runs as shards finish, for the progress bar."""

    total: int
    progress: Progress
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, entry: dict[str, Any]) -> None:
        self.entries[Shard(**entry["shard"]).key] = entry
        self.show()

    def show(self) -> None:
        done = sum(entry["shard"]["runs"] for entry in self.entries.values())
        self.progress.report(done, self.total, sum(len(entry["failures"]) for entry in self.entries.values()))


@dataclass(frozen=True)
class RunOptions:
    """How an experiment is run; it changes no number.

    executor: where shards run (default: `threads` of this process); shard_runs: runs per shard (default: timed). share
    (i, n): run only the shards whose number leaves the rest i when divided by n, and merge nothing. budget_s: start no
    shard that would end after so many seconds. merged: hears of the folder and of each table that is merged, if any run is
    in it.
    """

    threads: int = 1
    executor: Executor | None = None
    shard_runs: int | None = None
    share: tuple[int, int] | None = None
    budget_s: float | None = None
    progress: Progress = SILENT
    merged: Callable[[Path, str], None] | None = None


def run_experiment(experiment: Experiment, out: Path | None = None, options: RunOptions = RunOptions()) -> Outcome:
    """Run what is missing of an experiment, merge its tables, and say what happened.

    out: the folder (default: runs/NAME-ID). Raises InputError if it belongs to something or someone else.
    """
    started = time.perf_counter()
    folder = result_folder(experiment, out)
    executor = options.executor or Local(options.threads)
    progress, asked = options.progress, options.shard_runs
    manifest = find_manifest(experiment, folder)
    if manifest is None or not is_complete(folder, experiment.recording):
        with claim(folder, options.share, progress):
            if manifest is None:
                get_ready(partial(world_of, experiment, 0), progress)
                fitting = asked or executor.shard_runs
                size, timing = (fitting, None) if fitting else choose_shard_runs(experiment, executor.workers)
                manifest = open_folder(experiment, folder, size, timing)
            else:
                keep_inputs(experiment, folder)
            planned = manifest.shard_runs
            if asked not in (None, planned):
                progress.note(f"--shard-runs {asked} is ignored: shards keep the {planned} runs that they were planned with")
            if not is_complete(folder, experiment.recording):  # another client may have finished it meanwhile
                return _work(experiment, folder, planned, executor, Budget(options.budget_s, started), options)
    progress.note("found complete; nothing to run")
    remove_parts(folder)
    shards = plan(experiment, manifest.shard_runs)
    failures = read_failures(folder)
    total = experiment.runs * len(experiment.policies)
    progress.report(total, total, len(failures))
    return Outcome(folder, 0, len(shards), failures, time.perf_counter() - started)


def _work(experiment: Experiment, folder: Path, shard_runs: int, executor: Executor, budget: Budget,
          options: RunOptions) -> Outcome:  # fmt: skip
    """Run the missing shards of a folder, or of a share of it; merge the tables once all are there."""
    started = time.perf_counter()
    progress, share = options.progress, options.share
    everything = plan(experiment, shard_runs)
    shards = everything if share is None else everything[share[0] % share[1] :: share[1]]
    tally = _Tally(sum(shard.runs for shard in shards), progress)
    damaged = []
    for shard in shards:
        entry, reason = examine(experiment, folder, shard)
        if entry is not None:
            tally.entries[shard.key] = entry
            budget.saw(entry)
        elif reason is not None:
            damaged.append(f"{shard.key}: {reason}")
    if damaged:
        progress.note(f"damaged shards, which run again: {len(damaged)} (first: {damaged[0]})")
    found = len(tally.entries)
    missing = [shard for shard in shards if shard.key not in tally.entries]
    if found:
        progress.note(f"{found} of {len(shards)} shards found done")
    if missing:
        tally.show()
        executor.run(experiment, missing, folder, budget, tally.add, progress)
    left = len(shards) - len(tally.entries)
    failures = [
        failure for shard in shards if shard.key in tally.entries for failure in tally.entries[shard.key]["failures"]
    ]
    if left:
        progress.note(_what_is_left(left, len(shards), budget))
    elif share is None:
        finish(experiment, folder, everything, tally.entries, options.merged)
    return Outcome(folder, len(tally.entries) - found, found, failures, time.perf_counter() - started, left)


def _what_is_left(left: int, shards: int, budget: Budget) -> str:
    """What to say when the time is up; a budget in which no shard fits would never get any further."""
    text = f"the time is up: {left} of {shards} shards are left"
    if budget.seconds is not None and budget.longest >= budget.seconds:
        return f"{text}; a shard takes {budget.longest:.0f} s, so it needs a time budget of more than that"
    return f"{text}; the same command goes on"


def finish(experiment: Experiment, folder: Path, shards: list[Shard], entries: dict[str, dict[str, Any]],
           merged: Callable[[Path, str], None] | None = None) -> None:  # fmt: skip
    """Merge the tables and complete the manifest; merged: hears of the folder and of each table, if any run is in it."""
    ordered = [entries[shard.key] for shard in shards]
    failures = [failure for entry in ordered for failure in entry["failures"]]
    began = min(entry["finished"] - entry["seconds"] for entry in ordered)
    execution = Execution(
        executors=tuple(sorted({entry["executor"] for entry in ordered})),
        workers=tuple(sorted({entry["worker"].partition(":")[0] for entry in ordered})),
        wall_hours=round((max(entry["finished"] for entry in ordered) - began) / 3600, 6),
        core_hours=round(sum(entry["seconds"] for entry in ordered) / 3600, 6),
        failed_runs=len(failures),
    )
    some = len(failures) < experiment.runs * len(experiment.policies)
    told = partial(merged, folder) if merged is not None and some else None
    complete(experiment, folder, [shard.key for shard in shards], failures, execution, told)


def merge_result(experiment: Experiment, folder: Path, progress: Progress) -> int:
    """Merge the tables of a folder whose shards are all done; returns the number of failed runs."""
    shards = plan(experiment, read_manifest(folder).shard_runs)
    if is_complete(folder, experiment.recording):
        progress.note("found complete; nothing to merge")
        remove_parts(folder)
        return len(read_failures(folder))
    with claim(folder, None, progress):
        examined = {shard.key: examine(experiment, folder, shard)[0] for shard in shards}
        entries = {key: entry for key, entry in examined.items() if entry is not None}
        missing = [shard.key for shard in shards if shard.key not in entries]
        if missing:
            expected = f"{len(missing)} of {len(shards)} shards are missing or damaged (first: {missing[0]}); run them first"
            raise InputError(folder, "results", None, expected)
        finish(experiment, folder, shards, entries)
    return sum(len(entry["failures"]) for entry in entries.values())


def choose_shard_runs(experiment: Experiment, workers: int) -> tuple[int, ShardTiming | None]:
    """Runs per shard, and the timing that they rest on: small work is shared out evenly, large work in shards of seconds."""
    total = experiment.runs * len(experiment.policies)
    fewest = max(FEWEST_RUNS, min(FEW_RUNS, total // (2 * workers)))
    fair = max(fewest, min(SHARD_RUNS, total // (8 * workers)))
    if total <= 8 * SHARD_RUNS * workers:
        return fair, None
    per_run = min(pilot_seconds(experiment, PILOT_RUNS) for _ in range(PILOTS)) / PILOT_RUNS
    timed = int(SHARD_SECONDS / per_run)
    fewest = max(FEWEST_RUNS, -(-experiment.runs // MOST_SHARDS))
    size = max(fewest, min(timed, MOST_RUNS, max(FEWEST_RUNS, total // (4 * workers))))
    return size, ShardTiming(seconds_per_run=round(per_run, 6), pilot_runs=PILOT_RUNS)
