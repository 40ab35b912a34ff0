"""R2 and R4: a firm's ladder. Pledge (C1), conditional commitment (C2), final investment decision, works, operation."""

import math

from clusterpact.agents.appraisal import pledge_value
from clusterpact.agents.bookings import belief, lacks_network, needs_room, publish_bookings, release
from clusterpact.agents.chance import COMMIT, INVEST, PLEDGE, PUBLIC_SIGNAL, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp
from clusterpact.agents.plant import resting_stage, waits_for_network
from clusterpact.agents.projects import begin_project
from clusterpact.agents.technologies import capital_cost
from clusterpact.agents.trust import kept_in_time, testify_plant
from clusterpact.agents.vocabulary import (
    ANCHOR,
    BUILDING,
    COMMITTED,
    FAILED,
    FID,
    GATE_BANK,
    GATE_RATION,
    IDLE,
    LENDERS_AND_OPERATORS,
    N_KINDS,
    NET_PROPOSED,
    NOBODY,
    OPERATING,
    OPERATORS,
    PLEDGED,
)

PLEDGE_QUARTERS = 8  #: a pledge is due after two years
PATIENCE_QUARTERS = 8  #: a commitment lapses if the network stays undecided for two years
FREE_RIDER_PLEDGE_RATIO = 1.0 / 3.0  #: free riders pledge with probability 0.1 where others do with 0.3
SANCTION_STEPS = 3


@rule
def is_free(firm):
    """Whether a firm may take a new step: nothing decided or in works, no recent failure."""
    return firm.stage == IDLE or firm.stage == PLEDGED or firm.stage == COMMITTED or firm.stage == OPERATING


@rule
def wants_to_pledge(s, i, t):
    """Whether firm i pledges (C1): cheap talk once a year, if the case holds five years ahead on the announced path."""
    firm = s.firms[i]
    if t % 4 != firm.board_quarter or firm.candidate < 0 or not (firm.stage == IDLE or firm.stage == OPERATING):
        return False
    world = s.world[0]
    chance = s.parameters[0].pledge_probability_per_year
    if firm.free_rider == 1:
        chance *= FREE_RIDER_PLEDGE_RATIO
    if uniform(world.seed, world.run, PLEDGE, firm.id, t) >= chance:
        return False
    return pledge_value(s, i, t) > 0.0


@rule
def make_pledge(s, i, t):
    """Enter the pledge, due in two years."""
    firm = s.firms[i]
    firm.stage = PLEDGED
    firm.c1_due = t + PLEDGE_QUARTERS
    firm.c1_honoured = 0


@rule
def make_pledges(s, t):
    """C1: pledges, once a year in the quarter of each firm's board."""
    for i in range(s.firms.size):
        if wants_to_pledge(s, i, t):
            make_pledge(s, i, t)


@rule
def signs(s, i, t):
    """Whether firm i signs a conditional commitment (C2) in this open season.

    It must gain (U > 0); free riders never sign before the network is decided; the anchor of an anchor-led pact signs as
    soon as it gains. Everyone else weighs gain, refundable loss and sanction, all per cost of a campaign K of the plant:
    U2 = P*U - (1-P)*Lambda*d*I/K + m*sigma*(n+1)*I/K.
    """
    firm = s.firms[i]
    p = s.parameters[0]
    if firm.candidate < 0 or not is_free(firm) or firm.stage == COMMITTED:
        return False
    if firm.utility <= 0.0:
        return False
    in_season = False
    undecided = False
    chance = 1.0
    for kind in range(N_KINDS):
        if not needs_room(s, firm, kind):
            continue
        network = s.networks[firm.network[kind]]
        if network.season == 1:
            in_season = True
        undecided = undecided or network.stage == NET_PROPOSED
        chance *= belief(s, i, kind)
    if not in_season:
        return False
    pact = s.pacts[firm.cluster]
    if pact.mode == ANCHOR and s.firms[pact.anchor].site == firm.site:
        return True
    if undecided and firm.free_rider == 1:
        return False
    size = capital_cost(s, s.options[firm.candidate]) / firm.campaign_meur
    gain = chance * firm.utility - (1.0 - chance) * p.loss_aversion * p.development_cost_share * size
    if firm.stage == PLEDGED:
        gain += pact.transparency * pact.sanction * (firm.breaches + 1) * size
    world = s.world[0]
    draw = uniform(world.seed, world.run, COMMIT, firm.id, t)
    return draw < firm.capability / (1.0 + exp(-min(50.0, p.choice_sharpness * gain)))


