"""`clusterpact import --record-to`: what plants emitted from a past year on, and the prices and dates of that year."""

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.making import past
from clusterpact.experiments.making.past import government_then, network_then, past_prices, record_of
from clusterpact.experiments.making.site import Register, Site
from clusterpact.sim.cluster import Government, Network
from clusterpact.sim.scenario import read_scenario
from tests.commands import call
from tests.experiments.registers.made_up import fails, rows, table

FIRST, LAST = 2013, 2020
NAMES = "id,AccountHolderName,InstallationNameOrAircraftOperatorCode,ParentCompany,Address1,City,ZipCode,Country"
CODES = "MainActivityTypeCode,MainActivityTypeCodeLookup"
HEADER = ",".join([NAMES, CODES, *(f"FreeAllocations_{y},VerifiedEmissions_{y}" for y in range(FIRST, LAST + 1))])


def emitting(*kt, first=FIRST):
    """Emissions in t by year, from kt in a row of years; None where there are none."""
    return {first + k: 1000.0 * value for k, value in enumerate(kt) if value is not None}


def site(key, emissions, unreported=None, **fields):
    """An account of a cement works at 01001 Norden."""
    usual = {"activity": "29", "postcode": "01001", "city": "Norden", "country": "XX"}
    return Site(key, key, emissions_t=emissions, unreported=unreported or {}, **(usual | fields))


def recorded(*sites, plants=1, last=LAST):
    """Rows of the record of the first plants of a register, by plant: (kt, closed) by year."""
    register = Register("eutl", "", "", None, sites, {}, ())
    found = {}
    for row in record_of(register, [(one.id, one) for one in sites[:plants]], FIRST, last):
        found.setdefault(row.plant, {})[row.year] = (row.scope1_kt_per_year, row.closed)
    return found


def notes(*sites):
    """Years of the first site's record that bear a note, and what it says."""
    register = Register("eutl", "", "", None, sites, {}, ())
    return {row.year: row.note for row in record_of(register, [("a", sites[0])], FIRST, LAST) if row.note}


# When a plant is closed.


def test_a_plant_that_emits_to_the_end_never_closed():
    found = recorded(site("a", emitting(9, 8, 7, 6, 5, 4, 3, 2)))["a"]
    assert found == {FIRST + k: (9.0 - k, 0) for k in range(8)}


def test_a_plant_is_closed_from_the_year_after_its_last_emissions_on():
    found = recorded(site("a", emitting(9, 8, 7)))["a"]
    assert found[2015] == (7.0, 0)
    assert {found[year] for year in range(2016, LAST + 1)} == {(0.0, 1)}


def test_a_year_of_nothing_in_between_is_no_end_and_nothing_at_the_end_is():
    found = recorded(site("a", emitting(9, 0, 7, 0, 0, 0, 0, 0)))["a"]
    assert [found[year] for year in (2013, 2014, 2015, 2016)] == [(9.0, 0), (0.0, 0), (7.0, 0), (0.0, 1)]


@pytest.mark.parametrize("word", ["Not Reported", "Excluded", "excluded"])
def test_a_year_in_which_the_register_does_not_know_is_blank_and_no_end(word):
    found = recorded(site("a", emitting(9, 8, 7), dict.fromkeys(range(2016, LAST + 1), word)))["a"]
    assert {found[year] for year in range(2016, LAST + 1)} == {(None, 0)}


def test_a_blank_year_between_the_last_emissions_and_one_that_is_not_known_is_not_known_either():
    found = recorded(site("a", emitting(9, 8, 7), {2016: "blank", 2017: "Excluded", 2018: "blank"}))["a"]
    assert [found[year] for year in range(2015, 2020)] == [(7.0, 0), (None, 0), (None, 0), (0.0, 1), (0.0, 1)]


@pytest.mark.parametrize("word", ["blank", "", "no entry"])
def test_a_year_in_which_the_register_has_no_entry_is_an_end(word):
    assert recorded(site("a", emitting(9, 8, 7), {2016: word}))["a"][2016] == (0.0, 1)


def test_a_gap_before_the_last_emissions_is_not_known():
    assert recorded(site("a", emitting(9, None, 7)))["a"][2014] == (None, 0)


def test_emissions_after_the_record_are_not_told_but_say_that_a_plant_lives():
    found = recorded(site("a", emitting(9, 8, 7, None, None, None, None, 5)), last=2018)["a"]
    assert list(found) == list(range(2013, 2019))
    assert found[2018] == (None, 0)


# Who takes over.
OLD = emitting(100, 100, 100)


