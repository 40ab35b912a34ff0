"""A table of one's own: sites with a name, a kind, emissions and what else it has, in CSV or Excel."""

import difflib
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from clusterpact.experiments.making.activities import Activity, ActivityTable
from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.reading import Row, place, read_rows, tonnes, unique_ids
from clusterpact.experiments.making.site import Register, Site
from clusterpact.experiments.making.table_columns import (
    EMISSIONS,
    HINT,
    Kind,
    Kinds,
    TableFile,
    constant,
    find_columns,
    mapping,
    plain,
)
from clusterpact.experiments.making.workbook import is_workbook, read_sheet
from clusterpact.extras import require
from clusterpact.inputs import REGISTER_LIMIT, InputError, Numbers, read_text, separator_of
from clusterpact.sim.tables import Technology, read_tables

HEADER_ROWS = 12  #: rows of a sheet in which the header is looked for
SHOWN_KINDS = 6
YEAR = re.compile(r"((?:19|20|21)\d\d)(?:[-/ T].*|\.0)?")
LACKS = {
    "place": ("latitude", "longitude"), "state": ("state",), "country": ("country",), "parent": ("parent", "operator"),
}  # fmt: skip
TRAPS = (
    "The sector of a site is what its kind says; look at the technology and capacity of the largest plants.",
    "Whether emissions are CO2 or CO2e, with or without biomass, of an account or a works, the table must say.",
)


@dataclass
class _Reading:
    """How a table is read: its mapping, the columns that were found, and the meaning of every kind so far."""

    file: TableFile
    columns: dict[str, str]
    kinds: Kinds
    numbers: Numbers
    rows: dict[str, Activity] = field(default_factory=dict)

    def cell(self, row: Row, name: str) -> str:
        return row.get(self.columns.get(name, ""), "")

    def look_at(self, where: str, row: Row) -> None:
        """Take in what the numbers of a row say of the table's decimal mark."""
        for name in ("latitude", "longitude", *EMISSIONS):
            if cell := self.cell(row, name):
                self.numbers.add(_line(where), self.columns[name], cell)

    def number(self, where: str, row: Row, name: str) -> tuple[str, str]:
        """(column, cell) of a number, with a decimal point; an empty cell stays empty."""
        column, cell = self.columns.get(name, name), self.cell(row, name)
        return column, self.numbers.plain(_line(where), column, cell) if cell else ""


def read_own_table(path: Path, columns: str | None = None, kinds: Path | None = None) -> Register:
    """Read a table; `columns` says which is which (a mapping file, a known table or field=column,…), `kinds` the sectors."""
    file = mapping(columns, kinds)
    header, line, rows, has_marks = _open(path, file)
    found = find_columns(file, header, (path, line))
    reading = _Reading(file, found, Kinds(file.kinds, read_tables().technologies), Numbers(path, has_marks))
    wanted = list(_wanted(path, line, rows, header, file))
    for where, row in wanted:
        reading.look_at(where, row)
    sites = unique_ids(path, _sites(path, wanted, reading))
    lacks = {name: f"the table has no such column; expected {' and '.join(fields)} in --columns"
             for name, fields in LACKS.items()
             if not any(field in found or constant(file, field) for field in fields)}  # fmt: skip
    return Register(
        "table", file.title or path.stem, file.attribution or f"the authors of {path.name}", path, sites, lacks,
        (*TRAPS, *([file.note] if file.note else [])), activities=tuple(reading.rows.values()),
    )  # fmt: skip


def _open(path: Path, file: TableFile) -> tuple[list[str], int, Iterable[tuple[str, Row]], bool]:
    """Header of a table, its line, rows with their place, and whether its numbers may have a decimal comma."""
    if not is_workbook(path):
        separator = separator_of(read_text(path, REGISTER_LIMIT))
        header, rows = read_rows(path, separator)
        return header, 1, rows, separator != ","
    require("import table", "import", "openpyxl")
    sheet = read_sheet(path, (file.sheet,) if file.sheet else ())
    wanted = {plain(name) for names in (file.columns or {"name": "name", "sector": "sector"}).values()
              for name in ((names,) if isinstance(names, str) else names)}  # fmt: skip
    above = []
    for line, cells in sheet:
        above.append((line, cells))
        if wanted & {plain(cell) for cell in cells} or line >= HEADER_ROWS:
            break
    if not above:
        raise InputError(path, "file", None, "is empty; expected a table")
    line, header = above[-1] if wanted & {plain(cell) for cell in above[-1][1]} else above[0]
    for name in header:
        if name and header.count(name) > 1:
            raise InputError(path, f"line {line}, column {name!r}", None, "appears twice")
    rows = ((f"{path}:{number}", dict(zip(header, [*cells, *[""] * len(header)], strict=False))) for number, cells in sheet)
    return header, line, rows, False


def _wanted(
    path: Path, line: int, rows: Iterable[tuple[str, Row]], header: list[str], file: TableFile
) -> Iterator[tuple[str, Row]]:
    """Rows that count: those with the cells that the mapping file asks for."""
    by_plain = {plain(name): name for name in header}
    asked = {}
    for name, cells in file.rows.items():
        if plain(name) not in by_plain:
            raise InputError(path, f"line {line}, column {name!r}", None, "missing column")
        asked[by_plain[plain(name)]] = {plain(cell) for cell in ((cells,) if isinstance(cells, str) else cells)}
    for where, row in rows:
        if all(plain(row[name]) in cells for name, cells in asked.items()):
            yield where, row


