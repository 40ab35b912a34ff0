"""R2: what is signed for each network, and how far each firm believes that the network gets built."""

import math

from clusterpact.agents.chance import normal_cdf
from clusterpact.agents.compiled import rule
from clusterpact.agents.support import network_guarantee
from clusterpact.agents.trust import trust, trust_line
from clusterpact.agents.vocabulary import BY_FIRM, BY_OPERATOR, COMMITTED, N_KINDS, NET_PROPOSED, ORCHESTRATOR, PLEDGED

EXTENSION_TRIGGER = 0.15  #: waiting volume that starts an extension of a network, share of its first phase
AMBIGUITY = 0.05  #: standard deviation of the threshold where bookings are not published, share of the threshold


@rule
def wanted_volume(s, firm, kind):
    """Capacity that the candidate needs on a kind of network beyond what the firm holds (0 without a candidate)."""
    if firm.candidate < 0:
        return 0.0
    return max(0.0, s.options[firm.candidate].volume[kind] - firm.booked[kind])


@rule
def lacks_room(s, firm, kind, wanted):
    """Whether a firm wants capacity that its network of a kind has not decided or has no room for."""
    if wanted <= 0.0:
        return False
    network = s.networks[firm.network[kind]]
    return network.stage == NET_PROPOSED or network.capacity - network.booked < wanted


@rule
def needs_room(s, firm, kind):
    """Whether the candidate wants capacity that its network has not decided or has no room for."""
    return lacks_room(s, firm, kind, wanted_volume(s, firm, kind))


@rule
def lacks_network(s, firm):
    """Whether the candidate waits for any network that is undecided or full."""
    for kind in range(N_KINDS):
        if needs_room(s, firm, kind):
            return True
    return False


@rule
def reserve(s, firm):
    """Book all capacity that the candidate wants."""
    for kind in range(N_KINDS):
        wanted = wanted_volume(s, firm, kind)
        if wanted > 0.0:
            firm.booked[kind] += wanted
            s.networks[firm.network[kind]].booked += wanted


@rule
def release(s, firm):
    """Give back all capacity beyond what the running option needs."""
    for kind in range(N_KINDS):
        spare = firm.booked[kind] - s.options[firm.option].volume[kind]
        if spare > 0.0:
            firm.booked[kind] -= spare
            s.networks[firm.network[kind]].booked -= spare


@rule
def promise_line(s, firm):
    """pi: probability that a firm's volume comes, as intercept and slope in the believer's disposition.

    A pledge is worth the trust in the firm; a conditional commitment removes the share psi of the doubt.
    """
    intercept, slope = trust_line(firm.kept[BY_FIRM], firm.broken[BY_FIRM])
    if firm.stage == COMMITTED:
        psi = s.parameters[0].bindingness
        return psi + (1.0 - psi) * intercept, (1.0 - psi) * slope
    return intercept, slope


@rule
def publish_bookings(s, t):
    """R2: sum, per network, the volumes pledged and committed: mean, variance, signed volume, the operator's belief."""
    p = s.parameters[0]
    for n in range(s.networks.size):
        network = s.networks[n]
        for k in range(2):
            network.mu[k] = 0.0
        for k in range(3):
            network.variance[k] = 0.0
        network.signed = 0.0
        network.believed = 0.0
        if network.stage == NET_PROPOSED:
            guarantee = network_guarantee(s, network, network.phase_capex_meur, t)
            network.threshold = p.threshold_share * (1.0 - guarantee) * network.phase
        network.published = 1 if s.pacts[network.cluster].mode == ORCHESTRATOR else 0
    for i in range(s.firms.size):
        firm = s.firms[i]
        if not (firm.stage == PLEDGED or firm.stage == COMMITTED) or firm.candidate < 0:
            continue
        a, b = promise_line(s, firm)
        for kind in range(N_KINDS):
            q = wanted_volume(s, firm, kind)
            if q <= 0.0 or firm.network[kind] < 0:
                continue
            network = s.networks[firm.network[kind]]
            network.mu[0] += q * a
            network.mu[1] += q * b
            network.variance[0] += q * q * (a - a * a)
            network.variance[1] += q * q * (b - 2.0 * a * b)
            network.variance[2] -= q * q * b * b
            if firm.stage == COMMITTED:
                believed = trust(firm.kept[BY_OPERATOR], firm.broken[BY_OPERATOR], network.disposition)
                network.signed += q
                network.believed += q * (believed + (1.0 - believed) * p.bindingness)


@rule
def renew_bookings(s, t):
    """R2: what a network's decision of this quarter booked is published anew, so that no extension counts it twice."""
    for n in range(s.networks.size):
        if s.networks[n].fid_quarter == t:
            publish_bookings(s, t)
            return


@rule
def volume_of_others(s, firm, kind):
    """Mean and variance of the volume that a firm expects of all others on its network of a kind (R2, without q_i)."""
    network = s.networks[firm.network[kind]]
    x = firm.disposition
    mean = network.mu[0] + x * network.mu[1]
    variance = network.variance[0] + x * network.variance[1] + x * x * network.variance[2]
    if firm.stage == PLEDGED or firm.stage == COMMITTED:
        q = wanted_volume(s, firm, kind)
        intercept, slope = promise_line(s, firm)
        own = intercept + slope * x
        mean -= q * own
        variance -= q * q * own * (1.0 - own)
    return max(0.0, mean), max(0.0, variance)


@rule
def note_volumes(s, firm):
    """Note, for the board, what the firm expects of others on every undecided network."""
    for kind in range(N_KINDS):
        n = firm.network[kind]
        if n >= 0 and s.networks[n].stage == NET_PROPOSED:
            firm.others_volume[kind] = volume_of_others(s, firm, kind)[0]


@rule
def belief_in(s, firm, kind, wanted):
    """P of R2: a firm's belief that its network of a kind has room for the volume that it wants, which counts in full.

    Before the decision: that the volume reaches the threshold. Once decided, 1 while there is room; where it is full, that
    enough volume waits to extend it, and 0 where it cannot grow.
    """
    if not lacks_room(s, firm, kind, wanted):
        return 1.0
    network = s.networks[firm.network[kind]]
    threshold = network.threshold
    if network.stage != NET_PROPOSED:
        if network.booked + wanted > network.limit:
            return 0.0
        threshold = EXTENSION_TRIGGER * network.phase
    mean, variance = volume_of_others(s, firm, kind)
    mean += wanted
    if network.published == 0:
        variance += AMBIGUITY * threshold * (AMBIGUITY * threshold)
    if variance <= 0.0:
        return 1.0 if mean >= threshold else 0.0
    return normal_cdf((mean - threshold) / math.sqrt(variance))


@rule
def belief(s, i, kind):
    """P of R2 for the candidate of firm i."""
    firm = s.firms[i]
    return belief_in(s, firm, kind, wanted_volume(s, firm, kind))


@rule
def chance_of_networks(s, firm, option):
    """Belief of a firm that all networks of an option have room for it, and whether they are all decided and have it."""
    chance = 1.0
    has_room = True
    for kind in range(N_KINDS):
        wanted = option.volume[kind] - firm.booked[kind]
        if lacks_room(s, firm, kind, wanted):
            has_room = False
            chance *= belief_in(s, firm, kind, wanted)
    return chance, has_room
