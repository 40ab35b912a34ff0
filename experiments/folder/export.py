"""A finished result for other programs: an Excel workbook, and the format of the integrated assessment modellers."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.archive_text import citation
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.extras import require
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError, usable_path
from clusterpact.results.columns import meaning_of
from clusterpact.results.iamc import iamc_table
from clusterpact.results.numbers import numbers
from clusterpact.results.summary import read_table
from clusterpact.results.tables import csv_bytes

MOST_ROWS = 100_000  #: of a sheet: a workbook of more takes minutes to write and to open
SHEETS = ("bands", "outcomes", "projects", "pipeline")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  #: what XML cannot hold
WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")  #: when a workbook was written
Sheet = tuple[list[str], list[str], pd.DataFrame]


def export_result(folder: Path, xlsx: Path | None, iamc: Path | None) -> list[Path]:
    """Write a complete result as a workbook (xlsx) and in the IAMC format (.csv or .xlsx); returns the files.

    Raises InputError if the result is not complete or not whole, if no format is asked for, or if a file exists.
    """
    asked = [(path, option) for path, option in ((xlsx, "--xlsx"), (iamc, "--iamc")) if path is not None]
    if not asked:
        raise InputError("", "export", None, "no format given; expected --xlsx FILE or --iamc FILE")
    for path, option in asked:
        endings = (".xlsx",) if option == "--xlsx" else (".csv", ".xlsx")
        if path.suffix.lower() not in endings:
            raise InputError("", option, str(path), f"expected a name that ends in {' or '.join(endings)}")
        if path.suffix.lower() == ".xlsx":
            require("export", "import", "openpyxl")
        if usable_path(path, option).exists() or path.is_symlink():
            raise InputError(path, option, None, "exists; expected the name of a new file")
        if path.resolve().is_relative_to(folder.resolve()):
            raise InputError(path, option, None, "lies in the result; expected a file elsewhere")
    experiment = reopen_whole(folder)
    makers: dict[str, Callable[[Any, Path, Path], bytes]] = {"--xlsx": _workbook_of, "--iamc": _iamc_of}
    for path, option in asked:
        try:
            write_atomically(path, makers[option](experiment, folder, path))
        except OSError as error:
            raise InputError(path, option, None, f"cannot be written ({error.strerror})") from None
    return [path for path, _ in asked]


def _iamc_of(experiment: Any, folder: Path, path: Path) -> bytes:
    manifest = read_manifest(folder)
    model = f"clusterpact {manifest.versions['clusterpact']}"
    table = iamc_table(read_table(folder, "bands"), model, experiment.scenario.file.title)
    if path.suffix.lower() == ".csv":
        return csv_bytes(table)
    return workbook({"data": ([str(name) for name in table.columns], [], table)}, manifest.started)


def _workbook_of(experiment: Any, folder: Path, path: Path) -> bytes:
    """A first sheet on the result, the headline numbers, and every table that a sheet holds, with a row of units."""
    manifest, about = read_manifest(folder), about_result(experiment, folder)
    outcomes, bands = read_table(folder, "outcomes"), read_table(folder, "bands")
    tables = {"summary": numbers(outcomes, bands, about.kinds), "bands": bands, "outcomes": outcomes}
    tables |= {name: read_table(folder, name) for name in SHEETS if (folder / "tables" / f"{name}.parquet").is_file()}
    left = {name: len(table) for name, table in tables.items() if len(table) > MOST_ROWS}
    facts = [
        ("title", about.title), ("result", manifest.id), ("experiment", experiment.name),
        ("cluster", experiment.scenario.file.title), ("years", f"{about.first_year} to {about.last_year}"),
        ("runs per policy", about.runs), ("seed", about.seed), ("baseline", about.baseline),
        ("made with", f"clusterpact {manifest.versions['clusterpact']}"), ("started", manifest.started),
        ("what the numbers are", "simulated under stated assumptions; neither forecasts nor observations"),
        ("units", "in the second row of every sheet; money in million euros, emissions in CO2 equivalents"),
        ("how to cite", citation(experiment, manifest)),
        *((f"policy {policy.name}", f"{policy.title}. {policy.description}") for policy in about.policies),
        *((f"not here: {name}", f"{rows:,} rows, more than {MOST_ROWS:,}; in tables/{name}.parquet")
          for name, rows in left.items()),
        *(("source", line) for line in about.sources),
    ]  # fmt: skip
    sheets: dict[str, Sheet] = {"about": (["what", "text"], [], pd.DataFrame(facts, columns=["what", "text"]))}
    for name, table in tables.items():
        if name not in left:
            columns = [str(column) for column in table.columns]
            sheets[name] = (columns, [meaning_of(column)[0] for column in columns], table)
    return workbook(sheets, manifest.started)


def workbook(sheets: dict[str, Sheet], date: str) -> bytes:
    """Sheets of a header, a row of units (none if there are no units) and rows as an Excel workbook.

    date: that it bears, such as 2026-11-28T12:00:00Z, whenever it is written: the same sheets give the same bytes.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for name, (header, units, table) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A3" if units else "A2"
        for number, column in enumerate(header, start=1):
            texts = [column, *map(str, table.iloc[:200, number - 1])] if len(table) else [column]
            sheet.column_dimensions[get_column_letter(number)].width = min(80, 2 + max(map(len, texts)))
        sheet.append([_cell(sheet, text, Font(bold=True)) for text in header])
        if units:
            sheet.append([_cell(sheet, text, Font(italic=True)) for text in units])
        for row in table.astype(object).where(table.notna(), None).itertuples(index=False, name=None):
            sheet.append([_cell(sheet, cell) if isinstance(cell, str) else cell for cell in row])
    content = io.BytesIO()
    book.save(content)
    return _dated(content, date)


def _dated(content: io.BytesIO, date: str) -> bytes:
    """A workbook with a date in place of the time at which it was written."""
    dated = io.BytesIO()
    with zipfile.ZipFile(content) as written, zipfile.ZipFile(dated, "w", zipfile.ZIP_DEFLATED) as anew:
        for part in written.infolist():
            text = written.read(part)
            if part.filename == "docProps/core.xml":
                text = WRITTEN.sub(rb"\g<1>" + date.encode(), text)
            anew.writestr(zipfile.ZipInfo(part.filename), text, zipfile.ZIP_DEFLATED)
    return dated.getvalue()


def _cell(sheet: Any, text: str, font: Any = None) -> Any:
    """Text that stays text, also where it starts as a formula does, without letters that XML cannot hold."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, UNPRINTABLE.sub("\ufffd", text))
    cell.data_type = "s"
    if font is not None:
        cell.font = font
    return cell
