"""A copy of the checkout to edit as a contributor would, and to run in a process of its own."""

import shutil

from tests.commands import ROOT, printed, python

ROOMS = ("clusterpact", "agents", "policies", "sim", "experiments", "results")


class Copy:
    """A copy of the checkout, and which of its files were edited."""

    def __init__(self, folder):
        self.folder = folder
        self.edited = set()
        for room in ROOMS:
            shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))

    def edit(self, name, *changes):
        """Replace texts in a file; each must be there."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for old, new in changes:
            assert old in text, f"{name}: {old}"
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        self.edited.add(name)

    def append(self, name, *lines):
        """Add lines to the end of a file, which may be new."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        self.edited.add(name)

    def say(self, code):
        """What a program prints in a process that finds this copy; rules run as plain Python."""
        return printed("-c", code, where=self.folder, PYTHONPATH=str(self.folder), NUMBA_DISABLE_JIT="1").strip()

    def command(self, *words):
        """The finished process of a command of this copy."""
        return python("-m", "clusterpact", *words, where=self.folder, PYTHONPATH=str(self.folder), NUMBA_DISABLE_JIT="1")
