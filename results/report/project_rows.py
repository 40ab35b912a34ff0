"""Rows of the page on projects: what became of announced ones, what fits, and which plants carry a target."""

from typing import Any

import pandas as pd

from clusterpact.results.about import Comparison
from clusterpact.results.language import _, written
from clusterpact.results.report.sentences import row_of
from clusterpact.results.report.words import number, percent, year
from clusterpact.results.statistics.roadmap import CHECKS

CARRIERS = 6  #: plants shown per milestone


def project_rows(table: pd.DataFrame, package: str) -> list[dict[str, Any]]:
    """The fate of projects in hand at the start under one package; none where there is none."""
    if table.empty:
        return []
    return [
        {"project": _(row["project"]), "technology": _(row["technology"] or "first phase"), "stage": _(row["stage"]),
         "year": year(row["announced_year"]), "decided": percent(row["decided_share"]),
         "in_time": percent(row["in_time_share"]), "late": percent(row["late_share"]),
         "given_up": percent(row["given_up_share"]), "gate": _(row["gate"]),
         "dates": "-" if row["p50"] != row["p50"] else _("{middle} ({low} to {high})").format(
             middle=year(row["p50"]), low=year(row["p10"]), high=year(row["p90"]))}
        for row in table[table["policy"] == package].to_dict("records")
    ]  # fmt: skip


def fit_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Whether the roadmaps fit together."""
    rows = []
    for row in table.to_dict("records"):
        show = year if row["unit"] == "year" else number
        available = _("none") if row["available"] != row["available"] else show(row["available"])
        text = _("{check}: {needed} against {available}").format(check=_checked(row), needed=show(row["needed"]),
                                                                 available=available)  # fmt: skip
        rows.append({"text": text, "verdict": _("fits") if row["fits"] else _("does not fit"),
                     "css": "better" if row["fits"] else "worse"})  # fmt: skip
    return rows


def _checked(row: dict[Any, Any]) -> str:
    """What a check of the roadmaps is."""
    return _(CHECKS[row["kind"]]).format(network=_(row["network"]), users=row["users"], unit=_(row["unit"]))


def _latest(found: Comparison, date: float) -> str:
    """The latest year of a decision, with a mark if it lies before the horizon's second year."""
    is_past = date < found.about.first_year + 1
    return _("{year}, already past").format(year=year(date)) if is_past else year(date)


def carrier_rows(found: Comparison) -> list[dict[str, Any]]:
    """The plants that carry each milestone under the package in focus, with their latest decisions."""
    carriers, decisions = found.tables["carriers"], found.tables["decisions"]
    rows = []
    mine = carriers[carriers["policy"] == found.package]
    for _year, group in mine.groupby("year", sort=True):
        for row in group.head(CARRIERS).to_dict("records"):
            decision = row_of(decisions, policy=found.package, agent=row["agent"], year=row["year"])
            rows.append({"year": row["year"], "plant": found.about.names.get(row["agent"], row["agent"]),
                         "share": written(f"{100 * row['abated_share']:.1f}"), "running": percent(row["running_share"]),
                         "latest": _latest(found, decision.get("latest_fid_year", float("nan"))),
                         "decided": percent(decision.get("decided_in_time_share", float("nan")))})  # fmt: skip
    return rows
