"""A thousand runs have the same bits natively, as plain Python and as WebAssembly; so have outcomes that a page shows."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.experiments.running.shards import Shard, draws_of, run_shard, world_of
from clusterpact.lab.data import lab_data
from clusterpact.lab.webassembly import ABOUT, PAGE, WASM
from clusterpact.results.store import tables_of
from tests.golden import DIGITS, EXPERIMENT, PACKAGES, RUNS, experiment_of, golden, hashes

MEND = "; if a rule was changed on purpose: python -m tests.golden --write, make wasm"
HASHES = Path(__file__).with_name("hashes.mjs")
SAMPLE = 2  #: runs of a package in plain Python
node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")


def told(package, found):
    """The first run that differs, in words; empty if none does."""
    wrong = [run for run, (one, other) in enumerate(zip(found, golden()[package], strict=False)) if one != other]
    return f"{package}: run {wrong[0]} and {len(wrong) - 1} others differ from the golden ones{MEND}" if wrong else ""


def in_webassembly(package, runs, tmp_path):
    """Hashes and outcomes of the first runs of a package, in node."""
    data = tmp_path / "lab.json"
    data.write_text(json.dumps(lab_data(experiment_of(package, runs))), encoding="utf-8")
    command = ["node", str(HASHES), str(PAGE / "engine.mjs"), str(WASM), str(data), package, str(runs), str(DIGITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("package", PACKAGES)
def test_natively(package):
    assert len(golden()[package]) == RUNS
    assert told(package, hashes(package)) == ""


def test_runs_differ_from_each_other():
    every = [one for package in PACKAGES for one in golden()[package]]
    assert len(set(every)) == len(every) == 1000


def test_as_plain_python():
    package = PACKAGES[1]
    code = f"import json; from tests.golden import hashes; print(json.dumps(hashes({package!r}, {SAMPLE})))"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert told(package, json.loads(done.stdout)) == ""


@node
@pytest.mark.parametrize("package", PACKAGES)
def test_as_webassembly(package, tmp_path):
    assert told(package, in_webassembly(package, RUNS, tmp_path)["hashes"]) == ""


@node
def test_outcomes_of_the_page_are_those_of_the_batch(tmp_path):
    package, runs = PACKAGES[0], 200
    experiment = experiment_of(package, runs)
    world = world_of(experiment, 0)
    arrays, failures = run_shard(experiment, world, world.fresh_state(), Shard(0, 0, runs))
    table = tables_of(package, 0, arrays, world, draws_of(experiment, 0, runs), experiment.recorded)["outcomes"].to_pylist()
    shown = in_webassembly(package, runs, tmp_path)["outcomes"]
    assert not failures
    assert len(table) == len(shown) == runs
    for row, mine in zip(table, shown, strict=True):
        expected = {
            name: value for name, value in row.items() if name not in ("policy", "run") and not name.startswith("draw_")
        }
        assert mine == expected


def test_the_rules_of_the_page_are_those_of_the_kernel():
    assert json.loads(ABOUT.read_text(encoding="utf-8"))["rules"] == SOURCE_HASH, "rules.wasm is of other rules: make wasm"


def test_the_rules_of_the_page_name_no_file_of_the_machine_that_made_them():
    assert b".py" not in WASM.read_bytes()


def test_what_is_compared_is_what_ships():
    assert EXPERIMENT == "dunkirk"
    assert WASM.stat().st_size < 205_000


@node
@pytest.mark.slow
def test_made_anew_it_gives_the_same_runs(tmp_path):
    made = tmp_path / "rules.wasm"
    subprocess.run([sys.executable, "-m", "clusterpact.lab.webassembly", str(made)], check=True)
    assert made.read_bytes() == WASM.read_bytes()
