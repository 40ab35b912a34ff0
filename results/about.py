"""What figures and pages say of a result beside its tables. Experiments fill it in; nothing here knows an experiment."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from clusterpact.policies.package import Package


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
    policies: tuple[Package, ...]
    targets: dict[int, float]
    uncertainty: dict[str, dict[str, list[float]]]
    ensemble: str  #: name of the ensemble that further parameters are drawn from, if one is
    track_record: str  #: what these rules scored on the past, in a sentence
    baseline_kt: float
    names: dict[str, str]
    kinds: dict[str, str]
    extending: tuple[str, ...]  #: ids of networks that have capacity to spare: what they decide is to extend
    announced: dict[tuple[str, str], tuple[int, ...]]
    shown: tuple[str, ...]
    left_out: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A compared result: its folder, the outcome (with label and unit) and the package in focus, and the tables by name.

    lever_runs: runs per lever, 0 if none ran; confidence: that a milestone's dates are to hold with.
    """

    about: About
    folder: Path
    outcome: str
    label: str
    unit: str
    package: str
    lever_runs: int
    confidence: float
    tables: dict[str, pd.DataFrame]
