"""The figure of what was discovered: boxes over their dimensions, and density against coverage."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from clusterpact.results.about import Discovery
from clusterpact.results.figures.style import COLOURS, fitted, panels, say, shares, sign, title
from clusterpact.results.report.words import number

LEFT, WIDE = 3.6, 2.4


def boxes(found: Discovery) -> Figure:
    """In which futures does the event come? The interval of every box within the range of futures, and how its density rises
    as its coverage falls; crosses are the runs held out."""
    table = found.tables["boxes"]
    figure, axes = panels(1, 2, (WIDE, max(2.2, 0.7 + 0.3 * len(table))), left=LEFT, gap=0.8)
    _intervals(axes[0, 0], table)
    _trade_off(axes[0, 1], found)
    sign(figure, found.about, f"In which futures does it come that {found.event}, under {found.policy}?", found.runs)
    return figure


def _intervals(axis: Any, table: pd.DataFrame) -> None:
    """A bar per box and dimension, from 0, the least of all futures, to 1, the most."""
    title(axis, "interval within the range of futures", 9)
    if len(table) == 0:
        axis.set_axis_off()
        say(axis, "no box is told from the others")
        return
    places = range(len(table))[::-1]
    for place, row in zip(places, table.to_dict("records"), strict=True):
        span = row["most"] - row["least"]
        low, high = ((row[end] - row["least"]) / span if row[end] == row[end] else edge
                     for end, edge in (("low", 0.0), ("high", 1.0)))  # fmt: skip
        axis.plot([0, 1], [place, place], color="#DDDDDD", lw=5, solid_capstyle="butt")
        low, high = (low, high) if high > low else ((0.9, 1.0) if high == 1 else (0.0, 0.1))  # it did, or did not happen
        axis.plot([low, high], [place, place], color=COLOURS[row["box"] - 1], lw=5, solid_capstyle="butt")
    axis.set_yticks(list(places), [fitted(f"{row['box']}: {row['words']}", LEFT - 0.1, 8, 2)
                                   for row in table.to_dict("records")], fontsize=8)  # fmt: skip
    axis.set_ylim(-0.6, len(table) - 0.4)
    axis.set_xticks([0, 1], ["least", "most"], fontsize=8)


def _trade_off(axis: Any, found: Discovery) -> None:
    """Coverage against density of every step of peeling, and of the boxes, in runs held out too."""
    title(axis, "density against coverage", 9)
    for number_, rows in found.tables["boxes"].groupby("box"):
        colour, box = COLOURS[int(str(number_)) - 1], rows.iloc[0]
        path = found.tables["path"][found.tables["path"]["box"] == number_]
        axis.plot(path["coverage"], path["density"], color=colour, lw=0.8, marker=".", ms=3, alpha=0.6)
        axis.plot(box["coverage"], box["density"], color=colour, marker="o", ms=7, ls="none", label=f"box {number_}")
        axis.plot(box["held_coverage"], box["held_density"], color="black", marker="x", ms=6, ls="none", zorder=3)
    axis.axhline(found.base, color="#555555", lw=0.8, ls="--")
    axis.annotate(f"all futures: {number(100 * found.base)} %", (0.02, found.base), fontsize=8, va="bottom", color="#555555")
    axis.set(xlim=(0, 1.03), ylim=(0, 1.05))
    axis.set_xlabel("share of the event covered", fontsize=8)
    axis.set_ylabel("share of the box with the event", fontsize=8)
    axis.tick_params(labelsize=8)
    shares(axis.xaxis)
    shares(axis.yaxis)
    if len(found.tables["boxes"]):
        axis.legend(frameon=False, fontsize=8, loc="lower left")
