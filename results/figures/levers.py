"""The figure of levers: what each brings and what it costs, side by side."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clusterpact.results.about import Comparison
from clusterpact.results.figures.style import COLOURS, fitted, panels, sign, title
from clusterpact.results.language import _
from clusterpact.results.statistics.levers import DEAR, HARMS, HELPS, LITTLE, UNTOLD, WORTH

LEVER_COLOURS = {
    WORTH: COLOURS[2],
    HELPS: COLOURS[0],
    DEAR: COLOURS[1],
    HARMS: COLOURS[5],
    UNTOLD: "#8C8C8C",
    LITTLE: "#C4C4C4",
}


def levers(table: pd.DataFrame, found: Comparison) -> Figure:
    """What does each lever bring, and at what cost? Effect and public money of every lever within the package."""
    rows = table.iloc[::-1]
    figure, axes = panels(1, 2, (2.9, 0.5 + 0.24 * len(rows)), left=4.4, gap=0.3, sharey=True)
    places = np.arange(len(rows))
    for axis, name, label in (
        (axes[0, 0], "effect", _("effect, {unit} better").format(unit=found.unit)),
        (axes[0, 1], "public_meur", _("public money, MEUR")),
    ):
        middle, low, high = (rows[column].to_numpy() for column in (name, f"{name}_low", f"{name}_high"))
        for place, verdict in enumerate(rows["verdict"]):
            colour = LEVER_COLOURS[verdict]
            axis.plot([low[place], high[place]], [places[place]] * 2, color=colour, lw=2)
            axis.plot(middle[place], places[place], marker="o", ms=5, color=colour)
        axis.axvline(0, color="black", lw=0.7)
        title(axis, label, 9)
        axis.tick_params(labelsize=9)
    names = [fitted(_(": ").join((_(row["stakeholder"]), row["action"])), 4.3, 9, 1) for row in rows.to_dict("records")]
    axes[0, 0].set_yticks(places, names, fontsize=9)
    for verdict in dict.fromkeys(table["verdict"]):
        axes[0, 1].plot([], [], marker="o", ls="-", color=LEVER_COLOURS[verdict], label=_(verdict))
    figure.legend(*axes[0, 1].get_legend_handles_labels(), frameon=False, fontsize=9, ncols=3, loc="lower right")
    sign(
        figure,
        found.about,
        _("What does each lever bring within {package}, and at what cost?").format(package=found.focus),
        found.lever_runs,
    )
    return figure
