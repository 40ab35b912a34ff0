"""`python -m tests.kills`: commands killed at random moments, and systems that fail them. Is anything lost, or left behind?

Exit code 1 if a try is not clean; what was wrong is then told.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import pandas as pd

from clusterpact.cli.console import print_table
from clusterpact.results.tables import csv_bytes
from tests.children import counted
from tests.fuzz import originals
from tests.kills.killing import Came, Undisturbed
from tests.kills.systems import TRIES

DATA = Path(__file__).parents[2] / "docs" / "data" / "kills.csv"


def options(arguments: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="number of kills (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="seed of their moments (default 1)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="tries at a time (default: cores)")
    parser.add_argument("--only", nargs="+", choices=["kills", *TRIES], help="only these")
    parser.add_argument("--write", action="store_true", help="write docs/data/kills.csv, for docs/faults.md")
    return parser.parse_args(arguments)


def row_of(command: str, fault: str, came: list[Came], note: str) -> dict[str, object]:
    """A row of the table."""
    return {"command": command, "fault": fault, "tries": len(came), "struck": sum(one.in_time for one in came),
            "clean": sum(not one.wrong for one in came), "note": note}  # fmt: skip


def kill_all(undisturbed: Undisturbed, asked: argparse.Namespace) -> list[dict[str, object]]:
    """All kills, told one by one where they are not clean."""
    kills = undisturbed.kills(asked.kills, asked.seed)
    found: dict[str, list[Came]] = {}
    for kill, came in counted("kills", kills, undisturbed.try_kill, asked.jobs):
        tell(f"{kill.work.name}, killed after {kill.after_s:.2f} s", came)
        found.setdefault(kill.work.name, []).append(came)
    return [row_of(name, "killed", came, f"over {undisturbed.seconds[name]:.1f} s") for name, came in found.items()]


def fail_all(undisturbed: Undisturbed, only: list[str] | None) -> list[dict[str, object]]:
    """All other failures of the system."""
    rows = []
    for fault, tries in TRIES.items():
        if only is None or fault in only:
            came = []
            for number, one in enumerate(tries, start=1):
                came.append(one(undisturbed))
                tell(f"{fault}, try {number}", came[-1])
            rows.append(row_of("several", fault, came, ""))
    return rows


def tell(what: str, came: Came) -> None:
    """Say what is wrong, if anything is."""
    for wrong in came.wrong:
        print(f"{what}: {wrong}", flush=True)


def main(arguments: list[str]) -> int:
    """Kill and fail, and say what came of it."""
    asked = options(arguments)
    with tempfile.TemporaryDirectory(prefix="originals-") as place:
        originals.make(Path(place))
        undisturbed = Undisturbed(Path(place))
        rows = kill_all(undisturbed, asked) if asked.only is None or "kills" in asked.only else []
        rows += fail_all(undisturbed, asked.only)
    print_table(list(rows[0]), [[str(cell) for cell in row.values()] for row in rows])
    bad = sum(int(str(row["tries"])) - int(str(row["clean"])) for row in rows)
    print(f"{bad} of {sum(int(str(row['tries'])) for row in rows)} tries are not clean (seed {asked.seed})")
    if asked.write:
        DATA.write_bytes(csv_bytes(pd.DataFrame(rows)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
