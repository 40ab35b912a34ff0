"""R1: trust as a Beta reputation. Evidence on kept and broken promises, with memory, asymmetry and imperfect sight.

Reputation is kept per target and class of observer; observers differ by their disposition (base-rate trust). Trust is
linear in the disposition, so that sums over all peers cost one pass, not one per pair.
"""

from clusterpact.agents.compiled import rule
from clusterpact.agents.vocabulary import BY_FINANCIER, BY_FIRM, DUTIES, N_OBSERVERS

LATE_QUARTERS = 8.0  #: delay at which nothing is left of a promised date
PRIOR_WEIGHT = 2.0  #: weight W of the base rate, in pieces of evidence


@rule
def trust(kept, broken, disposition):
    """T: probability that the target delivers what it promised (Josang and Ismail 2002; model.md R1).

    T = (kept + W a) / (kept + broken + W): kept and broken are weights of evidence (>= 0), disposition is the base rate a in
    [0.05, 0.95]. Without evidence the trust is the base rate.

    >>> trust(0.0, 0.0, 0.4), trust(2.0, 0.0, 0.5), trust(0.0, 2.0, 0.5)
    (0.4, 0.75, 0.25)
    """
    return (kept + PRIOR_WEIGHT * disposition) / (kept + broken + PRIOR_WEIGHT)


@rule
def trust_line(kept, broken):
    """Trust as intercept and slope in the observer's disposition: T = intercept + slope * a.

    >>> trust_line(2.0, 0.0)
    (0.5, 0.5)
    """
    total = kept + broken + PRIOR_WEIGHT
    return kept / total, PRIOR_WEIGHT / total


@rule
def kept_in_time(late_quarters):
    """How far a promised date was kept: y = max(0, 1 - delay / 8 quarters).

    >>> kept_in_time(0), kept_in_time(6), kept_in_time(12)
    (1.0, 0.25, 0.0)
    """
    return max(0.0, 1.0 - late_quarters / LATE_QUARTERS)


@rule
def testify(target, outcome, size, direct, public, witness_discount):
    """Record the outcome y in [0, 1] of a promise of `target` (any record with evidence fields).

    direct: who sees it at first hand, such as `OPERATORS` (a bit per class of observers), at full weight. Others see kept
    promises, and broken ones only if `public`, at the weight of a witness.
    """
    for observer in range(N_OBSERVERS):
        is_direct = (direct >> observer) & 1
        weight = size if is_direct else size * witness_discount
        target.kept_now[observer] += weight * outcome
        if is_direct or public:
            target.broken_now[observer] += weight * (1.0 - outcome)


@rule
def testify_plant(s, firm, outcome, size, direct, public, witness_discount):
    """Record the outcome of a promise of a firm for all units of its plant: who trusts a plant trusts its units."""
    for k in range(firm.site, firm.site + firm.units):
        testify(s.firms[k], outcome, size, direct, public, witness_discount)


@rule
def remember(target, memory, breach_weight):
    """Fold this quarter's evidence into the reputation of `target`: old evidence fades, breaches weigh more."""
    for observer in range(N_OBSERVERS):
        target.kept[observer] = memory * target.kept[observer] + target.kept_now[observer]
        target.broken[observer] = memory * target.broken[observer] + breach_weight * target.broken_now[observer]
        target.kept_now[observer] = 0.0
        target.broken_now[observer] = 0.0


@rule
def update_trust(s, t):
    """R1: every reputation takes in the outcomes that were seen this quarter, then peers' sums are renewed."""
    p = s.parameters[0]
    for i in range(s.firms.size):
        remember(s.firms[i], p.trust_memory, p.breach_weight)
    for n in range(s.networks.size):
        remember(s.networks[n], p.trust_memory, p.breach_weight)
    for g in range(s.governments.size):
        remember(s.governments[g], p.trust_memory, p.breach_weight)
    for b in range(s.buyers.size):
        remember(s.buyers[b], p.trust_memory, p.breach_weight)
    sum_over_peers(s)
    renew_credibility(s)


