"""Furnace gases: who emits what when a works hands its gases to a power station, and what happens when its furnaces go."""

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from clusterpact.agents.plant import GAS_CO2, HEAT_PER_GAS, emission_rate
from clusterpact.agents.vocabulary import NATURAL_GAS
from clusterpact.experiments.making.starter import STARTER
from clusterpact.policies.package import Package
from clusterpact.sim.audit import audit
from clusterpact.sim.books import keep_accounts, open_year
from clusterpact.sim.cluster import Plant
from clusterpact.sim.options import fit_plants
from clusterpact.sim.scenario import read_scenario
from clusterpact.sim.tables import read_tables
from clusterpact.sim.world import build_world
from tests.worlds.random import random_parameters, simulate
from tests.worlds.small import small_state

REGISTER = Path(__file__).parents[1] / "data" / "register_dunkirk_2022.csv"
BLAST, CAPTURE, DRI = "BF-BOF", "BF-BOF+CCS (end-of-pipe)", "NG-DRI-EAF"

#: Round numbers in the place of the table's: CO2 emitted and captured, gas, coal and process, t and MWh per t or MWh.
ROUND = {BLAST: (2.0, 0.0, 1.0, 5.0, 0.1), CAPTURE: (0.8, 1.4, 2.0, 5.0, 0.1), DRI: (0.6, 0.0, 2.5, 0.0, 0.1),
         "CCGT": (0.4, 0.0, 2.0, 0.0, 0.0)}  # fmt: skip
COLUMNS = ("co2_direct_t_per_unit", "co2_captured_t_per_unit", "gas_mwh_per_unit", "coal_mwh_per_unit",
           "co2_process_t_per_unit")  # fmt: skip


def tables():
    """The library's tables with round CO2 and fuel in the rows that the tests look at."""
    library = read_tables()
    rows = []
    for row in library.technologies:
        if row.technology in ROUND and row.sector in ("primary_steel", "gas_power"):
            row = row.model_copy(update=dict(zip(COLUMNS, ROUND[row.technology], strict=True)))
        rows.append(row)
    return dataclasses.replace(library, technologies=tuple(rows))


def works(scope1=1500.0, **changes):
    """1000 kt/year of steel: a process of 2000 kt CO2, of which the register shows 1500 at its stacks."""
    own = {"id": "works", "name": "Works", "sector": "primary_steel", "technology": BLAST}
    return Plant(**(own | {"capacity_kt_per_year": 1000.0, "scope1_kt_per_year": scope1} | changes))


def station(scope1=700.0, number=1, **changes):
    """500 GWh/year of power: 200 kt CO2 on natural gas, 700 in the register."""
    own = {"id": f"station-{number}", "name": "Station", "sector": "gas_power", "technology": "CCGT", "gas_from": "works"}
    return Plant(**(own | {"capacity_gwh_per_year": 500.0, "scope1_kt_per_year": scope1} | changes))


def row_of(name):
    return next(row for row in tables().technologies if row.technology == name)


# The fit.


def test_what_a_power_station_emits_beyond_its_natural_gas_is_gas_of_the_works():
    fits = fit_plants((station(), works()), tables())
    assert fits["station-1"].gas_kt == pytest.approx(500.0)  # 700 - 500 GWh * 0.4
    assert fits["station-1"].activity == pytest.approx(1.0)
    assert fits["works"].gas_kt == 0.0


def test_a_works_runs_as_much_as_its_stacks_and_its_gases_show():
    fit = fit_plants((station(), works()), tables())["works"]
    assert fit.activity == pytest.approx(1.0)  # (1500 + 500) of 2000
    assert fit.kept == pytest.approx(0.75)  # 1500 of (1500 + 500)


def test_the_gases_of_several_stations_add_up():
    fits = fit_plants((station(), station(360.0, 2), works()), tables())
    assert fits["station-2"].gas_kt == pytest.approx(160.0)
    assert fits["works"].activity == pytest.approx(1.08)  # (1500 + 500 + 160) of 2000
    assert fits["works"].kept == pytest.approx(1500 / 2160)


