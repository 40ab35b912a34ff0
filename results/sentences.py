"""Sentences and rows of the report, made from the tables of a comparison by plain templates."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from agents.parameters import PARAMETERS
from policies.instruments import INSTRUMENTS
from policies.levers import STAKEHOLDERS

if TYPE_CHECKING:
    from experiments.comparison import Comparison
    from experiments.experiment import Experiment

SHOWN = (
    "target_", "abated_share_", "cumulative_mt", "public_", "private_per", "jobs_total", "gva_total", "stranded",
    "defaults", "fid_", "trust_",
)  # fmt: skip
GRADES = {0: ("helps, no cost to the state", "better"), 1: ("helps", "better"), 2: ("tied", "tied"), 3: ("harms", "worse")}
CARRIERS = 6  #: plants shown per milestone


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
    return "-" if share != share else f"{100 * share:.0f} %"


def year(date: float) -> str:
    """A fractional year as its calendar year."""
    return "-" if date != date else f"{date:.0f}" if date == int(date) else f"{int(date)}"


def _row(table: pd.DataFrame, **equal: Any) -> dict[str, Any]:
    """The first row in which columns have given values; empty if there is none."""
    for column, value in equal.items():
        table = table[table[column] == value]
    return {str(k): v for k, v in table.iloc[0].to_dict().items()} if len(table) else {}


def answer(found: "Comparison", outcomes: pd.DataFrame) -> list[str]:
    """The first screen: what to do first, by whom, what it brings and costs, how sure that is, what would change it."""
    differences, regret = found.tables["differences"], found.tables["regret"]
    best = _row(differences, policy=found.package, outcome=found.outcome)
    money = _row(differences, policy=found.package, outcome="public_meur")
    first = str(regret["policy"].iloc[0])
    lines = [
        f"{found.package} changes {found.label} by {number(best['difference'], True)} {found.unit} "
        f"{between(best['low'], best['high'])} against {found.experiment.baseline}: {best['verdict']}, and better in "
        f"{percent(best['better_share'])} of futures. It costs the state {number(money['difference'], True)} MEUR "
        f"{between(money['low'], money['high'])} more ({money['verdict']})."
    ]
    if first == found.package:
        lines[0] += f" Of the packages compared it has the least expected regret, and is best in " \
                    f"{percent(float(regret['best_share'].iloc[0]))} of futures."  # fmt: skip
    targets = [column for column in outcomes.columns if str(column).startswith("target_")]
    mine = outcomes[outcomes["policy"] == found.package]
    chances = [f"{str(column).split('_')[1]}: {percent(float(mine[column].mean()))}" for column in targets]
    if chances:
        lines.append(f"Chance of the targets under {found.package}: {', '.join(chances)}.")
    if "levers" in found.tables:
        levers = found.tables["levers"]
        useful = levers[levers["grade"] <= 1]
        if len(useful):
            row = useful.sort_values("effect", ascending=False).iloc[0].to_dict()
            effect = f"{number(row['effect'])} {found.unit} {between(row['effect_low'], row['effect_high'], False)}"
            money_range = between(row["public_low"], row["public_high"])
            lines.append(
                f"Do first, by {row['stakeholder']}: {row['action']}. Alone it brings {effect}, the largest effect of a "
                f"single lever, and changes public money by {number(row['public_meur'], True)} MEUR {money_range}."
            )
    return lines + flip_lines(found)[:1]


def sure(found: "Comparison") -> list[str]:
    """How far the differences can be trusted: what stands, what is tied, what pairing saved, how outcomes are shaped."""
    differences = found.tables["differences"]
    known = differences[differences["p_value"].notna()]
    counts = known["verdict"].value_counts()
    saved = known["variance_reduction"].median()
    lines = [
        f"Of {len(known)} comparisons with {found.experiment.baseline}, {int(counts.get('better', 0))} are better, "
        f"{int(counts.get('worse', 0))} worse, {int(counts.get('different', 0))} different where neither is better, and "
        f"{int(counts.get('tied', 0))} tied. Pairing futures removed {percent(float(saved))} of the variance of a "
        "difference (median)."
    ]
    shape = _row(found.tables["shapes"], policy=found.package, outcome=found.outcome)
    if shape and int(shape["modes"]) > 1:
        values, shares = str(shape["mode_values"]).split("; "), str(shape["mode_shares"]).split("; ")
        parts = zip(values, shares, strict=True)
        modes = " and ".join(f"{value} ({percent(float(share))} of futures)" for value, share in parts)
        lines.append(
            f"Under {found.package}, {found.label} has {shape['modes']} modes, near {modes} {found.unit}: its mean of "
            f"{number(shape['mean'])} hides them."
        )
    return lines


def flip_lines(found: "Comparison") -> list[str]:
    """What would change the order of the two best packages."""
    table = found.tables["flips"]
    if len(table) == 0:
        return ["No uncertainty was drawn, so none can change the order of packages."]
    first, second = str(table["first"].iloc[0]), str(table["second"].iloc[0])
    lines = []
    for row in table[table["flips"]].to_dict("records"):
        gap = f"from {number(row['low_gap'], True)} to {number(row['high_gap'], True)} {found.unit}"
        lines.append(
            f"The order of {first} and {second} turns with {row['parameter']}: from its lowest to its highest fifth, the "
            f"gap between them goes {gap}."
        )
    if lines:
        return lines
    row = table.iloc[0].to_dict()
    gap = f"from {number(row['low_gap'], True)} to {number(row['high_gap'], True)} {found.unit}"
    return [
        f"None of the drawn uncertainties turns the order of {first} and {second}; the strongest on the gap between them is "
        f"{row['parameter']} ({gap})."
    ]


def difference_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of the paired differences that the page shows."""
    shown = table[table["outcome"].str.startswith(SHOWN) & table["difference"].notna()]
    return [
        {"policy": row["policy"], "label": row["label"], "unit": row["unit"], "difference": number(row["difference"], True),
         "interval": between(row["low"], row["high"]), "better": percent(row["better_share"]),
         "saved": percent(row["variance_reduction"]), "verdict": row["verdict"]}
        for row in shown.to_dict("records")
    ]  # fmt: skip


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
    return [
        {"member": row["member"]} | {name: f"{number(row[name], True)} {between(row[f'{name}_low'], row[f'{name}_high'])}"
                                     for name in ("adds", "alone", "interaction")}
        for row in rows.to_dict("records")
    ]  # fmt: skip


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


