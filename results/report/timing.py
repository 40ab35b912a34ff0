"""What is said of timing, on the screen and on the page: every sentence is made here, from the tables."""

from typing import Any

from clusterpact.policies.catalogue import INSTRUMENTS, STAKEHOLDERS
from clusterpact.results.about import Timing
from clusterpact.results.report.advice import rows_of
from clusterpact.results.report.words import between, number, percent
from clusterpact.results.statistics.levers import PRICED
from clusterpact.results.statistics.timing import (
    ALONE,
    ANYHOW,
    BISECTION,
    BY,
    END,
    EVERY_YEAR,
    HARMS,
    LITTLE,
    MISSED,
    START,
    TIED,
    TOGETHER,
    USEFUL,
    WITHIN,
)

Row = dict[str, Any]


def timing_lines(found: Timing) -> list[tuple[str, list[str]]]:
    """Everything that is said of timing, as headings with lines: milestones, each stakeholder, pairs, what it rests on."""
    rows = rows_of(found.tables["latest"])
    singles = [row for row in rows if TOGETHER not in row["instrument"]]
    groups = [("milestones", _milestones(found))]
    for who in STAKEHOLDERS:
        names = dict.fromkeys(row["instrument"] for row in singles if row["stakeholder"] == who)
        groups.append((who, [_instrument(found, [row for row in singles if row["instrument"] == name]) for name in names]))
    groups += [("pairs", _pairs(found, rows)), ("left out", _left_out(found)), ("what it rests on", _basis(found, rows))]
    return [(heading, lines) for heading, lines in groups if lines]


def action(name: str) -> str:
    """An instrument, or several together, in words."""
    return " and ".join(INSTRUMENTS[one].action if one in INSTRUMENTS else one for one in name.split(TOGETHER))


def strength(row: Row) -> str:
    """How strong an instrument is that was timed."""
    unit = "" if row["strength_unit"] == "share" else f" {row['strength_unit']}"
    return f"{number(row['strength'])}{unit}"


def _instrument(found: Timing, rows: list[Row]) -> str:
    """One instrument: started within the package, alone, and ended."""
    named = {(row["setting"], row["kind"]): row for row in rows}
    first = named[WITHIN, START]
    parts = [_started(found, first), f"alone: {_started(found, named[ALONE, START])}"]
    if (WITHIN, END) in named:
        parts.append(_ended(named[WITHIN, END]))
    return f"{action(first['instrument'])} ({strength(first)}): {'. '.join(_capital(part) for part in parts)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _started(found: Timing, row: Row) -> str:
    """What is known of the year in which it starts."""
    text = _useful(found, row)
    if row["verdict"] in (USEFUL, LITTLE) and row["year_costs_low"] > 0:
        cost = f"{number(row['year_costs'])} {row['unit']} {between(row['year_costs_low'], row['year_costs_high'], False)}"
        text += f"; a year's delay costs {cost}, until {row['year_costs_until']}"
    if not found.co2_eur_per_t or found.outcome != PRICED:
        return text
    if _is_known(row["worth_year"]):
        worth = "told to be worth it for public money" if row["verdict"] == TIED else "worth its cost"
        return f"{text}; {worth} if started by {row['worth_year']}"
    return text if row["verdict"] == TIED else f"{text}; in no year told to be worth its cost"


def _useful(found: Timing, row: Row) -> str:
    """Until when a start is told from never."""
    first = f"{number(row['first_effect'], True)} {row['unit']} {between(row['first_effect_low'], row['first_effect_high'])}"
    first += f" if started in {found.about.first_year}"
    if row["verdict"] == TIED:
        return f"tied with never, whenever it starts ({first})"
    told = f"told until {row['latest_year']}" if _is_known(row["next_year"]) else "told in every year"
    if row["verdict"] == LITTLE:
        return f"too little to matter ({first}, {told})"
    verb = "harms" if row["verdict"] == HARMS else "useful"
    if not _is_known(row["next_year"]):
        return f"{verb} whenever it starts ({first}; told in every year that was run, to {row['latest_year']})"
    return f"{verb} if started by {row['latest_year']} ({first}; from {row['next_year']} on tied with never)"


