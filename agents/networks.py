"""R5: networks. Open season, trust-discounted bookings, FID at a threshold, regulated tariff, delay, extensions."""

import math

from clusterpact.agents.bookings import needs_room, reserve, wanted_volume
from clusterpact.agents.chance import DELAY, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.cost_of_capital import owe, room
from clusterpact.agents.support import network_guarantee, policy_of
from clusterpact.agents.trust import lender_trust_in_policy, testify
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import COMMITTED, FIRMS_AND_LENDERS, N_KINDS, NET_BUILDING, NET_OPERATING, NET_PROPOSED

EXTENSION_QUARTERS = 8
EXTENSION_TRIGGER = 0.15  #: waiting volume that starts an extension, share of the first phase
ROUNDING = 1e-9  #: share of the capital cost below which the asset base is what rounding left of it
LEAST_USE = 0.4  #: the tariff never spreads the cost over less than this share of capacity
LEAST_BELIEF = 0.25  #: nor does a firm expect less than this share of the first phase
LATE_QUARTERS = 8.0  #: delay at which nothing is left of the promised ready date
FID_DUE_QUARTERS = 8  #: after the network's decision a committed firm owes its FID within two years


@rule
def network_cost(network, capacity):
    """Capital cost of a network of a size, MEUR: I = I_ref (Q / Q_ref)**gamma (model.md R5); nothing for no capacity.

    >>> from types import SimpleNamespace
    >>> hub = SimpleNamespace(phase=1000.0, phase_capex_meur=300.0, scale_exponent=0.5)
    >>> network_cost(hub, 1000.0), network_cost(hub, 4000.0), network_cost(hub, 0.0)
    (300.0, 600.0, 0.0)
    """
    if capacity <= 0.0:
        return 0.0
    return network.phase_capex_meur * (capacity / network.phase) ** network.scale_exponent


@rule
def revenue_requirement(s, network, asset_base, invested):
    """RR: return on the regulated asset base, depreciation and operating cost, MEUR/year."""
    if asset_base <= ROUNDING * invested:
        return network.opex_share * invested
    allowed = s.parameters[0].regulated_return_pct / 100.0
    return asset_base * allowed + yearly_depreciation(network, invested) + network.opex_share * invested


@rule
def yearly_depreciation(network, invested):
    """Depreciation of what users pay for, MEUR/year: capital cost less the grant, over the network's life.

    >>> from types import SimpleNamespace
    >>> yearly_depreciation(SimpleNamespace(grant_meur=60.0, life_years=30.0), 300.0)
    8.0
    """
    return max(0.0, invested - network.grant_meur) / network.life_years


@rule
def tariff_for(network, requirement, volume):
    """Tariff that recovers a revenue requirement (MEUR/year) over a volume, capped; EUR per unit.

    >>> from types import SimpleNamespace
    >>> hub = SimpleNamespace(tariff_cap=60.0)
    >>> tariff_for(hub, 36.0, 1200.0), tariff_for(hub, 36.0, 300.0), tariff_for(hub, 36.0, 0.0)
    (30.0, 60.0, 60.0)
    """
    if volume <= 0.0:
        return network.tariff_cap
    return min(network.tariff_cap, 1000.0 * requirement / volume)


@rule
def tariff_at(s, firm, kind, volume):
    """Tariff that a firm expects on its network of a kind if it adds a volume, EUR per unit, service beyond it included.

    Before the decision it hangs on the volume that the firm believes others will bring, so trust enters here.
    """
    network = s.networks[firm.network[kind]]
    if network.stage != NET_PROPOSED:
        return network.tariff + network.service
    cost = network.phase_capex_meur
    base = max(0.0, cost - network.grant_meur)
    expected = max(firm.others_volume[kind] + volume, LEAST_BELIEF * network.phase)
    return tariff_for(network, revenue_requirement(s, network, base, cost), expected) + network.service


