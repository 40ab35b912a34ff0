"""The end of `run`: the headline table, and the figures."""

import shlex
import sys
from pathlib import Path

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.results.figures.painters import Painters
from clusterpact.results.statistics.convergence import advice
from clusterpact.results.store import RECORDINGS
from clusterpact.results.summary import headlines, is_headline, read_table


def show_result(experiment: Experiment, folder: Path, painters: Painters | None, quiet: bool = False) -> None:
    """Print the headline table, write it as CSV, draw the figures, and say where everything is."""
    outcomes = read_table(folder, "outcomes", is_headline)
    kinds = {network.id: network.kind for network in experiment.scenario.file.network}
    lines = headlines(outcomes, read_table(folder, "bands"), kinds)
    policies = [policy.name for policy in experiment.policies]
    rows = [[line.label, *(line.cells.get(policy, "no run") for policy in policies)] for line in lines]
    _write_csv(folder / "summary.csv", policies, rows)
    if not quiet:
        print(f"\n{experiment.title} · {experiment.runs:,} runs per policy · mean ±Monte Carlo error "
              "(5 to 95 % of runs)\n")  # fmt: skip
        _print_headlines(policies, rows)
        print(advice(outcomes))
    tables = RECORDINGS[experiment.recording]
    paths = painters.draw_all(folder, about_result(experiment, folder), tables) if painters else []
    if not quiet:
        print(f"\nresult:  {folder}")
        for path in paths:
            print(f"figure:  {path}")
        command = sys.argv[0] if Path(sys.argv[0]).name == "clusterpact" else "clusterpact"
        arguments = f"replay {shlex.quote(str(folder))} --policy {shlex.quote(policies[-1])} --run 0"
        print(f"one run: {command} {arguments}")


def _print_headlines(policies: list[str], rows: list[list[str]]) -> None:
    """Print the table in blocks of policies that fit the terminal."""
    import shutil
    import textwrap

    width = shutil.get_terminal_size((140, 24)).columns
    label = max(len(row[0]) for row in rows) + 2
    cell = 29
    per_block = max(1, (width - label) // cell)
    for first in range(0, len(policies), per_block):
        block = policies[first : first + per_block]
        print(" " * label + "".join(name[: cell - 1].ljust(cell) for name in block).rstrip())
        for row in rows:
            wrapped = [textwrap.wrap(text, cell - 2) or [""] for text in row[1 + first : 1 + first + per_block]]
            for line in range(max(len(lines) for lines in wrapped)):
                start = row[0] if line == 0 else ""
                cells = "".join((lines[line] if line < len(lines) else "").ljust(cell) for lines in wrapped)
                print((start.ljust(label) + cells).rstrip())
        print()


def _write_csv(path: Path, policies: list[str], rows: list[list[str]]) -> None:
    import csv

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["quantity", *policies])
        writer.writerows(rows)
