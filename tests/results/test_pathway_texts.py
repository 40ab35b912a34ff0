"""What is said of pathways: every number of every sentence is recomputed from the outcomes, and picture and page show it."""

import io
import math
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from scipy import stats

from clusterpact.agents.vocabulary import SIGNALS
from clusterpact.face.results import Result
from clusterpact.policies.package import parse_package
from clusterpact.policies.signals import parse_signal
from clusterpact.results.figures import result as plots
from clusterpact.results.figures.painters import FIGURES, figures_of
from clusterpact.results.language import LANGUAGES, _, speaking
from clusterpact.results.recorded import RECORDING, RECORDINGS
from clusterpact.results.report.pathways import action, chance, pathway_lines
from clusterpact.results.report.translated import in_words
from clusterpact.results.report.words import schedule, signal_in_words
from clusterpact.results.statistics.pathways import is_needed, pathway_tables
from clusterpact.results.summary import read_table
from tests.commands import call
from tests.results.made import small_result
from tests.results.page.parsed import Parsed, rows_of
from tests.results.test_pathways import FIRST, LAST, NEVER, PLAN, RUNS, TRIGGERED, made_about, made_outcomes

OTHERS = [code for code in LANGUAGES if code != "en"]
ALWAYS = {"name": "always", "title": "Always", "grant_share": {"value": 0.4, "when": "abated_share >= -1"},
          "lock_in": {"value": 0.5, "when": "abated_share >= 0.1"}}  # fmt: skip
POLICIES = tuple(parse_package(plan, "") for plan in ({"name": "base"}, PLAN | {"title": "A plan"}, ALWAYS))
STARTED = re.compile(
    r"(.*) \((.*)\): it starts in (\S+)\u00a0% \[(\d+), (\d+)\] of futures, in (\d+) by the median of these "
    r"\(5 to 95 %: (\d+) to (\d+)\); in (\S+)\u00a0% it never does\."
)
AFTER = re.compile(
    r"(.*) → (.*): in (\S+)\u00a0% \[(\d+), (\d+)\] of futures the second starts after the first, (\d+ years|a year) later "
    r"by the median; in (\S+)\u00a0% before it\."
)


@pytest.fixture(scope="module")
def outcomes():
    """The made plan, and one of which a step starts in 2027 in all runs, and another in 2035 or never."""
    always = pd.DataFrame({"policy": "always", "run": range(RUNS), "start_year_grant_share": 2027.0,
                           "start_year_lock_in": np.where(np.arange(RUNS) % 4, 2035.0, math.nan)})  # fmt: skip
    return pd.concat([made_outcomes(), always], ignore_index=True)


@pytest.fixture(scope="module")
def about():
    return made_about(POLICIES, {"hub": "Hub of the port"})


@pytest.fixture(scope="module")
def said(outcomes, about):
    return dict(pathway_lines(about, pathway_tables(outcomes, POLICIES, FIRST, LAST), "plan"))


def starts(outcomes, policy, name):
    """Years of start by run of what waits; of the rest, the year of the plan."""
    dated = {"learn from other governments' policies": 2029.0, "educate, so that firms can decide and build": 2028.0}
    rows = outcomes[outcomes["policy"] == policy]
    waiting = {action(one): f"start_year_{one}" for one in ("grant_share", "lock_in", "phase_out")}
    return np.full(len(rows), dated[name]) if name in dated else rows[waiting[name]].to_numpy(float)


def rounded(share):
    """A share in per cent, as it is said."""
    return f"{100 * share:.0f}"


def test_every_number_of_a_start_is_that_of_the_runs(said, outcomes):
    found = [match for line in said["A plan"] if (match := STARTED.fullmatch(line))]
    assert [match[1] for match in found] == [action("grant_share"), action("lock_in")]
    for match in found:
        years = np.sort(starts(outcomes, "plan", match[1]))
        known = years[~np.isnan(years)]
        interval = stats.binomtest(len(known), RUNS).proportion_ci(0.95, "wilson")
        assert match.groups()[2:5] == (rounded(len(known) / RUNS), rounded(interval.low), rounded(interval.high))
        places = [max(0, math.ceil(q * len(known)) - 1) for q in (0.5, 0.05, 0.95)]
        assert [int(year) for year in match.groups()[5:8]] == known[places].tolist()
        assert match[9] == rounded(1 - len(known) / RUNS)


