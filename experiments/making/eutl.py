"""EU Transaction Log: accounts of installations with verified emissions and free allocation by year."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from clusterpact.experiments.making.reading import Row, need_columns, place, read_rows, tonnes, unique_ids, whole
from clusterpact.experiments.making.site import Register, Site
from clusterpact.inputs import InputError

#: Columns of the layouts in which the log goes round: one account a row, one account and year a row, a short extract.
INSTALLATIONS = {
    "id": "id", "name": "InstallationNameOrAircraftOperatorCode", "operator": "AccountHolderName",
    "parent": "ParentCompany", "activity": "MainActivityTypeCode", "activity_name": "MainActivityTypeCodeLookup",
    "postcode": "ZipCode", "city": "City", "country": "Country",
}  # fmt: skip
YEARLY = {
    "id": "seqe_id", "name": "installation_name", "operator": "account_holder_name", "parent": "parent_company",
    "activity": "main_activity_type_code", "activity_name": "main_activity_type_code_lookup", "postcode": "zip_code",
    "country": "country", "longitude": "X", "latitude": "Y", "year": "year", "emissions": "emissions",
}  # fmt: skip
EXTRACT = {
    "id": "id", "name": "installation", "operator": "operator", "activity": "activity_code",
    "activity_name": "activity", "postcode": "zip", "city": "city",
}  # fmt: skip
EMISSIONS_OF_YEAR = re.compile(r"(?:VerifiedEmissions|tco2)_(\d{4})")
ALLOCATION_OF_YEAR = re.compile(r"FreeAllocations_(\d{4})")
MISSING = ("", "na")
NO_NUMBER = (*MISSING, "excluded", "not reported")  #: what the log writes in place of emissions

NO_COORDINATES = "this layout has no coordinates to rely on (degrees, minutes and grids mixed); expected --postcode"
NO_STATE = "the EU Transaction Log names no states; expected --postcode"
TRAPS = (
    "Postcode and city are sometimes those of the operator's head office.",
    "Coordinates of the geo layout are centroids of postcodes; those of the installations layout mix units: not read.",
    "'Combustion' (1, 20) holds power stations, boilers, and some steelworks, crackers and refineries' own boilers; words "
    "of the name tell them apart.",
    "Codes of clinker (29) and lime (30) are swapped for some works; steel (24) holds blast and arc furnaces.",
    "One works may hold several accounts (power station, boilers, coke ovens): they are several plants here.",
    "Emissions are verified CO2 (and N2O, PFC of some activities); biomass counts zero.",
    "Power stations that burn a steelworks' gases emit more per MWh than the table says: fill in gas_from.",
)


def read_eutl(path: Path) -> Register:
    """Read a table of the EU Transaction Log, in one of its layouts."""
    header, rows = read_rows(path, ",")
    columns = _layout(path, header)
    sites = _by_year(rows) if columns is YEARLY else _by_account(rows, columns, header)
    lacks = {"state": NO_STATE}
    if columns is INSTALLATIONS or (columns is EXTRACT and not {"lat", "lon"} <= set(header)):
        lacks["place"] = NO_COORDINATES
    return Register(
        "eutl", "EU Transaction Log", "EU Transaction Log, European Commission, via C. Rossi (eutl-geo), CC BY 4.0", path,
        unique_ids(path, sites), lacks, TRAPS,
        has_free_allocation=columns is INSTALLATIONS, tells_excluded=columns is INSTALLATIONS,
    )  # fmt: skip


def _layout(path: Path, header: list[str]) -> dict[str, str]:
    """The layout that a header fits; InputError names the first column that is missing."""
    layouts = (INSTALLATIONS, YEARLY, EXTRACT)
    best = max(layouts, key=lambda layout: sum(name in header for name in layout.values()) / len(layout))
    need_columns(path, header, best.values())
    if best is not YEARLY and not any(EMISSIONS_OF_YEAR.fullmatch(name) for name in header):
        raise InputError(path, "line 1, column 'VerifiedEmissions_YYYY'", None, "missing column; expected one a year")
    return best


def _by_account(rows: Iterable[tuple[str, Row]], columns: dict[str, str], header: list[str]) -> Iterator[Site]:
    """Sites of a layout with one account a row."""
    emissions = {name: int(found[1]) for name in header if (found := EMISSIONS_OF_YEAR.fullmatch(name))}
    allocation = {name: int(found[1]) for name in header if (found := ALLOCATION_OF_YEAR.fullmatch(name))}
    for where, row in rows:
        site = _site(where, row, columns)
        reported = {year: row[name] for name, year in emissions.items() if row[name].lower() not in NO_NUMBER}
        site = replace(
            site,
            country=site.country or site.id.partition("-")[0],
            emissions_t={year: tonnes(where, f"emissions of {year}", cell) for year, cell in reported.items()},
            unreported={year: _present(row[name]) or "blank" for name, year in emissions.items() if year not in reported},
            free_allocation_t={
                year: tonnes(where, name, row[name]) for name, year in allocation.items() if _present(row[name])
            },
        )
        if {"lat", "lon"} <= row.keys():
            site = _placed(site, where, row, "lat", "lon")
        yield site


def _by_year(rows: Iterable[tuple[str, Row]]) -> Iterator[Site]:
    """Sites of the layout with one account and year a row: the rows of an account become one site."""
    found: dict[str, Site] = {}
    for where, row in rows:
        site = _site(where, row, YEARLY)
        site = replace(site, id=f"{site.country}-{site.id}")
        site = found.setdefault(site.id, _placed(site, where, row, "Y", "X"))
        year = whole(where, "year", row["year"])
        if year in site.emissions_t:
            raise InputError(where, "seqe_id", row["seqe_id"], f"appears more than once for {year}")
        site.emissions_t[year] = tonnes(where, "emissions", row["emissions"])
    return iter(found.values())


def _present(cell: str) -> str:
    """A cell, blank if the log has nothing there."""
    return "" if cell.lower() in MISSING else cell


def _site(where: str, row: Row, columns: dict[str, str]) -> Site:
    """What every layout says of an account."""
    cells = {key: _present(row[column]) for key, column in columns.items() if column in row}
    code = cells["activity"] and str(whole(where, columns["activity"], cells["activity"]))
    return Site(
        id=cells["id"], name=cells["name"], operator=cells["operator"], parent=cells.get("parent", ""), activity=code,
        activity_name=cells["activity_name"], postcode=cells["postcode"].strip("-"), city=cells.get("city", ""),
        country=cells.get("country", ""),
    )  # fmt: skip


def _placed(site: Site, where: str, row: Row, latitude: str, longitude: str) -> Site:
    """The site with the coordinates of two columns."""
    degrees = place(where, (latitude, row[latitude]), (longitude, row[longitude]))
    return replace(site, latitude=degrees[0], longitude=degrees[1])
