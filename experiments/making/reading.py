"""Reads the tables of registers; what is damaged is said in one line with the place where it stands."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from clusterpact.experiments.making.site import Site
from clusterpact.inputs import REGISTER_LIMIT, InputError, nearest, read_text, shown

Row = dict[str, str]


def read_rows(path: Path, separator: str) -> tuple[list[str], Iterator[tuple[str, Row]]]:
    """The header of a table, and its rows with the place (file and line) of each."""
    text = read_text(path, REGISTER_LIMIT)
    if not text.strip():
        raise InputError(path, "file", None, "is empty; expected a table")
    rows = _lines(path, csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    _, first = next(rows)
    header = [name.strip() for name in first]
    for other in {",", ";", "\t"} - {separator}:
        if len(header) == 1 and other in header[0]:
            raise InputError(path, "line 1", None, f"expected {separator!r} between columns, found {other!r}")
    for name in header:
        if header.count(name) > 1:
            raise InputError(path, f"line 1, column {name!r}", None, "appears twice")
    return header, _as_rows(path, header, rows)


def _lines(path: Path, reader: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells  # type: ignore[attr-defined]
    except csv.Error as error:
        raise InputError(path, "file", None, f"not a valid table: {error}") from None


def _as_rows(path: Path, header: list[str], lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[str, Row]]:
    for number, cells in lines:
        where = f"{path}:{number}"
        if len(cells) != len(header):
            raise InputError(where, "row", None, f"expected {len(header)} cells, found {len(cells)}")
        yield where, {name: clean(cell) for name, cell in zip(header, cells, strict=True)}


def clean(cell: object) -> str:
    """A cell as one line of text."""
    return shown(" ".join(str(cell).split()))


def need_columns(path: Path, header: list[str], needed: Iterable[str], line: int = 1) -> None:
    """Raise InputError for the first column that is missing."""
    for name in needed:
        if name not in header:
            raise InputError(path, f"line {line}, column {name!r}", None, "missing column" + nearest(name, header))


def tonnes(where: str, column: str, cell: str) -> float:
    """Emissions or allowances in t."""
    value = number(where, column, cell)
    if value < 0:
        raise InputError(where, column, cell, "expected 0 or more")
    return value


def number(where: str, column: str, cell: str) -> float:
    """A finite number."""
    try:
        value = float(cell)
    except ValueError:
        raise InputError(where, column, cell, "expected a number") from None
    if not math.isfinite(value):
        raise InputError(where, column, cell, "expected a finite number")
    return value


def whole(where: str, column: str, cell: str) -> int:
    """A whole number."""
    value = number(where, column, cell)
    if not value.is_integer():
        raise InputError(where, column, cell, "expected a whole number")
    return int(value)


def place(where: str, latitude: tuple[str, str], longitude: tuple[str, str]) -> tuple[float | None, float | None]:
    """(latitude, longitude) of two (column, cell); nothing if a cell is blank, or both are 0 as registers write it."""
    if not latitude[1] or not longitude[1]:
        return None, None
    degrees = []
    for (column, cell), limit in ((latitude, 90), (longitude, 180)):
        value = number(where, column, cell)
        if abs(value) > limit:
            raise InputError(where, column, cell, f"expected -{limit} to {limit} degrees")
        degrees.append(value)
    return (degrees[0], degrees[1]) if any(degrees) else (None, None)


def unique_ids(path: Path, sites: Iterable[Site]) -> tuple[Site, ...]:
    """The sites, if each has an id of its own."""
    found: dict[str, Site] = {}
    for site in sites:
        if not site.id:
            raise InputError(path, "id", "", f"missing for {site.name!r}")
        if site.id in found:
            raise InputError(path, "id", site.id, f"appears more than once ({found[site.id].name!r}, {site.name!r})")
        found[site.id] = site
    if not found:
        raise InputError(path, "file", None, "holds no sites; expected at least one row")
    return tuple(found.values())
