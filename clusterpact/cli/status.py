"""The command `status`."""

import shlex
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from clusterpact.cli import console
from clusterpact.cli.console import span
from clusterpact.cli.options import AsJson, ResultFolder

RATE_SECONDS = 600.0  #: the rate is that of the last ten minutes in which something finished


@dataclass(frozen=True)
class Status:
    """How far a result is. next: what to do now, a command; rules: what to say of other rules than those here."""

    folder: str
    experiment: str
    policies: int
    runs: int
    runs_done: int
    runs_failed: int
    shards: int
    shards_done: int
    shard_runs: int
    is_complete: bool
    rules: str | None
    next: str | None


def status(
    results: ResultFolder,
    json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Say it again every few seconds, until all is done.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks of --watch.", min=0.1, max=3600)] = 5.0,
) -> None:
    """Say how far a result is: done, failed, missing, rate, time left.

    Example: clusterpact status runs/dunkirk-0123456789ab
    """
    while True:
        found, entries = read_status(results)
        if json:
            console.print_json(asdict(found))
        else:
            for line in describe_status(found, entries):
                print(line)
        if not watch or found.shards_done == found.shards or found.rules is not None:
            return
        print(flush=True)
        time.sleep(every)


def read_status(folder: Path) -> tuple[Status, list[dict[str, Any]]]:
    """How far a result is, and the entries of the shards that are done.

    It goes by the manifest and the ledger alone, so that it can be told of a result of other rules too.
    """
    from clusterpact.experiments.folder.manifest import read_manifest
    from clusterpact.experiments.folder.result import is_complete
    from clusterpact.experiments.folder.rules import rules_of
    from clusterpact.experiments.running.shards import entries_of

    manifest = read_manifest(folder)
    experiment, policies = manifest.experiment, len(manifest.experiment.policies)
    entries = entries_of(manifest, folder)
    size = min(manifest.shard_runs, experiment.runs)
    shards = policies * -(-experiment.runs // size)
    done = sum(entry["shard"]["runs"] for entry in entries)
    failed = sum(len(entry["failures"]) for entry in entries)
    others, whole = rules_of(manifest), is_complete(folder, experiment.recording)
    command = "run" if len(entries) < shards else "merge"
    following = None if whole or others is not None else f"clusterpact {command} {shlex.quote(str(folder))}"
    return Status(
        str(folder), experiment.name, policies, experiment.runs, done, failed, shards, len(entries), size, whole, others,
        following,
    ), entries  # fmt: skip


def describe_status(found: Status, entries: list[dict[str, Any]]) -> list[str]:
    """How far a result is in lines, and each worker's part while it is not complete."""
    from clusterpact.experiments.experiment import extent

    total = found.policies * found.runs
    lines = [
        f"{found.folder}: {found.experiment}, {extent(found.policies, found.runs)}",
        f"runs:    {found.runs_done:,} of {total:,} done ({100 * found.runs_done / total:.1f} %), "
        f"{found.runs_failed:,} failed",
        f"shards:  {found.shards_done:,} of {found.shards:,} done, {found.shards - found.shards_done:,} missing, "
        f"{found.shard_runs:,} runs each",
    ]
    if not found.is_complete:
        lines += [*([_pace(entries, total - found.runs_done)] if entries else []), *_workers(entries)]
    else:
        lines.append("tables:  complete")
    lines += [f"rules:   {found.rules}"] if found.rules is not None else []
    return lines + ([f"next:    {found.next}"] if found.next is not None else [])


def _pace(entries: list[dict[str, Any]], left: int) -> str:
    """The rate of the last minutes in which shards finished, and the time left at that rate."""
    latest = max(entry["finished"] for entry in entries)
    recent = [entry for entry in entries if entry["finished"] > latest - RATE_SECONDS]
    began = min(entry["finished"] - entry["seconds"] for entry in recent)
    rate = sum(entry["shard"]["runs"] for entry in recent) / max(1e-3, latest - began)
    ago = time.time() - latest
    return f"rate:    {rate:,.1f} runs/s, {span(left / rate)} left at that rate; the last shard finished {span(ago)} ago"


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
        lines.append(f"{worker[:33]:34}{executor:>9}{len(mine):>8,}{runs:>12,}{span(busy):>9}   {span(ago)} ago")
    return lines
