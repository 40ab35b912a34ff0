"""What the data collector of a run holds of every quarter: its own flows and means, and levels as they stand at its end."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.policies.package import library_package
from clusterpact.sim.books import mean_carbon_price
from clusterpact.sim.measures import MEASURES
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.runs import simulate
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world, parameter_records
from tests.worlds.random import random_package, random_parameters, random_scenario

pytestmark = pytest.mark.horizon

NAMES = {kind: [measure.name for measure in MEASURES if measure.kind == kind] for kind in ("flow", "mean", "level")}


def world_and_parameters(number):
    """Dunkirk, or a random world, with one parameter record."""
    if number == 0:
        scenario = read_scenario(CLUSTERS / "dunkirk")
        return build_world(scenario, library_package("four-pillars"), 2026, 2045, seed=3), parameter_records({}, 1)
    world = build_world(random_scenario(number), random_package(number), 2025, 2042, seed=number)
    return world, random_parameters(number, 1)


@pytest.fixture(scope="module", params=[0, 4, 11], ids=["dunkirk", "random", "another"])
def walked(request):
    """A run in Mesa, its quarters with their year, the kernel's years, and what each quarter looked like."""
    world, parameters = world_and_parameters(request.param)
    years = pd.DataFrame(simulate(world, parameters, np.zeros(1, np.uint64)).series[0])
    model = ClusterModel(world, 0, parameters)
    seen = {"emitted": [], "price": []}
    while model.quarter < world.quarters:
        model.step()
        seen["emitted"].append(sum(firm.emission_kt for firm in model.firms))
        seen["price"].append(mean_carbon_price(model.state))
    quarters = model.datacollector.get_model_vars_dataframe()
    quarters["year"] = np.repeat(np.arange(world.years), 4)
    return model, quarters, years, {name: np.array(values) for name, values in seen.items()}


def test_four_quarters_of_a_flow_add_up_to_the_year_of_the_kernel(walked):
    _, quarters, years, _ = walked
    sums = quarters.groupby("year")[NAMES["flow"]].sum()
    assert (years[NAMES["flow"]] != 0).any().sum() >= 10
    pd.testing.assert_frame_equal(sums, years[NAMES["flow"]], check_names=False, rtol=1e-9, atol=1e-7)


def test_four_quarters_of_a_mean_have_the_mean_of_the_year_and_are_no_running_mean(walked):
    _, quarters, years, seen = walked
    means = quarters.groupby("year")[NAMES["mean"]].mean()
    pd.testing.assert_frame_equal(means, years[NAMES["mean"]], check_names=False, rtol=1e-9)
    assert np.allclose(quarters["carbon_price_eur_per_t"], seen["price"], rtol=1e-9)


def test_a_level_stands_in_every_quarter_and_ends_the_year_as_in_the_kernel(walked):
    model, quarters, years, seen = walked
    fourth = quarters[NAMES["level"]].iloc[3::4].reset_index(drop=True)
    pd.testing.assert_frame_equal(fourth, years[NAMES["level"]], check_exact=True)
    assert (quarters["trust_in_firms"] > 0).all()
    assert (quarters["jobs_direct"][:12] > 0).all()
    baseline = model.world.template.firms.baseline_kt.sum()
    assert np.allclose(quarters["abated_share"], 1 - seen["emitted"] / baseline, atol=1e-9)
    gates = quarters[[f"gate_{number}" for number in range(1, 13)]].sum(axis=1)
    assert np.allclose(gates + quarters["abated_share"], 1.0)


def test_emissions_of_a_quarter_are_a_quarter_of_the_yearly_rates_of_the_plants(walked):
    _, quarters, _, seen = walked
    assert np.allclose(quarters["scope1_kt"], seen["emitted"] / 4, rtol=1e-9)


def test_every_row_says_its_quarter(walked):
    model, quarters, _, _ = walked
    assert quarters["date"].tolist() == [model.world.date(t) for t in range(model.world.quarters)]


def test_looking_at_every_quarter_changes_no_number(walked):
    model, _, years, _ = walked
    assert pd.DataFrame(model.series).equals(years)
