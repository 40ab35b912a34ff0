"""`clusterpact compare` from start to end: levers, roadmaps, practices, and every mistake in one line."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.replay import replay_run
from clusterpact.experiments.questions.levers import BUDGETS, MODE, levers_of, members, taken_from
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import PRACTICES
from clusterpact.policies.package import Package, Practised, library_package, parse_package
from clusterpact.results.summary import read_table
from tests.commands import call, python
from tests.results.made import SMALL, row_of, small_result

QUICK = ("--threads", 1)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A folder with the starter in `region`, and its result in `o`, compared once."""
    folder = tmp_path_factory.mktemp("comparison")
    small_result(folder)
    assert call("compare", folder / "o", "--package", "help", *QUICK) == 0
    return folder


def csv_bytes(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "compare").glob("*.csv"))}


def test_a_member_that_does_nothing_here_contributes_exactly_nothing(small):
    """Peer learning acts on ties between governments, and a cluster by itself has none."""
    table = pd.read_csv(small / "o" / "compare" / "contributions.csv")
    assert set(table["member"]) == {"grant_share", "peer_learning", "merchant_haircut"}
    rows = table[table["member"] == "peer_learning"]
    assert set(rows["outcome"]) == {"cumulative_mt", "public_meur", "abated_share_2030", "switched_share_2030",
                                    "closed_share_2030", "output_share_2030"}  # fmt: skip
    for part in ("adds", "alone", "interaction"):
        assert (rows[[part, f"{part}_low", f"{part}_high"]] == 0.0).all(axis=None)
    assert not rows["interacts"].any()


def test_contributions_are_differences_of_means_of_the_levers_runs(small):
    table = pd.read_csv(small / "o" / "compare" / "contributions.csv")
    runs = read_table(next((small / "o" / "levers").iterdir()), "outcomes")
    mean = runs.groupby("policy")["public_meur"].mean()
    for row in table[table["outcome"] == "public_meur"].to_dict("records"):
        assert row["pairs"] == 60
        adds = mean["package"] - mean[f"without {row['member']}"]
        alone = mean[f"only {row['member']}"] - mean["baseline"]
        found = (row["adds"], row["alone"], row["interaction"])
        assert found == pytest.approx((adds, alone, adds - alone), abs=1e-9)
    assert row_of(table, outcome="public_meur", member="grant_share")["alone_low"] > 0


def test_the_levers_runs_are_paired_with_those_of_the_result(small):
    runs = read_table(next((small / "o" / "levers").iterdir()), "outcomes")
    result = read_table(small / "o", "outcomes")
    for lever, policy in (("baseline", "current-policies"), ("package", "help")):
        a, b = (table[table["policy"] == name].reset_index(drop=True).drop(columns="policy")
                for table, name in ((runs, lever), (result, policy)))  # fmt: skip
        pd.testing.assert_frame_equal(a, b)


def test_a_second_comparison_runs_nothing_and_writes_the_same_bytes(small, capsys):
    before = csv_bytes(small / "o")
    assert len(before) == 18
    times = {path: path.stat().st_mtime_ns for path in (small / "o" / "levers").rglob("*")}
    assert call("compare", small / "o", "--package", "help", *QUICK) == 0
    assert "compiling" not in capsys.readouterr().err
    assert csv_bytes(small / "o") == before
    assert {path: path.stat().st_mtime_ns for path in (small / "o" / "levers").rglob("*")} == times


def test_a_member_is_what_a_package_changes():
    baseline = parse_package({"name": "b", "grant_share": 0.1, "lock_in": 0.5, "skills_per_year": 0.05}, "")
    written = {"name": "p", "base": "b", "grant_share": {"schedule": [[2026, 0.1]]}, "sanctions": 1.0,
               "governance_mode": "anchor", "practices": {"merchant_haircut": 0.36}}  # fmt: skip
    package = parse_package(written, "", {"b": baseline})
    assert sorted(members(package, baseline)) == ["governance_mode", "grant_share", "merchant_haircut", "sanctions"]
    assert members(baseline, baseline) == []
    gone = parse_package({"name": "q", "grant_share": 0.1}, "")
    assert members(gone, baseline) == ["lock_in", "skills_per_year"]  # switched off is a change too


