"""Numbers and dates as the page and the screen write them."""

from collections.abc import Mapping
from typing import Any


def number(value: float, sign: bool = False) -> str:
    """A number to three digits, or to whole ones from a hundred on."""
    if value != value:
        return "-"
    if value == 0:
        return "0"
    plus = "+" if sign else ""
    if abs(value) >= 99.5:
        return f"{value:{plus},.0f}"
    return f"{value:{plus}.3g}"


def between(low: float, high: float, sign: bool = True) -> str:
    """An interval."""
    return f"[{number(low, sign)}, {number(high, sign)}]"


def measured(row: Mapping[Any, Any], name: str) -> str:
    """A signed figure of a row with its interval, from the columns `name`, `name_low` and `name_high`."""
    return f"{number(row[name], True)} {between(row[f'{name}_low'], row[f'{name}_high'])}"


def percent(share: float) -> str:
    """A share in percent."""
    return "-" if share != share else f"{100 * share:.0f}\u00a0%"


def year(date: float) -> str:
    """A fractional year as its calendar year."""
    return "-" if date != date else str(int(date))
