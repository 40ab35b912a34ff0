"""R10: biomass, scrap and waste fuels of a place are limited, booked by projects, and dearer as they are used."""

import dataclasses

import numpy as np
import pytest

from clusterpact.agents.board import is_open
from clusterpact.agents.default import fail
from clusterpact.agents.lenders import lend
from clusterpact.agents.output import close_plants
from clusterpact.agents.plant import work_on_plants
from clusterpact.agents.resources import (
    book_resources,
    count_resources,
    held_by,
    lacks_resource,
    price_of_own_use,
    raise_prices,
    scarcity,
)
from clusterpact.agents.switching import running_cost
from clusterpact.agents.vocabulary import (
    BUILDING,
    CARRIERS,
    CLOSED_DOWN,
    FAILED,
    FID,
    GATE_AVAILABLE,
    IDLE,
    NATURAL_GAS,
    NO_GATE,
    OPERATING,
)
from clusterpact.policies.package import library_package
from clusterpact.sim.cluster import Resource
from clusterpact.sim.kernel import start_run
from clusterpact.sim.markets import move_prices
from clusterpact.sim.runs import simulate, words_of
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.schedule import quarter
from clusterpact.sim.world import build_world, parameter_records
from tests.agents.appraising import annuity, lone_firm, value
from tests.worlds.pair import small_pair
from tests.worlds.small import small_state

WOOD, SCRAP = CARRIERS.index("biomass"), CARRIERS.index("scrap")


def in_a_wood(s, available=100.0, price_rise=1.0):
    """Plants run on gas and may turn to 60 GWh of wood a year each; 100 GWh are there, at 20 EUR/MWh if nobody took any."""
    s.resources.carrier, s.resources.available, s.resources.price_rise = WOOD, available, price_rise
    s.options.energy_gwh[0::2, NATURAL_GAS] = 80.0
    s.options.energy_gwh[1::2, WOOD] = 60.0
    s.spots[0].price[WOOD] = s.spots[0].expected_price[WOOD] = 20.0
    return s


def wooded(firms=2, **further):
    """The same in a small world."""
    return in_a_wood(small_state(firms=firms, networks=0, resources=1), **further)


def used(s):
    """What is used and booked, GWh a year."""
    count_resources(s, 0)
    return s.resources[0].used


# Who holds what.


@pytest.mark.parametrize(("fields", "held"), [
    ({}, 0.0), ({"option": 1}, 60.0), ({"candidate": 1}, 0.0), ({"candidate": 1, "stage": FID}, 60.0),
    ({"candidate": 1, "stage": BUILDING}, 60.0), ({"option": 1, "candidate": 0, "stage": BUILDING}, 60.0),
    ({"option": 1, "stage": CLOSED_DOWN}, 0.0), ({"option": 1, "output": 0.5}, 60.0),
])  # fmt: skip
def test_a_plant_holds_what_it_runs_on_or_is_being_built_for(fields, held):
    s = wooded()
    for name, change in fields.items():
        s.firms[0][name] = change
    assert held_by(s, s.firms[0], WOOD) == held
    assert used(s) == held


def test_the_larger_of_what_runs_and_what_is_built_is_held():
    s = wooded()
    s.options[0].energy_gwh[WOOD] = 25.0
    firm = s.firms[0]
    firm.candidate, firm.stage = 1, FID
    assert held_by(s, firm, WOOD) == 60.0
    firm.option, firm.candidate = 1, 0
    assert held_by(s, firm, WOOD) == 60.0


def test_who_sells_a_carrier_takes_none_of_it():
    s = wooded()
    s.options[0].energy_gwh[WOOD] = -30.0
    assert used(s) == 0.0


def test_every_cluster_has_resources_of_its_own():
    s = in_a_wood(small_pair(firms=4, resources=2))
    s.resources.cluster = [0, 1]
    s.firms.option = [1, 3, 4, 7]
    count_resources(s, 0)
    assert list(s.resources.used) == [120.0, 60.0]
    assert not lacks_resource(s, s.firms[0], s.options[1])  # holds what it takes
    s.firms[2].cluster = 1
    assert lacks_resource(s, s.firms[2], s.options[5])  # 60 of 100 are used in its place


# What it costs.


@pytest.mark.parametrize(
    ("use", "rise", "price"), [(0.0, 1.0, 20.0), (50.0, 1.0, 30.0), (100.0, 1.0, 40.0), (50.0, 0.4, 24.0)]
)
def test_a_resource_is_dearer_the_more_of_it_is_used(use, rise, price):
    s = wooded(price_rise=rise)
    s.resources.used = use
    s.spots[0].price[SCRAP] = 300.0
    raise_prices(s, 0)
    spot = s.spots[0]
    assert (spot.price[WOOD], spot.expected_price[WOOD]) == pytest.approx((price, price))
    assert (spot.price[0], spot.price[SCRAP]) == (100.0, 300.0)  # and nothing else