@rule
def sum_over_peers(s):
    """Sums over each cluster's firms that every member's norm and belief are made of (one pass)."""
    p = s.parameters[0]
    for c in range(s.pacts.size):
        pact = s.pacts[c]
        watched_0, watched_1, succeeded_0, succeeded_1, believed, capability = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        adopters = 0
        for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
            firm = s.firms[i]
            intercept, slope = trust_line(firm.kept[BY_FIRM], firm.broken[BY_FIRM])
            success = success_of(firm)
            watched_0 += firm.visibility * intercept
            watched_1 += firm.visibility * slope
            believed += firm.baseline_kt * (intercept + slope * p.base_rate_trust)
            if success != 0.0:
                succeeded_0 += firm.visibility * intercept * success
                succeeded_1 += firm.visibility * slope * success
            if success > 0.0:
                capability += firm.capability
                adopters += 1
        pact.watched[0], pact.watched[1] = watched_0, watched_1
        pact.succeeded[0], pact.succeeded[1] = succeeded_0, succeeded_1
        pact.mean_trust = believed / pact.baseline_kt if pact.baseline_kt > 0.0 else 0.0
        pact.adopters_capability = capability / adopters if adopters > 0 else 0.0


@rule
def success_of(firm):
    """+1 for a firm that decided or runs a project, -1 for one whose project failed, 0 otherwise."""
    if firm.fid_quarter >= 0:
        return 1.0
    if firm.failures > 0 and firm.switched == 0:
        return -1.0
    return 0.0


@rule
def peer_norm(s, i):
    """S of R4: trust-weighted share of peers that succeeded less those that failed, within [0, 1]; 0 without peers."""
    firm = s.firms[i]
    pact = s.pacts[firm.cluster]
    a = firm.disposition
    intercept, slope = trust_line(firm.kept[BY_FIRM], firm.broken[BY_FIRM])
    own = firm.visibility * (intercept + slope * a)
    watched = pact.watched[0] + a * pact.watched[1] - own
    if watched <= 1e-12:
        return 0.0
    norm = (pact.succeeded[0] + a * pact.succeeded[1] - own * success_of(firm)) / watched
    return min(1.0, max(0.0, norm))


@rule
def firm_trust_in_price(s, firm):
    """A firm's trust in the government that announces the carbon price."""
    government = s.governments[s.pacts[firm.cluster].carbon_government]
    return trust(government.kept[BY_FIRM], government.broken[BY_FIRM], firm.disposition)


@rule
def lender_trust_in_price(s, cluster, f):
    """Lender f's trust in the government that announces a cluster's carbon price."""
    government = s.governments[s.pacts[cluster].carbon_government]
    return trust(government.kept[BY_FINANCIER], government.broken[BY_FINANCIER], s.financiers[f].disposition)


@rule
def lender_trust_in_policy(s, cluster, f):
    """Lender f's mean trust in the three governments with a say over a cluster, as of this quarter's evidence."""
    return s.credibility[cluster * s.financiers.size + f]


@rule
def renew_credibility(s):
    """Work out lenders' trust in every cluster's governments once a quarter; appraisals read it many times."""
    for c in range(s.pacts.size):
        pact = s.pacts[c]
        pact.lenders_trust = s.parameters[0].base_rate_trust if s.financiers.size == 0 else 0.0
        for f in range(s.financiers.size):
            pact.lenders_trust += lender_trust_in_price(s, c, f) / s.financiers.size
            total = 0.0
            for g in (pact.carbon_government, pact.support_government, pact.pact_government):
                government = s.governments[g]
                kept, broken = government.kept[BY_FINANCIER], government.broken[BY_FINANCIER]
                total += trust(kept, broken, s.financiers[f].disposition)
            s.credibility[c * s.financiers.size + f] = total / len(DUTIES)
