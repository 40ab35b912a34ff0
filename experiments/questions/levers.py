"""More runs for a comparison: members of a package switched off and alone on, practices of others, upon both packages."""

from dataclasses import replace

import numpy as np
import pandas as pd

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.shards import parameters_of
from clusterpact.policies.catalogue import INSTRUMENTS, PRACTICES, Practice
from clusterpact.policies.package import Package, Practised
from clusterpact.results.statistics.contributions import BUDGETS, FULL, MODE, NONE
from clusterpact.results.statistics.levers import ONLY, UPON, WITH, WITHOUT
from clusterpact.sim.coverage import differ

FOLDER = "levers"  #: the folder of these runs within a result


def members(package: Package, baseline: Package) -> list[str]:
    """What a package changes against the baseline: instruments by schedule, the governance mode, budgets, practices."""
    names = dict.fromkeys([*package.schedules, *baseline.schedules])
    changed = [name for name in names if package.instrument(name) != baseline.instrument(name)]
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
    return replace(package.taking(member, other), name=name)


def levers_of(experiment: Experiment, policy: str, runs: int) -> Experiment:
    """The experiment behind contributions and recommendations: baseline and package, each with and without every lever.

    Levers are the package's members, and practices of all stakeholders that neither has. A member that the law of every
    cluster makes no difference of is none: it would only be run to say so.
    """
    named = {package.name: package for package in experiment.policies}
    baseline, package = named[experiment.baseline], named[policy]
    practices = {*package.practices, *baseline.practices}
    changed = [m for m in members(package, baseline) if m in practices or _acts(experiment, package, baseline, m)]
    policies = [replace(baseline, name=NONE), replace(package, name=FULL)]
    policies += [taken_from(package, baseline, member, f"{WITHOUT}{member}") for member in changed]
    policies += [taken_from(baseline, package, member, f"{ONLY}{member}") for member in changed]
    others = [practice for practice in PRACTICES if practice.parameter not in practices]
    policies += [_with(baseline, practice, f"{UPON}{practice.name}") for practice in others]
    policies += [_with(package, practice, f"{WITH}{practice.name}") for practice in others]
    return replace(
        experiment, name=f"{experiment.name[:80]}-levers", baseline=NONE, policies=tuple(policies), runs=runs,
        recording="outcomes",
    )  # fmt: skip


def _with(package: Package, practice: Practice, name: str) -> Package:
    """A package in which a stakeholder also has a practice."""
    practised = Practised(practice.value, practice.bound)
    return replace(package, name=name, practices=package.practices | {practice.parameter: practised})


def sizes(levers: Experiment) -> pd.DataFrame:
    """How far each lever of `levers_of` moves: lever, from_mean, to_mean, moved_share, size_unit, schedule; a row each.

    Of a practice, the mean of its parameter over the futures before and after, and the share of futures that it moves; of an
    instrument, its schedule in words.
    """
    named = {package.name: package for package in levers.policies}
    none, drawn = named[NONE], parameters_of(levers, 0, levers.runs)
    rows: list[dict[str, object]] = []
    for name, package in named.items():
        if not name.startswith((ONLY, UPON)):
            continue
        row: dict[str, object] = {"lever": name.removeprefix(ONLY).removeprefix(UPON), "size_unit": "", "schedule": ""}
        for parameter in package.practices:
            if package.practices[parameter] != none.practices.get(parameter):
                before = np.asarray(drawn[parameter], float)
                before, after = (one.practices[parameter].of(before) if parameter in one.practices else before
                                 for one in (none, package))  # fmt: skip
                row |= {"from_mean": float(before.mean()), "to_mean": float(after.mean()),
                        "moved_share": float((after != before).mean()), "size_unit": PARAMETERS[parameter].unit}  # fmt: skip
        for instrument in package.schedules:
            if package.instrument(instrument) != none.instrument(instrument):
                words = package.in_words(instrument, levers.first_year)
                row |= {"size_unit": INSTRUMENTS[instrument].unit, "schedule": words}
        rows.append(row)
    return pd.DataFrame(rows, columns=["lever", "from_mean", "to_mean", "moved_share", "size_unit", "schedule"])


def _acts(experiment: Experiment, package: Package, baseline: Package, member: str) -> bool:
    """Whether a member changes what is in force in any year anywhere, beside what is law there."""
    changed = taken_from(baseline, package, member, baseline.name)
    years = experiment.first_year, experiment.last_year
    return differ(experiment.scenario, changed, baseline, *years)
