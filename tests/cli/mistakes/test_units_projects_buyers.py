"""A mistake in the tables of units, projects and buyers: one edit, and words that the line must hold."""

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import world_of
from clusterpact.sim.scenario import read_scenario
from tests.cli.mistakes.edits import (
    BUYERS,
    FIRMS,
    PROJECTS,
    UNITS,
    add,
    assert_holds,
    both,
    drop_tables,
    link,
    make_folder,
    mistake,
    put,
    write,
)

FURNACE = "region/units.csv: glass-works:furnace-2"


def unit_column(name, first, second):
    """A column of the units in the place of their age."""
    return both(put(UNITS, "campaign_age_years", name), put(UNITS, "120,,4,", f"120,,{first},"),
                put(UNITS, "80,,11,", f"80,,{second},"))  # fmt: skip


ROW = {"plant": "lime-works", "unit": "", "network": "", "name": "One more", "technology": "PFR kiln+CCS (amine)",
       "stage": "planned", "announced": 2024, "start": 2030, "grant": "", "strike": "", "source": "made up",
       "mark": "estimate"}  # fmt: skip


def project(**cells):
    """One more project."""
    return add(PROJECTS, ",".join(map(str, (ROW | cells).values())) + "\n")


def hub(stage="planned", **cells):
    """A project of the CO2 hub."""
    return project(**{"plant": "", "network": "co2-hub", "technology": "", "stage": stage} | cells)


ONE = "region/projects.csv: One more: "

UNITS_MISTAKES = [
    mistake("units of an unknown plant", put(UNITS, "glass-works,furnace-2", "glas-works,furnace-2"),
            "region/units.csv: furnace-2: plant = 'glas-works'", "no such firm", "'glass-works'"),
    mistake("unit twice", put(UNITS, "furnace-2,", "furnace-1,"), "units.csv: unit = 'glass-works:furnace-1'",
            "more than once"),
    mistake("unit with blanks", put(UNITS, "furnace-2,", "Furnace 2,"), "units.csv:5: unit = 'Furnace 2'", "hyphens"),
    mistake("unit without a name", put(UNITS, "Furnace 2", ""), "region/units.csv:5: name", "missing"),
    mistake("capacities that do not add up", put(UNITS, "80,,", "90,,"), "units.csv: plant = 'glass-works'",
            "add up to its 200", "found 210"),
    mistake("capacity of a unit missing", put(UNITS, "80,,", ",,"), f"{FURNACE}: capacity_kt_per_year", "missing"),
    mistake("capacity of a unit in the wrong column", put(UNITS, "80,,", ",80,"), f"{FURNACE}: capacity_gwh_per_year = 80",
            "expected capacity_kt_per_year"),
    mistake("capacity of a unit in both columns", put(UNITS, "80,,", "80,80,"), f"{FURNACE}: capacity_gwh_per_year = 80",
            "expected capacity_kt_per_year"),
    mistake("unit without capacity", put(UNITS, "80,,", "0,,"), "units.csv:5: capacity_kt_per_year = '0'",
            "greater than 0"),
    mistake("shares beyond one", unit_column("scope1_share", 0.5, 0.6), "units.csv: plant = 'glass-works'",
            "scope1_share", "add up to 1, found 1.1"),
    mistake("shares in percent", unit_column("scope1_share", 60, 40), "units.csv:4: scope1_share = '60'", "1"),
    mistake("a share in one row only", unit_column("scope1_share", 0.5, ""), f"{FURNACE}: scope1_share",
            "all rows of a plant, or in none"),
    mistake("technology of a unit unknown", unit_column("technology", "", "all-electric meltr"),
            f"{FURNACE}: technology = 'all-electric meltr'", "'glass'", "'all-electric melter'"),
    mistake("technology of another sector", unit_column("technology", "", "SMR-HB"), f"{FURNACE}: technology = 'SMR-HB'",
            "no such technology in sector 'glass'"),
    mistake("emissions of a clean unit",
            both(put(UNITS, "glass-works,furnace-1,Furnace 1,120,,4", "food-factory,one,One,,100,gas boiler"),
                 put(UNITS, "glass-works,furnace-2,Furnace 2,80,,11", "food-factory,two,Two,,200,e-boiler"),
                 put(UNITS, "campaign_age_years", "technology"), put(PROJECTS, "furnace-2", "")),
            "units.csv: food-factory:two: technology = 'e-boiler'", "emits nothing", "scope1_share"),
    mistake("last year before the base year", unit_column("last_year", "", 2023), f"{FURNACE}: last_year = 2023",
            "expected 2024", "base_year"),
    mistake("last year in words", unit_column("last_year", "", "soon"), "units.csv:5: last_year = 'soon'", "number"),
    mistake("last year of a plant that is planned",
            both(unit_column("last_year", "", 2030), put(FIRMS, "furnace,operating,200,,80", "furnace,planned,200,,0")),
            f"{FURNACE}: last_year = 2030", "planned"),
    mistake("another technology for a unit of a planned plant",
            both(unit_column("technology", "", "all-electric melter"),
                 put(FIRMS, "furnace,operating,200,,80", "furnace,planned,200,,0")),
            f"{FURNACE}: technology = 'all-electric melter'", "expected 'gas regenerative furnace'"),
    mistake("units empty", write(UNITS, b""), "region/units.csv: line 1, column 'plant'", "missing column"),
    mistake("units of comments only", write(UNITS, b"# nothing yet\n"), "units.csv: line 1, column 'plant'",
            "missing column"),
    mistake("units a folder", make_folder(UNITS), "region/units.csv", "is a folder"),
    mistake("column of units misspelt below comments", put(UNITS, "name,", "nam,"), "units.csv: line 3, column 'nam'",
            "unknown column", "'name'"),
    mistake("a comment after a row", put(UNITS, "made up,estimate\n", "made up,estimate # new\n"),
            "units.csv:4: mark = 'estimate # new'", "'estimate'"),
]  # fmt: skip

