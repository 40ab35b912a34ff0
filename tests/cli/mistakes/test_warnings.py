"""What is allowed and looks wrong is said on stderr with a name, ends with exit code 0, and can be accepted."""

import pytest

import clusterpact as cp
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.layers import experiment_names
from clusterpact.sim.scenario import CLUSTERS, cluster_names, read_scenario
from tests.cli.mistakes.edits import CLUSTER, EXPERIMENT, FIRMS, PROJECTS, VALIDATE, add, both, horizon, put, write
from tests.commands import call

EMPTY = b""


def late(year):
    """The starter's variant, whose guarantee begins in a year."""
    return put(EXPERIMENT, "[[2026, 0.0], [2028, 0.5]]", f"[[{year}, 0.5]]")


WARNINGS = {
    "scope1:glass-works": (put(FIRMS, "200,,80,", "200,,80000,"), ("firms.csv", "80,000 kt", "is 80 kt")),
    "scope1:lime-works": (put(FIRMS, "400,,384,", "400,,0.384,"), ("0.384 kt", "384 kt")),
    "blank-scope1": (put(FIRMS, "1000,,611,", "1000,,,"), ("cement-works", "611.0 kt a year")),
    "capacity:cement-works": (put(FIRMS, "1000,,611,", "999999,,611,"), ("999,999 kt", "largest")),
    "network:co2-hub": (put(CLUSTER, "capex_meur = 300.0", "capex_meur = 300000.0"), ("co2-hub", "capex_meur")),
    "unread:own_prices.csv": (write("own_prices.csv", EMPTY), ("nothing reads", "'own-prices.csv'")),
    "unread:Firms.csv": (write("Firms.csv", EMPTY), ("'firms.csv'",)),
    "unread:projects.CSV": (write("projects.CSV", EMPTY), ("'projects.csv'",)),
    "unread:Cluster.toml": (write("Cluster.toml", EMPTY), ("nothing reads",)),
    "unread:plants.xlsx": (write("plants.xlsx", EMPTY), ("known: ",)),
    "unread:units.csv.txt": (write("units.csv.txt", EMPTY), ("'units.csv'",)),
    "begins:pact+guarantee/infrastructure_guarantee_share": (late(2051), ("begins in 2051", "to 2050")),
    "begins:law/grant_share": (
        put(CLUSTER, "grant_share = 0.15", "grant_share = { schedule = [[2060, 0.1]] }"),
        ("begins in 2060",),
    ),
    "horizon:prices": (horizon("[1990, 2020]"), ("1990", "2025")),
    "horizon:base-year": (horizon("[1990, 2020]"), ("1990", "base_year")),
    "targets": (put(EXPERIMENT, "2050 = 0.95", "2050 = 0.1"), ("0.3 in 2030", "0.1 in 2050")),
    "windows:past": (put(EXPERIMENT, "[targets]", "[windows]\npast = [2027, 2029]\n[targets]"), ("no record",)),
    "announced:Electric furnace": (put(PROJECTS, "planned,2024,2029", "planned,2028,2029"), ("2028",)),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_what_looks_wrong_is_said_and_can_be_accepted(name, work, capsys):
    edit, words = WARNINGS[name]
    edit(work / "region")
    assert call(*VALIDATE) == 0
    printed = capsys.readouterr()
    line = next(line for line in printed.err.splitlines() if line.endswith(f"[{name}]"))
    assert line.startswith("warning: region/")
    for word in words:
        assert word in line
    put(EXPERIMENT, "runs = 200", f'runs = 200\naccept = ["{name}"]')(work / "region")
    assert call(*VALIDATE) == 0
    assert f"[{name}]" not in capsys.readouterr().err


def test_a_slip_of_emissions_is_told_where_it_breaks_a_resource_first(work, capsys):
    put(FIRMS, "1000,,611,", "1000,,611000,")(work / "region")
    assert call(*VALIDATE) == 2
    line = capsys.readouterr().err
    assert "resource[1].available_per_year" in line
    assert "cement-works: scope1_kt_per_year: 611,000 kt CO2e a year" in line
    assert "what its technology emits is 611 kt" in line


def test_the_author_of_a_cluster_accepts_with_a_pattern_and_hears_of_what_fits_nothing(work, capsys):
    both(write("Firms.csv", EMPTY), write("Units.csv", EMPTY))(work / "region")
    put(CLUSTER, "title =", 'accept = ["unread:*", "scope1:lime-works"]\ntitle =')(work / "region")
    for command in (("validate", "region"), ("show", "region")):
        assert call(*command) in (0, None)
        assert capsys.readouterr().err == (
            "warning: region/cluster.toml: accept = 'scope1:lime-works' fits no warning [accept:scope1:lime-works]\n"
        )


def test_python_gets_the_warnings_and_no_id_hangs_on_them(work):
    quiet = cp.experiment("region/experiment.toml")
    assert quiet.warnings == ()
    put(EXPERIMENT, "2050 = 0.95", "2050 = 0.1")(work / "region")
    loud = cp.experiment("region/experiment.toml")
    assert [warning.name for warning in loud.warnings] == ["targets"]
    put(EXPERIMENT, "runs = 200", 'runs = 200\naccept = ["targets"]')(work / "region")
    assert cp.experiment("region/experiment.toml").warnings == ()
    assert cp.experiment("region/experiment.toml").id == loud.id


def test_notes_hidden_files_folders_and_experiments_are_no_tables(work):
    region = work / "region"
    for name in ("README.md", "sources.md", "unmapped.csv", "review.csv", "experiment-2.toml", ".cluster.toml.swp", "a.png"):
        (region / name).write_bytes(EMPTY)
    (region / "runs.csv").mkdir()
    assert read_scenario(region).doubts == ()


def test_emissions_that_are_missing_are_those_of_the_technology_and_a_stated_0_stays(work):
    rows = [line.split(",") for line in (work / "region" / FIRMS).read_text().replace('"PFR kiln, gas"', "PFR").splitlines()]
    at = rows[0].index("scope1_kt_per_year")
    table = "\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows).replace("PFR", '"PFR kiln, gas"')
    (work / "region" / FIRMS).write_text(table + "\n")
    read = read_scenario(work / "region")
    assert sum(plant.scope1_kt_per_year for plant in read.plants) == pytest.approx(2068.9, abs=0.05)
    assert [doubt.name for doubt in read.doubts] == ["blank-scope1"]


def test_a_stated_0_stands_idle_and_a_planned_or_clean_plant_emits_nothing(work):
    put(FIRMS, "400,,384,", "400,,0,")(work / "region")
    add(FIRMS, "new,New,cement,dry kiln (EU fuel mix),planned,100,,,,,,,,x\n")(work / "region")
    add(FIRMS, "clean,Clean,process_heat,e-boiler,operating,,100,,,,,,,x\n")(work / "region")
    read = read_scenario(work / "region")
    emitted = {plant.id: plant.scope1_kt_per_year for plant in read.plants}
    assert (emitted["lime-works"], emitted["new"], emitted["clean"]) == (0, 0, 0)
    assert read.doubts == ()


@pytest.mark.parametrize("name", cluster_names())
def test_clusters_of_the_library_raise_no_doubts(name):
    assert read_scenario(CLUSTERS / name).doubts == ()


def test_experiments_of_the_library_raise_no_doubts():
    assert [warning for name in experiment_names() for warning in load_experiment(name).warnings] == []
