"""Links, pipes and changed tables in a result of somebody else: one line, and nothing behind them is read or written."""

import os
import shutil

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import run_experiment
from clusterpact.files import refuse_links
from clusterpact.inputs import InputError
from clusterpact.results.recorded import table_path
from tests.commands import call
from tests.experiments.provenance.forgery import refresh
from tests.faults.common import one_line, run
from tests.fuzz.words import SEARCH

FINISHED = (
    "archive", "verify", "compare", "timing", "search", "report", "merge", "status", "score", "outlook", "replay", "export",
    "extend",
)  # fmt: skip
NEEDS = {
    "export": ("--iamc", "x.csv"),
    "timing": ("--runs", 2, "--every", 80, "--instrument", "lock_in"),
    "search": SEARCH,
    "extend": ("--runs", 6, "--out", "grown"),
}  #: options that a command needs


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """What a command writes beside a result lands in the test's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A complete result."""
    folder = tmp_path_factory.mktemp("made") / "r"
    run_experiment(load_experiment("dunkirk", runs=4), folder)
    return folder


@pytest.fixture
def result(made, tmp_path):
    """A copy of it to spoil."""
    return shutil.copytree(made, tmp_path / "r")


@pytest.fixture
def mine(tmp_path):
    """A folder of the user's own, with a file in it."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "secret.txt").write_text("secret")
    return tmp_path / "mine"


def put_link(place, target):
    """A link in the place of whatever is there."""
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target, target.is_dir())


FILES = ("summary.csv", "sensitivity.csv", "failures.json", "ledger/p000-r000000000-n4.json", "figures/x.png",
         "tables/bands.parquet", "inputs/firms.csv", "locks/client.json", "compare/regret.csv", "report.html",
         ".hidden", "manifest.json")  # fmt: skip
FOLDERS = ("figures", "tables", "inputs", "ledger", "locks", "compare", "levers", "timing", "search", "score", "parts",
           "notes/deep")  # fmt: skip


@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_a_link_in_a_result_is_one_line_and_nothing_behind_it_is_touched(name, result, mine, capsys):
    put_link(result / name, mine if name in FOLDERS else mine / "secret.txt")
    for command in ("archive", "report", "run"):
        code = run(result, runs=4) if command == "run" else call(command, result)
        assert code == 2
        assert one_line(capsys.readouterr().err) == (
            f"clusterpact: {result / name}: file: is a link; expected files and folders of the result's own"
        )
    assert [path.name for path in mine.iterdir()] == ["secret.txt"]
    assert (mine / "secret.txt").read_text() == "secret"
    assert not result.with_name("r.zip").exists()


@pytest.mark.parametrize("command", FINISHED)
def test_every_command_refuses_a_link(command, result, mine, capsys):
    put_link(result / "figures", mine)
    assert call(command, result, *NEEDS.get(command, ())) == 2
    assert f"{result / 'figures'}: file: is a link" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("name", ["locks/client.json", "locks", "ledger", "parts/series", "tables", "inputs"])
def test_an_unfinished_result_with_a_link_is_neither_run_nor_merged(name, folder, mine, capsys):
    put_link(folder / name, mine / "secret.txt" if name.endswith("json") else mine)
    for words in (("merge", folder), ("status", folder), ("run", "dunkirk", "--runs", 12, "--out", folder, "-q")):
        assert call(*words) == 2
        assert f"{folder / name}: file: is a link" in one_line(capsys.readouterr().err)
    assert [path.name for path in mine.iterdir()] == ["secret.txt"]
    assert (mine / "secret.txt").read_text() == "secret"


def test_a_new_folder_whose_locks_lie_elsewhere_is_refused(mine, tmp_path, capsys):
    put_link(tmp_path / "r" / "locks", mine)
    assert run(tmp_path / "r") == 2
    assert "locks: file: is a link" in one_line(capsys.readouterr().err)
    assert [path.name for path in mine.iterdir()] == ["secret.txt"]


@pytest.mark.parametrize("name", ["summary.csv", "manifest.json", "complete.json", "figures/x.png", "tables/bands.parquet"])
@pytest.mark.parametrize("command", ["archive", "verify", "status"])
def test_a_pipe_in_a_result_is_one_line_and_nobody_waits_for_it(command, name, result, capsys):
    (result / name).unlink(missing_ok=True)
    (result / name).parent.mkdir(exist_ok=True)
    os.mkfifo(result / name)
    assert call(command, result) == 2
    assert f"{result / name}: file: is no ordinary file" in one_line(capsys.readouterr().err)


def test_the_folder_itself_may_be_a_link_that_its_user_made(result, tmp_path, capsys):
    (tmp_path / "here").symlink_to(result)
    assert call("status", tmp_path / "here") == 0
    assert run(tmp_path / "here", runs=4) == 0
    assert call("archive", tmp_path / "here") == 0
    assert capsys.readouterr().err.count("clusterpact: ") == 0


def test_what_is_removed_meanwhile_and_what_is_not_there_is_no_link(tmp_path):
    refuse_links(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    refuse_links(tmp_path / "file")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="lost: file: is a link"):
        refuse_links(tmp_path)


# --- tables that were changed


@pytest.mark.parametrize("command", ["compare", "report", "search", "score", "outlook", "archive", "export", "extend"])
@pytest.mark.parametrize("table", ["outcomes", "bands", "series", "projects", "pipeline", "gates"])
def test_a_changed_table_is_one_line_before_anything_is_read(command, table, result, capsys):
    path = table_path(result, table)
    path.write_bytes(path.read_bytes() + b"x")
    assert call(command, result, *NEEDS.get(command, ())) == 2
    said = f"{result}: results: is not whole: tables/{table}.parquet has not the checksum of complete.json; run the"
    assert said in one_line(capsys.readouterr().err)
    assert not (result / "compare").exists()
    assert not (result / "report.html").exists()


def test_a_changed_or_lost_list_of_failures_is_one_line(result, capsys):
    (result / "failures.json").write_text("[ ]")
    assert call("compare", result) == 2
    assert "is not whole: failures.json has not the checksum" in one_line(capsys.readouterr().err)
    (result / "failures.json").unlink()
    assert call("outlook", result) == 2
    assert "is not whole: failures.json is missing" in one_line(capsys.readouterr().err)


def test_changed_inputs_are_one_line(result, capsys):
    with (result / "inputs" / "prices.csv").open("a") as file:
        file.write("\n")
    for command in ("compare", "replay", "merge", "archive", "export", "extend"):
        assert call(command, result, *NEEDS.get(command, ())) == 2
        said = "inputs: are not those of the result: prices.csv is not the file that the manifest names"
        assert said in one_line(capsys.readouterr().err)


def test_a_table_of_other_columns_whose_checksum_fits_is_one_line(result, capsys):
    shutil.copyfile(table_path(result, "bands"), table_path(result, "outcomes"))
    refresh(result)
    for command in ("compare", "report", "archive"):
        assert call(command, result) == 2
        assert "tables/outcomes.parquet" in one_line(capsys.readouterr().err)
