"""Figures of a search: its front against packages made by hand, and all objectives of every package side by side."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from clusterpact.results.about import Searched
from clusterpact.results.figures.style import COLOURS, fitted, frame, panels, share_width
from clusterpact.results.language import _, written
from clusterpact.results.report.found_words import objective, scale_of, unit_of
from clusterpact.results.report.words import number
from clusterpact.results.statistics.kinds import Aim

MOST_PAIRS = 3  #: panels of the front
FOUND_COLOUR, FAINT, KNEE_COLOUR = "#8C8C8C", "#D4D4D4", COLOURS[5]
HAND_COLOURS = (COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[3], COLOURS[7], COLOURS[4])
MARKERS = "sD^vP*X"


def front(found: Searched) -> Figure:
    """Which packages does nothing beat? Pairs of objectives: means over fresh futures with 95 % intervals, of the packages
    that were found and of the experiment's own.
    """
    aims = found.wanted.objectives if len(found.wanted.objectives) > 1 else found.wanted.objectives * 2
    pairs = list(combinations(aims, 2))[:MOST_PAIRS]
    width = share_width(len(pairs), 0.9, 0.35, 0.85, 3.6)
    figure, axes = panels(1, len(pairs), (width, 2.9), left=0.9, right=0.35, gap=0.85)
    middle = found.front["knee"]
    for axis, (x, y) in zip(axes[0], pairs, strict=True):
        _points(axis, found, found.front[~middle], (x, y), (FOUND_COLOUR, "o", _("found")))
        _points(axis, found, found.front[middle], (x, y), (KNEE_COLOUR, "o", _("found, most balanced")))
        for style, (_place, row) in zip(_hand(found), found.hand.iterrows(), strict=True):
            _points(axis, found, row.to_frame().T, (x, y), style)
        axis.set_xlabel(_named(found, x, width), fontsize=9)
        axis.set_ylabel(_named(found, y, 2.9), fontsize=9)
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.tick_params(labelsize=8)
    note = frame(figure, _("Which packages does nothing beat, and how do the experiment's own stand?"), _note(found))
    _legend(figure, axes[0, 0], note)
    return figure


def _hand(found: Searched) -> list[tuple[str, str, str]]:
    """Colour, marker and name of the experiment's own packages."""
    names = [found.about.titled(name) for name in found.hand["package"]]
    return [(HAND_COLOURS[k % len(HAND_COLOURS)], MARKERS[k % len(MARKERS)], name) for k, name in enumerate(names)]


def _named(found: Searched, aim: Aim, inches: float, lines: int = 2) -> str:
    """An objective and its unit, in the lines that an axis has for it."""
    unit = unit_of(found, aim)
    return fitted(f"{objective(found, aim)}{f', {unit}' if unit else ''}", inches, 9, lines)


def _note(found: Searched) -> str:
    """What the figures rest on."""
    text = _("{title} · {packages} packages tried · {runs} fresh runs per package · search {id}")
    return text.format(title=_(found.about.title), packages=written(f"{found.tried:,}"),
                       runs=written(f"{found.wanted.runs_most:,}"), id=found.id)  # fmt: skip


def _legend(figure: Any, axis: Any, note: float, more: float = 0.1) -> None:
    """Names below the panels, for which the figure grows, and by some inches more."""
    handles, names = axis.get_legend_handles_labels()
    width, height = figure.get_size_inches()
    columns = max(1, int(width / 2.3))
    rows = -(-len(names) // columns)
    more += 0.2 * rows
    for one in figure.axes:
        left, bottom, wide, high = one.get_position(original=True).bounds
        one.set_position((left, (bottom * height + more) / (height + more), wide, high * height / (height + more)))
    for text in figure.texts:
        text.set_y(text.get_position()[1] if text.get_va() == "top" else text.get_position()[1] * height / (height + more))
    figure.set_size_inches(width, height + more)
    shown = [fitted(name, width / columns - 0.45, 8) for name in names]
    figure.legend(handles, shown, frameon=False, fontsize=8, ncols=columns, loc="lower left",
                  bbox_to_anchor=(0.0, note * height / (height + more)))  # fmt: skip


def _points(axis: Any, found: Searched, rows: pd.DataFrame, pair: tuple[Aim, Aim], style: tuple[str, str, str]) -> None:
    """Packages with their intervals."""
    if rows.empty:
        return
    colour, marker, label = style
    at, spans = [], []
    for aim in pair:
        low, middle, high = (
            scale_of(found, aim) * rows[f"{aim.name}{end}"].to_numpy(float) for end in ("_low", "", "_high")
        )
        at.append(middle)
        spans.append(np.abs(np.array([low, high]) - middle))
    is_one_of_many = colour == FOUND_COLOUR
    axis.errorbar(*at, yerr=spans[1], xerr=spans[0], fmt=marker, ms=4 if marker == "o" else 5, lw=0.7, color=colour,
                  ecolor=FAINT if is_one_of_many else colour, label=label, zorder=2 if is_one_of_many else 3)  # fmt: skip


def trade_offs(found: Searched) -> Figure:
    """What does one objective cost in the others? A line per package across all objectives, the better end of each above;
    the figures at the ends are those of the best and the worst package, in fresh futures.
    """
    aims, table = found.wanted.objectives, found.tables["front"]
    wide, inches = 7.0, min(2.2, 7.0 / max(1, len(aims) - 1) - 0.1)
    figure, axes = panels(1, 1, (wide, 3.2), left=1.25, right=1.2)
    axis = axes[0, 0]
    values = np.column_stack([-aim.sign * table[aim.name].to_numpy(float) for aim in aims])
    low, high = values.min(axis=0), values.max(axis=0)
    table = table.assign(line=list((values - low) / np.where(high > low, high - low, 1.0)))
    places = np.arange(len(aims))
    rows = {made: table[table["package"].isin(some["package"])] for made, some in (("f", found.front), ("h", found.hand))}
    for k, line in enumerate(rows["f"].loc[~rows["f"]["knee"], "line"]):
        axis.plot(places, line, color=FOUND_COLOUR, lw=0.7, alpha=0.7, label=None if k else _("found"))
    for line in rows["f"].loc[rows["f"]["knee"], "line"]:
        axis.plot(places, line, color=KNEE_COLOUR, lw=2.5, marker="o", ms=4, label=_("found, most balanced"), zorder=3)
    for (colour, marker, name), line in zip(_hand(found), rows["h"]["line"], strict=True):
        axis.plot(places, line, color=colour, lw=1.5, marker=marker, ms=5, label=name)
    for k, aim in enumerate(aims):
        ends = (-aim.sign * scale_of(found, aim) * end[k] for end in (high, low))
        for end, y, side in zip(ends, (1.04, -0.04), ("bottom", "top"), strict=True):
            axis.text(k, y, number(end), ha="center", va=side, fontsize=8)
    axis.set_xticks(places, [_named(found, aim, inches, 3) for aim in aims], fontsize=9)
    axis.set_xlim(-0.02, len(aims) - 1 + 0.02 if len(aims) > 1 else 0.02)
    axis.set_ylim(-0.14, 1.16)
    axis.set_yticks([0, 1], [_("worst"), _("best")], fontsize=9)
    axis.tick_params(length=0, pad=6)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    for place in places:
        axis.axvline(place, ymin=0.14 / 1.3, ymax=1.14 / 1.3, color="#CCCCCC", lw=0.8, zorder=0)
    note = frame(figure, _("What does one objective cost in the others?"), _note(found))
    _legend(figure, axis, note, 0.25)
    return figure