@pytest.mark.parametrize(("first", "taken"), [(2016, True), (2017, True), (2018, False)])
def test_a_new_account_takes_over_within_two_years(first, taken):
    found = recorded(site("a", OLD), site("b", emitting(90, 80, first=first)))["a"]
    assert found[first] == ((90.0, 0) if taken else (0.0, 1))
    assert found[first + 1] == ((80.0, 0) if taken else (0.0, 1))
    assert found[first + 2] == (0.0, 1)


@pytest.mark.parametrize(("kt", "taken"), [(29, False), (30, True), (300, True), (301, False)])
def test_a_new_account_takes_over_if_it_emits_about_as_much(kt, taken):
    assert recorded(site("a", OLD), site("b", emitting(kt, first=2016)))["a"][2016] == ((kt, 0) if taken else (0.0, 1))


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ({"city": "Süden"}, True),  # the same postcode
        ({"postcode": "02002", "city": "NORDEN"}, True),
        ({"postcode": "02002", "city": "Süden"}, False),
        ({"activity": "30"}, False),
        ({"country": "YY"}, False),
    ],
    ids=["postcode", "city", "elsewhere", "another-activity", "abroad"],
)
def test_a_new_account_takes_over_at_the_same_place_in_the_same_trade(fields, taken):
    assert recorded(site("a", OLD), site("b", emitting(90, first=2016), **fields))["a"][2016][1] == 1 - taken


def test_nobody_takes_over_at_a_place_that_the_register_does_not_name():
    nowhere = {"postcode": "", "city": ""}
    assert recorded(site("a", OLD, **nowhere), site("b", emitting(90, first=2016), **nowhere))["a"][2016] == (0.0, 1)


def test_a_plant_of_the_cluster_takes_over_from_none():
    found = recorded(site("a", OLD), site("b", emitting(90, 90, 90, 90, 90)), plants=2)
    assert found["a"][2016] == (0.0, 1)
    assert found["b"][2016] == (90.0, 0)


def test_a_new_account_takes_over_from_one_plant_only():
    found = recorded(site("a", OLD), site("c", OLD), site("b", emitting(90, first=2016)), plants=2)
    assert [found[key][2016] for key in ("a", "c")] == [(90.0, 0), (0.0, 1)]


def test_the_first_year_of_a_new_account_is_noted():
    assert notes(site("a", OLD), site("b", emitting(90, 80, first=2017))) == {2017: "from b on"}


def test_what_a_new_account_did_not_emit_before_its_start_says_nothing_of_the_old_one():
    old = site("a", emitting(100, None, 100), {2014: "Not Reported"})
    new = site("b", emitting(0, 0, 0, 90, 80))
    found = recorded(old, new)["a"]
    assert [found[year] for year in (2013, 2014, 2015, 2016)] == [(100.0, 0), (None, 0), (100.0, 0), (90.0, 0)]
    assert notes(old, new) == {2016: "from b on"}


def test_a_new_account_of_which_the_register_no_longer_knows_has_not_closed():
    old = site("a", OLD, dict.fromkeys(range(2016, LAST + 1), "blank"))
    new = site("b", emitting(90, 80, first=2016), dict.fromkeys(range(2018, LAST + 1), "Excluded"))
    found = recorded(old, new)["a"]
    assert [found[year] for year in (2017, 2018, LAST)] == [(80.0, 0), (None, 0), (None, 0)]


def test_what_was_not_known_of_the_old_account_does_not_keep_the_new_one_alive():
    old = site("a", OLD, dict.fromkeys(range(2016, LAST + 1), "Not Reported"))
    new = site("b", emitting(90, 80, first=2016), dict.fromkeys(range(2018, LAST + 1), "blank"))
    assert recorded(old, new)["a"][2018] == (0.0, 1)


# Prices of the time.
CAME = ["gas,,2013,30", "gas,,2014,20", "gas,,2015,10", "gas,XX,2013,33", "gas,,2016,15", "gas,,2017,16", "oil,,2012,50",
        "carbon,,2013,6", "carbon,,2014,8", "carbon,,2015,10", "gas,XX,2015,11"]  # fmt: skip
