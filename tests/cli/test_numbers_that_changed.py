"""Headline numbers side by side: those of now are of this code, and none stands without its version."""

import re

import pytest

from docs import numbers
from tests.commands import ROOT


def test_every_number_stands_below_its_version():
    header, rows = numbers.side_by_side()
    assert header == ("cluster", "number", "0.1.0", "second edition", "now")
    assert {row[0] for row in rows} == set(numbers.RUNS)
    assert all(len(row) == len(header) and row[-1] for row in rows)


def test_what_earlier_versions_said_is_what_the_changelog_says():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    said = {name: cells.split(" | ") for name, cells in re.findall(r"^\| ([^|\n]+: [^|\n]+) \| (.+) \|$", changelog, re.M)}
    old = {"dunkirk": slice(0, 2), "nrw": slice(2, 4)}
    for cluster, number, first, second, _ in numbers.side_by_side()[1]:
        if first:
            assert said[number][old[cluster]] == [first, second], number


@pytest.mark.slow
@pytest.mark.parametrize("cluster", numbers.RUNS)
def test_the_numbers_of_now_are_of_this_code(cluster, tmp_path):
    recorded = {
        row["number"]: row["value"] for row in numbers.read() if (row["version"], row["cluster"]) == ("now", cluster)
    }
    assert dict(numbers.measured(cluster, tmp_path / cluster, numbers.RUNS[cluster])) == recorded, "run: make picture"
