"""`clusterpact compare` on robustness: its table, its sentences on screen and page, and what the nearest package lacks."""

import dataclasses

import pandas as pd
import pytest

from clusterpact.experiments.questions.comparison import compare_result
from clusterpact.results.language import speaking
from clusterpact.results.report.robust import criteria_rows, nearest_lines, robust_lines
from clusterpact.results.report.sentences import behind
from clusterpact.results.statistics.robustness import COLUMNS, CRITERIA
from clusterpact.results.summary import read_table
from tests.commands import call
from tests.results.made import small_result


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return small_result(tmp_path_factory.mktemp("robust"))


@pytest.fixture(scope="module")
def found(result):
    return compare_result(result, lever_runs=0)


def chosen(found, **by):
    """A comparison whose criteria choose given packages, all with the same value."""
    names = ["current-policies", "help", "same"]
    rows = [
        (name, policy, 1.0, policy in by[name], 1.0, float("nan"), float("nan")) for name in CRITERIA for policy in names
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return found.__class__(**{**vars(found), "tables": {**found.tables, "robustness": table}})


ALL_HELP = dict.fromkeys(CRITERIA, ("help",))


def test_the_table_is_written_and_holds_regret_as_regret_does(result, found):
    table = pd.read_csv(result / "compare" / "robustness.csv")
    regret = pd.read_csv(result / "compare" / "regret.csv").set_index("policy")
    for name in ("mean_regret", "p90_regret", "max_regret"):
        mine = table[table["criterion"] == name].set_index("policy")["value"]
        assert mine.to_dict() == pytest.approx(regret[name].to_dict())
    met = table[table["criterion"] == "satisficing"].set_index("policy")["value"]
    assert met.to_dict() == pytest.approx(regret["target_2030_met_share"].to_dict())


def test_sentences_count_criteria_and_name_who_disagrees(found):
    assert robust_lines(chosen(found, **ALL_HELP)) == ["All 6 criteria of robustness choose help."]
    mixed = chosen(found, **ALL_HELP | {"maximin": ("same",), "satisficing": ("help", "same")})
    assert robust_lines(mixed) == ["4 of 6 criteria of robustness choose help; maximin chooses same; "
                                   "by satisficing help, same are level."]  # fmt: skip
    assert [row["policy"] for row in criteria_rows(mixed)] == ["help, same", "same", *["help"] * 4]


def test_where_hurwicz_turns_is_said(found):
    turning = chosen(found, **ALL_HELP)
    table = turning.tables["robustness"]
    rows = table["criterion"] == "hurwicz"
    table.loc[rows & (table["policy"] == "same"), ["alpha_from", "alpha_to"]] = (0.0, 0.31)
    table.loc[rows & (table["policy"] == "help"), ["alpha_from", "alpha_to"]] = (0.31, 1.0)
    assert robust_lines(turning)[1] == (
        "By Hurwicz, the choice turns with the weight on the best future: at 0 same, from 0.31 on help."
    )


def test_the_nearest_package_and_what_is_missing_are_counted_from_the_tables(result, found):
    """The target of 30 % in 2030 is met in fewer than 80 % of futures under every package."""
    outcomes = read_table(result, "outcomes")
    shares, met = (outcomes.groupby("policy")[name].mean() for name in ("abated_share_2030", "target_2030_met"))
    table = found.tables["nearest"]
    first = table.iloc[0]
    assert met.max() < 0.8
    assert first["policy"] == shares.idxmax()
    assert first["abated_share"] == pytest.approx(shares.max())
    assert first["met_share"] == pytest.approx(met[first["policy"]])
    assert first["missing_kt"] == pytest.approx((0.30 - shares.max()) * found.about.baseline_kt)
    still = (1 - shares.max()) * found.about.baseline_kt  # at the rate of its end; the table has the whole year
    assert table["remaining_kt"].sum() == pytest.approx(still, rel=0.02)
    (line,) = nearest_lines(found)
    assert line.startswith("No package meets the target of 2030 in 80\u00a0% of futures. The nearest is ")
    assert f"missing is {first['missing_kt'] / 1000:.3g} Mt in that year" in line
    largest = table.iloc[0]
    assert f"{found.about.names[largest['agent']]} {largest['remaining_kt'] / 1000:.3g}" in line
    assert line in behind(found, outcomes)
    with speaking("de"):
        assert nearest_lines(found)[0].startswith("Kein Paket erreicht das Ziel für 2030 in 80\u00a0% der Zukünfte.")


def test_a_target_that_is_met_on_average_alone_is_not_said_to_lack_nothing(found):
    nearly = dataclasses.replace(found, tables=found.tables | {"nearest": found.tables["nearest"].assign(missing_kt=0.0)})
    (line,) = nearest_lines(nearly)
    assert "missing is" in nearest_lines(found)[0]
    assert "missing is" not in line
    assert "On average nothing is missing, but in too many futures something is; still emitted, in Mt: " in line


def test_a_target_that_a_package_meets_is_not_missed(result):
    easy = compare_result(result, lever_runs=0, confidence=0.01)
    assert len(easy.tables["nearest"]) == 0
    assert nearest_lines(easy) == []


def test_the_command_takes_bounds_and_refuses_wrong_ones_in_one_line(result, capsys):
    options = ("--lever-runs", 0, "--threads", 1)
    assert call("compare", result, "--bound", "cumulative_mt <= 20", "--bound", "defaults == 0", *options) == 0
    assert "criteria of robustness choose" in capsys.readouterr().out
    table = pd.read_csv(result / "compare" / "robustness.csv")
    outcomes = read_table(result, "outcomes").query("policy == 'help'")
    met = ((outcomes["cumulative_mt"] <= 20) & (outcomes["defaults"] == 0)).mean()
    assert table.query("criterion == 'satisficing' and policy == 'help'")["value"].item() == pytest.approx(met)
    assert call("compare", result, "--bound", "cumulativ_mt <= 20", *options) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert "--bound = 'cumulativ_mt': no such outcome; did you mean 'cumulative_mt'?" in line
