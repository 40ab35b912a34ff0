"""Figures are drawn in processes of their own, since Matplotlib is slow to import and to draw and holds Python's lock.

The processes import it while the runs are computed; each figure is then drawn by one that has it already.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from clusterpact.results.about import About
from clusterpact.results.figures.letters import UNSHOWN
from clusterpact.results.figures.preloading import CAN_PRELOAD, MODULES, preload
from clusterpact.results.recorded import FIGURES, WITH_SIGNALS

#: Which columns some figures read of their tables; the others read all.
NEEDED: dict[str, Callable[[str], bool]] = {
    "timeline": {"policy", "run", "agent", "technology", "fid_year", "start_year"}.__contains__,
    "runs": lambda column: column in ("policy", "run", "cumulative_mt") or column.startswith("abated_share_"),
}
KINDS = ("png",)  #: of picture that are drawn if nobody asks for others
Drawn = tuple[list[Path], set[str]]  #: files of a figure, and the letters that no font has


def figures_of(tables: Collection[str], has_signals: bool) -> dict[str, str]:
    """The figures of a result with their tables, of those that it records; whether a package of it waits for a signal."""
    found = FIGURES | (WITH_SIGNALS if has_signals else {})
    return {name: table for name, table in found.items() if table in tables}


class Painters:
    """Processes that draw; they start in the background, and keep nobody waiting until `drawing` ends.

    Whoever starts them ends them (`with`): a pool that still starts while its command ends would wait for ever.
    """

    def __init__(self, processes: int) -> None:
        self.processes = min(processes, len(FIGURES))
        self._begun: dict[tuple[Path, str], Future[Future[Drawn]]] = {}
        self._starter = ThreadPoolExecutor(1)
        self._pool: Future[ProcessPoolExecutor] = self._starter.submit(self._start)

    def _start(self) -> ProcessPoolExecutor:
        """Start the processes and have them import what they need."""
        preload()
        context: Any = multiprocessing.get_context("forkserver" if CAN_PRELOAD else "spawn")
        pool = ProcessPoolExecutor(self.processes, mp_context=context, initializer=_end_with_parent)
        for _ in range(self.processes):
            pool.submit(_get_ready)
        return pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.result().shutdown(cancel_futures=True)
        self._starter.shutdown()

    def begin(self, folder: Path, about: About, tables: Collection[str], kinds: Collection[str] = KINDS) -> None:
        """Draw every figure of these tables of a result meanwhile, unless that has begun; returns at once."""
        about = replace(about, track_record=str)  # which no figure tells, and is not to be imported for
        for name, table in figures_of(tables, any(policy.signals for policy in about.policies)).items():
            if (folder, name) not in self._begun:
                self._begun[folder, name] = self._starter.submit(self._submit, name, table, folder, about, tuple(kinds))

    def _submit(self, *drawn: Any) -> "Future[Drawn]":
        return self._pool.result().submit(_draw, *drawn)

    @contextmanager
    def drawing(
        self, folder: Path, about: About, tables: Collection[str], kinds: Collection[str] = KINDS
    ) -> Iterator[list[Path]]:
        """Draw every figure whose table a result has into its `figures` folder, as pictures of these kinds, meanwhile.

        Those that have begun are not drawn again. Their paths are in the list that it gives once the block has ended.
        """
        paths: list[Path] = []
        self.begin(folder, about, tables, kinds)
        yield paths
        for one, unshown in (begun.result().result() for (place, _), begun in self._begun.items() if place == folder):
            paths.extend(one)
            UNSHOWN.update(unshown)
        paths.sort()


def _end_with_parent() -> None:
    """End this process as soon as its parent has ended, in whatever way."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _get_ready() -> None:
    """Import what is needed to draw, where no process has done so before this one was forked from it."""
    for name in MODULES:
        import_module(name)


def _draw(name: str, table: str, folder: Path, about: About, kinds: tuple[str, ...]) -> Drawn:
    """Draw one figure of a table; returns its files, and the letters that no font has."""
    from clusterpact.results.figures import result as plots
    from clusterpact.results.figures.style import keep
    from clusterpact.results.summary import read_arrow, read_table

    if name in WITH_SIGNALS:
        from clusterpact.results.statistics.pathways import is_needed

        figure = getattr(plots, name)(read_table(folder, table, is_needed), about)
    else:
        figure = getattr(plots, name)(read_arrow(folder, table, NEEDED.get(name)), about)
    return [keep(figure, folder / "figures" / f"{name}.{kind}") for kind in kinds], UNSHOWN
