"""The tables of a result: Parquet parts per shard, merged into tables whose bytes do not hang on the shards.

- `outcomes`: one row per policy and run, with what people ask first and the drawn parameters (`draw_…`);
- `bands`: one row per policy, measure and year, with mean and quantiles over runs (results/bands.py);
- `series`: one row per policy, run and year, with every measure;
- `gates`: one row per spell in which a firm was held back by one gate, exact to the quarter;
- `projects`: one row per policy, run and plant or network, with dates of decision and start;
- `plants`: one row per policy, run, year and plant (or unit), with what it emitted, and emitted less than at the start;
- `pipeline`: one row per policy, run and project of a plant that was in hand at the start, with what became of it;
- `events`: one row per thing that happened, in words, as `replay` tells it.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.agents.vocabulary import GATES
from clusterpact.files import checksum, replacing
from clusterpact.results.arrow import column, read_parquet, repeated, table_of
from clusterpact.results.bands import add_up, bands_of, count_series
from clusterpact.results.recorded import CAUSES, DRAWN, RECORDING, RECORDINGS, part_path, table_path
from clusterpact.sim.measures import ACCOUNT_DTYPE, PRIVATE_LINES, PUBLIC_LINES
from clusterpact.sim.runs import PLANT_COLUMNS, RunArrays
from clusterpact.sim.world import World

ROW_GROUP = 65_536
UNIQUE = (
    "series",
    "plants",
)  #: tables whose numbers hardly repeat, so that a dictionary of them is time and room for nothing
REPORT_YEARS = (2030, 2040, 2050)


def report_years(first_year: int, last_year: int) -> list[int]:
    """The years that headline numbers are given for, within the horizon; its last year if none is."""
    return [year for year in REPORT_YEARS if first_year <= year <= last_year] or [last_year]


def encoding(name: str, schema: pa.Schema) -> dict[str, Any]:
    """How a table of a result is written to Parquet."""
    repeating = [field.name for field in schema if not pa.types.is_floating(field.type)] if name in UNIQUE else True
    return {"compression": "zstd", "use_dictionary": repeating}


def write_parts(folder: Path, key: str, tables: Iterable[tuple[str, pa.Table]]) -> dict[str, str]:
    """Write a shard's parts, each whole or not at all; returns the checksum of each. No table is held longer than that."""
    sums = {}
    for name, table in tables:
        path = part_path(folder, name, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, tidy=False) as temporary:
            pq.write_table(table, temporary, write_statistics=False, **encoding(name, table.schema))
            sums[name] = checksum(temporary)
        del table
    return sums


@dataclass(frozen=True)
class Recorded:
    """What is recorded of the runs of an experiment.

    targets: abated shares by year; recording: the level; waiting: instruments that wait for a signal under any policy;
    plants_until: last year by plant.
    """

    targets: dict[int, float] = field(default_factory=dict)
    recording: str = RECORDING
    waiting: tuple[str, ...] = ()
    plants_until: int | None = None


def tables_of(policy: str, first_run: int, arrays: RunArrays, world: World, draws: dict[str, np.ndarray],
              recorded: Recorded = Recorded()) -> dict[str, pa.Table]:  # fmt: skip
    """The tables of a range of runs, failed runs left out."""
    return dict(each_table_of(policy, first_run, arrays, world, draws, recorded))


def each_table_of(policy: str, first_run: int, arrays: RunArrays, world: World, draws: dict[str, np.ndarray],
                  recorded: Recorded) -> Iterator[tuple[str, pa.Table]]:  # fmt: skip
    """The same one by one, with their names; a table is made when it is asked for."""
    good: Any = ~arrays.failed if arrays.failed.any() else slice(None)
    runs = np.arange(first_run, first_run + len(arrays.failed), dtype=np.int64)[good]
    series, gates = arrays.series[good], arrays.gates[good]
    projects, networks = arrays.projects[good], arrays.networks[good]
    columns = outcome_columns(series, networks, world, recorded.targets)
    columns |= start_columns(arrays.starts[good], world, recorded.waiting)
    columns |= {f"draw_{name}": values[good] for name, values in sorted(draws.items())}
    makers: dict[str, Callable[[], pa.Table]] = {
        "outcomes": lambda: _table(policy, runs, columns),
        "bands": lambda: count_series(policy, series, world.first_year),
        "series": lambda: series_table(policy, runs, series, world),
        "gates": lambda: gates_table(policy, runs, gates, world),
        "projects": lambda: projects_table(policy, runs, projects, networks, world),
        "pipeline": lambda: pipeline_table(policy, runs, arrays.pipeline[good], world),
        "plants": lambda: plants_table(policy, runs, arrays.plants[good], world, recorded.plants_until),
        "events": lambda: events_table(policy, runs, arrays.events),
    }
    for name in RECORDINGS[recorded.recording]:
        yield name, makers[name]()


