"""`clusterpact sensitivity` from start to end: what is screened, its runs, replays and mistakes."""

import json

import numpy as np
import pandas as pd
import pytest

import clusterpact.experiments.running.shards as shards
from clusterpact.agents.parameters import PARAMETERS
from clusterpact.cli import app as cli
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.replay import replay_run
from clusterpact.experiments.questions.sensitivity import run_sensitivity, screened
from clusterpact.experiments.running.session import RunOptions, open_folder, run_experiment
from clusterpact.experiments.screening import LUCK
from clusterpact.inputs import InputError
from clusterpact.results.recorded import table_path
from clusterpact.results.summary import read_table
from tests.commands import call, poison

# What is screened.


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """The starter's experiment from 2025 to 2034, as `clusterpact new` writes it."""
    folder = tmp_path_factory.mktemp("screening") / "region"
    assert call("new", folder) == 0
    path = folder / "experiment.toml"
    text = path.read_text(encoding="utf-8")
    assert "[2026, 2050]" in text
    assert "2050 = 0.95\n" in text
    path.write_text(text.replace("[2026, 2050]", "[2025, 2034]").replace("2050 = 0.95\n", ""), encoding="utf-8")
    return path


def test_all_parameters_are_screened_but_the_fixed_ones(region):
    experiment = load_experiment(str(region))
    assert set(experiment.parameters) == {"free_rider_share"}
    found = screened(experiment, None, 4, 2)
    factors = [name for name in PARAMETERS if name != "free_rider_share"]
    assert found.screening.factors == (*factors, LUCK)
    assert found.runs == 4 * (len(factors) + 2) * 2  # a point more than factors, of which luck is one
    assert shards.parameters_of(found, 0, 5).free_rider_share == pytest.approx([0.25] * 5)


def test_a_screening_looks_at_one_policy_the_baseline_if_none_is_named(region):
    experiment = load_experiment(str(region))
    for chosen, name in ((None, "current-policies"), ("pact+guarantee", "pact+guarantee")):
        found = screened(experiment, chosen, 4, 2)
        assert [policy.name for policy in found.policies] == [name]
        assert found.baseline == name


def test_a_policy_that_the_experiment_lacks_is_refused(region):
    with pytest.raises(InputError, match=r"--policy = 'pcat': not among the experiment's policies.*'pact'"):
        screened(load_experiment(str(region)), "pcat", 4, 2)


def test_a_screening_has_an_identity_of_its_own(region):
    experiment = load_experiment(str(region))
    designs = [(None, 4, 2), (None, 5, 2), (None, 4, 3), ("pact", 4, 2)]
    ids = {experiment.id} | {screened(experiment, *design).id for design in designs}
    ids.add(screened(load_experiment(str(region), seed=9), None, 4, 2).id)
    assert len(ids) == 6
    assert screened(experiment, None, 4, 2).id in ids


def test_without_the_library_one_line_says_how_to_install_it(region, monkeypatch):
    monkeypatch.setattr("clusterpact.extras.find_spec", lambda name: None)
    with pytest.raises(InputError, match="SALib is not installed; expected: pip install SALib "):
        screened(load_experiment(str(region)), None, 4, 2)


# The command, from start to end.

DESIGN = ("--trajectories", 4, "--replicates", 2)


@pytest.fixture(scope="module")
def result(region):
    """The folder of an undisturbed screening, one thread."""
    folder = region.parent.parent / "undisturbed"
    assert call("sensitivity", region, *DESIGN, "--threads", 1, "--out", folder) == 0
    return folder


def bytes_of(folder):
    return (folder / "sensitivity.csv").read_bytes(), table_path(folder, "outcomes").read_bytes()


