"""The page of `clusterpact report`: what it says without a browser, and how it looks and behaves in a real one."""

import base64
import csv
import io
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from tests.commands import call

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}
SECTIONS = ["answer", "sure", "why", "who", "when", "rests"]
VOID = {"meta", "link", "img", "br", "hr", "input", "col", "wbr", "source"}
TITLE = """A <b>bold</b> & "quoted" cluster's <script>alert("x")</script> choice"""
DESCRIPTION = """<i>Half</i> a guarantee & "more" </ul><img src=x onerror=alert(1)>"""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The starter's experiment from 2025 to 2034 with 30 runs, its title and a description full of markup."""
    folder = tmp_path_factory.mktemp("report") / "region"
    assert call("new", folder) == 0
    path = folder / "experiment.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in {
        "[2025, 2050]": "[2025, 2034]",
        "2050 = 0.95\n": "",
        '"My cluster: what does a pact change?"': f"'''{TITLE}'''",
        'base = "pact"\n': f"base = \"pact\"\ndescription = '''{DESCRIPTION}'''\n",
    }.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    assert call("run", path, "--runs", 30, "-q", "--no-figures", "--threads", 1, "--out", folder / "result") == 0
    return folder / "result"


@pytest.fixture(scope="module")
def path(result):
    """The file of the page."""
    assert call("report", result, "--threads", 1) == 0
    return result / "report.html"


@pytest.fixture(scope="module")
def page(path):
    """The page, parsed."""
    return Parsed(path.read_text(encoding="utf-8"))


class Parsed(HTMLParser):
    """Elements in order as (tag, attributes), texts, style sheets, and tables as rows of (tag, attributes, text)."""

    def __init__(self, source):
        super().__init__()
        self.source, self.elements, self.styles, self.texts = source, [], [], []
        self.tables, self.headings, self.open, self.unmatched = [], [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append((tag, dict(attrs), ""))
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unmatched.append(tag)

    def handle_data(self, data):
        if "style" in self.open:
            self.styles.append(data)
            return
        self.texts.append(data)
        if self.open and self.open[-1] == "table" and not data.strip():
            return
        if "td" in self.open or "th" in self.open:
            tag, attributes, text = self.tables[-1][-1][-1]
            self.tables[-1][-1][-1] = tag, attributes, text + data
        elif self.open and re.fullmatch("h[1-6]", self.open[-1]):
            level, text = self.headings[-1]
            self.headings[-1] = level, text + data

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    def values(self, *names):
        """All values of attributes."""
        return [found[name] or "" for _, found in self.elements for name in names if name in found]

    def all(self, tag):
        return [found for name, found in self.elements if name == tag]


def decoded(address):
    """Kind and bytes of a data: address."""
    head, _, body = address.partition(",")
    assert head.startswith("data:")
    return head, base64.b64decode(body, validate=True)


def rows_of(address):
    """Rows of the CSV that a data: address holds."""
    head, data = decoded(address)
    assert head.startswith("data:text/csv")
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))


# Without a browser.


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
    assert not [found for found in page.all("meta") if "http-equiv" in found]


def test_no_address_outside_the_page_is_hidden_in_its_pictures(page):
    for found in page.all("img"):
        head, data = decoded(found["src"])
        assert head == "data:image/png;base64"
        assert data.startswith(b"\x89PNG")


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
    assert first in answer
    assert "regret" in answer or first == "current-policies"


def test_the_page_shows_the_regret_that_was_tabled(page, result):
    tabled = pd.read_csv(result / "compare" / "regret.csv")
    shown = next(body for head, *body in page.tables if "expected" in [text for _, _, text in head])
    assert [row[0][2] for row in shown] == tabled["policy"].to_list()
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
    assert len(short.all("img")) == len(Parsed(path.read_text(encoding="utf-8")).all("img")) - 1


