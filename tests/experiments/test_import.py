"""`clusterpact import`: sums to the tonne, selections, mapping, damage; on made-up tables, and on real files at hand."""

import csv
import math
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from clusterpact.experiments.making.activities import ActivityTable, folded, word_pattern
from clusterpact.experiments.making.eutl import read_eutl
from clusterpact.experiments.making.hotmaps import read_hotmaps
from clusterpact.experiments.making.selection import distance_km
from clusterpact.experiments.making.site import Site
from clusterpact.sim.cluster import Financier, Government, Network
from clusterpact.sim.scenario import read_scenario
from clusterpact.sim.tables import read_tables

from clusterpact.inputs import InputError
from tests.commands import call

REGISTRIES = Path(__file__).parents[2].parent / "shared" / "facts" / "registries"

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


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return table(tmp_path / "eutl_installations-XX.csv", INSTALLATIONS, ACCOUNTS)


@pytest.fixture
def points(tmp_path: Path) -> Path:
    return table(tmp_path / "eutl_geo.csv", YEARLY, POINTS)


@pytest.fixture
def hotspots(tmp_path: Path) -> Path:
    return table(tmp_path / "hotmaps.csv", HOTMAPS, HOTSPOTS)


@pytest.fixture
def epa(tmp_path: Path) -> Path:
    return workbook(tmp_path / "ghgp.xlsx")


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


# Sums, folders, runs


def test_plants_and_the_rest_add_up_to_the_register(log, points, hotspots, epa, tmp_path) -> None:
    expected: dict[tuple[str, Path], Decimal | int] = {
        ("eutl", log): TOTAL_2022, ("eutl", points): 640001,
        ("hotmaps", hotspots): Decimal("425100.5"), ("ghgrp", epa): Decimal("2430001.75"),
    }  # fmt: skip
    for number, ((kind, path), total) in enumerate(expected.items()):
        out = tmp_path / f"out{number}"
        assert call("import", kind, path, "--out", out) == 0
        assert sum(sums(out)) == total
        assert read_scenario(out).file.published[0].value == float(total) / 1000


