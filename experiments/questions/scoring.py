"""`clusterpact score`: a result set against the record of what came, which lies beside its cluster's files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pyarrow import ArrowException
from pyarrow import compute as pc

from clusterpact.experiments.experiment import Experiment
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError
from clusterpact.results.recorded import table_path
from clusterpact.results.statistics.scores import (
    random_walks,
    reliability,
    score_count,
    score_events,
    score_window,
    score_years,
)
from clusterpact.results.summary import read_table
from clusterpact.results.tables import csv_bytes
from clusterpact.sim.options import family
from clusterpact.sim.record import PastRecord, read_record
from clusterpact.sim.runs import PLANT_COLUMNS
from clusterpact.sim.scenario import Scenario

FOLDER = "score"
DOWN = (0.3, 0.5, 0.8)  #: shares by which plants emit less than at the start, that are counted
DEEP = 0.8  #: share of its emissions by which a plant that switched emits less
#: What is counted of plants, by its key, in words.
COUNTS = {"deep": "deep switches", **{f"down_{100 * share:.0f}": f"down {share:.0%} and running" for share in DOWN},
          "closed": "closed"}  # fmt: skip
IN_TIME_YEARS = 2
UNKNOWN_SHARE = 0.05  #: a year is scored on the plants that are known, if the others emitted at most so much at the start
LINKED = "heat link"  #: family of a plant that saves by a neighbour's heat and has no project


@dataclass(frozen=True)
class Scores:
    """What a score says; tables without rows where the record has nothing to say.

    years: a row per scored year of total emissions (kt); windows: their coverage and skill; counts: plants by the end of
    each window; events: projects by kind of event; reliability: events by the chance that they were given; projects: a row
    per project with chances and what came.
    """

    years: pd.DataFrame
    windows: pd.DataFrame
    counts: pd.DataFrame
    events: pd.DataFrame
    reliability: pd.DataFrame
    projects: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, those without rows left out."""
        return {name: table for name, table in vars(self).items() if len(table)}

    def as_json(self) -> str:
        """All tables as JSON, a list of rows each; what is not defined is null."""
        return json.dumps(
            {name: json.loads(table.to_json(orient="records")) for name, table in self.tables.items()}, indent=1
        )


@dataclass(frozen=True)
class PlantYears:
    """What plants did in runs: kt a year of shape (runs, plants, years), of plants (whole) in the order of `sites`."""

    sites: tuple[str, ...]
    years: list[int]
    base: np.ndarray
    scope1: np.ndarray
    switched: np.ndarray
    closed: np.ndarray
    output: np.ndarray
    family: np.ndarray  #: of what the plant's most switched unit decided for last, (runs, plants), "" if none did

    @property
    def has_closed(self) -> np.ndarray:
        """Whether plants emitted nothing in a year because they had closed, (runs, plants, years)."""
        gone: np.ndarray = (self.scope1 <= 1e-9 * self.base[:, None]) & (self.closed > 0)
        return gone

    @property
    def is_deep(self) -> np.ndarray:
        """Whether plants that run emit less by `DEEP` for what they switched to, (runs, plants, years)."""
        made = self.base[:, None] - self.output
        deep: np.ndarray = (self.switched >= DEEP * made) & (made > 0) & ~self.has_closed
        return deep

    def counted(self, year: int) -> dict[str, np.ndarray]:
        """Which plants count in each of `COUNTS` in a year (its place), shape (runs, plants)."""
        gone, down = self.has_closed[:, :, year], 1.0 - self.scope1[:, :, year] / self.base
        flags = {"deep": self.is_deep[:, :, year]}
        return flags | {f"down_{100 * share:.0f}": (down >= share) & ~gone for share in DOWN} | {"closed": gone}


