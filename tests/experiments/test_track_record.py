"""The track record in one line: what was scored, under which rules, and how much of it fails."""

import csv

import pytest

from clusterpact.experiments import track_record
from clusterpact.experiments.track_record import rules_hash, sentence

ROWS = [
    ("dunkirk-2013", "plants closed by 2019", "4", "1.9 [0, 5]", "True"),
    ("dunkirk-2013", "plants closed by 2022", "9", "2.4 [0, 6]", "False"),
    ("nrw-2013", "plants closed by 2019", "4", "1.9 [0, 5]", "True"),
    ("all", "years inside the 90 % band", "15 of 18", "80 to 97 %", "True"),
    ("projects-2023", "projects decided (FID)", "23% [15%, 33%]", "20%", "True"),
]


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Makes the sentence of a track record that was scored under some rules."""

    def made(scored):
        path = tmp_path / "track-record.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = [("world", "test", "record", "model", "holds"), *ROWS, ("", "rules", scored, "", "True")]
            csv.writer(file).writerows(rows)
        monkeypatch.setattr(track_record, "RECORD", path)
        return sentence()

    return made


def test_the_sentence_says_what_held_and_how_many_tests_fail(told):
    line = told(rules_hash())
    assert line.startswith("Track record: set back to 2013")
    assert "held 15 of 18 years, and 2 of 3 counts of plants" in line
    assert "20% were expected to be decided, 23% [15%, 33%] were" in line
    assert "1 of 5 tests fail" in line


def test_a_score_under_other_rules_says_so(told):
    assert told("0123456789abcdef").startswith("Track record (scored under earlier rules): ")


def test_without_a_track_record_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(track_record, "RECORD", tmp_path / "none.csv")
    assert sentence() == ""


def test_the_hash_of_the_rules_hangs_on_what_they_say(tmp_path, monkeypatch):
    (tmp_path / "agents").mkdir()
    monkeypatch.setattr(track_record, "ROOT", tmp_path)
    monkeypatch.setattr(track_record, "RULE_FOLDERS", ("agents",))
    found = []
    for name, text in (("a.py", "x = 1"), ("a.py", "x = 2"), ("b.csv", "1"), ("notes.md", "1")):
        (tmp_path / "agents" / name).write_text(text)
        found.append(rules_hash())
    assert len(set(found[:3])) == 3
    assert found[3] == found[2]
