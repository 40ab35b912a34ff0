"""The page of `clusterpact report`: what it says without a browser."""

import re
from collections import Counter
from itertools import pairwise
from xml.etree import ElementTree

import pandas as pd
import pytest

from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.reopen import reopen
from tests.commands import call
from tests.results.page.parsed import DESCRIPTION, SECTIONS, TITLE, Parsed, decoded, rows_of


def test_every_element_is_closed_where_it_should_be(page):
    assert page.unmatched == []
    assert page.open == []


def test_the_page_names_no_address_outside_itself(page):
    for address in page.values("src", "href", "srcset", "poster", "action", "data", "cite", "background"):
        assert address.startswith(("#", "data:")), address[:100]
    styles = "".join(page.styles) + "".join(page.values("style"))
    assert styles
    assert not re.search(r"url\s*\(|@import|https?:|//", styles)


def test_the_page_runs_nothing(page):
    assert not {"script", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in page.elements}
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    (policy,) = [found["content"] for found in page.all("meta") if "http-equiv" in found]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert policy.endswith("base-uri 'none'; form-action 'none'")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert not [found for _, found in page.elements if "style" in found]


def test_no_address_outside_the_page_is_hidden_in_its_pictures(page):
    for found in page.all("img"):
        head, data = decoded(found["src"])
        assert head == "data:image/svg+xml;base64"
        drawing = ElementTree.fromstring(data)
        assert drawing.tag.endswith("}svg")
        for element in drawing.iter():
            assert element.tag.rpartition("}")[2] not in {"script", "image", "a", "foreignObject", "text"}
            inside = [value for name, value in element.attrib.items() if name.rpartition("}")[2] == "href"]
            assert all(value.startswith("#") for value in inside)
            assert not [name for name in element.attrib if name.startswith("on")]


def test_ids_are_unique(page):
    ids = page.values("id")
    assert set(SECTIONS) <= set(ids)
    assert [name for name, times in Counter(ids).items() if times > 1] == []


def test_every_link_within_the_page_leads_to_an_element(page):
    inside = [address for address in page.values("href") if address.startswith("#")]
    assert inside == [f"#{name}" for name in SECTIONS[1:]]
    assert {address[1:] for address in inside} <= set(page.values("id"))


def test_every_table_has_header_cells_over_all_its_columns(page):
    assert len(page.tables) >= 6
    for head, *body in page.tables:
        names = [text.strip() for _, _, text in head]
        assert {tag for tag, _, _ in head} == {"th"}
        assert all(names), f"a column without a name beside {names}"
        assert body, names
        assert {len(row) for row in body} == {len(head)}, names


def test_every_header_cell_says_whether_it_heads_a_row_or_a_column(page):
    for head, *body in page.tables:
        assert {found.get("scope") for _, found, _ in head} == {"col"}
        for row in body:
            assert [found.get("scope") for tag, found, _ in row if tag == "th"] == ["row"], row


def test_nothing_of_the_template_is_left(page):
    assert not re.search(r"\{\{|\}\}|\{%|%\}|\{#|#\}", page.source)
    assert not re.search(r"\b(nan|NaN|NaT|inf|undefined)\b", page.text)


def test_text_of_an_experiment_stays_text(page):
    assert page.headings[0] == (1, TITLE)
    assert DESCRIPTION in page.text
    assert TITLE not in page.source
    assert DESCRIPTION not in page.source
    assert page.all("b") == page.all("i") == []
    assert all(found["src"] != "x" for found in page.all("img"))


def test_headings_skip_no_level(page):
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(text.strip() for _, text in page.headings)


def test_the_language_is_given(page):
    assert page.all("html") == [{"lang": "en"}]
    assert page.source.startswith("<!doctype html>")


def test_every_picture_has_a_text_of_its_own(page):
    texts = page.values("alt")
    assert len(texts) == len(page.all("img")) >= 8
    assert min(map(len, texts)) > 20
    assert len(set(texts)) == len(texts)


