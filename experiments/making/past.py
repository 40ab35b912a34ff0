"""Clusters set back in time: what their plants emitted from then on, and what prices were believed and came."""

import csv
import io

import numpy as np

from clusterpact.experiments.making import MAKING
from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.postcodes import plain_postcode
from clusterpact.experiments.making.site import Register, Site
from clusterpact.inputs import InputError, Record, read_table
from clusterpact.sim.amounts import Mark, NotNegative, Year
from clusterpact.sim.cluster import Government, Network
from clusterpact.sim.prices import CarrierName, Price
from clusterpact.sim.record import Emitted

PRICES = MAKING / "registers" / "past-prices.csv"
BELIEFS = MAKING / "registers" / "past-beliefs.csv"
HANDOVER_YEARS = 2  #: a new account at the place of one that ended starts within so many years
HANDOVER_RATIO = (0.3, 3.0)  #: and emits between so many times what that one did
COMBUSTION = ("1", "20")  #: codes that say little of a site: its heir is of the same operator, or no other is at the place
JOINED_RATIO = (0.6, 1.5)  #: an account that was joined to its neighbour made that one emit so many times its own more
JOINED_CHANGES = 2.0  #: and more by so many times what that one's emissions changed by in usual years
USUAL_YEARS = 3  #: years before the end that say what an account used to emit
STARTER_YEARS, STARTER_RATIO, STARTER_SHARE = 3, 3.0, 0.02  #: who rises so much, and by so much of all, was starting
SMALL_T = 25_000.0  #: sites below it may be excluded from the system (Directive 2003/87/EC, article 27)
EXCLUDED = "excluded"  #: what stands in place of emissions of a small emitter that goes on outside the system
NOTHING = ("", "blank", "no entry")  #: what stands in place of emissions that there were none of
LOOK_AHEAD_YEARS = 17  #: horizon of a past world: boards look that far ahead
FIRST_HUB_YEAR = 2021  #: first open seasons for CO2 and hydrogen networks in Europe (Porthos, Northern Lights; judged)
SEASON_KINDS = ("co2_ts", "h2_pipeline")


class PastPrice(Record):
    """One row of `past-prices.csv`: mean price of a year; a blank country stands for all that have no rows of their own."""

    carrier: CarrierName
    country: str = ""
    year: Year
    price: NotNegative
    unit: str
    source: str
    mark: Mark


class Belief(Record):
    """One row of `past-beliefs.csv`: what was expected of a later year by a forecast that stood from `told_year` on."""

    told_year: Year
    carrier: CarrierName
    year: Year
    price: NotNegative
    unit: str
    source: str
    mark: Mark


def check_record_years(register: Register, year: int, record_to: int | None) -> None:
    """Raise InputError unless the register holds the years of a record."""
    if record_to is None:
        return
    if record_to <= year:
        raise InputError("", "--record-to", record_to, f"expected a year after --year ({year})")
    register.year(record_to, "--record-to")
    if register.kind != "ghgrp":
        known = [row.year for row in read_table(PRICES, PastPrice) if row.carrier == "carbon"]
        if year not in known:
            expected = f"no prices of that year to set a cluster back to; expected {min(known)} to {max(known)}"
            raise InputError("", "--year", year, expected)


def starters(sites: list[Site], year: int) -> list[str]:
    """Warnings of sites that were only starting, or idle, in the year that a cluster is set back to."""
    total = sum(site.emissions_t.get(year, 0.0) for site in sites)
    found = []
    for site in sites:
        now, later = site.emissions_t.get(year, 0.0), site.emissions_t.get(year + STARTER_YEARS, 0.0)
        if now > 0 and later > STARTER_RATIO * now and later - now > STARTER_SHARE * total:
            found.append(f"{site.id} ({site.name}) emitted {later / now:,.0f} times as much in {year + STARTER_YEARS} as in "
                         f"{year}: it was starting or idle, and its capacity here is too small.")  # fmt: skip
    return found


