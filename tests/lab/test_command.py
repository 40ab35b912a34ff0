"""`clusterpact lab`: where the page goes, what it builds on, and mistakes in one line; `report --lab` links to it."""

import re
from types import SimpleNamespace

import pytest
import typer

from clusterpact.lab import page
from tests.commands import call


@pytest.fixture
def written(monkeypatch):
    """The command line with a lab that only tells what it was asked for: the page itself has tests of its own."""
    asked = SimpleNamespace(calls=[])

    def note(experiment, path, base=None, start=None):
        asked.calls.append((experiment.name, str(path), base, start))
        path.write_text("the lab", encoding="utf-8")
        return path

    monkeypatch.setattr(page, "write_lab", note)
    return asked


def test_an_experiment_of_the_library(written, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call("lab", "brescia") == 0
    assert written.calls == [("brescia", "brescia-lab.html", "brescia", None)]
    assert "page:    brescia-lab.html" in capsys.readouterr().out


def test_without_a_name_it_is_dunkirk(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("lab", "--language", "fr", "--out", "labo.html") == 0
    assert written.calls == [("dunkirk", "labo.html", "dunkirk", "fr")]


def test_a_file_is_what_saved_experiments_build_on(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("new", "region") == 0
    assert call("lab", "region/experiment.toml", "--set", "runs=7") == 0
    ((name, path, base, _start),) = written.calls
    assert (path, base) == (f"{name}-lab.html", "experiment.toml")


def test_it_is_opened_when_asked(written, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(typer, "launch", opened.append)
    assert call("lab", "dunkirk", "--open", "--out", tmp_path / "it.html") == 0
    assert opened == [(tmp_path / "it.html").as_uri()]


def test_mistakes_are_one_line(written, tmp_path, capsys):
    for arguments, told in ((("lab", "dunkrik"), "dunkirk"), (("lab", "dunkirk", "--out", tmp_path), "is a folder"),
                            (("lab", "dunkirk", "--set", "run=3"), "runs")):  # fmt: skip
        assert call(*arguments) == 2
        assert re.fullmatch(r"clusterpact: [^\n]+\n", said := capsys.readouterr().err)
        assert told in said
    assert written.calls == []


def test_an_unknown_language_is_one_line(tmp_path, capsys):
    assert call("lab", "dunkirk", "--language", "it", "--out", tmp_path / "l.html") == 2
    assert re.fullmatch(r"clusterpact: [^\n]+\n", capsys.readouterr().err)
    assert not (tmp_path / "l.html").exists()


def test_a_report_links_to_the_lab_of_its_result(written, tmp_path):
    assert call("new", tmp_path / "region") == 0
    assert (
        call("run", tmp_path / "region/experiment.toml", "--runs", 12, "--no-figures", "-q", "--out", tmp_path / "made") == 0
    )
    assert call("report", tmp_path / "made", "--lever-runs", 0) == 0
    assert "lab.html" not in (tmp_path / "made/report.html").read_text(encoding="utf-8")
    assert call("report", tmp_path / "made", "--lever-runs", 0, "--lab", "--language", "de") == 0
    assert '<a href="lab.html">' in (tmp_path / "made/report.de.html").read_text(encoding="utf-8")
    assert [(path, start) for _, path, _, start in written.calls] == [(str(tmp_path / "made/lab.html"), "de")]
    assert call("lab", tmp_path / "made") == 0
    assert call("verify", tmp_path / "made", "--runs", 2) == 0
