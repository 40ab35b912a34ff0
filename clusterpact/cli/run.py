"""The command `run`."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from clusterpact.cli import console
from clusterpact.cli.options import AsJson, ExperimentName, Policies, Runs, Seed, Settings, Threads
from clusterpact.inputs import InputError, at_home, is_there

if TYPE_CHECKING:
    from clusterpact.experiments.experiment import Experiment
    from clusterpact.experiments.running.executors import Executor
    from clusterpact.experiments.running.session import Outcome, RunOptions
    from clusterpact.results.figures.painters import Painters

WHERE, DASK, SLURM, SHARING = "Where it runs", "With --executor dask", "With --executor slurm", "Sharing the work"
PictureKind = Literal["png", "svg", "both"]
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
    out: Annotated[Path | None, typer.Option(help="Folder for the result; default runs/NAME-ID.")] = None,
    threads: Threads = None,
    shard_runs: Annotated[
        int | None, typer.Option(help="Runs per shard of work; default: timed.", min=1, rich_help_panel=SHARING)
    ] = None,
    recording: Annotated[str | None, typer.Option(help="outcomes, yearly, quarterly, events or plants.")] = None,
    executor: Annotated[str, typer.Option(help="Where it runs: local, dask or slurm.", rich_help_panel=WHERE)] = "local",
    workers: Annotated[
        int | None, typer.Option(help="Dask: worker processes here.", min=1, max=1024, rich_help_panel=DASK)
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask: tcp://HOST:PORT, or a scheduler file.", rich_help_panel=DASK)
    ] = None,
    partition: Annotated[str | None, typer.Option(help="Slurm: partition.", rich_help_panel=SLURM)] = None,
    account: Annotated[str | None, typer.Option(help="Slurm: account.", rich_help_panel=SLURM)] = None,
    cores: Annotated[int, typer.Option(help="Slurm: cores per job.", min=1, rich_help_panel=SLURM)] = 1,
    memory: Annotated[str, typer.Option(help="Slurm: memory per job.", rich_help_panel=SLURM)] = "2GB",
    walltime: Annotated[str, typer.Option(help="Slurm: walltime of a job.", rich_help_panel=SLURM)] = "01:00:00",
    jobs: Annotated[int, typer.Option(help="Slurm: number of jobs.", min=1, rich_help_panel=SLURM)] = 2,
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="Slurm: jobs as there is work, at most --jobs.", rich_help_panel=SLURM)
    ] = False,
    interface: Annotated[
        str | None, typer.Option(help="Slurm: network interface of the scheduler, such as ib0.", rich_help_panel=SLURM)
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="Only a share of the work, such as 3/64; see `merge`.", rich_help_panel=SHARING)
    ] = None,
    time_budget: Annotated[
        str | None, typer.Option(help="Stop cleanly before this time is up, such as 55m.", rich_help_panel=SHARING)
    ] = None,
    check_books: Annotated[bool, typer.Option("--check-books", help="Audit the closed books every quarter.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take (shards, time, disk) and write nothing.")
    ] = False,
    json: AsJson = False,
    figures: Annotated[PictureKind, typer.Option(help="Pictures to draw.")] = "png",
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw no figures.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the result folder.")] = False,
) -> None:
    """Run an experiment, or what is missing of it.

    Prints the headline table and draws the figures. The folder of a result resumes that result, wherever its experiment
    came from.

    Exit codes: 0 all done; 1 some runs failed; 2 a mistake in the input; 75 the time budget is up and work is left.

    Example: clusterpact run dunkirk --runs 200
    """
    from clusterpact.experiments.running.executors import make_executor
    from clusterpact.experiments.running.local import default_threads
    from clusterpact.experiments.running.on_slurm import SlurmJobs
    from clusterpact.experiments.running.session import RunOptions, run_experiment

    check_options(context, executor)
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
    painters = start_painters() if not no_figures and share is None else None
    console.import_meanwhile("clusterpact.results.summary")
    with console.progress(quiet) as bar:
        options = RunOptions(executor=place, shard_runs=shard_runs, share=share, budget_s=budget_s, progress=bar)
        outcome = run_experiment(loaded, out, options)
    console.warn_of_failures(outcome.failures, outcome.folder)
    failed = 1 if outcome.failures else 0
    if outcome.left or share is not None:
        print(what_next(outcome, share))
        raise typer.Exit(AGAIN if outcome.left else failed)
    if len(outcome.failures) < loaded.runs * len(loaded.policies):
        show(loaded, outcome, painters, quiet, ("png", "svg") if figures == "both" else (figures,))
    raise typer.Exit(failed)


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
    if context.params["workers"] is not None and context.params["scheduler"] is not None:
        raise InputError("", "--workers", context.params["workers"], "has no effect with --scheduler, which has its own")


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
