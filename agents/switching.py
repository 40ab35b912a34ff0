"""What a switch brings and costs a year: the one place where a firm's board, its lender and its books look.

A board weighs the switch from what runs to an option, at expected prices; a lender sizes debt on it; a running project is
accounted for as the switch from what ran before it. Instruments that pay by the tonne enter here.
"""

from typing import NamedTuple

from clusterpact.agents.compiled import rule
from clusterpact.agents.support import credit_for, credit_rate, policy_for
from clusterpact.agents.tariffs import tariff_at
from clusterpact.agents.vocabulary import N_CARRIERS, N_KINDS


class Switch(NamedTuple):
    """A change from one option to another, as yearly differences."""

    avoided_kt: float  #: scope-1 emissions avoided, kt
    captured_kt: float  #: CO2 captured beyond what is captured now, kt
    lost_allocation_kt: float  #: free allowances given up before their phase-out, kt; negative if some are gained
    extra_cost_meur: float  #: fixed, other and energy cost less sales, MEUR
    premium_eur_per_t: float  #: green premium per tonne avoided
    credit_meur: float  #: tax credit for what is captured beyond what is captured now, at the rate in force, MEUR


@rule
def running_cost(option, prices):
    """Fixed, other and energy cost less sales, MEUR/year, at given carrier prices (EUR/MWh); without CO2 and networks."""
    energy = 0.0
    for carrier in range(1, N_CARRIERS):
        energy += option.energy_gwh[carrier] * prices[carrier]
    return option.opex_meur + energy * 1e-3


@rule
def switch_between(s, firm, before, after, cost_before, prices, t):
    """A firm's switch from an option (a record) to another at prices; cost_before: running cost of the first, MEUR/year."""
    policy = policy_for(s, firm, t)
    captured_kt = after.captured_kt - before.captured_kt
    return Switch(
        before.emission_kt - after.emission_kt,
        captured_kt,
        before.allocation_kt - after.allocation_kt,
        running_cost(after, prices) - cost_before,
        policy.green_premium_eur_per_t,
        credit_for(credit_rate(s, firm, captured_kt, t), captured_kt),
    )


@rule
def expected_tariffs(s, i, option, full):
    """Yearly tariffs of an option beyond those that firm i pays already, MEUR/year.

    As the firm expects them; with `full`, as if every undecided network were full.
    """
    firm = s.firms[i]
    running = s.options[firm.option]
    charge = 0.0
    for kind in range(N_KINDS):
        extra = option.volume[kind] - running.volume[kind]
        if extra != 0.0 and firm.network[kind] >= 0:
            added = max(0.0, extra)
            if full:
                added = s.networks[firm.network[kind]].phase - firm.others_volume[kind]
            charge += tariff_at(s, firm, kind, added) * extra * 1e-3
    return charge


@rule
def tariffs_paid(s, firm, before, after):
    """Yearly tariffs of a running project beyond those before it, MEUR/year, at the tariffs in force."""
    charge = 0.0
    for kind in range(N_KINDS):
        extra = after.volume[kind] - before.volume[kind]
        if extra != 0.0 and firm.network[kind] >= 0:
            network = s.networks[firm.network[kind]]
            charge += (network.tariff + network.service) * extra * 1e-3
    return charge