def test_a_register_entry_below_the_process_holds_no_gas():
    fits = fit_plants((station(150.0), works()), tables())
    assert fits["station-1"].gas_kt == 0.0
    assert fits["station-1"].activity == pytest.approx(0.75)  # 150 of 200
    assert (fits["works"].activity, fits["works"].kept) == pytest.approx((0.75, 1.0))  # as without a station


def test_a_plant_that_hands_nothing_on_keeps_all_its_co2():
    fits = fit_plants((station(gas_from=""), works()), tables())
    assert (fits["works"].activity, fits["works"].kept) == pytest.approx((0.75, 1.0))
    assert fits["station-1"].gas_kt == 0.0
    assert fits["station-1"].activity == pytest.approx(3.5)  # 700 of 200


def test_a_neighbour_that_emits_nothing_hands_no_gases_on():
    fits = fit_plants((station(), works(0.0, capacity_kt_per_year=0.0)), tables())
    assert (fits["station-1"].activity, fits["station-1"].gas_kt) == pytest.approx((3.5, 0.0))  # 700 of 200


@pytest.mark.parametrize("changes", [{"capacity_kt_per_year": 0.0}, {"status": "planned"}])
def test_what_the_register_cannot_show_runs_at_capacity(changes):
    fit = fit_plants((works(0.0, **changes),), tables())["works"]
    assert (fit.activity, fit.kept, fit.gas_kt) == (1.0, 1.0, 0.0)


def test_a_plant_that_could_emit_and_does_not_stands_idle():
    world = made_world(works(0.0), station(gas_from=""))
    assert world.option_names[0] == (BLAST,)
    assert not world.template.options[0].energy_gwh.any()
    assert world.template.options[0].emission_kt == 0.0


# Options and emissions.


def made_world(*plants, check_books=True):
    """A world of made-up plants with the starter's networks, lender and government."""
    scenario = dataclasses.replace(read_scenario(STARTER), plants=plants, tables=tables(), projects=(), buyers=())
    return build_world(scenario, Package("none", "", "", None, {}), 2025, 2050, 1, check_books)


def option_of(world, firm, name):
    i = world.firm_ids.index(firm)
    return world.template.options[int(world.template.firms[i].first_option) + world.option_names[i].index(name)]


def test_options_of_the_works_count_its_gases_as_long_as_its_furnaces_stand():
    world = made_world(station(), works())
    blast = option_of(world, "works", BLAST)
    assert (blast.emission_kt, blast.generated_kt) == pytest.approx((1500.0, 2000.0))
    assert blast.energy_gwh[NATURAL_GAS] == pytest.approx(1000.0)  # the whole process, its gases included
    assert option_of(world, "works", DRI).emission_kt == pytest.approx(600.0)
    assert option_of(made_world(station(gas_from=""), works()), "works", DRI).emission_kt == pytest.approx(450.0)


def test_capture_at_a_works_treats_its_own_stacks_only():
    """Three quarters of the process's CO2 are there to be captured, so equipment, its fuel and its costs are that much."""
    world = made_world(station(), works())
    blast, capture = option_of(world, "works", BLAST), option_of(world, "works", CAPTURE)
    assert (capture.emission_kt, capture.captured_kt) == pytest.approx((600.0, 1050.0))  # 0.75 of 800 and 1400
    assert capture.energy_gwh[NATURAL_GAS] - blast.energy_gwh[NATURAL_GAS] == pytest.approx(750.0)  # 0.75 of 1000
    assert capture.generated_kt == pytest.approx(2150.0)  # 2000 and the CO2 of 750 GWh of gas
    assert capture.capex_meur == pytest.approx(0.75 * row_of(CAPTURE).capex_eur_per_unit)  # 1000 kt of steel
    base, row = row_of(BLAST), row_of(CAPTURE)
    more = sum(getattr(row, c) - getattr(base, c) for c in ("fixed_opex_eur_per_unit", "other_opex_eur_per_unit"))
    assert capture.opex_meur - blast.opex_meur == pytest.approx(0.75 * more)
    assert max(capture.volume) == pytest.approx(1050.0)


