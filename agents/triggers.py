"""Instruments that start by a signal of the cluster instead of by the calendar."""

import numpy as np

from clusterpact.agents.compiled import rule
from clusterpact.agents.governments import due_share, is_review
from clusterpact.agents.vocabulary import (
    ABATED_SHARE,
    CARBON_PRICE,
    DECIDED_SHARE,
    MILESTONE_GAP,
    SIGNED_SHARE,
)


@rule
def signal_value(s, trigger, t):
    """What a trigger's signal is now, in the unit of its level."""
    if trigger.signal == SIGNED_SHARE:
        return s.networks[trigger.network].signed / s.networks[trigger.network].phase
    if trigger.signal == DECIDED_SHARE:
        network = s.networks[trigger.network]
        return network.capacity / network.phase
    pact = s.pacts[trigger.cluster]
    if trigger.signal == ABATED_SHARE:
        return pact.abated_share
    if trigger.signal == MILESTONE_GAP:
        return max(0.0, due_share(s, trigger.cluster, t) - pact.abated_share)
    if trigger.signal == CARBON_PRICE:
        price = 0.0
        for k in range(4):
            price += s.spots[trigger.cluster].past_carbon_price[k] / 4.0
        return price
    return reversals_of(s, pact)


@rule
def reversals_of(s, pact):
    """Policy reversals so far of the governments that a cluster has, each counted once."""
    first, second, third = pact.carbon_government, pact.support_government, pact.pact_government
    total = s.governments[first].reversals
    if second != first:
        total += s.governments[second].reversals
    if third not in (first, second):
        total += s.governments[third].reversals
    return float(total)


@rule
def is_seen(trigger, value):
    """Whether a value of its signal is beyond a trigger's level, on the side that is awaited."""
    beyond = trigger.level - value if trigger.falls == 1 else value - trigger.level
    return beyond > 0.0 or (beyond == 0.0 and trigger.strict == 0)


@rule
def start_by_signals(s, t):
    """R6: in January, instruments whose signal was seen for long enough start, and stay in force."""
    if not is_review(t):
        return
    for k in range(s.triggers.size):
        trigger = s.triggers[k]
        if trigger.started_quarter >= 0:
            continue
        trigger.seen_years = trigger.seen_years + 1 if is_seen(trigger, signal_value(s, trigger, t)) else 0
        if trigger.seen_years >= trigger.years:
            trigger.started_quarter = t
            start_instrument(s, trigger, t)


@rule
def start_instrument(s, trigger, t):
    """Put the instrument of a trigger in force in its table, this year and later."""
    years = s.world[0].years
    width = s.policy_words.size // s.policy.size
    strengths = s.policy_words.view(np.float64)
    for year in range(trigger.policy_table * years + t // 4, (trigger.policy_table + 1) * years):
        strengths[year * width + trigger.column] = trigger.strength
