"""Writes the folder of a cluster from the sites of a register: built beside it, checked, and only then put in place."""

import csv
import hashlib
import io
import math
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from clusterpact.experiments.making.activities import ActivityTable, Mapped
from clusterpact.experiments.making.cluster_text import (
    BUYERS_HELP,
    PROJECTS_HELP,
    UNITS_HELP,
    cluster_toml,
    experiment_toml,
    sources_page,
)
from clusterpact.experiments.making.past import experiment_then, past_prices, record_of, table_text
from clusterpact.experiments.making.request import Imported, Request, cluster_slug
from clusterpact.experiments.making.review import REVIEW_COLUMNS, REVIEW_FILE, guesses, review_rows
from clusterpact.experiments.making.site import Site
from clusterpact.experiments.making.table import check_kinds
from clusterpact.experiments.making.usual import read_plant_sizes
from clusterpact.files import remove_left
from clusterpact.inputs import InputError, check, usable_path
from clusterpact.sim.buyers import BUYERS_FILE, Buyer
from clusterpact.sim.cluster import Plant
from clusterpact.sim.pipeline import PROJECTS_FILE, Project
from clusterpact.sim.record import RECORD_FILE
from clusterpact.sim.scenario import OWN_PRICES, read_scenario
from clusterpact.sim.tables import Tables, Technology, read_tables
from clusterpact.sim.units import UNITS_FILE, UnitRow
from clusterpact.texts import marked

FIRM_COLUMNS = (
    "id", "name", "operator", "owner", "sector", "technology", "status", "capacity_kt_per_year", "capacity_gwh_per_year",
    "scope1_kt_per_year", "scope1_year", "free_allocation_kt_per_year", "latitude", "longitude", "owner_mark",
    "scope1_mark", "capacity_mark", "free_allocation_mark", "register_id", "source", "note",
)  # fmt: skip
UNIT_COLUMNS, PROJECT_COLUMNS, BUYER_COLUMNS = (tuple(row.model_fields) for row in (UnitRow, Project, Buyer))
PART = ".part"  #: end of the name of a folder that is not finished
ONE_UNIT = {"unit": "main", "name": "Whole plant", "source": "as in firms.csv: not divided yet", "mark": "estimate"}
UNMAPPED_COLUMNS = ("register_id", "name", "operator", "activity", "activity_name", "emissions_t", "year", "reason",
                    "postcode", "city", "latitude", "longitude")  # fmt: skip


def import_cluster(request: Request, out: Path) -> Imported:
    """Map the sites and write the folder; on any failure nothing is left."""
    check_out(out)
    tables = read_tables()
    table = ActivityTable(tables.technologies, request.own_activities, request.register.activities)
    if request.register.kind == "table":
        check_kinds(request.register, request.sites, request.year, table)
    outcome = sort_sites(request, table)
    sizes = read_plant_sizes(tables.technologies)
    outcome = replace(outcome, guesses=guesses(outcome.plants, request.year, sizes))
    if not outcome.plants:
        reasons = sorted({reason for _, reason in outcome.left_out})
        raise InputError(
            request.register.path, "selection", request.selection, f"leaves no plant ({'; '.join(reasons[:3])})"
        )
    remove_left(out)
    draft = out.parent / f".{out.name}.{platform.node()}.{os.getpid()}{PART}"
    try:
        draft.mkdir()
        for name, text in _files(request, outcome, tables).items():
            (draft / name).write_text(text, encoding="utf-8", newline="\n")
        read_scenario(draft)
        check_out(out)
        draft.rename(out)
    except OSError as error:
        raise InputError(out, "--out", None, f"cannot be written ({error.strerror})") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return outcome


def check_out(out: Path) -> None:
    """Raise InputError unless a folder of this name can be made."""
    if usable_path(out, "--out").exists() or out.is_symlink():
        raise InputError("", "--out", str(out), "exists; expected the name of a new folder")
    if not out.parent.is_dir():
        raise InputError("", "--out", str(out), f"the folder {str(out.parent)!r} does not exist")


