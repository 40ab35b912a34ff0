"""`python -m tests.patterns`: measure all patterns, print the table, and compare the verdicts with those on record.

With --write the record (`docs/data/`) and the pages made of it are written anew: patterns, levels, screening, runs needed.
"""

import argparse
import csv
import platform
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

import docs.build as pages
from clusterpact.cli.console import Plain, print_table
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.questions.sensitivity import run_sensitivity, screened
from clusterpact.experiments.running.local import default_threads
from tests.patterns import controls, levels, patterns  # noqa: F401
from tests.patterns.laboratory import SEED
from tests.patterns.table import PATTERNS

RUNS = 1000
SWING_RUNS = 300
TRAJECTORIES, REPLICATES = 30, 30
SCREENED = "four-pillars"


def measure(only: list[str]) -> list[dict[str, object]]:
    """Measure the patterns (all, or those whose ids are given), a row each."""
    rows: list[dict[str, object]] = []
    for entry in PATTERNS.values():
        if only and entry.id not in only:
            continue
        started = time.perf_counter()
        finding = entry.measure(entry.runs)
        verdict = "holds" if finding.holds else "fails"
        print(f"{entry.id}: {verdict} ({time.perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
        rows.append({"id": entry.id, "kind": entry.kind, "change": entry.change, "expected": entry.expected,
                     "measured": finding.measured, "runs": entry.runs, "seed": SEED, "verdict": verdict,
                     "note": "" if finding.holds else entry.note})  # fmt: skip
    return rows


def write(rows: list[dict[str, object]]) -> None:
    """Write the record of everything that `docs/validation.md` shows."""
    experiment = screened(load_experiment("dunkirk"), SCREENED, TRAJECTORIES, REPLICATES)
    bar = Plain(False)
    with tempfile.TemporaryDirectory() as folder:
        _, effects = run_sensitivity(experiment, Path(folder) / "screening", default_threads(), bar)
    numbers = effects.select_dtypes("number").columns
    effects[numbers] = effects[numbers].map(lambda x: float(f"{x:.4g}"))
    tables = {
        "patterns": pd.DataFrame(rows),
        "announcements": levels.announcements(RUNS),
        "milestones": levels.milestones(RUNS),
        "swings": levels.swings(SWING_RUNS),
        "settling": levels.settling(RUNS),
        "sensitivity": effects,
        "provenance": pd.DataFrame(
            [
                ("command", "make validation"),
                ("rules and data (fingerprint)", pages.fingerprint()),
                ("seed of the patterns", SEED),
                ("runs of the levels", RUNS),
                ("runs per end of a parameter's range", SWING_RUNS),
                ("screening", f"{SCREENED}, {TRAJECTORIES} trajectories x {REPLICATES} runs, {experiment.runs:,} runs"),
                ("Python", platform.python_version()),
            ],
            columns=["what", "value"],
        ),
    }
    pages.DATA.mkdir(exist_ok=True)
    for name, frame in tables.items():
        frame.to_csv(pages.DATA / f"{name}.csv", index=False, lineterminator="\n")
    for page in pages.PAGES:
        page.write_text(pages.renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> int:
    """Run, print, and compare or write; 1 if a verdict differs from the one on record."""
    parser = argparse.ArgumentParser(prog="python -m tests.patterns", description=__doc__)
    parser.add_argument("ids", nargs="*", help="only these patterns, such as P7 N3")
    parser.add_argument("--write", action="store_true", help="write the record and the pages anew")
    arguments = parser.parse_args()
    rows = measure(arguments.ids)
    print_table(["id", "kind", "expected", "measured", "verdict"],
                [[str(row[k]) for k in ("id", "kind", "expected", "measured", "verdict")] for row in rows])  # fmt: skip
    if arguments.write:
        write(rows)
        return 0
    with (pages.DATA / "patterns.csv").open(newline="", encoding="utf-8") as file:
        record = {row["id"]: row for row in csv.DictReader(file)}
    differ = [row for row in rows if record.get(str(row["id"]), {}).get("verdict") != row["verdict"]]
    for row in differ:
        recorded = record.get(str(row["id"]), {}).get("verdict", "nothing")
        print(f"{row['id']}: {row['verdict']}, on record: {recorded}", file=sys.stderr)
    moved = [row["id"] for row in rows if record.get(str(row["id"]), {}).get("measured") != row["measured"]]
    if moved and not differ:
        print(f"the verdicts hold; other numbers than on record (make validation renews them): {', '.join(map(str, moved))}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
