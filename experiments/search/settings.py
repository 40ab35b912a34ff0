"""The table `[search]` of experiment files: what is wanted, what must hold, what may be set and when, all of it checked."""

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from clusterpact.agents.vocabulary import GOVERNANCE_MODES
from clusterpact.inputs import InputError, Mistakes, Record, check, nearest
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.signals import Signal, parse_signal
from clusterpact.results.statistics.kinds import KINDS, REGRET, Aim, Wanted
from clusterpact.results.store import outcome_columns
from clusterpact.sim.coverage import check_targets
from clusterpact.sim.runs import RunArrays
from clusterpact.sim.world import build_world

if TYPE_CHECKING:
    from clusterpact.experiments.experiment import Experiment

OBJECTIVES = ("min cumulative_mt", "min public_meur", "max jobs_direct", f"min p90_{REGRET}")
CONSTRAINT = re.compile(r"(\S+)\s*(<=|>=)\s*(\S+)")
Counted = Annotated[int, Field(ge=2, le=100_000)]


class SearchFile(Record):
    """`[search]` as written; see `docs/search.md`."""

    objectives: Annotated[tuple[str, ...], Field(min_length=1, max_length=6)] = OBJECTIVES
    constraints: tuple[str, ...] = ()
    instruments: tuple[str, ...] | dict[str, Any] = ()
    starts: tuple[int, int] | None = None
    ends: bool = False
    triggers: tuple[str, ...] = ()
    governance: tuple[str, ...] = ()
    regret_of: str = "cumulative_mt"
    packages: Annotated[int, Field(ge=4, le=1_000_000)] = 20_000
    population: Annotated[int, Field(ge=4, le=1000)] = 200
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    runs_first: Counted = 24
    runs_most: Counted = 400
    patience: Annotated[int, Field(ge=0, le=1_000_000)] = 10


@dataclass(frozen=True)
class Setting:
    """An instrument that may be set, and its least and greatest strength, in its own unit."""

    instrument: str
    low: float
    high: float


@dataclass(frozen=True)
class Search:
    """What is searched for: `[search]`, checked.

    starts: first and last year of starting; triggers: signals that instruments may wait for instead, None for the calendar
    first, empty where they may not; governance: modes to choose from; patience: generations whose gain must be told
    for the search to go on, 0 to use all packages.
    """

    objectives: tuple[Aim, ...]
    constraints: tuple[Aim, ...]
    settings: tuple[Setting, ...]
    starts: tuple[int, int]
    last_year: int
    ends: bool
    triggers: tuple[Signal | None, ...]
    governance: tuple[str | None, ...]
    regret_of: Aim
    packages: int
    population: int
    seed: int
    runs_first: int
    runs_most: int
    patience: int

    @property
    def columns(self) -> list[str]:
        """Outcomes that must be known of every run."""
        asked = [aim.column for aim in (*self.objectives, *self.constraints)]
        return list(dict.fromkeys([self.regret_of.column, *(name for name in asked if name != REGRET)]))

    def as_data(self) -> dict[str, Any]:
        """The search as plain data, of which its id is made."""
        return {
            "objectives": [aim.written for aim in self.objectives],
            "constraints": [aim.written for aim in self.constraints],
            "instruments": {one.instrument: [one.low, one.high] for one in self.settings},
            "starts": list(self.starts), "ends": self.ends,
            "triggers": [str(one) for one in self.triggers if one], "governance": list(self.governance),
            "regret_of": self.regret_of.column, "packages": self.packages, "population": self.population,
            "seed": self.seed, "runs_first": self.runs_first, "runs_most": self.runs_most,
            "patience": self.patience,
        }  # fmt: skip

    @property
    def written(self) -> dict[str, Any]:
        """The search as `[search]` of an experiment file would have it, nothing left to defaults."""
        return self.as_data() | {"governance": [mode for mode in self.governance if mode]}

    @property
    def wanted(self) -> Wanted:
        """What is searched for, as pages say it."""
        return Wanted(
            self.objectives, self.constraints, {one.instrument: (one.low, one.high) for one in self.settings}, self.starts,
            self.ends, tuple(str(one) for one in self.triggers if one), tuple(mode for mode in self.governance if mode),
            self.regret_of.column, self.runs_first, self.runs_most, self.patience,
        )  # fmt: skip


