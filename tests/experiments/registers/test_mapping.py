"""`clusterpact import`: codes, words and amounts decide what a site is."""

import pytest

from clusterpact.experiments.making.activities import ActivityTable, word_pattern
from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.site import Site
from clusterpact.sim.tables import read_tables
from tests.commands import call
from tests.experiments.registers.made_up import fails, plants


def test_two_figures_of_one_site_are_told_apart(hotspots, tmp_path, capsys) -> None:
    out = tmp_path / "ets"
    assert call("import", "hotmaps", hotspots, "--out", out) == 0
    works = plants(out)["1"]
    assert (works["sector"], works["scope1_kt_per_year"]) == ("primary_steel", "35")
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
