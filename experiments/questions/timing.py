"""`clusterpact timing`: from when on which instrument is worth its while, until when, and what must be decided by when."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import pandas as pd

from clusterpact.experiments.experiment import MOST_RUNS, Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.result import is_complete
from clusterpact.experiments.questions.comparison import OUTCOME, carbon_price
from clusterpact.experiments.questions.source import outcomes_of
from clusterpact.experiments.questions.starts import Starts, starts_of
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import pilot_seconds, world_of
from clusterpact.files import refuse_links, write_atomically
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package
from clusterpact.results.about import Timing
from clusterpact.results.report.timing_kept import ABOUT_FILE, FOLDER, as_data
from clusterpact.results.statistics.contributions import NONE
from clusterpact.results.statistics.timing import (
    ALONE,
    CURVES,
    KINDS,
    LATEST,
    SETTINGS,
    START,
    Curve,
    Variants,
    curve_table,
    grid,
    interactions,
    latest_of,
    milestones,
    package_chances,
    years_to_run,
)
from clusterpact.results.summary import read_table
from clusterpact.results.tables import csv_bytes

RUNS_FOLDER = "runs"  #: the folder of the variants' results within it
RUNS, EVERY, CHANCE = 200, 3, 0.5
MOST_PAIRED = 12  #: members that are looked at in pairs: 66 of them
PILOT_RUNS = 20


@dataclass(frozen=True)
class Asked:
    """What is asked: a column of the compared outcomes; the package (the last of the experiment by default); runs per
    variant (default: those of the experiment, at most 200); instruments by name, `all`, or the package's (none); years
    between those run first; the chance that targets are to have; the value of CO2 (default: the baseline's mean carbon
    price).
    """

    outcome: str = OUTCOME
    policy: str | None = None
    runs: int | None = None
    instruments: Sequence[str] = ()
    every: int = EVERY
    chance: float = CHANCE
    co2_eur_per_t: float | None = None


def timing(experiment: Experiment, folder: Path, asked: Asked, options: RunOptions) -> Timing:
    """Run every instrument's starts and ends by year, look for its latest years, and write all tables into a folder.

    A grid of years is run first; then, round by round, single years between the last one told and the next. Every round is
    a result of its own in `FOLDER/runs`, which is resumed. Raises InputError for what cannot be asked.
    """
    _check(experiment, asked)
    starts, left_out = starts_of(experiment, asked.policy, asked.instruments)
    _refuse_another(folder)
    runs = min(experiment.runs, RUNS) if asked.runs is None else asked.runs
    work = _Work(experiment, starts, folder, asked, runs, options)
    found, curves, value = work.run()
    tables = _tables(found, curves, starts, asked)
    for name, table in tables.items():
        write_atomically(folder / f"{name}.csv", csv_bytes(table))
    item = outcomes_of(experiment)[asked.outcome]
    about = about_result(replace(experiment, runs=runs), folder / RUNS_FOLDER / work.first_id)
    strengths = {name: one.strength for name, one in starts.timed.items()}
    told = Timing(about, folder, asked.outcome, item.label, item.unit, starts.package.name, runs, asked.every,
                  asked.chance, value, strengths, left_out, package_chances(found), tables)  # fmt: skip
    write_atomically(folder / ABOUT_FILE, json.dumps(as_data(told, experiment.id), indent=1).encode())
    return told


@dataclass
class _Work:
    """Rounds of runs until every latest year is known to the year."""

    experiment: Experiment
    starts: Starts
    folder: Path
    asked: Asked
    runs: int
    options: RunOptions
    first_id: str = ""

    def run(self) -> tuple[Variants, list[Curve], float]:
        """All variants, the curves they make, and the value of CO2, EUR/t."""
        first, last = self.starts.first_year, self.starts.last_year
        curves = curves_of(self.starts)
        years = grid(first, last, self.asked.every)
        wanted = [self.starts.whole()]
        for curve in curves:
            wanted += [self.starts.never(curve), *(self._variant(curve, year) for year in years)]
        wanted += [self._variant(pair, first) for pair in pairs_of(self.starts)]
        parts, value, pairs = [], 0.0, None
        while wanted := [*{package.name: package for package in wanted}.values()]:
            done = self._round(wanted)
            parts.append(read_table(done, "outcomes"))
            if len(parts) == 1:
                self.first_id = done.name
                value = carbon_price(done, NONE) if self.asked.co2_eur_per_t is None else self.asked.co2_eur_per_t
            found = Variants.of(pd.concat(parts, ignore_index=True), self.asked.outcome, self.experiment.targets,
                                value or None)  # fmt: skip
            if pairs is None:
                pairs = interacting(found, self.starts)
                curves += pairs
                wanted = [self._variant(curve, year) for curve in pairs for year in years]
            else:
                wanted = []
            for curve in (one for one in curves if parts[1:] or one not in pairs):
                wanted += [self._variant(curve, year)
                           for year in years_to_run(found, curve, last, self.asked.chance)]  # fmt: skip
            wanted = [package for package in wanted if package.name not in found.gain]
        return found, curves, value

    def _variant(self, curve: Curve, year: int) -> Package:
        is_never = curve.policy(year) == curve.never
        return self.starts.never(curve) if is_never else self.starts.variant(curve, year)

    def _round(self, packages: list[Package]) -> Path:
        """Run some packages in a folder of their own, unless that is done; returns it."""
        experiment = replace(
            self.experiment, name=f"{self.experiment.name[:80]}-timing", baseline=packages[0].name,
            policies=tuple(packages), runs=self.runs, recording="outcomes",
        )  # fmt: skip
        folder = self.folder / RUNS_FOLDER / experiment.id
        if not is_complete(folder, experiment.recording):
            self.options.progress.note(self._announcement(experiment))
        done = run_experiment(experiment, folder, self.options)
        if done.failures:
            raise InputError(done.folder, "timing", None, "some runs failed; see failures.json")
        return done.folder

    def _announcement(self, experiment: Experiment) -> str:
        """What a round will take."""
        warm_up(world_of(experiment, 0), self.options.progress)
        workers = self.options.executor.workers if self.options.executor else self.options.threads
        total = experiment.runs * len(experiment.policies)
        seconds = pilot_seconds(experiment, PILOT_RUNS) / PILOT_RUNS * total / max(1, workers)
        time = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
        text = f"timing: {len(experiment.policies)} packages x {experiment.runs:,} runs = {total:,} runs, about {time}"
        if self.first_id:
            return f"{text}, to tell latest years from the years beside them"
        rounds = math.ceil(math.log2(self.asked.every)) if self.asked.every > 1 else 0
        return f"{text}; then some {rounds} smaller rounds look for single years" if rounds else text


def folder_of(experiment: Experiment, result: Path | None) -> Path:
    """The folder of a timing where none is named: in the result that it is of, if it is of one."""
    return result / FOLDER if result else Path("runs") / f"{experiment.name[:80]}-timing-{experiment.id}"


def draw(found: Timing) -> list[Path]:
    """Draw a figure per stakeholder that has an instrument into the folder, as .png and .svg."""
    from clusterpact.results.figures.style import keep
    from clusterpact.results.figures.timing import timing as draw_one

    paths = []
    for who, curves in found.tables["curves"].groupby("stakeholder", sort=False):
        figure = draw_one(curves, found)
        paths += [keep(figure, found.folder / "figures" / f"timing-{who}.{kind}") for kind in ("png", "svg")]
    return paths


def curves_of(starts: Starts) -> list[Curve]:
    """The curves of single instruments, alone and within the package, of a start and, where that can be, of an end."""
    return [
        Curve((name,), setting, kind, starts.first_year)
        for name, one in starts.timed.items()
        for setting in SETTINGS
        for kind in KINDS
        if kind == START or one.without is not None
    ]


def pairs_of(starts: Starts) -> list[Curve]:
    """Pairs of the package's members, starting together upon the baseline; none where there are too many."""
    names = [name for name, one in starts.timed.items() if one.is_member]
    pairs = combinations(names, 2) if len(names) <= MOST_PAIRED else ()
    return [Curve(pair, ALONE, START, starts.first_year) for pair in pairs]


