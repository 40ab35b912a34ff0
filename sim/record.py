"""What came of a cluster set back in time: its plants' verified emissions, and the fates of its projects in hand.

No rule reads it: a result is scored against it (`clusterpact score`).
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from clusterpact.inputs import InputError, Record, is_there, read_table, unique
from clusterpact.sim.amounts import Kt, Mark, Name, RecentYear, Year
from clusterpact.sim.cluster import Plant
from clusterpact.sim.pipeline import Project
from clusterpact.sim.units import OF

RECORD_FILE = "record.csv"
FATES_FILE = "record-projects.csv"


class Emitted(Record):
    """One row of `record.csv`: what a plant emitted in a year, kt; blank where it is not known.

    closed: 1 if it had ended by then, so that it emits nothing in this and all later years; switched: whether it is known to
    run another technology than at the start (1) or the same (0), blank: not known.
    """

    plant: str
    year: Year
    scope1_kt_per_year: Kt | None = None
    closed: Annotated[int, Field(ge=0, le=1)] = 0
    switched: Annotated[int, Field(ge=0, le=1)] | None = None
    note: str = ""


class Fate(Record):
    """One row of `record-projects.csv`: what had become of a row of `projects.csv` by the end of a year.

    Years of investment decision, start of operation and giving up; blank: not by then.
    """

    plant: str = ""
    unit: str = ""
    network: str = ""
    name: Name
    as_of_year: RecentYear
    fid_year: Year | None = None
    start_year: Year | None = None
    given_up_year: Year | None = None
    source: str
    mark: Mark
    note: str = ""

    @property
    def agent(self) -> str:
        """Id of the plant, unit or network that it is a project of."""
        return self.network or (f"{self.plant}{OF}{self.unit}" if self.unit else self.plant)


@dataclass(frozen=True)
class PastRecord:
    """What came of a cluster: rows of plants by year, and fates of projects; empty where nothing is recorded."""

    emitted: tuple[Emitted, ...] = ()
    fates: tuple[Fate, ...] = ()

    def renamed(self, prefix: str) -> "PastRecord":
        """The record with a prefix before the ids of plants and networks."""

        def named(row: Any, *keys: str) -> Any:
            return row.model_copy(update={key: prefix + getattr(row, key) for key in keys if getattr(row, key)})

        return PastRecord(tuple(named(row, "plant") for row in self.emitted),
                          tuple(named(row, "plant", "network") for row in self.fates))  # fmt: skip


def read_record(folder: Path, plants: list[Plant], projects: tuple[Project, ...], base_year: int) -> PastRecord:
    """The record beside a cluster's files, checked against its plants and projects; empty without such files."""
    return PastRecord(_emissions(folder / RECORD_FILE, plants, base_year), _fates(folder / FATES_FILE, projects))


def _emissions(path: Path, plants: list[Plant], base_year: int) -> tuple[Emitted, ...]:
    if not is_there(path):
        return ()
    rows = read_table(path, Emitted)
    known = sorted({plant.site for plant in plants})
    unique(path, "plant and year", [f"{row.plant} {row.year}" for row in rows])
    closed: defaultdict[str, int] = defaultdict(lambda: 9999)
    for row in sorted(rows, key=lambda row: row.year):
        where = f"{path}: {row.plant} {row.year}"
        if row.plant not in known:
            raise InputError(path, "plant", row.plant, "no such firm", known)
        if row.year < base_year:
            raise InputError(where, "year", row.year, f"expected {base_year} (base_year of cluster.toml) or later")
        if row.closed and row.scope1_kt_per_year:
            raise InputError(where, "scope1_kt_per_year", row.scope1_kt_per_year, "expected 0 or nothing: it is closed")
        if closed[row.plant] < row.year and not row.closed:
            raise InputError(where, "closed", 0, f"expected 1: it is closed in {closed[row.plant]}")
        if row.closed:
            closed[row.plant] = min(row.year, closed[row.plant])
    return tuple(rows)


def _fates(path: Path, projects: tuple[Project, ...]) -> tuple[Fate, ...]:
    if not is_there(path):
        return ()
    rows = read_table(path, Fate)
    unique(path, "name", [f"{row.agent} {row.name}" for row in rows])
    known = {(project.agent, project.name): project for project in projects}
    for row in rows:
        where = f"{path}: {row.name}"
        if (row.agent, row.name) not in known:
            names = [name for agent, name in known if agent == row.agent] or [agent for agent, _ in known]
            raise InputError(where, "name", row.name, f"no such row of projects.csv for {row.agent!r}", names)
        for key in ("fid_year", "start_year", "given_up_year"):
            year = getattr(row, key)
            if year is not None and year > row.as_of_year:
                raise InputError(where, key, year, f"expected as_of_year ({row.as_of_year}) or earlier")
        if row.start_year is not None and row.given_up_year is not None:
            raise InputError(where, "given_up_year", row.given_up_year, f"expected none: it started in {row.start_year}")
    return tuple(rows)
