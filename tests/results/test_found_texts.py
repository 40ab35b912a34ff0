"""Every sentence about found packages: what it says is recomputed from made outcomes, number by number, and it is drawn."""

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from clusterpact.experiments.search.evolution import Member
from clusterpact.experiments.search.fresh import against, front_table, judged
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package
from clusterpact.policies.signals import parse_signal
from clusterpact.results.about import About, Searched
from clusterpact.results.figures.front import front as draw_front
from clusterpact.results.figures.front import trade_offs
from clusterpact.results.report.found import found_lines
from clusterpact.results.report.found_rows import found_content, in_force
from clusterpact.results.report.found_words import action
from clusterpact.results.report.words import number
from clusterpact.results.statistics.contents import contents, in_common
from clusterpact.results.statistics.kinds import FOUND, IDLE, SEEN, USED_UP, Aim
from tests.search.made import search

RUNS = 200
CO2 = Aim("min cumulative_mt", "cumulative_mt", "mean", 1)
MONEY = Aim("min p90_public_meur", "public_meur", "p90", 1)
TARGET = Aim("max target_2040_met", "target_2040_met", "mean", -1)
BUDGET = Aim("public_meur <= 900", "public_meur", "mean", 1, 900.0)
LABELS = {"cumulative_mt": ("CO2 emitted over the horizon", "Mt"), "public_meur": ("public money", "MEUR"),
          "target_2040_met": ("chance of the 2040 target", "%")}  # fmt: skip
LUCK = np.random.default_rng(5)
FUTURES = (LUCK.normal(300, 20, RUNS), LUCK.normal(500, 30, RUNS), LUCK.random(RUNS))
#: Packages of the experiment and of the front: Mt less than the baseline, MEUR more, chance of the target, per cent.
HAND = {"current": (0, 0, 10), "pact": (40, 200, 30), "cheap": (1, -300, 10)}
FRONT = {"found-01": (90, 380, 80), "found-02": (60, 150, 55), "found-03": (45, 100, 40), "found-04": (30, -50, 20)}
#: By how much better they seemed in the search, Mt, MEUR and per cent.
SEEMED = {"found-01": (4, 20, 0), "found-02": (2, 0, -1), "found-03": (0, 20, 0), "found-04": (2, -120, 0)}
SIGNAL = parse_signal("abated_share >= 0.3", "", "")
EVERY = {"grant_share": ((2028, 0.3),), "faster_permits": ((2027, 0.5), (2036, 0.0))}
CONTENTS = {
    "found-01": EVERY | {"lock_in": ((2026, 0.8),), "grant_share": ((2026, 0.5),)},
    "found-02": EVERY | {"lock_in": ((2030, 1.0),)},
    "found-03": EVERY | {"sanctions": ((0, 0.4),)},
    "found-04": {"faster_permits": ((2029, 0.5), (2036, 0.0))},
}
FREE = ("lock_in", "faster_permits", "grant_share", "sanctions", "monitoring")


def package(name, title=""):
    schedules = CONTENTS.get(name, {})
    signals = {"sanctions": SIGNAL} if "sanctions" in schedules else {}
    return Package(name, title or name, "", None, schedules, signals=signals)


def runs_of(less, more, chance):
    """Outcomes by run: CO2, money, whether the target is met; with the same luck for all."""
    own = np.random.default_rng([int(less), int(abs(more))])
    noise = own.normal(0, 1, RUNS)
    return np.column_stack([FUTURES[0] - less + noise, FUTURES[1] + more + 5 * noise, FUTURES[2] < chance / 100])


RAW = {name: runs_of(*given) for name, given in (HAND | FRONT).items()}


