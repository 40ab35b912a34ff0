"""The packages that a search found, as rows of the page: those that matter side by side, and all others."""

from typing import Any

from clusterpact.results.about import Searched
from clusterpact.results.language import _
from clusterpact.results.report.advice import rows_of
from clusterpact.results.report.found import found_lines
from clusterpact.results.report.found_words import Row, action, best, objective, outcome, scale_of, unit_of
from clusterpact.results.report.words import between, number
from clusterpact.results.statistics.kinds import FOUND, HAND


def found_content(found: Searched) -> dict[str, Any]:
    """Everything that the page shows of a search, but for its figures and files."""
    chosen = list(roles(found))
    others = [str(name) for name in found.front["package"] if name not in chosen]
    return {
        "lines": found_lines(found), "headings": headings(found), "chosen": chosen,
        "constrained": bool(found.wanted.constraints),
        "rows": package_rows(found, [*chosen, *own_names(found)]), "contents": content_rows(found, chosen),
        "others": [row | {"contents": contents_of(found, row["id"])} for row in package_rows(found, others)],
    }  # fmt: skip


def headings(found: Searched) -> list[str]:
    """A column's heading per objective, with its unit."""
    return [f"{outcome(found, aim)}, {unit_of(found, aim)}".removesuffix(", ") for aim in found.wanted.objectives]


def roles(found: Searched) -> dict[str, str]:
    """The packages that matter, the most balanced one first, then the best of every objective; each with what it is."""
    said: dict[str, list[str]] = {}
    for row in rows_of(found.front):
        if row["knee"]:
            said.setdefault(row["package"], []).append(_("most balanced"))
    for aim in found.wanted.objectives if len(found.front) else ():
        said.setdefault(best(found, FOUND, aim)["package"], []).append(objective(found, aim))
    return {name: _(", ").join(words) for name, words in said.items()}


def package_rows(found: Searched, names: list[str]) -> list[dict[str, Any]]:
    """Packages by name: objectives with their intervals, whether constraints are kept, and by whom they are beaten."""
    rows = {row["package"]: row for row in rows_of(found.tables["front"])}
    chosen = roles(found)
    return [
        {
            "package": found.about.titled(name), "is_found": rows[name]["made"] == FOUND, "role": chosen.get(name, ""),
            "cells": [_cell(found, aim, rows[name]) for aim in found.wanted.objectives],
            "keeps": _("yes") if rows[name]["keeps_constraints"] else _("no"), "id": name,
        }
        for name in names
    ]  # fmt: skip


def own_names(found: Searched) -> list[str]:
    """The experiment's own packages."""
    return [str(row["package"]) for row in rows_of(found.tables["front"]) if row["made"] == HAND]


def _cell(found: Searched, aim: Any, row: Row) -> dict[str, str]:
    scale = scale_of(found, aim)
    low, high = (scale * row[f"{aim.name}{end}"] for end in ("_low", "_high"))
    return {"value": number(scale * row[aim.name]), "interval": between(low, high, False).replace(" ", "\u00a0")}


def content_rows(found: Searched, names: list[str]) -> list[dict[str, Any]]:
    """A row per instrument that any of some packages has: what each of them has of it, empty where it has nothing."""
    held = [row for row in rows_of(found.tables["contents"]) if row["package"] in names]
    said = {(row["package"], row["instrument"]): in_force(row) for row in held}
    order = found.tables["instruments"]["instrument"]
    return [
        {"action": action(name), "unit": _unit(held, name), "cells": [said.get((mine, name), "") for mine in names]}
        for name in order
        if any((mine, name) in said for mine in names)
    ]


def _unit(held: list[Row], name: str) -> str:
    """The unit of an instrument's strength; empty for a share."""
    unit = next(row["unit"] for row in held if row["instrument"] == name)
    return "" if unit in ("share", "-") else _(unit)


def contents_of(found: Searched, name: str) -> list[str]:
    """What a package contains, a line per instrument."""
    lines = [
        f"{action(row['instrument'])}{_(': ')}{in_force(row)} {_unit([row], row['instrument'])}".rstrip()
        for row in rows_of(found.tables["contents"])
        if row["package"] == name
    ]
    return lines or [_("nothing beyond the baseline")]


def in_force(row: Row) -> str:
    """How strong an instrument of a package is, from when on or once what is the case, and until when."""
    said = number(row["strength"])
    if row["when"]:
        return _("{strength} once {signal}").format(strength=said, signal=row["when"])
    if row["end_year"] == row["end_year"] and row["end_year"] is not None and str(row["end_year"]) != "<NA>":
        first, last = int(row["start_year"]), int(row["end_year"]) - 1
        text = _("{strength} in {first}") if first == last else _("{strength}, {first} to {last}")
        return text.format(strength=said, first=first, last=last)
    return _("{level} from {year}").format(level=said, year=row["start_year"])
