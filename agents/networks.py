"""R5: networks. FID at a threshold of trust-discounted bookings, money on regulated assets, delay, extensions."""

from clusterpact.agents.bookings import EXTENSION_TRIGGER, needs_room, reserve, wanted_volume
from clusterpact.agents.chance import DELAY, geometric, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.lending import client_of_network, next_lender, offer, owe
from clusterpact.agents.support import network_guarantee, policy_for, spend
from clusterpact.agents.tariffs import LEAST_USE, ROUNDING, grant_to_network, network_cost, revenue_requirement, tariff_for
from clusterpact.agents.trust import kept_in_time, lender_trust_in_policy, testify
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import (
    COMMITTED,
    FIRMS_AND_LENDERS,
    N_KINDS,
    NET_BUILDING,
    NET_OPERATING,
    NET_PROPOSED,
    NETWORK_SUPPORT,
)

EXTENSION_QUARTERS = 8
FID_DUE_QUARTERS = 8  #: after the network's decision a committed firm owes its FID within two years


@rule
def network_debt(s, n, cost, revenue, guarantee):
    """Debt that lenders advance on a network's regulated assets, MEUR; offers hold each lender's part, the cheapest first.

    cost is net of grants; revenue the yearly amount that users in sight bring less operating cost, with the state's cover.
    The rest is the operator's equity: a regulated return finds it.
    """
    network = s.networks[n]
    p = s.parameters[0]
    for f in range(s.financiers.size):
        lender = s.financiers[f]
        risk = p.policy_premium_pp * (1.0 - lender_trust_in_policy(s, network.cluster, f)) + lender.confidence_pp
        s.rates[f] = lender.base_rate + (1.0 - guarantee) * risk * 1e-2 - p.debt_margin_pp * 1e-2
        s.offers[f] = 0.0
    if s.financiers.size == 0 or cost <= 0.0:
        return 0.0
    cover = p.debt_service_cover * capital_recovery_factor(max(0.0, s.rates[next_lender(s, -1)]), network.life_years)
    wanted = max(0.0, min(p.gearing_max * cost, revenue / cover))
    lent = 0.0
    f = next_lender(s, -1)
    while f >= 0 and lent < wanted * (1.0 - ROUNDING):
        s.offers[f] = offer(s, f, client_of_network(s, n), wanted - lent)
        lent += s.offers[f]
        f = next_lender(s, f)
    return lent


@rule
def decides(s, n, t):
    """Whether a network takes its FID now: an open season, enough trusted bookings, and a tariff that can pay for it.

    The regulated tariff must recover its cost within its cap once the phase is full; until then the account carries it.
    """
    network = s.networks[n]
    if network.stage != NET_PROPOSED or network.season == 0 or network.signed <= 0.0:
        return False
    if network.believed < network.threshold:
        return False
    gross = network_cost(network, first_capacity(s, network), s.parameters[0].capex_level)
    grant = grant_to_network(network, gross)
    requirement = revenue_requirement(s, network, gross - grant, gross, grant)
    return 1000.0 * requirement <= network.tariff_cap * first_capacity(s, network)


@rule
def first_capacity(s, network):
    """Capacity of a first phase sized for what is signed, and more by the oversizing factor."""
    return min(network.limit, s.parameters[0].oversizing * max(network.signed, network.threshold))


@rule
def decide(s, n, t):
    """Take a network's FID: size it, finance it, draw its delay, and hold signed firms to their commitments."""
    network = s.networks[n]
    capacity = first_capacity(s, network)
    gross = network_cost(network, capacity, s.parameters[0].capex_level)
    grant = grant_to_network(network, gross)
    network.guarantee = network_guarantee(s, network, gross - grant, t)
    requirement = revenue_requirement(s, network, gross - grant, gross, grant)
    income = tariff_for(network, requirement, max(network.believed, LEAST_USE * capacity)) * network.believed * 1e-3
    covered = income + network.guarantee * max(0.0, requirement - income)
    debt = network_debt(s, n, gross - grant, covered - network.opex_share * gross, network.guarantee)
    faster = policy_for(s, network, t).faster_permits * s.parameters[0].permit_quarters
    network.stage = NET_BUILDING
    network.capacity = capacity
    network.fid_quarter = t
    network.planned_quarter = t + max(4, network.lead_quarters - int(faster))
    network.ready_quarter = network.planned_quarter + delay_of(s, network)
    network.signed_at_fid = network.signed / network.phase
    promise_cover(s, network, gross - grant)
    fund(s, n, debt, gross, grant)
    network.tariff = tariff_for(network, requirement, max(network.signed, LEAST_USE * capacity))
    hold_to_commitment(s, n, t)