def test_a_folder_holds_a_cluster_that_says_where_it_is_from(log, tmp_path, capsys) -> None:
    out = tmp_path / "muster"
    assert call("import", "eutl", log, "--out", out, "--name", "Muster & Co") == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "cluster.toml", "experiment.toml", "firms.csv", "sources.md", "unmapped.csv"]  # fmt: skip
    scenario = read_scenario(out)
    assert (scenario.file.name, scenario.file.title, scenario.file.base_year) == ("muster-co", "Muster & Co", 2022)
    assert {network.kind for network in scenario.file.network} == {"co2_ts", "h2_pipeline", "grid", "waste_heat_network"}
    offers: list[Network | Financier | Government] = [*scenario.file.network, *scenario.file.financier]
    offers += scenario.file.government
    assert all(offer.mark == "estimate" and offer.source for offer in offers)
    page = (out / "sources.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in page
    assert "clusterpact import eutl" in page
    works = plants(out)["XX-1"]
    assert works["sector"] == "primary_steel"
    assert float(works["capacity_kt_per_year"]) == pytest.approx(2000.001 / 1.932, rel=1e-5)
    assert (works["scope1_kt_per_year"], works["free_allocation_kt_per_year"]) == ("2000.001", "2500")
    assert (works["scope1_mark"], works["capacity_mark"]) == ("published", "derived")
    assert plants(out)["XX-2"]["free_allocation_kt_per_year"] == ""
    printed = capsys.readouterr().out
    assert "5 plants, 3,590.134 kt" in printed
    assert "unmapped: 4 sites, 57.005 kt" in printed


def test_an_imported_cluster_runs(log, epa, tmp_path) -> None:
    for kind, path in (("eutl", log), ("ghgrp", epa)):
        assert call("import", kind, path, "--out", tmp_path / kind) == 0
        assert (
            call("run", tmp_path / kind / "experiment.toml", "--runs", 2, "--no-figures", "-q", "--out", tmp_path / "run")
            == 0
        )
        (tmp_path / "run").rename(tmp_path / f"run-{kind}")


def test_what_is_left_out_is_listed_with_its_reason(log, tmp_path) -> None:
    out = tmp_path / "out"
    assert call("import", "eutl", log, "--min-kt", 1, "--out", out) == 0
    reasons = {row["register_id"]: row["reason"] for row in rows(out / "unmapped.csv")}
    assert reasons["XX-4"] == "below --min-kt 1"
    assert "N2O" in reasons["XX-5"]
    assert "Not a site" in reasons["XX-6"]
    assert reasons["XX-7"] == "no emissions in 2022 (blank)"
    assert reasons["XX-8"] == "no emissions in 2022 (Excluded)"
    assert sum(sums(out)) == TOTAL_2022


def test_the_year_can_be_chosen(log, tmp_path, capsys) -> None:
    assert call("import", "eutl", log, "--year", 2021, "--out", tmp_path / "a") == 0
    assert plants(tmp_path / "a")["XX-1"]["scope1_kt_per_year"] == "2900"
    assert plants(tmp_path / "a")["XX-7"]["scope1_kt_per_year"] == "5"
    assert "it holds 2021 to 2022" in fails(capsys, tmp_path / "b", "eutl", log, "--year", 1999)


def test_places_without_a_carbon_price_get_their_own_prices(epa, tmp_path) -> None:
    out = tmp_path / "out"
    assert call("import", "ghgrp", epa, "--out", out) == 0
    carbon = [price for price in read_scenario(out).tables.prices if price.carrier == "carbon"]
    assert carbon
    assert all(price.low == price.mid == price.high == 0 for price in carbon)


def test_sites_of_one_name_get_ids_of_their_own(tmp_path) -> None:
    twins = [
        f"XX-{k},Muster,{name},,w,C,01,XX,31,Glass,,1,,{k}000" for k, name in enumerate(("Werk", "Werk", "Grid", "ΥΑΛΟΣ"), 1)
    ]
    path = table(tmp_path / "log.csv", INSTALLATIONS, twins)
    assert call("import", "eutl", path, "--out", tmp_path / "out") == 0
    assert {row["id"] for row in rows(tmp_path / "out" / "firms.csv")} == {"werk-xx-1", "werk-xx-2", "grid-xx-3", "xx-4"}


# Selections


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--postcode", "010,030"], {"XX-1", "XX-2", "XX-4"}),
        (["--parent", "MUSTER hold"], {"XX-1", "XX-2"}),
        (["--parent", "kessel"], {"XX-4"}),
        (["--ids", "XX-3, XX-9"], {"XX-3", "XX-9"}),
        (["--country", "xx"], {"XX-1", "XX-2", "XX-3", "XX-4", "XX-9"}),
        (["--postcode", "01", "--ids", "XX-1,XX-3"], {"XX-1"}),
    ],
)
def test_accounts_are_selected(options, ids, log, tmp_path) -> None:
    assert call("import", "eutl", log, *options, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == ids


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--within", "50km", "--of", "50.0,2.0"], {"FR-11"}),
        (["--within", "60km", "--of", "50.0,2.0"], {"FR-11", "FR-12"}),
        (["--bbox", "50.4,1,51,3"], {"FR-12"}),
        (["--bbox", "40,1,51,10", "--postcode", "06"], {"FR-13"}),
        (["--year", "2021"], {"FR-11"}),
    ],
)
def test_places_are_selected(options, ids, points, tmp_path) -> None:
    assert call("import", "eutl", points, *options, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == ids


def test_states_and_postcodes_with_leading_zeros_are_selected(epa, tmp_path) -> None:
    assert call("import", "ghgrp", epa, "--state", "la", "--out", tmp_path / "la") == 0
    assert set(plants(tmp_path / "la")) == {"101", "102", "103"}
    assert call("import", "ghgrp", epa, "--postcode", "021", "--out", tmp_path / "ma") == 0
    assert set(plants(tmp_path / "ma")) == {"104"}


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("eutl", ["--within", "60km", "--of", "51,2"], "no coordinates to rely on"),
        ("eutl", ["--bbox", "50,1,51,2"], "--bbox"),
        ("eutl", ["--state", "LA"], "names no states"),
        ("hotmaps", ["--state", "LA"], "names no states"),
        ("ghgrp", ["--parent", "Exxon"], "names no parent companies"),
        ("ghgrp", ["--state", "ZZ"], "no site in this state"),
        ("eutl", ["--ids", "XX-77"], "did you mean"),
        ("eutl", ["--postcode", "999"], "matches none of its 9 sites"),
        ("eutl", ["--postcode", "02009"], "leaves no plant"),
        ("eutl", ["--within", "60km"], "together with --of"),
        ("hotmaps", ["--within", "far", "--of", "51,2"], "such as 60km"),
        ("hotmaps", ["--within", "0km", "--of", "51,2"], "such as 60km"),
        ("hotmaps", ["--within", "60km", "--of", "2"], "LAT,LON"),
        ("hotmaps", ["--within", "60km", "--of", "nan,2"], "LAT,LON"),
        ("hotmaps", ["--bbox", "51,2,50,3"], "S,W,N,E"),
        ("hotmaps", ["--bbox", "1,2,3"], "S,W,N,E"),
        ("eutl", ["--min-kt", "inf"], "finite"),
        ("eutl", ["--min-kt", "1e9"], "leaves no plant"),
        ("eutl", ["--name", "!!"], "letters or digits"),
        ("eutl", ["--parent", ""], "a text to look for"),
        ("eutl", ["--ids", ","], "separated by commas"),
    ],
)
def test_a_selection_that_cannot_be_answered_is_one_line(kind, options, words, log, hotspots, epa, tmp_path, capsys) -> None:
    file = {"eutl": log, "hotmaps": hotspots, "ghgrp": epa}[kind]
    assert words in fails(capsys, tmp_path / "out", kind, file, *options)


