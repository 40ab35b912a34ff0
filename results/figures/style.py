"""What all figures share: colours, panels of a fixed size, and what stands above and below them."""

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from clusterpact.results.about import About

#: Okabe and Ito (2008), colour-blind safe.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
STYLE: Any = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11,
    "axes.titlelocation": "left",
}  # fmt: skip


def panels(
    rows: int,
    columns: int,
    panel: tuple[float, float],
    left: float = 0.75,
    right: float = 0.25,
    gap: float = 0.3,
    **options: Any,
) -> tuple[Figure, Any]:
    """Panels of a size, with margins left and right, all in inches (fixed margins draw three times faster than fitted)."""
    above, below = 0.75, 0.65
    width = left + right + columns * panel[0] + (columns - 1) * gap
    height = above + below + rows * panel[1] + (rows - 1) * 2 * gap
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height))
        axes = figure.subplots(rows, columns, squeeze=False, **options)
    figure.subplots_adjust(
        left / width, below / height, 1 - right / width, 1 - above / height, gap / panel[0], 2 * gap / panel[1]
    )
    return figure, axes


def frame(figure: Figure, question: str, note: str) -> None:
    """The question above a figure, and below it what it rests on."""
    height = figure.get_figheight()
    figure.text(0.01, 1 - 0.1 / height, question, ha="left", va="top", fontsize=13, fontweight="bold")
    figure.text(0.01, 0.08 / height, note, ha="left", va="bottom", fontsize=8, color="#555555")


def sign(figure: Figure, about: About, question: str, runs: int) -> None:
    """The question above a figure of a result, and below it the result's title, runs and id."""
    frame(figure, question, f"{about.title} · {runs:,} runs per policy · result {about.id}")
