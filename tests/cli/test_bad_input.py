"""Every mistake of a user ends in one line that says where it is and what is expected, exit code 2, and nothing written.

The tables below edit one thing in the starter folder (what `clusterpact new` writes), run a command on it, and name words
that the line must hold.
"""

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from clusterpact.agents.bookings import lacks_network, reserve
from clusterpact.agents.default import fail
from clusterpact.agents.plant import commission
from clusterpact.agents.vocabulary import NET_OPERATING
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.making.starter import STARTER
from clusterpact.experiments.running.session import open_folder
from clusterpact.experiments.running.shards import Shard, run_shard, world_of
from clusterpact.results.store import RECORDING, RECORDINGS, table_path
from clusterpact.sim.audit import audit_capacity

from clusterpact.cli import app as cli
from clusterpact.files import checksum
from clusterpact.inputs import InputError
from tests.worlds.small import small_state

CLUSTER, FIRMS, EXPERIMENT = "cluster.toml", "firms.csv", "experiment.toml"
RUN = ("run", "region/experiment.toml", "--runs", "2", "--no-figures", "--quiet")
RUN_FILE = ("run", "region/experiment.toml", "--no-figures", "--quiet")  # with the file's own number of runs
VALIDATE = ("validate", "region/experiment.toml")
OUT = (*RUN, "--out")


# Edits: small functions of the folder ---------------------------------------------------------------------------------


def put(file, old, new):
    """Replace a text, which must be there, once."""

    def edit(folder):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"the starter's {file} no longer holds {old!r}"
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def put_each(file, old, new):
    """Replace a text everywhere."""

    def edit(folder):
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return edit


def add(file, text):
    """Add a text at the end."""

    def edit(folder):
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    return edit


def write(file, content):
    """Write bytes in the place of a file."""
    return lambda folder: (folder / file).write_bytes(content)


def remove(file):
    """Remove a file."""
    return lambda folder: (folder / file).unlink()


def make_folder(file):
    """Put a folder in the place of a file."""

    def edit(folder):
        (folder / file).unlink()
        (folder / file).mkdir()

    return edit


def drop_tables(name):
    """Remove all [[name]] tables of the cluster file."""

    def edit(folder):
        parts = re.split(r"(?m)^(?=\[)", (folder / CLUSTER).read_text(encoding="utf-8"))
        (folder / CLUSTER).write_text("".join(p for p in parts if not p.startswith(f"[[{name}]]")), encoding="utf-8")

    return edit


def first_row_only(rows=""):
    """Keep the header of firms.csv, and put rows below it."""

    def edit(folder):
        header = (folder / FIRMS).read_text(encoding="utf-8").splitlines()[0]
        (folder / FIRMS).write_text(f"{header}\n{rows}", encoding="utf-8")

    return edit


def both(*edits):
    """Several edits."""

    def edit(folder):
        for one in edits:
            one(folder)

    return edit


def nothing(folder):
    """No edit: the mistake is in the command line."""


def link(source="cement-works", sink="lime-works", heat="5.0"):
    """Add a heat link."""
    return add(
        CLUSTER,
        f'\n[[link]]\nfrom = "{source}"\nto = "{sink}"\nheat_gwh_per_year = {heat}\ncapex_meur = 2.0\n'
        'source = "made up"\nmark = "estimate"\n',
    )


def guarantee(value):
    """Another value for the instrument of the starter's variant."""
    return put(EXPERIMENT, "{ schedule = [[2026, 0.0], [2028, 0.5]] }", value)


def uncertain(value):
    """Another distribution for `bindingness`."""
    return put(EXPERIMENT, "{ uniform = [0.1, 0.9] }", value)


def variant(text, old='base = "pact"'):
    """Another line in the starter's variant."""
    return put(EXPERIMENT, old, text)


def horizon(value):
    """Another horizon, without targets."""

    def edit(folder):
        text = (folder / EXPERIMENT).read_text(encoding="utf-8").replace("[2025, 2050]", value)
        (folder / EXPERIMENT).write_text(text.partition("[targets]")[0], encoding="utf-8")

    return edit


def listed(value):
    """Another list of policies."""
    return put(EXPERIMENT, 'policies = ["current-policies", "pact", "finance-first"]', f"policies = {value}")


def mistake(name, edit, *words, command=RUN):
    """One row of a table."""
    return pytest.param(edit, command, words, id=name.replace(" ", "-"))


# The contract ---------------------------------------------------------------------------------------------------------


