"""Waste heat by season: ORI Martin sells heat to homes in winter and makes power in summer, as measured (iRecovery).

Everything follows from the plant's own row and energy balance. What is not independent: the efficiency of the Rankine
cycle was itself derived from 1.8 of 10 MW; the hours, the losses and what a home takes were not fitted to the plant.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from clusterpact.policies.package import library_package
from clusterpact.sim.books import HEAT_LOSS, HOME_HEAT_MWH, HOME_POWER_KW, ORC_EFFICIENCY, is_warm
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.options import COLD_SHARE, RECOVERY_HOURS
from clusterpact.sim.scenario import CLUSTERS, Scenario, read_scenario
from clusterpact.sim.world import World, build_world, parameter_records
from tests.worlds.random import simulate

pytestmark = pytest.mark.horizon

MW_THERMAL, MW_ELECTRIC = 10.0, 1.8  #: published: pitagorasproject.eu
GJ_SOLD = 82_750  #: heat sold in 2019, measured: steelorbis.com 2020-12
NEAR = pytest.approx


@dataclass(frozen=True)
class Year:
    """What one plant alone recovers and sells in the first year of a run, GWh; heat and power by quarter."""

    recovered: float
    heat: np.ndarray
    power: np.ndarray

    @property
    def heat_to_users(self) -> float:
        """Heat that left the plant for homes, before losses."""
        return self.heat.sum() / (1 - HEAT_LOSS)

    @property
    def heat_to_cycle(self) -> float:
        """Heat that went into the Rankine cycle."""
        return self.power.sum() / ORC_EFFICIENCY


def alone(**changes) -> Scenario:
    """The cluster with ORI Martin as its only plant."""
    brescia = read_scenario(CLUSTERS / "brescia")
    plant = next(plant for plant in brescia.plants if plant.id == "ori-martin").model_copy(update=changes)
    return replace(brescia, plants=(plant,), file=brescia.file.model_copy(update={"link": ()}))


def world_of(scenario: Scenario) -> World:
    return build_world(scenario, library_package("current-policies"), 2025, 2026, seed=1, check_books=True)


def first_year(**changes) -> Year:
    model = ClusterModel(world_of(alone(**changes)))
    heat, power = [0.0], [0.0]
    for _ in range(4):
        model.step()
        heat.append(float(model.state.account[0].heat_sold_gwh))
        power.append(float(model.state.account[0].heat_power_gwh))
    return Year(float(model.state.options[0].heat_gwh), np.diff(heat), np.diff(power))


@pytest.fixture(scope="module")
def year() -> Year:
    return first_year()


def published(quantity: str) -> tuple[float, float]:
    """A published figure of the cluster file, and its tolerance as a share."""
    item = next(p for p in alone().file.published if p.quantity == quantity)
    assert item.tolerance_pct <= 15
    return item.value, item.tolerance_pct / 100


def test_heat_sold_is_what_was_measured(year):
    value, tolerance = published("heat_sold_gwh")
    assert value == NEAR(GJ_SOLD / 3600, rel=0.01)
    assert year.heat.sum() == NEAR(GJ_SOLD / 3600, rel=tolerance)


def test_the_compiled_driver_sells_the_same(year):
    series = simulate(world_of(alone()), parameter_records({}, 1))[0]
    assert (series["heat_sold_gwh"][0, 0], series["heat_power_gwh"][0, 0]) == NEAR((year.heat.sum(), year.power.sum()))


def test_its_power_is_that_of_the_built_plant(year):
    thermal_mw = 1000 * (year.heat_to_users + year.heat_to_cycle) / RECOVERY_HOURS
    electric_mw = 1000 * year.power.sum() / ((1 - COLD_SHARE) * RECOVERY_HOURS)
    assert thermal_mw == NEAR(MW_THERMAL, rel=0.15)
    assert electric_mw == NEAR(thermal_mw * ORC_EFFICIENCY)
    assert electric_mw == NEAR(MW_ELECTRIC, rel=0.15)


def test_it_heats_and_powers_as_many_homes_as_published(year):
    heated = 1000 * year.heat.sum() / HOME_HEAT_MWH
    value, tolerance = published("homes_heated")
    assert heated == NEAR(value, rel=tolerance)
    powered = 1e6 * year.power.sum() / ((1 - COLD_SHARE) * RECOVERY_HOURS) / HOME_POWER_KW
    value, tolerance = published("homes_powered")
    assert powered == NEAR(value, rel=tolerance)


def test_no_heat_is_sold_in_warm_quarters_and_no_power_made_in_cold_ones(year):
    warm = np.array([bool(is_warm(t)) for t in range(4)])
    assert warm.sum() == 4 * (1 - COLD_SHARE)
    assert (year.heat[warm] == 0).all()
    assert (year.heat[~warm] > 0).all()
    assert (year.power[~warm] == 0).all()
    assert (year.power[warm] > 0).all()


def test_heat_sold_losses_and_heat_to_the_cycle_are_the_heat_recovered(year):
    losses = year.heat_to_users - year.heat.sum()
    assert losses == NEAR(HEAT_LOSS * year.heat_to_users)
    assert year.heat.sum() + losses + year.heat_to_cycle == NEAR(year.recovered)


def test_without_its_stated_size_it_would_sell_twice_the_measured_heat():
    unlimited = first_year(heat_recovery_mw=None)
    assert unlimited.heat.sum() / (GJ_SOLD / 3600) == NEAR(2, rel=0.1)
    assert 1000 * unlimited.heat.sum() / HOME_HEAT_MWH > 1.15 * published("homes_heated")[0]


def test_in_the_whole_cluster_only_ori_martin_sells_heat_before_a_link_forms(year):
    brescia = read_scenario(CLUSTERS / "brescia")
    unlinked = replace(brescia, file=brescia.file.model_copy(update={"link": ()}))
    series = simulate(world_of(unlinked), parameter_records({}, 1))[0]
    assert series["heat_sold_gwh"][0, 0] == NEAR(year.heat.sum())
