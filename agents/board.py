"""R4: the yearly board of a plant. Papers on all open options, a choice among them by the theory in force, what is noted."""

from clusterpact.agents.appraisal import assess, break_even_strike, expected_running_cost, file_paper, note_paper
from clusterpact.agents.bookings import note_volumes
from clusterpact.agents.chance import TASTE, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.expectations import look_ahead
from clusterpact.agents.support import contract_budget, policy_of
from clusterpact.agents.theories import CHOICE_NPV
from clusterpact.agents.trust import firm_trust_in_price, peer_norm
from clusterpact.agents.vocabulary import BUILDING, COMMITTED, FAILED, FID, N_KINDS


@rule
def is_open(s, firm, row, t):
    """Whether an option is on the market for a firm: technology available, networks exist, and it improves something."""
    option = s.options[row]
    running = s.options[firm.option]
    if row == firm.option or s.technologies[option.technology].first_quarter > t:
        return False
    if option.is_increment == 1 and firm.base_intact == 0:
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
def keeps_candidate(firm):
    """Whether a firm is bound to its candidate: it committed, or won a carbon contract for it."""
    return firm.candidate >= 0 and (firm.stage == COMMITTED or firm.strike > 0.0)


@rule
def draw_up_papers(s, i, t):
    """Papers on all open options of firm i; returns whether there is any. Without one, a candidate that binds it stays."""
    firm = s.firms[i]
    world = s.world[0]
    first, last = firm.first_option, firm.first_option + firm.n_options
    firm.available = 0
    for row in range(first, last):
        s.assessments[row].weight = 0.0
        if is_open(s, firm, row, t):
            firm.available = 1
    firm.refused = 0
    firm.choice = 0.0
    firm.choice_candidate = 0.0
    if firm.available == 0:
        if not keeps_candidate(firm):
            firm.candidate = -1
        return False
    outlook = look_ahead(s, firm.cluster, t, firm_trust_in_price(s, firm), firm.optimism, 0, world.outlook)
    firm.norm = peer_norm(s, i)
    note_volumes(s, firm)
    running_meur = expected_running_cost(s, firm)
    for row in range(first, last):
        if is_open(s, firm, row, t):
            strike = firm.strike if row == firm.candidate else 0.0
            paper = assess(s, i, s.options[row], strike, running_meur, outlook, t)
            file_paper(s.assessments[row], paper, s.parameters[0].choice_sharpness)
    return True


@rule
def choose(s, i, t):
    """The option (its row) that firm i's board prefers: what it is bound to, else by the theory of choice in force.

    Logit: an option is drawn with probability exp(lambda U_o) / sum exp(lambda U). NPV: the highest v, the first of equals.
    """
    firm = s.firms[i]
    if keeps_candidate(firm):
        return firm.candidate
    first, last = firm.first_option, firm.first_option + firm.n_options
    chosen = -1
    if s.world[0].choice_rule == CHOICE_NPV:
        for row in range(first, last):
            paper = s.assessments[row]
            if paper.weight > 0.0 and (chosen < 0 or paper.value > s.assessments[chosen].value):
                chosen = row
        return chosen
    world = s.world[0]
    aim = uniform(world.seed, world.run, TASTE, firm.id, t) * weight_of_all(s, firm)
    for row in range(first, last):
        if s.assessments[row].weight > 0.0:
            chosen = row
            aim -= s.assessments[row].weight
            if aim < 0.0:
                break
    return chosen


@rule
def weight_of_all(s, firm):
    """sum exp(lambda U) over a firm's open options."""
    total = 0.0
    for row in range(firm.first_option, firm.first_option + firm.n_options):
        if s.assessments[row].weight > 0.0:
            total += s.assessments[row].weight
    return total


@rule
def prefer(s, i, row, t):
    """Note option `row` as the candidate of firm i, with its paper, the yearly chance of deciding, and its contract bid.

    Logit: p_o = exp(lambda U_o) / (w + sum exp(lambda U)), with w = 1 the weight of waiting, or 0 under a full phase-out.
    NPV: 1 if the candidate pays or nothing else is allowed, else 0.
    """
    firm = s.firms[i]
    world = s.world[0]
    waiting = 1.0 - policy_of(s, firm.cluster, t).phase_out
    paper = s.assessments[row]
    firm.candidate = row
    note_paper(firm, paper)
    if s.world[0].choice_rule == CHOICE_NPV:
        firm.choice = 1.0 if paper.value > 0.0 or waiting <= 0.0 else 0.0
        firm.choice_candidate = firm.choice
    else:
        total = weight_of_all(s, firm)
        firm.choice = total / (waiting + total)
        firm.choice_candidate = paper.weight / (waiting + total)
    firm.strike_bid = 0.0
    if firm.strike == 0.0 and firm.running_strike == 0.0 and contract_budget(s, firm.cluster, t) > 0.0:
        outlook = look_ahead(s, firm.cluster, t, firm_trust_in_price(s, firm), firm.optimism, 0, world.outlook)
        firm.strike_bid = break_even_strike(s, i, row, expected_running_cost(s, firm), outlook, t)


@rule
def has_board(s, i, t):
    """Whether firm i's board meets now: once a year, and not while a project is in works or after a failure."""
    firm = s.firms[i]
    busy = firm.stage == FID or firm.stage == BUILDING or firm.stage == FAILED
    return t % 4 == firm.board_quarter and not busy


@rule
def appraise(s, i, t):
    """The yearly board of firm i: papers on all open options, and a preferred candidate."""
    if draw_up_papers(s, i, t):
        prefer(s, i, choose(s, i, t), t)


@rule
def appraise_firms(s, t):
    """R4: each board meets once a year, in a quarter of its own; a plant in works or failed has no paper."""
    for i in range(s.firms.size):
        if has_board(s, i, t):
            appraise(s, i, t)
