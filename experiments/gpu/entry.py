"""One run of the kernel in one lane: what a graphics card does for every run of a batch."""

from typing import Any

from numba import types

from clusterpact.experiments.gpu.lanes import WIDTH, WORD, lanes_at
from clusterpact.sim.entries import rows_of, state_at
from clusterpact.sim.kernel import Written, restore, run_range

#: What a batch takes, as a row of 64-bit integers: addresses, then counts.
ARGUMENTS = (
    "lanes", "layout", "template", "others", "numbers", "parameters", "series", "gates", "decisions", "networks", "plants",
    "starts", "runs", "lane_words", "other_words", "words", "years", "account_words", "firms", "decided", "network_rows",
    "plant_rows", "triggers",
)  # fmt: skip

_integers, _numbers, _words = rows_of(types.int64, 1), rows_of(types.uint64, 1), rows_of(types.uint64, 2)
_accounts, _gates, _decisions = rows_of(types.uint64, 3), rows_of(types.uint8, 3), rows_of(types.int16, 3)
_networks, _plants, _starts = rows_of(types.float64, 3), rows_of(types.float64, 4), rows_of(types.int16, 2)
_lanes_at = lanes_at(WIDTH)
_COUNT = len(ARGUMENTS)


def run_lane(address: Any, run: Any, lane: Any) -> Any:
    """Do a run of a batch, by its place, in the memory of a lane; what it reads and writes stands in `ARGUMENTS`.

    A lane's memory may hold anything before: what its last run left changes nothing.
    """
    a = _integers(address, (_COUNT,))
    runs, years, firms = a[12], a[16], a[18]
    s = _lanes_at(a[1], a[0] + WORD * (lane // WIDTH * WIDTH * a[13] + lane % WIDTH))
    restore(s.other_words, _numbers(a[3], (a[14],)))
    rows = slice(run, run + 1)
    out = Written(
        _accounts(a[6], (runs, years, a[17]))[rows],
        _gates(a[7], (runs, firms, 4 * years))[rows],
        _decisions(a[8], (runs, a[19], 3))[rows],
        _networks(a[9], (runs, a[20], 4))[rows],
        _plants(a[10], (runs, a[21], years, 4))[rows],
        _starts(a[11], (runs, a[22]))[rows],
    )
    run_range(s, state_at(a[2]), _words(a[5], (runs, a[15]))[rows], _numbers(a[4], (runs,))[rows], out)
    return 0


SIGNATURE = types.int64(types.int64, types.int64, types.int64)
