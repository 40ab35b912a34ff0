"""Price paths: the rows of `prices.csv` and `own-prices.csv`, in the unit of their carrier whatever they are written in."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from clusterpact.agents.vocabulary import CARRIERS
from clusterpact.inputs import InputError, Record, read_table, unique
from clusterpact.sim.amounts import Mark, Year

CarrierName = Literal[CARRIERS]  # type: ignore[valid-type]
Amount = Annotated[float, Field(ge=-1e6, le=1e6)]
MONEY = {"EUR": 1.0, "ct": 0.01}
#: What prices may be stated per: t or MWh, and how much of it.
QUANTITIES = {"t": ("t", 1.0), "kg": ("t", 1e-3), "MWh": ("MWh", 1.0), "kWh": ("MWh", 1e-3), "GJ": ("MWh", 1 / 3.6)}
FACTORS = {
    f"{money}/{quantity}": (f"EUR/{base}", worth / size)
    for money, worth in MONEY.items()
    for quantity, (base, size) in QUANTITIES.items()
}


class Price(Record):
    """One row of `prices.csv`: what is believed of a year between a low and a high case and, of a past year, what came.

    realised: mean price of the year. Between two years with one it is on the line; before and after them, chance rules.
    """

    carrier: CarrierName
    year: Year
    low: Amount
    mid: Amount
    high: Amount
    realised: Annotated[float, Field(ge=0, le=1e6)] | None = None
    unit: str
    source: str
    mark: Mark

    @model_validator(mode="after")
    def _rises(self) -> "Price":
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"expected low <= mid <= high, found {self.low:g}, {self.mid:g}, {self.high:g}")
        return self


def read_prices(path: Path, shared: Iterable[Price] = ()) -> tuple[Price, ...]:
    """The price paths of a table, each in the unit that its carrier has in the shared ones (or in its own first row).

    Raises InputError for a unit that cannot be converted to it, and for two rows of a carrier and year.
    """
    rows = read_table(path, Price)
    unique(path, "carrier and year", [f"{row.carrier} {row.year}" for row in rows])
    usual = {row.carrier: row.unit for row in (*reversed(rows), *shared)}
    return tuple(_in_unit(row, usual[row.carrier], path) for row in rows)


def _in_unit(row: Price, usual: str, path: Path) -> Price:
    """A row in the unit of its carrier."""
    unit, factor = FACTORS.get(_written(row.unit), ("", 1.0))
    if unit != usual:
        known = [name for name, (base, _) in FACTORS.items() if base == usual]
        expected = f"expected a price in {usual}, or in one of {', '.join(known[1:])}"
        raise InputError(f"{path}: {row.carrier} {row.year}", "unit", row.unit, expected)
    if factor == 1.0:
        return row.model_copy(update={"unit": usual})
    scaled = {key: factor * getattr(row, key) for key in ("low", "mid", "high", "realised") if getattr(row, key) is not None}
    return row.model_copy(update=scaled | {"unit": usual})


def conversions(path: Path) -> list[str]:
    """What a table of prices had converted, one line a unit: `own-prices.csv: EUR/kWh read as 1000 EUR/MWh`."""
    found = dict.fromkeys(_written(row.unit) for row in read_table(path, Price))
    return [f"{path.name}: 1 {unit} read as {FACTORS[unit][1]:g} {FACTORS[unit][0]}" for unit in found
            if FACTORS[unit][1] != 1.0]  # fmt: skip


def _written(unit: str) -> str:
    """A unit as the table of units writes it, whatever its letters' size and the words around the slash."""
    text = re.sub(r"\s*(?:/|\bper\b)\s*", "/", unit.strip().replace("€", "EUR"), flags=re.IGNORECASE)
    text = re.sub("^(?:cents?|eurocents?)/", "ct/", text, flags=re.IGNORECASE)
    return next((name for name in FACTORS if name.casefold() == text.casefold()), text)