# In a browser.


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; what is missing is named by the reason for the skip."""
    driver = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (pip install playwright)")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser on the PATH: none of {', '.join(BROWSERS)}")
    with driver.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Opened:
    """The page in a browser of one size; remembers what it asked for and complained about."""

    def __init__(self, browser, path, size):
        self.asked, self.complaints = [], []
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        self.context.set_default_timeout(10_000)
        self.context.route("**/*", self.answer)
        self.tab = self.context.new_page()
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("console", lambda line: self.complaints.append(line.text))
        self.tab.on("dialog", self.dismiss)
        self.tab.goto(path.as_uri(), wait_until="load")

    def answer(self, route):
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            route.abort()

    def dismiss(self, dialog):
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def ask(self, script):
        return self.tab.evaluate(script)


@pytest.fixture(scope="module", params=SCREENS.values(), ids=SCREENS)
def opened(browser, path, request):
    shown = Opened(browser, path, request.param)
    yield shown
    shown.context.close()


@pytest.fixture
def wide(browser, path):
    """The page on a desktop, for tests that change it."""
    shown = Opened(browser, path, SCREENS["desktop"])
    yield shown
    shown.context.close()


def test_the_page_opens_without_complaint_or_request(opened, path):
    assert opened.tab.title() == TITLE
    assert opened.ask("document.documentElement.lang") == "en"
    assert opened.ask("document.compatMode") == "CSS1Compat"
    assert opened.complaints == []
    assert [url for url in opened.asked if not url.startswith("data:")] == [path.as_uri()]


def test_every_section_is_there_with_its_heading(opened):
    for name in SECTIONS:
        assert opened.tab.locator(f"section#{name}").is_visible()
    headings = opened.tab.locator("h1, h2").all_inner_texts()
    assert headings[0] == TITLE
    assert headings[1:] == ["How sure is that?", "Why?", "Who should do what next?", "By when?", "What it rests on"]


def test_the_answer_is_on_the_first_screen(opened):
    box = opened.tab.locator(".answer").bounding_box()
    assert len(opened.tab.locator(".answer p").all_inner_texts()) >= 3
    assert box["y"] + box["height"] <= opened.tab.viewport_size["height"]


def test_every_picture_is_drawn(opened):
    pictures = opened.ask("Array.from(document.images, x => [x.complete, x.naturalWidth, x.clientWidth, x.alt.trim()])")
    assert len(pictures) >= 8
    for complete, natural, shown, text in pictures:
        assert complete
        assert natural > 0
        assert shown > 0
        assert text


def test_pictures_keep_a_size_at_which_they_can_be_read(opened):
    """Labels have about 9 px in a picture 900 px wide; on a phone pictures scroll in a box of their own instead."""
    widths = opened.ask("Array.from(document.images, x => [x.clientWidth, x.naturalWidth])")
    assert all(shown >= min(natural, 640) for shown, natural in widths), widths


def test_only_boxes_of_tables_and_pictures_scroll_sideways(opened):
    assert opened.ask("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth") <= 0
    outside = opened.ask(
        """Array.from(document.body.querySelectorAll("*")).filter(x => !x.closest(".scroll") && x.getClientRects().length
             && x.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
             .map(x => x.outerHTML.slice(0, 80))"""
    )
    assert outside == []


def test_boxes_that_scroll_are_reached_by_the_keyboard_and_have_a_name(opened):
    boxes = opened.ask(
        """Array.from(document.querySelectorAll(".scroll"), x => [x.tabIndex, x.getAttribute("role"),
             x.getAttribute("aria-label") || ""])"""
    )
    assert boxes
    for index, role, label in boxes:
        assert (index, role) == (0, "group")
        assert label.strip()


def test_no_text_is_smaller_than_12_pixels(opened):
    small = opened.ask(
        """(() => { const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
           while (walker.nextNode()) { const text = walker.currentNode.data.trim();
             const size = parseFloat(getComputedStyle(walker.currentNode.parentElement).fontSize);
             if (text && size < 12) found.push([size, text]); } return found; })()"""
    )
    assert small == []


def test_text_stands_out_from_its_ground(opened):
    """A contrast of 4.5 to 1 at least (WCAG 2, AA)."""
    pale = opened.ask(
        """(() => { const rgb = x => (x.match(/[\\d.]+/g) || []).map(Number);
           const light = x => { const [r, g, b] = x.slice(0, 3).map(v => v / 255)
             .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
           const ground = x => { for (; x; x = x.parentElement) { const c = rgb(getComputedStyle(x).backgroundColor);
             if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
           const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
           while (walker.nextNode()) { const text = walker.currentNode.data.trim(), x = walker.currentNode.parentElement;
             const pair = [light(rgb(getComputedStyle(x).color)), light(ground(x))].sort((a, b) => b - a);
             if (text && (pair[0] + .05) / (pair[1] + .05) < 4.5) found.push(text); } return found; })()"""
    )
    assert pale == []


def test_links_within_the_page_bring_their_section_into_view(opened):
    for name in SECTIONS[1:]:
        opened.tab.locator(f'nav a[href="#{name}"]').click()
        assert opened.ask("location.hash") == f"#{name}"
        top = opened.ask(f"document.getElementById('{name}').getBoundingClientRect().top")
        assert -1 <= top < opened.tab.viewport_size["height"]
    opened.ask("scrollTo(0, 0)")


def test_a_click_on_a_download_saves_the_table(wide, result, tmp_path):
    for link in wide.tab.locator("a[download]").all():
        name = link.get_attribute("download")
        with wide.tab.expect_download() as waited:
            link.click()
        assert waited.value.suggested_filename == name
        waited.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes() == (result / "compare" / name).read_bytes()
    assert wide.complaints == []


def test_details_open_on_the_keyboard(wide):
    closed = wide.tab.locator("details:not([open])")
    assert closed.count() >= 3
    details = wide.tab.locator("details").filter(has_text="All differences as a table")
    assert not details.locator("table").is_visible()
    details.locator("summary").focus()
    wide.tab.keyboard.press("Enter")
    assert details.locator("table").is_visible()


def test_print_shows_what_is_folded_and_leaves_out_what_only_a_screen_can_use(wide):
    wide.tab.emulate_media(media="print")
    assert not wide.tab.locator("nav").is_visible()
    assert wide.tab.locator("a[download]:visible").count() == 0
    hidden = wide.ask(
        """Array.from(document.querySelectorAll("details > *")).filter(x => !x.checkVisibility({contentVisibilityAuto: true})
             || !x.getBoundingClientRect().height).map(x => x.outerHTML.slice(0, 80))"""
    )
    assert hidden == []
    assert wide.tab.pdf(format="A4").startswith(b"%PDF")


def test_print_cuts_nothing_off_at_the_edge_of_the_paper(wide):
    """A4 less margins of 15 mm is 180 mm wide: 680 px."""
    wide.tab.emulate_media(media="print")
    wide.tab.set_viewport_size({"width": 680, "height": 1000})
    cut = wide.ask(
        """Array.from(document.querySelectorAll("table, img")).filter(x => x.getBoundingClientRect().right > innerWidth + 1)
             .map(x => x.outerHTML.slice(0, 200))"""
    )
    assert cut == []
