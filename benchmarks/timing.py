"""Wall times that mean something on a shared machine: repeated, and as ratios within a round of all that is compared."""

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Work = Callable[[], object]

CONFIDENCE = 0.95
FEWEST = 6  #: values that have an interval: with five, all lie on one side of the median with a chance of 6 %


class Interval(NamedTuple):
    """A median, and an interval that holds that of many more such measurements with at least 95 % confidence."""

    median: float
    low: float
    high: float

    def times(self, factor: float) -> "Interval":
        """All three times a positive factor."""
        return Interval(self.median * factor, self.low * factor, self.high * factor)


def seconds(work: Work) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median(work: Work, repeats: int) -> float:
    """Median wall time of repeated calls."""
    return statistics.median(seconds(work) for _ in range(repeats))


def cut(count: int) -> int:
    """How many of `count` sorted values, at least six, an interval of their median leaves out at each end.

    The k-th smallest and k-th largest of n values hold the median unless fewer than k of them fall on one side of it, which
    has a binomial chance (order statistics: nothing is assumed of how the values are distributed).

    >>> [cut(n) for n in (6, 9, 15)]
    [0, 1, 3]
    """
    chance, below = 0.0, -1
    while True:
        chance += 2.0 * math.comb(count, below + 1) * 0.5**count
        if chance > 1.0 - CONFIDENCE:
            break
        below += 1
    if below < 0:
        raise ValueError(f"{count} values have no interval of {CONFIDENCE:.0%}; expected {FEWEST} or more")
    return below


def interval(values: list[float]) -> Interval:
    """The median of measurements with its interval; raises ValueError for fewer than six."""
    left_out = cut(len(values))
    ordered = sorted(values)
    return Interval(statistics.median(ordered), ordered[left_out], ordered[-1 - left_out])


def rounds(text: str) -> int:
    """A number of rounds that has an interval, from a command line; raises ArgumentTypeError for any other."""
    if not text.isdigit() or int(text) < FEWEST:
        raise argparse.ArgumentTypeError(f"{text!r}; expected {FEWEST} or more")
    return int(text)


def interleaved(works: list[Work], repeats: int) -> list[Interval]:
    """Time of each work relative to the first, measured in rounds of all of them: medians of the ratios within a round.

    The machines are shared and change their speed from minute to minute; within a round they hardly do.
    """
    ratios = []
    for _ in range(repeats):
        times = [seconds(work) for work in works]
        ratios.append([time / times[0] for time in times])
    return [interval([*column]) for column in zip(*ratios, strict=True)]


def processor() -> str:
    """Name of the processor and cores that this process may use."""
    name = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                 if line.startswith("model name")), "unknown")  # fmt: skip
    return f"{name}, {len(os.sched_getaffinity(0))} cores, shared"
