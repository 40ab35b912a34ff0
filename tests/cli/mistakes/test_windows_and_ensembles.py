"""A mistake in the years that are scored, or in the ensemble that parameters are drawn from: one edit, one line."""

import pytest

from tests.cli.mistakes.edits import EXPERIMENT, VALIDATE, add, assert_holds, both, mistake, put, write
from tests.commands import call


def windows(text):
    """Add windows at the end of the experiment."""
    return add(EXPERIMENT, f"\n[windows]\n{text}\n")


def ensemble(value):
    """Draw parameters from an ensemble."""
    return put(EXPERIMENT, "bindingness = { uniform", f"ensemble = {value}\nbindingness = {{ uniform")


WITHIN = "expected [first year, last year] within the horizon (2026 to 2050)"

MISTAKES = [
    mistake("window before the horizon", windows("fit = [2025, 2030]"), "windows.fit = [2025, 2030]", WITHIN),
    mistake("window beyond the horizon", windows("fit = [2030, 2051]"), "windows.fit = [2030, 2051]", WITHIN),
    mistake("second window beyond the horizon", windows("fit = [2026, 2030]\ntest = [2060, 2070]"),
            "windows.test = [2060, 2070]", WITHIN),
    mistake("window that does not rise", windows("fit = [2035, 2030]"), "windows.fit = [2035, 2030]", WITHIN),
    mistake("window of one year", windows("fit = [2030]"), "experiment.toml: windows.fit"),
    mistake("window of three years", windows("fit = [2030, 2031, 2032]"), "experiment.toml: windows.fit"),
    mistake("window a year", windows("fit = 2030"), "experiment.toml: windows.fit = 2030", "list"),
    mistake("window of words", windows('fit = ["2030", "2035"]'), "experiment.toml: windows.fit[1] = '2030'", "integer"),
    mistake("window of half years", windows("fit = [2030.5, 2035]"), "experiment.toml: windows.fit[1] = 2030.5", "integer"),
    mistake("windows a list", put(EXPERIMENT, "runs = 200", "runs = 200\nwindows = [2030, 2035]"), "windows = [2030"),
    mistake("windows misspelt", add(EXPERIMENT, "\n[window]\nfit = [2030, 2035]\n"), "experiment.toml: window: unknown key",
            "'windows'"),
    mistake("ensemble a number", ensemble("3"), "experiment.toml: uncertainty.ensemble = 3", "expected a name or a file"),
    mistake("ensemble a list", ensemble('["history-2013"]'), "uncertainty.ensemble", "expected a name or a file"),
    mistake("ensemble misspelt", ensemble('"histori-2013"'), "experiment.toml: uncertainty.ensemble = 'histori-2013'",
            "no such file or ensemble of the library", "did you mean 'history-2013'"),
    mistake("ensemble unknown", ensemble('"zzz"'), "uncertainty.ensemble = 'zzz'", "known: history-2013"),
    mistake("ensemble blank", ensemble('""'), "experiment.toml: uncertainty.ensemble = ''", "history-2013"),
    mistake("ensemble very long", ensemble(f'"{"e" * 5000}"'), "experiment.toml: uncertainty.ensemble", "path"),
    mistake("ensemble no table", both(write("sets.parquet", b"bindingness\n0.5\n"), ensemble('"sets.parquet"')),
            "region/sets.parquet", "no readable Parquet table of numbers"),
    mistake("key of uncertainty misspelt", put(EXPERIMENT, "[uncertainty]", '[uncertainty]\nensembel = "history-2013"'),
            "experiment.toml: uncertainty.ensembel", "unknown parameter"),
]  # fmt: skip


@pytest.mark.parametrize("command", [None, VALIDATE], ids=["as-it-is-run", "as-it-is-checked"])
@pytest.mark.parametrize(("edit", "usual", "words"), MISTAKES)
def test_a_mistake_in_windows_or_ensembles_is_one_line(edit, usual, words, command, work, complain):
    edit(work / "region")
    assert_holds(complain(*(command or usual)), words)


def test_a_window_may_be_one_year_and_reach_to_both_ends_of_the_horizon(work, capsys):
    windows("all = [2026, 2050]\nlast = [2050, 2050]")(work / "region")
    ensemble('"history-2013"')(work / "region")
    assert call(*VALIDATE) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == ["[windows:all]", "[windows:last]"]
    assert all(line.startswith("warning: ") and "has no record of" in line for line in lines)
