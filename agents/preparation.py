"""R9, first half: projects are prepared, slip, or end in nothing, with the promises that hang on them."""

from clusterpact.agents.chance import PREPARATION, two_uniforms
from clusterpact.agents.compiled import rule
from clusterpact.agents.ladder import break_commitment, lapse
from clusterpact.agents.offtake import end_offtake
from clusterpact.agents.projects import drop_project
from clusterpact.agents.vocabulary import BUILDING, COMMITTED, FAILED, FID


@rule
def fates(s, firm, t):
    """What chance does to a project before its decision in this quarter: whether it is given up, and whether it slips."""
    world = s.world[0]
    p = s.parameters[0]
    ends, slips = two_uniforms(world.seed, world.run, PREPARATION, firm.id, t)
    return ends < p.project_dropped_per_year / 4.0, slips < p.project_slip_share


@rule
def prepare_projects(s, t):
    """R9: projects before their decision go on, slip by a quarter, or are given up."""
    for i in range(s.firms.size):
        firm = s.firms[i]
        if firm.project < 0 or firm.stage == FID or firm.stage == BUILDING or firm.stage == FAILED:
            continue
        ends, slips = fates(s, firm, t)
        if ends:
            give_up(s, i, t)
            continue
        if slips and firm.preparing == 1:
            firm.prepared_quarter += 1
        firm.preparing = 1 if t < firm.prepared_quarter else 0


@rule
def give_up(s, i, t):
    """Firm i gives its project up and is free again: promises to operators and buyers that hung on it are not kept."""
    firm = s.firms[i]
    given_up = firm.project
    drop_project(s, i, t)
    if firm.candidate != given_up:
        return
    if firm.stage == COMMITTED:
        if firm.c2_due >= 0:
            break_commitment(s, i, t)
        else:
            lapse(s, i)
    if firm.offtake_until < 0:  # what it delivers already does not hang on its next project
        end_offtake(s, i, True)
    firm.candidate = -1
    firm.strike = 0.0
    firm.choice = 0.0
