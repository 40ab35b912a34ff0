"""`rules.wasm`: the rules of the kernel for a browser, from the same functions that Numba compiles for this machine.

    make wasm        (python -m clusterpact.lab.webassembly; some five minutes, needs the wheel `ziglang` for its linker)

Numba's LLVM code of `run_range` goes through LLVM's WebAssembly backend, which llvmlite holds. It asks nothing of its host
but memory: rules work out elementary functions by themselves (`clusterpact.agents.elementary`). Beside it, `rules.json`
holds the hash of the rules that it was made of, so that a page never shows other rules than those of its result.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.foreign import SETTINGS, code_of, for_target, machine_of, optimise
from clusterpact.numba_cache import OPTIONS
from clusterpact.sim.entries import ENTRIES

PAGE = Path(__file__).with_name("page")
WASM = PAGE / "rules.wasm"
ABOUT = WASM.with_suffix(".json")
TRIPLE = "wasm32-unknown-unknown"
FEATURES = "+bulk-memory,+nontrapping-fptoint,+sign-ext"  #: that every browser of the last years has
STACK_BYTES = 1 << 20
LINKED = (
    "--no-entry",
    "--gc-sections",
    "--strip-all",
    "--export=__heap_base",
    "--import-memory",
    "-z",
    f"stack-size={STACK_BYTES}",
)


def llvm_code(entries: dict[str, tuple[Any, Any]] = ENTRIES) -> dict[str, tuple[str, str]]:
    """By what an entry is called in the page: its name in LLVM's code, and the code with all that it calls."""
    return {
        name: code_of(getattr(entry, "py_func", entry), signature, OPTIONS) for name, (entry, signature) in entries.items()
    }


def object_code(code: dict[str, tuple[str, str]], triple: str = TRIPLE, features: str = FEATURES) -> bytes:
    """An object of some entries, under the names that a page calls them by, for WebAssembly or another target of LLVM."""
    machine = machine_of(triple, features=features)
    whole = llvm.parse_assembly(f'target triple = "{triple}"')
    for name, (mangled, text) in code.items():
        module = for_target(text, triple, machine)
        module.get_function(mangled).name = name
        whole.data_layout = module.data_layout
        whole.link_in(module)
    optimise(whole, machine)
    return bytes(machine.emit_object(whole))


def linked(made: bytes, names: list[str]) -> bytes:
    """The WebAssembly module of an object; RuntimeError says what the linker says."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "rules.o", Path(folder) / "rules.wasm"
        before.write_bytes(made)
        exports = [f"--export={name}" for name in names]
        command = [sys.executable, "-m", "ziglang", "wasm-ld", str(before), "-o", str(after), *LINKED, *exports]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip() or "the linker failed")
        return after.read_bytes()


def main() -> None:
    """Write `rules.wasm`, or the file that is named, in a process whose Numba compiles for no processor in particular."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else WASM
    if any(os.environ.get(key) != value for key, value in SETTINGS.items()):
        subprocess.run([sys.executable, "-m", __spec__.name, str(path)], env=os.environ | SETTINGS, check=True)
        return
    code = llvm_code()
    wasm = linked(object_code(code), list(code))
    path.write_bytes(wasm)
    path.with_suffix(".json").write_text(json.dumps({"rules": SOURCE_HASH}) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(wasm):,} bytes, rules {SOURCE_HASH[:12]}")


if __name__ == "__main__":
    main()
