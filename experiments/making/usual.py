"""What is usual of plants: the fuel that most power stations of a country burn, and how large a technology gets."""

from typing import Self

from pydantic import Field, model_validator

from clusterpact.experiments.making import MAKING
from clusterpact.inputs import InputError, Record, nearest, read_table
from clusterpact.sim.amounts import Mark, NotNegative, Share
from clusterpact.sim.tables import Technology

POWER_FUELS = MAKING / "registers" / "power-fuels.csv"
PLANT_SIZES = MAKING / "registers" / "plant-sizes.csv"


class PowerFuel(Record):
    """One row of `power-fuels.csv`: shares of a country's power from coal, lignite and gas, and what a station runs.

    `names` are the country's in full, `;` between them. A station of at least `from_kt` a year, whose name does not tell the
    fuel, runs the sector's technology.
    """

    country: str = Field(min_length=2)
    names: str
    coal_share: Share
    lignite_share: Share
    gas_share: Share
    from_kt: NotNegative = 0.0
    sector: str
    technology: str
    source: str
    mark: Mark

    @model_validator(mode="after")
    def _shares_make_a_whole(self) -> Self:
        if abs(self.coal_share + self.lignite_share + self.gas_share - 1) > 0.011:
            raise ValueError("coal_share, lignite_share and gas_share must add up to 1")
        return self


class PlantSize(Record):
    """One row of `plant-sizes.csv`: plants of a technology above `review_above_kt` a year may be something else."""

    sector: str
    technology: str
    review_above_kt: NotNegative
    alternatives: str
    source: str
    mark: Mark


def read_power_fuels(technologies: tuple[Technology, ...]) -> dict[str, PowerFuel]:
    """The fuel by country: by code (DE) and by name (germany), both in small letters."""
    rows = read_table(POWER_FUELS, PowerFuel, "country")
    for row in rows:
        check_technology(f"{POWER_FUELS}: {row.country}", row.sector, row.technology, technologies)
    return {key.casefold(): row for row in rows for key in (row.country, *row.names.split(";"))}


def read_plant_sizes(technologies: tuple[Technology, ...]) -> dict[tuple[str, str], PlantSize]:
    """The usual size by (sector, technology)."""
    rows = read_table(PLANT_SIZES, PlantSize)
    for row in rows:
        check_technology(str(PLANT_SIZES), row.sector, row.technology, technologies)
    return {(row.sector, row.technology): row for row in rows}


def check_technology(where: str, sector: str, technology: str, technologies: tuple[Technology, ...]) -> None:
    """Raise InputError unless the technology table has this row, and it emits CO2 as sites do today."""
    known = {(row.sector, row.technology): row for row in technologies}
    sectors = sorted({row.sector for row in technologies})
    if sector not in sectors:
        raise InputError(where, "sector", sector, "unknown sector", sectors)
    if (sector, technology) not in known:
        names = [name for group, name in known if group == sector]
        expected = f"no such technology in sector {sector!r}" + nearest(technology, names)
        raise InputError(where, "technology", technology, expected)
    if known[sector, technology].co2_direct_t_per_unit == 0:
        raise InputError(where, "technology", technology, "emits no CO2; expected what the sites run today")
