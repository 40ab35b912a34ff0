"""US EPA Greenhouse Gas Reporting Program: the yearly data summary, an Excel workbook."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from clusterpact.experiments.making.reading import need_columns, place, tonnes, unique_ids, whole
from clusterpact.experiments.making.site import Register, Site
from clusterpact.experiments.making.workbook import read_sheet
from clusterpact.extras import require
from clusterpact.inputs import InputError

SHEETS = ("Direct Point Emitters", "Direct Emitters")
ID, NAICS, ZIP = "Facility Id", "Primary NAICS Code", "Zip Code"
COLUMNS = (ID, "Facility Name", "City", "State", ZIP, "Latitude", "Longitude", NAICS)
EMISSIONS = re.compile(r"(?:(\d{4}) )?Total reported direct emissions")
TITLE = re.compile(r"Greenhouse Gas Reporting Program for (\d{4})")
CO2, N2O = "CO2 emissions (non-biogenic)", "Nitrous Oxide (N2O) emissions"
#: N2O per CO2 (both CO2e) at which half of a power station's CO2 is from coal, and above which wood is burnt too.
#: Factors of 40 CFR 98, Table C-2 (recalled) with a warming potential of 298: gas 0.0006, coal 0.0050.
COAL_N2O_SHARE, WOOD_N2O_SHARE = 0.0028, 0.0065
ELECTRICITY = "Electricity Generation"  #: column of what power units emit (40 CFR 98, subpart D)
POWER_NAICS, POWER_CODE = "2211", "221112"  #: power stations, and those that burn fossil fuels
SMALL_SHARE, SMALL_T = 0.01, 1000.0  #: a part of a site below either is not worth a plant of its own
ROUNDING_T = 1.0  #: by so much the parts of a site may exceed its total
HEADER_ROWS = 12  #: rows in which the header is looked for

TRAPS = (
    "Only direct point emitters (one sheet): pipelines, gathering, oil and gas basins and suppliers stand in other sheets.",
    "Emissions are reported t CO2e with warming potentials of IPCC AR4, without CO2 of biomass; small sites (below 25 kt) "
    "need not report.",
    "The code is that of the company's main product (NAICS): a cracker inside a refinery is not told apart.",
    "The summary names no fuels; coal-fired power stations are told by their N2O. It names no parent companies.",
    "Postcodes are numbers in the workbook: leading zeros are put back.",
    "Energy prices are those of the library's Louisiana (own-prices.csv); wages and costs are European.",
)


def read_ghgrp(path: Path) -> Register:
    """Read the sheet of direct emitters of a data summary."""
    require("import ghgrp", "import", "openpyxl")
    rows = read_sheet(path, SHEETS)
    above: list[list[str]] = []
    first, header = 0, []
    for line, cells in rows:
        if ID in cells:
            first, header = line, cells
            break
        above.append(cells)
        if line >= HEADER_ROWS:
            break
    if not header:
        raise InputError(path, "sheet", SHEETS[0], f"no row with {ID!r} among the first {HEADER_ROWS}; expected the header")
    need_columns(path, header, COLUMNS, line=first)
    emissions = _emission_columns(path, above, header, first)
    return Register(
        "ghgrp", "US EPA Greenhouse Gas Reporting Program", "US EPA GHGRP (US federal work, public domain)", path,
        unique_ids(path, _sites(path, rows, header, emissions)),
        {"parent": "the data summary names no parent companies; expected --ids", "country": "all its sites are in the US"},
        TRAPS,
    )  # fmt: skip


def _emission_columns(path: Path, above: list[list[str]], header: list[str], line: int) -> dict[int, int]:
    """Position of the column with total emissions, by year: named in the column, or in the title above the header."""
    title = next((int(found[1]) for row in above for cell in row if (found := TITLE.search(cell))), None)
    columns: dict[int, int] = {}
    for position, name in enumerate(header):
        if found := EMISSIONS.fullmatch(name):
            year = int(found[1]) if found[1] else title
            if year is None:
                raise InputError(
                    path, "sheet", SHEETS[0], "does not say its year; expected '… Reporting Program for YYYY' on top"
                )
            columns[year] = position
    if not columns:
        name = "Total reported direct emissions"
        raise InputError(path, f"line {line}, column {name!r}", None, "missing column")
    return columns


def _sites(
    path: Path, rows: Iterable[tuple[int, list[str]]], header: list[str], emissions: dict[int, int]
) -> Iterator[Site]:
    for line, texts in rows:
        cells = [*texts, *[""] * (len(header) - len(texts))]
        where = f"{path}:{line}"
        row = dict(zip(header, cells, strict=False))
        if not any(row.values()):
            continue
        naics = str(whole(where, NAICS, row[NAICS])) if row[NAICS] else ""
        reported = {year: cells[position] for year, position in emissions.items() if cells[position]}
        latitude, longitude = place(where, ("Latitude", row["Latitude"]), ("Longitude", row["Longitude"]))
        yield Site(
            id=row[ID], name=row["Facility Name"], activity=naics, activity_name=row.get("Industry Type (sectors)", ""),
            traits=_fuel(row), postcode=row[ZIP].zfill(5) if row[ZIP] else "", city=row["City"], state=row["State"].upper(),
            country="US", latitude=latitude, longitude=longitude,
            emissions_t={year: tonnes(where, f"emissions of {year}", cell) for year, cell in reported.items()},
            unreported={year: "blank" for year in emissions if year not in reported},
            power_t=_power(where, row, *reported.values()) if len(emissions) == len(reported) == 1 else 0.0,
        )  # fmt: skip


def _power(where: str, row: dict[str, str], reported: str) -> float:
    """What of a site's emissions is of its power units, t; 0 where the processes are not told."""
    cell = row.get(ELECTRICITY, "")
    if not cell:
        return 0.0
    power, total = tonnes(where, ELECTRICITY, cell), float(reported)
    if power > total + ROUNDING_T:
        raise InputError(where, ELECTRICITY, cell, f"more than the site's total ({total:,.0f} t)")
    return min(power, total)


