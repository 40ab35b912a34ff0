"""The page in other languages: no English is left but names and sources, and numbers are as the place writes them."""

import re

import pandas as pd
import pytest
from matplotlib.text import Text

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.questions.comparison import compare_result
from clusterpact.experiments.questions.plants import with_typical_run
from clusterpact.face.results import Result
from clusterpact.inputs import InputError
from clusterpact.results.language import LANGUAGES, language, speaking
from clusterpact.results.report.page import drawings
from clusterpact.results.report.translated import translated
from clusterpact.results.report.words import between, number, percent
from clusterpact.results.summary import read_table
from tests.catalogues import said
from tests.commands import call
from tests.results.page.parsed import DESCRIPTION, TITLE, Parsed

OTHERS = [code for code in LANGUAGES if code != "en"]
WORD = re.compile(r"[^\W\d_]{3,}")
#: Words that are alike in English and another language.
ALIKE = {
    "fr": {"Contributions", "Hurwicz", "Instruments", "Regret", "extension", "instrument", "maximin", "option", "regret",
           "sections", "source", "verdict"},
    "de": {"Hurwicz", "Regret", "Median"},
}  # fmt: skip


@pytest.fixture(scope="module", params=OTHERS)
def code(request):
    return request.param


@pytest.fixture(scope="module")
def spoken(result, path, code):
    """The page in another language, whose levers the English page has run."""
    assert call("report", result, "--language", code, "--threads", 1) == 0
    return Parsed((result / f"report.{code}.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def compared(result, path):
    return with_typical_run(compare_result(result))


@pytest.fixture(scope="module")
def names(result, compared):
    """What no language changes: names of the user's own files, of parameters and of tables, and sources."""
    about = about_result(reopen(result), result)
    packages = [word for package in about.policies for word in (package.name, package.title, package.description)]
    sources = [parameter.source for parameter in PARAMETERS.values()]
    projects = compared.tables["announcements"]["project"].to_list()
    tables = [f"{name}.csv" for name in compared.tables]
    story = [sentence for lines in compared.typical.lines.values() for _date, sentence in lines]  # as replay tells it
    own = {
        *about.names.values(),
        *about.sources,
        *packages,
        *sources,
        *projects,
        *tables,
        *story,
        *PARAMETERS,
        TITLE,
        DESCRIPTION,
    }
    return own - set(said()) | {package.name for package in about.policies}


def words_of(texts):
    """Texts with a word in them, without the blanks and marks around."""
    return {text for text in (" ".join(text.split()).strip(":;,. ") for text in texts) if WORD.search(text)}


def test_a_page_says_its_language(spoken, code):
    assert spoken.all("html") == [{"lang": code}]
    assert spoken.unmatched == spoken.open == []


def test_what_a_page_has_in_common_with_the_english_one_are_names_and_words_that_are_alike(spoken, page, code, names):
    for pick in (lambda one: one.texts, lambda one: one.values("alt", "aria-label")):
        assert words_of(pick(spoken)) & words_of(pick(page)) - names - ALIKE[code] == set()


def test_a_page_has_as_many_texts_and_the_same_structure_as_the_english_one(spoken, page):
    assert [tag for tag, _ in spoken.elements] == [tag for tag, _ in page.elements]
    assert len(spoken.texts) == len(page.texts)
    assert [len(table) for table in spoken.tables] == [len(table) for table in page.tables]


def test_no_sentence_is_half_english(spoken, names):
    """Common English words, which are in no sentence of another language; names and sources are left out."""
    english = re.compile(r"\b(the|of|and|is|are|with|which|than|each|from|by|runs|futures)\b")
    left = [text for text in words_of([*spoken.texts, *spoken.values("alt", "aria-label")]) - names if english.search(text)]
    assert [text for text in left if not any(name in text for name in names)] == []


def test_downloads_are_the_same_in_every_language(spoken, page):
    tables = [{found["download"]: found["href"] for found in one.all("a") if "download" in found} for one in (spoken, page)]
    assert tables[0] == tables[1]


def test_pictures_of_the_english_page_stay(result, spoken, code):
    for file in (result / "compare").glob(f"*.{code}.svg"):
        english = file.with_name(file.name.replace(f".{code}.", "."))
        assert english.read_bytes() != file.read_bytes()


def test_numbers_are_as_the_place_writes_them(result, spoken, code, names):
    regret = pd.read_csv(result / "compare" / "regret.csv")
    with speaking(code):
        titles = [about_result(reopen(result), result).titled(policy) for policy in regret["policy"]]
    shown = next(body for _, *body in spoken.tables if [row[0][2] for row in body] == titles)
    told = [f"{mean:.3g}".replace(".", ",") for mean in regret["mean_regret"]]
    assert any("," in cell for cell in told)
    assert [row[2][2] for row in shown] == told
    assert not re.search(r"\d\.\d{1,2} ±|±\d+\.\d{1,2}\b", spoken.text)
    cards = spoken.text[: spoken.text.index("clusterpact report")]
    assert re.search(r"\d,\d", cards)
    own = [text for text in spoken.texts if not words_of([text]) & names]
    assert {share for text in own for share in re.findall(r"\d(\s)%", text)} == {{"fr": "\u202f", "de": "\u00a0"}[code]}


def test_words_of_numbers_follow_the_language():
    for code, said_ in {
        "en": ("-1,234", "+0.5", "[1.5, 2.5]", "42\u00a0%"),
        "fr": ("-1\u202f234", "+0,5", "[1,5\u202f; 2,5]", "42\u202f%"),
        "de": ("-1.234", "+0,5", "[1,5; 2,5]", "42\u00a0%"),
    }.items():
        with speaking(code):
            assert (number(-1234), number(0.5, True), between(1.5, 2.5, False), percent(0.42)) == said_


def texts_of(compared, result):
    """Every text of every figure of the page, by figure."""
    outcomes, bands = read_table(result, "outcomes"), read_table(result, "bands")
    found = translated(compared, outcomes)
    shown = {}
    for name, (draw, *shown_) in drawings(found, outcomes, bands, read_table(result, "projects")).items():
        figure = draw(*shown_)
        figure.draw_without_rendering()
        texts = [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
        shown[name] = [part for text in texts for part in text.split(" · ")]
    return shown


def test_figures_hold_no_english_and_their_axes_have_the_numbers_of_the_place(compared, result, names, code):
    english = texts_of(compared, result)
    with speaking(code):
        foreign = texts_of(compared, result)
    for name, texts in foreign.items():
        assert words_of(texts) & words_of(english[name]) - names - ALIKE[code] == set(), name
        assert not [text for text in texts if re.fullmatch(r"\D?\d+\.\d+", text)], name
    assert any(re.fullmatch(r"\d+,\d+", text) for text in foreign["runs"])
    assert {"fr": "100\u202f%", "de": "100\u00a0%"}[code] in foreign["gates"]


@pytest.mark.parametrize(("given", "told"), [("fra", "did you mean 'fr'?"), ("xx", "known: en, fr, de")])
def test_a_language_that_there_is_not_is_told_before_anything_runs(given, told, result, capsys, monkeypatch):
    monkeypatch.setattr("clusterpact.cli.compare._compare", None)
    assert call("report", result, "--language", given) == 2
    line = capsys.readouterr().err.strip()
    assert "\n" not in line
    assert line == f"clusterpact: --language = {given!r}: no language of the page; {told}"


def test_python_asks_for_a_language_too(result, compared):
    assert Result(result).report(language="de", progress=False) == result / "report.de.html"
    with pytest.raises(InputError, match="language"):
        Result(result).report(language="german")


def test_without_babel_only_english_is_spoken(monkeypatch):
    monkeypatch.setattr("clusterpact.extras.find_spec", lambda module: None)
    language.cache_clear()
    with pytest.raises(InputError, match="Babel is not installed"):
        language("fr")
    assert language("en").code == "en"
    language.cache_clear()
