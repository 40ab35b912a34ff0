"""The command line. Commands import what they need when they run, so that `--help` answers at once."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import clusterpact
from clusterpact.cli import batch as cli_batch
from clusterpact.cli import console
from clusterpact.cli import registers as cli_import
from clusterpact.cli.account import account
from clusterpact.inputs import InputError, usable_path

app = typer.Typer(
    name="clusterpact",
    help="How an industrial cluster reaches net zero together, and what stands in the way.\n\n"
    "Example: clusterpact run dunkirk --runs 200",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
INTERRUPTED = 130
AGAIN = 75  #: EX_TEMPFAIL: the time is up and work is left; Slurm can requeue on it
app.add_typer(cli_import.app, name="import")
LISTS = ("clusters", "policies", "instruments", "parameters", "experiments", "measures")

ExperimentName = Annotated[str, typer.Argument(help="An experiment of the library, or the path of an experiment file.")]
Threads = Annotated[int | None, typer.Option(help="Threads; default: all cores.", min=1, max=1024)]
Outcome = Annotated[str, typer.Option(help="Outcome that regret, contributions and levers look at.")]
PackageName = Annotated[str | None, typer.Option(help="Package to take apart; default: least expected regret.")]
Confidence = Annotated[float, typer.Option(help="Confidence of a milestone's latest dates.", min=0.5, max=0.99)]
LeverRuns = Annotated[int | None, typer.Option(help="Runs per lever; 0 runs none.", min=0)]
ResultFolder = Annotated[Path, typer.Argument(help="The folder of a result, such as runs/dunkirk-0123456789ab.")]


def _print_version(asked: bool) -> None:
    if asked:
        print(f"clusterpact {clusterpact.__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Without a command, print the help."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def run(
    experiment: ExperimentName,
    runs: Annotated[int | None, typer.Option(help="Runs per policy, instead of the file's.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of the file's.", min=0)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the result; default runs/NAME-ID.")] = None,
    threads: Threads = None,
    shard_runs: Annotated[int | None, typer.Option(help="Runs per shard of work; default: timed.", min=1)] = None,
    recording: Annotated[str | None, typer.Option(help="outcomes, yearly, quarterly or events.")] = None,
    executor: Annotated[str, typer.Option(help="Where it runs: local, dask or slurm.")] = "local",
    workers: Annotated[int | None, typer.Option(help="Dask: worker processes here.", min=1, max=1024)] = None,
    scheduler: Annotated[str | None, typer.Option(help="Dask: tcp://HOST:PORT, or a scheduler file.")] = None,
    partition: Annotated[str | None, typer.Option(help="Slurm: partition.")] = None,
    account: Annotated[str | None, typer.Option(help="Slurm: account.")] = None,
    cores: Annotated[int, typer.Option(help="Slurm: cores per job.", min=1)] = 1,
    memory: Annotated[str, typer.Option(help="Slurm: memory per job.")] = "2GB",
    walltime: Annotated[str, typer.Option(help="Slurm: walltime of a job.")] = "01:00:00",
    jobs: Annotated[int, typer.Option(help="Slurm: number of jobs.", min=1)] = 2,
    adaptive: Annotated[bool, typer.Option("--adaptive", help="Slurm: jobs as there is work, at most --jobs.")] = False,
    interface: Annotated[str | None, typer.Option(help="Slurm: network interface of the scheduler, such as ib0.")] = None,
    shard: Annotated[str | None, typer.Option(help="Only a share of the work, such as 3/64; see `merge`.")] = None,
    time_budget: Annotated[str | None, typer.Option(help="Stop cleanly before this time is up, such as 55m.")] = None,
    check_books: Annotated[bool, typer.Option("--check-books", help="Audit the closed books every quarter.")] = False,
    figures: Annotated[bool, typer.Option(help="Draw the figures.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the result folder.")] = False,
) -> None:
    """Run an experiment, or what is missing of it; print the headline table and draw four figures.

    Exit codes: 0 all done; 1 some runs failed; 2 a mistake in the input; 75 the time budget is up and work is left.

    Example: clusterpact run dunkirk --runs 200
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.running import batch
    from clusterpact.experiments.running.executors import default_threads
    from clusterpact.experiments.running.session import run_experiment

    loaded = load_experiment(experiment, runs=runs, seed=seed, recording=recording, check_books=check_books)
    share, budget_s = batch.parse_share(shard), batch.parse_budget(time_budget)
    asked = {"partition": partition, "account": account, "cores": cores, "memory": memory, "walltime": walltime,
             "jobs": jobs, "adaptive": adaptive, "interface": interface}  # fmt: skip
    place = batch.make_executor(executor, threads or default_threads(), workers, scheduler, asked)
    painters = None
    if figures and share is None:
        from clusterpact.results.figures.painters import Painters

        painters = Painters(default_threads())
    console.import_meanwhile("clusterpact.results.summary")
    with console.progress(quiet) as bar:
        outcome = run_experiment(loaded, out, shard_runs=shard_runs, report=bar.report, note=bar.note, executor=place,
                                 share=share, budget_s=budget_s)  # fmt: skip
    console.warn_of_failures(outcome.failures, outcome.folder)
    if outcome.left or share is not None:
        print(batch.what_next(outcome, share))
        raise typer.Exit(AGAIN if outcome.left else (1 if outcome.failures else 0))
    if outcome.failures and len(outcome.failures) >= loaded.runs * len(loaded.policies):
        raise typer.Exit(1)
    if not quiet or figures:
        from clusterpact.cli.overview import show_result

        show_result(loaded, outcome.folder, painters, quiet=quiet)
    if quiet:
        print(outcome.folder)
    if outcome.failures:
        raise typer.Exit(1)


