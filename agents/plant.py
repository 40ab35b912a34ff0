"""What happens after the decision: works, commissioning, loans, default, learning, and the gates that stay closed."""

from clusterpact.agents.appraisal import CREDIT_YEARS, free_share, remaining_share, renewal_cost, running_cost
from clusterpact.agents.bookings import lacks_network, release
from clusterpact.agents.chance import DEFAULT, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.cost_of_capital import owe
from clusterpact.agents.governments import policy_of
from clusterpact.agents.records import BUILDING, CARBON, COMMITTED, FAILED, FID, IDLE, NET_OPERATING, OPERATING

ROUNDING = 1e-9  #: a rest of a loan below this share of a payment is paid with it
FAILURE_QUARTERS = 8  #: a failed firm cannot borrow for two years


@rule
def resting_stage(firm):
    """The rung of a firm without a project under way."""
    return OPERATING if firm.switched == 1 else IDLE


@rule
def waits_for_network(s, firm):
    """Whether a plant that is otherwise ready cannot start: a network that it needs is not open or has no room."""
    if firm.candidate < 0:
        return False
    for kind in range(4):
        needed = s.options[firm.candidate].volume[kind]
        if needed <= 0.0:
            continue
        network = s.networks[firm.network[kind]]
        running = s.options[firm.option].volume[kind]
        open_room = network.capacity - network.extension - network.used
        if network.stage != NET_OPERATING or needed - running > open_room + 1e-9 * network.capacity:
            return True
    return False


@rule
def renew_campaign(s, firm):
    """Age the running campaign; at its end the firm relines and a new one begins."""
    running = s.options[firm.option]
    firm.campaign_age += 0.25
    if running.campaign_years > 0.0 and firm.campaign_age >= running.campaign_years:
        s.account[0].renewal_meur += renewal_cost(s, running)
        firm.campaign_age = 0.0


@rule
def commission(s, i, t):
    """The new plant starts: it replaces what ran before, and loans, contract and network use begin."""
    firm = s.firms[i]
    option = s.options[firm.candidate]
    running = s.options[firm.option]
    if option.is_increment == 0:
        book = s.parameters[0].stranding_share * renewal_cost(s, running)
        s.account[0].stranded_meur += book * remaining_share(running, firm.campaign_age)
    firm.previous_option = firm.option
    firm.previous_age = firm.campaign_age
    for kind in range(4):
        n = firm.network[kind]
        if n >= 0:
            s.networks[n].used += option.volume[kind] - running.volume[kind]
    firm.option = firm.candidate
    firm.candidate = -1
    firm.choice = 0.0
    firm.available = 0
    if option.is_increment == 0:
        firm.base_intact = 0
        firm.campaign_age = 0.0
    firm.switched = 1
    firm.stage = OPERATING
    firm.start_quarter = t
    firm.running_strike = firm.strike
    firm.running_until = t + int(4.0 * s.parameters[0].ccfd_years)
    firm.strike = 0.0
    firm.running_credit = firm.credit
    firm.credit_until = t + 4 * CREDIT_YEARS
    firm.credit = 0.0
    release(s, firm)


@rule
def work_on_plants(s, t):
    """Permits, construction and commissioning; campaigns age; unused or expired carbon contracts end."""
    for i in range(s.firms.size):
        firm = s.firms[i]
        if firm.stage == FID and t > firm.fid_quarter:
            firm.stage = BUILDING
        if firm.stage == BUILDING and t >= firm.ready_quarter and not waits_for_network(s, firm):
            commission(s, i, t)
        elif firm.planned == 0 or firm.switched == 1:
            renew_campaign(s, firm)
        busy = firm.stage == FID or firm.stage == BUILDING
        if firm.strike > 0.0 and t >= firm.strike_until and not busy:
            firm.strike = 0.0
        if firm.running_strike > 0.0 and t >= firm.running_until:
            firm.running_strike = 0.0
        if firm.running_credit > 0.0 and t >= firm.credit_until:
            firm.running_credit = 0.0
        if firm.stage == FAILED and t >= firm.failed_until:
            firm.stage = resting_stage(firm)


@rule
def tax_credit(s, firm):
    """Tax credit that the running project gets for what it captures, MEUR/year."""
    captured = s.options[firm.option].captured_kt - s.options[firm.previous_option].captured_kt
    return firm.running_credit * max(0.0, captured) / 1000.0


