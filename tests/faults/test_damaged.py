"""Damaged parts, ledgers and manifests, and runs that raise: what is damaged runs again, or one clear line says so."""

import json
import shutil

import pyarrow.parquet as pq
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.results.recorded import part_path, table_path
from tests.commands import Heard, call, poison, table_bytes
from tests.faults.common import FIRST, RUNS, SECOND, SHARDS, TABLES, entry_of, one_line, run

# --- parts and ledger entries


def truncate(folder):
    part = part_path(folder, "series", FIRST)
    part.write_bytes(part.read_bytes()[:-10])


def remove(folder):
    part_path(folder, "bands", FIRST).unlink()


def swap(folder):
    shutil.copyfile(part_path(folder, "series", SECOND), part_path(folder, "series", FIRST))


def foreign(folder):
    """The same shard of another seed: the same name, the same size of table, other numbers."""
    other = folder.with_name("other")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clusterpact.experiments.folder.result.remove_parts", lambda folder: None)
        run_experiment(load_experiment("dunkirk", runs=RUNS, seed=7), other, RunOptions(shard_runs=6))
    shutil.copyfile(part_path(other, "outcomes", FIRST), part_path(folder, "outcomes", FIRST))


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (truncate, "its part of series is damaged, or another one's"),
        (remove, "its part of bands is missing"),
        (swap, "its part of series is damaged, or another one's"),
        (foreign, "its part of outcomes is damaged, or another one's"),
    ],
)
def test_a_shard_whose_part_is_damaged_runs_again(harm, reason, folder, undisturbed, capsys):
    harm(folder)
    assert call("merge", folder) == 2
    assert f"1 of {SHARDS} shards are missing or damaged (first: {FIRST}); run them first" in capsys.readouterr().err
    heard = Heard()
    outcome = run_experiment(load_experiment("dunkirk", runs=RUNS), folder, RunOptions(progress=heard))
    assert (outcome.ran, outcome.found) == (1, SHARDS - 1)
    assert f"damaged shards, which run again: 1 (first: {FIRST}: {reason})" in heard.notes
    assert table_bytes(folder) == undisturbed()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder, text: "",
        lambda folder, text: text[: len(text) // 2],
        lambda folder, text: "[1, 2]",
        lambda folder, text: "[" * 100_000,
        lambda folder, text: "\udcff",
        lambda folder, text: (folder / "ledger" / f"{SECOND}.json").read_text(),
        lambda folder, text: json.dumps(entry_of(folder) | {"parts": {}}),
        lambda folder, text: json.dumps(entry_of(folder) | {"parts": []}),
        lambda folder, text: json.dumps({key: value for key, value in entry_of(folder).items() if key != "parts"}),
        lambda folder, text: json.dumps({key: value for key, value in entry_of(folder).items() if key != "worker"}),
        lambda folder, text: json.dumps(entry_of(folder) | {"finished": None}),
        lambda folder, text: json.dumps(entry_of(folder) | {"shard": {"policy": 0}}),
        lambda folder, text: json.dumps(entry_of(folder) | {"experiment": "0123456789ab"}),
    ],
)
def test_a_shard_whose_entry_is_damaged_runs_again(spoil, folder, undisturbed, capsys):
    path = folder / "ledger" / f"{FIRST}.json"
    path.write_text(spoil(folder, path.read_text()), errors="surrogateescape")
    assert call("status", folder) == 0
    assert call("merge", folder) == 2
    assert f"1 of {SHARDS} shards are missing or damaged (first: {FIRST})" in one_line(capsys.readouterr().err)
    outcome = run_experiment(load_experiment("dunkirk", runs=RUNS), folder)
    assert (outcome.ran, outcome.found) == (1, SHARDS - 1)
    assert table_bytes(folder) == undisturbed()


def test_a_lost_table_is_made_again(folder, undisturbed):
    assert run(folder) == 0
    table_path(folder, "series").unlink()
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tables": 3}', '{"tables": ["outcomes"], "failures": ""}'])
def test_a_damaged_note_of_completion_is_made_again(text, folder, undisturbed):
    (folder / "complete.json").write_text(text)
    assert run(folder) == 0
    assert table_bytes(folder) == undisturbed()


def test_a_damaged_manifest_is_one_line(folder, capsys):
    path = folder / "manifest.json"
    whole = path.read_text()
    damages = ["", whole[:100], "[]", '{"id": 3}', whole.replace('"source"', '"recording": "all",\n  "source"')]
    for text in damages:
        path.write_text(text)
        assert call("status", folder) == 2
        assert "manifest.json" in one_line(capsys.readouterr().err)
        assert call("merge", folder) == 2
        assert "manifest.json" in one_line(capsys.readouterr().err)


# --- runs that raise


def test_failed_runs_are_rows_everywhere(tmp_path, undisturbed, monkeypatch, capsys):
    folder = tmp_path / "r"
    poison(monkeypatch, {3, 8})
    for task in (0, 1):
        assert run(folder, "--shard", f"{task}/2") == 1
    assert "4 runs failed (first: current-policies, run 3: ValueError" in capsys.readouterr().err
    assert call("status", folder) == 0
    assert f"{4 * RUNS} of {4 * RUNS} done (100.0 %), 8 failed" in capsys.readouterr().out
    assert call("merge", folder) == 1
    assert "8 failed runs" in capsys.readouterr().out
    assert run(folder) == 1  # complete, and still said
    failures = json.loads((folder / "failures.json").read_text())
    assert sorted({failure["run"] for failure in failures}) == [3, 8]
    sick = pq.read_table(table_path(folder, "series")).to_pandas()
    whole = tmp_path / "series.parquet"
    whole.write_bytes(undisturbed()["series"])
    table = pq.read_table(whole).to_pandas()
    assert sick.equals(table[~table["run"].isin([3, 8])].reset_index(drop=True))


def test_when_all_runs_fail_it_is_said_and_the_tables_are_empty(tmp_path, monkeypatch, capsys):
    poison(monkeypatch, set(range(RUNS)))
    assert run(tmp_path / "r") == 1
    assert f"{4 * RUNS} runs failed" in one_line(capsys.readouterr().err)
    assert [len(pq.read_table(table_path(tmp_path / "r", table))) for table in TABLES] == [0] * len(TABLES)
