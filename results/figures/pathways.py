"""The map of pathways: a row per step of a package, the years in which it is in force, and which step follows which.

In the manner of adaptation-pathway maps (Haasnoot and others 2013), drawn from what happened in the runs.
"""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.patheffects import withStroke

from clusterpact.policies.package import Package
from clusterpact.results.about import About
from clusterpact.results.figures.style import CELL, COLOURS, LETTER, fitted, panels, say, share_width, sign, years
from clusterpact.results.language import _, written
from clusterpact.results.report.pathways import action, chance, strength
from clusterpact.results.statistics.pathways import pathway_tables

LEFT, RIGHT = 3.6, 1.3  #: inches: what a step is, and how often it starts
NAMED = (LEFT - 0.3) * CELL / LETTER  #: what of that a name fills: one of words is narrower than its letters apart
WIDE = share_width(1, LEFT, RIGHT, 0.3, 9.0)  #: of a panel
ROW, DATED_ROW = 0.52, 0.29  #: inches: height of a row of what waits for a signal, and of what the calendar starts
RIBBON, DATED_RIBBON = 0.3, 0.19  #: of a ribbon that is in force in all runs
ABOVE, BELOW, BETWEEN = 0.75, 0.75, 0.62  #: the panels
DATED = "#B5B5B5"  #: colour of what the calendar starts
AWAITED = tuple(COLOURS[k] for k in (0, 5, 2, 3, 1, 4))  #: of what waits, in turn
HALO = [withStroke(linewidth=2, foreground="white")]
MOST = 6  #: packages that are drawn
APART = 0.75  #: years between arrows side by side
Row = dict[Any, Any]


def drawn_pathways(outcomes: pd.DataFrame, about: About) -> Figure:
    """The map of the pathways of a result, of the first packages that wait for a signal; see `result.pathways`."""
    tables = pathway_tables(outcomes, about.policies, about.first_year, about.last_year)
    names = [str(name) for name in dict.fromkeys(tables["pathways"]["policy"])] if tables else []
    mine = {name: {table: rows[rows["policy"] == name] for table, rows in tables.items()} for name in names[:MOST]}
    heights = [sum(map(_height, one["pathway_steps"].to_dict("records"))) for one in mine.values()] or [ROW]
    figure, axes = panels(len(heights), 1, (WIDE, 1.0), left=LEFT, right=RIGHT)
    _set_heights(figure, axes, heights)
    packages = {policy.name: policy for policy in about.policies}
    for axis, (name, found) in zip(axes[:, 0], mine.items(), strict=False):
        _draw(axis, found, packages[name], about)
    if not mine:
        say(axes[0, 0], _("no package waits for a signal"))
    question = _("Which step follows which signal, and how often?")
    if len(names) > MOST:
        more = _("(the first {shown} packages; {count} more are in the tables)")
        question += " " + more.format(shown=MOST, count=written(f"{len(names) - MOST:,}"))
    note = sign(figure, about, question, outcomes["run"].nunique())
    figure.legend(handles=_handles(), loc="lower left", ncols=5, frameon=False, fontsize=7.5, bbox_to_anchor=(0, note),
                  columnspacing=1.2, handletextpad=0.5)  # fmt: skip
    return figure


def _height(row: Row) -> float:
    """Inches of the row of a step."""
    return ROW if row["signal"] else DATED_ROW


def _set_heights(figure: Figure, axes: Any, heights: list[float]) -> None:
    """Panels one above the other, of heights in inches; up a panel, a unit is an inch."""
    whole = ABOVE + BELOW + sum(heights) + BETWEEN * (len(heights) - 1)
    figure.set_figheight(whole)
    top = whole - ABOVE
    for axis, high in zip(axes[:, 0], heights, strict=True):
        box = axis.get_position()
        axis.set_position((box.x0, (top - high) / whole, box.width, high / whole))
        axis.set_ylim(0, high)
        top -= high + BETWEEN


def _draw(axis: Any, tables: dict[str, pd.DataFrame], package: Package, about: About) -> None:
    """One package: its steps from the top, and arrows between them."""
    steps = tables["pathway_steps"].to_dict("records")
    high, last = axis.get_ylim()[1], about.last_year + 1
    places: dict[str, float] = {}
    colours: dict[str, str] = {}
    y = high
    for row in steps:
        y -= _height(row)
        places[row["instrument"]] = y + _height(row) / 2
        colours[row["instrument"]] = AWAITED[sum(map(bool, colours.values())) % len(AWAITED)] if row["signal"] else ""
    years(axis, about.first_year, last)
    for row in steps:
        name = row["instrument"]
        rows = tables["pathways"][tables["pathways"]["instrument"] == name]
        _ribbon(axis, places[name], rows, colours[name], last)
        said = strength(about, package, name)
        (_awaited if row["signal"] else _dated)(axis, places[name], row, said)
    _arrows(axis, tables["pathway_orders"], places, colours)
    axis.text(_beside(0.1), high + 0.1, fitted(about.titled(package.name), LEFT + WIDE, 10), fontsize=10, fontweight="bold",
              transform=axis.get_yaxis_transform())  # fmt: skip
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="x", labelsize=8)
    axis.grid(axis="x", color="#E8E8E8", lw=0.7)
    axis.set_axisbelow(True)


