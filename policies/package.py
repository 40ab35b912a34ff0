"""A policy package: a named set of instruments, each with a schedule over years."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.vocabulary import BUDGET_LINES, GOVERNANCE_MODES
from clusterpact.inputs import InputError, Mistakes, nearest, printable, read_toml
from clusterpact.policies.catalogue import INSTRUMENTS, POLICY_DTYPE
from clusterpact.policies.signals import Signal, parse_signal
from clusterpact.policies.targets import Target, parse_target

LIBRARY = Path(__file__).with_name("library")
BUDGET = "_meur_per_year"
LARGEST_BUDGET_MEUR = 1e6  #: per year; more than any government's whole budget for industry
BOUNDS = ("at_least", "at_most")
Points = tuple[tuple[int, float], ...]  #: years, each with what holds from then on
TEXT_KEYS = ("name", "title", "description", "base", "governance_mode")


@dataclass(frozen=True)
class Practised:
    """What a package makes of a parameter: a value, or the value wherever the drawn one is short of it or beyond it.

    bound: "at_least" or "at_most"; empty sets the value whatever was drawn.
    """

    value: float
    bound: str = ""

    def of(self, drawn: np.ndarray) -> np.ndarray:
        """The parameter under the package, of what runs would draw; shape (runs,)."""
        low = self.value if self.bound in ("at_least", "") else -np.inf
        high = self.value if self.bound in ("at_most", "") else np.inf
        practised: np.ndarray = np.minimum(np.maximum(drawn, low), high)
        return practised

    @property
    def written(self) -> float | dict[str, float]:
        """As an experiment file has it."""
        return {self.bound: self.value} if self.bound else self.value

    def __str__(self) -> str:
        return f"{self.bound.replace('_', ' ')} {self.value:g}".strip()


@dataclass(frozen=True)
class Package:
    """A policy package; schedules map an instrument to its (year, strength) points, held until the next point.

    Before its first point a schedule says nothing, and the law of the place holds.

    practices: parameters of behaviour that stakeholders change by themselves, such as a lender's haircut; they stand for
    what a run would draw, or bound it. budgets: the most that a line of public support may promise a year, MEUR, as points
    in time. targets: whom instruments are for that are not for everyone. signals: what instruments wait for that start by a
    signal; each has one strength.
    """

    name: str
    title: str
    description: str
    governance_mode: str | None
    schedules: dict[str, Points]
    practices: dict[str, Practised] = field(default_factory=dict)
    budgets: dict[str, Points] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)

    def by_year(self, first_year: int, last_year: int, law: "Package | None" = None,
                is_for: "Callable[[Package, str], bool] | None" = None) -> np.recarray:  # fmt: skip
        """Policy records, one a year of the horizon, shape (years,): for all of a place, or for an agent of it.

        What the package does not name, and what it names before its first point, is as in the law; where there is no law,
        an instrument has strength 0, and a budget no limit. is_for: whether an instrument of a package is for the agent; one
        that is not leaves the law in force, but what is auctioned is for nobody else.
        """
        table = np.zeros(last_year - first_year + 1, POLICY_DTYPE).view(np.recarray)
        years = range(first_year, last_year + 1)
        layers = (self,) if law is None else (law, self)
        for name, instrument in INSTRUMENTS.items():
            points = [point for layer in layers for point in layer._points_for(name, instrument.is_pot, is_for)]
            table[name] = [_held(points, year, 0.0) for year in years]
        mode = -1 if self.governance_mode is None else GOVERNANCE_MODES.index(self.governance_mode)
        table["governance_mode"] = mode
        for k, line in enumerate(BUDGET_LINES):
            points = [point for layer in layers for point in layer.budgets.get(line, ())]
            table.budget_meur_per_year[:, k] = [_held(points, year, np.inf) for year in years]
        return table

    def _points_for(self, name: str, is_pot: bool, is_for: "Callable[[Package, str], bool] | None") -> Points:
        """The schedule of an instrument for all of a place (no `is_for`) or for an agent; none if it waits for a signal."""
        points = self.schedules.get(name, ()) if name not in self.signals else ()
        if name not in self.targets or (is_pot if is_for is None else is_for(self, name)):
            return points
        return tuple((year, 0.0) for year, _ in points) if is_pot else ()

    def instrument(self, name: str) -> tuple[Points | None, Target | None, Signal | None]:
        """What the package says of an instrument: its schedule, whom it is for, what it waits for; None where nothing."""
        return self.schedules.get(name), self.targets.get(name), self.signals.get(name)

    def taking(self, name: str, other: "Package") -> "Package":
        """The package with an instrument as another package has it."""

        def taken(mine: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
            rest = {key: value for key, value in mine.items() if key != name}
            return rest | {key: value for key, value in others.items() if key == name}

        return replace(self, schedules=taken(self.schedules, other.schedules), targets=taken(self.targets, other.targets),
                       signals=taken(self.signals, other.signals))  # fmt: skip

    def in_words(self, name: str, first_year: int | None = None, unit: str = "") -> str:
        """The schedule of an instrument in words, such as `0.5 from 2035`, a unit, what it waits for, and whom it is for."""
        words = f"{in_words(self.schedules[name], first_year)} {unit}".rstrip()
        words += f" once {self.signals[name]}" if name in self.signals else ""
        return f"{words}, for {self.targets[name]}" if name in self.targets else words


def _held(points: Iterable[tuple[int, float]], year: int, before: float) -> float:
    """The value of the last of some (year, value) points at or before a year; those listed later replace earlier ones."""
    value = before
    for start, level in points:
        if start <= year:
            value = level
    return value


def in_words(points: Points, first_year: int | None = None) -> str:
    """A schedule such as `0.5 from 2035, 1 from 2040`, and what holds before if it begins after a first year."""
    steps = ", ".join(f"{level:g}" if start == 0 else f"{level:g} from {start}" for start, level in points)
    begins = points[0][0]
    return steps if first_year is None or begins <= first_year else f"before {begins}: as the law of the place; {steps}"


def library_names() -> list[str]:
    """Names of the packages that the project ships."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def library_package(name: str, file: object = "", key: str = "policy") -> Package:
    """A package of the library."""
    if name not in library_names():
        raise InputError(file, key, name, "no such policy", library_names())
    path = LIBRARY / f"{name}.toml"
    return parse_package(read_toml(path), path)


