"""A result that grows: a larger one of the same experiment, begun with the runs that a complete one holds.

The runs of an experiment hang on their number and the seed alone, so the tables are those of the larger experiment run from
the start, byte for byte. The smaller result stays as it is.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.experiments.experiment import MOST_RUNS, Experiment
from clusterpact.experiments.folder.failures import read_failures
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.result import find_manifest, is_complete, open_folder, result_folder
from clusterpact.experiments.folder.rules import refuse_other_rules
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.experiments.running.locks import claim
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.shards import Shard, examine, ledger_path, plan
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError
from clusterpact.results.bands import count_rows
from clusterpact.results.recorded import RECORDINGS, table_path
from clusterpact.results.store import write_parts

KEPT = "kept"  #: the executor of a shard that an earlier result did


def begin_extension(folder: Path, runs: int, out: Path | None = None,
                    progress: Progress = SILENT) -> tuple[Experiment, Path]:  # fmt: skip
    """A larger experiment and its folder, which holds what a complete result has of it; `run_experiment` does the rest.

    out: the new folder (default: runs/NAME-ID). Raises InputError for a result that is not whole or cannot grow.
    """
    experiment = reopen_whole(folder)
    refuse_other_rules(folder, read_manifest(folder))
    if experiment.screening is not None:
        raise InputError(folder, "--runs", runs, "is a screening, whose design fixes its runs; expected a result of run")
    if "series" not in RECORDINGS[experiment.recording]:
        expected = f"cannot grow: recording {experiment.recording!r} keeps no series to count its bands from"
        raise InputError(folder, "results", None, f"{expected}; expected a result recorded yearly or finer")
    if not experiment.runs < runs <= MOST_RUNS:
        expected = f"expected more than the {experiment.runs:,} that it holds, and at most {MOST_RUNS:,}"
        raise InputError(folder, "--runs", runs, expected)
    larger = replace(experiment, runs=runs)
    grown = result_folder(larger, out)
    with claim(grown, None, progress):
        manifest = find_manifest(larger, grown) or open_folder(larger, grown, read_manifest(folder).shard_runs)
        if not is_complete(grown, larger.recording):
            _keep(experiment, folder, larger, grown, manifest.shard_runs)
    return larger, grown


def _keep(experiment: Experiment, folder: Path, larger: Experiment, grown: Path, shard_runs: int) -> None:
    """Enter every shard of a larger experiment whose runs are all in a complete result as done, with its parts."""
    failures = read_failures(folder)
    for shard in plan(larger, shard_runs):
        if shard.first_run + shard.runs > experiment.runs or examine(larger, grown, shard)[0] is not None:
            continue
        name = larger.policies[shard.policy].name
        entry: dict[str, Any] = {
            "experiment": larger.id,
            "shard": asdict(shard),
            "parts": write_parts(grown, shard.key, _cut(folder, experiment.recording, name, shard)),
            "failures": [
                one for one in failures if one["policy"] == name and one["run"] - shard.first_run in range(shard.runs)
            ],
            "seconds": 0.0,
            "finished": round(time.time(), 3),
            "executor": KEPT,
            "worker": f"result {experiment.id}",
        }
        path = ledger_path(grown, shard)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(entry, indent=1).encode(), tidy=False)


def _cut(folder: Path, recording: str, policy: str, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
    """The parts of a shard, cut from the tables of a result; bands are counted anew from its series."""
    runs = [("policy", "=", policy), ("run", ">=", shard.first_run), ("run", "<", shard.first_run + shard.runs)]
    for table in RECORDINGS[recording]:
        rows = pq.read_table(table_path(folder, "series" if table == "bands" else table), filters=runs)
        yield table, count_rows(policy, rows) if table == "bands" else rows
