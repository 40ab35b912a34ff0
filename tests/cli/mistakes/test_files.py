"""What stands in the place of a file and is none, files too large, and TOML deeper than anyone writes: a line, at once."""

import os
import re
import socket
import time

import pytest

from clusterpact.inputs import InputError, read_bytes, read_toml
from clusterpact.sim.scenario import BESIDE, read_scenario
from tests.cli.mistakes.edits import CLUSTER, EXPERIMENT, FIRMS, VALIDATE, assert_holds
from tests.commands import call


def make_socket(path):
    """A socket in the place of a file (bound from its folder: names of sockets are short)."""
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


NO_FILES = {
    "is a named pipe": os.mkfifo,
    "is a socket": make_socket,
    "is a folder": os.mkdir,
    "is a device": lambda path: path.symlink_to("/dev/zero"),
    "is a link to nothing": lambda path: path.symlink_to("/nowhere/at/all"),
    "cannot be read": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("name", [CLUSTER, FIRMS, *BESIDE])
def test_what_is_no_file_is_one_line(kind, name, work):
    path = work / "region" / name
    path.unlink(missing_ok=True)
    NO_FILES[kind](path)
    with pytest.raises(InputError) as mistake:
        read_scenario(work / "region")
    assert_holds(str(mistake.value), [name, kind])


@pytest.mark.parametrize("kind", ["is a named pipe", "is a socket", "is a link to nothing"])
def test_an_experiment_that_is_no_file_is_one_line(kind, work, complain):
    (work / "region" / EXPERIMENT).unlink()
    NO_FILES[kind](work / "region" / EXPERIMENT)
    assert_holds(complain(*VALIDATE), ["region/experiment.toml", kind])


def test_an_ensemble_that_is_no_file_is_one_line(work, complain):
    path = work / "region" / EXPERIMENT
    path.write_text(path.read_text().replace("[uncertainty]", '[uncertainty]\nensemble = "own.parquet"'))
    os.mkfifo(work / "region" / "own.parquet")
    assert_holds(complain(*VALIDATE), ["own.parquet", "is a named pipe"])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read all")
def test_a_table_that_may_not_be_read_is_not_ignored(work, complain):
    path = work / "region" / "own-prices.csv"
    path.write_text("carrier\n")
    path.chmod(0)
    assert_holds(complain(*VALIDATE), ["own-prices.csv", "cannot be read"])


@pytest.mark.parametrize(("name", "size", "limit"), [(CLUSTER, 2_000_000, "1.0 MB"), (FIRMS, 65_000_000, "64.0 MB")])
def test_a_file_too_large_says_its_size_and_the_limit(name, size, limit, work):
    with (work / "region" / name).open("r+b") as file:
        file.truncate(size)
    with pytest.raises(InputError) as mistake:
        read_scenario(work / "region")
    assert_holds(str(mistake.value), [name, f"holds {size / 1e6:.1f} MB", f"at most {limit}"])


def test_a_file_of_just_the_limit_is_read(tmp_path):
    (tmp_path / "x").write_bytes(b"a" * 100)
    assert read_bytes(tmp_path / "x", 100) == b"a" * 100
    with pytest.raises(InputError, match="expected at most"):
        read_bytes(tmp_path / "x", 99)


DEEP = {
    "a key of many parts": ".".join("a" * 50_000) + " = 1",
    "the name of a table": f"[{'.'.join('a' * 33)}]",
    "quoted parts": ".".join(['"a.b"'] * 34) + " = 1",
    "lists in lists": "a = " + "[" * 40_000,
    "tables in tables": "a = " + "{b = " * 33 + "1" + "}" * 33,
    "lists over lines": "a = [\n" * 33,
    "after a string with quotes": 'a = """x""""" \nb = ' + "[" * 33,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=[name.replace(" ", "-") for name in DEEP])
def test_toml_deeper_than_anyone_writes_is_one_line(text, work, complain):
    (work / "region" / CLUSTER).write_text(text)
    start = time.monotonic()
    assert_holds(complain("validate", "region"), ["region/cluster.toml", "not valid TOML", "at most 32"])
    assert time.monotonic() - start < 5


FLAT = {
    "dots in a string": ('a = "' + ".[{" * 200 + '"', ".[{" * 200),
    "dots in a literal": ("a = '" + ".\\" * 200 + "'", ".\\" * 200),
    "brackets in a comment": ("# " + "[." * 200 + "\na = 1", 1),
    "an escaped quote": ('a = "\\"' + "[" * 50 + '"', '"' + "[" * 50),
    "text of several lines": ('a = """\n' + '"' + "[.\n" * 50 + '"""', '"' + "[.\n" * 50),
    "literal text of several lines": ("a = '''\n''" + "[.\n" * 50 + "'''", "''" + "[.\n" * 50),
    "many numbers": ("a = [" + "1.5, " * 100 + "]", [1.5] * 100),
}


@pytest.mark.parametrize(("text", "value"), FLAT.values(), ids=[name.replace(" ", "-") for name in FLAT])
def test_dots_and_brackets_in_text_are_no_depth(text, value, tmp_path):
    (tmp_path / "x.toml").write_text(text)
    assert read_toml(tmp_path / "x.toml") == {"a": value}


def test_a_number_of_very_many_digits_is_one_line(work, complain):
    path = work / "region" / EXPERIMENT
    path.write_text(path.read_text().replace("runs = 200", f"runs = 0x{'f' * 20_000}"))
    assert_holds(complain(*VALIDATE), ["experiment.toml: runs", "very many digits"])


def test_an_experiment_that_is_a_link_to_itself_is_one_line(tmp_path, capsys):
    path = tmp_path / "experiment.toml"
    path.symlink_to(path.name)
    assert call("validate", path) == 2
    assert re.fullmatch(r"clusterpact: [^\n]*experiment\.toml: file: cannot be read [^\n]*\n", capsys.readouterr().err)
