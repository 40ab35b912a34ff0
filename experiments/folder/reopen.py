"""The experiment of a result folder again, from its manifest and the copies of its inputs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.design import parse_distribution
from clusterpact.experiments.experiment import Experiment, ExperimentFile
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.screening import Screening
from clusterpact.policies.package import Package
from clusterpact.results.store import RECORDING
from clusterpact.sim.scenario import read_scenario

from clusterpact.inputs import InputError, check


def reopen(folder: Path, check_books: bool = False) -> Experiment:
    """The experiment of a result folder, from the copies of its inputs."""
    manifest = read_manifest(folder)
    try:
        return replace(_from_manifest(manifest["experiment"], folder, manifest["descriptions"]), check_books=check_books)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        raise InputError(
            folder / "manifest.json", "manifest", None, "is damaged; expected the manifest of a result"
        ) from None


def _from_manifest(data: dict[str, Any], folder: Path, descriptions: dict[str, str]) -> Experiment:
    """The experiment that a manifest describes, checked as if it were written anew."""
    path = folder / "manifest.json"
    names = [p["name"] for p in data["policies"]]
    written = {key: data[key] for key in ("name", "title", "cluster", "horizon", "runs", "seed", "baseline", "targets")}
    written["recording"] = data.get("recording", RECORDING)
    check(ExperimentFile, written | {"policies": names}, path, strict=True)
    scenario = read_scenario(folder / "inputs", folder / "inputs")
    policies = tuple(
        Package(p["name"], p["title"], descriptions.get(p["name"], ""), p["governance_mode"],
                {name: tuple((year, level) for year, level in points) for name, points in p["schedules"].items()},
                p.get("practices", {}))
        for p in data["policies"]
    )  # fmt: skip
    uncertainty = {
        name: parse_distribution(written, PARAMETERS[name], path, name) for name, written in data["uncertainty"].items()
    }
    return Experiment(
        data["name"], data["title"], scenario, data["horizon"][0], data["horizon"][1], data["runs"], data["seed"],
        data["baseline"], policies, uncertainty, data["parameters"],
        {int(year): share for year, share in data["targets"].items()}, recording=data.get("recording", RECORDING),
        screening=Screening.lay_out(**data["screening"]) if "screening" in data else None,
    )  # fmt: skip
