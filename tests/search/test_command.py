"""`clusterpact search` from start to end: what it writes, how it goes on after an end of any kind, and what it refuses."""

import json
import os
import signal
import subprocess
import sys

import pandas as pd
import pytest

import clusterpact.experiments.search.evaluation as evaluation
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.questions.search import run_search
from clusterpact.experiments.running.session import RunOptions
from clusterpact.experiments.search.evaluation import TimeIsUp
from clusterpact.experiments.variant import load_variant
from tests.commands import call, environment, poison, wait_until

SMALL = """base = "experiment.toml"
name = "small"
[search]
population = 6
packages = 12
runs_first = 4
runs_most = 16
triggers = ["abated_share >= 0.05", "carbon_price_eur_per_t < 60 for 2 years"]
governance = ["anchor", "orchestrator"]
"""
TABLES = ("front.csv", "against.csv", "hypervolume.csv", "search.json")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The starter with a small search, from 2026 to 2035, and what it found."""
    folder = tmp_path_factory.mktemp("search") / "region"
    assert call("new", folder) == 0
    path = folder / "experiment.toml"
    text = path.read_text(encoding="utf-8").replace("[2026, 2050]", "[2026, 2035]").replace("2050 = 0.95", "2035 = 0.5")
    path.write_text(text, encoding="utf-8")
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    assert call("search", folder / "small.toml", "--out", folder / "whole", "--threads", "2") == 0
    return folder


def written(folder):
    """The bytes of all that a search says."""
    files = [folder / name for name in TABLES] + sorted((folder / "packages").iterdir())
    return {file.name: file.read_bytes() for file in files}


def test_a_search_writes_its_front_and_how_it_stands_on_runs_that_nothing_was_chosen_by(place):
    whole = place / "whole"
    table = pd.read_csv(whole / "front.csv")
    experiment = load_experiment(str(place / "small.toml"))
    hand = [policy.name for policy in experiment.policies]
    assert table[table["made"] == "by hand"]["package"].tolist() == hand
    found = table[table["made"] == "found"]
    assert 1 <= len(found) <= 12
    assert found["knee"].sum() == 1
    for name in ("cumulative_mt", "public_meur", "jobs_direct", "p90_regret"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    fresh = reopen(whole / "generations" / "fresh")
    assert (fresh.first_run, fresh.runs) == (16, 16)
    outcomes = pd.read_parquet(whole / "generations" / "fresh" / "tables" / "outcomes.parquet")
    assert outcomes["run"].min() == 16
    means = outcomes.groupby("policy")["cumulative_mt"].mean()
    assert table.set_index("package")["cumulative_mt"].to_dict() == pytest.approx(means.to_dict())
    assert table.loc[table["package"] == "current-policies", "cumulative_mt_shrinkage"].item() == 0.0
    against = pd.read_csv(whole / "against.csv")
    assert len(against) == len(found) * len(hand) * 4
    volumes = pd.read_csv(whole / "hypervolume.csv")
    assert volumes["packages"].iloc[1] == 12
    assert (volumes["low"] <= volumes["high"]).all()
    assert {path.name for path in (whole / "figures").iterdir()} == {
        f"{name}.{kind}" for name in ("front", "trade-offs") for kind in ("png", "svg")}  # fmt: skip


def test_a_found_package_is_a_policy_that_others_can_run(place):
    table = pd.read_csv(place / "whole" / "front.csv").set_index("package")
    path = place / "whole" / "packages" / "found-01.toml"
    experiment = load_variant(str(place / "experiment.toml"), packages=[path])
    package = next(policy for policy in experiment.policies if policy.name == "found-01")
    fresh = reopen(place / "whole" / "generations" / "fresh")
    known = next(one for one in fresh.policies if one.name == "found-01")
    assert (package.schedules, package.signals) == (known.schedules, known.signals)
    assert package.governance_mode == known.governance_mode in ("anchor", "orchestrator")
    assert any(policy.signals for policy in fresh.policies)
    assert all(name in table.loc["found-01", "instruments"] for name in package.schedules)
    copied = place / "with-found.toml"
    policy = f"\n[[policy]]\n{path.read_text(encoding='utf-8')}"
    copied.write_text('base = "experiment.toml"\nname = "copied"\n' + policy, encoding="utf-8")
    assert call("validate", copied) == 0


def test_the_same_search_again_finds_all_done_and_says_the_same(place, monkeypatch, capsys):
    before = written(place / "whole")

    def refuse(*given):
        raise AssertionError("a run was done again")

    monkeypatch.setattr("clusterpact.experiments.running.local.do_shard", refuse)
    assert call("search", place / "small.toml", "--out", place / "whole") == 0
    assert written(place / "whole") == before
    told = capsys.readouterr().out
    for words in ("packages were tried in", "on the front", "Most balanced", "is beaten by", "winner's curse"):
        assert words in told


def test_threads_and_interruptions_change_no_byte(place, monkeypatch):
    experiment = load_experiment(str(place / "small.toml"))
    done, stops = [0], iter((5, 17, 30))
    healthy, until = evaluation.run_experiment, [next(stops)]

    def interrupted(*given):
        done[0] += 1
        if done[0] == until[0]:
            until[0] = next(stops, 0)
            raise KeyboardInterrupt
        return healthy(*given)

    monkeypatch.setattr(evaluation, "run_experiment", interrupted)
    ends = 0
    while True:
        try:
            run_search(experiment, place / "interrupted", RunOptions(threads=1))
            break
        except KeyboardInterrupt:
            ends += 1
    assert ends >= 2
    assert written(place / "interrupted") == written(place / "whole")


@pytest.mark.horizon
def test_a_killed_search_goes_on_to_the_same_bytes(place):
    out = place / "killed"
    words = [sys.executable, "-m", "clusterpact", "search", str(place / "small.toml"), "--out", str(out), "--threads", "1"]
    for folder in ("generations/0000/runs-0", "generations/0001/runs-0"):
        process = subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ledger = out / folder / "ledger"
        wait_until(lambda ledger=ledger, process=process: process.poll() is not None or any(ledger.glob("*.json")), folder,
                   pause=0.002)  # fmt: skip
        assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not (out / "front.csv").exists()
    assert call("search", place / "small.toml", "--out", out) == 0
    assert written(out) == written(place / "whole")


def test_a_search_that_has_no_time_left_says_so_and_goes_on_later(place, monkeypatch, capsys):
    experiment = load_experiment(str(place / "small.toml"))
    with pytest.raises(TimeIsUp):
        run_search(experiment, place / "short", RunOptions(budget_s=0.0))
    monkeypatch.setattr("clusterpact.cli.search.parse_budget", lambda text: 1e-6)
    assert call("search", place / "small.toml", "--out", place / "short", "--time-budget", "1s") == 75
    assert "the same command goes on" in capsys.readouterr().out
    run_search(experiment, place / "short", RunOptions())
    assert written(place / "short") == written(place / "whole")


def test_a_folder_of_another_search_or_of_anything_else_is_refused(place, tmp_path, capsys):
    assert call("search", place / "small.toml", "--set", "search.seed=7", "--out", place / "whole") == 2
    assert "holds another search" in capsys.readouterr().err
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert call("search", place / "small.toml", "--out", tmp_path) == 2
    assert "is not empty and holds no search" in capsys.readouterr().err
    (tmp_path / "search.json").write_text("{", encoding="utf-8")
    assert call("search", place / "small.toml", "--out", tmp_path) == 2
    assert "search.json: search: is damaged" in capsys.readouterr().err


def test_runs_that_fail_end_the_search_with_a_line(place, monkeypatch, capsys):
    poison(monkeypatch, [2])
    assert call("search", place / "small.toml", "--out", place / "failing") == 2
    assert "some runs failed, so that packages cannot be compared" in capsys.readouterr().err


@pytest.mark.parametrize("executor", ["slurm", "dask", "gpu"])
def test_workers_that_would_start_anew_for_each_step_are_refused(executor, place, capsys):
    assert call("search", place / "small.toml", "--executor", executor) == 2
    assert "expected local, or dask with --scheduler" in capsys.readouterr().err


def test_a_dry_run_says_how_much_it_would_take_and_writes_nothing(place, capsys):
    assert call("search", place / "small.toml", "--out", place / "dry", "--packages", "600", "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["packages"] == 600
    assert 600 * 4 < told["runs"] < 600 * 16
    assert told["seconds"] > 0
    assert not (place / "dry").exists()
    assert call("search", place / "small.toml", "--dry-run") == 0
    assert "12 packages, at most about" in capsys.readouterr().out
    assert call("search", place / "small.toml", "--json") == 2
    assert "has no effect without --dry-run" in capsys.readouterr().err
