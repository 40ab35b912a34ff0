"""One experiment, one result folder: start it, resume it, finish it. A folder is never overwritten."""

import json
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from agents.compiled import ROOT
from experiments.executors import run_local, warm_up
from experiments.experiment import Experiment, input_files
from experiments.shards import SHARD_RUNS, Shard, finished, plan, world_of
from policies.inputs import InputError, usable_path
from results.files import checksum, write_atomically
from results.store import RECORDINGS, merge, table_path

PACKAGES = ("numpy", "numba", "llvmlite", "mesa", "pandas", "pyarrow", "matplotlib", "pydantic")


@dataclass(frozen=True)
class Outcome:
    """What `run` did: the folder, how many shards it ran and found done, and the failed runs."""

    folder: Path
    ran: int
    found: int
    failures: list[dict[str, Any]]
    seconds: float


def result_folder(experiment: Experiment, out: Path | None = None) -> Path:
    """Where an experiment's results go: `runs/NAME-ID`, or a folder of the user's choice."""
    return out if out is not None else Path("runs") / f"{experiment.name}-{experiment.id}"


def run_experiment(
    experiment: Experiment,
    out: Path | None = None,
    threads: int = 1,
    shard_runs: int | None = None,
    report: Callable[[int, int, int], None] = lambda done, total, failed: None,
    note: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Run what is missing of an experiment, merge its tables, and say what happened.

    report(done, total, failed) counts runs. Raises InputError if the folder belongs to something else.
    """
    started = time.perf_counter()
    folder = result_folder(experiment, out)
    manifest = open_folder(experiment, folder, shard_runs or default_shard_runs(experiment, threads))
    shards = plan(experiment, manifest["shard_runs"])
    total = experiment.runs * len(experiment.policies)
    if is_complete(folder, experiment.recording):
        failures = json.loads((folder / "failures.json").read_text())
        note("found complete; nothing to run")
        report(total, total, len(failures))
        return Outcome(folder, 0, len(shards), failures, time.perf_counter() - started)
    entries = {shard.key: entry for shard in shards if (entry := finished(folder, shard))}
    missing = [shard for shard in shards if shard.key not in entries]
    found = len(entries)
    if found:
        note(f"{found} of {len(shards)} shards found done")
    if missing:
        note("compiling the rules (about a minute after a change, else a second)")
        warm_up(world_of(experiment, 0))
        done = sum(shard.runs for shard in shards if shard.key in entries)
        failed = sum(len(entry["failures"]) for entry in entries.values())
        report(done, total, failed)

        def finish(entry: dict[str, Any]) -> None:
            nonlocal done, failed
            shard = Shard(**entry["shard"])
            entries[shard.key] = entry
            done += shard.runs
            failed += len(entry["failures"])
            report(done, total, failed)

        run_local(experiment, missing, folder, threads, finish)
    failures = [failure for shard in shards for failure in entries[shard.key]["failures"]]
    complete(folder, [shard.key for shard in shards], failures, experiment.recording)
    return Outcome(folder, len(missing), found, failures, time.perf_counter() - started)


def default_shard_runs(experiment: Experiment, threads: int) -> int:
    """Runs per shard: small enough to share out and to lose little, large enough to cost little."""
    runs = experiment.runs * len(experiment.policies) // (8 * threads)
    return max(50, min(SHARD_RUNS, runs))


def open_folder(experiment: Experiment, folder: Path, shard_runs: int) -> dict[str, Any]:
    """The manifest of a result folder, new or found; refuses a folder that holds anything else."""
    path = usable_path(folder, "out") / "manifest.json"
    if path.is_file():
        try:
            manifest: dict[str, Any] = json.loads(path.read_text())
            identity = manifest["id"]
            whole = isinstance(manifest["shard_runs"], int) and manifest["shard_runs"] >= 1
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(path, "manifest", None, "is damaged; expected the manifest of a result") from None
        if not whole:
            raise InputError(path, "shard_runs", manifest["shard_runs"], "is damaged; expected a number of runs")
        if identity != experiment.id:
            expected = f"holds another experiment ({identity}); expected an empty folder or --out elsewhere"
            raise InputError(folder, "out", None, expected)
        return manifest
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(folder, "out", None, "is not empty and holds no result; expected a new or empty folder")
    manifest = {
        "format": 1,
        "id": experiment.id,
        "shard_runs": shard_runs,
        "experiment": experiment.resolved(),
        "descriptions": {policy.name: policy.description for policy in experiment.policies},
        "versions": {"clusterpact": _version("clusterpact"), "python": platform.python_version()}
        | {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "python": sys.implementation.cache_tag,
        },
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        inputs = folder / "inputs"
        inputs.mkdir(exist_ok=True)
        for name, source in input_files(experiment.scenario).items():
            (inputs / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source, inputs / name)
        write_atomically(path, json.dumps(manifest, indent=1).encode())
    except OSError as error:
        raise InputError(folder, "out", None, f"cannot be written ({error.strerror})") from None
    return manifest


def is_complete(folder: Path, recording: str) -> bool:
    """Whether all tables are merged and whole."""
    try:
        entry = json.loads((folder / "complete.json").read_text())
        sums = entry["tables"]
        if set(sums) != set(RECORDINGS[recording]):
            return False
        tables = all(checksum(table_path(folder, table)) == sha for table, sha in sums.items())
        return tables and checksum(folder / "failures.json") == entry["failures"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def complete(folder: Path, keys: list[str], failures: list[dict[str, Any]], recording: str) -> None:
    """Merge all parts into tables, note that all is done, and only then remove the parts."""
    sums = merge(folder, keys, recording)
    write_atomically(folder / "failures.json", json.dumps(failures, indent=1).encode())
    entry = {
        "tables": sums,
        "failures": checksum(folder / "failures.json"),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    write_atomically(folder / "complete.json", json.dumps(entry, indent=1).encode())
    shutil.rmtree(folder / "parts", ignore_errors=True)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """Commit of the source, with a mark if it was changed; empty outside a checkout."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return answer.stdout.strip()


def _processor() -> str:
    """Name of the processor: another one's maths library may differ in the last bit."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()
