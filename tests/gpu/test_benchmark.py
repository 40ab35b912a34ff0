"""The script for the day of a card measures on the double what it will measure there, and keeps every step."""

import json

import pytest

from benchmarks import gpu
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.gpu.card import Card
from clusterpact.inputs import InputError


@pytest.fixture
def small(monkeypatch, driver):
    """A benchmark of few runs, on the card of this processor."""
    monkeypatch.setattr(gpu, "loaded", lambda: driver)
    few = {"COMPARED": 40, "MILLION": 80, "SIZES": ((32, 2), (64, 2)), "MEASURED_S": 0.0, "SHARD_RUNS": 20}
    for name, value in few.items():
        monkeypatch.setattr(gpu, name, value)


def test_every_step_is_measured(small, code, tmp_path):
    found = gpu.measure(code, tmp_path, 1e6)
    assert found == json.loads((tmp_path / "gpu.json").read_text())
    assert [row["lanes"] for row in found["rates"]] == [64, 128]
    assert found["best"]["runs_per_second"] == max(row["runs_per_second"] for row in found["rates"]) > 0
    assert found["bits"]["values_that_differ"] == 0
    assert found["bits"]["runs_per_policy"] == 40
    assert min(found["bits"]["bytes_compared"][name] for name in ("series", "gates", "decisions", "plants")) > 10_000
    assert found["million"]["failed"] == 0
    assert found["million"]["megabytes"] >= 0
    assert "not measured" not in (tmp_path / "gpu.md").read_text()


def test_a_run_that_differs_is_counted(code, driver):
    right = driver.run
    driver.run = lambda *given: int(given[3] == 3) or right(*given)
    found = gpu.compare(Card(code, driver), load_experiment("dunkirk", recording="outcomes"), 40)
    assert found["by_output"]["failed"] == 4  # one of every policy
    assert found["by_output"]["series"] > 4 * 1000
    assert found["values_that_differ"] == sum(found["by_output"].values())


def test_a_size_that_the_card_has_no_memory_for_is_said(small, code, driver, monkeypatch, tmp_path):
    monkeypatch.setattr(gpu, "SIZES", ((32, 2), (32, 2 * 200)))
    driver.memory = 100_000_000
    (first, second) = gpu.sweep(Card(code, driver), load_experiment("dunkirk"), gpu.Clock(1e6))
    assert first["runs_per_second"] > 0
    assert second["left out"].endswith("out of memory")


def test_what_does_not_fit_into_the_time_is_left_out(small, code, tmp_path):
    found = gpu.measure(code, tmp_path, 0.0)
    assert found["million"] == {"left out": "no time"}
    assert found["bits"] == {"left out": "no time"}
    assert all(row["left out"] == "no time" for row in found["rates"])
    assert "not measured" in (tmp_path / "gpu.md").read_text()


def test_code_of_other_rules_is_refused(tmp_path):
    path = tmp_path / "card.ptx"
    path.write_bytes(b"// other\n")
    with pytest.raises(InputError, match="was made of other rules"):
        gpu.read_code(path)
    path.write_bytes(gpu.mark() + b"code")
    assert gpu.read_code(path).endswith(b"code")
