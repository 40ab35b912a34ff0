"""This model's rules in Mesa: one run of Dunkirk, agent by agent; with `NUMBA_DISABLE_JIT=1` the rules are plain Python.

NUMBA_DISABLE_JIT=1 python -m benchmarks.rules prints seconds of a run, random draws in it, and seconds of a draw.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import clusterpact.agents.chance as chance
from benchmarks.growth import agents_in, runner
from benchmarks.timing import seconds
from clusterpact.policies.package import library_package
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import World, build_world, parameter_records

DRAWS = 2000  #: of which the time of one is a mean


@cache
def dunkirk() -> World:
    """Dunkirk under the package `pact`, 2025 to 2050; the same world whenever it is asked for."""
    return build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("pact"), 2025, 2050, 42)


@cache
def kernel(runs: int) -> Callable[[], None]:
    """A function that runs so many runs of it compiled, in memory of its own."""
    return runner(dunkirk(), parameter_records({}, runs))


def steps_of_a_run() -> int:
    """Agent-steps of one run."""
    return dunkirk().quarters * agents_in(dunkirk())


def run_in_mesa(runs: int) -> None:
    """Run it as Mesa models, one after the other."""
    for run in range(runs):
        ClusterModel(dunkirk(), run).run().release()


def run_in_kernel(runs: int) -> None:
    """Run it compiled, as batches do."""
    kernel(runs)()


def draws_in_a_run() -> tuple[float, int, float]:
    """Seconds of a run in Mesa, random draws in it, and seconds of a draw; as plain Python, where draws can be counted."""
    dunkirk()
    total = seconds(lambda: run_in_mesa(1))
    plain, calls = chance.philox4x32, 0

    def counted(*words: Any) -> Any:
        nonlocal calls
        calls += 1
        return plain(*words)

    chance.philox4x32 = counted
    run_in_mesa(1)
    chance.philox4x32 = plain
    words = [np.uint64(word) for word in range(6)]
    one = seconds(lambda: [plain(*words) for _ in range(DRAWS)]) / DRAWS
    return total, calls, one


if __name__ == "__main__":
    print(*draws_in_a_run())
