"""The accounts that every cluster reports alike: CO2, energy, heat by season, money, jobs, GVA; and the closed books."""

from clusterpact.agents.appraisal import free_share
from clusterpact.agents.compiled import rule
from clusterpact.agents.governments import announced_price
from clusterpact.agents.links import GAS_CO2, HEAT_PER_GAS
from clusterpact.agents.plant import tax_credit
from clusterpact.agents.records import (
    BUILDING,
    BY_FINANCIER,
    BY_FIRM,
    CARBON,
    COMMITTED,
    ELECTRICITY,
    FID,
    HYDROGEN,
    NATURAL_GAS,
    PLEDGED,
)
from clusterpact.agents.trust import trust

ORC_EFFICIENCY = 0.18  #: electricity per waste heat in an organic Rankine cycle (iRecovery: 1.8 of 10 MW)
HEAT_LOSS = 0.08  #: lost between a plant and the users of its heat (DEA 113_11: station 5 %, line 1-3 %)
HOME_HEAT_MWH = 11.4  #: heat that a home takes in a year (estimate: 95 m2 at 120 kWh/m2, climate zone E of Italy)
HOME_POWER_KW = 3.0  #: power that a home may draw (the usual contract of an Italian home)
BOOK_TOLERANCE = 1e-9


@rule
def is_warm(t):
    """Whether waste heat makes power (second and third quarter of the year) instead of serving heat."""
    quarter = t % 4
    return quarter == 1 or quarter == 2


@rule
def is_running(firm):
    """Whether a plant produces: all but the announced ones that are not built."""
    return firm.planned == 0 or firm.switched == 1


@rule
def emission_rate(s, firm):
    """Scope-1 emissions of a firm, kt/year: of what it runs and of furnace gases, less gas saved by heat from neighbours."""
    running = s.options[firm.option]
    gas = running.energy_gwh[NATURAL_GAS]
    saved = min(firm.heat_relief_gwh / HEAT_PER_GAS, max(0.0, gas)) * GAS_CO2
    return max(0.0, running.emission_kt - saved) + furnace_gas(s, firm)


@rule
def furnace_gas(s, firm):
    """CO2 of a works' furnace gases burnt here, beyond that of natural gas, kt/year: while the works' furnaces stand.

    Once they are gone the plant burns natural gas in their place, whose CO2 its technology row counts.
    """
    if firm.gas_supplier < 0 or s.firms[firm.gas_supplier].base_intact == 0:
        return 0.0
    return firm.gas_kt


@rule
def pay_contracts(s, firm):
    """Quarterly payment of a running carbon contract, MEUR: (strike - price) per tonne avoided; firms pay back above it."""
    if firm.running_strike <= 0.0:
        return 0.0
    avoided = s.options[firm.previous_option].emission_kt - s.options[firm.option].emission_kt
    return (firm.running_strike - s.spots[firm.cluster].price[CARBON]) * avoided / 4000.0


