"""Contract 7: an edit of a rule takes effect in the very next process, although the edited file is not the caller's."""

import shutil
from pathlib import Path

import pytest

from tests.commands import ROOT, printed

pytestmark = pytest.mark.horizon

PROBE = """
import numpy as np
from clusterpact.agents.bookings import promise_line
from clusterpact.agents.vocabulary import COMMITTED
from clusterpact.policies.package import library_package
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
state = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package("pact"), 2025, 2030, 1).fresh_state()
state.firms[0].kept[0], state.firms[0].stage = 2.0, COMMITTED
print(promise_line(state, state.firms[0])[0])
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("clusterpact", "agents", "policies", "sim", "experiments", "results"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def probe(checkout: Path) -> float:
    return float(printed("-c", PROBE, where=checkout, PYTHONPATH=str(checkout), XDG_CACHE_HOME=str(checkout / "cache")))


def test_an_edit_in_another_file_is_seen_by_the_next_process(checkout: Path) -> None:
    # Committed, two kept promises, psi 0.5: psi + (1 - psi) * 2 / (2 + W) with W = 2.
    assert probe(checkout) == pytest.approx(0.5 + 0.5 * 2 / 4)
    assert probe(checkout) == pytest.approx(0.75)
    trust = checkout / "agents" / "trust.py"
    trust.write_text(trust.read_text().replace("PRIOR_WEIGHT = 2.0", "PRIOR_WEIGHT = 6.0"))
    assert probe(checkout) == pytest.approx(0.5 + 0.5 * 2 / 8)


def test_an_edit_of_the_parameter_table_is_seen_too(checkout: Path) -> None:
    assert probe(checkout) == pytest.approx(0.75)
    table = checkout / "agents" / "parameters.csv"
    text = table.read_text()
    row = next(line for line in text.splitlines() if ",bindingness," in line)
    table.write_text(text.replace(row, row.replace("commitment removes,-,0.5,", "commitment removes,-,0.9,")))
    assert probe(checkout) == pytest.approx(0.9 + 0.1 * 2 / 4)


def test_batch_workers_import_neither_mesa_nor_pandas_nor_matplotlib() -> None:
    code = (
        "import sys, clusterpact.experiments.running.shards, clusterpact.experiments.running.executors; "
        "print([m for m in ('mesa', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    assert printed("-c", code).strip() == "[]"
