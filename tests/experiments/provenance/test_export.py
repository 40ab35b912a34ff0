"""`clusterpact export`: numbers of a result in a workbook and in the format of scenario databases."""

import io
import time

import pandas as pd
import pytest
from openpyxl import load_workbook

from clusterpact.experiments.folder.export import workbook
from clusterpact.experiments.folder.manifest import read_manifest
from clusterpact.results.iamc import INDEX, iamc_table
from clusterpact.results.summary import read_table
from tests.commands import call


@pytest.fixture(scope="module")
def exported(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    assert call("export", made, "--xlsx", folder / "r.xlsx", "--iamc", folder / "r.csv") == 0
    return folder


def test_the_workbook_says_what_it_is_and_holds_numbers_as_numbers_under_their_units(exported, made):
    book = load_workbook(exported / "r.xlsx")
    assert book.sheetnames == ["about", "summary", "bands", "outcomes", "projects", "pipeline"]
    facts = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert facts["result"] == read_manifest(made).id
    assert "AUTHORS (YEAR)" in facts["how to cite"]
    assert "source" in facts
    for name in ("outcomes", "bands"):
        sheet, table = book[name], read_table(made, name)
        rows = list(sheet.iter_rows(values_only=True))
        assert sheet.freeze_panes == "A3"
        assert list(rows[0]) == list(table.columns)
        assert all(rows[1])
        assert len(rows) == 2 + len(table)
    place = rows[0].index("mean")
    assert [row[place] for row in rows[2:12]] == pytest.approx(table["mean"].head(10).tolist())


def test_a_workbook_is_the_same_whenever_it_is_written_and_bears_the_date_of_its_result(exported, made, tmp_path):
    time.sleep(2.1)  # the resolution of times in a zip
    assert call("export", made, "--xlsx", tmp_path / "again.xlsx") == 0
    assert (tmp_path / "again.xlsx").read_bytes() == (exported / "r.xlsx").read_bytes()
    assert f"{load_workbook(tmp_path / 'again.xlsx').properties.created:%Y-%m-%dT%H:%M:%SZ}" == read_manifest(made).started


def test_names_that_look_like_formulas_or_hold_what_xml_cannot_stay_text():
    table = pd.DataFrame({"=name": ["=1+1", "a\x01b"], "value": [float("nan"), 2.0]})
    sheet = load_workbook(io.BytesIO(workbook({"s": (["=name", "value"], ["-", "="], table)}, "2026-01-01T00:00:00Z")))["s"]
    cells = [(cell.value, cell.data_type) for row in sheet.iter_rows() for cell in row]
    assert cells == [("=name", "s"), ("value", "s"), ("-", "s"), ("=", "s"), ("=1+1", "s"), (None, "n"),
                     ("a\ufffdb", "s"), (2, "n")]  # fmt: skip


def test_the_iamc_file_has_a_row_per_scenario_and_variable_and_years_across(exported, made):
    table, bands = pd.read_csv(exported / "r.csv"), read_table(made, "bands")
    assert tuple(table.columns[:5]) == INDEX
    assert [int(year) for year in table.columns[5:]] == sorted(bands["year"].unique())
    assert not table.duplicated(list(INDEX)).any()
    assert not table.isna().any(axis=None)
    rows = table[table["Scenario"] == "pact"].set_index("Variable")
    emitted = bands[(bands["policy"] == "pact") & (bands["measure"] == "scope1_kt")].set_index("year")
    assert rows.loc["Emissions|Kyoto Gases", "Unit"] == "Mt CO2-equiv/yr"
    assert rows.loc["Emissions|Kyoto Gases", "2050"] == pytest.approx(emitted.loc[2050, "mean"] / 1000)
    assert rows.loc["Emissions|Kyoto Gases|95.0th Percentile", "2050"] == pytest.approx(emitted.loc[2050, "q95"] / 1000)
    left = rows[rows.index.str.startswith("Remaining") & ~rows.index.str.endswith("Percentile")]
    assert left["2050"].sum() + rows.loc["Emissions Reduction|Kyoto Gases", "2050"] == pytest.approx(100, abs=0.4)


def test_as_a_workbook_it_is_the_sheet_that_readers_of_the_format_look_for(made, tmp_path):
    assert call("export", made, "--iamc", tmp_path / "r.xlsx") == 0
    held = pd.read_excel(tmp_path / "r.xlsx", sheet_name="data")
    expected = iamc_table(read_table(made, "bands"), held["Model"][0], held["Region"][0])
    held.columns = held.columns.astype(str)
    pd.testing.assert_frame_equal(held, expected, check_dtype=False)


@pytest.mark.parametrize(("words", "line"), [
    ((), "no format given; expected --xlsx FILE or --iamc FILE"),
    (("--xlsx", "r.csv"), "expected a name that ends in .xlsx"),
    (("--iamc", "r.txt"), "expected a name that ends in .csv or .xlsx"),
    (("--xlsx", "there.xlsx"), "exists; expected the name of a new file"),
])  # fmt: skip
def test_mistakes_are_one_line(made, tmp_path, monkeypatch, capsys, words, line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.xlsx").write_text("mine")
    assert call("export", made, *words) == 2
    assert line in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["there.xlsx"]
