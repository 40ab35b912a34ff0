"""R3: what a lender can still lend, what is owed to it, and whom a borrower asks next."""

import math

from clusterpact.agents.compiled import rule


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
def next_lender(s):
    """The lender with the lowest rate that was not asked yet (its rate is infinite once it was), -1 if none is left."""
    best = -1
    for f in range(s.financiers.size):
        if not math.isinf(s.rates[f]) and (best < 0 or s.rates[f] < s.rates[best]):
            best = f
    return best


@rule
def offer(s, f, client, wanted):
    """How much of a loan a lender takes, MEUR: up to its largest ticket and its room, nothing below its smallest ticket."""
    lender = s.financiers[f]
    part = min(wanted, lender.ticket_max_meur, room(s, f, client))
    return part if part > 0.0 and part >= lender.ticket_min_meur else 0.0
