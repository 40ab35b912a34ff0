"""Many runs of a world at once: `simulate`, and the arrays that it fills. All that use the kernel come here."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from clusterpact.agents.chance import uniform
from clusterpact.agents.compiled import native, rule
from clusterpact.sim.kernel import Written, run_range
from clusterpact.sim.measures import ACCOUNT_DTYPE
from clusterpact.sim.state import State
from clusterpact.sim.world import World

PROJECT_COLUMNS = ("option", "fid_quarter", "start_quarter")
NETWORK_COLUMNS = ("fid_quarter", "ready_quarter", "capacity", "signed_share_at_fid")
PIPELINE_COLUMNS = ("fid_quarter", "start_quarter", "dropped_quarter")
PLANT_COLUMNS = ("scope1_kt", "switched_kt", "closed_kt", "output_kt")


@dataclass
class RunArrays:
    """What runs did. series: accounts (runs, years); gates: (runs, firms, quarters), numbers of the first closed gate.

    decisions: (runs, firms + projects in hand at the start, 3), see `projects` and `pipeline`;
    networks: (runs, networks, 4), quarters of FID and opening, capacity, signed share at FID; -1 if none.
    plants: (runs, firms, years, 4), `PLANT_COLUMNS` of every firm and year, or no firms where that is not asked for.
    starts: (runs, triggers), quarters in which instruments that wait for a signal started, -1 if never.
    failed: (runs,), whether a run raised; events, if told: (quarter, agent, sentence) of every run that did not.
    """

    series: np.ndarray
    gates: np.ndarray
    decisions: np.ndarray
    networks: np.ndarray
    plants: np.ndarray
    starts: np.ndarray
    failed: np.ndarray
    events: list[list[tuple[int, str, str]]] = field(default_factory=list)

    @classmethod
    def empty(cls, runs: int, world: World, by_plant: bool = False) -> "RunArrays":
        """Arrays for a number of runs of a world; by_plant: with what every firm emits in every year."""
        firms, networks = len(world.firm_ids), len(world.network_ids)
        return cls(
            np.zeros((runs, world.years), ACCOUNT_DTYPE),
            np.zeros((runs, firms, world.quarters), np.uint8),
            np.zeros((runs, firms + len(world.template.pipeline), len(PROJECT_COLUMNS)), np.int16),
            np.zeros((runs, networks, len(NETWORK_COLUMNS))),
            np.zeros((runs, firms if by_plant else 0, world.years, len(PLANT_COLUMNS))),
            np.full((runs, len(world.waiting)), -1, np.int16),
            np.zeros(runs, bool),
        )

    def part(self, rows: slice | np.ndarray) -> "RunArrays":
        """Some of the runs; views of the same memory for a slice."""
        return RunArrays(self.series[rows], self.gates[rows], self.decisions[rows], self.networks[rows], self.plants[rows],
                         self.starts[rows], self.failed[rows])  # fmt: skip

    @property
    def projects(self) -> np.ndarray:
        """Last decided project of every firm, `PROJECT_COLUMNS`: row of its option (of the firm's own), FID and start."""
        return self.decisions[:, : self.gates.shape[1]]

    @property
    def pipeline(self) -> np.ndarray:
        """Fates of the projects in hand at the start, `PIPELINE_COLUMNS`: quarters of FID, start and end; -1 if never."""
        return self.decisions[:, self.gates.shape[1] :]


def words_of(records: np.ndarray) -> np.ndarray:
    """Records as rows of plain 64-bit words: shape (…, words) for records of shape (…)."""
    return records.view(np.uint64).reshape(*records.shape, records.dtype.itemsize // 8)


def simulate(
    world: World,
    parameters: np.ndarray,
    numbers: np.ndarray,
    state: State | None = None,
    into: RunArrays | None = None,
) -> RunArrays:
    """Run one run per parameter record (shape (runs,)); numbers: uint64 (runs,), what each run's luck hangs on.

    state: working memory to use again; into: arrays to fill. Raises ValueError for what is not finite or does not balance.
    """
    arrays = RunArrays.empty(len(parameters), world) if into is None else into
    shipped, state = native(), state or world.fresh_state()
    out = Written(words_of(arrays.series), arrays.gates, arrays.decisions, arrays.networks, arrays.plants, arrays.starts)
    if shipped is not None:
        _run_natively(shipped.entries["run"], (state, world.template), words_of(parameters), numbers, out)
    else:
        run_range(state, world.template, words_of(parameters), numbers, out)
    return arrays


def _run_natively(run: Any, states: tuple[State, State], parameters: np.ndarray, numbers: np.ndarray, out: Written) -> None:
    """`run_range` as machine code, which is told addresses and counts: `ARGUMENTS` of `clusterpact.sim.entries`.

    states: working memory and template.
    """
    runs, words = parameters.shape
    arrays = (np.ascontiguousarray(numbers, np.uint64), np.ascontiguousarray(parameters), *out)
    if any(len(array) != runs or not array.flags.c_contiguous for array in arrays):
        raise TypeError(f"expected {runs} rows in every array, one after the other")
    addresses = [one.address for one in states] + [array.ctypes.data for array in arrays]
    counts = [words, *out.series.shape[1:], *(array.shape[1] for array in out[1:]), runs]
    row = np.array(addresses + counts, np.int64)
    run(row.ctypes.data)


@rule
def fill_draws(seed, first_run, stream, agent, out):
    """Fill out[k] with the number in [0, 1) that an agent draws from a stream in run first_run + k, in the first quarter."""
    for k in range(out.size):
        out[k] = uniform(seed, first_run + k, stream, agent, 0)
