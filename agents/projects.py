"""R9: from plan to start: projects in hand, their preparation, and what comes later and dearer than it was decided."""

from clusterpact.agents.bookings import lacks_network, reserve, wanted_volume
from clusterpact.agents.chance import OVERRUN, SLIP, geometric, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import log
from clusterpact.agents.support import grant_for
from clusterpact.agents.technologies import capital_cost, permit_years
from clusterpact.agents.vocabulary import (
    ANNOUNCED,
    BUILDING,
    CAPTURE,
    CLOSED_DOWN,
    DECIDED,
    FID,
    IDLE,
    IN_WORKS,
    N_KINDS,
    NET_PROPOSED,
    ON_HOLD,
    PERMITTED,
)

HALF_WAY = 0.5  #: part of permits and engineering that a planned project, or one with a contract, has still before it
CONTRACT_QUARTERS = 8  #: a carbon contract in hand lapses if the project is so much later than planned


@rule
def preparation_left(s, firm, option, t):
    """Time until an option's permits and engineering are done, years: what is left of them, or all if nobody began."""
    if firm.project == option.row:
        return max(0, firm.prepared_quarter - t) / 4.0
    return permit_years(s, firm, t)


@rule
def lead_of(s, firm, option, t):
    """Time from now to operation of an option of a firm, years: what is left of its preparation, and construction."""
    return preparation_left(s, firm, option, t) + option.build_quarters / 4.0


@rule
def in_hand(s, firm):
    """Row of the option that a firm's project of the pipeline is for, -1 if it has none."""
    return s.pipeline[firm.pipeline].option if firm.pipeline >= 0 else -1


@rule
def grant_in_hand(s, firm, option):
    """Grant in hand for an option, MEUR: of the project of the pipeline that is for it."""
    return s.pipeline[firm.pipeline].grant_meur if in_hand(s, firm) == option.row else 0.0


@rule
def grant_to(s, firm, option, t):
    """Grant that an option of a firm would get now, MEUR: what is in hand for it, or what the law gives if that is more."""
    capex = capital_cost(s, option)
    return min(capex, max(grant_for(s, firm, capex, t), grant_in_hand(s, firm, option)))


@rule
def begin_project(s, i, t):
    """Firm i goes for its candidate: permits and engineering begin. Another project that it prepared is given up."""
    firm = s.firms[i]
    drop_project(s, i, t)
    if firm.pipeline >= 0 and s.pipeline[firm.pipeline].option != firm.candidate:
        give_up_plan(s, firm, t)
    firm.project = firm.candidate
    firm.prepared_quarter = t + int(4.0 * permit_years(s, firm, t) + 0.5)
    firm.preparing = 1 if firm.prepared_quarter > t else 0
    firm.c1_honoured = 1


@rule
def give_up_plan(s, firm, t):
    """A plan of the pipeline is given up, and its grant with it; later phases of it too.

    A carbon contract is the candidate's: it ends with the candidate, and one won for another option than the plan's stays.
    """
    while firm.pipeline >= 0:
        plan = s.pipeline[firm.pipeline]
        if plan.fid_quarter < 0:
            plan.dropped_quarter = t
        firm.pipeline = plan.next


@rule
def drop_project(s, i, t):
    """Firm i gives up the project that it prepares, if any, with the plan of the pipeline that it belonged to."""
    firm = s.firms[i]
    if firm.project < 0:
        return
    if firm.pipeline >= 0 and s.pipeline[firm.pipeline].option == firm.project:
        give_up_plan(s, firm, t)
    firm.project = -1
    firm.preparing = 0


@rule
def slip_of(s, firm, mean_quarters, t):
    """Quarters that a decided project is later than promised: geometric, with a mean from the record."""
    world = s.world[0]
    return geometric(uniform(world.seed, world.run, SLIP, firm.id, t), mean_quarters)


@rule
def overrun_of(s, firm, option):
    """What a project costs more than was decided, share of its capital cost: exponential, with means from the record."""
    p = s.parameters[0]
    captures = s.technologies[option.technology].family == CAPTURE
    mean = p.capture_overrun_share if captures else p.other_overrun_share
    if mean <= 0.0:
        return 0.0
    world = s.world[0]
    return -mean * log(1.0 - uniform(world.seed, world.run, OVERRUN, firm.id, firm.fid_quarter))


