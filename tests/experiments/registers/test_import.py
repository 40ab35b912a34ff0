"""`clusterpact import`: sums to the tonne, the folder that is written, and selections."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.making.selection import distance_km
from clusterpact.inputs import Model
from clusterpact.sim.buyers import Buyer
from clusterpact.sim.cluster import Financier, Government, Network
from clusterpact.sim.pipeline import Project
from clusterpact.sim.scenario import read_scenario
from clusterpact.sim.units import Unit
from tests.commands import call
from tests.experiments.registers.made_up import INSTALLATIONS, TOTAL_2022, fails, plants, rows, sums, table


def test_plants_and_the_rest_add_up_to_the_register(log, points, hotspots, epa, tmp_path) -> None:
    expected: dict[tuple[str, Path], Decimal | int] = {
        ("eutl", log): TOTAL_2022, ("eutl", points): 640001,
        ("hotmaps", hotspots): Decimal("425100.5"), ("ghgrp", epa): Decimal("2430001.75"),
    }  # fmt: skip
    for number, ((kind, path), total) in enumerate(expected.items()):
        out = tmp_path / f"out{number}"
        assert call("import", kind, path, "--out", out) == 0
        assert sum(sums(out)) == total
        assert read_scenario(out).file.published[0].value == float(total) / 1000


def test_a_folder_holds_a_cluster_that_says_where_it_is_from(log, tmp_path, capsys) -> None:
    out = tmp_path / "muster"
    assert call("import", "eutl", log, "--out", out, "--name", "Muster & Co") == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "buyers.csv", "cluster.toml", "experiment.toml", "firms.csv", "projects.csv", "review.csv", "sources.md",
        "units.csv", "unmapped.csv"]  # fmt: skip
    scenario = read_scenario(out)
    assert (scenario.file.name, scenario.file.title, scenario.file.base_year) == ("muster-co", "Muster & Co", 2022)
    assert {network.kind for network in scenario.file.network} == {"co2_ts", "h2_pipeline", "grid", "waste_heat_network"}
    offers: list[Network | Financier | Government] = [*scenario.file.network, *scenario.file.financier]
    offers += scenario.file.government
    assert all(offer.mark == "estimate" and offer.source for offer in offers)
    page = (out / "sources.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in page
    assert "clusterpact import eutl" in page
    works = plants(out)["XX-1"]
    assert works["sector"] == "primary_steel"
    assert float(works["capacity_kt_per_year"]) == pytest.approx(2000.001 / 1.932, rel=1e-5)
    assert (works["scope1_kt_per_year"], works["free_allocation_kt_per_year"]) == ("2000.001", "2500")
    assert (works["scope1_mark"], works["capacity_mark"]) == ("published", "derived")
    assert plants(out)["XX-2"]["free_allocation_kt_per_year"] == ""
    printed = capsys.readouterr().out
    assert "5 plants, 3,590.134 kt" in printed
    assert "unmapped: 4 sites, 57.005 kt" in printed


def written(row: dict[str, str], model: type[Model]) -> Model:
    """A row of a table as its reader takes it."""
    return model.model_validate({key: cell for key, cell in row.items() if cell})


def test_every_plant_is_one_unit_and_divides_as_the_comment_says(log, tmp_path) -> None:
    out = tmp_path / "muster"
    assert call("import", "eutl", log, "--out", out) == 0
    whole = read_scenario(out)
    assert [(unit.id, unit.unit) for unit in whole.plants if isinstance(unit, Unit)] == [
        (plant.id, "main") for plant in whole.plants
    ]
    (out / "units.csv").rename(tmp_path / "units.csv")
    assert [(plant.id, plant.capacity, plant.scope1_kt_per_year) for plant in read_scenario(out).plants] == [
        (plant.id, plant.capacity, plant.scope1_kt_per_year) for plant in whole.plants
    ]
    lines = (tmp_path / "units.csv").read_text(encoding="utf-8").splitlines()
    works = plants(out)["XX-1"]
    half = str(float(works["capacity_kt_per_year"]) / 2)
    row = next(line for line in lines if line.startswith(works["id"]))
    lines += [row.replace(",main,", f",furnace-{k},").replace(works["capacity_kt_per_year"], half) for k in (1, 2)]
    (out / "units.csv").write_text("\n".join(line for line in lines if line != row), encoding="utf-8")
    assert [unit.id for unit in read_scenario(out).sites[works["id"]]] == [f"{works['id']}:furnace-{k}" for k in (1, 2)]


@pytest.mark.parametrize(
    ("name", "start", "model"), [("projects", "# west-works", Project), ("buyers", "# builders", Buyer)]
)
def test_the_example_in_a_comment_is_a_row_as_its_table_wants_it(log, tmp_path, name, start, model) -> None:
    assert call("import", "eutl", log, "--out", tmp_path / "muster") == 0
    lines = (tmp_path / "muster" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if not line.startswith("#"))
    example = next(line for line in lines if line.startswith(start)).removeprefix("# ")
    (row,) = csv.DictReader([header, example])
    assert None not in (*row, *row.values())
    assert written(row, model).mark in ("published", "estimate")


def test_an_imported_experiment_starts_where_projects_stand(log, tmp_path) -> None:
    assert call("import", "eutl", log, "--out", tmp_path / "muster") == 0
    experiment = load_experiment(str(tmp_path / "muster" / "experiment.toml"))
    assert (experiment.first_year, experiment.last_year) == (2026, 2050)
    assert "grant_share" not in (tmp_path / "muster" / "cluster.toml").read_text(encoding="utf-8")


def test_an_imported_cluster_runs(log, epa, tmp_path) -> None:
    for kind, path in (("eutl", log), ("ghgrp", epa)):
        assert call("import", kind, path, "--out", tmp_path / kind) == 0
        assert (
            call("run", tmp_path / kind / "experiment.toml", "--runs", 2, "--no-figures", "-q", "--out", tmp_path / "run")
            == 0
        )
        (tmp_path / "run").rename(tmp_path / f"run-{kind}")


def test_what_is_left_out_is_listed_with_its_reason(log, tmp_path) -> None:
    out = tmp_path / "out"
    assert call("import", "eutl", log, "--min-kt", 1, "--out", out) == 0
    reasons = {row["register_id"]: row["reason"] for row in rows(out / "unmapped.csv")}
    assert reasons["XX-4"] == "below --min-kt 1"
    assert "N2O" in reasons["XX-5"]
    assert "Not a site" in reasons["XX-6"]
    assert reasons["XX-7"] == "no emissions in 2022 (blank)"
    assert reasons["XX-8"] == "no emissions in 2022 (Excluded)"
    assert sum(sums(out)) == TOTAL_2022


def test_the_year_can_be_chosen(log, tmp_path, capsys) -> None:
    assert call("import", "eutl", log, "--year", 2021, "--out", tmp_path / "a") == 0
    assert plants(tmp_path / "a")["XX-1"]["scope1_kt_per_year"] == "2900"
    assert plants(tmp_path / "a")["XX-7"]["scope1_kt_per_year"] == "5"
    assert "it holds 2021 to 2022" in fails(capsys, tmp_path / "b", "eutl", log, "--year", 1999)


def test_places_without_a_carbon_price_get_their_own_prices(epa, tmp_path) -> None:
    out = tmp_path / "out"
    assert call("import", "ghgrp", epa, "--out", out) == 0
    carbon = [price for price in read_scenario(out).tables.prices if price.carrier == "carbon"]
    assert carbon
    assert all(price.low == price.mid == price.high == 0 for price in carbon)


def test_owners_are_the_companies_that_a_register_names(log, hotspots, epa, tmp_path) -> None:
    for kind, path in (("eutl", log), ("hotmaps", hotspots), ("ghgrp", epa)):
        assert call("import", kind, path, "--out", tmp_path / kind) == 0
    found = {key: (row["owner"], row["owner_mark"]) for key, row in plants(tmp_path / "eutl").items()}
    assert found["XX-1"] == found["XX-2"] == ("muster-holding", "derived")
    assert found["XX-3"] == ("zement-nord-gmbh", "derived")
    assert plants(tmp_path / "hotmaps")["2"]["owner"] == "glas-ag"
    assert {(row["owner"], row["owner_mark"]) for row in plants(tmp_path / "ghgrp").values()} == {("", "")}


def test_a_site_of_no_owner_is_not_called_like_the_owner_of_another(tmp_path) -> None:
    sites = ["XX-1,,Muster,,w,C,01,XX,31,Glass,,1,,1000", "XX-2,Muster,Wanne,,w,C,01,XX,31,Glass,,1,,2000",
             "XX-3,Wanne,Wanne Drei,,w,C,01,XX,31,Glass,,1,,2000"]  # fmt: skip
    path = table(tmp_path / "log.csv", INSTALLATIONS, sites)
    assert call("import", "eutl", path, "--out", tmp_path / "out") == 0
    ids = [(row["id"], row["owner"]) for row in rows(tmp_path / "out" / "firms.csv")]
    assert sorted(ids) == [("muster-xx-1", ""), ("wanne", "muster"), ("wanne-drei", "wanne")]


def test_sites_of_one_name_get_ids_of_their_own(tmp_path) -> None:
    twins = [
        f"XX-{k},Muster,{name},,w,C,01,XX,31,Glass,,1,,{k}000" for k, name in enumerate(("Werk", "Werk", "Grid", "ΥΑΛΟΣ"), 1)
    ]
    path = table(tmp_path / "log.csv", INSTALLATIONS, twins)
    assert call("import", "eutl", path, "--out", tmp_path / "out") == 0
    assert {row["id"] for row in rows(tmp_path / "out" / "firms.csv")} == {"werk-xx-1", "werk-xx-2", "grid-xx-3", "yalos"}


# Selections


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--postcode", "010,030"], {"XX-1", "XX-2", "XX-4"}),
        (["--parent", "MUSTER hold"], {"XX-1", "XX-2"}),
        (["--parent", "kessel"], {"XX-4"}),
        (["--ids", "XX-3, XX-9"], {"XX-3", "XX-9"}),
        (["--country", "xx"], {"XX-1", "XX-2", "XX-3", "XX-4", "XX-9"}),
        (["--postcode", "01", "--ids", "XX-1,XX-3"], {"XX-1"}),
    ],
)
def test_accounts_are_selected(options, ids, log, tmp_path) -> None:
    assert call("import", "eutl", log, *options, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == ids


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--within", "50km", "--of", "50.0,2.0"], {"FR-11"}),
        (["--within", "60km", "--of", "50.0,2.0"], {"FR-11", "FR-12"}),
        (["--bbox", "50.4,1,51,3"], {"FR-12"}),
        (["--bbox", "40,1,51,10", "--postcode", "06"], {"FR-13"}),
        (["--year", "2021"], {"FR-11"}),
    ],
)
def test_places_are_selected(options, ids, points, tmp_path) -> None:
    assert call("import", "eutl", points, *options, "--out", tmp_path / "out") == 0
    assert set(plants(tmp_path / "out")) == ids


def test_states_and_postcodes_with_leading_zeros_are_selected(epa, tmp_path) -> None:
    assert call("import", "ghgrp", epa, "--state", "la", "--out", tmp_path / "la") == 0
    assert set(plants(tmp_path / "la")) == {"101", "102", "103"}
    assert call("import", "ghgrp", epa, "--postcode", "021", "--out", tmp_path / "ma") == 0
    assert set(plants(tmp_path / "ma")) == {"104"}


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("eutl", ["--within", "60km", "--of", "51,2"], "no coordinates to rely on"),
        ("eutl", ["--bbox", "50,1,51,2"], "--bbox"),
        ("eutl", ["--state", "LA"], "names no states"),
        ("hotmaps", ["--state", "LA"], "names no states"),
        ("ghgrp", ["--parent", "Exxon"], "names no parent companies"),
        ("ghgrp", ["--state", "ZZ"], "no site in this state"),
        ("eutl", ["--ids", "XX-77"], "did you mean"),
        ("eutl", ["--postcode", "999"], "matches none of its 9 sites"),
        ("eutl", ["--postcode", "02009"], "leaves no plant"),
        ("eutl", ["--within", "60km"], "together with --of"),
        ("hotmaps", ["--within", "far", "--of", "51,2"], "such as 60km"),
        ("hotmaps", ["--within", "0km", "--of", "51,2"], "such as 60km"),
        ("hotmaps", ["--within", "60km", "--of", "2"], "LAT,LON"),
        ("hotmaps", ["--within", "60km", "--of", "nan,2"], "LAT,LON"),
        ("hotmaps", ["--bbox", "51,2,50,3"], "S,W,N,E"),
        ("hotmaps", ["--bbox", "1,2,3"], "S,W,N,E"),
        ("eutl", ["--min-kt", "inf"], "finite"),
        ("eutl", ["--min-kt", "1e9"], "leaves no plant"),
        ("eutl", ["--name", "!!"], "letters or digits"),
        ("eutl", ["--parent", ""], "a text to look for"),
        ("eutl", ["--ids", ","], "separated by commas"),
    ],
)
def test_a_selection_that_cannot_be_answered_is_one_line(kind, options, words, log, hotspots, epa, tmp_path, capsys) -> None:
    file = {"eutl": log, "hotmaps": hotspots, "ghgrp": epa}[kind]
    assert words in fails(capsys, tmp_path / "out", kind, file, *options)


def test_distances_on_the_sphere_are_within_half_a_per_cent() -> None:
    """Against geodesics on WGS 84: a degree of the meridian at 45 and 89.5 degrees, one of the equator, Paris-New York."""
    for one, other, km in (((44.5, 3), (45.5, 3), 111.132), ((89, 3), (90, 3), 111.694), ((0, 0), (0, 1), 111.320),
                           ((48.8566, 2.3522), (40.7128, -74.006), 5852.9)):  # fmt: skip
        assert distance_km(one, other) == pytest.approx(km, rel=0.005)
