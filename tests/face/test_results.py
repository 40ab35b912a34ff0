"""Results and comparisons in Python: tables, words, figures, pages, and what is told while they are made."""

import json
import sys
from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure

import clusterpact as cp
from clusterpact.face.progress import Line, told
from clusterpact.results.figures.painters import FIGURES
from tests.commands import call


@pytest.fixture(scope="module")
def compared(result):
    """The result compared, without levers."""
    return result.compare(progress=False, lever_runs=0)


def test_the_tables_of_a_result_are_there(result):
    for name in ("outcomes", "bands", "series", "gates", "projects", "pipeline"):
        assert len(getattr(result, name)) > 0
    assert len(result.outcomes) == 24
    assert result.manifest == json.loads((result.path / "manifest.json").read_text())


def test_a_finished_result_is_only_read_again(small, result):
    before = (result.path / "complete.json").stat().st_mtime_ns
    assert small.run(progress=False, out=result.folder) == result
    assert (result.path / "complete.json").stat().st_mtime_ns == before


def test_the_summary_is_the_table_that_the_command_line_writes(result, tmp_path):
    assert call("run", "dunkirk", "--runs", 3, "--no-figures", "--out", tmp_path / "r", "--threads", 1) == 0
    summary = cp.Result(tmp_path / "r").summary()
    written = (tmp_path / "r" / "summary.csv").read_text().splitlines()
    assert list(summary.columns) == ["current-policies", "pact", "finance-first", "four-pillars"]
    told = summary.index[~summary.index.str.startswith("what holds it back")]
    assert len(told) * 4 <= len(written) - 1  # numbers of the gates stand in more rows
    assert result.summary().loc["abated by 2030, % of scope 1", "finance-first"]


def test_a_result_says_what_it_is_in_words_and_as_a_table_without_scripts(result):
    words = "Dunkirk: pact, finance, or both?: 2 policies x 12 runs, 2026 to 2031, seed 42"
    assert repr(result) == f"Result of {words}; in {result.path}"
    html = result._repr_html_()
    assert f"<b>{words}</b>" in html
    assert "<th>finance-first</th>" in html
    assert str(result.path) in html
    assert "<script" not in html


def test_what_is_no_result_says_so_in_words(tmp_path):
    nothing = cp.Result(tmp_path / "<none>")
    assert "cannot be read" in repr(nothing)
    assert "&lt;none&gt;" in nothing._repr_html_()
    with pytest.raises(cp.InputError, match=r"no manifest\.json; expected the folder of a result"):
        nothing.outcomes  # noqa: B018


def test_a_table_that_was_not_recorded_says_at_which_levels_it_is(tmp_path):
    changes = {"policies": ["pact"], "set": {"horizon": (2026, 2027), "recording": "outcomes"}}
    lean = cp.run("dunkirk", 2, progress=False, out=tmp_path / "r", **changes)
    assert len(lean.outcomes) == 2
    with pytest.raises(
        cp.InputError, match='series: not recorded at the level "outcomes"; expected recording = "yearly" or'
    ):
        lean.series  # noqa: B018
    assert dir(lean.plot) == ["abatement", "emissions", "gates", "runs"]


@pytest.mark.parametrize(
    ("options", "line"),
    [({"confidence": 2.0}, "confidence = 2.0: expected 0.5 to 0.99"),
     ({"lever_runs": -1}, "lever_runs = -1: expected a whole"),
     ({"lever_runs": 2.5}, "lever_runs = 2.5: expected a whole"),
     ({"threads": 0}, "threads = 0: expected a whole number, 1 to"),
     ({"outcome": "cumulativ_mt"}, "outcome = 'cumulativ_mt': no such outcome; did you mean 'cumulative_mt'")],
)  # fmt: skip
def test_an_option_of_a_comparison_that_cannot_be_is_one_line(options, line, result):
    with pytest.raises(cp.InputError, match=line):
        result.compare(progress=False, **({"lever_runs": 0} | options))


def test_every_figure_of_a_result_is_a_picture_that_a_notebook_shows(result):
    assert dir(result.plot) == sorted(FIGURES)
    for name in FIGURES:
        figure = getattr(result.plot, name)()
        assert isinstance(figure, Figure)
        assert figure._repr_png_().startswith(b"\x89PNG")
    assert ".emissions(): Does the cluster reach its targets?" in repr(result.plot)
    with pytest.raises(AttributeError, match="no figure 'emision'; there are: abatement, emissions"):
        result.plot.emision()


def test_a_comparison_holds_its_tables_by_name_and_as_attributes(result, compared):
    assert compared["differences"] is compared.differences
    assert {*compared} == {path.stem for path in (result.path / "compare").glob("*.csv")}
    assert "differences" in dir(compared)
    assert "levers" not in compared
    with pytest.raises(AttributeError, match="no table 'diferences'; did you mean 'differences'"):
        compared.diferences  # noqa: B018
    assert repr(compared).startswith("Comparison of Dunkirk: pact, finance, or both? by")
    html = compared._repr_html_()
    assert "<td>finance-first</td>" in html
    assert "<script" not in html


def test_every_figure_of_a_comparison_is_drawn(compared):
    assert dir(compared.plot) == ["cost", "differences", "regrets", "trust"]
    for name in dir(compared.plot):
        assert isinstance(getattr(compared.plot, name)(), Figure)


def test_levers_are_told_while_they_run_and_bring_a_figure(result, capsys):
    compared = result.compare(lever_runs=2)
    assert "runs/s" in capsys.readouterr().err
    assert len(compared.levers) > 0
    assert isinstance(compared.plot.members(), Figure)


def test_the_page_is_written_where_it_is_asked_for(result, compared, tmp_path):
    assert compared.report(tmp_path / "page.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert result.report(lever_runs=0, progress=False) == result.path / "report.html"
    with pytest.raises(cp.InputError, match="is a folder"):
        compared.report(tmp_path)


def test_a_run_is_told_in_lines_unless_it_is_silent(small, tmp_path, capsys):
    small.run(out=tmp_path / "a")
    assert "24/24 runs" in capsys.readouterr().err
    small.run(out=tmp_path / "b", progress=False)
    assert capsys.readouterr() == ("", "")
    with pytest.raises(cp.InputError, match="threads = 0: expected a whole number, 1 or more"):
        small.run(threads=0)


def test_run_takes_what_an_experiment_takes(tmp_path):
    found = cp.run("dunkirk", 2, policies=["pact"], set={"horizon": (2026, 2027)}, progress=False, out=tmp_path / "r")
    assert found.outcomes["policy"].tolist() == ["pact", "pact"]


def test_in_a_notebook_one_line_changes_below_the_cell(monkeypatch):
    shown = []

    class Handle:
        def update(self, text, raw):
            shown.append((text["text/plain"], "changed"))

    def display(text, raw, display_id):
        shown.append((text["text/plain"], "new"))
        return Handle()

    shell = SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    with told(True) as line:
        assert isinstance(line, Line)
        line.note("compiling")
        line.report(3, 2000, 1)
    assert shown == [("compiling", "new"), ("3 of 2,000 runs, 1 failed", "changed")]
