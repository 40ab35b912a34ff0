"""What is told of a run: a table of modules, the survivors as text, and the tests that were left out."""

import collections
import csv
from pathlib import Path

from tests.mutants.edits import Mutant
from tests.mutants.trial import Fate

EXPLAINED = Path(__file__).with_name("explained.csv")
VERDICTS = ("killed", "timed out", "survived", "not covered")
Change = tuple[str, str, str]


def read_explained(path: Path = EXPLAINED) -> dict[Change, str]:
    """Why survivors may live: (module, function, original -> mutant) and the reason."""
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["module"], row["function"], row["mutant"]): row["why"] for row in csv.DictReader(file)}


def change_of(mutant: Mutant) -> Change:
    """What an explanation must say to be about this mutant."""
    return mutant.module, mutant.function, mutant.change


def unexplained(fates: list[Fate], explained: dict[Change, str]) -> list[Mutant]:
    """Survivors without a reason."""
    survivors = (fate.mutant for fate in fates if fate.verdict == "survived")
    return [mutant for mutant in survivors if change_of(mutant) not in explained]


def stale(fates: list[Fate], every: list[Mutant], explained: dict[Change, str]) -> list[Change]:
    """Explanations without a survivor: their mutant was tried and noticed, or there is none in that module."""
    modules = {mutant.module for mutant in every}
    there = {change_of(mutant) for mutant in every}
    survivors = {change_of(fate.mutant) for fate in fates if fate.verdict == "survived"}
    noticed = {change_of(fate.mutant) for fate in fates} - survivors
    return [change for change in explained if change in noticed or (change[0] in modules and change not in there)]


def report(fates: list[Fate], survivors: list[Mutant], gone: list[Change], left_out: dict[str, str]) -> str:
    """The whole report as Markdown; survivors: those without an explanation, gone: explanations without a survivor."""
    lines = ["# Mutants", "", *_table(fates), ""]
    if survivors:
        lines += ["## Survivors without an explanation", "", *map(_told, survivors), ""]
    if gone:
        lines += ["## Stale rows of explained.csv", "", *(f"- {': '.join(key)}" for key in gone), ""]
    lines += [*_not_covered(fates), *_left_out(left_out)]
    return "\n".join(lines)


def _told(mutant: Mutant) -> str:
    return f"- {mutant.module}:{mutant.line}: `{mutant.change}` ({mutant.id})"


def _table(fates: list[Fate]) -> list[str]:
    """A row per module and one for all: how many mutants met which fate."""
    modules = list(dict.fromkeys(fate.mutant.module for fate in fates))
    counts = collections.Counter((fate.mutant.module, fate.verdict) for fate in fates)
    rows = [[module, *(counts[module, verdict] for verdict in VERDICTS)] for module in modules]
    rows.append(["all", *(sum(counts[module, verdict] for module in modules) for verdict in VERDICTS)])
    head = ["| module | mutants | " + " | ".join(VERDICTS) + " |", "|---|" + "---:|" * (1 + len(VERDICTS))]
    return head + [f"| {name} | {sum(numbers)} | {' | '.join(map(str, numbers))} |" for name, *numbers in rows]


def _not_covered(fates: list[Fate]) -> list[str]:
    """Lines that no test in the trial runs, function by function."""
    lines = collections.defaultdict(set)
    for fate in fates:
        if fate.verdict == "not covered":
            lines[f"{fate.mutant.module}: {fate.mutant.function}"].add(fate.mutant.line)
    if not lines:
        return []
    told = (f"- {name}: line {', '.join(map(str, sorted(numbers)))}" for name, numbers in lines.items())
    return ["## Lines that no small test runs", "", *told, ""]


def _left_out(left_out: dict[str, str]) -> list[str]:
    """Tests that took no part, by reason."""
    by_reason = collections.defaultdict(list)
    for name, reason in left_out.items():
        by_reason[reason].append(name)
    lines = ["## Tests that took no part", ""] if by_reason else []
    for reason, names in by_reason.items():
        lines += [f"{len(names)} {reason}:", "", *(f"- {name}" for name in names), ""]
    return lines
