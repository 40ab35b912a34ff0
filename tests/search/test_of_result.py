"""A search in the folder of a result: its packages lie there, it goes on after a kill, and the page has a section of it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from html import unescape

import pandas as pd
import pytest

import clusterpact as cp
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.questions.search import search_id, searched
from clusterpact.inputs import InputError
from clusterpact.policies.package import Package
from clusterpact.results.report.found import found_lines
from tests.commands import call, environment, wait_until

SMALL = """base = "experiment.toml"
name = "small"
runs = 8
[search]
objectives = ["min cumulative_mt", "min p90_public_meur", "max target_2035_met"]
constraints = ["public_meur <= 900"]
population = 6
packages = 12
runs_first = 4
runs_most = 16
ends = true
governance = ["anchor", "orchestrator"]
"""
QUIET = ("--no-figures", "-q", "--threads", 1)
TABLES = ("front", "against", "hypervolume", "contents", "instruments")
REPORT = ("--lever-runs", 0, "--threads", 1)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """The starter with a small search, from 2026 to 2035."""
    folder = tmp_path_factory.mktemp("found") / "region"
    assert call("new", folder) == 0
    path = folder / "experiment.toml"
    text = path.read_text(encoding="utf-8").replace("[2026, 2050]", "[2026, 2035]").replace("2050 = 0.95", "2035 = 0.5")
    path.write_text(text, encoding="utf-8")
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plain(region):
    """A result without a search."""
    assert call("run", region / "small.toml", "--out", region / "plain", *QUIET) == 0
    return region / "plain"


@pytest.fixture(scope="module")
def result(region, plain):
    """A result with its search."""
    shutil.copytree(plain, region / "result")
    assert call("search", region / "result", "--threads", 1) == 0
    return region / "result"


@pytest.fixture
def copied(result, tmp_path):
    """The same, to change."""
    shutil.copytree(result, tmp_path / "o")
    return tmp_path / "o"


def written(folder):
    """The bytes of all that a search says."""
    files = [*(folder / f"{name}.csv" for name in TABLES), folder / "search.json", *sorted((folder / "packages").iterdir())]
    return {file.name: file.read_bytes() for file in files}


def one_line(capsys):
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("clusterpact: ")]
    return line


def section_of(path):
    page = unescape(path.read_text(encoding="utf-8"))
    return page[page.index('<section id="found">') : page.index('<section id="rests">')]


def test_a_result_keeps_what_its_experiment_wants_to_be_searched_for(region, result):
    wanted = load_experiment(str(region / "small.toml"))
    kept = reopen(result)
    assert kept.searching == wanted.searching
    assert kept.id == wanted.id == json.loads((result / "search" / "search.json").read_text())["experiment"]
    assert search_id(kept, searched(kept)) == json.loads((result / "search" / "search.json").read_text())["id"]


def test_the_search_of_a_result_is_that_of_its_experiment_to_the_byte(region, result):
    assert call("search", region / "small.toml", "--out", region / "alone", "--threads", 2) == 0
    assert written(region / "alone") == written(result / "search")


def test_settings_of_the_search_are_laid_over_what_is_kept_and_others_are_refused(plain, region, capsys):
    words = ("search", plain, "--out", region / "other", "--dry-run", "--json")
    assert call(*words, "--set", "search.packages=60") == 0
    assert json.loads(capsys.readouterr().out)["packages"] == 60
    for options, said in (
        (("--set", "runs=3"), "--set = ['runs=3']: has no effect on the runs of a result"),
        (("--seed", 3), "--seed = 3: has no effect on the runs of a result"),
        (("--set", "search.packges=60"), "--set search.packges: unknown key; did you mean 'packages'"),
        (("--packages", 4), "--set search.packages = 4: expected at least the population (6)"),
        (("--set", 'search.objectives=["min publc_meur"]'), "--set search.objectives = 'publc_meur'"),
    ):
        assert call(*words, *options) == 2
        assert said in one_line(capsys)
    assert not (region / "other").exists()
    assert not (plain / "search").exists()


def test_a_result_without_a_table_is_searched_for_the_usual(region, capsys):
    assert call("run", region / "experiment.toml", "--runs", 4, "--out", region / "usual", *QUIET) == 0
    assert "search" not in json.loads((region / "usual" / "manifest.json").read_text())
    capsys.readouterr()
    assert call("search", region / "usual", "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["packages"], told["folder"]) == (20_000, str(region / "usual" / "search"))
    assert not (region / "usual" / "search").exists()


def test_a_table_that_somebody_spoiled_is_one_line(plain, tmp_path, capsys):
    shutil.copytree(plain, tmp_path / "o")
    path = tmp_path / "o" / "manifest.json"
    data = json.loads(path.read_text())
    data["search"]["objectives"] = ["min nothing"]
    path.write_text(json.dumps(data))
    assert call("search", tmp_path / "o") == 2
    assert "manifest.json: search.objectives = 'nothing': no outcome that every run has" in one_line(capsys)


@pytest.mark.horizon
def test_a_killed_search_of_a_result_goes_on_to_the_same_bytes(plain, result, tmp_path):
    shutil.copytree(plain, tmp_path / "k")
    words = [sys.executable, "-m", "clusterpact", "search", str(tmp_path / "k"), "--threads", "1"]
    process = subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ledger = tmp_path / "k" / "search" / "generations" / "0001" / "runs-0" / "ledger"
    wait_until(lambda: process.poll() is not None or any(ledger.glob("*.json")), "generation 1", pause=0.002)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "k" / "search" / "front.csv").exists()
    assert call("report", tmp_path / "k", *REPORT) == 0
    assert "Found packages" not in (tmp_path / "k" / "report.html").read_text(encoding="utf-8")
    assert call("search", tmp_path / "k", "--threads", 1) == 0
    assert written(tmp_path / "k" / "search") == written(result / "search")


def test_a_result_with_a_search_is_verified_archived_told_merged_and_grows(result, tmp_path, capsys):
    assert call("verify", result, "--runs", 2) == 0
    assert call("status", result) == 0
    assert call("merge", result) == 0
    assert call("archive", result, "--file", tmp_path / "o.zip") == 0
    with zipfile.ZipFile(tmp_path / "o.zip") as archive:
        assert not [name for name in archive.namelist() if "/search/" in name]
    assert call("extend", result, "--runs", 12, "--out", tmp_path / "grown", *QUIET) == 0
    assert reopen(tmp_path / "grown").searching == reopen(result).searching
    assert not (tmp_path / "grown" / "search").exists()
    assert "clusterpact: " not in capsys.readouterr().err


def test_the_page_has_a_section_of_what_is_said_of_the_search(result, tmp_path):
    assert call("report", result, *REPORT, "--out", tmp_path / "page.html") == 0
    section = section_of(tmp_path / "page.html")
    assert "<h2>Found packages</h2>" in section
    found = cp.search(result, progress=False)
    for heading, lines in found_lines(found.found):
        assert f"<h3>{heading[:1].upper()}{heading[1:]}</h3>" in section
        for line in lines:
            assert f"<li>{line}</li>" in section
    assert section.count("<img") == 2
    for name in found.found.packages:
        assert f'download="{name}.toml"' in section
    for name in TABLES:
        assert f'download="search-{name}.csv"' in section
    everything = found.contents["instrument"].nunique()
    assert section.count('class="lever"') <= everything


def test_the_page_says_it_in_its_language(result, tmp_path):
    words = {"de": ("Gefundene Pakete", "Bedingungen: "), "fr": ("Bouquets trouvés", "Contraintes\u202f: ")}
    for code, (title, word) in words.items():
        assert call("report", result, *REPORT, "--language", code, "--out", tmp_path / f"{code}.html") == 0
        section = section_of(tmp_path / f"{code}.html")
        assert f"<h2>{title}</h2>" in section
        assert word in section
        said = re.sub("<[^>]*>", "", section)
        assert [one for one in ("lowest", "beaten", "packages", "from 20", "strength") if one in said] == []


def test_a_page_of_a_result_that_was_not_searched_has_no_such_section(plain, tmp_path):
    shutil.copytree(plain, tmp_path / "o")
    assert call("report", tmp_path / "o", *REPORT) == 0
    assert "Found packages" not in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")


def changed(path, key, value):
    data = json.loads(path.read_text())
    data["found"]["wanted"][key] = value
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("search.json", b"{}", "search.json: search: is damaged; clusterpact search mends it"),
        ("search.json", b"\xff[", "search.json: search: is damaged"),
        ("search.json", ("instruments", {"nothing": [0, 1]}), "search.json: search: is damaged"),
        ("search.json", ("objectives", []), "search.json: search: is damaged"),
        ("search.json", ("regret_of", "nothing"), "search.json: search: is damaged"),
        ("front.csv", b"a,b\n1,2\n", "front.csv: search: is damaged"),
        ("front.csv", (b"found-01", b"../../x"), "front.csv: search: is damaged"),
        ("instruments.csv", (b"grant_share", b"grant"), "instruments.csv: search: is damaged"),
        ("contents.csv", (b"found-", b"lost-"), "contents.csv: search: is damaged"),
        ("against.csv", (b"min cumulative_mt", b"min nothing"), "against.csv: search: is damaged"),
        ("front.csv", (b"current-policies", b"other"), "front.csv: search: is damaged"),
        ("against.csv", None, "against.csv: file: not found"),
        ("packages/found-01.toml", None, "found-01.toml: file: not found"),
        ("search.json", b"other", "expected "),
    ],
)
def test_a_damaged_search_is_one_line_of_the_page(copied, capsys, name, content, words):
    path = copied / "search" / name
    if content == b"other":
        path.write_text(path.read_text().replace(json.loads(path.read_text())["experiment"], "0" * 12))
    elif content is None:
        path.unlink()
    elif isinstance(content, tuple) and isinstance(content[0], str):
        changed(path, *content)
    elif isinstance(content, tuple):
        path.write_bytes(path.read_bytes().replace(*content))
    else:
        path.write_bytes(content)
    capsys.readouterr()
    assert call("report", copied, *REPORT) == 2
    assert words in one_line(capsys)
    assert not (copied / "report.html").exists()


def test_a_link_in_its_search_is_one_line(copied, tmp_path, capsys):
    shutil.rmtree(copied / "search" / "packages")
    (copied / "search" / "packages").symlink_to(tmp_path)
    for command in ("search", "report", "verify"):
        assert call(command, copied) == 2
        assert "packages: file: is a link" in one_line(capsys)


def test_python_has_the_same_tables_packages_and_figures(region, result, tmp_path):
    found = cp.Result(result).search(progress=False)
    assert {*found} == set(TABLES)
    assert found.front is found["front"]
    kept = pd.read_csv(result / "search" / "front.csv")
    assert found.front["package"].tolist() == kept["package"].tolist()
    assert all(isinstance(one, Package) and name == one.name for name, one in found.packages.items())
    assert dir(found.plot) == ["front", "trade_offs"]
    assert found.plot.trade_offs()._repr_png_().startswith(b"\x89PNG")
    assert repr(found).startswith("Search of My cluster: what does a pact change?: ")
    assert "<script" not in found._repr_html_()
    experiment = cp.experiment(region / "small.toml", packages=list(found.packages.values())[:1])
    assert experiment.policies[-1].name == "found-01"
    plain = cp.experiment(region / "small.toml")
    other = plain.search(packages=6, governance=[], out=tmp_path / "s", progress=False)
    assert other.found.tried < found.found.tried
    assert other.found.wanted.governance == ()
    with pytest.raises(InputError, match=r"search\.packges: unknown key"):
        plain.search(packges=6)
    with pytest.raises(InputError, match="threads = 0: expected a whole number"):
        cp.search(region / "small.toml", threads=0)
