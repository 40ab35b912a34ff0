"""Bands: how a measure spreads over runs in every year, counted shard by shard so that a million runs need little memory.

A value is counted in a bin that keeps its sign, exponent and eight bits of mantissa. Counts are whole numbers, so merging
them in any order gives the same bytes. A quantile is the middle of its bin: within 0.2 % of the sample's (BIN_ERROR). Shares
are rounded to a ten-thousandth first: near zero, where they may have either sign, they would need bins without end.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from clusterpact.results.arrow import named, numbers, repeated, table_of, texts
from clusterpact.sim.bins import HALF, MANTISSA_BITS, SHIFT, counts_of, memory_for
from clusterpact.sim.measures import ACCOUNT_DTYPE

BIN_ERROR = 2.0 ** -(MANTISSA_BITS + 1)  #: largest relative error of a value's bin
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
YEARS = 4096  #: more than any year
AT_ONCE = 2  #: parts whose counts are added up at a time
FEW = 65_536  #: bins whose spreads are taken all together
RUNS_HELD = 16  #: runs whose accounts are read together, some 300 kB

#: By policy: measure, year and bin in one number, sorted, and how many runs are in that bin; 16 bytes a bin.
Counts = dict[str, tuple[np.ndarray, np.ndarray]]

#: Measures with bands: what figures and the headline table show.
MEASURED = tuple(
    name for name in ACCOUNT_DTYPE.names or ()
    if name in ("scope1_kt", "captured_kt", "scope2_gwh", "hydrogen_gwh", "carbon_price_eur_per_t", "jobs_direct",
                "jobs_total", "gva_meur", "gva_total_meur", "capability", "adopted_instruments", "hurdle_pct")
    or name.startswith(("gate_", "trust_")) or name.endswith("_share")
)  # fmt: skip


def is_share(measure: str) -> bool:
    """Whether a measure is a share of the cluster's emissions."""
    return measure.endswith("_share") or measure.startswith("gate_")


def middle(bins: np.ndarray) -> np.ndarray:
    """The middle of bins, float64: the value that stands for all in it; zero stands for itself."""
    edges = (np.asarray(bins, np.int64) << SHIFT).view(np.float64)
    return np.where(edges == 0.0, 0.0, edges * (1.0 + BIN_ERROR))


def count_series(policy: str, series: np.ndarray, first_year: int) -> pa.Table:
    """Counts of one shard: policy, measure, year, bin, count; series are account records of shape (runs, years)."""
    runs, years = series.shape
    columns = dict(zip(MEASURED, _turned(series).reshape(len(MEASURED), years * runs), strict=True))
    return _counted(policy, columns.__getitem__, first_year + np.arange(years), runs * np.arange(1, years + 1))


def _turned(series: np.ndarray) -> np.ndarray:
    """The measures with bands of account records, year by year in one piece: shape (measures, years, runs).

    A few runs at a time, whose records the processor holds all at once: else each measure brings all of them anew.
    """
    names = list(ACCOUNT_DTYPE.names or ())
    places = [names.index(name) for name in MEASURED]
    numbers = series.view(np.float64).reshape(*series.shape, len(names))
    turned = np.empty((len(places), series.shape[1], len(series)))
    for first in range(0, len(series), RUNS_HELD):
        some = slice(first, first + RUNS_HELD)
        turned[..., some] = numbers[some][..., places].transpose(2, 1, 0)
    return turned


def count_rows(policy: str, rows: pa.Table) -> pa.Table:
    """The same counts of rows of the table `series`, all of one policy, in any order."""
    year = numbers(rows, "year")
    order = np.argsort(year, kind="stable")
    years, firsts = np.unique(year[order], return_index=True)
    return _counted(policy, lambda name: numbers(rows, name)[order], years, np.append(firsts[1:], len(rows)))


