"""The count of instructions per agent-step: what it divides, and what it says where it cannot count."""

import subprocess

import pytest

from benchmarks import instructions

STEPS, OF_ONE_RUN, OF_STARTING = 3640, 8_000_000, 4_400_000_000


def counted_by(command, **settings):
    """A made-up machine: starting takes its time, every run takes as many instructions as the next."""
    runs = int(command[-2])
    count = OF_STARTING + runs * OF_ONE_RUN
    said = f"==12== Collected : {count}" if command[0] == "valgrind" else ""
    assert settings["env"]["NUMBA_CPU_NAME"] == "generic", "valgrind must find what was compiled before it looks"
    return subprocess.CompletedProcess(command, 0, f"{STEPS}\n", said)


def test_what_starting_takes_cancels(monkeypatch):
    monkeypatch.setattr(instructions.shutil, "which", lambda name: name)
    monkeypatch.setattr(instructions.subprocess, "run", counted_by)
    found = instructions.instructions()
    assert set(found) == set(instructions.POLICIES)
    for one in found.values():
        assert one == pytest.approx({"per_step": OF_ONE_RUN / STEPS, "per_run": OF_ONE_RUN}, rel=1e-12)
    assert "2,198 (current-policies; 8.00 million a run)" in instructions.row(found)


def test_a_count_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setattr(
        instructions.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, "1", "no such tool")
    )
    with pytest.raises(RuntimeError, match="no such tool"):
        instructions.counted("pact", 2)


def test_without_the_tool_the_row_says_so(monkeypatch):
    monkeypatch.setattr(instructions.shutil, "which", lambda name: None)
    assert "not measured: valgrind is not installed" in instructions.row(instructions.instructions())
