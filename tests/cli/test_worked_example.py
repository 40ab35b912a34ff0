"""The worked example of docs/your-cluster.md: tables that a newcomer copies make two kilns, a project and a buyer."""

import re
import sys

import pytest

from clusterpact.cli import app as cli
from clusterpact.experiments.making.starter import write_starter
from clusterpact.sim.buyers import Buyer
from clusterpact.sim.pipeline import Project
from clusterpact.sim.scenario import read_scenario
from clusterpact.sim.units import UnitRow
from tests.commands import ROOT

PAGE = (ROOT / "docs" / "your-cluster.md").read_text(encoding="utf-8")
TABLES = dict(re.findall(r"`two-kilns/([a-z]+\.csv)`.*?```csv\n(# .*?)```", PAGE, re.DOTALL))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The starter with the tables of the page."""
    monkeypatch.chdir(tmp_path)
    write_starter(tmp_path / "two-kilns")
    for name, text in TABLES.items():
        (tmp_path / "two-kilns" / name).write_text(text, encoding="utf-8")
    return tmp_path / "two-kilns"


def test_the_tables_say_what_the_page_says(folder):
    assert sorted(TABLES) == ["buyers.csv", "projects.csv", "units.csv"]
    scenario = read_scenario(folder)
    large, small = scenario.sites["cement-works"]
    assert (large.id, large.capacity, large.campaign_age_years) == ("cement-works:kiln-1", 650, 2)
    assert (small.id, small.capacity, small.last_year) == ("cement-works:kiln-2", 350, 2034)
    assert large.scope1_kt_per_year + small.scope1_kt_per_year == pytest.approx(611)
    kiln, hub = scenario.projects
    assert (kiln.agent, kiln.technology, kiln.stage, kiln.start_year, kiln.grant_meur) == (
        "cement-works:kiln-1", "kiln+oxyfuel CCS", "planned", 2031, 120)  # fmt: skip
    assert (hub.agent, hub.stage, hub.start_year) == ("co2-hub", "building", 2029)
    (buyer,) = scenario.buyers
    assert (buyer.product, buyer.volume_kt_per_year, buyer.premium_eur_per_t, buyer.from_year) == ("cement", 150, 20, 2028)


def test_validate_counts_units_projects_and_buyers(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["clusterpact", "validate", folder.name])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    printed = capsys.readouterr()
    assert stop.value.code == 0, printed.err
    for words in ("5 plants (6 units)", "2 projects", "1 buyers"):
        assert words in printed.out


def test_the_page_explains_every_column_of_the_new_tables():
    tables = {column for row in (UnitRow, Project, Buyer) for column in row.model_fields}
    missing = [column for column in sorted(tables - {"id", "name", "source", "note"}) if f"`{column}`" not in PAGE]
    assert missing == []
