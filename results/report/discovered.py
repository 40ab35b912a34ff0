"""What was discovered, in sentences."""

from collections.abc import Iterator

from clusterpact.results.about import Discovery
from clusterpact.results.report.words import number, percent
from clusterpact.results.statistics.boxes import TOLD
from clusterpact.results.statistics.candidates import CONSTANT


def told(found: Discovery) -> Iterator[str]:
    """A sentence per box, or the one that there is none; then the branches of the tree."""
    boxes, paired = found.tables["boxes"], f", against {found.against}" if "difference(" in found.event else ""
    yield (f"{found.event} under {found.policy}{paired}: in {percent(found.base)} of {found.runs:,} futures; "
           f"{found.held:,} of them held out (seed {found.seed})")  # fmt: skip
    if len(boxes) == 0:
        yield f"  no box of futures is told from the others in runs held out (level {TOLD:g})"
    for _box, rows in boxes.groupby("box"):
        first = rows.iloc[0]
        chances = ", ".join(_chance(float(p)) for p in rows["quasi_p"])
        yield (f"  in {percent(first['density'])} of futures where {' and '.join(rows['words'])} (covers "
               f"{percent(first['coverage'])} of the event, {percent(first['mass'])} of futures; held out: "
               f"{percent(first['held_density'])} of {first['held_runs']:,}; quasi-p {chances})")  # fmt: skip
    tree = found.tables["tree"]
    if len(tree) == 1:
        yield "  the tree has no branch that helps in runs that it was not grown on"
    else:
        yield "  by the tree:"
        for row in tree.to_dict("records"):
            yield (f"  {percent(row['density']):>7} where {row['words']} ({percent(row['mass'])} of futures; held out: "
                   f"{percent(row['held_density'])})")  # fmt: skip
    yield from _looked_at(found)


def _chance(quasi_p: float) -> str:
    return "< 0.001" if quasi_p < 0.001 else number(quasi_p)


def _looked_at(found: Discovery) -> Iterator[str]:
    """How much was looked at, and what was not."""
    left = found.tables["left_out"]
    early = found.candidates - found.drawn
    yield f"  looked at: {found.drawn} parameters drawn, {early} events of a run until {found.until}"
    same = int((left["why"] == CONSTANT).sum())
    others = left[left["why"] != CONSTANT]
    if same:
        yield f"  left out: {same} that are {CONSTANT}"
    for row in others.to_dict("records"):
        yield f"  left out: {row['name']} ({row['why']})"
