"""The figure of an account: who emits, and where people work, along simulated paths."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clusterpact.results.figures.style import COLOURS, fitted, frame, panels, share_width, years

MOST_EMITTING, MOST = 7, 9  #: sectors with a colour of their own: the largest emitters, then the largest employers
TINTS = ("#999933",)  #: beyond the usual colours
REST, REST_COLOUR = "other", "#BBBBBB"


def picture(paths: pd.DataFrame, title: str, policy: str, runs: int) -> Figure:
    """Who emits, and who works there? Scope 1 and direct jobs by sector (means, which add up), and totals with their range.

    paths: the rows of an account's paths; with several clusters their sectors are put together.
    """
    figure, axes = panels(1, 2, (share_width(2, 0.6, 2.2, 0.7), 3.2), left=0.6, right=2.2, gap=0.7)
    sectors = paths[paths["level"] == "sector"]
    whole = paths[paths["level"] == ("network" if (paths["level"] == "network").any() else "cluster")]
    means = {
        name: sectors[sectors["quantity"] == name].pivot_table(index="year", columns="sector", values="mean", aggfunc="sum")
        for name in ("scope1_kt", "jobs_direct")
    }
    emitters, employers = (list(table.max().sort_values(ascending=False, kind="stable").index) for table in means.values())
    shown = [sector for sector in emitters if means["scope1_kt"][sector].max() > 0][:MOST_EMITTING]
    shown += [sector for sector in employers if sector not in shown][: MOST - len(shown)]
    rest = [sector for sector in emitters if sector not in shown]
    labels = [*shown, REST] if rest else shown
    colours = [*(*COLOURS, *TINTS)[: len(shown)], REST_COLOUR]
    titles = {"scope1_kt": "scope 1, Mt CO2e a year", "jobs_direct": "direct jobs, thousand"}
    for axis, (name, label) in zip(axes.flat, titles.items(), strict=True):
        table = means[name] / 1000
        stack = [table[sector] for sector in shown] + ([table[rest].sum(axis=1)] if rest else [])
        axis.stackplot(table.index, np.array(stack), colors=colours, labels=labels, lw=0.3, edgecolor="white")
        total = whole[whole["quantity"] == name].set_index("year")[["low", "high"]] / 1000
        if (total["high"] - total["low"]).max() > 0.01 * total["high"].max():
            for edge in ("low", "high"):
                axis.plot(total.index, total[edge], color="black", lw=0.9, ls=(0, (4, 2)),
                          label="total, 5-95 % of runs" if edge == "low" else None)  # fmt: skip
        axis.set_title(label, loc="left")
        years(axis, int(table.index.min()), int(table.index.max()))
        axis.set_ylim(0, None)
    handles, names = axes[0, 0].get_legend_handles_labels()
    order_ = [*range(len(labels) - 1, -1, -1), *range(len(labels), len(names))]
    words = [fitted(names[k].replace("_", " "), 1.8, 8.5) for k in order_]
    figure.legend([handles[k] for k in order_], words, loc="center right", frameon=False, fontsize=8.5)
    note = f"{title} · {policy} · means of {runs:,} runs at the end of each year"
    frame(figure, "Who emits, and where do people work?", note)
    return figure
