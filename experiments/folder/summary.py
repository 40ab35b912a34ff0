"""The headline table and the figures of a result, written into its folder."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.files import write_atomically
from clusterpact.results.figures.painters import KINDS, Painters
from clusterpact.results.numbers import NUMBERS, rows_of_numbers
from clusterpact.results.recorded import DRAWN, RECORDINGS
from clusterpact.results.statistics.convergence import advice
from clusterpact.results.summary import headlines, is_headline, read_arrow
from clusterpact.results.tables import csv_of_rows


@dataclass(frozen=True)
class Summary:
    """The headline table: a row per quantity, its label and a cell per policy; and whether the runs are enough."""

    policies: list[str]
    rows: list[list[str]]
    advice: str


def write_summary(experiment: Experiment, folder: Path) -> Summary:
    """Write the numbers of the headline table as `summary.csv`, and return it in words."""
    outcomes = read_arrow(folder, "outcomes", is_headline)
    kinds = {network.id: network.kind for network in experiment.scenario.file.network}
    policies = [policy.name for policy in experiment.policies]
    bands = read_arrow(folder, "bands")
    write_atomically(folder / "summary.csv", csv_of_rows(rows_of_numbers(outcomes, bands, kinds), list(NUMBERS)))
    rows = [
        [line.label, *(line.cells.get(policy, "no run") for policy in policies)]
        for line in headlines(outcomes, bands, kinds)
    ]
    return Summary(policies, rows, advice(outcomes, experiment.baseline))


def begin_drawing(experiment: Experiment, painters: Painters, kinds: Collection[str], folder: Path, table: str) -> None:
    """Begin the figures of a table of a result, as pictures of these kinds; see `Painters.begin`."""
    if table in DRAWN:
        painters.begin(folder, about_result(experiment, folder), [table], kinds)


def drawing(
    experiment: Experiment, folder: Path, painters: Painters, kinds: Collection[str] = KINDS
) -> AbstractContextManager[list[Path]]:
    """Draws every figure whose table the experiment records, as pictures of these kinds; see `Painters.drawing`."""
    return painters.drawing(folder, about_result(experiment, folder), RECORDINGS[experiment.recording], kinds)
