"""What is asked of the runs of a package: kinds of statistics, by the prefix that they have in names such as
`p90_public_meur`; aims, such as the least of one of them; what a search for packages wants, and why it ends."""

from dataclasses import dataclass

KINDS: dict[str, float | None] = {"mean": None} | {f"p{percent}": percent / 100 for percent in (5, 10, 25, 50, 75, 90, 95)}
REGRET = "regret"  #: how much worse than the best hand-made package a package does in the same future
HAND, FOUND = "by hand", "found"  #: who made a package: the experiment, or a search of it
USED_UP, IDLE, SEEN = "packages used up", "nothing gained", "all seen"  #: why a search ends


@dataclass(frozen=True)
class Aim:
    """An objective, or a constraint with its bound: a statistic of an outcome over runs.

    kind: a key of KINDS; sign: +1 if less is better (or the bound is the most), -1 the other way about.
    """

    written: str
    column: str
    kind: str
    sign: int
    bound: float = 0.0

    @property
    def name(self) -> str:
        """The column of tables that holds it."""
        return self.column if self.kind == "mean" else f"{self.kind}_{self.column}"


@dataclass(frozen=True)
class Wanted:
    """What a search was to find: objectives, constraints, and what it was free to choose.

    instruments: least and greatest strength of those that may be set; starts: first and last year of starting; triggers:
    signals that they may wait for; governance: modes to choose from; regret_of: the outcome that regret is of; runs_first,
    runs_most: runs of every package, and of the best; patience: generations that may gain nothing.
    """

    objectives: tuple[Aim, ...]
    constraints: tuple[Aim, ...]
    instruments: dict[str, tuple[float, float]]
    starts: tuple[int, int]
    ends: bool
    triggers: tuple[str, ...]
    governance: tuple[str, ...]
    regret_of: str
    runs_first: int
    runs_most: int
    patience: int
