"""R4, first half: what an option is worth. Credibility-weighted carbon price, hurdle rate, net present value per euro."""

import math

from clusterpact.agents.bookings import note_volumes
from clusterpact.agents.chance import TASTE, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.cost_of_capital import cheapest_lender
from clusterpact.agents.governments import announced_price, contract_budget, grant_rate, policy_of, year_row
from clusterpact.agents.networks import tariff_at
from clusterpact.agents.records import BUILDING, CARBON, COMMITTED, FAILED, FID, YEARS_AHEAD
from clusterpact.agents.trust import firm_trust_in_price, peer_norm

LONGEST_LIFE = 30
CREDIT_YEARS = 12  #: years that a tax credit for captured CO2 is paid (US Internal Revenue Code, section 45Q)
TREND_YEARS = 15  #: a firm extrapolates the carbon-price trend no further
EXPONENT_CAP = 50.0
PLEDGE_YEARS_AHEAD = 5


@rule
def look_ahead(s, cluster, t, trust_in_price, optimism, shift):
    """Fill world.outlook with the carbon price expected k + shift years ahead, EUR/t.

    E[p] = T * announced + (1 - T) * today's price * trend * optimism (Campiglio, Lamperti and Terranova; model.md R4).
    """
    world = s.world[0]
    year = t // 4
    spot = s.spots[cluster]
    growth = math.exp(spot.carbon_price_trend)
    own = spot.price[CARBON] * optimism
    for k in range(YEARS_AHEAD):
        if 0 < k <= TREND_YEARS:
            own *= growth
        world.outlook[k] = trust_in_price * announced_price(s, cluster, year + k + shift)
        world.outlook[k] += (1.0 - trust_in_price) * own


@rule
def capital_cost(s, option):
    """Capital cost of an option today, MEUR: learning in its technology and the run's level of capital costs."""
    return option.capex_meur * s.technologies[option.technology].cost * s.parameters[0].capex_level


@rule
def renewal_cost(s, option):
    """Cost of one more campaign, MEUR: as listed, or a share of the plant's greenfield cost."""
    return option.renewal_meur + s.parameters[0].renewal_share * option.greenfield_meur


@rule
def running_cost(s, option, prices):
    """Fixed, other and energy cost less sales, MEUR/year, at given carrier prices (EUR/MWh); without CO2 and networks."""
    cost = option.opex_meur
    for carrier in range(1, 10):
        cost += option.energy_gwh[carrier] * prices[carrier] / 1000.0
    return cost


@rule
def network_charge(s, i, option, full=False):
    """Yearly tariffs of an option beyond those that the firm pays already, MEUR/year.

    As firm i expects them; with `full`, as if every undecided network were full.
    """
    firm = s.firms[i]
    running = s.options[firm.option]
    charge = 0.0
    for kind in range(4):
        extra = option.volume[kind] - running.volume[kind]
        if extra != 0.0 and firm.network[kind] >= 0:
            added = max(0.0, extra)
            if full:
                added = s.networks[firm.network[kind]].phase - firm.others_volume[kind]
            charge += tariff_at(s, firm, kind, added) * extra / 1000.0
    return charge


@rule
def lead_years(s, cluster, option, t):
    """Time from FID to operation, years: permits (less what a policy saves) and construction."""
    permits = s.parameters[0].permit_quarters * (1.0 - policy_of(s, cluster, t).faster_permits)
    return (permits + option.build_quarters) / 4.0


@rule
def discounted_annuity(rate, log_rate, first_factor, years):
    """Discount factors of a number of years, summed; first_factor is that of the moment before the first year.

    rate per year and log(1 + rate); at a rate of zero the sum is the number of years.
    """
    if abs(rate) < 1e-9:
        return first_factor * years
    return first_factor * (1.0 - math.exp(-years * log_rate)) / rate


