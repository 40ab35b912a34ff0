"""Whether a result is complete and whole: its tables are those whose checksums were noted when it was finished."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.failures import read_failures
from clusterpact.experiments.folder.manifest import Sha256
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.running.shards import draws_of, world_of
from clusterpact.files import checksum
from clusterpact.inputs import InputError, is_there, read_bytes
from clusterpact.results.bands import bands_of
from clusterpact.results.recorded import RECORDINGS, table_path
from clusterpact.results.store import tables_of
from clusterpact.sim.runs import RunArrays

MEND = "run the experiment again to mend it"
AGAIN = f"is damaged; {MEND}"


class Sums(BaseModel):
    """`complete.json`: SHA-256 of every table and of the list of failures."""

    model_config = ConfigDict(strict=True)
    tables: dict[str, Sha256]
    failures: Sha256
    finished: str = ""


def reopen_whole(folder: Path) -> Experiment:
    """The experiment of a complete result whose tables can be relied on; raises InputError unless they can.

    Whatever is computed from the tables of a result begins here.
    """
    if folder.is_file():
        raise InputError(folder, "results", None, "is a file; expected the folder of a result")
    experiment = reopen(folder)
    doubts = changed_tables(folder, experiment.recording, read_sums(folder)) or odd_tables(experiment, folder)
    for wrong in doubts or missing_rows(experiment, folder):
        raise InputError(folder, "results", None, f"is not whole: {wrong}; {MEND}")
    return experiment


def read_sums(folder: Path) -> Sums:
    """The checksums of a complete result; raises InputError if it is not complete."""
    path = folder / "complete.json"
    if not is_there(path):
        expected = "is not complete; finish it with the command that started it, or clusterpact merge"
        raise InputError(folder, "results", None, expected)
    try:
        return Sums.model_validate(json.loads(read_bytes(path)))
    except (ValueError, RecursionError):
        raise InputError(path, "checksums", None, AGAIN) from None


def refuse_changed(folder: Path, table: str) -> None:
    """Raise InputError if a result is complete and one of its tables is not the one that it was finished with."""
    path = table_path(folder, table)
    if not (folder / "complete.json").exists() or not path.exists():
        return
    if checksum(path) != read_sums(folder).tables.get(table):
        raise InputError(path, "table", None, f"has not the checksum of complete.json; {MEND}")


def odd_tables(experiment: Experiment, folder: Path) -> list[str]:
    """What is wrong with the columns of tables, in words; empty if they are what runs leave."""
    world, name = world_of(experiment, 0), experiment.policies[0].name
    none = RunArrays.empty(0, world, "plants" in RECORDINGS[experiment.recording])
    none.events = []
    expected = tables_of(name, 0, none, world, draws_of(experiment, 0, 0), experiment.recorded)
    expected["bands"] = bands_of({}, [])
    found = []
    for table, empty in expected.items():
        place = f"tables/{table}.parquet"
        try:
            held = pq.ParquetFile(table_path(folder, table))
        except (pa.ArrowException, OSError):
            found.append(f"{place} cannot be read")
            continue
        with held:
            if not held.schema_arrow.equals(empty.schema):
                found.append(f"{place} has other columns than runs leave")
    return found


def missing_rows(experiment: Experiment, folder: Path) -> list[str]:
    """What is wrong with the number of runs in the outcomes, in words; empty if all that did not fail are there."""
    expected = len(experiment.policies) * experiment.runs - len(read_failures(folder))
    with pq.ParquetFile(table_path(folder, "outcomes")) as held:
        rows = held.metadata.num_rows
    return (
        [] if rows == expected else [f"outcomes holds {rows:,} rows, expected {expected:,}: one per run that did not fail"]
    )


def changed_tables(folder: Path, recording: str, sums: Sums) -> list[str]:
    """What is wrong with the tables and the list of failures, in words; empty if all have their checksums."""
    wanted = RECORDINGS[recording]
    found = [] if set(sums.tables) == set(wanted) else [f"complete.json names others than {', '.join(wanted)}"]
    files = {f"tables/{table}.parquet": (table_path(folder, table), sums.tables.get(table)) for table in wanted}
    files["failures.json"] = (folder / "failures.json", sums.failures)
    for name, (path, sha) in files.items():
        try:
            if checksum(path) != sha:
                found.append(f"{name} has not the checksum of complete.json")
        except OSError:
            found.append(f"{name} is missing")
    return found
