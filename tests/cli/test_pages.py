"""The generated pages are those of this code, and the record behind them is of these rules."""

import csv

import pytest

import docs.build as pages
from tests.patterns import controls, levels, patterns  # noqa: F401
from tests.patterns.table import PATTERNS

CHEAP = ("P6", "P10", "N1", "N2", "N3", "N4", "N9")


def record() -> dict[str, dict[str, str]]:
    with (pages.DATA / "patterns.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_every_table_of_a_page_is_current(page):
    text = page.read_text(encoding="utf-8")
    assert pages.MARKER.search(text)
    assert pages.renewed(text) == text, "run: make docs"


def test_every_table_stands_on_some_page():
    text = "".join(page.read_text(encoding="utf-8") for page in pages.PAGES)
    assert {found[2] for found in pages.MARKER.finditer(text)} == set(pages.TABLES)


def test_shares_of_the_variance_stand_in_a_table_once_they_are_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "DATA", tmp_path)
    assert pages.moves().startswith("Not measured yet")
    (tmp_path / "moves.csv").write_text(
        "world,policy,outcome,group,share,low,high\n"
        "made,pact,mean abated share,trust,0.204,0.1,0.3\nmade,pact,mean abated share,luck,0.796,0.7,0.9\n"
        "made,pact,year of networks' FIDs,trust,,,\n"
    )
    lines = pages.moves().splitlines()
    assert lines[0] == "| world | policy | outcome | trust | luck |"
    assert lines[2] == "| made | pact | mean abated share | 20 % [10, 30] | 80 % [70, 90] |"
    assert lines[3] == "| made | pact | year of networks' FIDs |  |  |"
    assert "(monotone.md)" in lines[-1]


def test_the_record_is_of_these_rules_and_data():
    recorded = {row["what"]: row["value"] for row in pages.read("provenance")}
    python = ".".join(recorded["Python"].split(".")[:2])
    if python != ".".join(map(str, pages.sys.version_info[:2])):
        pytest.skip(f"the record was written with Python {python}, whose syntax trees differ")
    assert recorded["rules and data (fingerprint)"] == pages.fingerprint(), "rules or data changed; run: make validation"


def test_every_pattern_is_on_record():
    assert list(record()) == list(PATTERNS)
    for row in record().values():
        assert row["verdict"] in ("holds", "fails")
        assert row["verdict"] == "holds" or row["note"], f"{row['id']} fails and nobody says why"


@pytest.mark.parametrize("name", CHEAP)
def test_a_cheap_pattern_measures_what_the_record_says(name):
    entry = PATTERNS[name]
    finding = entry.measure(entry.runs)
    assert finding.measured == record()[name]["measured"]
    assert ("holds" if finding.holds else "fails") == record()[name]["verdict"]


def test_a_pattern_can_fail():
    assert not all(row["verdict"] == "holds" for row in record().values())
