"""Tables for a spreadsheet: names that it would calculate are marked; numbers, and everything else, stay."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusterpact.results.tables import csv_bytes
from clusterpact.texts import marked, unmarked

FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    "'=1+1",
]
PLAIN = ["-", "+", "", "-5", "+3.5", "-3.1; -4.2", "pact", "1=1", "a-b", "'90s", "CO2 hub"]


@pytest.mark.parametrize("name", FORMULAS)
def test_what_a_spreadsheet_would_calculate_is_marked(name):
    assert marked(name) == f"'{name}"
    assert unmarked(marked(name)) == name


@pytest.mark.parametrize("name", PLAIN)
def test_the_rest_stays_as_it_is(name):
    assert marked(name) == name
    assert unmarked(name) == name


@given(st.text(alphabet="'=+-@a1;. \t\r", max_size=6))
def test_a_mark_is_taken_off_again(name):
    assert unmarked(marked(name)) == name


def test_numbers_stay_numbers():
    table = pd.DataFrame({"=name": ["=1+1", "pact", None], "value": [-1.5, np.nan, 2.0], "count": [-1, 2, 3],
                          "mixed": pd.Series(["-x", -2, 0.5], dtype=object), "yes": [True, False, True]})  # fmt: skip
    rows = list(csv.reader(io.StringIO(csv_bytes(table).decode())))
    assert rows == [["'=name", "value", "count", "mixed", "yes"], ["'=1+1", "-1.5", "-1", "'-x", "True"],
                    ["pact", "", "2", "-2", "False"], ["", "2.0", "3", "0.5", "True"]]  # fmt: skip
    assert table["=name"].iloc[0] == "=1+1"


def test_a_table_without_such_names_is_the_same_bytes_as_ever():
    table = pd.DataFrame({"policy": ["pact", "skills"], "value": [0.1, 1 / 3]})
    assert csv_bytes(table) == table.to_csv(index=False, lineterminator="\n").encode()
    assert csv_bytes(table, "%.3g") == table.to_csv(index=False, lineterminator="\n", float_format="%.3g").encode()
    assert csv_bytes(table.iloc[:0]) == b"policy,value\n"
