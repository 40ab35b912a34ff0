"""R3: loans of running projects are served, repaid, or default; projects that fail or lose money, and what that undoes."""

from clusterpact.agents.bookings import release
from clusterpact.agents.chance import DEFAULT, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.expectations import free_share
from clusterpact.agents.lending import owe
from clusterpact.agents.offtake import premium_paid
from clusterpact.agents.plant import resting_stage
from clusterpact.agents.projects import drop_project
from clusterpact.agents.resources import book_resources, lacks_resource
from clusterpact.agents.support import tax_credit
from clusterpact.agents.switching import running_cost, switch_between, tariffs_paid
from clusterpact.agents.vocabulary import BUILDING, CARBON, FAILED, FID, N_KINDS

ROUNDING = 1e-9  #: a rest of a loan below this share of a payment is paid with it
FAILURE_QUARTERS = 8  #: a failed firm cannot borrow for two years
EARLY_QUARTERS = 12  #: quarters of operation in which the early default hazard holds
SHORT_QUARTERS = 4  #: quarters in a row without the means to pay that end a loan


@rule
def cash_flow(s, i, t):
    """Yearly cash flow of the last project against what ran before, at today's prices and under its contract, MEUR.

    (price or strike + green premium) * tonnes avoided + tax credit + buyer's premium - extra cost - free allowances lost -
    tariffs; all but the tariffs, which are for capacity, follow what the plant makes.
    """
    firm = s.firms[i]
    spot = s.spots[firm.cluster]
    option = s.options[firm.option]
    before = s.options[firm.previous_option]
    switch = switch_between(s, firm, before, option, running_cost(before, spot.price), spot.price, t)
    price = firm.running_strike if firm.running_strike > 0.0 else spot.price[CARBON]
    price += switch.premium_eur_per_t
    lost_kt = switch.lost_allocation_kt * free_share(s, firm, t // 4)
    extra_cost = switch.extra_cost_meur + spot.price[CARBON] * lost_kt * 1e-3
    tariffs = tariffs_paid(s, firm, before, option)
    earned = firm.output * (price * switch.avoided_kt * 1e-3 - extra_cost)
    return earned + tax_credit(s, firm) + premium_paid(s, firm) - tariffs


@rule
def misses_service(s, i, t):
    """Whether firm i has missed the service of its project's loans for a year.

    What serves them is the project's cash flow and the plant's own operating surplus, a share of its gross value added:
    loans are to firms that run a plant, and what their old fuel costs elsewhere does not by itself keep them from paying.
    """
    firm = s.firms[i]
    if firm.debt_meur + firm.public_debt_meur <= 0.0 or firm.debt_service_meur <= 0.0 or firm.start_quarter < 0:
        return False
    means = cash_flow(s, i, t) + s.parameters[0].surplus_share * firm.gva_meur * firm.output
    firm.short_quarters = firm.short_quarters + 1 if means < firm.debt_service_meur else 0
    return firm.short_quarters >= SHORT_QUARTERS


@rule
def breaks_down(s, i, t):
    """Whether the project that firm i runs fails: a hazard by age, over the tenor of loans, whoever paid for it."""
    firm = s.firms[i]
    p = s.parameters[0]
    age = t - firm.start_quarter
    if firm.capex_meur <= 0.0 or firm.start_quarter < 0 or firm.switched == 0 or age >= 4.0 * p.debt_tenor_years:
        return False
    hazard = p.default_early_per_year if age < EARLY_QUARTERS else p.default_late_per_year
    world = s.world[0]
    return uniform(world.seed, world.run, DEFAULT, firm.id, t) < hazard / 4.0


@rule
def default_on_loans(s, i):
    """Loans that are not served are written down; the plant that they paid for runs on as long as that pays."""
    s.account[0].defaults += 1.0
    write_off(s, i)


@rule
def loses_money(s, i, t):
    """Whether what firm i added to its plant cost more to run than it brought for a year, whoever paid for it."""
    firm = s.firms[i]
    if firm.start_quarter < 0 or s.options[firm.option].is_increment == 0:
        return False
    firm.losing_quarters = firm.losing_quarters + 1 if cash_flow(s, i, t) < 0.0 else 0
    return firm.losing_quarters >= SHORT_QUARTERS


@rule
def strand(s, firm, t):
    """Book what is left of the value of a running project that ends, MEUR: straight-line over its life."""
    life = s.options[firm.option].life_years
    s.account[0].stranded_meur += firm.capex_meur * max(0.0, 1.0 - (t - firm.start_quarter) / 4.0 / life)


@rule
def switch_off(s, i, t):
    """Stop what was added to a plant, such as capture once its credit has ended: it runs as before and repays its loans."""
    firm = s.firms[i]
    strand(s, firm, t)
    drop_project(s, i, t)
    release(s, firm)
    fall_back(s, firm, t)
    firm.stage = resting_stage(firm)
    forget_project(firm)
    release(s, firm)


@rule
def fits(s, firm, row):
    """Whether a firm may fall back to an option: networks have the room, and its place what it needs beyond today's."""
    if lacks_resource(s, firm, s.options[row]):
        return False
    for kind in range(N_KINDS):
        extra = s.options[row].volume[kind] - s.options[firm.option].volume[kind]
        if extra <= 0.0:
            continue
        network = s.networks[firm.network[kind]]
        free = min(network.capacity - network.booked, network.capacity - network.extension - network.used)
        if extra > free:
            return False
    return True


@rule
def fail(s, i, t):
    """Carry out a failure: the project stops, lenders write their loans down, and the plant runs as before.

    On its owner's balance sheet the debt stays, and is repaid.
    """
    firm = s.firms[i]
    s.account[0].defaults += 1.0
    strand(s, firm, t)
    write_off(s, i)
    firm.failures += 1
    firm.stage = FAILED
    firm.failed_until = t + FAILURE_QUARTERS
    drop_project(s, i, t)
    release(s, firm)
    fall_back(s, firm, t)
    forget_project(firm)
    release(s, firm)


@rule
def write_off(s, i):
    """Lenders lose what is not recovered, less what the state guarantees; the state loses its part of its own loan."""
    firm = s.firms[i]
    p = s.parameters[0]
    lost = 1.0 - p.recovery_share
    s.account[0].guarantee_calls_meur += lost * (firm.guaranteed * firm.debt_meur + firm.public_debt_meur)
    for f in range(s.financiers.size):
        owed = s.loans[i * s.financiers.size + f]
        if owed > 0.0:
            lender = s.financiers[f]
            lender.capital_meur -= (1.0 - firm.guaranteed) * lost * owed
            lender.npl_meur += owed
            lender.defaulted_now_meur += owed
            owe(s, f, i, firm.owner, -owed)
    total = debt_of(firm)
    firm.repayment_meur *= firm.corporate_debt_meur / total if total > 0.0 else 0.0
    firm.debt_meur = 0.0
    firm.public_debt_meur = 0.0
    firm.debt_service_meur = 0.0
    firm.short_quarters = 0


@rule
def fall_back(s, firm, t):
    """Run again what ran before; if its place on a network or its fuel is taken, what ran at the start of the horizon."""
    if not fits(s, firm, firm.previous_option):
        firm.previous_option = firm.first_option
    running = s.options[firm.option]
    before = s.options[firm.previous_option]
    book_resources(s, firm, before)
    for kind in range(N_KINDS):
        n = firm.network[kind]
        extra = before.volume[kind] - running.volume[kind]
        if n >= 0:
            s.networks[n].used += extra
            if extra > 0.0:
                firm.booked[kind] += extra
                s.networks[n].booked += extra
    if running.is_increment == 0:
        restored = firm.previous_option == firm.first_option or before.is_increment == 1
        firm.base_intact = 1 if restored and firm.planned == 0 else 0
        firm.campaign_age = firm.previous_age + (t - firm.start_quarter) / 4.0
    firm.option = firm.previous_option
    firm.switched = 0 if firm.option == firm.first_option else 1


@rule
def forget_project(firm):
    """Clear what a firm had planned, promised and won."""
    firm.candidate = -1
    firm.project = -1
    firm.preparing = 0
    firm.choice = 0.0
    firm.available = 0
    firm.strike = 0.0
    firm.running_strike = 0.0
    firm.running_credit = 0.0
    firm.c1_due = -1
    firm.c2_due = -1
    firm.c2_lapse = -1
    firm.c3_due = -1
    firm.start_quarter = -1
    firm.fid_quarter = -1
    firm.losing_quarters = 0


@rule
def debt_of(firm):
    """All that a firm and its owner owe for its projects, MEUR."""
    return firm.debt_meur + firm.public_debt_meur + firm.corporate_debt_meur


@rule
def repay(s, i):
    """Repay this quarter's share of all loans of a running project, those of its owner included."""
    firm = s.firms[i]
    total = debt_of(firm)
    if total <= 0.0 or firm.stage == FID or firm.stage == BUILDING:
        return
    last = firm.repayment_meur * (1.0 + ROUNDING) >= total
    part = 1.0 if last else firm.repayment_meur / total
    for f in range(s.financiers.size):
        owed = s.loans[i * s.financiers.size + f]
        if owed > 0.0:
            owe(s, f, i, firm.owner, -owed if last else -part * owed)
    firm.debt_meur -= part * firm.debt_meur
    firm.public_debt_meur -= part * firm.public_debt_meur
    s.owners[firm.owner].debt_meur -= part * firm.corporate_debt_meur
    firm.corporate_debt_meur -= part * firm.corporate_debt_meur


@rule
def check_defaults(s, t):
    """Loans are repaid; projects fail, and what loses money is switched off."""
    for i in range(s.firms.size):
        if s.firms[i].start_quarter < 0 and debt_of(s.firms[i]) <= 0.0:
            continue
        repay(s, i)
        if breaks_down(s, i, t):
            fail(s, i, t)
            continue
        if misses_service(s, i, t):
            default_on_loans(s, i)
        if loses_money(s, i, t):
            switch_off(s, i, t)
