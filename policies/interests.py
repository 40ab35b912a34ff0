"""What a team of governments looks at: the instruments that belong to each interest of the Industry Transition Platform."""

import csv
from pathlib import Path

TABLE = Path(__file__).with_name("interests.csv")


def _read() -> dict[str, tuple[str, ...]]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["interest"]: tuple(r["instrument"] for r in rows if r["interest"] == row["interest"]) for row in rows}


#: Instruments that a team on an interest learns about; the mapping is a judgement, with its reason in the table.
TOPICS = _read()
INTERESTS = tuple(TOPICS)
