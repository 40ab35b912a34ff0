"""Rules as machine code without their compiler: LLVM's code of them is shipped, and made for the very processor once.

`rules.bc.xz` holds the bitcode that `clusterpact.lab.kernel` made of the rules, `rules.json` the hash of those rules, the
checksum of the bitcode, and what each entry takes and gives. LLVM turns it into an object in a few seconds; that lies in
the private cache, with its checksum, and later starts load it. Nothing is taken from elsewhere than these two places.
"""

import builtins
import ctypes
import hashlib
import json
import lzma
import operator
import platform
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clusterpact.cache import say, set_aside
from clusterpact.files import write_atomically

BITCODE, ABOUT = "rules.bc.xz", "rules.json"
#: Systems and processors whose calls and layouts are those of the bitcode.
SYSTEMS, PROCESSORS = ("Linux", "Darwin"), ("x86_64", "aarch64", "arm64")
SUM_BYTES = hashlib.sha256().digest_size
Entry = Callable[..., Any]


class _Raised(ctypes.Structure):
    """What compiled code says of an error: where its text lies, and how long it is."""

    _fields_ = (("text", ctypes.c_void_p), ("size", ctypes.c_int32))


def _words(array: np.ndarray) -> tuple[int, int]:
    """Address and count of a row of 64-bit words, whole numbers or floats."""
    if array.dtype not in (np.uint64, np.int64, np.float64) or array.ndim != 1 or not array.flags.c_contiguous:
        raise TypeError(f"expected a row of 64-bit words, not {array.dtype} of shape {array.shape}")
    return array.ctypes.data, array.size


def _address(record: Any) -> tuple[int]:
    """Where a record lies."""
    return (np.frombuffer(record, np.uint8).ctypes.data,)


#: By the letter of a parameter: the types that machine code takes for it, and what makes them of a value of Python.
TAKEN: dict[str, tuple[tuple[Any, ...], Callable[[Any], tuple[Any, ...]]]] = {
    "q": ((ctypes.c_int64,), lambda value: (operator.index(value),)),
    "Q": ((ctypes.c_uint64,), lambda value: (operator.index(value),)),
    "d": ((ctypes.c_double,), lambda value: (float(value),)),
    "s": ((ctypes.c_void_p,), lambda state: (state.address,)),
    "r": ((ctypes.c_void_p,), _address),
    "?": ((ctypes.c_uint8,), lambda value: (bool(value),)),
    "w": ((ctypes.c_int64, ctypes.c_int64), _words),
}
#: By the letter of a result: its type in memory, and what Python makes of it.
GIVEN: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "q": (ctypes.c_int64, int),
    "d": (ctypes.c_double, float),
    "?": (ctypes.c_uint8, bool),
    "": (ctypes.c_void_p, lambda nothing: None),
}


@dataclass(frozen=True)
class Native:
    """Machine code of rules. entries: by name; rules: the same by the names of the functions that they are."""

    entries: dict[str, Entry]
    rules: dict[str, Entry]


