"""`clusterpact import table`: a table of one's own, in either dialect of CSV or in Excel."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from clusterpact.sim.scenario import read_scenario
from tests.commands import call
from tests.experiments.registers.made_up import fails, plants, rows, sums, table

HEADER = "Facility,Kind,CO2,Lat,Lon,Firm,Land"
WORKS = (
    "North Works,primary_steel,2000.5,50.0,2.0,Iron Ltd,FR",
    "South Kiln,Cement,700.25,50.1,2.1,Stone Ltd,FR",
    "East Mill,paper,30,51.0,3.0,,FR",
)
COLUMNS = "name=Facility,sector=Kind,emissions_kt=CO2,latitude=Lat,longitude=Lon,operator=Firm,country=Land,year=2023"


@pytest.fixture
def works(tmp_path: Path) -> Path:
    return table(tmp_path / "works.csv", HEADER, WORKS)


def kinds_file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["[kinds]", *lines]) + "\n", encoding="utf-8")
    return path


def test_a_table_of_ones_own_is_a_cluster_to_the_tonne(works, tmp_path) -> None:
    assert call("import", "table", works, "--columns", COLUMNS, "--out", tmp_path / "out") == 0
    found = plants(tmp_path / "out")
    assert {key: (row["sector"], row["scope1_kt_per_year"], row["owner"]) for key, row in found.items()} == {
        "north-works": ("primary_steel", "2000.5", "iron-ltd"), "south-kiln": ("cement", "700.25", "stone-ltd"),
        "east-mill": ("paper", "30", ""),
    }  # fmt: skip
    assert sum(sums(tmp_path / "out")) == Decimal("2730750")
    scenario = read_scenario(tmp_path / "out")
    assert (scenario.file.country, scenario.file.base_year) == ("FR", 2023)
    assert [government.id for government in scenario.file.government][:2] == ["eu", "french-state"]


def test_semicolons_decimal_commas_and_excel_say_the_same(works, tmp_path) -> None:
    lines = [row.replace(".", "\0").replace(",", ";").replace("\0", ",") for row in WORKS]
    table(tmp_path / "comma.csv", HEADER.replace(",", ";"), lines)
    table(tmp_path / "tabs.csv", HEADER.replace(",", "\t"), [row.replace(",", "\t") for row in WORKS])
    frame = pd.read_csv(works)
    frame.to_excel(tmp_path / "works.xlsx", index=False)
    title = pd.DataFrame([["Sites of the region", *[None] * 6], frame.columns.tolist(), *frame.to_numpy().tolist()])
    title.to_excel(tmp_path / "title.xlsx", index=False, header=False)
    for name in ("comma.csv", "tabs.csv", "works.xlsx", "title.xlsx"):
        out = tmp_path / f"out-{name}"
        assert call("import", "table", tmp_path / name, "--columns", COLUMNS, "--out", out) == 0
        assert sum(sums(out)) == Decimal("2730750"), name


def test_columns_that_are_called_as_their_fields_need_not_be_named(tmp_path) -> None:
    path = table(tmp_path / "plain.csv", "Name,sector,Emissions_t,year", ["A,cement,1000,2022", "A,cement,1500,2023"])
    assert call("import", "table", path, "--out", tmp_path / "late") == 0
    assert plants(tmp_path / "late")["a"]["scope1_kt_per_year"] == "1.5"
    assert call("import", "table", path, "--year", 2022, "--out", tmp_path / "early") == 0
    assert plants(tmp_path / "early")["a"]["scope1_kt_per_year"] == "1"


def test_places_and_companies_select_where_the_table_has_them(works, tmp_path, capsys) -> None:
    assert (
        call("import", "table", works, "--columns", COLUMNS, "--within", "60km", "--of", "50,2", "--out", tmp_path / "a")
        == 0
    )
    assert set(plants(tmp_path / "a")) == {"north-works", "south-kiln"}
    line = fails(capsys, tmp_path / "b", "table", works, "--columns", COLUMNS, "--state", "LA")
    assert "the table has no such column; expected state in --columns" in line


def test_kinds_are_mapped_by_a_file_and_a_technology_column(tmp_path) -> None:
    lines = ["A,Iron & Steel,,1000", "B,Klinker,,2000", "C,Old dump,,500", "D,primary_steel,NG-DRI-EAF,100", "E,Boiler 7,,7"]
    path = table(tmp_path / "kinds.csv", "name,sector,technology,emissions_t", lines)
    kinds = kinds_file(
        tmp_path / "kinds.toml", '"iron & steel" = "secondary_steel: EAF (grid power)"', '"Klinker" = "eutl 29"',
        '"Old dump" = ""', '"boiler*" = "process_heat"',
    )  # fmt: skip
    assert call("import", "table", path, "--columns", "year=2020", "--kinds", kinds, "--out", tmp_path / "out") == 0
    assert {key: (row["sector"], row["technology"]) for key, row in plants(tmp_path / "out").items()} == {
        "a": ("secondary_steel", "EAF (grid power)"), "b": ("cement", "dry kiln (EU fuel mix)"),
        "d": ("primary_steel", "NG-DRI-EAF"), "e": ("process_heat", "gas boiler"),
    }  # fmt: skip
    assert [row["register_id"] for row in rows(tmp_path / "out" / "unmapped.csv")] == ["c"]
    assert sum(sums(tmp_path / "out")) == 3607


def test_unknown_kinds_say_what_they_look_like_and_where_to_map_them(tmp_path, capsys) -> None:
    lines = ["A,Iron & Steel,5000", "B,Glass works,200", "C,cement,10"]
    path = table(tmp_path / "kinds.csv", "name,sector,emissions_t", lines)
    line = fails(capsys, tmp_path / "out", "table", path, "--columns", "year=2020")
    assert "2 kinds with 5.2 kt are no sectors: 'Iron & Steel' (like 'primary_steel'), 'Glass works' (like 'glass')" in line
    assert '--kinds with [kinds] and a line for each, such as "Iron & Steel" = "secondary_steel"' in line


def test_sites_of_one_name_are_told_apart_unless_years_repeat(tmp_path, capsys) -> None:
    path = table(tmp_path / "twins.csv", "name,sector,emissions_t", ["A,cement,1000", "A,cement,2000"])
    assert call("import", "table", path, "--columns", "year=2020", "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == {"a", "a-2"}
    table(path, "name,sector,emissions_t,year", ["A,cement,1000,2020", "A,cement,2000,2020"])
    line = fails(capsys, tmp_path / "b", "table", path)
    assert "name = 'A': appears more than once for 2020; sites of one name need a column id" in line


@pytest.mark.parametrize(
    ("header", "columns", "words"),
    [
        ("Facility,sector,emissions_t,year", None, "column 'name': missing column"),
        ("name,sector,emissions_t,year", "name=Nam", "column 'Nam': missing column; did you mean 'name'?"),
        ("name,sector,emissions_t", None, "year: missing; expected a column of years"),
        ("name,sector,emissions,year", None, "emissions_t=…, emissions_kt=… or emissions_kg=…; did you mean 'emissions'?"),
        ("name,sector,emissions,year", "emissions=emissions", "in what unit?"),
        ("name,sector,emissions_t,year", "nmae=name", "unknown field; did you mean 'name'?"),
        ("name,sector,emissions_t,year", "nei", "did you mean 'naei'?"),
        ("name,sector,emissions_t,year", "name=name,name=sector", "each field once"),
        ("name,sector,emissions_t,year", "none.toml", "none.toml: file: not found"),
    ],
)  # fmt: skip
def test_columns_that_are_not_there_are_one_line(header, columns, words, tmp_path, capsys) -> None:
    cells = ["A", "cement", "1000", "2020"][: header.count(",") + 1]
    path = table(tmp_path / "bad.csv", header, [",".join(cells)])
    options = [] if columns is None else ["--columns", columns]
    assert words in fails(capsys, tmp_path / "out", "table", path, *options)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A,cement,much,2020", ":2: emissions_t = 'much': expected a number"),
        ("A,cement,-1,2020", "expected 0 or more"),
        ('A,cement,"1,000.5",2020', "expected a number"),
        ("A,cement,1,never", "year = 'never': expected a year"),
        (",cement,1,2020", "name = '': blank"),
        ("A,cement,1e19,2020", "site a, as a plant: capacity_kt_per_year"),
        (f"{'A' * 400},cement,1,2020", "name = 'AAAAAAAAAAAAAAA"),
        ("A,,1,2020", "sector = '': blank"),
    ],
)
def test_cells_that_cannot_be_read_are_one_line(row, words, tmp_path, capsys) -> None:
    path = table(tmp_path / "bad.csv", "name,sector,emissions_t,year", [row])
    assert words in fails(capsys, tmp_path / "out", "table", path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"A" = "steel"', "unknown sector"),
        ('"A" = "primary_steel: kiln"', "no such technology in sector 'primary_steel'"),
        ('"A" = "batteries"', "emits no CO2"),
        ("A = 1", "kinds.A"),
    ],
)
def test_a_kind_that_is_no_sector_is_one_line(text, words, works, tmp_path, capsys) -> None:
    kinds = kinds_file(tmp_path / "kinds.toml", text)
    assert words in fails(capsys, tmp_path / "out", "table", works, "--columns", COLUMNS, "--kinds", kinds)


CANADA = (
    "GHGRP ID No. / No d'identification du PDGES,Reference Year / Année de référence,Facility Name / Nom de l'installation,"
    "Facility City or District or Municipality / Ville ou District ou Municipalité de l'installation,"
    "Facility Province or Territory / Province ou territoire de l'installation,"
    "Facility NAICS Code / Code SCIAN de l'installation,"
    "Reporting Company Legal Name / Dénomination sociale de la société déclarante,"
    "Total Emissions (tonnes CO2e) / Émissions totales (tonnes éq. CO2)"
)
KNOWN = {
    "canada-ghgrp": (CANADA, ["G1,2022,Kiln,Town,Quebec,327310,Stone,1000.5"], "cement", "1.0005"),
    "climate-trace": (
        "source_id,source_name,iso3_country,subsector,start_time,lat,lon,gas,emissions_quantity",
        [f"9,Works,FRA,glass,2022-{m:02}-01 00:00:00,50,2,{gas},100" for m in (1, 2) for gas in ("co2e_100yr", "ch4")],
        "glass", "0.2",
    ),
    "e-prtr": (
        "FacilityInspireId,facilityName,EPRTRAnnexIMainActivity,reportingYear,Pollutant,Releases,city,countryName,Latitude,"
        "Longitude",
        ["X1,Works,2(b) Pig iron,2020,Carbon dioxide (CO2),2000000000,Town,France,50,2",
         "X1,Works,2(b) Pig iron,2020,Nitrogen oxides (NOX),5,Town,France,50,2"],
        "primary_steel", "2000",
    ),
    "naei": (
        "PlantID,Site,Operator,Sector,Year,Pollutant_Name,Emission,Unit,Easting,Northing",
        ["7,Kiln,Stone,Cement,2022,Carbon Dioxide as Carbon,1000,Tonne,1,1",
         "7,Kiln,Stone,Cement,2022,Nitrogen Oxides,9,Tonne,1,1"],
        "cement", "3.664",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_tables_that_are_known_by_name_are_read(name, tmp_path) -> None:
    header, lines, sector, kilotonnes = KNOWN[name]
    path = table(tmp_path / "known.csv", header, lines)
    assert call("import", "table", path, "--columns", name, "--out", tmp_path / "out") == 0
    (plant,) = plants(tmp_path / "out").values()
    assert (plant["sector"], plant["scope1_kt_per_year"]) == (sector, kilotonnes)
    first = read_scenario(tmp_path / "out").file.government[0].id
    assert first == {"canada-ghgrp": "quebec-government", "naei": "uk-government"}.get(name, "eu")
