"""`clusterpact timing` from start to end: variants by year, resumed rounds, tables, sentences, and mistakes in one line."""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clusterpact as cp
from clusterpact.cli.timing import describe
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.questions.starts import starts_of
from clusterpact.experiments.questions.timing import Asked, timing
from clusterpact.experiments.running.session import RunOptions
from clusterpact.inputs import InputError
from clusterpact.policies.package import parse_package
from clusterpact.results.report.timing import timing_lines
from clusterpact.results.statistics.timing import ALONE, END, IN_FORCE, NO_YEARS, START, WITHIN, Curve
from clusterpact.results.summary import read_table
from tests.commands import Heard, call

RUNS = 8
TEXT = """
name = "small"
title = "Small"
cluster = "."
horizon = [2025, 2036]
runs = 40
seed = 1
policies = ["current-policies", "help"]
[uncertainty]
carbon_price_level = { triangular = [0.0, 0.5, 1.0] }
[[policy]]
name = "help"
base = "current-policies"
grant_share = { schedule = [[2026, 0.2], [2030, 0.5]] }
faster_permits = { schedule = [[2028, 0.5]] }
practices = { merchant_haircut = 0.36 }
[targets]
2030 = 0.01
2036 = 0.95
"""
LAW = "grant_share = { schedule = [[2020, 0.1], [2032, 0.3]] }\nfaster_permits = 0.5\n"
WORDS = ("--runs", RUNS, "--every", 4, "--threads", 1)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """The starter with a small experiment."""
    folder = tmp_path_factory.mktemp("timing") / "region"
    assert call("new", folder) == 0
    (folder / "experiment.toml").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def out(region):
    """The folder of its timing."""
    assert call("timing", region / "experiment.toml", *WORDS, "--out", region.parent / "out") == 0
    return region.parent / "out"


@pytest.fixture(scope="module")
def found(region, out):
    """The same, as Python has it."""
    experiment = load_experiment(str(region / "experiment.toml"))
    return timing(experiment, out, Asked(runs=RUNS, every=4), RunOptions())


def tables_of(folder):
    return {path.name: path.read_bytes() for path in [*folder.glob("*.csv"), *folder.glob("figures/*")]}


def outcomes_of(folder):
    """Outcomes of all rounds, by policy and run."""
    parts = [read_table(path, "outcomes") for path in sorted((folder / "runs").iterdir())]
    return pd.concat(parts).drop_duplicates(["policy", "run"])


def with_law(region, tmp_path, law=LAW):
    """The experiment where some instruments are law."""
    text = (region / "cluster.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[instruments]")
    tail = rest[rest.index("\n[") :]
    for path in region.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "cluster.toml").write_text(f"{head}[instruments]\n{law}{tail}", encoding="utf-8")
    return load_experiment(str(tmp_path / "experiment.toml"))


def in_force(experiment, package, name):
    """Strength by year."""
    law = experiment.scenario.clusters[0].law
    return dict(zip(range(2025, 2037), package.by_year(2025, 2036, law)[name], strict=True))


def test_before_its_start_and_after_its_end_an_instrument_is_as_the_law_has_it(region, tmp_path):
    experiment = with_law(region, tmp_path)
    starts, left_out = starts_of(experiment, None, ())
    law = {year: 0.1 if year < 2032 else 0.3 for year in range(2025, 2037)}
    for setting in (ALONE, WITHIN):
        start, end = (Curve(("grant_share",), setting, kind, 2025) for kind in (START, END))
        never = starts.never(start)
        assert in_force(experiment, never, "grant_share") == law
        found = in_force(experiment, starts.variant(start, 2029), "grant_share")
        assert found == {year: level if year < 2029 else 0.5 for year, level in law.items()}
        found = in_force(experiment, starts.variant(end, 2029), "grant_share")
        assert found == {year: 0.5 if year < 2029 else level for year, level in law.items()}
        assert set(in_force(experiment, starts.variant(start, 2025), "grant_share").values()) == {0.5}
        assert never.practices == ({} if setting == ALONE else starts.package.practices)
    assert left_out == {"faster_permits": (IN_FORCE, 0.5), "merchant_haircut": (NO_YEARS, 0.0)}  # fmt: skip


