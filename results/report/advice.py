"""What the page and the screen advise: steps of every stakeholder within the package, what to drop, what still remains."""

from typing import Any

import pandas as pd

from clusterpact.policies.catalogue import STAKEHOLDERS
from clusterpact.results.about import Comparison
from clusterpact.results.language import _
from clusterpact.results.report.words import between, count, measured, number, percent, schedule
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
        unit = "" if row["size_unit"] == "-" else f" {_(row['size_unit'])}"
        return f"{number(row['from_mean'])} → {number(row['to_mean'])}{unit}"
    unit = "" if row["size_unit"] == "share" else _(row["size_unit"])
    return f"{schedule(row['schedule'])} {unit}".strip() if row["schedule"] else ""


def spent(row: dict[str, Any]) -> str:
    """What a lever does to public money, in words that its interval carries."""
    low, high = row["public_meur_low"], row["public_meur_high"]
    size, interval = number(row["public_meur"], True), between(low, high)
    if row["money"] == SAVES:
        text, size, interval = _("saves the state {size} MEUR {interval}"), number(-row["public_meur"]), between(-high, -low)
    elif row["money"] == COSTS:
        text, size = _("costs the state {size} MEUR {interval}"), number(row["public_meur"])
    elif row["money"] == FREE:
        text = _("changes public money by too little to matter ({size} MEUR {interval})")
    else:
        text = _("may cost or save public money ({size} MEUR {interval}: it cannot be told)")
    return text.format(size=size, interval=interval)


def brought(row: dict[str, Any]) -> str:
    """What a lever brings within the package, with its unit and interval."""
    return f"{number(row['effect'])} {row['unit']} {between(row['effect_low'], row['effect_high'], False)}"


def step(found: Comparison, row: dict[str, Any]) -> str:
    """One step: who, what, how far, what it brings, what it costs."""
    price = ""
    if "eur_per_t" in row and row["eur_per_t"] == row["eur_per_t"]:
        price = f", {number(row['eur_per_t'])} {_('EUR/t')} {between(row['eur_per_t_low'], row['eur_per_t_high'])}"
    return _("{action}: brings {effect} within {package} and {money}").format(
        action=sized(row), effect=brought(row), package=found.focus, money=f"{spent(row)}{price}"
    )


def sized(row: dict[str, Any]) -> str:
    """The action of a lever, and how far it moves where that is known."""
    return f"{row['action']} ({size(row)})" if size(row) else str(row["action"])


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
        lines.append(_("First step, by {stakeholder}: {step}.").format(stakeholder=_(best["stakeholder"]),
                                                                       step=step(found, best)))  # fmt: skip
    else:
        limit = f"{number(rows[0]['smallest']) if rows else '0'} {found.unit}"
        untold = sum(row["verdict"] == UNTOLD for row in rows)
        text = _("No single step is told to bring more than {limit}.")
        if untold:
            text = _(
                "No single step is told to bring more than {limit}; of {untold} it cannot be told with {runs} runs each."
            )
        lines.append(text.format(limit=limit, untold=untold, runs=count(found.lever_runs)))
    drop = [row["action"] for row in rows if row["is_member"] and _is_idle(row)]
    if drop:
        lines.append(_("To drop from {package}, since it brings too little for its cost or harms: {levers}.").format(
            package=found.focus, levers=_("; ").join(drop)))  # fmt: skip
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
                "place": _("in the package") if row["is_member"] else _("not in it"),
                "effect": measured(row, "effect"), "alone": measured(row, "alone"), "public": measured(row, "public_meur"),
                "money": row["money"], "net": number(row["net_meur"], True),
            }
            for row in mine
        ]  # fmt: skip
        groups.append({"name": _(name.capitalize()), "rows": cells, "advice": advice(found, mine)})
    return groups


def advice(found: Comparison, mine: list[dict[str, Any]]) -> str:
    """What a stakeholder should do first, and whether that is told from its next best."""
    first = mine[0]
    if first["verdict"] not in (WORTH, HELPS):
        untold = [row["action"] for row in mine if row["verdict"] == UNTOLD]
        if untold:
            return _("Cannot be told with {runs} runs each: {levers}.").format(
                runs=count(found.lever_runs), levers=_("; ").join(untold)
            )
        return _("None of its levers brings enough to matter.")
    text = _("First: {step}.").format(step=step(found, first))
    if first["is_ahead"]:
        return text
    lead = _("Whether that is better than the next ({action}) cannot be told.").format(action=mine[1]["action"])
    return f"{text} {lead}"


def frontier_lines(found: Comparison) -> list[str]:
    """What to do for how much public money: single levers that nothing cheaper beats."""
    told = {SAVES: _("saved"), FREE: _("too little to matter"), COSTS: _("spent"), UNKNOWN: _("not told from zero")}
    return [
        _("{action}: {effect} for {money} MEUR ({told})").format(
            action=row["action"], effect=brought(row), money=number(row["public_meur"], True), told=told[row["money"]])
        for row in rows_of(found.tables["frontier"])
    ]  # fmt: skip


def remaining_lines(found: Comparison) -> list[str]:
    """What is still emitted in the last milestone's year, by plant, with what holds each back."""
    table = found.tables["remaining"]
    last = table[table["year"] == table["year"].max()]
    total = float(last["remaining_kt"].sum())
    parts = []
    for row in rows_of(last[last["remaining_kt"] > 0].head(REMAINING)):
        name = found.about.names.get(row["agent"], row["agent"])
        text = _("{plant} {kt} kt (switched in {share} of futures)")
        if row["gate"]:
            text = _("{plant} {kt} kt (switched in {share} of futures, {gate} in {gate_share})")
        parts.append(text.format(plant=name, kt=number(row["remaining_kt"]), share=percent(row["switched_share"]),
                                 gate=row["gate"], gate_share=percent(row["gate_share"])))  # fmt: skip
    if total <= 0 or not parts:
        return []
    text = _("Still emitted in {year} under {package}: {kt} kt a year, {share} of today's; most by {plants}.")
    return [text.format(year=int(last["year"].iloc[0]), package=found.focus, kt=number(total), plants=_("; ").join(parts),
                        share=percent(total / found.about.baseline_kt))]  # fmt: skip


def remaining_rows(found: Comparison) -> list[dict[str, Any]]:
    """Rows of the table of remaining emissions, by year and plant; plants that emit nothing are left out."""
    table = found.tables["remaining"]
    return [
        {"year": row["year"], "plant": found.about.names.get(row["agent"], row["agent"]),
         "kt": number(row["remaining_kt"]),
         "range": _("{low} to {high}").format(low=number(row["p5"]), high=number(row["p95"])),
         "share": percent(row["share"]), "switched": percent(row["switched_share"]), "closed": percent(row["closed_share"]),
         "gate": f"{row['gate']} ({percent(row['gate_share'])})" if row["gate"] else "-"}
        for row in rows_of(table[table["share"] >= 0.005])
    ]  # fmt: skip


def is_priced(found: Comparison) -> bool:
    """Whether levers are ranked by a net value."""
    return found.outcome == PRICED and found.co2_eur_per_t > 0
