"""What technologies cost: learning by projects inside and outside the cluster, capital cost, cost of one more campaign."""

import math

from clusterpact.agents.compiled import rule


@rule
def capital_cost(s, option):
    """Capital cost of an option today, MEUR: learning in its technology and the run's level of capital costs."""
    return option.capex_meur * s.technologies[option.technology].cost * s.parameters[0].capex_level


@rule
def renewal_cost(s, option):
    """Cost of one more campaign, MEUR: as listed, or a share of the plant's greenfield cost."""
    return option.renewal_meur + s.parameters[0].renewal_share * option.greenfield_meur


@rule
def update_technologies(s, t):
    """Experience: projects inside and outside the cluster lower the technology premium and the capital cost.

    E = 1 + FIDs; premium = novelty * E**-b with b = -log2(1 - ER); cost = E**log2(1 - learning rate), both 1 at E = 1.
    """
    p = s.parameters[0]
    year = s.world[0].start_year + t // 4
    exponent = math.log(1.0 - p.experience_rate) / math.log(2.0)
    for k in range(s.technologies.size):
        technology = s.technologies[k]
        if t % 4 != 0 and technology.decided_now == 0.0:
            continue
        technology.decided += technology.decided_now
        technology.decided_now = 0.0
        years = max(0.0, year - max(technology.first_year, float(s.world[0].start_year)))
        technology.experience = 1.0 + technology.decided + p.outside_projects_per_year * years
        log_experience = math.log(technology.experience)
        if technology.novelty > 0.0:
            technology.premium = technology.novelty * math.exp(exponent * log_experience)
        technology.cost = 1.0
        if technology.learning_exponent != 0.0:
            technology.cost = math.exp(technology.learning_exponent * log_experience)
