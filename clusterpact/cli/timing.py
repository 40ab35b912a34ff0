"""The command `timing`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import Seed, Settings, Threads

if TYPE_CHECKING:
    from clusterpact.results.about import Timing


def timing(
    experiment: Annotated[str, typer.Argument(help="An experiment of the library, its file, or the folder of a result.")],
    set_: Settings = None,
    policy: Annotated[str | None, typer.Option(help="Package to time; default: the last of the experiment.")] = None,
    outcome: Annotated[str, typer.Option(help="Outcome that effects are counted in.")] = "cumulative_mt",
    runs: Annotated[
        int | None, typer.Option(help="Runs per variant; default: the experiment's, at most 200.", min=2)
    ] = None,
    instrument: Annotated[
        list[str] | None,
        typer.Option(help="Instrument to time, or `all` of them; repeatable; default: the package's."),
    ] = None,
    every: Annotated[int, typer.Option(help="Years between those that are run first.", min=1, max=80)] = 3,
    chance: Annotated[float, typer.Option(help="Chance that a target is to have.", min=0.01, max=0.99)] = 0.5,
    co2_value: Annotated[
        float | None,
        typer.Option(
            "--co2-value-eur-per-t", help="Value of CO2; default: the baseline's mean carbon price.", min=0.0, max=10_000.0
        ),
    ] = None,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: timing in the result, or runs/NAME-timing-ID.")] = None,
    threads: Threads = None,
) -> None:
    """Say when each instrument must start, and may end, to be worth its while: alone, within a package, and for the targets.

    Example: clusterpact timing dunkirk --policy four-pillars --runs 200
    """  # fmt: skip
    from clusterpact.extras import require

    require("timing", "report", "scipy")
    from clusterpact.experiments.questions.source import source_of
    from clusterpact.experiments.questions.timing import Asked, draw, folder_of
    from clusterpact.experiments.questions.timing import timing as ask
    from clusterpact.experiments.running.local import default_threads
    from clusterpact.experiments.running.session import RunOptions

    loaded, result = source_of(experiment, set_ or [], seed)
    folder = out or folder_of(loaded, result)
    asked = Asked(outcome, policy, runs, tuple(instrument or ()), every, chance, co2_value)
    console.warn(loaded.warnings)
    with console.progress(False) as bar:
        found = ask(loaded, folder, asked, RunOptions(threads=threads or default_threads(), progress=bar))
    for line in describe(found):
        print(line)
    print(f"tables:  {folder}/ ({', '.join(f'{name}.csv' for name in found.tables)})")
    print(f"figures: {', '.join(str(path) for path in draw(found))}")


def describe(found: "Timing") -> list[str]:
    """What is said of timing, in lines for the screen."""
    from clusterpact.results.report.timing import timing_lines

    title = f"{found.about.title} · {found.package} against {found.about.baseline} · {found.label}"
    return [title, "", *console.headed(timing_lines(found)), ""]
