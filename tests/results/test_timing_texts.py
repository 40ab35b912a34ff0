"""Every sentence about timing: what it says is recomputed from the made outcomes, number by number, and it is drawn."""

import io
import re
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from scipy import stats

from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.results.about import About, Timing
from clusterpact.results.figures.timing import timing as draw
from clusterpact.results.report.timing import action, timing_lines
from clusterpact.results.report.words import number
from clusterpact.results.statistics.contributions import FULL, NONE
from clusterpact.results.statistics.timing import (
    ALONE,
    END,
    IN_FORCE,
    KINDS,
    SETTINGS,
    START,
    WITHIN,
    Curve,
    Variants,
    curve_table,
    interactions,
    latest_of,
    milestones,
    package_chances,
)
from tests.results.made import made

FIRST, LAST, RUNS, VALUE = 2026, 2037, 150, 100.0
YEARS = range(FIRST, LAST + 1)
BASE = np.random.default_rng(3).normal(500, 30, RUNS)
NOTHING = "green_premium_eur_per_t"
#: By instrument: Mt that a start in the first year brings, of which each later one brings 1/8 less; and what it costs, MEUR.
BRINGS = {"grant_share": (16.0, 450.0), "lock_in": (-8.0, 0.0), NOTHING: (0.0, 0.0), "monitoring": (0.8, 0.0),
          "sanctions": (0.0, -50.0)}  # fmt: skip
PAIR = ("grant_share", "lock_in")
MEETS = {2030: 0.9, 2036: 0.12}  #: share of the runs that meet a target if all starts in the first year


def spread(name, sd):
    drawn = np.random.default_rng(crc32(name.encode())).normal(0, sd, RUNS)
    return drawn - drawn.mean()


def left(year):
    """How much of the effect of a first start is left if it starts, or is lost if it ends, in a year."""
    return max(0.0, 1 - (year - FIRST) / 8)


def world():
    """Outcomes of every variant, by policy: emissions, public money, targets met."""
    emitted, public, met = {NONE: BASE, FULL: BASE - 9}, {NONE: np.full(RUNS, 900.0), FULL: np.full(RUNS, 1000.0)}, {}
    for name, (brings, cost) in BRINGS.items():
        for setting in SETTINGS:
            start, end = (Curve((name,), setting, kind, FIRST) for kind in KINDS)
            emitted[start.never], public[start.never] = BASE, np.full(RUNS, 900.0)
            for year in YEARS:
                for curve, share in ((start, left(year)), (end, left(FIRST) - left(year))):
                    policy = curve.policy(year)
                    if policy == curve.never:
                        continue
                    emitted[policy] = BASE - brings * share - spread(policy, 0.2)
                    public[policy] = 900.0 + (cost if share else 0.0) + spread(policy, 1.0)
    both = Curve(PAIR, ALONE, START, FIRST)
    for year in YEARS:
        emitted[both.policy(year)] = BASE - 24 * left(year) - spread(both.policy(year), 0.2)
        public[both.policy(year)] = np.full(RUNS, 950.0)
    for target, share in MEETS.items():
        met[target] = {policy: np.arange(RUNS) < round(RUNS * chance_of(policy, share)) for policy in emitted}
    return emitted, public, met


def chance_of(policy, share):
    """A target is met less often the later grants start, and never without them; nothing else makes a difference."""
    found = re.fullmatch(r"within start grant_share (\d+)", policy)
    return 0.0 if policy == "without grant_share" else share - 0.05 * (int(found[1]) - FIRST) if found else share


@pytest.fixture(scope="module")
def raw():
    return world()


