"""The experiment of a result folder again, from its manifest and the copies of its inputs, to compute something for it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from clusterpact.agents.vocabulary import BUDGET_LINES
from clusterpact.experiments.checks import targets_of, theories_of, uncertainty_of, windows_of
from clusterpact.experiments.ensemble import ENSEMBLE_FILE, Ensemble, read_ensemble
from clusterpact.experiments.experiment import Experiment, ExperimentFile, baseline_of
from clusterpact.experiments.folder.manifest import Manifest, Policy, Resolved, read_manifest
from clusterpact.experiments.folder.rules import refuse_other_rules
from clusterpact.experiments.screening import Screening
from clusterpact.experiments.search.settings import search_of
from clusterpact.experiments.variant import as_written
from clusterpact.files import checksum
from clusterpact.inputs import InputError, check, nearest
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import BUDGET, Package, parse_package
from clusterpact.sim.scenario import read_scenario

KEYS = {
    "name", "title", "cluster", "horizon", "runs", "seed", "baseline", "targets", "rules", "windows",
    "uncertainty", "parameters",
}  # fmt: skip


def reopen(folder: Path, check_books: bool = False) -> Experiment:
    """The experiment of a result folder, from the copies of its inputs, checked as if it were written anew.

    Raises InputError if it was made by other rules, if its inputs are not those of its manifest, or if anything is wrong.
    """
    manifest = read_manifest(folder)
    refuse_other_rules(folder, manifest)
    if changed := changed_inputs(folder, manifest):
        raise InputError(folder, "inputs", None, f"are not those of the result: {changed[0]}")
    experiment = replace(_resolved(manifest.experiment, folder, manifest.descriptions), check_books=check_books)
    if experiment.id != manifest.id:
        raise InputError(
            folder / "manifest.json", "id", manifest.id, "is not that of the experiment in it, which is changed"
        )
    if manifest.search is None:
        return experiment
    return replace(experiment, searching=search_of(manifest.search, experiment, folder / "manifest.json"))


def changed_inputs(folder: Path, manifest: Manifest) -> list[str]:
    """What is wrong with the files in `inputs`, in words; empty if they are those of the manifest."""
    wanted = manifest.experiment.inputs
    found = []
    for name, sha in wanted.items():
        try:
            if checksum(folder / "inputs" / name) != sha:
                found.append(f"{name} is not the file that the manifest names")
        except OSError:
            found.append(f"{name} is missing")
    present = {path.relative_to(folder / "inputs").as_posix() for path in (folder / "inputs").rglob("*") if path.is_file()}
    return found + [f"{name} is not among the manifest's" for name in sorted(present - set(wanted))]


def _resolved(data: Resolved, folder: Path, descriptions: dict[str, str]) -> Experiment:
    """The experiment that a manifest describes."""
    path = folder / "manifest.json"
    names = tuple(policy.name for policy in data.policies)
    file = check(ExperimentFile, data.model_dump(include=KEYS) | {"policies": names}, path, strict=True)
    for name in names:
        if names.count(name) > 1:
            raise InputError(path, "policies", name, "listed twice")
    policies = tuple(_package(policy, descriptions.get(policy.name, ""), path) for policy in data.policies)
    return Experiment(
        data.name, data.title, read_scenario(folder / "inputs", folder / "inputs"), *data.horizon, data.runs, data.seed,
        baseline_of(file, policies, path), policies, uncertainty_of(file.uncertainty, file.parameters, path),
        data.parameters, targets_of(file, path), recording=data.recording, screening=_screening(data, path),
        theories=theories_of(file, path), windows=windows_of(file, path), ensemble=_ensemble(data, folder),
        first_run=data.first_run,
    )  # fmt: skip


def _package(policy: Policy, description: str, path: Path) -> Package:
    """A policy as it is written out in a manifest, checked as if it stood in an experiment file."""
    prefix = f"policies.{policy.name}."
    written: dict[str, Any] = {"name": policy.name, "title": policy.title, "description": description}
    if policy.governance_mode is not None:
        written["governance_mode"] = policy.governance_mode
    for name, points in policy.schedules.items():
        if name not in INSTRUMENTS:
            raise InputError(path, f"{prefix}{name}", None, "unknown instrument" + nearest(name, INSTRUMENTS))
        written[name] = as_written(points)
    for key, part, said in (("targets", "for", policy.targets), ("signals", "when", policy.signals)):
        for name, value in said.items():
            if name not in policy.schedules:
                raise InputError(path, f"{prefix}{key}.{name}", None, "no such instrument in the policy", policy.schedules)
            written[name] = (written[name] if isinstance(written[name], dict) else {"value": written[name]}) | {part: value}
    for line in policy.budgets:
        if line not in BUDGET_LINES:
            raise InputError(path, f"{prefix}budgets.{line}", None, "unknown budget" + nearest(line, BUDGET_LINES))
    written["practices"] = policy.practices
    written["budgets"] = {f"{line}{BUDGET}": as_written(points) for line, points in policy.budgets.items()}
    return parse_package(written, path, prefix=prefix)


def _screening(data: Resolved, path: Path) -> Screening | None:
    """The design of a screening, which must fit the experiment; None of any other experiment."""
    if data.screening is None:
        return None
    asked = data.screening
    key, points = "screening", asked.trajectories * (len(asked.factors) + 1)
    if asked.seed != data.seed or points * asked.replicates != data.runs:
        raise InputError(path, key, None, "does not fit the experiment's runs and seed")
    for name in asked.factors:
        if name in data.parameters:
            raise InputError(path, f"{key}.factors", name, "is fixed in parameters; expected one of the two")
    return Screening.lay_out(**asked.model_dump(), file=path)


def _ensemble(data: Resolved, folder: Path) -> Ensemble | None:
    """The ensemble whose rows are drawn, if there is one."""
    if data.ensemble is None:
        return None
    found = read_ensemble(folder / "inputs" / ENSEMBLE_FILE, **data.ensemble.model_dump())
    if found.replicates and found.replicates * len(found.weights) < data.runs:
        expected = f"expected at least {data.runs:,} runs: {len(found.weights):,} rows in turn"
        raise InputError(folder / "manifest.json", "ensemble.replicates", found.replicates, expected)
    return found