def parse_package(data: dict[str, Any], file: object, known: dict[str, Package] | None = None, prefix: str = "") -> Package:
    """Check a package as written (a TOML table); `base` may name a package of `known` or of the library."""
    data = {key: _text(value, file, f"{prefix}{key}") if key in TEXT_KEYS else value for key, value in data.items()}
    name = data.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 100:
        raise InputError(file, f"{prefix}name", name, "expected the policy's name as text of up to 100 characters")
    schedules: dict[str, Points] = {}
    practices: dict[str, Practised] = {}
    budgets: dict[str, Points] = {}
    targets: dict[str, Target] = {}
    signals: dict[str, Signal] = {}
    mode = data.get("governance_mode")
    title, description = data.get("title", name), data.get("description", "")
    if "base" in data:
        if not isinstance(data["base"], str):
            raise InputError(file, f"{prefix}base", data["base"], "expected the name of a policy")
        base = (known or {}).get(data["base"]) or library_package(data["base"], file, f"{prefix}base")
        schedules.update(base.schedules)
        practices.update(base.practices)
        budgets.update(base.budgets)
        targets.update(base.targets)
        signals.update(base.signals)
        mode = base.governance_mode if mode is None else mode
    if mode is not None and mode not in GOVERNANCE_MODES:
        raise InputError(file, f"{prefix}governance_mode", mode, "unknown governance mode", GOVERNANCE_MODES)
    mistakes = Mistakes()
    for key, value in data.items():
        with mistakes.apart():
            if key in INSTRUMENTS:
                schedules[key], target, signal = _instrument(value, key, file, prefix)
                targets = {other: one for other, one in targets.items() if other != key} | ({key: target} if target else {})
                signals = {other: one for other, one in signals.items() if other != key} | ({key: signal} if signal else {})
            elif key == "practices":
                practices.update(_practices(value, file, f"{prefix}practices"))
            elif key == "budgets":
                budgets.update(_budgets(value, file, f"{prefix}budgets"))
            elif key not in TEXT_KEYS:
                expected = "unknown instrument" + nearest(key, (*INSTRUMENTS, *TEXT_KEYS, "practices", "budgets"))
                raise InputError(file, f"{prefix}{key}", None, expected)
            elif not isinstance(value, str):
                raise InputError(file, f"{prefix}{key}", value, "expected text")
    mistakes.tell()
    return Package(name, title, description, mode, schedules, practices, budgets, targets, signals)


def _text(value: Any, file: object, key: str) -> Any:
    """A text of a package on one line; raises InputError where it does not print. What is no text is left to its check."""
    try:
        return printable(value) if isinstance(value, str) else value
    except ValueError as error:
        raise InputError(file, key, value, str(error)) from None


def parse_law(data: dict[str, Any], file: object, budgets: dict[str, Any] | None = None) -> Package:
    """The instruments that are law in a place (`[instruments]` of a cluster) and its `[budgets]`, as a package."""
    for key in data:
        if key not in INSTRUMENTS:
            raise InputError(file, f"instruments.{key}", None, "unknown instrument" + nearest(key, INSTRUMENTS))
    found = {key: _instrument(value, key, file, "instruments.") for key, value in data.items()}
    for key, (_, _, signal) in found.items():
        if signal:
            raise InputError(
                file, f"instruments.{key}.when", str(signal), "law does not wait for signals; expected a package"
            )
    targets = {key: target for key, (_, target, _) in found.items() if target}
    schedules = {key: points for key, (points, _, _) in found.items()}
    return Package("law", "", "", None, schedules, {}, _budgets(budgets or {}, file, "budgets"), targets)