@rule
def account_firm(s, firm, t):
    """Add one firm's quarter to the account and its shares to the year's levels."""
    account = s.account[0]
    pact = s.pacts[firm.cluster]
    running = s.options[firm.option]
    firm.emission_kt = emission_rate(s, firm)
    firm.captured_kt = running.captured_kt
    account.scope1_kt += firm.emission_kt / 4.0
    account.captured_kt += firm.captured_kt / 4.0
    account.displaced_kt += (firm.baseline_kt - firm.emission_kt - firm.captured_kt) / 4.0
    account.ccfd_meur += pay_contracts(s, firm)
    free_kt = running.allocation_kt * free_share(s, firm, t // 4)
    account.free_allocation_kt += free_kt / 4.0
    account.carbon_cost_meur += (firm.emission_kt - free_kt) * s.spots[firm.cluster].price[CARBON] / 4000.0
    account.tax_credits_meur += tax_credit(s, firm) / 4.0
    if is_running(firm):
        account.scope2_gwh += running.energy_gwh[ELECTRICITY] / 4.0
        account.hydrogen_gwh += running.energy_gwh[HYDROGEN] / 4.0
        if is_warm(t):
            account.heat_power_gwh += running.heat_gwh * ORC_EFFICIENCY / 4.0
        else:
            account.heat_sold_gwh += (running.heat_gwh * (1.0 - HEAT_LOSS) + firm.heat_relief_gwh) / 4.0
    if pact.baseline_kt > 0.0:
        pact.abated_share -= firm.emission_kt / pact.baseline_kt


@rule
def levels_of_firms(s):
    """Ladder shares, gate shares, capability and hurdle over all firms, weighted by baseline emissions where it says so."""
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
        if is_running(firm):
            account.jobs_direct += firm.jobs
            account.jobs_total += firm.jobs * firm.jobs_multiplier
            account.gva_meur += firm.gva_meur
            account.gva_total_meur += firm.gva_meur * firm.gva_multiplier
        if firm.stage == PLEDGED:
            account.pledged_share += share
        elif firm.stage == COMMITTED:
            account.committed_share += share
        elif firm.stage == FID or firm.stage == BUILDING:
            account.decided_share += share
        if firm.switched == 1:
            account.operating_share += share
        add_gate(account, firm.gate, share)
        members += firm.visibility
        account.capability += firm.visibility * firm.capability
        if firm.candidate >= 0:
            candidates += 1.0
            account.hurdle_pct += 100.0 * firm.hurdle
    account.abated_share = 1.0 - emitted / baseline if baseline > 0.0 else 0.0
    account.capability = account.capability / members if members > 0.0 else 0.0
    account.hurdle_pct = account.hurdle_pct / candidates if candidates > 0.0 else 0.0


@rule
def add_gate(account, gate, share):
    """Add a firm's share of baseline emissions to the gate that holds it back."""
    if gate == 1:
        account.gate_1 += share
    elif gate == 2:
        account.gate_2 += share
    elif gate == 3:
        account.gate_3 += share
    elif gate == 4:
        account.gate_4 += share
    elif gate == 5:
        account.gate_5 += share
    elif gate == 6:
        account.gate_6 += share
    elif gate == 7:
        account.gate_7 += share
    elif gate == 8:
        account.gate_8 += share
    elif gate == 9:
        account.gate_9 += share
    else:
        account.gate_10 += share


@rule
def levels_of_others(s, t):
    """Trust in governments, firms and operators, prices, and the networks' capacity and use."""
    account = s.account[0]
    p = s.parameters[0]
    total = 0.0
    for c in range(s.pacts.size):
        weight = price_weight(s, c)
        total += weight
        price = announced_price(s, c, t // 4 + 5)
        account.announced_price_eur_per_t += (price - account.announced_price_eur_per_t) * (weight / total)
    for g in range(s.governments.size):
        government = s.governments[g]
        believed = trust(government.kept[BY_FIRM], government.broken[BY_FIRM], p.base_rate_trust)
        account.trust_in_governments += believed / s.governments.size
        for k in range(4):
            if government.adopted[k] > 0.0:
                account.adopted_instruments += 1.0
    for c in range(s.pacts.size):
        account.trust_in_firms += s.pacts[c].mean_trust / s.pacts.size
    for n in range(s.networks.size):
        network = s.networks[n]
        believed = trust(network.kept[BY_FINANCIER], network.broken[BY_FINANCIER], p.base_rate_trust)
        account.trust_in_operators += believed / s.networks.size
        if network.kind == 0:
            account.co2_ts_capacity += network.capacity
            account.co2_ts_used += network.used
        elif network.kind == 1:
            account.h2_pipeline_capacity += network.capacity
            account.h2_pipeline_used += network.used
        elif network.kind == 2:
            account.grid_capacity += network.capacity
            account.grid_used += network.used
        else:
            account.waste_heat_network_capacity += network.capacity
            account.waste_heat_network_used += network.used


@rule
def account_networks(s):
    """The state's share of what networks' accounts did not recover, booked as it arises, MEUR."""
    account = s.account[0]
    for n in range(s.networks.size):
        network = s.networks[n]
        cover = network.guarantee * max(0.0, network.account_meur)
        account.network_cover_meur += cover - network.covered_meur
        network.covered_meur = cover


@rule
def price_weight(s, c):
    """Weight of a cluster in mean prices: its emissions at the start (a tonne where it has none)."""
    return max(0.001, s.pacts[c].baseline_kt)


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
        s.pacts[c].abated_share = 1.0
    for i in range(s.firms.size):
        account_firm(s, s.firms[i], t)
    account_networks(s)
    account.carbon_price_eur_per_t += mean_carbon_price(s) / 4.0
    if t % 4 == 3:
        levels_of_firms(s)
        levels_of_others(s, t)
    if s.world[0].check_books == 1:
        audit(s)


@rule
def differs(a, b):
    """Whether two sums that should agree do not, relative to their size."""
    return abs(a - b) > BOOK_TOLERANCE * max(1.0, abs(a), abs(b))


@rule
def audit(s):
    """Raise if the books of different agents disagree: CO2, euros, loans, capacity and bookings."""
    account = s.account[0]
    sources = account.grants_meur + account.equity_meur + account.debt_meur + account.concessional_meur
    if differs(account.project_capex_meur, sources):
        raise ValueError("books: capital cost of projects has no source")
    sources = account.network_grants_meur + account.network_equity_meur + account.network_debt_meur
    if differs(account.network_capex_meur, sources):
        raise ValueError("books: capital cost of networks has no source")
    audit_carbon(s)
    audit_loans(s)
    audit_capacity(s)


@rule
def audit_carbon(s):
    """CO2 generated by what runs = emitted + captured + not burnt thanks to heat from neighbours, firm by firm."""
    for i in range(s.firms.size):
        firm = s.firms[i]
        running = s.options[firm.option]
        gas = furnace_gas(s, firm)
        saved = running.emission_kt + gas - firm.emission_kt
        if saved < -BOOK_TOLERANCE or (firm.heat_relief_gwh <= 0.0 and differs(saved, 0.0)):
            raise ValueError("books: emissions are not those of the plant that runs")
        if differs(running.generated_kt + gas, firm.emission_kt + firm.captured_kt + saved):
            raise ValueError("books: CO2 generated is not emitted, captured or saved")


@rule
def audit_loans(s):
    """Every lender's exposure is the sum of what firms and operators owe it."""
    for f in range(s.financiers.size):
        owed = 0.0
        for i in range(s.firms.size):
            if s.firms[i].creditor == f:
                owed += s.firms[i].debt_meur
        for n in range(s.networks.size):
            if s.networks[n].lender == f:
                owed += s.networks[n].debt_meur
        lent = 0.0
        for c in range(s.pacts.size):
            lent += s.loans[c * s.financiers.size + f]
        if differs(owed, s.financiers[f].exposure_meur) or differs(lent, owed):
            raise ValueError("books: a lender's exposure is not what is owed to it")


@rule
def audit_capacity(s):
    """Bookings and use of every network are those of its firms, never negative, never beyond capacity."""
    for n in range(s.networks.size):
        network = s.networks[n]
        booked = 0.0
        used = 0.0
        pact = s.pacts[network.cluster]
        for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
            firm = s.firms[i]
            if firm.network[network.kind] == n:
                booked += firm.booked[network.kind]
                used += s.options[firm.option].volume[network.kind]
        if differs(booked, network.booked) or differs(used, network.used):
            raise ValueError("books: a network's bookings or use are not its firms'")
        slack = BOOK_TOLERANCE * max(1.0, network.capacity)
        if network.booked > network.capacity + slack or network.used > network.capacity - network.extension + slack:
            raise ValueError("books: a network is booked or used beyond its capacity")
        if network.booked < -slack or network.used < -slack or network.capacity < 0.0:
            raise ValueError("books: negative capacity, booking or use")
