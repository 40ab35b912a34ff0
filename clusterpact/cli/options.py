"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

ExperimentName = Annotated[str, typer.Argument(help="An experiment of the library, or the path of an experiment file.")]
ResultFolder = Annotated[Path, typer.Argument(help="The folder of a result, such as runs/dunkirk-0123456789ab.")]
Runs = Annotated[int | None, typer.Option(help="Runs per policy, instead of the file's.", min=1)]
Seed = Annotated[int | None, typer.Option(help="Seed, instead of the file's.", min=0)]
Threads = Annotated[int | None, typer.Option(help="Threads; default: all cores.", min=1, max=1024)]
