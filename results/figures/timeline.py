"""The figure of when plants and networks decide and start: a row per plant and technology, one set of runs for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clusterpact.results.about import About
from clusterpact.results.arrow import Table, numbers, texts
from clusterpact.results.figures.style import COLOURS, panels, share_width, sign, title, years
from clusterpact.results.language import _, written
from clusterpact.texts import shortened

DATES = (("fid_year", COLOURS[0], 0.14), ("start_year", COLOURS[5], -0.14))  #: of a project: column, colour, height
LEAST_SHARE = 0.1  #: of runs, under some policy: what a plant decides more rarely has no row
LEFT, RIGHT, GAP = 3.1, 0.5, 0.45  #: inches: names, shares, and shares between panels
Row = tuple[str, str]  #: plant or network, and technology: none of a network, and of what never decides
Mark = tuple[float, float, float, float, tuple[float, ...]]  #: height; P10, median and P90 of dates; colour


@dataclass(frozen=True)
class _Decided:
    """What is decided in how many runs: the policies, and by policy and row the dates of each column, NaN if missing."""

    policies: list[str]
    runs: int
    dates: dict[tuple[str, Row], dict[str, np.ndarray]]


def _decided(projects: Table) -> _Decided:
    """The last decisions of a table of projects; groups by the names of policy, plant and technology."""
    run = numbers(projects, "run")
    (policy, policies), (agent, agents), (technology, technologies) = (
        texts(projects, column) for column in ("policy", "agent", "technology")
    )
    columns = {column: numbers(projects, column).astype(float) for column, _colour, _height in DATES}
    rows = np.flatnonzero(~np.isnan(columns["fid_year"]))
    technologies = [*technologies, ""]  # where there is none, -1
    place = ((policy.astype(np.int64) * len(agents) + agent) * len(technologies) + technology % len(technologies))[rows]
    rows, place = rows[order := np.argsort(place, kind="stable")], place[order]
    found, firsts = np.unique(place, return_index=True)
    groups = {}
    for one, mine in zip(found.tolist(), np.split(rows, firsts[1:]), strict=False):
        who, name = divmod(one, len(technologies))
        key = (policies[who // len(agents)], (agents[who % len(agents)], technologies[name]))
        groups[key] = {column: dates[mine] for column, dates in columns.items()}
    return _Decided(policies, len(np.unique(run)), groups)


def rows_of(projects: Table, about: About) -> list[Row]:
    """The rows of the figure: of every agent that is shown the technologies of its last decisions, and those announced."""
    return _rows(_decided(projects), about)


def _rows(decided: _Decided, about: About) -> list[Row]:
    """The technologies that are decided often enough, the most frequent under any policy first."""
    counts = {key: len(dates["fid_year"]) for key, dates in decided.dates.items()}
    often = [key for key in sorted(counts) if counts[key] >= LEAST_SHARE * decided.runs]
    technologies: dict[str, dict[str, None]] = {}
    for _policy, (agent, name) in sorted(often, key=lambda key: -counts[key]):
        technologies.setdefault(agent, {})[name] = None
    rows: list[Row] = []
    for agent in about.shown:
        names = technologies.get(agent, {}) | {name: None for owner, name in about.announced if owner == agent}
        rows += [(agent, name) for name in names] or [(agent, "")]
    return rows


def spread(dates: Sequence[float], end: float) -> tuple[float, float, float]:
    """P10, median and P90 of dates, of which those that are missing come after the horizon and stand at its end."""
    values = np.sort(np.asarray(dates, float))  # missing ones last
    low, median, high = (values[max(0, -(-share * len(values) // 10) - 1)] for share in (1, 5, 9))
    return float(np.fmin(low, end)), float(np.fmin(median, end)), float(np.fmin(high, end))


def timeline(projects: Table, about: About) -> Figure:
    """When do plants and networks decide and start? Of the runs in which it is a plant's last decision, median and P10-P90
    of FID and start; what has not started by the end stands there. Right: the share of runs. What
    is decided in less than a tenth of runs under every package has no row."""
    decided = _decided(projects)
    policies, rows = decided.policies, _rows(decided, about)
    columns = min(len(policies), 4)
    size = (share_width(columns, LEFT, RIGHT, GAP), 0.2 * max(1, len(rows)))
    figure, axes = panels(-(-len(policies) // columns), columns, size, left=LEFT, right=RIGHT, gap=GAP, sharex=True)
    for policy, axis in zip(policies, axes.flat, strict=False):
        years(axis, about.first_year, about.last_year + 1)
        axis.set_ylim(-0.8, max(1, len(rows)) - 0.2)
        _draw(axis, [decided.dates.get((policy, row)) for row in rows], decided.runs, about)
        _announce(axis, rows, about)
        title(axis, about.titled(policy), 8.5)
        axis.tick_params(axis="x", labelsize=8)
        axis.grid(axis="x", color="#E5E5E5", lw=0.7)
    for axis in list(axes.flat)[len(policies) :]:
        axis.set_visible(False)
    for place, axis in enumerate(axes.flat):
        _name(axis, [] if place % columns else _labels(rows, about)[::-1], max(1, len(rows)))
    question = _("When do plants and networks decide and start?")
    if about.left_out:
        question += " " + _("(the largest; {count} more are in the tables)").format(count=written(f"{about.left_out:,}"))
    note = sign(figure, about, question, decided.runs)
    figure.legend(handles=_handles(), loc="lower left", ncols=5, frameon=False, fontsize=7.5, bbox_to_anchor=(0, note),
                  columnspacing=1.2, handletextpad=0.5)  # fmt: skip
    return figure


def _name(axis: Any, labels: list[str], rows: int) -> None:
    """Names beside the rows of a panel; where there are none, ticks drawn in one stroke, each of which would be five."""
    axis.set_yticks(range(len(labels)), labels, fontsize=7)
    if not labels:
        beside = axis.get_yaxis_transform()  # across in shares of the panel, up in rows
        size, width = mpl.rcParams["ytick.major.size"], mpl.rcParams["ytick.major.width"]
        axis.plot([0] * rows, range(rows), marker=mpl.markers.TICKLEFT, ms=size, mew=width, color="black", ls="none",
                  transform=beside, clip_on=False)  # fmt: skip


def _announce(axis: Any, rows: list[Row], about: About) -> None:
    """The planned starts in the rows of a panel."""
    planned = [(year, y) for y, row in enumerate(reversed(rows)) for year in about.announced.get(row, ())]
    if planned:
        axis.plot(*zip(*planned, strict=True), marker="|", color="black", ms=9, mew=1.6, ls="none", zorder=4)


def _draw(axis: Any, found: list[dict[str, np.ndarray] | None], runs: int, about: About) -> None:
    """Dates and shares of every row of a panel, from the top; a median after the horizon is an open mark at its end."""
    end = about.last_year + 1.0
    beside = axis.get_yaxis_transform()
    marks: list[Mark] = []
    for y, group in enumerate(reversed(found)):
        share = 0.0 if group is None else len(group["fid_year"]) / runs
        words = _("{share} %").format(share=f"{100 * share:.0f}")
        axis.text(1.03, y, words, transform=beside, va="center", fontsize=7, color="#444444")
        for column, colour, shift in DATES if group is not None else ():
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
