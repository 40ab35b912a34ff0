"""The first screen: five cards that say what to do, who does it, what it costs, how sure that is, what would change it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clusterpact.policies.catalogue import STAKEHOLDERS
from clusterpact.results.about import Comparison
from clusterpact.results.language import _
from clusterpact.results.report.advice import best_step, brought, rows_of, sized
from clusterpact.results.report.sentences import effect, flip_lines, nearest, per_tonne, price, row_of
from clusterpact.results.report.words import count, number, percent
from clusterpact.results.statistics.contributions import owner


@dataclass(frozen=True)
class Card:
    """One card: its question, the answer at a glance, and a sentence with the numbers behind it."""

    question: str
    glance: str
    text: str


def cards(found: Comparison, outcomes: pd.DataFrame) -> list[Card]:
    """The five cards of a comparison, of the package in focus."""
    return [_what(found), _who(found), _cost(found), _sure(found, outcomes), _change(found)]


def _what(found: Comparison) -> Card:
    """The package, and what it does to the outcome."""
    row = row_of(found.tables["differences"], policy=found.package, outcome=found.outcome)
    verdicts = {"better": "{package}", "worse": _("Not {package}"), "tied": _("It cannot be told"),
                "alike": _("{package} makes no difference that matters")}  # fmt: skip
    glance = verdicts.get(str(row["verdict"]), _(str(row["verdict"]))).format(package=found.focus)
    return Card(_("What to do?"), glance, effect(found, row))


def _who(found: Comparison) -> Card:
    """Whose instruments the package is made of, and the step that helps most beside or within it."""
    baseline, package = ({p.name: p for p in found.about.policies}[name] for name in (found.about.baseline, found.package))
    changed = [name for name, points in package.schedules.items() if baseline.schedules.get(name) != points]
    changed += [name for name, value in package.practices.items() if baseline.practices.get(name) != value]
    counts = Counter(owner(name)[0] for name in changed)
    of = {"government": _("{count} of the government"), "lenders": _("{count} of lenders"),
          "operators": _("{count} of operators"), "firms": _("{count} of firms"),
          "pact": _("{count} of the pact")}  # fmt: skip
    shares = ", ".join(of[name].format(count=counts[name]) for name in STAKEHOLDERS if counts[name])
    glance = _("Steps: {shares}").format(shares=shares) if shares else _("Nobody has to change anything")
    best = best_step(found)
    if best is None:
        told = _("No single step is told to help more than the others.")
        return Card(_("Who does it?"), glance, told if "levers" in found.tables else _("Levers were not run."))
    text = _("The step beside it that brings most, by {stakeholder}: {action}, {effect}.")
    if best["is_member"]:
        text = _("The step in it that brings most, by {stakeholder}: {action}, {effect}.")
    text = text.format(stakeholder=_(best["stakeholder"]), action=sized(best), effect=brought(best))
    return Card(_("Who does it?"), glance, text)


def _cost(found: Comparison) -> Card:
    """Public money in all and per tonne."""
    tonne = per_tonne(found)
    money = row_of(found.tables["differences"], policy=found.package, outcome="public_meur")
    known = {"tied": _("It cannot be told"), "alike": _("Next to nothing")}
    size = _("{money} MEUR of public money").format(money=number(money["difference"], True))
    glance = known.get(str(money["verdict"]), size)
    if money["verdict"] in ("better", "worse") and tonne:
        glance += f", {number(tonne['eur_per_t'])} {_('EUR/t')}"
    return Card(_("What does it cost?"), glance, price(found))


def _sure(found: Comparison, outcomes: pd.DataFrame) -> Card:
    """In how many futures the package is better, how often it is best, and whether it meets the targets."""
    row = row_of(found.tables["differences"], policy=found.package, outcome=found.outcome)
    regret = row_of(found.tables["regret"], policy=found.package)
    glance = _("Better in {share} of futures").format(share=percent(row["better_share"]))
    parts = [_("Best of the packages in {share} of {runs} futures.").format(share=percent(regret["best_share"]),
                                                                            runs=count(found.about.runs))]  # fmt: skip
    mine = outcomes[outcomes["policy"] == found.package]
    met = {name.split("_")[1]: float(mine[name].mean()) for name in map(str, outcomes.columns) if name.startswith("target_")}
    if met:
        chances = (_("{year} in {share}").format(year=year, share=percent(share)) for year, share in met.items())
        parts.append(_("It meets the target of {chances}.").format(chances=", ".join(chances)))
        last = max(met)
        if not outcomes[f"target_{last}_met"].any():
            best = nearest(found, outcomes, int(last))
            parts.append(_("No package meets that of {year} in any; {best}.").format(year=last, best=best))
    return Card(_("How sure is that?"), glance, " ".join(parts))


def _change(found: Comparison) -> Card:
    """What would turn the order of the two best packages."""
    flips: list[dict[str, Any]] = rows_of(found.tables["flips"])
    turning = [row for row in flips if row["flips"]]
    if not flips:
        glance = _("Not tested")
    elif turning:
        glance = _("Another draw of an uncertainty")
    elif flips[0]["low_gap"] * flips[0]["high_gap"] < 0:
        glance = _("It may be one uncertainty")
    else:
        glance = _("Nothing that was drawn")
    return Card(_("What would change the answer?"), glance, flip_lines(found)[0])
