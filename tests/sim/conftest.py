"""Dunkirk, as its files describe it."""

import pytest

from clusterpact.sim.scenario import CLUSTERS, read_scenario


@pytest.fixture(scope="session")
def dunkirk():
    """The scenario of the cluster; nobody changes it."""
    return read_scenario(CLUSTERS / "dunkirk")
