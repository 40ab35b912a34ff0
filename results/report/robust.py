"""Which package is robust by which criterion, and what the nearest one lacks: sentences and rows of page and screen."""

import pandas as pd

from clusterpact.results.about import Comparison
from clusterpact.results.language import _
from clusterpact.results.report.words import number, percent
from clusterpact.results.statistics.robustness import HURWICZ, MAXIMIN, REGRETS, SATISFICING, choices

PLANTS = 6  #: named in a sentence


def names() -> dict[str, str]:
    """What each criterion is called."""
    words = (_("mean regret"), _("90th-percentile regret"), _("largest regret"))
    return {SATISFICING: _("satisficing"), MAXIMIN: _("maximin"), **dict(zip(REGRETS, words, strict=True)),
            HURWICZ: _("Hurwicz")}  # fmt: skip


def questions() -> dict[str, str]:
    """What each criterion asks."""
    words = (_("the least regret on average"), _("the least regret but for the worst tenth of futures"),
             _("the least largest regret"))  # fmt: skip
    middle = _("the best middle of its worst and its best future")
    return {SATISFICING: _("the most futures that meet what is asked"), MAXIMIN: _("the best worst future"),
            **dict(zip(REGRETS, words, strict=True)), HURWICZ: middle}  # fmt: skip


def robust_lines(found: Comparison) -> list[str]:
    """How many criteria choose the same package, which choose another, and where Hurwicz's choice turns."""
    table = found.tables["robustness"]
    chosen = {name: [found.about.titled(policy) for policy in policies] for name, policies in choices(table).items()}
    alone = {name: policies[0] for name, policies in chosen.items() if len(policies) == 1}
    words, total = names(), len(chosen)
    parts = []
    if alone:
        first = max(dict.fromkeys(alone.values()), key=lambda policy: list(alone.values()).count(policy))
        agreeing = list(alone.values()).count(first)
        if agreeing == total:
            return [_("All {total} criteria of robustness choose {package}.").format(total=total, package=first),
                    *_turns(found, table)]  # fmt: skip
        parts = [_("{agreeing} of {total} criteria of robustness choose {package}").format(
            agreeing=agreeing, total=total, package=first)]  # fmt: skip
        parts += [_("{criterion} chooses {package}").format(criterion=words[name], package=policy)
                  for name, policy in alone.items() if policy != first]  # fmt: skip
    parts += [_("by {criterion} {packages} are level").format(criterion=words[name], packages=_(", ").join(policies))
              for name, policies in chosen.items() if len(policies) > 1]  # fmt: skip
    return [f"{_('; ').join(parts)}.", *_turns(found, table)]


def _turns(found: Comparison, table: pd.DataFrame) -> list[str]:
    """At which weight on the best future Hurwicz's choice goes over to another package."""
    rows = table[(table["criterion"] == HURWICZ) & table["alpha_from"].notna()].sort_values("alpha_from")
    order = rows.drop_duplicates("alpha_from").to_dict("records")
    if len(order) < 2:
        return []
    step = _("from {weight} on {package}")
    steps = [step.format(weight=number(row["alpha_from"]), package=found.about.titled(row["policy"])) for row in order[1:]]
    text = _("By Hurwicz, the choice turns with the weight on the best future: at 0 {package}, {steps}.")
    return [text.format(package=found.about.titled(order[0]["policy"]), steps=_(", ").join(steps))]


def criteria_rows(found: Comparison) -> list[dict[str, str]]:
    """A row per criterion: what it asks, whom it chooses, the value of that, and how firmly."""
    table, words, asks, rows = found.tables["robustness"], names(), questions(), []
    for name, policies in choices(table).items():
        mine = table[(table["criterion"] == name) & table["chosen"]]
        value = float(mine["value"].iloc[0])
        said = percent(value) if name == SATISFICING else f"{number(value)} {found.unit}"
        packages, again = _(", ").join(map(found.about.titled, policies)), percent(float(mine["again"].sum()))
        rows.append({"criterion": words[name], "asks": asks[name], "value": said, "policy": packages, "again": again})
    return rows


def nearest_lines(found: Comparison) -> list[str]:
    """The target that no package meets as often as is asked, the package nearest to it, and what that lacks, by plant."""
    table = found.tables["nearest"]
    if len(table) == 0:
        return []
    first = table.iloc[0]
    plants = table[table["remaining_kt"] > 0].head(PLANTS)
    text = _("No package meets the target of {year} in {confidence} of futures. The nearest is {package}: it meets it in "
             "{met}, and abates {abated} on average, of {target}. What is missing is {missing} Mt in that year; still "
             "emitted, in Mt: {plants}.")  # fmt: skip
    if first["missing_kt"] == 0:
        text = _("No package meets the target of {year} in {confidence} of futures. The nearest is {package}: it meets it "
                 "in {met}, and abates {abated} on average, of {target}. On average nothing is missing, but in too many "
                 "futures something is; still emitted, in Mt: {plants}.")  # fmt: skip
    parts = [f"{found.about.names.get(str(agent), str(agent))} {number(kt / 1000)}"
             for agent, kt in zip(plants["agent"], plants["remaining_kt"], strict=True)]  # fmt: skip
    return [text.format(year=int(first["year"]), confidence=percent(found.confidence), met=percent(first["met_share"], 1),
                        package=found.about.titled(str(first["policy"])), abated=percent(first["abated_share"]),
                        target=percent(first["target"]), missing=number(first["missing_kt"] / 1000),
                        plants=_(", ").join(parts))]  # fmt: skip
