"""R2: the cluster pact. Four governance modes, votes on monitoring and sanctions, open seasons."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.governments import EXTRA_MONITORING, ORCHESTRATOR_OFFICE, policy_of
from clusterpact.agents.records import ANCHOR, ORCHESTRATOR, UNANIMITY

QUORUM = 0.5  #: emission-weighted share of votes


@rule
def keeps_promises(firm):
    """A firm's own prediction that it keeps a promise: two yearly board decisions at its capability."""
    return 1.0 - (1.0 - firm.capability) ** 2


@rule
def votes_for_rules(s, i, t):
    """Whether a firm votes for monitoring and sanctions: it expects to keep its word better than others do."""
    firm = s.firms[i]
    return keeps_promises(firm) >= s.pacts[firm.cluster].mean_trust


@rule
def run_pact(s, c, t):
    """Set the pact's mode, rules and transparency for this quarter, and open the season."""
    pact = s.pacts[c]
    p = s.parameters[0]
    policy = policy_of(s, c, t)
    government = s.governments[pact.pact_government]
    office = max(policy.orchestrator, government.adopted[ORCHESTRATOR_OFFICE])
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
    monitoring = max(policy.monitoring, government.adopted[EXTRA_MONITORING])
    pact.rules_adopted = 1 if (monitoring > 0.0 or policy.sanctions > 0.0) and carries_vote(s, c, t) else 0
    seen = p.transparency + (monitoring if pact.rules_adopted == 1 else 0.0) + p.orchestrator_monitoring * office
    pact.transparency = min(0.95, seen)
    pact.sanction = p.sanction_share * policy.sanctions if pact.rules_adopted == 1 else 0.0
    s.account[0].orchestrator_meur += office * p.orchestrator_cost_meur_per_year / 4.0


@rule
def carries_vote(s, c, t):
    """Whether members adopt the rules: all of them, the anchor, or an emission-weighted half, as the mode says."""
    pact = s.pacts[c]
    yes = 0.0
    total = 0.0
    dissent = 0
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        firm = s.firms[i]
        if firm.baseline_kt <= 0.0:
            continue
        total += firm.baseline_kt
        if votes_for_rules(s, i, t):
            yes += firm.baseline_kt
        else:
            dissent += 1
    if pact.mode == UNANIMITY:
        return dissent == 0
    if pact.mode == ANCHOR:
        return votes_for_rules(s, pact.anchor, t)
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