def test_every_number_of_an_order_is_that_of_the_runs(said, outcomes):
    found = [match for line in said["A plan"] if (match := AFTER.fullmatch(line))]
    assert len(found) == 2
    for match in found:
        first, second = (starts(outcomes, "plan", name) for name in match.groups()[:2])
        after = int((second > first).sum())
        interval = stats.binomtest(after, RUNS).proportion_ci(0.95, "wilson")
        assert match.groups()[2:5] == (rounded(after / RUNS), rounded(interval.low), rounded(interval.high))
        gaps = np.sort((second - first)[second > first])
        assert match[6] == f"{gaps[math.ceil(len(gaps) / 2) - 1]:.0f} years"
        assert match[7] == rounded((second < first).sum() / RUNS)


def test_what_always_starts_never_starts_or_starts_in_one_year_is_said_so(said):
    assert (
        f"{action('phase_out')} (1 once the number of policy reversals is 3 or more): it starts in none of 200 futures."
        in (said["A plan"])
    )
    first, second, order = said["Always"]
    assert first.endswith("is -100\u00a0% or more): it starts in all 200 futures, in 2027.")
    assert second.endswith(
        "is 10\u00a0% or more): it starts in 75\u00a0% [69, 80] of futures, in 2035; in 25\u00a0% it never does."
    )
    assert AFTER.fullmatch(order)[6] == "8 years"
    assert [len(lines) for lines in said.values()] == [6, 3]


def test_the_calendar_is_told_step_by_step(said):
    (line,) = [line for line in said["A plan"] if line.startswith("By the calendar: ")]
    for step in (
        "(0.05 from 2026)",
        "(0.1 1/year from 2028)",
        "(1 from 2029)",
        "(0.8 from 2034, 0.5 from 2036, 0 from 2040)",
    ):
        assert step in line
    assert line.count("(") == 4


def test_of_steps_without_an_order_that_is_told_it_is_said_so(about, outcomes):
    tables = pathway_tables(outcomes, POLICIES, FIRST, LAST)
    tables["pathway_orders"]["is_direct"] = False
    for title, lines in pathway_lines(about, tables, "always"):
        pairs = (tables["pathway_orders"]["policy"] == {"Always": "always", "A plan": "plan"}[title]).sum()
        assert lines[-1].startswith("Of no two steps is it told")
        assert f"({pairs} pairs" in lines[-1]
    assert pathway_lines(about, {}, "always") == []


@pytest.mark.parametrize(
    ("written", "words"),
    [("signed_share.hub >= 0.6", "the volume signed for Hub is 60\u00a0% of its first phase or more"),
     ("decided_share.x > 0", "the capacity decided of x is above 0\u00a0% of its first phase"),
     ("abated_share <= 0.125", "the abated share of scope 1 is 12.5\u00a0% or less"),
     ("milestone_gap > 0.1 for 3 years",
      "the gap to the milestone in force is above 10\u00a0% of scope 1, 3 years in a row"),
     ("carbon_price_eur_per_t < 60", "last year's mean carbon price is below 60 EUR/t"),
     ("reversals >= 2", "the number of policy reversals is 2 or more")],
)  # fmt: skip
def test_a_signal_is_said_in_words(written, words):
    assert signal_in_words(parse_signal(written, "", "when"), {"hub": "Hub"}) == words
    assert schedule(f"0.4 once {written}, for sector lime", "MEUR") == (
        f"0.4 MEUR once {words.replace('Hub', 'hub')}, for sector lime"
    )


def test_every_signal_has_words():
    for name, kind in SIGNALS.items():
        signal = parse_signal(f"{name}{'.hub' if kind.of else ''} > {kind.low:g}", "", "when")
        assert signal_in_words(signal, {})


