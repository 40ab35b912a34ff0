"""Many runs, compiled: a serial loop over runs and quarters that never holds Python's lock; memory is reused."""

import math
from typing import NamedTuple

import numpy as np

from clusterpact.agents.chance import BOARD_QUARTER, CAMPAIGN_AGE, DISPOSITION, FREE_RIDER, PRICE_BELIEF, normal, uniform
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp
from clusterpact.agents.owners import start_owner
from clusterpact.agents.plant import abated_by, own_emission
from clusterpact.agents.projects import start_pipeline
from clusterpact.agents.vocabulary import N_BUDGETS
from clusterpact.sim.markets import set_paths
from clusterpact.sim.schedule import quarter

DISPOSITION_SPREAD = 0.1
EXPONENT = np.uint64(0x7FF0000000000000)


class Written(NamedTuple):
    """What runs are written into.

    series: words of the account records (runs, years, measures); gates: uint8 (runs, firms, quarters); projects: int16
    (runs, firms + projects in hand, 3), for firms row of the option decided last (within the firm's own), quarters of its
    FID and start, for projects in hand at the start quarters in which they were decided, started, given up, -1 if none;
    networks: float64 (runs, networks, 4), quarters of FID and opening (-1 if none), capacity, signed share at FID; plants:
    float64 (runs, firms, years, 4), kt a year that firms emitted, and emitted less than at the start by cause; none without
    firms; starts: int16 (runs, triggers), quarters in which what waits for a signal started, -1 if never.
    """

    series: np.ndarray
    gates: np.ndarray
    projects: np.ndarray
    networks: np.ndarray
    plants: np.ndarray
    starts: np.ndarray


@rule
def restore(words, template):
    """Copy the words of a template back into working records."""
    for k in range(words.size):
        words[k] = template[k]


@rule
def disposition(s, agent):
    """a: base-rate trust of one agent in others, drawn once: a0 + 0.1 N, within [0.05, 0.95] (model.md R1)."""
    world = s.world[0]
    draw = normal(world.seed, world.run, DISPOSITION, agent, 0)
    return min(0.95, max(0.05, s.parameters[0].base_rate_trust + DISPOSITION_SPREAD * draw))


@rule
def start_run(s, template, run, parameters):
    """Bring the state to the start of a run: template records, the run's parameters (words), and what is drawn once."""
    restore(s.run_words, template.run_words)
    restore(s.parameters_words, parameters)
    world = s.world[0]
    world.run = run
    p = s.parameters[0]
    set_paths(s)
    for n in range(s.networks.size):
        s.networks[n].disposition = disposition(s, s.networks[n].id)
    for f in range(s.financiers.size):
        s.financiers[f].disposition = disposition(s, s.financiers[f].id)
    for c in range(s.pacts.size):
        for line in range(N_BUDGETS):
            s.pacts[c].budget_left_meur[line] = math.inf
    for o in range(s.owners.size):
        start_owner(s, o)
    for i in range(s.firms.size):
        firm = s.firms[i]
        firm.disposition = disposition(s, firm.plant)
        spread = p.price_belief_spread
        draw = normal(world.seed, world.run, PRICE_BELIEF, firm.plant, 0)
        firm.optimism = exp(spread * draw - 0.5 * spread * spread)
        firm.free_rider = 1 if uniform(world.seed, world.run, FREE_RIDER, firm.plant, 0) < p.free_rider_share else 0
        firm.board_quarter = int(4.0 * uniform(world.seed, world.run, BOARD_QUARTER, firm.plant, 0))
        firm.capability = p.capability_start
        if firm.start_age >= 0.0:
            firm.campaign_age = firm.start_age
        else:
            share = uniform(world.seed, world.run, CAMPAIGN_AGE, firm.id, 0)
            firm.campaign_age = share * s.options[firm.option].campaign_years
    for b in range(s.buyers.size):
        s.buyers[b].disposition = disposition(s, s.buyers[b].id)
    start_pipeline(s)


@rule
def run_range(s, template, parameters, numbers, out):
    """Run one run per row of parameters, and write what they did into the arrays of `out` (`Written`).

    parameters: words of the runs' parameter records (runs, parameters); numbers: uint64 (runs,), the number that a run's
    luck hangs on (two runs with the same one meet the same luck).
    Raises ValueError for a parameter or a result that is not finite, and if the books do not balance.
    """
    series, gates, projects, networks, plants, starts = out
    quarters = gates.shape[2]
    for r in range(parameters.shape[0]):
        if not all_finite(parameters[r]):
            raise ValueError("a parameter is not a finite number")
        start_run(s, template, numbers[r], parameters[r])
        for t in range(quarters):
            quarter(s, t)
            for i in range(s.firms.size):
                gates[r, i, t] = s.firms[i].gate
            for i in range(plants.shape[1]):
                add_quarter(s, s.firms[i], plants[r, i, t // 4])
            if t % 4 == 3:
                restore(series[r, t // 4], s.account_words[: series.shape[2]])
                if not all_finite(s.account_words):
                    raise ValueError("a result is not a finite number")
        write_decisions(s, projects[r], networks[r], quarters)
        for k in range(s.triggers.size):
            starts[r, k] = s.triggers[k].started_quarter


@rule
def add_quarter(s, firm, out):
    """Add a quarter of a firm to its year: emissions, and what it emits less than at the start by cause, kt."""
    abated = abated_by(s, firm, own_emission(s, firm))
    out[0] += firm.emission_kt / 4.0
    out[1] += abated.switched_kt / 4.0
    out[2] += abated.closed_kt / 4.0
    out[3] += abated.output_kt / 4.0


@rule
def write_decisions(s, projects, networks, quarters):
    """Write what one run decided: `Written.projects` and `Written.networks` of it; quarters of the horizon."""
    for i in range(s.firms.size):
        write_project(s.firms[i], projects[i])
    for n in range(s.networks.size):
        network = s.networks[n]
        networks[n, 0] = network.fid_quarter
        networks[n, 1] = network.ready_quarter if network.ready_quarter < quarters else -1
        networks[n, 2] = network.capacity
        networks[n, 3] = network.signed_at_fid
    for q in range(s.pipeline.size):
        projects[s.firms.size + q, 0] = s.pipeline[q].fid_quarter
        projects[s.firms.size + q, 1] = s.pipeline[q].start_quarter
        projects[s.firms.size + q, 2] = s.pipeline[q].dropped_quarter


@rule
def write_project(firm, out):
    """Write the last decided project of a firm: option, FID and start."""
    out[0] = -1
    if firm.fid_quarter >= 0:
        row = firm.option if firm.start_quarter >= 0 else firm.candidate
        out[0] = row - firm.first_option
    out[1] = firm.fid_quarter
    out[2] = firm.start_quarter


@rule
def all_finite(words):
    """Whether 64-bit words, read as floats, hold neither an infinity nor a NaN (an exponent of all ones)."""
    for k in range(words.size):
        if words[k] & EXPONENT == EXPONENT:
            return False
    return True
