"""Rows of the page on projects: what became of announced ones, what fits, and which plants carry a target."""

from typing import Any

import pandas as pd

from clusterpact.results.about import Comparison
from clusterpact.results.report.sentences import row_of
from clusterpact.results.report.words import number, percent, year

CARRIERS = 6  #: plants shown per milestone


def project_rows(table: pd.DataFrame, package: str) -> list[dict[str, Any]]:
    """The fate of projects in hand at the start under one package; none where there is none."""
    if table.empty:
        return []
    return [
        {"project": row["project"], "technology": row["technology"] or "first phase", "stage": row["stage"],
         "year": year(row["announced_year"]), "decided": percent(row["decided_share"]),
         "in_time": percent(row["in_time_share"]), "late": percent(row["late_share"]),
         "given_up": percent(row["given_up_share"]), "gate": row["gate"],
         "dates": "-" if row["p50"] != row["p50"] else f"{year(row['p50'])} ({year(row['p10'])} to {year(row['p90'])})"}
        for row in table[table["policy"] == package].to_dict("records")
    ]  # fmt: skip


def fit_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Whether the roadmaps fit together."""
    rows = []
    for row in table.to_dict("records"):
        verdict = "fits" if row["fits"] else "does not fit"
        dated = 1900 < row["needed"] < 2200 and row["needed"] == int(row["needed"])
        show = year if dated else number
        available = "none" if row["available"] != row["available"] else show(row["available"])
        rows.append({"text": f"{row['check']}: {show(row['needed'])} against {available}", "verdict": verdict,
                     "css": "better" if row["fits"] else "worse"})  # fmt: skip
    return rows


def _latest(found: Comparison, date: float) -> str:
    """The latest year of a decision, with a mark if it lies before the horizon's second year."""
    return f"{year(date)}, already past" if date < found.about.first_year + 1 else year(date)


def carrier_rows(found: Comparison) -> list[dict[str, Any]]:
    """The plants that carry each milestone under the package in focus, with their latest decisions."""
    carriers, decisions = found.tables["carriers"], found.tables["decisions"]
    rows = []
    mine = carriers[carriers["policy"] == found.package]
    for _, group in mine.groupby("year", sort=True):
        for row in group.head(CARRIERS).to_dict("records"):
            decision = row_of(decisions, policy=found.package, agent=row["agent"], year=row["year"])
            rows.append({"year": row["year"], "plant": found.about.names.get(row["agent"], row["agent"]),
                         "share": f"{100 * row['abated_share']:.1f}", "running": percent(row["running_share"]),
                         "latest": _latest(found, decision.get("latest_fid_year", float("nan"))),
                         "decided": percent(decision.get("decided_in_time_share", float("nan")))})  # fmt: skip
    return rows
