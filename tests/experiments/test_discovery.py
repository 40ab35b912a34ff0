"""`clusterpact discover` from start to end: tables, figure, sentences, what is the same whoever asks, and mistakes."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.experiments.questions.discovery import discover_result
from clusterpact.face.results import Result
from clusterpact.inputs import InputError
from clusterpact.results.statistics.boxes import split
from clusterpact.results.summary import read_table
from tests.commands import call, python
from tests.results.made import SMALL, small_result

EVENT = "cumulative_mt > 22"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A result of 400 runs of the starter under three policies."""
    return small_result(tmp_path_factory.mktemp("discovery"), SMALL.replace("runs = 60", "runs = 400"))


def futures(result, policy="help"):
    outcomes = read_table(result, "outcomes")
    return outcomes[outcomes["policy"] == policy].set_index("run").sort_index()


def test_a_box_holds_what_it_says(result, capsys):
    """Density, coverage and mass are counted again from the outcomes, in runs that were and were not held out."""
    assert call("discover", result, "--event", EVENT, "--policy", "help") == 0
    printed = capsys.readouterr().out
    boxes = pd.read_csv(result / "discover" / "boxes.csv")
    assert len(boxes) > 0
    first = boxes[boxes["box"] == 1]
    mine = futures(result)
    came, within = (mine["cumulative_mt"] > 22).to_numpy(), np.ones(400, bool)
    for row in first.to_dict("records"):
        values = early_or_drawn(result, mine, row["dimension"])
        within &= ~(values < row["low"]) & ~(values > row["high"])
    held, row = split(400, 1), first.iloc[0]
    for prefix, part in (("", ~held), ("held_", held)):
        assert row[f"{prefix}density"] == pytest.approx(came[within & part].mean())
        assert row[f"{prefix}coverage"] == pytest.approx(came[within & part].sum() / came[part].sum())
        assert row[f"{prefix}runs"] == (within & part).sum()
    assert row["mass"] == pytest.approx(within[~held].mean())
    assert row["held_density"] > came.mean()
    assert (result / "discover" / "boxes.png").stat().st_size > 10_000
    assert f"{EVENT} under help: in {100 * came.mean():.0f}\u00a0% of 400 futures; 133 of them held out (seed 1)" in printed
    assert f"in {100 * row['density']:.0f}\u00a0% of futures where {' and '.join(first['words'])} (covers" in printed
    assert f"held out: {100 * row['held_density']:.0f}\u00a0% of {row['held_runs']}" in printed


def early_or_drawn(result, mine, name):
    """Values of a dimension, counted from the tables without the code that is tested."""
    if name.startswith("draw_"):
        return mine[name].to_numpy()
    if name.startswith("closed_"):
        gates = read_table(result, "gates").query("policy == 'help' and gate == 12 and first_quarter < 32")
        plant = name.removeprefix("closed_").removesuffix("_by_2032")
        return np.isin(mine.index, gates.loc[gates["firm"] == plant, "run"]).astype(float)
    if name.startswith("decided_"):
        pipeline = read_table(result, "pipeline").query("policy == 'help' and fid_year < 2033")
        named = "decided_" + pipeline["project"] + " of " + pipeline["agent"] + "_by_2032"
        return np.isin(mine.index, pipeline.loc[named == name, "run"]).astype(float)
    raise AssertionError(f"no count of {name} here")


def test_leaves_of_the_tree_hold_all_futures_once(result):
    found = discover_result(result, EVENT, "help")
    tree = found.tables["tree"]
    assert len(tree) > 1
    assert tree["runs"].sum() == 267
    assert tree["held_runs"].sum() == 133
    assert tree["coverage"].sum() == pytest.approx(1)
    assert tree["density"].is_monotonic_decreasing


def test_the_same_question_gives_the_same_bytes_and_python_the_same_tables(result):
    discover_result(result, EVENT, "help")
    before = {path.name: path.read_bytes() for path in (result / "discover").iterdir()}
    found = Result(result).discover(EVENT, policy="help")
    assert {path.name: path.read_bytes() for path in (result / "discover").iterdir()} == before
    assert list(found) == ["boxes", "tree", "path", "left_out"]
    assert found.sentences[0] in repr(found)
    assert found.plot.boxes().axes
    assert EVENT in found._repr_html_().replace("&gt;", ">")


def test_the_default_is_the_last_target_under_the_package_of_least_regret(result):
    assert (found := discover_result(result)).event == "target_2030_met == 0"
    assert found.policy in ("help", "same")
    assert found.until == 2029  # the target is judged at the end of 2030
    assert "events of 2030 to 2032" in set(found.tables["left_out"]["name"])


def test_a_difference_is_to_the_baseline_or_to_whom_it_is_asked(result):
    found = discover_result(result, "difference(cumulative_mt) < 0", "help")
    mine, base = futures(result)["cumulative_mt"], futures(result, "current-policies")["cumulative_mt"]
    assert (found.against, found.events) == ("current-policies", int((mine < base).sum()))
    assert discover_result(result, "difference(cumulative_mt) < 0", "help", against="same").against == "same"


def test_an_event_of_all_futures_names_one_that_splits_them(result, capsys):
    assert call("discover", result, "--event", "cumulative_mt > 0") == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert "'cumulative_mt > 0': comes in 400 of 400 futures" in line
    suggested = line.rpartition("such as ")[2].strip("'")
    assert 0.25 < discover_result(result, suggested).base < 0.75


def test_a_result_of_few_runs_is_told_how_many_it_takes(tmp_path):
    few = small_result(tmp_path, SMALL.replace("runs = 60", "runs = 30"))
    with pytest.raises(InputError, match=r"has 30 futures under .*; expected a result of at least 40 runs"):
        discover_result(few, EVENT)


MISTAKES = [
    (("--event", "cumulativ_mt > 3"), "did you mean 'cumulative_mt'?"),
    (("--event", "cumulative_mt"), "expected OUTCOME, a comparison"),
    (("--policy", "hepl"), "--policy = 'hepl': not among the result's policies; did you mean 'help'?"),
    (("--against", "sane"), "--against = 'sane': not among the result's policies; did you mean 'same'?"),
    (("--event", "difference(cumulative_mt) > 0", "--policy", "current-policies"), "expected a package to set against it"),
    (("--event", EVENT, "--events-until", "2036"), "--events-until = 2036: expected a year from 2025 to 2035"),
    (("--seed", "-1"), "--seed"),
]


@pytest.mark.parametrize(("options", "words"), MISTAKES, ids=[" ".join(options) for options, _ in MISTAKES])
def test_a_mistake_is_one_line(options, words, result, capsys):
    assert call("discover", result, *options) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


def test_an_unfinished_result_is_refused(tmp_path):
    with pytest.raises(InputError, match="results"):
        discover_result(tmp_path)


def test_a_missing_extra_is_named(result):
    code = "import sys; sys.modules['sklearn'] = None; from clusterpact.cli.app import main; main()"
    done = python("-c", code, "discover", result)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "pip install scikit-learn (or the extra 'discover')" in done.stderr
