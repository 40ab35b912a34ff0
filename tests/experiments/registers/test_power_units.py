"""Sites whose power units the workbook tells apart: a plant for the process, and one for the power units."""

from decimal import Decimal

import pytest

from clusterpact.experiments.making.ghgrp import divide, read_ghgrp
from clusterpact.sim.tables import read_tables
from tests.commands import ROOT, call
from tests.experiments.registers.made_up import FACILITY, fails, plants, rows, sums, workbook

HEADER = [*FACILITY, "Stationary Combustion", "Electricity Generation", "Aluminum Production"]
REAL = ROOT.parent / "shared" / "facts" / "registries" / "epa_ghgp_data_2023.xlsx"


def site(number: int, naics: int, total: float, combustion: float, power: float, process: float, *,
         name: str = "", n2o: float = 0.0) -> list[object]:  # fmt: skip
    place = ["Dry", "IN", 47601, 37.9, -87.3, naics, "C,D", "x", total]
    return [number, 1.0, name or f"WORKS {number}", *place, total - n2o, n2o, combustion, power, process]


SITES = [
    site(1, 331313, 4867518.536, 32922.276, 4610374.694, 224221.566, n2o=24000.0),
    site(2, 325180, 2557973.872, 135.4, 2557838.472, 0, n2o=1200.0),
    site(3, 322120, 900000.5, 899700.25, 300.25, 0),
    site(4, 562910, 500000.0, 200000.0, 300000.0, 0),
    site(5, 221112, 700000.0, 100000.0, 600000.0, 0),
    site(6, 324110, 600000.0, 600000.0, 0, 0),
]


@pytest.fixture
def works(tmp_path):
    return workbook(tmp_path / "works.xlsx", header=HEADER, rows=SITES)


def test_a_smelter_with_a_power_station_is_two_plants_that_add_up(works, tmp_path) -> None:
    assert call("import", "ghgrp", works, "--ids", "1", "--out", tmp_path / "out") == 0
    found = plants(tmp_path / "out")
    assert set(found) == {"1", "1-power"}
    smelter, power = found["1"], found["1-power"]
    assert (smelter["sector"], power["sector"]) == ("primary_aluminium", "coal_power")
    assert Decimal(smelter["scope1_kt_per_year"]) == Decimal("257.143842")
    assert Decimal(power["scope1_kt_per_year"]) == Decimal("4610.374694")
    cell = next(row for row in read_tables().technologies if row.technology == "prebake (grid power)")
    assert float(smelter["capacity_kt_per_year"]) == pytest.approx(257.143842 / cell.co2_direct_t_per_unit, rel=1e-5)
    assert smelter["owner"] == power["owner"] == "works-1"
    assert "of the 4,867.5 kt of facility 1" in power["note"]
    assert sum(sums(tmp_path / "out")) == Decimal("4867518.536")


def test_parts_too_small_for_a_plant_stay_with_the_rest(works, tmp_path) -> None:
    assert call("import", "ghgrp", works, "--out", tmp_path / "out") == 0
    found = plants(tmp_path / "out")
    assert {key: row["sector"] for key, row in found.items()} == {
        "1": "primary_aluminium", "1-power": "coal_power", "2": "gas_power", "3": "paper", "4-power": "gas_power",
        "5": "gas_power", "6": "refinery",
    }  # fmt: skip
    assert "All but 135 t is of its power units" in found["2"]["note"]
    assert [row["emissions_t"] for row in rows(tmp_path / "out" / "unmapped.csv")] == ["200000"]
    assert sum(sums(tmp_path / "out")) == sum(Decimal(repr(row[11])) for row in SITES)


def test_more_from_power_than_in_all_is_one_line(tmp_path, capsys) -> None:
    path = workbook(tmp_path / "bad.xlsx", header=HEADER, rows=[site(1, 331313, 1000.0, 0, 5000.0, 0)])
    line = fails(capsys, tmp_path / "out", "ghgrp", path)
    assert ":5: Electricity Generation = '5000': more than the site's total (1,000 t)" in line


def test_years_whose_processes_are_not_told_are_not_divided(tmp_path) -> None:
    header = [f"2022 {name}" if name.startswith("Total") else name for name in HEADER] + [
        "2023 Total reported direct emissions"
    ]
    path = workbook(tmp_path / "years.xlsx", header=header, rows=[[*SITES[0], 5e6]])
    assert call("import", "ghgrp", path, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == {"1"}


def test_the_real_summary_holds_no_works_that_is_mostly_a_power_station() -> None:
    if not REAL.is_file():
        pytest.skip("the summary is not at hand")
    whole = read_ghgrp(REAL).sites
    sites = divide(whole)
    for site in sites:
        if not site.activity.startswith("2211"):
            assert site.power_t <= max(1000.0, 0.01 * sum(site.emissions_t.values())), site.name
    assert sum(site.emissions_t.get(2023, 0.0) for site in sites) == pytest.approx(
        sum(site.emissions_t.get(2023, 0.0) for site in whole), abs=0.5
    )
    smelter, power = (site for site in sites if "WARRICK OPERATIONS" in site.name)
    assert round(smelter.emissions_t[2023]) == 257144
    assert (round(power.emissions_t[2023]), power.traits) == (4610375, "coal")