def load(shipped: Path, rules: str, kept: Path) -> Native | None:
    """What is shipped in a folder, of rules of a hash, as machine code, which is kept in a private folder.

    None if other rules are shipped. None, and a note, where it is damaged or cannot be made for this processor.
    """
    try:
        about = json.loads((shipped / ABOUT).read_bytes())
        if about["rules"] != rules:
            return None
        bitcode = (shipped / BITCODE).read_bytes()
        if hashlib.sha256(bitcode).hexdigest() != about["sha256"]:
            raise ValueError(f"{BITCODE} has another checksum than {ABOUT} says")
        return _entries(_object(bitcode, kept), about["entries"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, lzma.LZMAError) as error:
        reason = " ".join(str(error).split())[:200]
        say(f"the machine code that is shipped is of no use here ({reason}), so the rules are compiled")
        return None


def rules_of(shipped: Path) -> str:
    """The hash of the rules whose machine code is shipped in a folder; empty if there is none, or if it is damaged."""
    try:
        return str(json.loads((shipped / ABOUT).read_bytes())["rules"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _entries(code: bytes, about: dict[str, dict[str, Any]]) -> Native:
    """The entries of an object, loaded into this process for good."""
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    entries, named = {}, {}
    for name, one in about.items():
        address = engine.get_function_address(name)
        if not address:
            raise ValueError(f"it has no entry {name}")
        entries[name] = _entry(address, one["takes"], one["gives"])
        if one["rule"]:
            named[one["rule"]] = entries[name]
    return Native(entries, named)


_engines: list[Any] = []  #: whose memory holds the code


def _entry(address: int, takes: str, gives: str) -> Entry:
    """A function of Python that calls machine code, which meanwhile does not hold Python's lock."""
    kinds = [kind for letter in takes for kind in TAKEN[letter][0]]
    code = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *kinds)(address)
    convert = [TAKEN[letter][1] for letter in takes]
    kind, made = GIVEN[gives]

    def call(*arguments: Any) -> Any:
        if len(arguments) != len(convert):
            raise TypeError(f"expected {len(convert)} arguments, not {len(arguments)}")
        given = [value for one, argument in zip(convert, arguments, strict=True) for value in one(argument)]
        back, raised = kind(), ctypes.POINTER(_Raised)()
        if code(ctypes.addressof(back), ctypes.addressof(raised), *given) > 0:
            _raise(raised)
        return made(back.value)

    return call


def _raise(raised: Any) -> None:
    """Raise the error that compiled code tells of: its class, its text, and where in the rules it was raised."""
    kind, text, place = json.loads(ctypes.string_at(raised.contents.text, raised.contents.size))
    error = getattr(builtins, kind)(text)
    if place:
        error.add_note(f"raised by the rule {place}")
    raise error


def _machine() -> Any:
    """LLVM's code generator for this processor, set as Numba sets its own."""
    import llvmlite.binding as llvm

    if platform.system() not in SYSTEMS or platform.machine() not in PROCESSORS or struct.calcsize("P") != 8:
        raise ValueError(f"it is for {' or '.join(PROCESSORS)}, not for {platform.system()} on {platform.machine()}")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(cpu=cpu, features=features, opt=3, reloc="default", codemodel="jitdefault", jit=True)


def _object(bitcode: bytes, kept: Path) -> bytes:
    """The object of the bitcode for this processor: the one that is kept, if it is sound, or a new one, which is kept."""
    import llvmlite.binding as llvm

    made_of = (bitcode, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), sys.byteorder)
    name = hashlib.sha256(b"\n".join(one if isinstance(one, bytes) else one.encode() for one in made_of)).hexdigest()
    path = kept / f"rules-{name[:16]}.o"
    found = _read(path)
    if found is None:
        found = object_code(lzma.decompress(bitcode), _machine())
        _keep(path, found)
    return found


def object_code(bitcode: bytes, machine: Any) -> bytes:
    """An object of bitcode for a target machine of LLVM, optimised once more for what that processor can do."""
    import llvmlite.binding as llvm

    module = llvm.parse_bitcode(bitcode)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.slp_vectorization = True  # side by side, in no other order
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(module, passes)
    return bytes(machine.emit_object(module))


def _read(path: Path) -> bytes | None:
    """What `_keep` wrote there; None if nothing is kept, or if it is damaged, which is removed and said once."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        written = b""
    if hashlib.sha256(written[SUM_BYTES:]).digest() == written[:SUM_BYTES]:
        return written[SUM_BYTES:]
    set_aside(path)
    return None


def _keep(path: Path, content: bytes) -> None:
    """Keep a file with its checksum before it; where it cannot be kept, that is said once, and it is made again."""
    try:
        write_atomically(path, hashlib.sha256(content).digest() + content, tidy=False)
    except OSError as error:
        say(f"{path.parent} cannot keep compiled rules ({error.strerror})")
