"""Prices that came: paid as they were in past years, and expected as far as they persist; chance rules elsewhere."""

import shutil

import numpy as np
import pytest

from clusterpact.agents.parameters import default_parameters
from clusterpact.agents.vocabulary import CARBON, CARRIERS, NATURAL_GAS
from clusterpact.experiments.making.starter import STARTER
from clusterpact.inputs import InputError
from clusterpact.policies.package import Package
from clusterpact.sim.kernel import start_run
from clusterpact.sim.markets import move_prices, set_paths
from clusterpact.sim.runs import words_of
from clusterpact.sim.scenario import read_scenario
from clusterpact.sim.schedule import quarter
from clusterpact.sim.world import build_world
from tests.worlds.random import simulate
from tests.worlds.small import small_state

FIRST, LAST = 2026, 2035
BELIEVED = {"carbon": (80.0, 98.0), "natural_gas": (40.0, 31.0)}  #: in the first and in the last year
CAME = {"carbon": {2028: 30.0, 2030: 50.0}, "natural_gas": {2030: 60.0, 2028: 90.0}}  #: 2029 lies between
KNOWN = [y - FIRST for y in (2028, 2029, 2030)]


def own_prices(came, header="carrier,year,low,mid,high,realised,unit,source,mark"):
    """The text of `own-prices.csv`: one path, and what came of its years; with the years out of order."""
    lines = []
    for carrier, (first, last) in BELIEVED.items():
        for year in reversed(range(FIRST, LAST + 1)):
            price = first + (last - first) * (year - FIRST) / (LAST - FIRST)
            realised = f"{came.get(carrier, {}).get(year, '')}," if "realised" in header else ""
            unit = "EUR/t" if carrier == "carbon" else "EUR/MWh"
            lines.append(f"{carrier},{year},{price},{price},{price},{realised}{unit},made up,estimate")
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture
def world_where(tmp_path):
    """Makes the world of the starter with a table of its own prices."""

    def made(text, **schedules):
        shutil.copytree(STARTER, tmp_path / "region", dirs_exist_ok=True)
        (tmp_path / "region" / "own-prices.csv").write_text(text, encoding="utf-8")
        package = Package("a", "", "", None, {name: tuple(steps) for name, steps in schedules.items()})
        return build_world(read_scenario(tmp_path / "region"), package, FIRST, LAST, 7)

    return made


def paid(world, carrier, run=3):
    """The price of a carrier in every quarter of a run, shape (years, 4)."""
    state = world.fresh_state()
    start_run(state, world.template, run, words_of(world.template.parameters)[0])
    prices = []
    for t in range(world.quarters):
        quarter(state, t)
        prices.append(float(state.spots[0].price[carrier]))
    return np.reshape(prices, (-1, 4))


@pytest.mark.parametrize(
    ("carrier", "came"), [(CARBON, [30.0, 40.0, 50.0]), (NATURAL_GAS, [90.0, 75.0, 60.0])], ids=["carbon", "gas"]
)
def test_what_came_is_paid_all_year_and_in_a_year_between_two_the_mean_of_them(world_where, carrier, came):
    prices = paid(world_where(own_prices(CAME)), carrier)
    np.testing.assert_allclose(prices[KNOWN], np.repeat(came, 4).reshape(3, 4))


@pytest.mark.parametrize("carrier", [CARBON, NATURAL_GAS], ids=["carbon", "gas"])
def test_before_and_after_the_years_that_are_known_chance_rules_as_without_them(world_where, carrier):
    came, chance = paid(world_where(own_prices(CAME)), carrier), paid(world_where(own_prices({})), carrier)
    unknown = [year for year in range(LAST - FIRST + 1) if year not in KNOWN]
    assert came[unknown].tolist() == chance[unknown].tolist()
    assert (came[KNOWN] != chance[KNOWN]).all()
    assert (np.ptp(came[unknown], axis=1) > 0).all()


def test_what_came_is_the_same_in_every_run_and_chance_is_not(world_where):
    world = world_where(own_prices(CAME))
    one, other = paid(world, NATURAL_GAS, 3), paid(world, NATURAL_GAS, 4)
    assert one[KNOWN].tolist() == other[KNOWN].tolist()
    assert (one[3 + max(KNOWN)] != other[3 + max(KNOWN)]).all()


