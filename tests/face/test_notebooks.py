"""The notebooks of the documentation run from start to end in an empty folder, and are kept without outputs."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.commands import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def test_there_are_two():
    assert [path.stem for path in NOTEBOOKS] == ["first-look", "own-agents"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path):
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_tables_and_pictures(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    resources = {"metadata": {"path": str(tmp_path)}}
    done = NotebookClient(read(path), timeout=240, kernel_name="python3", resources=resources).execute()
    shown = [output.get("data", {}) for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("<table" in data.get("text/html", "") for data in shown)
    assert any("runs" in data.get("text/plain", "") for data in shown)
    if path.stem == "first-look":
        assert sum("image/png" in data for data in shown) == 3
