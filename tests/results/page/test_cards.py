"""The first screen: five cards, and every number on them computed again from the tables of the result."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clusterpact.experiments.questions.comparison import compare_result
from clusterpact.results.report.cards import cards
from clusterpact.results.report.sentences import effect, row_of
from clusterpact.results.report.words import number
from clusterpact.results.summary import read_table
from tests.commands import call
from tests.results.made import small_result
from tests.results.page.parsed import Parsed

EFFECT = """
name = "effect"
title = "Two packages"
cluster = "."
horizon = [2025, 2040]
runs = 300
seed = 3
baseline = "current-policies"
policies = ["current-policies"]
[uncertainty]
carbon_price_level = { triangular = [0.2, 0.6, 1.0] }
bindingness = { uniform = [0.1, 0.9] }
[[policy]]
name = "strong"
title = "Strong help"
base = "four-pillars"
grant_share = 0.6
[[policy]]
name = "weak"
title = "Weak help"
base = "current-policies"
grant_share = 0.01
[targets]
2030 = 0.2
2040 = 1.0
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return small_result(tmp_path_factory.mktemp("cards"), EFFECT)


@pytest.fixture(scope="module")
def compared(result):
    return compare_result(result, package="strong", lever_runs=60)


@pytest.fixture(scope="module")
def shown(compared, result):
    """The five cards of the package `strong`, by their questions; question marks of a page that says them are checked."""
    return {card.question: card for card in cards(compared, read_table(result, "outcomes"))}


@pytest.fixture(scope="module")
def outcomes(result):
    return read_table(result, "outcomes").set_index("run")


def numbers(text):
    """The numbers of a text, in their order, without thousands' signs."""
    return [float(one.replace(",", "")) for one in re.findall(r"[-+]?\d[\d,]*\.?\d*", text)]


def paired(outcomes, column):
    """Strong less baseline, run by run."""
    strong, base = (outcomes[outcomes["policy"] == name][column] for name in ("strong", "current-policies"))
    return (strong - base).to_numpy(float)


def interval(values):
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return values.mean() - half, values.mean() + half


def test_there_are_five_questions_in_this_order(shown) -> None:
    assert list(shown) == ["What to do?", "Who does it?", "What does it cost?", "How sure is that?",
                           "What would change the answer?"]  # fmt: skip


def test_what_to_do_says_the_paired_difference(shown, outcomes) -> None:
    card, gap = shown["What to do?"], paired(outcomes, "cumulative_mt")
    low, high = interval(gap)
    assert high < 0  # the package lowers emissions, and that is told
    base = outcomes.loc[outcomes["policy"] == "current-policies", "cumulative_mt"].mean()
    assert card.glance == "Strong help"
    expected = [abs(gap.mean()), abs(high), abs(low), base, 100 * (gap < 0).mean()]
    assert [number(one) for one in numbers(card.text)[1:]] == [
        number(float(number(one).replace(",", ""))) for one in expected[:4]
    ] + [number(round(expected[4]))]


def test_a_tie_that_the_interval_alone_would_tell_says_among_how_many_comparisons(compared) -> None:
    made = row_of(compared.tables["differences"], policy=compared.package, outcome=compared.outcome)
    made |= {"difference": -6.0, "low": -10.0, "high": -2.0, "verdict": "tied"}
    tested = compared.tables["differences"]["p_value"].notna().sum()
    assert effect(compared, made).endswith(f"Among {tested} comparisons one like it may be chance.")
    assert "chance" not in effect(compared, made | {"high": 2.0})


def test_who_does_it_counts_the_steps_and_names_the_best(shown, result) -> None:
    card = shown["Who does it?"]
    levers = pd.read_csv(result / "compare" / "levers.csv")
    counts = levers[levers["is_member"]].groupby("stakeholder").size()
    assert card.glance == f"Steps: {counts['government']} of the government, {counts['pact']} of the pact"
    helps = levers[levers["verdict"].isin(["worth its cost", "helps"])]
    best = helps.sort_values(["verdict", "net_meur"], ascending=False).iloc[0]
    assert best["action"] in card.text
    assert f"{number(best['effect'])} Mt [{number(best['effect_low'])}, {number(best['effect_high'])}]" in card.text


