"""The command `lab`."""

from pathlib import Path
from typing import Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import Settings
from clusterpact.inputs import InputError


def lab(
    experiment: Annotated[
        str, typer.Argument(help="An experiment of the library, its file, or the folder of a result.")
    ] = "dunkirk",
    set_: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="File of the page; default: NAME-lab.html, or lab.html in the result.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language that it opens in: en, fr or de; default: the reader's.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Write the lab: one page that runs the experiment while you move things, with the runs of `clusterpact run` bit by bit.

    The page holds the rules and all data; it asks no server for anything, and works from a disk and on a phone.

    Example: clusterpact lab dunkirk --open
    """
    from clusterpact.experiments.questions.source import source_of
    from clusterpact.lab.page import write_lab

    loaded, result = source_of(experiment, set_ or [])
    console.warn(loaded.warnings)
    path = out or (Path(f"{loaded.name}-lab.html") if result is None else result / "lab.html")
    if path.is_dir():
        raise InputError("", "--out", str(path), "is a folder; expected the name of a file")
    base = loaded.name if result is not None or experiment == loaded.name else Path(experiment).name
    print(f"page:    {write_lab(loaded, path, base, language)}")
    if open_:
        typer.launch(path.resolve().as_uri())
