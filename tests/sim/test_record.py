"""What came of a cluster: `record.csv` and `record-projects.csv`, read, checked and named."""

import shutil

import pytest

from clusterpact.experiments.making.starter import STARTER
from clusterpact.inputs import InputError
from clusterpact.sim.record import FATES_FILE, RECORD_FILE, PastRecord
from clusterpact.sim.scenario import read_scenario

EMISSIONS = "plant,year,scope1_kt_per_year,closed,switched,note"
FATES = "plant,unit,network,name,as_of_year,fid_year,start_year,given_up_year,source,mark"
KILN = "cement-works,,,Oxyfuel kiln,2027,2026,,,made up,published"
FURNACE = "glass-works,furnace-2,,Electric furnace,2027,,,2026,made up,published"
PAIR = """name = "pair"
title = "Two regions"
clusters = ["north", "south"]
"""


@pytest.fixture
def region(tmp_path):
    """The starter's folder, to put a record into."""
    return shutil.copytree(STARTER, tmp_path / "region")


def write(folder, emissions=(), fates=()):
    """Put a record beside a cluster's files."""
    for name, header, rows in ((RECORD_FILE, EMISSIONS, emissions), (FATES_FILE, FATES, fates)):
        if rows:
            (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def record_of(folder):
    return read_scenario(folder).record


def test_a_cluster_without_a_record_has_an_empty_one(region):
    assert record_of(region) == PastRecord()


def test_a_row_says_what_a_plant_emitted_and_a_blank_that_it_is_not_known(region):
    write(region, ["lime-works,2024,384,0,0,", "lime-works,2025,,,,lost", "lime-works,2026,0,1,,"])
    rows = record_of(region).emitted
    assert [(row.plant, row.year, row.scope1_kt_per_year, row.closed, row.switched) for row in rows] == [
        ("lime-works", 2024, 384.0, 0, 0), ("lime-works", 2025, None, 0, None), ("lime-works", 2026, 0.0, 1, None)
    ]  # fmt: skip
    assert record_of(region).fates == ()


def test_a_plant_of_several_units_has_one_row_a_year(region):
    write(region, ["glass-works,2024,80,,,"])
    assert [row.plant for row in record_of(region).emitted] == ["glass-works"]
    write(region, ["glass-works:furnace-1,2024,48,,,"])
    with pytest.raises(InputError, match="no such firm"):
        record_of(region)


def test_a_plant_that_makes_nothing_for_a_year_has_not_closed(region):
    write(region, ["lime-works,2024,384,,,", "lime-works,2025,0,0,,", "lime-works,2026,380,0,,"])
    assert [row.scope1_kt_per_year for row in record_of(region).emitted] == [384.0, 0.0, 380.0]


def test_a_fate_is_of_a_plant_a_unit_or_a_network(region):
    with (region / "projects.csv").open("a", encoding="utf-8") as file:
        file.write(",,co2-hub,Hub,,planned,2024,2031,,,made up,estimate\n")
    write(region, fates=[KILN, FURNACE, ",,co2-hub,Hub,2027,2026,2027,,made up,published"])
    assert [(row.agent, row.fid_year, row.start_year, row.given_up_year) for row in record_of(region).fates] == [
        ("cement-works", 2026, None, None), ("glass-works:furnace-2", None, None, 2026), ("co2-hub", 2026, 2027, None)
    ]  # fmt: skip


def test_a_project_may_be_decided_and_given_up_later(region):
    write(region, fates=["cement-works,,,Oxyfuel kiln,2028,2026,,2028,made up,published"])
    assert [(row.fid_year, row.given_up_year) for row in record_of(region).fates] == [(2026, 2028)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["lime-work,2024,384,,,"], ["record.csv: plant = 'lime-work'", "no such firm", "'lime-works'"]),
        (["lime-works,2023,384,,,"], ["record.csv: lime-works 2023: year = 2023", "2024 (base_year of cluster.toml) or"]),
        (["lime-works,2024,384,1,,"], ["lime-works 2024: scope1_kt_per_year = 384", "expected 0 or nothing", "closed"]),
        (["lime-works,2026,1,0,,", "lime-works,2025,,1,,"], ["lime-works 2026: closed = 0", "closed in 2025"]),
        (["lime-works,2027,,0,,", "lime-works,2026,,1,,", "lime-works,2025,,1,,"], ["2027: closed = 0", "closed in 2025"]),
        (["lime-works,2025,1,,,", "lime-works,2025,1,,,"], ["plant and year = 'lime-works 2025'", "more than once"]),
        (["lime-works,2025,-1,,,"], ["record.csv:2: scope1_kt_per_year = '-1'", "greater than or equal to 0"]),
        (["lime-works,2025,,2,,"], ["record.csv:2: closed = '2'", "less than or equal to 1"]),
        (["lime-works,2025,,,maybe,"], ["record.csv:2: switched = 'maybe'", "number"]),
        (["lime-works,25,,,,"], ["record.csv:2: year = '25'", "1900"]),
        ([",2025,1,,,"], ["record.csv:2: plant", "missing"]),
    ],
    ids=["unknown", "before", "closed-emits", "reopened", "reopened-last", "twice", "negative", "closed-2", "switched",
         "year", "blank"],
)  # fmt: skip
def test_a_mistake_in_what_plants_emitted_is_one_line(region, rows, words):
    write(region, rows)
    assert_one_line(region, words)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([KILN.replace("kiln,", "kilns,")], ["record-projects.csv: Oxyfuel kilns: name = 'Oxyfuel kilns'",
                                            "no such row of projects.csv for 'cement-works'", "'Oxyfuel kiln'"]),
        ([FURNACE.replace("furnace-2", "furnace-1")], ["'glass-works:furnace-1'"]),
        ([FURNACE.replace("furnace-2", "")], ["for 'glass-works'", "no such row of projects.csv"]),
        ([KILN.replace("2026", "2028")], ["Oxyfuel kiln: fid_year = 2028", "expected as_of_year (2027) or earlier"]),
        ([KILN.replace("2026,,", "2026,2028,")], ["Oxyfuel kiln: start_year = 2028", "as_of_year (2027)"]),
        ([FURNACE.replace("2026", "2028")], ["Electric furnace: given_up_year = 2028", "as_of_year (2027)"]),
        ([KILN.replace("2026,,", "2025,2026,2027")], ["Oxyfuel kiln: given_up_year = 2027", "it started in 2026"]),
        ([KILN, KILN], ["name = 'cement-works Oxyfuel kiln'", "more than once"]),
        ([KILN.replace("published", "sure")], ["record-projects.csv:2: mark = 'sure'", "'published'"]),
        ([KILN.replace("2027", "")], ["record-projects.csv:2: as_of_year", "missing"]),
    ],
    ids=["unknown", "another-unit", "whole-plant", "fid-later", "start-later", "end-later", "start-and-end", "twice", "mark",
         "as-of"],
)  # fmt: skip
def test_a_mistake_in_the_fates_of_projects_is_one_line(region, rows, words):
    write(region, fates=rows)
    assert_one_line(region, words)


