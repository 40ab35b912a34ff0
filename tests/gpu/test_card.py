"""A card that is not there, or cannot be used, is one clear line; what the driver refuses is said in its words."""

import sys

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.gpu import card
from clusterpact.experiments.gpu.batches import BLOCK, Batches, Extent
from clusterpact.experiments.gpu.card import Card, find, loaded
from clusterpact.experiments.running.shards import world_of
from clusterpact.inputs import InputError
from tests.commands import call
from tests.gpu.driver import Driver

RUN = ("run", "dunkirk", "--runs", "2", "--executor", "gpu", "--no-figures")


@pytest.fixture(scope="module")
def world():
    return world_of(load_experiment("dunkirk", runs=2), 0)


@pytest.fixture
def driver_is(monkeypatch):
    """A function that puts a driver in the place of NVIDIA's."""
    return lambda driver: monkeypatch.setattr("clusterpact.experiments.running.on_gpu.loaded", lambda: driver)


def the_line(capsys):
    """The one line on stderr."""
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("words", [RUN, ("verify", "runs/some", "--executor", "gpu")])
def test_without_a_card_one_line_says_so_and_nothing_is_begun(words, driver_is, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    driver_is(Driver(devices=0))
    assert call(*words) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if "note:" not in line]
    assert len(said) == 1
    assert "--executor = 'gpu': no CUDA device can be used" in said[0]
    assert "no CUDA-capable device is detected" in said[0]
    assert list(tmp_path.iterdir()) == []


def test_without_a_driver_one_line_says_so():
    class None_(Driver):
        def cuInit(self, flags):
            raise RuntimeError('"cuda" is an NVIDIA driver library\nand cannot be found')

    with pytest.raises(InputError) as error:
        find(None_())
    assert 'no CUDA device can be used ("cuda" is an NVIDIA driver library and cannot be found)' in str(error.value)


def test_a_driver_that_shows_no_card_is_none():
    class Empty(Driver):
        def cuDeviceGetCount(self):
            return 0, 0

    with pytest.raises(InputError, match="no CUDA device is there; expected an NVIDIA card"):
        find(Empty())


def test_an_old_card_is_refused():
    with pytest.raises(InputError, match=r"This processor is too old; expected a card of compute capability 8\.0 or more"):
        find(Driver(major=7))


def test_without_the_extra_one_line_names_it(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name == "cuda" or name.startswith("cuda.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("clusterpact.extras.find_spec", lambda name: None if name.startswith("cuda") else name)
    assert call(*RUN) == 2
    line = the_line(capsys)
    assert line.endswith("cuda-bindings is not installed; expected: pip install cuda-bindings (or the extra 'gpu')")
    assert list(tmp_path.iterdir()) == []


def test_the_driver_that_is_installed_has_every_function_that_is_called():
    pytest.importorskip("cuda.bindings.driver")
    driver = loaded()
    asked = {name for name in dir(Driver) if name.startswith(("cu", "CU"))}
    assert [name for name in asked if not hasattr(driver, name)] == []
    for kind in ("CUdevice_attribute", "CUfunction_attribute"):
        for one in getattr(Driver, kind):
            assert int(getattr(getattr(driver, kind), one.name)) == int(one)
    assert int(driver.CUstream_flags.CU_STREAM_NON_BLOCKING) == Driver.CUstream_flags.CU_STREAM_NON_BLOCKING


def test_memory_that_is_not_there_is_refused_in_the_words_of_the_driver(code, driver):
    opened = Card(code, driver)
    with pytest.raises(InputError, match="the CUDA driver refuses cuMemAlloc: out of memory"):
        opened.take(driver.memory + 1)


def test_a_small_card_is_given_fewer_lanes(code, run, world):
    large, small = (Driver(run=run, multiprocessors=4, memory=memory) for memory in (1 << 31, 40_000_000))
    batches = [Batches(Card(code, driver)) for driver in (large, small)]
    most = [one.open(world, False, 10) for one in batches]
    assert most[0] == 4 * BLOCK
    assert 32 <= most[1] < 4 * BLOCK
    assert most[1] % 32 == 0
    assert sum(size for size, _ in small.taken.values()) <= small.memory
    for one in batches:
        one.close()


def test_a_card_too_small_for_the_world_is_refused(code, run, world):
    batches = Batches(Card(code, Driver(run=run, memory=4_000_000)))
    with pytest.raises(InputError, match=r"too little memory for runs of this world; expected \d+\.\d GB free"):
        batches.open(world, False, 100)
    batches.close()


@pytest.mark.parametrize("extent", [(0, 10, 32), (48, 10, 32), (32, 10, 16), (64, 10, 48)])
def test_lanes_that_are_no_whole_blocks_of_warps_are_a_mistake(extent):
    with pytest.raises(ValueError, match="expected blocks of a multiple of 32 lanes"):
        Extent(*extent)


def test_a_world_is_not_changed_under_a_batch(batches_of, world):
    from clusterpact.experiments.running.shards import Shard, inputs_of

    batches = batches_of(Extent(32, 2, 32))
    batches.open(world, False, 2)
    inputs = inputs_of(load_experiment("dunkirk", runs=2), Shard(0, 0, 2))
    batches.start(*inputs)
    with pytest.raises(RuntimeError, match="a batch of another world is on the card"):
        batches.open(world, False, 2)
    batches.start(*inputs)
    with pytest.raises(RuntimeError, match="two batches are on the card already"):
        batches.start(*inputs)
    assert batches.finish().series.tobytes() == batches.finish().series.tobytes()


def test_the_name_of_the_card_is_told(code, driver):
    opened = Card(code, driver)
    assert (opened.name, opened.multiprocessors) == ("This processor", 2)
    assert opened.takes(64).lanes_at_once == 64
    assert card.OLDEST == 8
