"""`python -m tests.mutants`: make mutants of the rules, put each before the tests that run it, and report the survivors."""

import argparse
import hashlib
import importlib
import os
import sys
import time
import types
from pathlib import Path

#: Rules are plain functions, and two runs of the driver see the same.
ENVIRONMENT = {"NUMBA_DISABLE_JIT": "1", "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
MARKS = "not slow and not cluster"
ROOMS = ("agents", "policies", "sim", "experiments", "results")
ROOMS_OF_RULES = ROOMS[:3]


def options(arguments: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--module", action="append", help="mutate all functions of a file (default: all rules)")
    parser.add_argument("--match", default="", help="only mutants whose id holds this text")
    parser.add_argument("--sample", default="all", help="how many mutants, or all")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--list", action="store_true", help="list the mutants and end")
    parser.add_argument("--tests", nargs="+", default=["tests/agents", "tests/sim"], help="folders or files of tests")
    parser.add_argument("--horizon", action="store_true", help="also tests of whole horizons, if they are not too slow")
    parser.add_argument("--slowest", type=float, default=0.5, help="leave out tests that take more seconds")
    parser.add_argument("--explained", type=Path, default=Path(__file__).with_name("explained.csv"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def import_modules(asked: list[str] | None) -> dict[str, types.ModuleType]:
    """Modules by the path of their file: those asked for, else all of the rooms of rules."""
    every = (path for room in ROOMS_OF_RULES for path in sorted(Path(room).glob("*.py")) if path.stem != "__init__")
    labels = asked or [path.as_posix() for path in every]
    names = {label: ".".join(Path(label).with_suffix("").parts) for label in labels}
    prefixed = {label: f"clusterpact.{name}" if name.split(".")[0] in ROOMS else name for label, name in names.items()}
    return {label: importlib.import_module(name) for label, name in prefixed.items()}


def sampled(mutants: list, sample: str, seed: int) -> list:
    """A sample by a hash of seed and id, so that an edit elsewhere does not change it; in the order of the text."""
    if sample == "all":
        return mutants
    chosen = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed}:{mutant.id}".encode()).digest())[: int(sample)]
    ids = {mutant.id for mutant in chosen}
    return [mutant for mutant in mutants if mutant.id in ids]


def main(arguments: list[str]) -> int:
    """Run the driver; 1 if a mutant survived without an explanation."""
    from tests.mutants.edits import mutants_of
    from tests.mutants.report import read_explained, report, stale, unexplained
    from tests.mutants.trial import Bench, Fate, on_bench

    asked = options(arguments)
    modules = import_modules(asked.module)
    every = [mutant for label, module in modules.items() for mutant in mutants_of(module, label)]
    wanted = [mutant for mutant in every if asked.match in mutant.id and (asked.module or mutant.is_rule)]
    mutants = sampled(wanted, asked.sample, asked.seed)
    if asked.list:
        print("\n".join(f"{mutant.id}  {mutant.change}" for mutant in mutants))
        return 0
    fates: list[Fate] = []

    def work(bench: Bench) -> None:
        trials = bench.survey(modules.values(), asked.slowest, asked.jobs)
        tests = f"{len(trials)} of {len(bench.items)} tests"
        print(f"{tests}, {len(mutants)} of {len(wanted)} mutants", file=sys.stderr, flush=True)
        fates.extend(bench.fates(mutants, trials, asked.jobs))

    started = time.monotonic()
    bench = on_bench(asked.tests, MARKS if asked.horizon else f"{MARKS} and not horizon", work)
    order = {mutant.id: k for k, mutant in enumerate(mutants)}
    fates.sort(key=lambda fate: order[fate.mutant.id])
    explained = read_explained(asked.explained)
    survivors = unexplained(fates, explained)
    told = report(fates, survivors, stale(fates, every, explained), bench.left_out)
    print(told)
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    Path("build").mkdir(exist_ok=True)
    Path("build/mutants.md").write_text(told, encoding="utf-8")
    return 1 if survivors else 0


if __name__ == "__main__":
    if ENVIRONMENT.items() <= os.environ.items():
        sys.exit(main(sys.argv[1:]))
    os.execve(sys.executable, [sys.executable, "-m", "tests.mutants", *sys.argv[1:]], os.environ | ENVIRONMENT)
