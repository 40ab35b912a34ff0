"""R3: how a project could be paid for. Grant, its owner's means, and loans sized on the lenders' stressed case."""

import math
from typing import NamedTuple

from clusterpact.agents.compiled import part, rule
from clusterpact.agents.cost_of_capital import price_loans, support_of, supported
from clusterpact.agents.expectations import free_share, lenders_sum
from clusterpact.agents.lending import fill
from clusterpact.agents.offtake import contract_years_left, lenders_trust_in_buyer, offtake_meur
from clusterpact.agents.owners import budget_for, debt_room
from clusterpact.agents.projects import grant_to, preparation_left
from clusterpact.agents.records import YEARS_AHEAD
from clusterpact.agents.support import CREDIT_YEARS, loan_support
from clusterpact.agents.switching import expected_tariffs
from clusterpact.agents.technologies import capital_cost
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import CARBON, CORPORATE, GATE_BANK, GATE_RATION, NO_GATE, NO_ROUTE, PROJECT

SLACK = 1e-12  #: share of an amount that is as good as nothing
OWN_SHARE = 0.3  #: own money in a project whose owner has it; projects of 70 % debt and 30 % equity are usual


class Funding(NamedTuple):
    """How an option would be paid for now; without a gate, grant + own + borrowed + debt is its capital cost."""

    route: int  #: none, on the owner's balance sheet, or with loans to the project
    gate: int  #: what stands in the way: bank or ration; none if it can be paid for
    rate: float  #: cost of capital, per year
    grant_meur: float
    own_meur: float  #: out of the owner's capital budget
    borrowed_meur: float  #: by the owner, on its balance sheet
    debt_meur: float  #: loans to the project, concessional ones included
    debt_rate: float  #: interest on them, per year


class Means(NamedTuple):
    """What an owner has for any project of a plant now."""

    budget_meur: float  #: of its capital budget, once old loans to the plant are repaid; negative if they are larger
    room_meur: float  #: what it can borrow on its balance sheet


class Plan(NamedTuple):
    """What is known of an option before anybody pays for it."""

    permit_years: float  #: from the decision to the spending of capital, years
    lead_years: float  #: from the decision to operation, years
    strike: float  #: strike price of a carbon contract, EUR/t; 0 without one
    tariffs_meur: float  #: yearly tariffs beyond those that are paid already, MEUR


@part
def plan_for(s, i, option, strike, t):
    """The `Plan` of an option of firm i under a carbon contract (strike, EUR/t; 0 without one)."""
    permits = preparation_left(s, s.firms[i], option, t)
    return Plan(permits, permits + option.build_quarters / 4.0, strike, expected_tariffs(s, i, option, False))


@rule
def means_of(s, i):
    """What the owner of plant i has for a project of it (`Means`): the same for all options of a board."""
    firm = s.firms[i]
    return Means(budget_for(s, i) - firm.debt_meur - firm.public_debt_meur, debt_room(s.owners[firm.owner]))


