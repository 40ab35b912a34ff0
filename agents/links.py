"""R5: heat links between two plants form when both gain at their trust in each other, and end when a party fails."""

from clusterpact.agents.chance import LINK, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.plant import GAS_CO2, HEAT_PER_GAS, is_running
from clusterpact.agents.trust import trust
from clusterpact.agents.valuation import capital_recovery_factor
from clusterpact.agents.vocabulary import BY_FIRM, CARBON, CLOSED_DOWN, FAILED, FUEL, NATURAL_GAS

LINK_YEARS = 20


@rule
def link_gain(s, link):
    """Yearly gain of a link, MEUR: gas and CO2 cost that its heat saves the sink."""
    sink = s.firms[link.sink]
    gas = max(0.0, s.options[sink.option].energy_gwh[NATURAL_GAS])
    saved = min(link.heat_gwh / HEAT_PER_GAS, max(0.0, gas - sink.heat_relief_gwh / HEAT_PER_GAS))
    spot = s.spots[sink.cluster]
    return saved * (spot.expected_price[NATURAL_GAS] + GAS_CO2 * spot.price[CARBON]) * 1e-3


@rule
def pays_for(s, i, j, half_gain, half_cost):
    """Whether half the gain pays half the cost for firm i, at a rate that rises with its distrust of partner j."""
    p = s.parameters[0]
    partner = s.firms[j]
    doubt = 1.0 - trust(partner.kept[BY_FIRM], partner.broken[BY_FIRM], s.firms[i].disposition)
    base = p.regulated_return_pct + p.hurdle_premium_pp
    rate = (base + p.counterparty_premium_pp * doubt) * 1e-2
    return half_gain / capital_recovery_factor(rate, LINK_YEARS) >= half_cost


@rule
def has_failed(firm):
    """Whether a firm is no partner for a link: its project failed, or it closed."""
    return firm.stage == FAILED or firm.stage == CLOSED_DOWN


@rule
def forms(s, e, t):
    """Whether link e forms this year: both plants run, it pays for both, and nothing else is in its way.

    What money does not lift stands before a link as before another fuel: the hazard is the ceiling h of fuels times the
    capability A of the plant that takes the heat.
    """
    link = s.links[e]
    source = s.firms[link.source]
    sink = s.firms[link.sink]
    if link.formed_quarter >= 0 or has_failed(source) or has_failed(sink):
        return False
    if not is_running(source) or not is_running(sink):
        return False
    gain = link_gain(s, link)
    if gain <= 0.0:
        return False
    half = 0.5 * link.capex_meur
    world = s.world[0]
    if uniform(world.seed, world.run, LINK, sink.id, t) >= s.parameters[0].ceiling[FUEL] * sink.capability:
        return False
    return pays_for(s, link.source, link.sink, 0.5 * gain, half) and pays_for(s, link.sink, link.source, 0.5 * gain, half)


@rule
def form_links(s, t):
    """Heat links: negotiated once a year; a link ends for good when a party fails."""
    for e in range(s.links.size):
        link = s.links[e]
        sink = s.firms[link.sink]
        if t % 4 == 2 and forms(s, e, t):
            link.formed_quarter = t
            sink.heat_relief_gwh += link.heat_gwh
            s.account[0].link_meur += link.capex_meur
        failed = has_failed(s.firms[link.source]) or has_failed(sink)
        if failed and link.formed_quarter >= 0 and link.ended == 0:
            link.ended = 1
            sink.heat_relief_gwh = max(0.0, sink.heat_relief_gwh - link.heat_gwh)
