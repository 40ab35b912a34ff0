"""Packages that nothing beats, as Python and notebooks see them."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.running.session import RunOptions
from clusterpact.extras import require
from clusterpact.face.progress import told
from clusterpact.face.shown import Plots, page
from clusterpact.face.tables import Tables
from clusterpact.inputs import InputError, at_home
from clusterpact.policies.package import Package, parse_package

if TYPE_CHECKING:
    from clusterpact.results import about


class Search(Tables):
    """What a search found: its tables by name (front, against, hypervolume, contents, instruments), also as attributes,
    packages to run, and figures.

    lines: what is said of it, by heading.
    """

    def __init__(self, found: "about.Searched"):
        from clusterpact.results.report.found import found_lines

        self.found = found
        self.tables = found.tables
        self.lines = dict(found_lines(found))

    @property
    def packages(self) -> dict[str, Package]:
        """The packages of the front by name, for `packages=[…]` of an experiment."""
        texts = self.found.packages
        return {name: parse_package(tomllib.loads(text.decode()), f"{name}.toml") for name, text in texts.items()}

    @property
    def plot(self) -> Plots:
        """Its figures: `.plot.front()`, `.plot.trade_offs()`."""
        from clusterpact.results.figures import front as figures

        return Plots({name: (getattr(figures, name), lambda: (self.found,)) for name in ("front", "trade_offs")})

    def __repr__(self) -> str:
        text = f"Search of {self.found.about.title}: {len(self.found.front)} packages of {self.found.tried:,} tried"
        return f"{text}; tables: {', '.join(self.tables)}"

    def _repr_html_(self) -> str:
        rows = [(heading, line) for heading, lines in self.lines.items() for line in lines]
        return page(repr(self), str(self.found.folder), ("of", "what is told"), rows)


def search(source: str | Path | Experiment, out: str | Path | None = None, threads: int = 1, progress: bool = True,
           **wanted: Any) -> Search:  # fmt: skip
    """Packages that nothing beats on what is wanted: what `clusterpact search` writes; goes on where it stopped.

    source: an experiment, its name or file, or the folder of a result; wanted: keys of `[search]`, over those of the
    experiment (docs/search.md); out: the folder (default: `search` in a result, else runs/NAME-search-ID). Raises InputError
    for bad input.
    """
    require("search", "search", "scipy")
    from clusterpact.experiments.questions.search import folder_of, run_search
    from clusterpact.experiments.questions.source import source_of, with_search

    if type(threads) is not int or not 1 <= threads <= 1024:
        raise InputError("", "threads", threads, "expected a whole number, 1 to 1,024")
    found, result = (source, None) if isinstance(source, Experiment) else source_of(str(source))
    found = with_search(found, wanted) if wanted else found
    folder = folder_of(found, result) if out is None else at_home(out, "out")
    with told(progress) as heard:
        return Search(run_search(found, folder, RunOptions(threads=threads, progress=heard)))
