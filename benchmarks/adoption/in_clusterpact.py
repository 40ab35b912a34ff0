"""The world of adoption as this project writes its own: a record per firm, rules of one firm, a compiled loop over runs."""

import numpy as np

from benchmarks.adoption import IMITATION, INNOVATION, QUARTERS
from clusterpact.agents.chance import agent_number, uniform
from clusterpact.agents.compiled import rule

SEED = 42
ADOPT = 1  #: stream of the only decision
FIRM = np.dtype([("id", np.uint64), ("adopted", np.int64)])


@rule
def decide(firm, hazard, run, quarter):
    """Adopt, with the hazard of this quarter."""
    if firm.adopted == 0 and uniform(SEED, run, ADOPT, firm.id, quarter) < hazard:
        firm.adopted = 1


@rule
def run_worlds(firms, innovation, imitation, curves):
    """Run one world per row of `curves` (runs, years), which gets its shares; firms: records, used again by every run.

    innovation, imitation: p and q per quarter; arguments, since the cache sees no edit of constants in another file.
    """
    for run in range(curves.shape[0]):
        share = 0.0
        for i in range(firms.size):
            firms[i].adopted = 0
        for quarter in range(4 * curves.shape[1]):
            hazard = innovation + imitation * share
            adopters = 0
            for i in range(firms.size):
                decide(firms[i], hazard, run, quarter)
                adopters += firms[i].adopted
            share = adopters / firms.size
            if quarter % 4 == 3:
                curves[run, quarter // 4] = share


@rule
def draw(numbers, draws):
    """Fill `draws` (runs, quarters, firms) with the draws of firms of these numbers."""
    for run in range(draws.shape[0]):
        for quarter in range(draws.shape[1]):
            for i in range(numbers.size):
                draws[run, quarter, i] = uniform(SEED, run, ADOPT, numbers[i], quarter)


@rule
def add_draws(count):
    """The sum of so many draws."""
    total = 0.0
    for number in range(count):
        total += uniform(SEED, 0, ADOPT, number, 0)
    return total


def sum_of_draws(count: int) -> float:
    """The sum of so many draws: what they take, apart from what is done with them."""
    return float(add_draws(count))


def numbers_of(firms: int) -> np.ndarray:
    """Numbers of firms, which are hashes of their names; uint64 (firms,)."""
    return np.array([agent_number(f"firm-{row}") for row in range(firms)], np.uint64)


def draws_of(worlds: int, firms: int) -> np.ndarray:
    """The draws of worlds, float64 (worlds, quarters, firms): those of `curves` here, and what other frameworks are told."""
    draws = np.zeros((worlds, QUARTERS, firms))
    draw(numbers_of(firms), draws)
    return draws


def curves(worlds: int, firms: int) -> np.ndarray:
    """See `benchmarks.adoption`; world k is run k. It is told no draws: they are a pure function of who asks and when."""
    records = np.zeros(firms, FIRM).view(np.recarray)
    records.id = numbers_of(firms)
    found = np.zeros((worlds, QUARTERS // 4))
    run_worlds(records, INNOVATION, IMITATION, found)
    return found
