"""R4: what a switch is worth. Pure functions of an outlook, a hurdle rate and times; they run without a world.

The time of year k is the end of the k-th year of operation, lead years after the decision.
"""

from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp, power
from clusterpact.agents.records import YEARS_AHEAD

LONGEST_LIFE = 30  #: years of operation that an appraisal looks at, at most
LATEST_START = YEARS_AHEAD - LONGEST_LIFE - 1  #: years ahead; a later start is valued at the prices of this one


@rule
def capital_recovery_factor(rate, years):
    """Yearly payment per euro of an annuity loan: CRF = r / (1 - (1 + r)**-n); 1/n at a rate of zero.

    >>> round(capital_recovery_factor(0.05, 20.0), 6), capital_recovery_factor(0.0, 20.0)
    (0.080243, 0.05)
    """
    if abs(rate) < 1e-9:
        return 1.0 / years
    return rate / (1.0 - power(1.0 + rate, -years))


@rule
def discounted_annuity(rate, log_rate, first_factor, years):
    """Discount factors of a number of years, summed; first_factor is that of the moment before the first year.

    rate per year and log(1 + rate): first * (1 - (1 + r)**-n) / r; at a rate of zero the sum is the number of years.

    >>> round(discounted_annuity(0.05, 0.048790164169432, 1.0, 20.0), 6)  # 1 / CRF; log 1.05
    12.46221
    """
    if abs(rate) < 1e-9:
        return first_factor * years
    return first_factor * (1.0 - exp(-years * log_rate)) / rate


@rule
def discounted_prices(outlook, hurdle, log_rate, lead, life, strike, contract_years):
    """Discounted price and annuity over the years of operation; the strike stands for the price in a contract's years.

    sum over k of (1 + h)**-(lead + k) * p[lead + k]; hurdle per year and log(1 + hurdle), lead and life in years; returns
    (EUR/t summed, years summed).
    """
    step = 1.0 / (1.0 + hurdle)
    start = exp(-lead * log_rate)
    first = min(int(lead), LATEST_START)
    years = int(min(life, LONGEST_LIFE))
    annuity = discounted_annuity(hurdle, log_rate, start, years)
    contract = 0
    factor = start
    price = 0.0
    if strike > 0.0:
        contract = int(min(years, contract_years))
        price = strike * discounted_annuity(hurdle, log_rate, start, contract)
        factor *= exp(-contract * log_rate)
    odd = factor * step
    even = odd * step
    two_steps = step * step
    price_odd = 0.0
    price_even = 0.0
    for k in range(contract + 1, years, 2):  # odd and even years apart, two chains at once: half the latency of one
        price_odd += odd * outlook[first + k]
        price_even += even * outlook[first + k + 1]
        odd *= two_steps
        even *= two_steps
    if (years - contract) % 2 == 1:
        price_odd += odd * outlook[first + years]
    return price + price_odd + price_even, annuity


@rule
def remaining_share(option, age):
    """Share of the running campaign (of an option, at an age in years) that is left; 0 without campaigns.

    >>> from types import SimpleNamespace
    >>> remaining_share(SimpleNamespace(campaign_years=20.0), 5.0), remaining_share(SimpleNamespace(campaign_years=0.0), 5.0)
    (0.75, 0.0)
    """
    if option.campaign_years <= 0.0:
        return 0.0
    return max(0.0, 1.0 - age / option.campaign_years)
