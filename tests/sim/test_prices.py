"""Price paths of a place: in any unit that converts, one row a carrier and year, low to high."""

import pytest

from clusterpact.inputs import InputError
from clusterpact.sim.scenario import CLUSTERS, read_scenario, ways_of_reading
from clusterpact.sim.tables import LIBRARY, read_tables
from tests.cli.mistakes.edits import assert_holds

HEADER = "carrier,year,low,mid,high,realised,unit,source,mark"


@pytest.fixture
def place(tmp_path):
    """A cluster whose own prices a test writes; returns what reads it."""
    from shutil import copytree

    from clusterpact.experiments.making.starter import STARTER

    copytree(STARTER, tmp_path / "region")

    def read(*rows):
        (tmp_path / "region" / "own-prices.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        return read_scenario(tmp_path / "region")

    return read


@pytest.mark.parametrize(
    ("carrier", "unit", "factor"),
    [
        ("electricity", "EUR/MWh", 1), ("electricity", "EUR/kWh", 1000), ("electricity", "ct/kWh", 10),
        ("electricity", "cent/kWh", 10), ("electricity", "€ / MWh", 1), ("electricity", "EUR per mwh", 1),
        ("natural_gas", "EUR/GJ", 3.6), ("carbon", "EUR/t", 1), ("carbon", "EUR/kg", 1000), ("scrap", "eur/T", 1),
    ],
)  # fmt: skip
def test_a_price_is_held_in_the_unit_of_its_carrier(carrier, unit, factor, place):
    scenario = place(f"{carrier},2025,1,2,4,3,{unit},made up,estimate")
    price = next(row for row in scenario.tables.prices if row.carrier == carrier)
    shared = next(row for row in read_tables(LIBRARY).prices if row.carrier == carrier)
    assert (price.low, price.mid, price.high) == pytest.approx((factor, 2 * factor, 4 * factor))
    assert price.realised == pytest.approx(3 * factor)
    assert price.unit == shared.unit


def test_validate_says_what_was_converted(place):
    scenario = place("electricity,2025,1,2,4,,ct/kWh,made up,estimate", "carbon,2025,1,2,4,,EUR/t,made up,estimate")
    assert ways_of_reading(scenario) == ["own-prices.csv: 1 ct/kWh read as 10 EUR/MWh"]


@pytest.mark.parametrize(
    ("carrier", "unit"),
    [("electricity", "US-Cent je Tonne"), ("electricity", "EUR/t"), ("electricity", "USD/MWh"), ("carbon", "EUR/MWh"),
     ("carbon", "EUR/kt"), ("carbon", "USD/t"), ("carbon", "kt"), ("electricity", "EUR/GWh"), ("electricity", "MWh")],
)  # fmt: skip
def test_a_unit_that_is_no_price_of_the_carrier_is_one_line(carrier, unit, place):
    with pytest.raises(InputError) as mistake:
        place(f"{carrier},2025,1,2,4,,{unit},made up,estimate")
    assert_holds(str(mistake.value), ["own-prices.csv", f"{carrier} 2025", repr(unit), "expected a price in EUR/"])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["carbon,2025,1,2,4,,EUR/t,a,estimate"] * 2, ("'carbon 2025'", "more than once")),
        (["carbon,2025,5,2,4,,EUR/t,a,estimate"], ("own-prices.csv:2", "low <= mid <= high", "5, 2, 4")),
        (["carbon,2025,1,2,1.5,,EUR/t,a,estimate"], ("low <= mid <= high",)),
        (["carbon,2025,1,2,1e308,,EUR/t,a,estimate"], ("high = '1e308'", "1000000")),
    ],
)
def test_paths_that_contradict_themselves_are_one_line(rows, words, place):
    with pytest.raises(InputError) as mistake:
        place(*rows)
    assert_holds(str(mistake.value), words)


def test_paths_of_the_library_have_the_units_of_the_shared_ones():
    usual = {row.carrier: row.unit for row in read_tables(LIBRARY).prices}
    for row in read_scenario(CLUSTERS / "louisiana").tables.prices:
        assert row.unit == usual[row.carrier]