def test_distances_on_the_sphere_are_within_half_a_per_cent() -> None:
    """Against geodesics on WGS 84: a degree of the meridian at 45 and 89.5 degrees, one of the equator, Paris-New York."""
    for one, other, km in (((44.5, 3), (45.5, 3), 111.132), ((89, 3), (90, 3), 111.694), ((0, 0), (0, 1), 111.320),
                           ((48.8566, 2.3522), (40.7128, -74.006), 5852.9)):  # fmt: skip
        assert distance_km(one, other) == pytest.approx(km, rel=0.005)


# Mapping


def test_two_figures_of_one_site_are_told_apart(hotspots, tmp_path, capsys) -> None:
    out = tmp_path / "ets"
    assert call("import", "hotmaps", hotspots, "--out", out) == 0
    works = plants(out)["1"]
    assert (works["sector"], works["scope1_kt_per_year"]) == ("secondary_steel", "35")
    assert "ETS 35.0 kt, E-PRTR 8,000.0 kt" in works["note"]
    assert "no ETS figure" in plants(out)["2"]["note"]
    assert "Possibly the same works as site 5" in plants(out)["2"]["note"]
    printed = capsys.readouterr().out
    assert "Possibly one works entered twice: 5" in printed
    assert "disagree by more than 25 % for 1 of the sites" in printed
    assert call("import", "hotmaps", hotspots, "--prefer", "eprtr", "--out", tmp_path / "eprtr") == 0
    works = plants(tmp_path / "eprtr")["1"]
    assert (works["sector"], works["scope1_kt_per_year"]) == ("primary_steel", "8000")
    assert plants(tmp_path / "eprtr")["3"]["sector"] == "lime"


def test_sites_without_coordinates_are_counted_when_a_place_is_asked(hotspots, tmp_path, capsys) -> None:
    assert call("import", "hotmaps", hotspots, "--within", "60km", "--of", "48,16", "--out", tmp_path / "out") == 0
    assert "1 sites of the register (10.0 kt) have no coordinates" in capsys.readouterr().out