def test_a_practice_that_only_the_baseline_has_is_a_member():
    baseline = Package("b", "", "", None, {}, {"merchant_haircut": 0.36})
    assert members(Package("p", "", "", None, {}), baseline) == ["merchant_haircut"]


def test_taking_every_member_from_a_package_leaves_the_baseline():
    baseline = library_package("current-policies")
    written = {"name": "p", "base": "four-pillars", "governance_mode": "orchestrator", "practices": {"gearing_max": 0.8},
               "budgets": {"grants_meur_per_year": 100.0}}  # fmt: skip
    package = parse_package(written, "")
    changed = members(package, baseline)
    assert {MODE, BUDGETS} <= set(changed)
    for member in changed:
        without, only = taken_from(package, baseline, member, "x"), taken_from(baseline, package, member, "y")
        assert members(without, baseline) == [name for name in changed if name != member]
        assert members(only, baseline) == [member]
        assert (without.name, only.name) == ("x", "y")
    left = package
    for member in changed:
        left = taken_from(left, baseline, member, "z")
    assert (left.schedules, left.practices) == (baseline.schedules, baseline.practices)
    assert left.governance_mode == baseline.governance_mode


def test_levers_hold_every_member_and_practice_once(small):
    levers = levers_of(reopen(small / "o"), "help", 20)
    names = [package.name for package in levers.policies]
    others = len(PRACTICES) - 1  # one is the package's own
    assert len(names) == len(set(names)) == 2 + 2 * 3 + 2 * others
    assert (levers.runs, levers.baseline, levers.recording) == (20, "baseline", "outcomes")
    assert levers.seed == reopen(small / "o").seed


def test_practices_are_inherited_and_replaced():
    base = parse_package({"name": "b", "practices": {"merchant_haircut": 0.36, "gearing_max": 0.8}}, "")
    package = parse_package({"name": "p", "base": "b", "practices": {"gearing_max": 0.6}}, "", {"b": base})
    assert package.practices == {"merchant_haircut": Practised(0.36), "gearing_max": Practised(0.6)}
    assert base.practices == {"merchant_haircut": Practised(0.36), "gearing_max": Practised(0.8)}


@pytest.mark.parametrize("value", [0.34, 0.56, True, "0.4", float("nan"), float("inf"), [0.4]])
def test_a_practice_keeps_within_its_bounds(value):
    with pytest.raises(InputError, match=r"practices\.merchant_haircut = .*expected 0\.35 to 0\.55"):
        parse_package({"name": "p", "practices": {"merchant_haircut": value}}, "")
    for written in (value, {"at_most": value}):
        with pytest.raises(InputError, match=r"practices\.merchant_haircut = .*expected 0\.35 to 0\.55"):
            parse_package({"name": "p", "practices": {"merchant_haircut": written}}, "")
    found = parse_package({"name": "p", "practices": {"merchant_haircut": 0.35}}, "").practices
    assert found == {"merchant_haircut": Practised(0.35)}


def test_a_practice_may_bound_what_is_drawn_instead_of_replacing_it():
    written = {"merchant_haircut": {"at_most": 0.4}, "gearing_max": {"at_least": 0.8}, "bindingness": 0.5}
    package = parse_package({"name": "p", "practices": written}, "")
    drawn = np.array([0.35, 0.5, 0.9])
    assert package.practices["merchant_haircut"].of(drawn).tolist() == [0.35, 0.4, 0.4]
    assert package.practices["gearing_max"].of(drawn).tolist() == [0.8, 0.8, 0.9]
    assert package.practices["bindingness"].of(drawn).tolist() == [0.5, 0.5, 0.5]
    assert {name: practised.written for name, practised in package.practices.items()} == written
    assert [str(practised) for practised in package.practices.values()] == ["at most 0.4", "at least 0.8", "0.5"]
    with pytest.raises(InputError, match=r"practices\.gearing_max\.at_lest: unknown key; did you mean 'at_least'\?"):
        parse_package({"name": "p", "practices": {"gearing_max": {"at_lest": 0.8}}}, "")


@pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.name)
def test_no_practice_acts_against_its_words_in_any_future(practice):
    """A draw that is already beyond the practice's value stays where it is."""
    parameter = PARAMETERS[practice.parameter]
    drawn = np.linspace(parameter.low, parameter.high, 50)
    after = Practised(practice.value, practice.bound).of(drawn)
    moved = (after - drawn) * (1 if practice.bound == "at_least" else -1)
    assert (moved >= 0).all()
    assert (moved > 0).any()


