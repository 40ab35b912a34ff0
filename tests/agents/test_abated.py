"""E4: what is abated by switching, by closing and by making less adds up, and no closure counts as a switch."""

import numpy as np
import pytest

from clusterpact.agents.output import close_plants
from clusterpact.agents.plant import GAS_CO2, HEAT_PER_GAS, Abated, abated_by, emission_rate, own_emission, work_on_plants
from clusterpact.agents.vocabulary import BUILDING, CLOSED_DOWN, NATURAL_GAS, OPERATING
from clusterpact.sim.audit import audit
from clusterpact.sim.books import keep_accounts, open_year
from tests.worlds.small import small_state

NOTHING = Abated(0.0, 0.0, 0.0)


def adds_up(s):
    """By plant, what is abated and what is emitted; together the baseline, in every case."""
    found = [abated_by(s, firm, own_emission(s, firm)) for firm in s.firms]
    for firm, abated in zip(s.firms, found, strict=True):
        assert sum(abated) + emission_rate(s, firm) == pytest.approx(firm.baseline_kt, abs=1e-9)
    return found


def plant(**fields):
    """A plant of 1000 kt/year; its option 1 emits 100."""
    s = small_state(firms=1, networks=0)
    for name, value in fields.items():
        s.firms[0][name] = value
    return s


SWITCHED = {"option": 1, "switched": 1, "base_intact": 0, "stage": OPERATING}
CLOSED = {"stage": CLOSED_DOWN}


@pytest.mark.parametrize(("fields", "abated"), [
    ({}, NOTHING),
    (SWITCHED, (900.0, 0.0, 0.0)),
    (CLOSED, (0.0, 1000.0, 0.0)),
    ({"stopped": 1}, (0.0, 1000.0, 0.0)),
    ({"output": 0.6}, (0.0, 0.0, 400.0)),
    ({"output": 1.2}, (0.0, 0.0, -200.0)),
    (SWITCHED | {"output": 0.6}, (540.0, 0.0, 400.0)),  # 60 of 600 are left
    (SWITCHED | {"output": 1.2}, (1080.0, 0.0, -200.0)),
    (SWITCHED | CLOSED, (0.0, 1000.0, 0.0)),  # it had switched, and closed: all of it is closing
    (SWITCHED | CLOSED | {"output": 0.6}, (0.0, 600.0, 400.0)),
    (CLOSED | {"output": 1.2}, (0.0, 1200.0, -200.0)),
    ({"output": 0.0}, (0.0, 0.0, 1000.0)),
])  # fmt: skip
def test_output_comes_first_then_closing_then_switching(fields, abated):
    assert adds_up(plant(**fields)) == [pytest.approx(abated)]


def test_what_is_captured_is_abated_by_switching():
    s = plant(**SWITCHED | {"base_intact": 1, "output": 0.8})
    s.options[1].captured_kt = 950.0
    assert adds_up(s) == [pytest.approx((720.0, 0.0, 200.0))]


def test_a_switch_to_what_emits_more_counts_against_it():
    s = plant(**SWITCHED)
    s.options[1].emission_kt = 1100.0
    assert adds_up(s) == [pytest.approx((-100.0, 0.0, 0.0))]


@pytest.mark.parametrize(("heat", "output", "switched"), [
    (94.0, 1.0, 20.0), (94.0, 0.5, 20.0), (940.0, 1.0, 100.0), (940.0, 0.5, 50.0), (940.0, 0.0, 0.0),
])  # fmt: skip
def test_heat_from_a_neighbour_is_a_switch_as_far_as_it_saves_gas_that_is_still_burnt(heat, output, switched):
    """500 GWh of gas at the start, at 0.2 t/MWh."""
    s = plant(output=output, heat_relief_gwh=heat)
    s.options[0].energy_gwh[NATURAL_GAS] = 500.0
    assert pytest.approx((0.94, 0.2), abs=0.003) == (HEAT_PER_GAS, GAS_CO2)
    assert adds_up(s) == [pytest.approx((switched * GAS_CO2 / 0.2, 0.0, 1000 * (1 - output)))]


def test_heat_for_a_plant_that_closed_saves_nothing():
    s = plant(heat_relief_gwh=94.0, **CLOSED)
    s.options[0].energy_gwh[NATURAL_GAS] = 500.0
    assert adds_up(s) == [pytest.approx((0.0, 1000.0, 0.0))]


def test_a_new_plant_abates_nothing_and_what_it_emits_counts_against_it():
    s = plant(planned=1, baseline_kt=0.0, output=0.9)
    s.options[0].emission_kt = 0.0
    assert adds_up(s) == [pytest.approx(NOTHING)]
    s.firms[0].option = s.firms[0].switched = 1
    assert adds_up(s) == [pytest.approx((-90.0, 0.0, 0.0))]
    s.firms[0].stage = CLOSED_DOWN
    assert adds_up(s) == [pytest.approx(NOTHING)]


