"""R3, second half: lenders size debt on a stressed case, rank applicants, ration credit, and remember defaults."""

from clusterpact.agents.appraisal import lead_years
from clusterpact.agents.bookings import lacks_network, reserve
from clusterpact.agents.compiled import rule
from clusterpact.agents.cost_of_capital import owe, room
from clusterpact.agents.expectations import free_share, look_ahead
from clusterpact.agents.records import YEARS_AHEAD
from clusterpact.agents.support import CREDIT_YEARS, grant_rate, instrument_levels, policy_of
from clusterpact.agents.switching import expected_tariffs, running_cost, switch_between
from clusterpact.agents.technologies import capital_cost
from clusterpact.agents.trust import lender_trust_in_price, testify
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import (
    COMMITTED,
    FID,
    GATE_BANK,
    GATE_NETWORK,
    GATE_RATION,
    N_KINDS,
    NET_OPERATING,
    NO_GATE,
    OPERATORS,
)

NO_LENDER = -1


@rule
def mean_prices(s, firm, lost_kt, first, years, outlook, t):
    """Mean of an outlook over some years from `first` years ahead, EUR/t, and mean yearly loss of free allowances, MEUR."""
    price = 0.0
    lost = 0.0
    for k in range(1, years + 1):
        yearly = outlook[min(first + k, YEARS_AHEAD - 1)] / years
        price += yearly
        lost += yearly * lost_kt / 1000.0 * free_share(s, firm, t // 4 + first + k)
    return price, lost


@rule
def lender_case(s, i, f, t):
    """Yearly cash flow in the lender's stressed case, MEUR: contracted revenue in full, the rest after the haircut chi.

    The carbon price is the lender's outlook, averaged over the tenor. Savings and sales are uncontracted too; tax credits,
    extra costs and tariffs count in full.
    """
    firm = s.firms[i]
    p = s.parameters[0]
    option = s.options[firm.candidate]
    running = s.options[firm.option]
    prices = s.spots[firm.cluster].expected_price
    switch = switch_between(s, firm.cluster, running, option, running_cost(running, prices), prices, t)
    first = int(lead_years(s, firm.cluster, option, t))
    believed = lender_trust_in_price(s, firm.cluster, f)
    outlook = look_ahead(s, firm.cluster, t, believed, 1.0, 0, s.world[0].outlook)
    price, lost = mean_prices(s, firm, switch.lost_allocation_kt, first, int(p.debt_tenor_years), outlook, t)
    secured = (1.0 - p.merchant_haircut) * price
    if firm.strike > 0.0:
        covered = min(1.0, p.ccfd_years / p.debt_tenor_years)
        secured = covered * firm.strike + (1.0 - covered) * secured
    extra = switch.extra_cost_meur
    other = -extra if extra > 0.0 else -extra * (1.0 - p.merchant_haircut)
    premium = switch.premium_eur_per_t * switch.avoided_kt / 1000.0 * (1.0 - p.merchant_haircut)
    credit = switch.credit_meur * min(1.0, CREDIT_YEARS / p.debt_tenor_years)
    return secured * switch.avoided_kt / 1000.0 + premium + credit + other - lost - expected_tariffs(s, i, option, False)


@rule
def debt_rate(s, firm):
    """Interest on a firm's debt, per year: its cost of capital less the margin between the two."""
    return max(0.0, firm.wacc - s.parameters[0].debt_margin_pp / 100.0)


@rule
def debt_capacity(s, i, f, capex, t):
    """Total debt that firm i's candidate carries with lender f, MEUR: min(gearing * I, ticket, CFADS / (DSCR * CRF))."""
    p = s.parameters[0]
    cover = p.debt_service_cover * capital_recovery_factor(debt_rate(s, s.firms[i]), p.debt_tenor_years)
    largest = min(p.gearing_max * capex, s.financiers[f].ticket_max_meur)
    return max(0.0, min(largest, lender_case(s, i, f, t) / cover))


@rule
def approves(s, f, i, t):
    """Lender f's answer to firm i: no gate for yes, else the gate that stays closed: network, bank or ration.

    f = NO_LENDER: no lender's ticket fits; the firm must carry the cost by grant and equity alone.
    """
    firm = s.firms[i]
    p = s.parameters[0]
    capex = capital_cost(s, s.options[firm.candidate])
    grant = grant_rate(s, firm.cluster, t)
    if lacks_network(s, firm):
        return GATE_NETWORK
    debt = debt_capacity(s, i, f, capex, t) if f >= 0 else 0.0
    if (1.0 - grant) * capex - debt > p.equity_share_max * capex + 1e-12:
        return GATE_BANK
    if f < 0:
        return NO_GATE
    concessional = instrument_levels(s, firm.cluster, t)[2]
    needed = (1.0 - concessional) * min(debt, (1.0 - grant) * capex)
    return NO_GATE if needed <= room(s, f, firm.cluster) else GATE_RATION


@rule
def take_fid(s, f, i, t):
    """The final investment decision: money from grant, debt and equity adds up to the capital cost; capacity is booked."""
    firm = s.firms[i]
    p = s.parameters[0]
    account = s.account[0]
    option = s.options[firm.candidate]
    capex = capital_cost(s, option)
    _, guarantee, concessional = instrument_levels(s, firm.cluster, t)
    grant = grant_rate(s, firm.cluster, t) * capex
    debt = min(debt_capacity(s, i, f, capex, t), capex - grant) if f >= 0 else 0.0
    public = concessional * debt
    firm.capex_meur = capex
    firm.grant_meur = grant
    firm.equity_meur = capex - grant - debt
    settle_old_debt(s, firm)
    firm.creditor = f
    firm.debt_meur = debt - public
    firm.public_debt_meur = public
    firm.repayment_meur = debt / (4.0 * p.debt_tenor_years)
    firm.debt_service_meur = debt * capital_recovery_factor(debt_rate(s, firm), p.debt_tenor_years)
    firm.guaranteed = guarantee
    firm.credit = policy_of(s, firm.cluster, t).capture_credit_eur_per_t
    owe(s, f, firm.cluster, debt - public)
    account.project_capex_meur += capex
    account.grants_meur += grant
    account.equity_meur += firm.equity_meur
    account.debt_meur += debt - public
    account.concessional_meur += public
    if firm.stage == COMMITTED and firm.c2_due >= 0:
        testify(firm, 1.0, 1.0, OPERATORS, True, p.witness_discount)
    reserve(s, firm)
    firm.stage = FID
    firm.fid_quarter = t
    firm.start_quarter = -1
    firm.ready_quarter = t + int(4.0 * lead_years(s, firm.cluster, option, t) + 0.5)
    firm.c1_honoured = 1
    firm.c2_due = -1
    firm.c2_lapse = -1
    firm.c3_due = promised_start(s, firm) + 1
    s.technologies[option.technology].decided_now += 1.0


@rule
def settle_old_debt(s, firm):
    """A firm that decides its next project repays what is left of the last loan out of its own means."""
    if firm.debt_meur + firm.public_debt_meur <= 0.0:
        return
    s.account[0].refinanced_meur += firm.debt_meur + firm.public_debt_meur
    owe(s, firm.creditor, firm.cluster, -firm.debt_meur)


@rule
def promised_start(s, firm):
    """Promised start: the plant's ready quarter, or the network's promised one if that is later (C3 looks a quarter on)."""
    start = firm.ready_quarter
    for kind in range(N_KINDS):
        n = firm.network[kind]
        if s.options[firm.candidate].volume[kind] > 0.0 and n >= 0 and s.networks[n].stage != NET_OPERATING:
            start = max(start, s.networks[n].planned_quarter)
    return start


@rule
def lend(s, t):
    """R3: applicants without a fitting lender decide alone; each lender serves its applicants by value, while room lasts."""
    for i in range(s.firms.size):
        if s.firms[i].applied == 1 and s.firms[i].lender < 0:
            answer(s, NO_LENDER, i, t)
    applicants = 0
    for i in range(s.firms.size):
        applicants += s.firms[i].applied
    if applicants == 0:
        return
    for f in range(s.financiers.size):
        waiting = rank_applicants(s, f)
        for k in range(waiting):
            answer(s, f, s.queue[k], t)


@rule
def answer(s, f, i, t):
    """Approve or refuse one application, and note the reason."""
    settle(s, f, i, t, approves(s, f, i, t))


@rule
def settle(s, f, i, t, gate):
    """Carry out a lender's answer: an FID (no gate), or a refusal that stands until the next board."""
    s.firms[i].applied = 0
    s.firms[i].refused = gate
    if gate == NO_GATE:
        take_fid(s, f, i, t)


@rule
def rank_applicants(s, f):
    """Fill the queue with the firms that apply to lender f, best value per euro first; returns how many."""
    count = 0
    for i in range(s.firms.size):
        if s.firms[i].applied == 0 or s.firms[i].lender != f:
            continue
        k = count
        while k > 0 and s.firms[s.queue[k - 1]].value < s.firms[i].value:
            s.queue[k] = s.queue[k - 1]
            k -= 1
        s.queue[k] = i
        count += 1
    return count


@rule
def update_lenders(s, t):
    """Bad loans run off; confidence falls with the share of the portfolio that defaulted, and recovers."""
    p = s.parameters[0]
    for f in range(s.financiers.size):
        lender = s.financiers[f]
        lender.npl_meur *= 1.0 - p.npl_runoff_per_quarter
        portfolio = lender.exposure_meur + lender.defaulted_now_meur
        share = lender.defaulted_now_meur / portfolio if portfolio > 0.0 else 0.0
        lender.confidence_pp *= 1.0 - p.confidence_recovery_per_quarter
        lender.confidence_pp += p.default_contagion_pp * share
        lender.defaulted_now_meur = 0.0
