"""R4: what an appraiser expects. Credibility-weighted carbon price, announced price, what is left of free allocation."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp
from clusterpact.agents.records import PLEDGE_YEARS_AHEAD, YEARS_AHEAD
from clusterpact.agents.vocabulary import CARBON

TREND_YEARS = 15  #: a firm extrapolates the carbon-price trend no further


@rule
def year_row(s, cluster, year):
    """Row of a cluster's year in yearly tables; the last year holds beyond the horizon."""
    years = s.world[0].years
    return cluster * years + min(year, years - 1)


@rule
def announced_price(s, cluster, year):
    """The carbon price that is announced for a year (row of the horizon; the last one holds beyond it), EUR/t."""
    return s.market[year_row(s, cluster, year)].in_force


@rule
def free_share(s, firm, year):
    """Share of the free allocation of a firm's product that is left in a year (row; the last one holds beyond it)."""
    return s.market[year_row(s, firm.cluster, year)].free_share[firm.cbam_good]


@rule
def expect_prices(s, t):
    """What is known of carbon prices in every cluster: announced, by the trend, and what its lenders expect of them.

    All appraisals of the quarter are made of these. Lenders take today's price for a price that nobody is optimistic about.
    """
    for c in range(s.pacts.size):
        spot = s.spots[c]
        known = min(s.world[0].years - t // 4, YEARS_AHEAD + PLEDGE_YEARS_AHEAD)
        for k in range(known):
            spot.announced_ahead[k] = announced_price(s, c, t // 4 + k)
        for k in range(known, YEARS_AHEAD + PLEDGE_YEARS_AHEAD):
            spot.announced_ahead[k] = spot.announced_ahead[known - 1]
        growth = exp(spot.carbon_price_trend)
        price = spot.price[CARBON]
        for k in range(YEARS_AHEAD):
            if 0 < k <= TREND_YEARS:
                price *= growth
            spot.trend_ahead[k] = price
        look_ahead(s, c, s.pacts[c].lenders_trust, 1.0, 0, spot.lenders_outlook)
        total = 0.0
        for k in range(YEARS_AHEAD):
            total += spot.lenders_outlook[k]
            spot.lenders_sum[k] = total


@rule
def look_ahead(s, cluster, trust_in_price, optimism, shift, outlook):
    """Fill an outlook, and return it: carbon price expected k + shift years ahead, EUR/t, shape (YEARS_AHEAD,).

    E[p] = T * announced + (1 - T) * today's price * trend * optimism (Campiglio, Lamperti and Terranova; model.md R4). Rules
    allocate nothing, so whoever looks ahead brings the memory, such as `world.outlook`.
    """
    spot = s.spots[cluster]
    own = (1.0 - trust_in_price) * optimism
    for k in range(YEARS_AHEAD):
        outlook[k] = trust_in_price * spot.announced_ahead[k + shift] + own * spot.trend_ahead[k]
    return outlook


@rule
def lenders_sum(s, cluster, year):
    """Sum of what lenders expect of the carbon price up to a year ahead, EUR/t; the last known price holds beyond."""
    spot = s.spots[cluster]
    last = YEARS_AHEAD - 1
    return spot.lenders_sum[min(year, last)] + max(0, year - last) * spot.lenders_outlook[last]