@app.command()
def sensitivity(
    experiment: ExperimentName,
    policy: Annotated[str | None, typer.Option(help="Policy to screen under; default: the baseline.")] = None,
    trajectories: Annotated[int, typer.Option(help="Trajectories of the Morris design.", min=4, max=10_000)] = 20,
    replicates: Annotated[int, typer.Option(help="Runs per point of the design.", min=1, max=10_000)] = 20,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of the file's.", min=0)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the result; default runs/NAME-sensitivity-ID.")] = None,
    threads: Threads = None,
) -> None:
    """Screen all parameters over their ranges (Morris), and say which matter for what.

    Example: clusterpact sensitivity dunkirk --policy four-pillars --trajectories 20
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.questions.sensitivity import describe, draw, run_sensitivity, screened
    from clusterpact.experiments.running.executors import default_threads

    loaded = screened(load_experiment(experiment, seed=seed), policy, trajectories, replicates)
    with console.progress(False) as bar:
        outcome, table = run_sensitivity(loaded, out, threads or default_threads(), bar.report, bar.note)
    design = f"{trajectories} trajectories x {replicates} runs"
    print(f"\n{loaded.title} · {loaded.baseline} · {design} · effect of a parameter's whole range\n")
    for line in describe(table):
        print(line)
    print(f"result:  {outcome.folder}\ntable:   {outcome.folder}/sensitivity.csv")
    print(f"figure:  {draw(loaded, outcome.folder, table)}")


@app.command()
def compare(
    results: ResultFolder,
    outcome: Outcome = "cumulative_mt",
    package: PackageName = None,
    confidence: Confidence = 0.8,
    lever_runs: LeverRuns = None,
    threads: Threads = None,
) -> None:
    """Compare the packages of a result: paired differences, regret, contributions, roadmaps, levers; as tables.

    Example: clusterpact compare runs/dunkirk-0123456789ab --outcome abated_share_2050
    """
    found = _compare(results, outcome, package, confidence, lever_runs, threads)
    from clusterpact.experiments.questions.comparison import FOLDER, describe

    for line in describe(found):
        print(line)
    print(f"tables:  {results / FOLDER}/ ({', '.join(found.tables)})")
    print(f"page:    clusterpact report {results}")


@app.command()
def report(
    results: ResultFolder,
    outcome: Outcome = "cumulative_mt",
    package: PackageName = None,
    confidence: Confidence = 0.8,
    lever_runs: LeverRuns = None,
    out: Annotated[Path | None, typer.Option(help="File of the page; default: report.html in the result.")] = None,
    threads: Threads = None,
) -> None:
    """Write one self-contained HTML page about a result: the answer, how sure, why, and who should do what next.

    Example: clusterpact report runs/dunkirk-0123456789ab
    """
    page = out or results / "report.html"
    if page.is_dir():
        raise InputError("", "--out", str(page), "is a folder; expected the name of a file")
    found = _compare(results, outcome, package, confidence, lever_runs, threads)
    from clusterpact.results.report.page import write_report

    print(f"page:    {write_report(found, page)}")


def _compare(results: Path, outcome: str, package: str | None, confidence: float, lever_runs: int | None,
             threads: int | None) -> Any:  # fmt: skip
    from clusterpact.extras import require

    require("compare", "report", "scipy", "jinja2")
    from clusterpact.experiments.questions.comparison import compare_result
    from clusterpact.experiments.running.executors import default_threads

    with console.progress(False) as bar:
        return compare_result(results, outcome, package, confidence, lever_runs, threads or default_threads(),
                              bar.report, bar.note)  # fmt: skip


app.command()(account)
for command in (cli_batch.status, cli_batch.merge, cli_batch.verify, cli_batch.archive):
    app.command()(command)
app.command("slurm-script")(cli_batch.slurm_script)


@app.command()
def validate(
    experiment: Annotated[str, typer.Argument(help="An experiment (name or file), or the folder of a cluster.")],
) -> None:
    """Check an experiment or a cluster folder, and say what it holds.

    Example: clusterpact validate my-cluster/
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.sim.scenario import cluster_names, find_cluster, read_scenario

    path = usable_path(Path(experiment), "experiment")
    if path.is_dir() or (not path.exists() and experiment in cluster_names() and experiment not in _experiments()):
        scenario = read_scenario(find_cluster(experiment))
        print(f"{experiment}: fine. {console.describe_scenario(scenario)}")
        return
    loaded = load_experiment(experiment)
    print(f"{experiment}: fine. {loaded.extent}, "
          f"{loaded.first_year}-{loaded.last_year}. {console.describe_scenario(loaded.scenario)}")  # fmt: skip


