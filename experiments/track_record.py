"""The track record in one line: what the library's worlds of the past scored, kept beside them as a table.

`make scores` measures it anew. Nothing is scored under other rules than its own without saying so.
"""

import csv
import hashlib
import re
from pathlib import Path

from clusterpact.agents.compiled import ROOT, RULE_FOLDERS
from clusterpact.results.language import _

RECORD = Path(__file__).with_name("library") / "history" / "track-record.csv"
SHARE = re.compile(r"(\d+)%")
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
    """The track record in one line, in the language that is spoken; empty where none was written."""
    if not RECORD.is_file():
        return ""
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = {(row["world"], row["test"]): row for row in csv.DictReader(file)}
    rules = rows.pop(("", RULES))
    failing = [row for row in rows.values() if row["holds"] != "True"]
    plants = [row for (_world, test), row in rows.items() if test.startswith("plants")]
    held = sum(row["holds"] == "True" for row in plants)
    decided = rows["projects-2023", "projects decided (FID)"]
    years = rows["all", "years inside the 90 % band"]["record"].split(" of ")
    name = _("Track record") if rules["record"] == rules_hash() else _("Track record (scored under earlier rules)")
    text = _("{name}: set back to 2013, the 90 % bands of two clusters held {years_held} of {years} years, and {held} of "
             "{plants} counts of plants; of the projects of January 2023 {expected} were expected to be decided, {decided} "
             "were. {failing} of {tests} tests fail: see docs/validation.md.")  # fmt: skip
    return text.format(name=name, years_held=years[0], years=years[-1], held=held, plants=len(plants),
                       expected=_shares(decided["model"]), decided=_shares(decided["record"]), failing=len(failing),
                       tests=len(rows))  # fmt: skip


def _shares(text: str) -> str:
    """Shares as a record has them (`37% [23%, 52%]`), in the language that is spoken."""
    return SHARE.sub(lambda found: _("{number}%").format(number=found[1]), text)
