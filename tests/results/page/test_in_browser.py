"""The page of `clusterpact report` in a real browser: how it looks and behaves."""

import pytest

from tests.commands import call
from tests.results.page.opened import SCREENS, Opened
from tests.results.page.parsed import SECTIONS, TITLE

BURST = 5  #: downloads; a browser drops more than ten that come at once
PAPER = {"width": 680, "height": 1000}  #: px of A4 less margins of 15 mm


def test_the_page_opens_without_complaint_or_request(opened, path):
    assert opened.tab.title() == TITLE
    assert opened.ask("document.documentElement.lang") == "en"
    assert opened.ask("document.compatMode") == "CSS1Compat"
    assert opened.complaints == []
    assert [url for url in opened.asked if not url.startswith("data:")] == [path.as_uri()]


def test_the_page_is_allowed_its_own_style_and_nothing_else(wide):
    """What a name might smuggle in would neither be styled, nor run, nor ask for anything."""
    assert wide.ask("getComputedStyle(document.querySelector('.card')).borderTopWidth") == "4px"
    blocked = []
    wide.tab.on("requestfailed", lambda request: blocked.append((request.url, request.failure)))
    wide.tab.evaluate(
        """() => {
            document.body.insertAdjacentHTML('beforeend', '<base href="https://example.org/"><p style="color: red">'
                + '<img src="https://example.org/x.png"><img src=x onerror="window.ran = 1">');
            const script = document.createElement('script');
            script.textContent = 'window.ran = 2';
            document.body.append(script);
        }"""
    )
    wide.tab.wait_for_timeout(300)
    assert wide.ask("window.ran") is None
    assert ("https://example.org/x.png", "csp") in blocked
    refused = " ".join(wide.complaints)
    for what in ("img-src", "style-src", "script", "base-uri"):
        assert what in refused, what


def test_every_section_is_there_with_its_heading(opened):
    for name in SECTIONS:
        assert opened.tab.locator(f"section#{name}").is_visible()
    headings = opened.tab.locator("h1, h2:not(.card h2)").all_inner_texts()
    assert headings[0] == TITLE
    assert headings[1:] == ["How sure is that?", "Why?", "Who should do what next?", "By when?", "Plant by plant",
                            "What it rests on"]  # fmt: skip


def test_the_answer_is_on_the_first_screen(opened):
    box = opened.tab.locator(".answer").bounding_box()
    assert opened.tab.locator(".card").count() == 5
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
    for number, link in enumerate(wide.tab.locator("a[download]").all()):
        name = link.get_attribute("download")
        if number % BURST == BURST - 1:
            wide.tab.wait_for_timeout(2000)
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
        """Array.from(document.querySelectorAll("details > *")).filter(x => !x.closest(".plant")
             && (!x.checkVisibility({contentVisibilityAuto: true}) || !x.getBoundingClientRect().height))
             .map(x => x.outerHTML.slice(0, 80))"""
    )
    assert hidden == []
    assert wide.tab.pdf(format="A4").startswith(b"%PDF")


def test_print_cuts_nothing_off_at_the_edge_of_the_paper(wide):
    wide.tab.emulate_media(media="print")
    wide.tab.set_viewport_size(PAPER)
    cut = wide.ask(
        """Array.from(document.querySelectorAll("table, img")).filter(x => x.getBoundingClientRect().right > innerWidth + 1)
             .map(x => x.outerHTML.slice(0, 200))"""
    )
    assert cut == []


@pytest.mark.parametrize("code", ["fr", "de"])
@pytest.mark.parametrize("size", SCREENS.values(), ids=SCREENS)
def test_longer_words_of_other_languages_fit(browser, result, path, tmp_path, code, size):
    file = tmp_path / f"{code}.html"
    assert call("report", result, "--language", code, "--threads", 1, "--out", file) == 0
    shown = Opened(browser, file, size)
    assert shown.ask("document.documentElement.lang") == code
    assert shown.complaints == []
    shown.ask("document.querySelectorAll('details').forEach(x => { x.open = true; })")
    outside = shown.ask(
        """Array.from(document.body.querySelectorAll("*")).filter(x => !x.closest(".scroll") && x.getClientRects().length
             && x.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
             .map(x => x.outerHTML.slice(0, 80))"""
    )
    shown.tab.emulate_media(media="print")
    shown.tab.set_viewport_size(PAPER)
    printed = shown.ask("document.documentElement.scrollWidth")
    shown.context.close()
    assert outside == []
    assert printed <= PAPER["width"]  # else a browser shrinks every sheet