def project_rows(table: pd.DataFrame, package: str) -> list[dict[str, Any]]:
    """Announced projects under one package."""
    return [
        {"project": row["project"], "technology": row["technology"] or "first phase", "year": row["announced_year"],
         "in_time": percent(row["in_time_share"]), "late": percent(row["two_years_late_share"]),
         "ever": percent(row["ever_share"]), "gate": row["gate"],
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
        rows.append({"text": f"{row['check']}: {show(row['needed'])} against {available}: {verdict}.",
                     "css": "better" if row["fits"] else "worse"})  # fmt: skip
    return rows


def carrier_rows(found: "Comparison") -> list[dict[str, Any]]:
    """The plants that carry each milestone under the package in focus, with their latest decisions."""
    carriers, decisions = found.tables["carriers"], found.tables["decisions"]
    names = {plant.id: plant.name for plant in found.experiment.scenario.plants}
    rows = []
    mine = carriers[carriers["policy"] == found.package]
    for _, group in mine.groupby("year", sort=True):
        for row in group.head(CARRIERS).to_dict("records"):
            decision = _row(decisions, policy=found.package, agent=row["agent"], year=row["year"])
            rows.append({"year": row["year"], "plant": names.get(row["agent"], row["agent"]),
                         "share": f"{100 * row['abated_share']:.1f}", "running": percent(row["running_share"]),
                         "latest": year(decision.get("latest_fid_year", float("nan"))),
                         "decided": percent(decision.get("decided_in_time_share", float("nan")))})  # fmt: skip
    return rows


def uncertainty_rows(experiment: "Experiment") -> list[dict[str, str]]:
    """What every future draws, from what, and why."""
    rows = []
    for name, distribution in experiment.uncertainty.items():
        kind, numbers = next(iter(distribution.as_data().items()))
        drawn = f"{kind} {', '.join(f'{x:g}' for x in numbers)} {PARAMETERS[name].unit}".removesuffix(" -")
        rows.append({"name": name, "drawn": drawn, "meaning": PARAMETERS[name].meaning, "source": PARAMETERS[name].source})
    return rows


def instrument_rows(experiment: "Experiment") -> list[dict[str, str]]:
    """Every package's instruments with their schedules, and practices."""
    rows = []
    for policy in experiment.policies:
        for name, points in policy.schedules.items():
            schedule = ", ".join(f"{level:g}" if start == 0 else f"{level:g} from {start}" for start, level in points)
            entry = INSTRUMENTS[name]
            rows.append({"policy": policy.name, "name": name, "schedule": f"{schedule} {entry.unit}",
                         "controls": entry.controlled_by, "pays": entry.who_pays})  # fmt: skip
        for name, value in policy.practices.items():
            rows.append({"policy": policy.name, "name": name, "schedule": f"{value:g}", "controls": "practice", "pays": "-"})
    return rows


def source_lines(experiment: "Experiment") -> list[str]:
    """Where the cluster's figures come from."""
    file = experiment.scenario.file
    lines = [f"{file.title}: {file.source} ({file.mark})"] if file.source else []
    lines += [f"{plant.name}: {plant.source}" for plant in experiment.scenario.plants if plant.source]
    items: list[Any] = [*file.network, *file.financier, *file.government]
    return lines + [f"{item.name}: {item.source} ({item.mark})" for item in items]
