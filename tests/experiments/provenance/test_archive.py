"""`clusterpact archive`: a zip that holds all that a stranger needs, with the same bytes each time."""

import json
import re
import shutil
import subprocess
import zipfile

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.archive import write_archive
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.result import open_folder
from clusterpact.experiments.folder.verify import verify_result
from clusterpact.files import checksum
from clusterpact.inputs import InputError
from clusterpact.results.recorded import RECORDING, RECORDINGS, table_path
from tests.commands import call
from tests.experiments.provenance.forgery import ALL, text


def unpack(file, folder):
    """Unpack an archive; returns its only folder."""
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    return top


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
