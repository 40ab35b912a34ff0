"""`rules.wasm`: the rules of the kernel for a browser, from the same functions that Numba compiles for this machine.

    make wasm        (python -m clusterpact.lab.webassembly; some five minutes, needs the wheel `ziglang` for its linker)

Numba's LLVM code of `run_range` goes through LLVM's WebAssembly backend, which llvmlite holds. It asks nothing of its host
but memory: rules work out elementary functions by themselves (`clusterpact.agents.elementary`). Beside it, `rules.json`
holds the hash of the rules that it was made of, so that a page never shows other rules than those of its result.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clusterpact.agents.compiled import OPTIONS, SOURCE_HASH

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
#: Compiled for no processor in particular: instructions that many have would be foreign to the other backend.
SETTINGS = {
    "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0",
}  # fmt: skip
#: What `run` takes, as a row of 64-bit integers: addresses, then sizes.
ARGUMENTS = (
    "state", "template", "number", "parameters", "series", "gates", "decisions", "networks", "plants", "starts",
    "words", "years", "account_words", "firms", "decided", "network_rows", "plant_rows", "triggers",
)  # fmt: skip


def entries() -> dict[str, tuple[Callable[..., Any], Any]]:
    """The functions that the page calls, with their Numba signatures."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    from clusterpact.agents.chance import cut_normal, uniform
    from clusterpact.sim.kernel import Written, run_range
    from clusterpact.sim.state import STATE_TYPE

    @intrinsic  # type: ignore[untyped-decorator]
    def state_at(typing: Any, address: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.inttoptr(values[0], context.get_value_type(STATE_TYPE))

        return STATE_TYPE(types.int64), code

    def rows_of(item: Any, dimensions: int) -> Any:
        """A function that makes an array, in rows of C, of what lies at an address."""
        kind = types.Array(item, dimensions, "C")

        @intrinsic  # type: ignore[untyped-decorator]
        def made(typing: Any, address: Any, shape: Any) -> Any:
            def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                array = context.make_array(kind)(context, builder)
                size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(item)))
                sizes = cgutils.unpack_tuple(builder, values[1], dimensions)
                strides = [size]
                for length in reversed(sizes[1:]):
                    strides.insert(0, builder.mul(strides[0], length))
                context.populate_array(
                    array, data=builder.inttoptr(values[0], array.data.type), shape=cgutils.pack_array(builder, sizes),
                    strides=cgutils.pack_array(builder, strides), itemsize=size, meminfo=None,
                )  # fmt: skip
                return array._getvalue()

            return kind(types.int64, types.UniTuple(types.int64, dimensions)), code

        return made

    integers, numbers = rows_of(types.int64, 1), rows_of(types.uint64, 1)
    words, accounts = rows_of(types.uint64, 2), rows_of(types.uint64, 3)
    gates, decisions = rows_of(types.uint8, 3), rows_of(types.int16, 3)
    networks, plants, starts = rows_of(types.float64, 3), rows_of(types.float64, 4), rows_of(types.int16, 2)
    arguments = len(ARGUMENTS)

    def run(address: Any) -> Any:
        """One run of the kernel; what it reads and writes stands in a row of `ARGUMENTS`."""
        a = integers(address, (arguments,))
        years, firms = a[11], a[13]
        out = Written(
            accounts(a[4], (1, years, a[12])), gates(a[5], (1, firms, 4 * years)), decisions(a[6], (1, a[14], 3)),
            networks(a[7], (1, a[15], 4)), plants(a[8], (1, a[16], years, 4)), starts(a[9], (1, a[17])),
        )  # fmt: skip
        run_range(state_at(a[0]), state_at(a[1]), words(a[3], (1, a[10])), numbers(a[2], (1,)), out)
        return 0

    def draw(seed: Any, run: Any, stream: Any, agent: Any, quarter: Any) -> Any:
        """`clusterpact.agents.chance.uniform`."""
        return uniform(seed, run, stream, agent, quarter)

    def cut(u: Any, mean: Any, sd: Any, low: Any, high: Any) -> Any:
        """`clusterpact.agents.chance.cut_normal`."""
        return cut_normal(u, mean, sd, low, high)

    float64, uint64 = types.float64, types.uint64
    return {
        "run": (run, types.int64(types.int64)),
        "uniform": (draw, float64(uint64, uint64, uint64, uint64, uint64)),
        "cut_normal": (cut, float64(float64, float64, float64, float64, float64)),
    }


def llvm_code() -> dict[str, tuple[str, str]]:
    """By what an entry is called in the page: its name in LLVM's code, and the code with all that it calls."""
    import numba

    found = {}
    for name, (function, signature) in entries().items():
        compiled = numba.njit(signature, no_cpython_wrapper=True, **OPTIONS)(function)
        code = compiled.inspect_llvm(signature.args)
        mangled = re.search(rf"^define [^@\n]*@(\S*{function.__name__}\S*)\(", code, re.MULTILINE)
        if mangled is None:
            raise RuntimeError(f"LLVM's code of {name} defines no such function")
        found[name] = mangled.group(1), code
    return found


def object_code(code: dict[str, tuple[str, str]]) -> bytes:
    """A WebAssembly object of some entries, under the names that the page calls them by."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(TRIPLE)
    machine = target.create_target_machine(opt=3, reloc="static", codemodel="default", features=FEATURES)
    whole = llvm.parse_assembly(f'target triple = "{TRIPLE}"')
    for name, (mangled, text) in code.items():
        text = re.sub(r'^target (triple|datalayout) = ".*"$', "", text, flags=re.MULTILINE)
        text = re.sub(r'"(target-cpu|target-features|tune-cpu|probe-stack|stack-probe-size)"="[^"]*"', "", text)
        module = llvm.parse_assembly(text.replace(" = common ", " = weak_odr "))
        module.triple, module.data_layout = TRIPLE, str(machine.target_data)
        module.get_function(mangled).name = name
        whole.data_layout = module.data_layout
        whole.link_in(module)
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    passes.getModulePassManager().run(whole, passes)
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
