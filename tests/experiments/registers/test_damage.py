"""`clusterpact import`: a damaged register is one line, and nothing is left."""

import os
import platform
from pathlib import Path

import pytest

from clusterpact.inputs import InputError
from tests.commands import call
from tests.experiments.registers.made_up import (
    ACCOUNTS,
    FACILITIES,
    FACILITY,
    INSTALLATIONS,
    POINTS,
    YEARLY,
    fails,
    table,
    workbook,
)


def damaged_log(name: str, path: Path) -> Path:
    header, accounts = INSTALLATIONS, list(ACCOUNTS)
    if name == "missing column":
        header = header.replace("ZipCode", "Zip")
    elif name == "no emissions":
        header = header.replace("Verified", "Guessed")
    elif name == "text in numbers":
        accounts[2] = accounts[2].replace("600007", "about 600")
    elif name == "decimal comma":
        accounts[2] = accounts[2].replace("600007", '"600,7"')
    elif name == "not a number":
        accounts[2] = accounts[2].replace("600007", "nan")
    elif name == "negative":
        accounts[2] = accounts[2].replace("600007", "-600007")
    elif name == "twice":
        accounts[3] = accounts[3].replace("XX-4", "XX-3")
    elif name == "no id":
        accounts[3] = accounts[3].replace("XX-4", "")
    elif name == "short row":
        accounts[3] = "XX-4,only"
    elif name == "quote":
        accounts[3] = accounts[3].replace("Kessel & Co", '"Kessel & Co')
    elif name == "code":
        accounts[3] = accounts[3].replace(",20,", ",twenty,")
    elif name == "semicolons":
        header, accounts = header.replace(",", ";"), [row.replace(",", ";") for row in accounts]
    elif name == "no rows":
        accounts = []
    elif name == "no data":
        accounts = accounts[6:7]
        accounts[0] = accounts[0].replace("5000", "0")
    elif name == "column twice":
        header = header.replace("Address1", "City")
    elif name == "utf-16 without mark":
        accounts = accounts[:2]
    if name == "empty":
        path.write_bytes(b"")
    elif name == "blank":
        path.write_text("\n \n")
    elif name == "folder":
        path.mkdir()
    elif name != "absent":
        table(
            path,
            header,
            accounts,
            {"utf-16": "utf-16", "utf-16 without mark": "utf-16-le", "latin-1": "latin-1"}.get(name, "utf-8"),
        )
    return path


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("missing column", "column 'ZipCode': missing column"),
        ("no emissions", "VerifiedEmissions_YYYY"),
        ("text in numbers", ":4: emissions of 2022 = 'about 600': expected a number"),
        ("decimal comma", "expected a number"),
        ("not a number", "expected a finite number"),
        ("negative", "expected 0 or more"),
        ("twice", "id = 'XX-3': appears more than once"),
        ("no id", "missing for 'Dampfkessel"),
        ("short row", ":5: row: expected 14 cells, found 2"),
        ("quote", "not a valid table"),
        ("code", "MainActivityTypeCode = 'twenty'"),
        ("semicolons", "expected ',' between columns, found ';'"),
        ("no rows", "holds no sites"),
        ("no data", "holds no emissions"),
        ("column twice", "'City': appears twice"),
        ("empty", "is empty"),
        ("blank", "is empty"),
        ("folder", "is a folder"),
        ("absent", "not found"),
        ("utf-16", "not UTF-8 text (byte 0, line 1)"),
        ("utf-16 without mark", "zero byte at 1; UTF-16?"),
        ("latin-1", "not UTF-8 text (byte 649, line 5)"),
    ],
)
def test_a_damaged_log_is_one_line_and_leaves_nothing(damage, words, tmp_path, capsys) -> None:
    line = fails(capsys, tmp_path / "out", "eutl", damaged_log(damage, tmp_path / "log.csv"))
    assert words in line
    assert "log.csv" in line


