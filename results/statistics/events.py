"""An event of a future as a checked expression on its outcomes, such as `fid_year_dhune <= 2032`."""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clusterpact.inputs import InputError

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
WRITTEN = re.compile(rf"(difference\()?\s*([\w\- ]*[\w\-])\s*(\))?\s*(<=|>=|==|!=|<|>)\s*({NUMBER}|never)")
NEVER = "never"
#: Years that are missing where something never came to be: it is later than any year.
DATES = ("fid_year_", "start_year_", "half_abated_year")
KEYS = ("policy", "run")
EXPECTED = (
    "expected OUTCOME, a comparison (<, <=, >, >=, ==, !=) and a number, as in 'cumulative_mt > 200', "
    "'difference(cumulative_mt) > 0' or 'fid_year_NAME == never'"
)


@dataclass(frozen=True)
class Event:
    """An event: an outcome compared with a value (infinite for never); is_paired: its difference to another package's."""

    text: str
    column: str
    comparison: str
    value: float
    is_paired: bool

    @property
    def is_date(self) -> bool:
        """Whether the outcome is a year that may never come."""
        return self.column.startswith(DATES)


def parse_event(text: str, outcomes: pd.DataFrame, key: str = "--event") -> Event:
    """An event as it was written under a key; raises InputError unless it compares an outcome of the table."""
    found = WRITTEN.fullmatch(text.strip())
    if found is None or bool(found[1]) != bool(found[3]):
        raise InputError("", key, text, EXPECTED)
    paired, column, _close, comparison, written = found.groups()
    known = [str(name) for name in outcomes.columns if name not in KEYS and not str(name).startswith("draw_")]
    if column.startswith("draw_") and column in outcomes.columns:
        raise InputError("", key, column, "is drawn before the run; expected what comes of it, an outcome")
    if column not in known:
        raise InputError("", key, column, "no such outcome", known)
    if written == NEVER and not column.startswith(DATES):
        raise InputError("", key, text, "never is of years that may not come, such as those of decisions")
    if written == NEVER and comparison not in ("==", "!="):
        raise InputError("", key, text, "never is compared by == or !=")
    value = math.inf if written == NEVER else float(written)
    if written != NEVER and not math.isfinite(value):
        raise InputError("", key, text, "expected a number that is finite")
    return Event(" ".join(text.split()), column, comparison, value, paired is not None)


def event_of(event: Event, outcomes: pd.DataFrame, policy: str, against: str) -> "pd.Series[bool]":
    """Whether the event comes, by run of a policy; runs in which the outcome is not defined are left out.

    Years count as whole ones: a decision of 2031.75 is one of 2031. A difference is the policy's less `against`'s, of runs
    of one luck; of years only where both have one.
    """
    values = _of(event, outcomes, policy)
    if event.is_paired:
        if policy == against:
            raise InputError("", "--event", event.text, f"of {policy} against itself; expected a package to set against it")
        other = _of(event, outcomes, against)
        values = (values - other.reindex(values.index)).replace([np.inf, -np.inf], np.nan)
    values = values.dropna()
    came: pd.Series[bool] = COMPARISONS[event.comparison](values, event.value).astype(bool)
    return came


def _of(event: Event, outcomes: pd.DataFrame, policy: str) -> "pd.Series[float]":
    """The outcome of an event by run of a policy."""
    values = outcomes[outcomes["policy"] == policy].set_index("run")[event.column].astype(float)
    return (values // 1).fillna(math.inf) if event.is_date else values


def year_of_event(event: Event, last_year: int) -> int:
    """The year in which it is known whether the event came; the last of the horizon where no other is said."""
    if event.is_date and not event.is_paired and math.isfinite(event.value):
        return min(last_year, int(event.value))
    found = re.search(r"_(\d{4})(_met)?$", event.column)
    return int(found[1]) if found else last_year