def test_the_price_of_a_quarter_is_that_of_its_use_and_does_not_pile_up():
    s = wooded()
    s.market.path[:, WOOD] = s.market.levelised[:, WOOD] = 20.0
    s.firms[0].option = 1
    for t in range(6):
        count_resources(s, t)
        move_prices(s, t)
        assert s.spots[0].price[WOOD] == pytest.approx(32.0)  # 60 of 100: 20 * 1.6
        assert s.spots[0].expected_price[WOOD] == pytest.approx(32.0)


@pytest.mark.parametrize(("others", "holds"), [(0.0, 0.0), (30.0, 0.0), (30.0, 10.0)])
def test_who_weighs_an_option_sees_the_price_that_it_would_make(others, holds):
    """All of its 60 GWh at 20 * (1 + use / 100) EUR/MWh, where use is what there is with it: 60 and the others'."""
    s = wooded()
    s.options[0].energy_gwh[WOOD] = holds
    s.options[2].energy_gwh[WOOD] = others
    use = used(s)
    assert use == others + holds
    raise_prices(s, 0)
    s.options[1].energy_gwh[NATURAL_GAS] = 0.0
    cost = running_cost(s.options[1], s.spots[0].expected_price) + price_of_own_use(s, s.firms[0], s.options[1])
    assert cost == pytest.approx(60 * 20 * (1 + (others + 60) / 100) / 1000)


def test_what_a_firm_holds_already_makes_nothing_dearer():
    s = wooded()
    s.firms[0].option = 1
    used(s)
    assert price_of_own_use(s, s.firms[0], s.options[1]) == 0.0
    assert price_of_own_use(s, s.firms[0], s.options[0]) == 0.0  # nor what needs less


def test_the_price_of_own_use_is_in_the_value_that_a_board_sees():
    """0.72 MEUR/year, 20 EUR/MWh * 0.6 on 60 GWh, over 20 years, per campaign of 100 MEUR."""
    with_rise, without = (in_a_wood(lone_firm(resources=1), price_rise=rise) for rise in (1.0, 0.0))
    assert value(without) - value(with_rise) == pytest.approx(0.72 * annuity(1, 20) / 100)


@pytest.mark.parametrize("use", [0.0, 100.0])
def test_without_a_rise_the_price_is_the_usual_one(use):
    s = wooded(price_rise=0.0)
    s.resources.used = use
    raise_prices(s, 0)
    assert (scarcity(s.resources[0]), s.spots[0].price[WOOD]) == (1.0, 20.0)
    assert price_of_own_use(s, s.firms[0], s.options[1]) == 0.0


# What there is not.


@pytest.mark.parametrize(("use", "is_there"), [(0.0, True), (40.0, True), (40.001, False), (100.0, False)])
def test_an_option_for_which_too_little_is_left_is_closed(use, is_there):
    s = wooded()
    s.resources.used = use
    assert bool(lacks_resource(s, s.firms[0], s.options[1])) is not is_there
    assert bool(is_open(s, s.firms[0], 1, 0)) is is_there


def test_what_a_firm_holds_is_there_for_it():
    s = wooded(available=70.0)
    s.options[0].energy_gwh[WOOD] = 50.0
    s.options[2].energy_gwh[WOOD] = 0.0
    assert used(s) == 50.0
    assert not lacks_resource(s, s.firms[0], s.options[1])  # ten more
    assert lacks_resource(s, s.firms[1], s.options[3])  # sixty more


def test_each_of_several_resources_must_suffice():
    s = in_a_wood(small_state(networks=0, resources=2))
    s.resources.carrier, s.options[1].energy_gwh[SCRAP] = [WOOD, SCRAP], 500.0
    s.resources.available = [100.0, 400.0]
    assert lacks_resource(s, s.firms[0], s.options[1])
    s.resources.available = [100.0, 500.0]
    assert not lacks_resource(s, s.firms[0], s.options[1])


def test_the_first_project_books_and_the_next_one_of_the_quarter_finds_too_little():
    s = wooded()
    s.owners.budget_meur, s.firms.candidate, s.firms.applied = 200.0, [1, 3], 1
    s.firms.profitability_index = [0.2, 0.9]
    lend(s, 0)
    assert list(s.firms.stage) == [IDLE, FID]
    assert list(s.firms.refused) == [GATE_AVAILABLE, NO_GATE]
    assert s.resources[0].used == 60.0
    assert used(s) == 60.0  # the next quarter counts the same


def test_only_what_comes_on_top_is_booked():
    s = wooded()
    s.options[0].energy_gwh[WOOD], s.resources[0].used = 25.0, 25.0
    book_resources(s, s.firms[0], s.options[1])
    assert s.resources[0].used == 60.0


