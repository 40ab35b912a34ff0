"""What is recorded of a result: its tables, and where they lie. Nothing here knows how they are made."""

from pathlib import Path

#: Tables by level of recording: a run takes about 0.5 (totals and outcomes), 7, 8, 15 and 14 kB of disk in Dunkirk.
#: `totals` is what a search keeps of its many packages.
RECORDINGS = {
    "totals": ("outcomes",),
    "outcomes": ("outcomes", "bands"),
    "yearly": ("outcomes", "bands", "series", "projects", "pipeline"),
    "quarterly": ("outcomes", "bands", "series", "projects", "pipeline", "gates"),
    "events": ("outcomes", "bands", "series", "projects", "pipeline", "gates", "events"),
    "plants": ("outcomes", "bands", "series", "projects", "pipeline", "plants"),
}
FOR_PEOPLE = tuple(level for level, tables in RECORDINGS.items() if "bands" in tables)  #: that an experiment may ask for
RECORDING = "quarterly"  #: the usual level: what comparisons and reports need
#: Every figure with the table that it shows; the slowest first. Functions of these names in `figures/result.py` draw them.
FIGURES = {"timeline": "projects", "emissions": "bands", "abatement": "bands", "gates": "bands", "runs": "outcomes"}
WITH_SIGNALS = {"pathways": "outcomes"}  #: figures that there are only where a package waits for a signal
DRAWN = tuple(dict.fromkeys((FIGURES | WITH_SIGNALS).values()))  #: tables that figures show, that of the slowest first
#: Why a cluster emits less than at the start; the shares of scope 1 by cause add up to the abated share.
CAUSES = {"switched": "by switching", "closed": "by closing", "output": "by making less"}


def part_path(folder: Path, table: str, key: str) -> Path:
    """Where a shard's part of a table lies."""
    return folder / "parts" / table / f"{key}.parquet"


def table_path(folder: Path, table: str) -> Path:
    """Where a merged table lies."""
    return folder / "tables" / f"{table}.parquet"
