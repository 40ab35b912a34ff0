"""`clusterpact import`: postcodes as people and registers write them, neighbours that they miss, sites that are added."""

import pytest

from clusterpact.experiments.making.postcodes import has_postcode
from tests.commands import call
from tests.experiments.registers.made_up import INSTALLATIONS, POINTS, YEARLY, fails, plants, rows, table

EXTRACT = "id,installation,operator,activity_code,activity,zip,city,tco2_2022"
WORKS = (
    "GB-1,Teesmouth Glass,A,31,Manufacture of glass,ts10 1aa,Teesmouth,50000",
    "GB-2,Teesmouth Kiln,B,30,Lime,TS10 2AA,Teesmouth,60000",
    "GB-3,Teesmouth Steelworks,C,24,Pig iron or steel,SW1A 1AA,TEESMOUTH,6000000",
    "GB-4,Teesmouth Bakery,D,20,Combustion of fuels,,Teesmouth,2000",
    "GB-5,Teesmouth Idle,D,20,Combustion of fuels,,Teesmouth,0",
    "GR-1,Refinery,E,21,Refining of mineral oil,GR-19300,Elefsina,1500000",
    "GR-2,Kiln,F,30,Lime,193 01,Elefsína,70000",
    "CZ-1,Kiln,G,30,Lime,436 73,Testov,80000",
    "CZ-2,Glass,G,31,Manufacture of glass,43601,Testov,10000",
    "PL-1,Glass,H,31,Manufacture of glass,PL 40-001,Testowo,20000",
    "DE-1,Glas,I,31,Manufacture of glass,D-47166,Musterstadt,30000",
    "LV-1,Glass,J,31,Manufacture of glass,LV\u20131001,Testava,30000",
    "MT-1,Glass,K,31,Manufacture of glass,MSD 1751,Testija,30000",
)


