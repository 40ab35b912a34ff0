"""R4, first half: the paper on one option. What a switch is worth to a firm under its means, a hurdle rate, an outlook."""

from typing import NamedTuple

from clusterpact.agents.compiled import part, rule
from clusterpact.agents.elementary import exp, log1p
from clusterpact.agents.expectations import free_share, look_ahead
from clusterpact.agents.funding import Plan, fund_option, means_of, plan_for
from clusterpact.agents.offtake import value_of_offtake
from clusterpact.agents.projects import grant_to, lead_of
from clusterpact.agents.records import PLEDGE_YEARS_AHEAD
from clusterpact.agents.resources import price_of_own_use
from clusterpact.agents.support import CREDIT_YEARS
from clusterpact.agents.switching import Switch, expected_tariffs, running_cost, switch_between
from clusterpact.agents.technologies import capital_cost, permit_years, renewal_cost
from clusterpact.agents.valuation import LATEST_START, LONGEST_LIFE, annuity_factor, discounted_prices, remaining_share

NORM_CENTRE = 0.5  #: success of peers that neither draws nor deters


class Terms(NamedTuple):
    """What a switch is valued under."""

    hurdle: float  #: hurdle rate, per year
    log_rate: float  #: log(1 + hurdle)
    plan: Plan
    grant_meur: float  #: grant, MEUR


class Paper(NamedTuple):
    """The board paper on one option: fields of an `assessment`, and what a contract's strike is worked out with."""

    route: int
    gate: int
    wacc: float
    hurdle: float
    value: float
    profitability_index: float
    own_meur: float
    value_unstranded: float
    utility: float
    log_rate: float  #: log(1 + hurdle)