@rule
def sign(s, i, t):
    """Enter the conditional commitment: it honours a pledge, and lapses if the network stays undecided for two years.

    Who signs goes for the project: its permits and engineering begin, if they have not.
    """
    firm = s.firms[i]
    if firm.project != firm.candidate:
        begin_project(s, i, t)
    firm.stage = COMMITTED
    firm.c1_honoured = 1
    firm.c2_lapse = t + PATIENCE_QUARTERS
    firm.c2_due = -1


@rule
def sign_commitments(s, t):
    """C2: conditional commitments at open seasons; all firms read the bookings published before."""
    for i in range(s.firms.size):
        if signs(s, i, t):
            sign(s, i, t)


@rule
def publish_signed(s, t):
    """R2: what was signed in this quarter is published before networks decide on it."""
    for i in range(s.firms.size):
        firm = s.firms[i]
        if firm.stage == COMMITTED and firm.c2_lapse == t + PATIENCE_QUARTERS:
            publish_bookings(s, t)
            return


@rule
def observe_firms(s, t):
    """Outcomes of the firms' promises that are due: pledges (C1), commitments (C2) and start dates (C3).

    Kept promises and late starts are seen by all; broken pledges and commitments by direct counterparties (C2: the
    operator) and, with the pact's transparency m, by everyone: one draw per event, a public signal.
    """
    p = s.parameters[0]
    world = s.world[0]
    for i in range(s.firms.size):
        firm = s.firms[i]
        due = t == firm.c1_due or (firm.c2_due >= 0 and t >= firm.c2_due) or t == firm.c3_due
        if t == firm.c2_lapse and firm.stage == COMMITTED:
            lapse(s, i)
        if not due:
            continue
        signal = uniform(world.seed, world.run, PUBLIC_SIGNAL, firm.id, t)
        public = signal < s.pacts[firm.cluster].transparency
        if t == firm.c1_due:
            testify_plant(s, firm, 1.0 if firm.c1_honoured == 1 else 0.0, 1.0, NOBODY, public, p.witness_discount)
            if firm.c1_honoured == 0 and public and not is_refused(firm):
                sanction(s, i, 1)
            firm.c1_due = -1
            if firm.stage == PLEDGED:
                firm.stage = resting_stage(firm)
        if firm.c2_due >= 0 and t >= firm.c2_due:
            if is_refused(firm):
                lapse(s, i)
            elif firm.preparing == 1:  # its permits are late, which is not its fault
                firm.c2_due = t + 1
            else:
                break_commitment(s, i, t)
        if t == firm.c3_due:
            observe_start(s, firm, t)


@rule
def break_commitment(s, i, t):
    """A commitment that is broken after the network's decision: the operator sees it, others if it becomes public."""
    firm = s.firms[i]
    world = s.world[0]
    signal = uniform(world.seed, world.run, PUBLIC_SIGNAL, firm.id, t)
    public = signal < s.pacts[firm.cluster].transparency
    testify_plant(s, firm, 0.0, 1.0, OPERATORS, public, s.parameters[0].witness_discount)
    breach(s, i)


@rule
def is_refused(firm):
    """Whether lenders refused a firm's project since its last board: what it then cannot keep is no breach."""
    return firm.refused == GATE_BANK or firm.refused == GATE_RATION


