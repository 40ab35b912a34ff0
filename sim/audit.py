"""The closed books: what different agents say of CO2, euros, loans, capacity and bookings must agree every quarter."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.plant import abated_by, activity, furnace_gas, own_emission
from clusterpact.agents.vocabulary import CLOSED_DOWN

BOOK_TOLERANCE = 1e-9  #: relative to the size of what should agree
CARBON_TOLERANCE = 0.02  #: of the CO2 that fuel and process make: the technology table gives CO2 in rounded figures


@rule
def differs(a, b):
    """Whether two sums that should agree do not, relative to their size."""
    return abs(a - b) > BOOK_TOLERANCE * max(1.0, abs(a), abs(b))


@rule
def audit(s):
    """Raise if the books of different agents disagree: CO2, euros, loans, capacity and bookings."""
    account = s.account[0]
    sources = account.grants_meur + account.equity_meur + account.corporate_debt_meur
    sources += account.debt_meur + account.concessional_meur
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
    """CO2 of fuel and process, and of gases taken = emitted + captured + handed on + not burnt thanks to neighbours' heat.

    The left side comes from what the plant burns (`options.generated_t_per_unit`), the right from the table's CO2: they
    agree within `CARBON_TOLERANCE`; what a firm emits and captures agrees with what it runs exactly.
    """
    for i in range(s.firms.size):
        firm = s.firms[i]
        running = s.options[firm.option]
        gas = furnace_gas(s, firm)
        output = activity(firm)
        saved = running.emission_kt * output + gas - firm.emission_kt
        if saved < -BOOK_TOLERANCE or (firm.heat_relief_gwh <= 0.0 and differs(saved, 0.0)):
            raise ValueError("books: emissions are not those of the plant that runs")
        made = running.generated_kt * output + gas
        lost = abs(made - firm.emission_kt - firm.captured_kt - saved - handed_on(s, i))
        if differs(firm.captured_kt, running.captured_kt * output) or lost > CARBON_TOLERANCE * made + BOOK_TOLERANCE:
            raise ValueError("books: CO2 generated is not emitted, captured or saved")
        abated = abated_by(s, firm, own_emission(s, firm))
        if differs(firm.baseline_kt - firm.emission_kt, abated.switched_kt + abated.closed_kt + abated.output_kt):
            raise ValueError("books: what is abated is not switched, closed or made less")


@rule
def handed_on(s, i):
    """CO2 of the furnace gases of a works (or a unit of one) that its neighbours burn, kt/year."""
    unit = s.firms[i]
    gases = 0.0
    if unit.base_intact == 0:
        return gases
    for k in range(s.firms.size):
        supplier = s.firms[k].gas_supplier
        if supplier >= 0 and s.firms[supplier].site == unit.site:
            gases += s.firms[k].gas_kt * unit.gas_share * activity(unit)
    return gases


@rule
def audit_loans(s):
    """A lender's exposure is what borrowers owe it, and groups of clients; a borrower's debt is what it owes all lenders."""
    count = s.financiers.size
    for f in range(count):
        lent = 0.0
        for borrower in range(s.firms.size + s.networks.size):
            lent += s.loans[borrower * count + f]
        owed = 0.0
        for client in range(s.owners.size + s.networks.size):
            owed += s.clients[client * count + f]
        if differs(lent, s.financiers[f].exposure_meur) or differs(owed, lent):
            raise ValueError("books: a lender's exposure is not what is owed to it")
    for i in range(s.firms.size):
        owed = 0.0
        for f in range(count):
            owed += s.loans[i * count + f]
        if differs(owed, s.firms[i].debt_meur):
            raise ValueError("books: a firm's debt is not what it owes its lenders")
    for n in range(s.networks.size):
        owed = 0.0
        for f in range(count):
            owed += s.loans[(s.firms.size + n) * count + f]
        if differs(owed, s.networks[n].debt_meur):
            raise ValueError("books: a network's debt is not what it owes its lenders")
    for o in range(s.owners.size):
        owed = 0.0
        i = s.owners[o].first_firm
        while i >= 0:
            owed += s.firms[i].corporate_debt_meur
            i = s.firms[i].sibling
        if differs(owed, s.owners[o].debt_meur):
            raise ValueError("books: an owner's debt is not what it raised for its plants")


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
            if firm.network[network.kind] == n and firm.stage != CLOSED_DOWN:
                booked += firm.booked[network.kind]
                used += s.options[firm.option].volume[network.kind]
        if differs(booked, network.booked) or differs(used, network.used):
            raise ValueError("books: a network's bookings or use are not its firms'")
        slack = BOOK_TOLERANCE * max(1.0, network.capacity)
        if network.booked > network.capacity + slack or network.used > network.capacity - network.extension + slack:
            raise ValueError("books: a network is booked or used beyond its capacity")
        if network.booked < -slack or network.used < -slack or network.capacity < 0.0:
            raise ValueError("books: negative capacity, booking or use")