def search_of(written: dict[str, Any], experiment: "Experiment", path: object) -> Search:
    """The search that `[search]` of an experiment file asks for; raises InputError for all of its mistakes."""
    file = check(SearchFile, written, path, "search.", strict=True)
    known = outcomes_known(experiment)
    mistakes = Mistakes()
    objectives = [_objective(text, known, path, mistakes) for text in file.objectives]
    constraints = [_constraint(text, known, path, mistakes) for text in file.constraints]
    for key, values in (("objectives", objectives), ("constraints", constraints), ("governance", file.governance)):
        with mistakes.apart():
            _each_once([one.name if isinstance(one, Aim) else one for one in values if one], f"search.{key}", path)
    settings = _settings(file.instruments, path, mistakes)
    with mistakes.apart():
        _in_horizon(file, experiment, path)
    triggers = _triggers(file.triggers, experiment, path, mistakes)
    for mode in file.governance:
        with mistakes.apart():
            if mode not in GOVERNANCE_MODES:
                raise InputError(path, "search.governance", mode, "unknown governance mode", GOVERNANCE_MODES)
    with mistakes.apart():
        if file.regret_of not in known:
            raise InputError(path, "search.regret_of", file.regret_of, "no such outcome", known)
    with mistakes.apart():
        _sizes(file, path)
    mistakes.tell()
    return Search(
        tuple(one for one in objectives if one), tuple(one for one in constraints if one), settings,
        file.starts or (experiment.first_year, experiment.last_year), experiment.last_year, file.ends, triggers,
        file.governance or (None,), Aim("", file.regret_of, "mean", _better_low(file.regret_of)), file.packages,
        file.population, file.seed, file.runs_first, file.runs_most, file.patience,
    )  # fmt: skip


def outcomes_known(experiment: "Experiment") -> list[str]:
    """Outcomes that every run has, so that packages can be told apart by them in every future."""
    world = build_world(experiment.scenario, experiment.policies[0], experiment.first_year, experiment.last_year,
                        experiment.seed)  # fmt: skip
    none = RunArrays.empty(0, world)
    columns = outcome_columns(none.series, none.networks, world, experiment.targets)
    return [name for name, values in columns.items() if isinstance(values, np.ndarray)]


def _better_low(column: str) -> int:
    """+1 for an outcome of which less is better, -1 for one of which more is, as `compare` has it."""
    more = ("target_", "abated_share_", "switched_share_", "avoided", "jobs", "gva", "trust")
    return -1 if column.startswith(more) else 1


def _objective(text: str, known: list[str], path: object, mistakes: Mistakes) -> Aim | None:
    """An objective such as `min p90_public_meur`; None, and a mistake, for anything else."""
    with mistakes.apart():
        way, _, name = text.strip().partition(" ")
        if way not in ("min", "max") or not name.strip():
            raise InputError(path, "search.objectives", text, 'expected "min OUTCOME" or "max OUTCOME"')
        column, kind = _statistic(name.strip(), known, "search.objectives", path)
        return Aim(text, column, kind, 1 if way == "min" else -1)
    return None