def test_a_year_that_an_account_has_twice_is_one_line(tmp_path, capsys) -> None:
    path = table(tmp_path / "geo.csv", YEARLY, [*POINTS, POINTS[0]])
    assert "appears more than once for 2021" in fails(capsys, tmp_path / "out", "eutl", path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (";", ",", "expected ';' between columns"),
        ("POINT(16.0 48.0)", "16,48", "POINT(lon lat)"),
        ("POINT(16.0 48.0)", "POINT(16.0 98.0)", "-90 to 90"),
        ("Subsector", "Sector", "'Subsector': missing column"),
        ("35000.00", "-35000", "expected 0 or more"),
        ("35000.00", "much", "expected a number"),
        ("\n2;", "\n1;", "appears more than once"),
    ],
)
def test_a_damaged_database_is_one_line(old, new, words, hotspots, tmp_path, capsys) -> None:
    hotspots.write_text(hotspots.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert words in fails(capsys, tmp_path / "out", "hotmaps", hotspots)


def test_a_damaged_workbook_is_one_line(epa, tmp_path, capsys) -> None:
    def line(path: Path) -> str:
        return fails(capsys, tmp_path / "out", "ghgrp", path)

    path = tmp_path / "bad.xlsx"
    assert "no such sheet" in line(workbook(path, sheet="Something"))
    assert "no row with 'Facility Id'" in line(workbook(path, header=["Id", *FACILITY[1:]]))
    assert "'State': missing column" in line(
        workbook(path, header=["Staat" if name == "State" else name for name in FACILITY])
    )
    without = ["Other" if name.startswith("Total") else name for name in FACILITY]
    assert "'Total reported direct emissions'" in line(workbook(path, header=without))
    assert "does not say its year" in line(workbook(path, year="ever"))
    assert "appears more than once" in line(workbook(path, rows=[*FACILITIES, FACILITIES[0]]))
    assert "holds no sites" in line(workbook(path, rows=[]))
    for value, words in ((-1, "expected 0 or more"), ("confidential", "expected a number")):
        bad = [[*FACILITIES[0][:11], value, *FACILITIES[0][12:]]]
        assert f":5: emissions of 2023 = '{value}': {words}" in line(workbook(path, rows=bad))
    whole = epa.read_bytes()
    for content in (b"", b"a,b\n1,2\n", whole[: len(whole) // 2], whole[:200] + b"\0" * 400 + whole[600:]):
        path.write_bytes(content)
        assert "not an Excel workbook" in line(path)
    assert "not found" in line(tmp_path / "none.xlsx")
    assert "is a folder" in line(tmp_path)


def test_a_missing_library_is_one_line(epa, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("clusterpact.extras.find_spec", lambda name: None if name == "openpyxl" else True)
    assert "pip install openpyxl (or the extra 'import')" in fails(capsys, tmp_path / "out", "ghgrp", epa)


def test_an_existing_folder_stays_as_it_is(log, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert "exists" in fails(capsys, out, "eutl", log)
    assert not list(out.iterdir())
    capsys.readouterr()
    assert call("import", "eutl", log, "--out", tmp_path / "deep" / "out") == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_folder_that_fails_its_check_leaves_nothing(log, tmp_path, capsys, monkeypatch) -> None:
    def refuse(folder: Path) -> None:
        raise InputError(folder / "firms.csv", "id", "x", "refused")

    monkeypatch.setattr("clusterpact.experiments.making.cluster_folder.read_scenario", refuse)
    assert "refused" in fails(capsys, tmp_path / "out", "eutl", log)


def test_help_shows_an_example_of_every_register(capsys) -> None:
    assert call("import") == 0
    for kind in ("eutl", "hotmaps", "ghgrp", "table"):
        assert call("import", kind, "--help") == 0
        assert f"clusterpact import {kind}" in " ".join(capsys.readouterr().out.split())


def test_a_draft_of_a_killed_import_is_removed_and_that_of_a_living_one_is_not(log, tmp_path) -> None:
    dead, living = (tmp_path / f".out.{platform.node()}.{number}.part" for number in (2**30, os.getppid()))
    elsewhere = tmp_path / ".out.another-computer.1073741824.part"
    for draft in (dead, living, elsewhere):
        draft.mkdir()
    assert call("import", "eutl", log, "--out", tmp_path / "out") == 0
    assert [draft.exists() for draft in (dead, living, elsewhere)] == [False, True, True]
