"""The command `status`."""

import time
from pathlib import Path
from typing import Any

from clusterpact.cli.options import ResultFolder

RATE_SECONDS = 600.0  #: the rate is that of the last ten minutes in which something finished


def status(results: ResultFolder) -> None:
    """Say how far a result is: done, failed, missing, rate, time left, worker by worker.

    Example: clusterpact status runs/dunkirk-0123456789ab
    """
    for line in describe_status(results):
        print(line)


def describe_status(folder: Path) -> list[str]:
    """How far a result is: done, failed, missing, rate, time left, and each worker's part.

    It goes by the manifest and the ledger alone, so that it can be told of a result of other rules too.
    """
    from clusterpact.experiments.experiment import extent
    from clusterpact.experiments.folder.manifest import read_manifest
    from clusterpact.experiments.folder.result import is_complete
    from clusterpact.experiments.folder.rules import rules_of
    from clusterpact.experiments.running.shards import entries_of

    manifest = read_manifest(folder)
    experiment, policies = manifest.experiment, len(manifest.experiment.policies)
    entries = entries_of(manifest, folder)
    total, size = policies * experiment.runs, min(manifest.shard_runs, experiment.runs)
    shards = policies * -(-experiment.runs // size)
    done = sum(entry["shard"]["runs"] for entry in entries)
    failed = sum(len(entry["failures"]) for entry in entries)
    missing = shards - len(entries)
    lines = [
        f"{folder}: {experiment.name}, {extent(policies, experiment.runs)}",
        f"runs:    {done:,} of {total:,} done ({100 * done / total:.1f} %), {failed:,} failed",
        f"shards:  {len(entries):,} of {shards:,} done, {missing:,} missing, {size:,} runs each",
    ]
    others, whole = rules_of(manifest), is_complete(folder, experiment.recording)
    if not whole:
        lines += [*([_pace(entries, total - done)] if entries else []), *_workers(entries)]
    if others is not None:
        return [*lines, *(["tables:  complete"] if whole else []), f"rules:   {others}"]
    if whole:
        return [*lines, "tables:  complete"]
    return [*lines, "next:    run the same command again" if missing else f"next:    clusterpact merge {folder}"]


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
