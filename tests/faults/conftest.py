"""Undisturbed tables, folders to be damaged, and a small disk."""

import os
import shutil
import subprocess

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running import locks, session
from clusterpact.experiments.running.session import RunOptions, run_experiment
from tests.commands import table_bytes
from tests.faults.common import RUNS, mount


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Tables of undisturbed runs of so many runs per policy."""
    known = {}

    def tables(runs=RUNS):
        if runs not in known:
            folder = tmp_path_factory.mktemp("undisturbed") / "r"
            run_experiment(load_experiment("dunkirk", runs=runs), folder, RunOptions(threads=2))
            known[runs] = table_bytes(folder)
        return known[runs]

    return tables


@pytest.fixture(scope="module")
def unmerged(tmp_path_factory):
    """A folder whose shards are all done and whose tables are not merged."""
    folder = tmp_path_factory.mktemp("unmerged") / "r"

    def stop(*arguments):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "complete", stop)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(load_experiment("dunkirk", runs=RUNS), folder, RunOptions(shard_runs=6))
    return folder


@pytest.fixture
def folder(unmerged, tmp_path):
    """A copy of that folder, to be damaged."""
    return shutil.copytree(unmerged, tmp_path / "r")


@pytest.fixture
def hasty(monkeypatch):
    """Nobody waits for a lock."""
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.1)


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own; skips where nothing may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", place):
        pytest.skip("may not mount")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=False)
