"""Commands on the folder of a result: `merge`, `verify`, `archive`, `export`, `replay`, `extend`."""

from pathlib import Path
from typing import Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import ResultFolder, Threads
from clusterpact.cli.run_options import Figures, NoFigures, Out, Quiet, TimeBudget, kinds_of
from clusterpact.inputs import InputError


def merge(results: ResultFolder) -> None:
    """Check that all shards of a result are there and whole, and write its tables.

    Example: clusterpact merge runs/dunkirk-0123456789ab
    """
    from clusterpact.experiments.folder.reopen import reopen
    from clusterpact.experiments.running.session import merge_result
    from clusterpact.results.recorded import RECORDINGS

    experiment = reopen(results)
    with console.progress(False) as bar:
        failed = merge_result(experiment, results, bar)
    print(f"tables:  {results}/tables ({', '.join(RECORDINGS[experiment.recording])}), {failed:,} failed runs")
    if failed:
        raise typer.Exit(1)


def verify(
    results: ResultFolder,
    runs: Annotated[int, typer.Option(help="Runs to compute again, drawn over all policies.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Seed of the draw.", min=0)] = 0,
    executor: Annotated[str, typer.Option(help="Where they are computed: local or gpu.")] = "local",
) -> None:
    """Compute a random sample of runs again and confirm that the tables hold the same numbers, to the last bit.

    Example: clusterpact verify runs/dunkirk-0123456789ab --runs 50
    """
    console.note("reopening the result")
    from clusterpact.experiments.folder.again import again_on
    from clusterpact.experiments.folder.verify import verify_result

    verdict = verify_result(results, runs, seed, again_on(executor))
    for line in verdict.lines:
        print(line)
    if not verdict.holds:
        raise typer.Exit(1)


def archive(
    results: ResultFolder,
    file: Annotated[Path | None, typer.Option(help="File to write; default: the folder's name with .zip.")] = None,
) -> None:
    """Pack a finished result into one zip with a README and checksums, ready to deposit with a paper.

    Example: clusterpact archive runs/dunkirk-0123456789ab
    """
    console.note("packing the result")
    from clusterpact.experiments.folder.archive import write_archive

    path, size = write_archive(results, file)
    print(f"archive: {path} ({size / 1e6:,.1f} MB); check it with sha256sum -c SHA256SUMS after unpacking")


def export(
    results: ResultFolder,
    xlsx: Annotated[Path | None, typer.Option(help="An Excel workbook to write: a sheet per table, with units.")] = None,
    iamc: Annotated[Path | None, typer.Option(help="Years by variable, as pyam reads them: .csv or .xlsx.")] = None,
) -> None:
    """Write a finished result for other programs: as an Excel workbook, or in the IAMC format of scenario databases.

    Example: clusterpact export runs/dunkirk-0123456789ab --xlsx dunkirk.xlsx --iamc dunkirk.csv
    """
    from clusterpact.experiments.folder.export import export_result

    for path in export_result(results, xlsx, iamc):
        print(f"export:  {path}")


def replay(
    results: ResultFolder,
    policy: Annotated[str | None, typer.Option(help="Policy; default: the baseline.")] = None,
    run: Annotated[int, typer.Option(help="Number of the run.", min=0)] = 0,
    agent: Annotated[str | None, typer.Option(help="Only lines about agents whose name holds this text.")] = None,
) -> None:
    """Reopen one run of a result as a Mesa model and print its story in dated lines.

    Example: clusterpact replay runs/dunkirk-0123456789ab --policy pact --run 7
    """
    console.note("reopening the result")
    from clusterpact.experiments.folder.replay import replay_run

    story = replay_run(results, policy, run)
    if agent is not None and not (names := [name for name in story.agents if agent.lower() in name.lower()]):
        raise InputError("", "--agent", agent, "no agent has this in its name", story.agents)
    told = [line for line in story.lines if agent is None or agent.lower() in line.lower()]
    for line in told:
        print(line)
    if not told:
        print(f"({', '.join(names)}: nothing to tell)" if agent is not None else "(nothing to tell)")
    print(story.verdict)
    if story.matches is False:
        raise typer.Exit(1)


def extend(
    results: ResultFolder,
    runs: Annotated[int, typer.Option(help="Runs per policy of the larger result.", min=1)],
    out: Out = None,
    threads: Threads = None,
    time_budget: TimeBudget = None,
    figures: Figures = "png",
    no_figures: NoFigures = False,
    quiet: Quiet = False,
) -> None:
    """Make a larger result of one that is complete: its runs are kept, only the others are computed.

    The tables are those of the larger experiment run from the start, byte for byte; the smaller result stays as it is. On
    Dask or Slurm, clusterpact run goes on with the new folder.

    Example: clusterpact extend runs/dunkirk-0123456789ab --runs 2000
    """
    from clusterpact.cli.run import do, parse_budget
    from clusterpact.experiments.running.extension import begin_extension
    from clusterpact.experiments.running.local import Local, default_threads
    from clusterpact.experiments.running.session import RunOptions

    console.note("reopening the result")
    with console.progress(quiet) as bar:
        experiment, folder = begin_extension(results, runs, out, bar)
    options = RunOptions(executor=Local(threads or default_threads()), budget_s=parse_budget(time_budget))
    raise typer.Exit(do(experiment, folder, options, kinds_of(figures, no_figures), quiet))
