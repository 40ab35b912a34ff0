"""R4: what a switch is worth. Pure functions of an outlook, a hurdle rate and times; they run without a world.

The time of year k is the end of the k-th year of operation, lead years after the decision.
"""

from clusterpact.agents.compiled import part, rule
from clusterpact.agents.elementary import power, whole_power
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
def annuity_factor(rate, years):
    """Discount factors of a whole number of years, summed: (1 - (1 + r)**-n) / r; n at a rate of zero.

    >>> round(annuity_factor(0.05, 20), 6), annuity_factor(0.0, 20)  # 1 / CRF
    (12.46221, 20.0)
    """
    if abs(rate) < 1e-9:
        return float(years)
    return (1.0 - whole_power(1.0 / (1.0 + rate), years)) / rate


@part
def discounted_prices(outlook, rate, first, years, strike, contract_years):
    """Price summed over years of operation, EUR/t, each discounted to the start: sum of (1 + r)**-k p[first + k].

    In the years of a contract its strike stands for the price. Horner's rule from the last year on, odd and even years
    apart: two chains at once have half the latency of one.
    """
    step = 1.0 / (1.0 + rate)
    contract = int(min(years, contract_years)) if strike > 0.0 else 0
    first += contract
    years -= contract
    two_steps = step * step
    odd = outlook[first + years] if years % 2 == 1 else 0.0
    even = 0.0
    k = first + years // 2 * 2
    if years // 2 % 2 == 1:
        odd, even, k = odd * two_steps + outlook[k - 1], even * two_steps + outlook[k], k - 2
    while k > first:  # four years a turn
        odd = (odd * two_steps + outlook[k - 1]) * two_steps + outlook[k - 3]
        even = (even * two_steps + outlook[k]) * two_steps + outlook[k - 2]
        k -= 4
    price = step * odd + two_steps * even
    if contract == 0:
        return price
    return strike * annuity_factor(rate, contract) + whole_power(step, contract) * price


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
