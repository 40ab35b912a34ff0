"""One self-contained HTML page about a compared result: the answer, how sure, why, who does what next, what it rests on.

Sentences come from plain templates and numbers of the tables; nothing is said that no number carries.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from matplotlib.figure import Figure

from clusterpact.files import write_atomically
from clusterpact.results.about import About, Comparison, Searched, Timing
from clusterpact.results.figures import comparison as comparison_plots
from clusterpact.results.figures import result as plots
from clusterpact.results.figures.cluster_map import cluster_map
from clusterpact.results.figures.front import front, trade_offs
from clusterpact.results.figures.levers import levers as lever_plot
from clusterpact.results.figures.style import picture_of
from clusterpact.results.figures.timing import timing as timing_plot
from clusterpact.results.language import ENGLISH, LANGUAGES, _, plural, speaking, spoken
from clusterpact.results.report.advice import frontier_lines, is_priced, lever_groups, remaining_rows
from clusterpact.results.report.cards import cards
from clusterpact.results.report.found_kept import read_found
from clusterpact.results.report.found_rows import found_content
from clusterpact.results.report.pathways import pathway_lines
from clusterpact.results.report.plants import other_plants, plant_sections
from clusterpact.results.report.project_rows import carrier_rows, fit_rows, project_rows
from clusterpact.results.report.robust import criteria_rows, robust_lines
from clusterpact.results.report.sentences import (
    behind,
    compared,
    contribution_rows,
    difference_rows,
    flip_lines,
    instrument_rows,
    interaction_line,
    regret_rows,
    sure,
    uncertainty_rows,
)
from clusterpact.results.report.stacked import labelled
from clusterpact.results.report.timing import timing_lines
from clusterpact.results.report.timing_kept import read_timing
from clusterpact.results.report.translated import found_in_words, timing_in_words, translated
from clusterpact.results.report.words import count, number, percent
from clusterpact.results.statistics.convergence import advice
from clusterpact.results.summary import headlines, read_table
from clusterpact.results.tables import csv_bytes

TEMPLATE = Path(__file__).with_name("template.html")
STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)


def write_report(found: Comparison, path: Path, language: str = "en", lab: Path | None = None) -> Path:
    """Write the page of a comparison in a language, one of `results.language.LANGUAGES`; lab: a file beside it, to link to.

    Raises InputError for any other language, ModuleNotFoundError without Jinja2 (an extra of the installation).
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    source = TEMPLATE.read_text(encoding="utf-8")
    environment: Any = Environment(loader=FileSystemLoader(TEMPLATE.parent, "utf-8"), autoescape=True,
                                   undefined=StrictUndefined, extensions=["jinja2.ext.i18n"])  # fmt: skip
    environment.install_gettext_callables(_, plural, newstyle=False)  # newstyle takes every % for a placeholder
    environment.filters["labelled"] = labelled
    with speaking(language):
        shown = content(found) | {"lab": "" if lab is None else quote(lab.name)}
        page = environment.get_template(TEMPLATE.name).render(allowed=allowed(source), language=language, **shown)
    write_atomically(path, page.encode("utf-8"))
    return path


def allowed(source: str) -> str:
    """The page's content-security policy: its pictures and its own style sheet, by its hash; no script, form or address."""
    sheets = (hashlib.sha256(sheet.encode()).digest() for sheet in STYLE.findall(source))
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in sheets)
    return f"default-src 'none'; img-src data:; style-src {hashes}; base-uri 'none'; form-action 'none'"


def content(found: Comparison) -> dict[str, Any]:
    """Everything that the template shows, in the language that is spoken; tables to download stay as they are."""
    outcomes, bands = read_table(found.folder, "outcomes"), read_table(found.folder, "bands")
    kept, search = read_timing(found.folder, found.about), read_found(found.folder, found.about)
    downloads = dict(found.tables)
    downloads |= {f"timing-{name}": table for name, table in kept.tables.items()} if kept else {}
    downloads |= {f"search-{name}": table for name, table in search.tables.items()} if search else {}
    found = translated(found, outcomes)
    timing = timing_in_words(kept, outcomes) if kept else None
    search = found_in_words(search, outcomes) if search else None
    about, tables = found.about, found.tables
    policies = [found.package, *(policy.name for policy in about.policies if policy.name != found.package)]
    outcomes, bands, projects = (
        with_first(table, found.package) for table in (outcomes, bands, read_table(found.folder, "projects"))
    )
    lines = headlines(outcomes, bands, about.kinds, about.names)
    levers = tables.get("levers")
    return {
        "title": about.title, "runs": count(about.runs), "id": about.id, "version": version("clusterpact"),
        "first_year": about.first_year, "last_year": about.last_year, "seed": about.seed,
        "source": about.source[:12], "baseline": found.base, "package": found.focus, "package_id": found.package,
        "label": found.label, "unit": found.unit, "confidence": percent(found.confidence),
        "policies": [about.titled(policy) for policy in policies],
        "described": [(about.titled(policy.name), policy) for policy in about.policies],
        "comparisons": compared(found),
        "headlines": [
            {"label": line.label, "cells": [line.cells.get(policy, _("no run")) for policy in policies]}
            for line in lines
        ],
        "cards": cards(found, outcomes), "behind": behind(found, outcomes),
        "sure": [*sure(found), advice(titled(outcomes, about), found.base), *filter(None, [about.track_record()])],
        "differences": difference_rows(found), "regret": regret_rows(found),
        "flips": flip_lines(found), "robust": robust_lines(found), "criteria": criteria_rows(found),
        "contributions": contribution_rows(tables["contributions"], found.outcome) if levers is not None else None,
        "interactions": interaction_line(tables["contributions"], found.outcome) if levers is not None else "",
        "levers": lever_groups(found) if levers is not None else None,
        "frontier": frontier_lines(found) if levers is not None else [], "lever_runs": count(found.lever_runs),
        "value": number(round(found.co2_eur_per_t)) if is_priced(found) else "", "remaining": remaining_rows(found),
        "announcements": project_rows(tables["announcements"], found.package), "fits": fit_rows(tables["fits"]),
        "carriers": carrier_rows(found), "uncertainties": uncertainty_rows(about),
        "instruments": instrument_rows(about), "sources": about.sources,
        "pathways": pathway_lines(about, tables, found.package),
        "plants": plant_sections(found), "more_plants": other_plants(found),
        "typical": found.typical.run if found.typical else None,
        "languages": others(),
        "csv": {name: data_address(csv_bytes(table), "text/csv") for name, table in downloads.items()},
        "found": found_content(search) | {"toml": files_of(search)} if search else None,
        "timing": timing_lines(timing) if timing else [], "timed": timing.focus if timing else "",
        "timing_label": timing.label if timing else "", "timing_unit": timing.unit if timing else "",
        "figures": draw(drawings(found, outcomes, bands, projects) | timing_drawings(timing) | found_drawings(search),
                        found.folder),
    }  # fmt: skip


