"""R10: biomass, scrap, waste fuels: what a place has of them is limited, booked by projects, and dearer as it is used up."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.vocabulary import BUILDING, CLOSED_DOWN, FID


@rule
def need(option, carrier):
    """What an option takes of a carrier, GWh or kt a year; nothing if it sells it."""
    return max(0.0, option.energy_gwh[carrier])


@rule
def held_by(s, firm, carrier):
    """What a firm holds of a resource: for what it runs or, if that is more, for what it builds."""
    if firm.stage == CLOSED_DOWN:
        return 0.0
    held = need(s.options[firm.option], carrier)
    if firm.stage == FID or firm.stage == BUILDING:
        held = max(held, need(s.options[firm.candidate], carrier))
    return held


@rule
def count_resources(s, t):
    """R10: what plants of each cluster use of its resources, or have booked for projects under way."""
    for r in range(s.resources.size):
        resource = s.resources[r]
        pact = s.pacts[resource.cluster]
        used = 0.0
        for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
            used += held_by(s, s.firms[i], resource.carrier)
        resource.used = used


@rule
def scarcity(resource):
    """Factor on the price of a resource at today's use: 1 + rise * used share.

    >>> from types import SimpleNamespace
    >>> scarcity(SimpleNamespace(used=50.0, available=100.0, price_rise=1.0))
    1.5
    """
    return 1.0 + resource.price_rise * resource.used / resource.available


@rule
def raise_prices(s, cluster):
    """Prices of a cluster's resources, and what firms expect of them, at today's use."""
    for r in range(s.resources.size):
        resource = s.resources[r]
        if resource.cluster == cluster:
            spot = s.spots[cluster]
            spot.price[resource.carrier] *= scarcity(resource)
            spot.expected_price[resource.carrier] *= scarcity(resource)


@rule
def lacks_resource(s, firm, option):
    """Whether a cluster has not enough left of a resource for an option of a firm."""
    for r in range(s.resources.size):
        resource = s.resources[r]
        needed = need(option, resource.carrier)
        if needed > 0.0 and resource.cluster == firm.cluster:
            more = needed - held_by(s, firm, resource.carrier)
            if more > 0.0 and resource.used + more > resource.available * (1.0 + 1e-9):
                return True
    return False


@rule
def price_of_own_use(s, firm, option):
    """What an option of a firm would pay more a year because its own use makes a resource dearer, MEUR."""
    total = 0.0
    for r in range(s.resources.size):
        resource = s.resources[r]
        needed = need(option, resource.carrier)
        if needed > 0.0 and resource.cluster == firm.cluster:
            more = needed - held_by(s, firm, resource.carrier)
            if more > 0.0:
                usual = s.spots[firm.cluster].expected_price[resource.carrier] / scarcity(resource)
                total += usual * resource.price_rise * more / resource.available * needed * 1e-3
    return total


@rule
def book_resources(s, firm, option):
    """Book what a decided project takes of its cluster's resources beyond what the firm holds."""
    for r in range(s.resources.size):
        resource = s.resources[r]
        if resource.cluster == firm.cluster:
            resource.used += max(0.0, need(option, resource.carrier) - held_by(s, firm, resource.carrier))
