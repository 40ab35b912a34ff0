"""Names on a picture: each beside its circle, clear of other names and circles, on a line that crosses no other."""

import math
from dataclasses import dataclass, field

from clusterpact.results.figures.style import CELL

ANGLES = (0, 180, 25, -25, 155, 205, 50, -50, 130, 230, 75, -75, 105, 255)  #: degrees, the best first
DISTANCES = (3.0, 9.0, 16.0, 26.0, 40.0, 58.0, 80.0, 110.0)  #: points from the edge of a circle
BESIDE = 4.0  #: points: a name that is no further from its circle needs no line
Box = tuple[float, float, float, float]  #: left, bottom, right, top, in points
Segment = tuple[float, float, float, float]


@dataclass(frozen=True)
class Spot:
    """Where a name stands: the point it is set at, its side there, and the line to its circle, if it needs one."""

    x: float
    y: float
    side: str
    line: Segment | None


@dataclass
class Names:
    """The room of a picture, points wide and high, and what is taken of it."""

    wide: float
    high: float
    boxes: list[Box] = field(default_factory=list)
    lines: list[Segment] = field(default_factory=list)
    circles: list[Box] = field(default_factory=list)

    def circle(self, x: float, y: float, radius: float) -> None:
        """Keep names off a circle; of its box the corners are free."""
        r = 0.85 * radius
        self.circles.append((x - r, y - r, x + r, y + r))

    def find(self, text: str, at: tuple[float, float], radius: float, points: float, far: bool = True) -> Spot | None:
        """A place for a name beside a circle, which is then taken; near it unless `far`; None where there is none.

        Over a circle only where nothing else is free.
        """
        for circles in (self.circles, []) if far else (self.circles,):
            for distance in DISTANCES if far else DISTANCES[:1]:
                for angle in map(math.radians, ANGLES):
                    spot, box = _spot(text, at, radius, points, (distance, angle))
                    if self._is_free(spot, box, circles):
                        self.boxes.append(box)
                        self.lines += [spot.line] if spot.line else []
                        return spot
        return None

    def _is_free(self, spot: Spot, box: Box, circles: list[Box]) -> bool:
        if box[0] < 2 or box[1] < 2 or box[2] > self.wide - 2 or box[3] > self.high - 2:
            return False
        if any(_overlap(box, other) for other in (*self.boxes, *circles)) or any(_meets(line, box) for line in self.lines):
            return False
        line = spot.line
        return line is None or not (
            any(_cross(line, other) for other in self.lines) or any(_meets(line, other) for other in self.boxes)
        )


def _spot(text: str, at: tuple[float, float], radius: float, points: float, way: tuple[float, float]) -> tuple[Spot, Box]:
    """A name at a distance and angle from a circle, and the box it takes."""
    (distance, angle), (x, y) = way, at
    east, north = math.cos(angle), math.sin(angle)
    end = (x + (radius + distance) * east, y + (radius + distance) * north)
    wide, high = CELL * points * len(text) + 2, 1.25 * points
    left = end[0] if east > 0 else end[0] - wide
    line = None if distance < BESIDE else (x + radius * east, y + radius * north, *end)
    spot = Spot(*end, "left" if east > 0 else "right", line)
    return spot, (left, end[1] - high / 2, left + wide, end[1] + high / 2)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


def _cross(one: Segment, other: Segment) -> bool:
    """Whether two lines cross."""
    sides = [_turn(*one, *other[:2]), _turn(*one, *other[2:]), _turn(*other, *one[:2]), _turn(*other, *one[2:])]
    return sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0


def _meets(line: Segment, box: Box) -> bool:
    """Whether a line runs through a box."""
    left, bottom, right, top = box
    if any(left < x < right and bottom < y < top for x, y in (line[:2], line[2:])):
        return True
    return _cross(line, (left, bottom, right, top)) or _cross(line, (left, top, right, bottom))
