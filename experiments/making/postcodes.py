"""Postcodes as registers and people write them: case, blanks, hyphens and a country's sign do not tell two apart."""

import functools
import re
import unicodedata

#: Distinguishing signs of vehicles, and other codes that stand before a postcode, by ISO code of the country.
SIGNS = {"a": "at", "b": "be", "d": "de", "e": "es", "f": "fr", "h": "hu", "i": "it", "l": "lu", "n": "no", "p": "pt",
         "s": "se", "el": "gr", "uk": "gb", "est": "ee", "fin": "fi", "slo": "si"}  # fmt: skip
#: Countries whose own postcodes begin with letters.
LETTERS_FIRST = ("gb", "xi", "ie", "mt", "united kingdom", "ireland", "malta")
PREFIX = re.compile(r"([a-z]{1,3}) *(-?) *(?=([a-z0-9]))")
DASHES = re.compile(r"[\u2010-\u2015\u2212]")


def has_postcode(postcode: str, country: str, wanted: tuple[str, ...]) -> bool:
    """Whether a postcode in a country begins with one of those wanted."""
    sign, digits = _parted(postcode, country)
    own = _iso(country)
    for one in wanted:
        asked, start = _parted(one, country)
        if digits.startswith(start) and (asked in ("", sign, own) or len(own) != 2):
            return True
    return False


def plain_postcode(postcode: str, country: str) -> str:
    """A postcode without what spelling adds: small, without blanks, hyphens and a country's sign."""
    return _parted(postcode, country)[1]


def compact(text: str) -> str:
    """Letters and digits of a postcode, small."""
    return "".join(re.findall(r"[^\W_]", text.casefold()))


@functools.lru_cache(maxsize=2**16)
def _parted(text: str, country: str) -> tuple[str, str]:
    """ISO code of the country that a prefix names, if there is one, and the compact rest of a postcode."""
    plain = DASHES.sub("-", unicodedata.normalize("NFKC", text).casefold().strip())
    own = _iso(country)
    found = PREFIX.match(plain)
    if found:
        sign, hyphen, before_digit = _iso(found[1]), bool(found[2]), found[3].isdigit()
        own_code = sign == own and (hyphen or before_digit)
        if own_code or (hyphen and before_digit and own not in LETTERS_FIRST):
            return sign, compact(plain[found.end() :])
    return "", compact(plain)


def _iso(sign: str) -> str:
    return SIGNS.get(sign.casefold(), sign.casefold())