def _constraint(text: str, known: list[str], path: object, mistakes: Mistakes) -> Aim | None:
    """A constraint such as `public_meur <= 3000`; None, and a mistake, for anything else."""
    with mistakes.apart():
        found = CONSTRAINT.fullmatch(text.strip())
        expected = 'expected "OUTCOME <= number" or "OUTCOME >= number"'
        if not found:
            raise InputError(path, "search.constraints", text, expected)
        name, way, number = found.groups()
        column, kind = _statistic(name, known, "search.constraints", path)
        try:
            bound = float(number)
        except ValueError:
            raise InputError(path, "search.constraints", text, expected) from None
        if not math.isfinite(bound):
            raise InputError(path, "search.constraints", text, "expected a finite number")
        return Aim(text, column, kind, 1 if way == "<=" else -1, bound)
    return None


def _statistic(name: str, known: Collection[str], key: str, path: object) -> tuple[str, str]:
    """The outcome and the kind of statistic of a name such as `p90_public_meur`; the mean where it says none."""
    kind, _, rest = name.partition("_")
    column, kind = (rest, kind) if kind in KINDS else (name, "mean")
    if column not in known and column != REGRET:
        raise InputError(path, key, column, "no outcome that every run has" + nearest(column, [*known, REGRET]))
    return column, kind


def _settings(written: tuple[str, ...] | dict[str, Any], path: object, mistakes: Mistakes) -> tuple[Setting, ...]:
    """The instruments that may be set, and their bounds: of all, of a list of names, or { name = [least, most] }."""
    key = "search.instruments"
    names: Iterable[str] = written or INSTRUMENTS
    if not isinstance(written, dict):
        with mistakes.apart():
            _each_once(list(written), key, path)
    found = []
    for name in names:
        with mistakes.apart():
            if name not in INSTRUMENTS:
                raise InputError(path, key, name, "unknown instrument", INSTRUMENTS)
            row = INSTRUMENTS[name]
            low, high = row.low, min(row.high, 2 * row.typical)
            if isinstance(written, dict) and written:
                low, high = _bounds(written[name], row.low, row.high, f"{key}.{name}", path)
            found.append(Setting(name, low, high))
    return tuple(found)


def _bounds(written: Any, least: float, most: float, key: str, path: object) -> tuple[float, float]:
    """[least, most] strength of an instrument, within those of the catalogue."""
    expected = f"expected [least, most], rising, between {least:g} and {most:g}"
    numbers = isinstance(written, list | tuple) and all(type(one) in (int, float) for one in written)
    if not numbers or len(written) != 2 or not least <= written[0] < written[1] <= most:
        raise InputError(path, key, written, expected)
    return float(written[0]), float(written[1])


def _triggers(written: tuple[str, ...], experiment: "Experiment", path: object,
              mistakes: Mistakes) -> tuple[Signal | None, ...]:  # fmt: skip
    """The signals that instruments may wait for, of networks that there are, and the calendar before them."""
    found: list[Signal | None] = [None]
    for text in written:
        with mistakes.apart():
            signal = parse_signal(text, path, "search.triggers")
            named = replace(experiment.policies[0], targets={}, signals={"triggers": signal})
            check_targets(named, experiment.scenario, path, "search.")
            if signal in found:
                raise InputError(path, "search.triggers", text, "appears more than once")
            found.append(signal)
    return tuple(found) if len(found) > 1 else ()


def _in_horizon(file: SearchFile, experiment: "Experiment", path: object) -> None:
    if file.starts and not experiment.first_year <= file.starts[0] <= file.starts[1] <= experiment.last_year:
        expected = f"expected [first year, last year] within the horizon ({experiment.first_year} to {experiment.last_year})"
        raise InputError(path, "search.starts", file.starts, expected)


def _sizes(file: SearchFile, path: object) -> None:
    """Raise InputError for numbers that do not go together."""
    if file.runs_most < file.runs_first:
        raise InputError(path, "search.runs_most", file.runs_most, f"expected at least runs_first ({file.runs_first})")
    if file.packages < file.population:
        raise InputError(path, "search.packages", file.packages, f"expected at least the population ({file.population})")


def _each_once(names: list[str], key: str, path: object) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError(path, key, name, "appears more than once")