def test_what_the_baseline_has_before_a_start_stays(region):
    experiment = load_experiment(str(region / "experiment.toml"))
    base = parse_package({"name": "current", "grant_share": {"schedule": [[2020, 0.1], [2028, 0.2], [2034, 0.3]]}}, "")
    help_ = parse_package({"name": "help", "grant_share": 0.5}, "")
    changed = type(experiment)(**{**vars(experiment), "baseline": "current", "policies": (base, help_)})
    starts, _ = starts_of(changed, None, ())
    start, end = (Curve(("grant_share",), ALONE, kind, 2025) for kind in (START, END))
    assert starts.variant(start, 2030).schedules["grant_share"] == ((2025, 0.1), (2028, 0.2), (2030, 0.5))
    assert starts.variant(end, 2030).schedules["grant_share"] == ((2025, 0.5), (2030, 0.2), (2034, 0.3))


def test_every_instrument_of_the_catalogue_but_what_is_in_force_already(region, tmp_path):
    experiment = with_law(region, tmp_path, "carbon_price_floor_eur_per_t = 120\n")
    starts, left_out = starts_of(experiment, None, ("all",))
    assert left_out == {"carbon_price_floor_eur_per_t": (IN_FORCE, 120.0)}
    assert len(starts.timed) == 20
    assert (starts.timed["grant_share"].strength, starts.timed["lock_in"].strength) == (0.5, 0.5)
    assert starts.timed["loan_guarantee_share"].strength == 0.58  # typical, since the package has none
    assert [name for name, one in starts.timed.items() if one.is_member] == ["grant_share", "faster_permits"]


def test_a_curve_is_the_paired_difference_of_runs_of_one_luck(out):
    curves, runs = pd.read_csv(out / "curves.csv"), outcomes_of(out)
    wide = runs.pivot(index="run", columns="policy", values="cumulative_mt")
    assert len(wide) == RUNS
    for row in curves.to_dict("records"):
        curve = Curve((row["instrument"],), row["setting"], row["kind"], 2025)
        less = wide[curve.reference] - wide[curve.policy(row["year"])]
        assert row["effect"] == pytest.approx((less if row["kind"] == START else -less).mean(), abs=1e-9)
    for _, rows in curves.groupby(["instrument", "setting", "kind"]):
        assert {2025, 2029, 2033, 2036} <= set(rows["year"])
        assert rows["pairs"].eq(RUNS).all()


def test_variants_are_paired_with_the_result_of_the_same_experiment(result, out):
    """Never, upon the baseline, is the baseline; run by run."""
    outcomes, runs = read_table(result, "outcomes"), outcomes_of(out)
    for mine, other in (("baseline", "current-policies"), ("package", "help")):
        one = runs.loc[runs["policy"] == mine].sort_values("run")["cumulative_mt"].to_numpy()
        np.testing.assert_array_equal(one, outcomes.loc[outcomes["policy"] == other, "cumulative_mt"].to_numpy()[:RUNS])
    assert (result / "timing" / "curves.csv").read_bytes() == (out / "curves.csv").read_bytes()


def test_a_second_time_runs_nothing_and_writes_the_same_bytes(region, out, capsys):
    before = tables_of(out)
    assert {"curves.csv", "latest.csv", "milestones.csv", "pairs.csv", "timing-government.png"} <= set(before)
    times = {path: path.stat().st_mtime_ns for path in (out / "runs").rglob("*")}
    assert call("timing", region / "experiment.toml", *WORDS, "--out", out) == 0
    printed = capsys.readouterr()
    assert "government\n" in printed.out
    assert "shards" not in printed.err
    assert tables_of(out) == before
    assert {path: path.stat().st_mtime_ns for path in (out / "runs").rglob("*")} == times


