"""What is said of pathways, on the page: when each step starts, and which after which; every number is of the tables."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import Package, in_words
from clusterpact.results.about import About
from clusterpact.results.language import _
from clusterpact.results.report.words import count, percent, schedule

Row = dict[Any, Any]


def pathway_lines(about: About, tables: Mapping[str, pd.DataFrame], first: str) -> list[tuple[str, list[str]]]:
    """Per package that waits for a signal somewhere, its title and what is said of its steps; none without the tables.

    first: the package that comes before the others.
    """
    if "pathways" not in tables:
        return []
    packages = {policy.name: policy for policy in about.policies}
    steps, orders, found = tables["pathway_steps"], tables["pathway_orders"], []
    for name in sorted(dict.fromkeys(steps["policy"]), key=lambda name: name != first):
        package, rows = packages[str(name)], steps[steps["policy"] == name].to_dict("records")
        lines = [_awaited(about, package, row) for row in rows if row["signal"]]
        if dated := [row for row in rows if not row["signal"]]:
            lines.append(_dated(about, package, dated))
        found.append((about.titled(str(name)), [*lines, *_orders(about, orders[orders["policy"] == name])]))
    return found


def action(instrument: str) -> str:
    """What a step is."""
    return _(INSTRUMENTS[instrument].action)


def strength(about: About, package: Package, instrument: str) -> str:
    """How strong a step is from when on or after which signal, and for whom."""
    points = package.schedules[instrument]
    unit = INSTRUMENTS[instrument].unit
    if instrument not in package.signals:
        before = [(about.first_year, level) for year, level in points if year <= about.first_year]
        points = (*before[-1:], *(point for point in points if point[0] > about.first_year))
    words = in_words(points)
    words += f" once {package.signals[instrument]}" if instrument in package.signals else ""
    words += f", for {package.targets[instrument]}" if instrument in package.targets else ""
    return schedule(words, "" if unit == "share" else _(unit), about.names)


def chance(share: float) -> str:
    """A share in per cent, with a decimal where it would else look like none or all."""
    return percent(share, int(0 < share < 0.01 or 0.99 < share < 1))


def interval(row: Row, name: str) -> str:
    """The interval of a share, in per cent."""
    low, high = (f"{100 * row[f'{name}_{end}']:.0f}" for end in ("low", "high"))
    return _("[{low}, {high}]").format(low=low, high=high)


def _awaited(about: About, package: Package, row: Row) -> str:
    """When a step starts that waits for a signal."""
    step = _("{action} ({strength})").format(action=action(row["instrument"]),
                                             strength=strength(about, package, row["instrument"]))  # fmt: skip
    if row["started_share"] == 0:
        return _("{step}: it starts in none of {runs} futures.").format(step=step, runs=count(row["runs"]))
    text = _("{step}: it starts in {share} {interval} of futures, in {year} by the median of these (5 to 95 %: {low} to "
             "{high}); in {never} it never does.")  # fmt: skip
    if row["year_p5"] == row["year_p95"]:
        text = _("{step}: it starts in {share} {interval} of futures, in {year}; in {never} it never does.")
    if row["started_share"] == 1:
        text = _("{step}: it starts in all {runs} futures, in {year} by the median (5 to 95 %: {low} to {high}).")
        if row["year_p5"] == row["year_p95"]:
            text = _("{step}: it starts in all {runs} futures, in {year}.")
    return text.format(step=step, share=chance(row["started_share"]), interval=interval(row, "started_share"),
                       year=row["year_median"], low=row["year_p5"], high=row["year_p95"], runs=count(row["runs"]),
                       never=chance(row["never_share"]))  # fmt: skip


def _dated(about: About, package: Package, rows: list[Row]) -> str:
    """What starts by the calendar."""
    names = [row["instrument"] for row in rows]
    step = _("{action} ({strength})")
    steps = [step.format(action=action(name), strength=strength(about, package, name)) for name in names]
    return _("By the calendar: {steps}.").format(steps=_("; ").join(steps))


def _orders(about: About, orders: pd.DataFrame) -> list[str]:
    """Which step starts after which, and how often."""
    if len(orders) == 0:
        return []
    lines = []
    for row in orders[orders["is_direct"]].to_dict("records"):
        text = _("{earlier} → {later}: in {share} {interval} of futures the second starts after the first, {years} years "
                 "later by the median; in {other} before it.")  # fmt: skip
        if row["years_between_median"] == 1:
            text = _("{earlier} → {later}: in {share} {interval} of futures the second starts after the first, a year later "
                     "by the median; in {other} before it.")  # fmt: skip
        lines.append(text.format(later=action(row["later"]), earlier=action(row["earlier"]), share=chance(row["share"]),
                                 interval=interval(row, "share"), years=row["years_between_median"],
                                 other=chance(row["other_way_share"])))  # fmt: skip
    if not lines:
        text = _("Of no two steps is it told that one starts after the other ({pairs} pairs whose order a signal decides).")
        lines.append(text.format(pairs=count(len(orders))))
    return lines
