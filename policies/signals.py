"""Signals of a cluster by which an instrument may start instead of by the calendar: `when = "signed_share.dhune >= 0.6"`."""

import re
from dataclasses import dataclass
from typing import Any

from clusterpact.agents.vocabulary import SIGNALS
from clusterpact.inputs import InputError, nearest

WRITTEN = re.compile(
    r"([a-z_]+)(?:\.([\w./-]+))?\s*(>=|<=|>|<)\s*([-+]?[0-9][0-9.eE+-]*)(?:\s+for\s+([0-9]{1,2})\s+years?)?"
)
EXAMPLE = 'such as "signed_share.dhune >= 0.6" or "carbon_price_eur_per_t < 60 for 2 years"'
#: What a signal is of: those of a network are named with it.
OF_NETWORK = "network"


@dataclass(frozen=True)
class Signal:
    """A signal, what it is of, and the level beyond which an instrument starts, seen in so many Januaries in a row."""

    name: str
    of: str
    comparison: str
    level: float
    years: int = 1

    @property
    def falls(self) -> bool:
        """Whether it is awaited that the signal is low."""
        return self.comparison.startswith("<")

    @property
    def is_strict(self) -> bool:
        """Whether the level itself is not enough."""
        return not self.comparison.endswith("=")

    def __str__(self) -> str:
        """As a package has it."""
        whose = f".{self.of}" if self.of else ""
        lasting = f" for {self.years} years" if self.years > 1 else ""
        return f"{self.name}{whose} {self.comparison} {self.level:g}{lasting}"


def parse_signal(written: Any, file: object, key: str) -> Signal:
    """Check a signal as it is written; whether a cluster has the network is checked with the cluster."""
    found = WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise InputError(file, key, written, f"expected a signal, a comparison and a level, {EXAMPLE}")
    name, of, comparison, level, years = found.groups()
    if name not in SIGNALS:
        raise InputError(file, key, written, f"unknown signal {name!r}" + nearest(name, SIGNALS))
    signal = SIGNALS[name]
    if (signal.of == OF_NETWORK) != (of is not None):
        expected = f"{name}.NETWORK" if of is None else f"{name}, which is of the whole cluster"
        raise InputError(file, key, written, f"expected {expected}")
    try:
        threshold = float(level)
    except ValueError:
        raise InputError(file, key, written, f"expected a number for the level, {EXAMPLE}") from None
    if not signal.low <= threshold <= signal.high:
        raise InputError(
            file, key, written, f"expected a level of {signal.low:g} to {signal.high:g} {signal.unit}".removesuffix(" -")
        )
    if years is not None and int(years) < 1:
        raise InputError(file, key, written, "expected one year or more")
    return Signal(name, of or "", comparison, threshold, int(years or 1))
