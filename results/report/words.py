"""Numbers, dates and schedules as the page and the screen write them, in the language that is spoken."""

import re
from collections.abc import Mapping
from typing import Any

from clusterpact.results.language import _, written

FROM = re.compile(r"(\S+) from (\d+)")
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


def schedule(text: str) -> str:
    """A schedule in words, of `policies.package.in_words`, in the language that is spoken."""
    if begins := BEFORE.fullmatch(text):
        return _("before {year}: as the law of the place; {steps}").format(year=begins[1], steps=schedule(begins[2]))
    steps = [FROM.fullmatch(step) for step in text.split(", ")]
    return ", ".join(
        written(said) if found is None else _("{level} from {year}").format(level=written(found[1]), year=found[2])
        for said, found in zip(text.split(", "), steps, strict=True)
    )
