"""Arguments and options that several commands share."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from clusterpact.inputs import at_home
from clusterpact.memory import ask_for

ExperimentName = Annotated[str, typer.Argument(help="An experiment of the library, or the path of an experiment file.")]
ResultFolder = Annotated[Path, typer.Argument(help="The folder of a result, such as runs/dunkirk-0123456789ab.")]
Policies = Annotated[
    list[str] | None,
    typer.Option("--policy", help="Policy to run instead of the file's, by its name or file (.toml); repeatable."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="KEY=VALUE laid over the file, such as seed=7 or targets.2030=0.5; repeatable."),
]
Runs = Annotated[int | None, typer.Option(help="Runs per policy, instead of the file's.", min=1)]
Seed = Annotated[int | None, typer.Option(help="Seed, instead of the file's.", min=0)]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")]
Threads = Annotated[int | None, typer.Option(help="Threads; default: all cores.", min=1, max=1024)]


#: Address space that a command takes with its libraries, bytes: the smallest run took 1.03 GB.
COMMAND_BYTES = 1_000_000_000


def checked(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that first asks for the memory that it takes, and whose paths may start with `~`.

    Shells leave `~` as it is in `--out=~/x` and within quotes.
    """

    def expanded(name: str, value: Any) -> Any:
        if isinstance(value, Path):
            return at_home(value, name)
        return [expanded(name, one) for one in value] if isinstance(value, list) else value

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        ask_for(COMMAND_BYTES)
        return command(**{name: expanded(name, value) for name, value in given.items()})

    return run
