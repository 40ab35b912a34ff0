"""The command `status`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clusterpact.cli.options import ResultFolder

if TYPE_CHECKING:
    from clusterpact.experiments.experiment import Experiment

RATE_SECONDS = 600.0  #: the rate is that of the last ten minutes in which something finished


def status(results: ResultFolder) -> None:
    """Say how far a result is: done, failed, missing, rate, time left, worker by worker.

    Example: clusterpact status runs/dunkirk-0123456789ab
    """
    from clusterpact.experiments.folder.reopen import reopen

    for line in describe_status(reopen(results), results):
        print(line)


def describe_status(experiment: "Experiment", folder: Path) -> list[str]:
    """How far a result is: done, failed, missing, rate, time left, and each worker's part."""
    from clusterpact.experiments.folder.manifest import read_manifest
    from clusterpact.experiments.folder.result import is_complete
    from clusterpact.experiments.running.shards import plan, read_entry

    shards = plan(experiment, read_manifest(folder).shard_runs)
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
