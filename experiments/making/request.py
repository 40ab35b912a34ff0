"""What is wanted of a register, and what came of it."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from clusterpact.experiments.making.activities import Mapped
from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.ghgrp import divide
from clusterpact.experiments.making.hotmaps import disagreements, mark_doubles
from clusterpact.experiments.making.neighbours import neighbours
from clusterpact.experiments.making.past import check_record_years, starters
from clusterpact.experiments.making.places import Law, law_of
from clusterpact.experiments.making.reading import clean
from clusterpact.experiments.making.review import Guess
from clusterpact.experiments.making.selection import Selection, parse_selection, select
from clusterpact.experiments.making.site import Register, Site
from clusterpact.inputs import InputError


@dataclass(frozen=True)
class Wanted:
    """What a user asks for: options that select sites (None: not given), and how the cluster is made and called."""

    options: dict[str, str | None]
    year: int | None
    record_to: int | None
    min_kt: float
    name: str
    title: str | None
    activities: Path | None
    command: str


@dataclass(frozen=True)
class Request:
    """What is wanted: the sites of a register, a year, and how the cluster is to be called."""

    register: Register
    sites: list[Site]
    year: int
    selection: str
    command: str
    name: str
    title: str
    record_to: int | None = None  #: last year of a record, if the cluster is set back in time
    min_kt: float = 0.0
    own_activities: Path | None = None
    warnings: tuple[str, ...] = ()
    law: Law = field(default_factory=Law)


@dataclass(frozen=True)
class Imported:
    """The outcome: plants and what was left out, in t of the year; their sum is what was selected."""

    plants: list[tuple[Site, Mapped]]
    left_out: list[tuple[Site, str]]
    mapped_t: float
    left_out_t: float
    guesses: tuple[Guess, ...] = ()  #: plants whose mapping rests on a guess, largest first


def cluster_slug(text: str) -> str:
    """A text of any alphabet as the name of a cluster: small Latin letters, digits and hyphens."""
    return folded(text).replace(" ", "-")[:80].strip("-")


def prepare(register: Register, wanted: Wanted) -> Request:
    """Check what a user asks for and select the sites; what is doubtful about them becomes a warning."""
    if not math.isfinite(wanted.min_kt):
        raise InputError("", "--min-kt", wanted.min_kt, "expected a finite number")
    slug = cluster_slug(wanted.name)
    if not slug:
        raise InputError("", "--name", wanted.name, "expected a name with letters or digits")
    selection = parse_selection(wanted.options)
    year = register.year(wanted.year)
    check_record_years(register, year, wanted.record_to)
    sites = select(register, selection)
    doubles: list[str] = []
    warnings: list[str] = []
    if register.kind == "hotmaps":
        sites, doubles = mark_doubles(sites)
        warnings += disagreements(sites)
    if register.kind == "ghgrp":
        sites = divide(sites)
    warnings += _doubts(register, sites, selection, year)
    if wanted.record_to is not None:
        warnings += starters(sites, year)
    warnings += [f"Possibly one works entered twice: {line}." for line in doubles]
    law = law_of(sites, register.kind, year, wanted.record_to is not None)
    warnings += law.warnings
    title = clean(wanted.title or f"{register.title} {year}: {selection}")
    return Request(register, sites, year, str(selection), wanted.command, slug, title, wanted.record_to, wanted.min_kt,
                   wanted.activities, tuple(warnings), law)  # fmt: skip


def _doubts(register: Register, sites: list[Site], selection: Selection, year: int) -> list[str]:
    """Sites that no place can select, postcodes that mean several countries, and neighbours of other postcodes."""
    doubts = []
    unplaced = [site for site in register.sites if site.place is None]
    if unplaced and (selection.centre or selection.bbox):
        lost = math.fsum(site.emissions_t.get(year, 0.0) for site in unplaced)
        doubts.append(
            f"{len(unplaced):,} sites of the register ({lost / 1000:,.1f} kt) have no coordinates and match no place."
        )
    countries = {site.country for site in sites}
    if selection.postcodes and len(countries) > 1:
        doubts.append(f"The postcodes lie in several countries ({', '.join(sorted(countries))}): narrow them by --country.")
    return doubts + neighbours(register, selection, sites, year)