@rule
def observe_start(s, firm, t):
    """C3, seen by everyone: kept if the plant runs when due, and less the later it is, y = max(0, 1 - delay / 8 quarters).

    A plant that waits for a late network is not to blame; the delay of one in works is known.
    """
    if firm.stage != OPERATING and firm.stage != FAILED and waits_for_network(s, firm):
        firm.c3_due = t + 1
        return
    outcome = 1.0 if firm.stage == OPERATING else 0.0
    if firm.stage == FID or firm.stage == BUILDING:
        outcome = kept_in_time(firm.ready_quarter - firm.promised_quarter)
    testify_plant(s, firm, outcome, 1.0, LENDERS_AND_OPERATORS, True, s.parameters[0].witness_discount)
    firm.c3_due = -1


@rule
def lapse(s, i):
    """A contract that runs out or is void: the deposit is refunded, development cost is lost, nothing is broken.

    It runs out if the network stays undecided, and is void if the lenders refuse the project.
    """
    firm = s.firms[i]
    lost = s.parameters[0].development_cost_share * capital_cost(s, s.options[firm.candidate])
    s.account[0].lost_development_meur += lost
    firm.stage = resting_stage(firm)
    firm.c2_lapse = -1
    firm.c2_due = -1
    release(s, firm)


@rule
def sanction(s, i, steps):
    """A member's deposit that a broken promise costs it, MEUR, in steps; it goes to the pact, which pays its office from it.

    A pledge or commitment without a candidate left has no deposit to lose.
    """
    firm = s.firms[i]
    if firm.candidate < 0:
        return
    pact = s.pacts[firm.cluster]
    taken = pact.sanction * steps * capital_cost(s, s.options[firm.candidate])
    s.account[0].sanctions_meur += taken
    pact.fund_meur += taken


@rule
def breach(s, i):
    """A commitment broken after the network's decision: graduated sanction, capacity given back."""
    firm = s.firms[i]
    sanction(s, i, min(firm.breaches + 1, SANCTION_STEPS))
    firm.breaches += 1
    s.account[0].lost_development_meur += s.parameters[0].development_cost_share * capital_cost(s, s.options[firm.candidate])
    firm.stage = resting_stage(firm)
    firm.c2_due = -1
    release(s, firm)


@rule
def invests(s, i, t):
    """Whether firm i's board goes ahead now: with its project's preparation or, once that is done, its FID.

    Capability A and the barriers that money does not lift (the ceiling h of the technology's family) gate the hazard of
    going for a project: u < 1 - (1 - h A p)**(1/4). Once it is prepared: u < p; under a commitment whose network is decided:
    u < A p. A plant that needs a network must hold or find capacity on a decided one (co-FID rule).
    """
    firm = s.firms[i]
    if firm.candidate < 0 or not is_free(firm) or firm.choice <= 0.0:
        return False
    is_prepared = firm.project == firm.candidate
    if (is_prepared and t < firm.prepared_quarter) or lacks_network(s, firm):
        return False
    world = s.world[0]
    draw = uniform(world.seed, world.run, INVEST, firm.id, t)
    if firm.stage == COMMITTED:
        return draw < firm.capability * firm.choice_candidate
    if is_prepared:
        return draw < firm.choice_candidate
    family = s.technologies[s.options[firm.candidate].technology].family
    hazard = s.parameters[0].ceiling[family] * firm.capability * firm.choice
    return draw < 1.0 - math.sqrt(math.sqrt(1.0 - hazard))


@rule
def go_ahead(s, i, t):
    """Begin to prepare the candidate, unless that is done; then ask for finance in this quarter."""
    firm = s.firms[i]
    if firm.project != firm.candidate:
        begin_project(s, i, t)
    if t >= firm.prepared_quarter:
        firm.applied = 1


@rule
def decide_firms(s, t):
    """R4: boards go for projects, and apply for finance for those that are prepared."""
    for i in range(s.firms.size):
        if invests(s, i, t):
            go_ahead(s, i, t)
