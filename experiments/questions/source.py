"""What a question is asked of: an experiment, or a complete result, whose experiment it is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.experiments.layers import settings as set_by
from clusterpact.experiments.layers import varied
from clusterpact.experiments.running.shards import draws_of, world_of
from clusterpact.experiments.search.settings import SearchFile, search_of
from clusterpact.inputs import InputError, at_home, is_there
from clusterpact.results.statistics.compare import Compared, compared_outcomes
from clusterpact.results.store import tables_of
from clusterpact.sim.runs import RunArrays

SEARCH = tuple(f"search.{key}" for key in SearchFile.model_fields)


def source_of(name: str, settings: Sequence[str] = (), seed: int | None = None,
              searching: bool = False) -> tuple[Experiment, Path | None]:  # fmt: skip
    """The experiment that is asked for and None, or that of a complete result and its folder.

    settings, seed: as of an experiment. Of a result they have no effect, but for keys of `[search]` where it is searched for
    packages (`searching`). Raises InputError.
    """
    folder = at_home(name, "experiment")
    if not is_there(folder / "manifest.json"):
        return load_experiment(name, settings, seed=seed), None
    wanted = [text for text in settings if searching and text.strip().startswith("search.")]
    for option, value in (("--set", [text for text in settings if text not in wanted]), ("--seed", seed)):
        if value:
            raise InputError("", option, value, f"has no effect on the runs of a result ({folder}); expected an experiment")
    experiment = reopen_whole(folder)
    if not wanted:
        return experiment, folder
    try:
        return with_search(experiment, set_by(wanted, {}, SEARCH)["search"]), folder
    except InputError as mistake:
        raise mistake if mistake.key.startswith("--set") else mistake.moved("", f"--set {mistake.key}") from None


def with_search(experiment: Experiment, changes: dict[str, Any]) -> Experiment:
    """The experiment with keys of `[search]` laid over what it is searched for; raises InputError."""
    held = {} if experiment.searching is None else experiment.searching.written
    laid = varied({"search": held}, {"search": changes})["search"]
    return replace(experiment, searching=search_of(laid, experiment, ""))


def outcomes_of(experiment: Experiment) -> dict[str, Compared]:
    """What is compared of an experiment's outcomes, by column, without any runs."""
    world, name = world_of(experiment, 0), experiment.policies[0].name
    few = replace(experiment, recording="outcomes")
    empty = tables_of(name, 0, RunArrays.empty(0, world), world, draws_of(experiment, 0, 0), few.recorded)
    return {item.column: item for item in compared_outcomes(empty["outcomes"].to_pandas())}
