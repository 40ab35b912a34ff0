"""US EPA Greenhouse Gas Reporting Program: the yearly data summary, an Excel workbook."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clusterpact.experiments.making.reading import clean, need_columns, place, tonnes, unique_ids, whole
from clusterpact.experiments.making.site import Register, Site
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
HEADER_ROWS = 12  #: rows in which the header is looked for

TRAPS = (
    "Only direct point emitters (one sheet): pipelines, gathering, oil and gas basins and suppliers stand in other sheets.",
    "Emissions are reported t CO2e with warming potentials of IPCC AR4, without CO2 of biomass; small sites (below 25 kt) "
    "need not report.",
    "The code is that of the company's main product (NAICS): a cracker inside a refinery is not told apart.",
    "The summary names no fuels; coal-fired power stations are told by their N2O. It names no parent companies.",
    "Postcodes are numbers in the workbook: leading zeros are put back.",
    "Energy prices, wages and costs of the shared tables are European: put own paths into own-prices.csv.",
)


def read_ghgrp(path: Path) -> Register:
    """Read the sheet of direct emitters of a data summary."""
    require("import ghgrp", "import", "pandas", "openpyxl")
    rows = _sheet(path)
    first = next((k for k, row in enumerate(rows[:HEADER_ROWS]) if ID in row), None)
    if first is None:
        raise InputError(path, "sheet", SHEETS[0], f"no row with {ID!r} among the first {HEADER_ROWS}; expected the header")
    header = rows[first]
    need_columns(path, header, COLUMNS, line=first + 1)
    emissions = _emission_columns(path, rows[:first], header)
    return Register(
        "ghgrp", "US EPA Greenhouse Gas Reporting Program", "US EPA GHGRP (US federal work, public domain)", path,
        unique_ids(path, _sites(path, rows, first, emissions)),
        {"parent": "the data summary names no parent companies; expected --ids", "country": "all its sites are in the US"},
        TRAPS,
    )  # fmt: skip


def _sheet(path: Path) -> list[list[str]]:
    """Cells of the sheet as text, row by row."""
    import pandas

    if not path.is_file():
        raise InputError(path, "file", None, "is a folder; expected a file" if path.is_dir() else "not found")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pandas.ExcelFile(path, engine="openpyxl") as workbook:
                names = [str(name) for name in workbook.sheet_names]
                sheet = next((name for name in SHEETS if name in names), None)
                if sheet is None:
                    raise InputError(path, "sheet", SHEETS[0], "no such sheet in the workbook", names)
                table = pandas.read_excel(workbook, sheet_name=sheet, header=None, dtype=object, keep_default_na=False)
    except InputError:
        raise
    except Exception:  # openpyxl raises whatever the damage leads to: zip, XML, key and type errors
        raise InputError(path, "file", None, "not an Excel workbook (.xlsx) that can be read") from None
    return [[_text(cell) for cell in row] for row in table.itertuples(index=False)]


def _text(cell: Any) -> str:
    """A cell as text: blank for nothing, whole numbers without a fraction, others to the last digit."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(repr(float(cell)) if isinstance(cell, float) else cell)


def _emission_columns(path: Path, above: list[list[str]], header: list[str]) -> dict[int, int]:
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
        raise InputError(path, f"line {len(above) + 1}, column {name!r}", None, "missing column")
    return columns


def _sites(path: Path, rows: list[list[str]], first: int, emissions: dict[int, int]) -> Iterator[Site]:
    header = rows[first]
    for line, cells in enumerate(rows[first + 1 :], start=first + 2):
        if not any(cells):
            continue
        where = f"{path}:{line}"
        row = dict(zip(header, cells, strict=True))
        naics = str(whole(where, NAICS, row[NAICS])) if row[NAICS] else ""
        reported = {year: cells[position] for year, position in emissions.items() if cells[position]}
        latitude, longitude = place(where, ("Latitude", row["Latitude"]), ("Longitude", row["Longitude"]))
        yield Site(
            id=row[ID], name=row["Facility Name"], activity=naics, activity_name=row.get("Industry Type (sectors)", ""),
            traits=_fuel(row), postcode=row[ZIP].zfill(5) if row[ZIP] else "", city=row["City"], state=row["State"].upper(),
            country="US", latitude=latitude, longitude=longitude,
            emissions_t={year: tonnes(where, f"emissions of {year}", cell) for year, cell in reported.items()},
            unreported={year: "blank" for year in emissions if year not in reported},
        )  # fmt: skip


def _fuel(row: dict[str, str]) -> str:
    """'coal' if a combustion site's N2O tells that most of its CO2 is from coal."""
    try:
        share = float(row.get(N2O) or 0) / float(row.get(CO2) or 0)
    except (ValueError, ZeroDivisionError):
        return ""
    return "coal" if COAL_N2O_SHARE <= share <= WOOD_N2O_SHARE else ""