@rule
def promise_cover(s, network, cost):
    """Take what a guarantee may cost from the place's budget, MEUR: the share of a network's cost, net of grants."""
    network.cover_limit_meur = network.guarantee * cost
    spend(s, network.cluster, NETWORK_SUPPORT, network.cover_limit_meur)


@rule
def fund(s, n, debt, gross, grant):
    """Enter the money of an investment: grant, loans (as offered) and equity add up to its cost, MEUR."""
    network = s.networks[n]
    lent = 0.0
    for f in range(s.financiers.size):
        if debt > 0.0 and s.offers[f] > 0.0:
            owe(s, f, s.firms.size + n, client_of_network(s, n), s.offers[f])
            lent += s.offers[f]
    equity = gross - grant - lent
    network.invested_meur += gross
    network.granted_meur += grant
    network.asset_base_meur += gross - grant
    network.equity_meur += equity
    network.debt_meur += lent
    network.repayment_meur = network.debt_meur / (4.0 * network.life_years)
    account = s.account[0]
    account.network_capex_meur += gross
    account.network_grants_meur += grant
    account.network_debt_meur += lent
    account.network_equity_meur += equity


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
    """Whether a decided network adds capacity: enough volume waits at a season.

    Works under way can be enlarged while they have at least as long to go as an extension takes.
    """
    network = s.networks[n]
    if network.stage == NET_PROPOSED or network.season == 0:
        return False
    if network.extension > 0.0 and network.extension_ready - t < EXTENSION_QUARTERS:
        return False
    if network.capacity >= network.limit:
        return False
    return network.signed >= EXTENSION_TRIGGER * network.phase and network.booked + network.signed > network.capacity


@rule
def extend(s, n, t):
    """Add capacity for the waiting volume, if users can pay for it; it opens once it is built.

    What nobody decided yet, such as a grid that has spare capacity, takes as long as a first phase; later steps two years.
    """
    network = s.networks[n]
    p = s.parameters[0]
    extra = min(network.limit - network.capacity, p.oversizing * network.signed)
    cost = network_cost(network, network.capacity + extra, p.capex_level)
    cost -= network_cost(network, network.capacity, p.capex_level)
    requirement = revenue_requirement(s, network, cost, cost, 0.0)
    if 1000.0 * requirement > network.tariff_cap * extra:
        return
    income = tariff_for(network, requirement, network.signed) * network.believed * 1e-3
    debt = network_debt(s, n, cost, income - network.opex_share * cost, network.guarantee)
    fund(s, n, debt, cost, 0.0)
    if network.extension <= 0.0:
        network.extension_ready = t + extension_time(s, n, t)
    network.capacity += extra
    network.extension += extra
    hold_to_commitment(s, n, t)


@rule
def extension_time(s, n, t):
    """Quarters until an extension opens: a network's first works take its lead time and a delay, later ones two years."""
    network = s.networks[n]
    if network.fid_quarter >= 0:
        return EXTENSION_QUARTERS
    faster = policy_for(s, network, t).faster_permits * s.parameters[0].permit_quarters
    network.fid_quarter = t
    network.planned_quarter = t + max(4, network.lead_quarters - int(faster))
    network.ready_quarter = network.planned_quarter + delay_of(s, network)
    network.signed_at_fid = network.signed / network.phase
    network.guarantee = network_guarantee(s, network, network.asset_base_meur, t)
    promise_cover(s, network, network.asset_base_meur)
    return network.ready_quarter - t


@rule
def delay_of(s, network):
    """Delay of a network beyond its plan, quarters: geometric, one draw a network (model.md R5)."""
    world = s.world[0]
    draw = uniform(world.seed, world.run, DELAY, network.id, 0)
    return geometric(draw, s.parameters[0].delay_mean_quarters)


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
        outcome = kept_in_time(network.ready_quarter - network.planned_quarter)
        testify(network, outcome, 1.0, FIRMS_AND_LENDERS, True, s.parameters[0].witness_discount)
