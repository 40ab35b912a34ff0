"""Whether a result is complete and whole: its tables are those whose checksums were noted when it was finished."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.manifest import Sha256
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.files import checksum
from clusterpact.inputs import InputError
from clusterpact.results.store import RECORDINGS, table_path

MEND = "run the experiment again to mend it"
AGAIN = f"is damaged; {MEND}"
Printable = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,200}$")]


class Failure(BaseModel):
    """A run that raised: its policy and number, the parameters that it had (they may be no numbers), and the traceback."""

    model_config = ConfigDict(extra="forbid", strict=True)
    run: Annotated[int, Field(ge=0)]
    policy: Printable
    parameters: dict[str, float]
    traceback: str


class Sums(BaseModel):
    """`complete.json`: SHA-256 of every table and of the list of failures."""

    model_config = ConfigDict(strict=True)
    tables: dict[str, Sha256]
    failures: Sha256
    finished: str = ""


FAILURES = TypeAdapter(list[Failure])


def reopen_whole(folder: Path) -> Experiment:
    """The experiment of a complete result whose tables can be relied on; raises InputError unless they can.

    Whatever is computed from the tables of a result begins here.
    """
    if folder.is_file():
        raise InputError(folder, "results", None, "is a file; expected the folder of a result")
    experiment = reopen(folder)
    for wrong in changed_tables(folder, experiment.recording, read_sums(folder)):
        raise InputError(folder, "results", None, f"is not whole: {wrong}; {MEND}")
    return experiment


def read_sums(folder: Path) -> Sums:
    """The checksums of a complete result; raises InputError if it is not complete."""
    path = folder / "complete.json"
    try:
        return Sums.model_validate(json.loads(path.read_bytes()))
    except FileNotFoundError:
        expected = "is not complete; finish it with the command that started it, or clusterpact merge"
        raise InputError(folder, "results", None, expected) from None
    except (OSError, ValueError, RecursionError):
        raise InputError(path, "checksums", None, AGAIN) from None


def read_failures(folder: Path) -> list[dict[str, Any]]:
    """The runs of a complete result that raised, in the order of policies and runs."""
    path = folder / "failures.json"
    try:
        return [failure.model_dump() for failure in FAILURES.validate_python(json.loads(path.read_bytes()))]
    except (OSError, ValueError, RecursionError):
        raise InputError(path, "failures", None, AGAIN) from None


def refuse_changed(folder: Path, table: str) -> None:
    """Raise InputError if a result is complete and one of its tables is not the one that it was finished with."""
    if (folder / "complete.json").exists() and table_path(folder, table).exists():
        if checksum(table_path(folder, table)) != read_sums(folder).tables.get(table):
            raise InputError(table_path(folder, table), "table", None, "has not the checksum of complete.json; " + MEND)


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
