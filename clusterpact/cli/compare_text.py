"""A comparison in lines for the screen."""

from collections.abc import Iterator

from clusterpact.cli.account_text import grid
from clusterpact.results.about import Comparison
from clusterpact.results.report.advice import advice, frontier_lines, is_priced, remaining_lines, rows_of
from clusterpact.results.report.pathways import pathway_lines
from clusterpact.results.report.project_rows import project_rows
from clusterpact.results.report.robust import nearest_lines, robust_lines
from clusterpact.results.report.words import between, number
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
    yield from _pathways(found)
    yield from remaining_lines(found)
    yield from nearest_lines(found)
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
        for verdict, words in (("alike", "too small to matter"), ("tied", "cannot be told")):
            same = rows.loc[rows["verdict"] == verdict, "label"].to_list()
            yield f"  {verdict:9} {len(same)} outcomes ({words})" + (f", such as {same[0]}" if same else "")


def _regret(found: Comparison) -> Iterator[str]:
    yield f"regret in {found.label}, {found.unit} (expected; largest; best in so many futures)"
    wide = min(60, max(22, *map(width, found.tables["regret"]["policy"])))
    for row in found.tables["regret"].to_dict("records"):
        sizes = f"{number(abs(row['mean_regret'])):>8}  {number(abs(row['max_regret'])):>8}"
        yield f"  {padded(row['policy'], wide)} {sizes}  {100 * row['best_share']:5.0f} %"
    flips = found.tables["flips"]
    turned = flips.loc[flips["flips"], "parameter"].to_list() if len(flips) else []
    yield f"  the order of the first two flips with: {', '.join(turned) or 'none of the uncertainties'}"
    yield from (f"  {line}" for line in robust_lines(found))


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


def _pathways(found: Comparison) -> Iterator[str]:
    """When the steps of packages start that wait for a signal, and which follows which."""
    for heading, lines in pathway_lines(found.about, found.tables, found.package):
        yield ""
        yield f"which step follows which signal: {heading}"
        yield from (f"  {line}" for line in lines)


def _levers(found: Comparison) -> Iterator[str]:
    value = f"CO2 at {number(found.co2_eur_per_t)} EUR/t" if is_priced(found) else "by effect"
    yield f"levers within {found.package}, {found.lever_runs:,} runs each; first of each stakeholder ({value})"
    for who, rows in found.tables["levers"].groupby("stakeholder", sort=False):
        yield f"  {who!s:12} {advice(found, rows_of(rows))}"
    lines = frontier_lines(found)
    if lines:
        yield "  most for the money, one lever at a time:"
        yield from (f"    {line}" for line in lines)
