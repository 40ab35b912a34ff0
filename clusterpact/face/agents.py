"""Agents of one's own in many runs: does a decision that is replaced change the answer?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clusterpact.experiments.experiment import Experiment as BaseExperiment
from clusterpact.experiments.experiment import extent
from clusterpact.experiments.running.own_agents import run_own_agents
from clusterpact.face.experiments import Experiment, Source, experiment
from clusterpact.face.progress import told
from clusterpact.face.results import Result
from clusterpact.inputs import InputError
from clusterpact.results.statistics.convergence import standard_error

PLACE = ["policy", "run"]


@dataclass(frozen=True, repr=False)
class AgentRuns:
    """Runs in Mesa with classes of one's own: the tables of a result, of the same columns and run numbers."""

    experiment: Experiment
    classes: dict[str, type]
    outcomes: pd.DataFrame  #: one row per policy and run
    series: pd.DataFrame  #: one row per policy, run and year
    gates: pd.DataFrame  #: one row per spell of a firm behind a gate
    projects: pd.DataFrame  #: one row per policy, run and plant or network
    pipeline: pd.DataFrame  #: one row per policy, run and project in hand at the start

    def against(self, usual: Result) -> pd.DataFrame:
        """How these runs differ from the runs of the same numbers of a result: a row per policy and outcome.

        Columns: policy, outcome, runs (pairs), usual and own (means, in the unit of the outcome), difference (mean of own
        less usual), standard_error of it. Outcomes that a run lacks leave its pair out. Raises InputError if the runs are
        not of the same draws, or none are.
        """
        pairs = usual.outcomes.merge(self.outcomes, on=PLACE, suffixes=("", " own"), validate="one_to_one")
        if pairs.empty:
            raise InputError(usual.path, "outcomes", None, "no policy and run in common with the runs of these agents")
        names = [name for name in self.outcomes.columns if f"{name} own" in pairs.columns]
        drawn = [name for name in names if name.startswith("draw_")]
        if not all(pairs[name].equals(pairs[f"{name} own"]) for name in drawn):
            raise InputError(
                usual.path, "outcomes", None, "other draws than the runs of these agents; expected one experiment"
            )
        rows = []
        for policy, group in pairs.groupby("policy", sort=False):
            for name in (name for name in names if name not in drawn):
                both = group[[name, f"{name} own"]].astype(float).dropna()
                change = both[f"{name} own"] - both[name]
                rows.append((policy, name, len(both), both[name].mean(), both[f"{name} own"].mean(), change.mean(),
                             standard_error(change)))  # fmt: skip
        columns = ["policy", "outcome", "runs", "usual", "own", "difference", "standard_error"]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        names = ", ".join(made.__name__ for made in self.classes.values()) or "the usual agents"
        return (
            f"AgentRuns of {self.experiment.heading}: {extent(len(self.experiment.policies), self.experiment.runs)}, {names}"
        )


def run_agents(
    source: Source,
    runs: int = 20,
    policies: Iterable[str] | None = None,
    processes: int = 1,
    progress: bool = True,
    **classes: Any,
) -> AgentRuns:
    """Run an experiment in Mesa with classes of agents of your own (`firm=Patient`); a run takes seconds.

    runs: the first so many of every policy; policies: names (default: all of the experiment); processes: computed side by
    side. Classes come from a module, a script or a notebook (which takes cloudpickle, of the extra `distributed`); a script
    calls this below `if __name__ == "__main__":`. Errors in a class are raised. Raises InputError for bad input.
    """
    if type(processes) is not int or processes < 1:
        raise InputError("", "processes", processes, "expected a whole number, 1 or more")
    if isinstance(source, BaseExperiment):
        found = experiment(source).of(runs, policies)
    else:
        found = experiment(source, runs=runs, policies=policies)
    with told(progress) as heard:
        return AgentRuns(found, classes, **run_own_agents(found, processes, heard, classes))
