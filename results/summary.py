"""The headline table: what a policy designer reads first, per package, each number with its Monte Carlo error."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.agents.vocabulary import GATE_CLOSED, GATE_SWITCHED, GATES
from clusterpact.inputs import InputError
from clusterpact.results.arrow import Table, by_policy, names_of, numbers, read_parquet, texts
from clusterpact.results.language import _, written
from clusterpact.results.recorded import CAUSES, table_path
from clusterpact.results.statistics.convergence import standard_error

if TYPE_CHECKING:
    import pandas as pd

Read = TypeVar("Read")
HEADLINES = ("policy", "run", "cumulative_mt", "public_meur", "private_meur", "jobs_direct")
ROUNDING = 1e-9  #: what is smaller is an error of rounding
NO_NAMES: Mapping[str, str] = {}
MANY_NETWORKS = 8  #: beyond this, the table has a line per kind of network


OF_START = "% of scope 1"
#: What a result adds up: its column, how the headline table words it, its name and its unit.
TOTALS = (
    ("cumulative_mt", "CO2 emitted over the horizon, Mt", "CO2 emitted over the horizon", "Mt CO2e"),
    ("public_meur", "public money, MEUR (carbon contracts may pay back)", "public money", "MEUR"),
    ("private_meur", "private money, MEUR", "private money", "MEUR"),
    ("jobs_direct", "direct jobs at the end", "direct jobs at the end", "jobs"),
)


@dataclass(frozen=True)
class Quantity:
    """One quantity of a result: how the headline table words it, its name and unit, and its columns of the outcomes.

    kind: chance (true or false by run), percent (a share), number, date (a year, missing if never) or dates (of several).
    """

    label: str
    name: str
    unit: str
    columns: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Headline:
    """One line of the headline table: what it says, and a cell per policy."""

    label: str
    cells: dict[str, str]


def read_table(folder: Path, table: str, columns: Callable[[str], bool] | None = None) -> "pd.DataFrame":
    """A merged table of a result, or some of its columns; raises InputError if it is missing or damaged."""
    import pandas as pd

    return _read(folder, table, columns, lambda path, chosen: pd.read_parquet(path, columns=chosen))


def read_arrow(folder: Path, table: str, columns: Callable[[str], bool] | None = None) -> pa.Table:
    """The same as a table of Arrow, for what does without pandas."""
    return _read(folder, table, columns, read_parquet)


def _read(folder: Path, table: str, columns: Callable[[str], bool] | None,
          read: Callable[[Path, list[str] | None], Read]) -> Read:  # fmt: skip
    path = table_path(folder, table)
    if not path.is_file():
        raise InputError(path, "table", None, "is missing; run the experiment to the end")
    try:
        chosen = None if columns is None else [name for name in pq.read_schema(path).names if columns(name)]
        return read(path, chosen)
    except (pa.ArrowException, OSError):
        raise InputError(path, "table", None, "is damaged; run the experiment again to mend it") from None


def is_headline(column: str) -> bool:
    """Whether the headline table or the advice on runs needs a column of the outcomes."""
    parts = tuple(f"{part}_share_" for part in ("abated", *CAUSES))
    return column in HEADLINES or column.startswith(("target_", *parts, "fid_year_"))


def quantities(outcomes: Table, kinds: Mapping[str, str], names: Mapping[str, str] = NO_NAMES) -> list[Quantity]:
    """What is told of a result, in order; kinds: the kind of every network, and many of a kind stand in one line.

    names: what labels call networks by id, where that is not by their ids. Labels are in the language that is spoken.
    """
    told = names_of(outcomes)
    found = []
    for column in [c for c in told if c.startswith("target_")]:
        year = column.split("_")[1]
        label = _("chance of the {year} target, %").format(year=year)
        found.append(Quantity(label, f"chance of the {year} target", "%", (column,), "chance"))
    for column in [c for c in told if c.startswith("abated_share_")]:
        year = column.rsplit("_", 1)[1]
        label, name = _("abated by {year}, % of scope 1").format(year=year), f"abated by {year}"
        found.append(Quantity(label, name, OF_START, (column,), "percent"))
        for cause, words in CAUSES.items():
            label = _("- {cause}, {year}").format(cause=_(words), year=year)
            found.append(Quantity(label, f"{name} {words}", OF_START, (column.replace("abated", cause),), "percent"))
    found += [Quantity(_(label), name, unit, (column,), "number") for column, label, name, unit in TOTALS]
    dates = {name: numbers(outcomes, f"fid_year_{name}") for name in kinds if f"fid_year_{name}" in told}
    decided = [name for name, years in dates.items() if not np.isnan(years).all()]
    if len(decided) <= MANY_NETWORKS:
        for name in decided:
            label = _("FID of {network}: % of runs, median year where decided").format(network=names.get(name, name))
            found.append(Quantity(label, f"FID of {name}", "year", (f"fid_year_{name}",), "date"))
    else:
        for kind in dict.fromkeys(kinds.values()):
            columns = tuple(f"fid_year_{name}" for name in kinds if kinds[name] == kind)
            label = _("{kind} networks decided, of {count}; median year").format(kind=_(kind), count=len(columns))
            found.append(Quantity(label, f"FIDs of {kind} networks", "year", columns, "dates"))
    return found


def headlines(outcomes: Table, bands: Table, kinds: Mapping[str, str],
              names: Mapping[str, str] = NO_NAMES) -> list[Headline]:  # fmt: skip
    """The headline table of a result, a line per quantity and a cell per policy, in the language that is spoken.

    A cell is a mean, its Monte Carlo error (one standard error) after ±, and the 5-95 % range of runs in brackets.
    kinds: the kind of every network; where there are many networks, a line stands for all of a kind. names: what labels
    call networks by id.
    """
    groups, held = by_policy(outcomes), means_of(bands)
    lines = []
    for quantity in quantities(outcomes, kinds, names):
        columns = [numbers(outcomes, column) for column in quantity.columns]
        cells = {policy: _cell([values[rows] for values in columns], quantity.kind) for policy, rows in groups.items()}
        if quantity.columns == ("jobs_direct",) and len(outcomes) > len(groups) and len(np.unique(columns[0])) == 1:
            jobs = written(f"{columns[0][0]:,.0f}")
            cells = dict.fromkeys(groups, _("{jobs}: nothing here moves them").format(jobs=jobs))
        lines.append(Headline(quantity.label, cells))
    for year in reported_years(outcomes)[:2]:
        cells = {policy: main_gate(held.get((policy, year), {})) for policy in groups}
        label = _("what holds it back in {year}, % of scope 1 still emitted").format(year=year)
        lines.append(Headline(label, cells))
    return lines


def reported_years(outcomes: Table) -> list[int]:
    """The years that a table of outcomes holds abated shares of."""
    return [int(name.rsplit("_", 1)[1]) for name in names_of(outcomes) if name.startswith("abated_share_")]


def means_of(bands: Table) -> dict[tuple[str, int], dict[str, float]]:
    """The means of every measure by policy and year."""
    (policy, policies), (measure, measures) = texts(bands, "policy"), texts(bands, "measure")
    found: dict[tuple[str, int], dict[str, float]] = {}
    columns = (policy, numbers(bands, "year"), measure, numbers(bands, "mean"))
    for one, year, name, mean in zip(*(column.tolist() for column in columns), strict=True):
        found.setdefault((policies[one], year), {})[measures[name]] = mean
    return found


def _cell(columns: list[np.ndarray], kind: str) -> str:
    """One cell: a share, percents or numbers with error and range, or how often and when something is decided."""
    values = columns[0]
    if len(values) == 0:
        return _("no run")
    if kind == "chance":
        return _chance(100 * values)
    if kind == "date":
        decided = ~np.isnan(values)
        if not decided.any():
            return _("never")
        return _("{share} %, {year}").format(share=_chance(100 * decided), year=f"{np.median(values[decided]):.0f}")
    if kind == "dates":
        dates = np.stack(columns)
        decided = ~np.isnan(dates)
        counts = decided.sum(axis=0)
        return f"{_with_error(counts)}, {np.median(dates[decided]):.0f}" if counts.any() else _("none")
    scaled = (100 if kind == "percent" else 1) * values
    low, high = np.percentile(scaled, [5, 95])
    digits = _significant(max(abs(low), abs(high))) if max(abs(low), abs(high)) < 0.5 else 0
    ends = [written(f"{end:z,.{digits}f}") for end in (low, high)]
    return _("{mean} ({low} to {high})").format(mean=_with_error(scaled), low=ends[0], high=ends[1])


def _chance(values: np.ndarray) -> str:
    """How often, in percent, with its error; for none or all of n runs the 95 % bound on the rest, three over n."""
    if len(values) < 2 or (values != values[0]).any():
        return _with_error(values)
    bound = min(100.0, 300 / len(values))
    if values[0] == 0:
        return written(f"0 (<{bound:.2g})") if bound < 100 else "0 (<100)"
    text = f"{100 - bound:.{max(0, 1 - math.floor(math.log10(bound)))}f}"
    return written(f"100 (>{text.rstrip('0').rstrip('.') if '.' in text else text})")


def _with_error(values: np.ndarray) -> str:
    """Mean and standard error, to the digit that the error allows; of what does not vary, two digits that say something."""
    error, mean = standard_error(values), float(values.mean())
    if error < max(ROUNDING, 1e-9 * abs(mean)):  # the same in all runs, but for rounding
        error = 0.0
    digits = max(0, -math.floor(math.log10(error))) if 0 < error < 0.95 else 0
    if error == 0 or math.isnan(error):
        digits = _significant(mean)
    text = f"{mean:z,.{digits}f}"
    return written(text if math.isnan(error) else f"{text} ±{error:,.{digits if error else 0}f}")


def _significant(value: float) -> int:
    """Decimals that show two significant digits of a value below ten that is not whole."""
    if abs(value) < ROUNDING or abs(value) >= 9.5 or abs(value - round(value)) < ROUNDING:
        return 0
    return 1 - math.floor(math.log10(abs(value)))


def main_gate(means: Mapping[str, float]) -> str:
    """The gate behind which plants that stand and have not switched still emit most, of the means of a policy and a year.

    With it the share of the emissions at the start: what is abated and what is behind all gates add up to them.
    """
    gates = (number for number in range(1, len(GATES) + 1) if number not in (GATE_SWITCHED, GATE_CLOSED))
    left = {number: means.get(f"gate_{number}", 0.0) for number in gates}
    if max(left.values()) <= 0:
        return _("nothing")
    number = max(left, key=lambda gate: left[gate])
    return _("{gate} ({share} %)").format(gate=_(GATES[number - 1]), share=f"{100 * left[number]:.0f}")
