"""R6: the yearly auction of carbon contracts for difference. Lowest strike first, skipping what the budget cannot hold."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.expectations import announced_price
from clusterpact.agents.ladder import is_free
from clusterpact.agents.support import contract_budget, policy_for, policy_of

CONTRACT_USE_QUARTERS = 8  #: a carbon contract without an FID lapses after two years


@rule
def expected_payment(s, cluster, strike, avoided_kt, t):
    """Expected yearly payment of a carbon contract, MEUR/year: (strike - announced price) times tonnes avoided."""
    return max(0.0, strike - announced_price(s, cluster, t // 4)) * avoided_kt * 1e-3


@rule
def contract_support(s, firm, strike, t):
    """Expected yearly payment of a contract at a strike for a firm's candidate, MEUR/year."""
    avoided_kt = s.options[firm.option].emission_kt - s.options[firm.candidate].emission_kt
    return expected_payment(s, firm.cluster, strike, avoided_kt, t)


@rule
def is_auction(s, cluster, t):
    """Whether carbon contracts are auctioned in a cluster now: in the second quarter of a year with a budget."""
    return t % 4 == 1 and contract_budget(s, cluster, t) > 0.0


@rule
def may_bid(s, i, t):
    """Whether firm i may take part in an auction: it has a candidate, no contract yet, and nothing decided.

    Power stations only where a policy lets them, and of contracts that are for some plants only those.
    """
    firm = s.firms[i]
    if policy_for(s, firm, t).ccfd_budget_meur_per_year <= 0.0:
        return False
    if firm.sells_power == 1 and policy_of(s, firm.cluster, t).ccfd_for_power <= 0.0:
        return False
    return firm.strike <= 0.0 and firm.running_strike <= 0.0 and firm.candidate >= 0 and is_free(firm)


@rule
def bids(s, i, t):
    """Whether firm i, which may, bids its break-even strike: the announced price does not suffice."""
    firm = s.firms[i]
    return firm.strike_bid > announced_price(s, firm.cluster, t // 4)


@rule
def enter_bid(s, i):
    """Enter the bid of firm i in the auction."""
    s.firms[i].bid = s.firms[i].strike_bid


@rule
def committed_support(s, cluster, t):
    """What the contracts of a cluster, awarded or running, are expected to cost over the rest of their time, MEUR."""
    committed = 0.0
    years = s.parameters[0].ccfd_years
    pact = s.pacts[cluster]
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        firm = s.firms[i]
        if firm.strike > 0.0 and firm.candidate >= 0:
            committed += contract_support(s, firm, firm.strike, t) * years
        if firm.running_strike > 0.0:
            remaining = (firm.running_until - t) / 4.0
            committed += expected_payment(s, cluster, firm.running_strike, firm.contract_kt, t) * remaining
    return committed


@rule
def rank_bids(s, cluster):
    """Fill the queue with the bidders of a cluster, lowest strike first; returns how many. Bids are taken in the ranking."""
    pact = s.pacts[cluster]
    count = 0
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        if s.firms[i].bid <= 0.0:
            continue
        k = count
        while k > 0 and s.firms[s.queue[k - 1]].bid > s.firms[i].bid:
            s.queue[k] = s.queue[k - 1]
            k -= 1
        s.queue[k] = i
        count += 1
    return count


@rule
def award_contracts(s, cluster, t):
    """Award contracts to the lowest bids that fit into the budget of one contract length (B * 15 years).

    A bid that is too large is skipped, and the next that fits is taken. What is awarded or running already counts against
    the budget, so that a year's awards cannot exceed the year's budget either.
    """
    budget = contract_budget(s, cluster, t)
    years = s.parameters[0].ccfd_years
    committed = committed_support(s, cluster, t)
    for k in range(rank_bids(s, cluster)):
        firm = s.firms[s.queue[k]]
        support = contract_support(s, firm, firm.bid, t)
        if committed + support * years <= budget * years:
            committed += support * years
            firm.strike = firm.bid
            firm.strike_until = t + CONTRACT_USE_QUARTERS
        firm.bid = 0.0


@rule
def auction_contracts(s, t):
    """R6: bids for carbon contracts, and their award, cluster by cluster."""
    for c in range(s.pacts.size):
        if is_auction(s, c, t):
            pact = s.pacts[c]
            for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
                if may_bid(s, i, t) and bids(s, i, t):
                    enter_bid(s, i)
            award_contracts(s, c, t)