PROJECTS_MISTAKES = [
    mistake("project of an unknown plant", project(plant="lime-work"), f"{ONE}plant = 'lime-work'", "no such firm",
            "'lime-works'"),
    mistake("project of an unknown unit", project(plant="glass-works", unit="furnace-3"), f"{ONE}unit = 'furnace-3'",
            "no such unit of 'glass-works'", "'furnace-"),
    mistake("project of a plant of units", project(plant="glass-works"), f"{ONE}unit", "missing", "furnace-1, furnace-2"),
    mistake("project of a unit of a plant without units", project(unit="kiln-1"), f"{ONE}unit = 'kiln-1'",
            "expected none", "not divided into units"),
    mistake("project of an unknown network", hub(network="co2-hab"), f"{ONE}network = 'co2-hab'", "no such network",
            "'co2-hub'"),
    mistake("project of a plant and a network", project(network="co2-hub"), f"{ONE}plant = 'lime-works'",
            "either a plant or a network", "both"),
    mistake("project of nobody", project(plant=""), f"{ONE}plant", "either a plant or a network", "none"),
    mistake("two projects of a network", both(hub(), hub()), f"{ONE}network = 'co2-hub'", "one row a network"),
    mistake("technology of a project unknown", project(technology="PFR kiln+CCS (amin)"),
            f"{ONE}technology = 'PFR kiln+CCS (amin)'", "'lime'", "'PFR kiln+CCS (amine)'"),
    mistake("technology of a project missing", project(technology=""), f"{ONE}technology: missing", "'lime'"),
    mistake("project for what runs already", project(technology='"PFR kiln, gas"'),
            f"{ONE}technology = 'PFR kiln, gas'", "runs there already"),
    mistake("project for a renewal", project(plant="ammonia-plant", technology="SMR-HB"), f"{ONE}technology = 'SMR-HB'",
            "runs there already"),
    mistake("project for what no plant can turn to",
            both(put(FIRMS, "lime,\"PFR kiln, gas\",operating,400", "primary_steel,BF-BOF,operating,400"),
                 project(technology="BF-BOF reline (life extension)")),
            f"{ONE}technology = 'BF-BOF reline (life extension)'", "not what a plant can turn to"),
    mistake("project of an idle plant", both(put(FIRMS, "operating,400,,384", "operating,400,,0"), project()),
            f"{ONE}plant = 'lime-works'", "stands idle"),
    mistake("another project for a planned plant",
            both(put(FIRMS, '"PFR kiln, gas",operating,400,,384', "electric calciner + direct separation,planned,400,,0"),
                 project()),
            f"{ONE}technology = 'PFR kiln+CCS (amine)'", "which the plant plans"),
    mistake("stage unknown", project(stage="plannd"), "region/projects.csv:7: stage = 'plannd'", "'planned'", "'on hold'"),
    mistake("stage missing", project(stage=""), "region/projects.csv:7: stage", "missing"),
    mistake("start before the announcement", project(announced=2031), f"{ONE}start_year = 2030", "announced_year (2031)"),
    mistake("start missing", project(start=""), f"{ONE}start_year: missing", "'planned'"),
    mistake("start before the base year", project(announced="", start=2023), f"{ONE}start_year = 2023", "expected 2024",
            "firms.csv"),
    mistake("start in words", project(start="2030?"), "region/projects.csv:7: start_year = '2030?'", "number"),
    mistake("grant below nothing", project(grant=-5), "region/projects.csv:7: grant_meur = '-5'", "0"),
    mistake("strike of nothing", project(strike=0), "region/projects.csv:7: strike_eur_per_t = '0'", "greater than 0"),
    mistake("grant of a network", hub(grant=50), f"{ONE}grant_meur = 50", "stands in cluster.toml"),
    mistake("strike of a network", hub(strike=50), f"{ONE}strike_eur_per_t = 50", "expected none for a network"),
    mistake("technology of a network", hub(technology="SMR-HB"), f"{ONE}technology = 'SMR-HB'", "none for a network"),
    mistake("unit of a network", hub(unit="hub-1"), f"{ONE}unit = 'hub-1'", "none for a network"),
    mistake("network that operates already", hub("FID", network="grid"), f"{ONE}stage = 'FID'", "'grid' operates already"),
    mistake("project without its network", drop_tables("network"), "Electric furnace: technology = 'all-electric melter'",
            "'grid'", "cluster lacks"),
    mistake("decided project without a decided network", project(stage="FID"), f"{ONE}stage = 'FID'", "needs network",
            "'co2-hub'", "neither operates", "decided project"),
    mistake("decided project with a planned network", both(hub(), project(stage="building")), f"{ONE}stage = 'building'",
            "'co2-hub'", "neither operates"),
    mistake("decided second phase",
            both(hub("FID"), project(), project(stage="FID", technology='"PFR kiln, biomass"')), f"{ONE}stage = 'FID'",
            "only the first project"),
    mistake("phases of one technology", both(project(), project(start=2035)),
            f"{ONE}technology = 'PFR kiln+CCS (amine)'", "phase before it"),
    mistake("phases in the wrong order", both(project(), project(start=2028, technology='"PFR kiln, biomass"')),
            f"{ONE}start_year = 2028", "expected 2030", "phase before it"),
    mistake("projects empty", write(PROJECTS, b"\n\n"), "region/projects.csv: line", "column 'name'", "missing column"),
    mistake("projects in latin-1", write(PROJECTS, "name\nDüren\n".encode("latin-1")), "projects.csv", "not UTF-8"),
    mistake("project with a cell too many", add(PROJECTS, "lime-works,,,x,,planned,,2030,,,y,estimate,note\n"),
            "region/projects.csv:7: row", "expected 12 cells"),
]  # fmt: skip

