"""What may lead to an event: parameters that were drawn, and what came early in a run, before the event."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.vocabulary import GATE_CLOSED
from clusterpact.results.report.words import number
from clusterpact.results.statistics.events import Event, year_of_event

CONSTANT = "the same in all futures"
PART = "is part of the event itself"
LATER = "come with the event or after it"
COUNTED = {"defaults": "defaults", "reversals": "policy reversals"}
#: Outcomes by the early events that are part of them: a cluster's closed share is made of closures.
MADE_OF = {"closed": ("closed_share_", "stranded_meur", "gate_12_share")}


@dataclass(frozen=True)
class Candidate:
    """A dimension in which futures differ: values by run; label: what it is; yes, no: what 1 and 0 mean, if it is either."""

    name: str
    label: str
    values: "pd.Series[float]"
    yes: str = ""
    no: str = ""

    def said(self, limits: tuple[float | None, float | None]) -> str:
        """Limits, both within, in words."""
        low, high = limits
        if self.yes:
            return self.yes if low is not None and low > 0 else self.no
        joint = ":" if self.name.startswith(tuple(COUNTED)) else " is"
        if low is None or high is None:
            bound = f"at most {number(high)}" if high is not None else f"at least {number(low or 0.0)}"
            return f"{self.label}{joint} {bound}"
        return f"{self.label}{joint} {number(low)} to {number(high)}"


def candidates(tables: Mapping[str, pd.DataFrame], policy: str, event: Event, until: int, first_year: int, last_year: int,
               names: Mapping[str, str]) -> tuple[list[Candidate], dict[str, str], int]:  # fmt: skip
    """What may lead to an event under a policy, what is left out and why, and the year until which events are looked at.

    tables: of the result, outcomes at least; until: the last year of early events, at most the one before the event; names:
    of plants and networks by id. What is the same in all runs, or part of the event, is left out.
    """
    known = year_of_event(event, last_year)
    left: dict[str, str] = {}
    if until >= known:
        left[f"events of {known} to {until}" if until > known else f"events of {known}"] = LATER
        until = known - 1
    kept = []
    for item in _all(tables, policy, until, first_year, names, left):
        if _is_part(item.name, event):
            left[item.name] = PART
        elif item.values.nunique() < 2:
            left[item.name] = CONSTANT
        else:
            kept.append(item)
    return kept, left, until


def _is_part(name: str, event: Event) -> bool:
    """Whether an early event is part of an event, rather than what may lead to it."""
    column = event.column
    if name.startswith("fid_") and column.startswith("fid_year_"):
        return name.startswith(f"fid_{column.removeprefix('fid_year_')}_by_")
    if column.startswith("start_year_"):
        return name.startswith(f"{column.removeprefix('start_year_')}_started_by_")
    if name.startswith("closed_"):
        return column.startswith(MADE_OF["closed"])
    return re.fullmatch(rf"{re.escape(column)}_by_\d+", name) is not None


def _all(tables: Mapping[str, pd.DataFrame], policy: str, until: int, first_year: int, names: Mapping[str, str],
         left: dict[str, str]) -> Iterator[Candidate]:  # fmt: skip
    """Every candidate; tables that are not recorded are noted in `left`."""
    mine = {name: table[table["policy"] == policy] for name, table in tables.items()}
    outcomes = mine["outcomes"].set_index("run")
    yield from _drawn(outcomes)
    if until < first_year:
        return
    yield from _dated(outcomes, until, names)
    if "series" in mine:
        early = mine["series"][mine["series"]["year"] <= until]
        for column, label in COUNTED.items():
            counts = early.groupby("run")[column].sum().reindex(outcomes.index).astype(float)
            yield Candidate(f"{column}_by_{until}", f"{label} by {until}", counts)
    else:
        left["defaults and reversals by year"] = "not recorded (no table series)"
    if "gates" in mine:
        yield from _closed(mine["gates"], outcomes.index, until, first_year, names)
    else:
        left["closures of plants"] = "not recorded (no table gates)"
    if "pipeline" in mine:
        yield from _decided(mine["pipeline"], outcomes.index, until, names)
    else:
        left["projects in hand"] = "not recorded (no table pipeline)"


def _drawn(outcomes: pd.DataFrame) -> Iterator[Candidate]:
    for column in (str(name) for name in outcomes.columns if str(name).startswith("draw_")):
        name = column.removeprefix("draw_")
        label = f"{PARAMETERS[name].meaning} ({name})" if name in PARAMETERS else name
        yield Candidate(column, label, outcomes[column].astype(float))


def _dated(outcomes: pd.DataFrame, until: int, names: Mapping[str, str]) -> Iterator[Candidate]:
    """Networks that were decided, and instruments that wait for a signal and were started."""
    for column in map(str, outcomes.columns):
        came = (outcomes[column] < until + 1).astype(float) if column.startswith(("fid_year_", "start_year_")) else None
        if came is not None and column.startswith("fid_year_"):
            network = column.removeprefix("fid_year_")
            yield _happened(f"fid_{network}_by_{until}", names.get(network, network), "decided", until, came)
        elif came is not None:
            instrument = column.removeprefix("start_year_")
            yield _happened(f"{instrument}_started_by_{until}", instrument, "started", until, came)


def _happened(name: str, who: str, what: str, until: int, came: "pd.Series[float]") -> Candidate:
    words = f"{what} by {until}"
    return Candidate(name, f"{who} {words}", came, f"{who} is {words}", f"{who} is not {words}")


def _closed(gates: pd.DataFrame, runs: "pd.Index[int]", until: int, first_year: int,
            names: Mapping[str, str]) -> Iterator[Candidate]:  # fmt: skip
    """Plants that were closed down by the end of a year."""
    shut = gates[(gates["gate"] == GATE_CLOSED) & (gates["first_quarter"] < 4 * (until + 1 - first_year))]
    for plant, rows in shut.groupby("firm", sort=True, observed=True):
        came = pd.Series(np.isin(runs, rows["run"]).astype(float), runs)
        yield _happened(f"closed_{plant}_by_{until}", names.get(str(plant), str(plant)), "closed", until, came)


def _decided(pipeline: pd.DataFrame, runs: "pd.Index[int]", until: int, names: Mapping[str, str]) -> Iterator[Candidate]:
    """Projects in hand at the start that were decided by the end of a year."""
    for (plant, project), rows in pipeline.groupby(["agent", "project"], sort=True, observed=True):
        decided = rows.loc[rows["fid_year"] < until + 1, "run"]
        came = pd.Series(np.isin(runs, decided).astype(float), runs)
        who = f"{project} of {names.get(str(plant), str(plant))}"
        yield _happened(f"decided_{project} of {plant}_by_{until}", who, "decided", until, came)
