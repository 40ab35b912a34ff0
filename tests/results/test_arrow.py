"""Columns of Arrow from NumPy and back are what PyArrow makes of them; and who runs or draws imports no pandas for them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clusterpact.results.arrow import by_policy, column, numbers, read_parquet, repeated, table_of, texts
from clusterpact.results.tables import csv_bytes, csv_of_rows
from tests.commands import printed

NUMBERS = [np.arange(9, dtype=np.int16), np.linspace(-1, 1, 9), np.arange(9) % 2 == 0, np.arange(18.0)[::2], np.zeros(0)]
DRAWN = """
import sys
from importlib import import_module
from pathlib import Path
from clusterpact.cli.run import prepared
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.summary import write_summary
from clusterpact.experiments.running.session import run_experiment
from clusterpact.results.figures import painters, preloading
experiment = load_experiment("dunkirk", runs=3)
folder = run_experiment(experiment, Path(sys.argv[1])).folder
write_summary(experiment, folder)
for module in preloading.MODULES:
    import_module(module)
for name, table in painters.FIGURES.items():
    painters._draw(name, table, folder, about_result(experiment, folder), ("png",))
print([name for name in ("pandas", "pyarrow.compute", "mesa") if name in sys.modules])
"""


@pytest.mark.parametrize("values", NUMBERS, ids=str)
def test_numbers_come_back_as_they_went(values):
    made = column(values)
    made.validate(full=True)
    assert made.equals(pa.array(values))
    np.testing.assert_array_equal(numbers(pa.table({"a": made}), "a"), values)
    np.testing.assert_array_equal(numbers(pa.table({"a": made}).slice(3), "a"), values[3:])


def test_what_is_missing_is_empty_and_comes_back_as_nan():
    values, missing = np.arange(11.0), np.arange(11) % 3 == 1
    made = column(values, missing)
    made.validate(full=True)
    assert made.equals(pa.array(values, mask=missing))
    found = numbers(pa.table({"a": made}), "a")
    np.testing.assert_array_equal(found, np.where(missing, np.nan, values))
    assert column(values, np.zeros(11, bool)).null_count == 0


def test_texts_come_back_from_arrow_parquet_and_pandas_alike(tmp_path):
    cells = ["b", "", "é", None, "b", "c"]
    made = repeated(["", "é", "c", "b"], np.array([3, 0, 1, -1, 3, 2]))
    made.validate(full=True)
    assert made.equals(pa.array(cells))
    pq.write_table(table_of({"t": made, "n": np.arange(6)}), tmp_path / "t.parquet")
    plain, encoded = (read_parquet(tmp_path / "t.parquet", encoded=one) for one in (False, True))
    assert plain.schema.field("t").type == pa.string()
    for table in (plain, encoded, pd.read_parquet(tmp_path / "t.parquet")):
        places, names = texts(table, "t")
        assert [None if place < 0 else names[place] for place in places] == cells
    assert encoded.column_names == ["t", "n"]
    assert read_parquet(tmp_path / "t.parquet", ["n"]).column_names == ["n"]


def test_rows_of_a_policy_are_found_in_the_order_of_the_policies():
    table = pa.table({"policy": ["q", "p", "q"]})
    assert {name: rows.tolist() for name, rows in by_policy(table).items()} == {"q": [0, 2], "p": [1]}


def test_rows_are_written_as_the_table_of_them_is():
    rows = [{"name": "=1+1", "value": 0.1 + 0.2, "runs": 3, "p5": None}, {"name": 'a "b", c', "value": float("nan"),
             "runs": 10, "p5": 1e-17}, {"name": "", "value": 1e22, "runs": 0, "p5": -0.0}]  # fmt: skip
    assert csv_of_rows(rows, list(rows[0])) == csv_bytes(pd.DataFrame(rows))


def test_a_run_its_summary_and_its_figures_import_no_pandas(tmp_path):
    assert printed("-c", DRAWN, tmp_path / "r").strip() == "[]"
