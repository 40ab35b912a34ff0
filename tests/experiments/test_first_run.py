"""An experiment that begins at a later run: its rows are those of the longer one, and its folder is a result like others."""

from dataclasses import replace

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.replay import replay_run
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import entries_of, plan
from clusterpact.inputs import InputError
from clusterpact.results.summary import read_table
from tests.commands import call


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Twelve runs of the starter, and the last seven of them by themselves."""
    folder = tmp_path_factory.mktemp("first-run")
    assert call("new", folder / "region") == 0
    whole = load_experiment(str(folder / "region" / "experiment.toml"), runs=12, seed=5, policies=("pact",),
                            recording="yearly", horizon=(2026, 2032), targets={})  # fmt: skip
    last = replace(whole, first_run=5, runs=7)
    for experiment, place in ((whole, "whole"), (last, "last")):
        run_experiment(experiment, folder / place, RunOptions(shard_runs=3))
    return folder / "whole", folder / "last"


def test_its_rows_are_those_of_the_longer_experiment(both):
    for name in ("outcomes", "series", "projects"):
        whole, last = (read_table(folder, name) for folder in both)
        assert last.equals(whole[whole["run"] >= 5].reset_index(drop=True))


def test_it_is_another_experiment_whose_folder_is_whole(both):
    whole, last = (reopen_whole(folder) for folder in both)
    assert (last.first_run, last.runs) == (5, 7)
    assert whole.id != last.id
    assert [shard.first_run for shard in plan(last, 3)] == [5, 8, 11]
    assert len(entries_of(read_manifest(both[1]), both[1])) == 3
    assert call("verify", both[1], "--runs", "4") == 0


def test_its_runs_are_replayed_by_their_number(both):
    assert replay_run(both[1], "pact", 11).matches
    with pytest.raises(InputError, match="expected 5 to 11"):
        replay_run(both[1], "pact", 4)


def test_an_experiment_from_the_first_run_says_nothing_of_it(both):
    assert "first_run" not in reopen(both[0]).resolved()
    assert reopen(both[1]).resolved()["first_run"] == 5