BELIEVED = ["2008,carbon,2023,60", "2012,carbon,2023,26", "2012,carbon,2013,99", "2014,carbon,2023,99", "2014,gas,2020,99"]


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Made-up series of past prices, and forecasts of the time."""
    for name, header, lines in (("PRICES", "carrier,country,", CAME), ("BELIEFS", "told_year,carrier,", BELIEVED)):
        texts = [row.replace("gas", "natural_gas") + ",EUR,made up,derived" for row in lines]
        path = table(tmp_path / f"{name}.csv", f"{header}year,price,unit,source,mark", texts)
        monkeypatch.setattr(past, name, path)


def by_year(prices, carrier, what="realised"):
    return {price.year: getattr(price, what) for price in prices if price.carrier == carrier}


@pytest.mark.usefixtures("tables")
def test_a_countrys_own_series_goes_before_the_general_one_year_by_year():
    assert by_year(past_prices("XX", 2013, 2015), "natural_gas") == {2013: 33.0, 2014: 20.0, 2015: 11.0}
    assert by_year(past_prices("YY", 2013, 2015), "natural_gas") == {2013: 30.0, 2014: 20.0, 2015: 10.0}
    assert by_year(past_prices("", 2013, 2015), "natural_gas") == {2013: 30.0, 2014: 20.0, 2015: 10.0}


@pytest.mark.usefixtures("tables")
def test_without_a_forecast_the_price_of_the_day_is_believed_for_good():
    believed = past_prices("XX", 2013, 2015)
    for path in ("low", "mid", "high"):
        assert by_year(believed, "natural_gas", path) == {2013: 33.0, 2014: 33.0, 2015: 33.0}
    assert "as in 2013 for good (assumed)" in believed[0].source


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(("year", "path"), [(2013, {2013: 6, 2014: 8, 2015: 10, 2023: 26}), (2014, {2014: 8, 2015: 18.11})])
def test_the_latest_forecast_that_was_told_is_believed_on_a_line_from_the_price_of_the_day(year, path):
    found = by_year(past_prices("XX", year, 2015), "carbon", "mid")
    assert {at: found[at] for at in path} == path


@pytest.mark.usefixtures("tables")
def test_a_carrier_without_a_price_of_the_year_is_left_out():
    assert {price.carrier for price in past_prices("XX", 2013, 2015)} == {"natural_gas", "carbon"}
    assert past_prices("XX", 2030, 2035) == []


@pytest.mark.usefixtures("tables")
def test_nothing_came_after_the_record():
    came = by_year(past_prices("XX", 2013, 2016), "carbon")
    assert (came[2015], came[2016], came[2023]) == (10.0, None, None)
    prices = past_prices("XX", 2014, 2014)  # a forecast for 2020, and a price of 2016 that the record does not reach
    assert by_year(prices, "natural_gas") == {2014: 20.0, 2020: None}


def test_a_forecast_for_a_year_whose_price_is_known_brings_no_price_that_came_beyond_the_record():
    came = by_year(past_prices("DE", 2013, 2017), "carbon")  # believed of 2020 in 2013; 2020 came, but is not asked for
    assert came[2017] > 0
    assert {year for year, price in came.items() if price is not None} == set(range(2013, 2018))


# Dates of the time.


@pytest.mark.parametrize(
    ("first", "term", "year", "then"),
    [(2027, 4, 2013, 2015), (2027, 5, 2013, 2017), (2029, 4, 2013, 2013), (2013, 4, 2013, 2013), (2010, 4, 2013, 2010)],
)
def test_the_first_election_is_the_first_of_its_rhythm_from_the_year_on(first, term, year, then):
    government = Government(id="a", name="A", level="state", first_election_year=first, term_years=term, source="x",
                            mark="estimate")  # fmt: skip
    assert government_then(government, year).first_election_year == then


@pytest.mark.parametrize(
    ("kind", "year", "season"),
    [("co2_ts", 2013, 2021), ("h2_pipeline", 2013, 2021), ("grid", 2013, 2014), ("co2_ts", 2022, 2023)],
)
def test_hubs_have_no_open_season_before_there_were_any(kind, year, season):
    network = Network(id="a", name="A", kind=kind, phase_per_year=1, capex_meur=1, scale_exponent=1, opex_share_per_year=0,
                      lead_quarters=1, life_years=1, tariff_cap_eur_per_unit=1, first_season_year=2026, source="Made up.",
                      mark="estimate")  # fmt: skip
    then = network_then(network, year)
    assert then.first_season_year == season
    assert then.source == f"Made up. Set back to {year}: first open season {season} (judged)."


# The command.


def account(key, code, words, *cells, place="Norden,01001"):
    """A row of the log: tonnes or a word by year, without free allocation."""
    years = ",".join(f"0,{cell}" for cell in [*cells, *["NA"] * (LAST - FIRST + 1 - len(cells))])
    return f"XX-{key},AG,Werk {key},,w,{place},XX,{code},{words},{years}"


@pytest.fixture
def log_then(tmp_path):
    cement, glass = ("29", "Production of cement clinker"), ("31", "Manufacture of glass")
    return table(tmp_path / "then.csv", HEADER, [
        account(1, *cement, *range(800000, 792000, -1000)),
        account(2, *cement, 300000, 300000, 300000),
        account(3, *cement, "NA", "NA", "NA", "NA", 250000, 240000, 230000, 220000),
        account(4, *glass, 90000, 91000, *["Not Reported"] * 6),
        account(5, *glass, 50000, 0, 40000, place="Süden,03003"),
    ])  # fmt: skip


def test_a_folder_of_the_past_holds_what_came_and_runs_and_is_scored(log_then, tmp_path, capsys):
    out = tmp_path / "then"
    assert call("import", "eutl", log_then, "--year", 2013, "--record-to", 2020, "--out", out) == 0
    assert "record.csv, 2013 to 2020" in capsys.readouterr().out
    assert call("validate", out / "experiment.toml") == 0
    ids = {row["register_id"]: row["id"] for row in rows(out / "firms.csv")}
    assert set(ids) == {"XX-1", "XX-2", "XX-4", "XX-5"}
    record = {}
    for row in rows(out / "record.csv"):
        record.setdefault(row["plant"], []).append(row["scope1_kt_per_year"] + "+" * int(row["closed"]))
    assert record == {
        ids["XX-1"]: [f"{800.0 - k}" for k in range(8)],
        ids["XX-2"]: ["300.0", "300.0", "300.0", "", "250.0", "240.0", "230.0", "220.0"],
        ids["XX-4"]: ["90.0", "91.0", "", "", "", "", "", ""],
        ids["XX-5"]: ["50.0", "0.0", "40.0", "0.0+", "0.0+", "0.0+", "0.0+", "0.0+"],
    }
    experiment = load_experiment(str(out / "experiment.toml"))
    assert (experiment.first_year, experiment.last_year, experiment.recording) == (2013, 2030, "plants")
    assert experiment.windows == {"record": (2014, 2020)}
    assert call("run", out / "experiment.toml", "--runs", 3, "--no-figures", "-q", "--out", tmp_path / "run") == 0
    assert call("score", tmp_path / "run") == 0
    assert "record 2014-2020" in capsys.readouterr().out


def test_a_folder_of_the_past_has_its_own_prices_and_dates(log_then, tmp_path):
    out = tmp_path / "then"
    assert call("import", "eutl", log_then, "--year", 2013, "--record-to", 2018, "--out", out) == 0
    scenario = read_scenario(out)
    carbon = by_year(scenario.tables.prices, "carbon")
    assert all(carbon[year] for year in range(2013, 2019))
    assert all(
        2013 <= government.first_election_year < 2013 + government.term_years for government in scenario.file.government
    )
    assert {network.kind: network.first_season_year for network in scenario.file.network}["co2_ts"] == 2021
    assert min(network.first_season_year for network in scenario.file.network) == 2014


def test_a_record_is_not_written_unless_it_is_wanted(log_then, tmp_path):
    assert call("import", "eutl", log_then, "--year", 2013, "--out", tmp_path / "then") == 0
    assert not {"record.csv", "own-prices.csv"} & {path.name for path in (tmp_path / "then").iterdir()}


def test_a_layout_of_one_year_a_row_has_a_record_too(points, tmp_path):
    out = tmp_path / "then"
    assert call("import", "eutl", points, "--year", 2021, "--record-to", 2022, "--out", out) == 0
    assert [(row["year"], row["scope1_kt_per_year"]) for row in rows(out / "record.csv")] == [
        ("2021", "100.0"), ("2022", "110.0")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--year", 2013, "--record-to", 2013], ["--record-to = 2013", "expected a year after --year (2013)"]),
        (["--year", 2015, "--record-to", 2013], ["--record-to = 2013", "after --year (2015)"]),
        (["--record-to", 2020], ["--record-to = 2020", "after --year (2020)"]),
        (["--year", 2013, "--record-to", 2022], ["--record-to = 2022", "no emissions in then.csv", "2013 to 2020"]),
        (["--year", 2012, "--record-to", 2020], ["--year = 2012", "2013 to 2020"]),
        (["--year", 2013, "--record-to", "soon"], ["--record-to", "soon"]),
    ],
)
def test_a_mistake_in_the_years_of_a_record_is_one_line(options, words, log_then, tmp_path, capsys):
    line = fails(capsys, tmp_path / "out", "eutl", log_then, *options)
    for word in words:
        assert word in line


def test_a_register_of_one_year_has_no_record(hotspots, epa, tmp_path, capsys):
    for kind, path, year in (("hotmaps", hotspots, 2014), ("ghgrp", epa, 2023)):
        line = fails(capsys, tmp_path / "out", kind, path, "--year", year, "--record-to", year + 1)
        assert f"it holds {year}" in line


def test_a_year_before_all_series_of_prices_is_one_line(tmp_path, capsys):
    text = HEADER.replace("2013", "2005").replace("2014", "2006")
    log = table(tmp_path / "early.csv", text, [account(1, "29", "Production of cement clinker", *[800000] * 8)])
    assert "--year = 2005: no prices" in fails(capsys, tmp_path / "a", "eutl", log, "--year", 2005, "--record-to", 2006)
