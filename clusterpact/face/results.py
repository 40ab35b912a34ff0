"""The result of an experiment and its comparison, as Python and notebooks see them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from clusterpact.experiments.experiment import MOST_RUNS, extent
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.manifest import Manifest, read_manifest
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.extras import require
from clusterpact.face.discovery import Discovery, discover
from clusterpact.face.progress import told
from clusterpact.face.searches import Search, search
from clusterpact.face.shown import Plots, page
from clusterpact.face.tables import Tables
from clusterpact.face.timings import Timing, timing
from clusterpact.inputs import InputError, at_home
from clusterpact.results.figures.painters import figures_of
from clusterpact.results.language import page_of
from clusterpact.results.recorded import RECORDINGS
from clusterpact.results.summary import headlines, is_headline, read_table

if TYPE_CHECKING:
    from clusterpact.results import about

COMPARED = "differences"  #: the table that a comparison shows first
#: Options of a comparison that are numbers: what they are, the least and the most.
BOUNDS: dict[str, tuple[type[Any], float, float]] = {
    "confidence": (float, 0.5, 0.99), "lever_runs": (int, 0, MOST_RUNS), "threads": (int, 1, 1024),
}  # fmt: skip
SHOWN = ("policy", "label", "unit", "difference", "low", "high", "verdict")


@dataclass(frozen=True, repr=False)
class Result:
    """The folder of a result. Tables are pandas DataFrames, read when asked for; InputError if one is not there.

    `plot` draws its figures, `compare` and `report` go on from it; a notebook shows the headline table.
    """

    folder: Path | str

    @property
    def path(self) -> Path:
        """The folder; a `~` at its start is the home folder."""
        return at_home(self.folder, "folder")

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per policy and run: abated shares (0 to 1), CO2 in Mt, money in MEUR, drawn parameters (`draw_…`)."""
        return self._table("outcomes")

    @property
    def bands(self) -> pd.DataFrame:
        """One row per policy, measure and year: mean and quantiles over runs, in the unit of the measure."""
        return self._table("bands")

    @property
    def series(self) -> pd.DataFrame:
        """One row per policy, run and year, with every measure; units end the names."""
        return self._table("series")

    @property
    def gates(self) -> pd.DataFrame:
        """One row per spell of a firm behind a gate, from its first to its last quarter of the horizon."""
        return self._table("gates")

    @property
    def projects(self) -> pd.DataFrame:
        """One row per policy, run and plant or network: technology, years of FID and start, signed share (0 to 1)."""
        return self._table("projects")

    @property
    def pipeline(self) -> pd.DataFrame:
        """One row per policy, run and project in hand at the start, with the years of what became of it."""
        return self._table("pipeline")

    @property
    def manifest(self) -> dict[str, Any]:
        """What the result is and was made with, as in `manifest.json` (docs/manifest.md)."""
        return read_manifest(self.path).model_dump(mode="json", exclude_unset=True)

    def summary(self) -> pd.DataFrame:
        """The headline table, a row per quantity and a column per policy, in words.

        A cell is a mean, ± its Monte Carlo error (one standard error), and the 5-95 % range of runs.
        """
        bands = self.bands
        lines = headlines(read_table(self.path, "outcomes", is_headline), bands, self._about().kinds)
        policies = list(dict.fromkeys(bands["policy"]))
        cells = [[line.cells.get(policy, "no run") for policy in policies] for line in lines]
        return pd.DataFrame(cells, index=pd.Index([line.label for line in lines], name="quantity"), columns=policies)

    @property
    def plot(self) -> Plots:
        """Its figures: `.plot.emissions()` and so on, each a Matplotlib Figure; `repr` says what each one shows."""
        from clusterpact.results.figures import result as figures

        told = read_manifest(self.path).experiment
        drawn = figures_of(RECORDINGS[told.recording], any(policy.signals for policy in told.policies))
        return Plots({name: (getattr(figures, name), _arguments(self, drawn[name])) for name in sorted(drawn)})

    def compare(self, progress: bool = True, **options: Any) -> "Comparison":
        """Compare its packages, with runs of their levers; see `compare`."""
        return compare(self, progress, **options)

    def timing(self, progress: bool = True, **options: Any) -> Timing:
        """When the instruments of a package must start, and may end, with runs of their years; see `timing`."""
        return timing(self.path, progress=progress, **options)

    def search(self, progress: bool = True, **options: Any) -> Search:
        """Packages that nothing beats on what `[search]` of its experiment wants; see `search`."""
        return search(self.path, progress=progress, **options)

    def discover(self, event: str | None = None, **options: Any) -> Discovery:
        """In which futures an event comes, such as "cumulative_mt > 200" (default: the last target is not met).

        options: policy, against, until (last year of early events), seed (of the runs held out). Needs the extra `discover`.
        """
        return discover(self.path, event=event, **options)

    def report(self, file: Path | str | None = None, progress: bool = True, **options: Any) -> Path:
        """Write the page about it (default: `report.html` in the folder) and return its path.

        options: language, of the page ("en", "fr" or "de"), and those of `compare`.
        """
        language = options.pop("language", "en")
        page_of(self.path, language)  # a mistake in it is told before anything runs
        return compare(self, progress, **options).report(file, language)

    def _table(self, name: str) -> pd.DataFrame:
        """A table of the result; raises InputError if its level of recording holds none of that name."""
        if not (self.path / "tables" / f"{name}.parquet").is_file():
            level = read_manifest(self.path).experiment.recording
            if name not in RECORDINGS[level]:
                levels = " or ".join(f'"{other}"' for other in RECORDINGS if name in RECORDINGS[other])
                raise InputError(
                    self.path, name, None, f'not recorded at the level "{level}"; expected recording = {levels}'
                )
        return read_table(self.path, name)

    def _about(self) -> "about.About":
        return about_result(reopen(self.path), self.path)

    def _words(self, manifest: Manifest) -> str:
        told = manifest.experiment
        state = "" if manifest.execution else ", not complete"
        span = f"{told.horizon[0]} to {told.horizon[1]}, seed {told.seed}"
        return f"{told.title}: {extent(len(told.policies), told.runs)}, {span}{state}"

    def __repr__(self) -> str:
        try:
            return f"Result of {self._words(read_manifest(self.path))}; in {self.path}"
        except InputError as error:
            return f"Result in {self.folder}, which cannot be read ({error})"

    def _repr_html_(self) -> str:
        try:
            table, words = self.summary(), self._words(read_manifest(self.path))
        except InputError as error:
            return page("Result", str(error), (), ())
        rows = ((str(label), *map(str, cells)) for label, cells in zip(table.index, table.to_numpy(), strict=True))
        note = f"mean ±Monte Carlo error (5 to 95 % of runs) · {self.path}"
        return page(words, note, ("", *table.columns), rows)