def interacting(found: Variants, starts: Starts) -> list[Curve]:
    """The pairs whose interaction is told."""
    pairs = pairs_of(starts)
    table = _interactions(found, starts)
    told = set(zip(table["first"][table["interacts"]], table["second"][table["interacts"]], strict=True))
    return [pair for pair in pairs if pair.instruments in told]


def _interactions(found: Variants, starts: Starts) -> pd.DataFrame:
    names = dict.fromkeys(name for pair in pairs_of(starts) for name in pair.instruments)
    return interactions(found, list(names), starts.first_year)


def _tables(found: Variants, curves: list[Curve], starts: Starts, asked: Asked) -> dict[str, pd.DataFrame]:
    """All tables of what was run."""
    last = starts.last_year
    tables = {curve: curve_table(found, curve, found.tested(curve, last)) for curve in curves}
    latest = pd.DataFrame([latest_of(found, curve, table, last) for curve, table in tables.items()])[LATEST]
    whole = dict.fromkeys(("latest_year", "next_year", "worth_year"), "Int64")
    latest["strength"] = [starts.timed[name].strength if name in starts.timed else math.nan for name in latest["instrument"]]
    latest["strength_unit"] = [INSTRUMENTS[name].unit if name in INSTRUMENTS else "" for name in latest["instrument"]]
    members = [curve for curve in curves if all(starts.timed[name].is_member for name in curve.instruments)]
    return {
        "curves": pd.concat(tables.values(), ignore_index=True)[CURVES],
        "latest": latest.astype(whole),
        "milestones": milestones(found, members, last, asked.chance),
        "pairs": _interactions(found, starts),
    }


def _check(experiment: Experiment, asked: Asked) -> None:
    """Raise InputError for what cannot be asked of an experiment."""
    known = outcomes_of(experiment)
    if asked.outcome not in known:
        raise InputError("", "--outcome", asked.outcome, "no such outcome", known)
    if known[asked.outcome].better == 0:
        raise InputError("", "--outcome", asked.outcome, "is neither better high nor low; expected an outcome that is")
    runs = experiment.runs if asked.runs is None else asked.runs
    if not 2 <= runs <= MOST_RUNS:
        raise InputError("", "--runs", runs, f"expected 2 to {MOST_RUNS:,} runs, each paired with never")
    if experiment.screening is not None:
        raise InputError("", "experiment", experiment.name, "is a screening; expected an experiment with packages")


def _refuse_another(folder: Path) -> None:
    """Raise InputError if a folder holds anything but what this command left there."""
    refuse_links(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError("", "--out", str(folder), "is a file; expected the name of a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RUNS_FOLDER).is_dir():
        raise InputError("", "--out", str(folder), "holds something else; expected a new folder, or that of `timing`")
