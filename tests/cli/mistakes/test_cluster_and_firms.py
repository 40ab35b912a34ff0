"""A mistake in the cluster file or in the table of firms: one edit, and words that the line must hold."""

import pytest

from tests.cli.mistakes.edits import (
    CLUSTER,
    EXPERIMENT,
    FIRMS,
    PROJECTS,
    RUN,
    VALIDATE,
    assert_holds,
    both,
    drop_tables,
    first_row_only,
    link,
    make_folder,
    mistake,
    put,
    remove,
    resource,
    write,
)

CLUSTER_MISTAKES = [
    mistake("unknown key", put(CLUSTER, "governance =", "governence ="), "region/cluster.toml: governence",
            "unknown key", "did you mean 'governance'"),
    mistake("unknown key in a table", put(CLUSTER, "spare_per_year =", "spare_per_yaer ="),
            "cluster.toml: network[2].spare_per_yaer", "unknown key", "'spare_per_year'"),
    mistake("required key misspelt", put(CLUSTER, "phase_per_year", "phase_per_yaer"), "network[1].phase_per_yaer",
            "'phase_per_year'"),
    mistake("required key missing", put(CLUSTER, "capex_meur = 300.0\n", ""), "cluster.toml: network[1].capex_meur",
            "missing"),
    mistake("text for a number", put(CLUSTER, "300.0", '"lots"'), "cluster.toml: network[1].capex_meur = 'lots'", "number"),
    mistake("number in quotes", put(CLUSTER, "300.0", '"300"'), "network[1].capex_meur = '300'", "number",
            command=VALIDATE),
    mistake("boolean for a number", put(CLUSTER, "capex_meur = 300.0", "capex_meur = true"), "network[1].capex_meur = True",
            "number", command=VALIDATE),
    mistake("number for a boolean", put(CLUSTER, "sets_carbon_price = true", "sets_carbon_price = 1"),
            "government[1].sets_carbon_price = 1", "expected", command=VALIDATE),
    mistake("fraction for a whole number", put(CLUSTER, "lead_quarters = 16", "lead_quarters = 16.5"),
            "network[1].lead_quarters = 16.5", "integer"),
    mistake("percent for a share", put(CLUSTER, "= 0.035", "= 3.5"), "network[1].opex_share_per_year = 3.5", "expected",
            "1"),
    mistake("milestone in percent", put(CLUSTER, '"2030" = 0.30', '"2030" = 30'), "cluster.toml: milestones.2030 = 30",
            "1"),
    mistake("milestone without a year", put(CLUSTER, '"2030"', '"soon"'), "cluster.toml: milestones", "'soon'",
            "expected a year"),
    mistake("nan", put(CLUSTER, "300.0", "nan"), "network[1].capex_meur = nan", "finite"),
    mistake("infinity", put(CLUSTER, "5000.0", "inf"), "financier[1].capital_meur = inf", "finite"),
    mistake("negative", put(CLUSTER, "300.0", "-300.0"), "network[1].capex_meur = -300.0", "greater than 0"),
    mistake("governance", put(CLUSTER, '"majority"', '"majorty"'), "cluster.toml: governance = 'majorty'", "'majority'"),
    mistake("mark", put(CLUSTER, '"estimate"', '"guess"'), "cluster.toml: mark = 'guess'", "'estimate'"),
    mistake("syntax error", put(CLUSTER, '= "my-cluster"', "="), "region/cluster.toml", "not valid TOML", "line 3"),
    mistake("one table for a list of tables", put(CLUSTER, "[[financier]]", "[financier]"), "cluster.toml: financier",
            "[[financier]]"),
    mistake("two networks of a kind", put(CLUSTER, 'kind = "grid"', 'kind = "co2_ts"'),
            "cluster.toml: network.kind = 'co2_ts'",
            "at most one"),
    mistake("two networks of a name", put(CLUSTER, 'id = "grid"', 'id = "co2-hub"'), "cluster.toml: network.id = 'co2-hub'",
            "more than once"),
    mistake("nobody sets the carbon price", put(CLUSTER, "sets_carbon_price = true", ""), "cluster.toml: government",
            "exactly one", "sets_carbon_price", "found 0"),
    mistake("no government", drop_tables("government"), "cluster.toml: government", "missing"),
    mistake("ticket range reversed", put(CLUSTER, "ticket_min_meur = 1.0", "ticket_min_meur = 1000.0"),
            "financier[1].ticket_max_meur", "1000", command=VALIDATE),
    mistake("milestones that fall", put(CLUSTER, '"2050" = 1.00', '"2050" = 0.10'), "cluster.toml: milestones", "2050",
            command=VALIDATE),
    mistake("link to an unknown firm", link("cement-work"), "cluster.toml: link[1].from = 'cement-work'", "no such firm",
            "'cement-works'"),
    mistake("link from a plant to its own first unit", link("glass-works", "glass-works:furnace-1"),
            "cluster.toml: link[1].to = 'glass-works:furnace-1'", "another firm"),
    mistake("link to an unknown unit", link("glass-works:furnace-3"), "link[1].from = 'glass-works:furnace-3'",
            "no such firm", "'glass-works:furnace-"),
    mistake("year of a network's announcement", put(CLUSTER, "spare_per_year = 300.0", "announced_year = 2030"),
            "cluster.toml: network[2].announced_year", "unknown key", "stand in projects.csv"),
    mistake("resource twice", both(resource("scrap"), resource("scrap")), "cluster.toml: resource.carrier = 'scrap'",
            "more than once"),
    mistake("resource of carbon", resource("carbon"), "cluster.toml: resource[2].carrier = 'carbon'", "'biomass'"),
    mistake("resource unknown", resource("biomas"), "cluster.toml: resource[2].carrier = 'biomas'", "'biomass'"),
    mistake("resource without an amount", resource("scrap", "0"), "resource[2].available_per_year = 0", "greater than 0"),
    mistake("resource with a negative rise", put(CLUSTER, "price_rise_share = 0.5", "price_rise_share = -0.5"),
            "resource[1].price_rise_share = -0.5", "greater than or equal to 0"),
    mistake("one resource as a table", put(CLUSTER, "[[resource]]", "[resource]"), "cluster.toml: resource",
            "[[resource]]"),
    mistake("resource smaller than what plants use", put(CLUSTER, "available_per_year = 400.0", "available_per_year = 100"),
            "cluster.toml: resource[1].available_per_year = 100", "expected at least the 140.0 GWh of biomass"),
    mistake("resource smaller than what decided projects use",
            both(put(PROJECTS, "kiln+oxyfuel CCS,announced", '"kiln, 90% alternative/biomass fuel",building'),
                 put(CLUSTER, "available_per_year = 400.0", "available_per_year = 379.0")),
            "resource[1].available_per_year = 379", "at least the 380.0 GWh of biomass", "decided projects"),
    mistake("link to itself", link("lime-works", "lime-works"), "cluster.toml: link[1].to = 'lime-works'", "another firm"),
    mistake("term of no year", put(CLUSTER, "term_years = 4", "term_years = 0"), "government[1].term_years = 0", "1"),
    mistake("term of eleven years", put(CLUSTER, "term_years = 4", "term_years = 11"), "government[1].term_years = 11",
            "10"),
    mistake("term of half a year", put(CLUSTER, "term_years = 4", "term_years = 0.5"), "government[1].term_years = 0.5",
            "integer"),
    mistake("link without heat", link(heat="0"), "cluster.toml: link[1].heat_gwh_per_year = 0", "greater than 0"),
    mistake("cluster file missing", remove(CLUSTER), "experiment.toml: cluster = '.'", "cluster.toml", "dunkirk"),
    mistake("cluster file empty", write(CLUSTER, b""), "region/cluster.toml: name", "missing"),
    mistake("cluster file binary", write(CLUSTER, bytes(range(256))), "region/cluster.toml", "not UTF-8 text", "128"),
    mistake("cluster file in latin-1", write(CLUSTER, 'title = "Dünkirchen"'.encode("latin-1")), "region/cluster.toml",
            "not UTF-8 text"),
    mistake("cluster file in UTF-16", write(CLUSTER, 'title = "x"'.encode("utf-16")), "region/cluster.toml", "not UTF-8"),
]  # fmt: skip