def _experiments() -> list[str]:
    from clusterpact.experiments.experiment import experiment_names

    return experiment_names()


@app.command("list")
def list_(what: Annotated[str, typer.Argument(help=", ".join(LISTS))]) -> None:
    """List what the library holds and what the model knows.

    Example: clusterpact list parameters
    """
    if what not in LISTS:
        raise InputError("", "list", what, f"expected one of {', '.join(LISTS)}", LISTS)
    from clusterpact.cli import catalogue

    console.print_table(*getattr(catalogue, what)())


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(help="A cluster or its folder, a policy, instrument, parameter, experiment or measure.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for pictures of a cluster: its map and its network of ties.")
    ] = None,
) -> None:
    """Show one thing of the library: a cluster as a portrait on one screen, the rest in full.

    Example: clusterpact show dunkirk --out pictures
    """
    from clusterpact.cli import catalogue

    print(catalogue.describe(name))
    if out is not None:
        for path in catalogue.draw_cluster(name, out):
            print(f"figure:  {path}")


@app.command()
def schedule() -> None:
    """Print the quarter: the numbered list of rules that every run walks.

    Example: clusterpact schedule
    """
    from clusterpact.sim.schedule import SCHEDULE

    rows = [[str(step.number), step.name, step.module, step.meaning] for step in SCHEDULE]
    console.print_table(["#", "rule", "module", "what it does"], rows)


@app.command()
def replay(
    results: ResultFolder,
    policy: Annotated[str | None, typer.Option(help="Policy; default: the baseline.")] = None,
    run: Annotated[int, typer.Option(help="Number of the run.", min=0)] = 0,
    agent: Annotated[str | None, typer.Option(help="Only lines about agents whose name holds this text.")] = None,
) -> None:
    """Reopen one run of a result as a Mesa model and print its story in dated lines.

    Example: clusterpact replay runs/dunkirk-0123456789ab --policy pact --run 7
    """
    from clusterpact.experiments.folder.replay import replay_run

    story = replay_run(results, policy, run)
    for line in story.lines:
        if agent is None or agent.lower() in line.lower():
            print(line)
    print(story.verdict)
    if story.matches is False:
        raise typer.Exit(1)


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to make; it must not exist.")]) -> None:
    """Make a folder to start from: a small cluster and an experiment, commented, ready to run.

    Example: clusterpact new my-region
    """
    from clusterpact.experiments.making.starter import write_starter

    write_starter(folder)
    print(f"{folder}: written. Next: edit {folder}/firms.csv, then clusterpact run {folder}/experiment.toml")


def main() -> None:
    """Entry point: mistakes of users end in one line on stderr and exit code 2; a polite kill is an interrupt."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        code = app(standalone_mode=False)
    except InputError as error:
        console.fail(str(error))
        code = 2
    except UsageError as error:
        console.fail(_usage(error))
        code = 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        console.fail(f"{str(error.filename or 'file')[:100]}: {error.strerror or error}")
        code = 2
    if code == INTERRUPTED:
        console.fail("interrupted; the same command resumes where it stopped")
    sys.exit(code or 0)


def _usage(error: Any) -> str:
    """One line for a mistake in the command line itself."""
    text = " ".join(str(error.format_message()).split()).rstrip(".")
    options = getattr(getattr(error, "param", None), "opts", [])
    given = [value for option, value in zip(sys.argv, sys.argv[1:], strict=False) if option in options]
    return f"{text} (got {given[0][:80]!r})" if given and given[0] not in text else text


if __name__ == "__main__":
    main()
