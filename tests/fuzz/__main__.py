"""`python -m tests.fuzz`: thousands of damaged inputs through the command line.

The contract: success, or one clear line and exit code 2; nothing left behind, no traceback, at most 60 s and 2 GB. Exit code
1 if a case breaks it; the case is then told with its number, and `--case NUMBER` with the same seed does it again.
"""

import argparse
import importlib
import os
import platform
import statistics
import sys
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path

import pandas as pd

from clusterpact.cli.console import print_table
from clusterpact.results.tables import csv_bytes
from tests.children import counted
from tests.fuzz import originals
from tests.fuzz.case import Found, try_case
from tests.fuzz.words import KINDS

MEMORY = Path("/dev/shm")  #: a file system in memory, where there is one: cases are mostly small files
DATA = Path(__file__).parents[2] / "docs" / "data" / "fuzz.csv"
#: Imported once, not in every case.
SLOW = (
    "matplotlib.figure", "scipy.stats", "openpyxl", "pyarrow.dataset", "jinja2", "clusterpact.cli.compare_text",
    "clusterpact.experiments.questions.comparison", "clusterpact.results.figures.result", "clusterpact.face",
    "clusterpact.results.report.page", "clusterpact.experiments.questions.scoring", "clusterpact.experiments.making.ghgrp",
    "clusterpact.experiments.questions.moves", "clusterpact.experiments.questions.account",
)  # fmt: skip


def options(arguments: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=500, help="number of cases (default 500)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all cases (default 1)")
    parser.add_argument("--case", type=int, help="do this one case only, and say all about it")
    parser.add_argument("--only", choices=sorted(KINDS), help="one kind of input only: other cases than with all")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="cases at a time (default: cores)")
    parser.add_argument("--write", action="store_true", help="write docs/data/fuzz.csv, for docs/faults.md")
    return parser.parse_args(arguments)


def rows_of(found: list[Found], seed: int) -> list[dict[str, object]]:
    """A row per kind of input: cases, how they ended, and what they took."""
    kinds: dict[str, list[Found]] = defaultdict(list)
    for case in found:
        kinds[case.kind].append(case)
    return [
        {
            "kind": kind, "seed": seed, "cases": len(cases), "done": sum(case.code in (0, 75) for case in cases),
            "one_line": sum(case.code == 2 for case in cases), "not_as_recorded": sum(case.code == 1 for case in cases),
            "broken": sum(bool(case.faults) for case in cases),
            "median_s": f"{statistics.median(case.seconds for case in cases):.2f}",
            "longest_s": f"{max(case.seconds for case in cases):.1f}",
            "most_mb": f"{max(case.megabytes for case in cases):.0f}",
        }
        for kind, cases in sorted(kinds.items())
    ]  # fmt: skip


def tell(case: Found) -> None:
    """Say all about a case."""
    took = f"exit code {case.code}, {case.seconds:.1f} s, {case.megabytes:,.0f} MB"
    print(f"case {case.number}, {case.told}\n  {took}: {case.line}")
    print("".join(f"  BROKEN: {fault}\n" for fault in case.faults), end="", flush=True)


def main(arguments: list[str]) -> int:
    """Do all cases and say what came of them."""
    asked = options(arguments)
    for module in SLOW:
        importlib.import_module(module)
    if MEMORY.is_dir():
        tempfile.tempdir = str(MEMORY)
    with tempfile.TemporaryDirectory(prefix="originals-") as place:
        originals.make(Path(place))
        numbers = range(asked.cases) if asked.case is None else [asked.case]
        work = partial(try_case, Path(place), asked.seed, only=asked.only)
        found, dead = [], []
        for number, answer in counted("cases", numbers, work, asked.jobs):
            if answer is None:
                dead.append(number)
            else:
                found.append(answer)
                if asked.case is not None or answer.faults:
                    tell(answer)
    print("".join(f"case {number}: its process died\n" for number in dead), end="")
    rows = rows_of(found, asked.seed)
    print_table(list(rows[0]), [[str(cell) for cell in row.values()] for row in rows])
    broken = len(dead) + sum(bool(case.faults) for case in found)
    print(f"{broken} of {len(numbers):,} cases break the contract (seed {asked.seed}, {platform.system()})")
    if asked.write:
        DATA.write_bytes(csv_bytes(pd.DataFrame(rows)))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