FIRMS_MISTAKES = [
    mistake("firms missing", remove(FIRMS), "region/firms.csv", "not found"),
    mistake("firms a folder", make_folder(FIRMS), "region/firms.csv", "is a folder"),
    mistake("firms empty", write(FIRMS, b""), "region/firms.csv", "'id'", "missing column"),
    mistake("firms without rows", first_row_only(), "region/firms.csv", "no firms"),
    mistake("firms with blank rows", first_row_only("\n,,,,,,,,,,,,,\n"), "region/firms.csv", "no firms"),
    mistake("firms binary", write(FIRMS, bytes(range(256)) * 9), "region/firms.csv", "not UTF-8 text"),
    mistake("firms in latin-1", write(FIRMS, "id,name\na,Zement Düren\n".encode("latin-1")), "region/firms.csv",
            "not UTF-8"),
    mistake("column misspelt", put(FIRMS, "name,sector", "name,sectr"), "firms.csv: line 1, column 'sectr'",
            "unknown column",
            "'sector'"),
    mistake("column missing", put(FIRMS, "id,name,sector", "id,name,operator"), "firms.csv: line 1, column 'sector'",
            "missing column"),
    mistake("column too many", put(FIRMS, "capacity_mark,source", "capacity_mark,colour"), "column 'colour'",
            "unknown column"),
    mistake("column twice", put(FIRMS, "capacity_mark,source", "capacity_mark,name"), "column 'name'", "appears twice"),
    mistake("cell too many", put(FIRMS, "150,12", "150,,12"), "region/firms.csv:2: row", "expected 14 cells"),
    mistake("cell too few", put(FIRMS, ",made up", ""), "region/firms.csv:2: row", "expected 14 cells"),
    mistake("cell beyond Python's limit", put(FIRMS, "made up", "x" * 140_000), "region/firms.csv"),
    mistake("id twice", put(FIRMS, "lime-works", "cement-works"), "firms.csv: id = 'cement-works'", "more than once"),
    mistake("id with blanks", put(FIRMS, "lime-works", "Lime works"), "firms.csv:3: id = 'Lime works'"),
    mistake("id blank", put(FIRMS, "lime-works", ""), "firms.csv:3: id", "missing"),
    mistake("sector unknown", put(FIRMS, "works,lime", "works,limee"), "firms.csv: lime-works: sector = 'limee'", "'lime'"),
    mistake("technology unknown", put(FIRMS, "SMR-HB,", "SMR-BH,"), "firms.csv: ammonia-plant: technology = 'SMR-BH'",
            "'SMR-HB'"),
    mistake("technology of another sector", put(FIRMS, "SMR-HB,", "gas boiler,"),
            "ammonia-plant: technology = 'gas boiler'",
            "'ammonia'"),
    mistake("columns of announced projects", put(FIRMS, "scope1_mark", "announced_technology"),
            "region/firms.csv: line 1, column 'announced_technology'", "unknown column", "stand in projects.csv"),
    mistake("planned technology without its network",
            both(drop_tables("network"), first_row_only("a,A,cement,kiln+oxyfuel CCS,planned,100,,,,,,,,x\n")),
            "firms.csv: a: technology = 'kiln+oxyfuel CCS'", "'co2_ts'", "cluster lacks"),
    mistake("owner not a slug", both(put(FIRMS, "scope1_mark,", "owner,"), put(FIRMS, "12,estimate", "12,Holcim AG")),
            "firms.csv:2: owner = 'Holcim AG'",
            "lowercase letters"),
    mistake("owner that is a firm without one",
            both(put(FIRMS, "scope1_mark", "owner"), put(FIRMS, "12,estimate", "12,lime-works"),
                 put(FIRMS, "8,estimate", "8,")),
            "firms.csv: lime-works: owner: missing", "'lime-works' is the owner of another firm"),
    mistake("status", put(FIRMS, "operating", "running"), "firms.csv:2: status = 'running'", "'operating' or 'planned'"),
    mistake("decimal comma", put(FIRMS, "63.9", '"63,9"'), "firms.csv:6: scope1_kt_per_year = '63,9'", "number"),
    mistake("number with its unit", put(FIRMS, "611", "611 kt"), "firms.csv:2: scope1_kt_per_year = '611 kt'", "number"),
    mistake("nan in a cell", put(FIRMS, "611", "nan"), "firms.csv:2: scope1_kt_per_year = 'nan'", "finite"),
    mistake("negative cell", put(FIRMS, "611", "-611"), "firms.csv:2: scope1_kt_per_year = '-611'", "0"),
    mistake("year of two digits", put(FIRMS, "611,2024", "611,24"), "firms.csv:2: scope1_year = '24'", "1900"),
    mistake("capacity in the wrong column", put(FIRMS, ",300,63.9", "300,,63.9"),
            "food-factory: capacity_kt_per_year = 300",
            "expected capacity_gwh_per_year"),
    mistake("capacity in both columns", put(FIRMS, ",1000,,", ",1000,5,"), "cement-works: capacity_gwh_per_year = 5",
            "expected"),
    mistake("capacity missing", put(FIRMS, ",1000,,", ",,,"), "cement-works: capacity_kt_per_year", "missing"),
    mistake("emissions without capacity", put(FIRMS, ",1000,,", ",0,,"), "cement-works: capacity_kt_per_year = 0",
            "more than 0"),
    mistake("emissions of a clean technology", put(FIRMS, "gas boiler", "e-boiler"),
            "food-factory: scope1_kt_per_year = 63.9",
            "expected 0"),
    mistake("planned with emissions", put(FIRMS, "operating,1000", "planned,1000"),
            "cement-works: scope1_kt_per_year = 611",
            "expected 0 for a planned plant"),
]  # fmt: skip

