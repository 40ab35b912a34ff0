"""R3, first half: what capital costs a project. Additive premia, each tied to one cause, and the cheapest lender."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.support import instrument_levels
from clusterpact.agents.trust import lender_trust_in_policy, trust
from clusterpact.agents.vocabulary import BY_FINANCIER, N_KINDS, NET_OPERATING, NET_PROPOSED


@rule
def room(s, f, cluster):
    """What a lender may still lend to a cluster, MEUR: a share of its capital less loans there, within its capital.

    A cluster is one group of connected clients; bad loans weigh on every cluster.
    """
    lender = s.financiers[f]
    loans = s.loans[cluster * s.financiers.size + f]
    left = s.parameters[0].connected_limit * lender.capital_meur - loans - lender.npl_meur
    return min(left, lender.capital_meur - lender.exposure_meur - lender.npl_meur)


@rule
def owe(s, f, cluster, amount):
    """Add to what a cluster owes a lender, MEUR (negative if it repays); nothing without a lender."""
    if f >= 0:
        s.financiers[f].exposure_meur += amount
        s.loans[cluster * s.financiers.size + f] += amount


@rule
def counterparty_doubt(s, i, option, f):
    """Largest 1 - T * min(1, mu / Q*) over the networks that an option needs and that do not run yet; 0 if none."""
    firm = s.firms[i]
    worst = 0.0
    for kind in range(N_KINDS):
        wanted = option.volume[kind] - s.options[firm.option].volume[kind]
        if wanted <= 0.0 or firm.network[kind] < 0:
            continue
        network = s.networks[firm.network[kind]]
        if network.stage == NET_OPERATING:
            continue
        confidence = trust(network.kept[BY_FINANCIER], network.broken[BY_FINANCIER], s.financiers[f].disposition)
        if network.stage == NET_PROPOSED and network.threshold > 0.0:
            confidence *= min(1.0, (firm.others_volume[kind] + wanted) / network.threshold)
        worst = max(worst, 1.0 - confidence)
    return worst


@rule
def wacc(s, i, option, f, policy_share, covered, guarantee, concessional):
    """Cost of capital of an option of firm i with lender f, per year.

    policy_share: share of revenue that hangs on the carbon price; covered: 1 under a carbon contract; guarantee and
    concessional: public shares. WACC = s_c r_c + (1 - s_c) (base + (1 - guarantee) * risk) (model.md R3).
    """
    p = s.parameters[0]
    lender = s.financiers[f]
    firm = s.firms[i]
    technology = s.technologies[option.technology]
    credibility = lender_trust_in_policy(s, firm.cluster, f)
    risk = (
        p.technology_premium_pp * technology.premium * lender.novelty_appetite
        + p.counterparty_premium_pp * counterparty_doubt(s, i, option, f)
        + p.policy_premium_pp * (1.0 - credibility) * (1.0 - covered) * policy_share
        + lender.confidence_pp
    )
    required = lender.base_rate + (1.0 - guarantee) * risk / 100.0
    return concessional * p.concessional_rate_pct / 100.0 + (1.0 - concessional) * required


@rule
def cheapest_lender(s, i, option, capex, policy_share, covered, t):
    """The lender with the lowest cost of capital whose ticket fits the largest debt: (row, WACC).

    If every ticket is too small, the lender with the largest one: it lends that much. (-1, WACC of the first lender) if the
    debt is below every smallest ticket; with no lender at all, the regulated return stands in.
    """
    _, guarantee, concessional = instrument_levels(s, s.firms[i].cluster, t)
    debt = s.parameters[0].gearing_max * capex
    best = -1
    best_rate = s.parameters[0].regulated_return_pct / 100.0
    fits = False
    for f in range(s.financiers.size):
        lender = s.financiers[f]
        if debt < lender.ticket_min_meur or lender.ticket_max_meur <= 0.0:
            continue
        rate = wacc(s, i, option, f, policy_share, covered, guarantee, concessional)
        if debt <= lender.ticket_max_meur:
            if not fits or rate < best_rate:
                best = f
                best_rate = rate
            fits = True
        elif not fits and (best < 0 or lender.ticket_max_meur > s.financiers[best].ticket_max_meur):
            best = f
            best_rate = rate
    if best < 0 and s.financiers.size > 0:
        best_rate = wacc(s, i, option, 0, policy_share, covered, guarantee, concessional)
    return best, best_rate
