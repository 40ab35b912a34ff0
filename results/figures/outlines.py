"""Coast, large lakes, borders and places of the world: Natural Earth 5 at 1:10m (public domain), thinned.

`outlines.xz` is made by `docs/outlines.py`, which says from what. Lines are within about 200 m near places of industry that
are known for plans to reach net zero, and within 4 km far from all of them.
"""

import io
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("outlines.xz")
STEP, PLACE_STEP = 500, 100  #: parts of a degree that lines and places are kept in
AROUND = (-360.0, 0.0, 360.0)  #: degrees: where a line may lie as seen from the middle of a map


@dataclass(frozen=True)
class Outlines:
    """The world's outlines; lines are arrays of longitude and latitude, degrees (n, 2).

    land, lakes: rings, those of land clockwise and of seas within it the other way; borders: lines; places: names, and `at`
    their longitude and latitude (n, 2), the most important first.
    """

    land: list[np.ndarray]
    lakes: list[np.ndarray]
    borders: list[np.ndarray]
    places: list[str]
    at: np.ndarray


@cache
def outlines() -> Outlines:
    """The outlines that come with the package."""
    with np.load(io.BytesIO(lzma.decompress(FILE.read_bytes()))) as arrays:
        land, lakes, borders = (
            np.split(_points(arrays[f"{kind}_steps"]) / STEP, np.cumsum(arrays[f"{kind}_lengths"].astype(int))[:-1])
            for kind in ("land", "lake", "border")
        )
        names = arrays["place_names"].tobytes().decode().split("\n")
        at = _points(arrays["place_steps"]) / PLACE_STEP
    return Outlines(land, lakes, borders, names[::-1], at[::-1])


def _points(written: np.ndarray) -> np.ndarray:
    """Whole points (n, 2) from bytes of seven bits, as `steps` of docs/outlines.py writes them."""
    last = written < 128
    first = np.flatnonzero(np.concatenate([[True], last[:-1]]))
    place = np.arange(len(written)) - np.repeat(first, np.diff(np.append(first, len(written))))
    numbers = np.add.reduceat((written & 127).astype(np.int64) << (7 * place), first)
    return np.cumsum(np.where(numbers % 2, -(numbers + 1) // 2, numbers // 2).reshape(2, -1), axis=1).T


def seen(lines: list[np.ndarray], low: tuple[float, float], high: tuple[float, float]) -> Iterator[np.ndarray]:
    """Lines whose box meets a window of degrees, which may reach over 180 degrees east or west; moved to where it is."""
    for line in lines:
        (west, south), (east, north) = line.min(axis=0), line.max(axis=0)
        if north < low[1] or south > high[1]:
            continue
        for shift in AROUND:
            if east + shift >= low[0] and west + shift <= high[0]:
                yield line + np.array([shift, 0.0])
