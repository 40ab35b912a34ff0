"""Capital costs of the technology table against what projects known from the press state."""

import csv

import pytest

from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.tables import LIBRARY, read_tables

with (LIBRARY / "capital_costs_of_record.csv").open(newline="", encoding="utf-8") as file:
    RECORD = list(csv.DictReader(file))
ROWS = {(row.sector, row.technology): row for row in read_tables().technologies}
KNOWN = sorted({(entry["sector"], entry["technology"]) for entry in RECORD})

#: Announced in a library cluster without a statement of what it costs.
UNSTATED = {
    ("primary_steel", "NG-DRI-EAF+CCS"): "Nucor's capture at Convent: no cost found",
    ("primary_steel", "NG-DRI-EAF"): "tkH2Steel, which is compared with the row on hydrogen that it is built for",
    ("cement", "kiln, 90% alternative/biomass fuel"): "K6's first phase, which is a new kiln and not only its fuel",
    ("glass", "hydrogen oxy-fired furnace"): "Saint-Gobain Porz: no cost found",
    ("coal_power", "CCGT replacement"): "that a gas plant follows on lignite is our reading",
}


def stated(entry) -> tuple[float, float]:
    """Lowest and highest capital cost that a project states, EUR of 2025 per annual unit of product or of captured CO2."""
    scale = 1000 * float(entry["eur_2025_per_eur"]) / float(entry["capacity_thousand_units"])
    return scale * float(entry["low_meur"]), scale * float(entry["high_meur"])


@pytest.mark.parametrize("key", KNOWN, ids=[f"{sector}: {technology}" for sector, technology in KNOWN])
def test_capital_cost_lies_within_what_projects_state(key):
    """What was cancelled counts for nothing: its estimates lie lower, and were never paid."""
    row = ROWS[key]
    entries = [e for e in RECORD if (e["sector"], e["technology"]) == key and e["stage"] != "cancelled"]
    measures = {entry["per"] for entry in entries}
    assert len(measures) == 1
    cost = row.capex_eur_per_unit / (row.co2_captured_t_per_unit if measures == {"captured"} else 1.0)
    low, high = min(stated(e)[0] for e in entries), max(stated(e)[1] for e in entries)
    assert 0.999 * low <= cost <= 1.001 * high


def test_every_entry_says_where_it_comes_from():
    for entry in RECORD:
        assert entry["stage"] in {"decided", "planned", "cancelled"}
        assert entry["per"] in {"product", "captured"}
        assert entry["mark"] in {"published", "derived", "estimate"}
        assert entry["source"]
        assert float(entry["low_meur"]) <= float(entry["high_meur"])
    assert "capital_costs_of_record.csv" in (LIBRARY / "sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["dunkirk", "nrw", "louisiana", "brescia"])
def test_every_announced_project_is_compared_or_named_as_unstated(name):
    scenario = read_scenario(CLUSTERS / name)
    sectors = {plant.id: plant.sector for plant in scenario.plants}
    for project in scenario.projects:
        if not project.network:
            key = (sectors[project.agent], project.technology)
            assert (key in KNOWN) != (key in UNSTATED), project.name


def test_dunkirks_arc_furnace_costs_what_arcelormittal_decided():
    arc = ROWS["primary_steel", "scrap-EAF conversion (flat grades, 30% ore-based metallics)"]
    assert arc.capex_eur_per_unit * 2000 / 1000 == pytest.approx(1300)
