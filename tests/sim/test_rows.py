"""No rule counts rows from the end: compiled, it would read what lies before the array (`Rows` of `sim/state_type.py`)."""

import os
import subprocess
import sys
from pathlib import Path

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