@rule
def discounted_sums(s, hurdle, log_rate, lead, life, strike, contract_years):
    """Discounted price and annuity over the years of operation; the strike stands for the price in a contract's years.

    hurdle per year and log(1 + hurdle), lead and life in years; returns (EUR/t summed, years summed).
    """
    world = s.world[0]
    step = 1.0 / (1.0 + hurdle)
    start = math.exp(-lead * log_rate)
    first = min(int(lead), YEARS_AHEAD - LONGEST_LIFE - 1)
    years = int(min(life, LONGEST_LIFE))
    annuity = discounted_annuity(hurdle, log_rate, start, years)
    contract = 0
    factor = start
    price = 0.0
    if strike > 0.0:
        contract = int(min(years, contract_years))
        price = strike * discounted_annuity(hurdle, log_rate, start, contract)
        factor *= math.exp(-contract * log_rate)
    odd = factor * step
    even = odd * step
    two_steps = step * step
    price_odd = 0.0
    price_even = 0.0
    for k in range(contract + 1, years, 2):  # two chains at once: half the latency of one
        price_odd += odd * world.outlook[first + k]
        price_even += even * world.outlook[first + k + 1]
        odd *= two_steps
        even *= two_steps
    if (years - contract) % 2 == 1:
        price_odd += odd * world.outlook[first + years]
    return price + price_odd + price_even, annuity


