"""What the page and the screen advise: steps of every stakeholder within the package, what to drop, what still remains."""

from typing import Any

import pandas as pd

from clusterpact.policies.catalogue import STAKEHOLDERS
from clusterpact.results.about import Comparison
from clusterpact.results.report.words import between, measured, number, percent
from clusterpact.results.statistics.levers import (
    COSTS,
    DEAR,
    FREE,
    HARMS,
    HELPS,
    LITTLE,
    PRICED,
    SAVES,
    UNKNOWN,
    UNTOLD,
    WORTH,
)

CSS = {WORTH: "better", HELPS: "better", DEAR: "tied", UNTOLD: "tied", LITTLE: "tied", HARMS: "worse"}
REMAINING = 5  #: plants named in a sentence


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as dictionaries with text keys."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def size(row: dict[str, Any]) -> str:
    """How far a lever moves: from and to of a practice, the schedule of an instrument."""
    if row["from_mean"] == row["from_mean"]:
        unit = "" if row["size_unit"] == "-" else f" {row['size_unit']}"
        return f"{number(row['from_mean'])} → {number(row['to_mean'])}{unit}"
    return f"{row['schedule']} {'' if row['size_unit'] == 'share' else row['size_unit']}".strip() if row["schedule"] else ""


def spent(row: dict[str, Any]) -> str:
    """What a lever does to public money, in words that its interval carries."""
    low, high = row["public_meur_low"], row["public_meur_high"]
    interval = f"MEUR {between(low, high)}"
    if row["money"] == SAVES:
        return f"saves the state {number(-row['public_meur'])} MEUR {between(-high, -low)}"
    if row["money"] == COSTS:
        return f"costs the state {number(row['public_meur'])} {interval}"
    if row["money"] == FREE:
        return f"changes public money by too little to matter ({number(row['public_meur'], True)} {interval})"
    return f"may cost or save public money ({number(row['public_meur'], True)} {interval}: it cannot be told)"


def brought(row: dict[str, Any]) -> str:
    """What a lever brings within the package, with its unit and interval."""
    return f"{number(row['effect'])} {row['unit']} {between(row['effect_low'], row['effect_high'], False)}"


def step(found: Comparison, row: dict[str, Any]) -> str:
    """One step: who, what, how far, what it brings, what it costs."""
    far = f" ({size(row)})" if size(row) else ""
    price = ""
    if "eur_per_t" in row and row["eur_per_t"] == row["eur_per_t"]:
        price = f", {number(row['eur_per_t'])} EUR/t {between(row['eur_per_t_low'], row['eur_per_t_high'])}"
    return f"{row['action']}{far}: brings {brought(row)} within {found.focus} and {spent(row)}{price}"


def best_step(found: Comparison) -> dict[str, Any] | None:
    """The lever that helps most, of those that are told to: worth its cost before others; None if there is none."""
    rows = rows_of(found.tables["levers"]) if "levers" in found.tables else []
    helps = [row for row in rows if row["verdict"] in (WORTH, HELPS)]
    return max(helps, key=lambda row: (row["verdict"] == WORTH, _key(row)), default=None)


def first_steps(found: Comparison) -> list[str]:
    """The step to take first beside the package or within it, what to drop, and what cannot be told."""
    if "levers" not in found.tables:
        return []
    rows, best = rows_of(found.tables["levers"]), best_step(found)
    lines = []
    if best is not None:
        lines.append(f"First step, by {best['stakeholder']}: {step(found, best)}.")
    else:
        limit = number(rows[0]["smallest"]) if rows else "0"
        untold = sum(row["verdict"] == UNTOLD for row in rows)
        more = f"; of {untold} it cannot be told with {found.lever_runs:,} runs each" if untold else ""
        lines.append(f"No single step is told to bring more than {limit} {found.unit}{more}.")
    drop = [row["action"] for row in rows if row["is_member"] and _is_idle(row)]
    if drop:
        lines.append(f"To drop from {found.focus}, since it brings too little for its cost or harms: {'; '.join(drop)}.")
    return lines


def _key(row: dict[str, Any]) -> float:
    """What levers are ranked by: net value where there is one, else the effect."""
    return float(row["net_meur"] if row["net_meur"] == row["net_meur"] else row["effect"])


