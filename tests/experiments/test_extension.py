"""A result that grows: the bytes of the larger experiment run from the start, and what was there is not run again."""

import json
import shutil

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.verify import verify_result
from clusterpact.experiments.running import extension
from clusterpact.experiments.running.extension import begin_extension
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.variant import load_variant
from clusterpact.inputs import InputError
from tests.commands import call, poison, table_bytes
from tests.faults.common import one_line

SMALL = {"policies": ["current-policies", "pact"], "horizon": [2026, 2032], "targets": {2030: 0.3}}


def of(runs, **changes):
    return load_variant("dunkirk", runs=runs, **SMALL | changes)


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """A complete result of 23 runs of two policies, in shards of 10."""
    folder = tmp_path_factory.mktemp("extension") / "r"
    run_experiment(of(23), folder, RunOptions(shard_runs=10))
    return folder


@pytest.mark.parametrize("recording", ["quarterly", "events", "plants"])
def test_a_grown_result_has_the_bytes_of_one_from_the_start_and_runs_only_what_is_new(recording, tmp_path):
    changes = {} if recording == "quarterly" else {"recording": recording}
    run_experiment(of(23, **changes), tmp_path / "small", RunOptions(shard_runs=10))
    before = table_bytes(tmp_path / "small", recording)
    experiment, folder = begin_extension(tmp_path / "small", 37, tmp_path / "grown")
    outcome = run_experiment(experiment, folder)
    assert (outcome.found, outcome.ran) == (2 * 2, 2 * 2)  # of 20 of the 23 runs, and of 20 to 29 and 30 to 36
    run_experiment(of(37, **changes), tmp_path / "start", RunOptions(shard_runs=37))
    assert table_bytes(folder, recording) == table_bytes(tmp_path / "start", recording)
    assert experiment.id == of(37, **changes).id
    assert table_bytes(tmp_path / "small", recording) == before
    assert verify_result(folder, 5, 1).holds
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["execution"]["executors"]) == {"kept", "local"}


def test_the_command_makes_it_and_run_says_that_it_could(complete, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(complete, tmp_path / "r")
    assert call("extend", "r", "--runs", 31, "--no-figures", "-q") == 0
    folder = capsys.readouterr().out.strip().splitlines()[-1]
    assert folder == f"runs/dunkirk-{of(31).id}"
    assert call("extend", "r", "--runs", 31, "--no-figures", "-q") == 0  # again: found complete
    capsys.readouterr()
    with pytest.raises(InputError) as told:
        run_experiment(of(40), tmp_path / "r")
    assert "holds 23 runs of it; clusterpact extend makes a larger result of them" in str(told.value)
    with pytest.raises(InputError) as told:
        run_experiment(of(23, seed=7), tmp_path / "r")
    assert "holds another experiment" in str(told.value)


def test_one_that_was_killed_on_the_way_goes_on_with_the_same_command(complete, tmp_path, monkeypatch):
    calls = []
    usual = extension.write_parts

    def killed(*given):
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return usual(*given)

    with monkeypatch.context() as patch:
        patch.setattr(extension, "write_parts", killed)
        with pytest.raises(KeyboardInterrupt):
            begin_extension(complete, 30, tmp_path / "g")
    experiment, folder = begin_extension(complete, 30, tmp_path / "g")
    assert run_experiment(experiment, folder).found == 4
    run_experiment(of(30), tmp_path / "start")
    assert table_bytes(folder) == table_bytes(tmp_path / "start")


def test_failed_runs_are_carried_over(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        poison(patch, {3})
        run_experiment(of(12), tmp_path / "small", RunOptions(shard_runs=6))
    failed = json.loads((tmp_path / "small" / "failures.json").read_text())
    assert [one["run"] for one in failed] == [3, 3]
    experiment, folder = begin_extension(tmp_path / "small", 18, tmp_path / "grown")
    run_experiment(experiment, folder)
    assert json.loads((folder / "failures.json").read_text()) == failed


@pytest.mark.parametrize(
    ("runs", "words"), [(23, "expected more than the 23"), (5, "expected more than the 23"), (10**9, "expected")]
)
def test_fewer_runs_or_too_many_are_one_line(complete, tmp_path, runs, words, capsys):
    assert call("extend", complete, "--runs", runs, "--out", tmp_path / "g") == 2
    assert words in one_line(capsys.readouterr().err)
    assert not (tmp_path / "g").exists()


def test_what_cannot_grow_says_why(complete, tmp_path):
    run_experiment(of(4, recording="outcomes"), tmp_path / "o")
    with pytest.raises(InputError, match="keeps no series"):
        begin_extension(tmp_path / "o", 9, tmp_path / "g")
    shutil.copytree(complete, tmp_path / "half")
    (tmp_path / "half" / "complete.json").unlink()
    with pytest.raises(InputError, match="is not complete"):
        begin_extension(tmp_path / "half", 30, tmp_path / "g")
    shutil.copytree(complete, tmp_path / "other")
    manifest = tmp_path / "other" / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace(load_experiment("dunkirk").resolved()["source"], "0" * 64))
    with pytest.raises(InputError, match=r"other rules|does not fit"):
        begin_extension(tmp_path / "other", 30, tmp_path / "g")
    with pytest.raises(InputError, match="holds another experiment"):
        begin_extension(complete, 30, tmp_path / "o")
    assert not (tmp_path / "g").exists()