def test_a_screening_writes_a_table_and_a_figure(result):
    table = pd.read_csv(result / "sensitivity.csv")
    outcomes = ["abated share in 2030", "chance of co2-hub by 2030", "cumulative emissions, Mt"]
    assert [name for name in dict.fromkeys(table["outcome"]) if not name.startswith("public EUR")] == outcomes
    for _, effects in table.groupby("outcome"):
        assert set(effects["factor"]) == {*PARAMETERS, LUCK} - {"free_rider_share"}
        assert effects["rank"].tolist() == list(range(1, len(PARAMETERS) + 1))
        assert (effects["mu_star"] >= effects["mu"].abs() - 1e-12).all()
        assert effects["mu_star"].is_monotonic_decreasing
    assert (result / "figures" / "effects.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((result / "complete.json").read_text())["tables"].keys() == {"outcomes", "bands"}
    assert not table_path(result, "series").exists()


def test_something_matters(result):
    table = pd.read_csv(result / "sensitivity.csv")
    emitted = table[table["outcome"] == "cumulative emissions, Mt"]
    assert (emitted["mu_star"] > 0).sum() > 10


def test_the_runs_are_those_of_the_design(region, result):
    design = screened(load_experiment(str(region)), None, 4, 2).screening
    outcomes = read_table(result, "outcomes")
    assert outcomes["run"].tolist() == list(range(design.runs))
    for name, values in design.values(0, design.runs).items():
        assert (outcomes[f"draw_{name}"] == values).all()


def test_the_table_is_that_of_the_mean_of_every_point(result):
    """The largest effect on emissions, worked out from the table of runs alone."""
    effects = pd.read_csv(result / "sensitivity.csv")
    effects = effects[effects["outcome"] == "cumulative emissions, Mt"]
    largest = effects[effects["factor"] != LUCK].iloc[0]
    bounds = PARAMETERS[largest["factor"]]
    outcomes = read_table(result, "outcomes")
    points = outcomes.groupby(np.arange(len(outcomes)) // 2)[["cumulative_mt", f"draw_{largest['factor']}"]].mean()
    size = len(effects) + 1
    found = []
    for trajectory in range(4):
        steps = points.iloc[trajectory * size : (trajectory + 1) * size].diff().to_numpy()
        step = steps[np.abs(np.nan_to_num(steps[:, 1])) > 1e-12]
        assert len(step) == 1
        found.append(step[0, 0] / (step[0, 1] / (bounds.high - bounds.low)))
    assert largest["mu_star"] == pytest.approx(np.mean(np.abs(found)))
    assert largest["sigma"] == pytest.approx(np.std(found, ddof=1))


def test_a_second_call_finds_everything_done_and_writes_the_same_bytes(region, result, capsys):
    before = bytes_of(result)
    tables = {path: path.stat().st_mtime_ns for path in result.rglob("*") if path.suffix in {".json", ".parquet"}}
    assert call("sensitivity", region, *DESIGN, "--threads", 2, "--out", result) == 0
    printed = capsys.readouterr()
    assert f"table:   {result}/sensitivity.csv" in printed.out
    assert f"figure:  {result}/figures/effects.png" in printed.out
    assert "compiling" not in printed.err
    assert bytes_of(result) == before
    assert tables == {path: path.stat().st_mtime_ns for path in result.rglob("*") if path.suffix in {".json", ".parquet"}}


def test_threads_and_shards_change_nothing(region, result, tmp_path):
    experiment = screened(load_experiment(str(region)), None, 4, 2)
    run_experiment(experiment, tmp_path / "odd", RunOptions(threads=2, shard_runs=37))
    run_sensitivity(experiment, tmp_path / "odd", 2)
    assert bytes_of(tmp_path / "odd") == bytes_of(result)


def test_an_interrupted_screening_resumes_to_the_same_bytes(region, result, tmp_path, capsys):
    folder = tmp_path / "resumed"

    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clusterpact.experiments.running.session.complete", stop)
        assert call("sensitivity", region, *DESIGN, "--threads", 1, "--out", folder) == cli.INTERRUPTED
    assert "the same command resumes" in capsys.readouterr().err
    assert not (folder / "complete.json").exists()
    assert not (folder / "sensitivity.csv").exists()
    entries = sorted((folder / "ledger").glob("*.json"))
    assert len(entries) >= 8
    for entry in entries[::2]:
        entry.unlink()
    outcome, _ = run_sensitivity(screened(load_experiment(str(region)), None, 4, 2), folder, 2)
    assert (outcome.ran, outcome.found) == (len(entries[::2]), len(entries[1::2]))
    assert bytes_of(folder) == bytes_of(result)


def test_a_screening_never_overwrites_another(region, result, capsys):
    before = bytes_of(result)
    assert call("sensitivity", region, *DESIGN, "--seed", 9, "--out", result) == 2
    assert "holds another experiment" in capsys.readouterr().err
    assert bytes_of(result) == before


@pytest.mark.parametrize(("replicates", "bad"), [(2, {3}), (2, {3, 8}), (1, {3})], ids=["one", "two", "one of one"])
def test_a_screening_with_failed_runs_ends_in_one_line(region, tmp_path, monkeypatch, capsys, replicates, bad):
    poison(monkeypatch, bad)
    design = ("--trajectories", 4, "--replicates", replicates, "--threads", 1)
    assert call("sensitivity", region, *design, "--out", tmp_path / "sick") == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("clusterpact: ")]
    assert len(lines) == 1
    assert "some runs failed" in lines[0]
    assert not (tmp_path / "sick" / "sensitivity.csv").exists()


# Replay.


def test_a_screening_is_reopened_with_its_design(region, result):
    experiment, again = screened(load_experiment(str(region)), None, 4, 2), reopen(result)
    assert again.id == experiment.id
    assert again.screening.sample.tobytes() == experiment.screening.sample.tobytes()
    assert (again.recording, again.runs) == ("outcomes", experiment.runs)


def test_a_screening_of_an_experiment_with_a_long_name_is_reopened_too(region, tmp_path):
    """Names have up to 100 characters, and `-sensitivity` comes on top."""
    path = region.parent / "long.toml"
    path.write_text(region.read_text(encoding="utf-8").replace('"my-experiment"', f'"{"x" * 95}"'), encoding="utf-8")
    experiment = screened(load_experiment(str(path)), None, 4, 2)
    open_folder(experiment, tmp_path / "long", 50)
    assert reopen(tmp_path / "long").id == experiment.id


@pytest.mark.parametrize("run", [0, 3, 138, 551])
def test_a_replayed_run_of_a_screening_ends_as_it_was_recorded(result, run):
    story = replay_run(result, None, run)
    recorded = read_table(result, "outcomes").iloc[run]
    years = story.model.yearly().set_index("year")
    assert years.loc[2030, "abated_share"] == recorded["abated_share_2030"]
    assert years["jobs_direct"].iloc[-1] == recorded["jobs_direct"]
    assert years["scope1_kt"].sum() / 1000 == pytest.approx(recorded["cumulative_mt"], rel=1e-12)
    story.model.release()


def test_a_replay_of_a_screening_does_not_say_that_its_run_failed(result):
    """Only outcomes are recorded, so there are no years to compare; the run did not fail, and the result is complete."""
    story = replay_run(result, None, 3)
    assert story.lines
    assert not story.matches or "same numbers" in story.verdict
    assert str(result) in story.verdict
    assert "failed" not in story.verdict
    assert "not complete" not in story.verdict
    story.model.release()


# Mistakes on the command line.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--policy", "pcat"), ("--policy = 'pcat'", "not among the experiment's policies", "'pact'")),
        (("--trajectories", "1"), ("--trajectories", "4", "'1'")),
        (("--trajectories", "many"), ("--trajectories", "'many'")),
        (("--replicates", "0"), ("--replicates", "1", "'0'")),
        (("--threads", "0"), ("--threads", "1")),
        (("--seed", "-1"), ("--seed", "0")),
        (("--runs", "5"), ("--runs",)),
    ],
    ids=lambda value: "-".join(value).strip("-") if isinstance(value, tuple) and str(value[0]).startswith("--") else None,
)
def test_a_mistake_is_one_line(region, tmp_path, monkeypatch, capsys, options, words):
    monkeypatch.chdir(tmp_path)
    assert call("sensitivity", region, *options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert printed.err.startswith("clusterpact: ")
    for word in words:
        assert word in printed.err
    assert not any(tmp_path.iterdir())


def test_an_unknown_experiment_is_one_line(capsys):
    assert call("sensitivity", "dunkrik") == 2
    assert "'dunkirk'" in capsys.readouterr().err
