"""R7: buyers along the value chain sign for low-carbon products at a premium, with plants that they trust."""

from clusterpact.agents.chance import BUYER_LEAVES, OFFTAKE, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp, log1p
from clusterpact.agents.support import policy_of
from clusterpact.agents.trust import testify, testify_plant, trust
from clusterpact.agents.valuation import LONGEST_LIFE, annuity_factor
from clusterpact.agents.vocabulary import BY_FINANCIER, BY_FIRM, CLOSED_DOWN, FAILED, FIRMS_AND_LENDERS

OFFTAKE_DUE_QUARTERS = 24  #: a plant owes the first of a contract within six years: preparation, works, and a year of grace


@rule
def offered_product(s, firm):
    """Low-carbon product that a firm has to offer, kt a year: of what it would turn to, or runs already; 0 if none."""
    if firm.buyer >= 0 or firm.stage == FAILED or firm.stage == CLOSED_DOWN:
        return 0.0
    row = firm.candidate if firm.candidate >= 0 else firm.option
    return firm.output_kt if s.options[row].is_low_carbon == 1 else 0.0


@rule
def premium_annuity(hurdle, lead_years, years):
    """Discounted value of one MEUR a year of premium over whole years from the start of the plant on."""
    return exp(-lead_years * log1p(hurdle)) * annuity_factor(hurdle, int(min(years, LONGEST_LIFE)))


@rule
def pays_with(s, b, firm, t):
    """Whether a firm's candidate pays, if need be with the premium of buyer b on what it has left to buy."""
    if firm.candidate < 0 or firm.value > 0.0:
        return True
    buyer = s.buyers[b]
    lead = s.options[firm.candidate].build_quarters / 4.0
    years = buyer.contract_quarters / 4.0
    premium = buyer.premium * min(buyer.volume_kt - buyer.signed_kt, firm.output_kt) * 1e-3 / firm.campaign_meur
    if firm.hurdle >= 0.0 and firm.value + premium * years <= 0.0:  # not even undiscounted
        return False
    return firm.value + premium * premium_annuity(firm.hurdle, lead, years) > 0.0


@rule
def peers_share(s, b):
    """Share of the volume of all buyers of the same product in the cluster that is under contract: what peers do."""
    buyer = s.buyers[b]
    volume = 0.0
    signed = 0.0
    for k in range(s.buyers.size):
        other = s.buyers[k]
        if k != b and other.cluster == buyer.cluster and other.product == buyer.product:
            volume += other.volume_kt
            signed += other.signed_kt
    return signed / volume if volume > 0.0 else 0.0


@rule
def willingness(s, b, t):
    """Yearly chance that a buyer wants to sign at all: of its own, by its peers' norm, and by what the law asks of it.

    1 - (1 - beta_0)(1 - w_n S)(1 - procurement * public share)(1 - quota).
    """
    buyer = s.buyers[b]
    p = s.parameters[0]
    policy = policy_of(s, buyer.cluster, t)
    aloof = (1.0 - p.buyer_signs_per_year) * (1.0 - p.norm_weight * peers_share(s, b))
    asked = (1.0 - policy.public_procurement_share * buyer.public_share) * (1.0 - policy.product_quota_share)
    return 1.0 - aloof * asked


@rule
def may_sign(s, b, i):
    """Whether a contract between buyer b and plant i is possible: volume is left, and the plant has its product to offer."""
    buyer = s.buyers[b]
    firm = s.firms[i]
    if firm.product != buyer.product or firm.cluster != buyer.cluster or buyer.volume_kt <= buyer.signed_kt:
        return False
    return offered_product(s, firm) > 0.0


@rule
def signs_offtake(s, b, i, t):
    """Whether buyer b and plant i sign now: it is possible, the contract makes the product pay, the buyer trusts."""
    buyer = s.buyers[b]
    firm = s.firms[i]
    if not may_sign(s, b, i) or not pays_with(s, b, firm, t):
        return False
    world = s.world[0]
    believed = trust(firm.kept[BY_FIRM], firm.broken[BY_FIRM], buyer.disposition)
    return uniform(world.seed, world.run, OFFTAKE, firm.id ^ buyer.id, t) < willingness(s, b, t) * believed


@rule
def sign_offtake(s, b, i, t):
    """Enter a contract: volume and premium are fixed, the plant owes the first of it within some years."""
    buyer = s.buyers[b]
    firm = s.firms[i]
    firm.buyer = b
    firm.offtake_kt = min(firm.output_kt, buyer.volume_kt - buyer.signed_kt)
    firm.offtake_due = t + OFFTAKE_DUE_QUARTERS
    firm.offtake_until = -1
    buyer.signed_kt += firm.offtake_kt
    s.account[0].offtakes_signed += 1.0


@rule
def is_season(b, t):
    """Whether buyers sign in this quarter: once a year, in autumn, from their first year on."""
    return t % 4 == 3 and t >= b.first_quarter


@rule
def sign_offtakes(s, t):
    """R7: once a year every buyer looks at the plants of its product, and signs."""
    for b in range(s.buyers.size):
        if not is_season(s.buyers[b], t):
            continue
        pact = s.pacts[s.buyers[b].cluster]
        for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
            if signs_offtake(s, b, i, t):
                sign_offtake(s, b, i, t)