def divide(sites: Iterable[Site]) -> list[Site]:
    """Sites with their power units as sites of their own, where both parts count; else all is what most of it is.

    The two parts add up to the site, keep its place and have one owner. Power stations stay as they are.
    """
    divided = []
    for site in sites:
        total = math.fsum(site.emissions_t.values())
        least = max(SMALL_T, SMALL_SHARE * total)
        rest = round(total - site.power_t, 6)
        if site.power_t == 0 or site.activity.startswith(POWER_NAICS) or (site.power_t < least and rest >= least):
            divided.append(site)
            continue
        code = f"(NAICS {site.activity or 'not told'})"
        power = replace(site, activity=POWER_CODE, activity_name=f"{ELECTRICITY}, subpart D {code}")
        if rest < least:
            divided.append(replace(power, note=f"All but {rest:,.0f} t is of its power units."))
            continue
        (year,) = site.emissions_t
        owner = site.parent or site.name
        words = f"of the {total / 1000:,.1f} kt of facility {site.id}; the two are one owner's"
        divided.append(replace(
            site, emissions_t={year: rest}, parent=owner, power_t=0.0, traits="",
            note=f"Processes and their heat: {rest / 1000:,.1f} kt {words}.",
        ))  # fmt: skip
        divided.append(replace(
            power, id=f"{site.id}-power", name=f"{site.name} (power units)", emissions_t={year: site.power_t}, parent=owner,
            note=f"Power units: {site.power_t / 1000:,.1f} kt {words}.",
        ))  # fmt: skip
    return divided


def _fuel(row: dict[str, str]) -> str:
    """'coal' if a combustion site's N2O tells that most of its CO2 is from coal."""
    try:
        share = float(row.get(N2O) or 0) / float(row.get(CO2) or 0)
    except (ValueError, ZeroDivisionError):
        return ""
    return "coal" if COAL_N2O_SHARE <= share <= WOOD_N2O_SHARE else ""
