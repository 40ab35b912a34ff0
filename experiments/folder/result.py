"""A result folder: its manifest, and whether it is complete. It is never overwritten; files are whole or not there."""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from clusterpact.agents.compiled import ROOT
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.failures import read_failures
from clusterpact.experiments.folder.manifest import (
    FORMAT,
    Execution,
    Machine,
    Manifest,
    Resolved,
    ShardTiming,
    read_manifest,
)
from clusterpact.experiments.folder.rules import refuse_other_rules
from clusterpact.experiments.folder.whole import changed_tables, read_sums
from clusterpact.files import checksum, refuse_links, replacing, sweep, write_atomically
from clusterpact.inputs import InputError, at_home, usable_path
from clusterpact.results.store import merge

PACKAGES = ("numpy", "numba", "llvmlite", "mesa", "pandas", "pyarrow", "matplotlib", "pydantic", "SALib", "distributed")


def result_folder(experiment: Experiment, out: Path | None = None) -> Path:
    """Where an experiment's results go: `runs/NAME-ID`, or a folder of the user's choice."""
    return at_home(out, "out") if out is not None else Path("runs") / f"{experiment.name}-{experiment.id}"


def find_manifest(experiment: Experiment, folder: Path) -> Manifest | None:
    """The manifest of a result folder, None if it is new; refuses a folder that holds anything else."""
    path = usable_path(folder, "out") / "manifest.json"
    refuse_links(folder)
    free = _is_free(folder)  # looked at first: what another task writes after its manifest is no foreign file
    if path.is_file():
        manifest = read_manifest(folder)
        refuse_other_rules(folder, manifest)
        if manifest.id != experiment.id:
            expected = f"holds another experiment ({manifest.id}); expected an empty folder or --out elsewhere"
            if replace(experiment, runs=manifest.experiment.runs).id == manifest.id:
                expected = f"holds {manifest.experiment.runs:,} runs of it; clusterpact extend makes a larger result of them"
            raise InputError(folder, "out", None, expected)
        return manifest
    if not free:
        raise InputError(folder, "out", None, "is not empty and holds no result; expected a new or empty folder")
    return None


def _is_free(folder: Path) -> bool:
    """Whether a folder is new, empty, or being started by another task, which locks it before it writes anything else."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(".manifest.json.")}
    return names <= {"locks"}


def open_folder(experiment: Experiment, folder: Path, shard_runs: int, timing: ShardTiming | None = None) -> Manifest:
    """The manifest of a result folder, with its inputs beside it. Of tasks that start it at once, the first one's holds."""
    path = folder / "manifest.json"
    commit = _commit()
    manifest = Manifest(
        format=FORMAT,
        id=experiment.id,
        shard_runs=shard_runs,
        shard_timing=timing or ShardTiming(),
        experiment=Resolved.model_validate(experiment.resolved()),
        descriptions={policy.name: policy.description for policy in experiment.policies},
        versions={"clusterpact": _version("clusterpact"), "python": platform.python_version()}
        | {name: _version(name) for name in PACKAGES},
        commit=commit,
        dirty=commit.endswith("-dirty"),
        machine=Machine(system=platform.platform(), processor=_processor(), python=sys.implementation.cache_tag),
        started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )
    if experiment.searching is not None:
        manifest = manifest.model_copy(update={"search": experiment.searching.written})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _create(path, manifest.as_json())
    except OSError as error:
        raise InputError(folder, "out", None, f"cannot be written ({error.strerror})") from None
    manifest = find_manifest(experiment, folder) or manifest
    keep_inputs(experiment, folder)
    return manifest


def keep_inputs(experiment: Experiment, folder: Path) -> None:
    """Copy the files that the experiment was read from into its result folder, unless they are there and whole.

    Only whoever found that the folder is this experiment's may do so: two that start in one folder must not mix theirs.
    """
    try:
        for name, source in experiment.inputs.items():
            target = folder / "inputs" / name
            if not target.is_file() or checksum(target) != checksum(source):
                with replacing(target) as temporary:
                    shutil.copyfile(source, temporary)
    except OSError as error:
        raise InputError(folder, "out", None, f"cannot be written ({error.strerror})") from None


def _create(path: Path, content: bytes) -> None:
    """Write a file unless another process was faster; it is there whole or not at all."""
    mine = path.with_name(f".{path.name}.{platform.node()}.{os.getpid()}")
    try:
        mine.write_bytes(content)
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not path.exists():
                mine.replace(path)
    finally:
        mine.unlink(missing_ok=True)


def is_complete(folder: Path, recording: str) -> bool:
    """Whether all tables are merged and whole."""
    try:
        return not changed_tables(folder, recording, read_sums(folder)) and read_failures(folder) is not None
    except InputError:
        return False


def complete(experiment: Experiment, folder: Path, keys: list[str], failures: list[dict[str, Any]], execution: Execution,
             merged: Callable[[str], None] | None = None) -> None:  # fmt: skip
    """Merge all parts into tables, note how it was done and that all is done, and only then remove the parts.

    merged: hears of each table as soon as it is there.
    """
    for place in (folder, folder / "tables", folder / "ledger"):
        sweep(place)
    sums = merge(folder, keys, [policy.name for policy in experiment.policies], experiment.recording, merged)
    write_atomically(folder / "failures.json", json.dumps(failures, indent=1).encode())
    entry = {
        "tables": sums,
        "failures": checksum(folder / "failures.json"),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    manifest = read_manifest(folder).model_copy(update={"execution": execution})
    write_atomically(folder / "manifest.json", manifest.as_json())
    write_atomically(folder / "complete.json", json.dumps(entry, indent=1).encode())
    remove_parts(folder)


def remove_parts(folder: Path) -> None:
    """Remove the parts of a complete result, or what is left of them."""
    shutil.rmtree(folder / "parts", ignore_errors=True)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """Commit of the source, with a mark if it was changed; empty outside a checkout of this project."""
    if not is_checkout(ROOT):
        return ""
    try:
        answer = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return answer.stdout.strip()


def is_checkout(folder: Path) -> bool:
    """Whether a folder is the top of this project's own repository; installed code may lie in anybody else's."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return project == "clusterpact" and (folder / ".git").exists()


def _processor() -> str:
    """Name of the processor: another one's maths library may differ in the last bit."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()
