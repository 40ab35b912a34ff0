"""`clusterpact import` on real registers, where they are at hand: to the tonne."""

import math
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from clusterpact.experiments.making.eutl import read_eutl
from clusterpact.experiments.making.hotmaps import read_hotmaps
from tests.commands import ROOT, call
from tests.experiments.registers.made_up import plants, rows, sums

REGISTRIES = ROOT.parent / "shared" / "facts" / "registries"


def eutl_total(path: Path, columns: tuple[str, ...], year: str = "2022") -> Decimal:
    """The register's own sum, told with another reader."""
    found = pd.read_csv(path, dtype=str)
    if "year" in found:
        return Decimal(int(pd.to_numeric(found.loc[found["year"] == year, columns[0]]).sum()))
    return Decimal(repr(math.fsum(pd.to_numeric(found[columns[0]], errors="coerce").dropna())))


REAL = [
    ("eutl_installations-DE.csv", "eutl", "VerifiedEmissions_2022"),
    ("eutl_installations-FR.csv", "eutl", "VerifiedEmissions_2022"),
    ("eutl_emissions-FR-geo.csv", "eutl", "emissions"),
    ("extract_eutl_brescia_province.csv", "eutl", "tco2_2022"),
    ("extract_eutl_dunkerque_60km.csv", "eutl", "tco2_2022"),
    ("extract_eutl_lombardy.csv", "eutl", "tco2_2022"),
    ("extract_eutl_nrw.csv", "eutl", "tco2_2022"),
]


@pytest.mark.parametrize(("file", "kind", "column"), REAL)
def test_a_real_log_is_imported_to_the_tonne(file, kind, column, tmp_path) -> None:
    path = REGISTRIES / file
    if not path.is_file():
        pytest.skip(f"{file} is not at hand")
    assert call("import", kind, path, "--out", tmp_path / "out") == 0
    assert sum(sums(tmp_path / "out")) == eutl_total(path, (column,))


def test_the_whole_real_database_is_read_to_the_tonne() -> None:
    path = REGISTRIES / "hotmaps_Industrial_Database.csv"
    if not path.is_file():
        pytest.skip("the database is not at hand")
    found = pd.read_csv(path, sep=";")
    expected = found["Emissions_ETS_2014"].fillna(found["Emissions_EPRTR_2014"]).dropna()
    tonnes = [site.emissions_t[2014] for site in read_hotmaps(path).sites if site.emissions_t]
    assert (len(tonnes), math.fsum(tonnes)) == (len(expected), math.fsum(expected))


@pytest.mark.parametrize("prefer", ["ets", "eprtr"])
def test_the_real_database_is_imported_to_the_tonne(prefer, tmp_path) -> None:
    path = REGISTRIES / "hotmaps_Industrial_Database.csv"
    if not path.is_file():
        pytest.skip("the database is not at hand")
    found = pd.read_csv(path, sep=";")
    found = found[found["Country"] == "Germany"]
    ets, eprtr = found["Emissions_ETS_2014"], found["Emissions_EPRTR_2014"]
    expected = (ets.fillna(eprtr) if prefer == "ets" else eprtr.fillna(ets)).dropna()
    assert call("import", "hotmaps", path, "--prefer", prefer, "--country", "Germany", "--out", tmp_path / "out") == 0
    assert float(sum(sums(tmp_path / "out"))) == pytest.approx(math.fsum(expected), abs=0.01)


def test_the_real_workbook_is_imported_to_the_tonne(tmp_path) -> None:
    path = REGISTRIES / "epa_ghgp_data_2023.xlsx"
    if not path.is_file():
        pytest.skip("the workbook is not at hand")
    found = pd.read_excel(path, sheet_name="Direct Point Emitters", header=3)
    expected = math.fsum(found.loc[found["State"] == "LA", "Total reported direct emissions"])
    assert call("import", "ghgrp", path, "--state", "LA", "--out", tmp_path / "out") == 0
    assert float(sum(sums(tmp_path / "out"))) == pytest.approx(expected, abs=0.01)


def test_the_shipped_dunkirk_agrees_with_its_register(tmp_path) -> None:
    """Sites of the Dunkirk cluster get the sector that was chosen by hand, but for stand-ins."""
    path = REGISTRIES / "eutl_emissions-FR-geo.csv"
    if not path.is_file():
        pytest.skip("the register is not at hand")
    assert len(read_eutl(path).sites) == 1570
    assert call("import", "eutl", path, "--within", "60km", "--of", "51.03,2.37", "--out", tmp_path / "out") == 0
    shipped = {row["register_id"]: row for row in rows(Path("sim/library/clusters/dunkirk/firms.csv")) if row["register_id"]}
    found = plants(tmp_path / "out")
    assert set(shipped) <= set(found)
    agreed = [key for key, row in shipped.items() if row["sector"] == found[key]["sector"]]
    assert len(agreed) >= 15
    for key, row in shipped.items():
        assert float(row["scope1_kt_per_year"]) == pytest.approx(float(found[key]["scope1_kt_per_year"]), abs=0.06)
