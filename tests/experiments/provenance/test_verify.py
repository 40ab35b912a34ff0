"""`clusterpact verify`: a sample of runs computed again, bit for bit."""

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.verify import draw_sample, first_difference, verify_result
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.results.recorded import FOR_PEOPLE, RECORDINGS, table_path
from tests.commands import call, poison
from tests.experiments.provenance.forgery import ALL, change_manifest, other_than, refresh, rewrite, text


def test_all_runs_of_a_result_agree(made):
    verdict = verify_result(made, ALL, 0)
    assert verdict.holds, text(verdict)
    assert "24 of 24 computed again" in text(verdict)
    assert text(verdict).count("6 of 6 agree") == 4


@pytest.mark.parametrize("recording", FOR_PEOPLE)
def test_runs_agree_and_a_change_is_found_whatever_is_recorded(recording, tmp_path):
    folder = tmp_path / "r"
    run_experiment(load_experiment("dunkirk", runs=2, policies=["pact"], baseline="pact", recording=recording), folder)
    assert verify_result(folder, 2, 0).holds
    last = RECORDINGS[recording][-1].replace("bands", "outcomes")
    column = pq.read_schema(table_path(folder, last)).names[-1]
    rewrite(folder, last, column, lambda values: values.__setitem__(-1, other_than(values[-1])))
    assert f"differs: pact, run 1: {last}.{column}, row " in text(verify_result(folder, 2, 0))


def test_runs_computed_alone_agree_with_runs_of_a_large_shard(tmp_path):
    run_experiment(
        load_experiment("dunkirk", runs=60, policies=["pact"], baseline="pact", recording="outcomes"),
        tmp_path / "r",
        RunOptions(
            shard_runs=60,
        ),
    )
    verdict = verify_result(tmp_path / "r", 30, 3)
    assert verdict.holds, text(verdict)


def test_a_sample_larger_than_all_runs_is_all_runs(made):
    assert "24 of 24 computed again" in text(verify_result(made, 10**9, 0))


