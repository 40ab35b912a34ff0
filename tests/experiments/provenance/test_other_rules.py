"""Results that other rules made: nothing is computed for them here, and one line says so; they can still be read."""

import json
import re
import shutil

import pytest

import clusterpact as cp
from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.archive import write_archive
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.questions.levers import levers_of
from clusterpact.experiments.running import session
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError
from tests.commands import call
from tests.experiments.provenance.forgery import contents_of, of_other_rules

SAID = (
    f"made by other rules (result 1a2b00000000, here {SOURCE_HASH[:12]}; commit abc1234, clusterpact 0.0.9): "
    "finish it with that version, or start anew"
)


@pytest.fixture
def old(result):
    """A complete result of other rules."""
    of_other_rules(result)
    return result


@pytest.fixture
def half(tmp_path, monkeypatch):
    """A result of other rules whose shards are half done."""
    monkeypatch.setattr(session, "complete", lambda *arguments: None)
    run_experiment(load_experiment("dunkirk", runs=4), tmp_path / "h", RunOptions(shard_runs=2))
    monkeypatch.undo()
    for entry in sorted((tmp_path / "h" / "ledger").glob("*.json"))[::2]:
        entry.unlink()
    of_other_rules(tmp_path / "h")
    return tmp_path / "h"


@pytest.mark.parametrize(
    "words",
    [
        ("compare",), ("compare", "--lever-runs", "0"), ("timing",), ("search",), ("report",), ("verify",), ("archive",),
        ("replay",), ("score",), ("outlook",), ("merge",), ("extend", "--runs", "9"), ("export", "--iamc", "x.csv"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_nothing_is_computed_for_a_result_of_other_rules(words, old, capsys):
    before = contents_of(old)
    assert call(words[0], old, *words[1:]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"clusterpact: {old}: rules: {SAID}\n"
    assert contents_of(old) == before
    assert not old.with_name("r.zip").exists()


@pytest.mark.parametrize("folder", ["old", "half"])
def test_no_run_is_added_to_a_result_of_other_rules(folder, request, capsys):
    place = request.getfixturevalue(folder)
    before = contents_of(place)
    for runs in (6 if folder == "old" else 4, 9):  # its own command, and that of another experiment
        assert call("run", "dunkirk", "--runs", runs, "--out", place, "-q") == 2
        assert capsys.readouterr().err == f"clusterpact: {place}: rules: {SAID}\n"
    assert contents_of(place) == before


def test_merge_says_so_in_place_of_missing_shards(half, capsys):
    assert call("merge", half) == 2
    assert capsys.readouterr().err == f"clusterpact: {half}: rules: {SAID}\n"


def test_status_says_how_far_it_is_and_by_whom_it_is_finished(half, capsys):
    assert call("status", half) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "runs:    8 of 16 done (50.0 %), 0 failed"
    assert lines[2] == "shards:  4 of 8 done, 4 missing, 2 runs each"
    assert lines[-1] == f"rules:   {SAID}"
    assert not any(line.startswith("next:") for line in lines)


def test_status_of_a_complete_result_of_other_rules(old, capsys):
    assert call("status", old) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["tables:  complete", f"rules:   {SAID}"]


def test_status_does_not_need_what_the_rules_no_longer_know(half, capsys):
    """A parameter and an instrument that a later version has no more."""
    path = half / "manifest.json"
    data = json.loads(path.read_text())
    data["experiment"]["parameters"] = {"gone_parameter": 1.0}
    data["experiment"]["policies"][0]["schedules"]["gone_instrument"] = [[0, 1.0]]
    path.write_text(json.dumps(data))
    assert call("status", half) == 0
    assert SAID in capsys.readouterr().out
    assert call("merge", half) == 2
    assert SAID in capsys.readouterr().err


def test_tables_of_a_result_of_other_rules_can_be_read(old, made):
    assert cp.Result(old).outcomes.equals(cp.Result(made).outcomes)
    with pytest.raises(InputError, match="made by other rules"):
        cp.compare(old)
    with pytest.raises(InputError, match="made by other rules"):
        cp.replay(old)


def test_levers_of_other_rules_in_a_result_are_never_taken_for_its_own(result, capsys):
    assert call("compare", result, "--package", "pact", "--lever-runs", "2") == 0
    levers = levers_of(reopen(result), "pact", 2)
    folder = result / "levers" / levers.id
    of_other_rules(folder)
    capsys.readouterr()
    assert call("compare", result, "--package", "pact", "--lever-runs", "2") == 2
    assert f"clusterpact: {folder}: rules: made by other rules (result 1a2b" in capsys.readouterr().err


def test_a_version_without_a_commit_is_named_alone(old, capsys):
    data = json.loads((old / "manifest.json").read_text())
    (old / "manifest.json").write_text(json.dumps(data | {"commit": ""}))
    assert call("verify", old) == 2
    assert "; clusterpact 0.0.9): finish it" in capsys.readouterr().err


def test_an_unpacked_archive_of_other_rules_is_refused_by_what_its_readme_tells(result, tmp_path):
    path, _ = write_archive(result, tmp_path / "r.zip")
    shutil.unpack_archive(path, tmp_path / "elsewhere")
    (top,) = (tmp_path / "elsewhere").iterdir()
    of_other_rules(top)
    with pytest.raises(InputError, match=r"made by other rules \(result 1a2b"):
        run_experiment(reopen(top), tmp_path / "again")


def test_shares_and_calibrations_of_other_rules_are_refused_likewise(tmp_path, capsys):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "moves.json").write_text(json.dumps({"source": "1a2b" + "0" * 60, "id": "0123456789ab"}))
    assert call("moves", "dunkirk", "--samples", 2, "--out", folder) == 2
    assert re.search(r"m: rules: made by other rules \(result 1a2b00000000, here \w{12}\): finish", capsys.readouterr().err)
    wave = tmp_path / "c"
    wave.mkdir()
    (wave / "calibration.json").write_text(json.dumps({"source": "1a2b" + "0" * 60}))
    assert call("calibrate", "history/dunkirk-2013", "history/nrw-2013", "--out", wave) == 2
    assert re.search(r"c: rules: made by other rules \(result 1a2b00000000, here \w{12}\): finish", capsys.readouterr().err)
