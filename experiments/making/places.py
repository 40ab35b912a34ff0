"""Who sets the carbon price of a place, what is law there, and its governments and prices: by country and year."""

import csv
import io
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from clusterpact.experiments.making import MAKING
from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.site import Site
from clusterpact.inputs import Record, read_table
from clusterpact.sim.amounts import Mark
from clusterpact.sim.cluster import Government
from clusterpact.sim.scenario import CLUSTERS, OWN_PRICES, read_scenario

PLACES = MAKING / "registers" / "places.csv"
REGIONS = MAKING / "typed" / "regions.toml"
EU = {"id": "eu", "name": "European Union", "level": "supranational", "sets_carbon_price": True, "first_election_year": 2029,
      "term_years": 5, "mark": "estimate",
      "source": "EU ETS Directive 2003/87/EC; European Parliament election cycle. Reversal: judgement"}  # fmt: skip
STATE = {"id": "state", "name": "National government", "level": "state", "first_election_year": 2028, "term_years": 4,
         "source": "Awards and election year: estimate; to be replaced", "mark": "estimate"}  # fmt: skip
REGION = {"id": "region", "name": "Region", "level": "region", "governs_pact": True, "first_election_year": 2027,
          "term_years": 5, "source": "Pact role, election year: estimate; to be replaced", "mark": "estimate"}  # fmt: skip
CYCLE = "Election cycle recalled; duties and reversal: judgement"
LOGGED = "the EU Transaction Log holds the sites of the Union's system"
UNPRICED = "no carbon price is known here: taken as none; a policy's carbon price path comes on top"


class Place(Record):
    """One row of `places.csv`: from a year on, whose carbon price holds in a country, or a state of it.

    `system`: eu (the Union sets it), own (the government of the place; price, law and elections as in the typed `region`),
    or linked (its own government sets it, at the Union's price).
    """

    country: str
    names: str
    from_year: int = 0
    system: Literal["eu", "own", "linked"]
    region: str = ""
    source: str
    mark: Mark


@dataclass(frozen=True)
class Law:
    """What holds for a cluster: its governments, instruments, prices of its own (text of a table), and what is doubtful."""

    country: str = ""
    governments: tuple[Government, ...] = ()
    instruments: dict[str, object] = field(default_factory=dict)
    own_prices: str = ""
    source: str = ""
    warnings: tuple[str, ...] = ()


def law_of(sites: list[Site], kind: str, year: int, is_past: bool = False) -> Law:
    """The law of the sites of a register of a kind (eutl, …) in a year: that under which most of the emissions are.

    is_past: the cluster is set back to that year for good, so what came later is no surprise.
    """
    places = read_table(PLACES, Place)
    tonnes: dict[str, float] = {}
    for site in sites:
        key = _key(site, kind, places)
        tonnes[key] = tonnes.get(key, 0.0) + site.emissions_t.get(year, 0.0)
    rows = {key: _row(key, year, places, kind) for key in tonnes}
    groups: dict[str, list[str]] = {}
    for key in sorted(tonnes, key=lambda key: (-tonnes[key], key)):
        groups.setdefault("eu" if rows[key].system == "eu" else key, []).append(key)
    chosen = max(groups, key=lambda group: sum(tonnes[key] for key in groups[group]))
    members = groups[chosen]
    row = rows[members[0]]
    warnings = [line for key in tonnes for line in _doubts(key, rows[key], year, places, is_past)]
    others = [f"{_name(rows[key])} ({tonnes[key] / 1000:,.1f} kt)" for key in tonnes if key not in members]
    if others:
        ruler = "the European Union" if chosen == "eu" else _name(row)
        warnings.append(f"Carbon price, law and governments are those of {ruler}, under which most of the emissions are; "
                        f"not those of {', '.join(others)}.")  # fmt: skip
    countries = {rows[key].country.partition("-")[0] for key in tonnes}
    region = _region(row) if len(members) == 1 else {}
    return Law(
        countries.pop() if len(countries) == 1 else "", _governments(row, region),
        region.get("instruments", {}) if row.system == "own" else {},
        _prices(row, region) if row.system == "own" else "", row.source, tuple(warnings),
    )  # fmt: skip