@pytest.mark.parametrize("register_kt", [500.0, 1000.0, 3000.0])
def test_all_that_a_plant_takes_and_costs_follows_its_register_entry(register_kt):
    """One scale for CO2, energy, costs and networks: half the CO2 is half the coal, and half of every cost."""
    table = {kt: made_world(works(kt)).template.options for kt in (2000.0, register_kt)}
    for name in ("emission_kt", "captured_kt", "energy_gwh", "capex_meur", "opex_meur", "renewal_meur", "greenfield_meur",
                 "volume", "generated_kt"):  # fmt: skip
        np.testing.assert_allclose(table[register_kt][name], table[2000.0][name] * register_kt / 2000, rtol=1e-12)


def emissions(world, state):
    return {firm: emission_rate(state, state.firms[i]) for i, firm in enumerate(world.firm_ids)}


def test_a_station_emits_the_gases_while_the_furnaces_stand_and_natural_gas_afterwards():
    world = made_world(station(), works())
    s = world.fresh_state()
    assert s.firms[0].gas_supplier == 1
    assert emissions(world, s) == pytest.approx({"station-1": 700.0, "works": 1500.0})
    s.firms[1].base_intact = 0
    assert emissions(world, s)["station-1"] == pytest.approx(200.0)


def test_the_works_itself_takes_no_gases():
    world = made_world(station(), works())
    s = world.fresh_state()
    assert s.firms[1].gas_supplier == -1
    s.firms[1].gas_kt = 1e6
    assert emissions(world, s)["works"] == pytest.approx(1500.0)


def test_a_station_that_captures_its_own_co2_still_burns_the_gases():
    world = made_world(station(), works())
    s = world.fresh_state()
    s.firms[0].option = int(s.firms[0].first_option) + world.option_names[0].index("CCGT+CCS")
    kept = row_of("CCGT+CCS").co2_direct_t_per_unit * 500
    assert emissions(world, s)["station-1"] == pytest.approx(kept + 500.0)


def test_heat_from_a_neighbour_saves_natural_gas_and_no_furnace_gas():
    s = small_state(firms=2)
    s.options[2].energy_gwh[NATURAL_GAS] = 400.0  # 80 kt CO2
    s.firms[1].gas_supplier, s.firms[1].gas_kt, s.firms[1].heat_relief_gwh = 0, 300.0, 940.0
    assert emission_rate(s, s.firms[1]) == pytest.approx(1000 - 80 + 300)
    s.firms[0].base_intact = 0
    assert emission_rate(s, s.firms[1]) == pytest.approx(920.0)


@pytest.mark.parametrize("technology", [DRI, "BF-BOF reline (life extension)"])
def test_what_a_works_runs_at_the_start_emits_its_register_entry_whatever_its_row_is_called(technology):
    """A works may start with a row that the table lists as an alternative; its register entry is then of that row."""
    world = made_world(station(), works(400.0, technology=technology))
    s = world.fresh_state()
    assert s.firms[1].base_intact == 1
    assert emissions(world, s) == pytest.approx({"station-1": 700.0, "works": 400.0})


def test_heat_replaces_as_much_gas_as_the_table_says():
    boiler = next(row for row in read_tables().of_sector("process_heat") if row.technology == "gas boiler")
    assert pytest.approx(1 / boiler.gas_mwh_per_unit, rel=0.01) == HEAT_PER_GAS
    assert pytest.approx(boiler.co2_direct_t_per_unit / boiler.gas_mwh_per_unit, rel=0.01) == GAS_CO2


# Books.


