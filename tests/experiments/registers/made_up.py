"""Made-up tables of every register, and what an import leaves in its folder."""

import csv
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.commands import call

INSTALLATIONS = (
    "id,AccountHolderName,InstallationNameOrAircraftOperatorCode,ParentCompany,Address1,City,ZipCode,Country,MainActivityTypeCode,"
    "MainActivityTypeCodeLookup,FreeAllocations_2021,VerifiedEmissions_2021,FreeAllocations_2022,VerifiedEmissions_2022"
)
ACCOUNTS = (
    "XX-1,Muster Stahl AG,Glocke Musterstadt,Muster Holding,Weg 1,Musterstadt,01001,XX,24,Production of pig iron or steel,"
    "3000000,2900000,2500000,2000001",
    "XX-2,Muster Stahl AG,Kraftwerk Muster,Muster Holding,Weg 2,Musterstadt,01001,XX,20,Combustion of fuels,0,1000,,900003",
    "XX-3,Zement Nord GmbH,Drehofen 2,NA,Weg 3,Norden,02002,XX,29,Production of cement clinker,400,700000,300,600007",
    "XX-4,Kessel & Co,Dampfkessel Süd,,Weg 4,Süden,03003,XX,20,Combustion of fuels,10,40,9,123",
    "XX-5,Saure Werke,HNO3,,Weg 5,Norden,02009,XX,38,Production of nitric acid,1,2,3,50005",
    "XX-6,Fluglinie,777,,Weg 6,-,-,XX,10,Aircraft operator activities,1,2,3,7000",
    "XX-7,Alt GmbH,Stillgelegt,,Weg 7,Norden,02002,XX,31,Manufacture of glass,NA,5000,NA,NA",
    "XX-8,Klein GmbH,Befreit,,Weg 8,Norden,02002,XX,32,Manufacture of ceramics,5,6,7,Excluded",
    "XX-9,Alt GmbH,Kalkofen,,Weg 9,Norden,02002,XX,6,Cement or lime,,100,,90000",
)
TOTAL_2022 = 2000001 + 900003 + 600007 + 123 + 50005 + 7000 + 90000

YEARLY = (
    "X,Y,seqe_id,account_holder_name,installation_name,parent_company,zip_code,country,main_activity_type_code,"
    "main_activity_type_code_lookup,year,emissions,kind"
)
POINTS = (
    "2.0,50.0,11,A,Verrerie,P,59000,FR,31,Manufacture of glass,2021,100000,x",
    "2.0,50.0,11,A,Verrerie,P,59000,FR,31,Manufacture of glass,2022,110000,x",
    "2.0,50.5,12,B,Papeterie,P,59100,FR,36,Production of paper or cardboard,2022,30001,x",
    "9.0,45.0,13,C,Ciments,P,06000,FR,29,Production of cement clinker,2022,500000,x",
)

HOTMAPS = (
    "SiteID;CompanyName;SiteName;Address;CityCode;City;Country;geom;Subsector;DataSource;Emissions_ETS_2014;Emissions_EPRTR_2014;"
    "Production"
)
HOTSPOTS = (
    '1;"Eisen AG";"Hochofen";"";"1000";"Ort";"Austria";"SRID=4326;POINT(16.0 48.0)";"Iron and steel";"x";35000.00;8000000;',
    '2;"Glas AG";"Wanne";"a";"1001";"Glasstadt";"Austria";"SRID=4326;POINT(16.1 48.0)";"Glass";"x";;90000.5;',
    '3;"Kalk AG";"Kalkwerk";"a";"1002";"Kalkstadt";"Austria";"SRID=4326;POINT(16.2 48.0)";"Cement";"x";200000;201000;',
    '4;"Papier AG";"Rolle";"a";"1003";"Papierstadt";"Austria";"";"Paper and printing";"x";10000;;',
    '5;"Glas AG";"Glas-Wanne";"a";"1001";"Glasstadt";"Austria";"SRID=4326;POINT(16.11 48.0)";"Glass";"x";90100;;',
    '6;"Leer AG";"Leer";"a";"1001";"Glasstadt";"Austria";"SRID=4326;POINT(16.11 48.0)";"Glass";"x";;;',
)

FACILITY = ["Facility Id", "FRS Id", "Facility Name", "City", "State", "Zip Code", "Latitude", "Longitude",
            "Primary NAICS Code", "Industry Type (subparts)", "Industry Type (sectors)", "Total reported direct emissions",
            "CO2 emissions (non-biogenic) ", "Nitrous Oxide (N2O) emissions "]  # fmt: skip
FACILITIES: list[list] = [
    [101, 1.0, "SUN STATION", "Dry", "LA", 70001, 30.0, -91.0, 221112.0, "C,D", "Power Plants", 1000000.25, 999000, 5000],
    [102, 1.0, "WIND STATION", "Dry", "LA", 70002, 30.1, -91.0, 221112.0, "C,D", "Power Plants", 500000.5, 499000, 270],
    [103, None, "CRACKER ONE", "Wet", "LA", 70003, 30.2, -91.0, 325110, "C,X", "Chemicals", 800000.125, 799000, 400],
    [104, 1.0, "OTHER ETHANOL", "Wet", "MA", 2138, 42.4, -71.1, 325193, "C", "Other", 60000, 60000, 30],
    [105, 1.0, "OLD DUMP", "Dry", "LA", 70001, 30.0, -91.0, 562212, "HH", "Waste", 70000.875, 0, 0],
    [106, 1.0, "QUIET MILL", "Dry", "LA", 70001, 30.0, -91.0, 322121, "C", "Other", 0, 0, 0],
]


def table(path: Path, header: str, rows, encoding: str = "utf-8") -> Path:
    path.write_bytes(("\n".join([header, *rows]) + "\n").encode(encoding))
    return path


def workbook(
    path: Path, header=FACILITY, rows: list = FACILITIES, sheet="Direct Point Emitters", year: object = 2023
) -> Path:
    title = [[f"Summary data collected by the Greenhouse Gas Reporting Program for {year}"], ["as of"], [""]]
    width = len(header)
    cells = [[*row, *[None] * (width - len(row))] for row in [*title, header, *rows]]
    pd.DataFrame(cells).to_excel(path, sheet_name=sheet, header=False, index=False)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plants(folder: Path) -> dict[str, dict[str, str]]:
    return {row["register_id"]: row for row in rows(folder / "firms.csv")}


def sums(folder: Path) -> tuple[Decimal, Decimal]:
    """Tonnes of the plants, and of the sites that were left out."""
    mapped = sum((Decimal(row["scope1_kt_per_year"]) for row in rows(folder / "firms.csv")), Decimal(0)) * 1000
    return mapped, sum((Decimal(row["emissions_t"] or 0) for row in rows(folder / "unmapped.csv")), Decimal(0))


def fails(capsys: pytest.CaptureFixture[str], out: Path, *arguments: object) -> str:
    """The one line of a command that must fail and leave nothing."""
    capsys.readouterr()
    before = sorted(out.parent.iterdir())
    assert call("import", *arguments, "--out", out) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert sorted(out.parent.iterdir()) == before
    return lines[0]
