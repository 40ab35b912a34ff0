"""Which sites of a register are wanted: by place, postcode, state, country, company or id; combined with AND, or with OR."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clusterpact.experiments.making.folding import folded
from clusterpact.experiments.making.postcodes import compact, has_postcode
from clusterpact.experiments.making.site import Register, Site
from clusterpact.inputs import InputError

EARTH_RADIUS_KM = 6371.0088  #: mean radius of WGS 84
CHOOSING = ("--within", "--of", "--bbox", "--postcode", "--state", "--country", "--parent", "--ids")
WITHIN = re.compile(r"(\d+(?:\.\d+)?) ?km")


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two (latitude, longitude) in km, on a sphere (haversine).

    The earth's flattening makes it wrong by less than 0.5 % beyond 15 degrees of latitude, and 0.56 % on the equator.
    """
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


@dataclass(frozen=True)
class Selection:
    """What a user asked for; nothing asked means all sites."""

    within_km: float | None = None
    centre: tuple[float, float] | None = None
    bbox: tuple[float, float, float, float] | None = None
    postcodes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    parent: str = ""
    ids: tuple[str, ...] = ()
    added: tuple[str, ...] = ()  #: ids of sites that come on top of what the rest selects
    any_of: bool = False  #: a site need fit one of the selections only
    written: dict[str, str] = field(default_factory=dict)  #: options as written, for the records

    def __str__(self) -> str:
        asked = {option.removeprefix("--"): value for option, value in self.written.items() if option in CHOOSING}
        if "of" in asked:
            asked["within"] += f" of {asked.pop('of')}"
        text = (" or " if self.any_of else ", ").join(f"{name} {value}" for name, value in asked.items())
        return (text or "all sites") + (f"; added: {','.join(self.added)}" if self.added else "")


def parse_selection(options: dict[str, Any]) -> Selection:
    """Check the options of the command line (`within`, `of`, `bbox`, …; None: not given)."""
    given = {name: str(value).strip() for name, value in options.items() if value is not None}
    if ("within" in given) != ("of" in given):
        raise InputError(
            "", "--within", given.get("within"), "expected together with --of, as in --within 60km --of 51.03,2.37"
        )
    asked = [name for name in given if f"--{name}" in CHOOSING and name != "of"]
    if "add-ids" in given and not asked:
        expected = "expected another selection beside it; --ids selects by id alone"
        raise InputError("", "--add-ids", given["add-ids"], expected)
    if "or" in given and len(asked) < 2:
        raise InputError("", "--or", None, "expected two selections or more to choose between")
    return Selection(
        _kilometres(given["within"]) if "within" in given else None,
        _place(given["of"]) if "of" in given else None,
        _box(given["bbox"]) if "bbox" in given else None,
        _postcodes(given), _list("state", given), _list("country", given),
        _text("parent", given), _list("ids", given), _list("add-ids", given), "or" in given,
        {f"--{name}": value for name, value in given.items()},
    )  # fmt: skip


def _kilometres(text: str) -> float:
    found = WITHIN.fullmatch(text)
    if not found or float(found[1]) == 0:
        raise InputError("", "--within", text, "expected a distance such as 60km")
    return float(found[1])


def _place(text: str) -> tuple[float, float]:
    numbers = _numbers("--of", text, 2, "expected LAT,LON in degrees, such as 51.03,2.37")
    return numbers[0], numbers[1]


def _box(text: str) -> tuple[float, float, float, float]:
    expected = "expected S,W,N,E in degrees, such as 50.4,1.6,51.1,3.1"
    south, west, north, east = numbers = _numbers("--bbox", text, 4, expected)
    if south > north or west > east:
        raise InputError("", "--bbox", text, expected)
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _numbers(option: str, text: str, count: int, expected: str) -> list[float]:
    """Degrees separated by commas, latitudes and longitudes in turn."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError("", option, text, expected) from None
    limits = (90, 180) * (count // 2)
    if len(numbers) != count or not all(abs(n) <= limit for n, limit in zip(numbers, limits, strict=True)):
        raise InputError("", option, text, expected)
    return numbers


def _text(name: str, given: dict[str, str]) -> str:
    """A text as it is looked for, folded."""
    text = folded(given.get(name, ""))
    if name in given and not text:
        raise InputError("", f"--{name}", given[name], "expected a text to look for")
    return text


def _postcodes(given: dict[str, str]) -> tuple[str, ...]:
    codes = _list("postcode", given)
    for code in codes:
        if not compact(code):
            raise InputError("", "--postcode", code, "expected letters or digits")
    return codes


def _list(name: str, given: dict[str, str]) -> tuple[str, ...]:
    if name not in given:
        return ()
    parts = tuple(part.strip() for part in given[name].split(",") if part.strip())
    if not parts:
        raise InputError("", f"--{name}", given[name], "expected one or more, separated by commas")
    return parts


def select(register: Register, selection: Selection) -> list[Site]:
    """The sites of a register that a selection asks for; InputError where it cannot tell, or finds none."""
    asked = {
        "place": selection.centre or selection.bbox, "state": selection.states, "country": selection.countries,
        "parent": selection.parent,
    }  # fmt: skip
    for name, value in asked.items():
        if value and name in register.lacks:
            option = ("--within" if selection.centre else "--bbox") if name == "place" else f"--{name}"
            raise InputError(register.path, option, selection.written.get(option), register.lacks[name])
    known = {site.id for site in register.sites}
    for option, ids in (("--ids", selection.ids), ("--add-ids", selection.added)):
        for wanted in ids:
            if wanted not in known:
                raise InputError(register.path, option, wanted, "no such site", known)
    for key, wanted_all in (("state", selection.states), ("country", selection.countries)):
        present = {getattr(site, key).casefold(): getattr(site, key) for site in register.sites}
        for wanted in wanted_all:
            if wanted.casefold() not in present:
                raise InputError(register.path, f"--{key}", wanted, f"no site in this {key}", sorted(present.values()))
    chosen = {site.id for site in register.sites if fits(site, selection)}
    if not chosen:
        raise InputError(register.path, "selection", str(selection), f"matches none of its {len(known):,} sites")
    return [site for site in register.sites if site.id in chosen or site.id in selection.added]


def fits(site: Site, selection: Selection) -> bool:
    """Whether a site fits what was asked: all of it, or any with OR; a site fits where nothing was asked."""
    tests = list(_tests(site, selection))
    return not tests or (any(tests) if selection.any_of else all(tests))


def _tests(site: Site, selection: Selection) -> Iterator[bool]:
    """Whether a site fits each of the selections that were asked for."""
    if selection.centre and selection.within_km is not None:
        yield site.place is not None and distance_km(site.place, selection.centre) <= selection.within_km
    if selection.bbox:
        yield site.place is not None and _inside(site.place, selection.bbox)
    if selection.postcodes:
        yield has_postcode(site.postcode, site.country, selection.postcodes)
    if selection.states:
        yield site.state.casefold() in {state.casefold() for state in selection.states}
    if selection.countries:
        yield site.country.casefold() in {country.casefold() for country in selection.countries}
    if selection.parent:
        yield any(selection.parent in folded(text) for text in (site.parent, site.operator))
    if selection.ids:
        yield site.id in selection.ids


def _inside(place: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    south, west, north, east = box
    return south <= place[0] <= north and west <= place[1] <= east