def made(front=FRONT, constraints=(BUDGET,), stopped=IDLE):
    """What a search of the made world found."""
    wanted = search(objectives=(CO2, MONEY, TARGET), constraints=constraints, runs_most=RUNS, regret_of=CO2,
                    starts=(2026, 2040), governance=("anchor", "majority"))  # fmt: skip
    hand = [Member(package(name, name.capitalize()), RAW[name]) for name in HAND]
    mine = [Member(replace(package(name), governance_mode="anchor" if name < "found-04" else "majority"), RAW[name])
            for name in front]  # fmt: skip
    fresh = [*hand, *mine]
    judged(wanted, fresh, len(hand), 0)
    before = [seeming(one, np.array(SEEMED.get(one.package.name, (0, 0, 0))) * [1, 1, 0.01]) for one in fresh]
    table = front_table(wanted, before, fresh, len(hand), 0)
    held = contents([one.package for one in mine], hand[0].package)
    found = table[table["made"] == FOUND]
    tables = {"front": table, "against": against(wanted, fresh, len(hand)), "contents": held,
              "hypervolume": pd.DataFrame({"generation": [0]}),
              "instruments": in_common(held, found, FREE, [aim.name for aim in wanted.objectives])}  # fmt: skip
    about = About("Made", "0" * 12, "0" * 12, RUNS, 1, 2026, 2050, "current", tuple(one.package for one in hand), {}, {}, "",
                  "", 1.0, {}, {}, (), {}, (), 0, ())  # fmt: skip
    told = replace(wanted.wanted, instruments=dict.fromkeys(FREE, (0.0, 1.0)))
    return Searched(about, Path("."), "0" * 12, told, LABELS, 1234, 56789, stopped, dict.fromkeys(front, b""), tables)


def seeming(member, better):
    """A package as the search took it for, better by so much; objectives are small where they are good."""
    return replace(member, objectives=member.objectives - better)


@pytest.fixture(scope="module")
def found():
    return made()


@pytest.fixture(scope="module")
def said(found):
    return dict(found_lines(found))


def statistic(name, aim):
    """An objective or a constraint, from the made outcomes."""
    values = RAW[name][:, list(LABELS).index(aim.column)]
    return np.sort(values)[int(np.ceil(0.9 * RUNS)) - 1] if aim.kind == "p90" else values.mean()


def figure(found, name, aim):
    """The same with its interval, as it is written; the interval is that of the table."""
    row = found.tables["front"].set_index("package").loc[name]
    scale, unit = (100, " %") if aim is TARGET else (1, f" {LABELS[aim.column][1]}")
    low, high = (number(scale * row[f"{aim.name}{end}"]) for end in ("_low", "_high"))
    assert row[f"{aim.name}_low"] <= statistic(name, aim) <= row[f"{aim.name}_high"]
    return f"{number(scale * statistic(name, aim))}{unit} [{low}, {high}]"


def test_what_was_wanted_is_said_with_what_was_free_and_why_it_ended(said):
    lines = said["what was searched for"]
    assert lines[0] == (
        "Packages that nothing beats in 3 objectives at once: lowest CO2 emitted over the horizon (Mt); lowest 90th "
        "percentile of public money (MEUR); highest chance of the 2040 target (%)."
    )
    assert lines[1] == "Constraints: public money at most 900 MEUR."
    assert lines[2] == (
        "Free to choose: 5 instruments, how strong each is, and when it starts, from 2026 to 2040. The pact may be governed "
        "by: anchor; majority. All else is as under Current."
    )
    assert lines[3] == (
        "1,234 packages were tried in 56,789 runs: 8 of each, up to 200 of those that did best. The search ended because 12 "
        "generations gained no more than their interval."
    )


@pytest.mark.parametrize(("stopped", "words"), [(USED_UP, "as many packages were tried as were allowed"),
                                                (SEEN, "all packages that can be told apart were tried")])  # fmt: skip
def test_another_end_and_no_constraint_are_said_so(stopped, words):
    lines = dict(found_lines(made(constraints=(), stopped=stopped)))["what was searched for"]
    assert lines[1] == "No constraint was set."
    assert lines[3].endswith(f"because {words}.")


def test_what_regret_is_is_said_where_it_is_wanted(found):
    regret = Aim("min p90_regret", "regret", "p90", 1)
    told = replace(found, wanted=replace(found.wanted, objectives=(CO2,), constraints=(replace(regret, bound=5.0),)))
    table = found.tables["against"]
    tables = {"front": with_regret(found.tables["front"]), "against": table[table["objective"] == CO2.written]}
    lines = dict(found_lines(replace(told, tables=found.tables | tables)))
    first, second, third, *_ = lines["what was searched for"]
    assert first == "Packages with the one thing wanted: lowest CO2 emitted over the horizon (Mt)."
    assert second.startswith("Regret in CO2 emitted over the horizon: how much worse")
    assert "90th percentile of regret in CO2 emitted over the horizon at most 5 Mt" in third