@rule
def update_tariffs(s, t):
    """Tariffs on actual use, capped; what the tariff misses goes to the amortisation account, with interest."""
    for n in range(s.networks.size):
        network = s.networks[n]
        if network.stage != NET_OPERATING:
            continue
        requirement = revenue_requirement(s, network, network.asset_base_meur, network.invested_meur)
        volume = max(network.used, LEAST_USE * network.capacity)
        network.tariff = tariff_for(network, requirement, volume)
        revenue = network.tariff * network.used / 1000.0
        interest = network.account_meur * s.parameters[0].regulated_return_pct / 100.0
        network.account_meur += (interest + requirement - revenue) / 4.0
        depreciation = min(network.asset_base_meur, yearly_depreciation(network, network.invested_meur) / 4.0)
        network.asset_base_meur -= depreciation
        repayment = min(network.repayment_meur, network.debt_meur)
        network.debt_meur -= repayment
        if network.lender >= 0:
            owe(s, network.lender, network.cluster, -repayment)


@rule
def finance_network(s, network, cost, revenue, guarantee):
    """Lender and debt for a network under R3: (row, MEUR); (-1, 0) if no lender carries it.

    cost is net of grants, revenue the yearly amount that signed users bring less operating cost. The guarantee takes its
    share of the risk premium; the equity beyond the debt must stay within the sponsor's limit.
    """
    p = s.parameters[0]
    best = -1
    best_debt = 0.0
    for f in range(s.financiers.size):
        lender = s.financiers[f]
        credibility = lender_trust_in_policy(s, network.cluster, f)
        risk = p.policy_premium_pp * (1.0 - credibility) + lender.confidence_pp
        rate = lender.base_rate + (1.0 - guarantee) * risk / 100.0 - p.debt_margin_pp / 100.0
        cover = p.debt_service_cover * capital_recovery_factor(rate, network.life_years)
        debt = max(0.0, min(p.gearing_max * cost, revenue / cover, lender.ticket_max_meur, room(s, f, network.cluster)))
        if cost > 0.0 and debt < lender.ticket_min_meur:
            continue
        if cost - debt <= p.equity_share_max * cost and (best < 0 or debt > best_debt):
            best = f
            best_debt = debt
    return best, best_debt


@rule
def decides(s, n, t):
    """Whether a network takes its FID now: an open season, enough trusted bookings, and a lender."""
    network = s.networks[n]
    if network.stage != NET_PROPOSED or network.season == 0 or network.signed <= 0.0:
        return False
    if network.believed < network.threshold:
        return False
    return plan_network(s, network, t)[0] >= 0


@rule
def plan_network(s, network, t):
    """Lender, debt, cost net of grant and capacity of a first phase sized for what is signed."""
    capacity = min(network.limit, s.parameters[0].oversizing * max(network.signed, network.threshold))
    gross = network_cost(network, capacity)
    cost = max(0.0, gross - network.grant_meur)
    requirement = revenue_requirement(s, network, cost, gross)
    tariff = tariff_for(network, requirement, max(network.believed, LEAST_USE * capacity))
    guarantee = network_guarantee(s, network.cluster, t)
    income = tariff * network.believed / 1000.0
    covered = income + guarantee * max(0.0, requirement - income)
    lender, debt = finance_network(s, network, cost, covered - network.opex_share * gross, guarantee)
    return lender, debt, cost, capacity


@rule
def decide(s, n, t):
    """Take a network's FID: size it, finance it, draw its delay, and hold signed firms to their commitments."""
    network = s.networks[n]
    world = s.world[0]
    lender, debt, cost, capacity = plan_network(s, network, t)
    gross = network_cost(network, capacity)
    faster = policy_of(s, network.cluster, t).faster_permits * s.parameters[0].permit_quarters
    network.stage = NET_BUILDING
    network.capacity = capacity
    network.fid_quarter = t
    network.planned_quarter = t + max(4, network.lead_quarters - int(faster))
    mean = s.parameters[0].delay_mean_quarters
    draw = uniform(world.seed, world.run, DELAY, network.id, 0)
    delay = int(math.log(1.0 - draw) / math.log(mean / (1.0 + mean))) if mean > 0.0 else 0
    network.ready_quarter = network.planned_quarter + delay
    network.signed_at_fid = network.signed / network.phase
    network.guarantee = network_guarantee(s, network.cluster, t)
    fund(s, network, lender, debt, cost, gross)
    network.tariff = tariff_for(
        network,
        revenue_requirement(s, network, network.asset_base_meur, gross),
        max(network.signed, LEAST_USE * capacity),
    )
    hold_to_commitment(s, n, t)


