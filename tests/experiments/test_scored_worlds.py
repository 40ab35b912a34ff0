"""Which scores of the worlds of the past hold, and whether those on record are of these rules."""

import pandas as pd
import pytest

from clusterpact.experiments import track_record
from clusterpact.experiments.questions.scoring import Scores
from clusterpact.experiments.questions.track_record import pooled, rows_of

NOTHING = pd.DataFrame()


def scores(skill=0.2, inside=(True, True, True, True, False), held=True):
    """Scores of a made-up world: one window, one count, one kind of event."""
    years = pd.DataFrame({"inside_90": inside})
    window = {"window": "fit", "first_year": 2014, "last_year": 2018, "skill_nothing_changes": skill}
    windows = pd.DataFrame([window | {"skill_random_walk": 0.0}])
    count = {"count": "closed", "plants": 9, "year": 2018, "observed_low": 2, "observed_high": 2, "mean": 1.0, "low_90": 0}
    counts = pd.DataFrame([count | {"high_90": 2 if held else 1, "inside_90": held}])
    event = {"event": "given up", "observed_rate": 0.2, "observed_low": 0.1, "observed_high": 0.3, "forecast_rate": 0.4}
    events = pd.DataFrame([event | {"inside": False, "skill_base_rate": 0.05, "skill_error": 0.1}])
    return Scores(years, windows, counts, events, NOTHING, NOTHING)


@pytest.mark.parametrize(("skill", "holds"), [(0.2, True), (0.1, True), (0.09, False), (-0.3, False)])
def test_in_the_window_of_the_fit_a_tenth_of_skill_is_asked_for(skill, holds):
    rows = {row["test"]: row["holds"] for row in rows_of("made", scores(skill))}
    assert rows["fit 2014-2018: CRPS skill against nothing changes"] is holds
    assert rows["fit 2014-2018: CRPS skill against a random walk"]


@pytest.mark.parametrize("held", [True, False])
def test_counts_and_events_hold_where_the_record_lies_inside(held):
    rows = {row["test"]: row for row in rows_of("made", scores(held=held))}
    assert rows["plants closed by 2018"]["holds"] is held
    assert rows["plants closed by 2018"]["record"] == "2"
    assert not rows["projects given up"]["holds"]
    assert rows["projects given up: Brier skill against the base rate"]["holds"]


@pytest.mark.parametrize(("outside", "holds"), [(0, False), (1, True), (4, True), (5, False)])
def test_bands_that_hold_every_year_are_too_wide_and_those_that_hold_few_too_narrow(outside, holds):
    inside = [True] * (20 - outside) + [False] * outside
    assert pooled({"made": scores(inside=inside)})["holds"] is holds


def test_the_track_record_is_of_these_rules():
    assert "earlier rules" not in track_record.sentence(), "rules changed; run: make scores"
