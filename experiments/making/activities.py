"""The table that turns a register's activity codes, and words in names, into sectors and technologies."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from clusterpact.experiments.making import MAKING
from clusterpact.experiments.making.site import Site
from clusterpact.inputs import InputError, Record, nearest, read_table
from clusterpact.sim.amounts import Mark, NotNegative
from clusterpact.sim.tables import Technology

ACTIVITIES = MAKING / "registers" / "activities.csv"
KINDS = ("eutl", "hotmaps", "ghgrp")


class Activity(Record):
    """One row of `activities.csv`; without a sector, sites that it fits are listed as not mapped."""

    register_kind: Literal[KINDS] = Field(alias="register")  # type: ignore[valid-type]
    code: str = Field(min_length=1)
    words: str = ""
    from_kt: NotNegative = 0.0
    meaning: str
    sector: str = ""
    technology: str = ""
    source: str
    mark: Mark


def folded(text: str) -> str:
    """Words of a text in small letters without accents, one blank between them."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", plain))


def word_pattern(words: str) -> re.Pattern[str] | None:
    """What `words` match in a folded text: whole words, `*` for any letters, `;` between alternatives."""
    parts = []
    for part in words.split(";"):
        plain = " ".join("*".join(folded(piece) for piece in word.split("*")) for word in part.split())
        if plain.strip("* "):
            parts.append(re.escape(plain).replace(r"\*", r"\w*"))
    return re.compile(rf"\b(?:{'|'.join(parts)})\b") if parts else None


@dataclass(frozen=True)
class Mapped:
    """The row that fits a site, and the word of its name that decided, if one did."""

    row: Activity
    word: str = ""


class ActivityTable:
    """The rows of the library, and before them those of a user."""

    def __init__(self, technologies: tuple[Technology, ...], own: Path | None = None):
        self.tiers = [[(row, word_pattern(row.words)) for row in read_activities(path, technologies)]
                      for path in (own, ACTIVITIES) if path is not None]  # fmt: skip

    def map(self, site: Site, kind: str, emissions_t: float) -> Mapped | None:
        """The row for a site: a user's before the library's, rows with words first, then the longest code and amount."""
        texts = [folded(text) for text in (site.name, site.operator, site.traits) if text]
        for tier in self.tiers:
            fits = []
            for order, (row, pattern) in enumerate(tier):
                length = _fit(row, kind, site.activity)
                if not length or emissions_t < 1000 * row.from_kt:
                    continue
                word = _found(pattern, texts) if pattern else ""
                if word is not None:
                    rank = (bool(pattern), length, 0.0 if pattern else row.from_kt, -order)
                    fits.append((rank, Mapped(row, word)))
            if fits:
                return max(fits, key=lambda fit: fit[0])[1]
        return None


def _fit(row: Activity, kind: str, code: str) -> int:
    """How well a row's code fits: 0 not at all, else the length of what agrees. NAICS codes agree from the left."""
    if row.register_kind != kind or not code:
        return 0
    codes = [part.strip() for part in row.code.split(";")]
    if kind == "ghgrp":
        return max((len(part) for part in codes if part and code.startswith(part)), default=0)
    return len(code) if code.casefold() in [part.casefold() for part in codes] else 0


def _found(pattern: re.Pattern[str], texts: list[str]) -> str | None:
    return next((match[0] for text in texts if (match := pattern.search(text))), None)


def read_activities(path: Path, technologies: tuple[Technology, ...]) -> list[Activity]:
    """A mapping table, checked against the technologies."""
    rows = read_table(path, Activity)
    known = {(row.sector, row.technology): row for row in technologies}
    sectors = sorted({row.sector for row in technologies})
    for row in rows:
        where = f"{path}: {row.register_kind} {row.code}"
        if not row.sector and not row.technology:
            continue
        if row.sector not in sectors:
            raise InputError(where, "sector", row.sector, "unknown sector", sectors)
        if (row.sector, row.technology) not in known:
            names = [technology for sector, technology in known if sector == row.sector]
            expected = f"no such technology in sector {row.sector!r}" + nearest(row.technology, names)
            raise InputError(where, "technology", row.technology, expected)
        if known[row.sector, row.technology].co2_direct_t_per_unit == 0:
            raise InputError(where, "technology", row.technology, "emits no CO2; expected what the sites run today")
    return rows
