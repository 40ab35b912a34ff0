"""Prices: paths between low, mid and high, noise with mean one, what firms expect, and the carbon-price trend."""

import numpy as np
import pytest

from clusterpact.agents.vocabulary import CARBON, ELECTRICITY
from clusterpact.sim.markets import (
    between,
    carbon_price,
    follow_trend,
    move_noise,
    move_prices,
    noise_factor,
    path_now,
    set_paths,
)
from tests.worlds.small import small_state


def with_paths(years=26, **parameters):
    """A world whose carbon price rises by 4 EUR/t a year from 100, between half and twice of that; power costs 50."""
    s = small_state(years=years, **parameters)
    rising = 100.0 + 4.0 * np.arange(years)
    s.prices.low[:, CARBON], s.prices.mid[:, CARBON], s.prices.high[:, CARBON] = rising / 2, rising, 2 * rising
    for path, price in (("low", 40.0), ("mid", 50.0), ("high", 80.0)):
        s.prices[path][:, ELECTRICITY] = price
    set_paths(s)
    return s


@pytest.mark.parametrize(("level", "expected"), [(0.0, 40.0), (0.25, 45.0), (0.5, 50.0), (0.75, 65.0), (1.0, 80.0)])
def test_a_path_lies_between_low_mid_and_high(level, expected):
    assert between(40.0, 50.0, 80.0, level) == pytest.approx(expected)


def test_each_carrier_has_a_level_of_its_own():
    s = with_paths(electricity_price_level=1.0, carbon_price_level=0.0)
    assert s.market[0].path[ELECTRICITY] == pytest.approx(80.0)
    assert s.market[1].path[CARBON] == pytest.approx(52.0)
    assert s.market[0].path[9] == 0.0


def test_the_announced_price_is_the_mid_path_and_the_statutory_one_the_high_path_whatever_the_run():
    s = with_paths(carbon_price_level=0.0)
    assert s.market[5].announced == pytest.approx(120.0)
    assert s.market[5].statutory == pytest.approx(240.0)


def test_a_price_moves_in_quarters_between_two_years_and_stays_in_the_last_one():
    s = with_paths()
    assert [path_now(s, 0, t, CARBON) for t in range(5)] == pytest.approx([100.0, 101.0, 102.0, 103.0, 104.0])
    assert path_now(s, 0, 103, CARBON) == pytest.approx(200.0)


def test_the_levelised_price_is_the_discounted_mean_of_twenty_years():
    s = with_paths()
    weights = 1.08 ** -np.arange(20)
    prices = 100.0 + 4.0 * np.arange(20)
    assert s.market[0].levelised[CARBON] == pytest.approx((weights * prices).sum() / weights.sum())


def test_the_levelised_price_near_the_horizon_holds_the_last_year():
    s = with_paths()
    assert s.market[25].levelised[CARBON] == pytest.approx(200.0)


def noisy(**parameters):
    s = with_paths(**parameters)
    s.volatility.decay, s.volatility.spread, s.volatility.persistence = 0.9, 0.2, 0.3
    return s


def test_there_is_no_noise_in_the_first_quarter():
    s = noisy()
    move_prices(s, 0)
    assert s.spots[0].price[ELECTRICITY] == pytest.approx(50.0)
    assert s.spots[0].price[CARBON] == pytest.approx(100.0)
    assert not s.world[0].noise.any()


@pytest.mark.horizon
def test_price_noise_has_mean_one():
    s = noisy()
    factors = []
    for run in range(4000):
        s.world[0].run = run
        s.world[0].noise, s.world[0].noise_variance = 0.0, 0.0
        for t in range(1, 9):
            move_noise(s, t)
        factors.append([noise_factor(s, carrier, 1.0) for carrier in range(10)])
    deviation = np.std(factors)  # log variance 0.04 (1 - 0.81^8) / 0.19 = 0.171
    assert np.mean(factors) == pytest.approx(1.0, abs=5 * deviation / np.sqrt(40_000))
    assert np.log(factors).var() == pytest.approx(0.04 * (1 - 0.81**8) / 0.19, rel=0.05)


