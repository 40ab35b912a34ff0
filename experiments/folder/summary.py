"""The headline table and the figures of a result, written into its folder."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.files import write_atomically
from clusterpact.results.figures.painters import KINDS, Painters
from clusterpact.results.numbers import numbers
from clusterpact.results.statistics.convergence import advice
from clusterpact.results.store import RECORDINGS
from clusterpact.results.summary import headlines, is_headline, read_table
from clusterpact.results.tables import csv_bytes


@dataclass(frozen=True)
class Summary:
    """The headline table: a row per quantity, its label and a cell per policy; and whether the runs are enough."""

    policies: list[str]
    rows: list[list[str]]
    advice: str


def write_summary(experiment: Experiment, folder: Path) -> Summary:
    """Write the numbers of the headline table as `summary.csv`, and return it in words."""
    outcomes = read_table(folder, "outcomes", is_headline)
    kinds = {network.id: network.kind for network in experiment.scenario.file.network}
    policies = [policy.name for policy in experiment.policies]
    bands = read_table(folder, "bands")
    write_atomically(folder / "summary.csv", csv_bytes(numbers(outcomes, bands, kinds)))
    rows = [
        [line.label, *(line.cells.get(policy, "no run") for policy in policies)]
        for line in headlines(outcomes, bands, kinds)
    ]
    return Summary(policies, rows, advice(outcomes, experiment.baseline))


def drawing(
    experiment: Experiment, folder: Path, painters: Painters, kinds: Collection[str] = KINDS
) -> AbstractContextManager[list[Path]]:
    """Draws every figure whose table the experiment records, as pictures of these kinds; see `Painters.drawing`."""
    return painters.drawing(folder, about_result(experiment, folder), RECORDINGS[experiment.recording], kinds)
