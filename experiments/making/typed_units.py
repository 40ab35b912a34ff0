"""Typed units: a typed plant that is larger than one typical unit of its sector becomes several equal ones."""

import math
from collections.abc import Iterable
from typing import Any

from clusterpact.inputs import Record
from clusterpact.sim.amounts import Mark, Positive
from clusterpact.sim.cluster import Plant

NOTE = "a type, not a site"


class TypicalUnit(Record):
    """One row of `units.csv`: what one furnace, kiln, train or block of a sector's plants makes a year at full load."""

    sector: str
    name: str
    capacity_kt_per_year: Positive | None = None
    capacity_gwh_per_year: Positive | None = None
    source: str
    mark: Mark

    @property
    def capacity(self) -> float:
        """Thousand product units a year (kt or GWh)."""
        return self.capacity_kt_per_year or self.capacity_gwh_per_year or 0.0


def units_of(plants: Iterable[Plant], typical: Iterable[TypicalUnit]) -> list[dict[str, Any]]:
    """Rows of `units.csv`: the fewest equal units of every plant that is larger than the typical one of its sector."""
    sizes = {row.sector: row for row in typical}
    rows = []
    for plant in plants:
        size = sizes.get(plant.sector)
        count = 1 if size is None else math.ceil(round(plant.capacity / size.capacity, 9))
        if size is None or count < 2:
            continue
        column, unit = ("capacity_kt_per_year", "kt") if size.capacity_kt_per_year else ("capacity_gwh_per_year", "GWh")
        each = round(plant.capacity / count, 6)
        for k in range(1, count + 1):
            label = f"{size.name} {k}"
            rows.append({
                "plant": plant.id, "unit": label.lower().replace(" ", "-"), "name": label,
                column: each if k < count else round(plant.capacity - (count - 1) * each, 6),
                "source": f"{count} equal units, so that none is above {size.capacity:g} {unit} a year: typed/units.csv",
                "mark": "estimate", "note": NOTE,
            })  # fmt: skip
    return rows
