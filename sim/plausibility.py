"""What a cluster folder says that is allowed and looks wrong: each a warning with both numbers, which `accept` silences."""

import difflib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from clusterpact.inputs import Doubt, Record, read_table
from clusterpact.sim.amounts import Positive
from clusterpact.sim.cluster import ClusterFile, Network, Plant
from clusterpact.sim.options import fit_plants
from clusterpact.sim.tables import LIBRARY, Tables

MOST_USUAL, LEAST_USUAL = 4.0, 1 / 6  #: register entry by what capacity and technology say; the library has 0.19 to 3.2
BEYOND = 10.0  #: a capacity or cost this much beyond the library's largest or smallest is likely in another unit
MOST_NAMED = 3
#: Files of people and of `clusterpact import` that describe a cluster and that no run reads.
NOTES = ("sources.md", "unmapped.csv", "review.csv")
TABLES = (".csv", ".tsv", ".xls", ".xlsx", ".ods")


class Usual(Record):
    """One row of `usual.csv`: smallest and largest value of the library, for a sector's plants or a kind of network.

    Capacity of a plant, thousand product units a year (without a smallest); capital cost of a network, EUR per unit a year.
    """

    of: Literal["capacity", "network"]
    name: str
    smallest: Positive | None = None
    largest: Positive
    unit: str


USUAL = {(row.of, row.name): row for row in read_table(LIBRARY / "usual.csv", Usual)}


def doubts_of_cluster(
    folder: Path, file: ClusterFile, plants: list[Plant], tables: Tables, blank: list[Plant]
) -> Iterator[Doubt]:
    """What looks wrong of plants and networks; blank: plants whose emissions are those of their technology at capacity."""
    path = folder / "firms.csv"
    if blank:
        names = ", ".join(plant.id for plant in blank[:MOST_NAMED]) + (", ..." if len(blank) > MOST_NAMED else "")
        total = sum(plant.scope1_kt_per_year for plant in blank)
        text = f"capacity x what the technology emits stands for it, {total:,.1f} kt a year; write 0 for what stands idle"
        yield Doubt("blank-scope1", f"{path}: no scope1_kt_per_year for {names}: {text}")
    yield from _emissions(path, plants, tables)
    for plant in plants:
        usual = USUAL.get(("capacity", plant.sector))
        if usual and plant.capacity > BEYOND * usual.largest:
            text = f"capacity {plant.capacity:,.0f} {usual.unit}, the largest in the library {usual.largest:,.0f}"
            yield Doubt(f"capacity:{plant.id}", f"{path}: {plant.id}: {text}")
    yield from filter(None, (_cost(folder / "cluster.toml", network) for network in file.network))


def _emissions(path: Path, plants: list[Plant], tables: Tables) -> Iterator[Doubt]:
    """Plants whose register entry, with gases burnt elsewhere, is far from capacity x what their technology emits."""
    rows = {(row.sector, row.technology): row for row in tables.technologies}
    fits = fit_plants(tuple(plants), tables)
    said: defaultdict[str, float] = defaultdict(float)
    usual: defaultdict[str, float] = defaultdict(float)
    for plant in plants:
        if plant.status == "operating":
            full = plant.capacity * rows[plant.sector, plant.technology].co2_direct_t_per_unit
            usual[plant.site] += full
            said[plant.site] += fits[plant.id].activity * full
    for site, full in usual.items():
        if full > 0 and said[site] > 0 and not LEAST_USUAL <= said[site] / full <= MOST_USUAL:
            text = f"{_digits(said[site])} kt CO2e a year, where capacity x what its technology emits is {_digits(full)} kt"
            yield Doubt(f"scope1:{site}", f"{path}: {site}: scope1_kt_per_year: {text}")


def _cost(path: Path, network: Network) -> Doubt | None:
    """A network whose first phase costs far more or less per unit than any of its kind in the library."""
    usual = USUAL.get(("network", network.kind))
    cost = 1000 * network.capex_meur / network.phase_per_year
    if usual is None or usual.smallest is None or usual.smallest / BEYOND <= cost <= usual.largest * BEYOND:
        return None
    library = f"in the library {usual.smallest:g} to {usual.largest:g}"
    text = f"capex_meur / phase_per_year is {_digits(cost)} {usual.unit}, {library}"
    return Doubt(f"network:{network.id}", f"{path}: {network.id}: {text}")


def _digits(number: float) -> str:
    """A number in at least four digits, none of them an exponent's."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.4g}"


def unread_files(folder: Path, known: tuple[str, ...]) -> list[Doubt]:
    """Files in a cluster folder that look like one of its tables and that nothing reads, with the nearest known name."""
    return [
        Doubt(f"unread:{name}", f"{folder / name}: nothing reads this file{_meant(name, known)}")
        for name in sorted(path.name for path in folder.iterdir() if not path.is_dir())
        if not name.startswith((".", "experiment")) and name not in (*known, *NOTES) and _is_table(name, known)
    ]


def _is_table(name: str, known: tuple[str, ...]) -> bool:
    return name.lower().endswith(TABLES) or bool(_nearest(name, known, 0.8))


def _nearest(name: str, known: tuple[str, ...], cutoff: float) -> list[str]:
    return difflib.get_close_matches(name.lower().replace("_", "-")[:100], known, n=1, cutoff=cutoff)


def _meant(name: str, known: tuple[str, ...]) -> str:
    near = _nearest(name, known, 0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