def test_a_sample_is_random_without_repetition_and_given_by_its_seed():
    experiment = load_experiment("dunkirk", runs=1_000_000)
    first, again, other = (draw_sample(experiment, 500, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert set(first) == {0, 1, 2, 3}
    assert sum(len(set(runs)) for runs in first.values()) == 500
    assert 0.4 < np.mean([run for runs in first.values() for run in runs]) / 1e6 < 0.6


@pytest.mark.parametrize(
    ("table", "column"),
    [("outcomes", "cumulative_mt"), ("series", "scope1_kt"), ("projects", "agent"), ("gates", "last_quarter")],
)
def test_one_changed_value_is_found_although_the_checksum_fits(table, column, result):
    rewrite(result, table, column, lambda values: values.__setitem__(-1, other_than(values[-1])))
    verdict = verify_result(result, ALL, 0)
    assert not verdict.holds
    assert "with their checksums" in text(verdict)
    (line,) = [line for line in verdict.lines if line.startswith("differs:")]
    assert re.match(rf"differs: four-pillars, run 5: {table}\.{column}, row \d+ of the run: holds .*, computed ", line)
    assert "four-pillars: 5 of 6 agree" in text(verdict)


def test_an_empty_cell_in_place_of_a_value_is_found(result):
    rewrite(result, "outcomes", "trust_in_firms", lambda values: values.__setitem__(0, None))
    assert "outcomes.trust_in_firms, row 1 of the run: holds None" in text(verify_result(result, ALL, 0))


@pytest.mark.parametrize("keep", [slice(1, None), slice(0, None)], ids=["missing", "twice"])
def test_a_missing_or_repeated_row_is_found(keep, result):
    held = pq.read_table(table_path(result, "series"))
    extra = [held.slice(0, 1)] if keep.start == 0 else []
    pq.write_table(pa.concat_tables([held.slice(keep.start), *extra]), table_path(result, "series"))
    refresh(result)
    rows = 24 if keep.start else 26
    assert f"current-policies, run 0: series holds {rows} rows, computed 25" in text(verify_result(result, ALL, 0))


def test_a_zero_of_another_sign_is_a_difference_and_an_empty_cell_is_none():
    held, same, other = (pa.table({"x": pa.array([1.0, None, zero])}) for zero in (0.0, 0.0, -0.0))
    assert first_difference(held, same) is None
    assert first_difference(held, other) == ".x, row 3 of the run: holds 0.0, computed -0.0"


def test_a_flipped_byte_is_found(result):
    path = table_path(result, "series")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    verdict = verify_result(result, 2, 0)
    assert not verdict.holds
    assert "tables/series.parquet has not the checksum of complete.json" in text(verdict)


def test_a_table_that_is_none_is_found_and_told(result):
    table_path(result, "gates").write_bytes(b"nothing")
    refresh(result)
    assert "a table cannot be read" in text(verify_result(result, 2, 0))


def test_a_changed_a_missing_and_an_added_input_are_found(result):
    with (result / "inputs" / "prices.csv").open("a") as file:
        file.write("\n")
    (result / "inputs" / "own-prices.csv").write_text("carrier\n")
    (result / "inputs" / "economy.csv").unlink()
    verdict = verify_result(result, 2, 0)
    assert not verdict.holds
    for words in ("prices.csv is not the file", "economy.csv is missing", "own-prices.csv is not among"):
        assert words in text(verdict)


def test_a_changed_experiment_in_the_manifest_is_found(result):
    change_manifest(result, lambda data: data["experiment"].update(seed=43))
    verdict = verify_result(result, 2, 0)
    assert not verdict.holds
    assert "the experiment in the manifest is not that of its id" in text(verdict)


def test_a_run_that_failed_must_fail_again(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        poison(patch, [2])
        run_experiment(
            load_experiment("dunkirk", runs=4, policies=["pact", "four-pillars"], baseline="pact"), tmp_path / "r"
        )
        verdict = verify_result(tmp_path / "r", ALL, 0)
        assert verdict.holds, text(verdict)
        assert "pact: 4 of 4 agree, 1 by failing again" in text(verdict)
    verdict = verify_result(tmp_path / "r", ALL, 0)
    assert not verdict.holds
    assert "differs: pact, run 2: failed and does not fail again" in text(verdict)


def test_a_run_that_is_hidden_among_the_failures_is_found(result):
    failure = {"run": 3, "policy": "pact", "parameters": {}, "traceback": ""}
    (result / "failures.json").write_text(json.dumps([failure]))
    refresh(result)
    verdict = verify_result(result, ALL, 0)
    assert not verdict.holds
    assert "pact, run 3: failed and does not fail again" in text(verdict)


def test_the_command_ends_with_the_verdict(result, capsys):
    assert call("verify", result, "--runs", 3) == 0
    assert "verdict: holds" in capsys.readouterr().out
    rewrite(result, "outcomes", "defaults", lambda values: values.__setitem__(slice(None), [9.0] * len(values)))
    assert call("verify", result, "--runs", 3) == 1
    assert "verdict: does not hold" in capsys.readouterr().out


@pytest.mark.parametrize("column", ["mean", "q95", "runs", "measure"])
def test_bands_that_are_not_those_of_the_series_are_found_although_the_checksum_fits(column, result):
    rewrite(result, "bands", column, lambda values: values.__setitem__(-1, other_than(values[-1])))
    verdict = verify_result(result, 2, 0)
    assert not verdict.holds
    assert "bands:   counted anew from the series, and differ" in verdict.lines
    (line,) = [line for line in verdict.lines if line.startswith("differs:")]
    assert re.match(rf"differs: bands\.{column}, row \d+: holds .*, computed ", line)


def test_bands_without_a_row_are_found(result):
    held = pq.read_table(table_path(result, "bands"))
    pq.write_table(held.slice(1), table_path(result, "bands"))
    refresh(result)
    assert f"differs: bands holds {len(held) - 1} rows, computed {len(held)}" in verify_result(result, 2, 0).lines


def test_bands_of_a_result_without_series_are_counted_from_all_of_its_runs(tmp_path):
    folder = tmp_path / "r"
    run_experiment(load_experiment("dunkirk", runs=30, policies=["pact", "four-pillars"], baseline="pact",
                                   recording="outcomes"), folder)  # fmt: skip
    few = verify_result(folder, 59, 0)
    assert few.holds
    assert "bands:   by their checksum alone, since no series are recorded; --runs 60 counts them anew" in few.lines
    every = verify_result(folder, 60, 0)
    assert every.holds, text(every)
    assert "bands:   counted anew from all runs, and agree" in every.lines
    rewrite(folder, "bands", "q50", lambda values: values.__setitem__(3, other_than(values[3])))
    assert "differs: bands.q50, row 4: holds " in text(verify_result(folder, 60, 0))


def test_bands_of_a_result_with_failed_runs_are_those_of_the_others(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        poison(patch, [0, 2])
        run_experiment(load_experiment("dunkirk", runs=4, policies=["pact"], baseline="pact"), tmp_path / "r")
        verdict = verify_result(tmp_path / "r", 4, 0)
    assert verdict.holds, text(verdict)
    assert "bands:   counted anew from the series, and agree" in verdict.lines
