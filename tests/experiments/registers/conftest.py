"""A file of every register."""

from pathlib import Path

import pytest

from tests.experiments.registers.made_up import ACCOUNTS, HOTMAPS, HOTSPOTS, INSTALLATIONS, POINTS, YEARLY, table, workbook


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return table(tmp_path / "eutl_installations-XX.csv", INSTALLATIONS, ACCOUNTS)


@pytest.fixture
def points(tmp_path: Path) -> Path:
    return table(tmp_path / "eutl_geo.csv", YEARLY, POINTS)


@pytest.fixture
def hotspots(tmp_path: Path) -> Path:
    return table(tmp_path / "hotmaps.csv", HOTMAPS, HOTSPOTS)


@pytest.fixture
def epa(tmp_path: Path) -> Path:
    return workbook(tmp_path / "ghgp.xlsx")
