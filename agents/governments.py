"""R6: governments follow their milestones, may reverse after elections, adopt instruments, and announce the carbon price."""

import math

import numpy as np

from clusterpact.agents.chance import ADOPTION, ELECTION, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp
from clusterpact.agents.expectations import announced_price, year_row
from clusterpact.agents.support import policy_of
from clusterpact.agents.theories import ADOPTION_SOLITARY
from clusterpact.agents.trust import testify
from clusterpact.agents.vocabulary import AWARDS_SUPPORT, FIRMS_AND_LENDERS, SETS_CARBON_PRICE

AWARD_FREEZE_QUARTERS = 4
REVERSAL_UPLIFT = 60.0  #: uplift of the carbon price at which the reversal probability is the parameter's, EUR/t
RATCHET_PER_GAP = 0.2  #: rise of the price uplift for a whole milestone gap and a ratchet of one
ADOPTION_SLOTS = 4  #: draws of adoption that a quarter and a government hold
LARGEST_PROMISE = 4.0  #: size of a promise, at most; a reversal of the whole uplift has it
PRICE_SLACK = 0.1  #: a carbon price within this share of what was announced is as announced
REVERSED_NOW, REVERSED_THIS_YEAR = 1, 2


@rule
def announce_prices(s, t):
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
def reversal_chance(s, g, t):
    """Probability that the election of this quarter reverses policy: grows with the price uplift, falls with abatement."""
    p = s.parameters[0]
    home = s.governments[g].home
    start = s.market[year_row(s, home, 0)].announced
    uplift = max(0.0, announced_price(s, home, t // 4) - start) / REVERSAL_UPLIFT
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
def due_share(s, c, t):
    """The abated share that is due in a cluster this year: its milestone, as far as shared on the way to the next."""
    market = s.market[year_row(s, c, t // 4)]
    return market.target + policy_of(s, c, t).shared_milestones * (market.shared_target - market.target)


@rule
def milestone(s, g, t):
    """The abated share that is due in the clusters of a government, weighted by their emissions at the start."""
    total = 0.0
    mean = 0.0
    for c in range(s.pacts.size):
        weight = s.pacts[c].baseline_kt
        if weight <= 0.0 or not has_say(s, g, c):
            continue
        total += weight
        mean += (due_share(s, c, t) - mean) * (weight / total)
    return mean


@rule
def reverses(s, g, t):
    """Whether the election of this quarter reverses policy."""
    government = s.governments[g]
    if government.reversal_exposed == 0 or t < government.first_election:
        return False
    if (t - government.first_election) % government.term_quarters != 0:
        return False
    world = s.world[0]
    return uniform(world.seed, world.run, ELECTION, government.id, t) < reversal_chance(s, g, t)


@rule
def reverse(s, g, t):
    """Carry out a reversal: the price uplift shrinks (if it is this government's), new awards freeze for a year."""
    government = s.governments[g]
    government.reversed_now = REVERSED_NOW
    government.reversals += 1
    s.account[0].reversals += 1.0
    if government.sets_carbon_price == 1:
        government.price_scale *= 1.0 - s.parameters[0].reversal_depth
    if government.awards_support == 1:
        government.frozen_until = t + AWARD_FREEZE_QUARTERS


@rule
def hold_elections(s, t):
    """R6: elections, which may reverse policy."""
    for g in range(s.governments.size):
        if reverses(s, g, t):
            reverse(s, g, t)


@rule
def is_review(t):
    """Whether policies are reviewed now: in the first quarter of every year but the first."""
    return t % 4 == 0 and t > 0


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
        raised = government.price_scale * (1.0 + p.ratchet_per_year * gap * RATCHET_PER_GAP)
        government.price_scale = max(government.price_scale, min(raised, statutory_scale(s, government.home, t // 4)))


@rule
def statutory_scale(s, cluster, year):
    """Largest scale of the uplift that keeps later announced prices within the statutory path; unlimited on flat paths."""
    start = s.market[year_row(s, cluster, 0)].announced
    largest = math.inf
    for y in range(year, s.world[0].years):
        market = s.market[year_row(s, cluster, y)]
        uplift = market.announced - start
        if uplift > 0.0:
            largest = min(largest, (market.statutory - start) / uplift)
    return max(1.0, largest)


@rule
def review_governments(s, t):
    """R6: once a year every government looks at its milestones, and raises its carbon price if they are missed."""
    if is_review(t):
        for g in range(s.governments.size):
            review_government(s, g, t)


@rule
def instruments_per_government(s):
    """Number of instruments that governments may adopt by themselves."""
    return s.adoptions.size // s.governments.size


@rule
def may_adopt(s, g, k):
    """Whether government g may adopt instrument k and has not done so."""
    adoption = s.adoptions[g * instruments_per_government(s) + k]
    return adoption.may_adopt == 1 and adoption.strength == 0.0


@rule
def adopts(s, g, k, t):
    """Whether a government adopts instrument k this year: by itself, or having seen it work at linked peers."""
    p = s.parameters[0]
    world = s.world[0]
    government = s.governments[g]
    hazard = p.spontaneous_adoption_per_year
    if world.adoption_rule != ADOPTION_SOLITARY:
        for e in range(s.peer_ties.size):
            tie = s.peer_ties[e]
            if tie.observer == g and tie.instrument == k and shows_success(s, tie.peer, k):
                hazard += p.peer_adoption_per_year * policy_of(s, government.home, t).peer_learning * tie.weight
    slot = ADOPTION_SLOTS * t + k % ADOPTION_SLOTS
    who = government.id ^ np.uint64(k // ADOPTION_SLOTS)
    draw = uniform(world.seed, world.run, ADOPTION, who, slot)
    return draw < 1.0 - exp(-hazard)


@rule
def shows_success(s, g, k):
    """Whether a government adopted instrument k, and its gap fell in the last year or is closed: what peers look at."""
    return s.adoptions[g * instruments_per_government(s) + k].strength > 0.0 and s.governments[g].gap_fell == 1


@rule
def note_adoption(s, g, k):
    """Note that government g adopts instrument k; it counts once all governments have decided."""
    s.adoptions[g * instruments_per_government(s) + k].pending = 1


@rule
def put_in_force(s, t):
    """Put what was adopted in force: at its typical strength, this year and later, where the government has that duty."""
    years = s.world[0].years
    width = s.policy_words.size // s.policy.size
    strengths = s.policy_words.view(np.float64)
    per_government = instruments_per_government(s)
    for row in range(s.adoptions.size):
        adoption = s.adoptions[row]
        if adoption.pending == 0:
            continue
        adoption.pending = 0
        adoption.strength = adoption.typical
        for start in range(0, s.policy.size, years):
            if holder_of(s.pacts[s.policy[start].cluster], adoption.duty) == row // per_government:
                for year in range(start + t // 4, start + years):
                    at = year * width + adoption.column
                    strengths[at] = max(strengths[at], adoption.strength)


@rule
def holder_of(pact, duty):
    """The government (its row) that has a duty in a cluster."""
    if duty == SETS_CARBON_PRICE:
        return pact.carbon_government
    if duty == AWARDS_SUPPORT:
        return pact.support_government
    return pact.pact_government


@rule
def adopt_instruments(s, t):
    """R6: once a year governments may adopt instruments; they count from the end of the review, so all see the same."""
    if not is_review(t):
        return
    for g in range(s.governments.size):
        for k in range(instruments_per_government(s)):
            if may_adopt(s, g, k) and adopts(s, g, k, t):
                note_adoption(s, g, k)
    put_in_force(s, t)


@rule
def price_kept(s, cluster, t):
    """To what degree this year's announced carbon price is paid: y = (p_paid - p_0) / (p_announced - p_0), within [0, 1].

    p_paid: mean of four quarters; p_0: price of the first year. A price within a tenth of what was announced keeps the word.
    """
    announced = announced_price(s, cluster, t // 4)
    start = s.market[year_row(s, cluster, 0)].announced
    spot = s.spots[cluster]
    paid = 0.0
    for k in range(4):
        paid += spot.past_carbon_price[k] / 4.0
    slack = PRICE_SLACK * announced
    promised = announced - start
    if promised <= 0.0:
        return 1.0 if paid >= announced - slack else 0.0
    return min(1.0, max(0.0, (paid + slack - start) / promised))


@rule
def promise_size(s, cluster, t):
    """Size of the promise that this year's carbon price is: its uplift over the first year, per 60 EUR/t, within 1 to 4."""
    uplift = announced_price(s, cluster, t // 4) - s.market[year_row(s, cluster, 0)].announced
    return min(LARGEST_PROMISE, max(1.0, uplift / REVERSAL_UPLIFT))


@rule
def support_kept(s, government):
    """To what degree a government paid the grants that projects decided in this year could expect; 1 if none was decided."""
    if government.promised_meur <= 0.0:
        return 1.0
    return min(1.0, government.paid_meur / government.promised_meur)


@rule
def withdrawn_share(s, g, t):
    """Largest share by which an instrument that a government promises is cut this year, for anyone; 0 if none is."""
    if t < 4:
        return 0.0
    width = s.policy_words.size // s.policy.size
    strengths = s.policy_words.view(np.float64)
    worst = 0.0
    for row in range(t // 4, s.policy.size, s.world[0].years):
        for k in range(s.instruments.size):
            if holder_of(s.pacts[s.policy[row].cluster], s.instruments[k].duty) != g:
                continue
            before = strengths[(row - 1) * width + s.instruments[k].column]
            if before > 0.0:
                worst = max(worst, 1.0 - strengths[row * width + s.instruments[k].column] / before)
    return worst


@rule
def observe_governments(s, t):
    """C5: announcements are kept to the degree that they are paid; a reversal or a withdrawn instrument is a breach.

    A reversal weighs four times its depth when it comes, an instrument that is cut the share of the cut in its January. At
    the end of a year without reversal the carbon price (of the largest cluster) and the grants of the year are each
    compared with what was announced; who promised neither kept its word.
    """
    from_size = 4.0 * s.parameters[0].reversal_depth
    for g in range(s.governments.size):
        government = s.governments[g]
        if government.reversed_now == REVERSED_NOW:
            testify_government(s, government, 0.0, from_size)
            government.reversed_now = REVERSED_THIS_YEAR
        if t % 4 == 0:
            cut = withdrawn_share(s, g, t)
            if cut > 0.0:
                testify_government(s, government, 0.0, cut)
        if t % 4 == 3:
            if government.reversed_now == 0:
                if government.sets_carbon_price == 1:
                    size = promise_size(s, government.home, t)
                    testify_government(s, government, price_kept(s, government.home, t), size)
                if government.sets_carbon_price == 0 or government.promised_meur > 0.0:
                    testify_government(s, government, support_kept(s, government), 1.0)
            government.reversed_now = 0
            government.promised_meur = 0.0
            government.paid_meur = 0.0


@rule
def testify_government(s, government, outcome, size):
    """Announcements are made to firms and lenders; every class of observer sees their outcome."""
    testify(government, outcome, size, FIRMS_AND_LENDERS, True, s.parameters[0].witness_discount)
