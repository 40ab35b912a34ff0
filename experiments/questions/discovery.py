"""`clusterpact discover`: in which futures an event comes, by what was drawn and what came early; tables, a figure."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.whole import reopen_whole
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError
from clusterpact.results.about import Discovery
from clusterpact.results.recorded import RECORDINGS
from clusterpact.results.statistics.boxes import Box, Limits, discover_boxes, split
from clusterpact.results.statistics.candidates import COUNTED, Candidate, candidates
from clusterpact.results.statistics.events import Event, event_of, parse_event
from clusterpact.results.statistics.regret import regret
from clusterpact.results.statistics.tree import Leaf, grow
from clusterpact.results.summary import read_table
from clusterpact.results.tables import csv_bytes

FOLDER = "discover"
FEWEST = 20  #: futures with the event, and without: of fewer nothing can be told
EARLY_YEARS = 7  #: of a run, in which what happens may lead to an event
SERIES = ("policy", "run", "year", *COUNTED)
SHARES = ("density", "coverage", "mass", "runs", "held_density", "held_coverage", "held_runs")
BOXES = ["box", "dimension", "label", "low", "high", "words", "quasi_p", *SHARES, "p_value", "least", "most"]
LEAVES = ["leaf", "words", *SHARES]


def discover_result(
    folder: Path,
    event: str | None = None,
    policy: str | None = None,
    against: str | None = None,
    until: int | None = None,
    seed: int | None = None,
) -> Discovery:
    """Find where an event comes under a policy of a finished result, and write the tables and the figure.

    event: an expression (default: the last target is not met); policy: default, as of `compare`, that of least expected
    regret in CO2; against: whom a `difference(…)` is to (default: the baseline); until: last year of early events (default:
    seven years after the first); seed: of which runs are held out (default: the experiment's). Raises InputError.
    """
    experiment = reopen_whole(folder)
    outcomes = read_table(folder, "outcomes")
    chosen, other = _package(experiment, outcomes, policy), _named(experiment, against or experiment.baseline, "--against")
    asked = parse_event(event or _default(experiment, outcomes, chosen), outcomes)
    came = event_of(asked, outcomes, chosen, other).sort_index()
    _refuse_one_sided(came, asked, outcomes, chosen)
    last = until if until is not None else min(experiment.first_year + EARLY_YEARS, experiment.last_year - 1)
    if not experiment.first_year <= last < experiment.last_year:
        expected = f"expected a year from {experiment.first_year} to {experiment.last_year - 1}"
        raise InputError("", "--events-until", last, expected)
    about = about_result(experiment, folder)
    kept, left, last = candidates(_tables(experiment, folder, outcomes), chosen, asked, last, experiment.first_year,
                                  experiment.last_year, about.names)  # fmt: skip
    if not kept:
        raise InputError(folder, "discover", None, "nothing was drawn and nothing came early that differs between futures")
    drawn_by = experiment.seed if seed is None else seed
    x = np.column_stack([one.values.loc[came.index].to_numpy() for one in kept])
    y, held = came.to_numpy(), split(len(came), drawn_by)
    boxes = discover_boxes(x, y, held, drawn_by)
    tables = {
        "boxes": boxes_table(boxes, kept),
        "tree": tree_table(grow(x, y, held, drawn_by), kept),
        "path": path_table(boxes),
        "left_out": pd.DataFrame([{"name": name, "why": why} for name, why in left.items()], columns=["name", "why"]),
    }
    found = Discovery(about, folder, chosen, other, asked.text, len(came), int(came.sum()), int(held.sum()), drawn_by, last,
                      sum(one.name.startswith("draw_") for one in kept), len(kept), tables)  # fmt: skip
    _keep(found)
    return found


def _keep(found: Discovery) -> None:
    from clusterpact.results.figures.discovery import boxes
    from clusterpact.results.figures.style import keep

    for name, table in found.tables.items():
        write_atomically(found.folder / FOLDER / f"{name}.csv", csv_bytes(table))
    keep(boxes(found), found.folder / FOLDER / "boxes.png")


def _tables(experiment: Experiment, folder: Path, outcomes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables of a result that tell of early events, of those that it has."""
    held = RECORDINGS[experiment.recording]
    tables = {"outcomes": outcomes} | {name: read_table(folder, name) for name in ("gates", "pipeline") if name in held}
    if "series" in held:
        tables["series"] = read_table(folder, "series", lambda column: column in SERIES)
    return tables


def _package(experiment: Experiment, outcomes: pd.DataFrame, policy: str | None) -> str:
    """The policy that is asked for; default: that of least expected regret in CO2 beside the baseline, if there is one."""
    if policy is not None:
        return _named(experiment, policy, "--policy")
    order = [str(name) for name in regret(outcomes, "cumulative_mt")["policy"]] if len(experiment.policies) > 1 else []
    return next((name for name in order if name != experiment.baseline), experiment.baseline)


def _named(experiment: Experiment, policy: str, option: str) -> str:
    names = [package.name for package in experiment.policies]
    if policy not in names:
        raise InputError("", option, policy, "not among the result's policies", names)
    return policy


def _default(experiment: Experiment, outcomes: pd.DataFrame, policy: str) -> str:
    if not experiment.targets:
        told = f"the experiment states no target; expected an event{_such_as(outcomes, policy)}"
        raise InputError("", "--event", None, told)
    return f"target_{max(experiment.targets)}_met == 0"


def _refuse_one_sided(came: "pd.Series[bool]", event: Event, outcomes: pd.DataFrame, policy: str) -> None:
    """Raise InputError where an event comes in so few futures, or in so many, that nothing can be told from others."""
    with_it, without = int(came.sum()), int((~came).sum())
    if len(came) < 2 * FEWEST:
        expected = f"expected a result of at least {2 * FEWEST} runs, for futures with the event and without it"
        raise InputError("", "--event", event.text, f"has {len(came):,} futures under {policy}; {expected}")
    if min(with_it, without) < FEWEST:
        told = (f"comes in {with_it:,} of {len(came):,} futures under {policy}; expected one that splits them, at least "
                f"{FEWEST} with it and {FEWEST} without{_such_as(outcomes, policy)}")  # fmt: skip
        raise InputError("", "--event", event.text, told)


def _such_as(outcomes: pd.DataFrame, policy: str) -> str:
    """An event that splits the futures of a policy about in half, for a line; nothing if these outcomes do not differ."""
    mine = outcomes[outcomes["policy"] == policy]
    last = [str(name) for name in mine.columns if str(name).startswith("abated_share_")][-1:]
    for column, sign in [*((name, "<") for name in last), ("cumulative_mt", ">")]:
        middle = float(f"{mine[column].median():.3g}")
        share = float((mine[column] < middle).mean())
        if 0.25 < share < 0.75:
            return f", such as {f'{column} {sign} {middle:g}'!r}"
    return ""


def _words(limits: Limits, kept: list[Candidate]) -> str:
    return " and ".join(kept[dimension].said(bounds) for dimension, bounds in limits.items())


def _shares(found: Box | Leaf) -> dict[str, Any]:
    return {name: getattr(found, name) for name in SHARES}


def boxes_table(boxes: list[Box], kept: list[Candidate]) -> pd.DataFrame:
    """A row per box and restricted dimension, the firmest restriction first, with what is told of the box."""
    rows = []
    for number, box in enumerate(boxes, start=1):
        for dimension in sorted(box.limits, key=lambda k: box.quasi_p[k]):
            (low, high), one = box.limits[dimension], kept[dimension]
            rows.append({"box": number, "dimension": one.name, "label": one.label, "low": low, "high": high,
                         "words": one.said((low, high)), "quasi_p": box.quasi_p[dimension], "p_value": box.p_value,
                         "least": float(one.values.min()), "most": float(one.values.max())}
                        | _shares(box))  # fmt: skip
    return pd.DataFrame(rows, columns=BOXES).astype({"low": float, "high": float})


def tree_table(leaves: list[Leaf], kept: list[Candidate]) -> pd.DataFrame:
    """A row per leaf of the tree, where the event is most frequent first."""
    rows = [{"leaf": number, "words": _words(leaf.limits, kept) or "all futures"} | _shares(leaf)
            for number, leaf in enumerate(leaves, start=1)]  # fmt: skip
    return pd.DataFrame(rows, columns=LEAVES)


def path_table(boxes: list[Box]) -> pd.DataFrame:
    """Coverage and density of every step of peeling, from all futures to the box."""
    rows = [{"box": number, "coverage": coverage, "density": density}
            for number, box in enumerate(boxes, start=1) for coverage, density in box.path]  # fmt: skip
    return pd.DataFrame(rows, columns=["box", "coverage", "density"])
