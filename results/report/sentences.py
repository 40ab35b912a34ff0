"""Sentences and rows of the report, made from the tables of a comparison by plain templates."""

from typing import Any

import numpy as np
import pandas as pd

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.policies.catalogue import INSTRUMENTS, STAKEHOLDERS
from clusterpact.policies.package import in_words
from clusterpact.results.about import About, Comparison
from clusterpact.results.statistics.contributions import owner
from clusterpact.results.store import CAUSES

SHOWN = (
    "target_", "abated_share_", "switched_share_", "closed_share_", "output_share_", "cumulative_mt", "public_",
    "private_per", "jobs_total", "gva_total", "stranded", "defaults", "fid_", "trust_",
)  # fmt: skip
GRADES = {0: ("helps, public cost not told from zero", "better"), 1: ("helps", "better"), 2: ("tied", "tied"),
          3: ("harms", "worse")}  # fmt: skip


def number(value: float, sign: bool = False) -> str:
    """A number to three digits, or to whole ones from a hundred on."""
    if value != value:
        return "-"
    if value == 0:
        return "0"
    plus = "+" if sign else ""
    if abs(value) >= 99.5:
        return f"{value:{plus},.0f}"
    return f"{value:{plus}.3g}"


def between(low: float, high: float, sign: bool = True) -> str:
    """An interval."""
    return f"[{number(low, sign)}, {number(high, sign)}]"


def percent(share: float) -> str:
    """A share in percent."""
    return "-" if share != share else f"{100 * share:.0f}\u00a0%"


def year(date: float) -> str:
    """A fractional year as its calendar year."""
    return "-" if date != date else str(int(date))


def row_of(table: pd.DataFrame, **equal: Any) -> dict[str, Any]:
    """The first row in which columns have given values; empty if there is none."""
    for column, value in equal.items():
        table = table[table[column] == value]
    return {str(k): v for k, v in table.iloc[0].to_dict().items()} if len(table) else {}


def named(found: Comparison, text: str) -> str:
    """A label with the names of networks in place of their ids."""
    for network in found.about.kinds:
        text = text.replace(f"FID of {network}", f"FID of {found.about.names[network]}")
    return text


