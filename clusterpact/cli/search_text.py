"""What `search` prints: what was found, in words, on fresh luck."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from clusterpact.experiments.search.fresh import FOUND, HAND

if TYPE_CHECKING:
    import pandas as pd

    from clusterpact.experiments.questions.search import Searched
    from clusterpact.experiments.search.settings import Aim

MOST_WORDS = 400  #: letters of a package's instruments
Row = dict[Any, Any]


def describe(found: "Searched") -> Iterator[str]:
    """The search in lines: why it ended, what the front holds, and how it stands against what was made by hand."""
    rows, objectives = found.tables["front"].to_dict("records"), found.search.objectives
    front, hand = ([row for row in rows if row["made"] == made] for made in (FOUND, HAND))
    yield f"\n{found.tried:,} packages tried in {found.runs:,} runs; it ended because {found.stopped}"
    if not any(row["keeps_constraints"] for row in front):
        yield "no package that was found keeps the constraints; those that break them least:"
    beaten = sum(row["dominated_by"] != "" for row in front)
    yield (f"front: {len(front)} packages, on {found.search.runs_most:,} fresh runs each, of which "
           f"{beaten or 'none'} {'is' if beaten < 2 else 'are'} dominated by another")  # fmt: skip
    for aim in objectives:
        mine, theirs = best(front, aim), best(hand, aim)
        by_hand = f"by hand {theirs['package']} with {figure(theirs, aim)}"
        yield f"  {aim.written}: {mine['package']} with {figure(mine, aim)}; {by_hand}"
    knee = next(row for row in front if row["knee"])
    yield f"in the middle (knee): {knee['package']}, " + "; ".join(f"{aim.name} {figure(knee, aim)}" for aim in objectives)
    yield f"  {_shortened(knee['instruments'] or 'nothing beyond the baseline')}"
    yield from _cheapest(front, hand, objectives)
    yield from _against(found.tables["against"], hand, len(objectives))
    told = [f"{aim.name} {sum(row[f'{aim.name}_shrinkage'] for row in front) / len(front):.3g}" for aim in objectives]
    yield f"winner's curse: on fresh luck the front is less ahead of {found.baseline}, on average by {', '.join(told)}"


def best(rows: list[Row], aim: "Aim") -> Row:
    """The row that is best in an objective."""
    return min(rows, key=lambda row: float(aim.sign * row[aim.name]))


def figure(row: Row, aim: "Aim") -> str:
    """A statistic with its interval."""
    return f"{row[aim.name]:,.4g} ({row[f'{aim.name}_low']:,.4g} to {row[f'{aim.name}_high']:,.4g})"


def _cheapest(front: list[Row], hand: list[Row], objectives: "tuple[Aim, ...]") -> Iterator[str]:
    """The package of least public money that is no worse, in the first objective, than all that were made by hand."""
    first = objectives[0]
    money = next((aim for aim in objectives[1:] if aim.column == "public_meur" and aim.sign > 0), None)
    if money is None:
        return
    theirs = best(hand, first)
    enough = [row for row in front
              if row["keeps_constraints"] and first.sign * row[first.name] <= first.sign * theirs[first.name]]  # fmt: skip
    if enough:
        row = best(enough, money)
        words = f"{row['package']} with {figure(row, money)} MEUR"
        yield f"the cheapest that is as good as {theirs['package']} in {first.name}: {words}"
    else:
        yield f"no package of the front is as good as {theirs['package']} in {first.name}"


def _against(against: "pd.DataFrame", hand: list[Row], objectives: int) -> Iterator[str]:
    """Per package made by hand, the found one that is told to be better in the most objectives, then worse in the fewest."""
    for name in (row["package"] for row in hand):
        verdicts: dict[str, list[str]] = {}
        for row in against[against["against"] == name].to_dict("records"):
            verdicts.setdefault(row["package"], []).append(row["verdict"])
        if not verdicts:
            continue
        mine = max(verdicts, key=lambda one: (verdicts[one].count("better"), -verdicts[one].count("worse")))
        better, worse = (verdicts[mine].count(word) for word in ("better", "worse"))
        yield f"against {name}: {mine} is better in {better} of {objectives} objectives, worse in {worse}"


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_WORDS else f"{text[: MOST_WORDS - 2]} …"