OWNERS = "own-owners.csv"


def owners(*rows):
    """A table of the cluster's own owners."""
    header = "owner,title,cash_flow_meur_per_year,net_debt_meur,source,mark"
    return write(OWNERS, "\n".join([header, *rows]).encode())


OWNERS_MISTAKES = [
    mistake("owner twice", owners("holcim,Holcim,5,1,made up,estimate", "holcim,Holcim,6,1,made up,estimate"),
            "region/own-owners.csv: owner = 'holcim'", "more than once"),
    mistake("negative cash flow", owners("holcim,Holcim,-5,1,made up,estimate"),
            "own-owners.csv:2: cash_flow_meur_per_year = '-5'", "greater than 0"),
    mistake("no cash flow", owners("holcim,Holcim,,1,made up,estimate"), "own-owners.csv:2: cash_flow_meur_per_year",
            "missing"),
    mistake("net debt in words", owners("holcim,Holcim,5,none,made up,estimate"), "own-owners.csv:2: net_debt_meur = 'none'",
            "number"),
    mistake("key of an owner not a slug", owners("Holcim AG,Holcim,5,1,made up,estimate"),
            "own-owners.csv:2: owner = 'Holcim AG'", "lowercase letters"),
    mistake("owner of no firm",
            both(put(FIRMS, "scope1_mark,capacity_mark", "owner,capacity_mark"), put(FIRMS, "12,estimate", "12,holcim"),
                 owners("holcin,Holcim,5,1,made up,estimate")),
            "own-owners.csv: owner = 'holcin'", "owns no plant", "did you mean 'holcim'"),
    mistake("owners without a column", write(OWNERS, b"owner,title\n"), "own-owners.csv: line 1",
            "'cash_flow_meur_per_year'", "missing column"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "command", "words"), CLUSTER_MISTAKES)
