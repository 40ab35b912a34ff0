"""Who is told how the work goes."""

from typing import Protocol


class Progress(Protocol):
    """Hears what is being done, and counts runs."""

    def note(self, text: str) -> None:
        """Hear what is being done."""
        ...

    def report(self, done: int, total: int, failed: int) -> None:
        """Count runs: done of total, of which failed."""
        ...


class Silent:
    """Nobody is told."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def report(self, done: int, total: int, failed: int) -> None:
        """Say nothing."""


SILENT = Silent()
