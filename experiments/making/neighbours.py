"""Sites that a selection by postcode misses though they stand beside those selected."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import replace

from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.postcodes import has_postcode
from clusterpact.experiments.making.selection import Selection, distance_km, fits
from clusterpact.experiments.making.site import Register, Site

NEAR_KM = 5.0  #: sites within this distance are neighbours, whatever their city
NAMED = 5  #: neighbours named in one line
NEAR_DEGREES = NEAR_KM / 110.5  #: of latitude, where a degree is shortest: sites further apart need no trigonometry


def neighbours(register: Register, selection: Selection, sites: list[Site], year: int) -> list[str]:
    """A line for each city, largest first: its sites with other postcodes, in kt of the year.

    A neighbour has the city, in any spelling, of a site that the postcodes selected, or stands within 5 km of one. It has
    emissions and fits what else was asked. Nothing is said unless postcodes were asked for.
    """
    if not selection.postcodes:
        return []
    chosen = {site.id for site in sites}
    by_code = [site for site in sites if has_postcode(site.postcode, site.country, selection.postcodes)]
    cities = {_city(site): site.city for site in reversed(by_code) if _city(site)}
    rest = replace(selection, postcodes=())
    places = sorted(site.place for site in by_code if site.place)
    groups: dict[str, list[Site]] = defaultdict(list)
    for site in register.sites:
        if site.id in chosen or not site.emissions_t.get(year) or not (selection.any_of or fits(site, rest)):
            continue
        if _city(site) in cities:
            groups[f"of {cities[_city(site)]}"].append(site)
        elif site.place and _near(site.place, places):
            groups[f"within {NEAR_KM:g} km of those selected"].append(site)
    found = [(where, sorted(group, key=lambda site: -site.emissions_t[year])) for where, group in groups.items()]
    found.sort(key=lambda group: -group[1][0].emissions_t[year])
    return [_line(where, group, year) for where, group in found]


def _city(site: Site) -> str:
    """City and country in one key, blank if the register names no city."""
    city = folded(site.city)
    return city and f"{city} {site.country.casefold()}"


def _near(place: tuple[float, float], places: list[tuple[float, float]]) -> bool:
    """Whether one of the places, in order of their latitude, is within the distance of neighbours."""
    first = bisect_left(places, (place[0] - NEAR_DEGREES, -180.0))
    last = bisect_right(places, (place[0] + NEAR_DEGREES, 180.0))
    return any(distance_km(place, other) <= NEAR_KM for other in places[first:last])


def _line(where: str, group: list[Site], year: int) -> str:
    first, more = group[:NAMED], len(group) - NAMED
    names = ", ".join(
        f"{site.name or site.id} ({site.id}, {site.postcode or 'none'}, {site.emissions_t[year] / 1000:,.1f} kt)"
        for site in first
    )
    ids = ",".join(site.id for site in first)
    subject = (
        f"{len(group):,} sites {where} have other postcodes" if len(group) > 1 else f"1 site {where} has another postcode"
    )
    rest = f" and {more:,} more" if more > 0 else ""
    return f"{subject}: {names}{rest}; add {'them' if len(group) > 1 else 'it'} with --add-ids {ids}{', …' if rest else ''}"
