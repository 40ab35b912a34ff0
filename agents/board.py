"""R4: the yearly board of a plant. Papers on all open options, a choice among them by the theory in force, what is noted."""

from clusterpact.agents.appraisal import Paper, assess, break_even_strike, expected_running_cost, note_paper
from clusterpact.agents.bookings import chance_of_networks, note_volumes
from clusterpact.agents.chance import CONVICTION, TASTE, normal, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp
from clusterpact.agents.expectations import look_ahead
from clusterpact.agents.funding import means_of
from clusterpact.agents.projects import in_hand
from clusterpact.agents.resources import lacks_resource
from clusterpact.agents.support import contract_budget, policy_for
from clusterpact.agents.technologies import capital_cost
from clusterpact.agents.theories import CHOICE_NPV
from clusterpact.agents.trust import firm_trust_in_price, peer_norm
from clusterpact.agents.vocabulary import (
    BEYOND_MEANS,
    BUILDING,
    CLOSED,
    CLOSED_DOWN,
    COMMITTED,
    FAILED,
    FID,
    GATE_NETWORK,
    N_KINDS,
    NO_GATE,
    OPEN,
    PLEDGED,
    WAITS,
)


@rule
def is_open(s, firm, row, t):
    """Whether an option is on the market for a firm: technology available, networks exist, and it improves something."""
    option = s.options[row]
    running = s.options[firm.option]
    if row == firm.option or (s.technologies[option.technology].first_quarter > t and row != in_hand(s, firm)):
        return False
    if option.is_increment == 1 and firm.base_intact == 0:
        return False
    if lacks_resource(s, firm, option):
        return False
    for kind in range(N_KINDS):
        if option.volume[kind] <= 0.0:
            continue
        if firm.network[kind] < 0 or option.volume[kind] > s.networks[firm.network[kind]].limit:
            return False
    if firm.planned == 1:
        return firm.switched == 0
    return option.emission_kt < running.emission_kt - 1e-9 or option.heat_gwh > running.heat_gwh


@rule
def keeps_candidate(s, firm):
    """Whether a firm is bound to its candidate: it committed, has a carbon contract for it, or prepares it and it pays."""
    if firm.candidate < 0:
        return False
    if firm.stage == COMMITTED or firm.strike > 0.0:
        return True
    return firm.project == firm.candidate and s.assessments[firm.candidate].plan_utility > 0.0


@rule
def draw_up_papers(s, i, t):
    """Papers on all open options of firm i; returns whether there is any. Without one, a candidate that binds it stays."""
    firm = s.firms[i]
    world = s.world[0]
    first, last = firm.first_option, firm.first_option + firm.n_options
    firm.available = 0
    for row in range(first, last):
        s.assessments[row].standing = CLOSED
        if is_open(s, firm, row, t):
            s.assessments[row].standing = OPEN
            firm.available = 1
    firm.refused = NO_GATE
    firm.blocked = NO_GATE
    firm.choice = 0.0
    firm.choice_candidate = 0.0
    if firm.available == 0:
        if not keeps_candidate(s, firm):
            firm.candidate = -1
        return False
    outlook = look_ahead(s, firm.cluster, firm_trust_in_price(s, firm), firm.optimism, 0, world.outlook)
    firm.norm = peer_norm(s, i)
    note_volumes(s, firm)
    running_meur = expected_running_cost(s, firm)
    means = means_of(s, i)
    for row in range(first, last):
        if s.assessments[row].standing == OPEN:
            strike = firm.strike if row == firm.candidate else 0.0
            paper = assess(s, i, s.options[row], strike, running_meur, means, outlook, t)
            if row == in_hand(s, firm):
                paper = convinced(s, firm, paper)
            file_paper(s, firm, row, paper)
    drop_poor_contract(s, i, running_meur, means, outlook, t)
    weigh(s, firm)
    return True


@rule
def convinced(s, firm, paper):
    """The paper on a project in hand, with what its board knows in its favour and the model does not.

    Who has announced a project has found that it pays. What the model lacks for that (customers, terms of supply, aid that
    is not public, a strategy) is drawn once for each plant, half-normal, per cost of one campaign.
    """
    p = s.parameters[0]
    world = s.world[0]
    more = p.project_conviction * abs(normal(world.seed, world.run, CONVICTION, firm.id, 0))
    return Paper(paper.route, paper.gate, paper.wacc, paper.hurdle, paper.value + more, paper.profitability_index,
                 paper.own_meur, paper.value_unstranded + more, paper.utility + (1.0 - p.norm_weight) * more,
                 paper.log_rate)  # fmt: skip


