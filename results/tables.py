"""Tables for people: CSV files that a spreadsheet opens without taking a name for a formula."""

import pandas as pd

from clusterpact.texts import marked


def csv_bytes(table: pd.DataFrame, float_format: str | None = None) -> bytes:
    """A table as the bytes of a CSV file, without its index; names that would be formulas are marked."""
    texts = [k for k, kind in enumerate(table.dtypes) if not pd.api.types.is_numeric_dtype(kind)]
    shown = table.copy()
    for k in texts:
        shown.isetitem(k, [marked(cell) for cell in table.iloc[:, k]])
    shown.columns = pd.Index([marked(name) for name in table.columns])
    return shown.to_csv(index=False, lineterminator="\n", float_format=float_format).encode()
