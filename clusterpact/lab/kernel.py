"""`rules.bc.xz`: the rules as LLVM's bitcode, from which `clusterpact.native` makes machine code without Numba.

    make wasm        (python -m clusterpact.lab.kernel; a minute or two)

Numba's LLVM code of all entries is linked and optimised as one, for no processor in particular, so that a machine has little
left to do for its own. Nothing in it lets a processor round otherwise than Numba's code does: no contraction, no fast
arithmetic, no sum over the lanes of a vector. What Numba keeps pickled to raise an error is kept as plain text instead.
"""

import hashlib
import json
import lzma
import os
import pickle
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numba import NumbaWarning, types

from clusterpact.agents.compiled import ROOT, SOURCE_HASH, Rule
from clusterpact.cache import SHARED
from clusterpact.foreign import SETTINGS, SPECIFIC
from clusterpact.lab.webassembly import llvm_code
from clusterpact.native import ABOUT, BITCODE
from clusterpact.sim.entries import NATIVE, STANDS_FOR
from clusterpact.sim.state_type import ROW_TYPES, STATE_TYPE

#: By Numba's types: the letters of `clusterpact.native` for what is taken and given.
LETTERS = {types.int64: "q", types.uint64: "Q", types.float64: "d", STATE_TYPE: "s", types.boolean: "?", types.none: ""}
LETTERS |= dict.fromkeys((kind for kind in ROW_TYPES.values() if isinstance(kind, types.Record)), "r")
PICKLED = re.compile(r'^(@\.const\.pickledata\.(\w+)\S* = internal constant )\[\d+ x i8\] c"([^"]*)"', re.MULTILINE)
PICKLED_SIZE = re.compile(
    r"^(@\.const\.picklebuf\.(\w+)\S* = internal constant \{[^}]*\} \{ ptr \S+, )i32 \d+", re.MULTILINE
)
ESCAPED = re.compile(rb"\\([0-9A-Fa-f]{2})")
#: What would let a processor round in its own way.
LOOSE = re.compile(r"= f\w+ (fast|contract|reassoc|afn|arcp|nnan|ninf|nsz)\b|@llvm\.(fma|fmuladd|vector\.reduce)\.")
#: Functions of the system that machine code may call.
CALLED = {"memset", "memcpy", "memmove", "sqrt"}
#: Optimised as one afterwards, so not function by function before. Numba's cache does not know the two apart: what is made
#: here has one of its own.
UNOPTIMISED = SETTINGS | {"NUMBA_OPT": "0"}


def in_words(code: str) -> str:
    """LLVM's code with what it raises as text: class, message, and the place in the rules, with no path of this machine."""
    sizes: dict[str, int] = {}

    def text(found: re.Match[str]) -> str:
        kind, arguments, place = pickle.loads(ESCAPED.sub(lambda byte: bytes([int(byte[1], 16)]), found[3].encode()))
        told = json.dumps([kind.__name__, " ".join(map(str, arguments)), _place(place)]).encode()
        sizes[found[2]] = len(told)
        escaped = "".join(f"\\{byte:02X}" for byte in told)
        return f'{found[1]}[{len(told)} x i8] c"{escaped}"'

    plain = "\n".join(text(found) if (found := PICKLED.match(line)) and ".sha1" not in line.partition(" ")[0] else line
                      for line in code.split("\n"))  # fmt: skip
    return PICKLED_SIZE.sub(lambda found: f"{found[1]}i32 {sizes[found[2]]}", plain)


def _place(place: tuple[str, str, int] | None) -> str:
    """Where a rule raises, as in "audit (sim/audit.py, line 24)"; empty for what is no rule."""
    if place is None or not Path(place[1]).is_relative_to(ROOT):
        return ""
    name, file, line = place
    return f"{name} ({Path(file).relative_to(ROOT).as_posix()}, line {line})"


def bitcode(code: dict[str, tuple[str, str]]) -> bytes:
    """Bitcode of entries (as of `llvm_code`) under their names, optimised as one for no processor in particular."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    whole = llvm.parse_assembly("")
    for name, (mangled, text) in code.items():
        module = llvm.parse_assembly(in_words(SPECIFIC.sub("", text)).replace(" = common ", " = weak_odr "))
        module.get_function(mangled).name = name
        whole.triple, whole.data_layout = module.triple, module.data_layout
        whole.link_in(module)
    for one in (*whole.functions, *whole.global_variables):
        if not one.is_declaration and one.name not in code:
            one.linkage = "internal"
    machine = llvm.Target.from_triple(whole.triple).create_target_machine(opt=3)
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization, tuning.slp_vectorization = True, True  # neither adds up in another order
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(whole, passes)
    _check(whole, set(code))
    names = llvm.create_new_module_pass_manager()
    names.add_strip_symbols_pass()
    names.run(whole, passes)
    return bytes(whole.as_bitcode())


def _check(module: Any, entries: set[str]) -> None:
    """Raise RuntimeError if bitcode asks for more than a few functions, or would not round alike everywhere."""
    asked = {one.name for one in module.functions if one.is_declaration and not one.name.startswith("llvm.")} - CALLED
    asked |= {one.name for one in module.global_variables if one.is_declaration or "dynamic.globals" in one.name}
    missing = entries - {one.name for one in module.functions if not one.is_declaration}
    loose = LOOSE.search(str(module))
    if asked or missing or loose:
        raise RuntimeError(f"bitcode asks for {sorted(asked)}, lacks {sorted(missing)}, rounds by {loose and loose[0]}")


def entries() -> dict[str, dict[str, str]]:
    """By entry: the name of the rule that it is ("" if none), and the letters of what it takes and gives."""
    found = {}
    for name, (function, signature) in NATIVE.items():
        rule, takes = STANDS_FOR.get(name, (function, "".join(LETTERS[kind] for kind in signature.args)))
        named = f"{rule.__module__}.{rule.py_func.__qualname__}" if isinstance(rule, Rule) else ""
        found[name] = {"rule": named, "takes": takes, "gives": LETTERS[signature.return_type]}
    return found


def write(folder: Path) -> None:
    """Write `rules.bc.xz` and `rules.json` into a folder."""
    packed = lzma.compress(bitcode(llvm_code(NATIVE)), preset=9)
    about = {"rules": SOURCE_HASH, "sha256": hashlib.sha256(packed).hexdigest(), "entries": entries()}
    (folder / BITCODE).write_bytes(packed)
    (folder / ABOUT).write_text(json.dumps(about, indent=0) + "\n", encoding="utf-8")
    print(f"{BITCODE}: {len(packed):,} bytes, rules {SOURCE_HASH[:12]}")


def main() -> None:
    """Write what is shipped, or write it into a folder that is named, in a process whose Numba leaves optimising to LLVM."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "sim"
    if any(os.environ.get(key) != value for key, value in UNOPTIMISED.items()):
        with tempfile.TemporaryDirectory(prefix="clusterpact-") as own:
            environment = os.environ | UNOPTIMISED | {SHARED: own}
            subprocess.run([sys.executable, "-m", __spec__.name, str(folder)], env=environment, check=True)
        return
    warnings.simplefilter("ignore", NumbaWarning)  # that code with addresses in it is not cached: they go with optimising
    write(folder)


if __name__ == "__main__":
    main()