def with_regret(table):
    return table.assign(p90_regret=1.0, p90_regret_low=0.5, p90_regret_high=2.0)


def test_the_best_of_each_objective_is_said_with_that_of_the_experiments_own(found, said):
    lines = said["what they offer"]
    assert lines[0].startswith("4 packages are on the front")
    assert "again in 200 fresh futures" in lines[0]
    assert lines[1] == "All of them keep to it: public money at most 900 MEUR."
    for line, objective, aim, mine, hand in (
        (lines[2], "Lowest CO2 emitted over the horizon", CO2, "found-01", "pact"),
        (lines[3], "Lowest 90th percentile of public money", MONEY, "found-04", "cheap"),
        (lines[4], "Highest chance of the 2040 target", TARGET, "found-01", "pact"),
    ):
        assert line == (f"{objective}: {mine} with {figure(found, mine, aim)}; of the experiment's own packages, "
                        f"{hand.capitalize()} with {figure(found, hand, aim)}.")  # fmt: skip
    middle = balanced()
    values = "; ".join(f"{name} {figure(found, middle, aim)}" for name, aim in (
        ("CO2 emitted over the horizon", CO2), ("90th percentile of public money", MONEY),
        ("chance of the 2040 target", TARGET)))  # fmt: skip
    assert lines[5] == f"Most balanced, nearest to the best of every objective: {middle} ({values})."


def balanced():
    """The package of the front that is nearest to the best of every objective, each over its range."""
    aims = np.array([[aim.sign * statistic(name, aim) for aim in (CO2, MONEY, TARGET)] for name in FRONT])
    scaled = (aims - aims.min(axis=0)) / np.ptp(aims, axis=0)
    return list(FRONT)[int((scaled**2).sum(axis=1).argmin())]


def test_a_constraint_that_some_or_none_keep_is_said_with_who_is_nearest(found):
    tight = replace(BUDGET, written="public_meur <= 620", bound=620.0)
    lines = dict(found_lines(made(constraints=(tight,))))["what they offer"]
    keep = sum(statistic(name, tight) <= 620 for name in FRONT)
    assert 0 < keep < 4
    assert lines[1] == f"{keep} of 4 keep to it: public money at most 620 MEUR."
    none = replace(BUDGET, written="public_meur <= 100", bound=100.0)
    told = made(constraints=(none,))
    lines = dict(found_lines(told))["what they offer"]
    value = figure(told, "found-04", none)
    assert lines[1] == f"None of them keeps to it: public money at most 100 MEUR. Nearest is found-04 with {value}."
    assert any("found-01 (breaks a constraint) with" in line for line in lines)


def test_an_empty_front_is_said_to_be_empty_and_nothing_else_is():
    told = made(front={})
    (_wanted, (_heading, lines)) = found_lines(told)
    assert lines == ["The front is empty: no package was found."]
    assert found_content(told)["chosen"] == []


def test_packages_that_others_dominate_are_counted():
    RAW["found-05"] = RAW["found-01"] + [1, 1, 0]
    lines = dict(found_lines(made(front=FRONT | {"found-05": ()})))["what they offer"]
    assert lines[2] == "Judged by these futures, 1 of them is no better in anything than some other package."


