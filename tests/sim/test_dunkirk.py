"""The Dunkirk cluster: its account agrees with the register, its figures have sources, its packages run."""

import csv
from pathlib import Path

import numpy as np
import pytest

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import library_names, library_package
from clusterpact.sim.world import build_world
from tests.worlds.random import random_parameters, simulate

pytestmark = pytest.mark.horizon

REGISTER = Path(__file__).parents[1] / "data" / "register_dunkirk_2022.csv"


def register() -> dict[str, float]:
    with REGISTER.open(newline="", encoding="utf-8") as file:
        return {row["register_id"]: float(row["verified_t_2022"]) / 1000 for row in csv.DictReader(file)}


def test_scope_1_at_the_start_agrees_with_the_register_to_one_percent(dunkirk) -> None:
    world = build_world(dunkirk, library_package("current-policies"), 2026, 2030, seed=1)
    listed = register()
    included = [units[0].register_id for units in dunkirk.sites.values() if units[0].register_id]
    assert sorted(included) == sorted(listed)
    assert world.template.firms.baseline_kt.sum() == pytest.approx(sum(listed.values()), rel=0.01)
    parameters = random_parameters(1, 3)
    parameters.closure_level = 0.0
    series = simulate(world, parameters)[0]
    closed = sum(plant.scope1_kt_per_year for plant in dunkirk.plants if getattr(plant, "last_year", None) == 2025)
    assert series["scope1_kt"][:, 0] == pytest.approx(sum(listed.values()) - closed, rel=0.01)


def test_every_plant_agrees_with_its_register_entry(dunkirk) -> None:
    listed = register()
    for units in dunkirk.sites.values():
        if units[0].register_id:
            found = sum(unit.scope1_kt_per_year for unit in units)
            assert found == pytest.approx(listed[units[0].register_id], abs=0.06)


def test_every_figure_has_a_source_and_a_mark(dunkirk) -> None:
    for plant in dunkirk.plants:
        assert plant.source
        assert plant.capacity_mark
        assert plant.scope1_mark or plant.scope1_kt_per_year == 0
        assert (plant.jobs_mark is not None) == (plant.jobs is not None)
    file = dunkirk.file
    for item in (*file.network, *file.financier, *file.government, *file.link, *file.resource, *dunkirk.projects,
                 *dunkirk.buyers):  # fmt: skip
        assert item.source
        assert item.mark
    for row in (*dunkirk.tables.technologies, *dunkirk.tables.prices, *dunkirk.tables.economy.values()):
        assert row.source


def test_it_holds_what_the_basin_holds(dunkirk) -> None:
    kinds = {network.kind for network in dunkirk.file.network}
    assert kinds == {"co2_ts", "h2_pipeline", "grid", "waste_heat_network"}
    assert {lender.kind for lender in dunkirk.file.financier} == {
        "commercial", "development_bank", "infrastructure_fund",
    }  # fmt: skip
    planned = {plant.sector for plant in dunkirk.plants if plant.status == "planned"}
    assert {"hydrogen", "batteries"} <= planned
    assert len(dunkirk.sites) == 24


@pytest.mark.parametrize("name", library_names())
def test_every_package_of_the_library_runs_with_balanced_books(dunkirk, name: str) -> None:
    world = build_world(dunkirk, library_package(name), 2025, 2050, seed=3, check_books=True)
    series = simulate(world, random_parameters(2, 10))[0]
    assert np.isfinite(series["abated_share"]).all()
    assert (series["abated_share"] <= 1.0).all()


def test_there_are_34_behavioural_parameters_within_their_bounds() -> None:
    behavioural = [p for p in PARAMETERS.values() if p.is_behavioural]
    assert len(behavioural) == 34
    for parameter in PARAMETERS.values():
        assert parameter.low <= parameter.default <= parameter.high
        assert parameter.meaning
        assert parameter.unit
        assert parameter.source
        assert parameter.confidence in {"low", "medium", "high"}


#: Parameters without a counterpart in the basin, and why.
ABSENT = {
    "oil_price_level": "no refinery",
    "peer_adoption_per_year": "no peer ties in a world of one cluster",
}


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_reaches_the_model(dunkirk, name: str) -> None:
    """Moving a parameter from its low to its high bound changes some run under a package that uses everything."""
    from clusterpact.policies.package import Package

    strengths = {key: ((2026, i.typical),) for key, i in INSTRUMENTS.items() if key != "carbon_price_floor_eur_per_t"}
    strengths |= {"ccfd_budget_meur_per_year": ((2030, 100.0),), "phase_out": ((2045, 0.5),)}
    strengths |= {"carbon_price_path_eur_per_t": ((2048, 150.0),)}
    world = build_world(dunkirk, Package("all", "", "", None, strengths), 2025, 2050, seed=3)
    if name == "npl_runoff_per_quarter":  # bad loans matter only where all lenders are short of room
        world.template.financiers.capital_meur /= 20
    changed = False
    for number in range(20):
        low, high = random_parameters(number, 40), random_parameters(number, 40)
        low[name], high[name] = PARAMETERS[name].low, PARAMETERS[name].high
        changed = simulate(world, low)[0].tobytes() != simulate(world, high)[0].tobytes()
        if changed:
            break
    assert changed == (name not in ABSENT)


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_every_instrument_reaches_the_model(dunkirk, name: str) -> None:
    from clusterpact.policies.package import Package

    base = {"monitoring": ((2026, 0.1),)} if name == "sanctions" else {}
    off = build_world(dunkirk, Package("off", "", "", None, base), 2025, 2050, seed=3)
    on = build_world(dunkirk, Package("on", "", "", None, base | {name: ((2026, INSTRUMENTS[name].high),)}), 2025, 2050, 3)
    parameters = random_parameters(5, 40)
    changed = simulate(off, parameters)[0].tobytes() != simulate(on, parameters)[0].tobytes()
    assert changed == (name != "peer_learning"), "peers change nothing in a world without peer ties, all else does"
