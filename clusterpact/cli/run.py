"""The command `run`."""

import shlex
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from clusterpact.cli import console
from clusterpact.cli.options import AsJson, ExperimentName, Policies, Runs, Seed, Settings, Threads
from clusterpact.cli.run_options import (
    Account,
    Adaptive,
    CheckBooks,
    Cores,
    DryRun,
    ExecutorName,
    Figures,
    Interface,
    Jobs,
    Memory,
    NoFigures,
    Out,
    Partition,
    Quiet,
    RecordingLevel,
    Scheduler,
    ShardRuns,
    Share,
    TimeBudget,
    Walltime,
    Workers,
    kinds_of,
)
from clusterpact.inputs import InputError, at_home, is_there
from clusterpact.results.figures.preloading import preload, without_algebra

if TYPE_CHECKING:
    from clusterpact.experiments.experiment import Experiment
    from clusterpact.experiments.running.executors import Executor
    from clusterpact.experiments.running.session import Outcome, RunOptions
    from clusterpact.results.figures.painters import Painters

AGAIN = 75  #: EX_TEMPFAIL: the time is up and work is left; Slurm can requeue on it


#: Options of `run` that only some places have, by their names there; the executors that they are for.
PLACES_OF = {"workers": ("dask",), "scheduler": ("dask",)} | dict.fromkeys(
    ("partition", "account", "cores", "memory", "walltime", "jobs", "adaptive", "interface"), ("slurm",)
)


def run(
    context: typer.Context,
    experiment: ExperimentName,
    policy: Policies = None,
    set_: Settings = None,
    runs: Runs = None,
    seed: Seed = None,
    out: Out = None,
    threads: Threads = None,
    shard_runs: ShardRuns = None,
    recording: RecordingLevel = None,
    executor: ExecutorName = "local",
    workers: Workers = None,
    scheduler: Scheduler = None,
    partition: Partition = None,
    account: Account = None,
    cores: Cores = 1,
    memory: Memory = "2GB",
    walltime: Walltime = "01:00:00",
    jobs: Jobs = 2,
    adaptive: Adaptive = False,
    interface: Interface = None,
    shard: Share = None,
    time_budget: TimeBudget = None,
    check_books: CheckBooks = False,
    dry_run: DryRun = False,
    json: AsJson = False,
    figures: Figures = "png",
    no_figures: NoFigures = False,
    quiet: Quiet = False,
) -> None:
    """Run an experiment, or what is missing of it.

    Prints the headline table and draws the figures. The folder of a result resumes that result, wherever its experiment
    came from.

    Exit codes: 0 all done; 1 some runs failed; 2 a mistake in the input; 75 the time budget is up and work is left.

    Example: clusterpact run dunkirk --runs 200
    """
    check_options(context, executor)
    kinds = prepared(kinds_of(figures, no_figures or dry_run or shard is not None))
    from clusterpact.experiments.running.executors import make_executor
    from clusterpact.experiments.running.local import default_threads
    from clusterpact.experiments.running.on_slurm import SlurmJobs
    from clusterpact.experiments.running.session import RunOptions

    changes = {"policies": policy or None, "runs": runs, "seed": seed, "recording": recording}
    loaded, out = read(experiment, out, set_ or [], changes, check_books)
    console.warn(loaded.warnings)
    share, budget_s = parse_share(shard), parse_budget(time_budget)
    asked = SlurmJobs(partition, account, cores, memory, walltime, jobs, adaptive, interface)
    place = make_executor(executor, threads or default_threads(), workers, scheduler, asked)
    if dry_run:
        tell_estimate(loaded, out, place, RunOptions(shard_runs=shard_runs, share=share), json, quiet)
        return
    if json:
        raise InputError("", "--json", None, "has no effect without --dry-run")
    options = RunOptions(executor=place, shard_runs=shard_runs, share=share, budget_s=budget_s)
    raise typer.Exit(do(loaded, out, options, kinds, quiet))


def do(experiment: "Experiment", out: Path | None, options: "RunOptions", kinds: tuple[str, ...], quiet: bool) -> int:
    """Run what is missing, and show it if it is whole; returns the exit code. kinds: of pictures to draw, none at all."""
    from clusterpact.experiments.folder.summary import begin_drawing
    from clusterpact.experiments.running.session import run_experiment

    with start_painters() if kinds else nullcontext() as painters:
        if painters is not None:
            options = replace(options, merged=partial(begin_drawing, experiment, painters, kinds))
        with console.progress(quiet) as bar:
            outcome = run_experiment(experiment, out, replace(options, progress=bar))
        console.warn_of_failures(outcome.failures, outcome.folder)
        failed = 1 if outcome.failures else 0
        if outcome.left or options.share is not None:
            print(what_next(outcome, options.share))
            return AGAIN if outcome.left else failed
        if len(outcome.failures) < experiment.runs * len(experiment.policies):
            show(experiment, outcome, painters, quiet, kinds)
    return failed


