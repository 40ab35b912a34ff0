"""The world of adoption in NumPy: worlds and firms as arrays, a loop over quarters only."""

import numpy as np

from benchmarks.adoption import QUARTERS, hazard

AT_ONCE = 1 << 14  #: firms of all worlds in one array, which then stays in the processor's cache: larger ones are slower


def curves(worlds: int, firms: int, told: np.ndarray | None = None) -> np.ndarray:
    """See `benchmarks.adoption`; all worlds draw from one generator."""
    generator = np.random.default_rng(0)
    found = np.zeros((worlds, QUARTERS // 4))
    step = max(1, AT_ONCE // firms)
    for first in range(0, worlds, step):
        part = slice(first, first + step)
        run(found[part], firms, generator, None if told is None else told[part])
    return found


def run(found: np.ndarray, firms: int, generator: np.random.Generator, told: np.ndarray | None) -> None:
    """Run as many worlds as `found` (worlds, years) has rows, and fill it."""
    adopted = np.zeros((len(found), firms), bool)
    share = np.zeros(len(found))
    for quarter in range(QUARTERS):
        draws = generator.random(adopted.shape) if told is None else told[:, quarter]
        adopted |= draws < hazard(share)[:, None]
        share = adopted.mean(axis=1)
        if quarter % 4 == 3:
            found[:, quarter // 4] = share