BUYERS_MISTAKES = [
    mistake("buyer of what nobody makes", put(BUYERS, "glass,60", "paper,60"), "buyers.csv: bottlers: product = 'paper'",
            "no plant of the cluster makes it", "cement"),
    mistake("product misspelt", put(BUYERS, "glass,60", "glas,60"), "product = 'glas'", "did you mean 'glass'"),
    mistake("buyer twice", put(BUYERS, "builders,", "bottlers,"), "buyers.csv: id = 'bottlers'", "more than once"),
    mistake("buyer called as a firm", put(BUYERS, "builders,", "lime-works,"), "buyers.csv: id = 'lime-works'",
            "also the id of a firm or network"),
    mistake("buyer called as a network", put(BUYERS, "builders,", "co2-hub,"), "buyers.csv: id = 'co2-hub'",
            "also the id of a firm or network"),
    mistake("buyer not a slug", put(BUYERS, "builders,", "The builders,"), "buyers.csv:4: id = 'The builders'", "hyphens"),
    mistake("contracts of no year", put(BUYERS, "2027,8", "2027,0"), "buyers.csv:3: contract_years = '0'", "1"),
    mistake("contracts of half a year", put(BUYERS, "2027,8", "2027,0.5"), "buyers.csv:3: contract_years = '0.5'",
            "integer"),
    mistake("contracts of a century", put(BUYERS, "2027,8", "2027,100"), "buyers.csv:3: contract_years = '100'", "20"),
    mistake("no volume", put(BUYERS, "60,40", "0,40"), "buyers.csv:3: volume_kt_per_year = '0'", "greater than 0"),
    mistake("premium below nothing", put(BUYERS, "60,40", "60,-1"), "buyers.csv:3: premium_eur_per_t = '-1'", "0"),
    mistake("public share in percent", put(BUYERS, "8,0.3", "8,30"), "buyers.csv:4: public_share = '30'", "1"),
    mistake("from year of two digits", put(BUYERS, "2027,", "27,"), "buyers.csv:3: from_year = '27'", "1900"),
    mistake("buyers empty", write(BUYERS, b""), "region/buyers.csv: line 1, column 'id'", "missing column"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "command", "words"), UNITS_MISTAKES)
