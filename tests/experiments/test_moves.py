"""`clusterpact moves` from start to end: what varies with what, what is written, and mistakes."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clusterpact.experiments.questions.moves as question
from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.agents.parameters import PARAMETERS
from clusterpact.cli.moves import describe
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.questions.moves import explain, lay_out, movers, outcomes_of, shared_out, under
from clusterpact.experiments.running.shards import world_of
from clusterpact.experiments.screening import LUCK
from clusterpact.inputs import InputError
from clusterpact.sim.runs import RunArrays
from tests.commands import call

MOVERS = {"trust", "governance", "finance", "prices", "technology", LUCK}


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """The starter's experiment from 2025 to 2034; it fixes the share of free riders."""
    folder = tmp_path_factory.mktemp("moves") / "region"
    assert call("new", folder) == 0
    path = folder / "experiment.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[2026, 2050]", "[2025, 2034]").replace("2050 = 0.95\n", ""), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def design(region):
    experiment = load_experiment(str(region))
    return experiment, lay_out(experiment, under(experiment, None)[1], 3)


def test_every_parameter_has_a_mover_and_one_may_leave_its_group():
    found = movers()
    assert set(found) == set(PARAMETERS)
    assert set(found.values()) == MOVERS - {LUCK}
    assert found["threshold_share"] == "governance"
    assert found["delay_mean_quarters"] == "technology"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("trust,R9 dreams,,why", "no group of parameters.csv"),
        ("trust,R1 trust,base_rate_trst,why", "did you mean 'base_rate_trust'"),
        ("trust,R1 trust,,why", "R2 governance.*missing"),
    ],
)
def test_a_table_that_leaves_a_parameter_out_fails_loudly(tmp_path, row, said):
    path = tmp_path / "movers.csv"
    path.write_text(f"mover,group,parameter,why\n{row}\n")
    with pytest.raises(InputError, match=said):
        movers(path)


def test_a_mixture_takes_whole_groups_from_either_draw(design):
    experiment, laid = design
    size = 2 ** len(laid.groups)
    assert set(laid.groups) == MOVERS
    assert "free_rider_share" not in laid.member
    records, numbers = laid.parameters(experiment.parameters, 1, 2)
    assert (records["free_rider_share"] == 0.25).all()
    for row in range(2 * size):
        sample, mixture = 1 + row // size, row % size
        for name, group in laid.member.items():
            half = mixture >> group & 1
            assert records[name][row] == laid.drawn[name][sample + 3 * half]
        assert numbers[row] == sample + 3 * (mixture >> laid.groups.index(LUCK) & 1)


def test_parameters_span_their_whole_range(region):
    experiment = load_experiment(str(region))
    laid = lay_out(experiment, under(experiment, None)[1], 500)
    for name, values in laid.drawn.items():
        low, high = PARAMETERS[name].low, PARAMETERS[name].high
        assert low <= values.min() < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < values.max() <= high


def test_what_a_policy_sets_is_not_varied(region):
    experiment = load_experiment(str(region))
    package = replace(under(experiment, None)[1], practices={"merchant_haircut": 0.35})
    assert "merchant_haircut" not in lay_out(experiment, package, 2).member


def test_outcomes_of_runs(region):
    world = world_of(load_experiment(str(region)), 0)
    arrays = RunArrays.empty(2, world)
    arrays.series["abated_share"] = [np.linspace(0, 0.9, 10), np.full(10, 0.5)]
    arrays.networks[:, :, 0] = -1.0
    arrays.networks[1, 0, 0] = 6.0
    found = outcomes_of(arrays, world)
    count = len(world.network_ids)
    assert found["mean abated share"] == pytest.approx([0.45, 0.5])
    assert found["abated share in 2034"] == pytest.approx([0.9, 0.5])
    assert found["year of networks' FIDs"] == pytest.approx([2035, ((count - 1) * 2035 + 2026.5) / count])


def test_the_group_that_decides_gets_the_variance(design):
    """Values made of the luck alone, and of prices and luck alike."""
    _, laid = design
    mixture = np.arange(2 ** len(laid.groups))
    luck, prices = (laid.groups.index(name) for name in (LUCK, "prices"))
    a, b = (np.random.default_rng(k).normal(size=(400, 2)) for k in (1, 2))
    of_luck, of_prices = a[:, mixture >> luck & 1], b[:, mixture >> prices & 1]
    table = shared_out({"luck": of_luck, "both": of_luck + of_prices}, laid, 1).set_index(["outcome", "group"])
    assert table.loc[("luck", LUCK), "share"] == pytest.approx(1.0)
    assert table.loc[("both", "prices"), "share"] == pytest.approx(0.5, abs=0.05)
    assert table.loc[("both", "trust"), "share"] == 0.0


@pytest.mark.horizon
def test_the_command_writes_a_table_and_a_figure(region, tmp_path, capsys):
    folder = tmp_path / "out"
    words = ("moves", region, "--samples", 6, "--threads", 1, "--out", folder)
    assert call(*words) == 0
    printed = capsys.readouterr().out
    assert "mean abated share" in printed
    assert f"{6 * 64:,} runs" in printed
    table = pd.read_csv(folder / "moves.csv")
    for _, rows in table.groupby("outcome"):
        assert set(rows["group"]) == MOVERS
        if rows["share"].notna().all():
            assert rows["share"].sum() == pytest.approx(1.0)
            assert (rows["low"] <= rows["high"]).all()
    assert table["share"].notna().any()
    assert (folder / "figures" / "moves.png").read_bytes().startswith(b"\x89PNG")
    about = json.loads((folder / "moves.json").read_text())
    assert (about["samples"], about["source"]) == (6, SOURCE_HASH)
    before = (folder / "moves.csv").read_bytes()
    assert call(*words[:4], "--threads", 2, "--out", folder) == 0
    assert (folder / "moves.csv").read_bytes() == before
    capsys.readouterr()
    assert call(*words[:3], 7, "--out", folder) == 2
    assert "holds something else" in capsys.readouterr().err


@pytest.mark.horizon
def test_a_run_that_fails_ends_it_with_one_line(region, monkeypatch):
    def fails(*_):
        raise ValueError("a result is not a finite number")

    monkeypatch.setattr(question, "warm_up", lambda *_: None)
    monkeypatch.setattr(question, "simulate", fails)
    with pytest.raises(InputError, match=r"a run failed.*not a finite number"):
        explain(load_experiment(str(region)), None, 3, 1)


def test_an_outcome_that_never_varies_is_said_so(design):
    _, laid = design
    table = shared_out({"networks": np.full((4, 2 ** len(laid.groups)), 2035.0)}, laid, 1)
    assert describe(table) == ["networks: the same in every run", ""]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--policy", "pcat"), ("--policy = 'pcat'", "not among the experiment's policies", "'pact'")),
        (("--samples", "1"), ("--samples", "2", "'1'")),
        (("--samples", "9999999"), ("--samples", "at most 100,000,000")),
        (("--out", "full"), ("--out = 'full'", "holds something else")),
        (("--threads", "0"), ("--threads", "1")),
    ],
    ids=lambda value: "-".join(value).strip("-") if str(value[0]).startswith("--") else None,
)
def test_a_mistake_is_one_line(region, tmp_path, monkeypatch, capsys, options, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    assert call("moves", region, *options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = [line for line in printed.err.splitlines() if line.startswith("clusterpact: ")]
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]


def test_an_unknown_experiment_is_one_line(capsys):
    assert call("moves", "dunkrik") == 2
    assert "'dunkirk'" in capsys.readouterr().err