@rule
def end_offtake(s, i, is_broken):
    """A contract ends: its buyer is free again. If the plant broke it, everybody who buys or lends sees that."""
    firm = s.firms[i]
    if firm.buyer < 0:
        return
    if is_broken:
        testify_plant(s, firm, 0.0, 1.0, FIRMS_AND_LENDERS, True, s.parameters[0].witness_discount)
        s.account[0].offtakes_broken += 1.0
    buyer = s.buyers[firm.buyer]
    buyer.signed_kt = max(0.0, buyer.signed_kt - firm.offtake_kt)
    firm.buyer = -1
    firm.offtake_kt = 0.0
    firm.offtake_due = -1
    firm.offtake_until = -1


@rule
def leaves(s, firm, t):
    """Whether the buyer of a running contract leaves it early in this quarter."""
    world = s.world[0]
    draw = uniform(world.seed, world.run, BUYER_LEAVES, firm.id, t)
    return draw < s.parameters[0].buyer_leaves_per_year / 4.0


@rule
def observe_buyers(s, t):
    """R7: contracts begin when plants make the product, end when their time is over, and are broken by either side."""
    if s.buyers.size == 0:
        return
    p = s.parameters[0]
    for i in range(s.firms.size):
        firm = s.firms[i]
        if firm.buyer < 0:
            continue
        buyer = s.buyers[firm.buyer]
        delivers = s.options[firm.option].is_low_carbon == 1
        if firm.offtake_until < 0:
            if delivers:
                firm.offtake_until = t + buyer.contract_quarters
                testify_plant(s, firm, 1.0, 1.0, FIRMS_AND_LENDERS, True, p.witness_discount)
            elif t >= firm.offtake_due:
                end_offtake(s, i, True)
        elif not delivers:
            end_offtake(s, i, True)
        elif t >= firm.offtake_until:
            testify(buyer, 1.0, 1.0, FIRMS_AND_LENDERS, True, p.witness_discount)
            s.account[0].offtakes_kept += 1.0
            end_offtake(s, i, False)
        elif leaves(s, firm, t):
            testify(buyer, 0.0, 1.0, FIRMS_AND_LENDERS, True, p.witness_discount)
            s.account[0].offtakes_broken += 1.0
            end_offtake(s, i, False)


@rule
def offtake_meur(s, firm, option):
    """Premium that a contract pays a firm with an option, MEUR a year: for a low-carbon product."""
    if firm.buyer < 0 or option.is_low_carbon == 0:
        return 0.0
    return s.buyers[firm.buyer].premium * firm.offtake_kt * 1e-3


@rule
def premium_paid(s, firm):
    """Premium that a firm gets this year under its contract, MEUR/year: once it delivers, for what it makes."""
    if firm.buyer < 0 or firm.offtake_until < 0:
        return 0.0
    return offtake_meur(s, firm, s.options[firm.option]) * min(1.0, firm.output)


@rule
def trust_in_buyer(s, firm):
    """A firm's trust in the buyer that it has a contract with."""
    buyer = s.buyers[firm.buyer]
    return trust(buyer.kept[BY_FIRM], buyer.broken[BY_FIRM], firm.disposition)


@rule
def lenders_trust_in_buyer(s, firm):
    """Trust of lenders in the buyer that a firm has a contract with, at the base rate."""
    buyer = s.buyers[firm.buyer]
    return trust(buyer.kept[BY_FINANCIER], buyer.broken[BY_FINANCIER], s.parameters[0].base_rate_trust)


@rule
def contract_years_left(s, firm, lead_years, t):
    """Years of a contract that a project could still deliver for: all before it began, what is left of it after."""
    buyer = s.buyers[firm.buyer]
    if firm.offtake_until < 0:
        return buyer.contract_quarters / 4.0
    return max(0.0, (firm.offtake_until - t) / 4.0 - lead_years)


@rule
def value_of_offtake(s, firm, option, hurdle, lead_years, t):
    """Discounted premium that a contract brings an option beyond what runs, MEUR: what the buyer is trusted to pay."""
    if firm.buyer < 0:
        return 0.0
    yearly = offtake_meur(s, firm, option) - offtake_meur(s, firm, s.options[firm.option])
    if yearly == 0.0:
        return 0.0
    annuity = premium_annuity(hurdle, lead_years, min(contract_years_left(s, firm, lead_years, t), option.life_years))
    return trust_in_buyer(s, firm) * yearly * annuity


@rule
def would_pay_with_buyer(s, firm, t):
    """Whether a candidate that does not pay would with the premium of a buyer that has volume left."""
    if firm.buyer >= 0 or s.options[firm.candidate].is_low_carbon == 0:
        return False
    for b in range(s.buyers.size):
        buyer = s.buyers[b]
        fits = buyer.cluster == firm.cluster and buyer.product == firm.product and t >= buyer.first_quarter
        if fits and buyer.volume_kt > buyer.signed_kt and pays_with(s, b, firm, t):
            return True
    return False
