"""Prices: paths between low, mid and high, noise with mean one, what firms expect, and the carbon-price trend."""

import numpy as np
import pytest

from clusterpact.agents.chance import PRICE, two_normals
from clusterpact.agents.vocabulary import CARBON, ELECTRICITY, HEAT, N_CARRIERS
from clusterpact.sim import markets
from clusterpact.sim.markets import (
    between,
    carbon_price,
    follow_trend,
    move_noise,
    move_prices,
    noise_factor,
    path_now,
    set_cluster_paths,
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


def test_paths_are_laid_out_in_all_years_of_a_cluster_and_in_no_other_row():
    s = small_state(years=5, heat_price_level=1.0, free_allocation_level=0.25)
    s.prices.high[:, HEAT] = [30.0, 31.0, 32.0, 33.0, 34.0]
    s.prices.mid[:, CARBON] = [60.0, 61.0, 62.0, 63.0, 64.0]
    s.prices.high[:, CARBON] = [90.0, 91.0, 92.0, 93.0, 94.0]
    s.prices.free_share_law[:] = [[0.8, 0.9], [0.8, 0.9], [0.6, 0.7], [0.5, 0.3], [0.2, 0.1]]
    s.prices.free_share_slower[:] = [[1.0, 1.0], [1.0, 1.0], [0.8, 0.9], [0.7, 0.7], [0.6, 0.9]]
    set_cluster_paths(s, 1, 3)
    assert list(s.market.path[:, HEAT]) == pytest.approx([0.0, 31.0, 32.0, 33.0, 0.0])
    assert list(s.market.announced) == pytest.approx([100.0, 61.0, 62.0, 63.0, 100.0])
    assert list(s.market.statutory) == pytest.approx([200.0, 91.0, 92.0, 93.0, 200.0])
    # a quarter of the way from the law to the slower phase-out
    left = [[0.0, 0.0], [0.85, 0.925], [0.65, 0.75], [0.55, 0.4], [0.0, 0.0]]
    np.testing.assert_allclose(s.market.free_share, left)
    assert s.market[3].levelised[HEAT] == pytest.approx(33.0)
    assert s.market[4].levelised[HEAT] == 0.0


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


def drawn(t):
    """A standard normal number of a quarter in the small world for every carrier: two a pair of carriers."""
    return np.concatenate([two_normals(1, 0, PRICE, pair, t) for pair in range((N_CARRIERS + 1) // 2)])[:N_CARRIERS]


def test_noise_keeps_a_part_of_itself_and_takes_in_a_shock_per_carrier():
    s = noisy()
    s.world[0].noise, s.world[0].noise_variance = 0.5, 0.3
    s.volatility.cholesky[0][1] = [0.8, 0.6] + [0.0] * (N_CARRIERS - 2)
    move_noise(s, 3)
    shock = drawn(3)
    assert list(s.world[0].shock) == pytest.approx(list(shock))
    assert s.world[0].noise[0] == pytest.approx(0.45 + 0.2 * shock[0])
    assert s.world[0].noise[1] == pytest.approx(0.45 + 0.2 * (0.8 * shock[0] + 0.6 * shock[1]))
    assert list(s.world[0].noise[2:]) == pytest.approx(list(0.45 + 0.2 * shock[2:]))
    assert list(s.world[0].noise_variance) == pytest.approx([0.283] * N_CARRIERS)  # 0.81 * 0.3 + 0.04


def test_of_an_odd_number_of_carriers_the_last_one_takes_the_first_of_two_draws(monkeypatch):
    s = noisy()
    monkeypatch.setattr(markets, "N_CARRIERS", 9)
    getattr(move_noise, "py_func", move_noise)(s, 1)
    assert list(s.world[0].shock) == pytest.approx([*drawn(1)[:9], *[0.0] * (N_CARRIERS - 9)])


def test_prices_of_the_second_quarter_are_their_paths_times_noise():
    s = noisy()
    s.prices.mid[:, HEAT] = 30.0
    set_paths(s)
    move_prices(s, 0)
    move_prices(s, 1)
    shock, spot = drawn(1), s.spots[0]
    assert spot.price[CARBON] == pytest.approx(101.0 * np.exp(0.2 * shock[CARBON] - 0.02))
    assert spot.price[ELECTRICITY] == pytest.approx(50.0 * np.exp(0.2 * shock[ELECTRICITY] - 0.02))
    assert spot.price[HEAT] == pytest.approx(30.0 * np.exp(0.2 * shock[HEAT] - 0.02))
    # 0.3 of the deviation is expected to last: 0.3 * 0.2 = 0.06, of variance 0.0036
    assert spot.expected_price[ELECTRICITY] == pytest.approx(50.0 * np.exp(0.06 * shock[ELECTRICITY] - 0.0018))
    rise = 4.0 * np.log((300.0 + spot.price[CARBON]) / 400.0)
    assert spot.carbon_price_trend == pytest.approx(0.1 * rise)


def test_the_expected_price_of_a_year_looks_ahead_from_that_year():
    s = small_state(years=3, price_noise=0.0)
    s.prices.mid[:, ELECTRICITY] = [50.0, 60.0, 80.0]
    set_paths(s)
    move_prices(s, 4)
    later = (1.0 - 1.08**-19) / 0.08  # weight of the 19 years after, all at 80
    assert s.spots[0].expected_price[ELECTRICITY] == pytest.approx((60.0 + 80.0 * later) / (1.0 + later))


@pytest.mark.horizon
def test_noise_is_correlated_as_the_cholesky_factor_says():
    s = noisy()
    s.volatility.cholesky[0][1] = [0.8, 0.6] + [0.0] * (N_CARRIERS - 2)
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
    assert carbon_price(s, 0, 42) == pytest.approx(284.0)  # halfway from 280 to 288


def test_the_ratchet_lifts_no_price_path_of_a_policy():
    s = with_paths(price_noise=0.0)
    s.policy.carbon_price_path_eur_per_t = 300.0
    s.governments[0].price_scale = 1.5
    assert carbon_price(s, 0, 0) == pytest.approx(300.0)


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


def test_a_run_starts_without_a_trend_whatever_its_first_price_is():
    s = small_state()
    s.spots[0].price[CARBON] = 80.0
    follow_trend(s.spots[0], 0, 0.1, 0.05)
    assert list(s.spots[0].past_carbon_price) == [80.0] * 4
    assert s.spots[0].carbon_price_trend == 0.0


@pytest.mark.parametrize(("past", "price"), [([0.0, 100.0, 0.0, 0.0], 0.0), ([0.0, 0.0, 0.0, 0.0], 10.0)])
def test_a_price_that_falls_to_zero_or_rises_from_it_leaves_the_trend_alone(past, price):
    spot = small_state().spots[0]
    spot.past_carbon_price, spot.carbon_price_trend = past, 0.02
    spot.price[CARBON] = price
    follow_trend(spot, 1, 0.1, 0.05)
    assert spot.carbon_price_trend == 0.02


def test_a_price_of_less_than_a_euro_has_a_trend_too():
    spot = small_state().spots[0]
    spot.past_carbon_price = 0.8
    spot.price[CARBON] = 0.84
    follow_trend(spot, 1, 0.1, 0.05)
    assert spot.carbon_price_trend == pytest.approx(0.1 * 4.0 * np.log(0.81 / 0.8))
