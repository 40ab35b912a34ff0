"""Words for what a search wanted and found: objectives, constraints, figures with their units, packages and instruments."""

from collections.abc import Iterable
from typing import Any

from clusterpact.results.about import Searched
from clusterpact.results.language import _
from clusterpact.results.report.advice import rows_of
from clusterpact.results.report.words import between, number
from clusterpact.results.statistics.contributions import owner
from clusterpact.results.statistics.kinds import HAND, REGRET, Aim

Row = dict[str, Any]


def outcome(found: Searched, aim: Aim) -> str:
    """What an aim looks at, in words: an outcome, or a quantile of it."""
    is_regret = aim.column == REGRET
    label = found.labels[found.wanted.regret_of if is_regret else aim.column][0]
    words = _("regret in {outcome}").format(outcome=label) if is_regret else label
    if aim.kind == "mean":
        return words
    if aim.kind == "p50":
        return _("median of {outcome}").format(outcome=words)
    return _("{number}th percentile of {outcome}").format(number=aim.kind[1:], outcome=words)


def objective(found: Searched, aim: Aim) -> str:
    """An objective in words."""
    text = _("lowest {outcome}") if aim.sign > 0 else _("highest {outcome}")
    return text.format(outcome=outcome(found, aim))


def unit_of(found: Searched, aim: Aim) -> str:
    """The unit of an aim; empty where it has none."""
    unit = found.labels[found.wanted.regret_of if aim.column == REGRET else aim.column][1]
    return "" if unit == "-" else unit


def scale_of(found: Searched, aim: Aim) -> float:
    """What makes figures of tables those that are said: tables hold shares, and percent is said."""
    return 100.0 if unit_of(found, aim).startswith("%") else 1.0


def figure(found: Searched, aim: Aim, value: float, sign: bool = False) -> str:
    """A figure of an aim with its unit."""
    return f"{number(scale_of(found, aim) * value, sign)} {unit_of(found, aim)}".rstrip()


def measure(found: Searched, aim: Aim, row: Row, name: str = "", ends: tuple[str, str] = ("_low", "_high")) -> str:
    """A figure of a row with its unit and interval; signed where it is a difference, in the column `name`."""
    scale, signed = scale_of(found, aim), bool(name)
    name = name or aim.name
    low, high = (row[end if signed else f"{name}{end}"] * scale for end in ends)
    return f"{figure(found, aim, row[name], signed)} {between(low, high, signed)}"


def best(found: Searched, made: str, aim: Aim) -> Row:
    """The package that is best in an objective, of those that keep the constraints if any does."""
    rows = rows_of(found.hand if made == HAND else found.front)
    some = [row for row in rows if row["keeps_constraints"]] or rows
    return min(some, key=lambda row: float(aim.sign * row[aim.name]))


def action(name: str) -> str:
    """An instrument in words."""
    return owner(name)[1]


def constraint(found: Searched, aim: Aim) -> str:
    """A constraint in words."""
    text = _("{outcome} at most {bound}") if aim.sign > 0 else _("{outcome} at least {bound}")
    return text.format(outcome=outcome(found, aim), bound=figure(found, aim, aim.bound))


def base(found: Searched) -> str:
    """The baseline, by its title."""
    return found.about.titled(found.about.baseline)


def named(found: Searched, row: Row) -> str:
    """A package by its title, and whether it breaks a constraint."""
    title = found.about.titled(row["package"])
    return title if row["keeps_constraints"] else _("{package} (breaks a constraint)").format(package=title)


def listed(words: Iterable[str]) -> str:
    """Words in a row."""
    return _("; ").join(words)
