"""A comparison as the page shows it: the words of its tables and names in the language that is spoken."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from clusterpact.results.about import About, Comparison, Searched, Timing
from clusterpact.results.language import _
from clusterpact.results.report.found_kept import labels
from clusterpact.results.statistics.compare import compared_outcomes
from clusterpact.results.statistics.contributions import owner


def translated(found: Comparison, outcomes: pd.DataFrame) -> Comparison:
    """A comparison whose labels, units, actions and gates are in the language that is spoken.

    Labels name networks by their names; verdicts and stakeholders, which the page decides by, stay as they are in the
    tables. outcomes: the table of outcomes that the comparison is of.
    """
    about = in_words(found.about)
    said = {item.column: item for item in compared_outcomes(outcomes, about.names)}
    tables = dict(found.tables)
    tables["differences"] = _with(tables["differences"], "label", "outcome", lambda column: said[column].label)
    tables["differences"] = _with(tables["differences"], "unit", "unit", _)
    tables["remaining"] = _with(tables["remaining"], "gate", "gate", _)
    for name in ("levers", "frontier", "contributions"):
        if name in tables:
            tables[name] = _with(tables[name], "unit", "unit", _)
    for name in ("levers", "frontier"):
        if name in tables:
            tables[name] = _with(tables[name], "action", "lever", lambda lever: owner(lever)[1])
    item = said[found.outcome]
    return replace(found, about=about, label=item.label, unit=item.unit, tables=tables)


def timing_in_words(found: Timing, outcomes: pd.DataFrame) -> Timing:
    """A timing whose label, unit and names are in the language that is spoken; its sentences are made in it."""
    about = in_words(found.about)
    item = next(item for item in compared_outcomes(outcomes, about.names) if item.column == found.outcome)
    return replace(found, about=about, label=item.label, unit=_(item.unit))


def found_in_words(found: Searched, outcomes: pd.DataFrame) -> Searched:
    """A search whose labels, units and names are in the language that is spoken; its sentences are made in it."""
    about = in_words(found.about)
    return replace(found, about=about, labels=labels(compared_outcomes(outcomes, about.names), found.labels))


def in_words(about: About) -> About:
    """What is said of a result, its title and the names of the library in the language that is spoken."""
    return replace(about, title=_(about.title), names={agent: _(name) for agent, name in about.names.items()})


def _with(table: pd.DataFrame, column: str, of: str, words: Callable[[Any], str]) -> pd.DataFrame:
    """A table in which a column holds the words of another one, row by row."""
    return table.assign(**{column: [words(value) for value in table[of]]})