def _sites(path: Path, rows: Iterable[tuple[str, Row]], reading: _Reading) -> Iterator[Site]:
    """Sites of the rows: a row each, or a row for each year where the table has a column of years."""
    amount = next(name for name in EMISSIONS if name in reading.columns)
    has_years, fixed = "year" in reading.columns, constant(reading.file, "year")
    if not has_years and not fixed:
        expected = "missing; expected a column of years, or the year of all rows, as in --columns …,year=2023"
        raise InputError(path, "year", None, expected)
    found: dict[str, Site] = {}
    counts: dict[str, int] = {}
    for where, row in rows:
        site = _site(where, row, reading)
        year = _year(where, reading.columns["year"], reading.cell(row, "year")) if has_years else int(fixed)
        if "id" not in reading.columns and not has_years:
            counts[site.id] = counts.get(site.id, 0) + 1
            site = replace(site, id=f"{site.id}-{counts[site.id]}" if counts[site.id] > 1 else site.id)
        site = found.setdefault(site.id, site)
        column, cell = reading.number(where, row, amount)
        if not cell:
            site.unreported.setdefault(year, "blank")
            continue
        value = tonnes(where, column, cell) * EMISSIONS[amount] * reading.file.factor
        if year in site.emissions_t and not reading.file.add_up:
            more = "" if "id" in reading.columns else "; sites of one name need a column id"
            raise InputError(where, reading.columns["name"], site.name, f"appears more than once for {year}{more}")
        site.emissions_t[year] = round(site.emissions_t.get(year, 0.0) + value, 6)
        site.unreported.pop(year, None)
    return iter(found.values())


def _line(where: str) -> int:
    """The line of a place, such as mine.csv:3."""
    return int(where.rpartition(":")[2])


def _year(where: str, column: str, cell: str) -> int:
    """The year of a cell that holds a year or a date."""
    found = YEAR.fullmatch(cell)
    if found is None:
        raise InputError(where, column, cell, "expected a year, or a date that starts with it")
    return int(found[1])


def _site(where: str, row: Row, reading: _Reading) -> Site:
    """What a row says of a site, without its emissions."""
    name, kind, technology = (reading.cell(row, key) for key in ("name", "sector", "technology"))
    for key, cell in (("name", name), ("sector", kind)):
        if not cell:
            raise InputError(where, reading.columns[key], "", "blank; expected a text in every row")
    latitude, longitude = place(where, reading.number(where, row, "latitude"), reading.number(where, row, "longitude"))
    register, code = _activity(where, kind, technology, reading)
    key = reading.cell(row, "id") if "id" in reading.columns else "-".join(folded(name).split())
    return Site(
        id=key, name=name, operator=reading.cell(row, "operator"), parent=reading.cell(row, "parent"), activity=code,
        activity_name=kind, postcode=reading.cell(row, "postcode"), city=reading.cell(row, "city"),
        state=reading.cell(row, "state"), country=reading.cell(row, "country") or constant(reading.file, "country"),
        latitude=latitude, longitude=longitude, codes=register,
    )  # fmt: skip


def _activity(where: str, kind: str, technology: str, reading: _Reading) -> tuple[str, str]:
    """(register, code) under which the mapping table finds a kind; a row of its own is made for a sector."""
    if reading.file.codes:
        return reading.file.codes, kind
    meaning = reading.kinds.find(kind)
    if meaning is not None and meaning.code:
        return meaning.register, meaning.code
    if technology and meaning is not None and meaning.sector:
        meaning = reading.kinds.of_sector(where, meaning.sector, technology)
    code = kind.replace(";", ",") + (f": {technology}" if technology else "")
    if meaning is not None:
        reading.rows.setdefault(code, _row(kind, code, meaning))
    return "", code


def _row(kind: str, code: str, meaning: Kind) -> Activity:
    """The row of the mapping table for a kind."""
    return Activity.model_validate({
        "register": "table", "code": code, "meaning": f"Kind {kind!r}", "sector": meaning.sector,
        "technology": meaning.technology, "mark": "estimate",
        "source": "its name, or the mapping file of the table" if meaning.sector else "left out by the mapping file",
    })  # fmt: skip


def check_kinds(register: Register, sites: Iterable[Site], year: int, table: ActivityTable) -> None:
    """Raise InputError for kinds of a table that nothing turns into a sector: with what each looks like."""
    lost: dict[str, float] = {}
    for site in sites:
        amount = site.emissions_t.get(year, 0.0)
        if amount and not site.codes and table.map(site, register.kind, amount) is None:
            lost[site.activity_name] = lost.get(site.activity_name, 0.0) + amount
    if not lost:
        return
    technologies = read_tables().technologies
    kinds = sorted(lost, key=lambda kind: (-lost[kind], kind))
    words = [f"{kind!r} (like {_like(kind, technologies)!r})" for kind in kinds[:SHOWN_KINDS]]
    more = f", and {len(kinds) - SHOWN_KINDS} more" if len(kinds) > SHOWN_KINDS else ""
    total = math.fsum(lost.values()) / 1000
    raise InputError(register.path, "sector", None, f"{len(kinds)} kinds with {total:,.1f} kt are no sectors: "
                     f"{', '.join(words)}{more}; {HINT}")  # fmt: skip


def _like(kind: str, technologies: tuple[Technology, ...]) -> str:
    """The sector whose name, or whose technologies' names, share most with a kind."""
    wanted = set(folded(kind).split())

    def share(sector: str) -> tuple[int, float]:
        words = set(sector.split("_"))
        close = sum(1 for word in wanted if difflib.get_close_matches(word, words, n=1, cutoff=0.75))
        return close, difflib.SequenceMatcher(None, plain(kind), plain(sector)).ratio()

    return max(dict.fromkeys(row.sector for row in technologies), key=share)
