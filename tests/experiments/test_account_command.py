"""The command `account` and its face in Python: the same table, mistakes in one line."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clusterpact as cp
from clusterpact.experiments.making.starter import write_starter
from clusterpact.experiments.questions.account import account_of
from clusterpact.results.statistics.account import COLUMNS
from clusterpact.sim.account import UNITS
from tests.commands import call
from tests.experiments.account_files import FACTORS, ROADMAP, add


@pytest.fixture
def starter(tmp_path):
    folder = tmp_path / "my-cluster"
    write_starter(folder)
    return folder


def test_python_gives_the_table_that_the_command_writes(starter, tmp_path, capsys):
    add(starter, FACTORS + ROADMAP)
    table = cp.account(starter, policy="current-policies", runs=3, horizon=(2025, 2031))
    assert list(table.columns) == list(COLUMNS)
    out = tmp_path / "out"
    assert call("account", starter, "--policy", "current-policies", "--runs", 3, "--horizon", "2025,2031", "--out", out) == 0
    written = pd.read_csv(out / "account.csv", keep_default_na=False, na_values={"value": [""], "mean": [""]})
    assert len(written) == len(table)
    np.testing.assert_allclose(written["value"], table["value"].astype(float))
    assert (out / "account.png").read_bytes().startswith(b"\x89PNG")
    shown = capsys.readouterr().out
    assert "scope 2: 224 GWh of electricity bought, at 0.08 t/MWh in 2024 (derived)" in shown
    assert "Kilns (cement, lime)   2030       20 %" in shown
    assert set(UNITS) <= set(table["quantity"])


def test_without_out_nothing_is_written_and_an_own_policy_of_an_experiment_is_known(starter, monkeypatch, capsys):
    monkeypatch.chdir(starter)
    before = sorted(starter.iterdir())
    assert call("account", "experiment.toml", "--policy", "pact+guarantee", "--runs", 2, "--horizon", "2025,2030") == 0
    assert sorted(starter.iterdir()) == before
    shown = capsys.readouterr().out
    assert "pact+guarantee, 2 runs" in shown
    assert "scope 2: not stated" in shown


def test_a_cluster_runs_at_default_parameters_and_an_experiment_over_its_uncertainty(starter):
    of_cluster = account_of(str(starter), "pact", runs=2, seed=1).paths.values
    of_experiment = account_of(str(starter / "experiment.toml"), "pact", runs=2, seed=1).paths.values
    assert not np.array_equal(of_cluster, of_experiment)
    again = account_of(str(starter), "pact", runs=2, seed=1).paths.values
    np.testing.assert_array_equal(of_cluster, again)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["atlantis"], ["account = 'atlantis'", "known", "dunkirk"]),
        (["dunkrik"], ["did you mean 'dunkirk'"]),
        (["dunkirk", "--policy", "patc"], ["--policy = 'patc'", "did you mean 'pact'"]),
        (["dunkirk", "--policy", "pact", "--horizon", "2025"], ["--horizon = '2025'", "two years"]),
        (["dunkirk", "--policy", "pact", "--horizon", "2050,2025"], ["--horizon", "rising"]),
        (["dunkirk", "--horizon", "2025,soon"], ["--horizon", "two years"]),
        (["dunkirk", "--policy", "pact", "--runs", "0"], ["runs"]),
        (["."], ["cluster.toml"]),
        (["dunkirk", "--out", "taken"], ["--out = 'taken'", "is a file"]),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("x")
    assert call("account", *arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.strip().splitlines()) == 1
    for word in words:
        assert word in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_run_starts_from_todays_account(starter):
    """With nothing to change in the first year, the first year ends with today's account."""
    account = account_of(str(add(starter, FACTORS)), "current-policies", runs=1, horizon=(2024, 2026))
    first = {name: account.paths.of(name)[0, 0] for name in UNITS}
    assert first == pytest.approx(account.sums("my-cluster").to_dict(), rel=1e-12)
    assert replace(account, paths=None).sums("my-cluster").to_dict() == account.sums("my-cluster").to_dict()
