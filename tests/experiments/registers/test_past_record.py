"""`clusterpact import --record-to`: what came of accounts that end, are taken over, joined to a neighbour's, or excluded."""

from dataclasses import replace
from pathlib import Path

import pytest

from clusterpact.experiments.making.past import check_record_years, experiment_then, record_of, starters
from clusterpact.experiments.making.site import Register, Site
from clusterpact.inputs import InputError

YEARS = range(2013, 2020)


def account(name: str, *tonnes: float | str, activity: str = "20", operator: str = "", postcode: str = "12345") -> Site:
    """An account with tonnes from 2013 on; words stand in place of a number."""
    cells = dict(zip(YEARS, tonnes, strict=True))
    return Site(
        name, name, operator or name, activity=activity, postcode=postcode, city="Muster", country="XX",
        emissions_t={year: float(cell) for year, cell in cells.items() if not isinstance(cell, str)},
        unreported={year: cell for year, cell in cells.items() if isinstance(cell, str)},
    )  # fmt: skip


def came(*sites: Site, tells_excluded: bool = True, plants: int = 1) -> list[list[float | str | None]]:
    """What is recorded of the first plants: kt a year, "closed", or None."""
    register = Register("eutl", "log", "", Path("log.csv"), sites, {}, (), tells_excluded=tells_excluded)
    rows = record_of(register, [(site.id, site) for site in sites[:plants]], YEARS[0], YEARS[-1])
    cells: list[float | str | None] = ["closed" if row.closed else row.scope1_kt_per_year for row in rows]
    return [cells[start : start + len(YEARS)] for start in range(0, len(cells), len(YEARS))]


ENDED = account("a", 50e3, 50e3, 50e3, "blank", "blank", "blank", "blank")
NEW = (0.0, 0.0, 0.0, 40e3, 40e3, 40e3, 40e3)


def test_an_account_that_ends_has_closed_and_one_that_is_excluded_is_not_known() -> None:
    assert came(ENDED) == [[50, 50, 50, *["closed"] * 4]]
    assert came(account("a", 50e3, 50e3, 50e3, *["Excluded"] * 4)) == [[50, 50, 50, *[None] * 4]]


@pytest.mark.parametrize(("others", "taken_over"), [
    ([account("b", *NEW)], True),
    ([account("b", *NEW), account("c", *[9e3] * 7)], False),  # combustion, and not alone at the place
    ([account("b", *NEW, operator="a"), account("c", *[9e3] * 7)], True),
])  # fmt: skip
def test_an_heir_by_combustion_is_alone_at_the_place_or_of_the_same_operator(others, taken_over) -> None:
    assert came(ENDED, *others) == [[50, 50, 50, *[40 if taken_over else "closed"] * 4]]


@pytest.mark.parametrize(("written", "where"), [
    ({"postcode": "XX-123 45"}, True), ({"city": "MÜSTER", "postcode": "9"}, True), ({"city": "-", "postcode": "9"}, False),
])  # fmt: skip
def test_an_heir_is_at_the_place_however_that_is_written(written, where) -> None:
    ended = replace(ENDED, city="-" if written.get("city") == "-" else "Müster")
    heir = replace(account("b", *NEW, operator="Á"), **({"city": "Ort"} | written))
    assert came(ended, heir) == [[50, 50, 50, *[40 if where else "closed"] * 4]]


def test_an_excluded_account_has_no_heir() -> None:
    assert came(account("a", 50e3, 50e3, 50e3, *["Excluded"] * 4), account("b", *NEW)) == [[50, 50, 50, *[None] * 4]]


def test_an_account_joined_to_its_neighbour_has_a_share_of_what_the_two_emit() -> None:
    """By hand: 50 and 100 kt before, 144 kt together: a third and two thirds."""
    neighbour = account("b", 100e3, 101e3, 99e3, *[144e3] * 4, operator="a", activity="41")
    assert came(ENDED, neighbour, plants=2) == [[50, 50, 50, *[48] * 4], [100, 101, 99, *[96] * 4]]
    assert came(neighbour, ENDED, plants=2)[1] == [50, 50, 50, *[48] * 4]
    steady = account("b", 100e3, 101e3, 99e3, *[105e3] * 4, operator="a", activity="41")
    restless = account("b", 100e3, 160e3, 99e3, *[144e3] * 4, operator="a", activity="41")
    stranger = account("b", 100e3, 101e3, 99e3, *[144e3] * 4, activity="41")
    for other in (steady, restless, stranger):
        assert came(ENDED, other) == [[50, 50, 50, *["closed"] * 4]]


def test_small_sites_of_a_file_that_names_no_exclusions_are_not_known() -> None:
    small = account("a", 9e3, 9e3, 9e3, "blank", "blank", "blank", "blank")
    assert came(small, tells_excluded=False) == [[9, 9, 9, *[None] * 4]]
    assert (
        came(small) == came(account("a", 9e3, 9e3, 9e3, 0, "", "", ""), tells_excluded=False) == [[9, 9, 9, *["closed"] * 4]]
    )
    assert came(ENDED, tells_excluded=False) == [[50, 50, 50, *["closed"] * 4]]


def test_plants_that_were_only_starting_are_named() -> None:
    sites = [account("a", 1e3, *[90e3] * 6), account("b", *[100e3] * 7)]
    (line,) = starters(sites, 2013)
    assert line.startswith("a (a) emitted 90 times as much in 2016 as in 2013")


def test_a_past_world_draws_from_the_ensemble_of_the_record() -> None:
    assert '[uncertainty]\nensemble = "history-2013"' in experiment_then("x", "X", 2013, 2022)


def test_a_year_without_prices_is_one_clear_line() -> None:
    site = Site("a", "a", emissions_t={2005: 1.0, 2006: 1.0})
    register = Register("eutl", "log", "", Path("log.csv"), (site,), {}, ())
    with pytest.raises(InputError, match=r"--year = 2005: no prices of that year .*; expected 2008 to \d+"):
        check_record_years(register, 2005, 2006)