def works(**fields):
    """A works of two furnaces (firms 0 and 1, a quarter and three quarters of 300 kt of gases), which firm 2 burns."""
    s = small_state(firms=3, networks=0)
    s.firms.site, s.firms.units, s.firms.gas_share = [0, 0, 2], [2, 2, 1], [0.25, 0.75, 1.0]
    s.firms[2].gas_supplier, s.firms[2].gas_kt, s.firms[2].baseline_kt = 0, 300.0, 1300.0
    for i, changes in fields.items():
        for name, value in changes.items():
            s.firms[int(i[-1])][name] = value
    return s


@pytest.mark.parametrize(("changes", "station"), [
    ({}, NOTHING),
    ({"unit_0": SWITCHED}, (75.0, 0.0, 0.0)),
    ({"unit_1": CLOSED}, (0.0, 225.0, 0.0)),
    ({"unit_0": SWITCHED, "unit_1": CLOSED}, (75.0, 225.0, 0.0)),
    ({"unit_1": SWITCHED | CLOSED}, (0.0, 225.0, 0.0)),  # switched first and closed then
    ({"unit_0": {"output": 0.8}}, (0.0, 0.0, 15.0)),
    ({"unit_0": SWITCHED | {"output": 0.8}, "unit_1": CLOSED | {"output": 0.8}}, (60.0, 180.0, 60.0)),
    ({"unit_0": {"output": 1.2}, "unit_1": {"output": 1.2}}, (0.0, 0.0, -60.0)),
    ({"unit_2": {"output": 0.5}}, (0.0, 0.0, 500.0)),  # it makes less; gases come as ever
    ({"unit_2": SWITCHED}, (900.0, 0.0, 0.0)),  # capture of its own; gases are burnt as ever
    ({"unit_2": CLOSED}, (0.0, 1000.0, 0.0)),  # and flared
    ({"unit_2": CLOSED, "unit_0": SWITCHED, "unit_1": CLOSED}, (75.0, 1225.0, 0.0)),
])  # fmt: skip
def test_gases_go_by_what_became_of_the_furnaces(changes, station):
    assert adds_up(works(**changes))[2] == pytest.approx(station)


def test_a_plant_is_followed_from_its_start_through_a_switch_to_its_closing():
    s = plant(candidate=1, stage=BUILDING, ready_quarter=4, closure_per_year=4.0)
    s.options[1].generated_kt = 100.0
    seen = []
    for t in range(12):
        open_year(s, t)
        s.parameters.closure_level = float(t == 8)
        s.firms[0].output = 1.0 if t < 8 else 0.9
        close_plants(s, t)
        work_on_plants(s, t)
        keep_accounts(s, t)
        audit(s)
        if t % 4 == 3:
            account = s.account[0]
            seen.append([account.switched_kt, account.closed_kt, account.output_kt, account.scope1_kt])
            shares = account.switched_share, account.closed_share, account.output_share
            assert sum(shares) == pytest.approx(account.abated_share)
    np.testing.assert_allclose(seen, [[0, 0, 0, 1000], [900, 0, 0, 100], [0, 900, 100, 0]], atol=1e-9)


@pytest.mark.parametrize("number", range(40))
def test_whatever_became_of_plants_causes_and_emissions_are_the_baseline(number):
    """Random stages, options, outputs, heat and gases of a works, a station and their neighbours."""
    chance = np.random.default_rng(number)
    s = works()
    s.options.emission_kt = chance.uniform(0, 1200, 6)
    s.options.energy_gwh[:, NATURAL_GAS] = chance.uniform(-50, 500, 6)
    for i, firm in enumerate(s.firms):
        firm.option, firm.stage = 2 * i + chance.integers(0, 2), chance.choice([0, OPERATING, BUILDING, CLOSED_DOWN])
        firm.stopped, firm.base_intact, firm.output = chance.integers(0, 2), chance.integers(0, 2), chance.uniform(0, 2)
        firm.heat_relief_gwh = chance.choice([0.0, 200.0])
    for abated, firm in zip(adds_up(s), s.firms, strict=True):
        stands_still = firm.stage == CLOSED_DOWN or firm.stopped == 1
        assert abated.closed_kt >= 0.0
        if stands_still and firm.gas_supplier < 0:
            assert abated.switched_kt == pytest.approx(0.0, abs=1e-9)
        if not stands_still and firm.gas_supplier < 0:
            assert abated.closed_kt == 0.0
