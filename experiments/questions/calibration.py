"""`clusterpact calibrate`: which parameter sets the record does not rule out, by history matching in waves.

Every wave is an experiment of its own, run through shards and ledger like any other: points of a design, each with several
runs of their own luck. Emulators of the recorded statistics then say which points are implausible; the next wave's points
come from what is left. The same command goes on where it stopped, and gives the same bytes.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.agents.parameters import PARAMETERS, Parameter
from clusterpact.experiments.ensemble import Ensemble, write_ensemble
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.rules import other_rules
from clusterpact.experiments.questions.scoring import COUNTS, Observed, PlantYears, observed, plant_years
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.files import refuse_links, write_atomically
from clusterpact.inputs import InputError, Record, read_bytes, read_table
from clusterpact.results.statistics.emulation import Emulator, emulate, predict, sobol_points, summary
from clusterpact.results.statistics.matching import (
    Kept,
    Targets,
    identifiability,
    kept_test,
    likelihood_weights,
    measured,
    next_wave,
    ridges,
)
from clusterpact.results.tables import csv_bytes
from clusterpact.sim.amounts import NotNegative, Year

TARGETS = Path(__file__).parents[1] / "library" / "history" / "targets-2013.csv"
DESIGN_FILE, ENSEMBLE_FILE, ABOUT_FILE = "design.parquet", "ensemble.parquet", "calibration.json"
WIDE = 20.0  #: a range whose ends lie so far apart, as a ratio, is drawn by its logarithm
SETTLED_GROUPS = ("market",)  #: groups of parameters that the record fixes: prices and law were what they were
COUNT_SHIFT = 0.375  #: roots of count + 3/8 have a spread that hangs little on the count (Anscombe 1948)
STATISTICS = ("emissions", "changes", *COUNTS)


class Target(Record):
    """One row of a file of targets: a statistic of a cluster's record by the end of a year.

    emissions: logarithm of total emissions per those at the start; changes: median size of yearly changes of plants'
    logarithms; others: numbers of plants, as roots. value: what was observed (blank: from the cluster's record), a number of
    plants or a logarithm; discrepancy: standard deviation, in the statistic's own terms, by which the model may be wrong.
    """

    cluster: str
    statistic: Literal[STATISTICS]  # type: ignore[valid-type]
    year: Year
    value: float | None = None
    discrepancy: NotNegative
    source: str


@dataclass(frozen=True)
class Plan:
    """How much a calibration runs: waves of `points`, each with `replicates` runs, and rows of the ensemble at the end."""

    waves: Annotated[int, Field(ge=1)] = 3
    points: int = 512
    replicates: int = 8
    rows: int = 1000


@dataclass(frozen=True)
class Calibrated:
    """What came of a calibration: tables, and the share of the space of parameters left after every wave."""

    folder: Path
    identified: pd.DataFrame
    statistics: pd.DataFrame
    ridges: pd.DataFrame
    left: list[float]
    effective_rows: float
    factors: list[str]
    kept: Kept  #: which points of the unit cube are not ruled out


def factors_of(experiments: list[Experiment]) -> list[str]:
    """Parameters that are calibrated: all but those of markets and those that an experiment fixes."""
    fixed = {name for experiment in experiments for name in experiment.parameters}
    return [name for name, row in PARAMETERS.items() if row.group not in SETTLED_GROUPS and name not in fixed]


def value_of(parameter: Parameter, u: np.ndarray) -> np.ndarray:
    """The prior: triangular around the default, or even in the logarithm where a range is wide; u in [0, 1)."""
    low, mode, high = parameter.low, parameter.default, parameter.high
    if low > 0 and high >= WIDE * low:
        return np.minimum(np.maximum(low * (high / low) ** u, low), high)
    split = (mode - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (mode - low))
    right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.minimum(np.maximum(np.where(u < split, left, right), low), high)


def read_targets(path: Path, experiments: list[Experiment]) -> list[Target]:
    """The rows of a file of targets, checked against the clusters and records that they are about."""
    rows = read_table(path, Target)
    by_name = {experiment.scenario.file.name: experiment for experiment in experiments}
    if not rows:
        raise InputError(path, "file", None, "holds no targets; expected a row per statistic")
    for row in rows:
        where = f"{path}: {row.statistic} {row.year}"
        if row.cluster not in by_name:
            raise InputError(where, "cluster", row.cluster, "is no cluster of these experiments", by_name)
        experiment = by_name[row.cluster]
        years = sorted({entry.year for entry in experiment.scenario.record.emitted})
        if not years:
            raise InputError(where, "cluster", row.cluster, "has no record.csv")
        last = min(years[-1], experiment.last_year)
        if not max(years[0], experiment.first_year) < row.year <= last:
            raise InputError(where, "year", row.year, f"expected {years[0] + 1} to {last}, which the record holds")
    return rows


def calibrate(
    experiments: list[Experiment], targets_file: Path, out: Path, plan: Plan, threads: int = 1, progress: Progress = SILENT
) -> Calibrated:
    """Run what is missing of the waves, and write ensemble and tables into `out`.

    Raises InputError where `out` holds another calibration, or nothing is left of the space of parameters.
    """
    experiments = [replace(e, ensemble=None, uncertainty={}) for e in experiments]  # which this one takes the place of
    targets = read_targets(targets_file, experiments)
    factors = factors_of(experiments)
    seed = experiments[0].seed
    _claim(out, experiments, targets_file, plan)
    points, waves, left = sobol_points(plan.points, len(factors), seed), [], []
    for number in range(1, plan.waves + 1):
        progress.note(f"wave {number} of {plan.waves}: {plan.points:,} points x {plan.replicates} runs")
        wave = [_wave(e, out / f"wave-{number}", factors, points, plan, targets) for e in experiments]
        found = {}
        for experiment in wave:
            place = out / f"wave-{number}" / experiment.scenario.file.name
            outcome = run_experiment(experiment, place, RunOptions(threads=threads, progress=progress))
            if outcome.failures:
                raise InputError(place, "calibrate", None, "some runs failed; see failures.json")
            found[experiment.scenario.file.name] = _read(experiment, place, targets)
        record, runs = _statistics(targets, found, plan)
        if number == 1:
            first = summary(runs)
        progress.note(f"wave {number}: emulators of {len(targets)} statistics")
        waves.append((emulate(points, *summary(runs), plan.replicates), record))
        kept = kept_test(waves)
        try:
            points, share = next_wave(kept, plan.points if number < plan.waves else plan.rows, len(factors), seed + number)
        except ValueError:
            expected = f"nothing is left of the space of parameters after wave {number}; expected larger discrepancies"
            raise InputError(targets_file, "targets", None, expected) from None
        left.append(share)
    measures, variances = measured(points, *waves[-1])
    weights, effective = likelihood_weights(measures, variances)
    whole = sobol_points(4096, len(factors), seed + 1)
    table = in_units(identifiability(whole, points, weights, factors))
    stats = _what_matched(targets, waves, first, points, weights)
    tied = ridges(points, weights, factors)
    kept_rows = {name: short(values, PARAMETERS[name]) for name, values in values_of(factors, points).items()}
    write_ensemble(out / ENSEMBLE_FILE, kept_rows, np.array([float(f"{weight:.4g}") for weight in weights]))
    for name, rows in (("identifiability", table), ("statistics", stats), ("ridges", tied)):
        write_atomically(out / f"{name}.csv", csv_bytes(rows, float_format="%.6g"))
    return Calibrated(out, table, stats, tied, left, effective, factors, kept)


def values_of(factors: list[str], points: np.ndarray) -> dict[str, np.ndarray]:
    """Parameters of points in [0, 1), by name."""
    return {name: value_of(PARAMETERS[name], points[:, k]) for k, name in enumerate(factors)}


def short(values: np.ndarray, parameter: Parameter) -> np.ndarray:
    """Values to four digits, within the parameter's range: an ensemble claims no more, and takes a third of the disk."""
    return np.clip([float(f"{value:.4g}") for value in values], parameter.low, parameter.high)


def _claim(out: Path, experiments: list[Experiment], targets_file: Path, plan: Plan) -> None:
    """Say in `out` what is calibrated; raises InputError if it holds anything else."""
    about = {
        "source": SOURCE_HASH, "experiments": [experiment.id for experiment in experiments],
        "targets": hashlib.sha256(targets_file.read_bytes()).hexdigest(), "plan": vars(plan),
    }  # fmt: skip
    path = out / ABOUT_FILE
    refuse_links(out)
    if path.is_file():
        try:
            held = dict(json.loads(read_bytes(path)))
        except (ValueError, TypeError, RecursionError):
            held = {}
        if isinstance(held.get("source"), str) and (said := other_rules(held["source"])) is not None:
            raise InputError(out, "rules", None, said)
        if held != about:
            raise InputError(out, "out", None, "holds another calibration; expected --out elsewhere")
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(out, "out", None, "is not empty and holds no calibration; expected a new or empty folder")
    else:
        out.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(about, indent=1) + "\n").encode())


