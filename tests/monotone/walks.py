"""Walks over the levels of a factor: the same runs, with the same luck and the same draws, at every level.

A world is a cluster of the library, with the uncertain parameters of its experiment where it has one, or the made-up one.
What a run is measured by is what plants that still run abate by switching, as a share of what they emitted, averaged over
the years of the horizon: a plant that closes abates nothing by what helps others.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.experiments.layers import experiment_names
from clusterpact.experiments.running.shards import numbers_of, parameters_of, with_practices
from clusterpact.policies.package import Package, library_package
from clusterpact.sim.runs import simulate
from clusterpact.sim.scenario import find_cluster, read_scenario
from clusterpact.sim.world import World, build_world
from tests.monotone import made
from tests.monotone.factors import MEANS, Factor

FROM_YEAR = 2026  #: an instrument has its strength from this year on
POLICIES = ("current-policies", "four-pillars")
PLAIN = "dunkirk"  #: the experiment whose horizon and seed hold for a cluster that has none
LEAST_LEFT = 0.05  #: share of a cluster below which what is left of it says nothing
BATCH = 100  #: runs that one thread does at once


@dataclass(frozen=True)
class Walk:
    """What runs did at the levels of a factor under a policy: abated[level, run] by switching, a mean over the years."""

    world: str
    policy: str
    factor: Factor
    levels: np.ndarray
    abated: np.ndarray


def place(name: str) -> Experiment:
    """The experiment whose runs are walked: of the library, of a cluster without one (nothing is drawn), or the made one."""
    if name == made.NAME:
        return made.experiment()
    if name in experiment_names():
        return load_experiment(name)
    scenario = read_scenario(find_cluster(name))
    return replace(load_experiment(PLAIN), name=scenario.file.name, title=scenario.file.title, scenario=scenario,
                   uncertainty={}, parameters={}, targets={}, theories={})  # fmt: skip


def packaged(policy: str, factor: Factor, level: float) -> Package:
    """A package of the library, with the instrument that is walked at a level."""
    base = library_package(policy)
    if factor.kind != "instrument":
        return base
    return replace(base, schedules=base.schedules | {factor.factor: ((FROM_YEAR, float(level)),)})


class Walker:
    """Walks factors in one place; its runs are drawn once."""

    def __init__(self, name: str, runs: int, threads: int | None = None):
        self.experiment = place(name)
        self.name, self.runs = name, runs
        self.threads = threads or len(os.sched_getaffinity(0))
        self.drawn = parameters_of(self.experiment, 0, runs)
        self.numbers = numbers_of(self.experiment, 0, runs)
        self._batches = [slice(first, min(first + BATCH, runs)) for first in range(0, runs, BATCH)]

    def world(self, policy: str, factor: Factor, level: float) -> World:
        """The world at a level of the factor."""
        e = self.experiment
        package = packaged(policy, factor, level)
        world = build_world(e.scenario, package, e.first_year, e.last_year, e.seed, e.check_books, e.theories)
        return MEANS[factor.factor](world, level) if factor.kind == "means" else world

    def walk(self, policy: str, factor: Factor, levels: np.ndarray) -> Walk:
        """Run every level."""
        fixed = with_practices(self.drawn.copy(), library_package(policy))
        one = None if factor.kind != "parameter" else self.world(policy, factor, 0.0)
        abated = np.empty((len(levels), self.runs))

        def work(job: tuple[int, World, slice]) -> None:
            row, world, part = job
            parameters = fixed[part].copy()
            if factor.kind == "parameter":
                parameters[factor.factor] = levels[row]
            abated[row, part] = self._abated(world, parameters, self.numbers[part])

        jobs = [(row, world, part) for row, level in enumerate(levels)
                for world in [one or self.world(policy, factor, float(level))] for part in self._batches]  # fmt: skip
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, jobs))
        return Walk(self.name, policy, factor, levels, abated)

    @staticmethod
    def _abated(world: World, parameters: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """What plants abate by switching, as a share of what those that still run emitted: mean over the years, per run."""
        series = simulate(world, parameters, numbers).series
        left = np.maximum(LEAST_LEFT, 1.0 - series["closed_share"] - series["output_share"])
        return (series["switched_share"] / left).mean(axis=1)
