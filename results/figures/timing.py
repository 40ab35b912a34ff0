"""Figures of timing: what starting, or ending, each instrument brings by year, a figure per stakeholder."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from clusterpact.results.about import Timing
from clusterpact.results.figures.style import COLOURS, panels, share_width, sign, title, years
from clusterpact.results.language import _
from clusterpact.results.report.timing import action
from clusterpact.results.statistics.timing import ALONE, KINDS, TOGETHER, WITHIN

LINES = ((WITHIN, COLOURS[0]), (ALONE, COLOURS[1]))


def timing(curves: pd.DataFrame, found: Timing) -> Figure:
    """When should each instrument start and end? Effect by the year in which it starts, over never, and what is lost by the
    year in which it ends, with 95 % bands; triangles mark the latest useful year, diamonds the last that is worth its cost.
    """
    latest, stakeholder = found.tables["latest"], str(curves["stakeholder"].iloc[0])
    mine = curves[~curves["instrument"].str.contains(TOGETHER, regex=False)]
    names = list(dict.fromkeys(mine["instrument"]))
    figure, axes = panels(len(names), 2, (share_width(2, 0.85, 0.25, 0.35), 1.5), left=0.85, gap=0.35, sharey="row")
    for row, name in zip(axes, names, strict=True):
        for axis, kind in zip(row, KINDS, strict=True):
            for setting, colour in LINES:
                chosen, marked = (_only(table, name, kind, setting) for table in (mine, latest))
                _curve(axis, chosen, colour, _("alone") if setting == ALONE else _("within the package"))
                _marks(axis, chosen, marked, colour)
            axis.axhline(0, color="black", lw=0.7)
            years(axis, found.about.first_year, found.about.last_year)
            axis.tick_params(labelsize=8)
        title(row[0], _("{action}, by year of start").format(action=action(name)), 9)
        title(row[1], _("the same, by year of end"), 9)
        row[0].set_ylabel(_("{unit} better").format(unit=found.unit), fontsize=8)
    for marker, text in (("v", _("latest useful year")), ("D", _("last year worth its cost"))):
        axes[0, 0].plot([], [], ls="none", marker=marker, ms=6, color="#555555", label=text)
    question = _("When should each instrument start and end? {stakeholder}: {label}").format(
        stakeholder=_(stakeholder.capitalize()), label=found.label)  # fmt: skip
    note = sign(figure, found.about, question, found.runs)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=8, ncols=4, loc="lower right", bbox_to_anchor=(1.0, note))
    return figure


def _only(table: pd.DataFrame, instrument: str, kind: str, setting: str) -> pd.DataFrame:
    """The rows of one curve."""
    return table[(table["instrument"] == instrument) & (table["kind"] == kind) & (table["setting"] == setting)]


def _curve(axis: Any, rows: pd.DataFrame, colour: str, label: str) -> None:
    """A curve with its pointwise band."""
    axis.fill_between(rows["year"], rows["effect_low"], rows["effect_high"], color=colour, alpha=0.2, lw=0)
    axis.plot(rows["year"], rows["effect"], color=colour, lw=1.5, label=label)


def _marks(axis: Any, rows: pd.DataFrame, latest: pd.DataFrame, colour: str) -> None:
    """The latest useful year, and the last that is worth its cost, upon a curve."""
    at = rows.set_index("year")["effect"]
    for column, marker, size in (("latest_year", "v", 10), ("worth_year", "D", 5)):  # both can be the same year
        for year in latest[column].dropna():
            axis.plot(year, at[year], marker=marker, ms=size, color=colour, markeredgecolor="white", ls="none")