def test_what_was_interrupted_goes_on_and_ends_in_the_same_bytes(region, out, tmp_path):
    """A first try ends in the middle of the first round."""
    experiment = load_experiment(str(region / "experiment.toml"))
    stopped, again = RunOptions(shard_runs=RUNS, executor=Stopping(11)), RunOptions(shard_runs=RUNS)
    with pytest.raises(KeyboardInterrupt):
        timing(experiment, tmp_path / "x", Asked(runs=RUNS, every=4), stopped)
    assert not (tmp_path / "x" / "curves.csv").exists()
    heard = Heard()
    timing(experiment, tmp_path / "x", Asked(runs=RUNS, every=4), RunOptions(shard_runs=again.shard_runs, progress=heard))
    assert any("11 of" in note for note in heard.notes)
    assert re.search(r"timing: \d+ packages x 8 runs = \d+ runs, about \d+ s", " ".join(heard.notes))
    for name in ("curves", "latest", "milestones", "pairs"):
        assert (tmp_path / "x" / f"{name}.csv").read_bytes() == (out / f"{name}.csv").read_bytes()


class Stopping:
    """An executor that is interrupted after so many shards."""

    workers = 1
    shard_runs = None

    def __init__(self, shards):
        self.shards = shards

    def run(self, experiment, shards, folder, budget, add, progress):
        from clusterpact.experiments.running.shards import do_shard, world_of

        for shard in shards[: self.shards]:
            world = world_of(experiment, shard.policy)
            add(do_shard(experiment, world, world.fresh_state(), shard, folder, "stopping"))
        raise KeyboardInterrupt


def test_the_folder_says_what_its_tables_rest_on(out, found):
    about = json.loads((out / "timing.json").read_text())
    assert (about["runs"], about["every"], about["policy"], about["outcome"]) == (RUNS, 4, "help", "cumulative_mt")
    assert about["strengths"] == {"grant_share": 0.5, "faster_permits": 0.5}
    assert about["co2_eur_per_t"] == found.co2_eur_per_t > 0


