"""How the work goes, told where somebody looks: a bar on a terminal, one changing line in a notebook, lines in a log."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clusterpact.cli import console
from clusterpact.experiments.running.progress import Progress


@contextmanager
def told(progress: bool) -> Iterator[Progress]:
    """Who is told how the work goes; nobody if `progress` is False."""
    if progress and in_notebook():
        yield Line()
    else:
        with console.progress(quiet=not progress) as shown:
            yield shown


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")


class Line:
    """Progress as one line under the cell of a notebook."""

    def __init__(self) -> None:
        self._handle: Any = None

    def note(self, text: str) -> None:
        """Say what is being done."""
        self._show(text)

    def report(self, done: int, total: int, failed: int) -> None:
        """Count runs: done of total, of which failed."""
        self._show(f"{done:,} of {total:,} runs" + (f", {failed:,} failed" if failed else ""))

    def _show(self, text: str) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._handle.update({"text/plain": text}, raw=True)
