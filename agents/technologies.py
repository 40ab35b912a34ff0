"""What technologies cost: learning by projects inside and outside the cluster, capital cost, cost of one more campaign."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp, log
from clusterpact.agents.support import policy_for

LN_2 = float(log(2.0))


@rule
def capital_cost(s, option):
    """Capital cost of an option today, MEUR: learning in its technology and the run's level of capital costs."""
    return option.capex_meur * s.technologies[option.technology].cost * s.parameters[0].capex_level


@rule
def renewal_cost(s, option):
    """Cost of one more campaign, MEUR: as listed, or a share of the plant's greenfield cost; at the run's capital costs."""
    p = s.parameters[0]
    return p.capex_level * (option.renewal_meur + p.renewal_share * option.greenfield_meur)


@rule
def permit_years(s, firm, t):
    """Time from a firm's going for a project until permits and engineering are done, years, less what a policy saves."""
    return s.parameters[0].permit_quarters * (1.0 - policy_for(s, firm, t).faster_permits) / 4.0


@rule
def update_technologies(s, t):
    """Experience: projects inside and outside the cluster lower the technology premium and the capital cost.

    E = 1 + FIDs; premium = novelty * E**-b with b = -log2(1 - ER); cost = E**log2(1 - learning rate), both 1 at E = 1.
    Powers are worked out once for technologies that follow one another and have learnt the same.
    """
    p = s.parameters[0]
    year = s.world[0].start_year + t // 4
    exponent = log(1.0 - p.experience_rate) / LN_2
    known, log_known, learnt = 1.0, 0.0, 1.0
    learning_exponent, cost = 0.0, 1.0
    for k in range(s.technologies.size):
        technology = s.technologies[k]
        if t % 4 != 0 and technology.decided_now == 0.0:
            continue
        technology.decided += technology.decided_now
        technology.decided_now = 0.0
        years = max(0.0, year - max(technology.first_year, float(s.world[0].start_year)))
        technology.experience = 1.0 + technology.decided + p.outside_projects_per_year * years
        technology.cost = 1.0
        if technology.novelty <= 0.0 and technology.learning_exponent == 0.0:
            continue
        if technology.experience != known:
            known, log_known = technology.experience, log(technology.experience)
            learnt = exp(exponent * log_known)
            learning_exponent, cost = 0.0, 1.0
        if technology.learning_exponent != learning_exponent:
            learning_exponent = technology.learning_exponent
            cost = exp(learning_exponent * log_known)
        technology.premium = technology.novelty * learnt
        technology.cost = cost
