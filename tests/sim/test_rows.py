"""No rule counts rows from the end: compiled, it would read what lies before the array (`Rows` of `sim/state_type.py`)."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from clusterpact.agents.compiled import rule
from tests.worlds.small import small_state

ROOT = Path(__file__).resolve().parent.parent.parent

#: Runs the rules as plain Python on arrays that take no row below 0.
CHECKED = """
import sys
import numpy as np
from clusterpact.policies.package import library_package
from clusterpact.sim.kernel import start_run
from clusterpact.sim.runs import words_of
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.schedule import quarter
from clusterpact.sim.state import ARRAYS
from clusterpact.sim.world import build_world, parameter_records

class Forward(np.recarray):
    def __getitem__(self, place):
        assert not isinstance(place, (int, np.integer)) or place >= 0, place
        return super().__getitem__(place)

    def __setitem__(self, place, value):
        assert not isinstance(place, (int, np.integer)) or place >= 0, place
        super().__setitem__(place, value)

for number, package in enumerate(("four-pillars", "stop-and-go", "current-policies")):
    world = build_world(read_scenario(CLUSTERS / "dunkirk"), library_package(package), 2025, 2036, 5)
    state = world.fresh_state()
    for name in ARRAYS:
        setattr(state, name, getattr(state, name).view(Forward))
    start_run(state, world.template, np.uint64(number), words_of(parameter_records({}, 1))[0])
    for t in range(world.quarters):
        quarter(state, t)
    print(package, float(state.account[0].abated_share))
"""


def test_no_rule_counts_rows_from_the_end() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", CHECKED], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-1000:]
    assert len(done.stdout.splitlines()) == 3


@rule
def opened(s, k, word):
    """A field before a word of its record was written, and after."""
    before = s.account[0].carbon_price_eur_per_t
    s.account_words[k] = word
    return before, s.account[0].carbon_price_eur_per_t


@rule
def shared(s, more):
    """An output, after that of the same firm, reached by another row of names, was written."""
    first = s.firms[0]
    total = first.output
    s.firms[s.firms[0].site].output = total + more
    first.booked[1] = 7.0
    return first.output, first.booked[0] + first.booked[1]


def test_what_is_written_as_a_word_is_read_as_a_field() -> None:
    """LLVM is told which memory is never the same: words are that of all fields."""
    s = small_state()
    s.account[0].carbon_price_eur_per_t = 5.0
    k = s.account.dtype.fields["carbon_price_eur_per_t"][1] // 8
    assert opened(s, k, np.float64(7.5).view(np.uint64)) == (5.0, 7.5)


def test_what_is_written_by_one_name_of_a_record_is_read_by_another() -> None:
    s = small_state()
    s.firms[0].output, s.firms[0].booked[0] = 0.5, 1.0
    assert shared(s, 0.25) == (0.75, 8.0)
