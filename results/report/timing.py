"""What is said of timing, on the screen and on the page: every sentence is made here, from the tables."""

from typing import Any

from clusterpact.policies.catalogue import STAKEHOLDERS
from clusterpact.results.about import Timing
from clusterpact.results.language import _
from clusterpact.results.report.advice import rows_of
from clusterpact.results.report.words import between, count, number, percent
from clusterpact.results.statistics.contributions import owner
from clusterpact.results.statistics.levers import PRICED
from clusterpact.results.statistics.timing import (
    ALONE,
    ANYHOW,
    BISECTION,
    BY,
    END,
    EVERY_YEAR,
    FOR_OTHERS,
    HARMS,
    IN_FORCE,
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
    groups = [(_("milestones"), _milestones(found))]
    for who in STAKEHOLDERS:
        names = dict.fromkeys(row["instrument"] for row in singles if row["stakeholder"] == who)
        lines = [_instrument(found, [row for row in singles if row["instrument"] == name]) for name in names]
        groups.append((_(who), lines))
    left_out = [_("{action}: {reason}.").format(action=owner(name)[1], reason=reason(why, level))
                for name, (why, level) in found.left_out.items()]  # fmt: skip
    groups += [(_("pairs"), _pairs(found, rows)), (_("left out"), left_out), (_("what it rests on"), _basis(found, rows))]
    return [(heading, lines) for heading, lines in groups if lines]


def action(name: str) -> str:
    """An instrument, or several together, in words."""
    return _(" and ").join(owner(one)[1] for one in name.split(TOGETHER))


def reason(why: str, level: float) -> str:
    """Why an instrument is not timed."""
    if why == IN_FORCE:
        return _("already in force at {level} or more").format(level=number(level))
    if why == FOR_OTHERS:
        return _("the baseline has it for others than the package")
    return _("no instrument, so there is no year in which it starts")


def _instrument(found: Timing, rows: list[Row]) -> str:
    """One instrument: started within the package, alone, and ended."""
    named = {(row["setting"], row["kind"]): row for row in rows}
    first = named[WITHIN, START]
    unit = "" if first["strength_unit"] == "share" else f" {_(first['strength_unit'])}"
    text = _("{action} ({strength}). Within the package: {within} Alone: {alone}")
    said = text.format(action=action(first["instrument"]), strength=f"{number(first['strength'])}{unit}",
                       within=_started(found, first), alone=_started(found, named[ALONE, START]))  # fmt: skip
    if (WITHIN, END) not in named:
        return said
    return _("{started} In force from {year} on, and then ended: {ended}").format(
        started=said, year=found.about.first_year, ended=_ended(named[WITHIN, END])
    )


def _started(found: Timing, row: Row) -> str:
    """What is known of the year in which it starts, in sentences."""
    parts = [_useful(found, row)]
    if row["verdict"] in (USEFUL, LITTLE) and row["year_costs_low"] > 0:
        interval = between(row["year_costs_low"], row["year_costs_high"], False)
        parts.append(_("A year's delay costs {size} {unit} {interval}, until {year}.").format(
            size=number(row["year_costs"]), unit=found.unit, interval=interval, year=row["year_costs_until"]))  # fmt: skip
    if found.co2_eur_per_t and found.outcome == PRICED:
        if _is_known(row["worth_year"]):
            text = _("Worth its cost if started by {year}.")
            if row["verdict"] == TIED:
                text = _("Effect and public money together are told to be worth it if started by {year}.")
            parts.append(text.format(year=row["worth_year"]))
        elif row["verdict"] != TIED:
            parts.append(_("In no year is it told to be worth its cost."))
    return " ".join(parts)


def _useful(found: Timing, row: Row) -> str:
    """Until when a start is told from never."""
    first = _("{size} {unit} {interval} if started in {year}").format(
        size=number(row["first_effect"], True), unit=found.unit, year=found.about.first_year,
        interval=between(row["first_effect_low"], row["first_effect_high"]))  # fmt: skip
    if row["verdict"] == TIED:
        return _("Tied with never, whenever it starts ({first}).").format(first=first)
    if row["verdict"] == LITTLE:
        return _("Too little to matter ({first}).").format(first=first)
    if _is_known(row["next_year"]):
        text = (_("Harms if started by {year} ({first}); tied with never from {next} on.") if row["verdict"] == HARMS
                else _("Useful if started by {year} ({first}); tied with never from {next} on."))  # fmt: skip
        return text.format(year=row["latest_year"], first=first, next=row["next_year"])
    text = (_("Harms whenever it starts ({first}), to {year}.") if row["verdict"] == HARMS
            else _("Useful whenever it starts ({first}), to {year}."))  # fmt: skip
    return text.format(first=first, year=row["latest_year"])


def _ended(row: Row) -> str:
    """Until when it must be kept, once it is in force from the first year on."""
    if row["verdict"] == TIED:
        return _("Tied with keeping it, in every year.")
    if row["verdict"] == LITTLE:
        return _("Too little is lost to matter.")
    if _is_known(row["next_year"]):
        text = (_("Told to gain if ended by {year}; tied with keeping it from {next} on.") if row["verdict"] == HARMS
                else _("Told to lose if ended by {year}; tied with keeping it from {next} on."))  # fmt: skip
        return text.format(year=row["latest_year"], next=row["next_year"])
    text = (
        _("Told to gain in every year, to {year}.")
        if row["verdict"] == HARMS
        else _("Told to lose in every year, to {year}.")
    )
    return text.format(year=row["latest_year"])


def _milestones(found: Timing) -> list[str]:
    """Which decision must fall by when, a sentence per target."""
    lines = []
    for target, group in found.tables["milestones"].groupby("target_year", sort=True):
        rows = rows_of(group)
        parts = []
        if dated := sorted((row for row in rows if row["verdict"] == BY), key=lambda row: int(row["latest_year"])):
            by = _("{action} by {year}")
            parts.append(_(", ").join(by.format(action=action(row["instrument"]), year=row["latest_year"]) for row in dated))
        if spare := [action(row["instrument"]) for row in rows if row["verdict"] == ANYHOW]:
            parts.append(_("holds without: {actions}").format(actions=_(", ").join(spare)))
        if missed := [row for row in rows if row["verdict"] == MISSED]:
            best = max(missed, key=lambda row: float(row["chance"]))
            text = _("not reached even from {year} on (chance {chance} at best)")
            if len(missed) < len(rows):
                text = _("not told even from {year} on (chance {chance} at best): {actions}")
            parts.append(text.format(year=found.about.first_year, chance=_chance(best),
                                     actions=_(", ").join(action(row["instrument"]) for row in missed)))  # fmt: skip
        lines.append(_("For {target} at {chance}: {decisions}.").format(
            target=target, chance=percent(found.confidence), decisions=_("; ").join(parts)))  # fmt: skip
    return lines


def _chance(row: Row) -> str:
    """A chance with its interval, in per cent."""
    low, high = (f"{100 * row[name]:.0f}" for name in ("chance_low", "chance_high"))
    return f"{percent(row['chance'])} {_('[{low}, {high}]').format(low=low, high=high)}"


def _pairs(found: Timing, latest: list[Row]) -> list[str]:
    """Members that need, or spoil, each other."""
    rows = rows_of(found.tables["pairs"])
    lines = []
    for row in (row for row in rows if row["interacts"]):
        text = (_("{first} + {second}: together {size} {unit} {interval} more than each by itself.")
                if row["interaction"] > 0
                else _("{first} + {second}: together {size} {unit} {interval} less than each by itself."))  # fmt: skip
        ends = (row["interaction_low"], row["interaction_high"])
        low, high = ends if row["interaction"] > 0 else (-ends[1], -ends[0])
        said = text.format(first=action(row["first"]), second=action(row["second"]), size=number(abs(row["interaction"])),
                           unit=found.unit, interval=between(low, high, False))  # fmt: skip
        name = f"{row['first']}{TOGETHER}{row['second']}"
        both = [_started(found, one) for one in latest if one["instrument"] == name]
        lines.append(" ".join([said, *(_("Both together: {started}").format(started=one) for one in both)]))
    if rows and not lines:
        text = _("No two of the members are told to bring more or less together than alone ({count} pairs).")
        lines.append(text.format(count=count(len(rows))))
    return lines


def _basis(found: Timing, rows: list[Row]) -> list[str]:
    """What all of it rests on."""
    text = _("{runs} runs per variant, each paired with the same run without the instrument; intervals of 95 %, latest "
             "years adjusted for the years that were run (Holm).")  # fmt: skip
    lines = [text.format(runs=count(found.runs))]
    if any(row["searched"] == BISECTION for row in rows):
        text = _("Run first: one year in {every}, then years in between; this takes it that what a start brings falls with "
                 "every year of delay.")  # fmt: skip
        lines.append(text.format(every=found.every))
    risen = dict.fromkeys(action(row["instrument"]) for row in rows if row["searched"] == EVERY_YEAR)
    if risen and found.every > 1:
        text = _("Every year was run, since the effect is told to rise somewhere, of: {actions}.")
        lines.append(text.format(actions=_(", ").join(risen)))
    if found.co2_eur_per_t and found.outcome == PRICED:
        text = _("Worth its cost: effect at {value} EUR per tonne of CO2, less public money.")
        lines.append(text.format(value=number(found.co2_eur_per_t)))
    return lines


def _is_known(value: Any) -> bool:
    """Whether a year is there, and not missing."""
    return value is not None and value == value and str(value) != "<NA>"
