"""The catalogues of the page's languages: complete, without leftovers, and with the blanks that each text has."""

import ast
import io
import re

import pytest
from babel.messages.pofile import read_po

from clusterpact.results.language import CATALOGUES, LANGUAGES
from tests.catalogues import ROOT, SOURCES, renewed, said

OTHERS = [code for code in LANGUAGES if code != "en"]
BLANK = re.compile(r"\{\w*\}|%\(\w+\)s|--[\w-]+")


@pytest.fixture(scope="module", params=OTHERS)
def code(request):
    return request.param


@pytest.fixture(scope="module")
def catalogue(code):
    return read_po(io.BytesIO((CATALOGUES / f"{code}.po").read_bytes()), locale=code)


def variants(message):
    """Pairs of a text and its translation, for one and for many."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[min(k, 1)], string) for k, string in enumerate(message.string)]


def test_there_is_a_catalogue_of_every_language_and_no_other():
    assert sorted(path.stem for path in CATALOGUES.glob("*")) == sorted(OTHERS)


def test_a_catalogue_is_what_make_texts_writes(code):
    """Every text of the sources, once and in order; none too many, no guesses, no dates or lines that change."""
    written = (CATALOGUES / f"{code}.po").read_bytes()
    assert renewed(code) == written, "texts changed; run: make texts"
    assert b"fuzzy" not in written
    assert not re.search(rb"(?m)^#[~:]", written)


def test_every_text_is_translated(catalogue):
    assert [text for message in catalogue if message.id for text, string in variants(message) if not string.strip(" ")] == []


def test_a_translation_has_the_blanks_and_options_of_its_text(catalogue):
    for message in catalogue:
        for text, string in variants(message):
            assert sorted(BLANK.findall(string)) == sorted(BLANK.findall(text)), text


def test_a_translation_begins_and_ends_as_its_text(catalogue):
    """A sentence stays one; what is put between others keeps its blanks."""
    for message in catalogue:
        for text, string in variants(message) if message.id else ():
            assert string.endswith(".") == text.endswith("."), text
            assert string.endswith("?") == text.endswith("?"), text
            assert string.endswith(" ") == text.endswith(" "), text


def test_french_marks_stand_behind_a_narrow_no_break_space():
    french = read_po(io.BytesIO((CATALOGUES / "fr.po").read_bytes()), locale="fr")
    for message in french:
        for _, string in variants(message) if message.id else ():
            assert not re.search(r"[^\u202f][;?!%:](?!\w)", string.lstrip("%")), string
            assert not re.search("«[^\u00a0]|[^\u00a0]»", string), string


def test_every_call_in_the_sources_is_heard():
    """Also those within f-strings, which the usual extraction passes over."""
    texts = {text if isinstance(text, str) else text[0] for text in said()}
    for pattern in SOURCES:
        for path in ROOT.glob(pattern):
            if path.suffix == ".py":
                for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_":
                        literal = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
                        assert set(literal) <= texts, path
