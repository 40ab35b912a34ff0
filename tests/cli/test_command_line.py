"""What the command line says of itself, of results and of agents: help, completion, JSON, estimates, what to do next."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from clusterpact.cli import app as cli
from clusterpact.cli.library import LISTS
from clusterpact.cli.options import checked
from tests.commands import call, python

ALL = {name: command for group in cli.GROUPS.values() for name, command in group.items()}
HEAVY = ("numba", "pyarrow", "pandas", "matplotlib", "mesa")
SMALL = ("--runs", "4", "--policy", "pact", "--shard-runs", "2", "--no-figures", "--quiet")


def words_of(text):
    return re.findall(r"[\w'-]+", text)


def test_every_command_is_in_the_help_with_its_whole_first_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert call("-h") == 0
    text = capsys.readouterr().out
    assert "…" not in text
    for group in cli.GROUPS:
        assert group in text
    shown = " ".join(words_of(text))
    for command in ALL.values():
        assert " ".join(words_of(command.__doc__.splitlines()[0])) in shown


@pytest.mark.parametrize("name", ALL)
def test_the_help_of_a_command_is_whole(name, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert call(name, "-h") == 0
    text = capsys.readouterr().out
    assert "…" not in text.replace("year, …", "")
    shown = " ".join(words_of(text))
    for word in words_of(ALL[name].__doc__.partition("Example:")[0]):
        assert word in shown
    assert checked(ALL[name]).__name__ == ALL[name].__name__


def test_options_of_slurm_stand_apart_from_those_that_everybody_has(capsys):
    call("run", "--help")
    groups = re.split(r"╭─ ", capsys.readouterr().out)
    slurm = next(group for group in groups if group.startswith("With --executor slurm"))
    assert "--partition" in slurm
    assert "--runs" not in slurm


def test_a_mistake_in_the_command_line_says_where_the_help_is(capsys):
    assert call("run", "dunkirk", "--sede", "3") == 2
    assert capsys.readouterr().err.rstrip().endswith("; see clusterpact run --help")
    assert call("rnu") == 2
    assert capsys.readouterr().err.rstrip().endswith("; see clusterpact --help")


def test_completion_can_be_shown_for_a_shell():
    done = python("-m", "clusterpact", "--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "complete" in done.stdout, done.stderr


@pytest.mark.parametrize("words", [
    *(("list", what) for what in LISTS if what != "ensembles"), ("show", "dunkirk"), ("show", "pact"),
    ("show", "capex_level"),
])  # fmt: skip
def test_what_the_library_holds_is_told_without_what_runs_need(words):
    code = f"import sys; sys.argv = {['clusterpact', *words]!r}\nfrom clusterpact.cli import app\n"
    code += "try:\n    app.main()\nfinally:\n"
    code += f"    print('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    assert python("-c", code).stdout.splitlines()[-1].strip() == "loaded:"


@pytest.mark.parametrize("what", LISTS)
def test_a_list_as_json_has_a_row_for_each_row_of_the_table(what, capsys):
    assert call("list", what) == 0
    table = capsys.readouterr().out
    assert call("list", what, "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) > 0
    assert any(str(value) in table for value in rows[0].values())
    assert any(str(value) in table for value in rows[-1].values())


def test_one_thing_as_json(capsys):
    assert call("show", "pact", "--json") == 0
    assert json.loads(capsys.readouterr().out)["policy"]["name"] == "pact"
    assert call("show", "dunkirk", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["cluster"]["plants"]) == 31


@pytest.mark.horizon
def test_a_dry_run_writes_nothing_and_says_what_it_would_take(work, capsys):
    run = ("run", "region/experiment.toml", *SMALL, "--out", "r")
    assert call(*run, "--dry-run") == 0
    assert "2 of 2 to run, 2 runs each" in capsys.readouterr().out
    assert not (work / "r").exists()
    assert call(*run) == 0
    capsys.readouterr()
    assert call(*run, "--dry-run", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["shards"] == 2
    assert found["shards_left"] == found["runs_left"] == 0
    assert call(*run, "--json") == 2
    assert "--json: has no effect without --dry-run" in capsys.readouterr().err


@pytest.mark.horizon
def test_the_next_command_of_an_unfinished_result_is_one_that_finishes_it(work, capsys):
    assert call("run", "region/experiment.toml", *SMALL, "--out", "a result", "--shard", "1/2") == 0
    capsys.readouterr()
    assert call("status", "a result") == 0
    following = capsys.readouterr().out.splitlines()[-1]
    assert following == "next:    clusterpact run 'a result'"
    assert call("status", "a result", "--json") == 0
    assert json.loads(capsys.readouterr().out)["next"] == "clusterpact run 'a result'"
    assert call("run", "a result", "--runs", "9") == 2
    assert "--runs = 9: has no effect on a result that is resumed" in capsys.readouterr().err
    (work / "region" / "experiment.toml").unlink()
    assert call("run", "a result", "--no-figures", "--quiet") == 0
    assert capsys.readouterr().out == "a result\n"
    assert call("status", "a result", "--watch") == 0
    assert "tables:  complete" in capsys.readouterr().out


@pytest.mark.horizon
def test_an_agent_that_is_not_there_is_one_line(work, capsys):
    assert call("run", "region/experiment.toml", *SMALL, "--out", "r") == 0
    capsys.readouterr()
    assert call("replay", "r", "--agent", "zzz") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "--agent = 'zzz': no agent has this in its name; known: " in printed.err
    assert call("replay", "r", "--agent", "cement") in (0, None)


def test_what_takes_a_while_moves_on_a_terminal_and_says_nothing_in_a_log():
    """In a terminal of its own: the sign of `busy` is drawn more than once while it waits."""
    script = "import time\nfrom clusterpact.cli import console\nwith console.busy('reading'):\n    time.sleep(0.6)\n"
    master, slave = pty.openpty()
    done = subprocess.run([sys.executable, "-c", script], stderr=slave, env=os.environ | {"TERM": "xterm"}, timeout=120)
    os.close(slave)
    drawn = os.read(master, 100_000).decode()
    os.close(master)
    assert done.returncode == 0
    assert drawn.count("reading") > 1
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120).stderr == b""
