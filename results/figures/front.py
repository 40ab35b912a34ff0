"""Figures of a search: its front against packages made by hand, and all objectives of every package side by side."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clusterpact.results.figures.style import COLOURS, fitted, frame, panels, share_width, title

HAND = "by hand"
MOST_PAIRS = 3  #: panels of the front
FOUND_COLOUR, KNEE_COLOUR = "#8C8C8C", COLOURS[5]


def front(table: pd.DataFrame, objectives: Sequence[tuple[str, str]], note: str) -> Figure:
    """Which packages does nothing beat? Pairs of objectives, means with 95 % intervals on fresh luck.

    table: a row per package, with `package`, `made`, `knee` and per objective NAME, NAME_low, NAME_high; objectives: names
    and what is wanted of each, in words.
    """
    if len(objectives) == 1:
        objectives = [objectives[0], objectives[0]]
    pairs = list(combinations(range(len(objectives)), 2))[:MOST_PAIRS]
    width = share_width(len(pairs), 0.9, 0.25, 0.8)
    figure, axes = panels(1, len(pairs), (width, 3.2), left=0.9, gap=0.8)
    found = table[table["made"] != HAND]
    hand = table[table["made"] == HAND]
    for axis, (first, second) in zip(axes[0], pairs, strict=True):
        x, y = objectives[first][0], objectives[second][0]
        _points(axis, found[~found["knee"]], x, y, FOUND_COLOUR, "found")
        _points(axis, found[found["knee"]], x, y, KNEE_COLOUR, "found, in the middle (knee)")
        for colour, (_, row) in zip(COLOURS, hand.iterrows(), strict=False):
            _points(axis, row.to_frame().T, x, y, colour, str(row["package"]), "s")
        axis.set_xlabel(fitted(objectives[first][1], width, 9, 2), fontsize=9)
        axis.set_ylabel(fitted(objectives[second][1], 3.2, 9, 2), fontsize=9)
        axis.tick_params(labelsize=8)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    axes[0, -1].legend(handles, [fitted(one, 2.2, 8) for one in labels], frameon=False, fontsize=8, loc="best")
    frame(figure, "Which packages does nothing beat, and how do those made by hand stand?", note)
    return figure


def _points(axis: Any, rows: pd.DataFrame, x: str, y: str, colour: str, label: str, marker: str = "o") -> None:
    """Packages with their intervals."""
    if rows.empty:
        return
    at, up = rows[x].to_numpy(float), rows[y].to_numpy(float)
    spans = [np.abs(rows[[f"{name}_low", f"{name}_high"]].to_numpy(float).T - middle) for name, middle in ((x, at), (y, up))]
    axis.errorbar(at, up, yerr=spans[1], xerr=spans[0], fmt=marker, ms=4, lw=0.7, color=colour, label=label)


def trade_offs(table: pd.DataFrame, objectives: Sequence[tuple[str, str]], signs: Sequence[int], note: str) -> Figure:
    """What does one objective cost in the others? A line per package across all of them, the better end of each above."""
    figure, axes = panels(1, 1, (6.6, 3.4), left=0.75, right=1.9)
    axis = axes[0, 0]
    names = [name for name, _ in objectives]
    values = table[names].to_numpy(float) * -np.asarray(signs)
    low, high = values.min(axis=0), values.max(axis=0)
    scaled = (values - low) / np.where(high > low, high - low, 1.0)
    places = np.arange(len(names))
    hands = iter(COLOURS)
    for line, (_, row) in zip(scaled, table.iterrows(), strict=True):
        if row["made"] == HAND:
            axis.plot(places, line, color=next(hands, "black"), lw=2, marker="s", ms=4, label=str(row["package"]))
        elif row["knee"]:
            axis.plot(places, line, color=KNEE_COLOUR, lw=2, marker="o", ms=4, label=str(row["package"]))
        else:
            axis.plot(places, line, color=FOUND_COLOUR, lw=0.7, alpha=0.7)
    for k in range(len(names)):
        best, worst = (table[names[k]] * signs[k]).min() * signs[k], (table[names[k]] * signs[k]).max() * signs[k]
        axis.text(k, 1.03, f"{best:,.4g}", ha="center", va="bottom", fontsize=8)
        axis.text(k, -0.03, f"{worst:,.4g}", ha="center", va="top", fontsize=8)
    axis.set_xticks(places, [fitted(words, 6.6 / len(names), 9, 2) for _, words in objectives], fontsize=9)
    axis.set_ylim(-0.12, 1.14)
    axis.set_yticks([0, 1], ["worst", "best"], fontsize=9)
    axis.tick_params(length=0)
    title(axis, "")
    figure.legend(*axis.get_legend_handles_labels(), loc="center right", frameon=False, fontsize=8)
    frame(figure, "What does one objective cost in the others?", note)
    return figure