def tree_of(folder):
    """Every file below a folder with a hash of its content, and every folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def work(tmp_path, monkeypatch):
    """An empty working folder with the starter in `region`."""
    shutil.copytree(STARTER, tmp_path / "region")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def complain(work, monkeypatch, capsys):
    """Run a command that must fail as the contract says; returns the one line."""

    def run(*arguments):
        before = tree_of(work)
        monkeypatch.setattr(sys, "argv", ["clusterpact", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        printed = capsys.readouterr()
        assert stop.value.code == 2, printed.out + printed.err
        assert printed.out == ""
        assert printed.err.endswith("\n")
        assert len(printed.err.splitlines()) == 1, printed.err
        assert printed.err.startswith("clusterpact: ")
        assert "Traceback" not in printed.err
        assert tree_of(work) == before, "something was written"
        return printed.err.rstrip("\n")

    return run


def assert_holds(line, words):
    """Every word is in the line."""
    for word in words:
        assert word in line, f"{word!r} is not in {line!r}"


LAX = "numbers and booleans are read in pydantic's lax mode"
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
    mistake("link to itself", link("lime-works", "lime-works"), "cluster.toml: link[1].to = 'lime-works'", "another firm"),
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
    mistake("firms with blank rows", first_row_only("\n,,,,,,,,,,,,,,,\n"), "region/firms.csv", "no firms"),
    mistake("firms binary", write(FIRMS, bytes(range(256)) * 9), "region/firms.csv", "not UTF-8 text"),
    mistake("firms in latin-1", write(FIRMS, "id,name\na,Zement Düren\n".encode("latin-1")), "region/firms.csv",
            "not UTF-8"),
    mistake("semicolons", put_each(FIRMS, ",", ";"), "region/firms.csv: line 1", "expected commas", "';'"),
    mistake("tabs", put_each(FIRMS, ",", "\t"), "region/firms.csv: line 1", "expected commas"),
    mistake("column misspelt", put(FIRMS, "name,sector", "name,sectr"), "firms.csv: line 1, column 'sectr'",
            "unknown column",
            "'sector'"),
    mistake("column missing", put(FIRMS, "id,name,sector", "id,name,operator"), "firms.csv: line 1, column 'sector'",
            "missing column"),
    mistake("column too many", put(FIRMS, "capacity_mark,source", "capacity_mark,colour"), "column 'colour'",
            "unknown column"),
    mistake("column twice", put(FIRMS, "capacity_mark,source", "capacity_mark,name"), "column 'name'", "appears twice"),
    mistake("cell too many", put(FIRMS, "12,kiln", "12,,kiln"), "region/firms.csv:2: row", "expected 16 cells"),
    mistake("cell too few", put(FIRMS, ",made up", ""), "region/firms.csv:2: row", "expected 16 cells"),
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
    mistake("announced technology unknown", put(FIRMS, "kiln+oxyfuel CCS", "kiln+oxyfuel"),
            "cement-works: announced_technology = 'kiln+oxyfuel'", "'kiln+oxyfuel CCS'"),
    mistake("announced technology without its network", drop_tables("network"),
            "cement-works: announced_technology = 'kiln+oxyfuel CCS'", "'co2_ts'", "cluster lacks"),
    mistake("planned technology without its network",
            both(drop_tables("network"), first_row_only("a,A,cement,kiln+oxyfuel CCS,planned,100,,,,,,,,,,x\n")),
            "firms.csv: a: technology = 'kiln+oxyfuel CCS'", "'co2_ts'", "cluster lacks"),
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

PATH_TOO_LONG = "an OSError (name too long) of Path.is_file and its like is not caught"
EXPERIMENT_MISTAKES = [
    mistake("experiment key unknown", put(EXPERIMENT, "baseline", "basline"), "region/experiment.toml: basline",
            "unknown key",
            "'baseline'"),
    mistake("experiment key required and misspelt", put(EXPERIMENT, 'name = "my-exp', 'nmae = "my-exp'), "nmae", "'name'"),
    mistake("experiment syntax", put(EXPERIMENT, "runs = 200", "runs = = 200"), "experiment.toml", "not valid TOML",
            "line 5"),
    mistake("experiment empty", write(EXPERIMENT, b""), "region/experiment.toml: name", "missing"),
    mistake("experiment binary", write(EXPERIMENT, b"\x80\x00\xff"), "region/experiment.toml", "not UTF-8"),
    mistake("experiment too deep", write(EXPERIMENT, b"x = " + b"[" * 5000), "region/experiment.toml", "not valid TOML"),
    mistake("experiment with a number of 5000 digits", put(EXPERIMENT, "seed = 1", "seed = " + "9" * 5000),
            "experiment.toml"),
    mistake("name with slashes", put(EXPERIMENT, '"my-experiment"', '"../x"'), "experiment.toml: name = '../x'"),
    mistake("name too long", put(EXPERIMENT, '"my-experiment"', f'"{"x" * 250}"'), "experiment.toml: name"),
    mistake("cluster a number", put(EXPERIMENT, 'cluster = "."', "cluster = 7"), "experiment.toml: cluster = 7", "string"),
    mistake("cluster unknown", put(EXPERIMENT, 'cluster = "."', 'cluster = "dunkrik"'),
            "experiment.toml: cluster = 'dunkrik'",
            "'dunkirk'"),
    mistake("cluster with newlines", put(EXPERIMENT, 'cluster = "."', 'cluster = "a\\nb\\nc"'), "cluster = 'a",
            "no such cluster"),
    mistake("cluster very long", put(EXPERIMENT, 'cluster = "."', f'cluster = "{"c" * 5000}"'), "experiment.toml: cluster"),
    mistake("policies as text", listed('"pact"'), "experiment.toml: policies = 'pact'", "list"),
    mistake("policies empty", listed("[]"), "experiment.toml: policies = []", "at least 1"),
    mistake("policy unknown", listed('["current-policies", "pcat"]'), "experiment.toml: policies = 'pcat'",
            "no such policy",
            "'pact'"),
    mistake("policy listed twice", listed('["current-policies", "pact", "pact"]'), "policies = 'pact'", "listed twice"),
    mistake("baseline not among the policies", listed('["pact"]'), "experiment.toml: baseline = 'current-policies'",
            "not among the policies", "pact"),
    mistake("baseline empty", put(EXPERIMENT, '"current-policies"', '""'), "experiment.toml: baseline = ''",
            command=VALIDATE),
    mistake("policy defined twice", put(EXPERIMENT, "[targets]", '[[policy]]\nname = "pact+guarantee"\n[targets]'),
            "policy[2].name = 'pact+guarantee'", "defined twice"),
    mistake("policy without a name", variant("", 'name = "pact+guarantee"'), "experiment.toml: policy[1].name", "expected"),
    mistake("policy name with a newline", variant('name = "a\\nb"', 'name = "pact+guarantee"'), "policy[1].name",
            "expected",
            command=VALIDATE),
    mistake("base unknown", variant('base = "pcat"'), "experiment.toml: policy[1].base = 'pcat'", "no such policy",
            "'pact'"),
    mistake("base is the policy itself", variant('base = "pact+guarantee"'), "policy[1].base = 'pact+guarantee'",
            "no such policy"),
    mistake("base is a later policy",
            both(variant('base = "later"'), put(EXPERIMENT, "[targets]", '[[policy]]\nname = "later"\n[targets]')),
            "policy[1].base = 'later'", "no such policy"),
    mistake("base a list", variant('base = ["pact"]'), "experiment.toml: policy[1].base = ['pact']", "expected"),
    mistake("base a table", variant("base = { name = 'pact' }"), "experiment.toml: policy[1].base", "expected"),
    mistake("governance mode unknown", variant('governance_mode = "majorty"'), "policy[1].governance_mode = 'majorty'",
            "'majority'"),
    mistake("governance mode empty", variant('base = "pact"\ngovernance_mode = ""'), "policy[1].governance_mode = ''",
            command=VALIDATE),
    mistake("instrument unknown", variant("infrastructure_garantee_share", "infrastructure_guarantee_share"),
            "policy[1].infrastructure_garantee_share", "unknown instrument", "'infrastructure_guarantee_share'"),
    mistake("strength as text", guarantee('"0.5"'), "policy[1].infrastructure_guarantee_share = '0.5'",
            "expected a number"),
    mistake("strength a boolean", guarantee("true"), "policy[1].infrastructure_guarantee_share = True",
            "expected a number"),
    mistake("strength in percent", guarantee("50"), "policy[1].infrastructure_guarantee_share = 50", "expected 0 to 0.95"),
    mistake("strength nan", guarantee("nan"), "policy[1].infrastructure_guarantee_share = nan", "expected 0 to 0.95"),
    mistake("schedule empty", guarantee("{ schedule = [] }"), "policy[1].infrastructure_guarantee_share", "at least one"),
    mistake("schedule misspelt", guarantee("{ shedule = [[2026, 0.1]] }"), "infrastructure_guarantee_share",
            "schedule = [["),
    mistake("schedule without points", guarantee("{ schedule = [2026, 0.1] }"), "= 2026", "expected [year, strength]"),
    mistake("schedule with three numbers", guarantee("{ schedule = [[2026, 0.1, 1]] }"), "[2026, 0.1, 1]",
            "[year, strength]"),
    mistake("schedule with falling years", guarantee("{ schedule = [[2028, 0.1], [2026, 0.2]] }"), "= 2026",
            "years that rise"),
    mistake("schedule with a year of two digits", guarantee("{ schedule = [[26, 0.1]] }"), "= 26", "between 1990 and 2200"),
    mistake("schedule out of bounds", guarantee("{ schedule = [[2026, 0.1], [2030, 1.5]] }"), "= 1.5",
            "expected 0 to 0.95"),
    mistake("horizon reversed", horizon("[2050, 2025]"), "experiment.toml: horizon = [2050, 2025]", "rising"),
    mistake("horizon too long", horizon("[2025, 2120]"), "experiment.toml: horizon = [2025, 2120]", "80 years"),
    mistake("horizon one number", horizon("2025"), "experiment.toml: horizon = 2025", "expected"),
    mistake("horizon of one year", horizon("[2025]"), "experiment.toml: horizon[2]", "missing"),
    mistake("runs zero", put(EXPERIMENT, "runs = 200", "runs = 0"), "experiment.toml: runs = 0", "1", command=RUN_FILE),
    mistake("runs text", put(EXPERIMENT, "runs = 200", 'runs = "many"'), "runs = 'many'", "integer", command=RUN_FILE),
    mistake("runs a boolean", put(EXPERIMENT, "runs = 200", "runs = true"), "experiment.toml: runs = True",
            command=VALIDATE),
    mistake("seed negative", put(EXPERIMENT, "seed = 1", "seed = -1"), "experiment.toml: seed = -1", "0"),
    mistake("seed beyond 63 bits", put(EXPERIMENT, "seed = 1", f"seed = {2**63}"), "experiment.toml: seed", "less than"),
    mistake("uncertain parameter unknown", put(EXPERIMENT, "bindingness", "bindingnes"), "uncertainty.bindingnes",
            "unknown parameter", "'bindingness'"),
    mistake("fixed parameter unknown", put(EXPERIMENT, "free_rider_share", "free_rider"), "parameters.free_rider",
            "unknown parameter", "'free_rider_share'"),
    mistake("fixed parameter out of bounds", put(EXPERIMENT, "= 0.25", "= 25"), "parameters.free_rider_share = 25",
            "expected 0.1 to 0.4"),
    mistake("fixed and uncertain", put(EXPERIMENT, "free_rider_share = 0.25", "bindingness = 0.25"),
            "parameters.bindingness = 0.25", "[uncertainty]", "only one"),
    mistake("distribution unknown", uncertain("{ unifrom = [0.1, 0.9] }"), "bindingness.unifrom", "unknown distribution",
            "'uniform'"),
    mistake("distribution a number", uncertain("0.5"), "uncertainty.bindingness = 0.5", "uniform = ["),
    mistake("two distributions", uncertain("{ uniform = [0.1, 0.9], choice = [0.5] }"), "uncertainty.bindingness", "one"),
    mistake("numbers too few", uncertain("{ triangular = [0.1, 0.9] }"), "bindingness.triangular = [0.1, 0.9]",
            "3 numbers"),
    mistake("numbers that fall", uncertain("{ uniform = [0.9, 0.1] }"), "bindingness.uniform = [0.9, 0.1]", "rise"),
    mistake("numbers out of bounds", uncertain("{ uniform = [0.1, 9.0] }"), "bindingness.uniform = 9.0", "0.1 to 0.9"),
    mistake("numbers with nan", uncertain("{ choice = [0.5, nan] }"), "bindingness.choice = nan", "0.1 to 0.9"),
    mistake("numbers with text", uncertain('{ uniform = [0.1, "a"] }'), "bindingness.uniform = [0.1, 'a']", "2 numbers"),
    mistake("number of 400 digits", uncertain(f"{{ choice = [1{'0' * 400}] }}"), "uncertainty.bindingness.choice"),
    mistake("no spread", uncertain("{ normal = [0.5, 0.0] }"), "bindingness.normal = [0.5, 0.0]", "> 0"),
    mistake("endless spread", uncertain("{ normal = [0.5, inf] }"), "bindingness.normal = [0.5, inf]", command=VALIDATE),
    mistake("target outside the horizon", put(EXPERIMENT, "2030 = 0.30", "2060 = 0.30"),
            "experiment.toml: targets.2060 = 0.3",
            "between 2025 and 2050"),
    mistake("target in percent", put(EXPERIMENT, "2030 = 0.30", "2030 = 30"), "experiment.toml: targets.2030 = 30", "1"),
    mistake("target without a year", put(EXPERIMENT, "2030 = 0.30", "soon = 0.30"), "targets.soon = 0.3",
            "expected a year"),
    mistake("target with a raised digit", put(EXPERIMENT, "2030 = 0.30", '"²" = 0.30'), "targets.²", "expected a year"),
    mistake("target twice", put(EXPERIMENT, "2030 = 0.30", "2030 = 0.30\n02030 = 0.90"), "targets.02030", command=VALIDATE),
]  # fmt: skip

NO_VALUE = "the line does not show the value that was typed"
COMMAND_MISTAKES = [
    mistake("no such command", nothing, "'rnu'", "'run'", command=("rnu",)),
    mistake("no such option", nothing, "--sede", "--seed", command=("run", "dunkirk", "--sede", "3")),
    mistake("no experiment", nothing, "experiment", command=("run",)),
    mistake("one argument too many", nothing, "extra", command=("run", "dunkirk", "extra")),
    mistake("experiment unknown", nothing, "experiment = 'dunkrik'", "'dunkirk'", command=("run", "dunkrik")),
    mistake("experiment a folder", nothing, "region: experiment", "is a folder", ".toml", command=("run", "region")),
    mistake("experiment a table", nothing, "region/firms.csv", "not valid TOML", command=("run", "region/firms.csv")),
    mistake("experiment name too long", nothing, "experiment", command=("run", "x" * 5000)),
    mistake("validate a folder without a cluster", lambda folder: (folder / "x").mkdir(), "cluster = 'region/x'",
            "cluster.toml",
            command=("validate", "region/x")),
    mistake("option runs 0", nothing, "--runs", "1", command=("run", "dunkirk", "--runs", "0")),
    mistake("option runs -1", nothing, "--runs", "1", command=("run", "dunkirk", "--runs", "-1")),
    mistake("option runs text", nothing, "--runs", "integer", command=("run", "dunkirk", "--runs", "many")),
    mistake("option runs text shows it", nothing, "--runs", "'many'", command=("run", "dunkirk", "--runs", "many")),
    mistake("option runs too many", nothing, "--runs", "999999999999", command=("run", "dunkirk", "--runs", "9" * 12)),
    mistake("option runs alone", nothing, "--runs", "requires", command=("run", "dunkirk", "--runs")),
    mistake("option seed negative", nothing, "--seed", "0", command=("run", "dunkirk", "--seed", "-1")),
    mistake("option threads 0", nothing, "--threads", "1", command=("run", "dunkirk", "--threads", "0")),
    mistake("option shard-runs 0", nothing, "--shard-runs", "1", command=("run", "dunkirk", "--shard-runs", "0")),
    mistake("list unknown", nothing, "list = 'policy'", "experiments", "'policies'", command=("list", "policy")),
    mistake("list nothing", nothing, "what", command=("list",)),
    mistake("show unknown", nothing, "show = 'patc'", "no such name", "'pact'", command=("show", "patc")),
    mistake("show a path", nothing, "no such name", command=("show", "../library/pact")),
    mistake("show too long", nothing, "no such name", command=("show", "x" * 5000)),
    mistake("new onto a folder", nothing, "region: folder", "exists", command=("new", "region")),
    mistake("new onto a file", nothing, "region/firms.csv: folder", "exists", command=("new", "region/firms.csv")),
    mistake("new below a file", nothing, "region/firms.csv/x: folder", "cannot be written",
            command=("new", "region/firms.csv/x")),
    mistake("new with a long name", nothing, "folder", command=("new", "x" * 300)),
    mistake("out a file", nothing, "region/firms.csv: out", "expected a new or empty folder",
            command=(*OUT, "region/firms.csv")),
    mistake("out a folder in use", nothing, "region: out", "is not empty", command=(*OUT, "region")),
    mistake("out below a file", nothing, "region/firms.csv/x: out", "cannot be written",
            command=(*OUT, "region/firms.csv/x")),
    mistake("out too long", nothing, "out", "cannot be used", command=(*OUT, "x" * 300)),
    mistake("runs is a file", lambda folder: (folder.parent / "runs").write_text("x"), "out", "cannot be written"),
    mistake("replay no result", nothing, "region: results", "no manifest.json", command=("replay", "region")),
    mistake("replay nothing there", nothing, "nowhere: results", "folder of a result", command=("replay", "nowhere")),
    mistake("replay run -1", nothing, "--run", "0", command=("replay", "region", "--run", "-1")),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "command", "words"), CLUSTER_MISTAKES)
def test_a_mistake_in_the_cluster_file(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


@pytest.mark.parametrize(("edit", "command", "words"), FIRMS_MISTAKES)
def test_a_mistake_in_the_table_of_firms(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


@pytest.mark.parametrize(("edit", "command", "words"), EXPERIMENT_MISTAKES)
def test_a_mistake_in_the_experiment_file(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


@pytest.mark.parametrize(("edit", "command", "words"), COMMAND_MISTAKES)
def test_a_mistake_on_the_command_line(edit, command, words, work, complain):
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


# Results --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def result(work):
    """A result folder `o` that was started and holds no run yet."""
    open_folder(load_experiment("region/experiment.toml", runs=2), work / "o", 25)
    return work / "o"


def change_manifest(folder, change):
    """Edit the manifest of a result."""
    path = folder / "manifest.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def finish(folder, failures):
    """Give a result whole tables (of nonsense) and the marks of a complete one."""
    for name in RECORDINGS[RECORDING]:
        table_path(folder, name).parent.mkdir(exist_ok=True)
        table_path(folder, name).write_bytes(b"not a table")
    sums = {name: checksum(table_path(folder, name)) for name in RECORDINGS[RECORDING]}
    (folder / "complete.json").write_text(json.dumps({"tables": sums, "finished": ""}))
    if failures is not None:
        (folder / "failures.json").write_text(failures)


def test_out_holds_another_experiment(result, complain):
    line = complain(*RUN, "--seed", "7", "--out", "o")
    assert_holds(line, ["o: out", "another experiment", json.loads((result / "manifest.json").read_text())["id"]])


def test_replay_of_an_unknown_policy(result, complain):
    assert_holds(complain("replay", "o", "--policy", "patc"), ["o: policy = 'patc'", "not in this result", "'pact'"])


def test_replay_of_a_run_that_is_not_there(result, complain):
    assert_holds(complain("replay", "o", "--run", "2"), ["o: run = 2", "expected 0 to 1"])


@pytest.mark.parametrize("command", [("replay", "o"), (*RUN, "--out", "o")], ids=["replay", "run"])
@pytest.mark.parametrize("content", [b"", b"{{", b"[]", b"3", b"null", b"\xff\xfe\x00", b'{"x": 1}'])
def test_a_manifest_that_is_none(content, command, result, complain):
    (result / "manifest.json").write_bytes(content)
    assert_holds(complain(*command), ["o/manifest.json: manifest", "damaged"])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda e: e.pop("name"), id="no-name"),
        pytest.param(lambda e: e.update(policies=3), id="policies-a-number"),
        pytest.param(lambda e: e.update(policies=[{}]), id="policy-without-a-name"),
        pytest.param(lambda e: e.update(horizon=[2025]), id="horizon-of-one-year"),
        pytest.param(lambda e: e.update(uncertainty={"nosuch": {"uniform": [0, 1]}}), id="parameter-unknown"),
        pytest.param(lambda e: e.update(runs="many"), id="runs-text"),
        pytest.param(lambda e: e.update(targets={"soon": 1}), id="target-without-a-year"),
    ],
)
def test_a_manifest_with_one_damaged_value(change, result, complain):
    change_manifest(result, lambda data: change(data["experiment"]))
    assert_holds(complain("replay", "o"), ["manifest.json"])


@pytest.mark.parametrize("value", ["missing", 0, "many"])
def test_a_manifest_without_a_shard_size(value, result, complain):
    change_manifest(result, lambda data: data.pop("shard_runs") if value == "missing" else data.update(shard_runs=value))
    assert_holds(complain(*RUN, "--out", "o"), ["manifest.json"])


@pytest.mark.parametrize("file", ["cluster.toml", "firms.csv", "prices.csv"])
def test_a_result_without_its_inputs(file, result, complain):
    (result / "inputs" / file).unlink()
    assert_holds(complain("replay", "o"), [f"o/inputs/{file}", "not found"])


@pytest.mark.parametrize("failures", [None, "junk"], ids=["missing", "damaged"])
def test_a_complete_result_with_a_damaged_list_of_failures_is_mended(failures, result, monkeypatch, capsys):
    finish(result, failures)
    monkeypatch.setattr(sys, "argv", ["clusterpact", *RUN, "--out", "o"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 0, capsys.readouterr().err
    assert json.loads((result / "failures.json").read_text()) == []


def test_replay_of_a_damaged_table(result, complain):
    change_manifest(result, lambda data: data["experiment"].update(horizon=[2025, 2026]))
    finish(result, "[]")
    assert_holds(complain("replay", "o"), ["series.parquet", "damaged"])


# The installed command ------------------------------------------------------------------------------------------------


def shell(*arguments, **environment):
    """Run the module as a program of its own; returns the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "clusterpact", *arguments],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2]), **environment},
    )  # fmt: skip


