"""Furnace gases as a cluster folder says them: the column `gas_from` and its mistakes."""

import csv
import shutil
import sys

import pytest

from clusterpact.cli import app as cli
from clusterpact.experiments.making.starter import STARTER
from clusterpact.inputs import InputError
from clusterpact.sim.scenario import read_scenario


@pytest.fixture
def folder(tmp_path):
    """The starter's folder in `region`, with an empty column `gas_from` at the end of its table of firms."""
    shutil.copytree(STARTER, tmp_path / "region")
    give(tmp_path / "region", {})
    return tmp_path / "region"


def give(folder, sources, planned=()):
    """Write `gas_from` of some firms, and make others planned."""
    path = folder / "firms.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["gas_from"] = sources.get(row["id"], "")
        if row["id"] in planned:
            row["status"], row["scope1_kt_per_year"] = "planned", "0"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_two_firms_may_burn_the_gases_of_a_third(folder):
    give(folder, {"glass-works": "cement-works", "food-factory": "cement-works"})
    assert len({plant.site for plant in read_scenario(folder).plants if plant.gas_from == "cement-works"}) == 2


#: What is written, and words that the line must hold.
MISTAKES = {
    "unknown firm": ({"glass-works": "cement-work"}, (), "gas_from = 'cement-work'", "id of another firm", "'cement-works'"),
    "itself": ({"glass-works": "glass-works"}, (), "gas_from = 'glass-works'", "id of another firm"),
    "chain": ({"glass-works": "lime-works", "lime-works": "cement-works"}, (), "gas_from = 'lime-works'",
              "burns another works' gases itself"),
    "ring": ({"glass-works": "lime-works", "lime-works": "glass-works"}, (), "gas_from", "itself"),
    "planned burner": ({"glass-works": "cement-works"}, ("glass-works",), "gas_from = 'cement-works'",
                       "two plants that operate"),
    "planned source": ({"glass-works": "cement-works"}, ("cement-works",), "gas_from = 'cement-works'",
                       "two plants that operate"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_gas_from_is_one_clear_line(folder, case, monkeypatch, capsys):
    sources, planned, *words = MISTAKES[case]
    give(folder, sources, planned)
    with pytest.raises(InputError) as mistake:
        read_scenario(folder)
    line = str(mistake.value)
    assert "\n" not in line
    where = "lime-works" if case == "ring" else "glass-works"
    assert f"firms.csv: {where}: " in line
    for word in words:
        assert word in line
    monkeypatch.chdir(folder.parent)
    monkeypatch.setattr(sys, "argv", ["clusterpact", "validate", "region"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    printed = capsys.readouterr()
    assert (stop.value.code, printed.out) == (2, "")
    assert printed.err.startswith(f"clusterpact: region/firms.csv: {where}: gas_from")
    assert len(printed.err.splitlines()) == 1


def test_an_unwritten_column_means_that_nobody_burns_gases():
    assert {plant.gas_from for plant in read_scenario(STARTER).plants} == {""}