def test_coal_is_told_from_gas_by_nitrous_oxide(epa, tmp_path) -> None:
    assert call("import", "ghgrp", epa, "--out", tmp_path / "out") == 0
    assert [plants(tmp_path / "out")[key]["sector"] for key in ("101", "102", "103", "104")] == [
        "coal_power", "gas_power", "steam_cracker", "process_heat"]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "code", "name", "kt", "sector"),
    [
        ("eutl", "20", "Bakery", 5, "process_heat"),
        ("eutl", "1", "Heizkraftwerk Mitte", 5, "gas_power"),
        ("eutl", "20", "Fernheizwerk", 5, "process_heat"),
        ("eutl", "20", "Kraftwerk Schwarze Pumpe", 9000, "coal_power"),
        ("eutl", "20", "Raffineriekraftwerk", 500, "gas_power"),
        ("eutl", "20", "Raffinerie Nord", 500, "refinery"),
        ("eutl", "20", "Zuckerraffinerie", 50, "process_heat"),
        ("eutl", "20", "Usine sidérurgique", 5000, "primary_steel"),
        ("eutl", "20", "Terminal méthanier", 5, "lng"),
        ("eutl", "24", "Elektrostahl", 80, "secondary_steel"),
        ("eutl", "24", "Hochofen", 800, "primary_steel"),
        ("eutl", "24", "Warmwalzwerk", 800, "industrial_furnace"),
        ("eutl", "22", "Kokerei", 800, "coke"),
        ("eutl", "3", "Kokerei", 800, "coke"),
        ("eutl", "29", "Fours à chaux", 300, "lime"),
        ("eutl", "29", "Zement- und Kalkwerke", 300, "cement"),
        ("eutl", "30", "EQIOM Usine", 300, "cement"),
        ("eutl", "9", "Mill", 300, "paper"),
        ("eutl", "38", "HNO3", 300, ""),
        ("eutl", "99", "Other", 300, ""),
        ("eutl", "98", "Unknown", 300, None),
        ("eutl", "", "Blank", 300, None),
        ("hotmaps", "Cement", "Rheinkalk", 300, "lime"),
        ("hotmaps", "cement", "Works", 300, "cement"),
        ("hotmaps", "Non-ferrous metals", "Alcoa", 300, "primary_aluminium"),
        ("hotmaps", "Non-ferrous metals", "Alcoa", 30, "secondary_aluminium"),
        ("ghgrp", "331110", "Mill", 300, "secondary_steel"),
        ("ghgrp", "331110", "Mill", 3000, "primary_steel"),
        ("ghgrp", "324199", "Clairton Coke", 300, "coke"),
        ("ghgrp", "324199", "Asphalt", 300, "industrial_furnace"),
        ("ghgrp", "336110", "Cars", 300, "process_heat"),
        ("ghgrp", "562212", "Dump", 300, ""),
        ("ghgrp", "721110", "Hotel", 300, None),
    ],
)
def test_codes_words_and_amounts_decide_the_sector(kind, code, name, kt, sector) -> None:
    mapped = ActivityTable(read_tables().technologies).map(Site("1", name, activity=code), kind, 1000 * kt)
    assert (mapped and mapped.row.sector) == sector


def test_every_code_of_the_transaction_log_stands_in_the_table() -> None:
    own = ActivityTable(read_tables().technologies)
    for code in (*range(1, 11), *range(20, 48), 50, 51, 99):
        assert own.map(Site("1", "x", activity=str(code)), "eutl", 1.0) is not None, code


def test_words_match_whole_words_in_any_case_without_accents() -> None:
    pattern = word_pattern("*kraftwerk*;gud;Schwarze Pumpe;verre*")
    assert pattern
    for text in ("Heizkraftwerke Süd", "GuD-Anlage", "KW SCHWARZE PUMPE", "Verrerie", "Großkraftwerk"):
        assert pattern.search(folded(text)), text
    for text in ("Gudrun", "Schwarze alte Pumpe", "Presseverrat"):
        assert not pattern.search(folded(text)), text


def test_rows_of_a_users_table_win(log, tmp_path, capsys) -> None:
    own = tmp_path / "own.csv"
    own.write_text("register,code,meaning,sector,technology,source,mark\n"
                   "eutl,38,Acid,process_heat,gas boiler,mine,estimate\n"
                   "eutl,20,All power,gas_power,CCGT,mine,estimate\n")  # fmt: skip
    assert call("import", "eutl", log, "--activities", own, "--out", tmp_path / "out") == 0
    sectors = {key: row["sector"] for key, row in plants(tmp_path / "out").items()}
    assert (sectors["XX-5"], sectors["XX-2"], sectors["XX-4"]) == ("process_heat", "gas_power", "gas_power")
    assert sectors["XX-3"] == "cement"
    for line, words in (
        ("eutl,38,Acid,acid,gas boiler,mine,estimate", "unknown sector"),
        ("eutl,38,Acid,process_heat,gas broiler,mine,estimate", "did you mean 'gas boiler'?"),
        ("eutl,38,Acid,process_heat,e-boiler,mine,estimate", "emits no CO2"),
        ("etl,38,Acid,process_heat,gas boiler,mine,estimate", "register"),
    ):
        own.write_text(f"register,code,meaning,sector,technology,source,mark\n{line}\n")
        assert words in fails(capsys, tmp_path / "bad", "eutl", log, "--activities", own)


