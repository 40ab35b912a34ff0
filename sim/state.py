"""Everything that one run reads and writes, behind one pointer.

To plain Python a `State` is an object with record arrays as attributes. To compiled rules it is a table of addresses: one
word to hand on, however many arrays there are. (A tuple of these arrays costs over a hundred words at every call, which made
the kernel ten times slower and its compilation three times longer.)
"""

from typing import Any

import numpy as np

from clusterpact.agents.compiled import TYPES
from clusterpact.agents.parameters import PARAMETER_RECORD
from clusterpact.agents.records import RECORDS
from clusterpact.policies.catalogue import POLICY_DTYPE
from clusterpact.sim.measures import ACCOUNT_RECORD

#: Arrays of a state that are no records of agents. Yearly tables (prices, policy, market) hold the years of the first
#: cluster, then those of the next. loans: what every borrower owes every lender, MEUR, firms first, then networks; clients:
#: the same by groups of connected clients, owners first, then networks. queue holds rows of firms, draws what each of them
#: drew, credibility a lender's trust in every cluster's governments, rates and offers what lenders ask for a loan (1/year)
#: and take of it (MEUR), ranking their rows, the cheapest first.
OTHERS: dict[str, tuple[np.dtype, bool]] = {
    "policy": (POLICY_DTYPE, True),
    "account": (ACCOUNT_RECORD, True),
    "loans": (np.dtype(np.float64), True),
    "clients": (np.dtype(np.float64), True),
    "parameters": (PARAMETER_RECORD, False),
    "queue": (np.dtype(np.int64), False),
    "draws": (np.dtype(np.float64), False),
    "credibility": (np.dtype(np.float64), False),
    "rates": (np.dtype(np.float64), False),
    "offers": (np.dtype(np.float64), False),
    "ranking": (np.dtype(np.int64), False),
}
_ALL = {kind.array: (kind.dtype, kind.per_run) for kind in RECORDS.values()} | OTHERS
#: The arrays of a state with their dtypes; first those that every run starts anew from its template.
PER_RUN = tuple(name for name, (_, per_run) in _ALL.items() if per_run)
ARRAYS: dict[str, np.dtype] = {name: _ALL[name][0] for name in (*PER_RUN, *(n for n in _ALL if n not in PER_RUN))}

#: `firms_words` is the same memory as `firms`, as plain 64-bit words: compiled code copies those far faster than records.
WORDS = "_words"
#: The words of all that a run starts anew, one after the other: starting a run is one copy.
RUN_WORDS = "run_words"


class State:
    """The records of one run, as attributes named in `ARRAYS`, each of shape (count,), in one piece of memory."""

    def __init__(self, **arrays: np.ndarray):
        if set(arrays) != set(ARRAYS):
            missing = ", ".join(sorted(set(ARRAYS) ^ set(arrays)))
            raise TypeError(f"expected the arrays {', '.join(ARRAYS)} (differs in: {missing})")
        for name, dtype in ARRAYS.items():
            if arrays[name].dtype != dtype or arrays[name].ndim != 1:
                raise TypeError(f"{name}: expected a row of {name} records")
        sizes = [arrays[name].size * dtype.itemsize // 8 for name, dtype in ARRAYS.items()]
        memory = np.empty(sum(sizes), np.uint64)
        self.run_words = memory[: sum(sizes[: len(PER_RUN)])]
        table = []
        start = 0
        for (name, dtype), size in zip(ARRAYS.items(), sizes, strict=True):
            place = memory[start : start + size].view(dtype)
            place[:] = arrays[name]
            setattr(self, name, place.view(np.recarray) if dtype.names else place)
            table += [place.ctypes.data, place.size]
            start += size
        self._table = np.array([*table, self.run_words.ctypes.data, self.run_words.size], np.int64)
        self.address = self._table.ctypes.data

    def __getattr__(self, name: str) -> Any:
        if name.endswith(WORDS) and name.removesuffix(WORDS) in ARRAYS:
            return getattr(self, name.removesuffix(WORDS)).view(np.ndarray).view(np.uint64)
        raise AttributeError(name)

    def copy(self) -> "State":
        """A state with memory of its own."""
        return State(**{name: getattr(self, name) for name in ARRAYS})


TYPES.append("clusterpact.sim.state_type")
