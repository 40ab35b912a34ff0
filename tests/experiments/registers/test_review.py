"""`clusterpact import`: sites whose mapping rests on a guess are listed for review, with the reason."""

from collections import defaultdict

import pytest

from clusterpact.experiments.making.activities import ACTIVITIES, read_activities
from clusterpact.experiments.making.usual import read_plant_sizes, read_power_fuels
from clusterpact.sim.tables import read_tables
from tests.commands import call
from tests.experiments.registers.made_up import plants, rows, table

EXTRACT = "id,installation,operator,activity_code,activity,zip,city,tco2_2022"
SITES = (
    "CZ-1,Elektrárna Testov,Test,20,Combustion of fuels,43601,Testov,3000000",
    "CZ-2,Testov Works,Test,20,Combustion of fuels,43601,Testov,700000",
    "CZ-3,Bakery,Test,20,Combustion of fuels,43601,Testov,5000",
    "CZ-4,Rolling mill,Test,24,Pig iron or steel,43601,Testov,500000",
    "CZ-5,Works,Test,24,Pig iron or steel,43601,Testov,900000",
    "CZ-6,Kiln,Test,29,Production of cement clinker,43601,Testov,600000",
    "CZ-7,Hochofen,Test,24,Pig iron or steel,43601,Testov,800000",
    "CZ-8,Site,Test,20,Combustion of fuels,43601,Testov,4000000",
    "CZ-9,Works,Test,24,Pig iron or steel,43601,Testov,80000",
)


@pytest.fixture
def imported(tmp_path, capsys):
    path = table(tmp_path / "eutl.csv", EXTRACT, SITES)
    assert call("import", "eutl", path, "--out", tmp_path / "out") == 0
    return tmp_path / "out"


def test_guesses_are_listed_largest_first_with_what_decided(imported) -> None:
    found = [(row["register_id"], row["kt"], row["sector"], row["by"]) for row in rows(imported / "review.csv")]
    assert found == [
        ("CZ-8", "4000", "coal_power", "size"),
        ("CZ-1", "3000", "coal_power", "country's main fuel"),
        ("CZ-5", "900", "primary_steel", "size"),
        ("CZ-2", "700", "process_heat", "code"),
        ("CZ-4", "500", "industrial_furnace", "word"),
        ("CZ-9", "80", "secondary_steel", "code"),
        ("CZ-3", "5", "process_heat", "code"),
    ]


def test_a_review_says_why_and_what_else_it_may_be(imported) -> None:
    found = {row["register_id"]: row for row in rows(imported / "review.csv")}
    assert "main fuel of CZ" in found["CZ-1"]["reason"]
    assert "gas_power" in found["CZ-1"]["alternatives"]
    assert "large for 'gas boiler' (above 200 kt a year)" in found["CZ-2"]["reason"]
    assert "power station" in found["CZ-2"]["alternatives"]
    assert "add a row to your own mapping table" in found["CZ-2"]["alternatives"]
    assert "large for" not in found["CZ-3"]["reason"]
    assert "large for 'gas furnace'" in found["CZ-4"]["reason"]
    assert found["CZ-4"]["technology"] == "gas furnace"


def test_the_report_says_how_much_rests_on_a_guess(imported, capsys) -> None:
    printed = capsys.readouterr().out
    total = 3000 + 700 + 5 + 500 + 900 + 600 + 800 + 4000 + 80
    share = 100 * (total - 600 - 800) / total
    assert f"review:   7 of 9 plants, {share:.0f} % of kt, rest on a guess, listed in {imported / 'review.csv'}" in printed
    assert "largest: Site (4,000.0 kt), Elektrárna Testov (3,000.0 kt), Works (900.0 kt)" in printed
    assert f"7 of 9 plants, {share:.0f} % of kt, rest on a guess" in (imported / "sources.md").read_text(encoding="utf-8")


def test_rows_of_your_own_table_are_no_guess(tmp_path) -> None:
    path = table(tmp_path / "eutl.csv", EXTRACT, SITES)
    own = table(tmp_path / "own.csv", "register,code,words,meaning,sector,technology,source,mark", [
        "eutl,20,testov works,Station,gas_power,CCGT,operator's page,published",
        "eutl,24,,Mill,secondary_steel,EAF (grid power),mine,estimate",
    ])  # fmt: skip
    assert call("import", "eutl", path, "--activities", own, "--out", tmp_path / "out") == 0
    assert [row["register_id"] for row in rows(tmp_path / "out" / "review.csv")] == ["CZ-8", "CZ-1", "CZ-3"]
    assert plants(tmp_path / "out")["CZ-2"]["sector"] == "gas_power"


def test_an_import_without_a_guess_has_an_empty_review(tmp_path, capsys) -> None:
    path = table(tmp_path / "eutl.csv", EXTRACT, [SITES[5]])
    assert call("import", "eutl", path, "--out", tmp_path / "out") == 0
    assert rows(tmp_path / "out" / "review.csv") == []
    assert "review:" not in capsys.readouterr().out


def test_the_note_of_a_plant_names_the_country_that_decided(imported) -> None:
    assert "by the main fuel of CZ" in plants(imported)["CZ-1"]["note"]
    assert "main fuel" not in plants(imported)["CZ-7"]["note"]


def test_no_large_combustion_site_is_silent_in_any_country(tmp_path) -> None:
    """Whatever its name and country, a combustion site above 400 kt is listed, or its name tells what it is."""
    names = ("Test", "Společnost Test a.s.", "Δοκιμή", "Kotelna", "Heizwerk", "Walzwerk", "Chaufferie")
    countries = ("CZ", "GR", "SE", "FI", "BG", "FR")
    sites = [f"{country}-{k},{name},Test,20,Combustion of fuels,1,Test,{(400 + 300 * k) * 1000}"
             for country in countries for k, name in enumerate(names, 1)]  # fmt: skip
    path = table(tmp_path / "eutl.csv", EXTRACT, sites)
    assert call("import", "eutl", path, "--out", tmp_path / "out") == 0
    assert len(rows(tmp_path / "out" / "review.csv")) == len(sites)


def test_every_technology_of_the_mapping_table_has_a_usual_size() -> None:
    technologies = read_tables().technologies
    used = {(row.sector, row.technology) for row in read_activities(ACTIVITIES, technologies) if row.sector}
    used |= {(row.sector, row.technology) for row in read_power_fuels(technologies).values()}
    sizes = read_plant_sizes(technologies)
    assert used == set(sizes)
    assert all(row.alternatives for row in sizes.values())


def test_the_main_fuel_of_a_country_is_that_of_its_largest_share() -> None:
    fuels = read_power_fuels(read_tables().technologies)
    by_country = defaultdict(set)
    for row in fuels.values():
        by_country[row.country].add(row.sector)
        coal = row.coal_share + row.lignite_share > row.gas_share
        assert row.sector == ("coal_power" if coal else "gas_power"), row.country
        assert row.coal_share + row.lignite_share + row.gas_share == pytest.approx(1, abs=0.011), row.country
    assert all(len(sectors) == 1 for sectors in by_country.values())
    assert {"CZ", "PL", "BG", "DE", "FR", "GR", "NO", "IS", "GB"} <= set(by_country)
