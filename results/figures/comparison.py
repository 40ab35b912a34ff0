"""Figures of a comparison, one question each: differences, contributions, regret, trust, cost against abatement."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from clusterpact.results.about import About, Comparison
from clusterpact.results.figures.style import COLOURS, fitted, frame, panels, say, share_width, sign, signature, title, years
from clusterpact.results.language import _
from clusterpact.results.statistics.contributions import owner

FOREST = (
    "abated_share_", "switched_share_", "closed_share_", "output_share_", "target_", "cumulative_mt", "public_meur",
    "public_eur_per_t", "jobs_total", "gva_total_meur", "stranded_meur", "defaults",
)  # fmt: skip
LEAST_TRUST_RANGE = 0.1  #: of an axis of trust: less would show noise
VERDICTS = {
    "better": COLOURS[2], "worse": COLOURS[5], "different": COLOURS[0], "alike": "#5A5A5A", "tied": "#8C8C8C",
    "undefined": "#CCCCCC",
}  # fmt: skip


def differences(table: pd.DataFrame, about: About) -> Figure:
    """How does each package differ from the baseline? Paired differences in units of their own, with 95 % intervals."""
    shown = table[table["outcome"].str.startswith(FOREST) & table["difference"].notna()]
    same = (shown[["difference", "low", "high"]] == 0).all(axis=1).groupby(shown["outcome"]).transform("all")
    alike = list(dict.fromkeys(shown.loc[same, "label"]))
    shown = shown[~same]
    outcomes = list(dict.fromkeys(shown["outcome"]))
    policies = list(dict.fromkeys(shown["policy"]))
    columns = 3
    rows = max(1, -(-len(outcomes) // columns))
    names = [fitted(about.titled(policy), 1.6, 8, 2) for policy in policies]
    height = 0.3 + (0.28 if "\n" in "".join(names) else 0.24) * len(policies)
    figure, axes = panels(rows, columns, (share_width(columns, 1.6, 0.25, 0.42), height), left=1.6, gap=0.42, sharey=True)
    places = np.arange(len(policies))[::-1]
    for axis, outcome in zip(axes.flat, outcomes, strict=False):
        rows_ = shown[shown["outcome"] == outcome].set_index("policy").reindex(policies)
        for y, row in zip(places, rows_.to_dict("records"), strict=True):
            colour = VERDICTS[row["verdict"]]
            axis.plot([row["low"], row["high"]], [y, y], color=colour, lw=2)
            axis.plot(row["difference"], y, marker="o", ms=5, color=colour)
        axis.axvline(0, color="black", lw=0.7)
        axis.set_title(_stated(axis, str(rows_["label"].iloc[0]), str(rows_["unit"].iloc[0])), fontsize=8, loc="left")
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.tick_params(labelsize=8)
    axes[0, 0].set_yticks(places, names, fontsize=8)
    for axis in list(axes.flat)[len(outcomes) :]:
        axis.set_visible(False)
    if not outcomes:
        say(axes[0, 0], _("no package differs from the baseline in anything"))
    question = _("How does each package differ from the baseline? (green better, red worse, grey tied)")
    note = signature(about, about.runs)
    if alike:
        note += " · " + _("the same under all: {outcomes}").format(outcomes=", ".join(alike))
    frame(figure, question, note)
    return figure


def _stated(axis: Any, label: str, unit: str) -> str:
    """An outcome in at most two lines, and its unit in the next."""
    inches = axis.get_position().width * axis.figure.get_figwidth()
    return f"{fitted(label, inches, 8, 2)}\n{fitted(unit, inches, 8)}"


def members(table: pd.DataFrame, found: Comparison) -> Figure:
    """What does each member contribute? What it adds to the package, and what it does alone, with 95 % intervals."""
    rows = table[table["outcome"] == found.outcome].sort_values("adds", key=np.abs)
    figure, axes = panels(1, 1, (5.0, 0.5 + 0.34 * len(rows)), left=4.2)
    axis = axes[0, 0]
    places = np.arange(len(rows))
    for name, shift, colour, label in (
        ("adds", 0.15, COLOURS[0], _("added to the package")),
        ("alone", -0.15, COLOURS[1], _("alone")),
    ):
        middle, low, high = (rows[column].to_numpy() for column in (name, f"{name}_low", f"{name}_high"))
        axis.errorbar(middle, places + shift, xerr=[middle - low, high - middle], fmt="o", ms=5, color=colour, label=label)
    axis.axvline(0, color="black", lw=0.7)
    axis.set_yticks(places, [fitted(owner(str(member))[1], 4.0, 8, 2) for member in rows["member"]], fontsize=8)
    axis.set_xlabel(_("effect on {outcome}, {unit}").format(outcome=found.label, unit=found.unit))
    _legend_above(axis)
    sign(
        figure,
        found.about,
        _("What does each member of {package} contribute?").format(package=found.focus),
        found.lever_runs,
    )
    return figure


def regrets(table: pd.DataFrame, found: Comparison) -> Figure:
    """How wrong can a choice be? Expected, 90th-percentile and largest regret of every package."""
    rows = table.iloc[::-1]
    figure, axes = panels(1, 1, (5.2, 0.4 + 0.3 * len(rows)), left=1.9)
    axis = axes[0, 0]
    places = np.arange(len(rows))
    axis.hlines(places, rows["mean_regret"], rows["max_regret"], color="#CCCCCC", lw=1.5)
    for column, marker, label in (("mean_regret", "o", _("expected")), ("p90_regret", "s", _("90th percentile")),
                                  ("max_regret", "x", _("largest"))):  # fmt: skip
        axis.plot(rows[column], places, ls="none", marker=marker, ms=6, color=COLOURS[0], label=label)
    axis.set_yticks(places, [fitted(found.about.titled(policy), 1.8, 9, 2) for policy in rows["policy"]], fontsize=9)
    axis.set_xlim(0, None)
    axis.set_xlabel(_("regret in {outcome}, {unit}").format(outcome=found.label, unit=found.unit))
    _legend_above(axis)
    sign(figure, found.about, _("How wrong can each choice be?"), found.about.runs)
    return figure


def _legend_above(axis: Any) -> None:
    """A legend in one row above a panel, where no line can lie below it."""
    axis.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)


def trust(bands: pd.DataFrame, about: About) -> Figure:
    """Is trust built or lost? Mean trust in firms, governments and operators over time, per package; each panel shows the
    range that its lines take."""
    measures = {"trust_in_firms": _("in firms"), "trust_in_governments": _("in governments"),
                "trust_in_operators": _("in operators")}  # fmt: skip
    figure, axes = panels(1, 3, (share_width(3, 0.75, 2.0, 0.5), 2.7), right=2.0, gap=0.5)
    policies = list(dict.fromkeys(bands["policy"]))
    for axis, (column, label) in zip(axes.flat, measures.items(), strict=True):
        mine = bands[bands["measure"] == column]
        for place, policy in enumerate(policies):
            path = mine[mine["policy"] == policy].set_index("year")["mean"]
            axis.plot(path.index, path, color=COLOURS[place % len(COLOURS)], ls="-" if place < len(COLOURS) else "--")
        title(axis, label)
        low, high = axis.get_ylim()
        middle, half = (low + high) / 2, max(LEAST_TRUST_RANGE, high - low) / 2
        axis.set_ylim(max(0.0, middle - half), min(1.0, middle + half))
        axis.yaxis.set_major_locator(MaxNLocator(5))
        years(axis, about.first_year, about.last_year)
    axes[0, 0].set_ylabel(_("trust (0 none, 1 full)"))
    names = [fitted(about.titled(policy), 1.5, 8, 2) for policy in policies]  # given apart: of labels, Matplotlib hides some
    figure.legend(axes[0, 0].get_lines(), names, frameon=False, fontsize=8, loc="center right")
    sign(figure, about, _("Is trust built or lost?"), about.runs)
    return figure


def cost(outcomes: pd.DataFrame, about: About) -> Figure:
    """What does abatement cost the state? Mean public money against mean CO2 avoided, with 95 % intervals of the means."""
    figure, axes = panels(1, 1, (7.6, 3.8))
    axis = axes[0, 0]
    points = {}
    for place, (policy, rows) in enumerate(outcomes.groupby("policy", sort=False)):
        x, y = rows["avoided_mt"], rows["public_meur"]
        error = [1.96 * values.std(ddof=1) / len(values) ** 0.5 for values in (x, y)]
        axis.errorbar(x.mean(), y.mean(), xerr=error[0], yerr=error[1], fmt="o", color=COLOURS[place % len(COLOURS)])
        points[about.titled(str(policy))] = (x.mean(), y.mean())
    for low, high, bound in ((*axis.get_xlim(), axis.set_xlim), (*axis.get_ylim(), axis.set_ylim)):
        bound(min(0.0, low), max(0.0, high))
    axis.axhline(0, color="black", lw=0.7)
    _name(axis, points)
    axis.set_xlabel(_("CO2 avoided over the horizon, Mt"))
    axis.set_ylabel(_("public money, MEUR"))
    sign(figure, about, _("What does abatement cost the state?"), about.runs)
    return figure


def _name(axis: Any, points: dict[str, tuple[float, float]]) -> None:
    """Names beside points, towards the middle of the panel, each a line above the one below it."""
    axis.get_xlim(), axis.get_ylim()  # settles them, so that the points have their places
    spots = axis.transData.transform(list(points.values())) * 72 / axis.figure.dpi  # in points of a letter's size
    low, high = (axis.transAxes.transform((end, 0))[0] * 72 / axis.figure.dpi for end in (0, 1))
    taken = {True: -np.inf, False: -np.inf}
    for (x, y), (name, at) in sorted(zip(spots, points.items(), strict=True), key=lambda pair: pair[0][1]):
        right = x > (low + high) / 2
        taken[right] = max(y + 5, taken[right] + 10)
        axis.annotate(fitted(name, 2.8, 8), at, xytext=(-6 if right else 6, taken[right] - y), textcoords="offset points",
                      ha="right" if right else "left", fontsize=8, color="#333333",
                      bbox={"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 0.5})  # fmt: skip
