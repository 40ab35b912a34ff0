"""A comparison in lines for the screen."""

from collections.abc import Iterator

from clusterpact.cli.account_text import grid
from clusterpact.results.about import Comparison
from clusterpact.results.report.project_rows import project_rows
from clusterpact.results.report.sentences import between, number
from clusterpact.texts import padded, width


def describe(found: Comparison) -> Iterator[str]:
    """Verdicts per package, regret, what turns the order, projects in hand, and the first lever of each stakeholder."""
    comparisons = int(found.tables["differences"]["p_value"].notna().sum())
    yield f"{found.about.title} · against {found.about.baseline}, paired by luck"
    yield f"intervals of 95 %, each by itself; verdicts after adjusting for {comparisons} comparisons (Holm)"
    yield ""
    yield from _verdicts(found)
    yield ""
    yield from _regret(found)
    yield from _projects(found)
    if "levers" in found.tables:
        yield ""
        yield from _levers(found)
    yield ""


def _verdicts(found: Comparison) -> Iterator[str]:
    for policy, rows in found.tables["differences"].groupby("policy", sort=False):
        yield str(policy)
        for verdict in ("better", "worse", "different"):
            for row in rows[rows["verdict"] == verdict].to_dict("records"):
                unit = "points" if str(row["unit"]).startswith("%") else str(row["unit"]).replace("-", "")
                size = f"{number(row['difference'], True)} {unit} ".rstrip()
                yield f"  {verdict:9} {row['label']}: {size} {between(row['low'], row['high'])}"
        tied = rows.loc[rows["verdict"] == "tied", "label"].to_list()
        yield f"  tied      {len(tied)} outcomes" + (f", such as {tied[0]}" if tied else "")


def _regret(found: Comparison) -> Iterator[str]:
    yield f"regret in {found.label}, {found.unit} (expected; largest; best in so many futures)"
    wide = min(60, max(22, *map(width, found.tables["regret"]["policy"])))
    for row in found.tables["regret"].to_dict("records"):
        sizes = f"{number(abs(row['mean_regret'])):>8}  {number(abs(row['max_regret'])):>8}"
        yield f"  {padded(row['policy'], wide)} {sizes}  {100 * row['best_share']:5.0f} %"
    flips = found.tables["flips"]
    turned = flips.loc[flips["flips"], "parameter"].to_list() if len(flips) else []
    yield f"  the order of the first two flips with: {', '.join(turned) or 'none of the uncertainties'}"


def _projects(found: Comparison) -> Iterator[str]:
    """What becomes of the projects in hand under the package in focus."""
    rows = project_rows(found.tables["announcements"], found.package)
    if not rows:
        return
    head = ["projects in hand", "today", "planned", "decided", "in time", "late", "given up", "median start (P10 to P90)"]
    keys = ("project", "stage", "year", "decided", "in_time", "late", "given_up", "dates")
    yield ""
    yield f"projects in hand under {found.package}, share of futures"
    yield from grid([head, [], *([str(row[key]) for key in keys] for row in rows)])


def _levers(found: Comparison) -> Iterator[str]:
    yield f"first lever of each stakeholder on {found.label} (alone, upon {found.about.baseline})"
    for who, rows in found.tables["levers"].groupby("stakeholder", sort=False):
        row = rows.iloc[0].to_dict()
        if row["grade"] > 1:
            yield f"  {who!s:12} none helps beyond the error of its effect"
            continue
        interval = between(row["effect_low"], row["effect_high"], False)
        effect = f"{number(row['effect'])} {found.unit} better {interval}"
        yield f"  {who!s:12} {row['action']}: {effect}, public {number(row['public_meur'], True)} MEUR"
