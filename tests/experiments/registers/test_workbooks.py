"""Workbooks of strangers: read within bounds of time and memory, or refused in one line."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.commands import ROOT, call
from tests.experiments.registers.made_up import fails, plants

CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
from clusterpact.cli.app import main
sys.argv = ["clusterpact", "import", *sys.argv[1:]]
main()
"""
SECONDS = 60


def within_bounds(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with 2 GB and a minute."""
    return subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


def rewritten(path: Path, part: str, old: str, new: str) -> Path:
    """The workbook with other text in one of its parts."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    text = parts[part].decode()
    assert old in text
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in (parts | {part: text.replace(old, new, 1).encode()}).items():
            book.writestr(name, content)
    return path


def test_one_cell_at_the_last_column_and_row_costs_neither_a_minute_nor_gigabytes(epa, tmp_path) -> None:
    book = load_workbook(epa)
    book.active["XFD1048576"] = "stray"
    book.save(epa)
    assert epa.stat().st_size < 20_000
    done = within_bounds("ghgrp", epa, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert set(plants(tmp_path / "out")) == {"101", "102", "103", "104"}


def test_a_sheet_with_nothing_but_a_cell_far_out_is_one_line(tmp_path) -> None:
    book, path = Workbook(), tmp_path / "far.xlsx"
    book.active.title = "Direct Point Emitters"
    book.active["XFD1048576"] = 1
    book.save(path)
    done = within_bounds("ghgrp", path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "no row with 'Facility Id'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("row", ["999999999999", "1048577"])
def test_a_row_beyond_what_excel_has_does_not_hang(row, epa, tmp_path) -> None:
    rewritten(epa, "xl/worksheets/sheet1.xml", '<row r="10"', f'<row r="{row}"')
    assert within_bounds("ghgrp", epa, "--out", tmp_path / "out").returncode in (0, 2)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/other.xml"])
def test_what_unpacks_to_gigabytes_is_one_line(part, epa, tmp_path, capsys) -> None:
    with zipfile.ZipFile(epa) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(epa, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            if name != part:
                book.writestr(name, content)
        with book.open(part, "w") as large:
            for _ in range(90):
                large.write(b" " * 1_000_000)
    line = fails(capsys, tmp_path / "out", "ghgrp", epa)
    assert "ghgp.xlsx: file: unpacks to 9" in line
    assert "save the sheet as CSV" in line


def test_entities_that_multiply_are_one_line(epa, tmp_path) -> None:
    levels = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 10}">' for k in range(1, 10))
    bomb = f'<!DOCTYPE worksheet [<!ENTITY e0 "ha">{levels}]><worksheet'
    rewritten(epa, "xl/worksheets/sheet1.xml", "<worksheet", bomb)
    rewritten(
        epa, "xl/worksheets/sheet1.xml", "<sheetData>", '<sheetData><row r="1"><c r="A1" t="str"><v>&e9;</v></c></row>'
    )
    done = within_bounds("ghgrp", epa, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "not an Excel workbook" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_entity_reads_no_other_file(epa, tmp_path, capsys) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    entity = f'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "{secret.as_uri()}">]><worksheet'
    rewritten(epa, "xl/worksheets/sheet1.xml", "<worksheet", entity)
    rewritten(epa, "xl/worksheets/sheet1.xml", "<sheetData>", '<sheetData><row r="1"><c r="A1" t="str"><v>&x;</v></c></row>')
    assert "not an Excel workbook" in fails(capsys, tmp_path / "out", "ghgrp", epa)


def test_a_password_and_an_old_format_are_named(tmp_path, capsys) -> None:
    for name in ("locked.xlsx", "old.xls"):
        path = tmp_path / name
        path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000))
        assert "has a password or is of an Excel before 2007" in fails(capsys, tmp_path / "out", "ghgrp", path)


def test_a_binary_workbook_and_what_is_none_are_named(tmp_path, capsys) -> None:
    for part, words in (("xl/workbook.bin", "binary workbook (.xlsb)"), ("content.xml", "not an Excel workbook")):
        path = tmp_path / "book.xlsx"
        with zipfile.ZipFile(path, "w") as book:
            book.writestr(part, b"x")
        assert words in fails(capsys, tmp_path / "out", "ghgrp", path)
    path.write_text("Facility Id,State\n1,LA\n", encoding="utf-8")
    assert "not an Excel workbook" in fails(capsys, tmp_path / "out", "ghgrp", path)


def test_macros_and_links_to_other_files_are_not_followed(epa, tmp_path) -> None:
    """Values are read as they were saved; what a macro or a linked file would do is not asked."""
    macros = epa.rename(tmp_path / "macros.xlsm")
    rewritten(macros, "[Content_Types].xml", "spreadsheetml.sheet.main+xml", "x-none")
    with zipfile.ZipFile(macros) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    types = parts["[Content_Types].xml"].decode().replace(
        "application/vnd.openxmlformats-officedocument.x-none", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    )  # fmt: skip
    link = (
        '<Relationship Id="rIdX" Target="externalLinks/externalLink1.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/externalLink"/></Relationships>'
    )
    rels = parts["xl/_rels/workbook.xml.rels"].decode().replace("</Relationships>", link)
    with zipfile.ZipFile(macros, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            text = {"[Content_Types].xml": types, "xl/_rels/workbook.xml.rels": rels}.get(name)
            book.writestr(name, content if text is None else text)
        book.writestr("xl/vbaProject.bin", b"not a program")
        book.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    assert call("import", "ghgrp", macros, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == {"101", "102", "103", "104"}
