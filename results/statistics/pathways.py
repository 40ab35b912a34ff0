"""Which step of a package follows which signal: when each instrument starts over the runs, and which one after which.

A step is an instrument of a package, in force from its year or its signal on. Shares are of the package's runs, with
intervals after Wilson (1927). No SciPy here: `run` draws the figure of these tables, and does without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from clusterpact.policies.package import Package, Points
from clusterpact.policies.signals import Signal

CONFIDENCE = 0.95
LEAST_SHARE = 0.1  #: of runs: an order that is rarer is no pathway
START = "start_year_"  #: of the columns of outcomes that say when what waits for a signal started
PATHWAYS = ["policy", "instrument", "signal", "year", "runs", "share", "share_low", "share_high"]
STEPS = ["policy", "instrument", "signal", "runs", "started_share", "started_share_low", "started_share_high", "never_share",
         "year_p5", "year_median", "year_p95", "end_year"]  # fmt: skip
ORDERS = ["policy", "earlier", "later", "runs", "share", "share_low", "share_high", "other_way_share", "same_year_share",
          "later_year_median", "years_between_median", "is_told", "is_direct"]  # fmt: skip
YEARS = ("year_p5", "year_median", "year_p95", "end_year", "later_year_median", "years_between_median")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Step:
    """An instrument of a package: what it waits for (None: its year), the year of its start by run, infinite where it never
    starts, and the years of the horizon in which the calendar has it in force (none of one that waits)."""

    instrument: str
    signal: Signal | None
    starts: np.ndarray
    in_force: tuple[int, ...] = ()

    def share(self, year: int) -> float:
        """The share of runs in which it is in force in a year."""
        if self.signal is None:
            return float(year in self.in_force)
        return float((self.starts <= year).mean())


def is_needed(column: str) -> bool:
    """Whether these tables need a column of the outcomes."""
    return column in ("policy", "run") or column.startswith(START)


def pathway_tables(outcomes: pd.DataFrame, policies: Sequence[Package], first_year: int,
                   last_year: int) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Three tables of the packages that wait for a signal somewhere, in the order of the outcomes; none if none does.

    pathways: a row per step and year, the `share` of runs in which it is in force, with its 95 % interval.

    pathway_steps: a row per step, those by the calendar first: in how many runs it starts, and years of that (the first by
    which 5, 50 and 95 % of those runs have started it; end_year: from which on its strength is 0).

    pathway_orders: a row per pair of steps of which a signal decides the order: in which share of runs the `later`, which
    waits for a signal, starts in a later year than the `earlier`, in an earlier one, or in the same; of the first, medians
    of its year and of the years between. is_told: it is as often as LEAST_SHARE, and more often so than the other way round
    (interval adjusted for all pairs of the package, Bonferroni); what the calendar starts comes first only where the other
    way round is as often as LEAST_SHARE too: else the calendar alone has decided. is_direct: and no third step stands
    between them, as two orders have it that are no rarer.
    """
    packages = {policy.name: policy for policy in policies if policy.signals}
    rows: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    for name in (str(policy) for policy in dict.fromkeys(outcomes["policy"])):
        if name in packages:
            steps = steps_of(packages[name], outcomes[outcomes["policy"] == name], first_year, last_year)
            years = range(first_year, last_year + 1)
            rows[0].extend((name, *row) for step in steps for row in _by_year(step, years))
            rows[1].extend((name, *_summary(step, last_year)) for step in steps)
            rows[2].extend((name, *row) for row in _orders(steps, first_year))
    if not packages:
        return {}
    found = {name: pd.DataFrame(table, columns=columns) for name, table, columns in zip(
        ("pathways", "pathway_steps", "pathway_orders"), rows, (PATHWAYS, STEPS, ORDERS), strict=True)}  # fmt: skip
    return {name: table.astype({c: "Int64" for c in YEARS if c in table.columns}) for name, table in found.items()}


def steps_of(package: Package, rows: pd.DataFrame, first_year: int, last_year: int) -> list[Step]:
    """The steps of a package, by calendar and then by signal, each in the order of their starts.

    What is never above zero by the calendar has none. rows: the outcomes of the package's runs.
    """
    steps = []
    for name, points in package.schedules.items():
        if signal := package.signals.get(name):
            steps.append(Step(name, signal, rows[f"{START}{name}"].fillna(np.inf).to_numpy(float)))
        elif in_force := _years_in_force(points, first_year, last_year):
            steps.append(Step(name, None, np.full(len(rows), float(in_force[0])), in_force))
    return sorted(steps, key=lambda step: (step.signal is not None, _quantile(step.starts, 0.5), step.starts.mean()))


