"""Governments, carbon price and law of an imported cluster: by the country of its sites and the year."""

from pathlib import Path

import pytest

from clusterpact.sim.scenario import CLUSTERS, Scenario, read_scenario
from clusterpact.sim.tables import read_tables
from tests.commands import call
from tests.experiments.registers.made_up import FACILITIES, HOTMAPS, HOTSPOTS, INSTALLATIONS, YEARLY, table, workbook


def account(site: str, tonnes: tuple[int, int] = (500000, 500000), activity: int = 24) -> str:
    then, now = tonnes
    return f"{site},Works Ltd,Works {site},NA,Road 1,Town,01001,{site[:2]},{activity},Steel,0,{then},0,{now}"


def imported(tmp_path: Path, *accounts: str, year: int = 2022) -> Scenario:
    """A cluster made of accounts of the EU's log with emissions of 2018 and 2022."""
    header = INSTALLATIONS.replace("_2021", "_2018")
    out = tmp_path / f"out-{year}"
    path = table(tmp_path / "log.csv", header, accounts)
    assert call("import", "eutl", path, "--year", year, "--out", out) == 0
    return read_scenario(out)


def sets_price(scenario: Scenario) -> list[str]:
    return [government.id for government in scenario.file.government if government.sets_carbon_price]


def carbon(scenario: Scenario) -> dict[int, float]:
    return {price.year: price.mid for price in scenario.tables.prices if price.carrier == "carbon"}


def test_british_sites_have_their_own_price_and_government_since_2021(tmp_path, capsys) -> None:
    now = imported(tmp_path, account("GB-1"), account("GB-2"))
    assert sets_price(now) == ["uk-government"]
    assert now.file.country == "GB"
    assert carbon(now) == {2025: 60.0, 2050: 168.0}
    assert {government.id for government in now.file.government} == {"uk-government", "region"}
    capsys.readouterr()
    then = imported(tmp_path, account("GB-1"), year=2018)
    assert sets_price(then) == ["eu"]
    assert carbon(then) == {price.year: price.mid for price in read_tables().prices if price.carrier == "carbon"}
    assert "United Kingdom: the law is that of 2018; since 2021" in capsys.readouterr().out


@pytest.mark.parametrize("country", ["DE", "FR", "EL", "GR", "NO", "IS", "LI", "XI"])
def test_who_is_in_the_unions_system_has_its_price(country, tmp_path) -> None:
    scenario = imported(tmp_path, account(f"{country}-1"))
    assert sets_price(scenario) == ["eu"]
    assert not (tmp_path / "out-2022" / "own-prices.csv").exists()


def test_switzerland_sets_a_price_of_its_own_that_is_the_unions(tmp_path) -> None:
    scenario = imported(tmp_path, account("CH-1"))
    assert sets_price(scenario) == ["state"]
    assert carbon(scenario) == {price.year: price.mid for price in read_tables().prices if price.carrier == "carbon"}


def test_several_countries_are_under_the_law_of_most_emissions(tmp_path, capsys) -> None:
    accounts = account("GB-1", (1, 900000)), account("DE-1", (1, 500000)), account("NO-1", (1, 450000))
    assert sets_price(imported(tmp_path, *accounts)) == ["eu"]
    line = next(line for line in capsys.readouterr().out.splitlines() if "Carbon price" in line)
    assert "those of the European Union" in line
    assert "not those of United Kingdom (900.0 kt)" in line


def test_names_of_countries_count_as_codes_do(tmp_path) -> None:
    rows = [row.replace('"Austria"', '"United Kingdom"') for row in HOTSPOTS]
    assert call("import", "hotmaps", table(tmp_path / "uk.csv", HOTMAPS, rows), "--out", tmp_path / "uk") == 0
    scenario = read_scenario(tmp_path / "uk")
    assert (scenario.file.country, sets_price(scenario)) == ("GB", ["eu"])
    assert {government.id for government in scenario.file.government} == {"eu", "uk-government", "region"}


def test_american_sites_have_the_law_and_prices_of_the_librarys_louisiana(epa, tmp_path) -> None:
    assert call("import", "ghgrp", epa, "--state", "LA", "--out", tmp_path / "la") == 0
    scenario, library = read_scenario(tmp_path / "la"), read_scenario(CLUSTERS / "louisiana")
    assert scenario.file.instruments == library.file.instruments == {"capture_credit_eur_per_t": 74.5}
    assert set(carbon(scenario).values()) == {0.0}
    assert (tmp_path / "la" / "own-prices.csv").read_text() == (CLUSTERS / "louisiana" / "own-prices.csv").read_text()
    assert sets_price(scenario) == ["us-federal"]


def test_places_by_points_are_told_by_the_prefix_of_the_account(tmp_path) -> None:
    row = "2.0,50.0,11,A,Glass,P,59000,GB,31,Manufacture of glass,2022,100000,x"
    assert call("import", "eutl", table(tmp_path / "geo.csv", YEARLY, [row]), "--out", tmp_path / "out") == 0
    assert sets_price(read_scenario(tmp_path / "out")) == ["uk-government"]


def test_californian_sites_have_the_price_and_government_of_their_state(tmp_path) -> None:
    rows = [[*FACILITIES[0][:4], "CA", *FACILITIES[0][5:]]]
    assert call("import", "ghgrp", workbook(tmp_path / "ca.xlsx", rows=rows), "--out", tmp_path / "ca") == 0
    scenario = read_scenario(tmp_path / "ca")
    assert (scenario.file.country, sets_price(scenario)) == ("US", ["california-state"])
    assert carbon(scenario)[2025] == 26.0
