"""Support in force, and what it pays: grants, guarantees, concessional loans, carbon contracts, tax credits."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.vocabulary import CARBON

GRANT_CAP = 0.6  #: Innovation Fund: at most 60 % of relevant costs
CREDIT_YEARS = 12  #: years that a tax credit for captured CO2 is paid (US Internal Revenue Code, section 45Q)


@rule
def policy_of(s, cluster, t):
    """The instruments in force in a cluster this year: what its package, its law and its governments brought."""
    return s.policy[cluster * s.world[0].years + t // 4]


@rule
def is_frozen(s, cluster, t):
    """Whether new awards are frozen in a cluster, as they are for a year after a reversal."""
    return t < s.governments[s.pacts[cluster].support_government].frozen_until


@rule
def instrument_levels(s, cluster, t):
    """Support in force for new projects: grant, loan guarantee, concessional share (0 while awards are frozen)."""
    if is_frozen(s, cluster, t):
        return 0.0, 0.0, 0.0
    policy = policy_of(s, cluster, t)
    return policy.grant_share, policy.loan_guarantee_share, policy.concessional_share


@rule
def grant_rate(s, cluster, t):
    """Grant as a share of capital cost, capped."""
    return min(GRANT_CAP, instrument_levels(s, cluster, t)[0])


@rule
def contract_budget(s, cluster, t):
    """Annual budget for carbon contracts in force, MEUR/year (0 while awards are frozen)."""
    return 0.0 if is_frozen(s, cluster, t) else policy_of(s, cluster, t).ccfd_budget_meur_per_year


@rule
def network_guarantee(s, cluster, t):
    """Share g of networks' first phases that the state covers (0 while awards are frozen)."""
    return 0.0 if is_frozen(s, cluster, t) else policy_of(s, cluster, t).infrastructure_guarantee_share


@rule
def contract_payment(s, firm):
    """Payment of a running carbon contract, MEUR/quarter: (strike - price) per tonne avoided; firms pay back above it."""
    if firm.running_strike <= 0.0:
        return 0.0
    avoided = s.options[firm.previous_option].emission_kt - s.options[firm.option].emission_kt
    return (firm.running_strike - s.spots[firm.cluster].price[CARBON]) * avoided / 4000.0


@rule
def credit_for(credit_eur_per_t, captured_kt):
    """Tax credit for tonnes that are captured beyond what was captured before, MEUR/year; none for capturing less.

    >>> credit_for(50.0, 200.0), credit_for(50.0, -10.0)
    (10.0, 0.0)
    """
    return credit_eur_per_t * max(0.0, captured_kt) / 1000.0


@rule
def tax_credit(s, firm):
    """Tax credit that the running project gets for what it captures, MEUR/year."""
    captured = s.options[firm.option].captured_kt - s.options[firm.previous_option].captured_kt
    return credit_for(firm.running_credit, captured)