@rule
def lost_allocation(s, firm, option, hurdle, lead, life, t):
    """Discounted value of the free allowances that a switch gives up, MEUR; negative if it gains some.

    The looked-ahead price times the share of free allocation that is left in each year of operation (EU ETS Directive,
    Art. 10a). Most products keep their allowances whatever the technology, and then nothing is lost.
    """
    lost_kt = s.options[firm.option].allocation_kt - option.allocation_kt
    if lost_kt == 0.0:
        return 0.0
    world = s.world[0]
    first = min(int(lead), YEARS_AHEAD - LONGEST_LIFE - 1)
    factor = (1.0 + hurdle) ** -lead
    total = 0.0
    for k in range(1, int(min(life, LONGEST_LIFE)) + 1):
        factor /= 1.0 + hurdle
        total += factor * world.outlook[first + k] * free_share(s, firm, t // 4 + first + k)
    return total * lost_kt / 1000.0


@rule
def free_share(s, firm, year):
    """Share of the free allocation of a firm's product that is left in a year (row; the last one holds beyond it)."""
    return s.market[year_row(s, firm.cluster, year)].free_share[firm.cbam_good]


@rule
def remaining_share(option, age):
    """Share of the running campaign that is left."""
    if option.campaign_years <= 0.0:
        return 0.0
    return max(0.0, 1.0 - age / option.campaign_years)


@rule
def present_value(s, i, option, hurdle, lead, strike, charge, t, shift):
    """Discounted benefits of an option less its capital cost, MEUR, on the carbon prices of world.outlook.

    sum over life of (price * (tonnes avoided - free allowances lost) + premium - extra cost - tariffs) + tax credits of the
    first years - (1 - grant) I. A strike stands for the price in its contract's years; shift: years until the decision.
    """
    firm = s.firms[i]
    avoided = s.options[firm.option].emission_kt - option.emission_kt
    extra = running_cost(s, option, s.spots[firm.cluster].expected_price) - firm.running_cost_meur
    premium = policy_of(s, firm.cluster, t).green_premium_eur_per_t * avoided / 1000.0
    contract_years = s.parameters[0].ccfd_years
    log_rate = math.log1p(hurdle)
    price_sum, annuity = discounted_sums(s, hurdle, log_rate, lead, option.life_years, strike, contract_years)
    value = price_sum * avoided / 1000.0 + annuity * (premium - extra - charge)
    credit_years = min(option.life_years, LONGEST_LIFE, CREDIT_YEARS)
    credits = discounted_annuity(hurdle, log_rate, math.exp(-lead * log_rate), credit_years)
    value += yearly_credit(s, firm, option, t) * credits
    value -= lost_allocation(s, firm, option, hurdle, lead, option.life_years, t + 4 * shift)
    return value - (1.0 - grant_rate(s, firm.cluster, t)) * capital_cost(s, option)


@rule
def yearly_credit(s, firm, option, t):
    """Tax credit for the tonnes that an option captures beyond what the firm captures now, MEUR/year."""
    captured = option.captured_kt - s.options[firm.option].captured_kt
    return policy_of(s, firm.cluster, t).capture_credit_eur_per_t * max(0.0, captured) / 1000.0


@rule
def policy_share(s, i, option, t):
    """Share of an option's revenue that hangs on the carbon price."""
    firm = s.firms[i]
    avoided = s.options[firm.option].emission_kt - option.emission_kt
    extra = running_cost(s, option, s.spots[firm.cluster].expected_price) - firm.running_cost_meur
    carbon = max(0.0, s.spots[firm.cluster].price[CARBON] * avoided / 1000.0)
    revenue = carbon + max(0.0, -extra) + yearly_credit(s, firm, option, t)
    return carbon / revenue if revenue > 0.0 else 0.0


@rule
def assess(s, i, row, t):
    """Fill the assessment of option `row` for firm i: cost of capital, hurdle, v, U.

    v = (present value - stranded) / I. A replacement strands the running campaign and saves its next renewal; an increment
    does neither. Under a carbon contract the strike stands for the price in the contract's years.
    """
    firm = s.firms[i]
    p = s.parameters[0]
    option = s.options[row]
    running = s.options[firm.option]
    capex = capital_cost(s, option)
    norm = firm.norm
    lead = lead_years(s, firm.cluster, option, t)
    strike = firm.strike if row == firm.candidate else 0.0
    covered = 1.0 if strike > 0.0 else 0.0
    lender, rate = cheapest_lender(s, i, option, capex, policy_share(s, i, option, t), covered, t)
    hurdle = rate + p.hurdle_premium_pp / 100.0 * (1.0 - norm) * (1.0 - covered)
    benefit = present_value(s, i, option, hurdle, lead, strike, network_charge(s, i, option), t, 0)
    stranded = 0.0
    if option.is_increment == 0 and running.campaign_years > 0.0:
        left = remaining_share(running, firm.campaign_age)
        renewal = renewal_cost(s, running)
        stranded = p.stranding_share * renewal * left
        benefit += renewal * math.exp(-left * running.campaign_years * math.log1p(hurdle))
    paper = s.assessments[row]
    paper.lender = lender
    paper.wacc = rate
    paper.hurdle = hurdle
    paper.value_unstranded = benefit / capex
    paper.value = (benefit - stranded) / capex
    paper.utility = (1.0 - p.norm_weight) * paper.value + p.norm_weight * (norm - 0.5)
    exponent = p.choice_sharpness * paper.utility
    paper.weight = math.exp(min(EXPONENT_CAP, max(-EXPONENT_CAP, exponent)))


@rule
def break_even_strike(s, i, row, t):
    """Carbon price under a contract at which the option just pays, EUR/t; 0 if it avoids nothing.

    v is linear in the strike: it is worked out at 1 EUR/t, and its slope is the contract's annuity times tonnes avoided.
    """
    firm = s.firms[i]
    avoided = s.options[firm.option].emission_kt - s.options[row].emission_kt
    if avoided <= 0.0:
        return 0.0
    without, candidate = firm.strike, firm.candidate
    firm.candidate = row
    firm.strike = 1.0
    assess(s, i, row, t)
    firm.strike, firm.candidate = without, candidate
    option = s.options[row]
    paper = s.assessments[row]
    years = int(min(option.life_years, LONGEST_LIFE, s.parameters[0].ccfd_years))
    log_rate = math.log1p(paper.hurdle)
    start = math.exp(-lead_years(s, firm.cluster, option, t) * log_rate)
    annuity = discounted_annuity(paper.hurdle, log_rate, start, years)
    slope = annuity * avoided / 1000.0 / capital_cost(s, option)
    return max(0.0, 1.0 - paper.value / slope)


@rule
def is_open(s, firm, row, t):
    """Whether an option is on the market for a firm: technology available, networks exist, and it improves something."""
    option = s.options[row]
    running = s.options[firm.option]
    if row == firm.option or s.technologies[option.technology].first_quarter > t:
        return False
    if option.is_increment == 1 and firm.base_intact == 0:
        return False
    for kind in range(4):
        if option.volume[kind] <= 0.0:
            continue
        if firm.network[kind] < 0 or option.volume[kind] > s.networks[firm.network[kind]].limit:
            return False
    if firm.planned == 1:
        return firm.switched == 0
    return option.emission_kt < running.emission_kt - 1e-9 or option.heat_gwh > running.heat_gwh


@rule
def appraise(s, i, t):
    """The yearly board paper of firm i: utilities of all open options, logit choice, and the preferred candidate.

    p_o = exp(lambda U_o) / (w + sum exp(lambda U)), with w = 1 the weight of waiting, or 0 under a full phase-out. A firm
    that committed, or won a carbon contract, keeps its candidate.
    """
    firm = s.firms[i]
    world = s.world[0]
    keeps = firm.candidate >= 0 and (firm.stage == COMMITTED or firm.strike > 0.0)
    last = firm.first_option + firm.n_options
    firm.available = 0
    for row in range(firm.first_option, last):
        if is_open(s, firm, row, t):
            firm.available = 1
    firm.refused = 0
    firm.choice = 0.0
    firm.choice_candidate = 0.0
    if firm.available == 0:
        if not keeps:
            firm.candidate = -1
        return
    look_ahead(s, firm.cluster, t, firm_trust_in_price(s, firm), firm.optimism, 0)
    firm.norm = peer_norm(s, i)
    note_volumes(s, firm)
    firm.running_cost_meur = running_cost(s, s.options[firm.option], s.spots[firm.cluster].expected_price)
    total = 0.0
    for row in range(firm.first_option, last):
        s.assessments[row].weight = 0.0
        if is_open(s, firm, row, t):
            assess(s, i, row, t)
            total += s.assessments[row].weight
    if not keeps:
        firm.candidate = -1
    if not keeps:
        aim = uniform(world.seed, world.run, TASTE, firm.id, t) * total
        for row in range(firm.first_option, last):
            if s.assessments[row].weight > 0.0:
                firm.candidate = row
                aim -= s.assessments[row].weight
                if aim < 0.0:
                    break
    waiting = 1.0 - policy_of(s, firm.cluster, t).phase_out
    paper = s.assessments[firm.candidate]
    firm.lender = paper.lender
    firm.wacc = paper.wacc
    firm.hurdle = paper.hurdle
    firm.value = paper.value
    firm.value_unstranded = paper.value_unstranded
    firm.utility = paper.utility
    firm.choice = total / (waiting + total)
    firm.choice_candidate = paper.weight / (waiting + total)
    firm.strike_bid = 0.0
    if firm.strike == 0.0 and firm.running_strike == 0.0 and contract_budget(s, firm.cluster, t) > 0.0:
        firm.strike_bid = break_even_strike(s, i, firm.candidate, t)


@rule
def has_board(s, i, t):
    """Whether firm i's board meets now: once a year, and not while a project is in works or after a failure."""
    firm = s.firms[i]
    busy = firm.stage == FID or firm.stage == BUILDING or firm.stage == FAILED
    return t % 4 == firm.board_quarter and not busy


@rule
def appraise_firms(s, t):
    """R4: each board meets once a year, in a quarter of its own; a plant in works or failed has no paper."""
    for i in range(s.firms.size):
        if has_board(s, i, t):
            appraise(s, i, t)


@rule
def pledge_value(s, i, t):
    """v of the candidate in five years, if all that is announced comes true, with its support, and the network is full."""
    firm = s.firms[i]
    option = s.options[firm.candidate]
    look_ahead(s, firm.cluster, t, 1.0, 1.0, PLEDGE_YEARS_AHEAD)
    charge = network_charge(s, i, option, True)
    lead = lead_years(s, firm.cluster, option, t)
    value = present_value(s, i, option, firm.hurdle, lead, firm.strike, charge, t, PLEDGE_YEARS_AHEAD)
    return value / capital_cost(s, option)
