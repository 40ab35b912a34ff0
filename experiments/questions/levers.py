"""More runs for a comparison: every member of a package switched off and alone on, and practices of other stakeholders."""

from dataclasses import replace
from pathlib import Path

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.progress import Progress
from clusterpact.experiments.running.session import Outcome, RunOptions, run_experiment
from clusterpact.policies.catalogue import PRACTICES
from clusterpact.policies.package import Package
from clusterpact.results.statistics.contributions import BUDGETS, FULL, MODE, NONE

FOLDER = "levers"  #: the folder of these runs within a result


def members(package: Package, baseline: Package) -> list[str]:
    """What a package changes against the baseline: instruments by schedule, the governance mode, budgets, practices."""
    names = dict.fromkeys([*package.schedules, *baseline.schedules])
    changed = [name for name in names if package.schedules.get(name) != baseline.schedules.get(name)]
    if package.governance_mode != baseline.governance_mode:
        changed.append(MODE)
    if package.budgets != baseline.budgets:
        changed.append(BUDGETS)
    practices = dict.fromkeys([*package.practices, *baseline.practices])
    return changed + [name for name in practices if package.practices.get(name) != baseline.practices.get(name)]


def taken_from(package: Package, other: Package, member: str, name: str) -> Package:
    """A package with one member as another package has it."""
    if member == MODE:
        return replace(package, name=name, governance_mode=other.governance_mode)
    if member == BUDGETS:
        return replace(package, name=name, budgets=other.budgets)
    if member in package.practices or member in other.practices:
        practices = {k: v for k, v in package.practices.items() if k != member}
        return replace(package, name=name, practices=practices | {k: v for k, v in other.practices.items() if k == member})
    schedules = {k: v for k, v in package.schedules.items() if k != member}
    schedules |= {k: v for k, v in other.schedules.items() if k == member}
    return replace(package, name=name, schedules=schedules)


def levers_of(experiment: Experiment, policy: str, runs: int) -> Experiment:
    """The experiment behind contributions and recommendations: baseline, package, members off and alone, practices alone.

    A member that the law of every cluster makes no difference of is none: it would only be run to say so.
    """
    named = {package.name: package for package in experiment.policies}
    baseline, package = named[experiment.baseline], named[policy]
    practices = {*package.practices, *baseline.practices}
    changed = [m for m in members(package, baseline) if m in practices or _acts(experiment, package, baseline, m)]
    policies = [replace(baseline, name=NONE), replace(package, name=FULL)]
    policies += [taken_from(package, baseline, member, f"without {member}") for member in changed]
    policies += [taken_from(baseline, package, member, f"only {member}") for member in changed]
    policies += [
        replace(
            baseline, name=f"practice {practice.name}", practices=baseline.practices | {practice.parameter: practice.value}
        )
        for practice in PRACTICES
    ]
    return replace(
        experiment, name=f"{experiment.name[:80]}-levers", baseline=NONE, policies=tuple(policies), runs=runs,
        recording="outcomes",
    )  # fmt: skip


def _acts(experiment: Experiment, package: Package, baseline: Package, member: str) -> bool:
    """Whether a member changes what is in force in any year anywhere, beside what is law there."""
    changed = taken_from(baseline, package, member, baseline.name)
    years = experiment.first_year, experiment.last_year
    laws = [cluster.law for cluster in experiment.scenario.clusters]
    return any(changed.by_year(*years, law).tobytes() != baseline.by_year(*years, law).tobytes() for law in laws)


def run_levers(experiment: Experiment, policy: str, result: Path, runs: int, threads: int,
               progress: Progress) -> Outcome:  # fmt: skip
    """Run what is missing of the levers of a package, inside the folder of the result that they explain."""
    loaded = levers_of(experiment, policy, runs)
    return run_experiment(loaded, result / FOLDER / loaded.id, RunOptions(threads=threads, progress=progress))