def score_result(
    experiment: Experiment, folder: Path, record_folder: Path | None = None, policy: str | None = None
) -> Scores:
    """Score a policy of a complete result (the baseline) against its own record, or one in another folder.

    Raises InputError where there is no record, or the result does not hold what it is compared with.
    """
    scenario = experiment.scenario
    record = scenario.record
    names = [package.name for package in experiment.policies]
    chosen = policy or experiment.baseline
    if chosen not in names:
        raise InputError("", "--policy", chosen, "not among the result's policies", names)
    if record_folder is not None:
        record = read_record(record_folder, list(scenario.plants), scenario.projects, scenario.file.base_year)
    if not record.emitted and not record.fates:
        expected = "no record.csv or record-projects.csv; expected what came beside the cluster's files, or --record FOLDER"
        raise InputError(record_folder or folder, "record", None, expected)
    years, windows, counts = _score_emissions(experiment, folder, record, chosen)
    projects = project_chances(experiment, folder, record, chosen)
    events, bins = _score_projects(projects)
    if not len(years) and not len(events):
        expected = "holds nothing to score: emissions, or projects of plants that were open or due; expected some of these"
        raise InputError(record_folder or folder, "record", None, expected)
    return Scores(years, windows, counts, events, bins, projects)


def windows_of_record(experiment: Experiment, record: PastRecord, folder: Path) -> dict[str, tuple[int, int]]:
    """The windows that the experiment names, or one over the whole record; the first year is given and not scored.

    Raises InputError for a window that the record does not hold.
    """
    known = sorted({row.year for row in record.emitted})
    first, last = known[0] + 1, min(known[-1], experiment.last_year)
    windows = experiment.windows or {"record": (first, last)}
    for name, years in windows.items():
        if not first <= years[0] <= years[1] <= last:
            expected = f"lies outside the record, which can be scored from {first} to {last}"
            raise InputError(folder, f"windows.{name}", list(years), expected)
    return windows