def test_a_mistake_in_the_table_of_units(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


@pytest.mark.parametrize(("edit", "command", "words"), PROJECTS_MISTAKES)
def test_a_mistake_in_the_table_of_projects(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


@pytest.mark.parametrize(("edit", "command", "words"), BUYERS_MISTAKES)
def test_a_mistake_in_the_table_of_buyers(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


def test_validate_finds_the_same_mistakes(work, complain):
    project(plant="lime-work")(work / "region")
    assert_holds(complain("validate", "region"), [f"{ONE}plant = 'lime-work'", "'lime-works'"])


def test_control_characters_in_the_name_of_a_project_do_not_reach_the_terminal(work, complain):
    put(PROJECTS, "Electric furnace", "\x1b[31mred")(work / "region")
    line = complain("validate", "region")
    assert "\x1b" not in line
    assert_holds(line, ["projects.csv:4: name", "U+001B"])


#: What must not be taken for a mistake.
FINE = {
    "comments between rows": add(UNITS, "# and nothing more\n"),
    "a table of projects without rows": write(PROJECTS, b"name,stage,source,mark\n# none yet\n"),
    "a hash in quotes over two lines": put(UNITS, "80,,11,made up", '80,,11,"made\n# up"'),
    "a project on hold without a year": project(stage="on hold", start=""),
    "a decided project whose network is decided": both(hub("building"), project(stage="FID")),
    "a decided project of a network that operates": put(PROJECTS, "planned,2024", "FID,2024"),
    "phases": both(project(), project(start=2035, technology='"PFR kiln, biomass"')),
    "shares": unit_column("scope1_share", 0.7, 0.3),
    "a clean unit without emissions": both(
        unit_column("technology,scope1_share", ",1", "all-electric melter,0"), write(PROJECTS, b"name,stage,source,mark\n")),
    "a unit with its last year": unit_column("last_year", "", 2028),
}  # fmt: skip


@pytest.mark.parametrize("edit", FINE.values(), ids=[name.replace(" ", "-") for name in FINE])
def test_what_is_no_mistake(edit, work):
    edit(work / "region")
    assert read_scenario(work / "region").sites["glass-works"]


def test_a_link_to_a_plant_of_units_is_one_to_its_first_unit(work):
    link("glass-works", "food-factory")(work / "region")
    world = world_of(load_experiment("region/experiment.toml", runs=2), 0)
    assert [world.firm_ids[i] for i in world.template.links.source] == ["glass-works:furnace-1"]
