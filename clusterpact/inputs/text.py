"""Text that a terminal, a figure or a page can show: what may stand in it, and how the rest is written out."""

import re
import unicodedata

LONGEST_TEXT = 20_000  #: letters of one text
JOINERS = "\u200c\u200d"  #: they shape letters in Persian, Indian scripts and emoji, and hide nothing
SPACE = re.compile(r"\s+")
UNSHOWN = ("Cc", "Cf", "Cs", "Co")  #: control, format (bidi, zero width), lone surrogate, private use
MEANING = {"Cc": "a control character", "Cf": "an invisible character", "Cs": "half a character"}


def printable(text: str) -> str:
    """The text on one line, any run of white space with more than blanks in it as one blank.

    Raises ValueError that names the first character that does not print (U+001B), or a text too long to be meant.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"expected text of up to {LONGEST_TEXT:,} letters, found {len(text):,}")
    if text.isprintable():
        return text
    text = SPACE.sub(_one_blank, text)
    for character in text:
        if is_unshown(character):
            meaning = MEANING.get(unicodedata.category(character), "a character without a meaning")
            raise ValueError(f"expected printable text, found U+{ord(character):04X} ({meaning})")
    return text


def _one_blank(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else " "


def is_unshown(character: str) -> bool:
    """Whether a character shows nothing, or changes how others are shown."""
    if character in JOINERS:
        return False
    return unicodedata.category(character) in UNSHOWN or (ord(character) & 0xFFFE) == 0xFFFE


def shown(text: str) -> str:
    """A text safe to print: line breaks and tabs as they are, what does not print as its escape (\\x1b, \\u202e)."""
    if text.isprintable():
        return text
    return "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character in "\n\t" or character.isprintable() or character in JOINERS:
        return character
    if character.isspace() and unicodedata.category(character) == "Zs":
        return character
    if is_unshown(character) or character.isspace():
        return character.encode("unicode_escape").decode()
    return character
