"""Contract 4: closed books in thousands of random worlds: CO2, euros, loans, capacity and bookings balance."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusterpact.agents.vocabulary import GATES
from clusterpact.sim.measures import ACCOUNT_DTYPE, PRIVATE_LINES
from clusterpact.sim.world import build_world
from tests.worlds.random import random_package, random_parameters, random_scenario, simulate

pytestmark = pytest.mark.horizon

NUMBERS = {name: st.integers(0, 10**6) for name in ("cluster", "package", "seed")}
LENIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=250, derandomize=True, **LENIENT)
@given(**NUMBERS)
def test_books_balance_in_every_quarter_of_random_worlds(cluster: int, package: int, seed: int) -> None:
    check_books(cluster, package, seed)


@pytest.mark.slow
@settings(max_examples=5000, **LENIENT)
@given(**NUMBERS)
def test_books_balance_in_thousands_of_random_worlds(cluster: int, package: int, seed: int) -> None:
    check_books(cluster, package, seed)


def check_books(cluster: int, package: int, seed: int) -> None:
    """With the debug switch the run itself raises on any imbalance; what it returns is checked once more from outside."""
    scenario = random_scenario(cluster)
    world = build_world(scenario, random_package(package), 2025, 2050, seed, check_books=True)
    series, gates, projects, networks = simulate(world, random_parameters(seed, 4))
    for name in ACCOUNT_DTYPE.names or ():
        assert np.isfinite(series[name]).all(), name
    produced = series["scope1_kt"] + series["captured_kt"] + series["displaced_kt"]
    baseline = sum(plant.scope1_kt_per_year for plant in scenario.plants)
    np.testing.assert_allclose(produced, baseline, rtol=1e-9, atol=1e-9 * max(1.0, baseline))
    lines = ("equity_meur", "corporate_debt_meur", "debt_meur", "grants_meur", "concessional_meur")
    sources = sum(series[line] for line in lines)
    np.testing.assert_allclose(series["project_capex_meur"], sources, rtol=1e-9, atol=1e-9)
    for line in PRIVATE_LINES:
        assert (series[line] >= -1e-9).all(), line
    left = sum(series[f"gate_{k}"] for k in range(1, len(GATES) + 1))
    np.testing.assert_allclose(left + series["abated_share"], 1.0 if baseline > 0 else 0.0, atol=1e-9)
    assert ((gates >= 1) & (gates <= len(GATES))).all()
    decided, started = projects[:, :, 1], projects[:, :, 2]
    assert ((started < 0) | (started > decided)).all()
    assert (networks[:, :, 2] >= 0).all()