def _key(site: Site, kind: str, places: list[Place]) -> str:
    """The code of a site's country, or of its state if that has a row; as written where no row is of that name."""
    written = site.id.partition("-")[0] if kind == "eutl" else site.country
    known = {folded(name): row.country for row in places for name in (row.country, *row.names.split(";"))}
    country = known.get(folded(written), written)
    state = known.get(folded(site.state), f"{country}-{site.state.upper()}")
    of_its_own = state.startswith(f"{country}-") and any(row.country == state for row in places)
    return state if of_its_own else country


def _row(key: str, year: int, places: list[Place], kind: str) -> Place:
    """The latest row of a place that holds in a year; without any, one that says so. The EU's log holds none but its own."""
    if not key:
        return Place(country="", names="no country", system="eu", source="no country is named: the EU's is assumed",
                     mark="estimate")  # fmt: skip
    fits = [row for row in places if row.country == key and row.from_year <= year]
    if fits:
        return max(fits, key=lambda row: row.from_year)
    logged = kind == "eutl"
    return Place(country=key, names=key, system="eu" if logged else "own", source=LOGGED if logged else UNPRICED,
                 mark="estimate")  # fmt: skip


def _name(row: Place) -> str:
    return row.names.split(";")[0]


def _doubts(key: str, row: Place, year: int, places: list[Place], is_past: bool) -> list[str]:
    """Lines for a place that is not known, or whose law is no longer that of the year."""
    if not key:
        return ["Some sites name no country: they are taken to be under the European Union's carbon price."]
    if row.source == UNPRICED:
        return [f"No carbon price is known for {key}: it is taken as 0 (own-prices.csv), with a government of its own."]
    later = [other for other in places if other.country == key and other.from_year > year]
    return [f"{_name(row)}: the law is that of {year}; since {other.from_year}: {other.source}."
            for other in later if not is_past]  # fmt: skip


def _region(row: Place) -> dict[str, Any]:
    """What the library says of a place: its government, instruments and prices."""
    return tomllib.loads(REGIONS.read_text(encoding="utf-8"))[row.region] if row.region else {}


def _governments(row: Place, region: dict[str, Any]) -> tuple[Government, ...]:
    """Who sets the carbon price, who supports, and who governs the pact."""
    state = region.get("state", {})
    if isinstance(state, str):
        own = read_scenario(CLUSTERS / region["prices_of"]).file.government
        state = next(government for government in own if government.id == state).model_dump()
    elif state:
        state = {"source": CYCLE} | state
    sets = row.system != "eu"
    whole = STATE | state | {"sets_carbon_price": sets, "awards_support": True}
    whole["governs_pact"] = whole["level"] == "region"
    rows = [whole] if sets else [EU, whole]
    rows += [] if whole["governs_pact"] else [REGION]
    return tuple(Government.model_validate(one) for one in rows)


def _prices(row: Place, region: dict[str, Any]) -> str:
    """The text of a table of the prices that a place has of its own."""
    if "prices_of" in region:
        return Path(CLUSTERS / region["prices_of"] / OWN_PRICES).read_text(encoding="utf-8")
    return prices_text(region.get("prices", {"carbon": [[0, 0, 0], [0, 0, 0]]}), region.get("prices_source", row.source))


def prices_text(prices: dict[str, list[list[float]]], source: str) -> str:
    """A table of prices as text: by carrier low, mid and high of 2025 and of 2050, EUR of 2025 per t (carbon) or MWh."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["carrier", "year", "low", "mid", "high", "unit", "source", "mark"])
    for carrier, paths in prices.items():
        unit = "EUR/t" if carrier == "carbon" else "EUR/MWh"
        for year, levels in zip((2025, 2050), paths, strict=True):
            table.writerow([carrier, year, *levels, unit, source, "estimate"])
    return text.getvalue()