def _arguments(result: Result, table: str) -> Any:
    """What a figure of a result is drawn from, looked up when it is drawn: a table, and what there is to say of it."""
    return lambda: (read_table(result.path, table), result._about())


class Comparison(Tables):
    """A compared result: its tables by name, also as attributes (`comparison.differences`), and figures of them.

    outcome, package: what regret, contributions and levers look at; lever_runs: runs per lever, 0 if none ran.
    """

    def __init__(self, found: "about.Comparison"):
        self.found = found
        self.outcome, self.package, self.lever_runs = found.outcome, found.package, found.lever_runs
        self.tables = found.tables

    @property
    def plot(self) -> Plots:
        """Its figures: differences, regrets, trust, cost, and members if levers ran; each a Matplotlib Figure."""
        from clusterpact.results.figures import comparison as figures

        found, tables = self.found, self.tables
        drawn: dict[str, Any] = {
            "differences": (figures.differences, lambda: (tables["differences"], found.about)),
            "regrets": (figures.regrets, lambda: (tables["regret"], found)),
            "trust": (figures.trust, lambda: (read_table(found.folder, "bands"), found.about)),
            "cost": (figures.cost, lambda: (read_table(found.folder, "outcomes"), found.about)),
        }
        if len(tables.get("contributions", ())):
            drawn["members"] = (figures.members, lambda: (tables["contributions"], found))
        return Plots(drawn)

    def report(self, file: Path | str | None = None, language: str = "en") -> Path:
        """Write the page about it and return its path; default: `report.html` in the folder of the result.

        language: "en", "fr" or "de"; other than English the default is `report.fr.html` and so on.
        """
        require("report", "report", "jinja2")
        from clusterpact.experiments.questions.plants import with_typical_run
        from clusterpact.results.report.page import write_report

        path = page_of(self.found.folder, language) if file is None else at_home(file, "file")
        if path.is_dir():
            raise InputError("", "file", str(path), "is a folder; expected the name of a file")
        return write_report(with_typical_run(self.found), path, language)

    def __repr__(self) -> str:
        levers = f"{self.lever_runs:,} runs per lever" if self.lever_runs else "no levers run"
        text = f"Comparison of {self.found.about.title} by {self.found.label}: {self.package} taken apart, {levers}"
        return f"{text}; tables: {', '.join(self.tables)}"

    def _repr_html_(self) -> str:
        table = self.tables[COMPARED]
        names = [name for name in SHOWN if name in table.columns]
        rows = ([f"{cell:,.4g}" if isinstance(cell, float) else str(cell) for cell in row]
                for row in table[names].itertuples(index=False))  # fmt: skip
        title = f"{self.found.about.title}: differences from {self.found.about.baseline}, run by run"
        return page(title, f"all tables: {', '.join(self.tables)} · {self.found.folder}", names, rows)


def compare(result: Result | str | Path, progress: bool = True, **options: Any) -> Comparison:
    """What `clusterpact compare` writes, as tables by name: differences, shapes, regret, contributions, levers and more.

    options: outcome, package, confidence, lever_runs (0: none; else each lever of a package is run as often), threads,
    bounds (what a future is to meet, as ["cumulative_mt <= 200"]), as in
    `experiments.questions.comparison.compare_result`. Needs the extra `report` of the installation.
    """
    require("compare", "report", "scipy")
    from clusterpact.experiments.questions.comparison import compare_result
    from clusterpact.experiments.running.session import RunOptions

    folder = at_home(result.folder if isinstance(result, Result) else result, "result")
    for name, (kind, low, high) in BOUNDS.items():
        given: Any = options.get(name)
        if given is not None and (type(given) is not kind or not low <= given <= high):
            raise InputError("", name, given, f"expected {'a whole number, ' if kind is int else ''}{low:,} to {high:,}")
    with told(progress) as heard:
        how = RunOptions(threads=options.pop("threads", 1), progress=heard)
        return Comparison(compare_result(folder, options=how, **options))