def test_a_mistake_in_the_cluster_file(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


@pytest.mark.parametrize(("edit", "command", "words"), FIRMS_MISTAKES)
def test_a_mistake_in_the_table_of_firms(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


@pytest.mark.parametrize(("edit", "command", "words"), OWNERS_MISTAKES)
def test_a_mistake_in_the_own_owners(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


def test_the_same_mistake_is_found_by_validate(work, complain):
    put(FIRMS, "works,lime", "works,limee")(work / "region")
    assert_holds(complain("validate", "region"), ["region/firms.csv: lime-works: sector = 'limee'", "'lime'"])
    assert_holds(complain(*VALIDATE), ["region/firms.csv: lime-works: sector = 'limee'", "'lime'"])


def test_a_very_long_value_is_shortened(work, complain):
    put(CLUSTER, "300.0", f'"{"9x" * 4000}"')(work / "region")
    line = complain(*RUN)
    assert_holds(line, ["network[1].capex_meur = '9x9x", "...", "number"])
    assert len(line) < 250


@pytest.mark.parametrize(("file", "old"), [(EXPERIMENT, "runs ="), (FIRMS, "name")])
def test_a_very_long_key_or_column_is_shortened(file, old, work, complain):
    put(file, old, old.replace(old.split()[0], "k" * 4000))(work / "region")
    assert len(complain(*RUN)) < 400


def test_control_characters_do_not_reach_the_terminal_in_values(work, complain):
    put(EXPERIMENT, 'cluster = "."', 'cluster = "\\u001b[31m\\u2028\\u0085x"')(work / "region")
    assert "\x1b" not in complain(*RUN)
