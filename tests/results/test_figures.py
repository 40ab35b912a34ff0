"""Figures can be read where they are shown, say what tables say, and are the same bytes each time."""

import inspect
import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.results.about import Comparison
from clusterpact.results.figures import account, comparison, moves, result, style
from clusterpact.results.figures.cluster_map import cluster_map, tie_network
from clusterpact.results.figures.painters import FIGURES
from clusterpact.results.figures.timeline import rows_of, spread
from clusterpact.results.recorded import CAUSES, RECORDING, RECORDINGS
from clusterpact.results.summary import read_table
from tests.commands import call
from tests.results.made import small_result
from tests.results.test_pathways import made_about, made_outcomes

SHOWN = 954  #: width of a page's column, px
SMALLEST = 9  #: px of the smallest letters
OUTCOMES = ("abated_share_2050", "cumulative_mt", "public_meur")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = small_result(tmp_path_factory.mktemp("figures"))
    assert call("compare", found, "--package", "help", "--lever-runs", 5, "--threads", 1) == 0
    return found


@pytest.fixture(scope="module")
def drawn(folder):
    """Every figure of results, comparisons, screenings and clusters, by name."""
    about, scenario = about_result(reopen(folder), folder), reopen(folder).scenario
    tables = {path.stem: pd.read_csv(path) for path in (folder / "compare").glob("*.csv")}
    found = Comparison(
        about, folder, "cumulative_mt", "CO2 emitted over the horizon", "Mt", "help", 5, 0.8, 0.0, tables, scenario
    )
    figures = {name: getattr(result, name)(read_table(folder, table), about) for name, table in FIGURES.items()}
    figures |= {"differences": comparison.differences(tables["differences"], about),
                "regret": comparison.regrets(tables["regret"], found), "members": comparison.members(
                    tables["contributions"], found), "trust": comparison.trust(read_table(folder, "bands"), about),
                "cost": comparison.cost(read_table(folder, "outcomes"), about)}  # fmt: skip
    effects = pd.DataFrame([{"outcome": outcome, "factor": factor, "mu_star": 1.0, "mu_star_conf": 0.1, "sigma": 0.5}
                            for outcome in OUTCOMES for factor in ("luck", "gearing_max", "bindingness")])  # fmt: skip
    figures["effects"] = result.effects(effects, about, "luck")
    shares = pd.DataFrame([{"outcome": outcome, "group": group, "share": 0.5} for outcome in OUTCOMES for group in "ab"])
    figures["moves"] = moves.moves(shares, "note")
    figures["pathways"] = result.pathways(made_outcomes(), made_about(names={"hub": "A hub with a name " * 9}))
    figures["account"] = account.picture(paths(), "Small", "help", 5)
    for name in ("dunkirk", "wef-network"):
        scenario = load_experiment(name, runs=1).scenario
        figures |= {f"{name} map": cluster_map(scenario), f"{name} ties": tie_network(scenario)}
    return figures


def paths(sectors=12):
    """Paths of an account: sectors that emit ever less, the last of which emit nothing and employ many."""
    rows = [{"level": "sector", "sector": f"s{k}", "year": year, "quantity": name, "mean": value, "low": 0, "high": 0}
            for k in range(sectors) for year in (2026, 2050)
            for name, value in (("scope1_kt", max(0, 800 - 100 * k)), ("jobs_direct", 100 + 100 * k))]  # fmt: skip
    rows += [{"level": "cluster", "sector": "", "year": year, "quantity": name, "mean": 1, "low": 1, "high": 2}
             for year in (2026, 2050) for name in ("scope1_kt", "jobs_direct")]  # fmt: skip
    return pd.DataFrame(rows)


def shown_texts(figure):
    """Texts that are drawn, after a drawing."""
    figure.savefig(io.BytesIO())
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def test_every_figure_has_a_function_a_table_and_a_question():
    for name, table in FIGURES.items():
        assert table in RECORDINGS[RECORDING], name
        assert "?" in inspect.getdoc(getattr(result, name)), name


def test_no_letter_is_smaller_than_nine_pixels_where_it_is_shown(drawn):
    for name, figure in drawn.items():
        inch = min(100.0, SHOWN / figure.get_figwidth())
        for text in shown_texts(figure):
            assert text.get_fontsize() / 72 * inch >= SMALLEST, (name, text.get_text())


