"""How many machine instructions the kernel takes for one agent-step: the same under any load, and on any x86-64 machine.

    python -m benchmarks.instructions          (about four minutes; needs valgrind)

Callgrind counts the instructions of whole processes that run few and many runs of Dunkirk; the difference is the kernel's
alone, since start-up, imports and loading of compiled rules cancel. Valgrind hides the newest instructions of a processor,
so the rules are compiled for a generic one, once, before it looks. Two counts of the same runs differ by about 0.1 %.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ("current-policies", "four-pillars")
FEW, MANY = 2, 202  #: runs of the two processes whose instructions are compared
COLLECTED = re.compile(r"Collected\s*:\s*(\d+)")
VALGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
#: Of a process that is counted: compiled for a generic processor, no luck in dictionaries, no threads of a linear algebra.
SETTINGS = {"NUMBA_CPU_NAME": "generic", "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}

#: Runs argv[2] of argv[3] runs of a policy with parameters drawn as in the experiment; prints agent-steps per run.
RUN = """
import sys
import numpy as np
from clusterpact.agents.records import RECORDS
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import parameters_of, with_practices, world_of
from clusterpact.sim.runs import simulate
experiment = load_experiment("dunkirk")
policy = [package.name for package in experiment.policies].index(sys.argv[1])
runs, drawn = int(sys.argv[2]), int(sys.argv[3])
world = world_of(experiment, policy)
parameters = with_practices(parameters_of(experiment, 0, drawn), experiment.policies[policy])[:runs]
simulate(world, parameters, np.arange(runs, dtype=np.uint64))
agents = sum(len(getattr(world.template, kind.array)) for kind in RECORDS.values() if kind.agent)
print(agents * world.quarters)
"""


def call(prefix: tuple[str, ...], policy: str, runs: int) -> subprocess.CompletedProcess[str]:
    """Run the kernel in a process of its own, under the command `prefix`."""
    command = [*prefix, sys.executable, "-c", RUN, policy, str(runs), str(MANY)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | SETTINGS)


def counted(policy: str, runs: int) -> int:
    """Instructions of the whole process."""
    answer = call(VALGRIND, policy, runs)
    found = COLLECTED.search(answer.stderr)
    if found is None:
        raise RuntimeError(f"callgrind said no count: {answer.stderr[-500:]}")
    return int(found.group(1))


def instructions() -> dict[str, dict[str, float]]:
    """Per policy: instructions per agent-step and per run; empty where valgrind is not installed."""
    if shutil.which(VALGRIND[0]) is None:
        return {}
    found = {}
    call(VALGRIND, POLICIES[0], FEW)  # makes machine code for the processor that valgrind shows, once
    for policy in POLICIES:
        steps = int(call((), policy, FEW).stdout)
        per_run = (counted(policy, MANY) - counted(policy, FEW)) / (MANY - FEW)
        found[policy] = {"per_step": per_run / steps, "per_run": per_run}
    return found


def row(found: dict[str, dict[str, float]]) -> str:
    """The measurement as a row of the table of `make bench`."""
    values = [f"{one['per_step']:,.0f} ({name}; {one['per_run'] / 1e6:.2f} million a run)" for name, one in found.items()]
    said = ", ".join(values) or "not measured: valgrind is not installed"
    return f"| instructions per agent-step of the kernel on Dunkirk | {said} | |"


if __name__ == "__main__":
    print(json.dumps(measured := instructions(), indent=1))
    print(row(measured))