def _table(policy: str, runs: np.ndarray, columns: dict[str, Any]) -> pa.Table:
    """A table with the policy and the run in front."""
    return table_of({"policy": repeated([policy], np.zeros(len(runs), np.int32)), "run": runs, **columns})


def year_of(quarters: np.ndarray, first_year: int) -> pa.Array:
    """Quarters of the horizon as fractional years; -1 is empty."""
    quarters = np.asarray(quarters, float)
    return column(first_year + quarters / 4, quarters < 0)


def summed(values: np.ndarray) -> np.ndarray:
    """Sums over the years in their order, by run, (runs, years) to (runs,): the same bits whatever adds them up."""
    total: np.ndarray = np.cumsum(values, axis=1)[:, -1]
    return total


def outcome_columns(series: np.ndarray, networks: np.ndarray, world: World, targets: dict[int, float]) -> dict[str, Any]:
    """What people ask first, per run: abated shares by cause, targets met, totals of CO2 and money, jobs, network dates."""
    abated = series["abated_share"]
    columns: dict[str, Any] = {}
    for year in sorted({*report_years(world.first_year, world.last_year), *targets}):
        for part in ("abated", *CAUSES):
            columns[f"{part}_share_{year}"] = series[f"{part}_share"][:, year - world.first_year]
    for year, share in targets.items():
        columns[f"target_{year}_met"] = abated[:, year - world.first_year] >= share
    half = np.argmax(abated >= 0.5, axis=1)
    reached = (abated >= 0.5).any(axis=1)
    baseline = math.fsum(world.template.firms.baseline_kt)
    cumulative = summed(series["scope1_kt"]) / 1000
    public = sum(summed(series[line]) for line in PUBLIC_LINES)
    avoided_mt = baseline * world.years / 1000 - cumulative
    some = avoided_mt > 1e-9 * cumulative  # what is less is rounding
    columns |= {
        "half_abated_year": column(world.first_year + half, np.logical_not(reached)),
        "cumulative_mt": cumulative,
        "avoided_mt": avoided_mt,
        "public_meur": public,
        "loans_meur": summed(series["concessional_meur"]),
        "most_guaranteed_meur": series["guaranteed_meur"].max(axis=1),
        "private_meur": sum(summed(series[line]) for line in PRIVATE_LINES),
        "public_eur_per_t": column(np.divide(public, avoided_mt, out=np.zeros_like(avoided_mt), where=some), ~some),
        "jobs_direct": series["jobs_direct"][:, -1],
        "jobs_total": series["jobs_total"][:, -1],
        "gva_total_meur": series["gva_total_meur"][:, -1],
        "stranded_meur": summed(series["stranded_meur"]),
        "trust_in_firms": series["trust_in_firms"][:, -1],
        "trust_in_governments": series["trust_in_governments"][:, -1],
        "trust_in_operators": series["trust_in_operators"][:, -1],
        "defaults": summed(series["defaults"]),
        "reversals": summed(series["reversals"]),
    }
    columns |= {
        f"gate_{number}_share": summed(series[f"gate_{number}"]) / world.years for number in range(1, len(GATES) + 1)
    }
    for n, name in enumerate(world.network_ids):
        columns[f"fid_year_{name}"] = year_of(networks[:, n, 0], world.first_year)
    return columns


