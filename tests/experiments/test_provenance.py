"""Strangers can check a result: runs computed again, an archive that holds all it needs, a manifest with a schema."""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder import verify
from clusterpact.experiments.folder.archive import write_archive
from clusterpact.experiments.folder.manifest import Manifest, fields, read_manifest
from clusterpact.experiments.folder.result import open_folder
from clusterpact.experiments.folder.verify import draw_sample, first_difference, verify_result
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.results.store import RECORDING, RECORDINGS, table_path

from clusterpact.files import checksum
from clusterpact.inputs import InputError
from tests.commands import call, poison

ALL = 24  #: runs of four policies


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A complete result."""
    folder = tmp_path_factory.mktemp("made") / "r"
    run_experiment(load_experiment("dunkirk", runs=6), folder)
    return folder


@pytest.fixture
def result(made, tmp_path):
    """A copy of it to spoil."""
    return Path(shutil.copytree(made, tmp_path / "r"))


def rewrite(folder, table, column, change):
    """Change a column of a table and make its checksum fit, as a forger would."""
    path = table_path(folder, table)
    held = pq.read_table(path)
    place = held.schema.get_field_index(column)
    values = held[column].combine_chunks().to_pylist()
    change(values)
    pq.write_table(held.set_column(place, column, pa.array(values, held.schema.field(column).type)), path)
    refresh(folder)


def other_than(value):
    """The nearest number of its kind, a year for an empty cell, or another text."""
    if isinstance(value, float):
        return float(np.nextafter(value, np.inf))
    return 2030.0 if value is None else value + type(value)(1)


def refresh(folder):
    """Make all checksums fit."""
    sums = json.loads((folder / "complete.json").read_text())
    sums["tables"] = {name: checksum(table_path(folder, name)) for name in sums["tables"]}
    sums["failures"] = checksum(folder / "failures.json")
    (folder / "complete.json").write_text(json.dumps(sums))


def text(verdict):
    return "\n".join(verdict.lines)


def unpack(file, folder):
    """Unpack an archive; returns its only folder."""
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    return top


# Verify ---------------------------------------------------------------------------------------------------------------


def test_all_runs_of_a_result_agree(made):
    verdict = verify_result(made, ALL, 0)
    assert verdict.holds, text(verdict)
    assert "24 of 24 computed again" in text(verdict)
    assert text(verdict).count("6 of 6 agree") == 4


@pytest.mark.parametrize("recording", RECORDINGS)
def test_runs_agree_and_a_change_is_found_whatever_is_recorded(recording, tmp_path):
    folder = tmp_path / "r"
    run_experiment(load_experiment("dunkirk", runs=2, policies=["pact"], baseline="pact", recording=recording), folder)
    assert verify_result(folder, 2, 0).holds
    last = RECORDINGS[recording][-1].replace("bands", "outcomes")
    column = pq.read_schema(table_path(folder, last)).names[-1]
    rewrite(folder, last, column, lambda values: values.__setitem__(-1, other_than(values[-1])))
    assert f"differs: pact, run 1: {last}.{column}, row " in text(verify_result(folder, 2, 0))


def test_runs_computed_alone_agree_with_runs_of_a_large_shard(tmp_path):
    run_experiment(
        load_experiment("dunkirk", runs=60, policies=["pact"], baseline="pact", recording="outcomes"),
        tmp_path / "r",
        RunOptions(shard_runs=60),
    )
    verdict = verify_result(tmp_path / "r", 30, 3)
    assert verdict.holds, text(verdict)


def test_a_sample_larger_than_all_runs_is_all_runs(made):
    assert "24 of 24 computed again" in text(verify_result(made, 10**9, 0))


def test_a_sample_is_random_without_repetition_and_given_by_its_seed():
    experiment = load_experiment("dunkirk", runs=1_000_000)
    first, again, other = (draw_sample(experiment, 500, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert set(first) == {0, 1, 2, 3}
    assert sum(len(set(runs)) for runs in first.values()) == 500
    assert 0.4 < np.mean([run for runs in first.values() for run in runs]) / 1e6 < 0.6


@pytest.mark.parametrize(
    ("table", "column"),
    [("outcomes", "cumulative_mt"), ("series", "scope1_kt"), ("projects", "agent"), ("gates", "last_quarter")],
)
def test_one_changed_value_is_found_although_the_checksum_fits(table, column, result):
    rewrite(result, table, column, lambda values: values.__setitem__(-1, other_than(values[-1])))
    verdict = verify_result(result, ALL, 0)
    assert not verdict.holds
    assert "with their checksums" in text(verdict)
    (line,) = [line for line in verdict.lines if line.startswith("differs:")]
    assert re.match(rf"differs: four-pillars, run 5: {table}\.{column}, row \d+ of the run: holds .*, computed ", line)
    assert "four-pillars: 5 of 6 agree" in text(verdict)


def test_an_empty_cell_in_place_of_a_value_is_found(result):
    rewrite(result, "outcomes", "trust_in_firms", lambda values: values.__setitem__(0, None))
    assert "outcomes.trust_in_firms, row 1 of the run: holds None" in text(verify_result(result, ALL, 0))


@pytest.mark.parametrize("keep", [slice(1, None), slice(0, None)], ids=["missing", "twice"])
def test_a_missing_or_repeated_row_is_found(keep, result):
    held = pq.read_table(table_path(result, "series"))
    extra = [held.slice(0, 1)] if keep.start == 0 else []
    pq.write_table(pa.concat_tables([held.slice(keep.start), *extra]), table_path(result, "series"))
    refresh(result)
    rows = 25 if keep.start else 27
    assert f"current-policies, run 0: series holds {rows} rows, computed 26" in text(verify_result(result, ALL, 0))


def test_a_zero_of_another_sign_is_a_difference_and_an_empty_cell_is_none():
    held, same, other = (pa.table({"x": pa.array([1.0, None, zero])}) for zero in (0.0, 0.0, -0.0))
    assert first_difference(held, same) is None
    assert first_difference(held, other) == ".x, row 3 of the run: holds 0.0, computed -0.0"


def test_a_flipped_byte_is_found(result):
    path = table_path(result, "series")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    verdict = verify_result(result, 2, 0)
    assert not verdict.holds
    assert "tables/series.parquet has not the checksum of complete.json" in text(verdict)


def test_a_table_that_is_none_is_found_and_told(result):
    table_path(result, "gates").write_bytes(b"nothing")
    refresh(result)
    assert "a table cannot be read" in text(verify_result(result, 2, 0))


def test_a_changed_a_missing_and_an_added_input_are_found(result):
    with (result / "inputs" / "prices.csv").open("a") as file:
        file.write("\n")
    (result / "inputs" / "own-prices.csv").write_text("carrier\n")
    (result / "inputs" / "economy.csv").unlink()
    verdict = verify_result(result, 2, 0)
    assert not verdict.holds
    for words in ("prices.csv is not the file", "economy.csv is missing", "own-prices.csv is not among"):
        assert words in text(verdict)


def test_a_changed_experiment_in_the_manifest_is_found(result):
    change_manifest(result, lambda data: data["experiment"].update(seed=43))
    verdict = verify_result(result, 2, 0)
    assert not verdict.holds
    assert "the experiment in the manifest is not that of its id" in text(verdict)


def test_other_rules_are_said_first_and_count_only_if_numbers_differ(made, monkeypatch):
    monkeypatch.setattr(verify, "SOURCE_HASH", "0" * 64)
    verdict = verify_result(made, 3, 0)
    assert verdict.lines[0].startswith("rules:")
    assert verdict.holds


def test_a_run_that_failed_must_fail_again(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        poison(patch, [2])
        run_experiment(
            load_experiment("dunkirk", runs=4, policies=["pact", "four-pillars"], baseline="pact"), tmp_path / "r"
        )
        verdict = verify_result(tmp_path / "r", ALL, 0)
        assert verdict.holds, text(verdict)
        assert "pact: 4 of 4 agree, 1 by failing again" in text(verdict)
    verdict = verify_result(tmp_path / "r", ALL, 0)
    assert not verdict.holds
    assert "differs: pact, run 2: failed and does not fail again" in text(verdict)


def test_a_run_that_is_hidden_among_the_failures_is_found(result):
    failure = {"run": 3, "policy": "pact", "parameters": {}, "traceback": ""}
    (result / "failures.json").write_text(json.dumps([failure]))
    refresh(result)
    verdict = verify_result(result, ALL, 0)
    assert not verdict.holds
    assert "pact, run 3: failed and does not fail again" in text(verdict)


def test_the_command_ends_with_the_verdict(result, capsys):
    assert call("verify", result, "--runs", 3) == 0
    assert "verdict: holds" in capsys.readouterr().out
    rewrite(result, "outcomes", "defaults", lambda values: values.__setitem__(slice(None), [9.0] * len(values)))
    assert call("verify", result, "--runs", 3) == 1
    assert "verdict: does not hold" in capsys.readouterr().out


# Archive --------------------------------------------------------------------------------------------------------------


def test_an_archive_goes_round(result, tmp_path):
    (result / "parts").mkdir()
    (result / "locks").mkdir(exist_ok=True)
    (result / "tables" / ".series.parquet.temporary").write_text("x")
    path, size = write_archive(result, tmp_path / "r.zip")
    assert size == path.stat().st_size
    top = unpack(path, tmp_path / "elsewhere")
    assert top.name == f"dunkirk-{read_manifest(result).id}"
    names = {file.relative_to(top).as_posix() for file in top.rglob("*") if file.is_file()}
    assert {"README.md", "SHA256SUMS", "manifest.json", "complete.json", "failures.json", "ledger.jsonl"} <= names
    assert {f"tables/{table}.parquet" for table in RECORDINGS[RECORDING]} <= names
    assert not [name for name in names if name.startswith(("parts", "locks", "ledger/")) or "/." in name]
    sums = dict(reversed(line.split("  ")) for line in (top / "SHA256SUMS").read_text().splitlines())
    assert sums == {name: checksum(top / name) for name in names - {"SHA256SUMS"}}
    if shutil.which("sha256sum"):
        assert subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=top, check=False).returncode == 0
    verdict = verify_result(top, ALL, 0)
    assert verdict.holds, text(verdict)


def test_what_the_readme_tells_strangers_to_do_gives_the_same_tables(made, tmp_path, monkeypatch):
    top = unpack(write_archive(made, tmp_path / "r.zip")[0], tmp_path / "elsewhere")
    readme = (top / "README.md").read_text()
    assert "clusterpact verify . --runs" in readme
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    monkeypatch.chdir(top)
    exec(compile(code, "README.md", "exec"), {"__name__": "stranger"})
    again = json.loads((top.parent / "again" / "complete.json").read_text())
    assert again["tables"] == json.loads((top / "complete.json").read_text())["tables"]


def test_the_readme_says_what_it_is_and_where_the_data_come_from(made, tmp_path):
    readme = (unpack(write_archive(made, tmp_path / "r.zip")[0], tmp_path / "elsewhere") / "README.md").read_text()
    manifest = read_manifest(made)
    for words in (manifest.id, manifest.versions["numba"], manifest.machine.processor, "`four-pillars`",
                  "How to cite", "The depositor adds one", "EU Transaction Log verified emissions 2022",
                  "**`inputs/prices.csv`** (27 derived"):  # fmt: skip
        assert words in readme
    assert str(made.parent) not in readme


def test_an_archive_has_the_same_bytes_each_time_and_from_an_unpacked_one(made, tmp_path):
    first, _ = write_archive(made, tmp_path / "first.zip")
    second, _ = write_archive(made, tmp_path / "second.zip")
    again, _ = write_archive(unpack(first, tmp_path / "elsewhere"), tmp_path / "again.zip")
    assert first.read_bytes() == second.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(first) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_an_archive_lies_beside_its_folder_by_default(result):
    path, _ = write_archive(result, None)
    assert path == result.with_name("r.zip")


def test_an_archive_that_cannot_be_finished_leaves_nothing(result, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    (tmp_path / "o").mkdir()
    with pytest.raises(InputError, match="No space left"):
        write_archive(result, tmp_path / "o" / "r.zip")
    assert list((tmp_path / "o").iterdir()) == []


# The manifest ---------------------------------------------------------------------------------------------------------


def change_manifest(folder, change):
    data = json.loads((folder / "manifest.json").read_text())
    change(data)
    (folder / "manifest.json").write_text(json.dumps(data))


def names_of(data, model):
    """The fields of a manifest and of its schema must be the same, level by level."""
    optional = {name for name, entry in model.model_fields.items() if not entry.is_required()}
    assert set(data) | optional == set(model.model_fields)


def test_a_manifest_has_the_fields_of_the_schema(made):
    manifest = json.loads((made / "manifest.json").read_text())
    names_of(manifest, Manifest)
    for name in ("experiment", "machine"):
        names_of(manifest[name], Manifest.model_fields[name].annotation)
    assert "execution" in manifest
    assert all(meaning and unit for _, unit, meaning in fields())
    assert "experiment.policies[].schedules" in {name for name, _, _ in fields()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop("machine"), "see machine"),
        (lambda data: data.update(extra=1), "see extra"),
        (lambda data: data["experiment"].update(runs="many"), "see experiment.runs"),
        (lambda data: data["experiment"].update(targets={"2030": float("nan")}), "see experiment.targets.2030"),
        (lambda data: data["experiment"]["inputs"].update({"../../x": "0" * 64}), "see experiment.inputs"),
        (lambda data: data.update(format="2"), "see format"),
    ],
)
def test_a_manifest_that_is_not_as_the_schema_says_is_damaged(change, words, result):
    change_manifest(result, change)
    with pytest.raises(InputError, match="is damaged; expected the manifest of a result") as error:
        read_manifest(result)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("found", "words"), [(1, "an older version; run the experiment again"), (3, "a newer version")])
def test_a_manifest_of_another_format_is_told_in_one_line(found, words, result, capsys):
    change_manifest(result, lambda data: (data.update(format=found), data.pop("shard_timing")))
    for command in ("verify", "archive", "replay", "status"):
        assert call(command, result) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert f"manifest.json: format = {found}: made by {words}" in line


# Mistakes -------------------------------------------------------------------------------------------------------------


def spoil(path, content=None):
    return path.unlink() if content is None else path.write_text(content)


@pytest.mark.parametrize("command", ["verify", "archive"])
@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: shutil.rmtree(folder), "no manifest.json"),
        (lambda folder: spoil(folder / "manifest.json", "{}"), "is damaged"),
        (lambda folder: spoil(folder / "complete.json"), "is not complete"),
        (lambda folder: spoil(folder / "complete.json", "[]"), "is damaged"),
        (lambda folder: spoil(folder / "complete.json", '{"tables": {"outcomes": 3}, "failures": ""}'), "is damaged"),
    ],
)
def test_what_is_no_complete_result_is_refused_in_one_line(command, harm, words, result, capsys):
    harm(result)
    assert call(command, result) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert words in line
    assert not result.with_name("r.zip").exists()


def test_a_result_that_was_only_started_is_refused(tmp_path):
    open_folder(load_experiment("dunkirk", runs=2), tmp_path / "r", 50)
    for attempt in (lambda: verify_result(tmp_path / "r", 2, 0), lambda: write_archive(tmp_path / "r", None)):
        with pytest.raises(InputError, match="is not complete"):
            attempt()


def test_an_archive_of_a_result_that_is_not_whole_is_refused(result):
    table_path(result, "gates").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"is not whole: tables/gates.parquet has not the checksum"):
        write_archive(result, None)


def test_an_archive_never_overwrites_and_never_lies_in_its_result(result, tmp_path, capsys):
    (tmp_path / "there.zip").write_text("mine")
    for file, words in ((tmp_path / "there.zip", "exists"), (tmp_path, "exists"), (result / "inputs" / "r.zip", "lies in"),
                        (tmp_path / "there.zip" / "r.zip", "cannot be")):  # fmt: skip
        assert call("archive", result, "--file", file) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert words in line
    assert (tmp_path / "there.zip").read_text() == "mine"
