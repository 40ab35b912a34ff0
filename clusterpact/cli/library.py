"""Commands on what the library holds and what people write: `list`, `show`, `schedule`, `validate`, `new`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clusterpact.cli import console
from clusterpact.cli.options import AsJson, Policies, Settings
from clusterpact.inputs import Doubt, InputError, usable_path, with_lines

if TYPE_CHECKING:
    from clusterpact.sim.scenario import Scenario

LISTS = ("clusters", "policies", "instruments", "parameters", "experiments", "ensembles", "measures", "rules", "signals")


def validate(
    experiment: Annotated[str, typer.Argument(help="An experiment (name or file), or the folder of a cluster.")],
    policy: Policies = None,
    set_: Settings = None,
) -> None:
    """Check an experiment or a cluster folder, and say what it holds, or all mistakes in it with their lines.

    Example: clusterpact validate my-cluster/
    """
    try:
        _validate(experiment, policy, set_)
    except InputError as mistake:
        for one in with_lines(mistake):
            console.fail(str(one))
        raise typer.Exit(2) from None


def _validate(experiment: str, policy: list[str] | None, settings: list[str] | None) -> None:
    """Check an experiment or a cluster folder, and say what it holds."""
    console.note(f"reading {experiment}")
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.sim.scenario import cluster_names, find_cluster, read_scenario

    path = usable_path(Path(experiment), "experiment")
    if path.is_dir() or (not path.exists() and experiment in cluster_names() and experiment not in _experiments()):
        scenario = read_scenario(find_cluster(experiment))
        _say_how_read(scenario, scenario.doubts)
        print(f"{experiment}: fine. {console.describe_scenario(scenario)}")
        return
    loaded = load_experiment(experiment, settings or (), policies=policy or None)
    _say_how_read(loaded.scenario, loaded.warnings)
    print(f"{experiment}: fine. {loaded.extent}, "
          f"{loaded.first_year}-{loaded.last_year}. {console.describe_scenario(loaded.scenario)}")  # fmt: skip


def _say_how_read(scenario: "Scenario", warnings: Iterable[Doubt]) -> None:
    """Print how tables were read where that is not as they are usually written, and what looks wrong."""
    from clusterpact.sim.scenario import ways_of_reading

    for line in ways_of_reading(scenario):
        print(line)
    console.warn(warnings)


def _experiments() -> list[str]:
    from clusterpact.experiments.layers import experiment_names

    return experiment_names()


def list_(what: Annotated[str, typer.Argument(help=", ".join(LISTS))], json: AsJson = False) -> None:
    """List what the library holds and what the model knows.

    Example: clusterpact list parameters
    """
    if what not in LISTS:
        raise InputError("", "list", what, f"expected one of {', '.join(LISTS)}", LISTS)
    from clusterpact.cli import catalogue

    listing: catalogue.Listing = getattr(catalogue, what)()
    if json:
        console.print_json(listing.data)
    else:
        console.print_table(listing.header, listing.rows)


def show(
    name: Annotated[
        str,
        typer.Argument(help="A cluster or its folder, a policy or its file, instrument, parameter, experiment or measure."),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for pictures of a cluster: its map and its network of ties.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show one thing of the library: a cluster as a portrait on one screen, the rest in full.

    Example: clusterpact show dunkirk --out pictures
    """
    from clusterpact.cli import catalogue

    if json:
        console.print_json({part.kind: part.data for part in catalogue.find(name)})
    else:
        print(catalogue.describe(name))
    if out is not None:
        for path in catalogue.draw_cluster(name, out):
            print(f"figure:  {path}")


def schedule() -> None:
    """Print the quarter: the numbered list of rules that every run walks.

    Schedules of instruments are another thing (`clusterpact show pact`): they hold in steps, prices go in lines.

    Example: clusterpact schedule
    """
    from clusterpact.sim.schedule import SCHEDULE

    rows = [[str(step.number), step.name, step.module, step.meaning] for step in SCHEDULE]
    console.print_table(["#", "rule", "module", "what it does"], rows)


def new(folder: Annotated[Path, typer.Argument(help="Folder to make; it must not exist.")]) -> None:
    """Make a folder to start from: a small cluster with units, projects and buyers, and an experiment, ready to run.

    Example: clusterpact new my-region
    """
    from clusterpact.experiments.making.starter import write_starter

    write_starter(folder)
    print(f"{folder}: written. Next: edit {folder}/*.csv, then clusterpact run {folder}/experiment.toml")
