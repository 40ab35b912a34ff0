"""The page plant by plant: what each emits, can run, decides and is held back by, and how a typical run goes for it."""

from typing import Any

import pandas as pd

from clusterpact.agents.vocabulary import GATE_CLOSED, GATE_SWITCHED, GATES
from clusterpact.results.about import Comparison
from clusterpact.results.language import _, plural
from clusterpact.results.report.advice import rows_of
from clusterpact.results.report.project_rows import project_rows
from clusterpact.results.report.sentences import row_of
from clusterpact.results.report.words import number, percent, year
from clusterpact.sim.cluster import Plant

COVERED, MOST = 0.9, 12  #: share of scope 1 that the plants with a section of their own make up, and at most how many
NAMED = 25  #: of the other plants, in a line
LEAST_TIME = 0.01  #: of all quarters: a gate that holds a plant more rarely is not told
DONE = (GATES[GATE_SWITCHED - 1], GATES[GATE_CLOSED - 1])  #: what no longer holds a plant back


def plant_sections(found: Comparison) -> list[dict[str, Any]]:
    """A section for each of the plants that make up most of scope 1, the largest first; see `_section`."""
    return [_section(found, plant) for plant in _ranked(found)[: _shown(found)]]


def other_plants(found: Comparison) -> str:
    """The plants without a section, in a line; empty where there is none."""
    others = [_(plant.name) for plant in _ranked(found)[_shown(found) :]]
    if not others:
        return ""
    text = plural("{count} other plant: {names}", "{count} other plants: {names}", len(others))
    if len(others) > NAMED:
        text = _("{count} other plants, of which the largest are {names}")
    return text.format(count=len(others), names=", ".join(others[:NAMED]))


def _ranked(found: Comparison) -> list[Plant]:
    return sorted(found.scenario.whole_plants, key=lambda plant: -plant.scope1_kt_per_year)


def _shown(found: Comparison) -> int:
    """How many of the largest plants make up most of scope 1, of those that emit at all."""
    emitted, total = 0.0, found.about.baseline_kt
    for count, plant in enumerate(_ranked(found)[:MOST]):
        if plant.scope1_kt_per_year <= 0 or emitted >= COVERED * total:
            return count
        emitted += plant.scope1_kt_per_year
    return min(MOST, len(found.scenario.sites))


def _section(found: Comparison, plant: Plant) -> dict[str, Any]:
    """A plant's name, its short facts, those of its units where it has several, and what each unit can do and does.

    Its story in a typical run is empty where no run was replayed.
    """
    units = found.scenario.sites[plant.id]
    left = found.tables["remaining"]
    last = left[left["year"] == left["year"].max()]
    kt = float(last.loc[last["agent"].isin([unit.id for unit in units]), "remaining_kt"].sum())
    now = plant.scope1_kt_per_year
    facts = [_("Scope 1 today: {today} kt a year, {share} of all.").format(
        today=number(now), share=percent(now / found.about.baseline_kt))]  # fmt: skip
    shares = [_still(found, row_of(last, agent=unit.id), _named(unit, units)) for unit in units]
    if len(units) == 1:
        facts, shares = [*facts, *shares], []
    else:
        facts.append(
            _("All its units in {year}: {left} kt on average.").format(year=int(left["year"].max()), left=number(kt))
        )
    return {"name": _(plant.name), "facts": " ".join(facts), "shares": shares,
            "units": [_unit(found, unit, units) for unit in units],
            "story": _story(found, units)}  # fmt: skip


def _named(unit: Plant, units: tuple[Plant, ...]) -> str:
    """What a unit is called beside its plant; nothing where it is the whole plant."""
    return "" if len(units) == 1 else _(unit.name.removeprefix(f"{unit.site_name}, "))


def _still(found: Comparison, row: dict[str, Any], name: str) -> str:
    """What a unit still emits in the last milestone's year, and what became of it by then."""
    text = _(
        "{kt} kt in {year} (5 to 95 % of futures: {low} to {high}); switched in {switched} of futures, closed in {closed}."
    )
    if row["gate"]:
        text = _("{kt} kt in {year} (5 to 95 % of futures: {low} to {high}); switched in {switched} of futures, closed in "
                 "{closed}, {gate} in {gate_share}.")  # fmt: skip
    told = text.format(kt=number(row["remaining_kt"]), year=int(row["year"]), low=number(row["p5"]), high=number(row["p95"]),
                       switched=percent(row["switched_share"]), closed=percent(row["closed_share"]), gate=row["gate"],
                       gate_share=percent(row["gate_share"]))  # fmt: skip
    return _("{unit}: {text}").format(unit=name, text=told) if name else told


