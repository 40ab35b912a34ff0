"""R3: what a lender can still lend, what is owed to it, and whom a borrower asks next."""

from clusterpact.agents.compiled import rule

ROUNDING = 1e-9  #: share of a loan that is as good as nothing


@rule
def room(s, f, client):
    """What a lender may still lend to a group of connected clients (an owner, or an operator), MEUR, and to all of them.

    A share of its capital to one group, less loans to it; its capital to all, less loans and bad loans.
    """
    lender = s.financiers[f]
    left = s.parameters[0].connected_limit * lender.capital_meur - s.clients[client * s.financiers.size + f]
    return min(left, lender.capital_meur - lender.exposure_meur - lender.npl_meur)


@rule
def client_of_network(s, n):
    """The group of connected clients that the operator of network n is."""
    return s.owners.size + n


@rule
def owe(s, f, borrower, client, amount):
    """Add to what a borrower of a group of clients owes a lender, MEUR (negative if it repays)."""
    s.financiers[f].exposure_meur += amount
    s.loans[borrower * s.financiers.size + f] += amount
    s.clients[client * s.financiers.size + f] += amount


@rule
def next_lender(s, last):
    """The lender (its row) that asks least after lender `last`, by its rate, then its row; the cheapest of all after -1.

    -1 if there is none.
    """
    best = -1
    for f in range(s.financiers.size):
        after = last < 0 or s.rates[f] > s.rates[last] or (s.rates[f] == s.rates[last] and f > last)
        if after and (best < 0 or s.rates[f] < s.rates[best]):
            best = f
    return best


@rule
def offer(s, f, client, wanted):
    """How much of a loan a lender takes, MEUR: up to its largest ticket and its room, nothing below its smallest ticket."""
    lender = s.financiers[f]
    part = min(wanted, lender.ticket_max_meur, room(s, f, client))
    return part if part > 0.0 and part >= lender.ticket_min_meur else 0.0


@rule
def is_ranked(s):
    """Whether the ranking that stands ranks the lenders by what they ask now."""
    for k in range(1, s.financiers.size):
        before, after = s.ranking[k - 1], s.ranking[k]
        if s.rates[before] > s.rates[after] or (s.rates[before] == s.rates[after] and before >= after):
            return False
    return True


@rule
def rank_lenders(s):
    """Rank the lenders by what they ask (`rates`, per year), then by row: the cheapest first (`ranking`)."""
    if is_ranked(s):
        return
    for f in range(s.financiers.size):
        k = f
        while k > 0 and s.rates[s.ranking[k - 1]] > s.rates[f]:
            s.ranking[k] = s.ranking[k - 1]
            k -= 1
        s.ranking[k] = f


@rule
def fill(s, client, wanted, dearest):
    """Spread a loan over the lenders that ask no more than a rate, as they are ranked: (their mean rate, MEUR lent).

    rates hold what they ask, per year; weighted by what they lend; the cheapest's if none does, 0 where there is no lender.
    """
    paid = 0.0
    lent = 0.0
    for k in range(s.financiers.size):
        f = s.ranking[k]
        if s.rates[f] > dearest or lent >= wanted * (1.0 - ROUNDING):
            break
        part = offer(s, f, client, wanted - lent)
        paid += part * s.rates[f]
        lent += part
    if lent > 0.0:
        return paid / lent, lent
    return (s.rates[s.ranking[0]] if s.financiers.size > 0 else 0.0), lent