# Damage


def damaged_log(name: str, path: Path) -> Path:
    header, accounts = INSTALLATIONS, list(ACCOUNTS)
    if name == "missing column":
        header = header.replace("ZipCode", "Zip")
    elif name == "no emissions":
        header = header.replace("Verified", "Guessed")
    elif name == "text in numbers":
        accounts[2] = accounts[2].replace("600007", "about 600")
    elif name == "decimal comma":
        accounts[2] = accounts[2].replace("600007", '"600,7"')
    elif name == "not a number":
        accounts[2] = accounts[2].replace("600007", "nan")
    elif name == "negative":
        accounts[2] = accounts[2].replace("600007", "-600007")
    elif name == "twice":
        accounts[3] = accounts[3].replace("XX-4", "XX-3")
    elif name == "no id":
        accounts[3] = accounts[3].replace("XX-4", "")
    elif name == "short row":
        accounts[3] = "XX-4,only"
    elif name == "quote":
        accounts[3] = accounts[3].replace("Kessel & Co", '"Kessel & Co')
    elif name == "code":
        accounts[3] = accounts[3].replace(",20,", ",twenty,")
    elif name == "semicolons":
        header, accounts = header.replace(",", ";"), [row.replace(",", ";") for row in accounts]
    elif name == "no rows":
        accounts = []
    elif name == "no data":
        accounts = accounts[6:7]
        accounts[0] = accounts[0].replace("5000", "0")
    elif name == "column twice":
        header = header.replace("Address1", "City")
    elif name == "utf-16 without mark":
        accounts = accounts[:2]
    if name == "empty":
        path.write_bytes(b"")
    elif name == "blank":
        path.write_text("\n \n")
    elif name == "folder":
        path.mkdir()
    elif name != "absent":
        table(
            path,
            header,
            accounts,
            {"utf-16": "utf-16", "utf-16 without mark": "utf-16-le", "latin-1": "latin-1"}.get(name, "utf-8"),
        )
    return path


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("missing column", "column 'ZipCode': missing column"),
        ("no emissions", "VerifiedEmissions_YYYY"),
        ("text in numbers", ":4: emissions of 2022 = 'about 600': expected a number"),
        ("decimal comma", "expected a number"),
        ("not a number", "expected a finite number"),
        ("negative", "expected 0 or more"),
        ("twice", "id = 'XX-3': appears more than once"),
        ("no id", "missing for 'Dampfkessel"),
        ("short row", ":5: row: expected 14 cells, found 2"),
        ("quote", "not a valid table"),
        ("code", "MainActivityTypeCode = 'twenty'"),
        ("semicolons", "expected ',' between columns, found ';'"),
        ("no rows", "holds no sites"),
        ("no data", "holds no emissions"),
        ("column twice", "'City': appears twice"),
        ("empty", "is empty"),
        ("blank", "is empty"),
        ("folder", "is a folder"),
        ("absent", "not found"),
        ("utf-16", "not UTF-8 text (byte 0)"),
        ("utf-16 without mark", "zero byte at 1; UTF-16?"),
        ("latin-1", "not UTF-8 text (byte 649)"),
    ],
)
def test_a_damaged_log_is_one_line_and_leaves_nothing(damage, words, tmp_path, capsys) -> None:
    line = fails(capsys, tmp_path / "out", "eutl", damaged_log(damage, tmp_path / "log.csv"))
    assert words in line
    assert "log.csv" in line


