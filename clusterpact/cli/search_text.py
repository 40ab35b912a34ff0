"""What `search` prints: what was found, in words, on fresh luck."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from clusterpact.experiments.search.fresh import FOUND, HAND

if TYPE_CHECKING:
    from clusterpact.experiments.questions.search import Searched
    from clusterpact.experiments.search.settings import Aim

MOST_WORDS = 400  #: letters of a package's instruments


def describe(found: "Searched") -> Iterator[str]:
    """The search in lines: why it ended, what the front holds, and how it stands against what was made by hand."""
    table, objectives = found.tables["front"], found.search.objectives
    front, hand = table[table["made"] == FOUND], table[table["made"] == HAND]
    yield f"\n{found.tried:,} packages tried in {found.runs:,} runs; it ended because {found.stopped}"
    if not front["keeps_constraints"].any():
        yield "no package that was found keeps the constraints; those that break them least:"
    beaten = int((front["dominated_by"] != "").sum())
    yield (f"front: {len(front)} packages, on {found.search.runs_most:,} fresh runs each, of which "
           f"{beaten or 'none'} {'is' if beaten < 2 else 'are'} dominated by another")  # fmt: skip
    for aim in objectives:
        best = front.loc[(aim.sign * front[aim.name]).idxmin()]
        yield f"  {aim.written}: {best['package']} with {figure(best, aim)}{_by_hand(hand, aim)}"
    knee = front[front["knee"]].iloc[0]
    yield f"in the middle (knee): {knee['package']}, " + "; ".join(f"{aim.name} {figure(knee, aim)}" for aim in objectives)
    yield f"  {_shortened(str(knee['instruments']) or 'nothing beyond the baseline')}"
    if line := _cheapest(front, hand, objectives):
        yield line
    yield from _against(found.tables["against"], hand, len(objectives))
    yield from _shrinkage(front, objectives)


def figure(row: "pd.Series[Any]", aim: "Aim") -> str:
    """A statistic with its interval."""
    return f"{row[aim.name]:,.4g} ({row[f'{aim.name}_low']:,.4g} to {row[f'{aim.name}_high']:,.4g})"


def _by_hand(hand: pd.DataFrame, aim: "Aim") -> str:
    best = hand.loc[(aim.sign * hand[aim.name]).idxmin()]
    return f"; by hand {best['package']} with {figure(best, aim)}"


def _cheapest(front: pd.DataFrame, hand: pd.DataFrame, objectives: "tuple[Aim, ...]") -> str:
    """The package of least public money that is no worse, in the first objective, than all that were made by hand."""
    first = objectives[0]
    money = next((aim for aim in objectives if aim.column == "public_meur" and aim.sign > 0), None)
    if money is None or money is first:
        return ""
    bound = (first.sign * hand[first.name]).min()
    enough = front[(first.sign * front[first.name] <= bound) & front["keeps_constraints"]]
    best_by_hand = hand.loc[(first.sign * hand[first.name]).idxmin(), "package"]
    if enough.empty:
        return f"no package of the front is as good in {first.name} as {best_by_hand}"
    row = enough.loc[enough[money.name].idxmin()]
    return f"the cheapest that is as good in {first.name} as {best_by_hand}: {row['package']} with {figure(row, money)} MEUR"


def _against(against: pd.DataFrame, hand: pd.DataFrame, objectives: int) -> Iterator[str]:
    """Per package made by hand, the found one that is told to be better in the most objectives."""
    for name in hand["package"]:
        rows = against[against["against"] == name]
        better = (rows["verdict"] == "better").groupby(rows["package"], sort=False).sum()
        worse = (rows["verdict"] == "worse").groupby(rows["package"], sort=False).sum()
        best = (better - 0.5 * worse).idxmax()
        yield f"against {name}: {best} is better in {better[best]} of {objectives} objectives, worse in {worse[best]}"


def _shrinkage(front: pd.DataFrame, objectives: "tuple[Aim, ...]") -> Iterator[str]:
    """How much better the front had looked on the luck that it was chosen by."""
    told = [f"{aim.name} by {front[f'{aim.name}_shrinkage'].mean():.3g}" for aim in objectives]
    yield f"winner's curse: on fresh luck the advantage over the baseline is less, on average in {', '.join(told)} (below zero: more)"


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_WORDS else f"{text[: MOST_WORDS - 2]} …"
