"""Support in force, and what it pays: grants, guarantees, concessional loans, carbon contracts, tax credits."""

import math

from clusterpact.agents.compiled import part, rule
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import CARBON, CONCESSIONAL, CREDITS, GRANTS, GUARANTEES, N_BUDGETS, NETWORK_SUPPORT

GRANT_CAP = 0.6  #: Innovation Fund: at most 60 % of relevant costs
EARLY_YEARS = 3.0  #: years of operation in which the early default hazard holds
DEAREST_DEBT = 0.15  #: no project borrows at more, per year: what a budget for concessional loans is held against
CREDIT_YEARS = 12  #: years that a tax credit for captured CO2 is paid (US Internal Revenue Code, section 45Q)


@rule
def policy_of(s, cluster, t):
    """The instruments in force for all of a cluster this year: what its package, its law and its governments brought."""
    return s.policy[cluster * s.world[0].years + t // 4]


@rule
def policy_for(s, agent, t):
    """The instruments in force for a firm or network this year, those among them that are for some agents only."""
    return s.policy[agent.policy_table * s.world[0].years + t // 4]


@rule
def is_frozen(s, cluster, t):
    """Whether new awards are frozen in a cluster, as they are for a year after a reversal."""
    return t < s.governments[s.pacts[cluster].support_government].frozen_until


@rule
def instrument_levels(s, firm, t):
    """Support in force for a firm's new projects: grant, loan guarantee, concessional share (0 while awards are frozen)."""
    if is_frozen(s, firm.cluster, t):
        return 0.0, 0.0, 0.0
    policy = policy_for(s, firm, t)
    return policy.grant_share, policy.loan_guarantee_share, policy.concessional_share


@rule
def promised_grant(s, firm, capex, t):
    """Grant that is promised to a firm's project of a capital cost, MEUR: the share in force, capped."""
    return min(GRANT_CAP, instrument_levels(s, firm, t)[0]) * capex


@rule
def grant_for(s, firm, capex, t):
    """Grant to a firm's project of a capital cost, MEUR: what is promised, within what is left of the place's budget."""
    return min(promised_grant(s, firm, capex, t), s.pacts[firm.cluster].budget_left_meur[GRANTS])


@rule
def within_budget(s, cluster, line, promised):
    """The share of what is promised (MEUR) that a public budget still covers."""
    left = s.pacts[cluster].budget_left_meur[line]
    return 1.0 if promised <= max(0.0, left) else max(0.0, left) / promised


@rule
def grant_element(p, rate):
    """Share of a concessional loan that is a gift: 1 - CRF(r_c) / CRF(market rate), over the tenor; 0 if it is no cheaper.

    p: parameters; rate: of the market, per year; the loan is served by level payments.
    """
    public = capital_recovery_factor(p.concessional_rate_pct * 1e-2, p.debt_tenor_years)
    return max(0.0, 1.0 - public / capital_recovery_factor(rate, p.debt_tenor_years))


@rule
def expected_calls(p):
    """Expected loss per guaranteed euro of a loan: default hazards over its tenor on what is left of it, less recovery."""
    late = max(0.0, p.debt_tenor_years - EARLY_YEARS)
    chance = EARLY_YEARS * p.default_early_per_year + 0.5 * late * p.default_late_per_year
    return chance * (1.0 - p.recovery_share)


@part
def loan_support(s, firm, capex, t):
    """Guaranteed and concessional shares of a firm's loans for a project, within what is left of the budgets for them.

    A budget is held against the most that a project of this capital cost could take of it, so that it is never overdrawn.
    """
    p = s.parameters[0]
    _, guarantee, concessional = instrument_levels(s, firm, t)
    left = s.pacts[firm.cluster].budget_left_meur
    if guarantee > 0.0 and left[GUARANTEES] < math.inf:
        guarantee *= within_budget(s, firm.cluster, GUARANTEES, guarantee * p.gearing_max * capex * expected_calls(p))
    if concessional > 0.0 and left[CONCESSIONAL] < math.inf:
        concessional *= within_budget(s, firm.cluster, CONCESSIONAL, concessional * capex * grant_element(p, DEAREST_DEBT))
    return guarantee, concessional


@rule
def credit_rate(s, firm, captured_kt, t):
    """Tax credit that a firm's decision gets now, EUR per tonne captured, within what is left of the place's budget."""
    rate = policy_for(s, firm, t).capture_credit_eur_per_t
    if rate <= 0.0:
        return 0.0
    promised = credit_for(rate, captured_kt) * CREDIT_YEARS
    return rate * within_budget(s, firm.cluster, CREDITS, promised)


@rule
def spend(s, cluster, line, amount):
    """Take an amount (MEUR) that was promised from a public budget of a place."""
    s.pacts[cluster].budget_left_meur[line] -= amount


@rule
def open_budgets(s, t):
    """Each January every place gets its yearly budgets, what was not spent being kept; without a budget, no limit."""
    if t % 4 != 0:
        return
    for c in range(s.pacts.size):
        pact = s.pacts[c]
        policy = policy_of(s, c, t)
        for line in range(N_BUDGETS):
            kept = pact.budget_left_meur[line]
            pact.budget_left_meur[line] = policy.budget_meur_per_year[line] + (0.0 if math.isinf(kept) else kept)


@rule
def contract_budget(s, cluster, t):
    """Annual budget for carbon contracts in force, MEUR/year (0 while awards are frozen)."""
    return 0.0 if is_frozen(s, cluster, t) else policy_of(s, cluster, t).ccfd_budget_meur_per_year


@rule
def network_guarantee(s, network, cost_meur, t):
    """Share g of a network's first phase that the state covers (0 while awards are frozen), within the place's budget."""
    if is_frozen(s, network.cluster, t):
        return 0.0
    share = policy_for(s, network, t).infrastructure_guarantee_share
    return share * within_budget(s, network.cluster, NETWORK_SUPPORT, share * cost_meur)


@rule
def contract_payment(s, firm):
    """Payment of a running carbon contract, MEUR/quarter: (strike - price) per tonne avoided; firms pay back above it.

    Tonnes follow what the plant makes.
    """
    if firm.running_strike <= 0.0:
        return 0.0
    return (firm.running_strike - s.spots[firm.cluster].price[CARBON]) * firm.contract_kt * firm.output * 2.5e-4


@rule
def credit_for(credit_eur_per_t, captured_kt):
    """Tax credit for tonnes that are captured beyond what was captured before, MEUR/year; none for capturing less.

    >>> credit_for(50.0, 200.0), credit_for(50.0, -10.0)
    (10.0, 0.0)
    """
    return credit_eur_per_t * max(0.0, captured_kt) * 1e-3


@rule
def tax_credit(s, firm):
    """Tax credit that the running project gets, MEUR/year: for what it was promised for, as far as it is captured."""
    return credit_for(firm.running_credit, min(firm.credit_kt, s.options[firm.option].captured_kt) * firm.output)
