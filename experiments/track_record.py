"""The track record in one line: what the library's worlds of the past scored, kept beside them as a table.

`make scores` measures it anew. Nothing is scored under other rules than its own without saying so.
"""

import csv
import hashlib
from pathlib import Path

from clusterpact.agents.compiled import ROOT, RULE_FOLDERS

RECORD = Path(__file__).with_name("library") / "history" / "track-record.csv"
RULES = "rules"  #: test whose record is the hash of the rules that were scored


def rules_hash() -> str:
    """Hash of the rules and their tables, the same on every machine."""
    digest = hashlib.sha256()
    for folder in RULE_FOLDERS:
        for path in sorted((ROOT / folder).glob("*")):
            if path.suffix in {".py", ".csv"}:
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def sentence() -> str:
    """The track record in one line; empty where none was written."""
    if not RECORD.is_file():
        return ""
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = {(row["world"], row["test"]): row for row in csv.DictReader(file)}
    rules = rows.pop(("", RULES))
    failing = [row for row in rows.values() if row["holds"] != "True"]
    plants = [row for (_, test), row in rows.items() if test.startswith("plants")]
    held = sum(row["holds"] == "True" for row in plants)
    decided = rows["projects-2023", "projects decided (FID)"]
    stale = "" if rules["record"] == rules_hash() else " (scored under earlier rules)"
    return (
        f"Track record{stale}: set back to 2013, the 90 % bands of two clusters held "
        f"{rows['all', 'years inside the 90 % band']['record']} years, and {held} of {len(plants)} counts of plants; of the "
        f"projects of January 2023 {decided['model']} were expected to be decided, {decided['record']} were. "
        f"{len(failing)} of {len(rows)} tests fail: see docs/validation.md."
    )
