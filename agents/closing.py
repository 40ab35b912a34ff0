"""What a unit that closes takes with it: its project, contracts, loans, capacity on networks, and its owner's cash flow."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.default import forget_project, strand, write_off
from clusterpact.agents.offtake import end_offtake
from clusterpact.agents.projects import drop_project, give_up_plan
from clusterpact.agents.vocabulary import CLOSED_DOWN, N_KINDS


@rule
def leave_networks(s, firm):
    """Give back all capacity that a firm holds or uses."""
    for kind in range(N_KINDS):
        n = firm.network[kind]
        if n >= 0:
            s.networks[n].used -= s.options[firm.option].volume[kind]
            s.networks[n].booked -= firm.booked[kind]
            firm.booked[kind] = 0.0


@rule
def close_unit(s, i, t):
    """A unit stops for good. Lenders write its loans down; what its owner raised on its balance sheet stays to be repaid."""
    firm = s.firms[i]
    account = s.account[0]
    drop_project(s, i, t)
    give_up_plan(s, firm, t)
    end_offtake(s, i, False)
    if firm.start_quarter >= 0:
        strand(s, firm, t)
    if firm.debt_meur + firm.public_debt_meur > 0.0:
        account.defaults += 1.0
        write_off(s, i)
    leave_networks(s, firm)
    forget_project(firm)
    if firm.planned == 0 or firm.switched == 1:  # what was never built brought its owner nothing
        owner = s.owners[firm.owner]
        owner.cash_flow_meur = max(0.0, owner.cash_flow_meur - s.parameters[0].surplus_share * firm.gva_meur)
    firm.stage = CLOSED_DOWN
    firm.stopped = 0
    firm.closed_quarter = t
    firm.visibility = 0.0
    account.closures += 1.0
