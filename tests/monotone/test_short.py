"""The short form of `make monotone`: every factor in the made-up world, and what once went the wrong way in Dunkirk."""

import pytest

from clusterpact.experiments.questions.moves import explain
from tests.monotone import made
from tests.monotone.explained import read_explanations
from tests.monotone.factors import chosen, read_factors
from tests.monotone.record import WRONG, verdict_of, wrong_lines
from tests.monotone.steps import judged
from tests.monotone.walks import POLICIES, Walker

pytestmark = pytest.mark.horizon

#: What the first edition got wrong in Dunkirk.
OFFENDERS = [
    "capture_credit_eur_per_t", "carbon_price_floor_eur_per_t", "carbon_price_path_eur_per_t", "ccfd_budget_meur_per_year",
    "green_premium_eur_per_t", "gearing_max",
]  # fmt: skip


def wrong_of(walker, policies, factors, levels):
    """Wrong steps of a place that nothing explains, as lines."""
    walks = [walker.walk(policy, factor, factor.levels(levels)) for policy in policies for factor in factors]
    explanations = read_explanations()
    rows = [steps for steps in judged(walks) if verdict_of(steps, explanations)[0] == WRONG]
    return [line for steps in rows for line in wrong_lines(steps, explanations)]


@pytest.mark.parametrize("kind", ["instrument", "parameter", "means"])
def test_nothing_goes_the_wrong_way_in_the_made_up_world(kind):
    factors = [factor for factor in read_factors().values() if factor.kind == kind and factor.sign != 0]
    found = wrong_of(Walker("made", 60), ["four-pillars"], factors, 5)
    assert not found, "\n".join(found)


def test_what_once_went_the_wrong_way_in_dunkirk_does_not():
    found = wrong_of(Walker("dunkirk", 150), POLICIES, chosen(OFFENDERS), 7)
    assert not found, "\n".join(found)


def test_trust_and_governance_move_the_networks_of_the_made_up_world():
    """At least a fifth of the variance of their dates, where a pact is at work."""
    shared = explain(made.experiment(), "pact", 60, 2)
    dates = shared[shared["outcome"].str.contains("FIDs")].set_index("group")["share"]
    assert dates["trust"] + dates["governance"] >= 0.2, dates.to_string()
