"""Contract 3: what is irrelevant stays irrelevant, to the last bit."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package, library_package
from clusterpact.sim.cluster import Plant
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from tests.worlds.random import TABLES, random_package, random_parameters, random_scenario, simulate

pytestmark = pytest.mark.horizon


def run(scenario, package, number: int = 0, runs: int = 3):
    world = build_world(scenario, package, 2025, 2045, seed=number)
    return world, simulate(world, random_parameters(number, runs))


@pytest.mark.parametrize("number", range(6))
def test_a_policy_of_zero_strength_is_no_policy(number: int) -> None:
    scenario = random_scenario(number)
    _, nothing = run(scenario, Package("nothing", "", "", None, {}), number)
    zeros = dict.fromkeys(INSTRUMENTS, ((2025, 0.0), (2030, 0.0)))
    _, zero = run(scenario, Package("zero", "", "", None, zeros), number)
    for a, b in zip(nothing, zero, strict=True):
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("place", ["aaa-first", "plant-0b", "zzz-last"])
@pytest.mark.parametrize("number", range(4))
def test_an_inert_firm_changes_nothing_else(number: int, place: str) -> None:
    scenario = random_scenario(number)
    inert = Plant(id=place, name="Inert", sector="cement", technology="dry kiln (EU fuel mix)", capacity_kt_per_year=0.0)
    more = replace(scenario, plants=tuple(sorted((*scenario.plants, inert), key=lambda p: p.id)))
    package = random_package(number)
    world, (series, gates, projects, networks) = run(scenario, package, number)
    bigger, (series2, gates2, projects2, networks2) = run(more, package, number)
    assert series.tobytes() == series2.tobytes()
    assert networks.tobytes() == networks2.tobytes()
    others = [i for i, name in enumerate(bigger.firm_ids) if name != place]
    assert [bigger.firm_ids[i] for i in others] == list(world.firm_ids)
    assert (gates == gates2[:, others]).all()
    assert (projects == projects2[:, others]).all()


def test_the_order_of_rows_in_firms_csv_changes_nothing(tmp_path: Path) -> None:
    source = CLUSTERS / "dunkirk"
    for path in source.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    header, *rows = (source / "firms.csv").read_text(encoding="utf-8").splitlines()
    Random(1).shuffle(rows)
    (tmp_path / "firms.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    package = library_package("four-pillars")
    world, straight = run(read_scenario(source), package)
    _, shuffled = run(read_scenario(tmp_path), package)
    assert len(world.firm_ids) > len(rows)
    for a, b in zip(straight, shuffled, strict=True):
        assert a.tobytes() == b.tobytes()


def test_one_more_uncertain_parameter_leaves_the_draws_of_others() -> None:
    from clusterpact.experiments.design import Distribution, draw_design

    one = {"bindingness": Distribution("uniform", (0.1, 0.9), 0.1, 0.9)}
    two = {"equity_share_max": Distribution("triangular", (0.2, 0.3, 0.6), 0.2, 0.6)} | one
    assert (draw_design(one, 7, 0, 50)["bindingness"] == draw_design(two, 7, 0, 50)["bindingness"]).all()
    assert (draw_design(one, 7, 20, 5)["bindingness"] == draw_design(one, 7, 0, 50)["bindingness"][20:25]).all()


def test_a_technology_that_no_plant_can_use_changes_nothing() -> None:
    scenario = random_scenario(2)
    unused = next(row for row in TABLES.technologies if row.sector not in {p.sector for p in scenario.plants})
    fewer = replace(TABLES, technologies=tuple(row for row in TABLES.technologies if row is not unused))
    _, all_rows = run(scenario, random_package(2))
    _, fewer_rows = run(replace(scenario, tables=fewer), random_package(2))
    assert all_rows[0].tobytes() == fewer_rows[0].tobytes()


def test_recording_does_not_touch_the_run() -> None:
    """Series and gates are copies: spoiling them between runs changes no later run."""
    world = build_world(random_scenario(4), random_package(4), 2025, 2045, seed=0)
    first = simulate(world, random_parameters(4, 2))[0].copy()
    assert first.tobytes() == simulate(world, random_parameters(4, 2))[0].tobytes()
    assert np.isfinite(first["scope1_kt"]).all()
