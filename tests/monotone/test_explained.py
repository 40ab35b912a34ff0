"""What `explained.csv` says of mechanisms: without the mechanism the step is gone."""

from dataclasses import replace

import numpy as np
import pytest

from tests.monotone.explained import read_explanations
from tests.monotone.factors import read_factors
from tests.monotone.steps import steps_of
from tests.monotone.walks import Walker

pytestmark = pytest.mark.horizon

GAS_BASED_IRON = ("NG-DRI-EAF", "NG-DRI-EAF+CCS")
SURE = 0.01  #: p of a step that goes the wrong way


def test_without_gas_based_iron_more_contracts_lower_nothing():
    """A contract for gas-based iron comes early and locks it in; without the rows a larger budget only helps."""
    walker = Walker("dunkirk", 150)
    scenario = walker.experiment.scenario
    rows = tuple(row for row in scenario.tables.technologies if row.technology not in GAS_BASED_IRON)
    walker.experiment = replace(
        walker.experiment, scenario=replace(scenario, tables=replace(scenario.tables, technologies=rows))
    )
    budgets = np.array([0.0, 500.0, 1100.0, 10000.0])
    steps = steps_of(walker.walk("four-pillars", read_factors()["ccfd_budget_meur_per_year"], budgets))
    assert all(step.p > SURE for step in steps), steps


def test_where_owners_can_borrow_without_limit_their_cheaper_money_lowers_nothing():
    """An owner whose money is cheap uses up its room for debt on plants that lenders would serve; others go without."""
    walker = Walker("nrw", 100)
    walker.drawn["owner_leverage_max"] = 100.0
    steps = steps_of(walker.walk("current-policies", read_factors()["corporate_rate_pct"], np.array([5.0, 5.6, 8.0])))
    assert all(step.p > SURE for step in steps), steps


def test_every_explanation_names_a_test_that_is_there():
    assert read_explanations().rows
