"""Scenario discovery on made futures: a planted box is found, pure noise gives none, and what a box rests on is told."""

import numpy as np
import pytest

from clusterpact.results.statistics.boxes import discover_boxes, split
from clusterpact.results.statistics.tree import grow

RUNS, DIMENSIONS = 1000, 8


@pytest.fixture(params=[4, pytest.param(20, marks=pytest.mark.slow)])
def seeds(request):
    """How many seeds are tried: few each time, and all that is claimed where there is time."""
    return request.param


def uniform(seed):
    return np.random.default_rng(seed).uniform(size=(RUNS, DIMENSIONS))


def planted(x):
    """Three tenths of two dimensions' range, and a third that is cut on one side."""
    return (x[:, 1] < 0.45) & (x[:, 4] > 0.3) & (x[:, 4] < 0.8)


def test_a_planted_box_is_found_with_coverage_and_density(seeds):
    found = 0
    for seed in range(seeds):
        x = uniform(seed)
        boxes = discover_boxes(x, planted(x), split(RUNS, seed), seed)
        found += bool(boxes) and min(boxes[0].density, boxes[0].coverage, boxes[0].held_density,
                                     boxes[0].held_coverage) >= 0.9 and set(boxes[0].limits) == {1, 4}  # fmt: skip
    assert found >= seeds - 1


def test_pure_noise_gives_no_box(seeds):
    none = 0
    for seed in range(seeds):
        x = uniform(seed)
        event = np.random.default_rng(100 + seed).uniform(size=RUNS) < 0.3
        none += discover_boxes(x, event, split(RUNS, seed), seed) == []
    assert none >= seeds - 1


def test_pure_noise_gives_a_tree_without_branches(seeds):
    none = 0
    for seed in range(seeds):
        x = uniform(seed)
        event = np.random.default_rng(100 + seed).uniform(size=RUNS) < 0.3
        none += len(grow(x, event, split(RUNS, seed), seed)) == 1
    assert none >= seeds - 1


def test_a_tree_finds_the_planted_box_as_one_leaf():
    x = uniform(3)
    leaves = grow(x, planted(x), split(RUNS, 3), 3)
    best = max(leaves, key=lambda leaf: leaf.density * leaf.coverage)
    assert set(best.limits) == {1, 4}
    assert min(best.density, best.coverage, best.held_density) >= 0.9
    assert best.held_coverage >= 0.8
    assert sum(leaf.mass for leaf in leaves) == pytest.approx(1)
    assert sum(leaf.coverage for leaf in leaves) == pytest.approx(1)


def test_two_boxes_are_found_one_after_the_other():
    x = uniform(5)
    event = ((x[:, 0] < 0.35) & (x[:, 1] < 0.5)) | ((x[:, 2] > 0.7) & (x[:, 0] > 0.5))
    boxes = discover_boxes(x, event, split(RUNS, 5), 5)
    assert [set(box.limits) for box in boxes[:2]] in ([{0, 1}, {0, 2}], [{0, 2}, {0, 1}])
    assert sum(box.coverage for box in boxes) >= 0.9
    assert sum(box.coverage for box in boxes) <= 1 + 1e-9


def test_an_event_that_hangs_on_something_that_did_or_did_not_happen_is_found():
    """Nothing but zeros and ones in a dimension: it is cut whole."""
    x = uniform(7)
    x[:, 2] = x[:, 2] < 0.4
    event = (x[:, 2] == 0) & (x[:, 0] < 0.5)
    (box,) = discover_boxes(x, event, split(RUNS, 7), 7)
    assert set(box.limits) == {0, 2}
    assert box.limits[2] == (None, 0.0)
    assert box.limits[0][0] is None
    assert box.limits[0][1] == pytest.approx(0.5, abs=0.05)


def test_a_restriction_that_brings_nothing_is_dropped_and_the_others_have_their_quasi_p_value():
    """What bumping keeps may restrict a dimension by chance: its quasi-p-value tells."""
    for seed in range(5):
        x = uniform(seed)
        event = planted(x) | (np.random.default_rng(seed).uniform(size=RUNS) < 0.1)
        (box, *_others) = discover_boxes(x, event, split(RUNS, seed), seed)
        assert set(box.quasi_p) == set(box.limits) == {1, 4}
        assert max(box.quasi_p.values()) < 0.001


def test_a_box_tells_its_path_from_all_futures_to_itself():
    """Density rises as coverage falls: the trade-off that the figure shows."""
    x = uniform(2)
    (box, *_others) = discover_boxes(x, planted(x), split(RUNS, 2), 2)
    coverage, density = np.array(box.path).T
    assert coverage[0] == 1
    assert density[-1] > 3 * density[0]
    assert (np.diff(coverage) <= 1e-12).all()


def test_the_held_out_runs_are_a_third_by_number_and_another_seed_takes_others():
    one, again, other = split(300, 1), split(300, 1), split(300, 2)
    assert one.sum() == 100
    assert (one == again).all()
    assert (one != other).any()


def test_the_same_seed_finds_the_same_boxes():
    x = uniform(4)
    assert discover_boxes(x, planted(x), split(RUNS, 4), 4) == discover_boxes(x, planted(x), split(RUNS, 4), 4)
