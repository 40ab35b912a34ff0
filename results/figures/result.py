"""Figures of a result, one question each: emissions, abatement by cause, gates over time, enough runs, what matters."""

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from clusterpact.agents.vocabulary import GATE_CLOSED, GATE_SWITCHED, GATES
from clusterpact.results.about import About
from clusterpact.results.arrow import Table, by_policy, numbers, texts
from clusterpact.results.figures.style import (
    COLOURS,
    Picture,
    fitted,
    legend_width,
    panels,
    say,
    share_width,
    shares,
    sign,
    title,
    years,
)
from clusterpact.results.figures.timeline import timeline as timeline
from clusterpact.results.language import _, written
from clusterpact.results.recorded import CAUSES
from clusterpact.results.statistics.convergence import FEWEST_RUNS, TOLERANCE, settled_after, variation_curve, watched
from clusterpact.texts import shortened

if TYPE_CHECKING:
    import pandas as pd

Curves = dict[str, dict[str, np.ndarray]]  #: by measure, columns of bands from year to year
#: What became of the emissions of the start: abated in dark colours, then what is still emitted, by gate.
CAUSE_COLOURS = {"switched": "#00735C", "closed": "#404040", "output": "#7F8C8D"}
#: What is still emitted: by plants that switched, by works, then why not, from money to trust to market.
GATE_COLOURS = {
    10: "#8CCFBB", 9: "#56B4E9", 12: "#000000", 8: "#7F5539", 7: "#B08968", 6: "#8E6BBF", 5: "#C7A6E8", 4: "#F0E442",
    11: "#CC79A7", 3: "#E69F00", 2: "#D9D9D9", 1: "#B3B3B3",
}  # fmt: skip
LEGEND = 2.75  #: inches at least
QUANTILES = ("q05", "q25", "q50", "q75", "q95")  #: of bands
LEAST_SHOWN = 0.0005  #: of the emissions of the start: a gate that never holds as much has no place in a legend
MOST_FACTORS = 8  #: of a screening, per outcome: the largest
LONGEST_NAME = 42  #: letters of a name beside an axis


def curves_of(bands: Table, columns: tuple[str, ...]) -> dict[str, Curves]:
    """Columns of bands from year to year, by policy and measure."""
    (policy, policies), (measure, measures) = texts(bands, "policy"), texts(bands, "measure")
    held = {name: numbers(bands, name) for name in ("year", *columns)}
    order = np.lexsort((held["year"], measure, policy))
    firsts = np.flatnonzero(np.diff(policy[order] * len(measures) + measure[order], prepend=-1))
    found: dict[str, Curves] = {name: {} for name in policies}
    for rows in np.split(order, firsts[1:]):
        found[policies[policy[rows[0]]]][measures[measure[rows[0]]]] = {name: held[name][rows] for name in held}
    return found


def _means(bands: Table) -> dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]:
    """By policy, the years of bands and the mean of every measure in them."""
    return {
        policy: (curves["abated_share"]["year"], {measure: curve["mean"] for measure, curve in curves.items()})
        for policy, curves in curves_of(bands, ("mean",)).items()
    }


