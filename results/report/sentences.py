"""Sentences and rows of the report, made from the tables of a comparison by plain templates."""

from typing import Any

import numpy as np
import pandas as pd

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import in_words
from clusterpact.results.about import About, Comparison
from clusterpact.results.report.advice import first_steps, remaining_lines
from clusterpact.results.report.words import between, measured, number, percent
from clusterpact.results.statistics.contributions import owner
from clusterpact.results.store import CAUSES

SHOWN = (
    "target_", "abated_share_", "switched_share_", "closed_share_", "output_share_", "cumulative_mt", "public_",
    "private_per", "jobs_total", "gva_total", "stranded", "defaults", "fid_", "trust_",
)  # fmt: skip


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


def behind(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """What stands behind the first screen: regret, futures that fall apart, causes, targets, what remains, first steps."""
    lines = [_least_regret(found), *_modes(found), *_causes(found, outcomes), *_targets(found, outcomes)]
    return [*lines, *remaining_lines(found), *first_steps(found)]


def effect(found: Comparison, row: dict[str, Any]) -> str:
    """What the package in focus does to the outcome: a verb only where it is known."""
    baseline, futures = found.base, f"{found.about.runs:,} futures"
    if row["verdict"] in ("better", "worse"):
        verb = "lowers" if row["difference"] < 0 else "raises"
        ends = sorted(abs(end) for end in (row["low"], row["high"]))
        return (
            f"{found.focus} {verb} {found.label} by {number(abs(row['difference']))} {found.unit} [{number(ends[0])}, "
            f"{number(ends[1])}], from {number(row['baseline_mean'])} under {baseline}; it is better in "
            f"{percent(row['better_share'])} of futures."
        )
    size = f"{number(row['difference'], True)} {found.unit} {between(row['low'], row['high'])}"
    if row["verdict"] == "alike":
        return (f"{found.focus} changes {found.label} by too little to matter: {size}, of {number(row['baseline_mean'])} "
                f"under {baseline}.")  # fmt: skip
    return (f"Whether {found.focus} is better than {baseline} in {found.label} cannot be told from {futures}: the "
            f"difference is {size}.")  # fmt: skip


def price(found: Comparison) -> str:
    """What the package in focus costs the state: in all, per tonne, in loans, and how often it is dearer."""
    money = row_of(found.tables["differences"], policy=found.package, outcome="public_meur")
    loans = row_of(found.tables["differences"], policy=found.package, outcome="loans_meur")
    tonne = per_tonne(found)
    size = f"{number(abs(money['difference']))} MEUR more" if money["difference"] > 0 else (
        f"{number(abs(money['difference']))} MEUR less")  # fmt: skip
    interval = between(money["low"], money["high"])
    known = {
        "tied": f"What it costs the state cannot be told: {number(money['difference'], True)} MEUR {interval}",
        "alike": f"It changes public money by too little to matter: {number(money['difference'], True)} MEUR {interval}",
    }
    text = known.get(str(money["verdict"]), f"It takes {size} of public money than {found.base} {interval}")
    if tonne and money["verdict"] in ("better", "worse"):
        interval = between(tonne["eur_per_t_low"], tonne["eur_per_t_high"])
        text += f", {number(tonne['eur_per_t'])} EUR per tonne less emitted {interval}"
    text += f"; it is dearer in {percent(money['worse_share'])} of futures."
    if loans and loans["verdict"] == "different":
        change = "more" if loans["difference"] > 0 else "less"
        text += f" The state lends {number(abs(loans['difference']))} MEUR {change}, to be paid back."
    return text


def per_tonne(found: Comparison) -> dict[str, Any]:
    """What a tonne less costs the state; empty where it cannot be told that the package emits less."""
    told = row_of(found.tables["differences"], policy=found.package, outcome="cumulative_mt")
    row = row_of(found.tables["marginal"], policy=found.package)
    return row if told["verdict"] == "better" and row and row["eur_per_t"] == row["eur_per_t"] else {}


def _least_regret(found: Comparison) -> str:
    """Whether the package in focus has the least expected regret, and how often it is best."""
    first = found.tables["regret"].iloc[0].to_dict()
    if first["policy"] != found.package:
        return f"{found.about.titled(first['policy'])} has the least expected regret of the packages compared."
    share, mine = percent(first["best_share"]), found.focus
    return f"Of the packages compared {mine} has the least expected regret, and is best in {share} of futures."


def _causes(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """How much of what the package in focus abates is plants that switched, plants that closed, and less output."""
    last = [str(column) for column in outcomes.columns if str(column).startswith("abated_share_")][-1]
    year = last.rsplit("_", 1)[1]
    means = outcomes[outcomes["policy"] == found.package].mean(numeric_only=True)
    abated, switched, closed, output = (float(means[f"{part}_share_{year}"]) for part in ("abated", *CAUSES))
    if abated <= 0:
        return [f"Under {found.focus} nothing is abated by {year} on average."]
    made = "less" if output >= 0 else "more"
    return [
        f"By {year} {percent(abated)} of scope 1 is abated under {found.focus}: {number(100 * switched)} points by plants "
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
        parts += [nearest(found, outcomes, int(name)) for name in missed[-1:]]
    return [f"Targets: {'; '.join(parts)}."]


def nearest(found: Comparison, outcomes: pd.DataFrame, year: int) -> str:
    """How near the best future of the package in focus comes to a target that is never met."""
    best = outcomes.loc[outcomes["policy"] == found.package, f"abated_share_{year}"].max()
    return (f"its best future abates {100 * best:.1f}\u00a0% by {year}, against a target of "
            f"{100 * found.about.targets[year]:.1f}\u00a0%")  # fmt: skip


def _modes(found: Comparison) -> list[str]:
    """Two worlds or one: the modes of the outcome under the package in focus."""
    shape = row_of(found.tables["shapes"], policy=found.package, outcome=found.outcome)
    if not shape or int(shape["modes"]) < 2:
        return []
    values, shares = str(shape["mode_values"]).split("; "), str(shape["mode_shares"]).split("; ")
    parts = [f"near {value} in {percent(float(share))}" for value, share in zip(values, shares, strict=True)]
    return [
        f"Futures fall apart under {found.focus}: {found.label} lies {' and '.join(parts)} of them ({found.unit}); the "
        f"mean of {number(shape['mean'])} hides that."
    ]


def sure(found: Comparison) -> list[str]:
    """How far the differences can be trusted: what stands, what is tied, what pairing saved, how outcomes are shaped."""
    differences = found.tables["differences"]
    known = differences[differences["p_value"].notna()]
    counts = known["verdict"].value_counts()
    saved = known["variance_reduction"].median()
    return [
        f"Of {len(known)} comparisons with {found.base}, {int(counts.get('better', 0))} are better, "
        f"{int(counts.get('worse', 0))} worse, {int(counts.get('different', 0))} different where neither is better, "
        f"{int(counts.get('alike', 0))} too small to matter, and {int(counts.get('tied', 0))} tied: those cannot be told. "
        f"Pairing futures removed {percent(float(saved))} of the variance of a difference (median)."
    ]


def flip_lines(found: Comparison) -> list[str]:
    """What would change the order of the two best packages."""
    table = found.tables["flips"]
    if len(table) == 0:
        return ["What would change the order of packages was not tested: no uncertainty was drawn."]
    first, second = (found.about.titled(str(table[name].iloc[0])) for name in ("first", "second"))
    told = [row for row in table.to_dict("records") if row["flips"]]
    if told:
        return [f"The order of {first} and {second} turns with {_gap(found, row)}." for row in told]
    row = table.iloc[0].to_dict()
    if row["low_gap"] * row["high_gap"] < 0:
        return [
            f"The order of {first} and {second} may turn with {_gap(found, row)}; {found.about.runs:,} futures cannot tell."
        ]
    return [f"No drawn uncertainty is seen to turn the order of {first} and {second}; the strongest on the gap between them "
            f"is {_gap(found, row)}."]  # fmt: skip


def _gap(found: Comparison, row: dict[Any, Any]) -> str:
    """An uncertainty, and how the gap between the two best packages changes with it."""
    gap = f"from {number(row['low_gap'], True)} to {number(row['high_gap'], True)} {found.unit}"
    meaning = PARAMETERS[row["parameter"]].meaning
    return f"the {meaning} ({row['parameter']}): from its lowest to its highest fifth, the gap goes {gap}"


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
            cells[name] = measured(row, name)
        found.append(cells)
    return found


def interaction_line(table: pd.DataFrame, outcome: str) -> str:
    """Members that do more or less within the package than alone."""
    rows = table[(table["outcome"] == outcome) & table["interacts"]]
    if len(rows) == 0:
        return "No member does more or less within the package than alone, beyond the error of the difference."
    names = [f"{row['member']} ({number(row['interaction'], True)} {row['unit']})" for row in rows.to_dict("records")]
    return f"Within the package other than alone, beyond error: {', '.join(names)}."


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
        for name in policy.schedules:
            entry = INSTRUMENTS[name]
            rows.append({"policy": policy.name, "name": name,
                         "schedule": policy.in_words(name, about.first_year, entry.unit),
                         "controls": entry.controlled_by, "pays": entry.who_pays})  # fmt: skip
        for line, points in policy.budgets.items():
            rows.append({"policy": policy.name, "name": f"{line} budget", "controls": "government", "pays": "state",
                         "schedule": f"{in_words(points, about.first_year)} MEUR/year"})  # fmt: skip
        for name, value in policy.practices.items():
            rows.append({"policy": policy.name, "name": name, "schedule": str(value), "controls": "practice", "pays": "-"})
    return rows