def _score_emissions(
    experiment: Experiment, folder: Path, record: PastRecord, policy: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Totals by year, windows, and counts of plants."""
    if not record.emitted:
        return pd.DataFrame(), pd.DataFrame(), pd.DataFrame()
    windows = windows_of_record(experiment, record, folder)
    span = list(range(experiment.first_year, max(last for _, last in windows.values()) + 1))
    found = plant_years(experiment.scenario, folder, policy, span, tuple(sorted({row.plant for row in record.emitted})))
    seen = observed(record, found)
    spread = np.array([_spread(experiment.scenario, site) for site in found.sites])
    known = ~np.isnan(seen.emitted)
    walks = random_walks(found.base, spread, known[:, 1:], experiment.seed)
    drawn = (found.scope1 * known).sum(axis=1)
    start = (found.base[:, None] * known).sum(axis=0)
    came = np.where(start >= (1.0 - UNKNOWN_SHARE) * found.base.sum(), np.nansum(seen.emitted, axis=0), np.nan)
    totals = score_years(drawn[:, 1:], came[1:], start[1:], walks, span[1:])
    totals["plants_unknown"] = (~known).sum(axis=0)[[span.index(year) for year in totals["year"]]]
    rows, parts, counts = [], [], []
    for name, (first, last) in windows.items():
        part = totals[totals["year"].between(first, last)]
        parts.append(part.assign(window=name))
        rows.append({"window": name, "first_year": first, "last_year": last} | score_window(part))
        counts += [{"window": name, "year": last} | row for row in count_plants(found, seen, span.index(last))]
    columns = ["window", *totals.columns]
    return pd.concat(parts)[columns].reset_index(drop=True), pd.DataFrame(rows), pd.DataFrame(counts)


@dataclass(frozen=True)
class Observed:
    """The record in the order of a result's plants and years: kt a year (NaN: not known), closed, and known as switched."""

    emitted: np.ndarray
    closed: np.ndarray
    switched: np.ndarray
    unswitched: np.ndarray

    def counted(self, base: np.ndarray, year: int) -> dict[str, tuple[int, int]]:
        """The least and most plants that may count in each of `COUNTS` in a year (its place); base: kt at the start.

        The record may not say what plants run. Deep switches in it are the plants that run, emit so much less, and are known
        to have switched; at most, those that are not known to run what they did too. A plant that is not known may have
        done anything.
        """
        closed = self.closed[:, year]
        fell = 1.0 - self.emitted[:, year] / base
        dark = int((np.isnan(fell) & ~closed).sum())
        with np.errstate(invalid="ignore"):
            down = {share: (fell >= share) & ~closed for share in (*DOWN, DEEP)}
        known = int((down[DEEP] & self.switched[:, year]).sum())
        counts = {"deep": (known, int((down[DEEP] & ~self.unswitched[:, year]).sum()) + dark)}
        counts |= {f"down_{100 * share:.0f}": (int(down[share].sum()), int(down[share].sum()) + dark) for share in DOWN}
        return counts | {"closed": (int(closed.sum()), int(closed.sum()) + dark)}


def observed(record: PastRecord, found: PlantYears) -> Observed:
    """The rows of a record as arrays of shape (plants, years)."""
    shape = (len(found.sites), len(found.years))
    emitted = np.full(shape, np.nan)
    closed, switched, unswitched = (np.zeros(shape, bool) for _ in range(3))
    for row in record.emitted:
        if row.year in found.years:
            place = found.sites.index(row.plant), found.years.index(row.year)
            emitted[place] = np.nan if row.scope1_kt_per_year is None else row.scope1_kt_per_year
            closed[place] = bool(row.closed)
            switched[place], unswitched[place] = row.switched == 1, row.switched == 0
    return Observed(emitted, closed, switched, unswitched)


def _spread(scenario: Scenario, site: str) -> float:
    """Standard deviation of the yearly change of a plant's output, by its sector."""
    return scenario.tables.output[scenario.sites[site][0].sector].output_spread_per_year


def plant_years(scenario: Scenario, folder: Path, policy: str, years: list[int], sites: tuple[str, ...]) -> PlantYears:
    """What plants did in the runs of a policy, from the table `plants`; raises InputError if there is none."""
    path = table_path(folder, "plants")
    if not path.is_file():
        expected = 'no table of plants; expected a result of an experiment with recording = "plants"'
        raise InputError(folder, "recording", None, expected)
    try:
        table = pq.read_table(path, filters=(pc.field("policy") == policy) & pc.field("year").isin(years))
    except (ArrowException, OSError):
        raise InputError(path, "table", None, "is damaged; run the experiment again to mend it") from None
    agents = [plant.id for plant in scenario.plants]
    runs = len(table) // (len(agents) * len(years))
    base = np.zeros(len(sites))
    sums = {name: np.zeros((runs, len(sites), len(years))) for name in PLANT_COLUMNS}
    most = np.zeros((runs, len(sites)))
    kind = np.full((runs, len(sites)), "", dtype=object)
    families = _families(scenario, folder, policy, agents)
    columns = {name: table.column(name).to_numpy().reshape(runs, len(agents), len(years)) for name in sums}
    for k, plant in enumerate(scenario.plants):
        if plant.site not in sites:
            continue
        place = sites.index(plant.site)
        base[place] += plant.scope1_kt_per_year
        for name, values in columns.items():
            sums[name][:, place] += values[:, k]
        switched = columns["switched_kt"][:, k].max(axis=1)
        more = switched > most[:, place]
        most[more, place] = switched[more]
        kind[more, place] = families[more, k]
    return PlantYears(sites, years, base, sums["scope1_kt"], sums["switched_kt"], sums["closed_kt"], sums["output_kt"], kind)


def _families(scenario: Scenario, folder: Path, policy: str, agents: list[str]) -> np.ndarray:
    """Family of what every plant or unit decided for last, (runs, agents); a heat link where it decided nothing."""
    kinds = {row.technology: family(row) for row in scenario.tables.technologies}
    projects = read_table(folder, "projects")
    mine = projects[(projects["policy"] == policy) & (projects["kind"] == "plant")]
    names = mine["technology"].map(kinds).fillna(LINKED).to_numpy(object)
    return names.reshape(-1, len(agents))


def count_plants(found: PlantYears, seen: Observed, year: int) -> list[dict[str, Any]]:
    """A row per count of plants in a year (its place), deep switches by the family of what is run too."""
    rows = []
    record = seen.counted(found.base, year)
    for name, flags in found.counted(year).items():
        rows.append({"count": COUNTS[name], "plants": len(found.sites)} | score_count(flags.sum(axis=1), *record[name]))
        for kind in sorted({str(kind) for kind in np.unique(found.family[flags])}) if name == "deep" else ():
            part = score_count((flags & (found.family == kind)).sum(axis=1), 0, record[name][1])
            rows.append({"count": f"{COUNTS[name]}: {kind}", "plants": len(found.sites)} | part)
    return rows


def project_chances(experiment: Experiment, folder: Path, record: PastRecord, policy: str) -> pd.DataFrame:
    """A row per project of the record: chances of FID, of giving up, and of a start in time, and what came.

    A project decided before the start has no chance of its FID or end to speak of (NaN); a start in time is scored where the
    record reaches two years beyond the planned start.
    """
    if not record.fates:
        return pd.DataFrame()
    runs = read_table(folder, "pipeline")
    runs = runs[runs["policy"] == policy]
    decided = {(project.agent, project.name): project.is_decided for project in experiment.scenario.projects}
    rows = []
    for fate in record.fates:
        mine = runs[(runs["agent"] == fate.agent) & (runs["project"] == fate.name)]
        if not len(mine):  # a network's project is in another table
            continue
        planned = mine["planned_start_year"].iloc[0]
        until = fate.as_of_year + 1
        open_at_start = not decided[fate.agent, fate.name]
        in_time = pd.notna(planned) and fate.as_of_year >= planned + IN_TIME_YEARS
        late = planned + IN_TIME_YEARS + 1 if in_time else np.nan
        rows.append({
            "agent": fate.agent, "project": fate.name, "as_of_year": fate.as_of_year, "planned_start_year": planned,
            "fid_chance": float((mine["fid_year"] < until).mean()) if open_at_start else np.nan,
            "fid": float(fate.fid_year is not None) if open_at_start else np.nan,
            "given_up_chance": float((mine["given_up_year"] < until).mean()) if open_at_start else np.nan,
            "given_up": float(fate.given_up_year is not None) if open_at_start else np.nan,
            "in_time_chance": float((mine["start_year"] < late).mean()) if in_time else np.nan,
            "in_time": float(fate.start_year is not None and fate.start_year < late) if in_time else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)


EVENTS = {"fid": "decided (FID)", "given_up": "given up", "in_time": f"started within {IN_TIME_YEARS} years of the plan"}


def _score_projects(projects: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of the chances of events, and how reliable they are."""
    if not len(projects):
        return pd.DataFrame(), pd.DataFrame()
    from scipy import stats

    rows, chances, came = [], [], []
    for event, words in EVENTS.items():
        known = projects[projects[event].notna()]
        if not len(known):
            continue
        happened, chance = known[event].to_numpy(bool), known[f"{event}_chance"].to_numpy(float)
        interval = stats.binomtest(int(happened.sum()), len(happened)).proportion_ci(0.95)
        scored = score_events(chance, happened)
        rows.append({"event": words} | scored | {"observed_low": interval.low, "observed_high": interval.high,
                     "inside": bool(interval.low <= scored["forecast_rate"] <= interval.high)})  # fmt: skip
        chances.append(chance)
        came.append(happened)
    if not rows:
        return pd.DataFrame(), pd.DataFrame()
    return pd.DataFrame(rows), reliability(np.concatenate(chances), np.concatenate(came))


def keep(scores: Scores, folder: Path) -> None:
    """Write the tables of a score, and all of them as JSON, into the result's folder."""
    for name, table in scores.tables.items():
        write_atomically(folder / FOLDER / f"{name}.csv", csv_bytes(table))
    write_atomically(folder / FOLDER / "scores.json", (scores.as_json() + "\n").encode())
