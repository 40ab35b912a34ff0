"""Contributions and interactions on made tables."""

import numpy as np
import pytest

from clusterpact.experiments.questions.levers import BUDGETS, MODE
from clusterpact.policies.catalogue import PRACTICES
from clusterpact.results.statistics.contributions import contributions, owner
from tests.results.made import made

T7 = 2.364624251592785  # Student, seven degrees of freedom, 97.5 %


def interacting(gap, others=0):
    """Levers' runs in which member m adds `gap` to the package and does nothing alone; others do nothing."""
    gap = np.asarray(gap, float)
    zero = np.zeros(len(gap))
    runs = {"baseline": zero, "package": gap, "without m": zero, "only m": zero}
    for k in range(others):
        runs |= {f"without o{k}": gap, f"only o{k}": zero}
    return contributions(made(runs), ["cumulative_mt"]).set_index("member").loc["m"]


def test_an_interaction_by_hand():
    # 0 and 2 four times: mean 1, variance 8 / 7, error sqrt(1 / 7).
    row = interacting([0, 2] * 4)
    for part, mean, half in (("adds", 1, T7 / 7**0.5), ("alone", 0, 0), ("interaction", 1, T7 / 7**0.5)):
        expected = (mean, mean - half, mean + half)
        assert (row[part], row[f"{part}_low"], row[f"{part}_high"]) == pytest.approx(expected)
        assert row[part] == mean
    assert row["pairs"] == 8


@pytest.mark.parametrize(
    ("gap", "others", "interacts"),
    [
        ([0, 2] * 4, 0, True),  # 1 is 2.65 errors
        ([0, 2] * 4, 9, False),  # for ten members at once it takes 4.03 errors
        ([0, 2] * 2, 0, False),  # 1 is 1.73 errors
        ([1, -1] * 4, 0, False),
        ([1] * 4, 9, True),
        ([0] * 4, 0, False),
    ],
)
def test_an_interaction_is_named_only_beyond_its_error(gap, others, interacts):
    assert interacting(gap, others)["interacts"] == interacts


def test_a_practice_in_a_package_belongs_to_its_stakeholder():
    for practice in PRACTICES:
        assert owner(practice.name) == (practice.stakeholder, practice.action)
        assert owner(practice.parameter)[0] == practice.stakeholder  # members go by their parameter
    assert owner("sanctions")[0] == "pact"
    assert owner(MODE)[0] == "pact"
    assert owner(BUDGETS)[0] == "government"