def _counted(policy: str, values_of: Callable[[str], np.ndarray], years: np.ndarray, ends: np.ndarray) -> pa.Table:
    """Counts of every measure; its values lie year after year, those of each year up to its end."""
    columns: dict[str, list[np.ndarray]] = {"measure": [], "year": [], "bin": [], "count": []}
    memory = memory_for(ends)
    for place, name in enumerate(MEASURED):
        bins, counts, bin_ends = counts_of(values_of(name), ends, is_share(name), memory)
        columns["measure"].append(np.full(len(bins), place, np.int32))
        columns["year"].append(np.repeat(years.astype(np.int32), np.diff(bin_ends, prepend=0)))
        columns["bin"].append(bins - HALF)
        columns["count"].append(counts)
    joined: dict[str, Any] = {name: np.concatenate(parts) for name, parts in columns.items()}
    joined["measure"] = named(MEASURED, joined["measure"])
    return table_of({"policy": named([policy], np.zeros(len(joined["year"]), np.int32)), **joined})


def add_up(parts: Iterable[pa.Table]) -> Counts:
    """The counts of all shards added up, a few at a time; sorted by measure, year and bin."""
    waiting: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for part in parts:
        if len(part):
            places, names = texts(part, "policy")
            found = waiting.setdefault(names[places[0]], [])
            found.append((_keys(part), numbers(part, "count")))
            if len(found) > AT_ONCE:
                found.append(_sum(found))
    return {policy: _sum(found) for policy, found in waiting.items()}


def _keys(part: pa.Table) -> np.ndarray:
    """Measure, year and bin in one whole number."""
    places, names = texts(part, "measure")
    measures = np.array([MEASURED.index(name) for name in names], np.int64)[places]
    keys: np.ndarray = (measures * YEARS + numbers(part, "year")) * (2 * HALF) + numbers(part, "bin") + HALF
    return keys


def _sum(found: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the same bins, which are taken from the list, added up.

    Each of the keys is sorted, so that a stable sort has but to merge them.
    """
    keys, counts = (np.concatenate(column) for column in zip(*found, strict=True))
    found.clear()
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    del order
    firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[firsts], np.add.reduceat(counts, firsts)


def bands_of(counts: Counts, policies: Iterable[str]) -> pa.Table:
    """Mean and quantiles per policy, measure and year, with the number of runs; policies and measures in their order."""
    names = [policy for policy in policies if policy in counts]
    found = [(place, _spreads(*some)) for place, policy in enumerate(names) for some in _blocks(*counts[policy])]
    spreads = [spread for _, spread in found]
    places = np.repeat([place for place, _ in found], [len(groups) for groups, _ in spreads]).astype(np.int64)
    groups = np.concatenate([np.zeros(0, np.int64), *(groups for groups, _ in spreads)])
    numbers_of = np.concatenate([np.zeros((0, 2 + len(QUANTILES))), *(rows for _, rows in spreads)])
    columns = {
        "policy": repeated(names, places), "measure": repeated(MEASURED, groups // YEARS),
        "year": (groups % YEARS).astype(np.int32), "runs": numbers_of[:, 0].astype(np.int64),
    } | dict(zip(("mean", *QUANTILES), numbers_of[:, 1:].T, strict=True))  # fmt: skip
    return table_of(columns)


def _blocks(keys: np.ndarray, count: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Counts of a policy, all together or, if they are many, measure by measure: spreads take ten times their memory."""
    edges = np.searchsorted(keys, np.arange(len(MEASURED) + 1) * YEARS * 2 * HALF) if len(keys) > FEW else [0, len(keys)]
    for first, end in pairwise(edges):
        if first < end:
            yield keys[first:end], count[first:end]


def _spreads(keys: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Measures and years in one number, and runs, mean and quantiles of each, shape (groups, 7); keys are sorted.

    A quantile is the smallest value that enough runs do not exceed. Values of one group fall and rise with their bins.
    """
    bins = keys % (2 * HALF) - HALF
    groups, firsts = np.unique(keys // (2 * HALF), return_index=True)
    ends = np.append(firsts[1:], len(keys))
    rising = np.where(bins < 0, -1 - bins - HALF, bins)  # among negative values, the least has the largest bin
    order = np.argsort(keys - bins + rising, kind="stable")
    values, count = middle(bins[order]), count[order]
    below = np.cumsum(count)
    before = below[firsts] - count[firsts]
    runs = below[ends - 1] - before
    weighed = values * count
    sums = [float(weighed[first:end].sum()) for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)]
    found = [runs, np.array(sums, float) / runs]
    found += [values[np.searchsorted(below, before + np.ceil(share * runs))] for share in QUANTILES.values()]
    return groups, np.stack(found, axis=1)
