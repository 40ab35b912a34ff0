"""Tables that people write: CSV with commas, semicolons or tabs, decimal points or commas, one model a row."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clusterpact.inputs.files import as_lines, read_table_text
from clusterpact.inputs.mistakes import InputError, Mistakes
from clusterpact.inputs.numbers import Numbers
from clusterpact.inputs.records import Model, arguments, check, hint, names_of, unique

MOST_ROWS = 100_000
SEPARATORS = ";\t,"  #: the first of them that stands in the header outside quotes
COMMA = ","
NAMES = {";": "';'", "\t": "tabs", COMMA: "commas"}


class Rows(list[Model]):
    """The rows of a table, and how it was read where that is not with commas and decimal points."""

    read_with: str = ""


@dataclass(frozen=True)
class Cells:
    """A table as text: its separator, its header with the line it ends in, and rows with the line of each."""

    separator: str
    header: list[str]
    header_line: int
    rows: list[tuple[int, dict[str, str]]]


def read_table(path: Path, model: type[Model], key: str = "") -> Rows[Model]:
    """A table as one model a row; blank cells count as absent, and lines that start with '#' are comments.

    The header says what separates columns: semicolons, tabs, else commas. With commas numbers have a decimal point; with the
    others, one mark in the whole table (`numbers.Numbers`). key: a column, if any, whose cells may not repeat.
    """
    try:
        cells = read_cells(path, model)
    except csv.Error as error:
        raise InputError(path, "file", None, f"not a valid table: {error}") from None
    numbers = Numbers(path, cells.separator != COMMA)
    columns = _number_columns(model)
    for line, row in cells.rows:
        for name in columns & row.keys():
            numbers.add(line, name, row[name])
    rows: Rows[Model] = Rows()
    mistakes = Mistakes()
    for line, row in cells.rows:
        with mistakes.apart():
            plain = {name: numbers.plain(line, name, cell) if name in columns else cell for name, cell in row.items()}
            rows.append(check(model, plain, f"{path}:{line}"))
    mistakes.tell()
    if cells.separator != COMMA:
        rows.read_with = f"read with {NAMES[cells.separator]} between columns and {numbers.mark_in_words}"
    if key:
        unique(path, key, [getattr(row, key) for row in rows])
    return rows


def read_cells(path: Path, model: type[Model]) -> Cells:
    """The cells of a table that are not blank, its header checked against the model."""
    text = read_table_text(path)
    separator = separator_of(text)
    reader = csv.reader(_without_comments(text, separator), delimiter=separator, strict=True)
    header = [name.strip() for name in next((row for row in reader if not _says_nothing(row) and row[0][:1] != "#"), [])]
    line = max(1, reader.line_num)
    _check_header(path, f"line {line}", header, model)
    rows: list[tuple[int, dict[str, str]]] = []
    for row in reader:
        if _says_nothing(row):
            continue
        if len(row) != len(header):
            raise InputError(f"{path}:{reader.line_num}", "row", None, f"expected {len(header)} cells, found {len(row)}")
        if len(rows) == MOST_ROWS:
            raise InputError(f"{path}:{reader.line_num}", "row", None, f"expected at most {MOST_ROWS:,} rows")
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=True) if cell.strip()}
        rows.append((reader.line_num, cells))
    return Cells(separator, header, line, rows)


def separator_of(text: str) -> str:
    """What separates the columns of a table: the first of `SEPARATORS` in its header outside quotes, else a comma."""
    lines = (line for line in as_lines(text) if line.strip() and not _is_comment(line.lstrip('"')))
    bare = "".join(next(lines, "").split('"')[::2])
    return next((separator for separator in SEPARATORS if separator in bare), COMMA)


def _check_header(path: Path, line: str, header: list[str], model: type[Model]) -> None:
    """Raise InputError for a column that the model does not know, that stands twice, or that is missing."""
    known = names_of(model)
    for name in header:
        if name not in known:
            raise InputError(path, f"{line}, column {name!r}", None, "unknown column" + hint(model, name))
        if header.count(name) > 1:
            raise InputError(path, f"{line}, column {name!r}", None, "appears twice")
    for name, field in zip(known, model.model_fields.values(), strict=True):
        if field.is_required() and name not in header:
            raise InputError(path, f"{line}, column {name!r}", None, "missing column")


def _number_columns(model: type[Model]) -> set[str]:
    """Columns whose cells are numbers."""
    return {
        field.alias or name
        for name, field in model.model_fields.items()
        if {float, int} & (kinds := _kinds(field.annotation)) and str not in kinds
    }


def _kinds(annotation: Any) -> set[Any]:
    return {kind for kind in arguments(annotation) if isinstance(kind, type)}


def _without_comments(text: str, separator: str) -> Iterator[str]:
    """The lines of a table, comments blank, so that lines keep their numbers; what stands in quotes is no comment."""
    quoted = False
    for line in as_lines(text):
        if not quoted and _is_comment(line):
            yield "\n"
            continue
        if '"' in line:
            quoted = _ends_in_quotes(line, separator, quoted)
        yield line


def _says_nothing(row: list[str]) -> bool:
    """Whether a row is blank, or a comment that a spreadsheet took for a cell and put into quotes."""
    return not any(map(str.strip, row)) or (row[0].startswith("#") and not any(row[1:]))


def _is_comment(line: str) -> bool:
    """Whether a line says nothing of the table: a comment, or the note of a spreadsheet on its separator."""
    return line.startswith(("#", "sep="))


def _ends_in_quotes(line: str, separator: str, quoted: bool) -> bool:
    """Whether a cell in quotes goes on after a line; quotes open only at the start of a cell, and doubled ones are text."""
    for part in line.rstrip("\n").split(separator):
        opens = not quoted and part.startswith('"')
        if quoted or opens:
            quoted = (part.count('"') - opens) % 2 == 0
    return quoted