def test_a_mistake_in_a_process_of_its_own(work):
    put(FIRMS, "SMR-HB,", "SMR-BH,")(work / "region")
    process = shell(*RUN)
    assert (process.returncode, process.stdout) == (2, "")
    assert_holds(
        process.stderr, ["clusterpact: region/firms.csv: ammonia-plant: technology = 'SMR-BH': no such", "'SMR-HB'"]
    )
    assert process.stderr.count("\n") == 1
    assert not (work / "runs").exists()


def test_an_unknown_command_in_a_process_of_its_own(work):
    process = shell("rnu")
    assert (process.returncode, process.stdout, process.stderr.count("\n")) == (2, "", 1)
    assert "'run'" in process.stderr


def test_a_line_with_letters_that_the_terminal_lacks(work):
    put(FIRMS, "works,lime", "works,límé…")(work / "region")
    process = shell("validate", "region", PYTHONIOENCODING="ascii")
    assert (process.returncode, process.stdout, process.stderr.count("\n")) == (2, "", 1)


# Random mistakes and extreme worlds -----------------------------------------------------------------------------------

VALUES = ("true", "nan", "inf", "-inf", "0", "-0.0", "-1", "1e308", "5e-324", '""', '"x"', '"2030"', "0x10", '"\\n"',
          "2024-01-01", "0.5", "9223372036854775808", "1900", "2200", '"."', "99999999999999999999")  # fmt: skip
