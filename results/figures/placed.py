"""Plants where they stand: circles over coast, borders and places, moved apart where one would hide another."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from clusterpact.results.figures.names import Names
from clusterpact.results.figures.outlines import outlines, seen
from clusterpact.results.language import _
from clusterpact.sim.cluster import Plant
from clusterpact.texts import shortened

KM_PER_DEGREE = 111.2  #: of latitude, on a sphere of the Earth's mean radius
LEAST_KM = 6.0  #: from the middle of a map to its edge
ROOM = 1.3  #: of a map's width to that of its plants: for their circles and names
NAMED, PLACES = 8, 14  #: plants (the largest) and places that have their names in a picture
LARGEST, SMALLEST = 1400.0, 14.0  #: areas of circles, points squared
HIDDEN = 0.5  #: of a circle's radius may lie on a larger one
SEA, LAND, COAST, BORDER, TOWN = "#DCE8F0", "#F8F6F1", "#8FA9BA", "#A79C8C", "#5A5A5A"
LETTERS, TOWN_LETTERS = 8.0, 7.5  #: points
LONGEST = 38  #: letters of a plant's name
PAPER: Any = {"facecolor": "white", "alpha": 0.55, "lw": 0, "pad": 0.6}  #: behind a name


@dataclass(frozen=True)
class View:
    """What a map shows: the degrees of its middle, km from there to its edges, and points of paper per km."""

    east: float
    north: float
    wide_km: float
    high_km: float
    points: float

    @property
    def across(self) -> float:
        """Kilometres per degree of longitude at the middle."""
        return KM_PER_DEGREE * max(0.02, math.cos(math.radians(self.north)))

    def km(self, degrees: np.ndarray) -> np.ndarray:
        """Longitudes and latitudes (n, 2) as km east and north of the middle; longitudes may lie beyond 180."""
        return (degrees - (self.east, self.north)) * (self.across, KM_PER_DEGREE)

    def nearest(self, degrees: np.ndarray) -> np.ndarray:
        """Longitudes and latitudes (n, 2) with each longitude the turn that is nearest to the middle."""
        turned = (degrees[:, 0] - self.east + 180) % 360 - 180 + self.east
        return np.column_stack([turned, degrees[:, 1]])

    def paper(self, km: tuple[float, float]) -> tuple[float, float]:
        """Points of paper from the lower left corner."""
        return (km[0] + self.wide_km) * self.points, (km[1] + self.high_km) * self.points

    def ground(self, points: tuple[float, float]) -> tuple[float, float]:
        """Kilometres from the middle of a point of paper."""
        return points[0] / self.points - self.wide_km, points[1] / self.points - self.high_km


def view_of(degrees: np.ndarray, wide_inches: float, high_inches: float) -> View:
    """The view of points (n, 2: longitude, latitude) on a paper of a size, with room around them."""
    turned = (degrees[:, 0] - degrees[0, 0] + 180) % 360 - 180 + degrees[0, 0]
    east, north = ((values.min() + values.max()) / 2 for values in (turned, degrees[:, 1]))
    flat = View(float(east), float(north), 1.0, 1.0, 1.0)
    far = np.abs(flat.km(np.column_stack([turned, degrees[:, 1]]))).max(axis=0)
    wide = max(LEAST_KM, ROOM * float(far[0]), max(LEAST_KM, ROOM * float(far[1])) * wide_inches / high_inches)
    return View(flat.east, flat.north, wide, wide * high_inches / wide_inches, 72 * wide_inches / (2 * wide))


def draw_ground(axis: Any, view: View) -> None:
    """Sea, land, lakes and borders of a view, in km from its middle."""
    world = outlines()
    reach = (view.wide_km / view.across, view.high_km / KM_PER_DEGREE)
    low, high = (view.east - reach[0], view.north - reach[1]), (view.east + reach[0], view.north + reach[1])
    box = Bbox([[-1.02 * view.wide_km, -1.02 * view.high_km], [1.02 * view.wide_km, 1.02 * view.high_km]])
    axis.set_xlim(-view.wide_km, view.wide_km)
    axis.set_ylim(-view.high_km, view.high_km)
    axis.set(xticks=[], yticks=[], facecolor=SEA)
    for spine in axis.spines.values():
        spine.set(visible=True, color="#BBBBBB", linewidth=0.6)
    for rings, colour, order in ((world.land, LAND, 0.1), (world.lakes, SEA, 0.2)):
        clipped = [Path(view.km(ring), closed=True).clip_to_bbox(box) for ring in seen(rings, low, high)]
        whole = [path for path in clipped if np.size(path.vertices)]
        if whole:
            path = Path.make_compound_path(*whole)
            axis.add_patch(PathPatch(path, facecolor=colour, edgecolor=COAST, lw=0.6, zorder=order))
    for line in seen(world.borders, low, high):
        axis.plot(*view.km(line).T, color=BORDER, lw=0.8, ls=(0, (5, 2)), zorder=0.3)


def draw_plants(axis: Any, plants: list[Plant], colours: dict[str, str], links: list[tuple[str, str]]) -> None:
    """Plants at their coordinates by id, the largest named; links as lines between pairs of ids; and a scale.

    plants have a latitude and a longitude; colours: by sector.
    """
    width, height = axis.get_position().width, axis.get_position().height
    inches = axis.figure.get_size_inches()
    drawn = sorted(plants, key=lambda plant: -plant.scope1_kt_per_year)
    degrees = np.array([(plant.longitude or 0.0, plant.latitude or 0.0) for plant in drawn])
    view = view_of(degrees, width * inches[0], height * inches[1])
    draw_ground(axis, view)
    areas = circle_areas(drawn, drawn[0].scope1_kt_per_year)
    radii = [math.sqrt(area / math.pi) for area in areas]
    true = [view.paper((float(x), float(y))) for x, y in view.km(view.nearest(degrees))]
    spots = moved_apart(true, radii)
    ground = dict(zip([plant.id for plant in drawn], map(view.ground, spots), strict=True))
    for one, other in links:
        if one in ground and other in ground:
            axis.plot(*zip(ground[one], ground[other], strict=True), color="#D55E00", lw=1.4, zorder=1)
    for here, there in zip(true, spots, strict=True):
        if math.dist(here, there) > 2:
            axis.plot(*zip(view.ground(here), view.ground(there), strict=True), color="#444444", lw=0.7, zorder=1.5)
            axis.plot(*view.ground(here), marker="+", ms=5, color="#444444", zorder=2.5)
    axis.scatter(*zip(*ground.values(), strict=True), s=areas, c=[colours[plant.sector] for plant in drawn],
                 alpha=0.8, edgecolors="white", linewidths=0.9, zorder=2)  # fmt: skip
    names = Names(2 * view.wide_km * view.points, 2 * view.high_km * view.points)
    _scale(axis, view, names)
    for (x, y), radius in zip(spots, radii, strict=True):
        names.circle(x, y, radius)
    for plant, spot, radius in zip(drawn[:NAMED], spots, radii, strict=False):
        _write(axis, view, names.find(shortened(plant.name, LONGEST), spot, radius, LETTERS), shortened(plant.name, LONGEST))
    _towns(axis, view, names)


def circle_areas(plants: list[Plant], largest_kt: float) -> list[float]:
    """Areas of circles in points squared, in proportion to emissions; plants without any are dots."""
    return [max(SMALLEST, LARGEST * plant.scope1_kt_per_year / max(largest_kt, 1e-9)) for plant in plants]


def moved_apart(places: list[tuple[float, float]], radii: list[float]) -> list[tuple[float, float]]:
    """Circles, the largest first; of those that are named each is moved until little of it lies on a larger one.

    One that finds no room so stays where it is.
    """
    kept: list[tuple[float, float]] = []
    for place, radius in zip(places[:NAMED], radii, strict=False):
        x, y = place
        for _step in range(24):
            worst = max(((r + (1 - HIDDEN) * radius - math.dist((x, y), spot), spot, r)
                         for spot, r in zip(kept, radii, strict=False)), default=(0.0, place, 0.0))  # fmt: skip
            if worst[0] <= 1e-9:
                break
            (gap, spot, _r), away = worst, math.dist((x, y), worst[1])
            east, north = ((x - spot[0]) / away, (y - spot[1]) / away) if away > 1e-9 else (0.0, -1.0)
            x, y = x + (gap + 0.1) * east, y + (gap + 0.1) * north
        else:
            x, y = place
        kept.append((x, y))
    return kept + places[NAMED:]


def _write(axis: Any, view: View, spot: Any, text: str) -> None:
    """A name at its spot, with a line to its circle."""
    if spot is None:
        return
    if spot.line:
        ends = [view.ground(spot.line[:2]), view.ground(spot.line[2:])]
        axis.plot(*zip(*ends, strict=True), color="#555555", lw=0.6, zorder=2.8)
    axis.text(*view.ground((spot.x, spot.y)), text, fontsize=LETTERS, ha=spot.side, va="center", zorder=3, bbox=PAPER)


def _towns(axis: Any, view: View, names: Names) -> None:
    """Names of the most important places that the view has room for."""
    world = outlines()
    km = view.km(view.nearest(world.at))
    inside = np.flatnonzero((np.abs(km) < (view.wide_km, view.high_km)).all(axis=1))
    shown = 0
    for k in inside:
        at = (float(km[k, 0]), float(km[k, 1]))
        spot = names.find(world.places[k], view.paper(at), 2.0, TOWN_LETTERS, far=False)
        if spot is None:
            continue
        axis.plot(*at, marker="s", ms=2.6, color=TOWN, zorder=0.9)
        axis.text(*view.ground((spot.x, spot.y)), world.places[k], fontsize=TOWN_LETTERS, color=TOWN, ha=spot.side,
                  va="center", zorder=1, bbox=PAPER)  # fmt: skip
        shown += 1
        if shown == PLACES:
            break


def _scale(axis: Any, view: View, names: Names) -> None:
    """A bar of a round length in the lower left corner, which no name may cover."""
    longest = 0.5 * view.wide_km
    ten = 10.0 ** math.floor(math.log10(longest))
    bar = next(ten * k for k in (5, 2, 1) if ten * k <= longest)
    text = _("{length} km, north is up").format(length=f"{bar:g}")
    wide = max(bar * view.points, 0.62 * LETTERS * len(text)) + 12
    left, bottom = view.ground((0, 0))
    right, top = view.ground((wide, 28))
    axis.add_patch(Rectangle((left, bottom), right - left, top - bottom, color="white", alpha=0.8, lw=0, zorder=2.6))
    x, y = view.ground((6, 8))
    axis.plot([x, x + bar], [y, y], color="black", lw=2, solid_capstyle="butt", zorder=2.7)
    axis.text(*view.ground((6, 18)), text, fontsize=LETTERS, va="center", zorder=2.7)
    names.boxes.append((0, 0, wide, 28))
