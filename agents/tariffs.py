"""R5: what networks cost and charge. Regulated asset base, tariff on actual use, amortisation account, repayment."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import power
from clusterpact.agents.lending import client_of_network, owe
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import NET_BUILDING, NET_OPERATING, NET_PROPOSED

LARGEST_GRANT_SHARE = 0.5  #: share of a network's cost that a grant pays, at most
ACCOUNT_YEARS = 15.0  #: years over which users work off what tariffs missed
ROUNDING = 1e-9  #: share of the capital cost below which the asset base is what rounding left of it
LEAST_USE = 0.4  #: the tariff never spreads the cost over less than this share of capacity
LEAST_BELIEF = 0.25  #: nor does a firm expect less than this share of the first phase


@rule
def network_cost(network, capacity, level):
    """Capital cost of a network of a size, MEUR: I = I_ref (Q / Q_ref)**gamma (model.md R5); nothing for no capacity.

    level: of capital costs in this run (`capex_level`).

    >>> from types import SimpleNamespace
    >>> hub = SimpleNamespace(phase=1000.0, phase_capex_meur=300.0, scale_exponent=0.5)
    >>> network_cost(hub, 1000.0, 1.0), network_cost(hub, 4000.0, 1.5), network_cost(hub, 0.0, 1.0)
    (300.0, 900.0, 0.0)
    """
    if capacity <= 0.0:
        return 0.0
    return level * network.phase_capex_meur * power(capacity / network.phase, network.scale_exponent)


@rule
def revenue_requirement(s, network, asset_base, invested, granted):
    """RR: return on the regulated asset base, depreciation and operating cost, MEUR/year.

    invested: capital cost so far; granted: what of it was a gift, which users do not pay for.
    """
    if asset_base <= ROUNDING * invested:
        return network.opex_share * invested
    allowed = s.parameters[0].regulated_return_pct * 1e-2
    return asset_base * allowed + yearly_depreciation(network, invested, granted) + network.opex_share * invested


@rule
def yearly_depreciation(network, invested, granted):
    """Depreciation of what users pay for, MEUR/year: capital cost less grants, over the network's life.

    >>> from types import SimpleNamespace
    >>> yearly_depreciation(SimpleNamespace(life_years=30.0), 300.0, 60.0)
    8.0
    """
    return max(0.0, invested - granted) / network.life_years


@rule
def grant_to_network(network, gross):
    """Grant to a first phase, MEUR: what is on offer, at most half of its cost.

    Source: Connecting Europe Facility, at most 50 % of eligible cost of works (Regulation (EU) 2021/1153, Art. 15).

    >>> from types import SimpleNamespace
    >>> hub = SimpleNamespace(grant_meur=189.0)
    >>> grant_to_network(hub, 300.0), grant_to_network(hub, 400.0)
    (150.0, 189.0)
    """
    return min(network.grant_meur, LARGEST_GRANT_SHARE * gross)


@rule
def recovered_account(s, network):
    """Yearly payment by which users work off what tariffs missed so far, with interest, MEUR; negative if they overpaid."""
    allowed = s.parameters[0].regulated_return_pct * 1e-2
    return network.account_meur * capital_recovery_factor(allowed, ACCOUNT_YEARS)


@rule
def tariff_for(network, requirement, volume):
    """Tariff that recovers a revenue requirement (MEUR/year) over a volume, capped; EUR per unit.

    >>> from types import SimpleNamespace
    >>> hub = SimpleNamespace(tariff_cap=60.0)
    >>> tariff_for(hub, 36.0, 1200.0), tariff_for(hub, 36.0, 300.0), tariff_for(hub, 36.0, 0.0)
    (30.0, 60.0, 60.0)
    """
    if volume <= 0.0:
        return network.tariff_cap
    return min(network.tariff_cap, 1000.0 * requirement / volume)


@rule
def tariff_at(s, firm, kind, volume):
    """Tariff that a firm expects on its network of a kind if it adds a volume, EUR per unit, service beyond it included.

    Before the decision it hangs on the volume that the firm believes others will bring, so trust enters here.
    """
    network = s.networks[firm.network[kind]]
    if network.stage != NET_PROPOSED:
        return network.tariff + network.service
    gross = s.parameters[0].capex_level * network.phase_capex_meur
    grant = grant_to_network(network, gross)
    expected = max(firm.others_volume[kind] + volume, LEAST_BELIEF * network.phase)
    requirement = revenue_requirement(s, network, gross - grant, gross, grant)
    return tariff_for(network, requirement, expected) + network.service


@rule
def update_tariffs(s, t):
    """Tariffs on actual use, capped; what the tariff misses goes to the amortisation account, with interest.

    Later users work the account off. The regulated return accrues from the decision on, on what is being built too.
    """
    allowed = s.parameters[0].regulated_return_pct * 1e-2
    for n in range(s.networks.size):
        network = s.networks[n]
        if network.stage == NET_BUILDING:
            network.account_meur += allowed * (network.account_meur + network.asset_base_meur) / 4.0
        if network.stage != NET_OPERATING:
            continue
        base, invested = network.asset_base_meur, network.invested_meur
        requirement = revenue_requirement(s, network, base, invested, network.granted_meur)
        volume = max(network.used, LEAST_USE * network.capacity)
        network.tariff = tariff_for(network, max(0.0, requirement + recovered_account(s, network)), volume)
        revenue = network.tariff * network.used * 1e-3
        network.account_meur += (allowed * network.account_meur + requirement - revenue) / 4.0
        depreciation = min(base, yearly_depreciation(network, invested, network.granted_meur) / 4.0)
        network.asset_base_meur -= depreciation
        repay_network(s, n)


@rule
def repay_network(s, n):
    """Repay this quarter's share of a network's loans to all its lenders."""
    network = s.networks[n]
    if network.debt_meur <= 0.0:
        return
    last = network.repayment_meur * (1.0 + ROUNDING) >= network.debt_meur
    part = 1.0 if last else network.repayment_meur / network.debt_meur
    for f in range(s.financiers.size):
        owed = s.loans[(s.firms.size + n) * s.financiers.size + f]
        if owed > 0.0:
            owe(s, f, s.firms.size + n, client_of_network(s, n), -owed if last else -part * owed)
    network.debt_meur -= part * network.debt_meur
