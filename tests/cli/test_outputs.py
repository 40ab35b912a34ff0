"""The commands and the code of the documentation run as written, and print what the pages say they print, to the digit."""

import re

import pytest

from docs import outputs

SLOW = [
    page for page in outputs.PAGES if re.search(r"^```output slow", (outputs.ROOT / page).read_text(encoding="utf-8"), re.M)
]


@pytest.fixture
def work(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", outputs.PAGES)
def test_a_page_prints_what_it_says(page):
    text, new = outputs.renewed(page)
    assert new == text, "run: make outputs"


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW)
def test_a_page_prints_what_it_says_of_many_runs(page):
    text, new = outputs.renewed(page, slow=True)
    assert new == text, "run: make outputs"


def test_every_page_with_code_is_run():
    with_code = {f"docs/{path.name}" for path in (outputs.ROOT / "docs").glob("*.md")
                 if re.search(r"^```(sh|python|output)", path.read_text(encoding="utf-8"), re.M)}  # fmt: skip
    assert with_code <= set(outputs.PAGES)


def numbers(text):
    """The numbers of a text, in float; of a range or a code point none that is part of a word."""
    return {float(found.replace(",", "")) for found in re.findall(r"(?<![\w.])\d+(?:[.,]\d+)*", text)}


@pytest.mark.parametrize("page", [page for page in outputs.PAGES if "tutorial" in page])
def test_a_tutorial_tells_no_number_that_it_does_not_show(page):
    text = (outputs.ROOT / page).read_text(encoding="utf-8")
    shown = "".join(re.findall(r"^```.*?^```", text, re.M | re.S))
    told = re.sub(r"^```.*?^```|`[^`]*`|\]\([^)]*\)|^[#|].*?$", "", text, flags=re.M | re.S)
    exit_codes = {75, 130, 137}
    assert numbers(told) - numbers(shown) <= exit_codes


def test_the_schedule_that_a_tutorial_hands_on_has_no_number_that_was_not_printed():
    text = (outputs.ROOT / "docs/tutorial-schedule.md").read_text(encoding="utf-8")
    shown = "".join(re.findall(r"^```.*?^```", text, re.M | re.S))
    rows = re.findall(r"^\|.*$", text, re.M)
    assert len(rows) >= 6
    assert len(numbers(" ".join(rows))) > 10
    assert numbers(re.sub("CO2", "", " ".join(rows))) - numbers(shown) <= {1.0}


def test_an_output_is_of_the_fence_before_it(work):
    page = "```python\nx = 2\nprint(x)\n```\nand\n```python\nprint(x + 1)\n```\n```output\nold\n```\nend\n"
    assert outputs.written("page", page) == page.replace("old\n", "3\n")
    with pytest.raises(outputs.PageError, match="an output without code"):
        outputs.written("page", "```output\n3\n```\n")


def test_an_output_shows_the_lines_that_it_asks_for_and_no_times():
    printed = "\none 1\n\ntwo 12.5 s\nthree\nfour 1,200 runs/s in 3.4.1 of 0123456789ab with 8 workers\n"
    assert outputs.shown(printed, ' lines="one|four"') == ("one 1\n…\nfour … runs/s in 3.4.1 of … with … workers\n")
    assert outputs.shown(printed, "") == "one 1\n\ntwo … s\nthree\nfour … runs/s in 3.4.1 of … with … workers\n"


def test_a_file_is_written_and_a_command_sees_it(work):
    page = (
        '```toml\n# mine.toml\nbase = "dunkirk"\nruns = 2\n```\n```sh\nclusterpact validate mine.toml\n```\n```output\n```\n'
    )
    assert "mine.toml: fine. 4 policies x 2 runs" in outputs.written("page", page)


def test_a_command_that_fails_names_itself(work):
    with pytest.raises(outputs.PageError, match="page: clusterpact show nowhere: ends with 2"):
        outputs.written("page", "```sh\nclusterpact show nowhere    # of no library\n```\n")


def test_what_is_slow_is_left_as_it_is_unless_asked(work):
    page = "```python slow\nprint(1)\n```\n```output slow\nold\n```\n"
    assert outputs.written("page", page) == page
    assert outputs.written("page", page, slow=True) == page.replace("old", "1")


def test_a_placeholder_is_the_one_result_of_that_name(work):
    (work / "runs" / "dunkirk-0123456789ab").mkdir(parents=True)
    (work / "runs" / "dunkirk-moves-0123456789ab").mkdir()
    assert outputs.found("runs/dunkirk-…") == "runs/dunkirk-0123456789ab"
    (work / "runs" / "dunkirk-ba9876543210").mkdir()
    with pytest.raises(outputs.PageError, match="expected one path, found"):
        outputs.found("runs/dunkirk-…")
