"""Computes a sample of a result's runs again and compares them with its tables, bit for bit.

`bands` are counted over all runs: they are counted anew from the `series`. A result without series needs all its runs for
that, and rests on the checksum of its bands if fewer are computed again.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from clusterpact.experiments.experiment import Experiment, id_of
from clusterpact.experiments.folder.again import Again, OnProcessor
from clusterpact.experiments.folder.failures import read_failures
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.reopen import changed_inputs, reopen
from clusterpact.experiments.folder.rules import refuse_other_rules
from clusterpact.experiments.folder.whole import changed_tables, missing_rows, odd_tables, read_sums
from clusterpact.results.bands import MEASURED, add_up, bands_of, count_rows
from clusterpact.results.recorded import RECORDINGS, table_path

AT_ONCE = 25  #: runs whose rows are read together: few passes over a table, little memory
SHOWN = 10  #: differences that are told one by one


@dataclass(frozen=True)
class Verdict:
    """What was compared, line by line, and whether everything holds."""

    lines: list[str]
    holds: bool


@dataclass
class _Findings:
    """What the recomputation found, per policy, and the first differences in words."""

    agreed: Counter[str] = field(default_factory=Counter)
    failed_again: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    counts: list[pa.Table] = field(default_factory=list)  #: of the bands of all runs that were computed, added up

    def count(self, tables: list[pa.Table]) -> None:
        """Add the counts of some runs to those that are known."""
        kept = pa.concat_tables([*self.counts, *tables]).unify_dictionaries()
        groups = [name for name in kept.schema.names if name != "count"]
        self.counts = [kept.group_by(groups).aggregate([("count", "sum")]).rename_columns([*groups, "count"])]

    def add(self, policy: str, run: int, difference: str | None, failed: bool) -> None:
        """Note what came of one run."""
        self.drawn[policy] += 1
        if difference is None:
            self.agreed[policy] += 1
            self.failed_again[policy] += failed
        else:
            self.differences.append(f"{policy}, run {run}: {difference}")


def verify_result(folder: Path, runs: int = 20, seed: int = 0, again: Callable[[Path], Again] = OnProcessor) -> Verdict:
    """Check a complete result: checksums, inputs, and a random sample of its runs, computed again.

    runs: of all policies together, drawn without repetition, at most all; runs that failed are drawn too and must fail
    again. again: a function of the folder, of what computes them. Raises InputError for a folder that is no complete result,
    or one that was made by other rules: what they would give cannot be computed here.
    """
    manifest = read_manifest(folder)
    refuse_other_rules(folder, manifest)
    sums = read_sums(folder)
    doubts = [f"inputs:  {line}" for line in changed_inputs(folder, manifest)]
    if id_of(manifest.experiment.as_data()) != manifest.id:
        doubts.append("inputs:  the experiment in the manifest is not that of its id")
    lines = doubts or [f"inputs:  {len(manifest.experiment.inputs)} files as the manifest says"]
    tables = [f"tables:  {line}" for line in changed_tables(folder, manifest.experiment.recording, sums)]
    lines += tables or [f"tables:  {', '.join(sums.tables)} with their checksums"]
    if doubts:  # other inputs are another experiment
        return Verdict([*lines, "verdict: does not hold; no run was computed, since the inputs are not the result's"], False)
    experiment = reopen(folder)
    odd = [f"tables:  {line}" for line in odd_tables(experiment, folder)]
    if odd:
        return Verdict([*lines, *odd, "verdict: does not hold; no run was computed, since a table cannot be read"], False)
    findings = _compute_again(experiment, folder, draw_sample(experiment, runs, seed), again(folder))
    total = len(experiment.policies) * experiment.runs
    lines += [_count_again(experiment, folder, findings, total), *_tell(findings, total, seed)]
    holds = not tables and not findings.differences
    return Verdict([*lines, f"verdict: {'holds' if holds else 'does not hold'}"], holds)


def draw_sample(experiment: Experiment, runs: int, seed: int) -> dict[int, list[int]]:
    """Runs drawn over all policies without repetition: per place of a policy, its runs in their order."""
    total = len(experiment.policies) * experiment.runs
    places = np.random.default_rng(seed).choice(total, min(runs, total), replace=False, shuffle=False)
    sample: dict[int, list[int]] = {}
    for place in np.sort(places):
        policy, run = divmod(int(place), experiment.runs)
        sample.setdefault(policy, []).append(experiment.first_run + run)
    return sample


def _compute_again(experiment: Experiment, folder: Path, sample: dict[int, list[int]], kernel: Again) -> _Findings:
    """Compute the runs of a sample and compare each with its rows; the books of one that failed are audited as well."""
    failed = {(failure["policy"], failure["run"]) for failure in read_failures(folder)}
    findings = _Findings()
    tables = {name: ds.dataset(table_path(folder, name)) for name in RECORDINGS[experiment.recording] if name != "bands"}
    findings.differences += missing_rows(experiment, folder)
    for policy, runs in sample.items():
        name = experiment.policies[policy].name
        for first in range(0, len(runs), AT_ONCE):
            if first % kernel.at_once == 0:
                kernel.begin(policy, runs[first : first + kernel.at_once])
            some = runs[first : first + AT_ONCE]
            held = {table: _read(source, name, some) for table, source in tables.items()}
            counts = []
            for run in some:
                was_failed = (name, run) in failed
                computed = kernel.tables(policy, run, audited=was_failed)
                counts += [] if computed is None else [computed["bands"]]
                difference = _difference(run, held, computed, was_failed)
                findings.add(name, run, difference, was_failed)
            if counts and "series" not in tables:
                findings.count(counts)
    return findings


def _count_again(experiment: Experiment, folder: Path, findings: _Findings, total: int) -> str:
    """Count the bands anew from the series, or from all runs if there are none; what differs is noted. Returns a line."""
    names = [policy.name for policy in experiment.policies]
    if "series" not in RECORDINGS[experiment.recording] and findings.drawn.total() < total:
        return f"bands:   by their checksum alone, since no series are recorded; --runs {total} counts them anew"
    by_series = "series" in RECORDINGS[experiment.recording]
    try:
        counted = add_up(
            _counts_of(table_path(folder, "series"), names) if by_series else _by_policy(findings.counts, names)
        )
        difference = first_difference(pq.read_table(table_path(folder, "bands")), bands_of(counted, names), "")
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
        difference = " cannot be counted anew: a table cannot be read"
    if difference is not None:
        findings.differences.append(f"bands{difference}")
    found = "differ" if difference else "agree"
    return f"bands:   counted anew from {'the series' if by_series else 'all runs'}, and {found}"


def _counts_of(path: Path, names: list[str]) -> Iterator[pa.Table]:
    """Counts of the bands of a table of series, a row group at a time."""
    with pq.ParquetFile(path) as source:
        for group in range(source.num_row_groups):
            rows = source.read_row_group(group, columns=["policy", "year", *MEASURED])
            yield from (count_rows(name, mine) for name, mine in _of_each(rows, names))


def _by_policy(tables: list[pa.Table], names: list[str]) -> Iterator[pa.Table]:
    """Counts of some runs, those of every policy by themselves."""
    for table in tables:
        yield from (mine for _, mine in _of_each(table, names))


def _of_each(rows: pa.Table, names: list[str]) -> Iterator[tuple[str, pa.Table]]:
    """The rows of every policy that has some."""
    for name in names:
        mine = rows.filter(pc.equal(rows["policy"], name))
        if len(mine):
            yield name, mine.combine_chunks()


def _read(source: ds.Dataset, policy: str, runs: list[int]) -> pa.Table | None:
    """The rows of some runs, in the order of the table; None if they cannot be read.

    One row group after the other, and only those whose range holds one of the runs (Arrow sees that of single conditions
    alone): memory stays that of a row group however large the table is.
    """
    chosen = ds.field("run") == runs[0]
    for run in runs[1:]:
        chosen |= ds.field("run") == run
    wanted = (ds.field("policy") == policy) & chosen
    try:
        groups = [group for fragment in source.get_fragments() for group in fragment.split_by_row_group(wanted)]
        return pa.concat_tables([source.schema.empty_table(), *(group.to_table(filter=wanted) for group in groups)])
    except (pa.ArrowException, OSError):
        return None


def _difference(run: int, held: dict[str, pa.Table | None], computed: dict[str, pa.Table] | None,
                was_failed: bool) -> str | None:  # fmt: skip
    """How a run, computed again, differs from what the tables hold; None if it does not."""
    if (computed is None) != was_failed:
        return "failed and does not fail again" if was_failed else "is on no list of failures and fails now"
    for table, rows in held.items():
        if rows is None:
            return f"{table} cannot be read"
        mine = rows.filter(pc.equal(rows["run"], run))
        if computed is None:
            difference = f" holds {len(mine)} rows of a failed run" if len(mine) else None
        else:
            difference = first_difference(mine, computed[table])
        if difference is not None:
            return f"{table}{difference}"
    return None


def first_difference(held: pa.Table, computed: pa.Table, whole: str = " of the run") -> str | None:
    """The first column and row in which two tables differ in a bit, in words; None if they do not."""
    if held.schema.names != computed.schema.names or held.schema.types != computed.schema.types:
        return " has other columns"
    if len(held) != len(computed):
        return f" holds {len(held)} rows, computed {len(computed)}"
    for name in computed.schema.names:
        rows = np.flatnonzero(~_same_bits(held[name].combine_chunks(), computed[name].combine_chunks()))
        if len(rows):
            row = int(rows[0])
            values = f"holds {held[name][row].as_py()!r}, computed {computed[name][row].as_py()!r}"
            return f".{name}, row {row + 1}{whole}: {values}"
    return None


def _same_bits(first: pa.Array, second: pa.Array) -> np.ndarray:
    """Which rows of two columns of one type are the same; zeros of either sign differ, empty cells are alike."""
    same: np.ndarray = np.asarray(pc.equal(first.is_null(), second.is_null()))
    if pa.types.is_floating(first.type):
        words = [pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False).view(np.uint64) for column in (first, second)]
        same = same & (words[0] == words[1])
    else:
        same = same & np.asarray(pc.fill_null(pc.equal(first, second), True))
    return same


def _tell(findings: _Findings, total: int, seed: int) -> Iterator[str]:
    """What was found, in lines."""
    yield f"runs:    {findings.drawn.total():,} of {total:,} computed again (drawn with seed {seed})"
    for policy, drawn in findings.drawn.items():
        again = f", {findings.failed_again[policy]:,} by failing again" if findings.failed_again[policy] else ""
        yield f"         {policy}: {findings.agreed[policy]:,} of {drawn:,} agree{again}"
    for difference in findings.differences[:SHOWN]:
        yield f"differs: {difference}"
    if len(findings.differences) > SHOWN:
        yield f"         and {len(findings.differences) - SHOWN:,} more"
