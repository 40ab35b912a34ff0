"""`python -m tests.monotone`: does more help ever lower abatement, or more cost raise it? Walks every factor and says where.

With --moves it says instead what moves each world: shares of the variance by trust, governance, finance and so on.
Exit code 1 if a step goes the wrong way, or with --cliffs if there is a cliff, that `explained.csv` does not explain.
"""

import argparse
import sys
import time

from clusterpact.cli.console import print_table
from clusterpact.cli.moves import describe
from clusterpact.experiments.questions.moves import explain
from clusterpact.experiments.running.local import default_threads
from clusterpact.inputs import InputError
from clusterpact.policies.package import library_package
from tests.monotone import page, record
from tests.monotone.cliffs import cliffs
from tests.monotone.explained import Explanations, read_explanations
from tests.monotone.factors import Factor, chosen
from tests.monotone.steps import judged
from tests.monotone.walks import POLICIES, Walk, Walker, place

WORLDS = ("made", "dunkirk", "nrw")
LEVELS, RUNS = 7, 300
FINE_LEVELS, FINE_RUNS = 50, 100
FINE_POLICIES = ("four-pillars",)
MOVED = (*WORLDS, "louisiana")  #: worlds of --moves
SAMPLES = 250


def options(arguments: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.monotone", description=__doc__)
    parser.add_argument("--worlds", nargs="+", help=f"clusters or experiments, or made (default: {' '.join(WORLDS)})")
    parser.add_argument("--factors", nargs="+", help="rows of expected.csv (default: all)")
    parser.add_argument("--policies", nargs="+", help=f"packages walked on top of (default: {' '.join(POLICIES)}; "
                        f"for cliffs {' '.join(FINE_POLICIES)})")  # fmt: skip
    parser.add_argument("--runs", type=int, help=f"runs a level (default {RUNS}; for cliffs {FINE_RUNS})")
    parser.add_argument("--levels", type=int, help=f"levels of a range (default {LEVELS}; for cliffs {FINE_LEVELS})")
    parser.add_argument("--cliffs", action="store_true", help="look for jumps between neighbours instead")
    parser.add_argument(
        "--moves", action="store_true", help=f"share out the variance instead ({SAMPLES} samples, or --runs)"
    )
    parser.add_argument("--write", action="store_true", help="write the record and docs/monotone.md anew for these worlds")
    asked = parser.parse_args(arguments)
    if asked.write and (asked.factors or asked.policies):
        parser.error("--write: expected all factors and policies of the worlds; leave --factors and --policies out")
    if asked.moves and (asked.cliffs or asked.factors or asked.levels):
        parser.error("--moves: expected none of --cliffs, --factors and --levels beside it")
    asked.worlds = asked.worlds or list(MOVED if asked.moves else WORLDS)
    asked.policies = asked.policies or list(FINE_POLICIES if asked.cliffs else POLICIES)
    asked.runs = asked.runs or (SAMPLES if asked.moves else FINE_RUNS if asked.cliffs else RUNS)
    asked.levels = asked.levels or (FINE_LEVELS if asked.cliffs else LEVELS)
    if asked.runs < 2 or asked.levels < (4 if asked.cliffs else 2):
        parser.error("--runs, --levels: expected at least 2 runs, and 2 levels (4 for cliffs)")
    return asked


def walk_all(walker: Walker, policies: list[str], factors: list[Factor], count: int) -> list[Walk]:
    """Walk all factors of a place under each policy."""
    walks = []
    for policy in policies:
        started = time.perf_counter()
        walks += [walker.walk(policy, factor, factor.levels(count)) for factor in factors]
        seconds = time.perf_counter() - started
        print(f"{walker.name}, {policy}: {len(factors)} walks ({seconds:.0f} s)", file=sys.stderr, flush=True)
    return walks


def look_for_steps(walks: list[Walk], explanations: Explanations) -> list[dict[str, object]]:
    """Judge the signs of one world's walks, print a table and every wrong step; returns the rows of the record."""
    steps = judged(walks)
    rows = [record.step_row(row, explanations) for row in steps]
    header = ["world", "policy", "factor", "range", "whole range", "worst step", "p", "verdict"]
    shown = []
    for row in rows:
        signed = row["sign"] != 0
        shown.append([str(row["world"]), str(row["policy"]), str(row["factor"]), f"{row['low']:.4g}..{row['high']:.4g}",
                      f"{row['change']:+.4f} ±{row['change_half']:.4f}",
                      f"{row['from']:.4g}->{row['to']:.4g}: {row['step']:+.4f} ±{row['step_half']:.4f}" if signed else "",
                      f"{row['p_holm']:.2g}" if signed else "", str(row["verdict"])])  # fmt: skip
    print_table(header, shown)
    for row in steps:
        print("".join(f"{line}\n" for line in record.wrong_lines(row, explanations)), end="")
    return rows


def look_for_cliffs(walker: Walker, walks: list[Walk], explanations: Explanations) -> list[dict[str, object]]:
    """Look for jumps in one world's walks and print them; returns the rows of the record."""
    rows = [record.cliff_row(cliff, explanations) for cliff in cliffs(walker, walks)]
    print_table(["world", "policy", "factor", "step", "change", "jump", "p", "sharpest", "verdict"],
                [[str(row["world"]), str(row["policy"]), str(row["factor"]), f"{row['from']:.4g}->{row['to']:.4g}",
                  f"{row['change']:+.4f}", f"{row['jump']:+.4f}", f"{row['p_holm']:.2g}", f"{row['sharpest']:.2f}",
                  str(row["verdict"])] for row in rows])  # fmt: skip
    return rows


def share_out(asked: argparse.Namespace) -> int:
    """Print what moves each world under each policy, and write it if asked."""
    rows: list[dict[str, object]] = []
    for name in asked.worlds:
        for policy in asked.policies:
            found = explain(place(name), policy, asked.runs, default_threads())
            print(f"{name}, {policy}: {asked.runs} samples\n\n" + "\n".join(describe(found)), flush=True)
            mine = {"world": name, "policy": policy, "samples": asked.runs}
            rows += [{str(key): value for key, value in row.items()} | mine for row in found.to_dict("records")]
    if asked.write:
        print(record.write("moves", asked.worlds, rows))
        print(page.write())
    return 0


def main(arguments: list[str]) -> int:
    """Walk, print, and write if asked; 1 if something is wrong and unexplained."""
    asked = options(arguments)
    factors, explanations = chosen(asked.factors), read_explanations()
    for policy in asked.policies:
        library_package(policy, key="--policies")
    if asked.moves:
        return share_out(asked)
    walkers = [Walker(name, asked.runs) for name in asked.worlds]
    rows = []
    for walker in walkers:
        walks = walk_all(walker, asked.policies, factors, asked.levels)
        rows += look_for_cliffs(walker, walks, explanations) if asked.cliffs else look_for_steps(walks, explanations)
    if asked.write:
        print(record.write("cliffs" if asked.cliffs else "monotone", asked.worlds, rows))
        print(page.write())
    bad = [row for row in rows if row["verdict"] in (record.WRONG, record.CLIFF)]
    print(f"{len(bad)} of {len(rows)} {'jumps are cliffs' if asked.cliffs else 'walks go the wrong way'}, unexplained")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except InputError as error:
        print(f"python -m tests.monotone: {error}", file=sys.stderr)
        sys.exit(2)