@rule
def cash_flow(s, i, t):
    """Yearly cash flow of the last project against what ran before, at today's prices and under its contract, MEUR."""
    firm = s.firms[i]
    spot = s.spots[firm.cluster]
    option = s.options[firm.option]
    before = s.options[firm.previous_option]
    avoided = before.emission_kt - option.emission_kt
    price = firm.running_strike if firm.running_strike > 0.0 else spot.price[CARBON]
    price += policy_of(s, firm.cluster, t).green_premium_eur_per_t
    tariffs = 0.0
    for kind in range(4):
        extra = option.volume[kind] - before.volume[kind]
        if extra != 0.0 and firm.network[kind] >= 0:
            network = s.networks[firm.network[kind]]
            tariffs += (network.tariff + network.service) * extra / 1000.0
    extra_cost = running_cost(s, option, spot.price) - running_cost(s, before, spot.price)
    lost_kt = (before.allocation_kt - option.allocation_kt) * free_share(s, firm, t // 4)
    extra_cost += spot.price[CARBON] * lost_kt / 1000.0
    return price * avoided / 1000.0 + tax_credit(s, firm) - extra_cost - tariffs


@rule
def defaults(s, i, t):
    """Whether a firm defaults on its loan: background hazard by age, or a year in which its means miss debt service.

    Its means are the project's cash flow and the plant's own operating surplus, a share of its gross value added: loans
    are to firms that run a plant, and what their old fuel costs elsewhere does not by itself keep them from paying.
    """
    firm = s.firms[i]
    p = s.parameters[0]
    if firm.debt_meur + firm.public_debt_meur <= 0.0 or firm.start_quarter < 0 or firm.switched == 0:
        return False
    means = cash_flow(s, i, t) + p.surplus_share * firm.gva_meur
    firm.short_quarters = firm.short_quarters + 1 if means < firm.debt_service_meur else 0
    if firm.short_quarters >= 4:
        return True
    hazard = p.default_early_per_year if t - firm.start_quarter < 12 else p.default_late_per_year
    world = s.world[0]
    return uniform(world.seed, world.run, DEFAULT, firm.id, t) < hazard / 4.0


@rule
def fits(s, firm, row):
    """Whether a firm may fall back to an option: its networks still have the room that it needs beyond today's."""
    for kind in range(4):
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
    """Carry out a default: the project stops, the lender writes the loan down, and the plant runs as before.

    If its old place on a network is taken, it runs what it ran at the start of the horizon.
    """
    firm = s.firms[i]
    p = s.parameters[0]
    account = s.account[0]
    loss = (1.0 - p.recovery_share) * firm.debt_meur
    account.defaults += 1.0
    life = s.options[firm.option].life_years
    account.stranded_meur += firm.capex_meur * max(0.0, 1.0 - (t - firm.start_quarter) / 4.0 / life)
    account.guarantee_calls_meur += firm.guaranteed * loss + (1.0 - p.recovery_share) * firm.public_debt_meur
    if firm.creditor >= 0:
        lender = s.financiers[firm.creditor]
        lender.capital_meur -= (1.0 - firm.guaranteed) * loss
        owe(s, firm.creditor, firm.cluster, -firm.debt_meur)
        lender.npl_meur += firm.debt_meur
        lender.defaulted_now_meur += firm.debt_meur
    firm.debt_meur = 0.0
    firm.public_debt_meur = 0.0
    firm.repayment_meur = 0.0
    firm.debt_service_meur = 0.0
    firm.short_quarters = 0
    firm.strike = 0.0
    firm.running_strike = 0.0
    firm.running_credit = 0.0
    firm.failures += 1
    firm.stage = FAILED
    firm.failed_until = t + FAILURE_QUARTERS
    release(s, firm)
    if not fits(s, firm, firm.previous_option):
        firm.previous_option = firm.first_option
    running = s.options[firm.option]
    before = s.options[firm.previous_option]
    for kind in range(4):
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
    firm.candidate = -1
    firm.choice = 0.0
    firm.available = 0
    firm.c1_due = -1
    firm.c2_due = -1
    firm.c2_lapse = -1
    firm.c3_due = -1
    firm.start_quarter = -1
    firm.fid_quarter = -1
    release(s, firm)


@rule
def check_defaults(s, t):
    """Loans are repaid or default."""
    for i in range(s.firms.size):
        repay(s, s.firms[i])
        if defaults(s, i, t):
            fail(s, i, t)


@rule
def repay(s, firm):
    """Repay this quarter's share of both loans of a running project."""
    if firm.start_quarter < 0:
        return
    total = firm.debt_meur + firm.public_debt_meur
    if total <= 0.0:
        return
    last = firm.repayment_meur * (1.0 + ROUNDING) >= total
    part = 1.0 if last else firm.repayment_meur / total
    paid = part * firm.debt_meur
    firm.debt_meur -= paid
    firm.public_debt_meur -= part * firm.public_debt_meur
    owe(s, firm.creditor, firm.cluster, -paid)


@rule
def has_own_project(firm):
    """Whether a firm learns by doing: a project decided, in works or running."""
    return firm.fid_quarter >= 0


@rule
def learn(s, t):
    """Capability grows by own projects, by peers that adopted (half as fast) and by education (model.md R4)."""
    p = s.parameters[0]
    for c in range(s.pacts.size):
        pact = s.pacts[c]
        education = policy_of(s, c, t).skills_per_year
        jobs = 0.0
        for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
            firm = s.firms[i]
            a = firm.capability
            growth = education * (1.0 - a)
            if has_own_project(firm):
                growth += p.learning_per_year * (1.0 - a)
            growth += 0.5 * p.learning_per_year * max(0.0, pact.adopters_capability - a)
            firm.capability = min(1.0, a + 0.25 * growth)
            jobs += firm.jobs
        s.account[0].skills_meur += education / 0.1 * p.skills_cost_keur_per_job_year * jobs / 4000.0


@rule
def close_gates(s, t):
    """Record, for every firm, the first gate that is closed."""
    for i in range(s.firms.size):
        s.firms[i].gate = first_closed_gate(s, s.firms[i])


@rule
def first_closed_gate(s, firm):
    """Number (1 to 10) of the first closed gate; see `clusterpact.agents.records.GATES`."""
    if firm.stage == FID or firm.stage == BUILDING:
        return 9
    if firm.stage == FAILED:
        return 7
    running = s.options[firm.option]
    done = firm.switched == 1 and running.emission_kt <= 0.1 * firm.baseline_kt
    if firm.available == 0 or firm.candidate < 0 or done:
        return 10 if firm.switched == 1 or (firm.baseline_kt <= 0.0 and firm.planned == 0) else 1
    if firm.value <= 0.0:
        return 2 if firm.value_unstranded > 0.0 else 3
    if firm.refused > 0:
        return firm.refused
    if lacks_network(s, firm):
        return 6 if firm.stage == COMMITTED else 5
    return 4