def _ended(row: Row) -> str:
    """Until when it must be kept, once it is in force from the first year on."""
    if row["verdict"] == TIED:
        return "once in force, ending it is tied with keeping it, in every year"
    if row["verdict"] == LITTLE:
        return "once in force, too little is lost when it ends to matter"
    what = "ending it gains" if row["verdict"] == HARMS else "ending it loses what is told"
    if not _is_known(row["next_year"]):
        return f"once in force, {what} in every year that was run, to {row['latest_year']}"
    return f"once in force, {what} until {row['latest_year']}; from {row['next_year']} on that is tied with keeping it"


def _milestones(found: Timing) -> list[str]:
    """Which decision must fall by when, a sentence per target."""
    table, lines = found.tables["milestones"], []
    for target, group in table.groupby("target_year", sort=True):
        rows = rows_of(group)
        parts = []
        if dated := sorted((row for row in rows if row["verdict"] == BY), key=lambda row: int(row["latest_year"])):
            parts.append(", ".join(f"{action(row['instrument'])} by {row['latest_year']}" for row in dated))
        if spare := [action(row["instrument"]) for row in rows if row["verdict"] == ANYHOW]:
            parts.append(f"it holds without: {', '.join(spare)}")
        if missed := [row for row in rows if row["verdict"] == MISSED]:
            best = max(missed, key=lambda row: float(row["chance"]))
            some = "" if len(missed) == len(rows) else f" with {', '.join(action(row['instrument']) for row in missed)}"
            parts.append(f"not reached{some} even from {found.about.first_year} on (chance {_chance(best)} at best)")
        lines.append(f"For {target} at {percent(found.confidence)}: {'; '.join(parts)}.")
    return lines


def _chance(row: Row) -> str:
    """A chance with its interval, in per cent."""
    low, high = 100 * row["chance_low"], 100 * row["chance_high"]
    return f"{percent(row['chance'])} [{low:.0f}, {high:.0f}]"


def _pairs(found: Timing, latest: list[Row]) -> list[str]:
    """Members that need, or spoil, each other."""
    rows = rows_of(found.tables["pairs"])
    lines = []
    for row in (row for row in rows if row["interacts"]):
        size = f"{number(abs(row['interaction']))} {row['unit']} {between(row['interaction_low'], row['interaction_high'])}"
        text = f"{action(row['first'])} and {action(row['second'])} bring {size} "
        text += "more together than each alone" if row["interaction"] > 0 else "less together than each alone"
        name = f"{row['first']}{TOGETHER}{row['second']}"
        both = next((one for one in latest if one["instrument"] == name), None)
        lines.append(f"{text}. Both together: {_started(found, both)}." if both else f"{text}.")
    if rows and not lines:
        lines.append(f"No two of the members are told to bring more or less together than alone ({len(rows)} pairs).")
    return lines


def _left_out(found: Timing) -> list[str]:
    return [f"{action(name)}: {why}." for name, why in found.left_out.items()]


def _basis(found: Timing, rows: list[Row]) -> list[str]:
    """What all of it rests on."""
    risen = dict.fromkeys(action(row["instrument"]) for row in rows if row["searched"] == EVERY_YEAR)
    lines = [f"{found.runs:,} runs per variant, each paired with the same run without the instrument; intervals of 95 %, "
             "latest years adjusted for the years that were run (Holm)."]  # fmt: skip
    if any(row["searched"] == BISECTION for row in rows):
        lines.append(f"Every {found.every} years were run first, then years in between: this takes it that what a start "
                     "brings falls with every year of delay.")  # fmt: skip
    if risen and found.every > 1:
        lines.append(f"Every year was run, since it does not only fall, of: {', '.join(risen)}.")
    if found.co2_eur_per_t and found.outcome == PRICED:
        lines.append(f"Worth its cost: at {number(found.co2_eur_per_t)} EUR/t of CO2, less public money.")
    return lines


def _is_known(value: Any) -> bool:
    """Whether a year is there, and not missing."""
    return value is not None and value == value and str(value) != "<NA>"
