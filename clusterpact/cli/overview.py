"""The end of `run` on the screen: the headline table, and where everything is."""

import re
import shlex
import sys
from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.summary import drawing, write_summary
from clusterpact.experiments.track_record import sentence
from clusterpact.results.figures.painters import KINDS, Painters
from clusterpact.results.recorded import RECORDINGS
from clusterpact.texts import padded, wrapped
from clusterpact.texts import width as cells_of


def show_result(experiment: Experiment, folder: Path, painters: Painters | None, quiet: bool,
                kinds: Collection[str] = KINDS) -> None:  # fmt: skip
    """Write the headline table and draw the figures; unless quiet, print the table and say where everything is."""
    with drawing(experiment, folder, painters, kinds) if painters else nullcontext([]) as paths:
        summary = write_summary(experiment, folder)
        if not quiet:
            print(f"\n{experiment.heading} · {experiment.runs:,} runs per policy · mean ±Monte Carlo error "
                  "(5 to 95 % of runs)\n")  # fmt: skip
            _print_headlines(summary.policies, summary.rows)
            print(summary.advice)
            print(sentence())
    if not quiet:
        print(f"\nresult:  {folder}")
        for path in paths:
            print(f"figure:  {path}")
        command = sys.argv[0] if Path(sys.argv[0]).name == "clusterpact" else "clusterpact"
        arguments = f"replay {shlex.quote(str(folder))} --policy {shlex.quote(summary.policies[-1])} --run 0"
        print(f"one run: {command} {arguments}")
        if "series" in RECORDINGS[experiment.recording] and (wanted := re.search(r"--runs (\d+)", summary.advice)):
            print(f"more:    {command} extend {shlex.quote(str(folder))} --runs {wanted[1]}")


def _print_headlines(policies: list[str], rows: list[list[str]]) -> None:
    """Print the table in blocks of policies that fit the terminal."""
    import shutil

    width = shutil.get_terminal_size((140, 24)).columns
    label = max(cells_of(row[0]) for row in rows) + 2
    cell = 29
    per_block = max(1, (width - label) // cell)
    for first in range(0, len(policies), per_block):
        block = policies[first : first + per_block]
        for row in (["", *policies], *rows):
            texts = [wrapped(text, cell - 2) for text in row[1 + first : 1 + first + len(block)]]
            for line in range(max(map(len, texts))):
                cells = "".join(padded(lines[line] if line < len(lines) else "", cell) for lines in texts)
                print((padded("" if line else row[0], label) + cells).rstrip())
        print()
