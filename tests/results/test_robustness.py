"""Six criteria of robustness, whom each chooses, and where Hurwicz's choice turns: against numbers worked by hand."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.inputs import InputError
from clusterpact.results.statistics.robustness import CRITERIA, choices, met, robustness
from tests.results.made import made, row_of

#: CO2 of four futures: less is better. Steady is never bad, bold is often best, odd is neither.
EMITTED = {"steady": [10.0, 11.0, 12.0, 13.0], "bold": [4.0, 5.0, 6.0, 30.0], "odd": [12.0, 14.0, 20.0, 21.0]}


@pytest.fixture
def table():
    outcomes = made(EMITTED)
    return robustness(outcomes, "cumulative_mt", met(outcomes, ["cumulative_mt <= 12"]))


def value(table, criterion, policy):
    return row_of(table, criterion=criterion, policy=policy)["value"]


def test_each_criterion_is_what_its_definition_says(table):
    assert tuple(dict.fromkeys(table["criterion"])) == CRITERIA
    assert [value(table, "satisficing", name) for name in EMITTED] == [0.75, 0.75, 0.25]
    assert [value(table, "maximin", name) for name in EMITTED] == [13, 30, 21]
    assert [value(table, "hurwicz", name) for name in EMITTED] == [11.5, 17, 16.5]
    regrets = {"steady": [6, 6, 6, 0], "bold": [0, 0, 0, 17], "odd": [8, 9, 14, 8]}
    for name, regret in regrets.items():
        assert value(table, "mean_regret", name) == np.mean(regret)
        assert value(table, "p90_regret", name) == pytest.approx(np.quantile(regret, 0.9))
        assert value(table, "max_regret", name) == max(regret)


def test_criteria_disagree_and_level_packages_are_not_told_apart(table):
    found = choices(table)
    assert found == {"satisficing": ["steady", "bold"], "maximin": ["steady"], "mean_regret": ["bold"],
                     "p90_regret": ["steady"], "max_regret": ["steady"], "hurwicz": ["steady"]}  # fmt: skip


def test_the_weight_at_which_hurwicz_turns_is_where_the_packages_are_level(table):
    """13 (1 - a) + 10 a = 30 (1 - a) + 4 a at a = 17 / 23."""
    steady, bold, odd = (row_of(table, criterion="hurwicz", policy=name) for name in EMITTED)
    assert (steady["alpha_from"], steady["alpha_to"]) == (0, pytest.approx(17 / 23))
    assert (bold["alpha_from"], bold["alpha_to"]) == (pytest.approx(17 / 23), 1)
    assert np.isnan(odd["alpha_from"])
    assert table.loc[table["criterion"] != "hurwicz", "alpha_from"].isna().all()


def test_more_can_be_better():
    outcomes = made({"a": [1.0, 1.0], "b": [1.0, 1.0]}, jobs_total={"a": [5.0, 9.0], "b": [6.0, 7.0]})
    table = robustness(outcomes, "jobs_total", met(outcomes, ["jobs_total >= 7"]))
    assert choices(table)["maximin"] == ["b"]
    assert choices(table)["hurwicz"] == ["a"]
    assert value(table, "max_regret", "b") == 2


def test_without_bounds_futures_are_to_meet_all_targets():
    outcomes = made({"a": [1.0, 1.0], "b": [1.0, 1.0]}, target_2030_met={"a": [True, True], "b": [True, False]},
                    target_2040_met={"a": [True, False], "b": [False, True]})  # fmt: skip
    assert met(outcomes, []).mean().to_dict() == {"a": 0.5, "b": 0.0}
    none = made({"a": [1.0, 2.0], "b": [1.0, 3.0]})
    table = robustness(none, "cumulative_mt", met(none, []))
    assert "satisficing" not in set(table["criterion"])


def test_how_firm_a_choice_is_is_told():
    """Of futures drawn again, as many that choose the same."""
    random = np.random.default_rng(1)
    luck = random.normal(size=200)
    outcomes = made({"near": 10 + luck, "level": 10 + random.permutation(luck), "far": 20 + luck})
    table = robustness(outcomes, "cumulative_mt", met(outcomes, []))
    mean = table[table["criterion"] == "mean_regret"].set_index("policy")["again"]
    assert mean["far"] == 0
    assert mean.sum() == pytest.approx(1)
    assert 0.02 < mean["near"] < 0.98
    again = robustness(outcomes, "cumulative_mt", met(outcomes, []))
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize(("bound", "words"), [
    ("cumulativ_mt < 1", "--bound = 'cumulativ_mt': no such outcome; did you mean 'cumulative_mt'?"),
    ("cumulative_mt", "--bound = 'cumulative_mt': expected OUTCOME, a comparison"),
    ("difference(cumulative_mt) < 1", "is of two packages; expected an outcome itself"),
])  # fmt: skip
def test_a_mistake_in_a_bound_is_one_line(bound, words):
    with pytest.raises(InputError) as mistake:
        met(made(EMITTED), [bound])
    assert words in str(mistake.value)
