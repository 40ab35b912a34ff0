"""The code of the rules for a graphics card (PTX), from the same functions that Numba compiles for this machine.

Numba's LLVM code of one run in one lane goes through LLVM's backend for these cards, which llvmlite holds; no card is asked,
nor anything else. It is made when it is first asked for, and kept under the hash of the rules, as they are themselves: so it
is never of other rules than those of a result, and no package need carry it.

Nothing is contracted (`fma`), division and roots are rounded as IEEE asks, and elementary functions are the rules' own: a
card gives the same bits as the processor.
"""

import hashlib
import inspect
import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from filelock import FileLock

from clusterpact.agents.compiled import CACHE_FOLDER
from clusterpact.cache import SHARED
from clusterpact.experiments.gpu.entry import SIGNATURE, run_lane
from clusterpact.experiments.running.progress import SILENT, Progress
from clusterpact.files import write_atomically
from clusterpact.foreign import SETTINGS, code_of, for_target, machine_of, optimise
from clusterpact.numba_cache import OPTIONS

TRIPLE = "nvptx64-nvidia-cuda"
CPU = "sm_80"  #: the oldest cards whose double precision is worth the way; newer ones take its code
FEATURES = "+ptx80"  #: what drivers of CUDA 12 read
#: LLVM works on the whole at once (`optimise`): a fifth less code than of functions that Numba had made fast one by one, and
#: in less time. Numba's cache does not know them apart, so they have one of their own.
LATER = {"NUMBA_OPT": "0", "NUMBA_DISABLE_JIT": "0"}
ENTRY = "run_lane"
KERNEL = "run_batch"
#: What makes the code of the rules, beside themselves.
SOURCES = (*(Path(__file__).with_name(name) for name in ("code.py", "entry.py", "lanes.py")), Path(inspect.getfile(code_of)))
#: Lanes take the runs of a batch in turns; `failed` says of every run whether it raised.
BATCH = f"""
declare i32 @{ENTRY}(ptr, ptr, i64, i64, i64)
declare double @llvm.sqrt.f64(double)
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()

define double @sqrt(double %x) {{
  %root = call double @llvm.sqrt.f64(double %x)
  ret double %root
}}

define ptx_kernel void @{KERNEL}(i64 %arguments, i64 %runs, ptr %failed) {{
entry:
  %result = alloca i64
  %raised = alloca ptr
  %block = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %size = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %blocks = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %thread = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %before = mul i32 %block, %size
  %place = add i32 %before, %thread
  %lane = zext i32 %place to i64
  %all = mul i32 %blocks, %size
  %lanes = zext i32 %all to i64
  br label %next
next:
  %run = phi i64 [ %lane, %entry ], [ %following, %work ]
  %more = icmp ult i64 %run, %runs
  br i1 %more, label %work, label %done
work:
  %status = call i32 @{ENTRY}(ptr %result, ptr %raised, i64 %arguments, i64 %run, i64 %lane)
  %raises = icmp ne i32 %status, 0
  %told = zext i1 %raises to i8
  %cell = getelementptr i8, ptr %failed, i64 %run
  store i8 %told, ptr %cell
  %following = add i64 %run, %lanes
  br label %next
done:
  ret void
}}
"""
#: A choice between two numbers, by comparing them. LLVM makes a maximum of it, and a card's maximum of zeros of either sign
#: is the positive one, whichever comes first: so the card chooses between words instead.
CHOICE = re.compile(r"^( +)(%\S+) = select i1 (\S+), double ([^,\s]+), double ([^,\s]+)((?:, !.*)?)$", re.MULTILINE)


def ptx(progress: Progress = SILENT) -> bytes:
    """The code for a card as text, which the driver compiles for the card that is there; made if it is not kept."""
    return _kept("ptx", "//", lambda: ptx_of(lane_code(progress)))


def lane_code(progress: Progress = SILENT) -> str:
    """LLVM's code of `run_lane` with all that it calls; made if it is not kept, in a process of its own."""

    def make() -> bytes:
        progress.note("compiling the rules for a card (a minute or two, once after a change of them)")
        command = [sys.executable, "-m", "clusterpact.experiments.gpu.code"]
        with tempfile.TemporaryDirectory(prefix="clusterpact-") as own:
            done = subprocess.run(command, env=os.environ | SETTINGS | LATER | {SHARED: own}, capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace").strip() or "the rules could not be compiled for a card")
        return done.stdout

    return _kept("ll", ";", make).decode()


def ptx_of(code: str) -> bytes:
    """The code for a card of LLVM's code of `run_lane`: one kernel, `run_batch` (arguments, runs, failed)."""
    machine = machine_of(TRIPLE, CPU, FEATURES)
    module = for_target(code, TRIPLE, machine)
    batch = llvm.parse_assembly(f'target triple = "{TRIPLE}"\n{BATCH}')
    batch.data_layout = module.data_layout
    module.link_in(batch)
    for value in (*module.functions, *module.global_variables):
        if not value.is_declaration and value.name != KERNEL:
            value.linkage = "internal"
    optimise(module, machine)
    chosen = llvm.parse_assembly(CHOICE.sub(_of_words, str(module)))
    return bytes(machine.emit_assembly(chosen).encode())


def _of_words(found: "re.Match[str]") -> str:
    """A choice between numbers as one between the words that hold them."""
    indent, name, condition, first, second, _ = found.groups()
    own = f"%words.{found.start()}"
    lines = (
        f"{own}.1 = bitcast double {first} to i64",
        f"{own}.2 = bitcast double {second} to i64",
        f"{own} = select i1 {condition}, i64 {own}.1, i64 {own}.2",
        f"{name} = bitcast i64 {own} to double",
    )
    return "\n".join(indent + line for line in lines)


@cache
def sources_hash() -> str:
    """Hash of what makes the code for a card of the rules; the folder is named after that of the rules."""
    digest = hashlib.sha256()
    for path in SOURCES:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _kept(kind: str, comment: str, make: Any) -> bytes:
    """A file of the cache, made if it is missing or damaged; its first line, a comment, holds the checksum of the rest."""
    path = CACHE_FOLDER / f"card-{sources_hash()}.{kind}"
    with FileLock(f"{path}.lock"):
        if path.is_file():
            first, _, rest = path.read_bytes().partition(b"\n")
            if first.decode(errors="replace") == f"{comment} {hashlib.sha256(rest).hexdigest()}":
                return rest
            print(f"clusterpact: note: {path} was damaged and is made anew", file=sys.stderr)
        made: bytes = make()
        write_atomically(path, f"{comment} {hashlib.sha256(made).hexdigest()}\n".encode() + made)
        return made


def main() -> None:
    """Print LLVM's code of `run_lane`, under that name; in a process whose Numba compiles for no processor in particular."""
    mangled, code = code_of(run_lane, SIGNATURE, OPTIONS)
    sys.stdout.write(re.sub(rf"@{re.escape(mangled)}\b", f"@{ENTRY}", code))


if __name__ == "__main__":
    main()
