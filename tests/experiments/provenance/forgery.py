"""Edits of a result as a forger would make them."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.experiments.experiment import id_of
from clusterpact.files import checksum
from clusterpact.results.recorded import table_path

ALL = 24  #: runs of four policies


def rewrite(folder, table, column, change):
    """Change a column of a table and make its checksum fit, as a forger would."""
    path = table_path(folder, table)
    held = pq.read_table(path)
    place = held.schema.get_field_index(column)
    values = held[column].combine_chunks().to_pylist()
    change(values)
    pq.write_table(held.set_column(place, column, pa.array(values, held.schema.field(column).type)), path)
    refresh(folder)


def other_than(value):
    """The nearest number of its kind, a year for an empty cell, or another text."""
    if isinstance(value, float):
        return float(np.nextafter(value, np.inf))
    return 2030.0 if value is None else value + type(value)(1)


def refresh(folder):
    """Make all checksums fit."""
    sums = json.loads((folder / "complete.json").read_text())
    sums["tables"] = {name: checksum(table_path(folder, name)) for name in sums["tables"]}
    sums["failures"] = checksum(folder / "failures.json")
    (folder / "complete.json").write_text(json.dumps(sums))


def change_manifest(folder, change):
    data = json.loads((folder / "manifest.json").read_text())
    change(data)
    (folder / "manifest.json").write_text(json.dumps(data))


def text(verdict):
    """All lines of a verdict."""
    return "\n".join(verdict.lines)


def refit(folder, change=lambda data: None):
    """Change a manifest and make its id, and the ledger's, that of the experiment in it."""

    def change_all(data):
        change(data)
        data["id"] = id_of(data["experiment"])

    change_manifest(folder, change_all)
    identity = json.loads((folder / "manifest.json").read_text())["id"]
    for path in (folder / "ledger").glob("*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"experiment": identity}))


def of_other_rules(folder):
    """Make a result one that other rules made, at a commit of its own."""

    def change(data):
        data["experiment"]["source"] = "1a2b" + "0" * 60
        data["commit"] = "abc1234"
        data["versions"]["clusterpact"] = "0.0.9"

    refit(folder, change)


def contents_of(folder):
    """The bytes of every file in a folder."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
