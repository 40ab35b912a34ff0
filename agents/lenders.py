"""R3, second half: applicants are ranked, loans spread over lenders, investment decisions taken, defaults remembered."""

import math

from clusterpact.agents.appraisal import expected_running_cost, expected_switch
from clusterpact.agents.bookings import lacks_network, reserve
from clusterpact.agents.compiled import rule
from clusterpact.agents.cost_of_capital import counterparty_doubt, premia_of, required_return
from clusterpact.agents.funding import debt_rate, fund_option, means_of, plan_for, policy_share
from clusterpact.agents.lending import ROUNDING, next_lender, offer, owe
from clusterpact.agents.owners import backs, spend_capital
from clusterpact.agents.projects import note_decision, slip_of
from clusterpact.agents.resources import book_resources, lacks_resource
from clusterpact.agents.support import (
    CREDIT_YEARS,
    credit_for,
    credit_rate,
    expected_calls,
    grant_element,
    grant_for,
    loan_support,
    promised_grant,
    spend,
)
from clusterpact.agents.technologies import capital_cost
from clusterpact.agents.trust import testify_plant
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import (
    COMMITTED,
    CONCESSIONAL,
    CREDITS,
    FID,
    GATE_AVAILABLE,
    GATE_BANK,
    GATE_NETWORK,
    GATE_RATION,
    GRANTS,
    GUARANTEES,
    N_KINDS,
    NET_OPERATING,
    NO_GATE,
    OPERATORS,
)


@rule
def funding_now(s, i, t):
    """How firm i would pay for its candidate in this quarter."""
    firm = s.firms[i]
    option = s.options[firm.candidate]
    switch = expected_switch(s, firm, option, expected_running_cost(s, firm), t)
    return fund_option(s, i, option, switch, plan_for(s, i, option, firm.strike, t), means_of(s, i), t)


@rule
def open_loan(s, i, backed, t):
    """Take up the application of firm i: what closes it at once (network or bank), else none and the loan that it seeks.

    backed: whether its owner backs it.

    The loan that lenders are asked for, less what the state lends, is noted in `sought_meur`, what each asks in `rates`.
    """
    firm = s.firms[i]
    firm.sought_meur = 0.0
    if lacks_resource(s, firm, s.options[firm.candidate]):
        return GATE_AVAILABLE
    if lacks_network(s, firm):
        return GATE_NETWORK
    funding = funding_now(s, i, t)
    if funding.gate != NO_GATE:
        return funding.gate
    if not backed:
        return GATE_BANK
    concessional = loan_support(s, firm, capital_cost(s, s.options[firm.candidate]), t)[1]
    for f in range(s.financiers.size):
        s.offers[f] = 0.0
    firm.sought_meur = (1.0 - concessional) * funding.debt_meur
    return NO_GATE


@rule
def ask_next(s, i, last):
    """The lender to be asked for the loan of firm i after lender `last` (-1: first of all, the cheapest).

    -1 if the firm has its loan or nobody is left.
    """
    if s.firms[i].sought_meur <= ROUNDING * capital_cost(s, s.options[s.firms[i].candidate]):
        return -1
    return next_lender(s, last)


@rule
def offers(s, f, i):
    """What lender f takes of the loan that firm i still seeks, MEUR."""
    return offer(s, f, s.firms[i].owner, s.firms[i].sought_meur)


@rule
def take_offer(s, f, i, amount):
    """Note an offer to the loan of firm i, MEUR; no more of it than is still sought."""
    taken = min(amount, s.firms[i].sought_meur)
    s.offers[f] = taken
    s.firms[i].sought_meur -= taken


@rule
def close_loan(s, i, gate, t):
    """Carry out the answer to firm i: the FID if nothing stands in the way and the loan is complete, else a refusal."""
    firm = s.firms[i]
    firm.applied = 0
    missing = firm.sought_meur > ROUNDING * capital_cost(s, s.options[firm.candidate])
    if gate == NO_GATE and missing:
        gate = GATE_RATION
    firm.sought_meur = 0.0
    firm.refused = gate
    if gate == NO_GATE:
        take_fid(s, i, t)


@rule
def lend(s, t):
    """R3: applicants are served by value per euro, the best first; each loan is spread over lenders by what they ask."""
    for k in range(rank_applicants(s)):
        i = s.queue[k]
        gate = open_loan(s, i, backs(s, s.firms[i].owner, i, t), t)
        if gate == NO_GATE:
            f = ask_next(s, i, -1)
            while f >= 0:
                take_offer(s, f, i, offers(s, f, i))
                f = ask_next(s, i, f)
        close_loan(s, i, gate, t)


@rule
def rank_applicants(s):
    """Fill the queue with the firms that apply, best net present value per euro first; returns how many."""
    count = 0
    for i in range(s.firms.size):
        if s.firms[i].applied == 0:
            continue
        k = count
        while k > 0 and s.firms[s.queue[k - 1]].profitability_index < s.firms[i].profitability_index:
            s.queue[k] = s.queue[k - 1]
            k -= 1
        s.queue[k] = i
        count += 1
    return count


