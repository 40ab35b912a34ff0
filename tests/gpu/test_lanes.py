"""Rules on an interleaved state give the bytes that they give on a plain one, whatever a lane did before."""

import numpy as np
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.gpu.batches import OUTPUTS, Extent
from clusterpact.experiments.gpu.lanes import OWN, PLACES, SHARED, WIDTH, layout_at, table_at, words_in, words_of_lane
from clusterpact.experiments.running.shards import Shard, inputs_of, is_by_plant, run_shard, world_of
from clusterpact.sim.state import ARRAYS, PER_RUN

RUNS = 40


WAITS = """
name = "waits"
description = "two instruments that wait"
grant_share = { value = 0.4, when = "abated_share >= 0.05" }
lock_in = { value = 0.5, when = "carbon_price_eur_per_t < 120 for 2 years" }
"""


def experiment_of(name, **changes):
    return load_experiment(name, runs=RUNS, recording="plants", **changes)


def on_lanes(batches, experiment, policy, runs=RUNS):
    """What runs of a policy leave, from a card."""
    world = world_of(experiment, policy)
    batches.open(world, is_by_plant(experiment), runs)
    batches.start(*inputs_of(experiment, Shard(policy, experiment.first_run, runs)))
    return batches.finish()


def differences(found, expected):
    """The outputs that differ in a bit."""
    assert expected.series.nbytes > 0
    return [name for name in OUTPUTS if getattr(found, name).tobytes() != getattr(expected, name).tobytes()]


def plainly(experiment, policy, runs=RUNS):
    world = world_of(experiment, policy)
    arrays, failures = run_shard(experiment, world, world.fresh_state(), Shard(policy, experiment.first_run, runs))
    assert not failures
    return arrays


@pytest.mark.parametrize("policy", range(4))
@pytest.mark.parametrize("extent", [Extent(32, RUNS, 32), Extent(96, RUNS, 32)], ids=["in turns", "side by side"])
def test_a_run_of_dunkirk_is_the_same_in_every_policy(batches_of, policy, extent):
    experiment = experiment_of("dunkirk")
    assert len(experiment.policies) == 4
    found = on_lanes(batches_of(extent), experiment, policy)
    assert differences(found, plainly(experiment, policy)) == []


def test_so_it_is_in_a_world_of_several_clusters(batches_of):
    experiment = experiment_of("itp-regions")
    assert len(experiment.scenario.clusters) > 1
    policy = len(experiment.policies) - 1
    found = on_lanes(batches_of(Extent(32, 2, 32)), experiment, policy, 2)
    assert differences(found, plainly(experiment, policy, 2)) == []


def test_so_it_is_with_instruments_that_wait_for_a_signal(batches_of, tmp_path):
    package = tmp_path / "waits.toml"
    package.write_text(WAITS, encoding="utf-8")
    experiment = experiment_of("dunkirk", policies=[str(package)])
    found = on_lanes(batches_of(Extent(32, RUNS, 32)), experiment, 0)
    assert found.starts.shape == (RUNS, 2)
    assert (found.starts >= 0).any()
    assert differences(found, plainly(experiment, 0)) == []


def test_what_was_in_the_memory_of_a_lane_changes_nothing(batches_of, driver):
    experiment = experiment_of("dunkirk")
    batches = batches_of(Extent(32, RUNS, 32))
    first = on_lanes(batches, experiment, 1).series.tobytes()
    for size, memory in driver.taken.values():
        if size == 32 * 8 * words_of_lane(world_of(experiment, 1).template):
            memory[4096:-4096] = 0xFF  # every number is a NaN
    assert on_lanes(batches, experiment, 1).series.tobytes() == first


def test_no_rule_writes_to_what_lanes_share(batches_of, driver):
    experiment = experiment_of("dunkirk")
    batches = batches_of(Extent(32, RUNS, 32))
    for policy in range(len(experiment.policies)):
        template = world_of(experiment, policy).template
        on_lanes(batches, experiment, policy)
        _, memory = driver.taken[batches._template]
        words = words_in(template, tuple(ARRAYS))
        assert memory[4096 : 4096 + words.nbytes].tobytes() == words.tobytes()


def test_the_layout_of_a_lane_leaves_no_word_out_and_none_twice():
    template = world_of(experiment_of("dunkirk"), 3).template
    layout, table = layout_at(template, 1 << 40), table_at(template, 1 << 40)
    taken = np.zeros(words_of_lane(template), int)
    for place, (name, dtype) in enumerate(ARRAYS.items()):
        start, count = layout[PLACES[name] : PLACES[name] + 2]
        assert count == getattr(template, name).size
        if name in SHARED:
            assert start == table[2 * place] >= 1 << 40
            continue
        assert start % (8 * WIDTH) == 0
        first = start // (8 * WIDTH)
        taken[first : first + count * dtype.itemsize // 8] += 1
    assert (taken == 1).all()
    others, count = layout[PLACES["other_words"] : PLACES["other_words"] + 2]
    assert list(layout[PLACES["run_words"] : PLACES["run_words"] + 2]) == [0, others // (8 * WIDTH)]
    assert others // (8 * WIDTH) + count == len(taken)
    assert set(SHARED).isdisjoint(PER_RUN)
    assert set(OWN) | set(SHARED) == set(ARRAYS)