def test_a_plant_that_closes_frees_what_it_used():
    s = wooded()
    s.firms[0].option = 1
    assert used(s) == 60.0
    assert not is_open(s, s.firms[1], 3, 0)
    s.parameters.closure_level, s.firms[0].closure_per_year = 1.0, 4.0
    close_plants(s, 0)
    assert used(s) == 0.0
    assert is_open(s, s.firms[1], 3, 0)


def test_a_plant_that_turns_away_from_it_frees_it_when_the_new_one_starts():
    s = wooded()
    firm = s.firms[0]
    firm.option, firm.candidate, firm.stage, firm.ready_quarter = 1, 0, BUILDING, 5
    work_on_plants(s, 4)
    assert used(s) == 60.0
    work_on_plants(s, 5)
    assert (firm.stage, used(s)) == (OPERATING, 0.0)


@pytest.mark.parametrize(("available", "option", "use"), [(130.0, 1, 120.0), (110.0, 0, 60.0)])
def test_a_plant_goes_back_to_wood_only_where_there_is_still_some(available, option, use):
    """Firm 0 turned from 60 GWh of wood to something else, which fails; meanwhile its neighbour took 60."""
    s = in_a_wood(small_state(options_per_firm=3, networks=0, resources=1), available)
    s.options.energy_gwh[:, WOOD] = [0.0, 60.0, 0.0, 60.0, 0.0, 0.0]
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.switched, firm.stage, firm.start_quarter = 2, 1, 1, OPERATING, 0
    assert used(s) == 60.0
    fail(s, 0, 9)
    assert (firm.option, firm.stage, s.resources[0].used) == (option, FAILED, use)
    assert used(s) == use


# Whole runs of Dunkirk.

RUNS, LAST_YEAR = 40, 2045


def dunkirk_with(*resources):
    """The Dunkirk cluster with other resources: (carrier, available a year, rise of price)."""
    scenario = read_scenario(CLUSTERS / "dunkirk")
    made = [Resource(carrier=c, available_per_year=a, price_rise_share=r, source="made up", mark="estimate")
            for c, a, r in resources]  # fmt: skip
    file = scenario.file.model_copy(update={"resource": made})
    return build_world(dataclasses.replace(scenario, file=file), library_package("four-pillars"), 2026, LAST_YEAR, seed=1)


def held(world, runs=RUNS):
    """Biomass that plants hold in every run and quarter, and what the resource says of it; shape (2, runs, quarters)."""
    s, parameters = world.fresh_state(), parameter_records({}, 1)
    found = np.zeros((2, runs, world.quarters))
    for run in range(runs):
        start_run(s, world.template, np.uint64(run), words_of(parameters)[0])
        for t in range(world.quarters):
            quarter(s, t)
            found[0, run, t] = sum(held_by(s, firm, WOOD) for firm in s.firms)
            found[1, run, t] = s.resources[0].used
    return found


@pytest.fixture(scope="module")
def without_limit():
    return held(dunkirk_with(("biomass", 1e7, 0.0)))[0]


@pytest.mark.horizon
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_plants_turn_to_wood_only_as_far_as_there_is_some(without_limit, share):
    """Of what plants would take beyond today's, were there plenty, a tenth or a half is there."""
    start = without_limit[:, 0].min()
    available = start + share * (without_limit.max() - start)
    plants, resource = held(dunkirk_with(("biomass", available, 0.0)))
    assert (plants <= available * (1 + 1e-9)).all()
    assert (resource <= available * (1 + 1e-9)).all()
    assert (without_limit.max(axis=1) > available).mean() > 0.2  # so that the limit says something
    assert plants.max() > start


@pytest.mark.horizon
def test_a_rise_of_price_keeps_plants_from_wood(without_limit):
    dear = held(dunkirk_with(("biomass", 1.1 * without_limit.max(), 3.0)))[0]
    assert dear[:, -1].mean() < without_limit[:, -1].mean()


@pytest.mark.horizon
def test_without_resources_a_run_has_the_bytes_of_one_with_plenty_at_one_price():
    parameters, numbers = parameter_records({}, RUNS), np.arange(RUNS, dtype=np.uint64)
    plenty = [(name, 1e7, 0.0) for name in ("biomass", "waste_fuel", "scrap")]
    none, some = (simulate(dunkirk_with(*resources), parameters, numbers) for resources in ((), plenty))
    for name in ("series", "gates", "decisions", "networks"):
        assert getattr(none, name).tobytes() == getattr(some, name).tobytes(), name
    scarce = simulate(dunkirk_with(("biomass", 1e4, 3.0)), parameters, numbers)
    assert scarce.series.tobytes() != none.series.tobytes()
