"""The rules that are shipped as LLVM's code: those of these sources, the bits and errors of Numba's, and of use or said."""

import hashlib
import json
import lzma
import platform
import shutil
import subprocess
import sys

import numpy as np
import pytest

from clusterpact import cache, native
from clusterpact.agents import chance
from clusterpact.agents.compiled import IS_PLAIN, ROOT, SOURCE_HASH
from clusterpact.agents.compiled import native as shipped
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import parameters_of, with_practices, world_of
from clusterpact.sim.kernel import Written, run_range
from clusterpact.sim.runs import RunArrays, simulate, words_of
from clusterpact.sim.world import build_world
from tests.commands import environment, python
from tests.lab.test_same_bits import MEND
from tests.worlds.random import random_package, random_parameters, random_scenario

pytestmark = pytest.mark.skipif(IS_PLAIN, reason="rules are plain Python here")
SIM = ROOT / "sim"
RUNS = 6
#: Runs an experiment, and says which of these modules that took.
BATCH = """
import sys
from clusterpact.cli.app import main
sys.argv = ["clusterpact", "run", "dunkirk", "--runs", "4", "--no-figures", "-q", "--out", sys.argv[1]]
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
print(*(name for name in ("numba", "scipy", "mesa", "matplotlib") if name in sys.modules))
"""
#: Calls a rule before anything has heard of states, and then one that takes a state; both are compiled by Numba.
WITHOUT = """
from clusterpact.agents import compiled
compiled.native = lambda: None
from clusterpact.agents.elementary import log
log(2.0)
from clusterpact.agents.support import is_frozen
from tests.worlds.small import small_state
print(is_frozen(small_state(), 0, 0))
"""


@pytest.fixture
def folder(tmp_path):
    """A copy of what is shipped, and a place to keep objects in."""
    for name in (native.ABOUT, native.BITCODE):
        shutil.copy(SIM / name, tmp_path / name)
    (tmp_path / "kept").mkdir(mode=0o700)
    cache._said.clear()
    return tmp_path


def load(folder):
    return native.load(folder, SOURCE_HASH, folder / "kept")


def test_the_rules_that_are_shipped_are_those_of_these_sources():
    assert native.rules_of(SIM) == SOURCE_HASH, f"{native.BITCODE} is of other rules{MEND}"
    assert shipped() is not None


def test_what_is_shipped_is_small_and_names_no_file_of_the_machine_that_made_it():
    packed = (SIM / native.BITCODE).read_bytes()
    assert len(packed) < 300_000
    code = lzma.decompress(packed)
    assert b".venv" not in code
    assert b"site-packages" not in code
    assert str(ROOT).encode() not in code


def outcome(world, parameters, run):
    """What runs write, in bytes, by `run`, a function of a state, a template, parameters, numbers and `Written`."""
    arrays = RunArrays.empty(len(parameters), world, by_plant=True)
    out = Written(words_of(arrays.series), arrays.gates, arrays.decisions, arrays.networks, arrays.plants, arrays.starts)
    run(world.fresh_state(), world.template, words_of(parameters), np.arange(len(parameters), dtype=np.uint64), out)
    return [table.tobytes() for table in out]


def natively(world, parameters):
    """What the same runs write as shipped machine code."""
    arrays = RunArrays.empty(len(parameters), world, by_plant=True)
    simulate(world, parameters, np.arange(len(parameters), dtype=np.uint64), into=arrays)
    found = (arrays.series, arrays.gates, arrays.decisions, arrays.networks, arrays.plants, arrays.starts)
    return [table.tobytes() for table in found]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_world_has_the_same_bits_as_by_numba(number):
    world = build_world(random_scenario(number), random_package(number), 2025, 2050, seed=number, check_books=True)
    parameters = random_parameters(number, RUNS)
    assert natively(world, parameters) == outcome(world, parameters, run_range.compiled)


@pytest.mark.parametrize("name", ["itp-regions", "louisiana"])
def test_worlds_of_the_library_have_the_same_bits_as_by_numba(name):
    """The first of them is of several clusters."""
    experiment = load_experiment(name, check_books=True)
    world = world_of(experiment, len(experiment.policies) - 1)
    parameters = with_practices(parameters_of(experiment, 0, RUNS), experiment.policies[-1])
    assert (len(world.names["pacts"]) > 1) == (name == "itp-regions")
    assert natively(world, parameters) == outcome(world, parameters, run_range.compiled)


def test_an_error_has_the_class_and_text_of_the_rule_and_says_where_it_was_raised():
    world = build_world(random_scenario(1), random_package(1), 2025, 2030, seed=1)
    parameters = random_parameters(1, 3)
    parameters["capability_start"][1] = np.nan
    with pytest.raises(ValueError, match="a parameter is not") as caught:
        simulate(world, parameters, np.arange(3, dtype=np.uint64))
    assert str(caught.value) == "a parameter is not a finite number"
    (note,) = caught.value.__notes__
    assert note.startswith("raised by the rule run_range (sim/kernel.py, line ")


