"""`verify --executor gpu` computes a sample again on a card."""

import ctypes

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.again import OnCard, again_on
from clusterpact.experiments.folder.verify import verify_result
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError
from tests.commands import poison


def made(folder, recording="quarterly", runs=30):
    policies = ["current-policies", "pact"]
    run_experiment(load_experiment("dunkirk", runs=runs, recording=recording, policies=policies), folder, RunOptions())
    return folder


@pytest.mark.parametrize("recording", ["outcomes", "plants"])
def test_runs_of_the_processor_hold_on_the_card(recording, batches_of, driver, tmp_path):
    verdict = verify_result(made(tmp_path / "r", recording), 60, 0, lambda folder: OnCard(folder, batches_of()))
    assert verdict.holds, verdict.lines
    assert any("60 of 60 computed again" in line for line in verdict.lines)
    assert [runs for _, _, runs in driver.launches] == [30, 30]


def test_a_card_that_errs_in_a_bit_is_found(batches_of, driver, tmp_path):
    right = driver.run

    def wrong(result, raised, arguments, run, lane):
        status = right(result, raised, arguments, run, lane)
        series = ctypes.c_int64.from_address(arguments + 8 * 6).value
        if run == 0:
            ctypes.c_uint64.from_address(series).value ^= 1
        return status

    folder = made(tmp_path / "r")
    driver.run = wrong
    verdict = verify_result(folder, 60, 0, lambda folder: OnCard(folder, batches_of()))
    assert not verdict.holds
    assert any("differs: pact, run 0: " in line for line in verdict.lines)


def test_runs_that_failed_are_asked_of_the_processor(batches_of, tmp_path, monkeypatch):
    poison(monkeypatch, {4})
    verdict = verify_result(made(tmp_path / "r"), 60, 0, lambda folder: OnCard(folder, batches_of()))
    assert verdict.holds, verdict.lines
    assert any("30 of 30 agree, 1 by failing again" in line for line in verdict.lines)


def test_events_and_other_places_are_refused(batches_of, tmp_path):
    folder = made(tmp_path / "r", "events", 1)
    with pytest.raises(InputError, match="cannot tell events"):
        verify_result(folder, 2, 0, lambda folder: OnCard(folder, batches_of()))
    with pytest.raises(InputError, match="--executor = 'dask': cannot verify; known: local, gpu"):
        again_on("dask")
