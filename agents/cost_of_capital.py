"""R3, first half: what lenders ask of a project. Additive premia, each tied to one cause, and what support takes off."""

from typing import NamedTuple

from clusterpact.agents.compiled import part, rule
from clusterpact.agents.lending import rank_lenders
from clusterpact.agents.trust import lender_trust_in_policy, trust
from clusterpact.agents.vocabulary import BY_FINANCIER, N_KINDS, NET_OPERATING, NET_PROPOSED


@rule
def waits_for_networks(s, firm, option):
    """Whether an option needs more of any network that does not run yet."""
    for kind in range(N_KINDS):
        if option.volume[kind] > 0.0 and firm.network[kind] >= 0 and s.networks[firm.network[kind]].stage != NET_OPERATING:
            return True
    return False


@part
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


class Premia(NamedTuple):
    """What any lender asks of an option for a whole cause of risk, per year; each has its own view of how much there is."""

    technology: float  #: times its appetite for novelty
    counterparty: float  #: times its doubt in networks
    policy: float  #: times its doubt in governments


@part
def premia_of(s, option, policy_share, covered):
    """Premia of an option; policy_share: of revenue, hangs on the carbon price; covered: 1 under a carbon contract."""
    p = s.parameters[0]
    technology = p.technology_premium_pp * s.technologies[option.technology].premium
    policy = p.policy_premium_pp * (1.0 - covered) * policy_share
    return Premia(technology * 1e-2, p.counterparty_premium_pp * 1e-2, policy * 1e-2)


@part
def required_return(s, cluster, f, premia, doubt):
    """What lender f asks of an option in a cluster without public support, per year (model.md R3): base rate and risk.

    doubt: in networks (`counterparty_doubt`).
    """
    lender = s.financiers[f]
    risk = premia.technology * lender.novelty_appetite + premia.counterparty * doubt
    risk += premia.policy * (1.0 - lender_trust_in_policy(s, cluster, f)) + lender.confidence_pp * 1e-2
    return lender.base_rate, risk


class Support(NamedTuple):
    """Public support for a project's loans: what it comes to for any lender."""

    guaranteed: float  #: share of the capital cost
    fee: float  #: for the guarantee, per year
    concessional: float  #: share of the capital cost
    interest: float  #: on that share, per year of the capital cost


@part
def support_of(s, debt_share, guarantee, concessional):
    """`Support` by shares of a debt that has itself a share of the capital cost: it reaches the debt, not the equity."""
    p = s.parameters[0]
    share = concessional * debt_share
    interest = share * p.concessional_rate_pct * 1e-2
    return Support(guarantee * debt_share, p.guarantee_fee_pp * 1e-2, share, interest)


@part
def supported(rate, risk, support):
    """Cost of capital under public support, per year: the guarantee takes its share of the premia on the debt, for a fee.

    WACC = c r_c + (1 - c) (base + risk - g max(0, risk - fee)), with g and c the guaranteed and the concessional share. A
    guarantee is only taken up where it costs less than the risk that it takes.
    """
    relief = support.guaranteed * max(0.0, risk - support.fee)
    return support.interest + (1.0 - support.concessional) * (rate + risk - relief)


@rule
def price_loans(s, i, option, policy_share, covered, guarantee, concessional):
    """Set what every lender asks of an option of firm i under support for its loans (`rates`, per year), and rank them."""
    cluster = s.firms[i].cluster
    premia = premia_of(s, option, policy_share, covered)
    support = support_of(s, s.parameters[0].gearing_max, guarantee, concessional)
    waits = waits_for_networks(s, s.firms[i], option)
    for f in range(s.financiers.size):
        doubt = counterparty_doubt(s, i, option, f) if waits else 0.0
        rate, risk = required_return(s, cluster, f, premia, doubt)
        if guarantee > 0.0 or concessional > 0.0:
            s.rates[f] = supported(rate, risk, support)
        else:
            s.rates[f] = rate + risk
    rank_lenders(s)
