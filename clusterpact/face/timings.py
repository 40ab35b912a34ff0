"""When to start and end what, as Python and notebooks see it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.session import RunOptions
from clusterpact.extras import require
from clusterpact.face.progress import told
from clusterpact.face.shown import Plots, page
from clusterpact.face.tables import Tables
from clusterpact.inputs import InputError, at_home

if TYPE_CHECKING:
    from clusterpact.results import about

#: Options that are numbers: what they are, the least and the most.
BOUNDS: dict[str, tuple[type[Any], float, float]] = {
    "every": (int, 1, 80), "chance": (float, 0.01, 0.99), "threads": (int, 1, 1024), "co2_eur_per_t": (float, 0.0, 10_000.0),
}  # fmt: skip


class Timing(Tables):
    """The timing of a package: its tables by name (curves, latest, milestones, pairs), also as attributes, and figures.

    lines: what is said of it, by heading.
    """

    def __init__(self, found: "about.Timing"):
        from clusterpact.results.report.timing import timing_lines

        self.found = found
        self.tables = found.tables
        self.lines = dict(timing_lines(found))

    @property
    def plot(self) -> Plots:
        """A figure for every stakeholder that has an instrument: `.plot.government()`."""
        from clusterpact.results.figures.timing import timing as draw

        drawn = self.tables["curves"].groupby("stakeholder", sort=False)
        return Plots({str(who): (draw, partial(tuple, (curves, self.found))) for who, curves in drawn})

    def __repr__(self) -> str:
        text = f"Timing of {self.found.about.title}: {self.found.package} by {self.found.label}, {self.found.runs:,} runs"
        return f"{text} per variant; tables: {', '.join(self.tables)}"

    def _repr_html_(self) -> str:
        rows = [(heading, line) for heading, lines in self.lines.items() for line in lines]
        return page(repr(self), str(self.found.folder), ("of", "what is told"), rows)


def timing(source: str | Path | Experiment, out: str | Path | None = None, threads: int = 1, progress: bool = True,
           **asked: Any) -> Timing:  # fmt: skip
    """When each instrument of a package must start, and may end, to be worth its while: what `clusterpact timing` writes.

    source: an experiment, its name or file, or the folder of a result; asked: outcome, policy, runs, instruments, every,
    chance, co2_eur_per_t, as in `experiments.questions.timing.Asked`; out: the folder of the tables (default: `timing` in a
    result, else runs/NAME-timing-ID). Raises InputError for bad input.
    """
    require("timing", "report", "scipy")
    from clusterpact.experiments.questions.source import source_of
    from clusterpact.experiments.questions.timing import Asked, folder_of
    from clusterpact.experiments.questions.timing import timing as ask

    for name, (kind, low, high) in BOUNDS.items():
        given: Any = threads if name == "threads" else asked.get(name)
        if given is not None and (isinstance(given, bool) or not isinstance(given, (kind, int)) or not low <= given <= high):
            raise InputError("", name, given, f"expected {'a whole number, ' if kind is int else ''}{low:,} to {high:,}")
    found, result = (source, None) if isinstance(source, Experiment) else source_of(str(source))
    folder = folder_of(found, result) if out is None else at_home(out, "out")
    with told(progress) as heard:
        return Timing(ask(found, folder, Asked(**asked), RunOptions(threads=threads, progress=heard)))
