"""The experiment of a result folder again, from its manifest and the copies of its inputs."""

from dataclasses import replace
from pathlib import Path

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.design import parse_distribution
from clusterpact.experiments.ensemble import ENSEMBLE_FILE, read_ensemble
from clusterpact.experiments.experiment import Experiment, ExperimentFile, theories_of, windows_of
from clusterpact.experiments.folder.manifest import Resolved, read_manifest
from clusterpact.experiments.screening import Screening
from clusterpact.inputs import InputError, check
from clusterpact.policies.package import Package
from clusterpact.sim.scenario import read_scenario


def reopen(folder: Path, check_books: bool = False) -> Experiment:
    """The experiment of a result folder, from the copies of its inputs."""
    manifest = read_manifest(folder)
    try:
        return replace(_resolved(manifest.experiment, folder, manifest.descriptions), check_books=check_books)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        raise InputError(
            folder / "manifest.json", "manifest", None, "is damaged; expected the manifest of a result"
        ) from None


def _resolved(data: Resolved, folder: Path, descriptions: dict[str, str]) -> Experiment:
    """The experiment that a manifest describes, checked as if it were written anew."""
    path = folder / "manifest.json"
    keys = {"name", "title", "cluster", "horizon", "runs", "seed", "baseline", "targets", "recording", "rules", "windows"}
    names = tuple(policy.name for policy in data.policies)
    file = check(ExperimentFile, data.model_dump(include=keys) | {"policies": names}, path, strict=True)
    policies = tuple(
        Package(policy.name, policy.title, descriptions.get(policy.name, ""), policy.governance_mode, policy.schedules,
                policy.practices, policy.budgets)
        for policy in data.policies
    )  # fmt: skip
    uncertainty = {
        name: parse_distribution(written, PARAMETERS[name], path, name) for name, written in data.uncertainty.items()
    }
    return Experiment(
        data.name, data.title, read_scenario(folder / "inputs", folder / "inputs"), *data.horizon, data.runs, data.seed,
        data.baseline, policies, uncertainty, data.parameters,
        {int(year): share for year, share in data.targets.items()}, recording=data.recording,
        screening=Screening.lay_out(**data.screening.model_dump()) if data.screening else None,
        theories=theories_of(file, path), windows=windows_of(file, path),
        ensemble=read_ensemble(folder / "inputs" / ENSEMBLE_FILE, **data.ensemble.model_dump()) if data.ensemble else None,
    )  # fmt: skip
