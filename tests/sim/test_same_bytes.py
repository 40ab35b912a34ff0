"""Contracts 1 and 2: a run is a function of its inputs, whatever drives it; policies share their luck."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.policies.package import library_package
from clusterpact.sim.faces import Firm
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.runs import PIPELINE_COLUMNS
from clusterpact.sim.runs import simulate as run_many
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world, parameter_records
from tests.commands import printed, table_bytes
from tests.worlds.random import random_package, random_parameters, random_scenario, simulate

pytestmark = pytest.mark.horizon


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Tables of a Dunkirk experiment from one thread."""
    folder = tmp_path_factory.mktemp("reference") / "result"
    run_experiment(load_experiment("dunkirk", runs=23), folder, RunOptions(threads=1))
    return table_bytes(folder)


@pytest.mark.parametrize("number", range(24))
def test_the_mesa_driver_gives_the_bytes_of_the_kernel(number: int) -> None:
    world = build_world(random_scenario(number), random_package(number), 2025, 2042, seed=number)
    parameters = random_parameters(number, 2)
    series, gates, _, _ = simulate(world, parameters)
    model = ClusterModel(world, 1, parameters[1:2]).run()
    assert model.series.tobytes() == series[1].tobytes()
    assert (model.gates == gates[1]).all()
    model.release()


@pytest.mark.parametrize("name", ["dunkirk", "nrw"])
def test_units_projects_and_buyers_are_the_same_under_both_drivers(name: str) -> None:
    world = build_world(read_scenario(CLUSTERS / name), library_package("four-pillars"), 2026, 2045, seed=7)
    parameters = parameter_records({"buyer_signs_per_year": np.full(2, 0.6)}, 2)
    numbers = np.arange(2, dtype=np.uint64)
    arrays = run_many(world, parameters, numbers)
    model = ClusterModel(world, 1, parameters[1:2]).run()
    assert model.series.tobytes() == arrays.series[1].tobytes()
    assert (model.gates == arrays.gates[1]).all()
    fates = [model.state.pipeline[column].tolist() for column in PIPELINE_COLUMNS]
    assert fates == arrays.pipeline[1].T.tolist()
    assert model.series["offtakes_signed"].any()
    model.release()


@pytest.mark.parametrize("theories", [{"choice": "npv"}, {"votes": "interest"}, {"adoption": "solitary"}])
def test_both_drivers_agree_under_every_theory(theories: dict[str, str]) -> None:
    world = build_world(random_scenario(5), random_package(5), 2025, 2042, seed=5, theories=theories)
    parameters = random_parameters(5, 1)
    series, gates, _, _ = simulate(world, parameters)
    model = ClusterModel(world, 0, parameters).run()
    assert model.series.tobytes() == series[0].tobytes()
    assert (model.gates == gates[0]).all()
    model.release()


def test_two_threads_give_the_tables_of_one(reference: dict[str, bytes], tmp_path: Path) -> None:
    run_experiment(load_experiment("dunkirk", runs=23), tmp_path / "r", RunOptions(threads=2, shard_runs=3))
    assert table_bytes(tmp_path / "r") == reference


@pytest.mark.parametrize("shard_runs", [1, 7, 22, 100])
def test_odd_shards_give_the_same_tables(reference: dict[str, bytes], tmp_path: Path, shard_runs: int) -> None:
    run_experiment(load_experiment("dunkirk", runs=23), tmp_path / "r", RunOptions(shard_runs=shard_runs))
    assert table_bytes(tmp_path / "r") == reference


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_the_hash_seed_of_python_changes_nothing(reference: dict[str, bytes], tmp_path: Path, hash_seed: str) -> None:
    command = ("-m", "clusterpact", "run", "dunkirk", "--runs", 23, "--no-figures", "-q", "--out", tmp_path / "r")
    printed(*command, where=tmp_path, PYTHONHASHSEED=hash_seed)
    assert table_bytes(tmp_path / "r") == reference


def test_a_run_does_not_hang_on_the_runs_before_it() -> None:
    world = build_world(random_scenario(3), random_package(3), 2025, 2045, seed=1)
    together = simulate(world, random_parameters(3, 5))
    alone = simulate(world, random_parameters(3, 5)[4:], first_run=4)
    for a, b in zip(together, alone, strict=True):
        assert a[4].tobytes() == b[0].tobytes()


def test_two_policies_meet_the_same_prices_elections_and_firms() -> None:
    scenario = random_scenario(5)
    parameters = parameter_records({}, 1)
    models = [ClusterModel(build_world(scenario, random_package(n), 2025, 2045, seed=9), 0, parameters) for n in (1, 2)]
    for field in ("disposition", "optimism", "free_rider", "board_quarter", "campaign_age"):
        assert (models[0].state.firms[field] == models[1].state.firms[field]).all()
    for model in models:
        model.run()
    assert (models[0].state.world.noise == models[1].state.world.noise).all()


def test_another_seed_gives_another_run() -> None:
    scenario, package = random_scenario(5), random_package(5)
    first, second = (
        simulate(build_world(scenario, package, 2025, 2045, seed=s), random_parameters(5, 1))[0] for s in (1, 2)
    )
    assert first.tobytes() != second.tobytes()


def test_a_decision_replaced_in_python_changes_the_run() -> None:
    class NeverInvests(Firm):
        def invests(self) -> bool:
            return False

    world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("pact"), 2025, 2045, seed=2)
    usual = ClusterModel(world, 0).run()
    refusing = ClusterModel(world, 0, firm=NeverInvests).run()
    assert usual.series["project_capex_meur"].sum() > 0
    later = refusing.series["project_capex_meur"] - refusing.series["overrun_meur"]  # what was decided before is dearer
    assert later.sum() == 0
    assert np.isfinite(refusing.series["scope1_kt"]).all()


PLAIN = """
import hashlib
from clusterpact.policies.package import library_package
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.runs import PIPELINE_COLUMNS
from clusterpact.sim.runs import simulate as run_many
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("four-pillars"), 2025, 2034, 5)
model = ClusterModel(world, 1).run()
print(hashlib.sha256(model.series.tobytes() + model.gates.tobytes()).hexdigest())
"""


def test_the_rules_as_plain_python_give_the_bytes_of_the_kernel() -> None:
    """The same source without the compiler: what a debugger steps through is what runs in the batch."""
    answer = printed("-W", "error::RuntimeWarning", "-c", PLAIN, NUMBA_DISABLE_JIT="1")
    world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("four-pillars"), 2025, 2034, 5)
    series, gates, _, _ = simulate(world, parameter_records({}, 2))
    assert answer.strip() == hashlib.sha256(series[1].tobytes() + gates[1].tobytes()).hexdigest()