def test_who_is_beaten_is_said_with_the_differences_told_after_holm(found, said):
    """Pact by found-02 and -03, which are no dearer; cheap by nobody, since nothing is cheaper."""
    lines = said["against the experiment's own packages"]
    table = found.tables["against"]
    assert len(table) == 4 * 3 * 3
    assert lines[0].endswith("after adjusting for all 36 comparisons (Holm).")
    assert lines[1] == "2 of the 3 packages are beaten, each of them in at least 3 of 3 objectives."
    told = {one: rows.groupby("package")["verdict"].agg(list) for one, rows in table.groupby("against")}
    pact = {name: (words.count("better"), words.count("worse")) for name, words in told["pact"].items()}
    beating = [name for name, (better, worse) in pact.items() if better and not worse]
    assert beating == ["found-02", "found-03"]
    mine = max(beating, key=lambda name: pact[name][0])
    details = []
    for words, aim in (("CO2 emitted over the horizon", CO2), ("90th percentile of public money", MONEY),
                       ("chance of the 2040 target", TARGET)):  # fmt: skip
        row = table[(table["package"] == mine) & (table["against"] == "pact") & (table["objective"] == aim.written)].iloc[0]
        scale = 100 if aim is TARGET else 1
        gap = statistic(mine, aim) - statistic("pact", aim)
        low, high = (number(scale * row[end], True) for end in ("low", "high"))
        details.append(f"{words} {number(scale * gap, True)} {LABELS[aim.column][1]} [{low}, {high}] {row['verdict']}")
    assert lines[3] == (f"Pact is beaten by 2 of 4, most by {mine}, better in {pact[mine][0]} of 3 objectives: "
                        f"{'; '.join(details)}.")  # fmt: skip
    assert lines[4].startswith("Cheap is not beaten. Best against it is found-0")
    assert "better in 2 of 3 objectives and worse in 1: " in lines[4]


def test_who_is_better_in_nothing_is_said_so(found):
    table = found.tables["against"].assign(verdict="tied")
    told = replace(found, tables=found.tables | {"against": table})
    lines = dict(found_lines(told))["against the experiment's own packages"]
    assert lines[1] == "Current is not beaten: no found package is told to be better in anything."


def test_the_winners_curse_is_what_the_front_lost_of_its_lead(said):
    """On average the front seemed better by 2 Mt, worse by 20 MEUR, and worse by a quarter of a per cent, than it was."""
    (line,) = said["how much of it was luck"]
    lost = np.mean(list(SEEMED.values()), axis=0)
    assert lost.tolist() == [2, -20, -0.25]
    lead = np.mean([statistic("current", CO2) - statistic(name, CO2) for name in FRONT]) + lost[0]
    target = 100 * np.mean([statistic(name, TARGET) - statistic("current", TARGET) for name in FRONT]) + lost[2]
    assert f"CO2 emitted over the horizon worse by 2 Mt (it seemed ahead by {number(lead)} Mt)" in line
    assert "90th percentile of public money better by 20 MEUR;" in line
    assert f"chance of the 2040 target better by 0.25 % (it seemed ahead by {number(target)} %)." in line


def test_what_they_have_in_common_is_said_with_years_and_strengths(said):
    lines = said["what they have in common"]
    assert lines[0] == (f"{action('faster_permits').capitalize()}: in 4 of 4, from 2027 (2027 to 2029), ended again in 4, "
                        "strength 0.5.")  # fmt: skip
    assert lines[1] == (f"{action('grant_share').capitalize()}: in 3 of 4, from 2028 (2026 to 2028), strength 0.3 (0.3 to "
                        "0.5).")  # fmt: skip
    assert lines[2] == "The pact is governed by anchor in 3 of 4; majority in 1 of 4."
    assert lines[3] == f"In at most a quarter of them: {action('sanctions')}."
    assert lines[4] == f"In none of them: {action('monitoring')}."


def test_what_divides_them_is_said_with_how_they_differ(said):
    (line,) = said["what divides them"]
    words = "in 2 of 4, from 2028 (2026 to 2030), strength 0.9 (0.8 to 1). On average, packages with it"
    assert line.startswith(f"{action('lock_in').capitalize()}: {words}")
    co2, money, target = (
        np.mean([statistic(name, aim) for name in ("found-01", "found-02")])
        - np.mean([statistic(name, aim) for name in ("found-03", "found-04")])
        for aim in (CO2, MONEY, TARGET)
    )
    assert line.endswith(
        f"differ from those without: CO2 emitted over the horizon {number(co2, True)} Mt; 90th percentile of public "
        f"money {number(money, True)} MEUR; chance of the 2040 target {number(100 * target, True)} %."
    )


