"""A small experiment, and its result, that nobody changes."""

import pytest

import clusterpact as cp


@pytest.fixture(scope="session")
def small():
    """Dunkirk until 2031, twelve runs of two policies."""
    return cp.experiment("dunkirk", runs=12, policies=["current-policies", "finance-first"], set={"horizon": (2026, 2031)})


@pytest.fixture(scope="session")
def result(small, tmp_path_factory):
    """Its result."""
    return small.run(progress=False, out=tmp_path_factory.mktemp("face") / "result")