def test_a_carrier_without_a_record_is_left_to_chance(world_where):
    electricity = CARRIERS.index("electricity")
    came, chance = (paid(world_where(own_prices(known)), electricity) for known in (CAME, {}))
    assert came.tolist() == chance.tolist()


def moving(came, t, believed=50.0):
    """The spot of a small world in a quarter, where gas is believed to cost as much for good, and what came is given."""
    s = small_state(years=10, price_noise=1.0)
    s.prices.low[:, NATURAL_GAS] = s.prices.mid[:, NATURAL_GAS] = s.prices.high[:, NATURAL_GAS] = believed
    s.prices.realised[:, NATURAL_GAS] = came
    s.volatility.decay, s.volatility.spread = 0.9, 0.2  # there is chance, but not in what came
    s.volatility.persistence[:, NATURAL_GAS] = 0.3
    set_paths(s)
    for now in range(t + 1):
        move_prices(s, now)
    return s.spots[0]


@pytest.mark.parametrize("came", [25.0, 50.0, 200.0])
def test_firms_expect_of_what_came_the_part_that_persists(came):
    spot = moving(came, 6)
    assert spot.price[NATURAL_GAS] == came
    assert spot.expected_price[NATURAL_GAS] == pytest.approx(50.0 * (came / 50.0) ** 0.3)


def test_firms_expect_what_they_believed_where_that_came():
    assert moving(50.0, 6).expected_price[NATURAL_GAS] == pytest.approx(50.0)


def test_a_surprise_is_measured_against_what_was_believed_of_that_quarter():
    s = small_state(years=10)
    rising = np.arange(40.0, 60.0, 2.0)
    for path in ("low", "mid", "high"):
        s.prices[path][:, NATURAL_GAS] = rising
    s.prices.realised[:, NATURAL_GAS] = 40.0
    s.volatility.persistence[:, NATURAL_GAS] = 1.0
    set_paths(s)
    move_prices(s, 2)  # half way from 40 to 42
    assert s.spots[0].expected_price[NATURAL_GAS] == pytest.approx(s.market[0].levelised[NATURAL_GAS] * 40.0 / 41.0)


def test_the_carbon_price_that_came_is_neither_scaled_by_a_government_nor_limited_by_law():
    s = small_state(years=10)
    s.prices.realised[:, CARBON] = 500.0  # above the statutory 200
    s.governments.price_scale = 0.1
    set_paths(s)
    move_prices(s, 6)
    assert s.spots[0].price[CARBON] == 500.0


def test_a_carbon_price_that_came_as_nothing_is_nothing():
    s = small_state(years=10)
    s.prices.realised[:, CARBON] = 0.0
    set_paths(s)
    move_prices(s, 6)
    assert s.spots[0].price[CARBON] == 0.0


def test_a_policys_floor_lies_under_the_price_that_came(world_where):
    prices = paid(world_where(own_prices(CAME), carbon_price_floor_eur_per_t=[(FIRST, 45.0)]), CARBON)
    np.testing.assert_allclose(prices[KNOWN], np.repeat([45.0, 45.0, 50.0], 4).reshape(3, 4))


def test_a_promised_path_comes_on_top_of_what_came_as_far_as_promises_are_kept():
    s = small_state(years=10, announcement_delivery=0.5)
    s.prices.realised[:, CARBON] = 30.0
    s.policy.carbon_price_path_eur_per_t = 110.0
    set_paths(s)
    move_prices(s, 6)
    assert s.spots[0].price[CARBON] == pytest.approx(70.0)


def test_a_column_in_which_nothing_is_known_changes_not_a_byte(world_where):
    without = world_where(own_prices({}, "carrier,year,low,mid,high,unit,source,mark"))
    blank, known = world_where(own_prices({})), world_where(own_prices(CAME))
    assert (blank.template.prices.realised == -1.0).all()
    results = [[table.tobytes() for table in simulate(world, default_parameters(4))] for world in (without, blank, known)]
    assert results[0] == results[1]
    assert results[0][0] != results[2][0]


def test_a_price_that_came_below_nothing_is_one_line(world_where):
    with pytest.raises(InputError, match=r"own-prices.csv:\d+: realised = '-3.0': .*greater than or equal to 0"):
        world_where(own_prices({"carbon": {2028: -3.0}}))