def start_columns(starts: np.ndarray, world: World, waiting: tuple[str, ...]) -> dict[str, Any]:
    """When each instrument that waits for a signal started, by the first of its triggers; empty if it did not."""
    columns: dict[str, Any] = {}
    never = np.iinfo(starts.dtype).max
    for name in waiting:
        mine = [k for k, instrument in enumerate(world.waiting) if instrument == name]
        first = np.where(starts < 0, never, starts)[:, mine].min(axis=1, initial=never)
        columns[f"start_year_{name}"] = year_of(np.where(first == never, -1, first), world.first_year)
    return columns


def series_table(policy: str, runs: np.ndarray, series: np.ndarray, world: World) -> pa.Table:
    """Every measure of every year."""
    years = np.tile(np.arange(world.first_year, world.last_year + 1, dtype=np.int32), len(runs))
    measures = {name: series[name].reshape(-1) for name in ACCOUNT_DTYPE.names or ()}
    return _table(policy, np.repeat(runs, world.years), {"year": years, **measures})


def gates_table(policy: str, runs: np.ndarray, gates: np.ndarray, world: World) -> pa.Table:
    """Spells: from the first to the last quarter in which one gate holds a firm back without a break."""
    _, firms, quarters = gates.shape
    starts = np.ones(gates.shape, bool)
    starts[:, :, 1:] = gates[:, :, 1:] != gates[:, :, :-1]
    firsts = np.flatnonzero(starts)
    agents, first = np.divmod(firsts, quarters)
    columns = {
        "firm": repeated(world.firm_ids, agents % firms),
        "gate": gates.reshape(-1)[firsts].astype(np.int8),
        "first_quarter": first.astype(np.int16),
        "last_quarter": (first + np.diff(firsts, append=gates.size) - 1).astype(np.int16),
    }
    return _table(policy, runs[agents // firms], columns)


def projects_table(policy: str, runs: np.ndarray, projects: np.ndarray, networks: np.ndarray, world: World) -> pa.Table:
    """Last project of every plant, and every network: technology, FID and start as fractional years, signed share."""
    firms, nets = len(world.firm_ids), len(world.network_ids)
    names = [name for options in world.option_names for name in options]
    firsts = np.array([int(first) for first in world.template.firms.first_option])
    option = np.where(projects[:, :, 0] >= 0, projects[:, :, 0] + firsts, -1)
    technology = np.concatenate([option, np.full((len(runs), nets), -1)], axis=1)
    fid = np.concatenate([projects[:, :, 1], networks[:, :, 0]], axis=1).reshape(-1)
    start = np.concatenate([projects[:, :, 2], networks[:, :, 1]], axis=1).reshape(-1)
    signed = np.concatenate([np.full((len(runs), firms), np.nan), networks[:, :, 3]], axis=1).reshape(-1)
    agents = np.tile(np.arange(firms + nets), len(runs))
    columns = {
        "agent": repeated([*world.firm_ids, *world.network_ids], agents),
        "kind": repeated(["plant", "network"], (agents >= firms).astype(int)),
        "technology": repeated(names, technology.reshape(-1)),
        "fid_year": year_of(fid, world.first_year),
        "start_year": year_of(start, world.first_year),
        "signed_share_at_fid": column(signed, np.isnan(signed) | (fid < 0)),
    }
    return _table(policy, np.repeat(runs, firms + nets), columns)


def pipeline_table(policy: str, runs: np.ndarray, pipeline: np.ndarray, world: World) -> pa.Table:
    """Fates of projects in hand at the start: planned start, then FID, start and giving up as fractional years.

    What was decided before the start has its FID in the first quarter. A phase that never came into hand has no date.
    """
    places = np.tile(np.arange(len(world.projects)), len(runs))
    planned = np.array([project.start_year or 0 for project in world.projects], np.int32)[places]
    columns = {
        "agent": repeated([project.agent for project in world.projects], places),
        "project": repeated([project.name for project in world.projects], places),
        "planned_start_year": column(planned, planned == 0),
    }
    for k, name in enumerate(("fid_year", "start_year", "given_up_year")):
        columns[name] = year_of(pipeline[:, :, k].reshape(-1), world.first_year)
    return _table(policy, np.repeat(runs, len(world.projects)), columns)


def plants_table(policy: str, runs: np.ndarray, plants: np.ndarray, world: World, until: int | None) -> pa.Table:
    """What every plant (or unit) emitted in every year, and emitted less than at the start by cause, kt a year."""
    last_year = world.last_year if until is None else until
    firms, years = len(world.firm_ids), last_year - world.first_year + 1
    plants = plants[:, :, :years]
    columns: dict[str, Any] = {
        "agent": repeated(world.firm_ids, np.tile(np.repeat(np.arange(firms), years), len(runs))),
        "year": np.tile(np.arange(world.first_year, last_year + 1, dtype=np.int32), firms * len(runs)),
    }
    columns |= {name: plants[..., k].reshape(-1) for k, name in enumerate(PLANT_COLUMNS)}
    return _table(policy, np.repeat(runs, firms * years), columns)


def events_table(policy: str, runs: np.ndarray, events: list[list[tuple[int, str, str]]]) -> pa.Table:
    """What happened, in the order in which it did: quarter of the horizon, agent, sentence."""
    places = np.repeat(np.arange(len(runs)), [len(events[run]) for run in range(len(runs))])
    told = [event for run in range(len(runs)) for event in events[run]]
    columns = {
        "quarter": pa.array([event[0] for event in told], pa.int16()),
        "agent": pa.array([event[1] for event in told], pa.string()),
        "event": pa.array([event[2] for event in told], pa.string()),
    }
    return _table(policy, runs[places], columns)


def merge(folder: Path, keys: list[str], policies: list[str], recording: str = RECORDING,
          merged: Callable[[str], None] | None = None) -> dict[str, str]:  # fmt: skip
    """Merge the parts of all shards, in order, into tables with row groups of one size; returns their checksums.

    merged: hears of each table that is there, those first of which figures are drawn.
    """
    sums = {}
    drawn = [table for table in DRAWN if table in RECORDINGS[recording]]
    for table in dict.fromkeys((*drawn, *RECORDINGS[recording])):
        with replacing(table_path(folder, table)) as temporary:
            parts = (part_path(folder, table, key) for key in keys)
            if table == "bands":
                rows = iter([bands_of(add_up(map(read_parquet, parts)), policies)])
            else:
                rows = (read_parquet(part, encoded=False) for part in parts)
            _write_groups(table, rows, temporary)
            sums[table] = checksum(temporary)
        if merged is not None:
            merged(table)
    return {table: sums[table] for table in RECORDINGS[recording]}


def _write_groups(name: str, tables: Iterator[pa.Table], path: Path) -> None:
    """Write the parts of a table in their order, in row groups of one size, so that the bytes do not hang on the parts."""
    writer = None
    pending: list[pa.Table] = []
    waiting = 0
    for table in tables:
        writer = writer or pq.ParquetWriter(path, table.schema, **encoding(name, table.schema))
        pending.append(table)
        waiting += len(table)
        del table
        if waiting >= ROW_GROUP:
            joined = _joined(pending)
            full = waiting // ROW_GROUP * ROW_GROUP
            writer.write_table(joined.slice(0, full), row_group_size=ROW_GROUP)
            rest = joined.slice(full)
            pending, waiting = [_joined([rest, rest.slice(0, 0)])], len(rest)  # a copy, so that those before it can go
            del joined, rest
    if writer is not None:
        if waiting:
            writer.write_table(_joined(pending), row_group_size=ROW_GROUP)
        writer.close()


def _joined(tables: list[pa.Table]) -> pa.Table:
    """Tables in one piece, which are taken from the list: column by column, so that little is held twice."""
    columns, names, schema = [], tables[0].column_names, tables[0].schema
    for name in names:
        chunks = [chunk for table in tables for chunk in table[name].chunks]
        columns.append(pa.chunked_array(chunks, schema.field(name).type).combine_chunks())
        tables[:] = [table.drop_columns([name]) for table in tables]
    tables.clear()
    return pa.Table.from_arrays(columns, schema=schema)