@rule
def note_decision(s, firm, t):
    """The decision on a firm's project: the plan of the pipeline that it was, if any, is decided; no other is left."""
    if firm.pipeline >= 0:
        plan = s.pipeline[firm.pipeline]
        if plan.option == firm.candidate:
            plan.fid_quarter = t
        else:
            give_up_plan(s, firm, t)
    firm.project = -1
    firm.preparing = 0


@rule
def note_start(s, firm, t):
    """The start of a firm's project: the next phase of its plan, if any, comes into hand."""
    if firm.pipeline < 0 or s.pipeline[firm.pipeline].fid_quarter < 0:
        return
    s.pipeline[firm.pipeline].start_quarter = t
    firm.pipeline = s.pipeline[firm.pipeline].next
    take_in_hand(s, firm, t)


@rule
def take_in_hand(s, firm, t):
    """Put the project of the pipeline that a firm has next where it stands: in works, in preparation, or on hold.

    What is decided runs when it was planned to, or later: it slips in the measure of the works that are left. What is on
    hold has its grant, and waits for a board that wants it.
    """
    q = firm.pipeline
    if q < 0:
        return
    plan = s.pipeline[q]
    option = s.options[plan.option]
    if firm.stage == CLOSED_DOWN and plan.stage != ON_HOLD:
        reopen(firm)
    if plan.strike > 0.0:
        firm.strike = plan.strike
        firm.strike_until = max(t, plan.planned_quarter) + CONTRACT_QUARTERS
    if plan.stage == DECIDED or plan.stage == IN_WORKS:
        begin_works(s, firm, plan, option, t)
        return
    if plan.strike > 0.0 or plan.stage != ON_HOLD:
        firm.candidate = plan.option
    if plan.stage == ON_HOLD:
        return
    left = 0.0 if plan.stage == PERMITTED else (1.0 if plan.stage == ANNOUNCED else HALF_WAY)
    quarters = int(4.0 * left * permit_years(s, firm, t) + 0.5)
    firm.project = plan.option
    firm.prepared_quarter = max(t + quarters, plan.planned_quarter - int(option.build_quarters + 0.5))
    firm.preparing = 1 if firm.prepared_quarter > t else 0


@rule
def reopen(firm):
    """What closed before the start but has a project under way has only stopped, until that starts."""
    firm.stage = IDLE
    firm.stopped = 1
    firm.closed_quarter = -1


@rule
def begin_works(s, firm, plan, option, t):
    """A project that was decided before the start: its money was raised then, and its works go on."""
    left = max(0, plan.planned_quarter - t)
    mean = s.parameters[0].start_slip_quarters * min(1.0, left / max(1.0, option.build_quarters))
    firm.candidate = plan.option
    firm.stage = BUILDING if plan.stage == IN_WORKS else FID
    firm.fid_quarter = 0
    plan.fid_quarter = 0
    firm.promised_quarter = max(t, plan.planned_quarter)
    firm.ready_quarter = firm.promised_quarter + slip_of(s, firm, mean, 0)
    firm.c3_due = firm.promised_quarter + 1
    firm.capex_meur = s.parameters[0].capex_level * option.capex_meur
    firm.grant_meur = min(firm.capex_meur, plan.grant_meur)
    firm.equity_meur = firm.capex_meur - firm.grant_meur
    connect(s, firm)


@rule
def connect(s, firm):
    """Book what a decided project needs of networks that are decided: its connection was contracted with it.

    Where a network has no room for it, what is missing is being built, ready when the project is.
    """
    for kind in range(N_KINDS):
        missing = wanted_volume(s, firm, kind)
        n = firm.network[kind]
        if missing <= 0.0 or s.networks[n].stage == NET_PROPOSED:
            continue
        network = s.networks[n]
        missing -= network.capacity - network.booked
        if missing > 0.0:
            network.capacity += missing
            network.extension += missing
            network.extension_ready = max(network.extension_ready, firm.promised_quarter)
    if not lacks_network(s, firm):
        reserve(s, firm)


@rule
def start_pipeline(s):
    """Put every project in hand at the start of a run where it stands."""
    for i in range(s.firms.size):
        if s.firms[i].pipeline >= 0:
            take_in_hand(s, s.firms[i], 0)
