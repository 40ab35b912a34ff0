"""A schedule that begins later than the law of the place: until then the law holds, for instruments and for budgets."""

from dataclasses import replace

import numpy as np
import pytest

from clusterpact.cli.catalogue import describe
from clusterpact.cli.portrait import portrait
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.making.starter import write_starter
from clusterpact.experiments.questions.levers import levers_of
from clusterpact.inputs import read_toml
from clusterpact.policies.package import LIBRARY, Package, library_package, parse_law, parse_package
from clusterpact.results.report.sentences import instrument_rows
from clusterpact.results.summary import read_table
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from tests.commands import call

LATER = """
[[policy]]
name = "later"
grant_share = { schedule = [[2030, 0.15]] }
budgets = { grants_meur_per_year = { schedule = [[2029, 40]] } }
[[policy]]
name = "weaker"
grant_share = { schedule = [[2030, 0.05]] }
"""


@pytest.fixture
def place(tmp_path):
    """The starter, where a grant of 15 % and a budget of 40 MEUR a year are law, with packages that begin later."""
    write_starter(tmp_path / "region")
    law = tmp_path / "region" / "cluster.toml"
    text = law.read_text(encoding="utf-8") + "\n[budgets]\ngrants_meur_per_year = 40\n"
    law.write_text(text, encoding="utf-8")
    path = tmp_path / "region" / "experiment.toml"
    text = path.read_text(encoding="utf-8").replace("[2026, 2050]", "[2026, 2033]").partition("[[policy]]")[0]
    text = text.replace('"current-policies", "pact", "finance-first"', '"current-policies"')
    path.write_text(text + LATER, encoding="utf-8")
    return path


def test_a_package_at_the_laws_level_equals_current_policies_to_the_bit(place, tmp_path):
    out = tmp_path / "out"
    assert call("run", place, "--runs", 3, "--no-figures", "-q", "--threads", 1, "--out", out) == 0
    outcomes = read_table(out, "outcomes")
    by_law, later, weaker = (
        outcomes[outcomes["policy"] == name].drop(columns="policy").reset_index(drop=True)
        for name in ("current-policies", "later", "weaker")
    )
    assert later.equals(by_law)
    assert not weaker.equals(by_law)


def test_the_law_holds_until_the_first_point_and_nothing_where_there_is_no_law():
    law = parse_law({"grant_share": 0.2, "lock_in": {"schedule": [[2028, 0.5]]}}, "", {"grants_meur_per_year": 7})
    package = parse_package(
        {"name": "p", "grant_share": {"schedule": [[2030, 0.4]]}, "lock_in": {"schedule": [[2029, 0.1]]},
         "sanctions": {"schedule": [[2028, 1.0]]},
         "budgets": {"grants_meur_per_year": {"schedule": [[2028, 9]]}, "credits_meur_per_year": {"schedule": [[2029, 3]]}}},
        "",
    )  # fmt: skip
    table = package.by_year(2027, 2030, law)
    assert table.grant_share.tolist() == [0.2, 0.2, 0.2, 0.4]
    assert table.lock_in.tolist() == [0.0, 0.5, 0.1, 0.1]
    assert table.sanctions.tolist() == [0.0, 1.0, 1.0, 1.0]
    assert table.budget_meur_per_year[:, 0].tolist() == [7, 9, 9, 9]
    assert table.budget_meur_per_year[:, 3].tolist() == [np.inf, np.inf, 3, 3]
    assert package.by_year(2027, 2030).grant_share.tolist() == [0.0, 0.0, 0.0, 0.4]


def test_what_only_says_what_the_law_says_is_no_member_of_a_package(place):
    """Taken apart, it would be a lever of no effect."""
    experiment = load_experiment(str(place))
    names = [package.name for package in levers_of(experiment, "later", 2).policies]
    assert not [name for name in names if name.startswith(("only", "without"))]
    names = [package.name for package in levers_of(experiment, "weaker", 2).policies]
    assert "only grant_share" in names


def test_a_member_taken_out_of_a_package_leaves_the_law(place):
    experiment = load_experiment(str(place))
    law = experiment.scenario.law
    levers = {package.name: package for package in levers_of(experiment, "weaker", 2).policies}
    assert levers["only grant_share"].by_year(2028, 2031, law).grant_share.tolist() == [0.15, 0.15, 0.05, 0.05]
    assert levers["without grant_share"].by_year(2028, 2031, law).grant_share.tolist() == [0.15] * 4


def test_the_report_says_what_holds_before_a_schedule_begins(place, tmp_path):
    experiment = load_experiment(str(place))
    assert call("run", place, "--runs", 2, "--no-figures", "-q", "--threads", 1, "--out", tmp_path / "o") == 0
    rows = instrument_rows(about_result(experiment, tmp_path / "o"))
    said = {(row["policy"], row["name"]): row["schedule"] for row in rows}
    assert (
        said["later", "grant a share of capital cost (grant_share)"]
        == "before 2030: as the law of the place; 0.15 share from 2030"
    )
    assert said["later", "grants budget"] == "before 2029: as the law of the place; 40 from 2029 MEUR/year"


def test_show_says_what_holds_before_a_schedule_begins_and_that_schedules_hold_in_steps():
    text = describe("phase-out")
    assert "phase_out: before 2035: as the law of the place; 0.5 from 2035, 1 from 2040" in text
    assert "in steps" in text
    assert "grant_share: 0\n" in describe("carbon-price-only") + "\n"


def test_the_portrait_gives_every_step_of_the_law():
    scenario = read_scenario(CLUSTERS / "dunkirk")
    law = Package("law", "", "", None, {"lock_in": ((2030, 0.2), (2035, 0.5)), "grant_share": ((0, 0.1),)})
    assert "law: lock_in 0.2 from 2030, 0.5 from 2035; grant_share 0.1" in " ".join(
        portrait(replace(scenario, law=law)).split()
    )


def test_every_package_of_the_library_keeps_its_own_first_year():
    for name in ("pact", "four-pillars", "stop-and-go"):
        package = library_package(name)
        points = read_toml(LIBRARY / f"{name}.toml")
        for key, written in points.items():
            if isinstance(written, dict):
                assert package.schedules[key][0] == tuple(written["schedule"][0])
