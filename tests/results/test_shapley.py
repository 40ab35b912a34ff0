"""Shares of variance on functions whose shares are known in closed form."""

import itertools
import math

import numpy as np
import pytest

from clusterpact.results.statistics.shapley import left_over, shapley, shares

SAMPLES = 4000


def mixtures(function, groups, samples=SAMPLES, seed=1):
    """Values of a function of uniform numbers in [0, 1] at every mixture of two draws: (samples, 2**groups)."""
    first, second = np.random.default_rng(seed).random((2, samples, groups))
    columns = []
    for mixture in range(2**groups):
        chosen = np.array([mixture >> group & 1 for group in range(groups)], bool)
        columns.append(function(np.where(chosen, second, first).T))
    return np.array(columns).T


def test_weights_of_a_sum_are_its_shares():
    weights = np.array([1.0, 2.0, 0.0, 3.0])
    found = shares(mixtures(lambda x: weights @ x, 4), 1)
    expected = weights**2 / (weights**2).sum()
    np.testing.assert_allclose(found.share, expected, atol=0.01)
    np.testing.assert_allclose(found.first, expected, atol=0.03)
    np.testing.assert_allclose(found.total, expected, atol=0.01)
    assert found.variance == pytest.approx((weights**2).sum() / 12, rel=0.05)
    assert found.share[2] == found.total[2] == 0.0


def test_ishigamis_function():
    """sin x1 + a sin^2 x2 + b x3^4 sin x1 over [-pi, pi]^3 (Ishigami and Homma 1990): V1, V2 and V13 by hand."""
    a, b = 7.0, 0.1

    def ishigami(u):
        x = math.pi * (2 * u - 1)
        return np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0])

    v1 = 0.5 * (1 + b * math.pi**4 / 5) ** 2
    v2 = a**2 / 8
    v13 = b**2 * math.pi**8 * (1 / 18 - 1 / 50)
    whole = v1 + v2 + v13
    found = shares(mixtures(ishigami, 3), 1)
    np.testing.assert_allclose(found.share, np.array([v1 + v13 / 2, v2, v13 / 2]) / whole, atol=0.02)
    np.testing.assert_allclose(found.first, np.array([v1, v2, 0.0]) / whole, atol=0.06)
    np.testing.assert_allclose(found.total, np.array([v1 + v13, v2, v13]) / whole, atol=0.02)


def test_shares_add_up_to_one_whatever_the_function():
    for seed in range(5):
        values = np.random.default_rng(seed).normal(size=(20, 32))
        assert shares(values, 1).share.sum() == pytest.approx(1.0, abs=1e-12)


def test_a_product_is_shared_evenly():
    found = shares(mixtures(lambda x: np.prod(x - 0.5, axis=0), 3), 1)
    np.testing.assert_allclose(found.share, 1 / 3, atol=0.03)
    np.testing.assert_allclose(found.first, 0.0, atol=0.06)
    np.testing.assert_allclose(found.total, 1.0, atol=0.06)


def test_shapley_is_the_mean_over_all_orders():
    worth = np.random.default_rng(3).random(16)
    worth[0] = 0.0
    expected = np.zeros(4)
    for order in itertools.permutations(range(4)):
        before = 0
        for group in order:
            expected[group] += (worth[before | 1 << group] - worth[before]) / math.factorial(4)
            before |= 1 << group
    np.testing.assert_allclose(shapley(worth), expected, atol=1e-12)


def test_intervals_cover_the_truth_as_often_as_they_say():
    """Shares 0.2 and 0.8 of x1 + 2 x2; 200 designs of 60 samples, of whose intervals 95 % should cover."""
    covered = 0
    for seed in range(200):
        found = shares(mixtures(lambda x: x[0] + 2 * x[1], 2, 60, seed), 1)
        covered += found.low[0] <= 0.2 <= found.high[0]
    assert 175 <= covered <= 199


def test_half_of_the_squared_difference_is_what_is_left():
    values = np.array([[1.0, 4.0, 2.0, 8.0]])
    assert left_over(values)[0].tolist() == [0.0, (9 + 36) / 4, (1 + 16) / 4, (49 + 4) / 4]


def test_what_never_varies_has_no_shares():
    found = shares(np.full((10, 8), 0.3), 1)
    assert np.isnan(found.share).all()
    assert found.variance == 0.0
