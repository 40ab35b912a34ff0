"""The map: plants on coast, borders and places, their circles apart and their names clear of one another."""

import io
import itertools
import math

import numpy as np
import pytest
from matplotlib.path import Path
from matplotlib.text import Text

from clusterpact.results.figures import outlines, placed
from clusterpact.results.figures.cluster_map import cluster_map, tie_network
from clusterpact.results.figures.names import Names, _cross, _overlap
from clusterpact.results.figures.style import picture_of
from clusterpact.sim.scenario import CLUSTERS, read_scenario

MOST_BYTES = 200_000
DEGREES = {"Sydney": (151.2, -33.9), "Suva": (178.4, -18.1), "Samoa": (-171.8, -13.8)}


@pytest.fixture(scope="module")
def dunkirk():
    return read_scenario(CLUSTERS / "dunkirk")


@pytest.fixture(scope="module")
def world():
    return outlines.outlines()


def moved(scenario, east, north, spread=0.2):
    """A cluster with its plants in a row from a place, each a step further east and south; some without a place."""
    plants = []
    for k, plant in enumerate(scenario.plants):
        at = ((east + spread * k + 180) % 360 - 180, north - spread * k / 9) if k % 4 else (None, None)
        plants.append(plant.model_copy(update=dict(zip(("longitude", "latitude"), at, strict=True))))
    return type(scenario)(**{**scenario.__dict__, "plants": tuple(plants)})


