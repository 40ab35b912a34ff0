"""`clusterpact search`: packages that nothing beats on what is wanted, found by evolution and judged on fresh luck."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from clusterpact.experiments.experiment import Experiment, id_of
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.questions.source import outcomes_of
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.locks import claim
from clusterpact.experiments.running.session import PILOT_RUNS, RunOptions
from clusterpact.experiments.running.shards import pilot_seconds, world_of
from clusterpact.experiments.search.evaluation import FOLDER as GENERATIONS
from clusterpact.experiments.search.evaluation import Runner
from clusterpact.experiments.search.evolution import Evolution, Found, Member, runs_expected
from clusterpact.experiments.search.fresh import against, front_table, judged
from clusterpact.experiments.search.settings import Search, search_of
from clusterpact.experiments.variant import package_data
from clusterpact.files import refuse_links, write_atomically
from clusterpact.inputs import InputError, is_there, read_bytes
from clusterpact.policies.package import Package
from clusterpact.results.about import Searched
from clusterpact.results.report.found_kept import ABOUT_FILE, FOLDER, as_data, labels
from clusterpact.results.statistics.contents import contents, in_common
from clusterpact.results.statistics.kinds import FOUND
from clusterpact.results.tables import csv_bytes

FRESH = "fresh"  #: the place of the runs of the front on fresh luck


def searched(experiment: Experiment) -> Search:
    """What the experiment searches for: its `[search]`, or the usual objectives with all instruments."""
    return experiment.searching or search_of({}, experiment, f"{experiment.name}.toml")


def search_id(experiment: Experiment, search: Search) -> str:
    """The id of a search: of everything that its tables hang on."""
    resolved = replace(experiment, runs=1, first_run=0, recording="totals").resolved()
    return hashlib.sha256(f"{id_of(resolved)} {json.dumps(search.as_data(), sort_keys=True)}".encode()).hexdigest()[:12]


def folder_of(experiment: Experiment, result: Path | None) -> Path:
    """The folder of a search where none is named: in the result that it is of, if it is of one."""
    if result:
        return result / FOLDER
    return Path("runs") / f"{experiment.name}-search-{search_id(experiment, searched(experiment))}"


def run_search(experiment: Experiment, folder: Path, options: RunOptions) -> Searched:
    """Search for packages, run the front on fresh luck, and write tables and packages; goes on where it stopped.

    Raises InputError if the folder holds something else, TimeIsUp where the time that `options` gives is spent.
    """
    search = _checked(experiment)
    names = [policy.name for policy in experiment.policies]
    with _held(folder, experiment, search, options):
        runner = Runner(experiment, folder, search.columns, options, time.perf_counter())
        baseline = names.index(experiment.baseline)
        evolution = Evolution(search, list(experiment.policies), baseline, runner.values)
        found = evolution.search_on(options.progress.note)
        packages, tables = _on_fresh_luck(found, search, baseline, runner)
        tables["hypervolume"] = _volumes(found)
        tables["contents"] = contents(packages.values(), experiment.policies[baseline])
        front = tables["front"][tables["front"]["made"] == FOUND]
        free = [one.instrument for one in search.settings]
        tables["instruments"] = in_common(tables["contents"], front, free, [aim.name for aim in search.objectives])
        for name, table in tables.items():
            write_atomically(folder / f"{name}.csv", csv_bytes(table, "%.10g"))
        texts = {name: toml_bytes(package_data(package)) for name, package in packages.items()}
        for name, text in texts.items():
            write_atomically(folder / "packages" / f"{name}.toml", text)
        told = Searched(
            about_result(experiment, folder / GENERATIONS / FRESH), folder, search_id(experiment, search), search.wanted,
            labels(outcomes_of(experiment).values(), search.columns),
            len(evolution.seen), evolution.runs, found.stopped, texts, tables,
        )  # fmt: skip
        write_atomically(folder / ABOUT_FILE, _as_json(experiment, search, told))
    return told


def _checked(experiment: Experiment) -> Search:
    """What is searched for; raises InputError for an experiment whose packages cannot be searched for."""
    if experiment.screening is not None:
        raise InputError("", "experiment", experiment.name, "is a screening; expected an experiment with packages")
    for name in (policy.name for policy in experiment.policies):
        if re.fullmatch(rf"{FOUND}-[0-9]+", name):
            raise InputError("", "policies", name, "is what a found package is called; expected another name")
    return searched(experiment)


def _as_json(experiment: Experiment, search: Search, told: Searched | None = None) -> bytes:
    """`search.json`: what is searched for and of which experiment, and once it is found, what the tables rest on."""
    data = {"id": search_id(experiment, search), "experiment": experiment.id, "search": search.as_data()}
    return json.dumps(data | ({} if told is None else {"found": as_data(told)}), indent=1).encode()


@contextmanager
def _held(folder: Path, experiment: Experiment, search: Search, options: RunOptions) -> Iterator[None]:
    """Hold the folder of a search, in which nothing else may be."""
    path = folder / ABOUT_FILE
    refuse_links(folder)
    if is_there(path):
        try:
            other = json.loads(read_bytes(path))["id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(path, "search", None, "is damaged; expected a new or empty folder") from None
        if other != search_id(experiment, search):
            expected = f"holds another search ({other}), or one by other rules; expected an empty folder or --out elsewhere"
            raise InputError(folder, "out", None, expected)
    elif folder.exists() and (not folder.is_dir() or {one.name for one in folder.iterdir()} - {"locks"}):
        raise InputError(folder, "out", None, "is not empty and holds no search; expected a new or empty folder")
    with claim(folder, None, options.progress):
        if not is_there(path):
            write_atomically(path, _as_json(experiment, search))
        yield


def _on_fresh_luck(found: Found, search: Search, baseline: int,
                   runner: Runner) -> tuple[dict[str, Package], dict[str, pd.DataFrame]]:  # fmt: skip
    """The front by name and its tables, from runs that no package was chosen by."""
    first = search.runs_most
    ordered = sorted(found.front, key=lambda one: tuple(one.objectives[0]))
    names = [f"{FOUND}-{k:02d}" for k in range(1, len(ordered) + 1)]
    packages = {name: replace(one.package, name=name, title=name) for name, one in zip(names, ordered, strict=True)}
    hand = [one.package for one in found.hand]
    values = runner.values(FRESH, [*hand, *packages.values()], first, search.runs_most)
    fresh = [Member(package, held) for package, held in zip([*hand, *packages.values()], values, strict=True)]
    judged(search, fresh, len(hand), baseline)
    table = front_table(search, [*found.hand, *ordered], fresh, len(hand), baseline)
    return packages, {"front": table, "against": against(search, fresh, len(hand))}


def _volumes(found: Found) -> pd.DataFrame:
    """Hypervolume by generation with its interval over runs, by what is known of all packages at the end."""
    rows = []
    for k, (volume, (packages, runs, front)) in enumerate(zip(found.volumes(), found.history, strict=True)):
        low, high = pd.Series(volume[1:]).quantile([0.025, 0.975])
        rows.append({"generation": k, "packages": packages, "runs": runs, "front": len(front), "hypervolume": volume[0],
                     "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(rows)


def toml_bytes(data: dict[str, Any]) -> bytes:
    """A package as the text of a TOML file: one [[policy]] without its heading."""
    lines = [f"{key} = {_written(value)}" for key, value in data.items() if value != {}]
    return ("\n".join(lines) + "\n").encode()


def _written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class SearchEstimate:
    """What a search would take: packages and runs at most, seconds with all workers at work, and its folder."""

    folder: str
    packages: int
    runs: int
    seconds_per_run: float
    seconds: float


def estimate_search(experiment: Experiment, folder: Path, workers: int, note: Callable[[str], None]) -> SearchEstimate:
    """What a search would take if it does not stop early, from a few pilot runs; nothing is written."""
    search = _checked(experiment)
    asked = replace(experiment, recording="totals", runs=PILOT_RUNS)
    note(f"measuring {PILOT_RUNS} pilot runs")
    warm_up(world_of(asked, 0))
    per_run = pilot_seconds(asked, PILOT_RUNS) / PILOT_RUNS
    started = time.perf_counter()
    world_of(asked, len(asked.policies) - 1)
    per_package = time.perf_counter() - started
    runs = runs_expected(search, len(experiment.policies))
    seconds = (runs * per_run + search.packages * per_package) / workers
    return SearchEstimate(str(folder), search.packages, runs, round(per_run, 6), round(seconds, 1))


def draw(found: Searched) -> list[Path]:
    """Draw the front and its trade-offs into the folder of a search, as .png and .svg."""
    from clusterpact.results.figures.front import front, trade_offs
    from clusterpact.results.figures.style import keep

    if found.front.empty:
        return []
    figures = {"front": front(found), "trade-offs": trade_offs(found)}
    return [keep(figure, found.folder / "figures" / f"{name}.{kind}")
            for name, figure in figures.items() for kind in ("png", "svg")]  # fmt: skip
