"""Two clusters in one small world: the firms of `small.py` in two halves, with the same prices and policies for each."""

import numpy as np

from clusterpact.sim.state import ARRAYS, State
from tests.worlds.small import small_state

OF_A_CLUSTER = ("policy", "market", "prices", "spots", "pacts", "credibility", "loans")


def small_pair(firms=4, governments=4, **further) -> State:
    """A state of two clusters, half of the firms in each; `further` goes to `small_state`.

    Government 0 sets the carbon price of both, 1 awards support in both, 2 governs the first pact, the last one the second.
    """
    one = small_state(firms=firms, governments=governments, **further)
    arrays = {name: getattr(one, name) for name in ARRAYS}
    for name in OF_A_CLUSTER:
        arrays[name] = np.concatenate([arrays[name], arrays[name]])
    s = State(**arrays)
    half = firms // 2
    s.firms.cluster[half:] = s.firms.policy_table[half:] = 1
    s.policy[len(s.policy) // 2 :].cluster = 1
    s.pacts.first_firm, s.pacts.n_firms, s.pacts.baseline_kt = [0, half], half, 1000.0 * half
    s.pacts[1].pact_government = governments - 1
    return s
