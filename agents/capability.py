"""R4: the capability to decide grows by own projects, by peers that adopted, and by education."""

from clusterpact.agents.compiled import rule
from clusterpact.agents.plant import is_running
from clusterpact.agents.support import policy_of
from clusterpact.agents.vocabulary import QUARTER

SPILL_OVER = 0.5  #: what peers' projects teach, per what an own one does
SKILLS_STRENGTH = 0.1  #: strength of education, per year, that the cost per job is stated for


@rule
def has_own_project(firm):
    """Whether a firm learns by doing: a project decided, in works or running."""
    return firm.fid_quarter >= 0


@rule
def learn(s, t):
    """Capability grows by own projects, by peers that adopted (half as fast) and by education (model.md R4)."""
    p = s.parameters[0]
    for c in range(s.pacts.size):
        pact = s.pacts[c]
        education = policy_of(s, c, t).skills_per_year
        jobs = 0.0
        for i in range(pact.first_firm, pact.first_firm + pact.n_firms):
            firm = s.firms[i]
            a = firm.capability
            growth = education * (1.0 - a)
            if has_own_project(firm):
                growth += p.learning_per_year * (1.0 - a)
            growth += SPILL_OVER * p.learning_per_year * max(0.0, pact.adopters_capability - a)
            firm.capability = min(1.0, a + QUARTER * growth)
            if is_running(firm):
                jobs += firm.jobs
        s.account[0].skills_meur += education / SKILLS_STRENGTH * p.skills_cost_keur_per_job_year * jobs * 2.5e-4
