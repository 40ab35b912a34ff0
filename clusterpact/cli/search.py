"""The command `search`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import AsJson, Seed, Settings, Threads
from clusterpact.cli.run import AGAIN, parse_budget
from clusterpact.cli.run_options import ExecutorName, Scheduler, TimeBudget, Workers
from clusterpact.inputs import InputError, at_home

if TYPE_CHECKING:
    from clusterpact.results.about import Searched


def search(
    experiment: Annotated[str, typer.Argument(help="An experiment of the library, its file, or the folder of a result.")],
    set_: Settings = None,
    packages: Annotated[int | None, typer.Option(help="Packages to try at most, instead of the file's.", min=4)] = None,
    runs: Annotated[int | None, typer.Option(help="Runs of the best packages, instead of runs_most.", min=2)] = None,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: search in the result, or runs/NAME-search-ID.")] = None,
    threads: Threads = None,
    executor: ExecutorName = "local",
    workers: Workers = None,
    scheduler: Scheduler = None,
    time_budget: TimeBudget = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many runs it would take, and about how long.")] = False,
    json: AsJson = False,
) -> None:
    """Search for packages that nothing beats on what the table search of an experiment wants, within what it allows.

    Stopped by Ctrl-C, a kill or its time, the same command goes on. Exit code 75: the time budget is up and work is left.

    Example: clusterpact search dunkirk --packages 2000
    """
    from clusterpact.extras import require

    require("search", "search", "scipy")
    from clusterpact.experiments.questions.search import draw, estimate_search, folder_of, run_search
    from clusterpact.experiments.questions.source import source_of
    from clusterpact.experiments.running.executors import make_executor
    from clusterpact.experiments.running.local import default_threads
    from clusterpact.experiments.running.session import RunOptions
    from clusterpact.experiments.search.evaluation import TimeIsUp

    given = {"packages": packages, "runs_most": runs}
    laid = [*(set_ or ()), *(f"search.{key}={value}" for key, value in given.items() if value is not None)]
    loaded, result = source_of(experiment, laid, seed, searching=True)
    folder = at_home(out, "--out") if out else folder_of(loaded, result)
    console.warn(loaded.warnings)
    _check_place(executor, scheduler)
    place = make_executor(executor, threads or default_threads(), workers, scheduler)
    if json and not dry_run:
        raise InputError("", "--json", None, "has no effect without --dry-run")
    if dry_run:
        found = estimate_search(loaded, folder, place.workers, console.note)
        if json:
            console.print_json(asdict(found))
        else:
            print(f"{found.packages:,} packages, at most about {found.runs:,} runs, {console.span(found.seconds)} with "
                  f"{place.workers} at work; it may stop earlier\nfolder:  {found.folder}")  # fmt: skip
        return
    try:
        with console.progress(False) as bar:
            done = run_search(loaded, folder, RunOptions(executor=place, budget_s=parse_budget(time_budget), progress=bar))
    except TimeIsUp:
        print("the time is up; the same command goes on")
        raise typer.Exit(AGAIN) from None
    for line in describe(done):
        print(line)
    print(f"tables:  {done.folder}/ ({', '.join(f'{name}.csv' for name in done.tables)})")
    print(f"figures: {', '.join(map(str, draw(done)))}")
    print(f"files:   {done.folder / 'packages'}/, a package each, to run with --policy FILE or among `policies`")


def describe(found: "Searched") -> list[str]:
    """What is said of a search, in lines for the screen."""
    from clusterpact.results.report.found import found_lines

    title = f"{found.about.title} · packages found, against {found.about.baseline}"
    return [title, "", *console.headed(found_lines(found)), ""]


def _check_place(executor: str, scheduler: str | None) -> None:
    """Raise InputError for workers that would be started anew for each of many small steps."""
    if executor in ("slurm", "gpu") or (executor == "dask" and scheduler is None):
        expected = "would start workers for each of many small steps; expected local, or dask with --scheduler"
        raise InputError("", "--executor", executor, expected)
