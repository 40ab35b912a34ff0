"""Every command on worlds at the edge: it ends well, warns of nothing, and prints no number that is none."""

import csv
import re
import warnings

import pytest

from tests.commands import call, poison
from tests.results.edge_worlds import HUNDRED, WORLDS, policies

NONE = re.compile(r"\b(nan|inf|NaN|Traceback|Warning|findfont)\b")
NOTE = "clusterpact: figures: no installed font has"


@pytest.fixture
def world(tmp_path, monkeypatch, capfd):
    """The starter, edited, and a command in its folder that must end with a code and print nothing odd."""
    monkeypatch.chdir(tmp_path)
    assert call("new", "region") == 0

    def run(*words, code=0):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert call(*words) == code, capfd.readouterr()
        printed = capfd.readouterr()
        text = printed.out + printed.err
        assert not NONE.search(text), text
        assert text.count(NOTE) <= 1
        return text

    run.folder = tmp_path / "region"
    return run


RUN = ("run", "region/experiment.toml", "--threads", 1, "--out", "o", "--runs")


@pytest.mark.horizon
@pytest.mark.parametrize("name", WORLDS)
def test_every_command_copes_with(name, world):
    WORLDS[name](world.folder)
    world(*RUN, 4)
    assert len(list((world.folder.parent / "o" / "figures").glob("*.png"))) == 5
    world("report", "o", "--lever-runs", 2, "--threads", 1)
    world("compare", "o", "--lever-runs", 0)
    world("show", "region", "--out", "pictures")
    world("account", "region/experiment.toml", "--policy", "current-policies", "--runs", 2, "--out", "account")
    design = ("--trajectories", 4, "--replicates", 1, "--threads", 1, "--out", "screening")
    assert ("does not vary" in world("sensitivity", "region/experiment.toml", *design)) == (
        name in ("two years", "one plant that emits nothing")
    )
    world("moves", "region/experiment.toml", "--samples", 2, "--threads", 1, "--out", "moves")
    has_projects = name in ("two years", "hostile names")
    world("outlook", "o", "--until", 2049 if name == "two years" else 2030, code=0 if has_projects else 2)
    page = (world.folder.parent / "o" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r">\s*(nan|inf)\b", page)


@pytest.mark.horizon
def test_one_run_and_one_policy(world):
    policies()(world.folder)
    text = world(*RUN, 1)
    assert "±" not in text.partition("range of runs")[2].partition("Runs:")[0].replace("±Monte", "")
    assert "is the only policy" in world("compare", "o", code=2)
    world("account", "region/experiment.toml", "--policy", "current-policies", "--runs", 1, "--out", "account")


@pytest.mark.horizon
def test_all_runs_failed_but_one(world, monkeypatch):
    with monkeypatch.context() as patch:
        poison(patch, {0, 1, 3})
        text = world(*RUN, 4, "--shard-runs", 4, code=1)
    assert "runs failed" in text
    assert "at least two runs that ended under every policy" in world("report", "o", "--lever-runs", 0, code=2)


@pytest.mark.horizon
def test_packages_that_are_all_alike_have_no_members_and_no_winner(world):
    path = world.folder / "experiment.toml"
    text = path.read_text(encoding="utf-8").partition("[[policy]]")[0]
    text = text.replace('"current-policies", "pact", "finance-first"', '"current-policies"')
    path.write_text(text + '[[policy]]\nname = "same"\nbase = "current-policies"\n', encoding="utf-8")
    world(*RUN, 4)
    world("report", "o", "--lever-runs", 2, "--threads", 1)


@pytest.mark.horizon
def test_names_that_would_be_formulas_are_marked_in_every_table(world):
    WORLDS["hostile names"](world.folder)
    world(*RUN, 4, "--no-figures")
    world("compare", "o", "--lever-runs", 2, "--threads", 1)
    world("account", "region/experiment.toml", "--policy", "=1+1", "--runs", 2, "--out", "o/account")
    world("outlook", "o", "--out", "o/outlook.csv")
    tables = [path for path in (world.folder.parent / "o").rglob("*.csv") if "inputs" not in path.parts]
    assert len(tables) > 10
    seen = 0
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                seen += "'=1+1" in row
                assert "=1+1" not in row, path
    assert seen > 5
    assert HUNDRED in (world.folder.parent / "o" / "summary.csv").read_text(encoding="utf-8")
