"""The numbers of a result for other programs: a row per policy and quantity, every cell one number or one name."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from clusterpact.agents.vocabulary import GATES
from clusterpact.results.statistics.convergence import standard_error
from clusterpact.results.summary import OF_START, Quantity, quantities, reported_years

#: Columns of `summary.csv` and their types. value is a mean over runs; of years of decision, the median.
NUMBERS = {
    "policy": "string", "quantity": "string", "value": "number", "standard_error": "number", "p5": "number",
    "p95": "number", "runs": "integer", "unit": "string", "outcome": "string",
}  # fmt: skip


def numbers(outcomes: pd.DataFrame, bands: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """The headline table as numbers: a row per policy and quantity, columns `NUMBERS`.

    standard_error: Monte Carlo error of the mean; p5 and p95: of runs, none for what a run either has or has not; runs:
    that the value is of; outcome: column of the outcomes, or measure of the bands. kinds: the kind of every network.
    """
    rows = []
    told = quantities(outcomes, kinds)
    for policy in dict.fromkeys(outcomes["policy"]):
        mine = outcomes[outcomes["policy"] == policy]
        rows += [{"policy": policy} | row for quantity in told for row in _rows(mine, quantity)]
        held = bands[(bands["policy"] == policy) & bands["year"].isin(reported_years(outcomes))]
        rows += [{"policy": policy} | row for row in _gates(held)]
    return pd.DataFrame(rows, columns=list(NUMBERS))


def _rows(mine: pd.DataFrame, quantity: Quantity) -> Iterator[dict[str, Any]]:
    """The rows of one quantity under one policy."""
    table, outcome = mine[list(quantity.columns)], " ".join(quantity.columns)
    first = table.iloc[:, 0]
    if quantity.kind == "chance":
        yield _chance(quantity.name, first, outcome)
    elif quantity.kind == "date":
        yield _chance(f"chance of {quantity.name}", first.notna(), outcome)
        yield _spread(quantity.name, first.dropna(), "year", outcome) | {"value": first.median(), "standard_error": None}
    elif quantity.kind == "dates":
        yield _spread(f"number of {quantity.name}", table.notna().sum(axis=1), "networks", outcome)
        years = pd.Series(table.to_numpy(float).ravel()).dropna()
        yield _spread(quantity.name, years, "year", outcome) | {"value": years.median(), "standard_error": None}
    else:
        yield _spread(quantity.name, (100 if quantity.kind == "percent" else 1) * first, quantity.unit, outcome)


def _spread(name: str, values: "pd.Series[Any]", unit: str, outcome: str) -> dict[str, Any]:
    low, high = values.quantile([0.05, 0.95])
    return {"quantity": name, "value": values.mean(), "standard_error": standard_error(values), "p5": low, "p95": high,
            "runs": len(values), "unit": unit, "outcome": outcome}  # fmt: skip


def _chance(name: str, values: "pd.Series[Any]", outcome: str) -> dict[str, Any]:
    return _spread(name, 100 * values.astype(float), "% of runs", outcome) | {"p5": None, "p95": None}


def _gates(held: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """What plants behind every gate still emit in the years that are reported; bands hold no error of their means."""
    for number, gate in enumerate(GATES, start=1):
        for row in held[held["measure"] == f"gate_{number}"].to_dict("records"):
            yield {"quantity": f"still emitted in {row['year']} behind gate {number} ({gate})", "value": 100 * row["mean"],
                   "standard_error": None, "p5": 100 * row["q05"], "p95": 100 * row["q95"], "runs": row["runs"],
                   "unit": OF_START, "outcome": f"gate_{number}"}  # fmt: skip
