"""Does the model hold what came? Bands of total emissions against the record, counts of plants, reliability of projects."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator, PercentFormatter

from clusterpact.results.figures.style import COLOURS, fitted, frame, keep, panels, title, years


def draw_score(years: pd.DataFrame, reliability: pd.DataFrame, counts: pd.DataFrame, note: str, path: Path) -> Path:
    """Draw the panels that there is something to show for, and write them as one picture (.png)."""
    tables = [(years, _bands), (counts, _plants), (reliability, _reliability)]
    shown = [(table, paint) for table, paint in tables if len(table)]
    figure, axes = panels(1, len(shown), (3.4, 3.0), left=0.8, gap=1.5 if len(counts) else 0.7)
    for axis, (table, paint) in zip(axes[0], shown, strict=True):
        paint(axis, table)
    frame(figure, "Does the model hold what came?", note)
    return keep(figure, path)


def _bands(axis: Any, table: pd.DataFrame) -> None:
    """Total emissions: bands of runs, and the record; windows apart."""
    named = {}  # given apart: of labels, Matplotlib hides some
    for place, (window, rows) in enumerate(table.groupby("window", sort=False)):
        year, colour = rows["year"], COLOURS[place % len(COLOURS)]
        axis.fill_between(year, rows["low_90"] / 1000, rows["high_90"] / 1000, color=colour, alpha=0.18, lw=0)
        axis.fill_between(year, rows["low_50"] / 1000, rows["high_50"] / 1000, color=colour, alpha=0.35, lw=0)
        words = f"{fitted(str(window), 1.2, 7.5)}: median, 50 and 90 % of runs"
        named[words] = axis.plot(year, rows["median"] / 1000, color=colour, lw=2)[0]
    for held, marker, words in ((True, "o", "record"), (False, "X", "record, outside the 90 % band")):
        rows = table[table["inside_90"] == held]
        if len(rows):
            named[words] = axis.plot(rows["year"], rows["observed"] / 1000, marker, color="black", ms=5 if held else 7)[0]
    axis.set_ylim(0, None)
    years(axis, table["year"].min() - 1, table["year"].max() + 1)
    axis.set_ylabel("emissions, Mt CO2e a year")
    title(axis, "Plants that are known" if table["plants_unknown"].any() else "All plants")
    axis.legend([*named.values()], [*named], frameon=False, fontsize=7.5, loc="lower left")


def _plants(axis: Any, table: pd.DataFrame) -> None:
    """Counts of plants by the end of the last window: 90 % of runs, and the record."""
    last = table[table["year"] == table["year"].max()]
    last = last[~last["count"].str.contains(":")].iloc[::-1]
    places = np.arange(len(last))
    axis.hlines(places, last["low_90"], last["high_90"], color=COLOURS[0], lw=6, alpha=0.35, label="90 % of runs")
    axis.plot(last["mean"], places, "|", color=COLOURS[0], ms=12, mew=2, label="mean")
    exact = (last["observed_low"] == last["observed_high"]).to_numpy()
    axis.plot(last["observed_low"][exact], places[exact], "o", color="black", ms=5, label="record")
    if not exact.all():
        ends = last["observed_low"][~exact], last["observed_high"][~exact]
        axis.hlines(places[~exact], *ends, color="black", lw=1.5, label="record, within")
    axis.set_yticks(places, last["count"], fontsize=8)
    axis.set_xlim(0, None)
    axis.set_ylim(-0.5, len(last) + 1.1)
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    title(axis, f"Plants by {last['year'].iloc[0]}, of {last['plants'].iloc[0]}")
    axis.legend(frameon=False, fontsize=7.5, loc="upper right", ncols=2)


def _reliability(axis: Any, table: pd.DataFrame) -> None:
    """Events of projects by the chance that they were given."""
    axis.plot([0, 1], [0, 1], color="#8C8C8C", lw=1, ls="--")
    axis.scatter(table["forecast_share"], table["observed_share"], s=12 + 6 * table["events"], color=COLOURS[2], alpha=0.7)
    for row in table.to_dict("records"):
        axis.annotate(
            f"{row['events']}", (row["forecast_share"], row["observed_share"]), fontsize=8, ha="center", va="center"
        )
    for scale in (axis.xaxis, axis.yaxis):
        scale.set_major_formatter(PercentFormatter(1))
    axis.set_xlim(-0.05, 1.05)
    axis.set_ylim(-0.05, 1.05)
    axis.set_xlabel("chance given by the model")
    axis.set_ylabel("share that happened")
    title(axis, "Events of projects (numbers: events)")
