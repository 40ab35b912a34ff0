"""The command `discover`."""

from typing import Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import ResultFolder


def discover(
    results: ResultFolder,
    event: Annotated[
        str | None,
        typer.Option(help="What to look for, such as 'cumulative_mt > 200', 'fid_year_dhune <= 2032' or "
                     "'difference(cumulative_mt) > 0'; default: the last target is not met."),
    ] = None,
    policy: Annotated[str | None, typer.Option(help="Package to look at; default: least expected regret in CO2.")] = None,
    against: Annotated[str | None, typer.Option(help="Package that a difference is to; default: the baseline.")] = None,
    events_until: Annotated[
        int | None, typer.Option(help="Last year of early events of a run; default: seven years after the first.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of which runs are held out; default: the result's.", min=0)] = None,
) -> None:  # fmt: skip
    """Say in which futures an event comes: boxes (PRIM) and a tree (CART) over what was drawn and what came early.

    Example: clusterpact discover runs/dunkirk-0123456789ab --event 'fid_year_dhune == never'
    """
    from clusterpact.extras import require

    require("discover", "discover", "scipy", "sklearn")
    console.note("reopening the result")
    from clusterpact.experiments.questions.discovery import FOLDER, discover_result
    from clusterpact.results.report.discovered import told

    found = discover_result(results, event, policy, against, events_until, seed)
    print(f"{found.about.title}")
    for line in told(found):
        print(line)
    print(f"tables:  {results / FOLDER}/ ({', '.join(found.tables)})\nfigure:  {results / FOLDER / 'boxes.png'}")