def test_how_far_levers_move_is_told(small):
    table = pd.read_csv(small / "o" / "compare" / "levers.csv").set_index("lever")
    haircut = table.loc["merchant_haircut"]
    assert (haircut["to_mean"], haircut["moved_share"]) == (pytest.approx(0.36), 1.0)
    assert haircut["from_mean"] == pytest.approx(PARAMETERS["merchant_haircut"].default)
    binding = table.loc["binding-commitments"]  # drawn between 0.1 and 0.9, raised to 0.8 where it is less
    drawn = read_table(small / "o", "outcomes").query("policy == 'help'")["draw_bindingness"]
    assert binding["from_mean"] == pytest.approx(drawn.mean())
    assert binding["to_mean"] == pytest.approx(drawn.clip(lower=0.8).mean())
    assert binding["moved_share"] == pytest.approx((drawn < 0.8).mean())
    assert table.loc["grant_share", "schedule"] == "0.5"


PRACTISED = SMALL.replace(
    'name = "same"\n', 'name = "same"\npractices = { bindingness = 0.9, gearing_max = { at_least = 0.85 } }\n'
)


def test_a_practice_changes_runs_and_is_replayed(tmp_path):
    folder = small_result(tmp_path, PRACTISED.replace("runs = 60", "runs = 20"))
    written = json.loads((folder / "manifest.json").read_text())["experiment"]["policies"]
    assert [policy.get("practices") for policy in written][2] == {"bindingness": 0.9, "gearing_max": {"at_least": 0.85}}
    assert "practices" not in written[0]
    assert reopen(folder).policies[2].practices == {
        "bindingness": Practised(0.9),
        "gearing_max": Practised(0.85, "at_least"),
    }
    outcomes = read_table(folder, "outcomes").set_index("run")
    base, other = (outcomes[outcomes["policy"] == name] for name in ("current-policies", "same"))
    changed = (base["private_meur"] != other["private_meur"]).to_numpy().nonzero()[0]
    assert len(changed) > 0
    for run in (0, int(changed[0])):
        assert replay_run(folder, "same", run).matches is True