def sort_sites(request: Request, table: ActivityTable) -> Imported:
    """Plants, largest first, and the sites that are left out, each with a reason."""
    plants, left_out = [], []
    year, kind = request.year, request.register.kind
    for site in sorted(request.sites, key=lambda site: (-site.emissions_t.get(year, 0.0), site.id)):
        tonnes = site.emissions_t.get(year)
        mapped = table.map(site, site.codes or kind, tonnes or 0.0)
        if not tonnes:
            status = "0 t" if tonnes == 0 else site.unreported.get(year, "no entry")
            left_out.append((site, f"no emissions in {year} ({status})"))
        elif mapped is None:
            left_out.append((site, f"activity {site.activity or '(blank)'} is not in the mapping table"))
        elif not mapped.row.sector:
            left_out.append((site, f"{mapped.row.meaning}: {mapped.row.source}"))
        elif tonnes < 1000 * request.min_kt:
            left_out.append((site, f"below --min-kt {request.min_kt:g}"))
        else:
            plants.append((site, mapped))
    mapped_t, left_out_t = (math.fsum(site.emissions_t.get(year, 0.0) for site, _ in part) for part in (plants, left_out))
    return Imported(plants, left_out, mapped_t, left_out_t)


def _files(request: Request, outcome: Imported, tables: Tables) -> dict[str, str]:
    """All files of the folder, by name."""
    rows = firm_rows(request, outcome, tables)
    plants = [
        check(Plant, {key: value for key, value in row.items() if value != ""}, request.register.path,
              f"site {site.id[:40]}, as a plant: ")
        for row, (site, _) in zip(rows, outcome.plants, strict=True)
    ]  # fmt: skip
    files = {
        "firms.csv": _table(FIRM_COLUMNS, rows),
        UNITS_FILE: UNITS_HELP + _table(UNIT_COLUMNS, [_whole(row) for row in rows]),
        PROJECTS_FILE: PROJECTS_HELP + _table(PROJECT_COLUMNS, []),
        BUYERS_FILE: BUYERS_HELP + _table(BUYER_COLUMNS, []),
        "cluster.toml": cluster_toml(request, outcome, plants, tables),
        "experiment.toml": experiment_toml(request.name, request.title, request.year),
        "unmapped.csv": _table(UNMAPPED_COLUMNS, _unmapped_rows(request, outcome)),
        REVIEW_FILE: _table(REVIEW_COLUMNS, review_rows(outcome.guesses)),
        "sources.md": sources_page(request, outcome, _sha256(request.register.path)),
    }
    if request.law.own_prices:
        files[OWN_PRICES] = request.law.own_prices
    if request.record_to is not None:
        files |= _of_the_past(request, outcome, rows, request.record_to)
    return files


def _of_the_past(request: Request, outcome: Imported, rows: list[dict[str, str]], record_to: int) -> dict[str, str]:
    """Files of a cluster that is set back in time: what came, prices believed and realised, an experiment to score."""
    accounts = [(row["id"], site) for row, (site, _) in zip(rows, outcome.plants, strict=True)]
    files = {
        RECORD_FILE: table_text(record_of(request.register, accounts, request.year, record_to)),
        "experiment.toml": experiment_then(request.name, request.title, request.year, record_to),
    }
    if request.register.kind != "ghgrp":
        files[OWN_PRICES] = table_text(past_prices(request.law.country, request.year, record_to))
    return files


def firm_rows(request: Request, outcome: Imported, tables: Tables) -> list[dict[str, str]]:
    """Rows of `firms.csv`, as text."""
    technologies = {(row.sector, row.technology): row for row in tables.technologies}
    slugs = _slugs([site for site, _ in outcome.plants])
    return [_firm(request, site, mapped, slug, technologies[mapped.row.sector, mapped.row.technology])
            for (site, mapped), slug in zip(outcome.plants, slugs, strict=True)]  # fmt: skip