@rule
def fund(s, network, lender, debt, cost, gross):
    """Enter the money of an investment: grant, debt and equity add up to its cost."""
    network.invested_meur += gross
    network.asset_base_meur += cost
    network.equity_meur += cost - debt
    network.debt_meur += debt
    network.repayment_meur += debt / (4.0 * network.life_years)
    network.lender = lender
    owe(s, lender, network.cluster, debt)
    account = s.account[0]
    account.network_capex_meur += gross
    account.network_grants_meur += gross - cost
    account.network_debt_meur += debt
    account.network_equity_meur += cost - debt


@rule
def hold_to_commitment(s, n, t):
    """After a decision: committed users whose networks all have room get their capacity and owe an FID."""
    pact = s.pacts[s.networks[n].cluster]
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        firm = s.firms[i]
        if firm.stage != COMMITTED or firm.network[s.networks[n].kind] != n:
            continue
        if wanted_volume(s, firm, s.networks[n].kind) <= 0.0:
            continue
        ready = True
        for kind in range(N_KINDS):
            if needs_room(s, firm, kind):
                ready = False
        if ready:
            reserve(s, firm)
            firm.c2_due = t + FID_DUE_QUARTERS
            firm.c2_lapse = -1


@rule
def extends(s, n, t):
    """Whether a decided network adds capacity: enough volume waits at a season and no extension is under way."""
    network = s.networks[n]
    if network.stage == NET_PROPOSED or network.season == 0 or network.extension > 0.0:
        return False
    if network.capacity >= network.limit:
        return False
    return network.signed >= EXTENSION_TRIGGER * network.phase and network.booked + network.signed > network.capacity


@rule
def extend(s, n, t):
    """Add capacity for the waiting volume, ready in two years, if a lender carries it."""
    network = s.networks[n]
    p = s.parameters[0]
    extra = min(network.limit - network.capacity, p.oversizing * network.signed)
    cost = network_cost(network, network.capacity + extra) - network_cost(network, network.capacity)
    requirement = revenue_requirement(s, network, cost, cost)
    tariff = tariff_for(network, requirement, network.signed)
    income = tariff * network.believed / 1000.0 - network.opex_share * cost
    lender, debt = finance_network(s, network, cost, income, network.guarantee)
    if lender < 0 or (network.lender >= 0 and network.debt_meur > 0.0 and lender != network.lender):
        lender, debt = -1, 0.0
    if lender < 0 and cost > p.equity_share_max * max(cost, network.invested_meur):
        return
    previous = network.lender
    fund(s, network, lender, debt, cost, cost)
    if lender < 0:
        network.lender = previous
    network.capacity += extra
    network.extension = extra
    network.extension_ready = t + EXTENSION_QUARTERS
    hold_to_commitment(s, n, t)


@rule
def decide_networks(s, t):
    """R5: network FIDs."""
    for n in range(s.networks.size):
        if decides(s, n, t):
            decide(s, n, t)


@rule
def extend_networks(s, t):
    """R5: extensions of decided networks."""
    for n in range(s.networks.size):
        if extends(s, n, t):
            extend(s, n, t)


@rule
def commission_networks(s, t):
    """Networks and extensions whose time has come start to operate."""
    for n in range(s.networks.size):
        network = s.networks[n]
        if network.stage == NET_BUILDING and t >= network.ready_quarter:
            network.stage = NET_OPERATING
        if network.extension > 0.0 and t >= network.extension_ready and network.stage == NET_OPERATING:
            network.extension = 0.0
            network.extension_ready = -1


@rule
def observe_networks(s, t):
    """C4: the promised ready date, kept to the degree y = max(0, 1 - delay / 8 quarters), seen when it opens."""
    for n in range(s.networks.size):
        network = s.networks[n]
        if network.fid_quarter < 0 or network.c4_seen == 1 or t < network.ready_quarter:
            continue
        network.c4_seen = 1
        outcome = max(0.0, 1.0 - (network.ready_quarter - network.planned_quarter) / LATE_QUARTERS)
        testify(network, outcome, 1.0, FIRMS_AND_LENDERS, True, s.parameters[0].witness_discount)
