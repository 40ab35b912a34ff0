"""How many machine instructions each rule of the quarter takes in a run of Dunkirk, beside those of an earlier commit.

    python -m benchmarks.by_rule --out counts.json                          (five minutes; needs valgrind and a C compiler)
    python -m benchmarks.by_rule --before older.json                        writes benchmarks/by-rule.md

The rules of the schedule, and what appraises an option, are compiled as functions of their own, all else into those that
call it, for a generic processor; callgrind counts what runs within each. Apart, they take some 3 % more than as one. Counts
are of one version of the rules and of LLVM, and the same under any load.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.instructions import SETTINGS, VALGRIND
from clusterpact.foreign import SETTINGS as GENERIC

PAGE = Path(__file__).with_name("by-rule.md")
POLICY, RUNS = "four-pillars", 20
#: Counted beside the rules of the schedule: what starts a run, the parts of a board, what draws and works out functions.
ALSO = (
    "start_run",
    "assess",
    "look_ahead",
    "uniform",
    "normal",
    "exp",
    "log",
    "log1p",
    "power",
)
#: Optimised as one, so not function by function before.
MAKING = GENERIC | {"NUMBA_OPT": "0", "NUMBA_LOOP_VECTORIZE": "1"}

ENTRY = "runs_of_dunkirk"  #: what the library calls its entry
ALL = "run_range"  #: the rule that makes runs
#: Runs argv[3] runs of a policy by the library argv[1].
RUN = """
import ctypes, sys
import numpy as np
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import parameters_of, with_practices, world_of
from clusterpact.sim.kernel import Written
from clusterpact.sim.runs import RunArrays, _run_natively, words_of
experiment = load_experiment("dunkirk")
policy = [package.name for package in experiment.policies].index(sys.argv[2])
runs, world = int(sys.argv[3]), world_of(experiment, policy)
parameters = with_practices(parameters_of(experiment, 0, runs), experiment.policies[policy])
code = ctypes.CDLL(sys.argv[1]).ENTRY
code.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
back = np.zeros(1, np.int64), np.zeros(1, np.int64)
run = lambda row: code(back[0].ctypes.data, back[1].ctypes.data, row)
numbers, a = np.arange(runs, dtype=np.uint64), RunArrays.empty(runs, world)
out = Written(words_of(a.series), a.gates, a.decisions, a.networks, a.plants, a.starts)
_run_natively(run, (world.fresh_state(), world.template), words_of(parameters), numbers, out)
""".replace("ENTRY", ENTRY)


def parts_of(symbol: str) -> list[str]:
    """The names in a mangled symbol: of package, folder, module and function."""
    found, rest = [], symbol.removeprefix("_ZN")
    while size := re.match(r"\d+", rest):
        start = size.end()
        found.append(rest[start : start + int(size[0])])
        rest = rest[start + int(size[0]) :]
    return found


def library(path: Path) -> None:
    """Write the rules as a shared library in which each rule of the schedule is a function of its own."""
    import llvmlite.binding as llvm

    from clusterpact.foreign import code_of, for_target, machine_of
    from clusterpact.numba_cache import OPTIONS
    from clusterpact.sim.entries import ENTRIES
    from clusterpact.sim.schedule import SCHEDULE

    name, text = code_of(*ENTRIES["run"], OPTIONS)
    triple = llvm.get_default_triple()
    machine = machine_of(triple, reloc="pic")
    module: Any = for_target(text, triple, machine)
    module.get_function(name).name = ENTRY
    apart = {ALL, *(step.name for step in SCHEDULE), *ALSO}
    for function in module.functions:
        if not function.is_declaration:
            function.linkage = "external" if function.name == ENTRY else "internal"
            if apart.intersection(parts_of(function.name)[3:4]):
                function.add_function_attribute("noinline")
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    passes.getModulePassManager().run(module, passes)
    made = path.with_suffix(".o")
    made.write_bytes(machine.emit_object(module))
    subprocess.run(["cc", "-shared", "-o", str(path), str(made), "-lm"], check=True)


def counted(told: Path) -> dict[str, int]:
    """Instructions within functions, by name, in what callgrind wrote: of every call, that of what it calls included."""
    names: dict[str, str] = {}
    found: Counter[str] = Counter()
    called = ""
    lines = iter(told.read_text(encoding="utf-8", errors="replace").split("\n"))
    for line in lines:
        if named := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            if named[2]:
                names[named[1]] = re.sub(r"\[abi:.*|\(.*", "", named[2]).rpartition("::")[2]
            if line.startswith("cfn="):
                called = names[named[1]]
        elif line.startswith("calls="):
            found[called] += int(next(lines).split()[-1])
    return dict(found)


def measure() -> dict[str, float]:
    """Instructions a run: of all (`ALL`), of each rule of the schedule, and of what is counted beside them."""
    from clusterpact.sim.schedule import SCHEDULE

    with tempfile.TemporaryDirectory() as folder:
        made, told = Path(folder) / "rules.so", Path(folder) / "callgrind.out"
        command = [sys.executable, "-m", __spec__.name, "--library", str(made)]
        own = {"XDG_CACHE_HOME": folder}  # code that is kept may have been optimised by the function
        subprocess.run(command, check=True, env=os.environ | MAKING | own, stderr=subprocess.DEVNULL)
        look = [*VALGRIND[:2], f"--callgrind-out-file={told}", sys.executable, "-c", RUN, str(made), POLICY, str(RUNS)]
        subprocess.run(look, check=True, capture_output=True, env=os.environ | SETTINGS)
        found = counted(told)
    return {name: found.get(name, 0) / RUNS for name in (ALL, *(step.name for step in SCHEDULE), *ALSO)}


def page(before: dict[str, float], after: dict[str, float]) -> str:
    """Both counts as a page of Markdown, the costliest rule of the earlier one first."""
    lines = [
        "# Instructions by rule",
        "",
        f"Thousand machine instructions in a run of Dunkirk under `{POLICY}`, those of what a rule calls included; written "
        "by `python -m benchmarks.by_rule`.",
        "",
        "| rule | before | after | after / before |",
        "| --- | --- | --- | --- |",
    ]
    for name in sorted(after, key=lambda name: -max(before.get(name, 0.0), after[name])):
        then, now = before.get(name, 0.0), after[name]
        if max(then, now) >= 1000:
            called = "all of a run" if name == ALL else f"`{name}`"
            ratio = f"{now / then:.2f}" if then >= 1000 else ""
            lines.append(f"| {called} | {then / 1e3:,.0f} | {now / 1e3:,.0f} | {ratio} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Count, and write the counts or the page."""
    parser = argparse.ArgumentParser(description="Count instructions by rule; with --before, write benchmarks/by-rule.md.")
    parser.add_argument("--before", type=Path, metavar="FILE", help="counts of an earlier commit, from --out there")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the counts into this file")
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.library:
        library(chosen.library)
        return
    found = measure()
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if chosen.before:
        PAGE.write_text(page(json.loads(chosen.before.read_bytes()), found), encoding="utf-8")
    print(page({}, found))


if __name__ == "__main__":
    main()
