"""Files that are there whole or not at all, and their checksums."""

import glob
import hashlib
import os
import platform
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clusterpact.inputs import InputError


@contextmanager
def replacing(path: Path, tidy: bool = True) -> Iterator[Path]:
    """A temporary file, of a name that no other process takes, which replaces `path` at the end; nothing if that fails.

    An error of the system then names `path`, whatever it says itself. Raises InputError for a path where something other
    than a file stands, such as a device: it would be replaced. tidy: first remove what killed processes left of it, which
    takes a look through the folder; not for the many files of a folder that is swept as a whole.
    """
    if path.exists() and not path.is_file():
        raise InputError(path, "file", None, "is no ordinary file; expected the name of a file to write")
    path.parent.mkdir(parents=True, exist_ok=True)
    if tidy:
        remove_left(path)
    temporary = path.with_name(f".{path.name}.{platform.node()}.{os.getpid()}.{threading.get_ident()}")
    try:
        yield temporary
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def remove_left(path: Path) -> None:
    """Remove what killed processes of this machine left of a file or folder of this name that they had not finished."""
    prefix = f".{path.name}.{platform.node()}."
    for left in path.parent.glob(f"{glob.escape(prefix)}*"):
        number = left.name.removeprefix(prefix).partition(".")[0]
        try:
            os.kill(int(number), 0)
        except (ProcessLookupError, ValueError, OverflowError):
            shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
        except PermissionError:  # it lives, and is another user's
            continue


def sweep(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder; no other process may be writing there."""
    for left in (*folder.glob(".*.json.*"), *folder.glob(".*.parquet.*")):
        left.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes, tidy: bool = True) -> None:
    """Write a file so that it is there whole or not at all; tidy as in `replacing`."""
    with replacing(path, tidy) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_links(folder: Path) -> None:
    """Raise InputError for anything in a folder that is neither a file nor a folder of its own: a link, a pipe, a device.

    The folder may be a link itself. What lies behind a link in it is another's: it is neither read for the folder nor
    written to. Whatever another process removes meanwhile is none.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            if entry.is_symlink():
                raise InputError(entry.path, "file", None, "is a link; expected files and folders of the result's own")
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif not entry.is_file(follow_symlinks=False) and Path(entry.path).exists():
                raise InputError(entry.path, "file", None, "is no ordinary file; expected files and folders")
