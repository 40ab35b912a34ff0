"""R4: what an appraiser expects. Credibility-weighted carbon price, announced price, what is left of free allocation."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp
from clusterpact.agents.records import YEARS_AHEAD
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
def look_ahead(s, cluster, t, trust_in_price, optimism, shift, outlook):
    """Fill an outlook, and return it: carbon price expected k + shift years ahead, EUR/t, shape (YEARS_AHEAD,).

    E[p] = T * announced + (1 - T) * today's price * trend * optimism (Campiglio, Lamperti and Terranova; model.md R4). Rules
    allocate nothing, so whoever looks ahead brings the memory, such as `world.outlook`.
    """
    year = t // 4
    spot = s.spots[cluster]
    growth = exp(spot.carbon_price_trend)
    own = spot.price[CARBON] * optimism
    for k in range(YEARS_AHEAD):
        if 0 < k <= TREND_YEARS:
            own *= growth
        outlook[k] = trust_in_price * announced_price(s, cluster, year + k + shift)
        outlook[k] += (1.0 - trust_in_price) * own
    return outlook