def test_arrays_that_are_too_short_are_not_written_beyond():
    world = build_world(random_scenario(1), random_package(1), 2025, 2030, seed=1)
    with pytest.raises(TypeError, match="expected 3 rows in every array"):
        simulate(world, random_parameters(1, 3), np.arange(2, dtype=np.uint64))


def test_a_rule_takes_what_it_takes():
    assert chance.uniform(1, 2, 3, 4, 5) == chance.uniform.py_func(1, 2, 3, 4, 5)
    with pytest.raises(TypeError, match="expected 5 arguments, not 4"):
        chance.uniform(1, 2, 3, 4)
    with pytest.raises(TypeError):
        chance.uniform(1.5, 2, 3, 4, 5)


def test_a_batch_imports_no_compiler(tmp_path):
    done = subprocess.run([sys.executable, "-c", BATCH, tmp_path / "r"], env=environment(), capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.slow
def test_made_anew_it_is_the_same(tmp_path):
    subprocess.run([sys.executable, "-m", "clusterpact.lab.kernel", str(tmp_path)], env=environment(), check=True)
    for name in (native.BITCODE, native.ABOUT):
        assert (tmp_path / name).read_bytes() == (SIM / name).read_bytes()


# --- of no use


def test_other_rules_are_not_used_and_nothing_is_said(folder, capsys):
    assert native.load(folder, "0" * 64, folder / "kept") is None
    assert native.load(folder / "kept", SOURCE_HASH, folder / "kept") is None
    assert capsys.readouterr().err == ""


def flip(path):
    content = path.read_bytes()
    path.write_bytes(content[:1000] + bytes([content[1000] ^ 16]) + content[1001:])


def resum(folder, content):
    """Ship another content with the right checksum."""
    (folder / native.BITCODE).write_bytes(content)
    about = json.loads((folder / native.ABOUT).read_text()) | {"sha256": hashlib.sha256(content).hexdigest()}
    (folder / native.ABOUT).write_text(json.dumps(about))


DAMAGES = {
    "a bit of the bitcode": lambda folder: flip(folder / native.BITCODE),
    "no bitcode": lambda folder: resum(folder, b""),
    "other bitcode": lambda folder: resum(folder, lzma.compress(b"BC\xc0\xde no bitcode")),
    "another text": lambda folder: (folder / native.ABOUT).write_text("{}"),
    "no text": lambda folder: (folder / native.ABOUT).write_bytes(b"\xff"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_said_in_one_line_and_not_used(damage, folder, capsys):
    DAMAGES[damage](folder)
    assert load(folder) is None
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("clusterpact: note: the machine code that is shipped is of no use here (")
    assert line.endswith("), so the rules are compiled")


@pytest.mark.parametrize("what", [("machine", "riscv64"), ("system", "Windows")])
def test_a_processor_that_it_is_not_for_is_said(what, folder, capsys, monkeypatch):
    monkeypatch.setattr(platform, what[0], lambda: what[1])
    assert load(folder) is None
    assert (
        f"it is for x86_64 or aarch64 or arm64, not for {platform.system()} on {platform.machine()}"
        in capsys.readouterr().err
    )


def test_numba_compiles_rules_that_take_a_state_whatever_it_compiled_before():
    done = python("-c", WITHOUT)
    assert done.stdout == "False\n", done.stderr[-1000:]


# --- kept


def test_an_object_is_kept_once_and_read_again(folder, monkeypatch):
    assert load(folder).entries
    (kept,) = (folder / "kept").iterdir()
    monkeypatch.setattr(native, "object_code", None)
    assert load(folder).entries["uniform"](1, 2, 3, 4, 5) == chance.uniform(1, 2, 3, 4, 5)
    assert [kept] == list((folder / "kept").iterdir())


@pytest.mark.parametrize("damage", ["bit", "empty", "folder"])
def test_a_damaged_object_is_made_anew_and_said_once(damage, folder, capsys):
    load(folder)
    (kept,) = (folder / "kept").iterdir()
    sound = kept.read_bytes()
    if damage == "bit":
        flip(kept)
    elif damage == "empty":
        kept.write_bytes(b"")
    else:
        kept.unlink()
        (kept / "inner").mkdir(parents=True)
    assert load(folder).entries
    assert (
        capsys.readouterr().err
        == f"clusterpact: note: compiled rules in {folder / 'kept'} were damaged and are compiled anew\n"
    )
    assert kept.read_bytes() == sound


def test_an_object_that_cannot_be_kept_is_said_and_used(folder, capsys, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(native, "write_atomically", full)
    assert load(folder).entries
    assert "cannot keep compiled rules (No space left on device)" in capsys.readouterr().err


@pytest.mark.parametrize("triple", ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"])
def test_an_object_can_be_made_for_both_kinds_of_processor(triple):
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(opt=3, jit=True, codemodel="jitdefault")
    made = native.object_code(lzma.decompress((SIM / native.BITCODE).read_bytes()), machine)
    assert made[:4] == b"\x7fELF"
    assert made[18] == {"aarch64": 183, "x86_64": 62}[triple.partition("-")[0]]