def assert_one_line(region, words):
    """Reading a cluster fails in a line that holds all the words."""
    with pytest.raises(InputError) as error:
        read_scenario(region)
    line = str(error.value)
    assert len(line.splitlines()) == 1
    for word in words:
        assert word in line


def test_fates_are_of_no_project_where_none_is_in_hand(region):
    (region / "projects.csv").unlink()
    write(region, fates=[KILN])
    assert_one_line(region, ["record-projects.csv: Oxyfuel kiln: name", "no such row of projects.csv"])


def test_a_network_of_clusters_has_the_records_of_its_members_under_their_names(tmp_path):
    for name in ("north", "south"):
        shutil.copytree(STARTER, tmp_path / name)
        path = tmp_path / name / "cluster.toml"
        path.write_text(path.read_text().replace('"my-cluster"', f'"{name}"'))
    (tmp_path / "clusters.toml").write_text(PAIR)
    write(tmp_path / "north", ["lime-works,2025,300,,,"], [FURNACE])
    write(tmp_path / "south", ["lime-works,2025,200,,,"], [KILN])
    scenario = read_scenario(tmp_path)
    rows = scenario.record.emitted
    assert [(row.plant, row.scope1_kt_per_year) for row in rows] == [
        ("north/lime-works", 300.0),
        ("south/lime-works", 200.0),
    ]
    assert {row.plant for row in rows} <= scenario.sites.keys()
    agents = [row.agent for row in scenario.record.fates]
    assert agents == ["north/glass-works:furnace-2", "south/cement-works"]
    assert set(agents) <= {project.agent for project in scenario.projects}
    assert [member.record.emitted for member in scenario.members] == [(rows[0],), (rows[1],)]


def test_the_fate_of_a_members_network_bears_its_name_too(tmp_path):
    region = shutil.copytree(STARTER, tmp_path / "region")
    with (region / "projects.csv").open("a", encoding="utf-8") as file:
        file.write(",,co2-hub,Hub,,planned,2024,2031,,,made up,estimate\n")
    write(region, fates=[",,co2-hub,Hub,2027,,,2027,made up,published"])
    (fate,) = record_of(region).renamed("north/").fates
    assert (fate.agent, fate.network, fate.plant) == ("north/co2-hub", "north/co2-hub", "")
