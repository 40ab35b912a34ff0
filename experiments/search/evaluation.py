"""Packages of a search run as experiments, one folder each, so that a search that was stopped finds what it did."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.progress import Progress, Silent
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import SHARD_RUNS
from clusterpact.inputs import InputError
from clusterpact.policies.package import Package
from clusterpact.results.recorded import table_path

FOLDER = "generations"


class TimeIsUp(Exception):
    """The time that a search may take is spent; the same search goes on where it stopped."""


@dataclass(frozen=True)
class Notes(Silent):
    """Progress that passes on what a person must know of many small experiments: what is said, not the count of runs."""

    progress: Progress

    def note(self, text: str) -> None:
        """Pass on what is said, but not that a small experiment was found done."""
        if "found" not in text:
            self.progress.note(text)


@dataclass
class Runner:
    """Runs packages of a search below its folder. options: where and for how long, from `started` (time.perf_counter) on."""

    experiment: Experiment
    folder: Path
    columns: list[str]
    options: RunOptions
    started: float

    def values(self, place: str, packages: list[Package], first_run: int, runs: int) -> np.ndarray:
        """Outcomes of runs of packages, shape (packages, runs, columns), from a folder of that name; run if it is not done.

        Raises InputError where runs fail, TimeIsUp where no time is left.
        """
        table = self.table(place, packages, first_run, runs, self.columns)
        found = table[self.columns].to_numpy(float).reshape(len(packages), runs, len(self.columns))
        if not np.isfinite(found).all():
            raise InputError(self.folder / FOLDER / place, "outcomes", None, "hold what is no number; expected finite ones")
        return found

    def table(self, place: str, packages: list[Package], first_run: int, runs: int,
              columns: list[str] | None = None) -> pd.DataFrame:  # fmt: skip
        """Outcomes (all, or some columns) of packages, a row per package and run, in their order."""
        asked = replace(
            self.experiment, policies=tuple(packages), baseline=packages[0].name, first_run=first_run, runs=runs,
            recording="totals", searching=None,
        )  # fmt: skip
        budget_s = self.options.budget_s
        left = None if budget_s is None else budget_s - (time.perf_counter() - self.started)
        folder = self.folder / FOLDER / place
        notes = Notes(self.options.progress)
        options = replace(self.options, shard_runs=min(runs, SHARD_RUNS), budget_s=left, progress=notes)
        done = run_experiment(asked, folder, options)
        if done.left:
            raise TimeIsUp
        if done.failures:
            raise InputError(
                folder, "search", None, "some runs failed, so that packages cannot be compared; see failures.json"
            )
        table: pd.DataFrame = pq.read_table(table_path(folder, "outcomes"), columns=columns).to_pandas()
        return table