def past_prices(country: str, year: int, last_year: int) -> list[Price]:
    """Prices of a place as believed in a year, and as they came, EUR of 2025; carriers without a series are left out.

    Believed: today's price for good or, where a forecast of the time is known, a line from it to what that says.
    """
    rows = read_table(PRICES, PastPrice)
    beliefs = read_table(BELIEFS, Belief)
    prices = []
    for carrier in dict.fromkeys(row.carrier for row in rows):
        came: dict[int, PastPrice] = {}
        for row in rows:
            if row.carrier == carrier and (row.country == country or (row.country == "" and row.year not in came)):
                came[row.year] = row
        if year not in came:
            continue
        told = [row for row in beliefs if row.carrier == carrier and row.told_year <= year]
        told = [row for row in told if row.told_year == max(row.told_year for row in told) and row.year > year]
        known = [year, *(row.year for row in told)]
        values = [came[year].price, *(row.price for row in told)]
        words = f"believed: {told[0].source}" if told else f"believed: as in {year} for good (assumed)"
        for span in sorted({*range(year, last_year + 1), *known}):
            believed = round(float(np.interp(span, known, values)), 2)
            fact = came.get(span) if span <= last_year else None
            source = f"came: {fact.source}; {words}" if fact else words
            prices.append(Price(carrier=carrier, year=span, low=believed, mid=believed, high=believed,
                                realised=fact.price if fact else None, unit=came[year].unit, source=source,
                                mark=fact.mark if fact else "estimate"))  # fmt: skip
    return prices


def record_of(register: Register, plants: list[tuple[str, Site]], year: int, last_year: int) -> list[Emitted]:
    """What plants (id and account) emitted from a year to another, and whether they had closed.

    A plant is closed from the year after its last emissions on, if the register says of no later year that it is not known.
    An account that ends is followed by the one that takes over at its place, if there is one; one that was joined to another
    of the same operator there has a share of what the two emit.
    """
    taken = {site.id for _, site in plants}
    books = {site.id: dict(site.emissions_t) for site in register.sites}
    notes: dict[tuple[str, int], str] = {}
    unknown: dict[str, set[int]] = {}
    for _, site in plants:
        mine, end = books[site.id], _end(site)
        unsaid = {at for at in site.unreported if not _is_nothing(site, at)}
        heir = _heir(register, site, taken, last_year)
        other = _joined_to(register, site, last_year) if heir is None else None
        if heir is not None:
            taken.add(heir.id)
            start = _start(heir)
            books[site.id] = mine | {at: tonnes for at, tonnes in heir.emissions_t.items() if at >= start}
            unsaid = {at for at in unsaid if at < start} | {at for at in heir.unreported if not _is_nothing(heir, at)}
            notes[site.id, start] = f"from {heir.id} on"
        elif other is not None:
            _share(books, site, other, end)
            notes[site.id, end + 1] = f"joined to {other.id}: shared as before"
            notes[other.id, end + 1] = f"{site.id} joined: shared as before"
        elif _may_be_excluded(register, site, end):
            unsaid |= set(range(end + 1, last_year + 1))
            notes[site.id, end + 1] = "ended or excluded: this file does not say which"
        unknown[site.id] = unsaid
    rows = []
    for plant, site in plants:
        emitted = books[site.id]
        end = max(at for at, tonnes in emitted.items() if tonnes > 0)
        closed_from = max((at for at in unknown[site.id] if at > end), default=end) + 1
        for at in range(year, last_year + 1):
            tonnes = emitted.get(at)
            closed = int(at >= closed_from)
            known = 0.0 if closed else (None if tonnes is None else tonnes / 1000)
            note = notes.get((site.id, at), "")
            rows.append(Emitted(plant=plant, year=at, scope1_kt_per_year=known, closed=closed, note=note))
    return rows


def _usual(site: Site) -> float:
    """What an account emitted a year before it ended, t."""
    end = _end(site)
    return float(np.mean([site.emissions_t[at] for at in range(end - USUAL_YEARS + 1, end + 1) if at in site.emissions_t]))


def _joined_to(register: Register, site: Site, last_year: int) -> Site | None:
    """The account of the same operator and postcode that rose by about what one that ended had emitted, if there is one."""
    end = _end(site)
    if end >= last_year or not site.postcode or any(at > end for at in site.unreported if not _is_nothing(site, at)):
        return None
    low, high = (times * _usual(site) for times in JOINED_RATIO)
    for other in register.sites:
        if other.id == site.id or not _same_postcode(site, other) or not _same_operator(site, other):
            continue
        tonnes = other.emissions_t
        changes = [abs(tonnes[at] - tonnes[at - 1]) for at in tonnes if at <= end and at - 1 in tonnes]
        if not tonnes.get(end) or not changes:
            continue
        least = max(low, JOINED_CHANGES * float(np.median(changes)))
        after = [at for at in range(end + 1, min(end + HANDOVER_YEARS, last_year) + 1) if at in tonnes]
        if any(least <= tonnes[at] - tonnes[end] <= high for at in after):
            return other
    return None


def _is_nothing(site: Site, at: int) -> bool:
    return site.unreported[at].lower() in NOTHING