def test_what_it_costs_says_public_money_in_all_and_per_tonne(shown, outcomes) -> None:
    card, money = shown["What does it cost?"], paired(outcomes, "public_meur")
    less, loans = -paired(outcomes, "cumulative_mt"), paired(outcomes, "loans_meur")
    low, high = interval(money)
    assert card.glance == f"{number(money.mean(), True)} MEUR of public money, {number(money.mean() / less.mean())} EUR/t"
    assert f"It takes {number(money.mean())} MEUR more of public money than Current policies" in card.text
    assert f"[{number(low, True)}, {number(high, True)}]" in card.text
    assert f"dearer in {100 * (money > 0).mean():.0f}\u00a0% of futures" in card.text
    assert f"The state lends {number(loans.mean())} MEUR more" in card.text


def test_how_sure_says_how_often_and_whether_targets_are_met(shown, outcomes) -> None:
    card, gap = shown["How sure is that?"], paired(outcomes, "cumulative_mt")
    assert card.glance == f"Better in {100 * (gap < 0).mean():.0f}\u00a0% of futures"
    wide = outcomes.reset_index().pivot(index="run", columns="policy", values="cumulative_mt")
    best = np.isclose(wide, wide.min(axis=1).to_numpy()[:, None], rtol=1e-12)
    share = (best / best.sum(axis=1, keepdims=True))[:, list(wide.columns).index("strong")].mean()
    assert f"Best of the packages in {100 * share:.0f}\u00a0% of 300 futures" in card.text
    strong = outcomes[outcomes["policy"] == "strong"]
    assert f"2030 in {100 * strong['target_2030_met'].mean():.0f}\u00a0%" in card.text


def test_a_target_that_no_package_meets_is_called_that_with_the_nearest_future(compared, result) -> None:
    outcomes = read_table(result, "outcomes")
    outcomes["target_2040_met"] = False
    outcomes["abated_share_2040"] = np.where(outcomes["policy"] == "strong", 0.6 + outcomes["run"] / 1000, 0.99)
    text = next(card.text for card in cards(compared, outcomes) if card.question == "How sure is that?")
    best = f"{60 + 0.1 * outcomes['run'].max():.1f}\u00a0%"
    assert f"No package meets that of 2040 in any; its best future abates {best} by 2040, against a target of 100.0" in text


def test_what_would_change_it_says_the_gap_in_the_outer_fifths(shown, outcomes) -> None:
    card = shown["What would change the answer?"]
    named = re.search(r"\((carbon_price_level|bindingness)\)", card.text)
    assert named is not None
    wide = outcomes.reset_index().pivot(index="run", columns="policy", values="cumulative_mt")
    gap = wide["weak"] - wide["strong"]
    order = [name for name in ("Strong help", "Weak help", "Current policies") if name in card.text]
    if order[:2] == ["Strong help", "Current policies"]:
        gap = wide["current-policies"] - wide["strong"]
    drawn = outcomes[outcomes["policy"] == "strong"][f"draw_{named[1]}"]
    low, high = drawn.quantile([0.2, 0.8])
    ends = gap[drawn <= low].mean(), gap[drawn >= high].mean()
    assert f"from {number(ends[0], True)} to {number(ends[1], True)} Mt" in card.text


def test_the_page_shows_the_cards_as_they_are(shown, result) -> None:
    assert call("report", result, "--package", "strong", "--lever-runs", 60, "--threads", 1) == 0
    page = Parsed((result / "report.html").read_text(encoding="utf-8"))
    for card in shown.values():
        for part in (card.question, card.glance, card.text):
            assert " ".join(part.split()) in " ".join(page.text.split())
