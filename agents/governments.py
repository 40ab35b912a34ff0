"""R6: governments follow their milestones, may reverse after elections, adopt instruments, and award carbon contracts."""

import math

import numpy as np
from clusterpact.agents.chance import ADOPTION, ELECTION, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.records import ADOPTABLE, COMMITTED, IDLE, OPERATING, PLEDGED
from clusterpact.agents.trust import testify
from clusterpact.policies.instruments import INSTRUMENTS

QUARTERS_PER_TERM = 16
GRANT_CAP = 0.6  #: Innovation Fund: at most 60 % of relevant costs
AWARD_FREEZE_QUARTERS = 4
CONTRACT_USE_QUARTERS = 8  #: a carbon contract without an FID lapses after two years
TYPICAL = tuple(INSTRUMENTS[name].typical for name in ADOPTABLE)
CCFD, NETWORK_GUARANTEE, ORCHESTRATOR_OFFICE, EXTRA_MONITORING = range(4)


@rule
def year_row(s, cluster, year):
    """Row of a cluster's year in yearly tables; the last year holds beyond the horizon."""
    years = s.world[0].years
    return cluster * years + min(year, years - 1)


@rule
def policy_of(s, cluster, t):
    """The instruments in force in a cluster this year."""
    return s.policy[cluster * s.world[0].years + t // 4]


@rule
def announced_price(s, cluster, year):
    """The carbon price that is announced for a year (row of the horizon; the last one holds beyond it), EUR/t."""
    return s.market[year_row(s, cluster, year)].in_force


@rule
def announce(s):
    """Renew the announced carbon price of every cluster and year.

    The uplift over the first year's price is scaled by ratchets and reversals and never exceeds the statutory path; a
    policy's own path and its legal floor come on top.
    """
    years = s.world[0].years
    for c in range(s.pacts.size):
        scale = s.governments[s.pacts[c].carbon_government].price_scale
        start = s.market[c * years].announced
        for row in range(c * years, (c + 1) * years):
            market = s.market[row]
            policy = s.policy[row]
            price = min(start + scale * (market.announced - start), market.statutory)
            own_path = min(scale, 1.0) * policy.carbon_price_path_eur_per_t
            market.in_force = max(price, own_path, policy.carbon_price_floor_eur_per_t)


@rule
def instrument_levels(s, cluster, t):
    """Support in force for new projects: grant, loan guarantee, concessional share (0 while awards are frozen)."""
    government = s.governments[s.pacts[cluster].support_government]
    if t < government.frozen_until:
        return 0.0, 0.0, 0.0
    policy = policy_of(s, cluster, t)
    return policy.grant_share, policy.loan_guarantee_share, policy.concessional_share


@rule
def grant_rate(s, cluster, t):
    """Grant as a share of capital cost, capped."""
    return min(GRANT_CAP, instrument_levels(s, cluster, t)[0])


@rule
def contract_budget(s, cluster, t):
    """Annual budget for carbon contracts in force, MEUR/year (0 while awards are frozen)."""
    government = s.governments[s.pacts[cluster].support_government]
    if t < government.frozen_until:
        return 0.0
    return max(policy_of(s, cluster, t).ccfd_budget_meur_per_year, government.adopted[CCFD])


@rule
def network_guarantee(s, cluster, t):
    """Share g of networks' first phases that the state covers."""
    government = s.governments[s.pacts[cluster].support_government]
    if t < government.frozen_until:
        return 0.0
    return max(policy_of(s, cluster, t).infrastructure_guarantee_share, government.adopted[NETWORK_GUARANTEE])


@rule
def reversal_chance(s, g, t):
    """Probability that the election of this quarter reverses policy: grows with the price uplift, falls with abatement."""
    p = s.parameters[0]
    home = s.governments[g].home
    start = s.market[year_row(s, home, 0)].announced
    uplift = max(0.0, announced_price(s, home, t // 4) - start) / 60.0
    remaining = 1.0 - clusters_abated_share(s, g)
    return min(1.0, p.reversal_probability * (1.0 - policy_of(s, home, t).lock_in) * max(0.0, remaining) * uplift)


@rule
def has_say(s, g, c):
    """Whether a government has a say in a cluster."""
    pact = s.pacts[c]
    return g == pact.carbon_government or g == pact.support_government or g == pact.pact_government


@rule
def clusters_abated_share(s, g):
    """Abated share of scope 1 over the clusters that a government has a say in."""
    baseline = 0.0
    abated = 0.0
    for c in range(s.pacts.size):
        pact = s.pacts[c]
        if has_say(s, g, c):
            baseline += pact.baseline_kt
            abated += pact.baseline_kt * pact.abated_share
    return abated / baseline if baseline > 0.0 else 0.0


@rule
def milestone(s, g, t):
    """The abated share that is due in the clusters of a government, weighted by their emissions at the start."""
    total = 0.0
    mean = 0.0
    for c in range(s.pacts.size):
        weight = s.pacts[c].baseline_kt
        if weight <= 0.0 or not has_say(s, g, c):
            continue
        market = s.market[year_row(s, c, t // 4)]
        due = market.target + policy_of(s, c, t).shared_milestones * (market.shared_target - market.target)
        total += weight
        mean += (due - mean) * (weight / total)
    return mean


@rule
def reverses(s, g, t):
    """Whether the election of this quarter reverses policy."""
    government = s.governments[g]
    if government.reversal_exposed == 0 or t < government.first_election:
        return False
    if (t - government.first_election) % QUARTERS_PER_TERM != 0:
        return False
    world = s.world[0]
    return uniform(world.seed, world.run, ELECTION, government.id, t) < reversal_chance(s, g, t)


@rule
def reverse(s, g, t):
    """Carry out a reversal: the price uplift shrinks (if it is this government's), new awards freeze for a year."""
    government = s.governments[g]
    government.reversed_now = 1
    government.reversals += 1
    s.account[0].reversals += 1.0
    if government.sets_carbon_price == 1:
        government.price_scale *= 1.0 - s.parameters[0].reversal_depth
    if government.awards_support == 1:
        government.frozen_until = t + AWARD_FREEZE_QUARTERS


@rule
def review_government(s, g, t):
    """The yearly review: milestone gap, and the bounded ratchet of the carbon price."""
    government = s.governments[g]
    p = s.parameters[0]
    due = milestone(s, g, t)
    gap = max(0.0, due - clusters_abated_share(s, g))
    government.gap_fell = 1 if gap < government.gap or (gap == 0.0 and due > 0.0) else 0
    government.gap = gap
    if government.sets_carbon_price == 1:
        raised = government.price_scale * (1.0 + p.ratchet_per_year * gap * 0.2)
        government.price_scale = max(government.price_scale, min(raised, statutory_scale(s, government.home, t // 4)))


@rule
def statutory_scale(s, cluster, year):
    """Largest scale of the uplift that keeps later announced prices within the statutory path; unlimited on flat paths."""
    start = s.market[year_row(s, cluster, 0)].announced
    largest = -1.0
    for y in range(year, s.world[0].years):
        market = s.market[year_row(s, cluster, y)]
        uplift = market.announced - start
        if uplift > 0.0:
            scale = (market.statutory - start) / uplift
            if largest < 0.0 or scale < largest:
                largest = scale
    return max(1.0, largest) if largest >= 0.0 else math.inf


@rule
def consider_adoption(s, g, t):
    """Note which instruments a government adopts this year; they count from the end of the review."""
    government = s.governments[g]
    for k in range(4):
        may_adopt = government.awards_support == 1 if k <= NETWORK_GUARANTEE else government.governs_pact == 1
        wants = may_adopt and government.adopted[k] == 0.0 and adopts(s, g, k, t)
        government.to_adopt[k] = 1 if wants else 0


@rule
def adopts(s, g, k, t):
    """Whether a government adopts instrument k this year: by itself, or having seen it work at linked peers."""
    p = s.parameters[0]
    world = s.world[0]
    government = s.governments[g]
    hazard = p.spontaneous_adoption_per_year
    for e in range(s.peer_ties.size):
        tie = s.peer_ties[e]
        peer = s.governments[tie.peer]
        if tie.observer == g and peer.adopted[k] > 0.0 and peer.gap_fell == 1:
            hazard += p.peer_adoption_per_year * policy_of(s, government.home, t).peer_learning * tie.weight[k]
    draw = uniform(world.seed, world.run, ADOPTION, government.id, 4 * t + k)
    return draw < 1.0 - math.exp(-hazard)


@rule
def hold_elections(s, t):
    """R6: elections, which may reverse policy."""
    for g in range(s.governments.size):
        if reverses(s, g, t):
            reverse(s, g, t)


@rule
def review_policies(s, t):
    """R6: once a year milestones are reviewed and carbon contracts auctioned; then prices are announced."""
    if t % 4 == 0 and t > 0:
        for g in range(s.governments.size):
            review_government(s, g, t)
        for g in range(s.governments.size):
            consider_adoption(s, g, t)
        for g in range(s.governments.size):
            for k in range(4):
                if s.governments[g].to_adopt[k] == 1:
                    s.governments[g].adopted[k] = TYPICAL[k]
                    s.governments[g].to_adopt[k] = 0
    announce(s)
    if t % 4 == 1:
        for c in range(s.pacts.size):
            auction_contracts(s, c, t)


@rule
def contract_support(s, firm, option_row, strike, t):
    """Expected yearly payment of a carbon contract, MEUR/year: (strike - announced price) times tonnes avoided."""
    avoided = s.options[firm.option].emission_kt - s.options[option_row].emission_kt
    return max(0.0, strike - announced_price(s, firm.cluster, t // 4)) * avoided / 1000.0


@rule
def auction_contracts(s, cluster, t):
    """Yearly auction of carbon contracts: lowest break-even strike first, until the year's budget is gone.

    Commitments of running contracts count against the budget of one contract length (B * 15 years).
    """
    budget = contract_budget(s, cluster, t)
    if budget <= 0.0:
        return
    left = budget
    committed = 0.0
    years = s.parameters[0].ccfd_years
    pact = s.pacts[cluster]
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        firm = s.firms[i]
        if firm.strike > 0.0 and firm.candidate >= 0:
            committed += contract_support(s, firm, firm.candidate, firm.strike, t) * years
        if firm.running_strike > 0.0:
            tonnes = s.options[firm.previous_option].emission_kt - s.options[firm.option].emission_kt
            remaining = (firm.running_until - t) / 4.0
            committed += max(0.0, firm.running_strike - announced_price(s, cluster, t // 4)) * tonnes / 1000.0 * remaining
    count = 0
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        if bids(s, s.firms[i], t):
            s.queue[count] = i
            count += 1
    strikes = np.empty(count)
    for k in range(count):
        strikes[k] = s.firms[s.queue[k]].strike_bid
    for k in np.argsort(strikes, kind="mergesort"):
        firm = s.firms[s.queue[k]]
        support = contract_support(s, firm, firm.candidate, firm.strike_bid, t)
        if support > left or committed + support * years > budget * years:
            return
        left -= support
        committed += support * years
        firm.strike = firm.strike_bid
        firm.strike_until = t + CONTRACT_USE_QUARTERS


@rule
def bids(s, firm, t):
    """Whether a firm bids: it has a candidate that abates, no contract yet, and its announced price does not suffice."""
    if firm.strike > 0.0 or firm.running_strike > 0.0 or firm.candidate < 0:
        return False
    if not (firm.stage == IDLE or firm.stage == PLEDGED or firm.stage == COMMITTED or firm.stage == OPERATING):
        return False
    return firm.strike_bid > announced_price(s, firm.cluster, t // 4)


@rule
def observe_governments(s, t):
    """C5: a year without reversal is a kept announcement; a reversal is a broken one of size four times its depth."""
    from_size = 4.0 * s.parameters[0].reversal_depth
    for g in range(s.governments.size):
        government = s.governments[g]
        if government.reversed_now == 1:
            testify_government(s, government, 0.0, from_size)
            government.reversed_now = 2
        if t % 4 == 3:
            if government.reversed_now == 0:
                testify_government(s, government, 1.0, 1.0)
            government.reversed_now = 0


@rule
def testify_government(s, government, outcome, size):
    """Announcements are made to firms and lenders; every class of observer sees their outcome."""
    testify(government, outcome, size, 0b0011, True, s.parameters[0].witness_discount)