CELLS = ("", "nan", "inf", "-1", "0", "1e308", "1e-308", "true", "x", "2030", "1_0", "-0", '"', '""', '"unclosed', "planned",
         "cement", "9" * 400, "2024.0", "\ufeff", "\x0b", "\\", "=1+1")  # fmt: skip


def mutate(text, table, rng):
    """Change one value, or one character, of a text."""
    lines = text.split("\n")
    if rng.random() < 0.15:
        place = rng.randrange(len(text))
        return text[:place] + rng.choice("\"'[]{}=,;\n\t\x00#.\\-9\x85\u2028é") + text[place + rng.randrange(2) :]
    if table:
        row = rng.randrange(len(lines) - 1)
        cells = lines[row].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(CELLS)
        lines[row] = ",".join(cells)
    else:
        row = rng.choice([k for k, line in enumerate(lines) if re.match(r'[\w"]+ *=', line)])
        lines[row] = f"{lines[row].partition('=')[0]}= {rng.choice(VALUES)}"
    return "\n".join(lines)


@pytest.mark.parametrize("file", [CLUSTER, FIRMS, EXPERIMENT])
def test_a_random_change_is_accepted_or_explained(file, work):
    rng = random.Random(file)
    path = work / "region" / file
    text = path.read_text(encoding="utf-8")
    for _ in range(100):
        changed = mutate(text, file == FIRMS, rng)
        path.write_bytes(changed.encode())
        try:
            with suppress(InputError):
                world_of(load_experiment("region/experiment.toml", runs=2), 0)
        except Exception as error:  # what the test looks for
            pytest.fail(f"{type(error).__name__}: {error}, for a {file} of\n{changed}")


