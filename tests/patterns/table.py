"""What a pattern is, and the table that all of them make."""

from collections.abc import Callable
from dataclasses import dataclass

PATTERNS: dict[str, "Pattern"] = {}


@dataclass(frozen=True)
class Finding:
    """What was measured, and whether it is what was expected."""

    measured: str
    holds: bool


@dataclass(frozen=True)
class Pattern:
    """A falsifiable expectation: the change, what should follow, and the function that measures it."""

    id: str
    change: str
    expected: str
    runs: int
    kind: str
    measure: Callable[[int], Finding]
    note: str = ""


def pattern(id_: str, change: str, expected: str, runs: int, kind: str = "pattern", note: str = ""):  # type: ignore[no-untyped-def]
    """Register a function of the number of runs as a pattern; kind: pattern, verification, control or level.

    note: what a reader should know about the verdict, such as why a pattern fails.
    """

    def register(measure: Callable[[int], Finding]) -> Callable[[int], Finding]:
        PATTERNS[id_] = Pattern(id_, change, expected, runs, kind, measure, note)
        return measure

    return register
