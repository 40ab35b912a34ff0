"""Tables as spreadsheets of several countries write them, and numbers that no spreadsheet writes."""

import csv
import io
import re

import pytest

from clusterpact.inputs import InputError, Record, read_table
from clusterpact.sim.scenario import read_scenario
from tests.cli.mistakes.edits import BUYERS, FIRMS, PROJECTS, UNITS, VALIDATE, assert_holds, put
from tests.commands import call


class Row(Record):
    """A row of a small table."""

    id: str
    amount: float
    year: int | None = None


def rewrite(path, separator, comma, encoding="utf-8"):
    """A table as another spreadsheet writes it."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    if comma:
        rows = [[re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", cell) for cell in row] for row in rows]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("separator", "comma"), [(";", True), (";", False), ("\t", True), ("\t", False), (",", False)])
def test_a_table_says_the_same_in_every_dialect(separator, comma, encoding, work):
    usual = read_scenario(work / "region")
    for name in (FIRMS, UNITS, PROJECTS, BUYERS):
        rewrite(work / "region" / name, separator, comma, encoding)
    read = read_scenario(work / "region")
    assert (read.plants, read.projects, read.buyers) == (usual.plants, usual.projects, usual.buyers)


def test_validate_says_how_a_table_was_read(work, capsys):
    assert call("validate", "region") == 0
    assert "read with" not in capsys.readouterr().out
    rewrite(work / "region" / FIRMS, ";", True)
    assert call(*VALIDATE) == 0
    assert "region/firms.csv: read with ';' between columns and decimal comma\n" in capsys.readouterr().out


def amounts(tmp_path, separator, *cells):
    """The amounts of a table."""
    lines = [separator.join(("id", "amount")), *(separator.join(("a", cell)) for cell in cells)]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    return [row.amount for row in read_table(tmp_path / "t.csv", Row)]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("0,15", "1.234,5", "1.234"), [0.15, 1234.5, 1234.0]),
        (("0.15", "1,234.5", "1,234"), [0.15, 1234.5, 1234.0]),
        (("12,5", "7"), [12.5, 7.0]),
        (("1.234.567",  "1,5"), [1234567.0, 1.5]),
        (("1 234,5", "1\u00a0234\u202f567", "1'000"), [1234.5, 1234567.0, 1000.0]),
        (("0,150",), [0.15]),
        (("1234,567", "1.234"), [1234.567, 1234.0]),
        (("-1,5", "+2", "1,5e3"), [-1.5, 2.0, 1500.0]),
        (("1e5", ".5", "5."), [1e5, 0.5, 5.0]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", [";", "\t"])
def test_numbers_with_either_mark(cells, values, separator, tmp_path):
    assert amounts(tmp_path, separator, *cells) == values


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("0,5", "0.5"), ("t.csv:3", "'0.5'", "one decimal mark", "'0,5' in line 2")),
        (("1.234",), ("t.csv:2", "'1.234'", "a fraction or thousands")),
        (("7", "1,234"), ("t.csv:3", "'1,234'", "a fraction or thousands")),
        (("1.23.4", "1,5"), ("t.csv:2", "'1.23.4'", "decimal digits")),
        (("1,2,3", "1.5"), ("t.csv:2", "'1,2,3'", "decimal digits")),
        (("12.34,5",), ("t.csv:2", "'12.34,5'", "decimal digits")),
        (("1 23", "1,5"), ("t.csv:2", "'1 23'", "decimal digits")),
    ],
)
def test_numbers_that_may_mean_two_things_are_one_line(cells, words, tmp_path):
    with pytest.raises(InputError) as mistake:
        amounts(tmp_path, ";", *cells)
    assert_holds(str(mistake.value), words)


@pytest.mark.parametrize(
    "cell", ["1_0", "\u0663", "0x10", "\uff11", "1 000", "1,5", "1'000", "½", "--1", "e5", "1e", "true", "0b1"]
)
def test_in_a_table_with_commas_numbers_are_plain(cell, tmp_path):
    with pytest.raises(InputError, match="decimal digits"):
        amounts(tmp_path, ",", f'"{cell}"')


def test_plain_numbers_are_read(tmp_path):
    assert amounts(tmp_path, ",", " 1 ", "1e5", "-0.5", ".5", "1234.567") == [1.0, 1e5, -0.5, 0.5, 1234.567]


def test_commas_and_points_in_text_stay(tmp_path):
    (tmp_path / "t.csv").write_text('id;amount\n"a;1,5";0,5\n1.234;1\n', encoding="utf-8")
    assert [row.id for row in read_table(tmp_path / "t.csv", Row)] == ["a;1,5", "1.234"]


def test_comments_quotes_and_line_numbers(tmp_path):
    text = 'sep=;\n# a "comment; \n\nid;amount\n"a\n#b";1\n5" pipe;2\n# c\n"# by a spreadsheet; x";\nd;3,5\ne;x\n'
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"t.csv:11: amount = 'x'"):
        read_table(tmp_path / "t.csv", Row)
    (tmp_path / "t.csv").write_text(text.replace("e;x\n", ""), encoding="utf-8")
    assert [row.id for row in read_table(tmp_path / "t.csv", Row)] == ["a #b", '5" pipe', "d"]


def test_a_quote_that_never_closes_swallows_no_rows(tmp_path):
    (tmp_path / "t.csv").write_text('id,amount\na,1\n"b,2\nc,3\n', encoding="utf-8")
    with pytest.raises(InputError, match="not a valid table"):
        read_table(tmp_path / "t.csv", Row)


def test_more_rows_than_any_cluster_has_are_one_line(tmp_path):
    (tmp_path / "t.csv").write_text("id,amount\n" + "a,1\n" * 100_001, encoding="utf-8")
    with pytest.raises(InputError, match=r"t.csv:100002: row: expected at most 100,000 rows"):
        read_table(tmp_path / "t.csv", Row)


def test_the_letters_of_an_old_spreadsheet_are_one_line_with_a_hint(work, complain):
    put(FIRMS, "Lime works", "Kalkwerk Düren")(work / "region")
    path = work / "region" / FIRMS
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    assert_holds(complain(*VALIDATE), ["region/firms.csv", "not UTF-8 text", "line 3", "save it as 'CSV UTF-8'"])
