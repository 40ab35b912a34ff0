"""What an experiment says that is allowed and looks wrong: each a warning, which `accept` silences."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from clusterpact.experiments.layers import experiment_names
from clusterpact.inputs import Doubt
from clusterpact.policies.package import Package

if TYPE_CHECKING:
    from clusterpact.experiments.experiment import Experiment

LONG_BEFORE = 5  #: years by which a horizon may begin before what is known of plants and prices


def doubts_of_experiment(experiment: "Experiment", path: Path) -> Iterator[Doubt]:
    """Schedules and agents that begin after the horizon, a horizon before all data, targets that fall, unscored windows."""
    first, last = experiment.first_year, experiment.last_year
    scenario = experiment.scenario
    for package in experiment.policies:
        yield from _late_points(package, last, path)
    for cluster in scenario.clusters:
        yield from _late_points(cluster.law, last, cluster.folder / "cluster.toml")
    prices: dict[str, list[int]] = {}
    for price in scenario.tables.prices:
        prices.setdefault(price.carrier, []).append(price.year)
    known = min(min(years) for years in prices.values())
    if first < known - LONG_BEFORE:
        text = f"begins in {first}, prices are known from {known} on: those of {known} hold before"
        yield Doubt("horizon:prices", f"{path}: horizon {text}")
    base = scenario.file.base_year
    if abs(first - base) > LONG_BEFORE:
        yield Doubt("horizon:base-year", f"{path}: horizon begins in {first}, the cluster is that of {base} (base_year)")
    for project in scenario.projects:
        if project.announced_year is not None and project.announced_year > max(first, base):
            text = f"announced_year is {project.announced_year}, after the horizon begins ({first})"
            yield Doubt(f"announced:{project.name}", f"{path}: project {project.name}: {text}")
    for (year, share), (later, less) in pairwise(experiment.targets.items()):
        if less < share:
            yield Doubt("targets", f"{path}: targets fall from {share:g} in {year} to {less:g} in {later}")
    recorded = {row.year for row in scenario.record.emitted} | {row.as_of_year for row in scenario.record.fates}
    for name, (start, end) in experiment.windows.items():
        if not any(start <= year <= end for year in recorded):
            text = f"the cluster has no record of {start} to {end} to score against"
            yield Doubt(f"windows:{name}", f"{path}: windows.{name}: {text}")


def doubts_of_silence(experiment: "Experiment", silent: set[str], path: Path) -> Iterator[Doubt]:
    """Tables that a file does not have, though most experiments need them; silent: their names. An empty table is meant."""
    cluster = experiment.scenario.file.name
    remedy = "expected [{}], empty if that is meant"
    if cluster in experiment_names():
        remedy = f'expected base = "{cluster}", which has those of the library, or [{{}}], empty if that is meant'
    if "uncertainty" in silent:
        text = "nothing is uncertain here: runs differ by luck alone, and intervals leave out all that is not known"
        yield Doubt("uncertainty:none", f"{path}: {text}; {remedy.format('uncertainty')}")
    if "targets" in silent and not experiment.windows:
        text = "nothing is aimed at here, so no chance of reaching it is told"
        yield Doubt("targets:none", f"{path}: {text}; {remedy.format('targets')}")


def _late_points(package: Package, last_year: int, path: Path) -> Iterator[Doubt]:
    """Instruments and budgets of a package that begin after the horizon."""
    for name, points in (*package.schedules.items(), *package.budgets.items()):
        if points[0][0] > last_year:
            text = f"begins in {points[0][0]}, after the horizon (to {last_year})"
            yield Doubt(f"begins:{package.name}/{name}", f"{path}: {package.name}: {name} {text}")
