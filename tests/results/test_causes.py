"""What is abated by switching, by closing and by making less: in the headline table, the answer and the figure."""

import numpy as np
import pandas as pd
import pytest

from clusterpact.agents.vocabulary import GATE_CLOSED, GATE_PROFIT, GATE_SWITCHED, GATES
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.results.about import Comparison
from clusterpact.results.figures import result as plots
from clusterpact.results.recorded import CAUSES
from clusterpact.results.report.sentences import behind, difference_rows
from clusterpact.results.statistics.compare import compare
from clusterpact.results.summary import headlines, main_gate, read_table
from tests.commands import call
from tests.results.made import small_result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = small_result(tmp_path_factory.mktemp("causes"))
    assert call("compare", found, "--package", "help", "--lever-runs", 0, "--threads", 1) == 0
    return found


def comparison(folder):
    """What `compare` found of the small result, read from its tables."""
    tables = {path.stem: pd.read_csv(path) for path in (folder / "compare").glob("*.csv")}
    about, scenario = about_result(reopen(folder), folder), reopen(folder).scenario
    return Comparison(
        about, folder, "cumulative_mt", "CO2 emitted over the horizon", "Mt", "help", 0, 0.8, 0.0, tables, scenario
    )


def test_the_headlines_say_by_what_it_is_abated(folder):
    outcomes, bands = read_table(folder, "outcomes"), read_table(folder, "bands")
    lines = {line.label: line.cells for line in headlines(outcomes, bands, {})}
    labels = list(lines)
    first = labels.index("abated by 2030, % of scope 1")
    assert labels[first + 1 : first + 4] == ["- by switching, 2030", "- by closing, 2030", "- by making less, 2030"]
    for cause, label in zip(CAUSES, labels[first + 1 : first + 4], strict=True):
        mean = 100 * outcomes.loc[outcomes["policy"] == "help", f"{cause}_share_2030"].mean()
        assert float(lines[label]["help"].split(" ")[0]) == pytest.approx(mean, abs=0.5)
    assert not any("-0 " in cell or "-0.0 " in cell for cells in lines.values() for cell in cells.values())


@pytest.mark.parametrize(("shares", "words"), [
    ((0.5, 0.3, 0.15, 0.05), ["50\xa0% of scope 1", "30 points by plants that switched", "15 by plants that closed",
                              "5 since plants make less", "So 30\xa0% of what is abated is plants that closed"]),
    ((0.2, 0.3, 0.0, -0.1), ["-10 since plants make more", "So 0\xa0% of what is abated"]),
    ((-0.1, 0.0, 0.0, -0.1), ["Under help nothing is abated by 2030 on average."]),
])  # fmt: skip
def test_the_answer_says_how_much_is_plants_that_closed(folder, shares, words):
    outcomes = read_table(folder, "outcomes")
    for part, share in zip(("abated", *CAUSES), shares, strict=True):
        outcomes[f"{part}_share_2030"] = share
    text = " ".join(behind(comparison(folder), outcomes))
    assert [word for word in words if word not in text] == []


def test_all_three_stand_among_the_differences_that_the_page_shows(folder):
    labels = {row["label"] for row in difference_rows(comparison(folder))}
    for words in CAUSES.values():
        assert f"abated by 2030 {words}, % of scope 1" in labels


def test_that_plants_close_is_neither_good_nor_bad(folder):
    outcomes = read_table(folder, "outcomes")
    outcomes["closed_share_2030"] += np.where(outcomes["policy"] == "help", 0.1, 0.0)
    found = compare(outcomes, "current-policies").set_index(["policy", "outcome"])
    assert found.loc[("help", "closed_share_2030"), "verdict"] == "different"
    assert not [gate for gate in range(1, len(GATES) + 1) if found.loc[("help", f"gate_{gate}_share"), "better"]]


def bands_of(policies, years, **means):
    """Bands of made means, each a constant or a list over the years."""
    rows = [{"policy": policy, "measure": name, "year": year, "runs": 1, "mean": value}
            for policy in policies for name, values in means.items()
            for year, value in zip(years, np.broadcast_to(values, len(years)), strict=True)]  # fmt: skip
    return pd.DataFrame(rows)


def edges(band):
    """Lower and upper edge of a filled band by year."""
    ends = {}
    for year, height in band.get_paths()[0].vertices:
        low, high = ends.get(year, (height, height))
        ends[year] = (min(low, height), max(high, height))
    return ends


def test_the_bands_of_the_figure_are_stacked_to_a_hundred_percent(folder):
    about = about_result(reopen(folder), folder)
    bands = bands_of(["p"], [2026, 2036], abated_share=[0.0, 0.45], switched_share=[0.0, 0.2], closed_share=[0.0, 0.15],
                     output_share=[0.0, 0.1])  # fmt: skip
    axis = plots.abatement(bands, about).axes[0]
    drawn = {found.get_label(): edges(found)[2036] for found in axis.collections}
    assert drawn == {
        "remaining": pytest.approx((0.45, 1)), "by switching": pytest.approx((0, 0.2)),
        "by closing": pytest.approx((0.2, 0.35)), "by making less": pytest.approx((0.35, 0.45)),
    }  # fmt: skip
    assert axis.get_ylim() == (0, 1)


def test_where_plants_make_more_the_band_lies_on_the_others(folder):
    about = about_result(reopen(folder), folder)
    bands = bands_of(["p"], [2026, 2036], abated_share=[0.0, 0.25], switched_share=[0.0, 0.2], closed_share=[0.0, 0.15],
                     output_share=[0.0, -0.1])  # fmt: skip
    drawn = {found.get_label(): edges(found)[2036] for found in plots.abatement(bands, about).axes[0].collections}
    assert drawn["by making less"] == pytest.approx((0.25, 0.35))
    assert drawn["remaining"] == pytest.approx((0.25, 1))


def test_closed_plants_and_those_that_switched_are_not_what_holds_the_cluster_back():
    means = {f"gate_{gate}": 0.0 for gate in range(1, len(GATES) + 1)}
    means |= {f"gate_{GATE_SWITCHED}": 0.4, f"gate_{GATE_CLOSED}": 0.4, f"gate_{GATE_PROFIT}": 0.2}
    assert main_gate(means) == "not profitable (20 %)"
    assert main_gate(means | {f"gate_{GATE_PROFIT}": 0.0}) == "nothing"


def test_every_gate_has_a_colour():
    assert sorted(plots.GATE_COLOURS) == list(range(1, len(GATES) + 1))
    assert len(set(plots.GATE_COLOURS.values())) == len(GATES)
