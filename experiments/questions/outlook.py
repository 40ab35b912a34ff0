"""`clusterpact outlook`: chances of every project in hand by year, written down so that they can be scored later."""

from pathlib import Path

import numpy as np
import pandas as pd

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.inputs import InputError, Record, read_table
from clusterpact.results.recorded import RECORDINGS
from clusterpact.results.statistics.scores import reliability, score_events
from clusterpact.results.summary import read_table as read_result
from clusterpact.sim.amounts import Share, Year
from clusterpact.sim.pipeline import DECIDED_STAGES
from clusterpact.sim.record import FATES_FILE, Fate
from clusterpact.texts import unmarked

EVENTS = {"fid": "fid_year", "started": "start_year", "given_up": "given_up_year"}


class Chance(Record):
    """One row of an outlook: chances that a project is decided, has started, or is given up by the end of a year."""

    cluster: str
    agent: str
    project: str
    stage: str
    planned_start_year: Year | None = None
    by_year: Year
    fid_chance: Share
    started_chance: Share
    given_up_chance: Share


def outlook(folders: list[Path], until: int, policy: str | None = None) -> pd.DataFrame:
    """Chances of all projects in hand of results, under a policy (the baseline), by the end of every year until one.

    A row per project and year: shares of runs. Raises InputError for a result without projects, or one that ends before.
    """
    rows: list[dict[str, object]] = []
    for folder in folders:
        experiment = reopen_whole(folder)
        rows += _chances(experiment, folder, until, policy or experiment.baseline)
    return pd.DataFrame(rows)


def _chances(experiment: Experiment, folder: Path, until: int, policy: str) -> list[dict[str, object]]:
    names = [package.name for package in experiment.policies]
    if policy not in names:
        raise InputError("", "--policy", policy, "not among the result's policies", names)
    if not experiment.first_year <= until <= experiment.last_year:
        expected = f"expected a year of the horizon ({experiment.first_year} to {experiment.last_year})"
        raise InputError("", "--until", until, expected)
    if "pipeline" not in RECORDINGS[experiment.recording]:
        expected = 'keeps no dates of projects; expected a result with recording = "yearly" or more'
        raise InputError(folder, "recording", experiment.recording, expected)
    plants = read_result(folder, "pipeline")
    plants = plants[plants["policy"] == policy]
    networks = read_result(folder, "projects")
    networks = networks[(networks["policy"] == policy) & (networks["kind"] == "network")]
    rows: list[dict[str, object]] = []
    for project in experiment.scenario.projects:
        mine = plants[(plants["agent"] == project.agent) & (plants["project"] == project.name)]
        if project.network:
            mine = networks[networks["agent"] == project.network].assign(given_up_year=np.nan)
        for year in range(experiment.first_year, until + 1):
            row: dict[str, object] = {
                "cluster": experiment.scenario.file.name, "agent": project.agent, "project": project.name,
                "stage": project.stage, "planned_start_year": project.start_year, "by_year": year,
            }  # fmt: skip
            row |= {f"{event}_chance": float((mine[column] < year + 1).mean()) for event, column in EVENTS.items()}
            rows.append(row)
    if not rows:
        raise InputError(folder, "outlook", None, "has no projects in hand; expected a cluster with a projects.csv")
    return rows


def score_outlook(path: Path, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of an outlook's chances against `record-projects.csv` of a folder, and their reliability.

    Each project is scored at its as_of_year, where the outlook has that year; what was decided before, by its start alone.
    Raises InputError where no project is in both.
    """
    told = {(row.agent.rpartition("/")[2], unmarked(row.project), row.by_year): row for row in read_table(path, Chance)}
    known = {(agent, project) for agent, project, _ in told}
    pairs: dict[str, list[tuple[float, bool]]] = {event: [] for event in EVENTS}
    for fate in read_table(folder / FATES_FILE, Fate):
        if (fate.agent, fate.name) not in known:
            where = f"{folder / FATES_FILE}: {fate.name}"
            raise InputError(where, "name", fate.name, f"no such project of {fate.agent!r} in {path.name}")
        chance = told.get((fate.agent, fate.name, fate.as_of_year))
        for event, column in EVENTS.items():
            if chance is not None and (event == "started" or chance.stage not in DECIDED_STAGES):
                pairs[event].append((getattr(chance, f"{event}_chance"), getattr(fate, column) is not None))
    pairs = {event: scored for event, scored in pairs.items() if scored}
    if not pairs:
        raise InputError(folder / FATES_FILE, "as_of_year", None, "no project in a year that the outlook speaks of")
    rows, chances, came = [], [], []
    for event, scored in pairs.items():
        given, happened = np.array([pair[0] for pair in scored]), np.array([pair[1] for pair in scored])
        rows.append({"event": event.replace("_", " ")} | score_events(given, happened))
        chances.append(given)
        came.append(happened)
    return pd.DataFrame(rows), reliability(np.concatenate(chances), np.concatenate(came))
