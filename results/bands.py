"""Bands: how a measure spreads over runs in every year, counted shard by shard so that a million runs need little memory.

A value is counted in a bin that keeps its sign, exponent and eight bits of mantissa. Counts are whole numbers, so merging
them in any order gives the same bytes. A quantile is the middle of its bin: within 0.2 % of the sample's (BIN_ERROR).
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.measures import ACCOUNT_DTYPE

MANTISSA_BITS = 8
BIN_ERROR = 2.0 ** -(MANTISSA_BITS + 1)  #: largest relative error of a value's bin
SHIFT = 52 - MANTISSA_BITS
HALF = 1 << (63 - SHIFT)  #: bins of positive and of negative values
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
KEYS = ("measure", "year", "bin")
AT_ONCE = 8  #: parts whose counts are added up at a time

#: Measures with bands: what figures and the headline table show.
MEASURED = tuple(
    name for name in ACCOUNT_DTYPE.names or ()
    if name in ("scope1_kt", "captured_kt", "scope2_gwh", "hydrogen_gwh", "carbon_price_eur_per_t", "jobs_direct",
                "jobs_total", "gva_meur", "gva_total_meur", "capability", "adopted_instruments", "hurdle_pct")
    or name.startswith(("gate_", "trust_")) or name.endswith("_share")
)  # fmt: skip


def bin_of(values: np.ndarray) -> np.ndarray:
    """The bins of float64 values, int64 of the same shape; the bin of a number and of its negative differ."""
    return (np.ascontiguousarray(values, np.float64) + 0.0).view(np.int64) >> SHIFT


def middle(bins: np.ndarray) -> np.ndarray:
    """The middle of bins, float64: the value that stands for all in it; zero stands for itself."""
    edges = (np.asarray(bins, np.int64) << SHIFT).view(np.float64)
    return np.where(edges == 0.0, 0.0, edges * (1.0 + BIN_ERROR))


def count_bins(series: np.ndarray, first_year: int) -> pa.Table:
    """Counts of one shard: measure (its place in `MEASURED`), year, bin, count; series: account records (runs, years)."""
    years = series.shape[1]
    parts = []
    for place, name in enumerate(MEASURED):
        keys = bin_of(series[name]) + HALF + 2 * HALF * np.arange(years)
        found, counts = np.unique(keys, return_counts=True)
        measure = np.full(len(found), place, np.int16)
        year = (first_year + found // (2 * HALF)).astype(np.int16)
        parts.append((measure, year, (found % (2 * HALF) - HALF).astype(np.int32), counts.astype(np.int64)))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return pa.table(dict(zip((*KEYS, "count"), columns, strict=True)))


def add_up(parts: Iterable[pa.Table]) -> pa.Table:
    """The counts of several shards added up, a few parts at a time; sorted."""
    total: list[pa.Table] = []
    for part in parts:
        total.append(part)
        if len(total) > AT_ONCE:
            total = [_sum(total)]
    return _sum(total)


def _sum(tables: list[pa.Table]) -> pa.Table:
    summed = pa.concat_tables(tables).group_by(list(KEYS)).aggregate([("count", "sum")]).rename_columns([*KEYS, "count"])
    return summed.sort_by([(key, "ascending") for key in KEYS])


def bands_of(policy: str, counts: pa.Table) -> pa.Table:
    """Mean and quantiles of a policy per measure and year, with the number of runs; measures in their order."""
    rows: list[tuple[object, ...]] = []
    for place, name in enumerate(MEASURED):
        chosen = counts.filter(pc.equal(counts["measure"], place))
        year, bins, count = (chosen[key].to_numpy() for key in ("year", "bin", "count"))
        rows += [(policy, name, int(y), *_spread(bins[year == y], count[year == y])) for y in np.unique(year)]
    names = ("policy", "measure", "year", "runs", "mean", *QUANTILES)
    kinds = (pa.string(), pa.string(), pa.int32(), pa.int64(), *[pa.float64()] * (1 + len(QUANTILES)))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], names=list(names))


def _spread(bins: np.ndarray, count: np.ndarray) -> tuple[float, ...]:
    """Runs, mean and quantiles of binned values; a quantile is the smallest value that enough runs do not exceed."""
    values = middle(bins)
    order = np.argsort(values, kind="stable")
    values, count = values[order], count[order]
    below = np.cumsum(count)
    runs = int(below[-1])
    places = [int(np.searchsorted(below, np.ceil(share * runs))) for share in QUANTILES.values()]
    mean = float((values * count).sum() / runs)
    return (runs, mean, *(float(values[place]) for place in places))
