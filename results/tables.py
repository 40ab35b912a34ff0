"""Tables for people: CSV files that a spreadsheet opens without taking a name for a formula."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clusterpact.texts import marked

if TYPE_CHECKING:
    import pandas as pd


def csv_bytes(table: "pd.DataFrame", float_format: str | None = None) -> bytes:
    """A table as the bytes of a CSV file, without its index; names that would be formulas are marked."""
    import pandas as pd

    texts = [k for k, kind in enumerate(table.dtypes) if not pd.api.types.is_numeric_dtype(kind)]
    shown = table.copy()
    for k in texts:
        shown.isetitem(k, [marked(cell) for cell in table.iloc[:, k]])
    shown.columns = pd.Index([marked(name) for name in table.columns])
    return shown.to_csv(index=False, lineterminator="\n", float_format=float_format).encode()


def csv_of_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Rows of texts and numbers as the bytes that `csv_bytes` makes of a table of them; None and NaN are empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return file.getvalue().encode()


def _cell(value: Any) -> Any:
    return "" if isinstance(value, float) and math.isnan(value) else marked(value)
