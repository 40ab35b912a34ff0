"""R8: what plants make moves from year to year, and plants close: by hazard, sooner where carbon eats the margin, by law."""

import math

import numpy as np
import pytest

from clusterpact.agents.chance import OUTPUT_TAIL, agent_number, uniform
from clusterpact.agents.output import close_plants, eaten_share, move_output, note_shock
from clusterpact.agents.plant import activity
from clusterpact.agents.vocabulary import (
    BUILDING,
    CLOSED_DOWN,
    FAILED,
    FID,
    IDLE,
    PLEDGED,
)
from clusterpact.sim.books import keep_accounts
from tests.agents.output_worlds import (
    SPREAD,
    YEARLY,
    as_units,
    by_law,
    closed_runs,
    closing,
    common_shock,
    margin,
    moved,
    moving,
    shock,
    sure,
)
from tests.worlds.small import NEVER


def test_four_fifths_of_a_deviation_are_left_after_a_year():
    s = moving()
    first = YEARLY * shock(s, 4)
    second = 0.8 * first + YEARLY * shock(s, 8)
    variance = YEARLY**2
    found = moved(s, 2)[:, 0]
    assert found[0] == pytest.approx(math.exp(first - variance / 2))
    assert found[1] == pytest.approx(math.exp(second - (0.64 * variance + variance) / 2))


@pytest.mark.parametrize(("memory", "scale"), [(0.0, math.sqrt(0.5)), (0.6, math.sqrt(0.8)), (1.0, 1.0)])
def test_the_shock_is_scaled_so_that_changes_have_the_spread_of_the_sector_whatever_the_memory(memory, scale):
    s = moving(output_memory_per_year=memory)
    expected = scale * SPREAD * shock(s, 4)
    moved(s, 1)
    assert s.firms[0].output_noise == pytest.approx(expected)


def test_output_moves_in_january_and_not_at_the_start():
    s = moving(firms=3)
    for t in (0, 1, 2, 3, 5, 6, 7):
        move_output(s, t)
        assert list(s.firms.output) == [1.0, 1.0, 1.0]
    move_output(s, 4)
    assert len({1.0, *s.firms.output}) == 4  # each by luck of its own


def test_twice_the_noise_is_twice_the_deviation():
    one, two = moving(), moving(output_noise=2.0)
    moved(one, 1), moved(two, 1)
    assert two.firms[0].output_noise == pytest.approx(2 * one.firms[0].output_noise)


@pytest.mark.parametrize(("noise", "spread"), [(0.0, SPREAD), (1.0, 0.0)])
def test_without_noise_or_spread_not_a_byte_changes(noise, spread):
    s = moving(output_noise=noise)
    s.firms.output_spread = spread
    before = s.firms.tobytes()
    moved(s, 3)
    s.firms.own_shock = s.firms.common_shock = 0.0  # the year's luck is noted, whomever it moves
    assert s.firms.tobytes() == before


def test_a_plant_makes_no_more_than_its_capacity():
    free, bound = moving(firms=50), moving(firms=50)
    bound.firms.output_limit = 1.05
    free, bound = moved(free, 10), moved(bound, 10)
    assert (free > 1.05).any()
    np.testing.assert_array_equal(bound, np.minimum(free, 1.05))  # and comes back as if it had no limit


def test_units_of_a_plant_move_together_and_other_plants_apart():
    s = moving(firms=3)
    s.firms.plant = [agent_number("works"), agent_number("works"), agent_number("other")]
    found = moved(s, 5)
    np.testing.assert_array_equal(found[:, 0], found[:, 1])
    assert (found[:, 0] != found[:, 2]).all()


def test_plants_of_a_sector_share_a_part_of_their_luck():
    """By hand: what two plants have beyond their own draws is the same in a sector, and another one elsewhere."""
    s = moving(firms=3)
    s.firms.product = [agent_number("glass"), agent_number("glass"), agent_number("lime")]
    moved(s, 1)
    beyond = []
    for i, firm in enumerate(s.firms):
        own = shock(s, 4, i) - 0.22 * common_shock(firm.product, 4)
        beyond.append(firm.output_noise / YEARLY - own)
    assert beyond[0] == pytest.approx(beyond[1])
    assert beyond[0] != pytest.approx(beyond[2])


def test_a_crisis_hits_all_sectors_alike():
    """In about one year in ten, and then more than in others: by hand, what two sectors have beyond their plants' draws."""
    s = moving(firms=2)
    s.firms.product = [agent_number("glass"), agent_number("lime")]
    crises = [t for t in range(4, 400, 4) if uniform(1, 0, OUTPUT_TAIL, 0, t) < 0.10]
    assert 4 <= len(crises) <= 18
    for t in crises:
        assert common_shock(s.firms[0].product, t) == common_shock(s.firms[1].product, t)
        for i in range(2):
            note_shock(s, i, True, t)
        found = np.sqrt(1 - 0.22**2) * s.firms.own_shock + 0.22 * s.firms.common_shock
        assert list(found) == pytest.approx([shock(s, t, 0), shock(s, t, 1)])


def test_what_a_closed_plant_made_last_stays():
    s = moving(firms=2)
    s.firms[0].stage, s.firms[0].output = CLOSED_DOWN, 0.7
    moved(s, 3)
    assert s.firms[0].output == 0.7
    assert s.firms[1].output != 1.0


def test_a_plant_closes_with_the_hazard_of_its_sector():
    found, draws = closed_runs(closing())
    np.testing.assert_array_equal(found, draws < 0.1)
    assert found.any()


@pytest.mark.parametrize(("level", "chance"), [(0.0, 0.0), (0.5, 0.05), (2.0, 0.2)])
def test_the_level_of_closing_multiplies_the_hazard(level, chance):
    found, draws = closed_runs(closing(closure_level=level))
    np.testing.assert_array_equal(found, draws < chance)


