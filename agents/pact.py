"""R2: the cluster pact. Four governance modes, votes on monitoring and sanctions, open seasons."""

from clusterpact.agents.bookings import lacks_network
from clusterpact.agents.compiled import rule
from clusterpact.agents.support import policy_of
from clusterpact.agents.theories import VOTES_INTEREST
from clusterpact.agents.vocabulary import ANCHOR, CLOSED_DOWN, ORCHESTRATOR, UNANIMITY

QUORUM = 0.5  #: emission-weighted share of votes
MOST_TRANSPARENT = 0.95  #: some breaches stay hidden whatever is done


@rule
def keeps_promises(firm):
    """A firm's own prediction that it keeps a promise: two yearly board decisions at its capability, 1 - (1 - A)**2.

    >>> from types import SimpleNamespace
    >>> keeps_promises(SimpleNamespace(capability=0.5))
    0.75
    """
    missing = 1.0 - firm.capability
    return 1.0 - missing * missing


@rule
def votes_for_rules(s, i, t):
    """Whether a firm votes for monitoring and sanctions, by the theory of votes in force.

    Reciprocity: it expects to keep its word at least as well as others do. Interest: its project waits for a shared network.
    """
    firm = s.firms[i]
    if s.world[0].votes_rule == VOTES_INTEREST:
        return lacks_network(s, firm)
    return keeps_promises(firm) >= s.pacts[firm.cluster].mean_trust


@rule
def cast_vote(s, i, t):
    """Enter the vote of a firm for monitoring and sanctions."""
    s.firms[i].vote = 1


@rule
def cast_votes(s, t):
    """R2: every member says whether it wants monitoring and sanctions; pacts count where either is proposed."""
    for i in range(s.firms.size):
        s.firms[i].vote = 0
        if votes_for_rules(s, i, t):
            cast_vote(s, i, t)


@rule
def run_pact(s, c, t):
    """Set the pact's mode, rules and transparency for this quarter."""
    pact = s.pacts[c]
    p = s.parameters[0]
    policy = policy_of(s, c, t)
    office = policy.orchestrator
    if policy.governance_mode >= 0:
        pact.mode = policy.governance_mode
        if pact.mode == ORCHESTRATOR:
            office = max(office, 1.0)
    else:
        pact.mode = pact.own_mode
    if office > 0.0:
        pact.mode = ORCHESTRATOR
    elif pact.mode == ORCHESTRATOR:
        office = 1.0
    monitoring = policy.monitoring
    pact.rules_adopted = 1 if (monitoring > 0.0 or policy.sanctions > 0.0) and carries_vote(s, c) else 0
    seen = p.transparency + (monitoring if pact.rules_adopted == 1 else 0.0) + p.orchestrator_monitoring * office
    pact.transparency = min(MOST_TRANSPARENT, seen)
    pact.sanction = p.sanction_share * policy.sanctions if pact.rules_adopted == 1 else 0.0
    cost = office * p.orchestrator_cost_meur_per_year / 4.0
    from_fund = min(cost, pact.fund_meur)
    pact.fund_meur -= from_fund
    s.account[0].orchestrator_meur += cost - from_fund


@rule
def carries_vote(s, c):
    """Whether members adopt the rules: all of them, the anchor, or an emission-weighted half, as the mode says."""
    pact = s.pacts[c]
    yes = 0.0
    total = 0.0
    unanimous = True
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        firm = s.firms[i]
        if firm.baseline_kt <= 0.0 or firm.stage == CLOSED_DOWN:
            continue
        total += firm.baseline_kt
        if firm.vote == 1:
            yes += firm.baseline_kt
        else:
            unanimous = False
    if pact.mode == UNANIMITY:
        return unanimous
    if pact.mode == ANCHOR and s.firms[pact.anchor].stage != CLOSED_DOWN:
        return s.firms[pact.anchor].vote == 1
    return yes >= QUORUM * total


@rule
def is_season(s, network, t):
    """Whether a network holds an open season: every second quarter of the year, twice a year with an orchestrator."""
    if t < network.first_season:
        return False
    every = 2 if s.pacts[network.cluster].mode == ORCHESTRATOR else 4
    return t % every == 1


@rule
def run_pacts(s, t):
    """R2: modes, votes and seasons."""
    for c in range(s.pacts.size):
        run_pact(s, c, t)
    for n in range(s.networks.size):
        s.networks[n].season = 1 if is_season(s, s.networks[n], t) else 0
