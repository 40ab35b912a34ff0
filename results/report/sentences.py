"""Sentences and rows of the report, made from the tables of a comparison by plain templates."""

from typing import Any

import numpy as np
import pandas as pd

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import in_words
from clusterpact.results.about import About, Comparison
from clusterpact.results.language import _, written
from clusterpact.results.recorded import CAUSES
from clusterpact.results.report.advice import first_steps, remaining_lines
from clusterpact.results.report.robust import nearest_lines
from clusterpact.results.report.words import between, count, measured, number, percent, percents, schedule
from clusterpact.results.statistics.contributions import owner

SHOWN = (
    "target_", "abated_share_", "switched_share_", "closed_share_", "output_share_", "cumulative_mt", "public_",
    "private_per", "jobs_total", "gva_total", "stranded", "defaults", "fid_", "trust_",
)  # fmt: skip


def row_of(table: pd.DataFrame, **equal: Any) -> dict[str, Any]:
    """The first row in which columns have given values; empty if there is none."""
    for column, value in equal.items():
        table = table[table[column] == value]
    return {str(k): v for k, v in table.iloc[0].to_dict().items()} if len(table) else {}


def behind(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """What stands behind the first screen: regret, futures that fall apart, causes, targets, what remains, first steps."""
    lines = [_least_regret(found), *_modes(found), *_causes(found, outcomes), *_targets(found, outcomes)]
    return [*lines, *remaining_lines(found), *nearest_lines(found), *first_steps(found)]


def effect(found: Comparison, row: dict[str, Any]) -> str:
    """What the package in focus does to the outcome: a verb only where it is known."""
    size, interval = number(row["difference"], True), between(row["low"], row["high"])
    if row["verdict"] in ("better", "worse"):
        text = _("{package} raises {outcome} by {size} {unit} {interval}, from {before} under {baseline}; it is better in "
                 "{share} of futures.")  # fmt: skip
        if row["difference"] < 0:
            text = _("{package} lowers {outcome} by {size} {unit} {interval}, from {before} under {baseline}; it is better "
                     "in {share} of futures.")  # fmt: skip
        ends = sorted(abs(end) for end in (row["low"], row["high"]))
        size, interval = number(abs(row["difference"])), between(ends[0], ends[1], False)
    elif row["verdict"] == "alike":
        text = _("{package} changes {outcome} by too little to matter: {size} {unit} {interval}, of {before} under "
                 "{baseline}.")  # fmt: skip
    else:
        text = _("Whether {package} is better than {baseline} in {outcome} cannot be told from {runs} futures: the "
                 "difference is {size} {unit} {interval}.")  # fmt: skip
        if row["low"] * row["high"] > 0:
            text += " " + _("Among {comparisons} comparisons one like it may be chance.")
    return text.format(package=found.focus, outcome=found.label, unit=found.unit, baseline=found.base, size=size,
                       interval=interval, before=number(row["baseline_mean"]), share=percent(row["better_share"]),
                       runs=count(found.about.runs), comparisons=compared(found))  # fmt: skip


def compared(found: Comparison) -> int:
    """How many differences the page tells from zero or not, for which its verdicts are adjusted."""
    return int(found.tables["differences"]["p_value"].notna().sum())


def price(found: Comparison) -> str:
    """What the package in focus costs the state: in all, per tonne, in loans and guarantees, and how often it is dearer."""
    money = row_of(found.tables["differences"], policy=found.package, outcome="public_meur")
    loans = row_of(found.tables["differences"], policy=found.package, outcome="loans_meur")
    tonne = per_tonne(found)
    size, verdict = number(money["difference"], True), str(money["verdict"])
    if verdict == "tied":
        text = _("What it costs the state cannot be told: {size} MEUR {interval}; it is dearer in {share} of futures.")
    elif verdict == "alike":
        text = _(
            "It changes public money by too little to matter: {size} MEUR {interval}; it is dearer in {share} of futures."
        )
    else:
        size = number(abs(money["difference"]))
        text = _priced(money["difference"] > 0, bool(tonne))
    per = between(tonne["eur_per_t_low"], tonne["eur_per_t_high"]) if tonne else ""
    text = text.format(size=size, interval=between(money["low"], money["high"]), share=percent(money["worse_share"]),
                       baseline=found.base, eur=number(tonne["eur_per_t"]) if tonne else "", per=per)  # fmt: skip
    if loans and loans["verdict"] == "different":
        lends = _("The state lends {size} MEUR more, to be paid back.")
        if loans["difference"] < 0:
            lends = _("The state lends {size} MEUR less, to be paid back.")
        text += f" {lends.format(size=number(abs(loans['difference'])))}"
    exposure = row_of(found.tables["differences"], policy=found.package, outcome="most_guaranteed_meur")
    if exposure and exposure["verdict"] == "different":
        stands = _("At the peak it stands for {size} MEUR more in guarantees.")
        if exposure["difference"] < 0:
            stands = _("At the peak it stands for {size} MEUR less in guarantees.")
        text += f" {stands.format(size=number(abs(exposure['difference'])))}"
    return text


def _priced(is_more: bool, per_tonne: bool) -> str:
    """The sentence on public money that is told: more or less, and per tonne where that is known."""
    if is_more and per_tonne:
        return _("It takes {size} MEUR more of public money than {baseline} {interval}, {eur} EUR per tonne less emitted "
                 "{per}; it is dearer in {share} of futures.")  # fmt: skip
    if is_more:
        return _("It takes {size} MEUR more of public money than {baseline} {interval}; it is dearer in {share} of futures.")
    if per_tonne:
        return _("It takes {size} MEUR less of public money than {baseline} {interval}, {eur} EUR per tonne less emitted "
                 "{per}; it is dearer in {share} of futures.")  # fmt: skip
    return _("It takes {size} MEUR less of public money than {baseline} {interval}; it is dearer in {share} of futures.")


def per_tonne(found: Comparison) -> dict[str, Any]:
    """What a tonne less costs the state; empty where it cannot be told that the package emits less."""
    told = row_of(found.tables["differences"], policy=found.package, outcome="cumulative_mt")
    row = row_of(found.tables["marginal"], policy=found.package)
    return row if told["verdict"] == "better" and row and row["eur_per_t"] == row["eur_per_t"] else {}


def _least_regret(found: Comparison) -> str:
    """Whether the package in focus has the least expected regret, and how often it is best."""
    first = found.tables["regret"].iloc[0].to_dict()
    if first["policy"] != found.package:
        text = _("{package} has the least expected regret of the packages compared.")
        return text.format(package=found.about.titled(first["policy"]))
    text = _("Of the packages compared {package} has the least expected regret, and is best in {share} of futures.")
    return text.format(package=found.focus, share=percent(first["best_share"]))


def _causes(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """How much of what the package in focus abates is plants that switched, plants that closed, and less output."""
    last = [str(column) for column in outcomes.columns if str(column).startswith("abated_share_")][-1]
    year = last.rsplit("_", 1)[1]
    means = outcomes[outcomes["policy"] == found.package].mean(numeric_only=True)
    abated, switched, closed, output = (float(means[f"{part}_share_{year}"]) for part in ("abated", *CAUSES))
    if abated <= 0:
        return [_("Under {package} nothing is abated by {year} on average.").format(package=found.focus, year=year)]
    text = _("By {year} {abated} of scope 1 is abated under {package}: {switched} points by plants that switched, {closed} "
             "by plants that closed, {output} since plants make less. So {share} of what is abated is plants that "
             "closed.")  # fmt: skip
    if output < 0:
        text = _("By {year} {abated} of scope 1 is abated under {package}: {switched} points by plants that switched, "
                 "{closed} by plants that closed, {output} since plants make more. So {share} of what is abated is plants "
                 "that closed.")  # fmt: skip
    points = {name: number(100 * part) for name, part in (("switched", switched), ("closed", closed), ("output", output))}
    share = percent(closed / abated)
    return [text.format(year=year, abated=percent(abated), package=found.focus, share=share, **points)]


def _targets(found: Comparison, outcomes: pd.DataFrame) -> list[str]:
    """How likely each target is under the package in focus, and whether any package meets it at all."""
    columns = [str(column) for column in outcomes.columns if str(column).startswith("target_")]
    if not columns:
        return []
    mine = outcomes[outcomes["policy"] == found.package]
    runs = len(mine)
    chances = {column.split("_")[1]: float(mine[column].mean()) for column in columns if outcomes[column].any()}
    parts = [
        _("it meets that of {year} in {share} of futures").format(year=name, share=percent(chance))
        for name, chance in chances.items()
    ]
    if missed := [column.split("_")[1] for column in columns if not outcomes[column].any()]:
        text = _("no package meets that of {year} in any of {runs} futures (the chance is below {bound})")
        if len(missed) > 1:
            text = _("no package meets those of {years} and {year} in any of {runs} futures (the chance is below {bound})")
        parts.append(text.format(years=", ".join(missed[:-1]), year=missed[-1], runs=count(runs),
                                 bound=percents(f"{min(100.0, 300 / runs):.2g}")))  # fmt: skip
        parts += [nearest(found, outcomes, int(name)) for name in missed[-1:]]
    return [_("Targets: {parts}.").format(parts=_("; ").join(parts))]


def nearest(found: Comparison, outcomes: pd.DataFrame, year: int) -> str:
    """How near the best future of the package in focus comes to a target that is never met."""
    best = outcomes.loc[outcomes["policy"] == found.package, f"abated_share_{year}"].max()
    text = _("its best future abates {share} by {year}, against a target of {target}")
    return text.format(share=percent(best, 1), year=year, target=percent(found.about.targets[year], 1))


def _modes(found: Comparison) -> list[str]:
    """Two worlds or one: the modes of the outcome under the package in focus."""
    shape = row_of(found.tables["shapes"], policy=found.package, outcome=found.outcome)
    if not shape or int(shape["modes"]) < 2:
        return []
    values, shares = str(shape["mode_values"]).split("; "), str(shape["mode_shares"]).split("; ")
    parts = [
        _("near {value} in {share}").format(value=written(value), share=percent(float(share)))
        for value, share in zip(values, shares, strict=True)
    ]
    text = _("Futures fall apart under {package}: {outcome} lies {modes} of them ({unit}); the mean of {mean} hides that.")
    return [text.format(package=found.focus, outcome=found.label, modes=_(" and ").join(parts), unit=found.unit,
                        mean=number(shape["mean"]))]  # fmt: skip


def sure(found: Comparison) -> list[str]:
    """How far the differences can be trusted: what stands, what is tied, what pairing saved, how outcomes are shaped."""
    differences = found.tables["differences"]
    known = differences[differences["p_value"].notna()]
    counts = known["verdict"].value_counts()
    saved = known["variance_reduction"].median()
    text = _("Of {all} comparisons with {baseline}, {better} are better, {worse} worse, {different} different where neither "
             "is better, {alike} too small to matter, and {tied} tied: those cannot be told. Pairing futures removed "
             "{saved} of the variance of a difference (median).")  # fmt: skip
    verdicts = {name: int(counts.get(name, 0)) for name in ("better", "worse", "different", "alike", "tied")}
    return [text.format(all=len(known), baseline=found.base, saved=percent(float(saved)), **verdicts)]


def flip_lines(found: Comparison) -> list[str]:
    """What would change the order of the two best packages."""
    table = found.tables["flips"]
    if len(table) == 0:
        return [_("What would change the order of packages was not tested: no uncertainty was drawn.")]
    first, second = (found.about.titled(str(table[name].iloc[0])) for name in ("first", "second"))
    told = [row for row in table.to_dict("records") if row["flips"]]
    row = table.iloc[0].to_dict()
    if told:
        text = _("The order of {first} and {second} turns with {uncertainty}.")
    elif row["low_gap"] * row["high_gap"] < 0:
        text = _("The order of {first} and {second} may turn with {uncertainty}; {runs} futures cannot tell.")
    else:
        text = _("No drawn uncertainty is seen to turn the order of {first} and {second}; the strongest on the gap between "
                 "them is {uncertainty}.")  # fmt: skip
    return [
        text.format(first=first, second=second, uncertainty=_gap(found, row), runs=count(found.about.runs))
        for row in told or [row]
    ]


def _gap(found: Comparison, row: dict[Any, Any]) -> str:
    """An uncertainty, and how the gap between the two best packages changes with it."""
    text = _("the {meaning} ({parameter}): from its lowest to its highest fifth, the gap goes from {low} to {high} {unit}")
    return text.format(meaning=_(PARAMETERS[row["parameter"]].meaning), parameter=row["parameter"],
                       low=number(row["low_gap"], True), high=number(row["high_gap"], True), unit=found.unit)  # fmt: skip


def difference_rows(found: Comparison) -> list[dict[str, str]]:
    """Rows of the paired differences that the page shows."""
    table = found.tables["differences"]
    shown = table[table["outcome"].str.startswith(SHOWN) & table["difference"].notna()]
    rows = []
    for row in shown.to_dict("records"):
        alike = row["difference"] == 0 and row["low"] == row["high"]
        unit = "" if row["unit"] == "-" else f", {row['unit']}"
        rows.append({"policy": found.about.titled(row["policy"]), "label": row["label"] + unit,
                     "difference": number(row["difference"], True), "interval": between(row["low"], row["high"]),
                     "better": percent(row["better_share"]), "saved": "-" if alike else percent(row["variance_reduction"]),
                     "verdict": row["verdict"]})  # fmt: skip
    return rows


def regret_rows(found: Comparison) -> list[dict[str, str]]:
    """Rows of the regret table."""
    return [
        {"policy": found.about.titled(row["policy"]), "best": percent(row["best_share"]), "mean": number(row["mean_regret"]),
         "p90": number(row["p90_regret"]), "max": number(row["max_regret"])}
        for row in found.tables["regret"].to_dict("records")
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
        return _("No member does more or less within the package than alone, beyond the error of the difference.")
    names = [f"{row['member']} ({number(row['interaction'], True)} {row['unit']})" for row in rows.to_dict("records")]
    return _("Within the package other than alone, beyond error: {members}.").format(members=", ".join(names))


def uncertainty_rows(about: About) -> list[dict[str, str]]:
    """What every future draws, from what, and why."""
    rows = []
    if about.ensemble:
        rows.append({"name": _("ensemble {name}").format(name=about.ensemble),
                     "drawn": _("a row of the ensemble, by weight"),
                     "meaning": _("all parameters of behaviour together, but for those below"),
                     "source": _("what a record of the past does not rule out (docs/validation.md)")})  # fmt: skip
    for name, distribution in about.uncertainty.items():
        kind, numbers = next(iter(distribution.items()))
        ends = _(", ").join(written(f"{x:g}") for x in numbers)
        drawn = f"{_(kind)} {ends} {_(PARAMETERS[name].unit)}".removesuffix(" -")
        rows.append(
            {"name": name, "drawn": drawn, "meaning": _(PARAMETERS[name].meaning), "source": PARAMETERS[name].source}
        )
    return rows


def instrument_rows(about: About) -> list[dict[str, str]]:
    """Every package's instruments and budgets with their schedules, and practices."""
    rows = []
    for policy in about.policies:
        for name in policy.schedules:
            entry = INSTRUMENTS[name]
            rows.append({"policy": about.titled(policy.name), "name": f"{_(entry.action)} ({name})",
                         "schedule": schedule(policy.in_words(name, about.first_year), _(entry.unit), about.names),
                         "controls": _(entry.controlled_by), "pays": _(entry.who_pays)})  # fmt: skip
        for line, points in policy.budgets.items():
            budget = f"{line} budget"
            rows.append({"policy": about.titled(policy.name), "name": _(budget), "controls": _("government"),
                         "pays": _("state"),
                         "schedule": f"{schedule(in_words(points, about.first_year))} {_('MEUR/year')}"})  # fmt: skip
        for name, value in policy.practices.items():
            bounds = {"at_least": _("at least {value}"), "at_most": _("at most {value}"), "": "{value}"}
            text = bounds[value.bound].format(value=written(f"{value.value:g}"))
            rows.append({"policy": about.titled(policy.name), "name": f"{_(PARAMETERS[name].meaning)} ({name})",
                         "schedule": text, "controls": _("practice"), "pays": "-"})  # fmt: skip
    return rows
