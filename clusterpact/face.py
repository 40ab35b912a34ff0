"""The public face of clusterpact: `import clusterpact as cp`.

result = cp.run("dunkirk", runs=100, policies=["current-policies", "pact"])
result.outcomes.groupby("policy")["abated_share_2050"].describe()

model = cp.model("dunkirk", policy="pact", run=7)     # one run, in Mesa
model.step()
model.firms.select(lambda firm: firm.rung == "pledged")
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.experiments.folder.replay import reopen_run, replay_run
from clusterpact.experiments.questions.account import account_of
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError, at_home
from clusterpact.results.summary import read_table
from clusterpact.sim.faces import Buyer, Financier, Firm, Government, Operator, Owner, Pact
from clusterpact.sim.model import ClusterModel

__all__ = [
    "Buyer", "ClusterModel", "Experiment", "Financier", "Firm", "Government", "InputError", "Operator", "Owner", "Pact",
    "Result", "account", "compare", "load_experiment", "model", "replay", "run",
]  # fmt: skip


@dataclass(frozen=True)
class Result:
    """The folder of a result; its tables are read when asked for."""

    folder: Path | str

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per policy and run."""
        return read_table(at_home(self.folder, "folder"), "outcomes")

    @property
    def bands(self) -> pd.DataFrame:
        """One row per policy, measure and year: mean and quantiles over runs."""
        return read_table(at_home(self.folder, "folder"), "bands")

    @property
    def series(self) -> pd.DataFrame:
        """One row per policy, run and year."""
        return read_table(at_home(self.folder, "folder"), "series")

    @property
    def gates(self) -> pd.DataFrame:
        """One row per spell of a firm behind a gate."""
        return read_table(at_home(self.folder, "folder"), "gates")

    @property
    def projects(self) -> pd.DataFrame:
        """One row per policy, run and plant or network."""
        return read_table(at_home(self.folder, "folder"), "projects")

    @property
    def pipeline(self) -> pd.DataFrame:
        """One row per policy, run and project in hand at the start, with what became of it."""
        return read_table(at_home(self.folder, "folder"), "pipeline")


def run(
    experiment: str | Path,
    runs: int | None = None,
    seed: int | None = None,
    policies: list[str] | None = None,
    out: str | Path | None = None,
    threads: int = 1,
) -> Result:
    """Run an experiment (a library name or a file) and return its result; a finished result is only read again.

    runs per policy, seed and policies replace what the file says; out defaults to runs/NAME-ID. Raises InputError for bad
    input.
    """
    loaded = load_experiment(str(experiment), runs=runs, seed=seed, policies=policies)
    outcome = run_experiment(loaded, None if out is None else at_home(out, "out"), RunOptions(threads=threads))
    return Result(outcome.folder)


def compare(result: Result | str | Path, **options: Any) -> dict[str, pd.DataFrame]:
    """What `clusterpact compare` writes, as tables by name: differences, shapes, regret, contributions, levers and more.

    options: outcome, package, confidence, lever_runs, threads, as in
    `experiments.questions.comparison.compare_result`. Needs the extra `report` of the installation.
    """
    from clusterpact.extras import require

    require("compare", "report", "scipy")
    from clusterpact.experiments.questions.comparison import compare_result

    folder = result.folder if isinstance(result, Result) else result
    return compare_result(at_home(folder, "result"), **options).tables


def account(
    name: str | Path,
    policy: str | None = None,
    runs: int | None = None,
    horizon: tuple[int, int] | None = None,
    seed: int | None = None,
) -> pd.DataFrame:
    """The account of a cluster or an experiment in one long table, as `clusterpact account` writes it (docs/accounts.md).

    A policy adds the simulated paths; runs (20 by default), horizon and seed are theirs. Raises InputError for bad input.
    """
    return account_of(str(name), policy, runs, horizon, seed).table


def model(experiment: str | Path, policy: str | None = None, run: int = 0, **classes: type) -> ClusterModel:
    """One run of an experiment as a Mesa model at its first quarter.

    policy defaults to the baseline; `firm=MyFirm` and the like replace agent classes by subclasses that override a decision.
    """
    loaded = load_experiment(str(experiment))
    return reopen_run(loaded, policy or loaded.baseline, run, **classes)


def replay(folder: str | Path, policy: str | None = None, run: int = 0) -> ClusterModel:
    """A run of a result, replayed to its end as a Mesa model."""
    return replay_run(at_home(folder, "folder"), policy, run).model
