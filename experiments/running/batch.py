"""Work beyond one machine: where it runs, shares for job arrays, time budgets, how far it is, and a script for Slurm."""

import time
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.result import is_complete, read_manifest
from clusterpact.experiments.running.distributed import Dask, Slurm, SlurmJobs
from clusterpact.experiments.running.executors import Executor, Local, seconds_of
from clusterpact.experiments.running.session import Outcome
from clusterpact.experiments.running.shards import plan, read_entry

from clusterpact.extras import require
from clusterpact.inputs import InputError, nearest

EXECUTORS = ("local", "dask", "slurm")
RATE_SECONDS = 600.0  #: the rate of `status` is that of the last ten minutes in which something finished


def make_executor(name: str, threads: int, workers: int | None, scheduler: str | None, asked: dict[str, Any]) -> Executor:
    """The executor of that name. threads: of this process; workers: processes; asked: what Slurm is asked for."""
    if name not in EXECUTORS:
        raise InputError("", "--executor", name, "unknown executor" + nearest(name, EXECUTORS))
    if name == "local":
        return Local(threads)
    require(f"run --executor {name}", "distributed", "distributed", *(["dask_jobqueue"] if name == "slurm" else []))
    if name == "dask":
        return Dask(workers or threads, scheduler)
    try:
        seconds_of(asked["walltime"])
    except ValueError:
        expected = "expected a time such as 01:00:00 or 2-12:00:00"
        raise InputError("", "--walltime", asked["walltime"], expected) from None
    return Slurm(jobs=SlurmJobs(**asked))


def parse_share(text: str | None) -> tuple[int, int] | None:
    """A share of the work written as 3/64: the number of a task and of all tasks; numbers may start at 0 or 1."""
    if text is None:
        return None
    number, slash, count = text.partition("/")
    if not slash or not number.isdigit() or not count.isdigit() or not 0 <= int(number) <= int(count) or int(count) < 1:
        raise InputError("", "--shard", text, "expected a task and the number of tasks, such as 3/64")
    return int(number), int(count)


def parse_budget(text: str | None) -> float | None:
    """A time budget in seconds, written as 55m, 2h, 90s or 01:30:00."""
    if text is None:
        return None
    try:
        seconds = seconds_of(text)
    except ValueError:
        raise InputError("", "--time-budget", text, "expected a time such as 55m, 2h or 01:30:00") from None
    if seconds <= 0:
        raise InputError("", "--time-budget", text, "expected more than nothing")
    return float(seconds)


def what_next(outcome: Outcome, share: tuple[int, int] | None) -> str:
    """What is left to do after a share of the work, or at the end of a time budget."""
    done = f"{outcome.ran} shards run, {outcome.found} found done, {outcome.left} left"
    if outcome.left:
        return f"{done}: run the same command again"
    return f"{done}: when all tasks are done, clusterpact merge {outcome.folder}" if share else done


def describe_status(experiment: Experiment, folder: Path) -> list[str]:
    """How far a result is: done, failed, missing, rate, time left, and each worker's part."""
    shards = plan(experiment, read_manifest(folder)["shard_runs"])
    entries = [entry for shard in shards if (entry := read_entry(experiment, folder, shard)) is not None]
    total = sum(shard.runs for shard in shards)
    done = sum(entry["shard"]["runs"] for entry in entries)
    failed = sum(len(entry["failures"]) for entry in entries)
    missing = len(shards) - len(entries)
    size = max(shard.runs for shard in shards)
    lines = [
        f"{folder}: {experiment.name}, {experiment.extent}",
        f"runs:    {done:,} of {total:,} done ({100 * done / total:.1f} %), {failed:,} failed",
        f"shards:  {len(entries):,} of {len(shards):,} done, {missing:,} missing, {size:,} runs each",
    ]
    if is_complete(folder, experiment.recording):
        return [*lines, "tables:  complete"]
    if entries:
        lines.append(_pace(entries, total - done))
    lines += _workers(entries)
    lines.append("next:    run the same command again" if missing else f"next:    clusterpact merge {folder}")
    return lines


def _pace(entries: list[dict[str, Any]], left: int) -> str:
    """The rate of the last minutes in which shards finished, and the time left at that rate."""
    latest = max(entry["finished"] for entry in entries)
    recent = [entry for entry in entries if entry["finished"] > latest - RATE_SECONDS]
    began = min(entry["finished"] - entry["seconds"] for entry in recent)
    rate = sum(entry["shard"]["runs"] for entry in recent) / max(1e-3, latest - began)
    ago = time.time() - latest
    return f"rate:    {rate:,.1f} runs/s, {_span(left / rate)} left at that rate; the last shard finished {_span(ago)} ago"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _workers(entries: list[dict[str, Any]]) -> list[str]:
    """A line per worker: shards, runs, seconds of work, and when it last finished one."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for entry in entries:
        rows.setdefault((entry["executor"], entry["worker"]), []).append(entry)
    lines = [f"{'worker':34}{'executor':>9}{'shards':>8}{'runs':>12}{'busy':>9}   last shard"] if rows else []
    for (executor, worker), mine in sorted(rows.items()):
        runs = sum(entry["shard"]["runs"] for entry in mine)
        busy = sum(entry["seconds"] for entry in mine)
        ago = time.time() - max(entry["finished"] for entry in mine)
        lines.append(f"{worker[:33]:34}{executor:>9}{len(mine):>8,}{runs:>12,}{_span(busy):>9}   {_span(ago)} ago")
    return lines


SCRIPT = """#!/bin/bash
# A job array for Slurm: each task does its share of the shards and stops cleanly before its time is up.
# Submit: sbatch {file}
#         again, as often as needed: finished shards are kept, only what is missing runs
# Then:   clusterpact status {out}
#         clusterpact merge {out}
# The folder must lie on a file system that all nodes share. Of a new folder, the first task plans the shards for all.
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory}
#SBATCH --time={walltime}
#SBATCH --output={name}-%A_%a.log
{options}
clusterpact run {experiment} --out {out} --runs {runs} --seed {seed} --recording {recording} \\
    --threads {cores} --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --time-budget {budget} --no-figures
"""


def slurm_script(experiment: Experiment, given: str, out: Path, file: Path, asked: dict[str, Any]) -> str:
    """The text of an sbatch file that runs an experiment as a job array; asked: tasks, cores, memory, walltime, …."""
    seconds = seconds_of(asked["walltime"])
    budget = max(1, min(int(0.92 * seconds), seconds - 60))
    options = "".join(f"#SBATCH --{key}={asked[key]}\n" for key in ("partition", "account") if asked[key])
    return SCRIPT.format(
        file=file, out=out, name=experiment.name, last=asked["tasks"] - 1, cores=asked["cores"], memory=asked["memory"],
        walltime=asked["walltime"], options=options, experiment=given, runs=experiment.runs, seed=experiment.seed,
        recording=experiment.recording, budget=f"{budget}s",
    )  # fmt: skip
