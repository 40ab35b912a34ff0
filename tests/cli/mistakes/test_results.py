"""A mistake about a result, and results that are damaged."""

import hashlib
import json
import sys

import pytest

from clusterpact.cli import app as cli
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import open_folder
from clusterpact.files import checksum
from clusterpact.results.recorded import RECORDING, RECORDINGS, table_path
from tests.cli.mistakes.edits import RUN, assert_holds


@pytest.fixture
def result(work):
    """A result folder `o` that was started and holds no run yet."""
    open_folder(load_experiment("region/experiment.toml", runs=2), work / "o", 25)
    return work / "o"


def change_manifest(folder, change):
    """Edit the manifest of a result."""
    path = folder / "manifest.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def finish(folder, failures):
    """Give a result whole tables (of nonsense) and the marks of a complete one."""
    for name in RECORDINGS[RECORDING]:
        table_path(folder, name).parent.mkdir(exist_ok=True)
        table_path(folder, name).write_bytes(b"not a table")
    sums = {name: checksum(table_path(folder, name)) for name in RECORDINGS[RECORDING]}
    (folder / "complete.json").write_text(
        json.dumps({"tables": sums, "failures": hashlib.sha256((failures or "").encode()).hexdigest()})
    )
    if failures is not None:
        (folder / "failures.json").write_text(failures)


def test_out_holds_another_experiment(result, complain):
    line = complain(*RUN, "--seed", "7", "--out", "o")
    assert_holds(line, ["o: out", "another experiment", json.loads((result / "manifest.json").read_text())["id"]])


def test_replay_of_an_unknown_policy(result, complain):
    assert_holds(complain("replay", "o", "--policy", "patc"), ["o: policy = 'patc'", "not in this result", "'pact'"])


def test_replay_of_a_run_that_is_not_there(result, complain):
    assert_holds(complain("replay", "o", "--run", "2"), ["o: run = 2", "expected 0 to 1"])


@pytest.mark.parametrize("command", [("replay", "o"), (*RUN, "--out", "o")], ids=["replay", "run"])
@pytest.mark.parametrize("content", [b"", b"{{", b"[]", b"3", b"null", b"\xff\xfe\x00", b'{"x": 1}'])
def test_a_manifest_that_is_none(content, command, result, complain):
    (result / "manifest.json").write_bytes(content)
    assert_holds(complain(*command), ["o/manifest.json: manifest", "damaged"])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda e: e.pop("name"), id="no-name"),
        pytest.param(lambda e: e.update(policies=3), id="policies-a-number"),
        pytest.param(lambda e: e.update(policies=[{}]), id="policy-without-a-name"),
        pytest.param(lambda e: e.update(horizon=[2025]), id="horizon-of-one-year"),
        pytest.param(lambda e: e.update(uncertainty={"nosuch": {"uniform": [0, 1]}}), id="parameter-unknown"),
        pytest.param(lambda e: e.update(runs="many"), id="runs-text"),
        pytest.param(lambda e: e.update(targets={"soon": 1}), id="target-without-a-year"),
    ],
)
def test_a_manifest_with_one_damaged_value(change, result, complain):
    change_manifest(result, lambda data: change(data["experiment"]))
    assert_holds(complain("replay", "o"), ["manifest.json"])


@pytest.mark.parametrize("value", ["missing", 0, "many"])
def test_a_manifest_without_a_shard_size(value, result, complain):
    change_manifest(result, lambda data: data.pop("shard_runs") if value == "missing" else data.update(shard_runs=value))
    assert_holds(complain(*RUN, "--out", "o"), ["manifest.json"])


@pytest.mark.parametrize("file", ["cluster.toml", "firms.csv", "prices.csv"])
def test_a_result_without_its_inputs(file, result, complain):
    (result / "inputs" / file).unlink()
    assert_holds(complain("replay", "o"), ["o: inputs", "are not those of the result", f"{file} is missing"])


@pytest.mark.parametrize("failures", [None, "junk"], ids=["missing", "damaged"])
def test_a_complete_result_with_a_damaged_list_of_failures_is_mended(failures, result, monkeypatch, capsys):
    finish(result, failures)
    monkeypatch.setattr(sys, "argv", ["clusterpact", *RUN, "--out", "o"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 0, capsys.readouterr().err
    assert json.loads((result / "failures.json").read_text()) == []


def test_replay_of_a_damaged_table(result, complain):
    finish(result, "[]")
    assert_holds(complain("replay", "o"), ["series.parquet", "damaged"])
    table_path(result, "series").write_bytes(b"another")
    assert_holds(complain("replay", "o"), ["series.parquet", "has not the checksum of complete.json"])
