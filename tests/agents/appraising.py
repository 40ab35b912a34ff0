"""What tests of boards and lenders share: annuities by hand, the value that a rule finds, a firm that asks for a loan."""

import math

from clusterpact.agents.appraisal import expected_running_cost, expected_switch
from clusterpact.agents.cost_of_capital import price_loans
from clusterpact.agents.expectations import expect_prices
from clusterpact.agents.funding import plan_for, stressed_cash_flow
from clusterpact.agents.lenders import funding_now, lend
from clusterpact.agents.lending import fill
from clusterpact.agents.support import loan_support
from clusterpact.agents.technologies import capital_cost
from tests.worlds.small import paper, small_state

HURDLE = 0.11  #: a base rate of 6 % and a hurdle premium of 5 points, without a policy premium
CRF_5_PERCENT = 0.05 / (1 - 1.05**-15)  # 0.0963


def annuity(first, last, rate=HURDLE, lead=2.0):
    """Discounted years first to last of operation, after `lead` years of works."""
    return sum((1 + rate) ** -(lead + k) for k in range(first, last + 1))


def lone_firm(options_per_firm=2, **parameters):
    """One firm without network, norm or noise, whose owner can pay for anything and has no better use for its money.

    Its option avoids 900 kt/year (90 MEUR/year at 100 EUR/t) for 20 years.
    """
    lone = {"firms": 1, "networks": 0, "policy_premium_pp": 0.0, "outside_return_pct": 0.0}
    s = small_state(**(lone | parameters), options_per_firm=options_per_firm)
    s.owners.budget_meur = 1e6
    return s


def value(s, row=1, t=0):
    """Net present value of an option of firm 0 per cost of a campaign (100 MEUR), as its board sees it in quarter t."""
    return paper(s, row, t).value


def asking(s):
    """A state in which firm 0 prefers its first option; lenders ask for 6.5 %, so that debt costs 5 %."""
    s.financiers.base_rate, s.parameters.policy_premium_pp = 0.065, 0.0
    s.firms[0].candidate = 1
    return s


def stressed(s, t=0):
    """The lenders' stressed case of firm 0's candidate, MEUR/year."""
    firm, option = s.firms[0], s.options[s.firms[0].candidate]
    expect_prices(s, t)
    switch = expected_switch(s, firm, option, expected_running_cost(s, firm), t)
    return stressed_cash_flow(s, firm, option, switch, plan_for(s, 0, option, firm.strike, t), t)


def funded(s, t=0):
    """How firm 0 would pay for its candidate in quarter t."""
    expect_prices(s, t)
    return funding_now(s, 0, t)


def apply(s, t=0):
    """Firm 0 applies for finance in quarter t; returns the gate that answers it, 0 if it decided."""
    s.firms[0].applied = 1
    expect_prices(s, t)
    lend(s, t)
    return s.firms[0].refused


def syndicate(s, i, option, debt, share, covered, t=0):
    """A loan to firm i spread over all lenders, the cheapest first: (their mean rate, MEUR lent)."""
    price_loans(s, i, option, share, covered, *loan_support(s, s.firms[i], capital_cost(s, option), t))
    return fill(s, s.firms[i].owner, debt, math.inf)
