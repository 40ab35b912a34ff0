"""The headline table and the figures of a result, written into its folder."""

from dataclasses import dataclass
from pathlib import Path

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.files import write_atomically
from clusterpact.results.figures.painters import Painters
from clusterpact.results.statistics.convergence import advice
from clusterpact.results.store import RECORDINGS
from clusterpact.results.summary import headlines, is_headline, read_table
from clusterpact.results.tables import csv_of


@dataclass(frozen=True)
class Summary:
    """The headline table: a row per quantity, its label and a cell per policy; and whether the runs are enough."""

    policies: list[str]
    rows: list[list[str]]
    advice: str


def write_summary(experiment: Experiment, folder: Path) -> Summary:
    """Write the headline table as `summary.csv`."""
    outcomes = read_table(folder, "outcomes", is_headline)
    kinds = {network.id: network.kind for network in experiment.scenario.file.network}
    policies = [policy.name for policy in experiment.policies]
    rows = [
        [line.label, *(line.cells.get(policy, "no run") for policy in policies)]
        for line in headlines(outcomes, read_table(folder, "bands"), kinds)
    ]
    write_atomically(folder / "summary.csv", csv_of(["quantity", *policies], rows))
    return Summary(policies, rows, advice(outcomes, experiment.baseline))


def draw_figures(experiment: Experiment, folder: Path, painters: Painters) -> list[Path]:
    """Draw every figure whose table the experiment records; returns their paths."""
    return painters.draw_all(folder, about_result(experiment, folder), RECORDINGS[experiment.recording])
