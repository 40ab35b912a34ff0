"""What all registers are read into: sites with an address, an activity and emissions by year."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clusterpact.inputs import InputError


@dataclass(frozen=True)
class Site:
    """One account of a register. Emissions and free allocation in t CO2e, by year."""

    id: str
    name: str
    operator: str = ""
    parent: str = ""
    activity: str = ""  #: the register's code
    codes: str = ""  #: the register whose code that is, where a table uses another's
    activity_name: str = ""
    traits: str = ""  #: what the site's figures say, as a word for the mapping table
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    emissions_t: dict[int, float] = field(default_factory=dict)
    unreported: dict[int, str] = field(default_factory=dict)  #: what stands in place of a number
    free_allocation_t: dict[int, float] = field(default_factory=dict)
    note: str = ""
    power_t: float = 0.0  #: what of the emissions of its one year is of power units, t, where a register tells it

    @property
    def place(self) -> tuple[float, float] | None:
        """(latitude, longitude), if the register has both."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


@dataclass(frozen=True)
class Register:
    """The sites of one file, and what the register says of itself."""

    kind: str  #: eutl, hotmaps, ghgrp or table, as in the mapping table
    title: str
    attribution: str
    path: Path
    sites: tuple[Site, ...]
    lacks: dict[str, str]  #: selections that it cannot answer, and what to use instead
    traps: tuple[str, ...]
    has_free_allocation: bool = False
    activities: tuple[Any, ...] = ()  #: rows of the mapping table (`Activity`) that the file brings
    tells_excluded: bool = True  #: whether it tells sites that are excluded from those that have ended

    def year(self, wanted: int | None, option: str = "--year") -> int:
        """The wanted year, or the latest with emissions; `option` is where it was asked for."""
        years = sorted({year for site in self.sites for year, tonnes in site.emissions_t.items() if tonnes > 0})
        if not years:
            raise InputError(self.path, "file", None, "holds no emissions in any year")
        if wanted is None:
            return years[-1]
        if wanted not in years:
            raise InputError("", option, wanted, f"no emissions in {self.path.name}; it holds {_ranges(years)}")
        return wanted


def _ranges(years: list[int]) -> str:
    if years == list(range(years[0], years[-1] + 1)) and len(years) > 1:
        return f"{years[0]} to {years[-1]}"
    return ", ".join(map(str, years))