def _years_in_force(points: Points, first_year: int, last_year: int) -> tuple[int, ...]:
    """The years of the horizon in which a schedule has a strength above zero."""
    level = np.zeros(last_year - first_year + 1)
    for start, strength in points:
        level[max(0, start - first_year) :] = strength
    return tuple(first_year + int(k) for k in np.flatnonzero(level > 0))


def _quantile(values: np.ndarray, fraction: float) -> float:
    """The least of the values that so large a share of them does not exceed."""
    return float(np.quantile(values, fraction, method="inverted_cdf"))


def _by_year(step: Step, years: range) -> Iterator[tuple[Any, ...]]:
    runs = len(step.starts)
    for year in years:
        share = step.share(year)
        interval = wilson(round(share * runs), runs) if step.signal else (share, share)
        yield (step.instrument, _written(step), year, runs, share, *interval)


def _summary(step: Step, last_year: int) -> tuple[Any, ...]:
    runs, known = len(step.starts), step.starts[np.isfinite(step.starts)]
    share = len(known) / runs
    interval = wilson(len(known), runs) if step.signal else (share, share)
    years = [int(_quantile(known, q)) for q in (0.05, 0.5, 0.95)] if len(known) else [None] * 3
    end = step.in_force[-1] + 1 if step.in_force and step.in_force[-1] < last_year else None
    return (step.instrument, _written(step), runs, share, *interval, 1 - share, *years, end)


def _written(step: Step) -> str:
    return str(step.signal) if step.signal else ""


def _orders(steps: list[Step], first_year: int) -> Iterator[tuple[Any, ...]]:
    """A row per pair of steps whose order a signal decides."""
    found = [_in_order(one, other) for one, other in combinations(steps, 2) if _is_open(one, other, first_year)]
    limit = 1 - (1 - CONFIDENCE) / max(1, len(found))
    told = {(one.instrument, other.instrument): _after(one, other) for one, other in found if _is_told(one, other, limit)}
    for one, other in found:
        pair, runs, gaps = (one.instrument, other.instrument), len(one.starts), _gaps(one, other)
        after = gaps > 0
        years = [int(_quantile(values, 0.5)) if after.any() else None for values in (other.starts[after], gaps[after])]
        shares = [float((gaps < 0).sum() / runs), float((gaps == 0).sum() / runs)]
        interval = wilson(int(after.sum()), runs)
        is_direct = pair in told and not _is_through(pair, told)
        yield (*pair, runs, _after(one, other), *interval, *shares, *years, pair in told, is_direct)


def _after(one: Step, other: Step) -> float:
    """The share of runs in which the second of two steps starts in a later year than the first."""
    return float((_gaps(one, other) > 0).mean())


def _is_open(one: Step, other: Step, first_year: int) -> bool:
    """Whether either step may come first: a signal is first looked at in the second year, and may have to last."""
    if one.signal and other.signal:
        return True
    if not (one.signal or other.signal):
        return False
    waiting, dated = (one, other) if one.signal else (other, one)
    assert waiting.signal is not None
    return bool(dated.starts[0] > first_year + waiting.signal.years)


def _gaps(one: Step, other: Step) -> np.ndarray:
    """Years from the start of one step to that of another by run, missing where either never starts."""
    both = np.isfinite(one.starts) & np.isfinite(other.starts)
    gaps: np.ndarray = np.subtract(other.starts, one.starts, out=np.full(len(both), np.nan), where=both)
    return gaps


def _in_order(one: Step, other: Step) -> tuple[Step, Step]:
    """Two steps, last the one that follows: what waits for a signal, and of two such the one that more often comes later."""
    if one.signal is None or other.signal is None:
        return (one, other) if one.signal is None else (other, one)
    gaps = _gaps(one, other)
    return (one, other) if (gaps > 0).sum() >= (gaps < 0).sum() else (other, one)


def _is_told(one: Step, other: Step, confidence: float) -> bool:
    """Whether the second of two steps starts after the first often enough, and more often than before it."""
    gaps = _gaps(one, other)
    after, before, least = int((gaps > 0).sum()), int((gaps < 0).sum()), LEAST_SHARE * len(gaps)
    if after < least or (one.signal is None and before < least):
        return False
    return wilson(after, after + before, confidence)[0] > 0.5


def _is_through(pair: Pair, told: dict[Pair, float]) -> bool:
    """Whether an order goes through a third step, in orders that are no rarer."""
    return any(first == pair[0] and min(share, told.get((second, pair[1]), 0.0)) >= told[pair]
               for (first, second), share in told.items())  # fmt: skip


def wilson(count: int, runs: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of a share of runs (Wilson 1927)."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = count / runs, z * z / runs
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * float(np.sqrt(share * (1 - share) / runs + weight / (4 * runs)))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
