"""A complete result, and a copy of it to spoil."""

import shutil
from pathlib import Path

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import run_experiment


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """What a command writes beside a result lands in the test's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A complete result."""
    folder = tmp_path_factory.mktemp("made") / "r"
    run_experiment(load_experiment("dunkirk", runs=6), folder)
    return folder


@pytest.fixture
def result(made, tmp_path):
    """A copy of it to spoil."""
    return Path(shutil.copytree(made, tmp_path / "r"))