def with_number(key, value):
    """Another value for a key of the cluster file, wherever it stands."""

    def edit(folder):
        text, count = re.subn(rf"(?m)^{key} = [\d.]+", f"{key} = {value}", (folder / CLUSTER).read_text(encoding="utf-8"))
        assert count
        (folder / CLUSTER).write_text(text, encoding="utf-8")

    return edit


NO_CAPTURE = both(put(FIRMS, "kiln+oxyfuel CCS,2031", ","), put(FIRMS, "SMR-HB+CCS (process CO2),2030", ","))
EXTREMES = {
    "no capital": with_number("capital_meur", 0),
    "tickets of nothing": with_number("ticket_max_meur", 1),
    "tickets too large": with_number("ticket_min_meur", 800),
    "free money": with_number("base_rate_pct", 0),
    "dear money": with_number("base_rate_pct", 50),
    "tiny phases": with_number("phase_per_year", "1e-9"),
    "huge phases": with_number("phase_per_year", "1e9"),
    "no economies of scale": with_number("scale_exponent", 1),
    "all economies of scale": with_number("scale_exponent", "1e-9"),
    "networks for nothing": with_number("capex_meur", "1e-9"),
    "networks that cost the world": with_number("capex_meur", "1e12"),
    "networks of one year": with_number("life_years", 1),
    "no tariff": with_number("tariff_cap_eur_per_unit", 0),
    "seasons in the far future": with_number("first_season_year", 2200),
    "seasons in the past": with_number("first_season_year", 1900),
    "elections in the past": with_number("first_election_year", 1900),
    "base year after the horizon": with_number("base_year", 2200),
    "no spare capacity": with_number("spare_per_year", 0),
    "limit below what exists": put(CLUSTER, "spare_per_year = 300.0", "spare_per_year = 300.0\nlimit_per_year = 10.0"),
    "no milestones": both(put(CLUSTER, '"2030" = 0.30', ""), put(CLUSTER, '"2050" = 1.00', "")),
    "no financiers": drop_tables("financier"),
    "no networks": both(NO_CAPTURE, drop_tables("network")),
    "no networks, no financiers": both(NO_CAPTURE, drop_tables("network"), drop_tables("financier")),
    "one firm": first_row_only("a,A,cement,dry kiln (EU fuel mix),operating,1000,,611,,,,,,,,x\n"),
    "one firm without capacity": first_row_only("a,A,cement,dry kiln (EU fuel mix),operating,0,,0,,,,,,,,x\n"),
    "one planned firm": first_row_only("a,A,cement,dry kiln (EU fuel mix),planned,1000,,0,,,,,,,,x\n"),
    "a tiny firm that emits much": put(FIRMS, "1000,,611", "1e-9,,611"),
    "a huge firm that emits little": put(FIRMS, "1000,,611", "1e9,,1e-9"),
    "campaign older than campaigns last": put(FIRMS, "2024,150,12", "2024,150,900"),
    "announced in the past": put(FIRMS, ",2031,", ",1900,"),
    "no jobs": put(FIRMS, "2024,150,", "2024,0,"),
    "heat beyond all need": link("cement-works", "food-factory", "1e9"),
    "heat both ways": both(link("cement-works", "food-factory"), link("food-factory", "cement-works")),
    "two years": horizon("[2049, 2050]"),
    "eighty years": horizon("[1990, 2070]"),
}


