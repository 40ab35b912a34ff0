"""Figures are drawn in processes of their own, since Matplotlib is slow to import and to draw and holds Python's lock.

The server process imports it while the runs are computed; each figure is then drawn by a child that has it already.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

#: Every figure with the table that it shows; the slowest first. Functions of these names draw them in `results/plots.py`.
FIGURES = {"timeline": "projects", "emissions": "series", "gates": "series", "runs": "outcomes"}
CAN_PRELOAD = "forkserver" in multiprocessing.get_all_start_methods()


def prepare() -> None:
    """Start to import Matplotlib in the background, where the system has a fork server (not on Windows)."""
    if CAN_PRELOAD:
        multiprocessing.set_forkserver_preload(["results.plots"])
        forkserver.ensure_running()


def draw_all(folder: Path, about: dict[str, Any], processes: int) -> list[Path]:
    """Draw every figure of a result into its `figures` folder; about: title, id, targets, names, first_year."""
    (folder / "figures").mkdir(exist_ok=True)
    context: Any = multiprocessing.get_context("forkserver" if CAN_PRELOAD else "spawn")
    with ProcessPoolExecutor(min(processes, len(FIGURES)), mp_context=context) as pool:
        paths = list(pool.map(_draw, FIGURES, repeat(folder), repeat(about)))
    return sorted(paths)


def _draw(name: str, folder: Path, about: dict[str, Any]) -> Path:
    from results import plots
    from results.summary import read_table

    path = folder / "figures" / f"{name}.png"
    figure = getattr(plots, name)(read_table(folder, FIGURES[name]), about)
    figure.savefig(path, metadata={"Software": None})
    return path