def emissions(bands: Table, about: About) -> Figure:
    """Does the cluster reach its targets? Scope-1 emissions, median with 25-75 and 5-95 % of runs, against targets."""
    curves = curves_of(bands, QUANTILES)
    policies = list(curves)
    columns = min(len(policies), 3 if len(policies) % 2 else 2)
    rows = -(-len(policies) // columns)
    figure, axes = panels(rows, columns, (share_width(columns, 0.75, 0.25, 0.3), 2.5), sharex=True, sharey=True)
    baseline = about.baseline_kt / 1000
    for place, (policy, axis) in enumerate(zip(policies, axes.flat, strict=False)):
        years(axis, about.first_year, about.last_year)
        mine = curves[policy]["scope1_kt"]
        low, lower, median, upper, high = (mine[q] / 1000 for q in QUANTILES)
        colour = COLOURS[place % len(COLOURS)]
        axis.fill_between(mine["year"], low, high, color=colour, alpha=0.18, lw=0, label=_("5-95 % of runs"))
        axis.fill_between(mine["year"], lower, upper, color=colour, alpha=0.35, lw=0, label=_("25-75 %"))
        axis.plot(mine["year"], median, color=colour, lw=2, label=_("median"))
        for year, share in about.targets.items():
            axis.plot(year, baseline * (1 - share), marker="v", color="black", ms=7, ls="none", clip_on=False,
                      label=_("target") if year == min(about.targets) else None)  # fmt: skip
        title(axis, about.titled(policy))
        axis.set_ylim(0, None)
    for axis in axes[:, 0]:
        axis.set_ylabel(_("scope-1 emissions, Mt CO2e a year"))
    axes[0, 0].legend(frameon=False, fontsize=8, loc="upper right", borderaxespad=0)
    for axis in list(axes.flat)[len(policies) :]:
        axis.set_visible(False)
    sign(figure, about, _("Does the cluster reach its targets?"), int(numbers(bands, "runs").max()))
    return figure


def abatement(bands: Table, about: About) -> Figure:
    """How does the cluster come to emit less? Share of its emissions at the start, mean over runs: switched, closed, made
    less, and what remains. Where plants make more than at the start, that band lies on the others."""
    found = _means(bands)
    names = [_("remaining"), _("abated"), *map(_, reversed(CAUSES.values()))]
    figure, axes = _share_panels(list(found), legend_width(names, 9, 1.8), about, _("share of emissions at the start"))
    for (year, means), axis in zip(found.values(), axes.flat, strict=False):
        axis.fill_between(year, means["abated_share"], 1, color="#D9D9D9", lw=0, label=_("remaining"))
        _stack_causes(axis, year, means, about)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    order = [labels.index(name) for name in names]
    order += [labels.index(_("target"))] if _("target") in labels else []
    figure.legend([handles[k] for k in order], [labels[k] for k in order], loc="center right", frameon=False, fontsize=9)
    sign(figure, about, _("How does the cluster come to emit less?"), int(numbers(bands, "runs").max()))
    return figure


def _share_panels(policies: list[str], right: float, about: About, label: str) -> tuple[Picture, Any]:
    """Panels of shares over time, two side by side, one a policy, and room for a legend on the right, inches.

    They have titles, axes from 0 to 100 %, and a label; what is drawn in them later need not look for their limits.
    """
    columns = min(len(policies), 2)
    size = (share_width(columns, 0.75, right, 0.3, 3.6), 2.4)
    figure, axes = panels(-(-len(policies) // columns), columns, size, right=right, sharex=True, sharey=True)
    for policy, axis in zip(policies, axes.flat, strict=False):
        title(axis, about.titled(policy))
        axis.set_ylim(0, 1)
        years(axis, about.first_year, about.last_year)
        shares(axis.yaxis)
        if about.baseline_kt == 0:
            say(axis, _("nothing is emitted at the start"))
    for axis in axes[:, 0]:
        axis.set_ylabel(label)
    for axis in list(axes.flat)[len(policies) :]:
        axis.set_visible(False)
    return figure, axes


def _stack_causes(axis: Any, time: np.ndarray, means: dict[str, np.ndarray], about: About) -> None:
    """Bands of what is abated, by cause, from zero to the line of all that is abated, with the targets."""
    low = np.zeros(len(time))
    for cause, words in CAUSES.items():
        high = low + means[f"{cause}_share"]
        axis.fill_between(time, low, high, color=CAUSE_COLOURS[cause], lw=0.3, ec="white", label=_(words))
        low = high
    axis.plot(time, means["abated_share"], color="black", lw=1.2, label=_("abated"))
    for year, share in about.targets.items():
        axis.plot(year, share, marker="v", color="black", ms=7, ls="none", clip_on=False,
                  label=_("target") if year == min(about.targets) else None)  # fmt: skip


def gates(bands: Table, about: About) -> Figure:
    """What holds the cluster back? Share of its emissions at the start, mean over runs: what is abated, by cause, and what
    is still emitted, by the first closed gate of the plants that emit it; together 100 % in every year."""
    found = _means(bands)
    order = [gate for gate in GATE_COLOURS
             if max(means[f"gate_{gate}"].max() for _year, means in found.values()) > LEAST_SHOWN]  # fmt: skip
    right = legend_width([_still(gate) for gate in order], 8, LEGEND)
    figure, axes = _share_panels(list(found), right, about, _("share of emissions at the start"))
    for (year, means), axis in zip(found.values(), axes.flat, strict=False):
        low = means["abated_share"]
        for gate in order:
            high = low + means[f"gate_{gate}"]
            axis.fill_between(year, low, high, color=GATE_COLOURS[gate], lw=0.3, ec="white", label=_still(gate))
            low = high
        _stack_causes(axis, year, means, about)
    handles = dict(zip(*axes[0, 0].get_legend_handles_labels()[::-1], strict=True))
    still = [_still(gate) for gate in reversed(order)]
    abated = [name for name in (_("abated"), *map(_, reversed(CAUSES.values())), _("target")) if name in handles]
    height = figure.get_figheight()
    left, below = 1 - right / figure.get_figwidth(), (0.85 + 0.21 * len(still)) / height
    for names, words, top in ((still, _("still emitted, by gate"), 1 - 0.65 / height), (abated, _("abated"), 1 - below)):
        figure.legend([handles[name] for name in names], names, title=words, frameon=False, fontsize=8, alignment="left",
                      loc="upper left", bbox_to_anchor=(left, top))  # fmt: skip
    sign(figure, about, _("What holds the cluster back, and when does that change?"), int(numbers(bands, "runs").max()))
    return figure


def _still(gate: int) -> str:
    """How a legend words what plants behind a gate still emit."""
    rest = {GATE_SWITCHED: _("{gate}: what is left"), GATE_CLOSED: _("{gate}: gases flared")}
    return f"{gate} {rest.get(gate, '{gate}').format(gate=_(GATES[gate - 1]))}"


def runs(outcomes: Table, about: About) -> Figure:
    """Are these runs enough? Coefficient of variation against the number of runs, and where it has settled."""
    columns = watched(outcomes)
    figure, axes = panels(1, len(columns), (share_width(len(columns), 0.75, 0.25, 0.8), 2.7), gap=0.8)
    drawn: dict[str, Line2D] = {}
    for axis, (column, label) in zip(axes.flat, columns.items(), strict=True):
        for place, (policy, rows) in enumerate(by_policy(outcomes).items()):
            values = numbers(outcomes, column)[rows]
            colour = COLOURS[place % len(COLOURS)]
            curve = variation_curve(values)
            [drawn[policy]] = axis.plot(np.arange(FEWEST_RUNS, len(curve)) + 1, curve[FEWEST_RUNS:], color=colour, lw=1.5)
            settled = settled_after(values)
            if settled is not None:
                axis.plot(settled, curve[settled - 1], marker="o", color=colour, ms=6)
        title(axis, label)
        axis.set_xlabel(_("runs"))
        axis.set_xlim(0, max(about.runs, 2 * FEWEST_RUNS))
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        if about.runs <= FEWEST_RUNS:
            say(axis, _("drawn from {runs} runs on").format(runs=FEWEST_RUNS + 1))
        axis.set_ylim(0, None)
    axes[0, 0].set_ylabel(_("coefficient of variation"))
    names = [
        shortened(about.titled(policy), LONGEST_NAME) for policy in drawn
    ]  # given apart: of labels, Matplotlib hides some
    axes[0, 0].legend(
        [*drawn.values()],
        names,
        frameon=False,
        fontsize=8,
        title=_("dot: settled within {tolerance}").format(tolerance=written(f"{TOLERANCE:g}")),
        title_fontsize=8,
    )
    sign(figure, about, _("Are these runs enough?"), len(np.unique(numbers(outcomes, "run"))))
    return figure


def pathways(outcomes: "pd.DataFrame", about: About) -> Figure:
    """Which step follows which signal, and how often? A ribbon per step, as wide as the share of runs in which it is in
    force. Dots are median starts and lines the 5 to 95 % of the runs that start it. An arrow says in how many runs a step
    starts after another one, where the signals decide that; grey is what the calendar starts."""
    from clusterpact.results.figures.pathways import drawn_pathways

    return drawn_pathways(outcomes, about)


def effects(table: "pd.DataFrame", about: About, noise: str) -> Figure:
    """What matters most? Elementary effects of a Morris screening, per outcome; `noise` names the factor of luck."""
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axes = panels(len(outcomes), 1, (5.6, 0.22 * MOST_FACTORS), left=3.4, gap=0.42)
    for axis, outcome in zip(axes.flat, outcomes, strict=True):
        rows = table[table["outcome"] == outcome]
        luck = float(rows.loc[rows["factor"] == noise, "mu_star"].iloc[0])
        rows = rows[rows["factor"] != noise].nlargest(MOST_FACTORS, "mu_star").iloc[::-1]
        axis.axvspan(0, luck, color="#EEEEEE", lw=0)
        axis.barh(range(len(rows)), rows["mu_star"], xerr=rows["mu_star_conf"], height=0.6, color=COLOURS[0], alpha=0.7,
                  error_kw={"lw": 0.9})  # fmt: skip
        axis.plot(rows["sigma"], range(len(rows)), ls="none", marker="D", ms=4, mfc="white", color="black")
        names = [fitted(_words(str(factor)), 3.2, 8) for factor in rows["factor"]]
        axis.set_yticks(range(len(rows)), names, fontsize=8)
        title(axis, str(outcome))
        axis.set_xlim(0, None)
    axes[-1, 0].set_xlabel("mean absolute effect of the whole range (bar: mu*, with its error); diamond: its spread (sigma)",
                           fontsize=8)  # fmt: skip
    sign(figure, about, "What matters most? (grey: within the noise of the luck)", about.runs)
    return figure


def _words(factor: str) -> str:
    """What a factor is, in words where the table of parameters has them."""
    from clusterpact.agents.parameters import PARAMETERS

    return PARAMETERS[factor].meaning if factor in PARAMETERS else factor
