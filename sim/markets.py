"""Prices over time: low, mid and high paths, mean-reverting correlated noise or what came, and what firms expect."""

from clusterpact.agents.chance import PRICE, two_normals
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp, log, power
from clusterpact.agents.expectations import year_row
from clusterpact.agents.resources import raise_prices
from clusterpact.agents.support import policy_of
from clusterpact.agents.vocabulary import CARBON, N_CARRIERS, N_GOODS

LEVELISING_RATE = 0.08  #: rate at which expected energy prices are averaged over 20 years
LEVELISING_YEARS = 20


@rule
def between(low, mid, high, level):
    """A path between low (level 0), mid (0.5) and high (1), straight from one to the next.

    >>> between(50.0, 100.0, 200.0, 0.25), between(50.0, 100.0, 200.0, 0.5), between(50.0, 100.0, 200.0, 0.75)
    (75.0, 100.0, 150.0)
    """
    if level <= 0.5:
        return low + 2.0 * level * (mid - low)
    return mid + (2.0 * level - 1.0) * (high - mid)


@rule
def set_paths(s):
    """Lay out the run's price paths at every cluster, their 20-year means, announced carbon prices, and free allocation."""
    for c in range(s.pacts.size):
        set_cluster_paths(s, c * s.world[0].years, s.world[0].years)


@rule
def set_cluster_paths(s, first, years):
    """Lay out the paths of one cluster, whose years begin at row `first` of the yearly tables."""
    p = s.parameters[0]
    last = first + years - 1
    for carrier in range(N_CARRIERS):
        level = p.price_level[carrier]
        for y in range(first, last + 1):
            row = s.prices[y]
            s.market[y].path[carrier] = between(row.low[carrier], row.mid[carrier], row.high[carrier], level)
        for y in range(first, last + 1):
            total = 0.0
            weight = 0.0
            factor = 1.0
            for k in range(LEVELISING_YEARS):
                total += factor * s.market[min(y + k, last)].path[carrier]
                weight += factor
                factor /= 1.0 + LEVELISING_RATE
            s.market[y].levelised[carrier] = total / weight
    for y in range(first, last + 1):
        s.market[y].announced = s.prices[y].mid[CARBON]
        s.market[y].statutory = s.prices[y].high[CARBON]
        for goods in range(N_GOODS):
            law, slower = s.prices[y].free_share_law[goods], s.prices[y].free_share_slower[goods]
            s.market[y].free_share[goods] = law + p.free_allocation_level * (slower - law)


