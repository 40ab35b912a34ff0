"""The commands `compare` and `report`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import ResultFolder, Threads
from clusterpact.inputs import InputError
from clusterpact.results.language import page_of

if TYPE_CHECKING:
    from clusterpact.results.about import Comparison

Outcome = Annotated[str, typer.Option(help="Outcome that regret, contributions and levers look at.")]
PackageName = Annotated[str | None, typer.Option(help="Package to take apart; default: least expected regret.")]
Confidence = Annotated[float, typer.Option(help="Confidence of a milestone's latest dates.", min=0.5, max=0.99)]
LeverRuns = Annotated[
    int | None, typer.Option(help="Runs per lever; default: as many as tell an effect that matters; 0 runs none.", min=0)
]
PageLanguage = Annotated[
    str, typer.Option("--language", help="Language of the page, as in --language fr: en, fr or de; other than English it is "
                      "written to report.fr.html and so on.")
]  # fmt: skip
Bounds = Annotated[
    list[str] | None,
    typer.Option("--bound", help="What a future is to meet, such as 'cumulative_mt <= 200', for the share of futures that "
                 "satisfy; repeatable; default: all targets."),
]  # fmt: skip
Value = Annotated[
    float | None,
    typer.Option("--co2-value-eur-per-t", help="Value of CO2 that levers are ranked by; default: the baseline's mean carbon "
                 "price.", min=0.0, max=10_000.0),
]  # fmt: skip


def compare(
    results: ResultFolder,
    outcome: Outcome = "cumulative_mt",
    package: PackageName = None,
    confidence: Confidence = 0.8,
    lever_runs: LeverRuns = None,
    co2_value: Value = None,
    bound: Bounds = None,
    threads: Threads = None,
) -> None:
    """Compare the packages of a result: paired differences, regret, contributions, roadmaps, levers; as tables.

    Example: clusterpact compare runs/dunkirk-0123456789ab --outcome abated_share_2050
    """
    found = _compare(results, outcome, package, confidence, lever_runs, threads, co2_value, bound)
    from clusterpact.cli.compare_text import describe
    from clusterpact.experiments.questions.comparison import FOLDER

    for line in describe(found):
        print(line)
    print(f"tables:  {results / FOLDER}/ ({', '.join(found.tables)})")
    print(f"page:    clusterpact report {results}")


def report(
    results: ResultFolder,
    outcome: Outcome = "cumulative_mt",
    package: PackageName = None,
    confidence: Confidence = 0.8,
    lever_runs: LeverRuns = None,
    co2_value: Value = None,
    bound: Bounds = None,
    out: Annotated[Path | None, typer.Option(help="File of the page; default: report.html in the result.")] = None,
    language: PageLanguage = "en",
    with_lab: Annotated[bool, typer.Option("--lab", help="Also write the lab beside the page, and link to it.")] = False,
    threads: Threads = None,
) -> None:
    """Write one self-contained HTML page about a result: the answer, how sure, why, and who should do what next.

    Example: clusterpact report runs/dunkirk-0123456789ab --language fr
    """
    page = out or page_of(results, language)
    if page.is_dir():
        raise InputError("", "--out", str(page), "is a folder; expected the name of a file")
    found = _compare(results, outcome, package, confidence, lever_runs, threads, co2_value, bound)
    from clusterpact.experiments.folder.whole import reopen_whole
    from clusterpact.experiments.questions.plants import with_typical_run
    from clusterpact.results.report.page import write_report

    with console.progress(False) as bar:
        found = with_typical_run(found, bar)

    lab = page.with_name("lab.html") if with_lab else None
    print(f"page:    {write_report(found, page, language, lab)}")
    if lab is not None:
        from clusterpact.lab.page import write_lab

        print(f"lab:     {write_lab(reopen_whole(results), lab, start=language)}")


def _compare(results: Path, outcome: str, package: str | None, confidence: float, lever_runs: int | None,
             threads: int | None, co2_value: float | None, bounds: list[str] | None) -> "Comparison":  # fmt: skip
    from clusterpact.extras import require

    require("compare", "report", "scipy", "jinja2")
    from clusterpact.experiments.folder.reopen import reopen
    from clusterpact.experiments.questions.comparison import compare_result
    from clusterpact.experiments.running.local import default_threads
    from clusterpact.experiments.running.session import RunOptions

    console.warn(reopen(results).scenario.doubts)
    with console.progress(False) as bar:
        options = RunOptions(threads=threads or default_threads(), progress=bar)
        return compare_result(results, outcome, package, confidence, lever_runs, options, co2_value, bounds or ())
