"""R3: owners. A parent company has a yearly capital budget and a limit to its debt, shared by its plants in the world."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.vocabulary import COMMITTED, IDLE, NO_GATE, OPERATING, PLEDGED


@rule
def start_owner(s, o):
    """What an owner can do at the start of a run: cash flow within reach, a full capital budget, room for debt.

    Within reach is the surplus of its plants in the world and a share of the group's other cash flow; the group's net debt
    weighs on what is within reach in proportion. An owner without accounts owes what owners usually do.
    """
    owner = s.owners[o]
    p = s.parameters[0]
    own = p.surplus_share * owner.gva_meur
    owner.cash_flow_meur = own + p.owner_group_reach * max(0.0, owner.group_cash_flow_meur - own)
    owner.budget_meur = p.owner_budget_years * p.owner_budget_share * owner.cash_flow_meur
    leverage = p.owner_leverage_start
    if owner.group_cash_flow_meur > 0.0:
        leverage = owner.group_net_debt_meur / owner.group_cash_flow_meur
    owner.debt_limit_meur = max(0.0, p.owner_leverage_max - leverage) * owner.cash_flow_meur


@rule
def plan_capital(s, t):
    """R3: each January an owner adds a share of its cash flow to its capital budget, kept over a few years."""
    if t % 4 != 0 or t == 0:
        return
    p = s.parameters[0]
    for o in range(s.owners.size):
        owner = s.owners[o]
        yearly = p.owner_budget_share * owner.cash_flow_meur
        owner.budget_meur = min(owner.budget_meur + yearly, p.owner_budget_years * yearly)


@rule
def debt_room(owner):
    """What an owner may still borrow on its balance sheet, MEUR."""
    return max(0.0, owner.debt_limit_meur - owner.debt_meur)


@rule
def budget_for(s, i):
    """What the owner of plant i would put into it now, MEUR: its budget less what its better projects need (their index).

    A project that the whole budget cannot carry claims nothing, so that no plant waits for another in vain.
    """
    firm = s.firms[i]
    owner = s.owners[firm.owner]
    left = owner.budget_meur
    j = owner.first_firm
    while j >= 0:
        other = s.firms[j]
        if j != i and is_ahead(s, other, firm) and other.own_meur <= owner.budget_meur:
            left -= other.own_meur
        j = other.sibling
    return max(0.0, left)


@rule
def is_ahead(s, other, firm):
    """Whether a plant has a project in view, paid for by its owner, that its owner ranks before another plant's."""
    free = other.stage == IDLE or other.stage == PLEDGED or other.stage == COMMITTED or other.stage == OPERATING
    if not free or other.candidate < 0 or s.assessments[other.candidate].gate != NO_GATE:
        return False
    return other.profitability_index > max(0.0, firm.profitability_index)


@rule
def backs(s, o, i, t):
    """Whether owner o backs the project of its plant i now: what it takes is still there, better projects first."""
    return s.firms[i].own_meur <= budget_for(s, i) + debt_room(s.owners[o])


@rule
def spend_capital(s, i, own, borrowed):
    """Book what a project takes of its owner's budget and of its room for debt, MEUR."""
    owner = s.owners[s.firms[i].owner]
    owner.budget_meur -= own
    owner.debt_meur += borrowed