@rule
def move_noise(s, t):
    """Ornstein-Uhlenbeck noise on log prices, one correlated normal per carrier and quarter (facts: volatility.csv)."""
    world = s.world[0]
    v = s.volatility[0]
    for pair in range((N_CARRIERS + 1) // 2):
        first, second = two_normals(world.seed, world.run, PRICE, pair, t)
        world.shock[2 * pair] = first
        if 2 * pair + 1 < N_CARRIERS:
            world.shock[2 * pair + 1] = second
    for carrier in range(N_CARRIERS):
        shock = 0.0
        for k in range(carrier + 1):
            shock += v.cholesky[carrier, k] * world.shock[k]
        decay = v.decay[carrier]
        spread = v.spread[carrier]
        world.noise[carrier] = world.noise[carrier] * decay + spread * shock
        world.noise_variance[carrier] = world.noise_variance[carrier] * decay * decay + spread * spread


@rule
def noise_factor(s, carrier, persistence):
    """exp(noise) with its mean held at one, or the part of it that is expected to persist."""
    scale = s.parameters[0].price_noise * persistence
    world = s.world[0]
    return exp(scale * world.noise[carrier] - 0.5 * scale * scale * world.noise_variance[carrier])


@rule
def path_now(s, cluster, t, carrier):
    """The run's price path of a carrier in this quarter, between two years."""
    now, after = s.market[year_row(s, cluster, t // 4)], s.market[year_row(s, cluster, t // 4 + 1)]
    return between_years(t, now.path[carrier], after.path[carrier])


@rule
def price_that_came(s, cluster, t, carrier):
    """The price of a past year, constant within it; below 0 where it is not known."""
    return s.prices[year_row(s, cluster, t // 4)].realised[carrier]


@rule
def between_years(t, now, after):
    """A yearly path in a quarter: on the line from this year's value to the next one's.

    >>> between_years(5, 100.0, 120.0)
    105.0
    """
    return now + (t % 4) / 4.0 * (after - now)


@rule
def move_prices(s, t):
    """Prices of this quarter and what firms expect of them; deviations from the paths are the same everywhere."""
    if t > 0:
        move_noise(s, t)
    for c in range(s.pacts.size):
        move_prices_at(s, c, t)


@rule
def move_prices_at(s, cluster, t):
    """Prices at one cluster, and the adaptive trend of its carbon price.

    Of the deviation from the believed path, by chance or as it came, firms expect the part that persists in a 20-year mean.
    """
    spot = s.spots[cluster]
    p = s.parameters[0]
    market = s.market[year_row(s, cluster, t // 4)]
    for carrier in range(1, N_CARRIERS):
        believed = path_now(s, cluster, t, carrier)
        came = price_that_came(s, cluster, t, carrier)
        persistence = s.volatility[0].persistence[carrier]
        if came > 0.0 and believed > 0.0:
            spot.price[carrier] = came
            persisting = power(came / believed, persistence)
        else:
            spot.price[carrier] = believed * noise_factor(s, carrier, 1.0)
            persisting = noise_factor(s, carrier, persistence)
        spot.expected_price[carrier] = market.levelised[carrier] * persisting
    raise_prices(s, cluster)
    spot.price[CARBON] = carbon_price(s, cluster, t)
    follow_trend(spot, t, p.trend_speed_per_quarter, p.trend_cap_per_year)


@rule
def carbon_price(s, cluster, t):
    """Carbon price in force, EUR/t: the market's path, uplift scaled by policy, with noise; or a policy's path or floor.

    Where the market's price is known, as of a past year, it is that one.
    """
    scale = s.governments[s.pacts[cluster].carbon_government].price_scale
    start = s.market[year_row(s, cluster, 0)].path[CARBON]
    now, after = s.market[year_row(s, cluster, t // 4)], s.market[year_row(s, cluster, t // 4 + 1)]
    limit = between_years(t, now.statutory, after.statutory)
    market = price_that_came(s, cluster, t, CARBON)
    if market < 0.0:
        market = min(limit, start + scale * (path_now(s, cluster, t, CARBON) - start)) * noise_factor(s, CARBON, 1.0)
    policy = policy_of(s, cluster, t)
    ahead = max(0.0, min(scale, 1.0) * policy.carbon_price_path_eur_per_t - market)
    paid = market + s.parameters[0].announcement_delivery * ahead
    return max(paid, policy.carbon_price_floor_eur_per_t)


@rule
def follow_trend(spot, t, speed, cap):
    """g <- g + speed * (d ln p - g) on the mean price of four quarters, per year, within a cap.

    The mean and the cap keep firms from extrapolating one quarter's noise over 15 years.
    """
    before = 0.0
    for k in range(4):
        before += spot.past_carbon_price[k] / 4.0
    slot = t % 4
    if t == 0:
        for k in range(4):
            spot.past_carbon_price[k] = spot.price[CARBON]
        before = spot.price[CARBON]
    spot.past_carbon_price[slot] = spot.price[CARBON]
    now = 0.0
    for k in range(4):
        now += spot.past_carbon_price[k] / 4.0
    if now > 0.0 and before > 0.0:
        change = 4.0 * log(now / before)
        spot.carbon_price_trend += speed * (change - spot.carbon_price_trend)
    spot.carbon_price_trend = min(cap, max(-cap, spot.carbon_price_trend))
