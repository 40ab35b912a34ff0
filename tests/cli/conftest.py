"""A working folder with the starter in it."""

import shutil

import pytest

from clusterpact.experiments.making.starter import STARTER


@pytest.fixture
def work(tmp_path, monkeypatch):
    """An empty working folder with the starter in `region`."""
    shutil.copytree(STARTER, tmp_path / "region")
    monkeypatch.chdir(tmp_path)
    return tmp_path
