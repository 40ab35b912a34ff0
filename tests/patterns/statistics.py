"""Statistics of paired samples: intervals, bimodality, and what follows a shock or a pledge."""

import numpy as np

from clusterpact.agents.default import fail
from clusterpact.agents.governments import reverse
from clusterpact.sim.state import State
from tests.patterns.laboratory import watch

NOBODY = -1
NOT_YET = -2


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of paired differences and its 95 % interval (normal; runs are independent)."""
    mean = float(values.mean())
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean, mean - half, mean + half


def text(values: np.ndarray, unit: str = "", scale: float = 1.0, digits: int = 2) -> str:
    """A mean with its 95 % interval."""
    mean, low, high = (scale * x for x in interval(values))
    return f"{mean:+.{digits}f}{unit} [{low:+.{digits}f}, {high:+.{digits}f}]"


def below(values: np.ndarray) -> bool:
    """Whether the whole interval lies below zero."""
    return interval(values)[2] < 0


def above(values: np.ndarray) -> bool:
    """Whether the whole interval lies above zero."""
    return interval(values)[1] > 0


def bimodality(values: np.ndarray) -> float:
    """Sarle's coefficient, (skewness**2 + 1) / kurtosis: 5/9 for a flat, 1/3 for a normal distribution."""
    z = (values - values.mean()) / values.std()
    return float(((z**3).mean() ** 2 + 1) / (z**4).mean())


def later_fids(world, policy, runs: int, shock, span: int, **parameters: float) -> np.ndarray:  # type: ignore[no-untyped-def]
    """FIDs in the `span` quarters after a shock, shape (runs,); nan where the shock met no occasion.

    shock(state, t) answers NOT_YET until it strikes at the end of a quarter, then the firm whose own FIDs do not count.
    """
    counts = np.full(runs, np.nan)
    struck: dict[int, tuple[int, int]] = {}

    def look(state: State, run: int, t: int) -> None:
        if run in struck:
            since, victim = struck[run]
            if t <= since + span:
                fids = state.firms.fid_quarter == t
                counts[run] += fids.sum() - (victim >= 0 and fids[victim])
        elif (victim := shock(state, t)) != NOT_YET:
            struck[run] = (t, victim)
            counts[run] = 0.0

    watch(world, policy, runs, look, **parameters)
    return counts


def reversal_at(when: int, happens: bool):  # type: ignore[no-untyped-def]
    """A shock: the government that sets the carbon price reverses at the end of quarter `when`, or only the clock starts."""

    def shock(state: State, t: int) -> int:
        if t == when and happens:
            reverse(state, int(state.pacts[0].carbon_government), t)
        return NOBODY if t == when else NOT_YET

    return shock


def relative(with_shock: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Paired differences relative to the mean without the shock; pairs in which the shock met no occasion are left out."""
    both = np.isfinite(with_shock) & np.isfinite(without)
    return (with_shock[both] - without[both]) / without[both].mean()


def first_adopter_fails(happens: bool):  # type: ignore[no-untyped-def]
    """A shock: the first plant that runs a new technology on debt defaults a year after its start."""

    def shock(state: State, t: int) -> int:
        firms = state.firms
        running = np.flatnonzero((firms.start_quarter >= 0) & (firms.start_quarter <= t - 4) & (firms.debt_meur > 0))
        if len(running) == 0:
            return NOT_YET
        first = int(running[np.argmin(firms.start_quarter[running])])
        if happens:
            fail(state, first, t)
        return first

    return shock


def pledges_kept(world, policy, runs: int, **parameters: float) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Share of the pledges due that were kept, shape (runs,); nan where none was due."""
    kept, due = np.zeros(runs), np.zeros(runs)
    waiting: dict[int, int] = {}

    def look(state: State, run: int, t: int) -> None:
        if t == 0:
            waiting.clear()
        for i in range(state.firms.size):
            if waiting.get(i, -1) == t:
                due[run] += 1
                kept[run] += int(state.firms[i].c1_honoured)
            waiting[i] = int(state.firms[i].c1_due)

    watch(world, policy, runs, look, **parameters)
    with np.errstate(invalid="ignore"):
        return kept / due
