"""Numba's LLVM code of a function, for another target of LLVM than this machine: a browser, a graphics card."""

import re
from typing import Any

import llvmlite.binding as llvm
import numba

#: Compiled for no processor in particular: instructions that many have would be foreign to the other backend.
SETTINGS = {
    "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0",
}  # fmt: skip
#: What says which processor a function was compiled for.
SPECIFIC = re.compile(r'"(target-cpu|target-features|tune-cpu|probe-stack|stack-probe-size)"="[^"]*"')
#: What Numba keeps to raise an error in Python, and its size: it names files of this machine, and nobody asks for it there.
RAISED = re.compile(r'^(@\.const\.pickledata\.\S+ = internal constant )\[\d+ x i8\] c"[^"]*"', re.MULTILINE)
RAISED_SIZE = re.compile(r"^(@\.const\.picklebuf\.\S+ = internal constant \{[^}]*\} \{ ptr \S+, )i32 \d+", re.MULTILINE)


def code_of(function: Any, signature: Any, options: dict[str, Any]) -> tuple[str, str]:
    """What a function is called in LLVM's code, and that code with all that it calls; options: of Numba's compiler."""
    compiled: Any = numba.njit(**options | {"no_cpython_wrapper": True})(function)
    compiled.compile(signature)
    code: str = compiled.inspect_llvm(signature.args)
    mangled = re.search(rf"^define [^@\n]*@(\S*{function.__name__}\S*)\(", code, re.MULTILINE)
    if mangled is None:
        raise RuntimeError(f"LLVM's code of {function.__name__} defines no such function")
    return mangled.group(1), code


def machine_of(triple: str, cpu: str = "", features: str = "", reloc: str = "static") -> Any:
    """LLVM's machine of a target; reloc: how code is to find its data (`pic`: wherever it is loaded)."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(triple)
    return target.create_target_machine(cpu=cpu, features=features, opt=3, reloc=reloc, codemodel="default")


def for_target(text: str, triple: str, machine: Any) -> Any:
    """LLVM's module of some code that was made for this machine, for the machine of a triple."""
    text = re.sub(r'^target (triple|datalayout) = ".*"$', "", text, flags=re.MULTILINE)
    text = SPECIFIC.sub("", text)
    text = RAISED.sub(r"\1[1 x i8] zeroinitializer", RAISED_SIZE.sub(r"\1i32 0", text))
    module = llvm.parse_assembly(text.replace(" = common ", " = weak_odr "))
    module.triple, module.data_layout = triple, str(machine.target_data)
    return module


def optimise(module: Any, machine: Any) -> None:
    """Let LLVM make the code of a module fast on a machine."""
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    passes.getModulePassManager().run(module, passes)