def test_the_picture_says_what_the_tables_say(outcomes, about):
    figure = plots.pathways(outcomes, about)
    figure.savefig(io.BytesIO())
    texts = {text.get_text() for text in figure.findobj(Text)}
    tables = pathway_tables(outcomes, POLICIES, FIRST, LAST)
    steps, orders = tables["pathway_steps"], tables["pathway_orders"]
    for row in steps[steps["signal"] != ""].to_dict("records"):
        assert f"starts in {rounded(row['started_share'])}\u00a0%" in texts
        assert row["never_share"] == 0 or f"never in {rounded(row['never_share'])}\u00a0%" in texts
        assert row["started_share"] == 0 or str(row["year_median"]) in texts
    for share in orders.loc[orders["is_direct"], "share"]:
        assert f"{rounded(share)}\u00a0%" in texts
    assert {"A plan", "Always", "0.8 from 2034, 0.5 from 2036, 0 from 2040"} <= texts
    ribbons = [found for axis in figure.axes for found in axis.collections if hasattr(found, "get_paths")]
    assert len(ribbons) >= len(steps)
    many = [parse_package(ALWAYS | {"name": f"p{k}", "title": f"P{k}"}, "") for k in range(9)]
    rows = pd.concat([outcomes[outcomes["policy"] == "always"].assign(policy=policy.name) for policy in many])
    crowded = plots.pathways(rows, made_about(tuple(many)))
    assert len(crowded.axes) == 6
    assert any(
        "(the first 6 packages; 3 more are in the tables)" in text.get_text().replace("\n", " ")
        for text in crowded.findobj(Text)
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_beside_a_step_is_cut_or_lies_on_another(outcomes, about, code):
    rare = outcomes.assign(start_year_grant_share=np.where(outcomes["run"] == 0, NEVER, 2030.0))
    with speaking(code):
        figure = plots.pathways(rare, about)
        shares = {part.format(share=chance(0.995)) for part in (_("starts in {share}"), _("never in {share}"))}
    figure.savefig(io.BytesIO())
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    assert shares & {text.get_text() for text in texts}
    for text in texts:
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1, text.get_text()
    panel = figure.axes[0].get_window_extent()
    for text in (text for text in figure.axes[0].texts if text.get_ha() == "left" and text.get_position()[0] < 0):
        assert text.get_window_extent().x1 < panel.x0, text.get_text()


def test_it_is_drawn_where_something_waits_and_nowhere_else():
    recorded = RECORDINGS[RECORDING]
    assert {*figures_of(recorded, True)} - {*figures_of(recorded, False)} == {"pathways"}
    assert figures_of(recorded, False) == FIGURES
    columns = ("policy", "run", "start_year_lock_in", "cumulative_mt", "draw_capex_level")
    assert [*filter(is_needed, columns)] == ["policy", "run", "start_year_lock_in"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_result(tmp_path_factory.mktemp("pathways"), TRIGGERED)


@pytest.mark.horizon
def test_run_draws_it_and_python_has_it(folder):
    experiment = folder.parent / "region" / "experiment.toml"
    assert call("run", experiment, "--out", folder, "-q", "--threads", 1, "--figures", "both") == 0
    assert {"pathways.png", "pathways.svg"} <= {path.name for path in (folder / "figures").iterdir()}
    result = Result(folder)
    assert "pathways" in dir(result.plot)
    assert "Which step follows which signal" in repr(result.plot)
    assert result.plot.pathways()._repr_png_().startswith(b"\x89PNG")


@pytest.mark.horizon
def test_compare_tells_it_of_the_packages_that_wait(folder, capsys):
    assert call("compare", folder, "--lever-runs", 0, "--threads", 1) == 0
    told = capsys.readouterr().out
    result = Result(folder)
    tables = pathway_tables(read_table(folder, "outcomes"), result._about().policies, 2026, 2045)
    assert told.count("which step follows which signal") == 1
    for line in pathway_lines(result._about(), tables, "answers")[0][1]:
        assert f"  {line}\n" in told


@pytest.mark.horizon
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_has_a_section_of_it_in_every_language(folder, code):
    assert call("report", folder, "--lever-runs", 0, "--threads", 1, "--language", code) == 0
    name = "report.html" if code == "en" else f"report.{code}.html"
    page = Parsed((folder / name).read_text(encoding="utf-8"))
    assert page.unmatched == page.open == []
    assert "#pathways" in page.values("href")
    assert "pathways" in page.values("id")
    result = Result(folder)
    tables = pathway_tables(read_table(folder, "outcomes"), result._about().policies, 2026, 2045)
    with speaking(code):
        lines = [line for _, lines in pathway_lines(in_words(result._about()), tables, "answers") for line in lines]
    assert len(lines) >= 4
    for line in lines:
        assert " ".join((line[:1].upper() + line[1:]).split()) in page.text
    links = {found["download"]: rows_of(found["href"]) for found in page.all("a") if "download" in found}
    assert links["pathway_steps.csv"][0] == list(tables["pathway_steps"].columns)
    for table in tables:
        assert len(links[f"{table}.csv"]) == len(tables[table]) + 1
        assert len(pd.read_csv(folder / "compare" / f"{table}.csv")) == len(tables[table])


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_is_half_english_in_another_language(about, outcomes, code):
    english = re.compile(r"\b(the|of|and|is|are|with|which|from|by|runs|futures|once|starts?|never|years?)\b")
    tables = pathway_tables(outcomes, POLICIES, FIRST, LAST)
    with speaking(code):
        lines = [line for _, lines in pathway_lines(about, tables, "plan") for line in lines]
        figure = plots.pathways(outcomes, about)
    lines += [text.get_text() for text in figure.findobj(Text)]
    left = [line for line in lines if english.search(line.replace("Hub of the port", "").replace("runs per", ""))]
    assert left == []
