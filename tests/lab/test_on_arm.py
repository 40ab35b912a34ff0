"""Golden runs on another processor: the kernel's own LLVM code, for 64-bit Arm, under QEMU. Needs `ziglang` and QEMU."""

import base64
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from clusterpact.experiments.running.shards import parameters_of, with_practices, world_of
from clusterpact.lab.world import world_data
from clusterpact.sim.runs import words_of
from tests.golden import DIGITS, PACKAGES, RUNS, experiment_of, golden
from tests.lab.test_same_bits import told

EMULATOR = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
PACKAGE = PACKAGES[1]
COUNTS = ("years", "measures", "firms", "decided", "networks", "triggers")
#: Writes an object for 64-bit Arm of the entry `run`, as `run_one`; its process compiles for no processor in particular.
OBJECT = """
import sys
from pathlib import Path
from clusterpact.lab.webassembly import llvm_code, object_code
made = {"run_one": llvm_code()["run"]}
Path(sys.argv[1]).write_bytes(object_code(made, "aarch64-unknown-linux-gnu", ""))
"""


def write_inputs(folder: Path) -> int:
    """Write template, layout and parameters of runs; returns the bytes that a run writes."""
    experiment = experiment_of(PACKAGE, RUNS)
    world = world_of(experiment, 0)
    data = world_data(world)
    parameters = words_of(with_practices(parameters_of(experiment, 0, RUNS), experiment.policies[0]))
    sizes = {name: len(data[name]) if name == "measures" else data[name] for name in COUNTS}
    arrays = [number for _, *row in data["arrays"] for number in row]
    layout = [len(data["arrays"]), data["run_words"], parameters.shape[1], *sizes.values(), *arrays]
    (folder / "template").write_bytes(zlib.decompress(base64.b64decode(data["template"])))
    (folder / "layout").write_bytes(np.array(layout, np.int64).tobytes())
    (folder / "parameters").write_bytes(parameters.tobytes())
    return (8 * sizes["years"] * sizes["measures"] + 4 * sizes["years"] * sizes["firms"] + 6 * sizes["decided"]
            + 32 * sizes["networks"])  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(EMULATOR is None, reason="there is no qemu-aarch64 here")
@pytest.mark.skipif(importlib.util.find_spec("ziglang") is None, reason="there is no ziglang here (make wasm)")
def test_runs_have_the_same_bits_on_arm(tmp_path):
    from clusterpact.lab.webassembly import SETTINGS
    from tests.commands import environment

    size = write_inputs(tmp_path)
    subprocess.run([sys.executable, "-c", OBJECT, tmp_path / "rules.o"], env=environment(**SETTINGS), check=True)
    source = Path(__file__).with_name("arm.c")
    linked = ["-target", "aarch64-linux-musl", "-O1", "-static", source, "rules.o", "-lm", "-o", "arm"]
    subprocess.run([sys.executable, "-m", "ziglang", "cc", *map(str, linked)], cwd=tmp_path, check=True)
    made = subprocess.run([EMULATOR, "./arm", "template", "layout", "parameters", str(RUNS)], cwd=tmp_path, check=True,
                          capture_output=True).stdout  # fmt: skip
    found = [hashlib.sha256(made[k : k + size]).hexdigest()[:DIGITS] for k in range(0, len(made), size)]
    assert len(found) == len(golden()[PACKAGE]), json.dumps(found[:3])
    assert told(PACKAGE, found) == ""