@rule
def take_fid(s, i, t):
    """The final investment decision: grant, own means, the owner's debt and loans add up to the capital cost.

    Offers hold what every lender takes of the loan. What the state gives is taken from its budgets, and booked.
    """
    firm = s.firms[i]
    option = s.options[firm.candidate]
    funding = funding_now(s, i, t)
    settle_old_debt(s, i)
    pay_in(s, i, funding, t)
    more_kt = option.captured_kt - s.options[firm.option].captured_kt
    firm.credit = credit_rate(s, firm, more_kt, t)
    spend(s, firm.cluster, CREDITS, CREDIT_YEARS * credit_for(firm.credit, more_kt))
    if firm.stage == COMMITTED and firm.c2_due >= 0:
        testify_plant(s, firm, 1.0, 1.0, OPERATORS, True, s.parameters[0].witness_discount)
    reserve(s, firm)
    book_resources(s, firm, option)
    note_decision(s, firm, t)
    firm.stage = FID
    firm.fid_quarter = t
    firm.start_quarter = -1
    firm.promised_quarter = t + int(option.build_quarters + 0.5)
    firm.ready_quarter = firm.promised_quarter + slip_of(s, firm, s.parameters[0].start_slip_quarters, t)
    firm.c1_honoured = 1
    firm.c2_due = -1
    firm.c2_lapse = -1
    firm.c3_due = promised_start(s, firm) + 1
    s.technologies[option.technology].decided_now += 1.0


@rule
def pay_in(s, i, funding, t):
    """Enter the money of a project: its sources in the account, its debts with all who lend, what the state promised."""
    firm = s.firms[i]
    p = s.parameters[0]
    account = s.account[0]
    capex = capital_cost(s, s.options[firm.candidate])
    guarantee, concessional = loan_support(s, firm, capex, t)
    lent = 0.0
    for f in range(s.financiers.size):
        if funding.debt_meur > 0.0 and s.offers[f] > 0.0:
            owe(s, f, i, firm.owner, s.offers[f])
            lent += s.offers[f]
    borrowed = (1.0 - concessional) * funding.borrowed_meur
    public = concessional * (funding.borrowed_meur + funding.debt_meur)
    gift = concessional * funding.debt_meur * grant_element(p, market_rate(s, i, t))
    gift += concessional * funding.borrowed_meur * grant_element(p, debt_rate(s, p.corporate_rate_pct * 1e-2))
    firm.capex_meur = capex
    firm.grant_meur = funding.grant_meur
    firm.equity_meur = capex - funding.grant_meur - borrowed - lent - public
    firm.debt_meur = lent
    firm.public_debt_meur = public
    firm.corporate_debt_meur += borrowed
    firm.repayment_meur = (lent + public + firm.corporate_debt_meur) / (4.0 * p.debt_tenor_years)
    loans = lent + concessional * funding.debt_meur
    firm.debt_service_meur = loans * capital_recovery_factor(funding.debt_rate, p.debt_tenor_years)
    firm.guaranteed = guarantee
    spend(s, firm.cluster, GUARANTEES, guarantee * lent * expected_calls(p))
    by_law = grant_for(s, firm, capex, t)
    spend(s, firm.cluster, GRANTS, funding.grant_meur if funding.grant_meur <= by_law else 0.0)
    spend(s, firm.cluster, CONCESSIONAL, gift)
    spend_capital(s, i, firm.equity_meur, borrowed)
    government = s.governments[s.pacts[firm.cluster].support_government]
    promised = promised_grant(s, firm, capex, t)
    government.promised_meur += promised
    government.paid_meur += min(promised, funding.grant_meur)
    account.project_capex_meur += capex
    account.grants_meur += funding.grant_meur
    account.equity_meur += firm.equity_meur
    account.corporate_debt_meur += borrowed
    account.debt_meur += lent
    account.concessional_meur += public
    account.grant_element_meur += gift


@rule
def market_rate(s, i, t):
    """Interest that lenders ask for a loan to firm i without public support, per year.

    The mean by what they offered, the cheapest lender's if none did, the owner's own where there is no lender.
    """
    firm = s.firms[i]
    option = s.options[firm.candidate]
    switch = expected_switch(s, firm, option, expected_running_cost(s, firm), t)
    premia = premia_of(s, option, policy_share(s, firm, switch), 1.0 if firm.strike > 0.0 else 0.0)
    cheapest = math.inf
    total = 0.0
    lent = 0.0
    for f in range(s.financiers.size):
        rate, risk = required_return(s, firm.cluster, f, premia, counterparty_doubt(s, i, option, f))
        cheapest = min(cheapest, rate + risk)
        total += s.offers[f] * (rate + risk)
        lent += s.offers[f]
    if lent > 0.0:
        return debt_rate(s, total / lent)
    return debt_rate(s, s.parameters[0].corporate_rate_pct * 1e-2 if math.isinf(cheapest) else cheapest)


@rule
def settle_old_debt(s, i):
    """A firm that decides its next project repays what is left of the last loans out of its owner's budget."""
    firm = s.firms[i]
    old = firm.debt_meur + firm.public_debt_meur
    if old + firm.corporate_debt_meur <= 0.0:
        return
    s.account[0].refinanced_meur += old
    for f in range(s.financiers.size):
        owe(s, f, i, firm.owner, -s.loans[i * s.financiers.size + f])
    spend_capital(s, i, old, 0.0)


@rule
def promised_start(s, firm):
    """Promised start: the plant's own, or the network's promised one if that is later (C3 looks a quarter on)."""
    start = firm.promised_quarter
    for kind in range(N_KINDS):
        n = firm.network[kind]
        if s.options[firm.candidate].volume[kind] > 0.0 and n >= 0 and s.networks[n].stage != NET_OPERATING:
            start = max(start, s.networks[n].planned_quarter)
    return start


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