def _share(books: dict[str, dict[int, float]], site: Site, other: Site, end: int) -> None:
    """Divide what two accounts emit together from the year after an end on, as they usually did before."""
    before = [other.emissions_t[at] for at in range(end - USUAL_YEARS + 1, end + 1) if at in other.emissions_t]
    share = _usual(site) / (_usual(site) + float(np.mean(before)))
    for at in [at for at in books[other.id] if at > end]:
        mine = float(round(share * books[other.id][at]))
        books[site.id][at] = mine
        books[other.id][at] -= mine


def _may_be_excluded(register: Register, site: Site, end: int) -> bool:
    """Whether a small site that ends may go on outside the system, as the file does not say why it has no emissions."""
    told = any(tonnes == 0 for at, tonnes in site.emissions_t.items() if at > end)
    last = [site.emissions_t.get(at, 0.0) for at in range(end - USUAL_YEARS + 1, end + 1)]
    return not register.tells_excluded and not told and max(last) < SMALL_T


def _heir(register: Register, site: Site, taken: set[str], last_year: int) -> Site | None:
    """The account that takes over at the place of one that ended, if there is one."""
    end = _end(site)
    if end >= last_year or not (site.postcode or site.city):
        return None
    if any(at > end and word.lower() == EXCLUDED for at, word in site.unreported.items()):
        return None
    low, high = (times * site.emissions_t[end] for times in HANDOVER_RATIO)
    near = [other for other in register.sites if other.id != site.id and _alike(site, other)]
    alone = site.activity not in COMBUSTION or not any(other.emissions_t.get(end) for other in near)
    for other in near:
        starts = [at for at, tonnes in other.emissions_t.items() if tonnes > 0]
        if other.id in taken or not starts or not end < min(starts) <= end + HANDOVER_YEARS:
            continue
        if (alone or _same_operator(site, other)) and low <= other.emissions_t[min(starts)] <= high:
            return other
    return None


def _end(site: Site) -> int:
    """The last year with emissions."""
    return max(at for at, tonnes in site.emissions_t.items() if tonnes > 0)


def _start(site: Site) -> int:
    """The first year with emissions."""
    return min(at for at, tonnes in site.emissions_t.items() if tonnes > 0)


def _alike(site: Site, other: Site) -> bool:
    """Whether accounts have an activity and a postcode or city in common."""
    if other.country != site.country or other.activity != site.activity:
        return False
    city = folded(site.city)
    return (bool(site.postcode) and _same_postcode(site, other)) or (bool(city) and folded(other.city) == city)


def _same_postcode(site: Site, other: Site) -> bool:
    return plain_postcode(other.postcode, other.country) == plain_postcode(site.postcode, site.country)


def _same_operator(site: Site, other: Site) -> bool:
    operator = folded(site.operator)
    return bool(operator) and folded(other.operator) == operator


def government_then(government: Government, year: int) -> Government:
    """A government with its first election from a year on."""
    terms = (government.first_election_year - year) // government.term_years
    first = government.first_election_year - max(0, terms) * government.term_years
    return government.model_copy(update={"first_election_year": first})


def network_then(network: Network, year: int) -> Network:
    """A network on offer as of a past year: hubs had no open season before there were any."""
    first = max(year + 1, FIRST_HUB_YEAR) if network.kind in SEASON_KINDS else year + 1
    source = f"{network.source} Set back to {year}: first open season {first} (judged)."
    return network.model_copy(update={"first_season_year": first, "source": source})


def table_text(rows: list[Price] | list[Emitted]) -> str:
    """Rows as the text of a CSV file."""
    text = io.StringIO()
    columns = list(type(rows[0]).model_fields)
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: "" if value is None else value for key, value in row.model_dump().items()} for row in rows)
    return text.getvalue()


def experiment_then(name: str, title: str, year: int, record_to: int) -> str:
    """The file `experiment.toml` of a cluster set back in time, ready to run and to score."""
    from clusterpact.experiments.making.cluster_text import toml_value

    return f"""name = {toml_value(name)}
title = {toml_value(f"{title}: what came, and what this model expected")}
cluster = "."                      # this folder
horizon = [{year}, {max(year + LOOK_AHEAD_YEARS, record_to + 1)}]           # boards look beyond the record
runs = 1000
seed = 1
policies = ["current-policies"]
recording = "plants"               # what every plant emits, for `clusterpact score`

[windows]                          # years that are scored, by name
record = [{year + 1}, {record_to}]

[uncertainty]
ensemble = "history-2013"          # behaviour: what the record of 2013-19 does not rule out
"""
