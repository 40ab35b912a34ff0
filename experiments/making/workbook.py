"""Reads one sheet of an Excel workbook row by row, within bounds: whoever made the file need not be trusted."""

import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clusterpact.experiments.making.reading import clean
from clusterpact.inputs import InputError

MAX_COLUMNS, MAX_ROWS = 1_000, 2_000_000  #: cells beyond are no table's: a stray cell far out must not cost a minute
MAX_UNPACKED_BYTES = 20_000_000  #: of all that is parsed: so much of the smallest cells is a minute and 1.5 GB
MAX_PARTS_BYTES = 4_000_000  #: of all else that is read, such as styles
LARGE_PARTS = ("xl/worksheets/", "xl/sharedstrings")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  #: first bytes of what Excel wrote before 2007, and of what has a password
DOUBTFUL = "not an Excel workbook (.xlsx) that can be read"


def is_workbook(path: Path) -> bool:
    """Whether a file is to be read as a workbook: by its name."""
    return path.suffix.lower() in (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb")


def read_sheet(path: Path, names: tuple[str, ...] = ()) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything of the first sheet that has one of the names (no names: of the first), cells as text.

    Yields the number of each row and its cells up to the last column with a value. Formulas stand for the values that were
    saved with them; macros and links to other files are not followed. Raises InputError for all that is no such workbook.
    """
    from openpyxl import load_workbook

    _check_bounds(path)
    rows: Iterator[tuple[Any, ...]] | None = None
    blank: tuple[Any, ...] = ()
    number = 0
    workbook = None
    try:
        while True:
            try:
                if rows is None:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        workbook = load_workbook(path, read_only=True, data_only=True, keep_links=False)
                    sheet = _sheet(path, workbook, names)
                    sheet.reset_dimensions()
                    rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
                cells = next(rows, None)
            except InputError:
                raise
            except Exception:  # openpyxl raises whatever the damage leads to: zip, XML, key and type errors
                raise InputError(path, "file", None, DOUBTFUL) from None
            if cells is None:
                return
            number += 1
            if cells is blank or cells.count(None) == len(cells):
                blank = cells  # openpyxl gives all rows that are missing as one object
                continue
            texts = ["" if cell is None else _text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield number, texts
    finally:
        if workbook is not None:
            workbook.close()


def _check_bounds(path: Path) -> None:
    """Raise InputError unless a file is a workbook that unpacks to what can be read in a minute."""
    if not path.is_file():
        raise InputError(path, "file", None, "is a folder; expected a file" if path.is_dir() else "not found")
    members = []
    try:
        with path.open("rb") as file:
            old = file.read(len(OLE)) == OLE
        if not old:
            with zipfile.ZipFile(path) as parts:
                members = parts.infolist()
    except OSError as error:
        raise InputError(path, "file", None, f"cannot be read ({error.strerror})") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise InputError(path, "file", None, DOUBTFUL) from None
    if old:
        expected = "has a password or is of an Excel before 2007; expected it saved as .xlsx without a password"
        raise InputError(path, "file", None, expected)
    names = {member.filename.casefold() for member in members}
    if "xl/workbook.bin" in names:
        raise InputError(path, "file", None, "is a binary workbook (.xlsb); expected it saved as .xlsx")
    read = {member.filename.casefold(): member.file_size for member in members if _is_xml(member.filename)}
    others = sum(size for name, size in read.items() if not name.startswith(LARGE_PARTS))
    total = sum(member.file_size for member in members if _is_xml(member.filename))
    for size, limit in ((total, MAX_UNPACKED_BYTES), (others, MAX_PARTS_BYTES)):
        if size > limit:
            expected = f"unpacks to {size / 1e6:,.0f} MB; expected at most {limit / 1e6:,.0f} (save the sheet as CSV)"
            raise InputError(path, "file", None, expected)


def _is_xml(name: str) -> bool:
    """Whether a part of a workbook is one that is parsed, not a picture or a program."""
    return not name.casefold().endswith((".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bin"))


def _sheet(path: Path, workbook: Any, names: tuple[str, ...]) -> Any:
    """The first sheet of a workbook that has one of the names, or the first."""
    sheets = {str(sheet.title): sheet for sheet in workbook.worksheets}
    if not sheets:
        raise InputError(path, "file", None, "holds no sheet with cells")
    if not names:
        return next(iter(sheets.values()))
    found = next((name for name in names if name in sheets), None)
    if found is None:
        raise InputError(path, "sheet", names[0], "no such sheet in the workbook", list(sheets))
    return sheets[found]


def _text(cell: Any) -> str:
    """A cell as text: blank for what is no number, whole numbers without a fraction, others to the last digit."""
    if cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(repr(float(cell)) if isinstance(cell, float) else cell)