def test_a_year_that_an_account_has_twice_is_one_line(tmp_path, capsys) -> None:
    path = table(tmp_path / "geo.csv", YEARLY, [*POINTS, POINTS[0]])
    assert "appears more than once for 2021" in fails(capsys, tmp_path / "out", "eutl", path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (";", ",", "expected ';' between columns"),
        ("POINT(16.0 48.0)", "16,48", "POINT(lon lat)"),
        ("POINT(16.0 48.0)", "POINT(16.0 98.0)", "-90 to 90"),
        ("Subsector", "Sector", "'Subsector': missing column"),
        ("35000.00", "-35000", "expected 0 or more"),
        ("35000.00", "much", "expected a number"),
        ("\n2;", "\n1;", "appears more than once"),
    ],
)
def test_a_damaged_database_is_one_line(old, new, words, hotspots, tmp_path, capsys) -> None:
    hotspots.write_text(hotspots.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert words in fails(capsys, tmp_path / "out", "hotmaps", hotspots)


def test_a_damaged_workbook_is_one_line(epa, tmp_path, capsys) -> None:
    def line(path: Path) -> str:
        return fails(capsys, tmp_path / "out", "ghgrp", path)

    path = tmp_path / "bad.xlsx"
    assert "no such sheet" in line(workbook(path, sheet="Something"))
    assert "no row with 'Facility Id'" in line(workbook(path, header=["Id", *FACILITY[1:]]))
    assert "'State': missing column" in line(
        workbook(path, header=["Staat" if name == "State" else name for name in FACILITY])
    )
    without = ["Other" if name.startswith("Total") else name for name in FACILITY]
    assert "'Total reported direct emissions'" in line(workbook(path, header=without))
    assert "does not say its year" in line(workbook(path, year="ever"))
    assert "appears more than once" in line(workbook(path, rows=[*FACILITIES, FACILITIES[0]]))
    assert "holds no sites" in line(workbook(path, rows=[]))
    for value, words in ((-1, "expected 0 or more"), ("confidential", "expected a number")):
        bad = [[*FACILITIES[0][:11], value, *FACILITIES[0][12:]]]
        assert f":5: emissions of 2023 = '{value}': {words}" in line(workbook(path, rows=bad))
    whole = epa.read_bytes()
    for content in (b"", b"a,b\n1,2\n", whole[: len(whole) // 2], whole[:200] + b"\0" * 400 + whole[600:]):
        path.write_bytes(content)
        assert "not an Excel workbook" in line(path)
    assert "not found" in line(tmp_path / "none.xlsx")
    assert "is a folder" in line(tmp_path)


def test_a_missing_library_is_one_line(epa, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("clusterpact.extras.find_spec", lambda name: None if name == "openpyxl" else True)
    assert "pip install 'clusterpact[import]'" in fails(capsys, tmp_path / "out", "ghgrp", epa)


def test_an_existing_folder_stays_as_it_is(log, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert "exists" in fails(capsys, out, "eutl", log)
    assert not list(out.iterdir())
    capsys.readouterr()
    assert call("import", "eutl", log, "--out", tmp_path / "deep" / "out") == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_folder_that_fails_its_check_leaves_nothing(log, tmp_path, capsys, monkeypatch) -> None:
    def refuse(folder: Path) -> None:
        raise InputError(folder / "firms.csv", "id", "x", "refused")

    monkeypatch.setattr("clusterpact.experiments.making.cluster_folder.read_scenario", refuse)
    assert "refused" in fails(capsys, tmp_path / "out", "eutl", log)


def test_help_shows_an_example_of_every_register(capsys) -> None:
    assert call("import") == 0
    for kind in ("eutl", "hotmaps", "ghgrp"):
        assert call("import", kind, "--help") == 0
        assert f"clusterpact import {kind}" in " ".join(capsys.readouterr().out.split())


# Real files, where they are at hand


def eutl_total(path: Path, columns: tuple[str, ...], year: str = "2022") -> Decimal:
    """The register's own sum, told with another reader."""
    found = pd.read_csv(path, dtype=str)
    if "year" in found:
        return Decimal(int(pd.to_numeric(found.loc[found["year"] == year, columns[0]]).sum()))
    return Decimal(repr(math.fsum(pd.to_numeric(found[columns[0]], errors="coerce").dropna())))


REAL = [
    ("eutl_installations-DE.csv", "eutl", "VerifiedEmissions_2022"),
    ("eutl_installations-FR.csv", "eutl", "VerifiedEmissions_2022"),
    ("eutl_emissions-FR-geo.csv", "eutl", "emissions"),
    ("extract_eutl_brescia_province.csv", "eutl", "tco2_2022"),
    ("extract_eutl_dunkerque_60km.csv", "eutl", "tco2_2022"),
    ("extract_eutl_lombardy.csv", "eutl", "tco2_2022"),
    ("extract_eutl_nrw.csv", "eutl", "tco2_2022"),
]


@pytest.mark.parametrize(("file", "kind", "column"), REAL)
def test_a_real_log_is_imported_to_the_tonne(file, kind, column, tmp_path) -> None:
    path = REGISTRIES / file
    if not path.is_file():
        pytest.skip(f"{file} is not at hand")
    assert call("import", kind, path, "--out", tmp_path / "out") == 0
    assert sum(sums(tmp_path / "out")) == eutl_total(path, (column,))


def test_the_whole_real_database_is_read_to_the_tonne() -> None:
    path = REGISTRIES / "hotmaps_Industrial_Database.csv"
    if not path.is_file():
        pytest.skip("the database is not at hand")
    found = pd.read_csv(path, sep=";")
    expected = found["Emissions_ETS_2014"].fillna(found["Emissions_EPRTR_2014"]).dropna()
    tonnes = [site.emissions_t[2014] for site in read_hotmaps(path).sites if site.emissions_t]
    assert (len(tonnes), math.fsum(tonnes)) == (len(expected), math.fsum(expected))


@pytest.mark.parametrize("prefer", ["ets", "eprtr"])
def test_the_real_database_is_imported_to_the_tonne(prefer, tmp_path) -> None:
    path = REGISTRIES / "hotmaps_Industrial_Database.csv"
    if not path.is_file():
        pytest.skip("the database is not at hand")
    found = pd.read_csv(path, sep=";")
    found = found[found["Country"] == "Germany"]
    ets, eprtr = found["Emissions_ETS_2014"], found["Emissions_EPRTR_2014"]
    expected = (ets.fillna(eprtr) if prefer == "ets" else eprtr.fillna(ets)).dropna()
    assert call("import", "hotmaps", path, "--prefer", prefer, "--country", "Germany", "--out", tmp_path / "out") == 0
    assert float(sum(sums(tmp_path / "out"))) == pytest.approx(math.fsum(expected), abs=0.01)


def test_the_real_workbook_is_imported_to_the_tonne(tmp_path) -> None:
    path = REGISTRIES / "epa_ghgp_data_2023.xlsx"
    if not path.is_file():
        pytest.skip("the workbook is not at hand")
    found = pd.read_excel(path, sheet_name="Direct Point Emitters", header=3)
    expected = math.fsum(found.loc[found["State"] == "LA", "Total reported direct emissions"])
    assert call("import", "ghgrp", path, "--state", "LA", "--out", tmp_path / "out") == 0
    assert float(sum(sums(tmp_path / "out"))) == pytest.approx(expected, abs=0.01)


def test_the_shipped_dunkirk_agrees_with_its_register(tmp_path) -> None:
    """Sites of the Dunkirk cluster get the sector that was chosen by hand, but for stand-ins."""
    path = REGISTRIES / "eutl_emissions-FR-geo.csv"
    if not path.is_file():
        pytest.skip("the register is not at hand")
    assert len(read_eutl(path).sites) == 1570
    assert call("import", "eutl", path, "--within", "60km", "--of", "51.03,2.37", "--out", tmp_path / "out") == 0
    shipped = {row["register_id"]: row for row in rows(Path("sim/library/clusters/dunkirk/firms.csv")) if row["register_id"]}
    found = plants(tmp_path / "out")
    assert set(shipped) <= set(found)
    agreed = [key for key, row in shipped.items() if row["sector"] == found[key]["sector"]]
    assert len(agreed) >= 15
    for key, row in shipped.items():
        assert float(row["scope1_kt_per_year"]) == pytest.approx(float(found[key]["scope1_kt_per_year"]), abs=0.06)