def _budgets(written: Any, file: object, key: str) -> dict[str, Points]:
    """Yearly budgets of public support, such as { grants_meur_per_year = 100 }: amounts or schedules, by line."""
    names = {f"{line}{BUDGET}": line for line in BUDGET_LINES}
    if not isinstance(written, dict):
        raise InputError(file, key, written, "expected { line_meur_per_year = amount }")
    found = {}
    for name, value in written.items():
        if name not in names:
            raise InputError(file, f"{key}.{name}", None, "unknown budget" + nearest(name, names))
        found[names[name]] = _points(value, file, f"{key}.{name}", _amount)
    return found


def _amount(value: float, file: object, key: str) -> float:
    if not 0 <= value <= LARGEST_BUDGET_MEUR:
        raise InputError(file, key, value, f"expected 0 to {LARGEST_BUDGET_MEUR:g} MEUR/year")
    return float(value)


def _practices(written: Any, file: object, key: str) -> dict[str, Practised]:
    """Parameters that a package sets or bounds, such as { merchant_haircut = { at_most = 0.35 } }, within their bounds."""
    if not isinstance(written, dict):
        raise InputError(file, key, written, "expected { parameter = value }")
    return {name: _practice(name, value, file, f"{key}.{name}") for name, value in written.items()}


def _practice(name: str, written: Any, file: object, key: str) -> Practised:
    if name not in PARAMETERS:
        raise InputError(file, key, None, "unknown parameter" + nearest(name, PARAMETERS))
    bound, value = "", written
    if isinstance(written, dict) and len(written) == 1:
        bound, value = next(iter(written.items()))
        if bound not in BOUNDS:
            raise InputError(file, f"{key}.{bound}", None, "unknown key" + nearest(bound, BOUNDS))
    parameter = PARAMETERS[name]
    if not _is_number(value) or not parameter.low <= value <= parameter.high:
        expected = f"expected {parameter.low:g} to {parameter.high:g} {parameter.unit}".removesuffix(" -")
        raise InputError(file, key, value, f"{expected}, or {{ at_least = … }} or {{ at_most = … }}")
    return Practised(float(value), bound)


def _instrument(value: Any, name: str, file: object, prefix: str) -> tuple[Points, Target | None, Signal | None]:
    """The strengths of an instrument over years, within its bounds, whom it is for, and what it waits for."""
    key, target, signal = f"{prefix}{name}", None, None
    if isinstance(value, dict) and not value.keys().isdisjoint(("for", "value", "when")):
        if "for" in value:
            target = parse_target(value["for"], INSTRUMENTS[name].acts_on, file, f"{key}.for")
        if "when" in value:
            signal = parse_signal(value["when"], file, f"{key}.when")
        rest = {part: held for part, held in value.items() if part not in ("for", "when")}
        if signal and set(rest) != {"value"}:
            expected = "expected { value = strength, when = signal }: what waits for a signal has one strength"
            raise InputError(file, key, None, expected)
        value = rest["value"] if set(rest) == {"value"} and _is_number(rest["value"]) else rest
    return _points(value, file, key, partial(_bounded, instrument=name)), target, signal


def _points(value: Any, file: object, key: str, checked: Callable[..., float]) -> Points:
    """A constant, or {schedule = [[year, strength], …]} with rising years, each value as `checked` returns it."""
    if _is_number(value):
        return ((0, checked(value, file=file, key=key)),)
    if not isinstance(value, dict) or set(value) != {"schedule"} or not isinstance(value["schedule"], list | tuple):
        raise InputError(file, key, value, "expected a number or { schedule = [[year, strength], …] }")
    points: list[tuple[int, float]] = []
    for point in value["schedule"]:
        if not (isinstance(point, list | tuple) and len(point) == 2 and isinstance(point[0], int) and _is_number(point[1])):
            raise InputError(file, key, point, "expected [year, strength]")
        if not 1990 <= point[0] <= 2200:
            raise InputError(file, key, point[0], "expected a year between 1990 and 2200")
        if points and point[0] <= points[-1][0]:
            raise InputError(file, key, point[0], "expected years that rise")
        points.append((point[0], checked(point[1], file=file, key=key)))
    if not points:
        raise InputError(file, key, "[]", "expected at least one [year, strength]")
    return tuple(points)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bounded(value: float, instrument: str, file: object, key: str) -> float:
    entry = INSTRUMENTS[instrument]
    if not entry.low <= value <= entry.high:
        unit = "" if entry.unit == "share" else f" {entry.unit}"
        raise InputError(file, key, value, f"expected {entry.low:g} to {entry.high:g}{unit}")
    return float(value)