@rule
def file_paper(s, firm, row, paper):
    """Keep a paper, and note whether the option can be had now, waits for a network, or is beyond the owner's means.

    A plan that hangs on an undecided network is worth P * U - (1 - P) * Lambda * d * I / K: what it brings if the network
    comes, and the development cost, which weighs more than a gain, if it does not.
    """
    assessment = s.assessments[row]
    p = s.parameters[0]
    note_paper(assessment, paper)
    assessment.gate = paper.gate
    assessment.plan_utility = paper.utility
    assessment.standing = OPEN if paper.gate == NO_GATE else BEYOND_MEANS
    chance, has_room = chance_of_networks(s, firm, s.options[row])
    if not has_room:
        assessment.standing = WAITS
        assessment.gate = GATE_NETWORK
        stake = p.development_cost_share * capital_cost(s, s.options[row]) / firm.campaign_meur
        assessment.plan_utility = chance * paper.utility - (1.0 - chance) * p.loss_aversion * stake


@rule
def odds(s, utility, best):
    """Weight of a utility beside the best of all: exp(lambda (U - max U)), 1 for the best."""
    return exp(s.parameters[0].choice_sharpness * (utility - best)) if utility < best else 1.0


@rule
def weigh(s, firm):
    """Weights of a firm's papers in its two choices: among what it can have now, and among all plans.

    exp(lambda (U - max U)), where the largest utility is that of the best option or of waiting (0): nothing overflows, and
    no two options tie for being good.
    """
    best = 0.0
    best_plan = 0.0
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        paper = s.assessments[row]
        if paper.standing == OPEN:
            best = max(best, paper.utility)
        if paper.standing != CLOSED:
            best_plan = max(best_plan, paper.plan_utility)
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        paper = s.assessments[row]
        paper.weight = 0.0
        paper.plan_weight = 0.0
        if paper.standing == OPEN:
            paper.weight = odds(s, paper.utility, best)
        if paper.standing != CLOSED:
            same = paper.standing == OPEN and best_plan == best
            paper.plan_weight = paper.weight if same else odds(s, paper.plan_utility, best_plan)


@rule
def drop_poor_contract(s, i, running_meur, means, outlook, t):
    """A firm gives up a carbon contract that it did not use yet, if it can have something worth more without it."""
    firm = s.firms[i]
    if firm.strike <= 0.0 or firm.candidate < 0 or s.assessments[firm.candidate].standing == CLOSED:
        return
    held = s.assessments[firm.candidate].utility
    paper = assess(s, i, s.options[firm.candidate], 0.0, running_meur, means, outlook, t)
    best = paper.utility if paper.gate == NO_GATE else held
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        if row != firm.candidate and s.assessments[row].standing == OPEN:
            best = max(best, s.assessments[row].utility)
    if best > held:
        firm.strike = 0.0
        file_paper(s, firm, firm.candidate, paper)


@rule
def best_of(s, firm, planned):
    """The option (its row) with the highest v among those open now, or among all plans; the first of equals, -1 if none."""
    best = -1
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        paper = s.assessments[row]
        if paper.standing == OPEN or (planned and paper.standing != CLOSED):
            value = paper.plan_utility if planned else paper.value
            if best < 0 or value > (s.assessments[best].plan_utility if planned else s.assessments[best].value):
                best = row
    return best


@rule
def draw_among(s, firm, taste, planned):
    """The option (its row) on which a draw in [0, 1) falls, by weight: among those open now, or among all plans."""
    total = 0.0
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        total += s.assessments[row].plan_weight if planned else s.assessments[row].weight
    if total <= 0.0:  # all so bad that beside waiting none has any weight
        return best_of(s, firm, planned)
    aim = taste * total
    chosen = -1
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        weight = s.assessments[row].plan_weight if planned else s.assessments[row].weight
        if weight > 0.0:
            chosen = row
            aim -= weight
            if aim < 0.0:
                break
    return chosen


