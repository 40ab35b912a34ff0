"""`~` at the start of a path is the home folder wherever a path may be given, and is made out once."""

import shutil

import pyarrow.parquet as pq
import pytest

import clusterpact as cp
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.making.activities import ACTIVITIES
from clusterpact.experiments.making.starter import STARTER
from clusterpact.experiments.running.on_dask import Dask
from clusterpact.inputs import InputError, at_home
from clusterpact.sim.scenario import CLUSTERS
from tests.commands import call
from tests.experiments.registers.made_up import ACCOUNTS, INSTALLATIONS, table
from tests.faults.common import one_line

EXPERIMENT = 'name = "small"\ncluster = "{cluster}"\nhorizon = [2025, 2027]\nruns = 2\npolicies = ["current-policies"]\n'


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with an experiment on a cluster in it; commands are given elsewhere."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    shutil.copytree(CLUSTERS / "dunkirk", folder / "port")
    (folder / "e.toml").write_text(EXPERIMENT.format(cluster="~/port"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    yield folder
    assert not list((tmp_path / "elsewhere").glob("~*"))


def test_commands_take_a_home_folder_in_every_path(home, capsys):
    assert call("run", "~/e.toml", "--out", "~/r", "--threads", 1, "--no-figures", "-q") == 0
    assert capsys.readouterr().out.strip() == str(home / "r")
    assert (home / "r" / "complete.json").exists()
    for words in (["status", "~/r"], ["verify", "~/r", "--runs", 1], ["archive", "~/r", "--file=~/r.zip"],
                  ["show", "~/port"], ["validate", "~/port"], ["validate", "~/e.toml"], ["new", "~/mine"],
                  ["slurm-script", "~/e.toml", "--out=~/s", "--file=~/s.sbatch"]):  # fmt: skip
        assert call(*words) == 0, capsys.readouterr().err
    assert (home / "r.zip").is_file()
    assert (home / "mine" / "experiment.toml").is_file()
    script = (home / "s.sbatch").read_text()
    assert f"clusterpact run {home / 'e.toml'} --out {home / 's'} " in script


def test_registers_take_a_home_folder_in_every_path(home, capsys):
    table(home / "log.csv", INSTALLATIONS, ACCOUNTS)
    shutil.copy(ACTIVITIES, home / "own.csv")
    words = ["import", "eutl", "~/log.csv", "--out=~/made", "--ids", "XX-1,XX-3", "--activities=~/own.csv"]
    assert call(*words) == 0, capsys.readouterr().err
    assert (home / "made" / "firms.csv").is_file()
    assert call(*words) == 2
    line = one_line(capsys.readouterr().err)
    assert "exists; expected the name of a new folder" in line
    assert "~" not in line


def test_python_takes_a_home_folder(home):
    result = cp.run("~/e.toml", out="~/r")
    assert result.folder == home / "r"
    assert len(cp.Result("~/r").outcomes) == 2
    assert len(cp.replay("~/r").firms) > 0
    assert len(cp.model("~/e.toml").firms) > 0


def test_an_experiment_file_takes_an_ensemble_of_a_home_folder(home):
    rows = next((CLUSTERS.parents[2] / "experiments" / "library" / "ensembles").glob("*.parquet"))
    pq.write_table(pq.read_table(rows), home / "mine.parquet")
    (home / "with.toml").write_text(EXPERIMENT.format(cluster="~/port") + '\n[uncertainty]\nensemble = "~/mine.parquet"\n')
    assert load_experiment("~/with.toml").name == "small"


def test_a_scheduler_file_of_a_home_folder(home):
    (home / "scheduler.json").write_text("{}")
    assert Dask(1, "~/scheduler.json").scheduler == str(home / "scheduler.json")


@pytest.mark.parametrize(
    "words",
    [
        ["run", "dunkirk", "--out", "~nobody-of-this-name/r"], ["status", "~nobody-of-this-name/r"],
        ["run", "~nobody-of-this-name/e.toml"], ["show", "~nobody-of-this-name/c"], ["new", "~nobody-of-this-name/c"],
    ],
)  # fmt: skip
def test_the_home_of_nobody_is_one_line(words, home, capsys):
    assert call(*words) == 2
    assert "no such home folder; expected ~ or the name of a user behind it" in one_line(capsys.readouterr().err)


def test_a_tilde_is_made_out_once_and_only_at_the_start(home, monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere/~")
    assert str(at_home("~/x", "out")) == "/somewhere/~/x"
    assert str(at_home(at_home("~/x", "out"), "out")) == "/somewhere/~/x"
    assert str(at_home("a/~/x", "out")) == "a/~/x"
    with pytest.raises(InputError, match="out = '~~/x'"):
        at_home("~~/x", "out")


def test_a_starter_of_a_home_folder_runs(home):
    shutil.copytree(STARTER, home / "starter")
    assert call("validate", "~/starter/experiment.toml") == 0
