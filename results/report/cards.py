"""The first screen: five cards that say what to do, who does it, what it costs, how sure that is, what would change it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clusterpact.policies.catalogue import STAKEHOLDERS
from clusterpact.results.about import Comparison
from clusterpact.results.report.advice import best_step, brought, rows_of, size
from clusterpact.results.report.sentences import effect, flip_lines, nearest, per_tonne, price, row_of
from clusterpact.results.report.words import number, percent
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
    verdicts = {"better": found.focus, "worse": f"Not {found.focus}",
                "alike": f"{found.focus} makes no difference that matters", "tied": "It cannot be told"}  # fmt: skip
    return Card("What to do?", verdicts.get(str(row["verdict"]), str(row["verdict"])), effect(found, row))


def _who(found: Comparison) -> Card:
    """Whose instruments the package is made of, and the step that helps most beside or within it."""
    baseline, package = ({p.name: p for p in found.about.policies}[name] for name in (found.about.baseline, found.package))
    changed = [name for name in package.schedules if baseline.instrument(name) != package.instrument(name)]
    changed += [name for name, value in package.practices.items() if baseline.practices.get(name) != value]
    counts = Counter(owner(name)[0] for name in changed)
    shares = [f"{counts[name]} {'of ' if name in ('lenders', 'operators', 'firms') else 'of the '}{name}"
              for name in STAKEHOLDERS if counts[name]]  # fmt: skip
    glance = f"Steps: {', '.join(shares)}" if shares else "Nobody has to change anything"
    best = best_step(found)
    if best is None:
        more = "No single step is told to help more than the others." if "levers" in found.tables else "Levers were not run."
        return Card("Who does it?", glance, more)
    far = f" ({size(best)})" if size(best) else ""
    where = "The step in it that brings most" if best["is_member"] else "The step beside it that brings most"
    text = f"{where}, by {best['stakeholder']}: {best['action']}{far}, {brought(best)}."
    return Card("Who does it?", glance, text)


def _cost(found: Comparison) -> Card:
    """Public money in all and per tonne."""
    tonne = per_tonne(found)
    money = row_of(found.tables["differences"], policy=found.package, outcome="public_meur")
    known = {"tied": "It cannot be told", "alike": "Next to nothing"}
    glance = known.get(str(money["verdict"]), f"{number(money['difference'], True)} MEUR of public money")
    if money["verdict"] in ("better", "worse") and tonne:
        glance += f", {number(tonne['eur_per_t'])} EUR/t"
    return Card("What does it cost?", glance, price(found))


def _sure(found: Comparison, outcomes: pd.DataFrame) -> Card:
    """In how many futures the package is better, how often it is best, and whether it meets the targets."""
    row = row_of(found.tables["differences"], policy=found.package, outcome=found.outcome)
    regret = row_of(found.tables["regret"], policy=found.package)
    glance = f"Better in {percent(row['better_share'])} of futures"
    parts = [f"Best of the packages in {percent(regret['best_share'])} of {found.about.runs:,} futures."]
    mine = outcomes[outcomes["policy"] == found.package]
    met = {name.split("_")[1]: float(mine[name].mean()) for name in map(str, outcomes.columns) if name.startswith("target_")}
    if met:
        parts.append(f"It meets the target of {', '.join(f'{year} in {percent(share)}' for year, share in met.items())}.")
        last = max(met)
        if not outcomes[f"target_{last}_met"].any():
            parts.append(f"No package meets that of {last} in any; {nearest(found, outcomes, int(last))}.")
    return Card("How sure is that?", glance, " ".join(parts))


def _change(found: Comparison) -> Card:
    """What would turn the order of the two best packages."""
    flips: list[dict[str, Any]] = rows_of(found.tables["flips"])
    turning = [row for row in flips if row["flips"]]
    if not flips:
        glance = "Not tested"
    elif turning:
        glance = "Another draw of an uncertainty"
    else:
        glance = "It may be one uncertainty" if flips[0]["low_gap"] * flips[0]["high_gap"] < 0 else "Nothing that was drawn"
    return Card("What would change the answer?", glance, flip_lines(found)[0])
