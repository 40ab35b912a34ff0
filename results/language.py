"""The language of the page and its figures: texts from catalogues (gettext), numbers as the place writes them (Babel).

English is the language of the sources and needs no catalogue. `with speaking("de"):` makes `_` translate and `written` write
the numbers of that language, for everything that is called within.
"""

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from clusterpact.extras import require
from clusterpact.inputs import InputError

LANGUAGES = {"en": "English", "fr": "français", "de": "Deutsch"}
CATALOGUES = Path(__file__).with_name("catalogues")


@dataclass(frozen=True)
class Language:
    """A language: its code, its texts, and what it writes between whole numbers and decimals, and between thousands."""

    code: str = "en"
    texts: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)
    decimal: str = "."
    group: str = ","


ENGLISH = Language()
_spoken: ContextVar[Language] = ContextVar("language", default=ENGLISH)


@cache
def language(code: str) -> Language:
    """A language by its code; raises InputError where there is none, or where Babel is not installed."""
    if code not in LANGUAGES:
        raise InputError("", "--language", code, "no language of the page", LANGUAGES)
    if code == "en":
        return ENGLISH
    require("--language", "report", "babel")
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.numbers import get_decimal_symbol, get_group_symbol

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO((CATALOGUES / f"{code}.po").read_bytes()), locale=code))
    compiled.seek(0)
    return Language(code, gettext.GNUTranslations(compiled), get_decimal_symbol(code), get_group_symbol(code))


def page_of(folder: Path, code: str) -> Path:
    """Where the page of a result in a language lies if no other file is named; raises InputError as `language` does."""
    return folder / ("report.html" if language(code) is ENGLISH else f"report.{code}.html")


def spoken() -> Language:
    """The language that is spoken."""
    return _spoken.get()


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Speak a language within a `with` block."""
    token = _spoken.set(language(code))
    try:
        yield _spoken.get()
    finally:
        _spoken.reset(token)


def _(text: str) -> str:
    """A text in the language that is spoken; one that has no translation stays as it is."""
    return _spoken.get().texts.gettext(text) if text else text


def plural(one: str, many: str, count: int) -> str:
    """The text for one or for many in the language that is spoken."""
    return _spoken.get().texts.ngettext(one, many, count)


def written(digits: str) -> str:
    """A number that was formatted in English (`1,234.5`) as the language that is spoken writes it."""
    spoken = _spoken.get()
    return digits if spoken is ENGLISH else digits.translate({ord(","): spoken.group, ord("."): spoken.decimal})
