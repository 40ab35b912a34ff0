"""The yearly account that every cluster reports alike: CO2, energy, heat by season, money, jobs, gates, trust, networks."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.expectations import announced_price, year_row
from clusterpact.agents.offtake import premium_paid
from clusterpact.agents.plant import abated_by, activity, furnace_gas, is_running, own_emission
from clusterpact.agents.support import contract_payment, tax_credit
from clusterpact.agents.trust import trust
from clusterpact.agents.vocabulary import (
    BUILDING,
    BY_FINANCIER,
    BY_FIRM,
    CARBON,
    COMMITTED,
    ELECTRICITY,
    FID,
    HYDROGEN,
    PLEDGED,
)
from clusterpact.sim.audit import audit
from clusterpact.sim.options import HEAT_LOSS, ORC_EFFICIENCY

HOME_HEAT_MWH = 11.4  #: heat that a home takes in a year (estimate: 95 m2 at 120 kWh/m2, climate zone E of Italy)
HOME_POWER_KW = 3.0  #: power that a home may draw (the usual contract of an Italian home)
ANNOUNCED_YEARS_AHEAD = 5
LEAST_WEIGHT = 0.001  #: weight in mean prices of a cluster without emissions, kt


@rule
def is_warm(t):
    """Whether waste heat makes power (second and third quarter of the year) instead of serving heat."""
    quarter = t % 4
    return quarter == 1 or quarter == 2


@rule
def account_cluster(s, c, t):
    """Add a quarter of a cluster's firms to the account: CO2 of all of them, by cause, and what each is paid and uses."""
    account = s.account[0]
    pact = s.pacts[c]
    now = s.market[year_row(s, c, t // 4)]
    baseline, emitted, captured, free = 0.0, 0.0, 0.0, 0.0
    switched, closed, output = 0.0, 0.0, 0.0
    for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
        firm = s.firms[i]
        running = s.options[firm.option]
        made = activity(firm)
        own_kt = own_emission(s, firm)
        emission_kt, abated = own_kt + furnace_gas(s, firm), abated_by(s, firm, own_kt)
        firm.emission_kt = emission_kt
        firm.captured_kt = running.captured_kt * made
        switched += abated.switched_kt
        closed += abated.closed_kt
        output += abated.output_kt
        baseline += firm.baseline_kt
        emitted += emission_kt
        captured += firm.captured_kt
        free += running.allocation_kt * made * now.free_share[firm.cbam_good]
        account_payments(s, firm)
        if is_running(firm):
            account_energy(s, firm, running, made, t)
    account.switched_kt += switched / 4.0
    account.closed_kt += closed / 4.0
    account.output_kt += output / 4.0
    account.scope1_kt += emitted / 4.0
    account.captured_kt += captured / 4.0
    account.displaced_kt += (baseline - emitted - captured) / 4.0
    account.free_allocation_kt += free / 4.0
    account.carbon_cost_meur += (emitted - free) * s.spots[c].price[CARBON] * 2.5e-4
    pact.abated_share = 1.0 - emitted / pact.baseline_kt if pact.baseline_kt > 0.0 else 1.0


@rule
def account_payments(s, firm):
    """Add a firm's quarter under its contracts to the account: carbon contract, tax credit, guaranteed loan, buyer."""
    account = s.account[0]
    if firm.running_strike > 0.0:
        account.ccfd_meur += contract_payment(s, firm)
    if firm.running_credit > 0.0:
        account.tax_credits_meur += tax_credit(s, firm) / 4.0
    if firm.guaranteed > 0.0:
        fee = s.parameters[0].guarantee_fee_pp * 1e-2
        account.guarantee_fees_meur -= fee * firm.guaranteed * firm.debt_meur / 4.0
    pay_premium(s, firm)


@rule
def account_energy(s, firm, running, made, t):
    """Add the energy of a firm's quarter to the account; running: the option that it runs, made: per output at the start."""
    account = s.account[0]
    account.scope2_gwh += running.energy_gwh[ELECTRICITY] * made / 4.0
    account.hydrogen_gwh += running.energy_gwh[HYDROGEN] * made / 4.0
    if running.heat_gwh > 0.0:
        if is_warm(t):
            account.heat_power_gwh += running.heat_gwh * made * ORC_EFFICIENCY / 4.0
        else:
            account.heat_sold_gwh += running.heat_gwh * made * (1.0 - HEAT_LOSS) / 4.0
    account.heat_sold_gwh += firm.heat_relief_gwh / 4.0


@rule
def pay_premium(s, firm):
    """The premium of a buyer's contract: what the public hand pays of it for its own purchases, and what others pay."""
    if firm.buyer < 0:
        return
    premium = premium_paid(s, firm) / 4.0
    public = s.buyers[firm.buyer].public_share
    s.account[0].procurement_meur += public * premium
    s.account[0].offtake_meur += (1.0 - public) * premium


@rule
def levels_of_firms(s):
    """Ladder shares, abatement, what is left by gate, jobs, guaranteed loans; weighted by baseline emissions where said."""
    account = s.account[0]
    baseline = 0.0
    for c in range(s.pacts.size):
        baseline += s.pacts[c].baseline_kt
    members = 0.0
    candidates = 0.0
    emitted = 0.0
    for i in range(s.firms.size):
        firm = s.firms[i]
        share = firm.baseline_kt / baseline if baseline > 0.0 else 0.0
        emitted += firm.emission_kt
        if baseline > 0.0:
            abated = abated_by(s, firm, own_emission(s, firm))
            account.switched_share += abated.switched_kt / baseline
            account.closed_share += abated.closed_kt / baseline
            account.output_share += abated.output_kt / baseline
            account.gate[firm.gate - 1] += firm.emission_kt / baseline
        if is_running(firm):
            account.jobs_direct += firm.jobs * firm.output
            account.jobs_total += firm.jobs * firm.jobs_multiplier * firm.output
            account.gva_meur += firm.gva_meur * firm.output
            account.gva_total_meur += firm.gva_meur * firm.gva_multiplier * firm.output
        if firm.stage == PLEDGED:
            account.pledged_share += share
        elif firm.stage == COMMITTED:
            account.committed_share += share
        elif firm.stage == FID or firm.stage == BUILDING:
            account.decided_share += share
        if firm.switched == 1 and is_running(firm):
            account.operating_share += share
        account.guaranteed_meur += firm.guaranteed * firm.debt_meur
        members += firm.visibility
        account.capability += firm.visibility * firm.capability
        if firm.candidate >= 0:
            candidates += 1.0
            account.hurdle_pct += 100.0 * firm.hurdle
    account.abated_share = 1.0 - emitted / baseline if baseline > 0.0 else 0.0
    account.capability = account.capability / members if members > 0.0 else 0.0
    account.hurdle_pct = account.hurdle_pct / candidates if candidates > 0.0 else 0.0


@rule
def levels_of_others(s, t):
    """Trust in governments, firms and operators, prices, and the networks' capacity, use and public cover."""
    account = s.account[0]
    p = s.parameters[0]
    total = 0.0
    for c in range(s.pacts.size):
        weight = price_weight(s, c)
        total += weight
        price = announced_price(s, c, t // 4 + ANNOUNCED_YEARS_AHEAD)
        account.announced_price_eur_per_t += (price - account.announced_price_eur_per_t) * (weight / total)
    for g in range(s.governments.size):
        government = s.governments[g]
        believed = trust(government.kept[BY_FIRM], government.broken[BY_FIRM], p.base_rate_trust)
        account.trust_in_governments += believed / s.governments.size
    for row in range(s.adoptions.size):
        if s.adoptions[row].strength > 0.0:
            account.adopted_instruments += 1.0
    for c in range(s.pacts.size):
        account.trust_in_firms += s.pacts[c].mean_trust / s.pacts.size
    for b in range(s.buyers.size):
        buyer = s.buyers[b]
        account.trust_in_buyers += trust(buyer.kept[BY_FIRM], buyer.broken[BY_FIRM], p.base_rate_trust) / s.buyers.size
    for n in range(s.networks.size):
        network = s.networks[n]
        believed = trust(network.kept[BY_FINANCIER], network.broken[BY_FINANCIER], p.base_rate_trust)
        account.trust_in_operators += believed / s.networks.size
        account.network_capacity[network.kind] += network.capacity
        account.network_used[network.kind] += network.used
        account.guaranteed_meur += network.cover_limit_meur - network.covered_meur


@rule
def account_networks(s):
    """The state's share of what networks' accounts did not recover, booked as it arises, up to what it promised, MEUR."""
    account = s.account[0]
    for n in range(s.networks.size):
        network = s.networks[n]
        cover = min(network.cover_limit_meur, network.guarantee * max(0.0, network.account_meur))
        account.network_cover_meur += cover - network.covered_meur
        network.covered_meur = cover


@rule
def price_weight(s, c):
    """Weight of a cluster in mean prices: its emissions at the start (a tonne where it has none)."""
    return max(LEAST_WEIGHT, s.pacts[c].baseline_kt)


@rule
def mean_carbon_price(s):
    """Carbon price in force over all clusters, weighted by their emissions at the start, EUR/t."""
    mean = 0.0
    total = 0.0
    for c in range(s.pacts.size):
        weight = price_weight(s, c)
        total += weight
        mean += (s.spots[c].price[CARBON] - mean) * (weight / total)
    return mean


@rule
def open_year(s, t):
    """Start a new account every January; row 1 of the account is always blank."""
    if t % 4 == 0:
        words = s.account_words
        for k in range(words.size // 2):
            words[k] = words[k + words.size // 2]


@rule
def keep_accounts(s, t):
    """The quarter's account; levels are taken at the end of the year. With the debug switch, the books are audited."""
    account = s.account[0]
    for c in range(s.pacts.size):
        account_cluster(s, c, t)
    account_networks(s)
    account.carbon_price_eur_per_t += mean_carbon_price(s) / 4.0
    if t % 4 == 3:
        levels_of_firms(s)
        levels_of_others(s, t)
    if s.world[0].check_books == 1:
        audit(s)