def texts_of(figure):
    """Texts that are drawn, but for the numbers of axes."""
    figure.savefig(io.BytesIO())
    ticks = [label for axes in figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    return [text for text in figure.findobj(Text)
            if text.get_visible() and text.get_text().strip() and text not in ticks]  # fmt: skip


def cut(figure):
    """Texts that reach over an edge of their figure."""
    edge = figure.bbox
    boxes = {text.get_text(): text.get_window_extent() for text in texts_of(figure)}
    return [name for name, box in boxes.items() if box.x0 < edge.x0 - 1 or box.x1 > edge.x1 + 1]


def on_land(world, east, north):
    """Whether a point lies within the rings of land, those of seas counted as holes."""
    return sum(Path(ring).contains_point((east, north)) for ring in world.land) % 2 == 1


def test_outlines_take_no_more_room_than_a_picture():
    assert outlines.FILE.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize(("east", "north", "expected"), [
    (2.35, 50.9, True), (2.35, 51.2, False), (-1.3, 54.5, True), (0.5, 54.5, False), (117.2, 39.1, True), (119, 38.6, False),
    (-91.2, 30.5, True), (-91, 28.5, False), (10.2, 45.5, True), (6.8, 51.4, True), (115.9, -32.2, True),
    (115.4, -32.2, False), (51.0, 42.0, False), (174.8, -36.9, True), (-58.4, -34.7, True),
])  # fmt: skip
def test_land_and_sea_are_where_they_are(world, east, north, expected):
    assert on_land(world, east, north) is expected


def test_places_stand_on_the_ground_with_the_most_important_first(world):
    at = dict(zip(world.places, world.at, strict=True))
    assert at["Rotterdam"] == pytest.approx((4.48, 51.92), abs=0.02)
    assert at["Tianjin"] == pytest.approx((117.2, 39.08), abs=0.02)
    assert "Hong Kong" in world.places[:10]
    assert len(world.places) > 7000


def test_coasts_near_industry_are_finer_than_far_away(world):
    points = np.concatenate(world.land)
    gaps = np.hypot(*np.diff(points, axis=0).T)
    near = np.hypot(*(points[1:] - (2.3, 50.95)).T) < 1
    far = np.hypot(*(points[1:] - (-150.0, 62.0)).T) < 5
    assert np.median(gaps[near]) < np.median(gaps[far])


def test_the_map_shows_sea_land_border_and_a_town(dunkirk):
    figure = cluster_map(dunkirk)
    axis = figure.axes[0]
    assert axis.get_facecolor()[:3] != (1, 1, 1)
    assert len(axis.patches) >= 2  # land, and the ground of the scale
    assert {text.get_text() for text in axis.texts} >= {"Calais", "DK6 combined-cycle power station"}
    assert any("Natural Earth" in text.get_text() for text in figure.texts)


@pytest.mark.parametrize("name", ["dunkirk", "nrw", "louisiana", "brescia"])
def test_no_name_lies_on_another_and_no_line_to_a_name_crosses_another(name, monkeypatch):
    rooms = []
    monkeypatch.setattr(placed, "Names", lambda *size: rooms.append(Names(*size)) or rooms[-1])
    figure = cluster_map(read_scenario(CLUSTERS / name))
    names = rooms[0]
    assert len(names.boxes) > placed.NAMED
    assert not any(_overlap(*pair) for pair in itertools.combinations(names.boxes, 2))
    assert not any(_cross(*pair) for pair in itertools.combinations(names.lines, 2))
    drawn = texts_of(figure)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text in drawn]
    for one, other in itertools.combinations(boxes, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        up = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert across <= 2 or up <= 2


@pytest.mark.parametrize("name", ["dunkirk", "nrw", "louisiana"])
def test_a_named_plant_hides_no_other(name):
    scenario = read_scenario(CLUSTERS / name)
    plants = [plant for plant in scenario.whole_plants if plant.latitude is not None]
    figure = cluster_map(scenario)
    axis = figure.axes[0]
    circles = axis.collections[0]
    figure.savefig(io.BytesIO())
    spots = axis.transData.transform(circles.get_offsets())[: placed.NAMED] * 72 / figure.dpi
    radii = np.sqrt(circles.get_sizes()[: placed.NAMED] / math.pi)
    assert len(circles.get_offsets()) == len(plants)
    for (one, r), (other, s) in itertools.combinations(zip(spots, radii, strict=True), 2):
        assert math.dist(one, other) >= r + (1 - placed.HIDDEN) * min(r, s) - 1


def test_circles_that_find_no_room_stay_where_they_are():
    places = [(100.0, 100.0)] * 12
    found = placed.moved_apart(places, [20.0] * 12)
    assert len(found) == 12
    assert found[0] == places[0]
    assert len({tuple(np.round(spot, 3)) for spot in found[:2]}) == 2
    assert found[placed.NAMED :] == places[placed.NAMED :]


@pytest.mark.parametrize("place", DEGREES)
@pytest.mark.parametrize("spread", [0.0, 0.2, 9.0])
def test_a_cluster_anywhere_on_earth_has_a_map_with_all_its_plants(dunkirk, place, spread):
    scenario = moved(dunkirk, *DEGREES[place], spread)
    figure = cluster_map(scenario)
    axis = figure.axes[0]
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    spots = axis.collections[0].get_offsets()
    assert len(spots) == sum(plant.latitude is not None for plant in scenario.whole_plants)
    assert ((spots[:, 0] > left) & (spots[:, 0] < right) & (spots[:, 1] > low) & (spots[:, 1] < high)).all()
    assert cut(figure) == []


def test_across_the_date_line_neighbours_lie_side_by_side():
    view = placed.view_of(np.array([(179.5, -17.0), (-179.5, -17.0)]), 6.0, 4.0)
    turned = view.km(view.nearest(np.array([(179.5, -17.0), (-179.5, -17.0)])))
    assert abs(turned[1, 0] - turned[0, 0]) == pytest.approx(111.2 * math.cos(math.radians(17)), rel=0.01)
    assert turned[1, 0] > turned[0, 0]


@pytest.mark.parametrize("name", ["tianjin-teda", "wef-network"])
def test_without_coordinates_or_with_several_clusters_plants_stand_in_bars(name):
    figure = cluster_map(read_scenario(CLUSTERS / name))
    assert not figure.axes[0].collections
    assert "Natural Earth" not in figure.texts[-1].get_text()


@pytest.mark.parametrize("name", ["nrw", "tianjin-teda", "louisiana"])
def test_no_name_of_the_ties_is_cut_at_an_edge(name):
    figure = tie_network(read_scenario(CLUSTERS / name))
    assert cut(figure) == []
    assert not any("hangs" in text.get_text() for text in texts_of(figure))


def test_a_map_is_the_same_bytes_each_time_and_no_larger_than_a_photograph(dunkirk):
    first, second = (picture_of(cluster_map(dunkirk), "svg") for _ in range(2))
    assert first == second
    assert len(first) < 250_000