@rule
def lost_allowances(s, firm, lost_kt, life, terms, outlook, t):
    """Discounted value of the free allowances that a switch gives up, MEUR; negative if it gains some.

    sum over k of (1 + h)**-(lead + k) * p[lead + k] * share left in that year (EU ETS Directive, Art. 10a). Most products
    keep their allowances whatever the technology, and then nothing is lost.
    """
    if lost_kt == 0.0:
        return 0.0
    first = min(int(terms.plan.lead_years), LATEST_START)
    factor = exp(-terms.plan.lead_years * terms.log_rate)
    step = 1.0 / (1.0 + terms.hurdle)
    total = 0.0
    for k in range(1, int(min(life, LONGEST_LIFE)) + 1):
        factor *= step
        total += factor * outlook[first + k] * free_share(s, firm, t // 4 + first + k)
    return total * lost_kt * 1e-3


@rule
def present_value(s, firm, option, switch, terms, outlook, t, shift):
    """Discounted benefits of an option less its capital cost, MEUR; shift: years from now until the decision.

    sum over life of (price * (tonnes avoided - free allowances lost) + premium - extra cost - tariffs) + tax credits of the
    first years - (I - grant), spent once permits are there. A strike stands for the price in its contract's years.
    """
    rate = terms.hurdle
    years = int(min(option.life_years, LONGEST_LIFE))
    first = min(int(terms.plan.lead_years), LATEST_START)
    price = discounted_prices(outlook, rate, first, years, terms.plan.strike, s.parameters[0].ccfd_years)
    tonnes = switch.avoided_kt * 1e-3
    yearly = switch.premium_eur_per_t * tonnes - switch.extra_cost_meur - terms.plan.tariffs_meur
    value = price * tonnes + annuity_factor(rate, years) * yearly
    if switch.credit_meur > 0.0:
        value += switch.credit_meur * annuity_factor(rate, min(years, CREDIT_YEARS))
    value *= exp(-terms.plan.lead_years * terms.log_rate)
    value -= lost_allowances(s, firm, switch.lost_allocation_kt, option.life_years, terms, outlook, t + 4 * shift)
    return value - exp(-terms.plan.permit_years * terms.log_rate) * (capital_cost(s, option) - terms.grant_meur)


@part
def expected_switch(s, firm, option, running_meur, t):
    """The switch of a firm to an option at the prices that it expects; running_meur: cost of what it runs, MEUR/year."""
    prices = s.spots[firm.cluster].expected_price
    switch = switch_between(s, firm, s.options[firm.option], option, running_meur, prices, t)
    extra_cost_meur = switch.extra_cost_meur + price_of_own_use(s, firm, option)
    return Switch(switch.avoided_kt, switch.captured_kt, switch.lost_allocation_kt, extra_cost_meur,
                  switch.premium_eur_per_t, switch.credit_meur)  # fmt: skip


@rule
def expected_running_cost(s, firm):
    """Running cost of what a firm runs at the prices that it expects, MEUR/year."""
    return running_cost(s.options[firm.option], s.spots[firm.cluster].expected_price)


@rule
def assess(s, i, option, strike, running_meur, means, outlook, t):
    """The paper on an option (a record) for firm i: how it would be paid for, hurdle, v, U.

    v = (present value - stranded) / K, with K the cost of one more campaign of the plant: one scale for all its options, so
    that the best by v is the best by net present value. A replacement strands the running campaign and saves its next
    renewal; an increment does neither. strike: of a carbon contract, EUR/t, which stands for the price in the contract's
    years; 0 without one. The hurdle is never below what the owner can have elsewhere; means: what it can put in (`Means`).
    """
    firm = s.firms[i]
    p = s.parameters[0]
    running = s.options[firm.option]
    covered = 1.0 if strike > 0.0 else 0.0
    switch = expected_switch(s, firm, option, running_meur, t)
    plan = plan_for(s, i, option, strike, t)
    funding = fund_option(s, i, option, switch, plan, means, t)
    hurdle = funding.rate + p.hurdle_premium_pp * 1e-2 * (1.0 - firm.norm) * (1.0 - covered)
    hurdle = max(hurdle, p.outside_return_pct * 1e-2)
    terms = Terms(hurdle, log1p(hurdle), plan, funding.grant_meur)
    benefit = present_value(s, firm, option, switch, terms, outlook, t, 0)
    benefit += value_of_offtake(s, firm, option, hurdle, plan.lead_years, t)
    stranded = 0.0
    if option.is_increment == 0 and running.campaign_years > 0.0:
        left = remaining_share(running, firm.campaign_age)
        renewal = renewal_cost(s, running)
        stranded = p.stranding_share * renewal * left
        benefit += renewal * exp(-left * running.campaign_years * terms.log_rate)
    value = (benefit - stranded) / firm.campaign_meur
    utility = (1.0 - p.norm_weight) * value + p.norm_weight * (firm.norm - NORM_CENTRE)
    index = (benefit - stranded) / capital_cost(s, option)
    unstranded = benefit / firm.campaign_meur
    return Paper(funding.route, funding.gate, funding.rate, hurdle, value, index, funding.own_meur, unstranded, utility,
                 terms.log_rate)  # fmt: skip


@rule
def note_paper(target, paper):
    """Write a paper into the fields of the same names: of an assessment, or of a firm for its candidate."""
    target.route = paper.route
    target.wacc = paper.wacc
    target.hurdle = paper.hurdle
    target.value = paper.value
    target.profitability_index = paper.profitability_index
    target.own_meur = paper.own_meur
    target.value_unstranded = paper.value_unstranded
    target.utility = paper.utility


@rule
def break_even_strike(s, i, row, running_meur, outlook, t):
    """Carbon price under a contract at which an option (by its row) just pays, EUR/t; 0 if it avoids nothing.

    v is linear in the strike: it is worked out at 1 EUR/t, and its slope is the contract's annuity times tonnes avoided.
    """
    firm = s.firms[i]
    option = s.options[row]
    avoided = s.options[firm.option].emission_kt - option.emission_kt
    if avoided <= 0.0:
        return 0.0
    paper = assess(s, i, option, 1.0, running_meur, means_of(s, i), outlook, t)
    years = int(min(option.life_years, LONGEST_LIFE, s.parameters[0].ccfd_years))
    start = exp(-lead_of(s, firm, option, t) * paper.log_rate)
    slope = start * annuity_factor(paper.hurdle, years) * avoided * 1e-3 / firm.campaign_meur
    return max(0.0, 1.0 - paper.value / slope)


@rule
def pledge_value(s, i, t):
    """Value of the candidate in five years, MEUR, if all that is announced comes true, and the network is full."""
    firm = s.firms[i]
    option = s.options[firm.candidate]
    outlook = look_ahead(s, firm.cluster, 1.0, 1.0, PLEDGE_YEARS_AHEAD, s.world[0].outlook)
    switch = expected_switch(s, firm, option, expected_running_cost(s, firm), t)
    permits = permit_years(s, firm, t)
    plan = Plan(permits, permits + option.build_quarters / 4.0, firm.strike, expected_tariffs(s, i, option, True))
    terms = Terms(firm.hurdle, log1p(firm.hurdle), plan, grant_to(s, firm, option, t))
    return present_value(s, firm, option, switch, terms, outlook, t, PLEDGE_YEARS_AHEAD)
