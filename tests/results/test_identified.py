"""What the points that are left say about parameters: distributions whose bounds and ties are known."""

import numpy as np
import pytest

from clusterpact.results.statistics.matching import (
    SAYS_NOTHING,
    identifiability,
    independent_statistics,
    likelihood_weights,
    next_wave,
    ridges,
)

# Weights.


def test_one_statistic_gives_the_gaussian_likelihood():
    measures = np.array([[0.0], [1.0], [2.0], [5.0]])
    weights, size = likelihood_weights(measures)
    likely = np.exp(-0.5 * np.array([0.0, 1.0, 4.0, 9.0]))  # 5 is clipped to 3
    np.testing.assert_allclose(weights, likely / likely.sum())
    assert size == pytest.approx(likely.sum() ** 2 / (likely**2).sum())


def test_more_luck_is_no_merit():
    measures, variances = np.ones((2, 1)), np.array([[1.0], [4.0]])
    weights, _ = likelihood_weights(measures, variances)
    assert weights[0] / weights[1] == pytest.approx(2)


def test_copies_of_a_statistic_count_once():
    runs = np.random.default_rng(23).normal(size=(50, 20, 4))
    assert independent_statistics(runs) == pytest.approx(4, abs=0.05)
    copied = runs[:, :, [0, 0, 0, 0]] + 100 * np.arange(50)[:, None, None]
    assert independent_statistics(copied) == pytest.approx(1)
    assert independent_statistics(np.dstack([runs[:, :, :1], np.ones((50, 20, 1))])) == 1


# Verdicts and ties.


def test_verdicts_say_which_ends_are_gone():
    rng = np.random.default_rng(25)
    prior = rng.random((2000, 5))
    u = rng.random((500, 5))
    middle_gone = np.where(u[:, 3] < 0.5, u[:, 3] * 0.6, 1 - (1 - u[:, 3]) * 0.6)
    columns = [0.6 * u[:, 0], 0.4 + 0.6 * u[:, 1], 0.3 + 0.4 * u[:, 2], middle_gone, u[:, 4]]
    found = identifiability(prior, np.column_stack(columns), np.ones(500), list("abcde"))
    assert found["verdict"].tolist() == [
        "bounded from above", "bounded from below", "bounded from both sides", "the middle is disfavoured", SAYS_NOTHING,
    ]  # fmt: skip
    assert found["low"][1] == pytest.approx(0.43, abs=0.02)
    assert found["ratio"][0] == pytest.approx(0.6, abs=0.04)


def test_levels_hold_for_weighted_samples():
    """Where kept points are the prior's, weighted without regard to them: the largest of 10 distances in 5 % of cases."""
    rng = np.random.default_rng(26)
    one = together = 0
    for _ in range(200):
        weights = rng.gamma(1.0, size=400)
        found = identifiability(rng.random((1000, 10)), rng.random((400, 10)), weights, list("abcdefghij"))
        one += int((found["distance"] > found["level_one"]).sum())
        together += int((found["distance"] > found["level"]).any())
    assert 40 <= one <= 150  # of 2,000, 100 expected; the limit law is a little wide
    assert together <= 20


def test_ridges_name_the_pair_that_is_tied():
    rng = np.random.default_rng(27)
    kept = rng.random((600, 8))
    kept[:, 5] = np.clip(1 - kept[:, 1] + 0.1 * rng.normal(size=600), 0, 1)
    found = ridges(kept, rng.gamma(1.0, size=600), list("abcdefgh"))
    assert found[["first", "second"]].to_numpy().tolist() == [["b", "f"]]
    assert found["correlation"][0] < -0.9
    assert len(ridges(rng.random((600, 8)), np.ones(600), list("abcdefgh"))) == 0


def test_a_sum_that_is_known_leaves_a_ridge():
    """Where the record fixes x0 + x1 alone, the two are tied though each stays wide."""

    def band(points):
        return np.abs(points[:, 0] + points[:, 1] - 1) < 0.1

    points, _ = next_wave(band, 500, 6, 28)
    found = ridges(points, np.ones(500), list("abcdef"))
    assert found[["first", "second"]].to_numpy()[0].tolist() == ["a", "b"]
    assert found["correlation"][0] < -0.9
