"""`clusterpact new`: a folder to start from, with a small cluster and an experiment."""

import shutil
from pathlib import Path

from clusterpact.experiments.making import MAKING
from clusterpact.inputs import InputError, usable_path

STARTER = MAKING / "starter"


def write_starter(folder: Path) -> None:
    """Copy the starter into a new folder."""
    if usable_path(folder, "folder").exists():
        raise InputError(folder, "folder", None, "exists; expected the name of a new folder")
    try:
        shutil.copytree(STARTER, folder)
    except OSError as error:
        raise InputError(folder, "folder", None, f"cannot be written ({error.strerror})") from None
