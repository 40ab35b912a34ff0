"""Fronts, crowding, hypervolume and the bootstrap over runs, against closed forms and brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clusterpact.results.statistics.front import (
    best,
    clearly_dominated,
    crowding,
    dominated_by,
    hypervolume,
    knee,
    ranks,
    statistic,
    thinned,
    weights,
)

KEPT = np.zeros(4)
CORNERS = np.array([[0.0, 3.0], [1.0, 1.0], [3.0, 0.0], [2.0, 2.0]])
SMALL = arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 3)), elements=st.integers(0, 3).map(float))


def test_a_package_is_dominated_by_one_that_is_no_worse_in_all_and_better_in_one():
    assert ranks(CORNERS, KEPT).tolist() == [0, 0, 0, 1]
    assert dominated_by(CORNERS, KEPT)[3].tolist() == [False, True, False, False]
    alike = np.ones((2, 3))
    assert not dominated_by(alike, np.zeros(2)).any()


def test_who_keeps_the_constraints_dominates_who_does_not_and_who_breaks_them_less_dominates_the_rest():
    assert ranks(CORNERS, np.array([0.0, 0.5, 0.1, 0.0])).tolist() == [0, 2, 1, 0]


@given(SMALL)
def test_ranks_are_those_of_fronts_taken_off_one_by_one(objectives):
    left, expected, rank = list(range(len(objectives))), {}, 0
    while left:

        def beats(a, b):
            return (objectives[a] <= objectives[b]).all() and (objectives[a] < objectives[b]).any()

        front = [k for k in left if not any(beats(other, k) for other in left)]
        expected |= dict.fromkeys(front, rank)
        left, rank = [k for k in left if k not in front], rank + 1
    assert ranks(objectives, np.zeros(len(objectives))).tolist() == [expected[k] for k in range(len(objectives))]


def test_of_a_front_that_is_too_large_the_ends_and_the_least_crowded_stay():
    line = np.array([[0.0, 10.0], [1.0, 9.0], [1.5, 8.5], [6.0, 4.0], [10.0, 0.0]])
    assert np.isinf(crowding(line)[[0, 4]]).all()
    assert best(line, np.zeros(5), 3).tolist() == [0, 3, 4]
    assert best(line, np.zeros(5), 9).tolist() == [0, 1, 2, 3, 4]


def test_the_hypervolume_of_boxes_is_their_volume():
    worst, ideal = np.array([4.0, 4.0]), np.zeros(2)
    exact = (4 * 1 + 3 * 2 + 1 * 1) / 16  # columns of the staircase (0,3), (1,1), (3,0)
    assert hypervolume(CORNERS, ideal, worst) == pytest.approx(exact, abs=0.002)
    assert hypervolume(np.zeros((1, 4)), np.zeros(4), np.ones(4)) == 1.0
    assert hypervolume(np.full((1, 4), 0.5), np.zeros(4), np.ones(4)) == pytest.approx(1 / 16, abs=0.002)
    assert hypervolume(np.full((1, 2), 5.0), ideal, worst) == 0.0
    assert hypervolume(np.zeros((0, 2)), ideal, worst) == 0.0


def test_an_objective_without_extent_is_left_out_of_the_hypervolume():
    assert hypervolume(np.array([[1.0, 7.0]]), np.array([0.0, 7.0]), np.array([2.0, 7.0])) == pytest.approx(0.5, abs=0.002)


@given(SMALL, SMALL)
def test_more_packages_never_cover_less(some, more):
    if some.shape[1] == more.shape[1]:
        box = np.zeros(some.shape[1]), np.full(some.shape[1], 4.0)
        assert hypervolume(np.vstack([some, more]), *box) >= hypervolume(some, *box)


@pytest.mark.parametrize(("kind", "plain"), [
    ("mean", np.mean), ("p90", lambda x: np.quantile(x, 0.9, method="inverted_cdf")),
    ("p10", lambda x: np.quantile(x, 0.1, method="inverted_cdf")),
])  # fmt: skip
def test_statistics_of_runs_that_weigh_alike_are_the_plain_ones(kind, plain):
    values = np.random.default_rng(1).normal(size=240)
    found = statistic(values, weights(50, 240, 1), kind)
    assert found.shape == (51,)
    assert found[0] == pytest.approx(plain(values))
    assert 0.3 < found[1:].std() * 240**0.5 < 3


def test_the_bootstrap_of_a_mean_has_its_standard_error():
    values = np.random.default_rng(2).normal(size=400)
    assert statistic(values, weights(2000, 400, 5), "mean")[1:].std() == pytest.approx(values.std() / 20, rel=0.08)


def test_the_weight_of_a_run_does_not_hang_on_how_many_runs_there_are():
    assert (weights(10, 40, 3)[:, :16] == weights(10, 16, 3)).all()
    assert (weights(10, 16, 3)[1:] != weights(10, 16, 4)[1:]).any()


def test_clearly_dominated_is_what_is_beaten_in_nearly_all_resamples():
    random = np.random.default_rng(1)
    noise = random.normal(size=(101, 1, 2))  # luck that packages share tells nothing
    objectives = np.array([[0.0, 0.0], [1.0, 1.0], [-1.0, 1.0]])[None] + noise
    objectives[1:, 1] += random.normal(scale=0.2, size=(100, 2))
    broken = np.zeros((101, 3))
    assert clearly_dominated(objectives, broken, np.array([0]), 0.95).tolist() == [False, True, False]
    objectives[1:, 1] += random.normal(scale=5.0, size=(100, 2))
    assert not clearly_dominated(objectives, broken, np.array([0]), 0.95).any()
    broken[:, 2] = 0.1
    assert clearly_dominated(objectives, broken, np.array([0]), 0.95).tolist() == [False, False, True]


def test_the_knee_is_nearest_to_the_best_of_all():
    assert knee(np.array([[0.0, 100.0], [1.0, 10.0], [10.0, 0.0]])) == 1


@given(SMALL, st.integers(1, 4))
def test_what_is_thinned_out_takes_nothing_from_the_hypervolume_of_those_before(objectives, most):
    """However many packages come after one another, each front so far dominates no less than the one before."""
    ideal, worst = np.full(objectives.shape[1], -1.0), np.full(objectives.shape[1], 4.0)
    before = 0.0
    for count in range(1, len(objectives) + 1):
        kept = thinned(objectives[:count], np.zeros(count), most, (ideal, worst))
        assert len(kept) <= most
        assert not dominated_by(objectives[kept], np.zeros(len(kept))).any()
        now = hypervolume(objectives[kept], ideal, worst)
        assert now >= before
        before = now
    whole = thinned(objectives, np.zeros(len(objectives)), len(objectives), (ideal, worst))
    front = objectives[ranks(objectives, np.zeros(len(objectives))) == 0]
    assert {tuple(row) for row in objectives[whole]} == {tuple(row) for row in front}


def test_who_keeps_the_constraints_is_kept_before_who_does_not_and_of_alike_ones_the_first():
    line = np.array([[0.0, 4.0], [1.0, 1.0], [1.0, 1.0], [4.0, 0.0]])
    box = (np.zeros(2), np.full(2, 4.0))
    assert sorted(thinned(line, np.zeros(4), 9, box)) == [0, 1, 3]
    assert thinned(line, np.array([0.0, 0.5, 0.0, 0.2]), 9, box) == [0, 2]
    assert thinned(line, np.array([0.4, 0.5, 0.3, 0.2]), 9, box) == [3]
    assert thinned(line, np.zeros(4), 1, box) == [1]
