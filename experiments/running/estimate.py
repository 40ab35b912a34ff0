"""What running an experiment would take, from a few pilot runs: nothing is written to its folder."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.result import find_manifest, is_complete, result_folder
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.session import PILOT_RUNS, RunOptions, choose_shard_runs
from clusterpact.experiments.running.shards import Shard, draws_of, entries_of, pilot_seconds, plan, run_shard, world_of
from clusterpact.results.store import encoding, tables_of

MORE_PILOT_RUNS = 3 * PILOT_RUNS  #: the difference tells what a run adds to the files, without what every file holds


@dataclass(frozen=True)
class Estimate:
    """What there is to do: shards and runs in all and left, seconds that are left (all workers at work), bytes of tables."""

    folder: str
    shards: int
    shards_left: int
    runs: int
    runs_left: int
    shard_runs: int
    workers: int
    seconds_per_run: float
    seconds_left: float
    bytes: int

    def as_data(self) -> dict[str, Any]:
        """The estimate as plain data."""
        return asdict(self)


def estimate(experiment: Experiment, out: Path | None, workers: int, options: RunOptions) -> Estimate:
    """What `run_experiment` would do with the same options, from pilot runs of the first policy.

    A folder that is begun counts with the shards in its ledger. Raises InputError as `run_experiment` does for a folder.
    """
    folder = result_folder(experiment, out)
    manifest = find_manifest(experiment, folder)
    warm_up(world_of(experiment, 0), options.progress)
    options.progress.note(f"measuring {PILOT_RUNS + MORE_PILOT_RUNS} pilot runs")
    if manifest is not None:
        size = manifest.shard_runs
    else:
        size = options.shard_runs or choose_shard_runs(experiment, workers)[0]
    everything = plan(experiment, size)
    mine = everything if options.share is None else everything[options.share[0] % options.share[1] :: options.share[1]]
    done: set[str] = set()
    if manifest is not None and is_complete(folder, experiment.recording):
        done = {shard.key for shard in mine}
    elif manifest is not None:
        done = {Shard(**entry["shard"]).key for entry in entries_of(manifest, folder)}
    left = [shard for shard in mine if shard.key not in done]
    per_run = pilot_seconds(experiment, PILOT_RUNS) / PILOT_RUNS
    runs_left = sum(shard.runs for shard in left)
    return Estimate(
        str(folder), len(mine), len(left), sum(shard.runs for shard in mine), runs_left, size, workers, per_run,
        runs_left * per_run / max(1, min(workers, len(left))), _bytes_of(experiment),
    )  # fmt: skip


def _bytes_of(experiment: Experiment) -> int:
    """Bytes of the tables of all runs, as those of a few pilot runs of the first policy let expect."""
    few, more = (_pilot_bytes(experiment, runs) for runs in (PILOT_RUNS, MORE_PILOT_RUNS))
    per_run = max(0.0, (more - few) / (MORE_PILOT_RUNS - PILOT_RUNS))
    return int(few + per_run * experiment.runs * len(experiment.policies))


def _pilot_bytes(experiment: Experiment, runs: int) -> int:
    """Bytes of the tables of so many runs of the first policy, compressed as they are written."""
    world = world_of(experiment, 0)
    arrays, _ = run_shard(experiment, world, world.fresh_state(), Shard(0, 0, runs))
    draws = draws_of(experiment, 0, runs)
    tables = tables_of("pilot", 0, arrays, world, draws, experiment.recorded)
    size = 0
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, **encoding(name, table.schema))
        size += sink.getvalue().size
    return size