def test_no_text_is_cut_at_an_edge_of_its_figure(drawn):
    cut = []
    for name, figure in drawn.items():
        ticks = [label for axes in figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        for text in (text for text in shown_texts(figure) if text not in ticks):
            box, edge = text.get_window_extent(), figure.bbox
            over = (edge.x0 - box.x0, box.x1 - edge.x1, edge.y0 - box.y0, box.y1 - edge.y1)
            cut += [(name, text.get_text(), over)] if max(over) > 1 else []
    assert cut == []


def test_pictures_are_the_same_bytes_each_time(folder):
    about, bands = about_result(reopen(folder), folder), read_table(folder, "bands")
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        first, second = (style.picture_of(result.gates(bands, about), kind) for _ in range(2))
        assert first == second
        assert first.startswith(start)
    assert b"<text" not in second
    assert b"dc:date" not in second


def test_a_hostile_name_is_no_markup_in_a_vector_picture():
    figure, _ = style.panels(1, 1, (3, 3))
    style.frame(figure, "</svg><script>x</script> --> <!-- ", "&amp; ]]>")
    drawn = style.picture_of(figure, "svg").decode()
    assert "<script" not in drawn
    assert drawn.count("</svg>") == 1


def test_run_draws_the_kinds_of_picture_that_are_asked_for(folder, capsys):
    experiment = folder.parent / "region" / "experiment.toml"
    assert call("run", experiment, "--out", folder, "-q", "--threads", 1, "--figures", "both") == 0
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names == {f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    assert call("run", experiment, "--figures", "gif") == 2
    assert "--figures" in capsys.readouterr().err


def test_abated_and_still_emitted_fill_the_panel_of_gates_in_every_year(folder):
    bands = read_table(folder, "bands")
    for policy, mine in bands.groupby("policy"):
        means = mine.pivot(index="year", columns="measure", values="mean")
        left = means[[name for name in means if name.startswith("gate_")]].sum(axis=1)
        np.testing.assert_allclose(left + means["abated_share"], 1, atol=0.005)
        figure = result.gates(mine, about_result(reopen(folder), folder))
        tops = [found.get_paths()[0].vertices[:, 1].max() for found in figure.axes[0].collections]
        assert max(tops) == pytest.approx(1, abs=0.005), policy
        labels = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
        assert set(CAUSES.values()) <= set(labels)


def made(rows):
    """Projects of ten runs of one package: (agent, technology, FID, start) by run from the first."""
    table = pd.DataFrame(rows, columns=["run", "agent", "technology", "fid_year", "start_year"])
    return table.assign(policy="p", kind="plant", signed_share_at_fid=np.nan)


def test_the_timeline_has_a_row_per_plant_and_technology_and_marks_the_one_announced(folder):
    about = about_result(reopen(folder), folder)
    agent, other = about.shown[:2]
    about = type(about)(**vars(about) | {"shown": (agent, other), "announced": {(agent, "capture"): (2028,)}})
    projects = made([(run, agent, "boiler" if run < 6 else "capture", 2027.0, 2029.0) for run in range(10)]
                    + [(run, other, None, np.nan, np.nan) for run in range(10)])  # fmt: skip
    assert rows_of(projects, about) == [(agent, "boiler"), (agent, "capture"), (other, "")]
    axis = result.timeline(projects, about).axes[0]
    marks = [tuple(map(float, line.get_xydata()[0])) for line in axis.lines if line.get_marker() == "|"]
    assert marks == [(2028.0, 1.0)]  # rows from below: the middle one
    assert [text.get_text() for text in axis.texts] == ["0 %", "40 %", "60 %"]


def test_what_has_not_started_comes_after_the_horizon():
    starts = pd.Series([2030.0, 2031.0, 2032.0, np.nan, np.nan])
    assert spread(starts, 2051.0) == (2030.0, 2032.0, 2051.0)
    assert spread(pd.Series([2030.0, np.nan, np.nan]), 2051.0)[1] == 2051.0


def test_networks_that_extend_are_on_the_timeline(folder):
    about = about_result(load := reopen(folder), folder)
    assert {network.id for network in load.scenario.file.network} <= set(about.shown)


def test_what_is_the_same_under_all_packages_has_no_empty_panel(folder):
    about = about_result(reopen(folder), folder)
    table = pd.read_csv(folder / "compare" / "differences.csv")
    table.loc[table["outcome"] == "public_meur", ["difference", "low", "high"]] = 0.0
    figure = comparison.differences(table, about)
    titles = [axis.get_title(loc="left") for axis in figure.axes if axis.get_visible()]
    assert not any(name.startswith("public money\n") for name in titles)
    assert "the same under all" in figure.texts[-1].get_text()


def test_the_sectors_that_emit_most_have_colours_of_their_own(drawn):
    labels = [text.get_text() for text in drawn["account"].legends[0].get_texts()]
    assert [f"s{k}" for k in range(7)] == [name for name in ("s0", "s1", "s2", "s3", "s4", "s5", "s6") if name in labels]


def test_figures_of_a_result_name_packages_by_their_titles(drawn):
    for name in (*FIGURES, "regret", "trust", "cost"):
        texts = " ".join(text.get_text().replace("\n", " ") for text in shown_texts(drawn[name]))
        legends = [text.get_text() for legend in drawn[name].legends for text in legend.get_texts()]
        assert "Current policies" in f"{texts} {' '.join(legends)}".replace("\n", " "), name
        assert "current-policies" not in texts, name