def test_what_waits_for_a_signal_is_said_so(found):
    held = found.tables["contents"]
    (row,) = held[held["instrument"] == "sanctions"].to_dict("records")
    assert in_force(row) == "0.4 once abated_share >= 0.3"
    (row,) = held[(held["instrument"] == "faster_permits") & (held["package"] == "found-01")].to_dict("records")
    assert in_force(row) == "0.5, 2027 to 2035"
    assert in_force(row | {"end_year": 2028}) == "0.5 in 2027"
    assert in_force(row | {"end_year": None}) == "0.5 from 2027"


def test_the_tables_of_the_page_hold_the_packages_that_matter_and_all_others(found):
    shown = found_content(found)
    assert set(shown["chosen"]) == {"found-01", "found-04", balanced()}
    assert [row["package"] for row in shown["rows"]] == [*shown["chosen"], "Current", "Pact", "Cheap"]
    first = next(row for row in shown["rows"] if row["id"] == "found-01")
    assert first["role"].endswith("lowest CO2 emitted over the horizon, highest chance of the 2040 target")
    text = f"{first['cells'][0]['value']} Mt {first['cells'][0]['interval']}"
    assert text.replace("\u00a0", " ") == figure(found, "found-01", CO2)
    assert {row["id"] for row in shown["others"]} == set(FRONT) - set(shown["chosen"])
    permits = next(row for row in shown["contents"] if row["action"] == action("faster_permits"))
    assert permits["cells"][shown["chosen"].index("found-04")] == "0.5, 2029 to 2035"


def test_every_number_that_is_said_is_one_of_the_tables(found, said):
    """Years, sizes and counts: whatever stands in a sentence is found in a row or counted from rows."""
    counts = {str(value) for value in (*range(6), len(found.tables["against"]))}
    known = counts | {"90", "95", "900", "2040", "2026", "8", "12", "1,234", "56,789", number(RUNS)}
    front = found.tables["front"][found.tables["front"]["made"] == FOUND]
    for table in found.tables.values():
        for name in table.select_dtypes("number"):
            values = table[name].dropna().astype(float)
            known |= {number(abs(scale * value)) for value in values for scale in (1, 100)}
            known |= {f"{value:.0f}" for value in values}
    for aim in found.wanted.objectives:
        scale = 100 if aim is TARGET else 1
        hand = found.hand.set_index("package").loc["current", f"{aim.name}_searched"]
        known.add(number(abs(scale * front[f"{aim.name}_shrinkage"].mean())))
        known.add(number(abs(scale * (hand - front[f"{aim.name}_searched"].mean()))))
        shared = found.tables["instruments"]
        gaps = (shared[f"{aim.name}_with"] - shared[f"{aim.name}_without"]).dropna()
        known |= {number(abs(scale * gap)) for gap in gaps}
    for lines in said.values():
        for line in lines:
            for one in INSTRUMENTS.values():
                line = line.replace(one.action, "")
            line = re.sub(r"found-\d+|CO2|90th", "", line)
            strange = [token for token in re.findall(r"\d[\d.,]*(?:e-\d+)?(?<![.,])", line) if token not in known]
            assert strange == [], line


@pytest.mark.parametrize("draw", [draw_front, trade_offs])
@pytest.mark.parametrize("objectives", [(CO2,), (CO2, MONEY), (CO2, MONEY, TARGET)])
def test_a_figure_shows_every_package_in_letters_that_can_be_read(found, draw, objectives):
    figure = draw(replace(found, wanted=replace(found.wanted, objectives=objectives)))
    figure.savefig(io.BytesIO())
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in texts) / 72 * 100 >= 9
    assert figure.get_figwidth() <= 9.55
    names = {text.get_text() for text in texts}
    assert {"found", "found, most balanced", "Current", "Pact", "Cheap"} <= names
    ticks = [label for axis in figure.axes for label in (*axis.get_xticklabels(), *axis.get_yticklabels())]
    for text in (text for text in texts if draw is trade_offs or text not in ticks):
        left, low, right, high = text.get_window_extent().extents
        assert max(-left, -low, right - figure.bbox.x1, high - figure.bbox.y1) <= 1, text.get_text()