def _wave(experiment: Experiment, folder: Path, factors: list[str], points: np.ndarray, plan: Plan,
          targets: list[Target]) -> Experiment:  # fmt: skip
    """The experiment that runs a wave's points under the baseline, each several times."""
    design = folder / DESIGN_FILE
    design.parent.mkdir(exist_ok=True)
    rows = values_of(factors, points)
    write_ensemble(design, rows)
    baseline = next(package for package in experiment.policies if package.name == experiment.baseline)
    last = max(target.year for target in targets if target.cluster == experiment.scenario.file.name)
    ensemble = Ensemble(folder.name, design, rows, np.ones(len(points)), plan.replicates)
    return replace(
        experiment, name=f"{experiment.name}-{folder.name}"[-100:], runs=len(points) * plan.replicates, policies=(baseline,),
        recording="plants", ensemble=ensemble, uncertainty={}, targets={},
        windows={"fit": (experiment.first_year + 1, last)},
    )  # fmt: skip


def _read(experiment: Experiment, folder: Path, targets: list[Target]) -> tuple[PlantYears, Observed]:
    """What a cluster's plants did in the runs of a wave, and in the record."""
    record = experiment.scenario.record
    last = experiment.scored_until or experiment.last_year
    span = list(range(experiment.first_year, last + 1))
    sites = tuple(sorted({row.plant for row in record.emitted}))
    found = plant_years(experiment.scenario, folder, experiment.baseline, span, sites)
    return found, observed(record, found)


