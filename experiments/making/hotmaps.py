"""Hotmaps industrial database: industrial sites of Europe with emissions of 2014 from two registers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.reading import Row, need_columns, place, read_rows, tonnes, unique_ids
from clusterpact.experiments.making.selection import distance_km
from clusterpact.experiments.making.site import Register, Site
from clusterpact.inputs import InputError

YEAR = 2014
COLUMNS = ("SiteID", "CompanyName", "SiteName", "CityCode", "City", "Country", "geom", "Subsector", "Emissions_ETS_2014",
           "Emissions_EPRTR_2014")  # fmt: skip
SOURCES = {"ets": ("Emissions_ETS_2014", "ETS"), "eprtr": ("Emissions_EPRTR_2014", "E-PRTR")}
POINT = re.compile(r"(?:SRID=4326;)?POINT ?\((\S+) (\S+)\)")
DISAGREEMENT = "the two disagree"
DISAGREE = 0.25  #: ETS and E-PRTR of one site differ by more than this share
SAME_AMOUNT, SAME_PLACE_KM = 0.02, 10.0  #: two entries are taken for one site if they differ by less

TRAPS = (
    "Emissions are those of 2014, and two registers disagree: the ETS counts the account (ArcelorMittal Dunkerque 35 kt), "
    "E-PRTR the whole works (7,730 kt) but also CO2 of biomass (paper mills) and only sites above 100 kt.",
    "Some works stand twice, once with their ETS account and once with their E-PRTR entry; possible doubles are named only.",
    "Production is modelled and wrong for integrated steel, ferro-alloys and coke; it is not read.",
    "There are no power stations; cement holds lime; some sites have the wrong subsector or country (Iceland as Croatia).",
    "About a tenth of the sites has no coordinates: they match no --within and no --bbox.",
)


def read_hotmaps(path: Path, prefer: str = "ets") -> Register:
    """Read the database; `prefer` (ets or eprtr) is the register used where a site has both."""
    header, rows = read_rows(path, ";")
    need_columns(path, header, COLUMNS)
    return Register(
        "hotmaps", "Hotmaps industrial database", "Hotmaps industrial database, Fraunhofer ISI, CC BY 4.0", path,
        unique_ids(path, _sites(rows, prefer)), {"state": "the database names no states; expected --postcode or --within"},
        TRAPS,
    )  # fmt: skip


def _sites(rows: Iterable[tuple[str, Row]], prefer: str) -> Iterator[Site]:
    for where, row in rows:
        latitude, longitude = _point(where, row["geom"])
        value, note = _emissions(where, row, prefer)
        yield Site(
            id=row["SiteID"], name=row["SiteName"], operator=row["CompanyName"], activity=row["Subsector"],
            activity_name=row["Subsector"], postcode=row["CityCode"], city=row["City"], country=row["Country"],
            latitude=latitude, longitude=longitude, emissions_t={} if value is None else {YEAR: value},
            unreported={YEAR: "blank"} if value is None else {}, note=note,
        )  # fmt: skip


def _point(where: str, geom: str) -> tuple[float | None, float | None]:
    """(latitude, longitude) of a geom cell; None if it is blank."""
    if not geom:
        return None, None
    found = POINT.fullmatch(geom)
    if found is None:
        raise InputError(where, "geom", geom, "expected SRID=4326;POINT(lon lat)")
    return place(where, ("geom", found[2]), ("geom", found[1]))


def _emissions(where: str, row: Row, prefer: str) -> tuple[float | None, str]:
    """Emissions of a site in t, and which register they are from."""
    other = "eprtr" if prefer == "ets" else "ets"
    values = {key: tonnes(where, column, row[column]) for key, (column, _) in SOURCES.items() if row[column]}
    used = prefer if prefer in values else other
    if used not in values:
        return None, ""
    name = SOURCES[used][1]
    if len(values) == 1:
        return values[
            used
        ], f"{name} {YEAR}; the database has no {SOURCES['ets' if used == 'eprtr' else 'eprtr'][1]} figure."
    ets, eprtr = values["ets"], values["eprtr"]
    if abs(ets - eprtr) > DISAGREE * max(ets, eprtr):
        return values[used], f"{name} {YEAR} used; {DISAGREEMENT}: ETS {ets / 1000:,.1f} kt, E-PRTR {eprtr / 1000:,.1f} kt."
    return values[used], f"{name} {YEAR}."


def disagreements(sites: list[Site]) -> list[str]:
    """A line for the sites whose two figures disagree, if any do."""
    found = [site for site in sites if DISAGREEMENT in site.note]
    if not found:
        return []
    largest = max(found, key=lambda site: max(map(float, re.findall(r"([\d.]+) kt", site.note.replace(",", "")))))
    return [f"ETS and E-PRTR disagree by more than 25 % for {len(found):,} of the sites; the largest: {largest.name}: "
            f"{largest.note} The note of a plant says which was used; --prefer chooses."]  # fmt: skip


def mark_doubles(sites: list[Site]) -> tuple[list[Site], list[str]]:
    """Sites with a note where two may be one works entered twice, and a line for each pair.

    Two entries look alike if one has only an ETS figure, the other only an E-PRTR figure, the amounts differ by less than
    2 % and the places by less than 10 km.
    """
    alone = {name: [site for site in sites if site.note.startswith(f"{name} {YEAR}; ")] for name in ("ETS", "E-PRTR")}
    notes: dict[str, str] = {}
    lines = []
    for first in alone["ETS"]:
        for second in alone["E-PRTR"]:
            if _alike(first, second):
                for one, other in ((first, second), (second, first)):
                    notes[one.id] = f" Possibly the same works as site {other.id} ({other.name})."
                lines.append(f"{first.id} ({first.name}) and {second.id} ({second.name}): {second.emissions_t[YEAR]:,.0f} t")
    return [replace(site, note=site.note + notes.get(site.id, "")) for site in sites], lines


def _alike(first: Site, second: Site) -> bool:
    one, other = first.emissions_t[YEAR], second.emissions_t[YEAR]
    if first.activity != second.activity or abs(one - other) > SAME_AMOUNT * max(one, other):
        return False
    if first.place and second.place:
        return distance_km(first.place, second.place) <= SAME_PLACE_KM
    return first.country == second.country and folded(first.city) == folded(second.city)
