"""Packages in which an instrument starts, or ends, in a given year: what `clusterpact timing` runs."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.questions.levers import members
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package, Points
from clusterpact.policies.targets import Target
from clusterpact.results.report.timing import reason
from clusterpact.results.statistics.contributions import FULL
from clusterpact.results.statistics.timing import ALONE, FOR_OTHERS, IN_FORCE, NO_YEARS, START, Curve
from clusterpact.sim.coverage import differ, policy_tables

LeftOut = dict[str, tuple[str, float]]  #: by name, why it is not timed, and the least that is in force
ALL = "all"  #: asks for every instrument of the catalogue


@dataclass(frozen=True)
class Timed:
    """An instrument whose year is looked for: its strength, whom it is for, and whether it is a member of the package.

    without: what is in force by year without it, as points; None where that differs between agents or hangs on a signal, so
    that it cannot be put back when the instrument ends.
    """

    name: str
    strength: float
    target: Target | None
    is_member: bool
    without: Points | None


@dataclass(frozen=True)
class Starts:
    """What packages are made of: an experiment's baseline and package, and the instruments by name."""

    first_year: int
    last_year: int
    baseline: Package
    package: Package
    timed: dict[str, Timed]

    def variant(self, curve: Curve, year: int) -> Package:
        """The package of a curve and a year."""
        found = self.baseline if curve.setting == ALONE else self.package
        for name in curve.instruments:
            found = self._scheduled(found, self.timed[name], curve.kind, year)
        return replace(found, name=curve.policy(year))

    def never(self, curve: Curve) -> Package:
        """The package of a curve in which it is never in force: the instrument is as the baseline has it."""
        found = self.baseline if curve.setting == ALONE else self.package
        for name in curve.instruments:
            found = found.taking(name, self.baseline)
        return replace(found, name=curve.never)

    def whole(self) -> Package:
        """The package as it stands."""
        return replace(self.package, name=FULL)

    def _scheduled(self, upon: Package, timed: Timed, kind: str, year: int) -> Package:
        """A package with an instrument from a year on, or from the first year until it."""
        name, strength = timed.name, timed.strength
        if kind == START:
            waits = name in self.baseline.signals
            before = () if waits else self._before(self.baseline.schedules.get(name, ()), year)
            points = (*before, (year, strength))
        else:
            kept = timed.without or ()
            points = ((self.first_year, strength), (year, _held(kept, year)), *(p for p in kept if p[0] > year))
        targets = {key: one for key, one in upon.targets.items() if key != name}
        targets |= {} if timed.target is None else {name: timed.target}
        signals = {key: one for key, one in upon.signals.items() if key != name}
        return replace(upon, schedules=upon.schedules | {name: points}, targets=targets, signals=signals)

    def _before(self, points: Points, year: int) -> Points:
        """What a schedule says from the first year of the horizon until a year."""
        earlier = [(self.first_year, level) for start, level in points if start <= self.first_year < year]
        return (*earlier[-1:], *(point for point in points if self.first_year < point[0] < year))


def starts_of(experiment: Experiment, policy: str | None,
              asked: Collection[str]) -> tuple[Starts, LeftOut]:  # fmt: skip
    """What to time in a package (the last of the experiment if none is named), and what is left out, with the reason.

    asked: names of instruments, or `all`; by default the members of the package. An instrument has the last strength above
    zero that the package gives it, else the typical one of the catalogue. Raises InputError for unknown names.
    """
    baseline, package = _packages(experiment, policy)
    for name in asked:
        if name not in INSTRUMENTS and name != ALL:
            raise InputError("", "--instrument", name, "no such instrument", (*INSTRUMENTS, ALL))
    changed = members(package, baseline)
    names = [*INSTRUMENTS] if ALL in asked else [*dict.fromkeys(asked)] or changed
    timed: dict[str, Timed] = {}
    left_out: LeftOut = {}
    for name in names:
        found = _timed(experiment, baseline, package, name, name in changed) if name in INSTRUMENTS else (NO_YEARS, 0.0)
        if isinstance(found, Timed):
            timed[name] = found
        else:
            left_out[name] = found
    if not timed:
        said = "; ".join(f"{name}: {reason(*why)}" for name, why in left_out.items()) or "its members are the baseline's"
        raise InputError("", "--policy", package.name, f"has no instrument to time ({said}); try --instrument {ALL}")
    return Starts(experiment.first_year, experiment.last_year, baseline, package, timed), left_out


def _packages(experiment: Experiment, policy: str | None) -> tuple[Package, Package]:
    """The baseline and the package that is looked at."""
    named = {package.name: package for package in experiment.policies}
    others = [name for name in named if name != experiment.baseline]
    if not others:
        raise InputError("", "policies", experiment.baseline, "is the only policy; expected a package to time as well")
    chosen = policy or others[-1]
    if chosen == experiment.baseline:
        raise InputError("", "--policy", chosen, "is the baseline; expected a package to set against it")
    if chosen not in named:
        raise InputError("", "--policy", chosen, "not among the experiment's policies", others)
    return named[experiment.baseline], named[chosen]


def _timed(
    experiment: Experiment, baseline: Package, package: Package, name: str, is_member: bool
) -> Timed | tuple[str, float]:
    """An instrument to time, or why it is left out."""
    years = experiment.first_year, experiment.last_year
    points = package.schedules.get(name, ()) if is_member else ()
    strengths = [level for _, level in points if level > 0]
    strength = strengths[-1] if strengths else 0.0 if points else INSTRUMENTS[name].typical
    target = package.targets.get(name) if is_member else None
    if name in baseline.schedules and baseline.targets.get(name) != target:
        return FOR_OTHERS, 0.0
    tables = policy_tables(experiment.scenario, baseline, *years)[0][: len(experiment.scenario.clusters)]
    in_force = [table.records[name] for table in tables]
    least = min(float(levels.min()) for levels in in_force)
    if not is_member and least >= strength:
        return IN_FORCE, least
    alike = all((levels == in_force[0]).all() for levels in in_force)
    is_for_some = name in baseline.signals or any(name in cluster.law.targets for cluster in experiment.scenario.clusters)
    without = tuple(zip(range(years[0], years[1] + 1), map(float, in_force[0]), strict=True))
    found = Timed(name, strength, target, is_member, _steps(without) if alike and not is_for_some else None)
    one = Starts(*years, baseline, package, {name: found})
    curve = Curve((name,), ALONE, START, years[0])
    if not differ(experiment.scenario, one.variant(curve, years[0]), one.never(curve), *years):
        return IN_FORCE, least
    return found


def _steps(points: Points) -> Points:
    """A schedule without the years in which nothing changes."""
    return tuple(point for k, point in enumerate(points) if k == 0 or point[1] != points[k - 1][1])


def _held(points: Points, year: int) -> float:
    """What a schedule says of a year."""
    return next((level for start, level in reversed(points) if start <= year), 0.0)
