"""Dunkirk, as its files describe it, and with its plants whole."""

import pytest

from clusterpact.sim.scenario import CLUSTERS, read_scenario
from tests.worlds.whole import whole


@pytest.fixture(scope="session")
def dunkirk():
    """The scenario of the cluster; nobody changes it."""
    return read_scenario(CLUSTERS / "dunkirk")


@pytest.fixture(scope="session")
def whole_dunkirk(tmp_path_factory):
    """The same with one unit a plant and nothing in hand."""
    return whole("dunkirk", tmp_path_factory.mktemp("whole"))
