"""What figures and pages say of a result beside its tables. Experiments fill it in; nothing here knows an experiment."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clusterpact.results.language import _
from clusterpact.results.statistics.kinds import FOUND, HAND, Wanted

if TYPE_CHECKING:
    import pandas as pd

    from clusterpact.policies.package import Package
    from clusterpact.sim.scenario import Scenario

LONGEST_TITLE = 40


@dataclass(frozen=True)
class About:
    """A result in words: what was run, on which place, and where its figures come from.

    runs: per policy; targets: abated share of scope 1 by year; uncertainty: by parameter, the distribution as written;
    names: of plants and networks by id; kinds: of networks by id; announced: years of planned starts by id and technology
    (none of a network); shown: the agents of the timeline, left_out: how many more there are;
    baseline_kt: scope 1 at the start, kt a year.
    """

    title: str
    id: str
    source: str  #: hash of the rules
    runs: int
    seed: int
    first_year: int
    last_year: int
    baseline: str
    policies: "tuple[Package, ...]"
    targets: dict[int, float]
    uncertainty: dict[str, dict[str, list[float]]]
    ensemble: str  #: name of the ensemble that further parameters are drawn from, if one is
    track_record: Callable[[], str]  #: what these rules scored on the past, in a sentence
    baseline_kt: float
    names: dict[str, str]
    kinds: dict[str, str]
    extending: tuple[str, ...]  #: ids of networks that have capacity to spare: what they decide is to extend
    announced: dict[tuple[str, str], tuple[int, ...]]
    shown: tuple[str, ...]
    left_out: int
    sources: tuple[str, ...]

    def titled(self, policy: str) -> str:
        """The title of a policy, or its name where several have the title or it is longer than a heading.

        Titles of the library are in the language that is spoken.
        """
        titles = [_(package.title) for package in self.policies]
        title = next((_(package.title) for package in self.policies if package.name == policy), policy)
        return title if titles.count(title) == 1 and len(title) <= LONGEST_TITLE else policy


@dataclass(frozen=True)
class Discovery:
    """Where an event is frequent: the event, the futures it is of, and the tables `boxes`, `tree`, `path` and `left_out`.

    runs, events: futures under the policy, and those with the event; held: of the runs, those that boxes were tested on,
    drawn by `seed`; until: last year of early events; drawn, candidates: how many parameters, and how many dimensions with
    early events, were looked at.
    """

    about: About
    folder: Path
    policy: str
    against: str
    event: str
    runs: int
    events: int
    held: int
    seed: int
    until: int
    drawn: int
    candidates: int
    tables: "dict[str, pd.DataFrame]"

    @property
    def base(self) -> float:
        """Share of futures with the event."""
        return self.events / self.runs


@dataclass(frozen=True)
class TypicalRun:
    """A run that lies near the middle of all: its number, and by agent what happened to it, as (date, sentence)."""

    run: int
    lines: dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Comparison:
    """A compared result: its folder, the outcome (with label and unit) and the package in focus, and the tables by name.

    lever_runs: runs per lever, 0 if none ran; confidence: that a milestone's dates are to hold with; co2_eur_per_t: the
    value of CO2 that levers are ranked by, 0 where there is none; scenario: the place; typical: a run of the package that
    was replayed, if one was.
    """

    about: About
    folder: Path
    outcome: str
    label: str
    unit: str
    package: str
    lever_runs: int
    confidence: float
    co2_eur_per_t: float
    tables: "dict[str, pd.DataFrame]"
    scenario: "Scenario"
    typical: TypicalRun | None = None

    @property
    def focus(self) -> str:
        """The package in focus, by its title."""
        return self.about.titled(self.package)

    @property
    def base(self) -> str:
        """The baseline, by its title."""
        return self.about.titled(self.about.baseline)


@dataclass(frozen=True)
class Timing:
    """When to start and end what: the outcome (with label and unit), the package, and the tables by name.

    runs: per variant, paired with never; every: years between those run first; confidence: that a target's chance is told
    to have; co2_eur_per_t: the value of CO2, 0 where there is none; strengths: of every instrument that was timed; left_out:
    why others were not, and what is in force; chances: by target, runs, chance and interval of the package as it stands.
    tables: curves, latest, milestones, pairs (`clusterpact.results.statistics.timing`).
    """

    about: About
    folder: Path
    outcome: str
    label: str
    unit: str
    package: str
    runs: int
    every: int
    confidence: float
    co2_eur_per_t: float
    strengths: dict[str, float]
    left_out: dict[str, tuple[str, float]]
    chances: dict[int, tuple[int, float, float, float]]
    tables: "dict[str, pd.DataFrame]"

    @property
    def focus(self) -> str:
        """The package in focus, by its title."""
        return self.about.titled(self.package)


@dataclass(frozen=True)
class Searched:
    """What a search found: its folder and id, what was wanted, and the tables by name.

    labels: by outcome, label and unit (`%` of a share); tried, runs: packages and runs of the search; stopped: why it ended
    (`results.statistics.kinds`); packages: those of the front as TOML, by name. tables: front, against, hypervolume,
    contents, instruments.
    """

    about: About
    folder: Path
    id: str
    wanted: Wanted
    labels: dict[str, tuple[str, str]]
    tried: int
    runs: int
    stopped: str
    packages: dict[str, bytes]
    tables: "dict[str, pd.DataFrame]"

    @property
    def front(self) -> "pd.DataFrame":
        """The packages that were found."""
        return self._made(FOUND)

    @property
    def hand(self) -> "pd.DataFrame":
        """The packages of the experiment."""
        return self._made(HAND)

    def _made(self, made: str) -> "pd.DataFrame":
        table = self.tables["front"]
        return table[table["made"] == made]
