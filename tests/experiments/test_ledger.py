"""Contracts 6 and 8: a failed run is a row; interrupted work resumes; a result says where it comes from."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError
from clusterpact.results.recorded import table_path
from tests.commands import environment, poison, table_bytes, wait_for_shards


@pytest.fixture
def experiment() -> Experiment:
    return load_experiment("dunkirk", runs=12)


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Runs whose parameters hold a number that is not one: they raise inside the kernel."""
    bad = {3, 8}
    poison(monkeypatch, bad)
    return bad


def test_a_run_that_raises_becomes_a_row_and_the_others_go_on(
    experiment: Experiment, poisoned: set[int], tmp_path: Path
) -> None:
    outcome = run_experiment(experiment, tmp_path / "r", RunOptions(shard_runs=5))
    assert {failure["run"] for failure in outcome.failures} == poisoned
    assert len(outcome.failures) == len(poisoned) * len(experiment.policies)
    first = outcome.failures[0]
    assert "not a finite number" in first["traceback"]
    assert np.isnan(first["parameters"]["capability_start"])
    assert first["parameters"]["bindingness"] > 0
    runs = pq.read_table(table_path(tmp_path / "r", "outcomes"))["run"].to_pylist()
    assert set(runs) == set(range(12)) - poisoned
    assert json.loads((tmp_path / "r" / "failures.json").read_text())[0]["run"] == first["run"]


def test_the_other_runs_of_a_failed_shard_are_the_same_as_ever(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_experiment(experiment, tmp_path / "healthy", RunOptions(shard_runs=12))
    poison(monkeypatch, {5})
    run_experiment(experiment, tmp_path / "sick", RunOptions(shard_runs=12))
    whole = pq.read_table(table_path(tmp_path / "healthy", "series")).to_pandas()
    sick = pq.read_table(table_path(tmp_path / "sick", "series")).to_pandas()
    assert sick.equals(whole[whole["run"] != 5].reset_index(drop=True))


def test_a_run_killed_in_the_middle_resumes_to_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "clusterpact", "run", "dunkirk", "--runs", "3000", "--shard-runs", "50",
               "--threads", "1", "--no-figures", "-q", "--out"]  # fmt: skip
    process = subprocess.Popen([*command, str(tmp_path / "killed")], env=environment(), cwd=tmp_path)
    wait_for_shards(tmp_path / "killed", 4, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(list((tmp_path / "killed" / "ledger").glob("*.json")))
    assert 4 <= done < 240
    assert not (tmp_path / "killed" / "complete.json").exists()
    experiment = load_experiment("dunkirk", runs=3000)
    resumed = run_experiment(experiment, tmp_path / "killed", RunOptions(threads=2))
    assert resumed.found == done
    assert resumed.ran == 240 - done
    run_experiment(experiment, tmp_path / "undisturbed", RunOptions(threads=2, shard_runs=250))
    assert table_bytes(tmp_path / "killed") == table_bytes(tmp_path / "undisturbed")


def test_a_damaged_part_is_run_again(experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "r"

    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("clusterpact.experiments.running.session.complete", stop)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(experiment, folder, RunOptions(shard_runs=6))
    part = next((folder / "parts" / "series").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-10])
    outcome = run_experiment(experiment, folder)
    assert (outcome.ran, outcome.found) == (1, 7)
    run_experiment(experiment, tmp_path / "whole")
    assert table_bytes(folder) == table_bytes(tmp_path / "whole")


def test_a_finished_result_is_only_read_again(experiment: Experiment, tmp_path: Path) -> None:
    run_experiment(experiment, tmp_path / "r")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*") if path.is_file()}
    assert run_experiment(experiment, tmp_path / "r").ran == 0
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*") if path.is_file()}


def test_a_result_is_never_overwritten_by_another_experiment(experiment: Experiment, tmp_path: Path) -> None:
    run_experiment(experiment, tmp_path / "r")
    before = table_bytes(tmp_path / "r")
    with pytest.raises(InputError, match="holds another experiment"):
        run_experiment(load_experiment("dunkirk", runs=12, seed=5), tmp_path / "r")
    assert table_bytes(tmp_path / "r") == before


def test_a_result_says_where_it_comes_from(experiment: Experiment, tmp_path: Path) -> None:
    run_experiment(experiment, tmp_path / "r")
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert manifest["id"] == experiment.id
    resolved = manifest["experiment"]
    assert resolved["seed"] == 42
    assert resolved["runs"] == 12
    assert [policy["name"] for policy in resolved["policies"]] == [p.name for p in experiment.policies]
    assert set(resolved["inputs"]) == {path.name for path in (tmp_path / "r" / "inputs").iterdir()}
    assert len(resolved["source"]) == 64
    assert manifest["versions"]["numba"]
    assert manifest["machine"]["processor"]


def test_the_id_changes_with_anything_that_results_depend_on(experiment: Experiment) -> None:
    ids = {experiment.id, load_experiment("dunkirk", runs=13).id, load_experiment("dunkirk", runs=12, seed=1).id}
    ids.add(load_experiment("dunkirk", runs=12, policies=["pact"], baseline="pact").id)
    ids.add(load_experiment("dunkirk", runs=12, horizon=[2025, 2049], targets={}).id)
    ids.add(load_experiment("dunkirk", runs=12, uncertainty={}).id)
    assert len(ids) == 6
    assert load_experiment("dunkirk", runs=12).id == experiment.id
