"""The figure of what moves a cluster: shares of the variance, a bar per outcome."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clusterpact.results.figures.style import COLOURS, frame, panels

LABELLED = 0.05  #: smaller shares have no number in the bar


def moves(table: pd.DataFrame, note: str) -> Figure:
    """What moves the outcomes? Shapley shares of the groups, one bar an outcome; table: outcome, group, share."""
    outcomes = list(dict.fromkeys(table["outcome"]))
    wide = table.pivot_table(index="outcome", columns="group", values="share", dropna=False).reindex(outcomes)
    groups = list(wide.mean().sort_values(ascending=False).index)
    figure, axes = panels(1, 1, (5.2, 0.55 * len(outcomes) + 0.2), left=2.0, right=1.5)
    axis = axes[0, 0]
    start = np.zeros(len(outcomes))
    for colour, group in zip(COLOURS, groups, strict=False):
        width = wide[group].clip(lower=0).fillna(0).to_numpy()
        bars = axis.barh(outcomes, width, left=start, color=colour, edgecolor="white", lw=0.6, label=group)
        labels = [f"{100 * share:.0f}" if share >= LABELLED else "" for share in width]
        axis.bar_label(bars, labels, label_type="center", fontsize=8, color="white")
        start = start + width
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.xaxis.set_major_formatter("{x:.0%}")
    axis.set_xlabel("share of the variance (Shapley)", fontsize=9)
    figure.legend(*axis.get_legend_handles_labels(), loc="center right", frameon=False, fontsize=9)
    frame(figure, "What moves this cluster?", note)
    return figure
