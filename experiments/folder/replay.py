"""Reopens any run of a result as a Mesa model, and checks that it is the same run."""

from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.experiments.experiment import MOST_RUNS, Experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.whole import refuse_changed
from clusterpact.experiments.running.shards import numbers_of, parameters_of, with_practices, world_of
from clusterpact.inputs import InputError
from clusterpact.results.recorded import RECORDINGS, table_path
from clusterpact.sim.model import ClusterModel


@dataclass(frozen=True)
class Story:
    """A replayed run: its dated lines, the model, and whether it gave the numbers that the result holds (None: no years)."""

    lines: list[str]
    model: ClusterModel
    matches: bool | None
    verdict: str
    agents: list[str]


def reopen_run(experiment: Experiment, policy: str, run: int, **classes: type) -> ClusterModel:
    """One run of an experiment as a Mesa model at its first quarter; `classes` (firm=…) replace agent classes.

    Any run number will do, also beyond the experiment's runs. Raises InputError for another policy, number or class.
    """
    place = _checked(experiment, policy, run, range(MOST_RUNS))
    world = world_of(experiment, place)
    number = int(numbers_of(experiment, run, 1)[0])
    parameters = with_practices(parameters_of(experiment, run, 1), experiment.policies[place])
    return ClusterModel(world, number, parameters, **classes)


def _checked(experiment: Experiment, policy: str, run: int, runs: range, where: object = "") -> int:
    """The place of a policy; raises InputError if the experiment has no such policy, or there is no such run."""
    names = [package.name for package in experiment.policies]
    if policy not in names:
        place = "in this result" if where else f"among the policies of {experiment.name}"
        raise InputError(where, "policy", policy, f"not {place}", names)
    if type(run) is bool or not isinstance(run, Integral) or run not in runs:
        raise InputError(where, "run", run, f"expected {runs[0]} to {runs[-1]}")
    return names.index(policy)


def replay_run(folder: Path, policy: str | None, run: int) -> Story:
    """Replay a run of a result folder from start to end."""
    experiment = reopen(folder)
    refuse_changed(folder, "series")
    policy = policy or experiment.baseline
    _checked(experiment, policy, run, range(experiment.first_run, experiment.first_run + experiment.runs), folder)
    model = reopen_run(experiment, policy, run).run()
    recorded = recorded_years(folder, policy, run)
    same: bool | None = recorded is not None and recorded.equals(model.yearly().reset_index(drop=True))
    if "series" not in RECORDINGS[experiment.recording]:
        same = None
        verdict = f"({folder} records outcomes only, so there are no years to compare with)"
    elif same:
        verdict = f"(the same numbers, to the last bit, as {folder} holds for {policy}, run {run})"
    elif recorded is None:
        verdict = f"({folder} holds no such run: it failed, or the result is not complete)"
    else:
        verdict = f"(not the numbers that {folder} holds: another processor's maths library may differ)"
    world = model.world
    agents = [*world.firm_names, *world.network_names, *world.names["governments"], *world.names["buyers"]]
    return Story(model.chronicle.lines(), model, same, verdict, agents)


def recorded_years(folder: Path, policy: str, run: int) -> pd.DataFrame | None:
    """The years of one run as the result holds them; None if it does not."""
    path = table_path(folder, "series")
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path, filters=[("policy", "==", policy), ("run", "==", run)])
    except (pa.ArrowException, OSError):
        raise InputError(path, "table", None, "is damaged; run the experiment again to mend it") from None
    if len(table) == 0:
        return None
    frame: pd.DataFrame = table.to_pandas().drop(columns=["policy", "run"])
    return frame.astype({"year": "int64"})
