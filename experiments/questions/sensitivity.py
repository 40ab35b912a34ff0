"""`clusterpact sensitivity`: a Morris screening through the same shards, ledger and result folder as `run`."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.experiment import MOST_RUNS, Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.session import Outcome, RunOptions, run_experiment
from clusterpact.experiments.screening import LEVELS, LUCK, Screening, problem_of, salib
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError
from clusterpact.results.statistics.sensitivity import outcomes_by_point, screen
from clusterpact.results.summary import read_table
from clusterpact.results.tables import csv_bytes

SUFFIX = "-sensitivity"


def screened(experiment: Experiment, policy: str | None, trajectories: int, replicates: int) -> Experiment:
    """The experiment that screens every parameter that `experiment` does not fix, under one policy (the baseline)."""
    names = [package.name for package in experiment.policies]
    chosen = policy or experiment.baseline
    if chosen not in names:
        raise InputError("", "--policy", chosen, "not among the experiment's policies", names)
    factors = [name for name in PARAMETERS if name not in experiment.parameters]
    runs = (len(factors) + 2) * trajectories * replicates
    if runs > MOST_RUNS:
        expected = f"expected fewer trajectories or replicates: at most {MOST_RUNS:,} runs"
        raise InputError("", "sensitivity", f"{runs:,} runs", expected)
    screening = Screening.lay_out([*factors, LUCK], trajectories, replicates, experiment.seed)
    name = experiment.name[: 100 - len(SUFFIX)] + SUFFIX
    return replace(
        experiment, name=name, runs=screening.runs, baseline=chosen, uncertainty={},
        policies=(experiment.policies[names.index(chosen)],), recording="outcomes", screening=screening,
    )  # fmt: skip


def run_sensitivity(
    experiment: Experiment, out: Path | None, threads: int, progress: Progress = SILENT
) -> tuple[Outcome, pd.DataFrame]:
    """Run what is missing of a screening, analyse it, and write `sensitivity.csv` into its folder."""
    screening = experiment.screening
    if screening is None:
        raise ValueError("expected the experiment of a screening")
    outcome = run_experiment(experiment, out, RunOptions(threads=threads, progress=progress))
    if outcome.failures:
        raise InputError(outcome.folder, "sensitivity", None, "some runs failed, so that the design is not complete; "
                         "see failures.json")  # fmt: skip
    networks = [network.id for network in experiment.scenario.file.network if network.kind == "co2_ts"]
    found = outcomes_by_point(read_table(outcome.folder, "outcomes"), screening.replicates, networks)
    problem = problem_of(screening.factors)
    table = screen(salib(), problem, screening.sample, found, LEVELS, experiment.seed)
    write_atomically(outcome.folder / "sensitivity.csv", csv_bytes(table))
    return outcome, table


def draw(experiment: Experiment, folder: Path, table: pd.DataFrame) -> Path:
    """Draw the effects of a screening into its folder."""
    from clusterpact.results.figures.result import effects
    from clusterpact.results.figures.style import keep

    about = replace(about_result(experiment, folder), title=f"{experiment.heading} · {experiment.baseline}")
    return keep(effects(table, about, LUCK), folder / "figures" / "effects.png")