def _unit(found: Comparison, unit: Plant, units: tuple[Plant, ...]) -> dict[str, Any]:
    """A unit's name, what it runs today, its options with dates, its projects in hand, and the gates that hold it."""
    options = found.tables["options"]
    mine = options[options["agent"] == unit.id]
    today = mine[mine["is_today"]]
    shown = mine[~mine["is_today"] | (mine["decided_share"] > 0)]
    shown = shown.sort_values(["decided_share", "abated_kt_per_year"], ascending=False, kind="stable")
    runs = _("Runs {technology} today.").format(technology=_(str(today["technology"].iloc[0])))
    announced = found.tables["announcements"]
    projects = [] if announced.empty else project_rows(announced[announced["agent"] == unit.id], found.package)
    return {"name": _named(unit, units), "runs": _("Planned.") if unit.status == "planned" else runs,
            "options": [_option(found, row) for row in rows_of(shown)], "projects": [_project(row) for row in projects],
            "held": _held(found, unit.id)}  # fmt: skip


def _option(found: Comparison, row: dict[str, Any]) -> dict[str, str]:
    """A row of the table of options."""
    needs = ", ".join(_(kind) for kind in str(row["needs"]).split("; ") if kind)
    notes = [_("needs networks: {networks}").format(networks=needs)] if needs else []
    if row["available_year"] > found.about.first_year:
        notes.append(_("on the market from {year}").format(year=row["available_year"]))
    return {"technology": _(str(row["technology"])), "note": "; ".join(notes), "capital": number(row["capex_meur"]),
            "abates": number(row["abated_kt_per_year"]), "decided": percent(row["decided_share"]),
            "started": percent(row["started_share"]),
            "decision": _dates(found, row, "fid"), "start": _dates(found, row, "start")}  # fmt: skip


def _dates(found: Comparison, row: dict[str, Any], what: str) -> str:
    """Median and P10 to P90 of a date; what comes after the horizon is told so."""
    if not row["decided_share"]:
        return "-"
    low, middle, high = (_date(found, row[f"{what}_{name}"]) for name in ("p10", "p50", "p90"))
    return middle if low == middle == high else _("{middle} ({low} to {high})").format(middle=middle, low=low, high=high)


def _date(found: Comparison, date: float) -> str:
    last = found.about.last_year
    return year(date) if date < last + 1 else _("after {year}").format(year=last)


def _project(row: dict[str, Any]) -> str:
    """What becomes of a project that is in hand at the start."""
    text = _("In hand: {project} ({technology}), {stage}, planned for {year}; decided in {decided} of futures, given up in "
             "{given_up}; starts {dates}.")  # fmt: skip
    if row["dates"] == "-":
        text = _("In hand: {project} ({technology}), {stage}, planned for {year}; decided in {decided} of futures, given up "
                 "in {given_up}; never starts.")  # fmt: skip
    return text.format(**row)


def _held(found: Comparison, agent: str) -> str:
    """The gates that hold a plant back, and how long each does."""
    table: pd.DataFrame = found.tables["held"]
    mine = table[(table["agent"] == agent) & ~table["gate"].isin(DONE) & (table["time_share"] >= LEAST_TIME)]
    text = _("{gate} {time} of the time (in {futures} of futures)")
    parts = [text.format(gate=_(row["gate"]), time=percent(row["time_share"]), futures=percent(row["run_share"]))
             for row in rows_of(mine)]  # fmt: skip
    return _("Held back: {gates}.").format(gates="; ".join(parts)) if parts else _("Nothing holds it back for long.")


def _story(found: Comparison, units: tuple[Plant, ...]) -> list[dict[str, str]]:
    """What happens to a plant in the typical run, in the order of time."""
    if found.typical is None:
        return []
    lines = [(date, _named(unit, units), sentence)
             for unit in units for date, sentence in found.typical.lines.get(unit.id, [])]  # fmt: skip
    return [{"date": date, "text": f"{name}: {sentence}" if name else sentence}
            for date, name, sentence in sorted(lines, key=lambda line: line[0])]  # fmt: skip