@pytest.mark.parametrize("edit", EXTREMES.values(), ids=[name.replace(" ", "-") for name in EXTREMES])
def test_an_extreme_world_runs_with_its_books_in_order(edit, work):
    listed('["current-policies"]')(work / "region")
    edit(work / "region")
    experiment = load_experiment("region/experiment.toml", runs=3, check_books=True)
    for policy in range(len(experiment.policies)):
        world = world_of(experiment, policy)
        arrays, failures = run_shard(experiment, world, world.fresh_state(), Shard(policy, 0, 3))
        assert [failure["traceback"] for failure in failures] == []
        for name in arrays.series.dtype.names:
            assert np.isfinite(arrays.series[name]).all(), name
        assert (arrays.series["abated_share"] <= 1).all()


def test_a_default_does_not_use_a_network_beyond_its_capacity():
    """`run --check-books` over 50 years or more ends in 'a network is booked or used beyond its capacity' in some runs."""
    s = small_state(firms=2, options_per_firm=3)
    network = s.networks[0]
    network.stage, network.capacity = NET_OPERATING, 400.0
    s.options[1].volume[0] = 400.0  # the first firm's first project; its second one (option 2) needs no network
    s.options[4].volume[0] = 400.0
    for firm, option, quarter in ((0, 1, 8), (0, 2, 60), (1, 4, 80)):
        s.firms[firm].candidate = option
        if lacks_network(s, s.firms[firm]):
            continue
        reserve(s, s.firms[firm])
        commission(s, firm, quarter)
    fail(s, 0, 100)
    audit_capacity(s)