@rule
def mean_prices(s, firm, lost_kt, first, years, t):
    """Mean price that lenders expect in the years after `first` ahead, EUR/t, and mean yearly loss of allowances, MEUR."""
    price = (lenders_sum(s, firm.cluster, first + years) - lenders_sum(s, firm.cluster, first)) / years
    lost = 0.0
    if lost_kt != 0.0:
        outlook = s.spots[firm.cluster].lenders_outlook
        for k in range(1, years + 1):
            lost += outlook[min(first + k, YEARS_AHEAD - 1)] * free_share(s, firm, t // 4 + first + k)
    return price, lost * lost_kt * 1e-3 / years


@rule
def stressed_cash_flow(s, firm, option, switch, plan, t):
    """Yearly cash flow in the lenders' stressed case, MEUR: contracted revenue in full, the rest after the haircut chi.

    The carbon price is the lenders' outlook (`spot.lenders_outlook`), averaged over the tenor. Savings and sales are
    uncontracted too; tax credits, extra costs and tariffs count in full.
    """
    p = s.parameters[0]
    price, lost = mean_prices(s, firm, switch.lost_allocation_kt, int(plan.lead_years), int(p.debt_tenor_years), t)
    secured = (1.0 - p.merchant_haircut) * price
    if plan.strike > 0.0:
        covered = min(1.0, p.ccfd_years / p.debt_tenor_years)
        secured = covered * plan.strike + (1.0 - covered) * secured
    extra = switch.extra_cost_meur
    other = -extra if extra > 0.0 else -extra * (1.0 - p.merchant_haircut)
    premium = switch.premium_eur_per_t * switch.avoided_kt * 1e-3 * (1.0 - p.merchant_haircut)
    credit = switch.credit_meur * min(1.0, CREDIT_YEARS / p.debt_tenor_years)
    secured_meur = secured * switch.avoided_kt * 1e-3 + contracted_premium(s, firm, option, plan.lead_years, t)
    return secured_meur + premium + credit + other - lost - plan.tariffs_meur


@rule
def contracted_premium(s, firm, option, lead, t):
    """What a buyer's contract adds to the lenders' case, MEUR/year over the tenor: as far as they trust the buyer."""
    if firm.buyer < 0:
        return 0.0
    more = offtake_meur(s, firm, option) - offtake_meur(s, firm, s.options[firm.option])
    years = contract_years_left(s, firm, lead, t)
    return lenders_trust_in_buyer(s, firm) * more * min(1.0, years / s.parameters[0].debt_tenor_years)


@rule
def debt_rate(s, wacc):
    """Interest on a project's debt, per year: its cost of capital less the margin between the two."""
    return max(0.0, wacc - s.parameters[0].debt_margin_pp * 1e-2)


@rule
def debt_capacity(s, capex, rate, cash_flow, guarantee):
    """Debt that a project carries, MEUR: min(gearing * I, CFADS / (DSCR * CRF) / (1 - guarantee)).

    rate: of the debt, per year; cash_flow: stressed, MEUR/year. Lenders size what they bear: the guaranteed share of a loan
    is the state's to stress.
    """
    if cash_flow <= 0.0:
        return 0.0
    p = s.parameters[0]
    most = p.gearing_max * capex
    cover = p.debt_service_cover * (1.0 - guarantee)
    if cash_flow >= most * cover * (rate + 1.0 / p.debt_tenor_years):  # the recovery factor is never more than that
        return most
    return min(most, cash_flow / (cover * capital_recovery_factor(rate, p.debt_tenor_years)))


@rule
def policy_share(s, firm, switch):
    """Share of a switch's revenue that hangs on the carbon price."""
    carbon = max(0.0, s.spots[firm.cluster].price[CARBON] * switch.avoided_kt * 1e-3)
    revenue = carbon + max(0.0, -switch.extra_cost_meur) + switch.credit_meur
    return carbon / revenue if revenue > 0.0 else 0.0


@part
def fund_option(s, i, option, switch, plan, means, t):
    """How firm i would pay for an option now: every source as far as it goes, the cheaper first (model-2.md C1 to C3).

    Capital cost less grant must be within the owner's means (budget and room for debt, once old loans are repaid) and what
    lenders advance on the stressed case. The owner puts in three tenths of its own, as is usual; then come lenders that ask
    less than its own money costs, its debt, other lenders, and the rest of its budget. No source that is added makes any
    other dearer. The rate is their mean, by amounts; `rates` hold what lenders ask.
    """
    firm = s.firms[i]
    p = s.parameters[0]
    capex = capital_cost(s, option)
    grant = grant_to(s, firm, option, t)
    needed = capex - grant
    if needed <= 0.0:  # a grant in hand pays for all of it
        rate = p.corporate_rate_pct * 1e-2
        return Funding(CORPORATE, NO_GATE, rate, grant, 0.0, 0.0, 0.0, rate)
    guarantee, concessional = loan_support(s, firm, capex, t)
    budget, room = means
    own = min(max(0.0, budget), OWN_SHARE * needed)
    private = 1.0 - concessional
    covered = 1.0 if plan.strike > 0.0 else 0.0
    price_loans(s, i, option, policy_share(s, firm, switch), covered, guarantee, concessional)
    asked, lent = fill(s, firm.owner, private * min(p.gearing_max * capex, needed - own), math.inf)
    interest = debt_rate(s, asked)
    flow = stressed_cash_flow(s, firm, option, switch, plan, t)
    most = min(needed, debt_capacity(s, capex, interest, flow, guarantee))
    loans = most if private * most <= lent * (1.0 + SLACK) else lent / private
    own_means = max(0.0, budget) + room
    slack = SLACK * capex
    if budget < 0.0 or needed - loans > own_means + slack:
        gate = GATE_BANK if budget < 0.0 or needed - most > own_means + slack else GATE_RATION
        return Funding(NO_ROUTE, gate, asked, grant, needed - loans, 0.0, loans, interest)
    own_rate = supported(p.corporate_rate_pct * 1e-2, 0.0, support_of(s, p.gearing_max, 0.0, concessional))
    cheap = loans if private <= 0.0 else fill(s, firm.owner, private * min(loans, needed - own), own_rate)[1] / private
    borrowed = min(room, needed - own - cheap)
    debt = max(0.0, min(loans, needed - own - borrowed))
    own = needed - borrowed - debt
    interests = debt * fill(s, firm.owner, private * debt, math.inf)[0] if debt > 0.0 else 0.0
    rate = ((own + borrowed) * own_rate + interests) / needed
    return Funding(PROJECT if debt > slack else CORPORATE, NO_GATE, rate, grant, own, borrowed, debt, interest)
