"""Calibration: waves that resume, an ensemble that is one, and a truth that is not ruled out."""

import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.ensemble import read_ensemble
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.questions.calibration import (
    COUNT_SHIFT,
    Plan,
    Target,
    calibrate,
    factors_of,
    read_targets,
    statistic_of_runs,
    value_of,
    values_of,
)
from clusterpact.experiments.questions.scoring import plant_years
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError, read_table
from tests.commands import call

pytest.importorskip("sklearn")

WORLD = "history/dunkirk-2013"
SMALL = Plan(waves=2, points=64, replicates=2, rows=100)
HEADER = "cluster,statistic,year,value,discrepancy,source\n"
LINES = [
    "dunkirk-2013,emissions,2016,,0.05,record", "dunkirk-2013,changes,2016,,0.02,record",
    "dunkirk-2013,closed,2016,,0.2,record", "dunkirk-2013,down_30,2016,,0.2,record",
]  # fmt: skip


def world(**changes):
    """Dunkirk set back to 2013, with a short horizon so that runs are quick."""
    return replace(load_experiment(WORLD, seed=5), first_year=2013, last_year=2018, windows={}, **changes)


@pytest.fixture(scope="module")
def targets(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("targets") / "targets.csv"
    path.write_text(HEADER + "\n".join(LINES) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(targets, tmp_path_factory):
    return calibrate([world()], targets, tmp_path_factory.mktemp("calibration") / "c", SMALL)


@pytest.mark.horizon
def test_the_ensemble_holds_every_parameter_but_those_of_markets_within_its_range(found):
    ensemble = read_ensemble(found.folder / "ensemble.parquet", "c")
    assert set(ensemble.rows) == {name for name, row in PARAMETERS.items() if row.group != "market"}
    assert len(ensemble.weights) == SMALL.rows
    assert list(found.identified["parameter"]) == factors_of([world()])
    assert found.identified["verdict"].str.len().gt(0).all()
    assert 0 < found.left[-1] <= found.left[0] <= 1


@pytest.mark.horizon
def test_a_wave_runs_each_point_several_times_with_luck_of_its_own(found):
    design = pq.read_table(found.folder / "wave-1" / "design.parquet").to_pandas()
    outcomes = pq.read_table(found.folder / "wave-1" / "dunkirk-2013" / "tables" / "outcomes.parquet").to_pandas()
    assert len(outcomes) == SMALL.points * SMALL.replicates
    np.testing.assert_array_equal(outcomes["draw_capability_start"], design["capability_start"].repeat(SMALL.replicates))
    assert outcomes["cumulative_mt"].nunique() == len(outcomes)


@pytest.mark.horizon
def test_after_a_kill_the_same_command_goes_on_to_the_same_bytes(found, targets, tmp_path):
    """The folder as a kill leaves it: the second wave was half run, nothing after it was written."""
    folder = tmp_path / "c"
    shutil.copytree(found.folder, folder)
    for name in ("ensemble.parquet", "identifiability.csv", "statistics.csv", "ridges.csv"):
        (folder / name).unlink()
    shutil.rmtree(folder / "wave-2" / "dunkirk-2013" / "tables")
    (folder / "wave-2" / "dunkirk-2013" / "complete.json").unlink()
    calibrate([world()], targets, folder, SMALL)
    for name in ("ensemble.parquet", "identifiability.csv", "statistics.csv", "ridges.csv"):
        assert (folder / name).read_bytes() == (found.folder / name).read_bytes()


@pytest.mark.horizon
def test_a_folder_holds_one_calibration(found, targets):
    with pytest.raises(InputError, match="holds another calibration"):
        calibrate([world()], targets, found.folder, replace(SMALL, points=65))


@pytest.mark.horizon
def test_an_experiment_draws_from_the_ensemble_by_the_name_of_its_file(found, tmp_path):
    shutil.copy(found.folder / "ensemble.parquet", tmp_path / "mine.parquet")
    text = 'name = "x"\ncluster = "dunkirk"\nruns = 4\nhorizon = [2026, 2028]\npolicies = ["current-policies"]\n'
    (tmp_path / "x.toml").write_text(text + '[uncertainty]\nensemble = "mine.parquet"\n', encoding="utf-8")
    assert call("run", tmp_path / "x.toml", "--out", tmp_path / "r", "--no-figures", "-q") == 0
    drawn = pq.read_table(tmp_path / "r" / "tables" / "outcomes.parquet").to_pandas()
    kept = pq.read_table(tmp_path / "mine.parquet").to_pandas()
    assert set(drawn["draw_output_noise"]) <= set(kept["output_noise"])


def test_the_prior_lies_within_ranges_and_is_even_in_the_logarithm_where_they_are_wide():
    u = np.linspace(0, 1 - 1e-9, 101)
    for parameter in PARAMETERS.values():
        values = value_of(parameter, u)
        assert (np.diff(values) >= 0).all()
        assert parameter.low <= values[0] <= values[-1] <= parameter.high
    wide = value_of(PARAMETERS["fuel_ceiling_per_year"], np.array([0.0, 0.5]))
    assert wide == pytest.approx([0.002, np.sqrt(0.002)])
    assert value_of(PARAMETERS["capex_level"], np.array([(1 - 0.85) / (1.5 - 0.85)])) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dunkirk,emissions,2016,,0.05,x", "is no cluster of these experiments; did you mean 'dunkirk-2013'"),
        ("dunkirk-2013,emissions,2013,,0.05,x", "expected 2014 to 2018, which the record holds"),
        ("dunkirk-2013,emission,2016,,0.05,x", "statistic"),
        ("dunkirk-2013,closed,2016,,-1,x", "discrepancy"),
    ],
)
def test_a_mistake_in_a_target_is_said_in_one_line(line, said, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_targets(path, [world()])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_killed_command_resumes_to_the_same_bytes(tmp_path):
    """SIGKILL while the first wave runs, then the same command; beside it the command without a kill."""
    options = ["--waves", "1", "--points", "64", "--replicates", "16", "--rows", "100"]
    command = [
        sys.executable,
        "-m",
        "clusterpact",
        "calibrate",
        "history/dunkirk-2013",
        "history/nrw-2013",
        *options,
        "--out",
    ]
    process = subprocess.Popen([*command, str(tmp_path / "killed")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wave = tmp_path / "killed" / "wave-1" / "nrw-2013" / "ledger"
    deadline = time.time() + 300
    while time.time() < deadline and not (wave.is_dir() and any(wave.iterdir())) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed" / "ensemble.parquet").exists()
    for name in ("killed", "whole"):
        subprocess.run([*command, str(tmp_path / name)], check=True, capture_output=True)
    for name in ("ensemble.parquet", "identifiability.csv", "statistics.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.slow
def test_a_truth_made_by_the_model_itself_is_kept_in_nine_of_ten_trials(tmp_path):
    """Twenty histories, each one run under parameters drawn from the prior, are calibrated on as if they were the record."""
    plan = Plan(waves=1, points=256, replicates=8, rows=100)
    rows = [Target.model_validate(row.model_dump()) for row in read_table(_library_targets(tmp_path), Target)]
    factors = factors_of([world()])
    kept = []
    for trial in range(20):
        truth = np.random.default_rng(trial).random(len(factors))
        history = replace(
            world(), runs=1, seed=1000 + trial, recording="plants", uncertainty={}, ensemble=None,
            parameters={name: float(value[0]) for name, value in values_of(factors, truth[None]).items()},
        )  # fmt: skip
        run_experiment(history, tmp_path / f"truth-{trial}", RunOptions())
        sites = tuple(sorted(history.scenario.sites))
        found = plant_years(history.scenario, tmp_path / f"truth-{trial}", history.baseline, list(range(2013, 2019)), sites)
        lines = []
        for row in rows:
            value = float(statistic_of_runs(row, found)[0])
            seen = value if row.statistic in ("emissions", "changes") else value**2 - COUNT_SHIFT
            lines.append(f"{row.cluster},{row.statistic},{row.year},{seen!r},0,trial {trial}")
        path = tmp_path / f"targets-{trial}.csv"
        path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
        try:
            result = calibrate([world()], path, tmp_path / f"c-{trial}", plan)
            kept.append(bool(result.kept(truth[None])[0]))
        except InputError:  # nothing is left: a history so odd that no parameters can be told to have made it
            kept.append(False)
    assert sum(kept) >= 18, kept


def _library_targets(folder: Path) -> Path:
    """Targets of the short world: as the library's, by 2016 and 2018."""
    lines = [f"dunkirk-2013,{name},{year},0,0,x" for name in ("emissions", "changes", "closed", "down_30", "down_50", "deep")
             for year in (2016, 2018)]  # fmt: skip
    path = folder / "all.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return path