@rule
def choose(s, i, t):
    """The option (its row) that firm i's board prefers: what it is bound to, else by the theory of choice in force.

    Two choices: the best that it can have now, and the best plan. Logit: an option is drawn with probability exp(lambda U_o)
    / sum exp(lambda U), by one taste in both. NPV: the highest v. A plan that waits for a network and is worth more than
    what can be had now, doubts included, is waited for.
    """
    firm = s.firms[i]
    if keeps_candidate(s, firm):
        return firm.candidate
    world = s.world[0]
    if world.choice_rule == CHOICE_NPV:
        now, plan = best_of(s, firm, False), best_of(s, firm, True)
    else:
        taste = uniform(world.seed, world.run, TASTE, firm.id, t)
        now, plan = draw_among(s, firm, taste, False), draw_among(s, firm, taste, True)
    if now < 0:
        return plan
    waits = s.assessments[plan].standing == WAITS
    return plan if waits and s.assessments[plan].plan_utility > s.assessments[now].utility else now


@rule
def note_blocked(s, firm):
    """Note what closes the best option that pays, is worth more than the candidate, and cannot be had now; none if none."""
    best = max(0.0, firm.value)
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        paper = s.assessments[row]
        if (paper.standing == WAITS or paper.standing == BEYOND_MEANS) and paper.value > best:
            best = paper.value
            firm.blocked = paper.gate


@rule
def waiting_weight(s, firm, best, t):
    """Weight of waiting beside options weighed against the best utility: none under a full phase-out, less after a pledge.

    A pledge that a pact may sanction makes waiting cost m * sigma * I / K.
    """
    penalty = 0.0
    if firm.stage == PLEDGED:
        pact = s.pacts[firm.cluster]
        deposit = capital_cost(s, s.options[firm.candidate]) / firm.campaign_meur
        penalty = pact.transparency * pact.sanction * deposit
    free = 1.0 - policy_for(s, firm, t).phase_out
    return free * odds(s, 0.0, penalty + best)


@rule
def prefer(s, i, row, t):
    """Note option `row` as the candidate of firm i, with its paper, the yearly chance of deciding, and its contract bid.

    Logit: for any option open now p = sum exp(lambda U) / (w + sum exp(lambda U)), for the candidate alone the same with its
    own term only; w = 1 is the weight of waiting, or 0 under a full phase-out. NPV: 1 if it pays or nothing else is allowed.
    """
    firm = s.firms[i]
    world = s.world[0]
    paper = s.assessments[row]
    firm.candidate = row
    note_paper(firm, paper)
    note_blocked(s, firm)
    alone = waiting_weight(s, firm, max(0.0, paper.utility), t)
    own = odds(s, paper.utility, max(0.0, paper.utility))
    if world.choice_rule == CHOICE_NPV:
        firm.choice_candidate = 1.0 if paper.value > 0.0 or alone <= 0.0 else 0.0
        firm.choice = firm.choice_candidate
    else:
        firm.choice_candidate = own / (alone + own)
        firm.choice = firm.choice_candidate
        if paper.standing == OPEN and not keeps_candidate(s, firm):
            firm.choice = chance_of_any(s, firm, t)
    firm.strike_bid = 0.0
    if firm.strike == 0.0 and firm.running_strike == 0.0 and contract_budget(s, firm.cluster, t) > 0.0:
        firm.strike_bid = break_even_strike(s, i, row, expected_running_cost(s, firm), world.outlook, t)


@rule
def chance_of_any(s, firm, t):
    """Yearly probability to decide for any of the options that a firm can have now, by the logit."""
    total = 0.0
    best = 0.0
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        paper = s.assessments[row]
        if paper.standing == OPEN:
            total += paper.weight
            best = max(best, paper.utility)
    return total / (waiting_weight(s, firm, best, t) + total)


@rule
def has_board(s, i, t):
    """Whether firm i's board meets now: once a year, but not during works, after a failure, or once it has closed."""
    firm = s.firms[i]
    busy = firm.stage == FID or firm.stage == BUILDING or firm.stage == FAILED or firm.stage == CLOSED_DOWN
    return t % 4 == firm.board_quarter and not busy


@rule
def appraise(s, i, t):
    """The yearly board of firm i: papers on all open options, and a preferred candidate."""
    if draw_up_papers(s, i, t):
        prefer(s, i, choose(s, i, t), t)


@rule
def appraise_firms(s, t):
    """R4: each board meets once a year, in a quarter of its own; a plant in works or failed has no paper.

    Boards are called together before the first begins: lanes of a graphics card then sit in boards at the same time.
    """
    count = 0
    for i in range(s.firms.size):
        if has_board(s, i, t):
            s.queue[count] = i
            count += 1
    for k in range(count):
        appraise(s, s.queue[k], t)