@pytest.fixture
def work(small, tmp_path, monkeypatch):
    """A working folder with the starter in `region` and a whole result in `o`, not yet compared."""
    shutil.copytree(small / "region", tmp_path / "region")
    shutil.copytree(small / "o", tmp_path / "o", ignore=shutil.ignore_patterns("levers", "compare"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def complain(work, capsys):
    """Run a command that must fail in one line with code 2, and write nothing (tables of `compare` are whole)."""

    def run(*arguments):
        capsys.readouterr()
        before = {path for path in work.rglob("*") if "compare" not in path.parts}
        assert call(*arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert len(printed.err.splitlines()) == 1, printed.err
        assert printed.err.startswith("clusterpact: ")
        assert {path for path in work.rglob("*") if "compare" not in path.parts} == before, "something was written"
        return printed.err

    return run


def run_small(folder, text):
    """Run another experiment file of two runs on the starter's cluster, in the working folder."""
    Path("region/experiment.toml").write_text(text.replace("runs = 60", "runs = 2"), encoding="utf-8")
    assert call("run", "region/experiment.toml", "--no-figures", "-q", "--out", folder, *QUICK) == 0


ARGUMENTS = [
    ("region", ["region: results", "no manifest.json"]),
    ("nowhere", ["nowhere: results", "folder of a result"]),
    ("region/firms.csv", ["region/firms.csv", "folder of a result"]),
    ("o --outcome cumulative", ["--outcome = 'cumulative'", "'cumulative_mt'"]),
    ("o --package hepl", ["--package = 'hepl'", "'help'"]),
    ("o --confidence 2", ["--confidence", "'2'", "0.99"]),
    ("o --confidence nan", ["--confidence", "nan"]),
    ("o --lever-runs -1", ["--lever-runs", "'-1'"]),
    ("", ["results"]),
]


@pytest.mark.parametrize("command", ["compare", "report"])
@pytest.mark.parametrize(("arguments", "words"), ARGUMENTS, ids=[text for text, _ in ARGUMENTS])
def test_a_mistake_on_the_command_line(command, arguments, words, complain):
    line = complain(command, *arguments.split()).lower()
    assert [word for word in words if word not in line] == []


def test_an_unfinished_result_is_not_compared(complain):
    os.remove("o/complete.json")
    assert "o: results" in complain("compare", "o")


def test_a_result_with_a_damaged_table_is_not_compared(complain):
    Path("o/tables/outcomes.parquet").write_bytes(b"not a table")
    assert "outcomes.parquet" in complain("compare", "o")


def test_a_screening_is_not_compared(complain):
    assert call("sensitivity", "region/experiment.toml", "--trajectories", 4, "--replicates", 1, "--out", "s", *QUICK) == 0
    line = complain("compare", "s")
    assert "s: results" in line
    assert "again to finish it" not in line  # it is finished, and another command's


def test_a_single_policy_is_not_compared(complain):
    run_small("one", SMALL.partition("[[policy]]")[0])
    assert "is the only policy; expected at least two" in complain("compare", "one")


@pytest.mark.parametrize("module", ["jinja2", "scipy"])
def test_a_missing_extra_is_named(module, work):
    """In a fresh process, since this one has loaded it."""
    code = f"import sys; sys.modules[{module!r}] = None; from clusterpact.cli.app import main; main()"
    done = python("-c", code, "report", "o", "--lever-runs", 0)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "expected: pip install " in done.stderr


def test_a_page_goes_into_a_folder_that_is_made_for_it(work):
    """As the results of `run --out` do."""
    assert call("report", "o", "--lever-runs", 0, "--out", "new/deep/page.html", *QUICK) == 0
    assert Path("new/deep/page.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [path.name for path in Path("new/deep").iterdir()] == ["page.html"]


@pytest.mark.parametrize("out", ["region", "region/firms.csv/page.html"])
def test_a_page_that_cannot_be_written_leaves_nothing(out, complain):
    assert "region" in complain("report", "o", "--lever-runs", 0, "--out", out, *QUICK)


ODD = ["--package current-policies", "--package same --outcome half_abated_year --lever-runs 0", "--lever-runs 1"]


@pytest.mark.parametrize("arguments", ODD)
def test_an_odd_question_is_answered_or_refused_in_one_line(arguments, work, capsys):
    """The baseline taken apart, an outcome that no future has (half of all in twelve years), one run per lever."""
    assert call("report", "o", *arguments.split(), *QUICK) in (0, 2)


def test_a_package_with_slashes_in_its_name_stays_within_the_result(work):
    run_small("two", SMALL.replace('"help"', '"../../away"'))
    before = set(work.iterdir())
    assert call("compare", "two", "--package", "../../away", *QUICK) == 0
    assert set(work.iterdir()) == before


HAIRCUT = "{ merchant_haircut = 0.36 }"
MISTAKES = [
    ('name = "help"', 'name = "pact"', ["policy[pact].name = 'pact'", "library"]),
    ('base = "current-policies"', 'base = "currnt-policies"', ["policy[help].base", "'current-policies'"]),
    ('["current-policies"]', '["current-policies", "hepl"]', ["policies = 'hepl'", "no such policy"]),
    ("[[2026, 1.0]]", "[[2030, 1.0], [2028, 0.5]]", ["policy[help].peer_learning = 2028", "rise"]),
    ("grant_share = 0.5", "grant_share = 0.7", ["policy[help].grant_share = 0.7", "expected 0 to 0.6"]),
    ("2030 = 0.30", "2040 = 0.30", ["targets.2040", "between 2025 and 2036"]),
    (HAIRCUT, "3", ["policy[help].practices = 3", "{ parameter = value }"]),
    (HAIRCUT, "[0.36]", ["policy[help].practices = [0.36]", "{ parameter = value }"]),
    (HAIRCUT, "{ merchant_hair = 0.36 }", ["policy[help].practices.merchant_hair", "'merchant_haircut'"]),
    (HAIRCUT, "{ merchant_haircut = 36 }", ["practices.merchant_haircut = 36", "0.35 to 0.55"]),
    ("practices =", "practises =", ["policy[help].practises", "'practices'"]),
]


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES, ids=[new for _, new, _ in MISTAKES])
def test_a_mistake_in_a_package(old, new, words, complain):
    assert old in SMALL
    Path("region/experiment.toml").write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    line = complain("run", "region/experiment.toml", "--no-figures", "--out", "x")
    assert [word for word in ["region/experiment.toml: ", *words] if word not in line] == []