def _firm(request: Request, site: Site, mapped: Mapped, slug: str, technology: Technology) -> dict[str, str]:
    register, year = request.register, request.year
    tonnes = site.emissions_t[year]
    energy = technology.unit.startswith("MWh")
    capacity = six_digits(tonnes / 1000 / technology.co2_direct_t_per_unit)
    allocation = site.free_allocation_t.get(year)
    return {
        "id": slug, "name": site.name or site.id, "operator": site.operator, "owner": owner_key(site),
        "sector": mapped.row.sector, "technology": mapped.row.technology, "status": "operating",
        "capacity_gwh_per_year" if energy else "capacity_kt_per_year": capacity,
        "capacity_kt_per_year" if energy else "capacity_gwh_per_year": "",
        "scope1_kt_per_year": thousandth(tonnes), "scope1_year": str(year),
        "free_allocation_kt_per_year": "" if allocation is None else thousandth(allocation),
        "latitude": "" if site.latitude is None else f"{site.latitude:.6g}",
        "longitude": "" if site.longitude is None else f"{site.longitude:.6g}",
        "owner_mark": "derived" if owner_key(site) else "", "scope1_mark": "published", "capacity_mark": "derived",
        "free_allocation_mark": "" if allocation is None else "published",
        "register_id": site.id,
        "source": f"{register.title} {year} ({register.attribution})",
        "note": _note(site, mapped, technology),
    }  # fmt: skip


def _whole(firm: dict[str, str]) -> dict[str, str]:
    """The row of `units.csv` for a plant that is not divided: what the register knows."""
    capacities = {key: firm[key] for key in ("capacity_kt_per_year", "capacity_gwh_per_year")}
    return {"plant": firm["id"]} | ONE_UNIT | capacities


def owner_key(site: Site) -> str:
    """Key of the company that a register names: the parent, else the operator or account holder; blank if it names none."""
    return cluster_slug(site.parent or site.operator)


def _note(site: Site, mapped: Mapped, technology: Technology) -> str:
    word = f" by the word {mapped.word!r}" if mapped.word else ""
    if mapped.fuel and not mapped.small:
        word += f" by the main fuel of {site.country}"
    return (
        f"Activity {site.activity} ({site.activity_name or 'no name'}) mapped{word} as {mapped.row.meaning.lower()} "
        f"[{mapped.row.mark}]. Capacity = emissions / {technology.co2_direct_t_per_unit:g} t per {technology.unit}. "
        f"{site.note}"
    ).strip()


def _unmapped_rows(request: Request, outcome: Imported) -> list[dict[str, object]]:
    """Sites that are no plants, with reasons; names are marked for a spreadsheet, since nothing reads this table again."""
    rows: list[dict[str, str]] = []
    for site, reason in outcome.left_out:
        tonnes = site.emissions_t.get(request.year)
        rows.append({
            "register_id": site.id, "name": site.name, "operator": site.operator, "activity": site.activity,
            "activity_name": site.activity_name, "emissions_t": "" if tonnes is None else plain(Decimal(repr(tonnes))),
            "year": str(request.year), "reason": reason, "postcode": site.postcode, "city": site.city,
            "latitude": "" if site.latitude is None else f"{site.latitude:.6g}",
            "longitude": "" if site.longitude is None else f"{site.longitude:.6g}",
        })  # fmt: skip
    return [{key: marked(cell) for key, cell in row.items()} for row in rows]


def _slugs(sites: list[Site]) -> list[str]:
    """An id for each site from its name, with the register's id where two would be alike."""
    taken = {"co2-hub", "hydrogen-line", "grid", "waste-heat"}
    owners = {owner_key(site) for site in sites}
    names = [cluster_slug(site.name)[:48].strip("-") for site in sites]
    slugs = []
    for site, name in zip(sites, names, strict=True):
        free = name not in taken and (name not in owners or bool(owner_key(site)))
        slug = name if name and names.count(name) == 1 and free else f"{name}-{cluster_slug(site.id)}".strip("-")
        while slug in taken:
            slug += "-x"
        taken.add(slug)
        slugs.append(slug)
    return slugs


def _table(columns: tuple[str, ...], rows: Sequence[Mapping[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def thousandth(tonnes: float) -> str:
    """Tonnes in kt, with all digits of the register."""
    return plain(Decimal(repr(tonnes)) / 1000)


def plain(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def six_digits(value: float) -> str:
    """A number to six significant digits, without exponent."""
    return plain(Decimal(f"{value:.6g}"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
