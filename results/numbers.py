"""The numbers of a result for other programs: a row per policy and quantity, every cell one number or one name."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from clusterpact.agents.vocabulary import GATES
from clusterpact.results import arrow
from clusterpact.results.statistics.convergence import standard_error
from clusterpact.results.summary import OF_START, Quantity, quantities, reported_years

if TYPE_CHECKING:
    import pandas as pd

#: Columns of `summary.csv` and their types. value is a mean over runs; of years of decision, the median.
NUMBERS = {
    "policy": "string", "quantity": "string", "value": "number", "standard_error": "number", "p5": "number",
    "p95": "number", "runs": "integer", "unit": "string", "outcome": "string",
}  # fmt: skip


def numbers(outcomes: arrow.Table, bands: arrow.Table, kinds: Mapping[str, str]) -> "pd.DataFrame":
    """The headline table as numbers, see `rows_of_numbers`."""
    import pandas as pd

    return pd.DataFrame(rows_of_numbers(outcomes, bands, kinds), columns=list(NUMBERS))


def rows_of_numbers(outcomes: arrow.Table, bands: arrow.Table, kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    """The headline table as numbers: a row per policy and quantity, cells `NUMBERS`.

    standard_error: Monte Carlo error of the mean; p5 and p95: of runs, none for what a run either has or has not; runs:
    that the value is of; outcome: column of the outcomes, or measure of the bands. kinds: the kind of every network.
    """
    rows = []
    held = _gates(bands, reported_years(outcomes))
    told = [(one, [arrow.numbers(outcomes, name) for name in one.columns]) for one in quantities(outcomes, kinds)]
    for policy, mine in arrow.by_policy(outcomes).items():
        for quantity, columns in told:
            rows += [{"policy": policy} | row for row in _rows([values[mine] for values in columns], quantity)]
        rows += [{"policy": policy} | row for row in held.get(policy, [])]
    return rows


def _rows(columns: list[np.ndarray], quantity: Quantity) -> Iterator[dict[str, Any]]:
    """The rows of one quantity under one policy, of its columns."""
    outcome, dates = " ".join(quantity.columns), np.stack(columns)
    if quantity.kind == "chance":
        yield _chance(quantity.name, dates[0], outcome)
    elif quantity.kind in ("date", "dates"):
        decided = ~np.isnan(dates)
        if quantity.kind == "date":
            yield _chance(f"chance of {quantity.name}", decided[0], outcome)
        else:
            yield _spread(f"number of {quantity.name}", decided.sum(axis=0), "networks", outcome)
        years = dates.T[decided.T]
        median = float(np.median(years)) if len(years) else None
        yield _spread(quantity.name, years, "year", outcome) | {"value": median, "standard_error": None}
    else:
        yield _spread(quantity.name, (100 if quantity.kind == "percent" else 1) * dates[0], quantity.unit, outcome)


def _spread(name: str, values: np.ndarray, unit: str, outcome: str) -> dict[str, Any]:
    """The row of a quantity: mean, its error and the ends of the values, none where there are no values."""
    error = standard_error(values)
    mean, low, high = (values.mean(), *np.percentile(values, [5, 95])) if len(values) else [float("nan")] * 3
    return {"quantity": name, "value": float(mean), "standard_error": error, "p5": float(low), "p95": float(high),
            "runs": len(values), "unit": unit, "outcome": outcome}  # fmt: skip


def _chance(name: str, values: np.ndarray, outcome: str) -> dict[str, Any]:
    return _spread(name, 100 * values.astype(float), "% of runs", outcome) | {"p5": None, "p95": None}


def _gates(bands: arrow.Table, years: list[int]) -> dict[str, list[dict[str, Any]]]:
    """What plants behind every gate still emit in some years, by policy; bands hold no error of their means."""
    (policy, policies), (measure, measures) = arrow.texts(bands, "policy"), arrow.texts(bands, "measure")
    year, mean, low, high, runs = (arrow.numbers(bands, name) for name in ("year", "mean", "q05", "q95", "runs"))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in policies}
    for number, gate in enumerate(GATES, start=1):
        outcome = f"gate_{number}"
        mine = measure == measures.index(outcome) if outcome in measures else np.zeros(len(measure), bool)
        for k in np.flatnonzero(mine & np.isin(year, years)).tolist():
            found[policies[policy[k]]].append({
                "quantity": f"still emitted in {year[k]} behind gate {number} ({gate})", "value": float(100 * mean[k]),
                "standard_error": None, "p5": float(100 * low[k]), "p95": float(100 * high[k]), "runs": int(runs[k]),
                "unit": OF_START, "outcome": outcome,
            })  # fmt: skip
    return found