def answer(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """The first screen: what it brings and costs, how sure that is, what to do first and by whom, what would change it."""
    best = row_of(found.tables["differences"], policy=found.package, outcome=found.outcome)
    money = row_of(found.tables["differences"], policy=found.package, outcome="public_meur")
    change = "lowers" if best["difference"] < 0 else "raises"
    one_sided = best["low"] * best["high"] > 0
    ends = sorted(abs(end) for end in (best["low"], best["high"]))
    interval = f"[{number(ends[0])}, {number(ends[1])}]" if one_sided else between(best["low"], best["high"])
    lines = [
        f"{found.package} {change} {found.label} by {number(abs(best['difference']))} {found.unit} {interval}, from "
        f"{number(best['baseline_mean'])} under {found.about.baseline} ({best['verdict']}; better in "
        f"{percent(best['better_share'])} of futures).{_least_regret(found)}"
    ]
    if found.outcome != "public_meur":
        told = "" if money["verdict"] != "tied" else ", not told from zero after adjusting for all comparisons"
        size = f"{number(money['difference'], True)} MEUR {between(money['low'], money['high'])}"
        dearer = percent(money["worse_share"])
        lines.append(
            f"It changes public money by {size}{told}; it is dearer for the state than {found.about.baseline} in "
            f"{dearer} of futures. Carbon contracts pay back where the carbon price rises above their strike."
        )
    more = [*_modes(found), *_causes(found, outcomes), *_targets(found, outcomes), *_first(found)]
    return [*lines, *more, *flip_lines(found)[:1]]


def _least_regret(found: Comparison) -> str:
    """Whether the package in focus has the least expected regret, and how often it is best."""
    first = found.tables["regret"].iloc[0].to_dict()
    if first["policy"] != found.package:
        return f" {first['policy']} has the least expected regret of the packages compared."
    share = percent(first["best_share"])
    return f" Of the packages compared it has the least expected regret, and is best in {share} of futures."


def _causes(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """How much of what the package in focus abates is plants that switched, plants that closed, and less output."""
    last = [str(column) for column in outcomes.columns if str(column).startswith("abated_share_")][-1]
    year = last.rsplit("_", 1)[1]
    means = outcomes[outcomes["policy"] == found.package].mean(numeric_only=True)
    abated, switched, closed, output = (float(means[f"{part}_share_{year}"]) for part in ("abated", *CAUSES))
    if abated <= 0:
        return [f"Under {found.package} nothing is abated by {year} on average."]
    made = "less" if output >= 0 else "more"
    return [
        f"By {year} {percent(abated)} of scope 1 is abated under {found.package}: {number(100 * switched)} points by plants "
        f"that switched, {number(100 * closed)} by plants that closed, {number(100 * output)} since plants make {made}. So "
        f"{percent(closed / abated)} of what is abated is plants that closed."
    ]


def _targets(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """How likely each target is under the package in focus, and whether any package meets it at all."""
    columns = [str(column) for column in outcomes.columns if str(column).startswith("target_")]
    if not columns:
        return []
    mine = outcomes[outcomes["policy"] == found.package]
    runs = len(mine)
    chances = {column.split("_")[1]: float(mine[column].mean()) for column in columns if outcomes[column].any()}
    parts = [f"it meets that of {name} in {percent(chance)} of futures" for name, chance in chances.items()]
    if missed := [column.split("_")[1] for column in columns if not outcomes[column].any()]:
        which = f"that of {missed[0]}" if len(missed) == 1 else f"those of {', '.join(missed[:-1])} and {missed[-1]}"
        bound = min(100.0, 300 / runs)
        parts.append(f"no package meets {which} in any of {runs:,} futures (the chance is below {bound:.2g}\u00a0%)")
    return [f"Targets: {'; '.join(parts)}."]


def _first(found: Comparison) -> list[str]:
    """The lever to pull first, by the order of the page's ranking, and the one with the largest effect if it is another."""
    if "levers" not in found.tables:
        return []
    rows: list[dict[str, Any]] = [
        {str(k): v for k, v in row.items()} for row in found.tables["levers"].to_dict("records") if row["grade"] <= 1
    ]
    if not rows:
        return ["No single lever helps beyond the error of its effect."]
    free = [row for row in rows if row["grade"] == 0]
    first = max(free, key=lambda row: row["effect"]) if free else max(rows, key=lambda row: row["per_public_meur"])
    largest = max(rows, key=lambda row: row["effect"])
    lines = [f"Do first, by {first['stakeholder']}: {first['action']}. {_lever(found, first)}"]
    if largest["lever"] != first["lever"]:
        lines.append(
            f"The largest single effect, by {largest['stakeholder']}: {largest['action']}. {_lever(found, largest)}"
        )
    return lines


def _lever(found: Comparison, row: dict[str, Any]) -> str:
    """What one lever brings alone, and what it costs."""
    effect = f"{number(row['effect'])} {found.unit} {between(row['effect_low'], row['effect_high'], False)}"
    money = f"{number(row['public_meur'], True)} MEUR {between(row['public_low'], row['public_high'])}"
    return f"Alone it brings {effect} and changes public money by {money}."


def _modes(found: Comparison) -> list[str]:
    """Two worlds or one: the modes of the outcome under the package in focus."""
    shape = row_of(found.tables["shapes"], policy=found.package, outcome=found.outcome)
    if not shape or int(shape["modes"]) < 2:
        return []
    values, shares = str(shape["mode_values"]).split("; "), str(shape["mode_shares"]).split("; ")
    parts = [f"near {value} in {percent(float(share))}" for value, share in zip(values, shares, strict=True)]
    return [
        f"Futures fall apart under {found.package}: {found.label} lies {' and '.join(parts)} of them ({found.unit}); the "
        f"mean of {number(shape['mean'])} hides that."
    ]


def sure(found: Comparison) -> list[str]:
    """How far the differences can be trusted: what stands, what is tied, what pairing saved, how outcomes are shaped."""
    differences = found.tables["differences"]
    known = differences[differences["p_value"].notna()]
    counts = known["verdict"].value_counts()
    saved = known["variance_reduction"].median()
    return [
        f"Of {len(known)} comparisons with {found.about.baseline}, {int(counts.get('better', 0))} are better, "
        f"{int(counts.get('worse', 0))} worse, {int(counts.get('different', 0))} different where neither is better, and "
        f"{int(counts.get('tied', 0))} tied. Pairing futures removed {percent(float(saved))} of the variance of a "
        "difference (median)."
    ]


def flip_lines(found: Comparison) -> list[str]:
    """What would change the order of the two best packages."""
    table = found.tables["flips"]
    if len(table) == 0:
        return ["No uncertainty was drawn, so none can change the order of packages."]
    first, second = str(table["first"].iloc[0]), str(table["second"].iloc[0])
    lines = []
    for row in table[table["flips"]].to_dict("records"):
        meaning = PARAMETERS[row["parameter"]].meaning
        gap = f"from {number(row['low_gap'], True)} to {number(row['high_gap'], True)} {found.unit}"
        lines.append(
            f"The order of {first} and {second} turns with the {meaning} ({row['parameter']}): from its lowest to its "
            f"highest fifth, the gap between them goes {gap}."
        )
    if lines:
        return lines
    row = table.iloc[0].to_dict()
    meaning = PARAMETERS[row["parameter"]].meaning
    gap = f"from {number(row['low_gap'], True)} to {number(row['high_gap'], True)} {found.unit}"
    return [
        f"None of the drawn uncertainties turns the order of {first} and {second}; the strongest on the gap between them is "
        f"the {meaning} ({row['parameter']}): from its lowest to its highest fifth it goes {gap}."
    ]


def difference_rows(found: Comparison) -> list[dict[str, str]]:
    """Rows of the paired differences that the page shows."""
    table = found.tables["differences"]
    shown = table[table["outcome"].str.startswith(SHOWN) & table["difference"].notna()]
    rows = []
    for row in shown.to_dict("records"):
        alike = row["difference"] == 0 and row["low"] == row["high"]
        unit = "" if row["unit"] == "-" else f", {row['unit']}"
        rows.append({"policy": row["policy"], "label": named(found, row["label"]) + unit,
                     "difference": number(row["difference"], True), "interval": between(row["low"], row["high"]),
                     "better": percent(row["better_share"]), "saved": "-" if alike else percent(row["variance_reduction"]),
                     "verdict": row["verdict"]})  # fmt: skip
    return rows


def regret_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of the regret table."""
    return [
        {"policy": row["policy"], "best": percent(row["best_share"]), "mean": number(row["mean_regret"]),
         "p90": number(row["p90_regret"]), "max": number(row["max_regret"])}
        for row in table.to_dict("records")
    ]  # fmt: skip


def contribution_rows(table: pd.DataFrame, outcome: str) -> list[dict[str, str]]:
    """Members of the package with their effects, strongest first."""
    rows = table[table["outcome"] == outcome].sort_values("adds", key=lambda x: -np.abs(x), kind="stable")
    found = []
    for row in rows.to_dict("records"):
        cells = {"member": f"{owner(row['member'])[1]} ({row['member']})"}
        for name in ("adds", "alone", "interaction"):
            cells[name] = f"{number(row[name], True)} {between(row[f'{name}_low'], row[f'{name}_high'])}"
        found.append(cells)
    return found


def interaction_line(table: pd.DataFrame, outcome: str) -> str:
    """Members that do more or less within the package than alone."""
    rows = table[(table["outcome"] == outcome) & table["interacts"]]
    if len(rows) == 0:
        return "No member does more or less within the package than alone, beyond the error of the difference."
    names = [f"{row['member']} ({number(row['interaction'], True)} {row['unit']})" for row in rows.to_dict("records")]
    return f"Within the package other than alone, beyond error: {', '.join(names)}."


def lever_groups(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Levers by stakeholder, with a sentence on the first one and on how firm the order of the first two is."""
    groups = []
    for name in STAKEHOLDERS:
        mine = table[table["stakeholder"] == name]
        if len(mine) == 0:
            continue
        rows = []
        for row in mine.to_dict("records"):
            verdict, css = GRADES[int(row["grade"])]
            rows.append({"action": row["action"], "verdict": verdict, "css": css,
                         "effect": f"{number(row['effect'], True)} {between(row['effect_low'], row['effect_high'])}",
                         "public": f"{number(row['public_meur'], True)} {between(row['public_low'], row['public_high'])}",
                         "per": number(100 * row["per_public_meur"], True)})  # fmt: skip
        groups.append({"name": name.capitalize(), "rows": rows, "advice": _advice(mine)})
    return groups


def _advice(mine: pd.DataFrame) -> str:
    """What a stakeholder should do first, and when the order of its first two levers would change."""
    useful = mine[mine["grade"] <= 1].to_dict("records")
    if not useful:
        return "None of its levers helps beyond the error of its effect."
    first = useful[0]
    text = f"First: {first['action']}."
    if len(useful) > 1 and useful[0]["grade"] == useful[1]["grade"]:
        second = useful[1]
        if second["effect_high"] > first["effect_low"]:
            text += f" Its lead over the next one ({second['action']}) is within their intervals."
        if first["grade"] == 1:
            ratio = first["per_public_meur"] / second["per_public_meur"]
            text += f" The order changes if it costs more than {ratio:.2g} times as much as here."
    return text


def uncertainty_rows(about: About) -> list[dict[str, str]]:
    """What every future draws, from what, and why."""
    rows = []
    if about.ensemble:
        rows.append({"name": f"ensemble {about.ensemble}", "drawn": "a row of the ensemble, by weight",
                     "meaning": "all parameters of behaviour together, but for those below",
                     "source": "what a record of the past does not rule out (docs/validation.md)"})  # fmt: skip
    for name, distribution in about.uncertainty.items():
        kind, numbers = next(iter(distribution.items()))
        drawn = f"{kind} {', '.join(f'{x:g}' for x in numbers)} {PARAMETERS[name].unit}".removesuffix(" -")
        rows.append({"name": name, "drawn": drawn, "meaning": PARAMETERS[name].meaning, "source": PARAMETERS[name].source})
    return rows


def instrument_rows(about: About) -> list[dict[str, str]]:
    """Every package's instruments and budgets with their schedules, and practices."""
    rows = []
    for policy in about.policies:
        for name, points in policy.schedules.items():
            entry = INSTRUMENTS[name]
            rows.append({"policy": policy.name, "name": name,
                         "schedule": f"{in_words(points, about.first_year)} {entry.unit}",
                         "controls": entry.controlled_by, "pays": entry.who_pays})  # fmt: skip
        for line, points in policy.budgets.items():
            rows.append({"policy": policy.name, "name": f"{line} budget", "controls": "government", "pays": "state",
                         "schedule": f"{in_words(points, about.first_year)} MEUR/year"})  # fmt: skip
        for name, value in policy.practices.items():
            rows.append({"policy": policy.name, "name": name, "schedule": str(value), "controls": "practice", "pays": "-"})
    return rows
