"""What `slurm-script` writes: a shell hands on every path as it is, and no option can add a line to Slurm's."""

import os
import subprocess

import pytest

from tests.commands import call
from tests.faults.common import one_line

NAMES = [
    "plain", "with blanks", "$(touch spoilt)", "`touch spoilt`", "$HOME", "it's", 'a "quote"', "back\\slash", "a&b",
    "semi;touch spoilt", "%j-%A", "-rf", "--out=x", "~", "*", "#comment", "Łódź 日本 🏭", "{braces}", "!history",
]  # fmt: skip
EXPERIMENT = (
    'name = "small"\ncluster = "dunkirk"\nhorizon = [2025, 2027]\nruns = 4\npolicies = ["current-policies", "pact"]\n'
)


@pytest.fixture
def fake(tmp_path):
    """A program in place of clusterpact, which keeps the words that it is given."""
    place = tmp_path / "bin"
    place.mkdir()
    (place / "clusterpact").write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$KEPT"\n')
    (place / "clusterpact").chmod(0o755)
    return {"PATH": f"{place}:{os.environ['PATH']}", "KEPT": str(tmp_path / "kept"), "HOME": "/nowhere",
            "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "7"}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_any_name_reaches_the_command_as_it_is(name, fake, tmp_path, monkeypatch, capsys):
    home = tmp_path / name
    home.mkdir()
    monkeypatch.chdir(home)
    (home / "e.toml").write_text(EXPERIMENT)
    assert call("slurm-script", home / "e.toml", "--out", home / name, "--file", home / f"{name}.sbatch") == 0
    script = (home / f"{name}.sbatch").read_text()
    assert subprocess.run(["bash", home / f"{name}.sbatch"], env=fake, check=False).returncode == 0
    words = (tmp_path / "kept").read_text().split("\0")
    assert words[:4] == ["run", str(home / "e.toml"), "--out", str(home / name)]
    assert words[words.index("--shard") + 1] == "3/7"
    said = capsys.readouterr().out.splitlines()
    for line in [said[1].removeprefix("submit:"), said[2].removeprefix("then:"), said[3]]:
        echo = subprocess.run(["bash", "-c", f"printf '%s\\n' {line}"], env=fake, capture_output=True, text=True, check=True)
        assert echo.stdout.splitlines()[-1] in (str(home / name), str(home / f"{name}.sbatch"))
    assert {line for line in script.splitlines() if not line.startswith("#")} == set(script.splitlines()[-3:])
    assert not list(tmp_path.rglob("spoilt"))


@pytest.mark.parametrize("option", ["--file", "--out"])
@pytest.mark.parametrize("name", ["two\nlines", "carriage\rreturn", "escape\x1b[31m", "line\u2028separator"])
def test_a_line_break_in_a_path_is_a_mistake(name, option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call("slurm-script", "dunkirk", option, tmp_path / name) == 2
    assert "expected a path without control characters" in one_line(capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--partition", "--account", "--memory"])
@pytest.mark.parametrize("value", ["main\n#SBATCH --wrap=x", "a b", "$(x)", "'main'", "-x", "", "4G;x", "naïve"])
def test_an_option_for_slurm_is_one_word(value, option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call("slurm-script", "dunkirk", f"{option}={value}") == 2
    assert f"{option} = " in one_line(capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("value", "written"), [("2h", "02:00:00"), ("1:30", "01:30:00"), ("1-00:00:00", "24:00:00")])
def test_a_walltime_is_written_as_slurm_reads_it(value, written, tmp_path, monkeypatch):
    """1:30 is hours and minutes here, and minutes and seconds to Slurm."""
    monkeypatch.chdir(tmp_path)
    assert call("slurm-script", "dunkirk", "--walltime", value) == 0
    assert f"#SBATCH --time={written}\n" in (tmp_path / "dunkirk.sbatch").read_text()


def test_a_file_whose_name_starts_with_a_dash_is_no_option_of_sbatch(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call("slurm-script", "dunkirk", "--file=-x.sbatch") == 0
    assert f"sbatch {tmp_path}/-x.sbatch\n" in capsys.readouterr().out


def test_a_partition_that_slurm_allows_is_allowed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (
        call("slurm-script", "dunkirk", "--partition", "main,gpu-a_1", "--account", "p.name@site+x", "--memory", "4GB") == 0
    )


def test_what_changes_the_experiment_and_what_a_node_needs_are_in_the_script(fake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    changes = ("--policy", "pact", "--set", 'title="it\'s mine"')
    assert call("slurm-script", "dunkirk", *changes, "--setup", "export KEPT=$KEPT-2", "--file", "s.sbatch") == 0
    assert subprocess.run(["bash", "s.sbatch"], env=fake, check=False).returncode == 0
    words = (tmp_path / "kept-2").read_text().split("\0")
    assert words[:6] == ["run", "dunkirk", *changes]
    assert call("slurm-script", "dunkirk", "--setup", "two\nlines", "--file", "t.sbatch") == 2
