"""R3, first half: what lenders ask of a project. Additive premia, each tied to one cause, and what support takes off."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.support import loan_support
from clusterpact.agents.technologies import capital_cost
from clusterpact.agents.trust import lender_trust_in_policy, trust
from clusterpact.agents.vocabulary import BY_FINANCIER, N_KINDS, NET_OPERATING, NET_PROPOSED


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
def required_return(s, i, option, f, policy_share, covered):
    """What lender f asks of an option of firm i without public support, per year: base rate and premia (model.md R3).

    policy_share: share of revenue that hangs on the carbon price; covered: 1 under a carbon contract. Returns the base rate
    and the premia apart.
    """
    p = s.parameters[0]
    lender = s.financiers[f]
    technology = s.technologies[option.technology]
    credibility = lender_trust_in_policy(s, s.firms[i].cluster, f)
    risk = (
        p.technology_premium_pp * technology.premium * lender.novelty_appetite
        + p.counterparty_premium_pp * counterparty_doubt(s, i, option, f)
        + p.policy_premium_pp * (1.0 - credibility) * (1.0 - covered) * policy_share
        + lender.confidence_pp
    )
    return lender.base_rate, risk / 100.0


@rule
def supported(s, rate, risk, debt_share, guarantee, concessional):
    """Cost of capital under public support, per year: the guarantee takes its share of the premia on the debt, for a fee.

    WACC = c r_c + (1 - c) (base + risk - g max(0, risk - fee)), with g and c the guaranteed and the concessional share of
    the debt times the debt's share of capital cost: support reaches the debt, not the equity. A guarantee is only taken up
    where it costs less than the risk that it takes.
    """
    p = s.parameters[0]
    relief = guarantee * debt_share * max(0.0, risk - p.guarantee_fee_pp / 100.0)
    share = concessional * debt_share
    return share * p.concessional_rate_pct / 100.0 + (1.0 - share) * (rate + risk - relief)


@rule
def price_loans(s, i, option, policy_share, covered, t):
    """Set what every lender asks of an option of firm i under the support in force (`rates`, per year)."""
    guarantee, concessional = loan_support(s, s.firms[i], capital_cost(s, option), t)
    for f in range(s.financiers.size):
        rate, risk = required_return(s, i, option, f, policy_share, covered)
        s.rates[f] = supported(s, rate, risk, s.parameters[0].gearing_max, guarantee, concessional)