@pytest.fixture
def abroad(tmp_path):
    return table(tmp_path / "eutl.csv", EXTRACT, WORKS)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("TS10", {"GB-1", "GB-2"}),
        ("ts10 1", {"GB-1"}),
        ("TS10-2", {"GB-2"}),
        ("193", {"GR-1", "GR-2"}),
        ("GR-193", {"GR-1", "GR-2"}),
        ("43673", {"CZ-1"}),
        ("436 73, 436-01", {"CZ-1", "CZ-2"}),
        ("40001", {"PL-1"}),
        ("PL40-0", {"PL-1"}),
        ("47", {"DE-1"}),
        ("D-471", {"DE-1"}),
        ("1001", {"LV-1"}),
        ("msd1751", {"MT-1"}),
    ],
)
def test_postcodes_agree_in_any_spelling(wanted, ids, abroad, tmp_path) -> None:
    assert call("import", "eutl", abroad, "--postcode", wanted, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == ids


@pytest.mark.parametrize(
    ("wanted", "postcode", "country", "agrees"),
    [
        ("F-47", "47000", "FR", True),
        ("D-47", "47000", "FR", False),  # another country's
        ("D-47", "D-47166", "Germany", True),
        ("FIN-0", "00100", "FI", True),
        ("SE1", "SE1 9SG", "GB", True),  # South-east London, not Sweden
        ("1 9SG", "SE1 9SG", "GB", False),
        ("GB-SE1", "SE1 9SG", "GB", True),
        ("SE-1", "SE1 9SG", "United Kingdom", True),
        ("D02", "D02 X285", "IE", True),
        ("EL 19300", "19300", "GR", True),
        ("1234ab", "1234 AB", "NL", True),
        ("021", "02138", "US", True),
        ("4", "", "DE", False),
    ],
)
def test_a_prefix_is_taken_off_only_where_it_names_the_country(wanted, postcode, country, agrees) -> None:
    assert has_postcode(postcode, country, (wanted,)) is agrees


def test_neighbours_with_other_postcodes_are_named_largest_first(abroad, tmp_path, capsys) -> None:
    assert call("import", "eutl", abroad, "--postcode", "TS10", "--out", tmp_path / "out") == 0
    line = ("2 sites of Teesmouth have other postcodes: Teesmouth Steelworks (GB-3, SW1A 1AA, 6,000.0 kt), "
            "Teesmouth Bakery (GB-4, none, 2.0 kt); add them with --add-ids GB-3,GB-4")  # fmt: skip
    assert f"warning:  {line}" in capsys.readouterr().out
    assert line in (tmp_path / "out" / "sources.md").read_text(encoding="utf-8")
    assert call("import", "eutl", abroad, "--postcode", "193 00", "--out", tmp_path / "gr") == 0
    assert "1 site of Elefsina has another postcode: Kiln (GR-2, 193 01, 70.0 kt)" in capsys.readouterr().out


def test_neighbours_must_fit_what_else_was_asked(abroad, tmp_path, capsys) -> None:
    assert call("import", "eutl", abroad, "--postcode", "TS10", "--parent", "A", "--out", tmp_path / "out") == 0
    assert "other postcode" not in capsys.readouterr().out


def test_neighbours_are_told_by_coordinates_where_no_city_is_named(tmp_path, capsys) -> None:
    near = "2.02,50.01,14,D,Four,P,75001,FR,30,Lime,2022,90000,x"
    far = [f"{x},{y},{k},D,Loin,P,75001,FR,30,Lime,2022,90000,x" for k, x, y in ((15, 2.0, 50.046), (16, 2.08, 50.0))]
    path = table(tmp_path / "geo.csv", YEARLY, [*POINTS, near, *far])
    assert call("import", "eutl", path, "--postcode", "59000", "--out", tmp_path / "out") == 0
    assert ("1 site within 5 km of those selected has another postcode: Four (FR-14, 75001, 90.0 kt); "
            "add it with --add-ids FR-14") in capsys.readouterr().out  # fmt: skip


def test_many_neighbours_are_named_in_part_and_counted(tmp_path, capsys) -> None:
    many = [f"XX-{k},A,Werk {k},,w,Ort,0{k},XX,31,Glass,,1,,{k}000" for k in range(10, 40)]
    path = table(tmp_path / "log.csv", INSTALLATIONS, many)
    assert call("import", "eutl", path, "--postcode", "010", "--out", tmp_path / "out") == 0
    printed = capsys.readouterr().out
    assert "29 sites of Ort have other postcodes: Werk 39 (XX-39, 039, 39.0 kt), Werk 38" in printed
    assert "and 24 more; add them with --add-ids XX-39,XX-38,XX-37,XX-36,XX-35, …" in printed


# Sites that are added, and selections joined by OR


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--postcode", "TS10", "--add-ids", "GB-3,GB-1"], {"GB-1", "GB-2", "GB-3"}),
        (["--postcode", "TS10", "--parent", "a", "--add-ids", "CZ-1"], {"GB-1", "CZ-1"}),
        (["--postcode", "TS10", "--parent", "g", "--or"], {"GB-1", "GB-2", "CZ-1", "CZ-2"}),
        (["--postcode", "TS10", "--ids", "GR-1", "--or", "--add-ids", "DE-1"], {"GB-1", "GB-2", "GR-1", "DE-1"}),
        (["--country", "LV", "--postcode", "TS10", "--parent", "I", "--or"], {"LV-1", "GB-1", "GB-2", "DE-1"}),
    ],
)
def test_selections_are_widened(options, ids, abroad, tmp_path) -> None:
    assert call("import", "eutl", abroad, *options, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == ids


def test_places_are_joined_by_or(points, tmp_path) -> None:
    wide = ["--within", "50km", "--of", "50.0,2.0", "--bbox", "40,5,51,10", "--or"]
    assert call("import", "eutl", points, *wide, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == {"FR-11", "FR-13"}


def test_what_was_selected_is_written_down(abroad, tmp_path) -> None:
    out = tmp_path / "out"
    wide = ["--postcode", "TS10", "--parent", "g", "--or", "--add-ids", "GB-3,GR-1"]
    assert call("import", "eutl", abroad, *wide, "--out", out) == 0
    page = (out / "sources.md").read_text(encoding="utf-8")
    assert "Selection: postcode TS10 or parent g; added: GB-3,GR-1" in page
    assert call("import", "eutl", abroad, "--postcode", "TS10", "--parent", "a", "--out", tmp_path / "two") == 0
    assert "Selection: postcode TS10, parent a." in (tmp_path / "two" / "sources.md").read_text(encoding="utf-8")


def test_an_added_site_without_emissions_is_listed(abroad, tmp_path) -> None:
    assert call("import", "eutl", abroad, "--postcode", "TS10", "--add-ids", "GB-5", "--out", tmp_path / "out") == 0
    assert [row["register_id"] for row in rows(tmp_path / "out" / "unmapped.csv")] == ["GB-5"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--add-ids", "GB-3"], "expected another selection beside it; --ids selects by id alone"),
        (["--postcode", "TS10", "--add-ids", "GB-33"], "did you mean"),
        (["--postcode", "TS10", "--add-ids", ","], "separated by commas"),
        (["--postcode", "TS10", "--or"], "expected two selections or more to choose between"),
        (["--or"], "expected two selections or more to choose between"),
        (["--postcode", "-"], "expected letters or digits"),
    ],
)
def test_a_selection_that_adds_nothing_is_one_line(options, words, abroad, tmp_path, capsys) -> None:
    assert words in fails(capsys, tmp_path / "out", "eutl", abroad, *options)


def test_a_company_is_found_without_accents(tmp_path) -> None:
    sites = [*WORKS, "PL-2,Huta,Łódzka Spółka,31,Manufacture of glass,90-001,Łódź,20000"]
    path = table(tmp_path / "log.csv", EXTRACT, sites)
    assert call("import", "eutl", path, "--parent", "lodzka spolka", "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == {"PL-2"}