@pytest.mark.parametrize("fields", [{"closure_per_year": 0.0}, {"planned": 1}, {"stopped": 1}, {"stage": CLOSED_DOWN}])
def test_what_has_no_hazard_or_does_not_run_does_not_close(fields):
    s = closing()
    for name, value in fields.items():
        s.firms[0][name] = value
    assert not closed_runs(s)[0].any()


@pytest.mark.parametrize(("price", "gva", "share"), [
    (0.0, 200.0, 0.0), (100.0, 200.0, 30 / 70), (50.0, 200.0, 15 / 70), (100.0, 80.0, 1.0), (100.0, 0.0, 1.0),
    (0.0, 0.0, 0.0),
])  # fmt: skip
def test_carbon_eats_what_prices_do_not_pass_on_of_the_surplus(price, gva, share):
    assert eaten_share(margin(price, gva), 0, 0) == pytest.approx(share)


@pytest.mark.parametrize(("passed_on", "share"), [(0.0, 1.0), (0.5, 50 / 70), (1.0, 0.0)])
def test_what_is_passed_on_eats_nothing(passed_on, share):
    assert eaten_share(margin(cost_pass_through=passed_on), 0, 0) == pytest.approx(share)


def test_free_allowances_count_as_far_as_they_are_left_in_that_year():
    s = margin()
    s.options[0].allocation_kt = 500.0
    s.market.free_share[2:, 0] = 0.5
    assert eaten_share(s, 0, 7) == pytest.approx(30 / 70)  # none in the second year
    assert eaten_share(s, 0, 8) == pytest.approx(0.3 * 75 / 70)
    s.firms[0].output, s.firms[0].emission_kt = 0.8, 800.0
    assert eaten_share(s, 0, 8) == pytest.approx(0.3 * 75 / 70)  # all in proportion
    s.options[0].allocation_kt = 5000.0
    assert eaten_share(s, 0, 8) == 0.0  # allowances to sell eat nothing


def test_power_passes_its_carbon_cost_on():
    s = margin()
    s.firms[0].sells_power = 1
    assert eaten_share(s, 0, 0) == 0.0


def test_the_margin_is_that_of_all_units_that_run():
    s = as_units(margin(firms=3), 3)
    s.firms[1].emission_kt = 0.0
    s.firms[2].stage = CLOSED_DOWN
    assert eaten_share(s, 0, 0) == pytest.approx(30 / 140)


@pytest.mark.parametrize(("weight", "chance"), [(0.0, 0.1), (2.0, 0.1 * (1 + 2 * 30 / 70)), (5.0, 0.1 * (1 + 5 * 30 / 70))])
def test_a_plant_whose_surplus_carbon_eats_is_more_likely_to_close(weight, chance):
    found, draws = closed_runs(margin(closure_margin_weight=weight))
    np.testing.assert_array_equal(found, draws < chance)


@pytest.mark.parametrize(
    ("stage", "stays"), [(FID, True), (BUILDING, True), (IDLE, False), (PLEDGED, False), (FAILED, False)]
)
@pytest.mark.parametrize("unit", [0, 1])
def test_a_plant_that_puts_money_into_a_unit_stays(stage, stays, unit):
    s = as_units(closing(firms=2))
    s.firms[unit].stage = stage
    assert closed_runs(s)[0].any() == (not stays)


def test_a_plant_closes_with_all_its_units_and_its_neighbour_does_not():
    s = as_units(sure(firms=3))
    s.firms[2].closure_per_year = 0.0
    close_plants(s, 5)
    assert list(s.firms.stage) == [CLOSED_DOWN, CLOSED_DOWN, IDLE]
    assert list(s.firms.closed_quarter) == [5, 5, NEVER]
    assert s.account[0].closures == 2.0
    close_plants(s, 6)
    assert (s.account[0].closures, s.firms[0].closed_quarter) == (2.0, 5)  # once


@pytest.mark.parametrize("gone", [{"stage": CLOSED_DOWN}, {"stopped": 1, "last_quarter": 4, "project": 1}])
def test_what_is_left_of_a_plant_may_close_after_its_first_unit(gone):
    """The first unit closed, or stands still by law until its project starts."""
    s = as_units(sure(firms=2))
    for name, value in gone.items():
        s.firms[0][name] = value
    close_plants(s, 5)
    assert list(s.firms.stage) == [CLOSED_DOWN, CLOSED_DOWN]


@pytest.mark.parametrize("last", [0, 7])
def test_a_unit_closes_in_the_quarter_after_its_last(last):
    s = as_units(by_law(firms=2, last=last))
    close_plants(s, last)
    assert (s.firms[0].stage, activity(s.firms[0])) == (IDLE, 1.0)
    close_plants(s, last + 1)
    assert list(s.firms.stage) == [CLOSED_DOWN, IDLE]  # the other unit of the plant runs on
    assert (s.firms[0].closed_quarter, s.firms[0].stopped) == (last + 1, 0)


@pytest.mark.parametrize("fields", [{"project": 1}, {"stage": FID}, {"stage": BUILDING}])
def test_a_unit_with_a_project_under_way_stops_and_waits(fields):
    s = by_law(candidate=1, ready_quarter=99, **fields)
    stage = s.firms[0].stage
    for t in range(8, 14):
        close_plants(s, t)
    assert (s.firms[0].stage, s.firms[0].stopped, s.account[0].closures) == (stage, 1, 0.0)
    keep_accounts(s, 15)
    assert (s.firms[0].emission_kt, s.account[0].jobs_direct) == (0.0, 0.0)
    assert s.account[0].closed_share == 1.0