def _beside(inches: float) -> float:
    """A place so far from the left edge of the figure, in shares of a panel."""
    return (inches - LEFT) / WIDE


def _ribbon(axis: Any, y: float, rows: pd.DataFrame, colour: str, last: int) -> None:
    """The share of runs in which a step is in force, from year to year; without a colour it starts by the calendar."""
    at, share = [*rows["year"], last], [*rows["share"], rows["share"].iloc[-1]]
    axis.plot([at[0], last], [y, y], color="#D0D0D0", lw=0.8, zorder=1)
    half = (RIBBON if colour else DATED_RIBBON) / 2
    axis.fill_between(at, [y - half * one for one in share], [y + half * one for one in share], step="post",
                      color=colour or DATED, alpha=0.55, lw=0, zorder=2)  # fmt: skip


def _awaited(axis: Any, y: float, row: Row, said: str) -> None:
    """What waits for a signal: for which, when it starts, and how often."""
    across = axis.get_yaxis_transform()  # in shares of the panel across, in inches up
    x = _beside(0.1)
    axis.text(x, y + 0.04, fitted(action(row["instrument"]), NAMED, 8.5), transform=across, va="bottom", fontsize=8.5)
    axis.text(x, y + 0.02, fitted(said, LEFT - 0.2, 7, 2), transform=across, va="top", fontsize=7, color="#444444",
              linespacing=1.1)  # fmt: skip
    started = _("starts in {share}").format(share=chance(row["started_share"]))
    axis.text(1.02, y, started, transform=across, va="bottom" if row["never_share"] else "center", fontsize=8)
    if row["never_share"]:
        never = _("never in {share}").format(share=chance(row["never_share"]))
        axis.text(1.02, y - 0.01, never, transform=across, va="top", fontsize=7, color="#444444")
    if row["started_share"]:
        axis.hlines(y, row["year_p5"], row["year_p95"], color="black", lw=1.3, zorder=5)
        axis.plot(row["year_median"], y, marker="o", ms=6, mfc="white", mec="black", mew=1.2, ls="none", zorder=6)
        axis.annotate(str(row["year_median"]), (row["year_median"], y), xytext=(4, -4), textcoords="offset points",
                      fontsize=7, va="top", zorder=7, path_effects=HALO)  # fmt: skip


def _dated(axis: Any, y: float, row: Row, said: str) -> None:
    """What the calendar starts: what it is, how strong from when on, and where it ends."""
    axis.text(_beside(0.1), y, fitted(action(row["instrument"]), NAMED, 8.5), transform=axis.get_yaxis_transform(),
              va="center", fontsize=8.5, color="#444444")  # fmt: skip
    first, last = axis.get_xlim()
    before, after = ((end - row["year_median"]) * sign_ * WIDE / (last - first) for end, sign_ in ((first, -1), (last, 1)))
    is_late = before > after
    shift, side = (-4, "right") if is_late else (4, "left")
    axis.annotate(fitted(said, max(before, after) - 0.1, 7), (row["year_median"], y), xytext=(shift, -0.5), ha=side,
                  textcoords="offset points", fontsize=7, va="center", zorder=7, path_effects=HALO)  # fmt: skip
    if not pd.isna(row["end_year"]):
        axis.vlines(row["end_year"], y - 0.13, y + 0.13, color="black", lw=2.4, zorder=5)


def _arrows(axis: Any, orders: pd.DataFrame, places: dict[str, float], colours: dict[str, str]) -> None:
    """An arrow per order that is told, from the row of the earlier step to that of the later one, in its median year."""
    taken: list[float] = []
    for row in orders[orders["is_direct"]].sort_values("share", ascending=False, kind="stable").to_dict("records"):
        x = float(row["later_year_median"])
        while any(abs(x - other) < APART for other in taken):
            x += APART
        taken.append(x)
        start, end, colour = places[row["earlier"]], places[row["later"]], colours[row["later"]]
        toward = -1 if end < start else 1
        axis.add_patch(FancyArrowPatch((x, start), (x, end - toward * 0.08), arrowstyle="-|>", mutation_scale=9, shrinkA=0,
                                       shrinkB=0, lw=0.8 + 3 * row["share"], color=colour, zorder=4))  # fmt: skip
        axis.plot(x, start, marker="o", ms=3.5, color=colour, ls="none", zorder=4)
        axis.annotate(chance(row["share"]), (x, start + 0.21 * toward), xytext=(4, 0), textcoords="offset points",
                      fontsize=7.5, va="center", zorder=7, path_effects=HALO)  # fmt: skip


def _handles() -> list[Any]:
    return [
        Patch(color=AWAITED[0], alpha=0.55, lw=0, label=_("in force: as wide as the share of runs")),
        Line2D([], [], color="black", marker="o", ms=5, mfc="white", lw=1.3, label=_("start: median, 5 to 95 %")),
        Line2D([], [], color=AWAITED[1], marker="v", ms=6, ls="none", label=_("starts after, in so many runs")),
        Patch(color=DATED, alpha=0.55, lw=0, label=_("by the calendar")),
        Line2D([], [], color="black", marker="|", ms=9, mew=2.4, ls="none", label=_("end")),
    ]
