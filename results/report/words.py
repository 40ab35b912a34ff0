"""Numbers, dates and schedules as the page and the screen write them, in the language that is spoken."""

import re
from collections.abc import Mapping
from itertools import chain, repeat
from typing import Any

from clusterpact.policies.signals import Signal, parse_signal
from clusterpact.results.language import _, written

FROM = re.compile(r"(\S+) from (\d+)")
PARTS = re.compile(r"(.*?)(?: once (.*?))?(?:, for (.*))?")
NO_NAMES: Mapping[str, str] = {}
BEFORE = re.compile(r"before (\d+): as the law of the place; (.*)")


def number(value: float, sign: bool = False) -> str:
    """A number to three digits, or to whole ones from a hundred on."""
    if value != value:
        return "-"
    if value == 0:
        return "0"
    plus = "+" if sign else ""
    if abs(value) >= 99.5:
        return written(f"{value:{plus},.0f}")
    return written(f"{value:{plus}.3g}")


def count(things: int) -> str:
    """A whole number."""
    return written(f"{things:,}")


def between(low: float, high: float, sign: bool = True) -> str:
    """An interval."""
    return _("[{low}, {high}]").format(low=number(low, sign), high=number(high, sign))


def measured(row: Mapping[Any, Any], name: str) -> str:
    """A signed figure of a row with its interval, from the columns `name`, `name_low` and `name_high`."""
    return f"{number(row[name], True)} {between(row[f'{name}_low'], row[f'{name}_high'])}"


def percent(share: float, digits: int = 0) -> str:
    """A share in percent."""
    return "-" if share != share else percents(f"{100 * share:.{digits}f}")


def percents(digits: str) -> str:
    """Percents, given as a number that was formatted in English."""
    return _("{number}\u00a0%").format(number=written(digits))


def year(date: float) -> str:
    """A fractional year as its calendar year."""
    return "-" if date != date else str(int(date))


def signal_in_words(signal: Signal, names: Mapping[str, str]) -> str:
    """What is awaited, such as `the abated share of scope 1 is 30 % or more`; names: of networks by id."""
    texts = {
        "signed_share": (_("the volume signed for {network}"), _("{share} of its first phase")),
        "decided_share": (_("the capacity decided of {network}"), _("{share} of its first phase")),
        "abated_share": (_("the abated share of scope 1"), "{share}"),
        "milestone_gap": (_("the gap to the milestone in force"), _("{share} of scope 1")),
        "carbon_price_eur_per_t": (_("last year's mean carbon price"), _("{number} EUR/t")),
        "reversals": (_("the number of policy reversals"), "{number}"),
    }
    sides = {">=": _("{what} is {level} or more"), ">": _("{what} is above {level}"),
             "<=": _("{what} is {level} or less"), "<": _("{what} is below {level}")}  # fmt: skip
    what, level = texts[signal.name]
    level = level.format(share=percents(number(100 * signal.level)), number=number(signal.level))
    said = sides[signal.comparison].format(what=what.format(network=names.get(signal.of, signal.of)), level=level)
    if signal.years == 1:
        return said
    return _("{awaited}, {years} years in a row").format(awaited=said, years=signal.years)


def schedule(text: str, unit: str = "", names: Mapping[str, str] = NO_NAMES) -> str:
    """A schedule in words, of `Package.in_words`, in the language that is spoken: unit, signal and whom it is for.

    names: of networks by id.
    """
    whole = PARTS.fullmatch(text)
    steps, signal, whom = whole.groups() if whole else (text, None, None)
    said = _steps(steps, unit)
    if signal:
        awaited = signal_in_words(parse_signal(signal, "", "when"), names)
        said = _("{strength} once {signal}").format(strength=said, signal=awaited)
    if whom:
        named = (part.partition(" ") for part in whom.split("; "))
        listed = "; ".join(f"{_(key)} {names}" for key, _space, names in named)
        said = _("{strength}, for {whom}").format(strength=said, whom=listed)
    return said


def _steps(text: str, unit: str) -> str:
    """The strengths of a schedule by year, the first with its unit."""
    if begins := BEFORE.fullmatch(text):
        return _("before {year}: as the law of the place; {steps}").format(year=begins[1], steps=_steps(begins[2], unit))
    said = []
    for step, mark in zip(text.split(", "), chain([f" {unit}" if unit else ""], repeat("")), strict=False):
        found = FROM.fullmatch(step)
        level = written(found[1] if found else step) + mark
        said.append(_("{level} from {year}").format(level=level, year=found[2]) if found else level)
    return ", ".join(said)
