"""The figure of when plants and networks decide and start: a row per plant and technology, one set of runs for both."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clusterpact.results.about import About
from clusterpact.results.figures.style import COLOURS, panels, share_width, sign, title, years
from clusterpact.results.language import _, written
from clusterpact.texts import shortened

DATES = (("fid_year", COLOURS[0], 0.14), ("start_year", COLOURS[5], -0.14))  #: of a project: column, colour, height
LEAST_SHARE = 0.1  #: of runs, under some policy: what a plant decides more rarely has no row
LEFT, RIGHT, GAP = 3.1, 0.5, 0.45  #: inches: names, shares, and shares between panels
Row = tuple[str, str]  #: plant or network, and technology: none of a network, and of what never decides
Mark = tuple[float, float, float, float, tuple[float, ...]]  #: height; P10, median and P90 of dates; colour


def rows_of(projects: pd.DataFrame, about: About) -> list[Row]:
    """The rows of the figure: of every agent that is shown the technologies of its last decisions, and those announced."""
    decided = projects[projects["fid_year"].notna()].assign(technology=projects["technology"].fillna(""))
    counts = decided.groupby(["policy", "agent", "technology"])["run"].nunique().reset_index()
    counts = counts[counts["run"] >= LEAST_SHARE * projects["run"].nunique()].sort_values(
        "run", ascending=False, kind="stable"
    )
    rows: list[Row] = []
    for agent in about.shown:
        often = list(dict.fromkeys(str(name) for name in counts.loc[counts["agent"] == agent, "technology"]))
        often += [name for owner, name in about.announced if owner == agent and name not in often]
        rows += [(agent, name) for name in often] or [(agent, "")]
    return rows


def spread(dates: pd.Series, end: float) -> tuple[float, float, float]:
    """P10, median and P90 of dates, of which those that are missing come after the horizon and stand at its end."""
    values = np.sort(dates.fillna(np.inf).to_numpy())
    low, median, high = np.quantile(values, [0.1, 0.5, 0.9], method="inverted_cdf")
    return min(low, end), min(median, end), min(high, end)


def timeline(projects: pd.DataFrame, about: About) -> Figure:
    """When do plants and networks decide and start? Of the runs in which it is a plant's last decision, median and P10-P90
    of FID and start; what has not started by the end stands there. Right: the share of runs. What
    is decided in less than a tenth of runs under every package has no row."""
    policies = list(dict.fromkeys(projects["policy"]))
    rows = rows_of(projects, about)
    columns = min(len(policies), 4)
    size = (share_width(columns, LEFT, RIGHT, GAP), 0.2 * max(1, len(rows)))
    figure, axes = panels(
        -(-len(policies) // columns), columns, size, left=LEFT, right=RIGHT, gap=GAP, sharex=True, sharey=True
    )
    runs = projects["run"].nunique()
    for policy, axis in zip(policies, axes.flat, strict=False):
        mine = projects[(projects["policy"] == policy) & projects["fid_year"].notna()]
        mine = mine.assign(technology=mine["technology"].fillna(""))
        groups = {(str(agent), str(name)): group for (agent, name), group in mine.groupby(["agent", "technology"])}
        _draw(axis, [groups.get(row) for row in rows], runs, about)
        for y, (agent, name) in enumerate(reversed(rows)):
            for year in about.announced.get((agent, name), ()):
                axis.plot(year, y, marker="|", color="black", ms=9, mew=1.6, zorder=4)
        title(axis, about.titled(policy), 8.5)
        years(axis, about.first_year, about.last_year + 1)
        axis.set_ylim(-0.8, max(1, len(rows)) - 0.2)
        axis.tick_params(axis="x", labelsize=8)
        axis.grid(axis="x", color="#E5E5E5", lw=0.7)
    for axis in list(axes.flat)[len(policies) :]:
        axis.set_visible(False)
    axes[0, 0].set_yticks(range(max(1, len(rows))), _labels(rows, about)[::-1], fontsize=7)
    question = _("When do plants and networks decide and start?")
    if about.left_out:
        question += " " + _("(the largest; {count} more are in the tables)").format(count=written(f"{about.left_out:,}"))
    note = sign(figure, about, question, runs)
    figure.legend(handles=_handles(), loc="lower left", ncols=5, frameon=False, fontsize=7.5, bbox_to_anchor=(0, note),
                  columnspacing=1.2, handletextpad=0.5)  # fmt: skip
    return figure


def _draw(axis: Any, found: list[pd.DataFrame | None], runs: int, about: About) -> None:
    """Dates and shares of every row of a panel, from the top; a median after the horizon is an open mark at its end."""
    end = about.last_year + 1.0
    beside = axis.get_yaxis_transform()  # across in shares of the panel, up in rows
    marks: list[Mark] = []
    for y, group in enumerate(reversed(found)):
        share = 0.0 if group is None else len(group) / runs
        axis.text(
            1.03,
            y,
            _("{share} %").format(share=f"{100 * share:.0f}"),
            transform=beside,
            va="center",
            fontsize=7,
            color="#444444",
        )
        if group is None:
            continue
        for column, colour, shift in DATES:
            low, median, high = spread(group[column], end)
            marks.append((y + shift, low, median, high, to_rgba(colour, 0.3 + 0.7 * share)))
    _mark(axis, marks, end)


def _mark(axis: Any, marks: list[Mark], end: float) -> None:
    """Draw all marks of a panel in a few strokes, which is five times faster than each by itself."""
    if marks:
        heights, lows, _medians, highs, colours = zip(*marks, strict=True)
        axis.hlines(heights, lows, highs, color=colours, lw=2.2)
    for late, shape in ((False, "o"), (True, ">")):
        chosen = [mark for mark in marks if (mark[2] >= end) == late]
        if chosen:
            heights, _lows, medians, _highs, colours = zip(*chosen, strict=True)
            inner = [(1.0, 1.0, 1.0, colour[3]) if late else colour for colour in colours]
            axis.scatter(medians, heights, s=16, marker=shape, facecolor=inner, edgecolor=colours, lw=1, zorder=3,
                         clip_on=False)  # fmt: skip


def _labels(rows: list[Row], about: About) -> list[str]:
    """The name of each row: plant and technology, the plant once; of a network with spare capacity what it decides."""
    if not rows:
        return [_("nothing here has anything to decide")]
    labels, before = [], ""
    for agent, technology in rows:
        said = _(technology or ("extension" if agent in about.extending else ""))
        name = shortened(about.names[agent], 26 if said else 50)
        both = f"{name} · {shortened(said, 48 - len(name))}" if said else name
        labels.append(f"· {shortened(said, 40)}" if agent == before else both)
        before = agent
    return labels


def _handles() -> list[Line2D]:
    return [
        Line2D([], [], color=COLOURS[0], marker="o", ms=4, lw=2.2, label=_("FID, median and P10-P90")),
        Line2D([], [], color=COLOURS[5], marker="o", ms=4, lw=2.2, label=_("start of operation")),
        Line2D([], [], color="#666666", marker=">", ms=4, mfc="white", ls="none", label=_("after the horizon")),
        Line2D([], [], color="black", marker="|", ms=9, mew=1.6, ls="none", label=_("planned start")),
        Line2D([], [], ls="none", label=_("right: share of runs (paler if rarer)")),
    ]