def _is_idle(row: dict[str, Any]) -> bool:
    """Whether a package is no worse without a member: it harms, or costs money that it is not worth."""
    return row["verdict"] in (HARMS, DEAR) or (row["verdict"] == LITTLE and row["money"] == COSTS)


def lever_groups(found: Comparison) -> list[dict[str, Any]]:
    """Levers by stakeholder, best first, with a sentence on the first one and on how firm the order is."""
    table = found.tables["levers"]
    groups = []
    for name in STAKEHOLDERS:
        mine = rows_of(table[table["stakeholder"] == name])
        if not mine:
            continue
        cells = [
            {
                "action": row["action"], "size": size(row), "verdict": row["verdict"], "css": CSS[row["verdict"]],
                "place": "in the package" if row["is_member"] else "not in it",
                "effect": measured(row, "effect"), "alone": measured(row, "alone"), "public": measured(row, "public_meur"),
                "money": row["money"], "net": number(row["net_meur"], True),
            }
            for row in mine
        ]  # fmt: skip
        groups.append({"name": name.capitalize(), "rows": cells, "advice": advice(found, mine)})
    return groups


def advice(found: Comparison, mine: list[dict[str, Any]]) -> str:
    """What a stakeholder should do first, and whether that is told from its next best."""
    first = mine[0]
    if first["verdict"] not in (WORTH, HELPS):
        untold = [row["action"] for row in mine if row["verdict"] == UNTOLD]
        if untold:
            return f"Cannot be told with {found.lever_runs:,} runs each: {'; '.join(untold)}."
        return "None of its levers brings enough to matter."
    lead = "" if first["is_ahead"] else f" Whether that is better than the next ({mine[1]['action']}) cannot be told."
    return f"First: {step(found, first)}.{lead}"


def frontier_lines(found: Comparison) -> list[str]:
    """What to do for how much public money: single levers that nothing cheaper beats."""
    told = {SAVES: "saved", FREE: "too little to matter", COSTS: "spent", UNKNOWN: "not told from zero"}
    lines = []
    for row in rows_of(found.tables["frontier"]):
        lines.append(f"{row['action']}: {brought(row)} for {number(row['public_meur'], True)} MEUR ({told[row['money']]})")
    return lines


def remaining_lines(found: Comparison) -> list[str]:
    """What is still emitted in the last milestone's year, by plant, with what holds each back."""
    table = found.tables["remaining"]
    last = table[table["year"] == table["year"].max()]
    total = float(last["remaining_kt"].sum())
    parts = []
    for row in rows_of(last[last["remaining_kt"] > 0].head(REMAINING)):
        name = found.about.names.get(row["agent"], row["agent"])
        why = f", {row['gate']} in {percent(row['gate_share'])}" if row["gate"] else ""
        parts.append(
            f"{name} {number(row['remaining_kt'])} kt (switched in {percent(row['switched_share'])} of futures{why})"
        )
    if total <= 0 or not parts:
        return []
    share = percent(total / found.about.baseline_kt)
    year = int(last["year"].iloc[0])
    return [f"Still emitted in {year} under {found.focus}: {number(total)} kt a year, {share} of today's; most by "
            f"{'; '.join(parts)}."]  # fmt: skip


def remaining_rows(found: Comparison) -> list[dict[str, Any]]:
    """Rows of the table of remaining emissions, by year and plant; plants that emit nothing are left out."""
    table = found.tables["remaining"]
    return [
        {"year": row["year"], "plant": found.about.names.get(row["agent"], row["agent"]),
         "kt": number(row["remaining_kt"]), "range": f"{number(row['p5'])} to {number(row['p95'])}",
         "share": percent(row["share"]), "switched": percent(row["switched_share"]), "closed": percent(row["closed_share"]),
         "gate": f"{row['gate']} ({percent(row['gate_share'])})" if row["gate"] else "-"}
        for row in rows_of(table[table["share"] >= 0.005])
    ]  # fmt: skip


def is_priced(found: Comparison) -> bool:
    """Whether levers are ranked by a net value."""
    return found.outcome == PRICED and found.co2_eur_per_t > 0
