"""Where compiled rules are kept: a folder that nobody else can write, and files that say when they are damaged.

Machine code runs, and what Numba keeps is unpickled, which runs what the file says too. So a folder is used only if it is
this user's alone; else the rules are compiled into a temporary folder, which this process and those that it starts share.
"""

import atexit
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

import platformdirs

SHARED = "CLUSTERPACT_CACHE"  #: names the temporary folder to processes that this one starts
CHECKED = hasattr(os, "geteuid")  #: whether owners and modes say who may write; Windows keeps users apart by itself
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_ENTER = stat.S_IXGRP | stat.S_IXOTH
_said: set[str] = set()


def open_cache(name: str) -> Path:
    """The folder of this name for compiled code, private to this user."""
    shared = os.environ.get(SHARED)
    place = Path(shared if shared and Path(shared).is_dir() else platformdirs.user_cache_dir("clusterpact"))
    try:
        return _private(place, name)
    except OSError as error:
        reason = error.strerror or str(error)
        say(f"{error.filename or place} cannot keep compiled rules ({reason}), so they are compiled anew into a temporary "
            "folder; expected a folder that only you can write: set XDG_CACHE_HOME")  # fmt: skip
        return _private(_temporary(), name)


def _private(place: Path, name: str) -> Path:
    """A folder of this name in `place`, both made where missing; raises OSError if anybody else could write there."""
    folder = place / name
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if CHECKED:
        _check_above(place.parent.resolve())
    for part in (place, folder):
        part.mkdir(exist_ok=True, mode=0o700)
        if CHECKED:
            _check_own(part, tighten=part == place)
    with tempfile.TemporaryFile(dir=folder):
        return folder


def _check_above(folder: Path) -> None:
    """Raise OSError if another user owns a folder, or if any user may rename what lies in it or in one above it."""
    if folder.stat().st_uid not in (0, os.geteuid()):
        raise PermissionError(0, "belongs to another user", str(folder))
    exposed = None
    for part in (folder, *folder.parents):
        mode = part.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            exposed = part
        if not mode & OTHERS_ENTER:
            exposed = None
    if exposed is not None:
        raise PermissionError(0, "any user can write there", str(exposed))


def _check_own(folder: Path, tighten: bool) -> None:
    """Raise OSError unless this is a real folder of this user's that others cannot write; `tighten`: make it so."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid():
            raise PermissionError(0, "belongs to another user", str(folder))
        if status.st_mode & OTHERS_WRITE:
            if not tighten:
                raise PermissionError(0, "other users could write there; remove it", str(folder))
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def _temporary() -> Path:
    """A new private folder, which goes when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="clusterpact-"))
    maker = os.getpid()
    os.environ[SHARED] = str(folder)

    def remove() -> None:
        if os.getpid() == maker:  # not a copy of this process, which may end first
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def set_aside(path: Path) -> None:
    """Remove what lies at a path of the cache and is not what was put there."""
    say(f"compiled rules in {path.parent} were damaged and are compiled anew")
    try:
        path.unlink()
    except OSError:
        shutil.rmtree(path, ignore_errors=True)


def say(text: str) -> None:
    """Say something on stderr, once."""
    kind = text.partition("(")[0]
    if kind not in _said:
        _said.add(kind)
        print(f"clusterpact: note: {text}", file=sys.stderr)
