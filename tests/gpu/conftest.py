"""The code of the rules for a card, made once, and a card of this processor that runs it."""

import pytest

from clusterpact.experiments.gpu.batches import Batches
from clusterpact.experiments.gpu.card import Card
from clusterpact.experiments.gpu.code import lane_code, ptx
from tests.gpu.driver import Driver, native


@pytest.fixture(scope="session")
def code():
    """The code for a card."""
    return ptx()


@pytest.fixture(scope="session")
def run():
    """`run_lane`, compiled for this processor from the code that the code for a card is made of."""
    return native(lane_code())


@pytest.fixture
def driver(run):
    """A card of this processor."""
    return Driver(run=run)


@pytest.fixture
def batches_of(code, driver):
    """A function of an extent: batches on the card of this processor. At the end nothing of its memory may be left."""
    opened = []

    def of(extent=None):
        opened.append(Batches(Card(code, driver), extent))
        return opened[-1]

    yield of
    for batches in opened:
        batches.close()
    assert not driver.taken
