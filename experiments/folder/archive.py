"""A finished result as one zip to deposit with a paper: what it holds depends on the result alone, to the byte."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.archive_text import readme
from clusterpact.experiments.folder.manifest import Manifest, read_manifest
from clusterpact.experiments.folder.metadata import CRATE, DATA_PACKAGE, Content, crate, data_package, sha256
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.files import replacing
from clusterpact.inputs import InputError, read_bytes, usable_path
from clusterpact.results.recorded import RECORDINGS

MOMENT = (1980, 1, 1, 0, 0, 0)  #: the time of every file in the zip: the earliest that it can hold
LEDGER = "ledger.jsonl"


def write_archive(folder: Path, file: Path | None = None) -> tuple[Path, int]:
    """Pack a complete result into a zip (default: beside the folder, with its name); returns its path and size in bytes.

    Raises InputError if the result is not complete or not whole, or if the file exists.
    """
    experiment, manifest = reopen_whole(folder), read_manifest(folder)
    place = folder.resolve()
    target = usable_path(file or place.with_name(f"{place.name}.zip"), "--file")
    if target.exists() or target.is_symlink():
        raise InputError(target, "--file", None, "exists; expected the name of a new file")
    if target.resolve().is_relative_to(place):
        raise InputError(target, "--file", None, "lies in the result; expected a file elsewhere")
    contents = _contents(folder, experiment, manifest)
    try:
        with replacing(target) as temporary:
            _write_zip(temporary, f"{manifest.experiment.name}-{manifest.id}", contents)
    except OSError as error:
        raise InputError(target, "--file", None, f"cannot be written ({error.strerror})") from None
    return target, target.stat().st_size


def _contents(folder: Path, experiment: Experiment, manifest: Manifest) -> dict[str, Content]:
    """What goes into the archive by its name there, with the checksum of everything else in SHA256SUMS."""
    names = ["manifest.json", "complete.json", "failures.json", "summary.csv", "sensitivity.csv"]
    names += [f"inputs/{name}" for name in manifest.experiment.inputs]
    names += [f"tables/{table}.parquet" for table in RECORDINGS[experiment.recording]]
    names += [f"figures/{path.name}" for path in (folder / "figures").glob("[!.]*") if path.is_file()]
    contents: dict[str, Content] = {name: folder / name for name in names if (folder / name).is_file()}
    if ledger := _ledger(folder):
        contents[LEDGER] = ledger
    names = sorted({*contents, DATA_PACKAGE, CRATE})
    contents["README.md"] = readme(experiment, manifest, folder, names).encode()
    contents[DATA_PACKAGE] = data_package(experiment, manifest, contents)
    contents[CRATE] = crate(experiment, manifest, folder, contents)
    lines = [f"{sha256(content)}  {name}\n" for name, content in sorted(contents.items())]
    contents["SHA256SUMS"] = "".join(lines).encode()
    return contents


def _ledger(folder: Path) -> bytes:
    """The entries of the ledger, one a line, in the order of policies and runs; of an unpacked archive, its own file."""
    if (folder / LEDGER).is_file():
        return read_bytes(folder / LEDGER)
    return "".join(f"{json.dumps(_entry(path))}\n" for path in sorted((folder / "ledger").glob("p*.json"))).encode()


def _entry(path: Path) -> Any:
    try:
        return json.loads(read_bytes(path))
    except (ValueError, RecursionError):
        raise InputError(path, "entry", None, "is damaged; remove it, the archive can do without") from None


def _write_zip(path: Path, top: str, contents: dict[str, Content]) -> None:
    """A zip whose bytes depend on names and contents alone; files are copied piece by piece."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(f"{top}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is written
            entry.external_attr = 0o644 << 16
            if isinstance(content, bytes):
                archive.writestr(entry, content)
                continue
            entry.file_size = content.stat().st_size  # so that large files get the fields that they need
            with content.open("rb") as source, archive.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