def test_the_screen_says_it_stakeholder_by_stakeholder(found):
    lines = describe(found)
    assert lines[0] == "Small · help against current-policies · CO2 emitted over the horizon"
    headings = [line for line in lines[1:] if line and not line.startswith(" ")]
    assert headings == ["milestones", "government", "pairs", "left out", "what it rests on"]
    assert all(len(line) <= 120 for line in lines)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--instrument", "grant_shar"), ("--instrument = 'grant_shar'", "'grant_share'")),
        (("--policy", "hlep"), ("--policy = 'hlep'", "not among the experiment's policies", "'help'")),
        (("--policy", "current-policies"), ("--policy", "is the baseline")),
        (("--outcome", "cumulativ_mt"), ("--outcome", "'cumulative_mt'")),
        (("--outcome", "private_meur"), ("--outcome", "neither better high nor low")),
        (("--runs", "1"), ("--runs", "2", "'1'")),
        (("--every", "0"), ("--every", "'0'")),
        (("--chance", "50"), ("--chance", "'50'")),
        (("--out", "full"), ("--out = 'full'", "holds something else")),
        (("--out", "full/thesis.txt"), ("--out", "is a file")),
    ],
    ids=lambda value: "-".join(value).strip("-") if str(value[0]).startswith("--") else None,
)
def test_a_mistake_is_one_line(region, tmp_path, monkeypatch, capsys, options, words):
    monkeypatch.chdir(tmp_path)
    Path("full").mkdir()
    Path("full/thesis.txt").touch()
    assert call("timing", region / "experiment.toml", *options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = [line for line in printed.err.splitlines() if line.startswith("clusterpact: ")]
    assert len(lines) == 1
    assert [word for word in words if word not in lines[0]] == []
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["full", "thesis.txt"]


def test_a_setting_has_no_effect_on_a_result(out, capsys):
    result = next((out / "runs").iterdir())
    assert call("timing", result, "--set", "seed=3") == 2
    assert "--set = ['seed=3']: has no effect on the runs of a result" in capsys.readouterr().err


def test_a_package_without_instruments_of_its_own_says_what_to_ask(region):
    experiment = load_experiment(str(region / "experiment.toml"))
    same = parse_package({"name": "same", "base": "current-policies", "practices": {"merchant_haircut": 0.36}}, "")
    changed = type(experiment)(**{**vars(experiment), "policies": (experiment.policies[0], same)})
    with pytest.raises(InputError, match=r"has no instrument to time .merchant_haircut: no instrument.*instrument all"):
        starts_of(changed, None, ())


@pytest.fixture(scope="module")
def result(region, out):
    """A result with its timing, which is that of the experiment."""
    folder = region.parent / "result"
    assert call("run", region / "experiment.toml", "--no-figures", "-q", "--threads", 1, "--out", folder) == 0
    assert call("timing", folder, *WORDS) == 0
    return folder


def test_the_page_has_a_section_of_what_is_said_of_timing(result, found, tmp_path):
    assert call("report", result, "--lever-runs", 0, "--threads", 1, "--out", tmp_path / "page.html") == 0
    page = unescape((tmp_path / "page.html").read_text(encoding="utf-8"))
    section = page[page.index('<section id="timing">') : page.index('<section id="rests">')]
    assert "<h2>Best timing</h2>" in section
    for heading, lines in timing_lines(found):
        assert f"<h3>{heading.capitalize()}</h3>" in section
        for line in lines:
            assert f"<li>{line}</li>" in section
    assert section.count("<img") == found.tables["curves"]["stakeholder"].nunique()


def test_the_page_says_it_in_its_language(result, tmp_path):
    words = ("report", result, "--lever-runs", 0, "--threads", 1, "--language", "de", "--out", tmp_path / "seite.html")
    assert call(*words) == 0
    page = unescape((tmp_path / "seite.html").read_text(encoding="utf-8"))
    section = page[page.index('<section id="timing">') : page.index('<section id="rests">')]
    assert "<h2>Die besten Zeitpunkte</h2>" in section
    assert "einen Teil der Investitionskosten bezuschussen (0,5). Im Paket: " in section
    assert [word for word in ("never", "started", "tied", "alone") if word in re.sub("<[^>]*>", "", section)] == []


def test_a_page_without_a_timing_has_no_section_of_it(result, tmp_path):
    shutil.copytree(result, tmp_path / "o", ignore=shutil.ignore_patterns("timing", "compare"))
    assert call("report", tmp_path / "o", "--lever-runs", 0, "--threads", 1) == 0
    assert "Best timing" not in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("timing.json", b"{}", "timing.json: timing: is damaged; clusterpact timing mends it"),
        ("timing.json", b"\xff[", "timing.json: timing: is damaged"),
        ("curves.csv", b"a,b\n1,2\n", "curves.csv: timing: is damaged"),
        ("latest.csv", None, "latest.csv: file: not found"),
        ("timing.json", b"other", "expected "),
    ],
)
def test_a_damaged_timing_is_one_line_of_the_page(result, tmp_path, capsys, name, content, words):
    shutil.copytree(result, tmp_path / "o")
    path = tmp_path / "o" / "timing" / name
    if content == b"other":
        path.write_text(path.read_text().replace(json.loads(path.read_text())["experiment"], "0" * 12))
    elif content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    capsys.readouterr()
    assert call("report", tmp_path / "o", "--lever-runs", 0, "--threads", 1) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("clusterpact: ")]
    assert len(lines) == 1
    assert words in lines[0]
    assert not (tmp_path / "o" / "report.html").exists()


def test_python_has_the_same_tables_and_figures(region, result, out, tmp_path):
    told = cp.Result(result).timing(runs=RUNS, every=4, progress=False)
    assert {*told} == {"curves", "latest", "milestones", "pairs"}
    assert told.curves is told["curves"]
    assert (out / "curves.csv").read_bytes() == (result / "timing" / "curves.csv").read_bytes()
    assert dir(told.plot) == ["government"]
    assert told.plot.government()._repr_png_().startswith(b"\x89PNG")
    assert "government" in told.lines
    assert repr(told).startswith("Timing of Small: help by CO2 emitted over the horizon, 8 runs per variant")
    assert "<script" not in told._repr_html_()
    with pytest.raises(AttributeError, match="no table 'curve'; did you mean 'curves'"):
        told.curve  # noqa: B018
    experiment = cp.experiment(region / "experiment.toml")
    again = experiment.timing(runs=RUNS, every=4, instruments=["grant_share"], out=tmp_path / "t", progress=False)
    assert set(again.curves["instrument"]) == {"grant_share"}
    for options, line in (({"every": 0}, "every = 0: expected a whole number, 1 to 80"),
                          ({"chance": 50}, "chance = 50: expected 0.01 to 0.99"),
                          ({"runs": 1}, "--runs = 1: expected 2 to")):  # fmt: skip
        with pytest.raises(InputError, match=line):
            experiment.timing(progress=False, **options)
