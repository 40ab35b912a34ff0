"""History matching on toy simulators whose truth is known: counts with three factors of twenty that matter."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from clusterpact.results.statistics.emulation import active_factors, emulate, predict, sobol_points, summary
from clusterpact.results.statistics.matching import (
    SAYS_NOTHING,
    Targets,
    identifiability,
    implausibility,
    kept_test,
    largest,
    likelihood_weights,
    measured,
    next_wave,
    walk,
)

FACTORS, STATISTICS, POINTS, REPLICATES = 20, 6, 256, 8
ACTIVE = (2, 7, 11)
NAMES = [f"p{number}" for number in range(FACTORS)]
TRUTH = np.full(FACTORS, 0.5)
TRUTH[list(ACTIVE)] = 0.3, 0.7, 0.2


def expected(points):
    """Mean counts (points, statistics): two statistics each hang on factors 2 and 7, one on all three, one on none."""
    a, b, c = (points[:, factor] for factor in ACTIVE)
    logs = [4 + 2 * a, 3 + 2 * b, 5 - 2 * a, 5 - 2 * b, 3.5 + a * b + c, np.full(len(points), 3.0)]
    return np.exp(np.array(logs).T)


def simulate(points, replicates, seed):
    """Roots of Poisson counts: (points, replicates, statistics)."""
    means = expected(points)[:, None, :]
    return np.sqrt(np.random.default_rng(seed).poisson(means, (len(points), replicates, STATISTICS)))


def record(truth, seed):
    """One run of history at a point, and next to no discrepancy."""
    return targets(simulate(truth[None, :], 1, seed)[0, 0])


def targets(observed):
    small = np.full(len(observed), 1e-3)
    return Targets(np.asarray(observed, float), small, small)


def first_wave(seed=1):
    points = sobol_points(POINTS, FACTORS, seed)
    return emulate(points, *summary(simulate(points, REPLICATES, seed)), REPLICATES)


@pytest.fixture(scope="module")
def emulators():
    return first_wave()


@pytest.fixture(scope="module")
def kept(emulators):
    return kept_test([(emulators, record(TRUTH, 5))])


@pytest.fixture(scope="module")
def left(kept):
    return next_wave(kept, 1000, FACTORS, 3)


# Points, summaries and what is active.


@pytest.mark.parametrize("count", [1, 2, 100, 256])
def test_sobol_points_fill_the_cube_evenly(count):
    points = sobol_points(count, 70, 4)
    assert points.shape == (count, 70)
    assert points.min() >= 0
    assert points.max() < 1
    if count == 256:  # one in each of 256 slices of every axis
        assert (np.sort((points * 256).astype(int), axis=0) == np.arange(256)[:, None]).all()
    assert (points == sobol_points(count, 70, 4)).all()
    assert (points != sobol_points(count, 70, 5)).any()


def test_summary_by_hand():
    means, variances = summary(np.array([[[1.0], [2.0], [6.0]], [[4.0], [4.0], [4.0]]]))
    assert means.tolist() == [[3.0], [4.0]]
    assert variances.tolist() == [[7.0], [0.0]]
    with pytest.raises(ValueError, match="at least 2 replicates"):
        summary(np.ones((3, 1, 2)))


def test_factors_are_found_by_line_parabola_and_product():
    points = sobol_points(512, 70, 6)
    x = points - 0.5
    values = x[:, 40] + 4 * x[:, 12] ** 2 + 2 * x[:, 40] * x[:, 3] + 0.1 * np.random.default_rng(6).normal(size=512)
    assert set(active_factors(points, values)) == {40, 12, 3}


def test_the_lattice_of_a_sobol_set_is_no_factor():
    """A steep function of two factors, which a third, 0.6 % of the variance, seems to move by the pattern of the points."""
    points = sobol_points(1024, 70, 1)
    a, b = points[:, 9], points[:, 11]
    mean = np.exp(1.5 + 1.2 * a + 6 * (b - 0.5) ** 2 + a * b)
    runs = np.sqrt(np.random.default_rng(2).poisson(mean[:, None, None], (1024, 8, 1)))
    (item,) = emulate(points, *summary(runs), 8)
    assert set(item.active) == {9, 11}


def test_noise_lets_factors_in_as_seldom_as_the_level_says():
    points = sobol_points(200, FACTORS, 7)
    rng = np.random.default_rng(7)
    fooled = [len(active_factors(points, rng.normal(size=200), level=0.2)) > 0 for _ in range(100)]
    assert 8 <= sum(fooled) <= 32
    assert active_factors(points, np.ones(200)) == ()


# Emulators.


def test_each_emulator_knows_its_factors(emulators):
    found = [set(item.active) for item in emulators]
    assert found == [{2}, {7}, {2}, {7}, {2, 7, 11}, set()]


def test_predictions_are_as_good_as_their_variances_say(emulators):
    points = np.random.default_rng(8).random((300, FACTORS))
    truth, luck = summary(simulate(points, 2000, 8))
    means, variances, emulated_luck = predict(emulators, points)
    explained = 1 - ((means - truth) ** 2).mean(axis=0)[:5] / truth.var(axis=0)[:5]
    assert (explained > 0.98).all()
    errors = np.sqrt(((means - truth) ** 2 / variances).mean(axis=0))
    assert (errors < 2).all()
    assert (errors[:5] > 0.3).all()
    np.testing.assert_allclose(emulated_luck, luck, rtol=0.35)  # a root of a count has variance 1/4


def test_left_out_errors_have_size_one(emulators):
    for item in emulators:
        assert len(item.errors) == POINTS
        assert item.errors.std() == pytest.approx(1, abs=0.15)


def test_luck_is_followed_where_it_changes_and_keeps_off_zero():
    """Standard deviation exp(2 x0), and none at all below x0 = 0.2."""
    points = sobol_points(256, 5, 9)

    def deviation(x):
        return np.exp(2 * x) * (x > 0.2)

    noise = np.random.default_rng(9).normal(size=(256, 16, 1))
    runs = 10 * points[:, [1], None] + deviation(points[:, [0], None]) * noise
    items = emulate(points, *summary(runs), 16)
    assert items[0].luck_active == (0,)
    x = np.random.default_rng(10).random((200, 5))
    luck = predict(items, x)[2][:, 0]
    busy = x[:, 0] > 0.4
    np.testing.assert_allclose(luck[busy], deviation(x[busy, 0]) ** 2, rtol=0.5)
    assert luck.min() > 0


def test_what_never_varies_is_hit_or_missed():
    points = sobol_points(64, 3, 11)
    items = emulate(points, np.full((64, 1), 2.0), np.zeros((64, 1)), 8)
    zero = np.zeros(1)
    assert (implausibility(points, items, Targets(np.array([2.0]), zero, zero)) == 0).all()
    assert np.isinf(implausibility(points, items, Targets(np.array([3.0]), zero, zero))).all()


def test_the_same_bytes_twice(emulators, kept, left):
    again = first_wave()
    points = sobol_points(500, FACTORS, 12)
    for first, second in zip(predict(emulators, points), predict(again, points), strict=True):
        assert first.tobytes() == second.tobytes()
    assert next_wave(kept, 1000, FACTORS, 3)[0].tobytes() == left[0].tobytes()
    copied = pickle.loads(pickle.dumps(again))
    assert predict(copied, points)[0].tobytes() == predict(again, points)[0].tobytes()


# What is ruled out.


def test_implausibility_counts_luck_in_full(emulators):
    points = sobol_points(50, FACTORS, 13)
    means, variances, luck = predict(emulators, points)
    known = Targets(np.arange(6.0), np.full(6, 0.5), np.full(6, 0.25))
    by_hand = np.abs(np.arange(6.0) - means) / np.sqrt(variances + luck + 0.75)
    np.testing.assert_allclose(implausibility(points, emulators, known), by_hand)
    np.testing.assert_allclose(largest(by_hand, 2), np.sort(by_hand, axis=1)[:, -2])
    np.testing.assert_allclose(largest(by_hand), by_hand.max(axis=1))
    assert largest(by_hand[:, :1], 2).tolist() == by_hand[:, 0].tolist()


def test_the_test_of_what_is_kept_is_the_second_largest_measure_of_every_wave(emulators):
    points = sobol_points(512, FACTORS, 14)
    waves = [(emulators, record(TRUTH, 15)), (emulators[:3], targets([9.0, 9.0, 8.0]))]
    both = [largest(implausibility(points, *wave), 2) <= 3 for wave in waves]
    found = kept_test(waves)(points)
    assert found.tolist() == (both[0] & both[1]).tolist()
    assert 0 < found.sum() < both[0].sum()
    assert kept_test(waves)(points[:0]).shape == (0,)


def test_one_surprise_is_forgiven_by_the_second_largest_and_not_by_the_largest(emulators):
    surprised = record(TRUTH, 5)
    surprised.observed[5] += 10
    assert kept_test([(emulators, surprised)])(TRUTH[None, :]).all()
    assert not kept_test([(emulators, surprised)], rank=1)(TRUTH[None, :]).any()


def test_truths_survive_and_most_else_does_not(emulators):
    """Of 200 histories at points of their own, hardly any may be ruled out where it happened."""
    truths = np.random.default_rng(16).random((200, FACTORS))
    points = sobol_points(512, FACTORS, 17)
    survived, shares = [], []
    for number, truth in enumerate(truths):
        test = kept_test([(emulators, record(truth, number))])
        survived.append(test(truth[None, :])[0])
        if number < 10:
            shares.append(test(points).mean())
    assert np.mean(survived) >= 0.98
    assert np.mean(shares) < 0.25


def test_the_truth_is_kept_and_surrounded(kept, left):
    points, share = left
    assert kept(TRUTH[None, :]).all()
    assert kept(points).all()
    assert share < 0.15
    for factor in ACTIVE[:2]:
        assert abs(points[:, factor].mean() - TRUTH[factor]) < 0.15


# The next wave.


def corner(points):
    """x0 + x1 < 0.1: one point in 200."""
    return points[:, 0] + points[:, 1] < 0.1


def test_rejection_gives_sobol_points_of_what_is_left():
    points, share = next_wave(corner, 100, 6, 18)
    assert points.shape == (100, 6)
    assert corner(points).all()
    assert share == pytest.approx(1 / 200, rel=0.2)
    assert len(np.unique(points, axis=0)) == 100


def test_walks_fill_what_few_survivors_leave_open():
    points, _ = next_wave(corner, 1000, 6, 19, tries=4096)
    assert corner(points).all()
    assert len(np.unique(points, axis=0)) == 1000
    assert points[:, 0].mean() == pytest.approx(0.1 / 3, abs=0.004)  # uniform in a triangle
    assert points[:, 2:].mean(axis=0) == pytest.approx([0.5] * 4, abs=0.05)


def test_walks_keep_the_uniform_distribution_of_a_ring():
    def ring(points):
        return np.abs(np.hypot(points[:, 0] - 0.5, points[:, 1] - 0.5) - 0.4) < 0.05

    cube = np.random.default_rng(20).random((20000, 2))
    starts = cube[ring(cube)][:3000]
    ended = walk(ring, starts, np.random.default_rng(21))
    assert ring(ended).all()
    quarters = np.histogram2d(*ended.T, bins=2, range=[[0, 1]] * 2)[0]
    assert (np.abs(quarters / 3000 - 0.25) < 0.03).all()
    radius = np.hypot(*(ended - 0.5).T)
    assert (radius < 0.4).mean() == pytest.approx((0.4**2 - 0.35**2) / (0.45**2 - 0.35**2), abs=0.03)


def test_a_walk_that_finds_nothing_stays_where_it_was():
    start = np.full((2, 6), 0.3)
    assert (walk(lambda points: (points == 0.3).all(axis=1), start, np.random.default_rng(29)) == 0.3).all()


def test_nothing_left_is_said():
    with pytest.raises(ValueError, match="all of 4,096 points are ruled out"):
        next_wave(lambda points: np.zeros(len(points), bool), 10, 3, 22, tries=100)


# Weights.


def test_weights_are_flatter_the_fewer_statistics_are_independent(emulators, left):
    measures, variances = measured(left[0], emulators, record(TRUTH, 5))
    sizes = [likelihood_weights(measures, variances, count)[1] for count in (1, 3, 6)]
    assert 1000 > sizes[0] > sizes[1] > sizes[2] > 1


# What the record says.


def test_what_matters_is_identified_and_what_does_not_is_not(emulators, left):
    weights, _ = likelihood_weights(*measured(left[0], emulators, record(TRUTH, 5)))
    table = identifiability(sobol_points(4096, FACTORS, 24), left[0], weights, NAMES).set_index("parameter")
    said = table["verdict"] != SAYS_NOTHING
    assert said[["p2", "p7"]].all()
    assert not said.drop(["p2", "p7", "p11"]).any()
    assert (table.loc[["p2", "p7"], "ratio"] < 0.6).all()
    assert (table.drop(["p2", "p7", "p11"])["ratio"] > 0.9).all()
    assert (table["low"] < TRUTH).all()
    assert (table["high"] > TRUTH).all()
    assert table["prior_width"].to_numpy() == pytest.approx(0.9, abs=0.01)