def test_every_download_is_a_table_of_the_comparison(page, result):
    links = [found for found in page.all("a") if "download" in found]
    written = {file.name: file.read_bytes() for file in (result / "compare").glob("*.csv")}
    assert {found["download"] for found in links} < set(written)
    for found in links:
        assert not [cell for row in rows_of(found["href"]) for cell in row if re.match(r"[=+@\t\r]|-\D", cell)]
        assert decoded(found["href"])[1] == written[found["download"]]
        head, *body = rows_of(found["href"])
        assert len(head) > 1
        assert {len(row) for row in body} <= {len(head)}


def test_the_tables_of_runs_have_rows_to_download(page):
    """Announcements may be none, and no uncertainty may have been drawn; a difference there always is."""
    links = {found["download"]: rows_of(found["href"]) for found in page.all("a") if "download" in found}
    for name in ("differences", "shapes", "flips", "contributions", "levers", "carriers", "decisions"):
        assert len(links[f"{name}.csv"]) > 1, name


def test_the_answer_names_the_package_of_least_expected_regret(page, result):
    first = pd.read_csv(result / "compare" / "regret.csv")["policy"].iloc[0]
    text = page.text
    answer = text[: text.index("The packages compared")].removeprefix(TITLE)
    assert first.replace("-", " ") in answer.lower().replace("cluster ", "")
    assert "has the least expected regret" in text


def test_the_page_shows_the_regret_that_was_tabled(page, result):
    tabled = pd.read_csv(result / "compare" / "regret.csv")
    shown = next(body for head, *body in page.tables if "expected" in [text for _, _, text in head])
    titles = about_result(reopen(result), result).titled
    assert [row[0][2] for row in shown] == [titles(policy) for policy in tabled["policy"]]
    for row, mean in zip(shown, tabled["mean_regret"], strict=True):
        assert float(row[2][2].replace(",", "")) == pytest.approx(mean, rel=0.006, abs=1e-9)


def test_every_stakeholder_with_levers_has_a_table_of_them(page, result):
    levers = pd.read_csv(result / "compare" / "levers.csv")
    headings = [text for _, text in page.headings]
    tables = [body for head, *body in page.tables if head[0][2] == "lever"]
    assert [name for name in headings if name.lower() in set(levers["stakeholder"])] == [
        name.capitalize() for name in dict.fromkeys(levers["stakeholder"])
    ]
    assert sum(map(len, tables)) == len(levers)


def test_the_same_result_gives_the_same_page(path, result, tmp_path):
    for name, threads in (("one.html", 1), ("two.html", 2)):
        assert call("report", result, "--threads", threads, "--out", tmp_path / name) == 0
        assert (tmp_path / name).read_bytes() == path.read_bytes()


def test_a_page_without_levers_says_so(path, result, tmp_path):
    assert call("report", result, "--lever-runs", 0, "--threads", 1, "--out", tmp_path / "short.html") == 0
    short = Parsed((tmp_path / "short.html").read_text(encoding="utf-8"))
    assert "Levers were not run (--lever-runs 0)" in short.text
    assert "Do first" not in short.text
    assert "levers.csv" not in short.values("download")
    assert short.unmatched == short.open == []
    levels = [level for level, _ in short.headings]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(short.all("img")) == len(Parsed(path.read_text(encoding="utf-8")).all("img")) - 2  # of members, and of levers


def test_packages_stand_by_their_titles(page, result):
    """Their names, as they are written in files, stand only where a command or a file is quoted."""
    about = about_result(reopen(result), result)
    text = re.sub(r"--policy \S+", "", page.text)
    named = [policy.name for policy in about.policies if about.titled(policy.name) != policy.name and "-" in policy.name]
    assert named
    assert [name for name in named if re.search(rf"(?<![\w-]){name}(?![\w-])", text)] == []