@pytest.fixture(scope="module")
def found(raw):
    """The timing of the made world, all years of which were run."""
    emitted, public, met = raw
    outcomes = made(emitted, public_meur=public, **{f"target_{year}_met": table for year, table in met.items()})
    variants = Variants.of(outcomes, "cumulative_mt", MEETS, VALUE)
    curves = [Curve((name,), setting, kind, FIRST) for name in BRINGS for setting in SETTINGS for kind in KINDS]
    curves.append(Curve(PAIR, ALONE, START, FIRST))
    tables = {curve: curve_table(variants, curve, YEARS) for curve in curves}
    latest = pd.DataFrame([latest_of(variants, curve, table, LAST) for curve, table in tables.items()])
    latest["strength"], latest["strength_unit"] = 0.5, "share"
    about = About(
        "Made", "0" * 12, "0" * 12, RUNS, 1, FIRST, LAST, "base", (), {}, {}, "", "", 1.0, {}, {}, (), {}, (), 0, ()
    )
    return Timing(
        about, Path("."), "cumulative_mt", "CO2 emitted over the horizon", "Mt", "package", RUNS, 1, 0.5, VALUE,
        dict.fromkeys(BRINGS, 0.5), {"faster_permits": (IN_FORCE, 0.5)}, package_chances(variants),
        {"curves": pd.concat(tables.values()), "milestones": milestones(variants, curves[:-1], LAST, 0.5),
         "latest": latest.astype(dict.fromkeys(("latest_year", "next_year", "worth_year"), "Int64")),
         "pairs": interactions(variants, PAIR, FIRST)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def said(found):
    return dict(timing_lines(found))


def line_of(said, name):
    (line,) = [line for lines in said.values() for line in lines if line.startswith(f"{action(name)} (")]
    return line


def mean_of(values):
    """Mean and 95 % interval as they are written."""
    mean, half = values.mean(), stats.t.ppf(0.975, RUNS - 1) * values.std(ddof=1) / RUNS**0.5
    return mean, mean - half, mean + half


def start_by(raw, name, year, never=NONE):
    return raw[0][never] - raw[0][f"alone start {name} {year}"]


def test_what_helps_is_said_with_its_latest_year_its_worth_and_what_a_year_costs(raw, said):
    """16 Mt in the first year, 2 Mt less a year, gone in 2034; worth 450 MEUR at 100 EUR/t while above 4.5 Mt: to 2031."""
    line = line_of(said, "grant_share")
    mean, low, high = mean_of(start_by(raw, "grant_share", FIRST))
    first = f"{number(mean, True)} Mt [{number(low, True)}, {number(high, True)}] if started in 2026"
    assert f"Alone: Useful if started by 2033 ({first}); tied with never from 2034 on." in line
    assert "Worth its cost if started by 2031." in line
    effects = np.array([start_by(raw, "grant_share", year) for year in range(2026, 2033)])
    slopes = np.polyfit(np.arange(7), effects, 1)[0]
    mean, low, high = mean_of(-slopes)
    cost = f"{number(mean)} Mt [{number(low)}, {number(high)}]"
    assert f"A year's delay costs {cost}, until 2032." in line
    assert line.endswith(
        "In force from 2026 on, and then ended: Told to lose if ended by 2033; tied with keeping it from 2034 on."
    )


def test_what_harms_or_cannot_be_told_or_is_little_is_said_so(raw, said):
    for name, text in (("lock_in", "Harms if started by 2033 ("), (NOTHING, "Tied with never, whenever it starts ("),
                       ("monitoring", "Too little to matter (")):  # fmt: skip
        mean, low, high = mean_of(start_by(raw, name, FIRST))
        first = f"{number(mean, True)} Mt [{number(low, True)}, {number(high, True)}] if started in 2026"
        assert f"Alone: {text}{first}" in line_of(said, name), line_of(said, name)
    assert "Too little is lost to matter." in line_of(said, "monitoring")
    assert "Tied with keeping it, in every year." in line_of(said, NOTHING)
    assert "Told to gain if ended by 2033" in line_of(said, "lock_in")
    assert "In no year is it told to be worth its cost." in line_of(said, "lock_in")


def test_what_saves_money_and_changes_no_emissions_is_not_called_worth_its_cost(said):
    line = line_of(said, "sanctions")
    assert "Effect and public money together are told to be worth it if started by 2033." in line
    assert "Worth its cost" not in line


def test_a_milestone_names_the_decision_and_its_year(raw, said):
    """Chance 0.9 less 0.05 a year: 0.6 in 2032, whose interval begins above a half; 0.55 in 2033, whose does not."""
    chances = {year: raw[2][2030][f"within start grant_share {year}"].mean() for year in YEARS}
    low = {year: stats.binomtest(round(RUNS * p), RUNS).proportion_ci(0.95, "wilson").low for year, p in chances.items()}
    latest = max(year for year in YEARS if low[year] >= 0.5)
    assert latest == 2032
    others = ", ".join(action(name) for name in BRINGS if name != "grant_share")
    assert said["milestones"][0] == f"For 2030 at 50\u00a0%: {action('grant_share')} by {latest}; holds without: {others}."
    share = raw[2][2036][FULL].mean()
    ends = stats.binomtest(round(RUNS * share), RUNS).proportion_ci(0.95, "wilson")
    chance = f"{100 * share:.0f}\u00a0% [{100 * ends.low:.0f}, {100 * ends.high:.0f}]"
    assert said["milestones"][1] == f"For 2036 at 50\u00a0%: not reached even from 2026 on (chance {chance} at best)."


def test_a_pair_that_interacts_is_said_with_its_size(raw, said):
    both = BASE - raw[0]["alone start grant_share+lock_in 2026"]
    mean, low, high = mean_of(both - start_by(raw, "grant_share", FIRST) - start_by(raw, "lock_in", FIRST))
    size = f"{number(mean)} Mt [{number(low)}, {number(high)}]"
    text = f"{action('grant_share')} + {action('lock_in')}: together {size} more than each by itself. Both together: Useful"
    assert said["pairs"][0].startswith(text)
    assert "if started by 2033" in said["pairs"][0]


def test_every_number_that_is_said_is_one_of_the_tables(found, said):
    """Years, sizes and chances: whatever stands in a sentence is found in a row, or is a number of the request."""
    known = {"0.5", "50", "95", "2", "1", str(RUNS), number(VALUE), "CO2"}
    for table in found.tables.values():
        for name in table.select_dtypes("number"):
            values = table[name].dropna().astype(float)
            known |= {number(abs(value)) for value in values} | {f"{value:.0f}" for value in values}
            known |= {f"{100 * value:.0f}" for value in values if name.startswith("chance")}
    for lines in said.values():
        for line in lines:
            for one in INSTRUMENTS.values():
                line = line.replace(one.action, "")
            strange = [
                token for token in re.findall(r"\d[\d.,]*(?:e-\d+)?(?<![.,])", line.replace("CO2", "")) if token not in known
            ]
            assert strange == [], line


def test_all_that_is_said_stands_under_a_heading_in_this_order(said):
    assert list(said) == ["milestones", "government", "firms", "pact", "pairs", "left out", "what it rests on"]
    assert said["left out"] == [f"{action('faster_permits')}: already in force at 0.5 or more."]
    assert said["what it rests on"][0].startswith(f"{RUNS} runs per variant")
    assert said["what it rests on"][-1] == "Worth its cost: effect at 100 EUR per tonne of CO2, less public money."


@pytest.mark.parametrize("who", ["government", "firms", "pact"])
def test_a_figure_marks_the_years_on_its_curves_in_letters_that_can_be_read(found, who):
    curves = found.tables["curves"]
    figure = draw(curves[curves["stakeholder"] == who], found)
    figure.savefig(io.BytesIO())
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in texts) / 72 * 100 >= 9
    assert figure.get_figwidth() <= 9.55
    mine = [name for name in BRINGS if INSTRUMENTS[name].controlled_by == who]
    assert len(figure.axes) == 2 * len(mine)
    marks = {(line.get_marker(), line.get_xdata()[0]) for line in figure.axes[0].lines if line.get_marker() in "vD"
             and len(line.get_xdata())}  # fmt: skip
    if who == "government":
        assert {("v", 2033), ("D", 2031)} <= marks
    ticks = [label for axis in figure.axes for label in (*axis.get_xticklabels(), *axis.get_yticklabels())]
    for text in (text for text in texts if text not in ticks):
        box, edge = text.get_window_extent(), figure.bbox
        assert max(edge.x0 - box.x0, box.x1 - edge.x1, edge.y0 - box.y0, box.y1 - edge.y1) <= 1, text.get_text()


def test_end_and_start_of_one_curve_agree_where_they_are_the_same():
    start, end = (Curve(("grant_share",), WITHIN, kind, FIRST) for kind in (START, END))
    assert end.policy(FIRST) == start.never
    assert end.reference == start.policy(FIRST)
