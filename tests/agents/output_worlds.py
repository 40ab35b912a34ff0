"""Small worlds and helpers of the tests of output that moves and plants that close."""

import math

import numpy as np

from clusterpact.agents.chance import CLOSURE, OUTPUT, OUTPUT_TAIL, normal, uniform
from clusterpact.agents.output import close_plants, closes, draw_closures, move_output
from clusterpact.agents.vocabulary import (
    CARBON,
    CLOSED_DOWN,
    NET_OPERATING,
    OPERATING,
)
from clusterpact.sim.audit import audit
from clusterpact.sim.books import keep_accounts
from tests.worlds.small import small_state

SPREAD = 0.2


LARGE = math.sqrt((1 - 0.9 * 0.3**2) / 0.1)  #: standard deviation of a jump, where that of all shocks is one
YEARLY = 0.2 * math.sqrt(0.9)  #: standard deviation of a year's shock under a memory of 0.8, for changes of 0.2 a year


HAZARD = 0.4  #: a year, so 0.1 a quarter


# What plants make.


def moving(firms=1, **parameters):
    """Plants whose output changes by 0.2 a year, standard deviation of its logarithm."""
    s = small_state(firms=firms, **({"output_noise": 1.0} | parameters))
    s.firms.output_spread = SPREAD
    return s


def moved(s, years):
    """Outputs of all plants after each January of a number of years, shape (years, plants)."""
    found = []
    for t in range(4 * years + 1):
        move_output(s, t)
        if t > 0 and t % 4 == 0:
            found.append(s.firms.output.copy())
    return np.array(found)


def shock(s, t, i=0):
    """The shock of a year by hand: 10 in 100 years are a jump; 0.22 of it, by standard deviation, is shared."""
    firm = s.firms[i]
    size = LARGE if uniform(1, 0, OUTPUT_TAIL, firm.plant, t) < 0.10 else 0.30
    return math.sqrt(1 - 0.22**2) * size * normal(1, 0, OUTPUT, firm.plant, t) + 0.22 * common_shock(firm.product, t)


def common_shock(product, t):
    """What plants of a sector share, by hand: calm and their own, or in a crisis large and everybody's."""
    if uniform(1, 0, OUTPUT_TAIL, 0, t) < 0.10:
        return LARGE * normal(1, 0, OUTPUT, 0, t)
    return 0.30 * normal(1, 0, OUTPUT, product, t)


# Closing by hazard.


def closing(firms=1, hazard=HAZARD, **parameters):
    """Plants that close with a hazard of 0.4 a year; carbon costs nothing unless a test sets a price."""
    s = small_state(firms=firms, **({"closure_level": 1.0} | parameters))
    s.firms.closure_per_year = hazard
    s.spots[0].price[CARBON] = 0.0
    return s


def as_units(s, count=2):
    """Make the first firms units of one plant."""
    for i in range(count):
        s.firms[i].site, s.firms[i].units, s.firms[i].plant = 0, count, s.firms[0].plant
        s.firms[i].gas_share = 1.0 / count
    return s


def closed_runs(s, runs=200, t=5):
    """In which of many runs the plant of firm 0 closes, and the draws of its luck."""
    found, draws = [], []
    for run in range(runs):
        s.world[0].run = run
        draw_closures(s, t)
        found.append(bool(closes(s, 0, t)))
        draws.append(uniform(1, run, CLOSURE, s.firms[0].plant, t))
    return np.array(found), np.array(draws)


def margin(price=100.0, gva=200.0, **parameters):
    """A plant of 1000 kt/year with a surplus of 0.35 * 200 = 70 MEUR/year; 0.3 of its carbon cost is its own: 30 of 100."""
    s = closing(**parameters)
    s.spots[0].price[CARBON], s.firms.gva_meur = price, gva
    return s


def sure(firms=2, **parameters):
    """Plants that close in this quarter for sure: a hazard of four a year."""
    return closing(firms, 4.0, **parameters)


# Closing by law.


def by_law(firms=1, last=7, **fields):
    s = small_state(firms=firms)
    s.firms[0].last_quarter = last
    for name, value in fields.items():
        s.firms[0][name] = value
    return s


# What goes with a unit that closes.


def standing(**parameters):
    """Firm 0 runs its option 1, worth 100 MEUR, since quarter 0 on loans, and uses 400 of a network; it closes at 40."""
    s = small_state(firms=2, **({"recovery_share": 0.8, "surplus_share": 0.4} | parameters))
    firm, network = s.firms[0], s.networks[0]
    firm.option, firm.previous_option, firm.switched, firm.stage = 1, 0, 1, OPERATING
    firm.start_quarter, firm.fid_quarter, firm.capex_meur, firm.base_intact = 0, 0, 100.0, 0
    firm.emission_kt = 100.0
    firm.booked[0] = network.booked = network.used = s.options[1].volume[0] = 400.0
    network.stage, network.capacity = NET_OPERATING, 1000.0
    s.owners.cash_flow_meur = 70.0
    return s


def shut(s, t=40):
    """Firm 0 closes in quarter t."""
    s.parameters.closure_level, s.firms[0].closure_per_year = 1.0, 4.0
    close_plants(s, t)
    assert s.firms[0].stage == CLOSED_DOWN


def audited(s):
    """Keep the accounts of the quarter, and audit the books."""
    keep_accounts(s, 40)
    audit(s)


def gases(units=2):
    """A works of two units, firms 0 and 1, whose furnace gases (300 kt) firm 2 burns."""
    s = as_units(small_state(firms=3), units)
    s.firms[2].gas_supplier, s.firms[2].gas_kt, s.firms[2].baseline_kt = 0, 300.0, 1300.0
    return s


# The record.

SECTORS = ("primary_steel", "secondary_steel", "cement", "glass", "paper", "refinery")


PLANTS, YEARS = 400, 30
