"""The page on a phone, on paper, and for people with a disability."""

import io
import re

import pytest

from clusterpact.results.report.stacked import labelled
from tests.results.page.opened import SCREENS, Opened

OPEN_ALL = "document.querySelectorAll('details').forEach(x => { x.open = true })"
A4 = (595, 842)  #: points


@pytest.fixture(scope="module", params=SCREENS.values(), ids=SCREENS)
def unfolded(browser, path, request):
    """The page with all that is folded opened."""
    shown = Opened(browser, path, request.param)
    shown.ask(OPEN_ALL)
    yield shown
    shown.context.close()


@pytest.fixture(scope="module")
def phone(browser, path):
    shown = Opened(browser, path, SCREENS["phone"])
    shown.ask(OPEN_ALL)
    yield shown
    shown.context.close()


@pytest.fixture(scope="module")
def printed(browser, path):
    """The pages of the printed page, as texts."""
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed (pip install pypdf)")
    shown = Opened(browser, path, SCREENS["desktop"])
    reader = pypdf.PdfReader(io.BytesIO(shown.tab.pdf(prefer_css_page_size=True)))
    shown.context.close()
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == list(A4)
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_nothing_stands_in_anyones_way(unfolded):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found = axe.Axe().run(unfolded.tab).response["violations"]
    assert [(item["impact"], item["id"], item["nodes"][0]["html"][:200]) for item in found] == []


def test_what_scrolls_sideways_says_so_and_nothing_else_does(unfolded):
    boxes = unfolded.ask(
        """Array.from(document.querySelectorAll(".scroll"), x => [x.getAttribute("aria-label"),
             x.scrollWidth > x.clientWidth + 1, getComputedStyle(x.parentElement.querySelector(".hint")).visibility])"""
    )
    assert boxes
    for name, scrolls, hint in boxes:
        assert hint == ("visible" if scrolls else "hidden"), name
    assert unfolded.complaints == []


def test_a_phone_shows_every_cell_of_every_table_without_scrolling(phone):
    hidden = phone.ask(
        """Array.from(document.querySelectorAll("td, tbody th")).filter(x => { const r = x.getBoundingClientRect();
             return r.left < -1 || r.right > innerWidth + 1 || !r.height }).map(x => x.outerHTML.slice(0, 120))"""
    )
    assert hidden == []
    assert phone.ask("""Array.from(document.querySelectorAll(".scroll")).filter(x => x.querySelector("table")
                          && x.scrollWidth > x.clientWidth + 1).length""") == 0  # fmt: skip


def test_beside_every_cell_a_phone_shows_the_heading_of_its_column(phone):
    shown = phone.ask(
        """Array.from(document.querySelectorAll("table"), t => {
             const heads = Array.from(t.tHead.rows[0].cells, c => c.textContent.trim().replace(/\\s+/g, " "));
             return Array.from(t.tBodies[0].rows, r => Array.from(r.cells, (c, k) =>
               [c.tagName, heads[k], getComputedStyle(c, "::before").content])).flat() }).flat()"""
    )
    assert len(shown) > 100
    for tag, heading, before in shown:
        assert tag == "TH" or before == f'"{heading}"'


def test_the_package_in_focus_is_the_first_of_the_packages(page, result):
    focus = re.search(r"What is still emitted under (.*?)(?: Plants|$)", page.text)[1]
    head = next(table[0] for table in page.tables if table[0][0][2] == "outcome")
    assert head[1][2] == focus


def test_paper_holds_the_first_screen_on_its_first_page(printed, page):
    first = printed[0]
    for question in (
        "What to do?",
        "Who does it?",
        "What does it cost?",
        "How sure is that?",
        "What would change the answer?",
    ):
        assert question in first
    assert "Scope-1 emissions, median" in first  # the caption of the chart
    assert "The packages compared" not in first
    assert "The packages compared" in printed[1][:40]


def test_pages_of_paper_are_numbered(printed):
    assert 8 <= len(printed) <= 30
    for number, text in enumerate(printed, 1):
        assert f"{number} / {len(printed)}" in text


def test_paper_shows_of_each_plant_the_short_facts_only(printed, page):
    text = " ".join(printed)
    assert text.count("Scope 1 today:") == page.text.count("Scope 1 today:") >= 3
    assert "emits less, kt a year" in page.text
    assert "emits less, kt" not in text


def test_labels_of_cells_are_headings_as_they_were_escaped():
    first, second = '<th scope="col">a &lt;b&gt; &#34;c&#34;</th>', '<th\nclass="number" scope="col">two\n words</th>'
    table = f"<thead><tr>{first}{second}</tr></thead>"
    rows = labelled(f'{table}<tbody><tr class="first"><th scope="row">x</th><td>1</td></tr></tbody>')
    assert '<th data-label="a &lt;b&gt; &#34;c&#34;" scope="row">' in rows
    assert '<td data-label="two words">1' in rows
    assert rows.startswith(table)