@pytest.mark.horizon
def test_the_variance_of_noise_follows_mean_reversion():
    s = noisy()
    for t in (1, 2):
        move_noise(s, t)
    assert s.world[0].noise_variance[ELECTRICITY] == pytest.approx(0.04 + 0.81 * 0.04)


@pytest.mark.horizon
def test_noise_is_correlated_as_the_cholesky_factor_says():
    s = noisy()
    s.volatility.cholesky[0][1] = [0.8, 0.6] + [0.0] * 8
    pairs = []
    for run in range(3000):
        s.world[0].run = run
        s.world[0].noise = 0.0
        move_noise(s, 1)
        pairs.append(s.world[0].noise[:2].copy())
    assert np.corrcoef(np.array(pairs).T)[0, 1] == pytest.approx(0.8, abs=0.04)


def test_without_noise_prices_follow_their_paths():
    s = noisy(price_noise=0.0)
    for t in range(6):
        move_prices(s, t)
    assert s.spots[0].price[ELECTRICITY] == pytest.approx(50.0)
    assert s.spots[0].price[CARBON] == pytest.approx(105.0)


def test_firms_expect_only_the_part_of_noise_that_persists():
    s = noisy()
    s.world[0].noise[ELECTRICITY], s.world[0].noise_variance[ELECTRICITY] = 0.5, 0.0
    assert noise_factor(s, ELECTRICITY, 0.3) == pytest.approx(np.exp(0.15))
    s.world[0].noise_variance[ELECTRICITY] = 0.2
    assert noise_factor(s, ELECTRICITY, 0.3) == pytest.approx(np.exp(0.15 - 0.5 * 0.09 * 0.2))


def test_a_reversal_shrinks_the_uplift_of_the_carbon_price_not_its_start():
    s = with_paths(price_noise=0.0)
    s.governments[0].price_scale = 0.7
    assert carbon_price(s, 0, 40) == pytest.approx(100.0 + 0.7 * 40.0)


def test_a_reversal_cuts_a_price_path_but_not_a_legal_floor():
    s = with_paths(price_noise=0.0)
    s.policy.carbon_price_path_eur_per_t = 300.0
    assert carbon_price(s, 0, 0) == pytest.approx(300.0)
    s.governments[0].price_scale = 0.5
    assert carbon_price(s, 0, 0) == pytest.approx(150.0)
    s.policy.carbon_price_floor_eur_per_t = 220.0
    assert carbon_price(s, 0, 0) == pytest.approx(220.0)


def test_the_ratchet_never_lifts_the_carbon_price_above_the_statutory_path():
    s = with_paths(price_noise=0.0)
    s.governments[0].price_scale = 5.0
    assert carbon_price(s, 0, 40) <= s.market[10].statutory  # 100 + 5 * 40 = 300, high path 280


def test_the_trend_of_a_steady_rise_is_learned_at_its_speed():
    s = small_state()
    spot = s.spots[0]
    quarterly = np.exp(0.04 / 4)
    for t in range(4):
        spot.past_carbon_price[t] = 100.0 * quarterly**t
    spot.price[CARBON] = 100.0 * quarterly**4
    follow_trend(spot, 4, 0.1, 0.05)
    assert spot.carbon_price_trend == pytest.approx(0.1 * 0.04)  # g = 0 + 0.1 (0.04 - 0)
    spot.price[CARBON] *= quarterly
    follow_trend(spot, 5, 0.1, 0.05)
    assert spot.carbon_price_trend == pytest.approx(0.19 * 0.04)  # 1 - 0.9^2


@pytest.mark.parametrize(("price", "cap"), [(1000.0, 0.05), (10.0, -0.05)])
def test_the_trend_is_capped_either_way(price, cap):
    s = small_state()
    s.spots[0].price[CARBON] = price
    follow_trend(s.spots[0], 1, 1.0, 0.05)
    assert s.spots[0].carbon_price_trend == pytest.approx(cap)


def test_a_price_of_zero_leaves_the_trend_alone():
    s = small_state()
    s.spots[0].price[CARBON] = 0.0
    follow_trend(s.spots[0], 0, 0.1, 0.05)
    assert s.spots[0].carbon_price_trend == 0.0
