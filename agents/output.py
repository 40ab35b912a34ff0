"""R8: what plants make moves from year to year, and plants close: by hazard, by law, sooner where carbon eats the margin."""

import math

import numpy as np

from clusterpact.agents.chance import CLOSURE, OUTPUT, OUTPUT_TAIL, normal, uniform
from clusterpact.agents.closing import close_unit
from clusterpact.agents.compiled import rule
from clusterpact.agents.elementary import exp
from clusterpact.agents.expectations import free_share
from clusterpact.agents.plant import is_running
from clusterpact.agents.vocabulary import BUILDING, CARBON, CLOSED_DOWN, FID

# A yearly change is calm or a jump; both together have a standard deviation of one. Quantiles of yearly changes of verified
# emissions (EU register, 1,915 plants, 2013-19): standard deviation 0.19, robust 0.0875 (1.4826 times the median deviation);
# with these two and a memory of 0.8 they are 0.189 and 0.086.
JUMP_SHARE = 0.10
CALM_SPREAD = 0.30
JUMP_SPREAD = math.sqrt((1.0 - (1.0 - JUMP_SHARE) * CALM_SPREAD * CALM_SPREAD) / JUMP_SHARE)
#: Standard deviation that plants share, per that of a plant: means of sectors moved by 0.061 of 0.218 in 2008-19, 0.045 of
#: 0.205 in 2013-22, and 0.017 of 0.190 in 2013-19, which had no crisis. Crises (2009, 2020, 2022) are common to all sectors.
COMMON_SHARE = 0.22
EVERYBODY = np.uint64(0)  #: stands for an agent in draws that all share


@rule
def own_shock(s, plant, t):
    """The yearly shock to the output of a plant (by its number) that it has for itself, with standard deviation one."""
    world = s.world[0]
    jumps = uniform(world.seed, world.run, OUTPUT_TAIL, plant, t) < JUMP_SHARE
    return normal(world.seed, world.run, OUTPUT, plant, t) * (JUMP_SPREAD if jumps else CALM_SPREAD)


@rule
def is_crisis(s, t):
    """Whether all sectors jump alike this year."""
    world = s.world[0]
    return uniform(world.seed, world.run, OUTPUT_TAIL, EVERYBODY, t) < JUMP_SHARE


@rule
def common_shock(s, product, crisis, t):
    """The yearly shock that plants of a product (by its number) share, with standard deviation one; in a crisis all do."""
    world = s.world[0]
    if crisis:
        return JUMP_SPREAD * normal(world.seed, world.run, OUTPUT, EVERYBODY, t)
    return CALM_SPREAD * normal(world.seed, world.run, OUTPUT, product, t)


@rule
def note_shock(s, i, crisis, t):
    """Note the shocks of plant i's year: its own, which its units share, and that of its product; each is drawn once.

    Who stands before it in the rows and has the same has drawn it.
    """
    firm = s.firms[i]
    firm.own_shock = own_shock(s, firm.plant, t) if firm.site == i else s.firms[firm.site].own_shock
    for k in range(i):
        if s.firms[k].product == firm.product:
            firm.common_shock = s.firms[k].common_shock
            return
    firm.common_shock = common_shock(s, firm.product, crisis, t)


@rule
def move_output(s, t):
    """R8: each January the output of every plant moves: x <- rho x + e, output = exp(x - var/2), at most its capacity.

    e is scaled so that the standard deviation of yearly changes is the sector's. Units of a plant move together.
    """
    p = s.parameters[0]
    if t % 4 != 0 or t == 0 or p.output_noise <= 0.0:
        return
    memory = p.output_memory_per_year
    scale = p.output_noise * math.sqrt(0.5 * (1.0 + memory))
    crisis = is_crisis(s, t)
    for i in range(s.firms.size):
        firm = s.firms[i]
        note_shock(s, i, crisis, t)
        if firm.output_spread <= 0.0 or firm.stage == CLOSED_DOWN:
            continue
        spread = scale * firm.output_spread
        shock = math.sqrt(1.0 - COMMON_SHARE * COMMON_SHARE) * firm.own_shock + COMMON_SHARE * firm.common_shock
        firm.output_noise = memory * firm.output_noise + spread * shock
        firm.output_variance = memory * memory * firm.output_variance + spread * spread
        firm.output = min(firm.output_limit, exp(firm.output_noise - 0.5 * firm.output_variance))


@rule
def eaten_share(s, site, t):
    """Share of a plant's surplus that carbon eats: cost net of free allowances that prices do not pass on, within [0, 1].

    site: row of the plant's first unit. What sells power passes its cost on in full.
    """
    first = s.firms[site]
    p = s.parameters[0]
    if first.sells_power == 1:
        return 0.0
    surplus = 0.0
    paid_kt = 0.0
    for i in range(site, site + first.units):
        firm = s.firms[i]
        if is_running(firm):
            surplus += p.surplus_share * firm.gva_meur * firm.output
            free_kt = s.options[firm.option].allocation_kt * firm.output * free_share(s, firm, t // 4)
            paid_kt += firm.emission_kt - free_kt
    cost = (1.0 - p.cost_pass_through) * max(0.0, paid_kt) * s.spots[first.cluster].price[CARBON] * 1e-3
    if cost <= 0.0:
        return 0.0
    return min(1.0, cost / surplus) if surplus > 0.0 else 1.0


@rule
def draw_closures(s, t):
    """Draw what closes plants this quarter (`draws`): all at once, so that a processor draws several side by side."""
    world = s.world[0]
    for i in range(s.firms.size):
        s.draws[i] = uniform(world.seed, world.run, CLOSURE, s.firms[i].plant, t)


@rule
def closes(s, site, t):
    """Whether the plant whose first unit is in row `site` closes now: h = h_sector (1 + k * eaten share), a year.

    It must run with any of its units; a plant that puts money into any of them stays.
    """
    firm = s.firms[site]
    p = s.parameters[0]
    if firm.closure_per_year <= 0.0 or p.closure_level <= 0.0:
        return False
    most = p.closure_level * firm.closure_per_year * (1.0 + p.closure_margin_weight)
    draw = s.draws[site]
    if draw >= most / 4.0:
        return False
    runs = False
    for i in range(site, site + firm.units):
        unit = s.firms[i]
        if unit.stage == FID or unit.stage == BUILDING:
            return False
        runs = runs or is_running(unit)
    hazard = p.closure_level * firm.closure_per_year * (1.0 + p.closure_margin_weight * eaten_share(s, site, t))
    return runs and draw < hazard / 4.0


@rule
def must_stop(firm, t):
    """Whether the law, or a decision taken before the start, ends what a unit runs: unless it turned to something else."""
    return firm.last_quarter >= 0 and t > firm.last_quarter and firm.base_intact == 1


@rule
def close_plants(s, t):
    """R8: plants close with all their units; units when their time by law is over, or stop until their project starts."""
    draw_closures(s, t)
    for i in range(s.firms.size):
        firm = s.firms[i]
        if firm.stage != CLOSED_DOWN and must_stop(firm, t):
            firm.stopped = 1
            if firm.project < 0 and firm.stage != FID and firm.stage != BUILDING:
                close_unit(s, i, t)
        if firm.site == i and closes(s, i, t):
            for k in range(i, i + firm.units):
                if s.firms[k].stage != CLOSED_DOWN:
                    close_unit(s, k, t)