def files_of(search: Searched) -> dict[str, str]:
    """The packages that were found, as files to download."""
    return {name: data_address(text, "application/toml") for name, text in search.packages.items()}


def others() -> str:
    """In which languages the page can be had besides this one, and how."""
    names = {code: name for code, name in LANGUAGES.items() if code != spoken().code}
    text = _("Also in {languages}: clusterpact report RESULT --language {code}. Sources are quoted in the language in which "
             "they were noted.")  # fmt: skip
    return text.format(languages=", ".join(names.values()), code=next(iter(names)))


def data_address(data: bytes, kind: str) -> str:
    """Data as an address that a page can hold."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def titled(table: pd.DataFrame, about: About) -> pd.DataFrame:
    """A table with the titles of policies in place of their names."""
    return table.assign(policy=table["policy"].map(about.titled))


def with_first(table: pd.DataFrame, package: str) -> pd.DataFrame:
    """A table with the rows of a package before those of the others."""
    return table.sort_values("policy", key=lambda policies: policies != package, kind="stable", ignore_index=True)


Drawing = tuple[Any, ...]


def drawings(found: Comparison, outcomes: pd.DataFrame, bands: pd.DataFrame, projects: pd.DataFrame) -> dict[str, Drawing]:
    """Every figure of the page by its name: the function that draws it, and what it takes."""
    about = found.about
    drawn: dict[str, Drawing] = {
        "emissions": (plots.emissions, bands, about),
        "abatement": (plots.abatement, bands, about),
        "gates": (plots.gates, bands, about),
        "timeline": (plots.timeline, projects, about),
        "runs": (plots.runs, outcomes, about),
        "differences": (comparison_plots.differences, with_first(found.tables["differences"], found.package), about),
        "regret": (comparison_plots.regrets, found.tables["regret"], found),
        "trust": (comparison_plots.trust, bands, about),
        "cost": (comparison_plots.cost, outcomes, about),
        "map": (cluster_map, found.scenario),
    }
    if "pathways" in found.tables:
        drawn["pathways"] = (plots.pathways, outcomes, about)
    if "contributions" in found.tables and len(found.tables["contributions"]):
        drawn["members"] = (comparison_plots.members, found.tables["contributions"], found)
    if "levers" in found.tables and len(found.tables["levers"]):
        drawn["levers"] = (lever_plot, found.tables["levers"], found)
    return drawn


def timing_drawings(timing: Timing | None) -> dict[str, Drawing]:
    """The figures of timing, one per stakeholder that has an instrument."""
    if timing is None:
        return {}
    curves = timing.tables["curves"].groupby("stakeholder", sort=False)
    return {f"timing-{who}": (timing_plot, mine, timing) for who, mine in curves}


def found_drawings(search: Searched | None) -> dict[str, Drawing]:
    """The figures of a search that found something."""
    return {} if search is None or search.front.empty else {"front": (front, search), "trade-offs": (trade_offs, search)}


def draw(drawn: dict[str, Drawing], folder: Path) -> dict[str, dict[str, str]]:
    """Every figure of the page: its picture, its caption, and a text for those who cannot see it."""
    figures = {}
    mark = "" if spoken() is ENGLISH else f".{spoken().code}"
    for name, (function, *shown) in drawn.items():
        figure = function(*shown)
        pictures = {kind: picture_of(figure, kind) for kind in ("png", "svg")}
        for kind, picture in pictures.items():
            write_atomically(folder / "compare" / f"{name}{mark}.{kind}", picture)
        question, caption = captions(function)
        figures[name] = {
            "source": data_address(pictures["svg"], "image/svg+xml"),
            "question": question,
            "caption": caption,
            "alternative": _("Figure: {question} {caption}").format(question=question, caption=caption),
        }
    return figures


def captions(function: Callable[..., Figure]) -> tuple[str, str]:
    """The question that a figure answers, and what it shows: what the description of its function says."""
    question, _mark, rest = _(described(function)).partition("?")
    return f"{question}?", rest.strip()


def described(function: Callable[..., Figure]) -> str:
    """The description of a function in one line."""
    return " ".join((function.__doc__ or "").split())
