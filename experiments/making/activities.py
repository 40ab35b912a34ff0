"""The table that turns a register's activity codes, and words in names, into sectors and technologies."""

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from clusterpact.experiments.making import MAKING
from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.site import Site
from clusterpact.experiments.making.usual import PowerFuel, check_technology, read_power_fuels
from clusterpact.inputs import Record, read_table
from clusterpact.sim.amounts import Mark, NotNegative
from clusterpact.sim.tables import Technology

ACTIVITIES = MAKING / "registers" / "activities.csv"
KINDS = ("eutl", "hotmaps", "ghgrp", "table")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
TWO_LETTERS = re.compile("(?<=[aou])e|(?<=a)a")


class Activity(Record):
    """One row of `activities.csv`; without a sector, sites that it fits are listed as not mapped."""

    register_kind: Literal[KINDS] = Field(alias="register")  # type: ignore[valid-type]
    code: str = Field(min_length=1)
    words: str = ""
    also: str = ""  #: words that must stand in the name, operator or parent besides
    from_kt: NotNegative = 0.0
    meaning: str
    sector: str = ""
    technology: str = ""
    by_country: bool = False  #: a power station whose fuel is not told: the main fuel of its country decides
    source: str
    mark: Mark


def word_pattern(words: str) -> re.Pattern[str] | None:
    """What `words` match in a folded text: whole words, `*` for any letters, `;` between alternatives.

    Umlauts and their spellings in two letters are alike: `hüttenwerk` and `huettenwerk` match `huttenwerk` as well.
    """
    parts = []
    for part in words.split(";"):
        plain = " ".join("*".join(folded(_spelt(piece)) for piece in word.split("*")) for word in part.split())
        if plain.strip("* "):
            parts.append(TWO_LETTERS.sub(r"\g<0>?", re.escape(plain)).replace(r"\*", r"\w*"))
    return re.compile(rf"\b(?:{'|'.join(parts)})\b") if parts else None


def _spelt(text: str) -> str:
    """A text with its umlauts in two letters."""
    return unicodedata.normalize("NFC", text).casefold().translate(UMLAUTS)


@dataclass(frozen=True)
class Mapped:
    """The row that fits a site, the word of its name that decided, and the fuel of its country, if they did."""

    row: Activity
    word: str = ""
    own: bool = False  #: a row of the user's own table
    fuel: PowerFuel | None = None
    small: bool = False  #: below the size from which stations of the country burn that fuel


@dataclass(frozen=True)
class Rule:
    """A row with its words, ready to search."""

    row: Activity
    words: re.Pattern[str] | None
    also: re.Pattern[str] | None

    def word(self, names: list[str], companies: list[str]) -> str | None:
        """The word that the row found in a site's names: "" for a row without words, None if it does not fit."""
        found = _found(self.words, names) if self.words else ""
        beside = _found(self.also, [*names, *companies]) if self.also else ""
        return None if found is None or beside is None else found or beside


class ActivityTable:
    """The rows of the library, and before them those of a user."""

    def __init__(self, technologies: tuple[Technology, ...], own: Path | None = None, brought: tuple[Activity, ...] = ()):
        """brought: rows that come with the file of a register."""
        self.own = own is not None
        self.fuels = read_power_fuels(technologies)
        tiers = [
            [] if own is None else read_activities(own, technologies),
            brought,
            read_activities(ACTIVITIES, technologies),
        ]
        self.tiers = [[Rule(row, word_pattern(row.words), word_pattern(row.also)) for row in tier] for tier in tiers]

    def map(self, site: Site, kind: str, emissions_t: float) -> Mapped | None:
        """The row for a site: a user's before the library's, rows with words first, then the longest code and amount.

        Words of the name decide before words of the operator.
        """
        names, operator = [folded(site.name), folded(site.traits)], folded(site.operator)
        companies = [operator, folded(site.parent)]
        for number, tier in enumerate(self.tiers):
            fits = []
            for order, rule in enumerate(tier):
                row = rule.row
                length = _fit(row, kind, site.activity)
                if not length or emissions_t < 1000 * row.from_kt:
                    continue
                by_name = rule.word(names, companies if rule.words else [])
                word = rule.word([*names, operator], companies) if by_name is None else by_name
                if word is not None:
                    worded = bool(rule.words or rule.also)
                    rank = (worded, length, by_name is not None, 0.0 if worded else row.from_kt, -order)
                    fits.append((rank, row, word))
            if fits:
                _, row, word = max(fits, key=lambda fit: fit[0])
                return self._fuelled(Mapped(row, word, self.own and number == 0), site, emissions_t)
        return None

    def _fuelled(self, mapped: Mapped, site: Site, emissions_t: float) -> Mapped:
        """A power station whose fuel is not told, with what most stations of its country and size run."""
        fuel = self.fuels.get(site.country.casefold()) if mapped.row.by_country else None
        if fuel is None:
            return mapped
        if emissions_t < 1000 * fuel.from_kt:
            return replace(mapped, fuel=fuel, small=True)
        row = mapped.row.model_copy(update={"sector": fuel.sector, "technology": fuel.technology})
        return replace(mapped, row=row, fuel=fuel)


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
    for row in rows:
        if row.sector or row.technology:
            where = f"{path}: {row.register_kind} {row.code}"
            check_technology(where, row.sector, row.technology, technologies)
    return rows