def _statistics(
    targets: list[Target], found: dict[str, tuple[PlantYears, Observed]], plan: Plan
) -> tuple[Targets, np.ndarray]:
    """Recorded values with their variances, and those of runs: shape (points, replicates, statistics)."""
    columns, values, errors = [], [], []
    for target in targets:
        runs, seen = found[target.cluster]
        columns.append(statistic_of_runs(target, runs))
        low, high = statistic_of_record(target, runs, seen)
        values.append((low + high) / 2)
        errors.append(((high - low) / 2) ** 2)
    drawn = np.stack(columns, axis=-1).reshape(plan.points, plan.replicates, len(targets))
    discrepancy = np.array([target.discrepancy**2 for target in targets])
    return Targets(np.array(values), discrepancy, np.array(errors)), drawn


def statistic_of_runs(target: Target, runs: PlantYears) -> np.ndarray:
    """A statistic in every run, shape (runs,)."""
    year = runs.years.index(target.year)
    if target.statistic == "emissions":
        return np.asarray(np.log(runs.scope1[:, :, year].sum(axis=1) / runs.base.sum()))
    if target.statistic == "changes":
        return _median_change(runs.scope1[:, :, : year + 1])
    return roots(runs.counted(year)[target.statistic].sum(axis=1))


def statistic_of_record(target: Target, runs: PlantYears, seen: Observed) -> tuple[float, float]:
    """The least and most that a statistic may have been in the record."""
    year = runs.years.index(target.year)
    if target.statistic in COUNTS:
        counts = seen.counted(runs.base, year)[target.statistic] if target.value is None else (target.value, target.value)
        return float(roots(np.array(counts[0]))), float(roots(np.array(counts[1])))
    known = ~np.isnan(seen.emitted[:, year])
    if target.value is not None:
        exact = target.value
    elif target.statistic == "emissions":
        exact = float(np.log(seen.emitted[known, year].sum() / runs.base[known].sum()))
    else:
        exact = float(_median_change(seen.emitted[None, :, : year + 1])[0])
    return exact, exact


def roots(counts: np.ndarray) -> np.ndarray:
    """Roots of counts, whose spread hangs little on the count."""
    return np.asarray(np.sqrt(np.asarray(counts, float) + COUNT_SHIFT))


def _median_change(emitted: np.ndarray) -> np.ndarray:
    """Median size of yearly changes of ln(emissions) over plants and years, of (runs, plants, years): shape (runs,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.abs(np.diff(np.log(emitted), axis=2)).reshape(len(emitted), -1)
    change[~np.isfinite(change)] = np.nan
    return np.asarray(np.nanmedian(change, axis=1))


def in_units(table: pd.DataFrame) -> pd.DataFrame:
    """The identifiability table with intervals in the parameters' own units beside those of the unit cube."""
    known = [PARAMETERS[name] for name in table["parameter"]]
    ends = [value_of(row, np.array([low, high])) for row, low, high in zip(known, table["low"], table["high"], strict=True)]
    return table.assign(
        meaning=[row.meaning for row in known], unit=[row.unit for row in known], default=[row.default for row in known],
        low_90=[float(low) for low, _ in ends], high_90=[float(high) for _, high in ends],
    )  # fmt: skip


def _what_matched(targets: list[Target], waves: list[tuple[list[Emulator], Targets]], first: tuple[np.ndarray, np.ndarray],
                  points: np.ndarray, weights: np.ndarray) -> pd.DataFrame:  # fmt: skip
    """Per statistic: the record, what it was over all parameters, how much of it is luck, and what it is over the kept."""
    emulators, record = waves[-1]
    means, _, luck = predict(emulators, points)
    middle = weights @ means
    rows = []
    for k, target in enumerate(targets):
        between, within = float(first[0][:, k].var()), float(first[1][:, k].mean())
        rows.append({
            "cluster": target.cluster, "statistic": target.statistic, "year": target.year,
            "observed": record.observed[k], "prior_mean": float(first[0][:, k].mean()),
            "prior_sd": (between + within) ** 0.5, "luck_share": within / (between + within) if between + within else np.nan,
            "kept_mean": float(middle[k]),
            "kept_sd": float((weights @ (means[:, k] - middle[k]) ** 2 + weights @ luck[:, k]) ** 0.5),
            "discrepancy": target.discrepancy, "emulator_error_sd": float(np.std(emulators[k].errors)),
        })  # fmt: skip
    return pd.DataFrame(rows)
