"""Figures, one question each: emissions, abatement by cause, gates over time, when plants and networks decide and start."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from clusterpact.agents.vocabulary import GATES
from clusterpact.results.about import About
from clusterpact.results.figures.style import COLOURS, panels, say, sign, title, years
from clusterpact.results.statistics.convergence import FEWEST_RUNS, settled_after, variation_curve, watched
from clusterpact.results.store import CAUSES
from clusterpact.texts import shortened

#: From open doors to closed: done and works in green and blue, closed plants, then why not, from money to trust to market.
GATE_COLOURS = {
    10: "#00735C", 9: "#56B4E9", 12: "#404040", 8: "#7F5539", 7: "#B08968", 6: "#8E6BBF", 5: "#C7A6E8", 4: "#F0E442",
    11: "#CC79A7", 3: "#E69F00", 2: "#D9D9D9", 1: "#A6A6A6",
}  # fmt: skip
DATES = (("fid_year", COLOURS[0], 0.14), ("start_year", COLOURS[5], -0.14))  #: of a project: column, colour, height
LONGEST_NAME = 42  #: letters of a name beside an axis
#: What became of the emissions of the start, as in the figures of gates where it is the same.
CAUSE_COLOURS = {"switched": "#00735C", "closed": "#404040", "output": "#E69F00"}


def emissions(bands: pd.DataFrame, about: About) -> Figure:
    """Does the cluster reach its targets? Scope-1 emissions, median with 25-75 and 5-95 % of runs, against targets."""
    policies = list(dict.fromkeys(bands["policy"]))
    columns = min(len(policies), 4)
    rows = -(-len(policies) // columns)
    figure, axes = panels(rows, columns, (3.0, 2.7), sharex=True, sharey=True)
    baseline = about.baseline_kt / 1000
    for place, (policy, axis) in enumerate(zip(policies, axes.flat, strict=False)):
        mine = bands[(bands["policy"] == policy) & (bands["measure"] == "scope1_kt")]
        low, lower, median, upper, high = (mine[q].to_numpy() / 1000 for q in ("q05", "q25", "q50", "q75", "q95"))
        colour = COLOURS[place % len(COLOURS)]
        axis.fill_between(mine["year"], low, high, color=colour, alpha=0.18, lw=0, label="5-95 % of runs")
        axis.fill_between(mine["year"], lower, upper, color=colour, alpha=0.35, lw=0, label="25-75 %")
        axis.plot(mine["year"], median, color=colour, lw=2, label="median")
        for year, share in about.targets.items():
            axis.plot(year, baseline * (1 - share), marker="v", color="black", ms=7, ls="none", clip_on=False,
                      label="target" if year == min(about.targets) else None)  # fmt: skip
        title(axis, policy)
        years(axis, about.first_year, about.last_year)
        axis.set_ylim(0, None)
    for axis in axes[:, 0]:
        axis.set_ylabel("scope-1 emissions, Mt CO2e a year")
    axes[0, 0].legend(frameon=False, fontsize=8, loc="lower left")
    for axis in list(axes.flat)[len(policies) :]:
        axis.set_visible(False)
    sign(figure, about, "Does the cluster reach its targets?", int(bands["runs"].max()))
    return figure


def abatement(bands: pd.DataFrame, about: About) -> Figure:
    """How does the cluster come to emit less? Share of its emissions at the start, mean over runs: switched, closed, made
    less, and what remains. Where plants make more than at the start, that band lies on the others."""
    policies = list(dict.fromkeys(bands["policy"]))
    columns = min(len(policies), 4)
    figure, axes = panels(-(-len(policies) // columns), columns, (2.6, 2.7), right=2.2, sharex=True, sharey=True)
    for policy, axis in zip(policies, axes.flat, strict=False):
        means = bands[bands["policy"] == policy].pivot(index="year", columns="measure", values="mean")
        axis.fill_between(means.index, means["abated_share"], 1, color="#D9D9D9", lw=0, label="remaining")
        low = 0 * means["abated_share"]
        for cause, words in CAUSES.items():
            high = low + means[f"{cause}_share"]
            axis.fill_between(means.index, low, high, color=CAUSE_COLOURS[cause], lw=0.3, ec="white", label=words)
            low = high
        axis.plot(means.index, means["abated_share"], color="black", lw=1.2, label="abated")
        for year, share in about.targets.items():
            axis.plot(year, share, marker="v", color="black", ms=7, ls="none", clip_on=False,
                      label="target" if year == min(about.targets) else None)  # fmt: skip
    _finish_shares(axes, policies, about, "share of emissions at the start")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    order = [labels.index(name) for name in ("remaining", "abated", *reversed(CAUSES.values()))]
    order += [labels.index("target")] if "target" in labels else []
    figure.legend([handles[k] for k in order], [labels[k] for k in order], loc="center right", frameon=False, fontsize=9)
    sign(figure, about, "How does the cluster come to emit less?", int(bands["runs"].max()))
    return figure


def _finish_shares(axes: Any, policies: list[str], about: About, label: str) -> None:
    """Panels of shares over time, one a policy: titles, axes from 0 to 100 %, and none beyond the policies."""
    for policy, axis in zip(policies, axes.flat, strict=False):
        title(axis, policy)
        axis.set_ylim(0, 1)
        years(axis, about.first_year, about.last_year)
        axis.yaxis.set_major_formatter(PercentFormatter(1))
        if about.baseline_kt == 0:
            say(axis, "nothing is emitted at the start")
    for axis in axes[:, 0]:
        axis.set_ylabel(label)
    for axis in list(axes.flat)[len(policies) :]:
        axis.set_visible(False)


def gates(bands: pd.DataFrame, about: About) -> Figure:
    """What holds the cluster back? Share of baseline emissions behind each first closed gate, mean over runs."""
    policies = list(dict.fromkeys(bands["policy"]))
    columns = min(len(policies), 4)
    rows = -(-len(policies) // columns)
    figure, axes = panels(rows, columns, (2.5, 2.7), right=3.2, sharex=True, sharey=True)
    order = list(GATE_COLOURS)
    for policy, axis in zip(policies, axes.flat, strict=False):
        means = bands[bands["policy"] == policy].pivot(index="year", columns="measure", values="mean")
        means = means[[f"gate_{gate}" for gate in order]]
        axis.stackplot(
            means.index,
            means.to_numpy().T,
            colors=[GATE_COLOURS[gate] for gate in order],
            labels=[f"{gate} {GATES[gate - 1]}" for gate in order],
            lw=0.3,
            edgecolor="white",
        )
    _finish_shares(axes, policies, about, "share of baseline emissions")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="center right", frameon=False, fontsize=9)
    sign(figure, about, "What holds the cluster back, and when does that change?", int(bands["runs"].max()))
    return figure


def timeline(projects: pd.DataFrame, about: About) -> Figure:
    """When do plants and networks decide and start? Median and P10-P90 of FID and start, share of runs with an FID."""
    policies = list(dict.fromkeys(projects["policy"]))
    order = about.shown
    columns = min(len(policies), 6)
    size = (max(2.4, 4.4 / columns), 0.26 * max(1, len(order)))
    figure, axes = panels(
        -(-len(policies) // columns), columns, size, left=2.9, right=0.55, gap=0.5, sharex=True, sharey=True
    )
    places = {agent: len(order) - 1 - k for k, agent in enumerate(order)}
    for policy, axis in zip(policies, axes.flat, strict=False):
        groups = projects[projects["policy"] == policy].groupby("agent")
        share = groups["fid_year"].count() / groups.size()
        ys = np.array([places.get(agent, -1) for agent in share.index])
        shown = ys >= 0
        alpha = (0.25 + 0.75 * share.to_numpy())[shown]
        for column, colour, shift in DATES if shown.any() else ():
            low, median, high = (groups[column].quantile(q).to_numpy()[shown] for q in (0.1, 0.5, 0.9))
            axis.hlines(ys[shown] + shift, low, high, color=colour, lw=2.4, alpha=alpha)
            axis.scatter(median, ys[shown] + shift, color=colour, s=16, alpha=alpha, zorder=3)
        beside = axis.get_yaxis_transform()  # across in shares of the panel, up in rows
        for y, part in zip(ys[shown], share.to_numpy()[shown], strict=True):
            axis.text(1.02, y, f"{100 * part:.0f} %", transform=beside, va="center", fontsize=7, color="#444444")
        announced = [(year, places[agent]) for agent, years in about.announced.items() if agent in places for year in years]
        if announced:
            axis.scatter(*zip(*announced, strict=True), marker="|", color="black", s=80, lw=1.6, zorder=4)
        title(axis, policy)
        years(axis, about.first_year, about.last_year + 1)
        axis.set_ylim(-0.8, max(1, len(order)) - 0.2)
        axis.tick_params(axis="y", labelsize=8)
        axis.grid(axis="x", color="#E5E5E5", lw=0.7)
    for axis in list(axes.flat)[len(policies) :]:
        axis.set_visible(False)
    names = [shortened(about.names[agent], LONGEST_NAME) for agent in order] or ["nothing here has anything to decide"]
    axes[0, 0].set_yticks([places[agent] for agent in order] or [0], names, fontsize=8)
    handles = [
        Line2D([], [], color=COLOURS[0], marker="o", ms=4, lw=2.4, label="FID, median and P10-P90"),
        Line2D([], [], color=COLOURS[5], marker="o", ms=4, lw=2.4, label="start of operation"),
        Line2D([], [], color="black", marker="|", ms=9, mew=1.6, ls="none", label="planned start"),
        Line2D([], [], ls="none", label="right: share of runs with an FID (paler if rarer)"),
    ]
    rest = f" (the largest; {about.left_out} more are in the tables)" if about.left_out else ""
    note = sign(figure, about, f"When do plants and networks decide and start?{rest}", projects["run"].nunique())
    figure.legend(handles=handles, loc="lower left", ncols=4, frameon=False, fontsize=8, bbox_to_anchor=(0, note))
    return figure


def runs(outcomes: pd.DataFrame, about: About) -> Figure:
    """Are these runs enough? Coefficient of variation against the number of runs, and where it has settled."""
    columns = watched(outcomes)
    figure, axes = panels(1, len(columns), (3.9, 2.7), gap=0.8)
    drawn: dict[str, Line2D] = {}
    for axis, (column, label) in zip(axes.flat, columns.items(), strict=True):
        for place, (policy, rows) in enumerate(outcomes.groupby("policy", sort=False)):
            values = rows[column].to_numpy()
            colour = COLOURS[place % len(COLOURS)]
            curve = variation_curve(values)
            [drawn[str(policy)]] = axis.plot(
                np.arange(FEWEST_RUNS, len(curve)) + 1, curve[FEWEST_RUNS:], color=colour, lw=1.5
            )
            settled = settled_after(values)
            if settled is not None:
                axis.plot(settled, curve[settled - 1], marker="o", color=colour, ms=6)
        title(axis, label)
        axis.set_xlabel("runs")
        axis.set_xlim(0, max(about.runs, 2 * FEWEST_RUNS))
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        if about.runs <= FEWEST_RUNS:
            say(axis, f"drawn from {FEWEST_RUNS + 1} runs on")
        axis.set_ylim(0, None)
    axes[0, 0].set_ylabel("coefficient of variation")
    names = [shortened(policy, LONGEST_NAME) for policy in drawn]  # given apart: of labels, Matplotlib hides some
    axes[0, 0].legend(
        [*drawn.values()], names, frameon=False, fontsize=8, title="dot: settled within 0.01", title_fontsize=8
    )
    sign(figure, about, "Are these runs enough?", outcomes["run"].nunique())
    return figure


def effects(table: pd.DataFrame, about: About, noise: str) -> Figure:
    """What matters most? Elementary effects of a Morris screening, per outcome; `noise` names the factor of luck."""
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axes = panels(-(-len(outcomes) // 2), min(2, len(outcomes)), (4.6, 3.2), gap=0.8)
    for axis, outcome in zip(axes.flat, outcomes, strict=False):
        rows = table[table["outcome"] == outcome]
        luck = float(rows.loc[rows["factor"] == noise, "mu_star"].iloc[0])
        rows = rows[rows["factor"] != noise]
        axis.axvspan(0, luck, color="#EEEEEE", lw=0)
        axis.errorbar(rows["mu_star"], rows["sigma"], xerr=rows["mu_star_conf"], fmt="o", ms=4, lw=0.8, color=COLOURS[0])
        for number, row in enumerate(rows.head(6).itertuples(), start=1):
            axis.annotate(f"{number}", (row.mu_star, row.sigma), xytext=(4, 4), textcoords="offset points", fontsize=8)
        names = "\n".join(f"{k} {name}" for k, name in enumerate(rows["factor"].head(6), start=1))
        axis.text(0.98, 0.03, names, transform=axis.transAxes, ha="right", va="bottom", fontsize=7, color="#444444")
        title(axis, outcome)
        axis.set_xlim(0, None)
        axis.set_ylim(0, None)
        axis.set_xlabel("mean absolute effect of the whole range (mu*)")
        axis.set_ylabel("spread (sigma)")
    for axis in list(axes.flat)[len(outcomes) :]:
        axis.set_visible(False)
    sign(figure, about, "What matters most? (grey: within the noise of the luck)", about.runs)
    return figure