def test_books_with_gases_balance_before_and_after_the_furnaces():
    s = small_state(firms=2)
    s.firms[1].gas_supplier, s.firms[1].gas_kt, s.firms[1].baseline_kt = 0, 300.0, 1300.0
    s.pacts[0].baseline_kt = 2300.0
    s.options[0].generated_kt = 1300.0  # 1000 from its own stacks, and the gases
    s.options[1].captured_kt, s.options[1].generated_kt = 700.0, 800.0
    for t in range(8):
        open_year(s, t)
        if t == 4:  # the works switches to an option that emits 100, captures 700 and ends the gases
            s.firms[0].option, s.firms[0].switched, s.firms[0].base_intact = 1, 1, 0
        keep_accounts(s, t)
        audit(s)
        if t == 3:
            assert s.account[0].scope1_kt == pytest.approx(2300.0)
            assert s.account[0].displaced_kt == pytest.approx(0.0)
    account = s.account[0]
    assert (account.scope1_kt, account.captured_kt) == pytest.approx((1100.0, 700.0))
    assert account.displaced_kt == pytest.approx(500.0)  # 200 at the works, and 300 of gases
    assert account.abated_share == pytest.approx(12 / 23)


@pytest.mark.parametrize("emitted", [1000.0, 1299.0, 1301.0])
def test_a_station_that_forgets_its_gases_is_caught(emitted):
    s = small_state(firms=2)
    s.firms[1].gas_supplier, s.firms[1].gas_kt = 0, 300.0
    s.options[0].generated_kt = 1300.0
    keep_accounts(s, 0)
    audit(s)
    s.firms[1].emission_kt = emitted
    with pytest.raises(ValueError, match="not those of the plant"):
        audit(s)


def test_a_works_whose_gases_nobody_burns_is_caught():
    s = small_state(firms=2)
    s.options[0].generated_kt = 1300.0
    keep_accounts(s, 0)
    with pytest.raises(ValueError, match="not emitted, captured or saved"):
        audit(s)


@pytest.mark.horizon
def test_books_balance_in_whole_runs_in_which_furnaces_go():
    """The kernel audits every quarter and raises; what it returns adds up to the register from outside too."""
    world = made_world(station(), works())
    parameters = random_parameters(3, 60)
    parameters.closure_level = 0.0
    series = simulate(world, parameters)[0]
    produced = series["scope1_kt"] + series["captured_kt"] + series["displaced_kt"]
    np.testing.assert_allclose(produced, 2200.0, rtol=1e-9)
    assert series["scope1_kt"][:, 0] == pytest.approx(2200.0)
    assert (series["scope1_kt"][:, -1] < 1700.0).any(), "no run ended the furnaces, so that this test shows nothing"


# Dunkirk.


@pytest.fixture(scope="module")
def world(whole_dunkirk):
    return build_world(whole_dunkirk, Package("none", "", "", None, {}), 2025, 2030, seed=1, check_books=True)


@pytest.mark.horizon
def test_dunkirk_starts_with_the_register_plant_by_plant(whole_dunkirk, world):
    with REGISTER.open(newline="", encoding="utf-8") as file:
        listed = {row["register_id"]: float(row["verified_t_2022"]) / 1000 for row in csv.DictReader(file)}
    s = world.fresh_state()
    found = emissions(world, s)
    for plant in whole_dunkirk.plants:
        assert found[plant.id] == pytest.approx(plant.scope1_kt_per_year, rel=1e-12)
        if plant.register_id:
            assert found[plant.id] == pytest.approx(listed[plant.register_id], abs=0.06)
    keep_accounts(s, 0)  # audits the books too
    assert 4 * s.account[0].scope1_kt == pytest.approx(sum(plant.scope1_kt_per_year for plant in whole_dunkirk.plants))


@pytest.mark.horizon
def test_dk6_burns_the_gases_of_arcelormittal_and_nobody_else_does(world):
    s = world.fresh_state()
    dk6, steel = world.firm_ids.index("dk6"), world.firm_ids.index("arcelormittal-dunkirk")
    assert s.firms[dk6].gas_supplier == steel
    assert [i for i in range(s.firms.size) if s.firms[i].gas_kt > 0] == [dk6]
    # 4020 GWh of power make 1387 kt of CO2 on natural gas (0.345 t/MWh); the register has 3954.7.
    assert s.firms[dk6].gas_kt == pytest.approx(2568, abs=1)
    s.firms[steel].base_intact = 0
    assert emission_rate(s, s.firms[dk6]) == pytest.approx(1387, abs=1)


# Mistakes in `firms.csv`.
