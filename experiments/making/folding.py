"""One way to fold text for matching and for ids: names of any alphabet in small Latin letters and digits."""

import functools
import re
import unicodedata

from anyascii import anyascii


@functools.lru_cache(maxsize=2**16)
def folded(text: str) -> str:
    """Words of a text in small Latin letters and digits, one blank between them: `Łódź ΑΗΣ` is `lodz ais`.

    Accents are taken off first (ü is u), then what is no Latin letter yet is transliterated (ł, ø, Greek, Cyrillic).
    """
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    latin = "".join(_latin(letter) for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", latin))


def _latin(letter: str) -> str:
    """A letter or digit in small Latin letters, without signs that a transliteration adds; all else as it is."""
    if letter.isascii() or unicodedata.category(letter)[0] not in "LNM":
        return letter
    return "".join(re.findall(r"[a-z0-9]", anyascii(letter).casefold()))
