"""`run --executor gpu` leaves the bytes that `--executor local` leaves, on a card that is a double of this processor."""

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.gpu.batches import Extent
from clusterpact.experiments.running.on_gpu import Gpu, together
from clusterpact.experiments.running.progress import Silent
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import Shard
from clusterpact.inputs import InputError
from clusterpact.results.recorded import FOR_PEOPLE
from tests.commands import poison, table_bytes

RUNS = 70
LEVELS = [level for level in FOR_PEOPLE if level != "events"]


@pytest.fixture
def gpu_of(batches_of):
    """A function of an extent: the executor on the card of this processor."""
    return lambda extent=None: Gpu(2, lambda progress: batches_of(extent))


def experiment_of(recording="outcomes", runs=RUNS):
    return load_experiment("dunkirk", runs=runs, recording=recording, policies=["current-policies", "pact"])


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """What `--executor local` leaves, by level of recording."""
    folder = tmp_path_factory.mktemp("local")
    for level in LEVELS:
        run_experiment(experiment_of(level), folder / level, RunOptions(threads=2))
    return {level: table_bytes(folder / level, level) for level in LEVELS}


@pytest.mark.parametrize("level", LEVELS)
def test_every_table_has_the_bytes_of_the_processor(level, gpu_of, local, tmp_path):
    done = run_experiment(experiment_of(level), tmp_path / "r", RunOptions(executor=gpu_of(), shard_runs=33))
    assert done.ran == 2 * 3
    assert table_bytes(tmp_path / "r", level) == local[level]


@pytest.mark.parametrize(
    ("extent", "shard_runs", "batches"),
    [
        (Extent(32, 40, 32), 30, [30, 40]),  # the first two shards are too many for a batch
        (Extent(64, 64, 64), 10, [60, 10]),  # the last batch is short
        (Extent(128, 1000, 64), 10, [70]),
    ],
)
def test_batches_of_any_size_leave_the_same(extent, shard_runs, batches, gpu_of, driver, local, tmp_path):
    run_experiment(experiment_of(), tmp_path / "r", RunOptions(executor=gpu_of(extent), shard_runs=shard_runs))
    assert [runs for _, _, runs in driver.launches] == batches * 2
    assert all(blocks * block <= extent.lanes for blocks, block, _ in driver.launches)
    assert table_bytes(tmp_path / "r", "outcomes") == local["outcomes"]


def test_the_card_is_given_as_many_lanes_as_its_multiprocessors_hold(gpu_of, driver, tmp_path):
    run_experiment(experiment_of(), tmp_path / "r", RunOptions(executor=gpu_of()))
    assert driver.launches == [(1, 128, RUNS)] * 2
    driver.launches.clear()
    run_experiment(experiment_of(runs=600), tmp_path / "more", RunOptions(executor=gpu_of(), shard_runs=300))
    assert driver.launches == [(2, 128, 600)] * 2  # two multiprocessors of a block each; a shard for either thread


class Stop(Exception):
    """The one who watches has had enough."""


class Impatient(Silent):
    """Progress that ends it after so many runs."""

    def __init__(self, runs):
        self.runs = runs

    def report(self, done, total, failed):
        if done >= self.runs:
            raise Stop


def test_an_interrupted_run_goes_on_on_the_processor_and_on_the_card(gpu_of, local, tmp_path):
    folder, stopped = tmp_path / "r", gpu_of(Extent(32, 20, 32))
    with pytest.raises(Stop):
        run_experiment(experiment_of(), folder, RunOptions(executor=stopped, shard_runs=10, progress=Impatient(40)))
    assert not (folder / "complete.json").exists()
    done = len(list((folder / "ledger").glob("*.json")))
    assert 4 <= done < 14
    assert read_manifest(folder).shard_runs == 10
    half = run_experiment(experiment_of(), folder, RunOptions(threads=1, share=(0, 2)))
    assert half.found + half.ran == 7
    rest = run_experiment(experiment_of(), folder, RunOptions(executor=gpu_of()))
    assert rest.found >= 7
    assert rest.left == 0
    assert table_bytes(folder, "outcomes") == local["outcomes"]


def test_a_time_budget_ends_it_between_batches(gpu_of, driver, tmp_path):
    options = RunOptions(executor=gpu_of(), budget_s=1e-9)
    outcome = run_experiment(experiment_of(), tmp_path / "r", options)
    assert outcome.left == 2
    assert driver.launches == []


def test_a_run_that_raises_on_the_card_is_told_as_the_processor_tells_it(gpu_of, tmp_path, monkeypatch):
    poison(monkeypatch, {3, 41})
    here = run_experiment(experiment_of(), tmp_path / "here", RunOptions(threads=1, shard_runs=35))
    there = run_experiment(experiment_of(), tmp_path / "there", RunOptions(executor=gpu_of(), shard_runs=35))
    assert {failure["run"] for failure in there.failures} == {3, 41}
    kept = [{key: failure[key] for key in ("run", "policy")} for failure in there.failures]
    assert kept == [{key: failure[key] for key in ("run", "policy")} for failure in here.failures]
    assert all("not a finite number" in failure["traceback"] for failure in there.failures)
    assert table_bytes(tmp_path / "there", "outcomes") == table_bytes(tmp_path / "here", "outcomes")


def test_a_card_that_fails_where_the_processor_does_not_is_not_believed(gpu_of, driver, tmp_path):
    right = driver.run

    def wrong(result, raised, arguments, run, lane):
        return 1 if run == 7 else right(result, raised, arguments, run, lane)

    driver.run = wrong
    with pytest.raises(RuntimeError, match="run 7 fails on the card and not on the processor"):
        run_experiment(experiment_of(), tmp_path / "r", RunOptions(executor=gpu_of()))


def test_events_are_told_on_a_processor(gpu_of, tmp_path):
    with pytest.raises(InputError, match="--executor = 'gpu': cannot tell events"):
        run_experiment(experiment_of("events"), tmp_path / "r", RunOptions(executor=gpu_of()))


def test_shards_go_together_in_their_order():
    shards = [Shard(0, first, 30) for first in range(0, 150, 30)]
    assert [[shard.first_run for shard in some] for some in together(shards, 70)] == [[0, 30], [60, 90], [120]]
    assert [len(some) for some in together(shards, 1)] == [1] * 5


def test_a_shard_is_not_split(gpu_of, driver, tmp_path):
    run_experiment(experiment_of(), tmp_path / "r", RunOptions(executor=gpu_of(Extent(32, 70, 32)), shard_runs=70))
    assert driver.launches == [(1, 32, 70)] * 2
