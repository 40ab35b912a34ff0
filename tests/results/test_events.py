"""Events of a result: a checked expression on outcomes, and what may come before them."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.inputs import InputError
from clusterpact.results.statistics.candidates import candidates
from clusterpact.results.statistics.events import event_of, parse_event


@pytest.fixture
def outcomes():
    """Four futures under two packages."""
    return pd.DataFrame({
        "policy": ["base"] * 4 + ["help"] * 4, "run": [0, 1, 2, 3] * 2,
        "abated_share_2030": [0.1, 0.2, 0.3, 0.4, 0.1, 0.3, 0.3, 0.6],
        "target_2030_met": [False, False, True, True, False, True, True, True],
        "cumulative_mt": [200.0, 210.0, 190.0, 180.0, 199.0, 212.0, 180.0, 180.0],
        "public_eur_per_t": [1.0, np.nan, 2.0, 3.0, 1.0, np.nan, 5.0, 6.0],
        "defaults": [0, 1, 2, 3, 0, 0, 0, 4], "reversals": [0, 0, 1, 1, 0, 1, 0, 1],
        "fid_year_hub": [2030.0, np.nan, 2033.25, 2031.0, 2028.0, 2040.0, np.nan, 2031.75],
        "start_year_loans": [np.nan, np.nan, np.nan, np.nan, 2029.0, 2035.0, np.nan, 2028.0],
        "draw_carbon_price_level": [0.1, 0.5, 0.7, 0.9] * 2, "draw_bindingness": [0.5] * 8,
    })  # fmt: skip


WRITTEN = [
    ("target_2030_met == 0", [1, 0, 0, 0]),
    ("cumulative_mt > 190", [1, 1, 0, 0]),
    ("fid_year_hub <= 2032", [1, 0, 0, 1]),  # 2031.75 is within 2032
    ("fid_year_hub <= 2031", [1, 0, 0, 1]),  # and within 2031: a year is over at its end
    ("fid_year_hub > 2032", [0, 1, 1, 0]),  # never is later than any year
    ("fid_year_hub == never", [0, 0, 1, 0]),
    ("fid_year_hub != never", [1, 1, 0, 1]),
    ("abated_share_2030<0.3", [1, 0, 0, 0]),
    ("difference(cumulative_mt) > 0", [0, 1, 0, 0]),
    ("difference(cumulative_mt) < 0", [1, 0, 1, 0]),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_an_event_is_true_where_its_words_say_so(text, expected, outcomes):
    found = event_of(parse_event(text, outcomes), outcomes, "help", "base")
    assert found.astype(int).to_list() == expected
    assert found.index.to_list() == [0, 1, 2, 3]


def test_futures_in_which_an_outcome_is_not_defined_are_left_out(outcomes):
    """Public money per tonne is of nothing where nothing is avoided."""
    found = event_of(parse_event("public_eur_per_t > 4", outcomes), outcomes, "help", "base")
    assert found.index.to_list() == [0, 2, 3]


MISTAKES = [
    ("cumulativ_mt > 1", "--event = 'cumulativ_mt': no such outcome; did you mean 'cumulative_mt'?"),
    ("difference(cumulativ_mt) > 1", "did you mean 'cumulative_mt'?"),
    ("cumulative_mt >", "--event = 'cumulative_mt >': expected OUTCOME, a comparison (<, <=, >, >=, ==, !=) and a number"),
    ("cumulative_mt > 1 or 1", "expected OUTCOME"),
    ("__import__('os')", "expected OUTCOME"),
    ("cumulative_mt = 1", "expected OUTCOME"),
    ("cumulative_mt > nan", "expected OUTCOME"),
    ("cumulative_mt > 1e999", "expected a number that is finite"),
    ("policy == 1", "no such outcome"),
    ("draw_carbon_price_level > 1", "is drawn before the run; expected what comes of it"),
    ("cumulative_mt == never", "never is of years"),
    ("fid_year_hub < never", "never is compared by == or !="),
    ("", "expected OUTCOME"),
]


@pytest.mark.parametrize(("text", "words"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_in_an_event_is_one_line(text, words, outcomes):
    with pytest.raises(InputError) as mistake:
        parse_event(text, outcomes)
    assert words in str(mistake.value)
    assert len(str(mistake.value).splitlines()) == 1


def test_a_difference_is_asked_of_two_packages(outcomes):
    event = parse_event("difference(cumulative_mt) > 0", outcomes)
    with pytest.raises(InputError, match="expected a package to set against it"):
        event_of(event, outcomes, "base", "base")


@pytest.fixture
def tables(outcomes):
    """The tables of a result of four futures from 2025 on: defaults, reversals, a closure, a project in hand."""
    years = range(2025, 2037)
    series = pd.DataFrame([(p, r, y, int(y == 2030 and r == 1), int(y == 2029 and r > 1), 0.1 * (y > 2030) * (r == 2))
                           for p in ("base", "help") for r in range(4) for y in years],
                          columns=["policy", "run", "year", "defaults", "reversals", "closed_share"])  # fmt: skip
    gates = pd.DataFrame([("help", 2, "works", 12, 20, 47), ("help", 3, "works", 12, 40, 47),
                          ("help", 0, "works", 3, 0, 47)],
                         columns=["policy", "run", "firm", "gate", "first_quarter", "last_quarter"])  # fmt: skip
    years = [2027.5, 2034.0, np.nan, 2032.75]
    pipeline = pd.DataFrame([("help", run, "works", "new furnace", year) for run, year in enumerate(years)],
                            columns=["policy", "run", "agent", "project", "fid_year"])  # fmt: skip
    return {"outcomes": outcomes, "series": series, "gates": gates, "pipeline": pipeline}


def found(tables, text, until=2032):
    event = parse_event(text, tables["outcomes"])
    return candidates(tables, "help", event, until, 2025, 2036, {"hub": "The hub", "works": "Old works"})


def test_what_may_lead_to_an_event_is_what_was_drawn_and_what_came_early(tables):
    kept, _left, until = found(tables, "abated_share_2030 < 0.3", 2029)
    assert until == 2029
    kept, _left, until = found(tables, "cumulative_mt > 190")
    assert until == 2032
    values = {one.name: one.values.tolist() for one in kept}
    assert values == {
        "draw_carbon_price_level": [0.1, 0.5, 0.7, 0.9], "fid_hub_by_2032": [1, 0, 0, 1],
        "loans_started_by_2032": [1, 0, 0, 1],
        "defaults_by_2032": [0, 1, 0, 0], "reversals_by_2032": [0, 0, 1, 1], "closed_works_by_2032": [0, 0, 1, 0],
        "decided_new furnace of works_by_2032": [1, 0, 0, 1],
    }  # fmt: skip


def test_limits_are_said_in_words(tables):
    kept, _left, _until = found(tables, "cumulative_mt > 190")
    said = {one.name: one for one in kept}
    price = said["draw_carbon_price_level"]
    assert price.said((None, 0.31)).endswith("is at most 0.31")
    assert price.said((0.2, None)).endswith("is at least 0.2")
    assert price.said((0.2, 0.31)).endswith("is 0.2 to 0.31")
    assert said["fid_hub_by_2032"].said((None, 0.0)) == "The hub is not decided by 2032"
    assert said["fid_hub_by_2032"].said((1.0, None)) == "The hub is decided by 2032"
    assert said["closed_works_by_2032"].said((1.0, None)) == "Old works is closed by 2032"
    assert said["reversals_by_2032"].said((1.0, None)) == "policy reversals by 2032: at least 1"
    assert said["loans_started_by_2032"].said((None, 0.0)) == "loans is not started by 2032"


def test_what_does_not_vary_is_left_out_and_said(tables):
    _kept, left, _until = found(tables, "cumulative_mt > 190")
    assert left["draw_bindingness"] == "the same in all futures"


@pytest.mark.parametrize(("text", "name"), [
    ("fid_year_hub <= 2034", "fid_hub_by_2032"), ("defaults > 1", "defaults_by_2032"),
    ("reversals >= 1", "reversals_by_2032"), ("difference(defaults) > 0", "defaults_by_2032"),
])  # fmt: skip
def test_what_the_event_is_made_of_is_no_candidate(text, name, tables):
    kept, left, _until = found(tables, text)
    assert name not in {one.name for one in kept}
    assert left[name] == "is part of the event itself"


def test_what_comes_after_an_event_is_no_candidate(tables):
    """An event of 2030 is not told from what was decided in 2031."""
    kept, left, until = found(tables, "target_2030_met == 0")
    assert until == 2029
    assert "fid_hub_by_2029" in {one.name for one in kept}
    assert left["events of 2030 to 2032"] == "come with the event or after it"


def test_a_result_without_a_table_is_told_what_is_not_looked_at(tables):
    del tables["gates"], tables["pipeline"]
    _kept, left, _until = found(tables, "cumulative_mt > 190")
    assert left["closures of plants"] == "not recorded (no table gates)"
    assert left["projects in hand"] == "not recorded (no table pipeline)"
