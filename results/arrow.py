"""Columns of Arrow tables from NumPy arrays and back, buffer by buffer.

PyArrow's own converters of Python's and NumPy's values import pandas first, which no run, worker or painter needs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Table = Any  #: of Arrow or of pandas: columns are taken from either


def column(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Numbers or truths as a column; missing: which of its cells are empty, bool of the same shape."""
    cells = np.packbits(values, bitorder="little") if values.dtype == bool else np.ascontiguousarray(values)
    there = None if missing is None or not missing.any() else _bits(~missing)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [there, pa.py_buffer(cells)])


def repeated(names: Sequence[str], places: np.ndarray) -> pa.Array:
    """Texts by their places in a list of names; -1 is empty."""
    letters = [*(name.encode() for name in names), b""]
    ends = np.zeros(len(places) + 1, np.int32)
    np.cumsum(np.array([len(one) for one in letters], np.int32)[places], out=ends[1:])
    there = _bits(places >= 0) if (places < 0).any() else None
    firsts = np.flatnonzero(np.diff(places, prepend=-2))  # of a stretch of one text
    lengths = np.diff(firsts, append=len(places))
    stretches = zip(places[firsts].tolist(), lengths.tolist(), strict=True)
    written = b"".join([letters[place] * length for place, length in stretches])
    return pa.Array.from_buffers(pa.string(), len(places), [there, pa.py_buffer(ends), pa.py_buffer(written)])


def named(names: Sequence[str], places: np.ndarray) -> pa.DictionaryArray:
    """The same with every text held once, as `read_parquet` gives it; all places are of the list."""
    return pa.DictionaryArray.from_arrays(column(places.astype(np.int32)), repeated(names, np.arange(len(names))))


def table_of(columns: Mapping[str, Any]) -> pa.Table:
    """A table of columns, each an array of Arrow or of NumPy."""
    return pa.table({name: cells if isinstance(cells, pa.Array) else column(cells) for name, cells in columns.items()})


def read_parquet(path: Path, columns: Sequence[str] | None = None, encoded: bool = True) -> pa.Table:
    """A Parquet file, or some of its columns; encoded: texts as places in a dictionary."""
    texts = [field.name for field in pq.read_schema(path) if pa.types.is_string(field.type)] if encoded else None
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        return file.read(columns)


def numbers(table: Table, name: str) -> np.ndarray:
    """A column of numbers or truths; where cells are empty, float64 with NaN."""
    cells = table[name]
    if not isinstance(cells, pa.ChunkedArray):
        values = cells.to_numpy()
        return np.asarray(values if values.dtype.kind in "biuf" else values.astype(float))
    values, missing = _values(cells.combine_chunks())
    return np.where(missing, np.nan, values) if missing.any() else values


def names_of(table: Table) -> list[str]:
    """The names of the columns of a table."""
    return table.column_names if isinstance(table, pa.Table) else [str(name) for name in table.columns]


def by_policy(table: Table) -> dict[str, np.ndarray]:
    """The places of the rows of every policy of a table, policies in the order of the rows."""
    places, names = texts(table, "policy")
    return {name: np.flatnonzero(places == place) for place, name in enumerate(names)}


def texts(table: Table, name: str) -> tuple[np.ndarray, list[str]]:
    """A column of texts as their places, int64, in a list of names, those that come first in front; -1 is empty."""
    cells = table[name]
    if not isinstance(cells, pa.ChunkedArray):
        places, found = cells.factorize()
        return places, [str(name) for name in found]
    if not pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    joined = cells.unify_dictionaries().combine_chunks()
    places, missing = _values(joined.indices)
    return np.where(missing, -1, places), joined.dictionary.to_pylist()


def _bits(there: np.ndarray) -> pa.Buffer:
    return pa.py_buffer(np.packbits(there, bitorder="little"))


def _values(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """What a column of numbers or truths holds, and which of its cells are empty."""
    there, held = cells.buffers()
    span = slice(cells.offset, cells.offset + len(cells))
    if pa.types.is_boolean(cells.type):
        values = _unpacked(held)[span]
    else:
        values = np.frombuffer(held or b"", cells.type.to_pandas_dtype())[span]
    return values, np.zeros(len(cells), bool) if there is None else ~_unpacked(there)[span]


def _unpacked(bits: pa.Buffer | None) -> np.ndarray:
    return np.unpackbits(np.frombuffer(bits or b"", np.uint8), bitorder="little").astype(bool)
