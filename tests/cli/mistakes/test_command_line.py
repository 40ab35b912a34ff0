"""A mistake on the command line, in this process and in one of its own."""

import pytest

from tests.cli.mistakes.edits import FIRMS, OUT, RUN, assert_holds, mistake, nothing, put
from tests.commands import python

COMMAND_MISTAKES = [
    mistake("no such command", nothing, "'rnu'", "'run'", command=("rnu",)),
    mistake("no such option", nothing, "--sede", "--seed", command=("run", "dunkirk", "--sede", "3")),
    mistake("no experiment", nothing, "experiment", command=("run",)),
    mistake("one argument too many", nothing, "extra", command=("run", "dunkirk", "extra")),
    mistake("experiment unknown", nothing, "experiment = 'dunkrik'", "'dunkirk'", command=("run", "dunkrik")),
    mistake("experiment a folder", nothing, "region: experiment", "is a folder", ".toml", command=("run", "region")),
    mistake("experiment a table", nothing, "region/firms.csv", "not valid TOML", command=("run", "region/firms.csv")),
    mistake("experiment name too long", nothing, "experiment", command=("run", "x" * 5000)),
    mistake("validate a folder without a cluster", lambda folder: (folder / "x").mkdir(), "cluster = 'region/x'",
            "cluster.toml",
            command=("validate", "region/x")),
    mistake("option runs 0", nothing, "--runs", "1", command=("run", "dunkirk", "--runs", "0")),
    mistake("option runs -1", nothing, "--runs", "1", command=("run", "dunkirk", "--runs", "-1")),
    mistake("option runs text", nothing, "--runs", "integer", command=("run", "dunkirk", "--runs", "many")),
    mistake("option runs text shows it", nothing, "--runs", "'many'", command=("run", "dunkirk", "--runs", "many")),
    mistake("option runs too many", nothing, "--runs", "999999999999", command=("run", "dunkirk", "--runs", "9" * 12)),
    mistake("option runs alone", nothing, "--runs", "requires", command=("run", "dunkirk", "--runs")),
    mistake("option seed negative", nothing, "--seed", "0", command=("run", "dunkirk", "--seed", "-1")),
    mistake("option threads 0", nothing, "--threads", "1", command=("run", "dunkirk", "--threads", "0")),
    mistake("option shard-runs 0", nothing, "--shard-runs", "1", command=("run", "dunkirk", "--shard-runs", "0")),
    mistake("list unknown", nothing, "list = 'policy'", "experiments", "'policies'", command=("list", "policy")),
    mistake("list nothing", nothing, "what", command=("list",)),
    mistake("show unknown", nothing, "show = 'patc'", "no such name", "'pact'", command=("show", "patc")),
    mistake("show a path", nothing, "no such name", command=("show", "../library/pact")),
    mistake("show too long", nothing, "no such name", command=("show", "x" * 5000)),
    mistake("new onto a folder", nothing, "region: folder", "exists", command=("new", "region")),
    mistake("new onto a file", nothing, "region/firms.csv: folder", "exists", command=("new", "region/firms.csv")),
    mistake("new below a file", nothing, "region/firms.csv/x: folder", "cannot be written",
            command=("new", "region/firms.csv/x")),
    mistake("new with a long name", nothing, "folder", command=("new", "x" * 300)),
    mistake("out a file", nothing, "region/firms.csv: out", "expected a new or empty folder",
            command=(*OUT, "region/firms.csv")),
    mistake("out a folder in use", nothing, "region: out", "is not empty", command=(*OUT, "region")),
    mistake("out below a file", nothing, "region/firms.csv/x: out", "cannot be written",
            command=(*OUT, "region/firms.csv/x")),
    mistake("out too long", nothing, "out", "cannot be used", command=(*OUT, "x" * 300)),
    mistake("runs is a file", lambda folder: (folder.parent / "runs").write_text("x"), "out", "cannot be written"),
    mistake("replay no result", nothing, "region: results", "no manifest.json", command=("replay", "region")),
    mistake("replay nothing there", nothing, "nowhere: results", "folder of a result", command=("replay", "nowhere")),
    mistake("replay run -1", nothing, "--run", "0", command=("replay", "region", "--run", "-1")),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "command", "words"), COMMAND_MISTAKES)
def test_a_mistake_on_the_command_line(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


def test_a_mistake_in_a_process_of_its_own(work):
    put(FIRMS, "SMR-HB,", "SMR-BH,")(work / "region")
    process = python("-m", "clusterpact", *RUN)
    assert (process.returncode, process.stdout) == (2, "")
    assert_holds(
        process.stderr, ["clusterpact: region/firms.csv: ammonia-plant: technology = 'SMR-BH': no such", "'SMR-HB'"]
    )
    assert process.stderr.count("\n") == 1
    assert not (work / "runs").exists()


def test_an_unknown_command_in_a_process_of_its_own(work):
    process = python("-m", "clusterpact", "rnu")
    assert (process.returncode, process.stdout, process.stderr.count("\n")) == (2, "", 1)
    assert "'run'" in process.stderr


def test_a_line_with_letters_that_the_terminal_lacks(work):
    put(FIRMS, "works,lime", "works,límé…")(work / "region")
    process = python("-m", "clusterpact", "validate", "region", PYTHONIOENCODING="ascii")
    assert (process.returncode, process.stdout, process.stderr.count("\n")) == (2, "", 1)
