"""A carbon price that is announced and never paid loses its government's credit and, with it, its effect (C5)."""

import numpy as np
import pytest

from clusterpact.agents.trust import trust
from clusterpact.agents.vocabulary import BY_FIRM
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import parameters_of
from clusterpact.policies.package import Package, library_package
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.runs import simulate
from clusterpact.sim.world import World, build_world

pytestmark = pytest.mark.horizon
ANNOUNCED = 250.0  #: EUR/t from 2026 on, some three times the market's price then
RUNS = 200
SIX_YEARS = 24  #: quarters after the announcement


def world(experiment, path: float) -> World:
    """Dunkirk under current policies and, if any, a carbon price path."""
    law = library_package("current-policies")
    schedules = law.schedules | ({"carbon_price_path_eur_per_t": ((2026, path),)} if path else {})
    package = Package("announced", "", "", None, schedules)
    return build_world(experiment.scenario, package, experiment.first_year, experiment.last_year, experiment.seed)


@pytest.fixture(scope="module")
def abated():
    """Abated shares by run and year: without an announcement, with one that is paid, and with one that never is."""
    experiment = load_experiment("dunkirk", runs=RUNS)
    drawn, numbers = parameters_of(experiment, 0, RUNS), np.arange(RUNS, dtype=np.uint64)
    found = {}
    for name, path, delivery in (("none", 0.0, 1.0), ("paid", ANNOUNCED, 1.0), ("never paid", ANNOUNCED, 0.0)):
        parameters = drawn.copy()
        parameters["announcement_delivery"] = delivery
        found[name] = simulate(world(experiment, path), parameters, numbers).series["abated_share"]
    return found


def change(abated, name):
    """Paired change of the mean abated share against no announcement, and the half of its 95 % interval."""
    differences = (abated[name] - abated["none"]).mean(axis=1)
    return differences.mean(), 1.96 * differences.std(ddof=1) / RUNS**0.5


def test_an_announcement_that_is_never_paid_ends_up_without_effect(abated):
    mean, half = change(abated, "never paid")
    assert mean <= half
    last = (abated["never paid"] - abated["none"])[:, -1]
    assert last.mean() <= 1.96 * last.std(ddof=1) / RUNS**0.5


def test_one_that_is_paid_keeps_its_effect(abated):
    mean, half = change(abated, "paid")
    assert mean - half > 0.02


def trust_after_six_years(delivery: float) -> float:
    """Mean trust of firms in the government that sets the price, six years after the announcement, over ten runs."""
    experiment = load_experiment("dunkirk", runs=10)
    drawn = parameters_of(experiment, 0, 10)
    drawn["announcement_delivery"] = delivery
    announced = world(experiment, ANNOUNCED)
    found = []
    for run in range(10):
        model = ClusterModel(announced, run, drawn[run : run + 1])
        for _ in range(4 + SIX_YEARS):
            model.step()
        state = model.state
        government = state.governments[state.pacts[0].carbon_government]
        kept, broken = government.kept[BY_FIRM], government.broken[BY_FIRM]
        found.append(np.mean([trust(kept, broken, firm.disposition) for firm in state.firms]))
        model.release()
    return float(np.mean(found))


def test_trust_in_who_announced_it_falls_below_two_fifths_in_six_years():
    assert trust_after_six_years(delivery=0.0) < 0.4


def test_trust_in_who_paid_it_does_not():
    assert trust_after_six_years(delivery=1.0) > 0.6
