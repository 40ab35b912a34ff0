"""Which sites of a register are wanted: by place, postcode, state, country, company or id; combined with AND."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

from clusterpact.experiments.making.site import Register, Site
from clusterpact.inputs import InputError

EARTH_RADIUS_KM = 6371.0088  #: mean radius of WGS 84
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
    written: dict[str, str] = field(default_factory=dict)  #: options as written, for the records

    def __str__(self) -> str:
        parts = [f"{option.removeprefix('--')} {value}" for option, value in self.written.items()]
        return ", ".join(parts).replace(", of ", " of ") or "all sites"


def parse_selection(options: dict[str, Any]) -> Selection:
    """Check the options of the command line (`within`, `of`, `bbox`, …; None: not given)."""
    given = {name: str(value).strip() for name, value in options.items() if value is not None}
    if ("within" in given) != ("of" in given):
        raise InputError(
            "", "--within", given.get("within"), "expected together with --of, as in --within 60km --of 51.03,2.37"
        )
    return Selection(
        _kilometres(given["within"]) if "within" in given else None,
        _place(given["of"]) if "of" in given else None,
        _box(given["bbox"]) if "bbox" in given else None,
        _list("postcode", given), _list("state", given), _list("country", given),
        _text("parent", given), _list("ids", given), {f"--{name}": value for name, value in given.items()},
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
    if name in given and not given[name]:
        raise InputError("", f"--{name}", "", "expected a text to look for")
    return given.get(name, "").casefold()


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
    known = [site.id for site in register.sites]
    for wanted in selection.ids:
        if wanted not in known:
            raise InputError(register.path, "--ids", wanted, "no such site", known)
    for key, wanted_all in (("state", selection.states), ("country", selection.countries)):
        present = {getattr(site, key).casefold(): getattr(site, key) for site in register.sites}
        for wanted in wanted_all:
            if wanted.casefold() not in present:
                raise InputError(register.path, f"--{key}", wanted, f"no site in this {key}", sorted(present.values()))
    chosen = [site for site in register.sites if _wanted(site, selection)]
    if not chosen:
        raise InputError(register.path, "selection", str(selection), f"matches none of its {len(known):,} sites")
    return chosen


def _wanted(site: Site, selection: Selection) -> bool:
    if selection.centre and selection.within_km is not None and (
        site.place is None or distance_km(site.place, selection.centre) > selection.within_km
    ):  # fmt: skip
        return False
    if selection.bbox and (site.place is None or not _inside(site.place, selection.bbox)):
        return False
    if selection.postcodes and not site.postcode.startswith(selection.postcodes):
        return False
    if selection.states and site.state.casefold() not in {state.casefold() for state in selection.states}:
        return False
    if selection.countries and site.country.casefold() not in {country.casefold() for country in selection.countries}:
        return False
    if selection.parent and not any(selection.parent in text.casefold() for text in (site.parent, site.operator)):
        return False
    return not selection.ids or site.id in selection.ids


def _inside(place: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    south, west, north, east = box
    return south <= place[0] <= north and west <= place[1] <= east
