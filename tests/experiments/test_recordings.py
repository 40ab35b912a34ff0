"""Levels of recording: which tables each holds, that they agree, and what they cost in memory."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.replay import replay_run
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import world_of
from clusterpact.results.recorded import FOR_PEOPLE, RECORDING, RECORDINGS, table_path
from tests.commands import call, printed

RUNS = 10
LEVELS = [level for level in FOR_PEOPLE if level != "plants"]  #: each holds all of the one below


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of a Dunkirk result at every level of recording."""
    folders = {}
    for number, level in enumerate(LEVELS):
        folders[level] = tmp_path_factory.mktemp(level) / "r"
        run_experiment(
            load_experiment("dunkirk", runs=RUNS, recording=level), folders[level], RunOptions(shard_runs=3 + number)
        )
    return folders


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_holds_its_tables_and_no_others(level, results):
    names = {path.stem for path in (results[level] / "tables").iterdir()}
    assert names == set(RECORDINGS[level])
    assert set(json.loads((results[level] / "complete.json").read_text())["tables"]) == names


@pytest.mark.parametrize("level", LEVELS)
def test_tables_that_levels_share_are_the_same_bytes(level, results):
    for table in RECORDINGS[level]:
        assert table_path(results[level], table).read_bytes() == table_path(results["events"], table).read_bytes()


def test_what_a_search_keeps_of_its_packages_are_the_same_outcomes_without_bands(results, tmp_path):
    run_experiment(replace(load_experiment("dunkirk", runs=RUNS), recording="totals"), tmp_path / "r")
    assert table_path(tmp_path / "r", "outcomes").read_bytes() == table_path(results["outcomes"], "outcomes").read_bytes()
    assert [path.stem for path in (tmp_path / "r" / "tables").iterdir()] == ["outcomes"]


def test_a_level_holds_all_of_the_one_below():
    for lower, higher in itertools.pairwise(LEVELS):
        assert set(RECORDINGS[lower]) < set(RECORDINGS[higher])
    assert RECORDING in RECORDINGS


def test_a_level_is_part_of_what_names_an_experiment(results, capsys):
    assert len({load_experiment("dunkirk", runs=RUNS, recording=level).id for level in LEVELS}) == len(LEVELS)
    assert call("run", "dunkirk", "--runs", RUNS, "--recording", "events", "--out", results["outcomes"], "-q") == 2
    assert "holds another experiment" in capsys.readouterr().err


@pytest.mark.parametrize("run", [0, 7])
def test_events_are_what_replay_tells(run, results):
    folder = results["events"]
    table = pq.read_table(table_path(folder, "events")).to_pandas()
    for place, policy in enumerate(package.name for package in load_experiment("dunkirk", runs=RUNS).policies):
        mine = table[(table["policy"] == policy) & (table["run"] == run)]
        world = world_of(load_experiment("dunkirk", runs=RUNS), place)
        told = [f"{world.date(t)}: {agent} {event}" for t, agent, event in
                zip(mine["quarter"], mine["agent"], mine["event"], strict=True)]  # fmt: skip
        assert told == replay_run(folder, policy, run).lines
        assert told


@pytest.mark.parametrize("level", ["all", "", "Outcomes"])
def test_an_unknown_level_is_one_line(level, tmp_path, capsys):
    assert call("run", "dunkirk", "--recording", level, "--out", tmp_path / "r") == 2
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert "--recording" in error[0]
    assert all(name in error[0] for name in LEVELS)
    assert not (tmp_path / "r").exists()


PEAK = """
import sys
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from pathlib import Path
experiment = load_experiment("dunkirk", runs=int(sys.argv[1]), recording="outcomes")
run_experiment(experiment, Path(sys.argv[2]), RunOptions(threads=2))
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""


def peak_mib(runs, folder):
    """Most memory that a process takes for an experiment, in MiB."""
    return int(printed("-c", PEAK, runs, folder)) / 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_more_runs_take_no_more_memory(tmp_path):
    few, many = peak_mib(1000, tmp_path / "few"), peak_mib(5000, tmp_path / "many")
    assert many - few < 100