def read(name: str, out: Path | None, settings: list[str], changes: dict[str, Any],
         check_books: bool) -> tuple["Experiment", Path | None]:  # fmt: skip
    """The experiment that is asked for and its folder; the folder of a result is an experiment of its own."""
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.folder.reopen import reopen

    folder = at_home(name, "experiment")
    if not is_there(folder / "manifest.json"):
        return load_experiment(name, settings, check_books=check_books, **changes), out
    given = {"--out": out, "--set": settings, "--policy": changes["policies"]}
    given |= {f"--{key}": changes[key] for key in ("runs", "seed", "recording")}
    for option, value in given.items():
        if value:
            raise InputError("", option, value, f"has no effect on a result that is resumed ({folder}); start another")
    return reopen(folder, check_books), folder


def tell_estimate(experiment: "Experiment", out: Path | None, place: "Executor", options: "RunOptions", as_json: bool,
                  quiet: bool) -> None:  # fmt: skip
    """Print what running an experiment would take."""
    from clusterpact.experiments.running.estimate import estimate

    with console.progress(quiet) as bar:
        found = estimate(experiment, out, place.workers, replace(options, progress=bar))
    if as_json:
        console.print_json(found.as_data())
        return
    print(f"{experiment.name}: {experiment.extent}")
    print(f"folder:  {found.folder} (nothing is written)")
    print(f"shards:  {found.shards_left:,} of {found.shards:,} to run, {found.shard_runs:,} runs each")
    print(f"time:    about {console.span(found.seconds_left)} with {found.workers} workers, "
          f"{1000 * found.seconds_per_run:,.0f} ms a run")  # fmt: skip
    print(f"disk:    about {found.bytes / 1e6:,.0f} MB of tables, twice that while they are merged")


def show(experiment: "Experiment", outcome: "Outcome", painters: "Painters | None", quiet: bool,
         kinds: tuple[str, ...] = ("png",)) -> None:  # fmt: skip
    """Print the headline table and draw the figures; if quiet, print the folder only."""
    if painters is not None or not quiet:
        from clusterpact.cli.overview import show_result

        show_result(experiment, outcome.folder, painters, quiet, kinds)
    if quiet:
        print(outcome.folder)


def check_options(context: typer.Context, executor: str) -> None:
    """Raise InputError for an option that was given and has no effect where the runs are to be computed."""
    for name, places in PLACES_OF.items():
        source = context.get_parameter_source(name)
        if executor not in places and source is not None and source.name == "COMMANDLINE":
            expected = f"has no effect with --executor {executor}; expected --executor {' or '.join(places)}"
            raise InputError("", f"--{name}", context.params[name], expected)
    if executor == "gpu" and context.params["dry_run"]:
        raise InputError("", "--dry-run", None, "cannot tell how fast a card is; expected another --executor than gpu")
    if context.params["workers"] is not None and context.params["scheduler"] is not None:
        raise InputError("", "--workers", context.params["workers"], "has no effect with --scheduler, which has its own")


def prepared(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds of pictures to draw; if any, what draws them is imported from now on, in a process of its own.

    NumPy is imported here, without threads of its own, before anything else does it.
    """
    if kinds:
        preload()
    with without_algebra():
        import numpy as np  # noqa: F401
    return kinds


def start_painters() -> "Painters":
    """Processes that draw, started while the runs are computed."""
    from clusterpact.experiments.running.local import default_threads
    from clusterpact.results.figures.painters import Painters

    return Painters(default_threads())


def parse_share(text: str | None) -> tuple[int, int] | None:
    """A share of the work written as 3/64: the number of a task and of all tasks; numbers may start at 0 or 1."""
    if text is None:
        return None
    number, slash, count = text.partition("/")
    if not slash or not number.isdigit() or not count.isdigit() or not 0 <= int(number) <= int(count) or int(count) < 1:
        raise InputError("", "--shard", text, "expected a task and the number of tasks, such as 3/64")
    return int(number), int(count)


def parse_budget(text: str | None) -> float | None:
    """A time budget in seconds, written as 55m, 2h, 90s or 01:30:00."""
    if text is None:
        return None
    from clusterpact.experiments.running.budget import seconds_of

    try:
        seconds = seconds_of(text)
    except ValueError:
        raise InputError("", "--time-budget", text, "expected a time such as 55m, 2h or 01:30:00") from None
    if seconds <= 0:
        raise InputError("", "--time-budget", text, "expected more than nothing")
    return float(seconds)


def what_next(outcome: "Outcome", share: tuple[int, int] | None) -> str:
    """What is left to do after a share of the work, or at the end of a time budget."""
    done = f"{outcome.ran} shards run, {outcome.found} found done, {outcome.left} left"
    if outcome.left:
        return f"{done}: run the same command again, or clusterpact run {shlex.quote(str(outcome.folder))}"
    return f"{done}: when all tasks are done, clusterpact merge {shlex.quote(str(outcome.folder))}" if share else done
