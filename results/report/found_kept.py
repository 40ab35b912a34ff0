"""What a search found, as it lies in its folder: tables, packages, and `search.json`, which says what they rest on."""

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from clusterpact.inputs import InputError, is_there, read_bytes
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.results.about import About, Searched
from clusterpact.results.language import _
from clusterpact.results.statistics.compare import Compared
from clusterpact.results.statistics.contents import CONTENTS, SHARED, YEARS
from clusterpact.results.statistics.kinds import FOUND, HAND, IDLE, KINDS, SEEN, USED_UP, Wanted

FOLDER = "search"  #: the folder of it all within a result
ABOUT_FILE = "search.json"
AGAINST = ["package", "against", "objective", "difference", "low", "high", "p_value", "p_holm", "verdict"]
VOLUMES = ["generation", "packages", "runs", "front", "hypervolume", "low", "high"]
NAME = re.compile(rf"{FOUND}-[0-9]{{1,6}}")
AGAIN = "is damaged; clusterpact search mends it"


class Told(BaseModel):
    """What the tables of a search rest on; it is written once they are."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    wanted: Wanted
    labels: dict[str, tuple[str, str]]
    tried: Annotated[int, Field(ge=1)]
    runs: Annotated[int, Field(ge=1)]
    stopped: str


class Kept(BaseModel):
    """`search.json`: the search and the experiment that it is of, by their ids, and what was found once it is."""

    model_config = ConfigDict(strict=True)
    id: str
    experiment: str
    found: Told | None = None


def as_data(found: Searched) -> dict[str, Any]:
    """What the tables rest on, as plain data."""
    return Told(wanted=found.wanted, labels=found.labels, tried=found.tried, runs=found.runs,
                stopped=found.stopped).model_dump(mode="json")  # fmt: skip


def labels(compared: Iterable[Compared], columns: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Label and unit of outcomes, in the language that is spoken."""
    known = {item.column: (item.label, item.unit) for item in compared}
    known["avoided_mt"] = (_("CO2 avoided over the horizon"), "Mt")
    return {column: known[column] for column in columns}


def read_found(folder: Path, about: About) -> Searched | None:
    """What was found for a result, in its folder; None if nothing was yet. Raises InputError if it is damaged."""
    path = folder / FOLDER / ABOUT_FILE
    if not is_there(path):
        return None
    content = read_bytes(path)
    try:
        kept = Kept.model_validate_json(content)
        told = kept.found
        if told is None:
            return None
        _check(told)
    except ValueError:
        raise InputError(path, "search", None, AGAIN) from None
    if kept.experiment != about.id:
        raise InputError(path, "experiment", kept.experiment, f"expected {about.id}, that of the result: clusterpact search "
                         "again, or away with it")  # fmt: skip
    tables = _tables(path.parent, told.wanted)
    front = tables["front"]
    if about.baseline not in set(front["package"]):
        raise InputError(path.with_name("front.csv"), "search", None, AGAIN)
    names = [str(name) for name in front.loc[front["made"] == FOUND, "package"]]
    packages = {name: read_bytes(path.parent / "packages" / f"{name}.toml") for name in names}
    return Searched(about, path.parent, kept.id, told.wanted, told.labels, told.tried, told.runs, told.stopped, packages,
                    tables)  # fmt: skip


def _check(told: Told) -> None:
    """Raise ValueError for what no search has."""
    wanted = told.wanted
    aims = (*wanted.objectives, *wanted.constraints)
    known = set(told.labels) | {"regret"}
    if not wanted.objectives or not {aim.kind for aim in aims} <= set(KINDS) or {aim.sign for aim in aims} - {-1, 1}:
        raise ValueError("aims")
    if not {aim.column for aim in aims} <= known or wanted.regret_of not in told.labels:
        raise ValueError("outcomes")
    if not set(wanted.instruments) <= set(INSTRUMENTS) or told.stopped not in (USED_UP, IDLE, SEEN):
        raise ValueError("instruments")


def _tables(folder: Path, wanted: Wanted) -> dict[str, pd.DataFrame]:
    """The tables that `search` wrote, with the columns that they are to have."""
    objectives = [aim.name for aim in wanted.objectives]
    front = ["package", "made", *(f"{name}{end}" for name in objectives for end in ("", "_low", "_high", "_searched",
             "_shrinkage"))]  # fmt: skip
    bounded = [aim.name for aim in wanted.constraints if aim.name not in objectives]
    front += [f"{name}{end}" for name in bounded for end in ("", "_low", "_high")]
    front += ["keeps_constraints", "knee", "dominated_by", "governance_mode", "instruments"]
    shared = [*SHARED, *(f"{name}_{end}" for name in objectives for end in ("with", "without"))]
    columns = {"front": front, "against": AGAINST, "hypervolume": VOLUMES, "contents": CONTENTS, "instruments": shared}
    tables = {name: _table(folder / f"{name}.csv", those) for name, those in columns.items()}
    for name, is_whole in _whole(tables, wanted):
        if not is_whole:
            raise InputError(folder / f"{name}.csv", "search", None, AGAIN)
    return tables


def _whole(tables: dict[str, pd.DataFrame], wanted: Wanted) -> Iterator[tuple[str, bool]]:
    """Whether each table names what there is, and leaves out nothing that is said of it."""
    front, against, held, shared = (tables[name] for name in ("front", "against", "contents", "instruments"))
    found = front.loc[front["made"] == FOUND, "package"].map(str)
    yield "front", bool(front["made"].isin((HAND, FOUND)).all() and all(NAME.fullmatch(name) for name in found))
    objectives = [aim.written for aim in wanted.objectives]
    yield "against", bool(against["objective"].isin(objectives).all() and against["package"].isin(found).all())
    dated = held["start_year"].notna() | (held["when"] != "")
    yield "contents", bool(held["instrument"].isin(shared["instrument"]).all() and held["package"].isin(found).all()
                           and dated.all())  # fmt: skip
    counted = shared[["packages", "share", "waiting", "ended"]].notna().all(axis=None)
    yield "instruments", bool(shared["instrument"].isin(wanted.instruments).all() and counted)


TEXTS = ("package", "made", "dominated_by", "governance_mode", "instruments", "instrument", "unit", "when", "against",
         "objective", "verdict")  # fmt: skip
TRUTHS = ("keeps_constraints", "knee")


def _table(path: Path, columns: list[str]) -> pd.DataFrame:
    """A table that `search` wrote; texts that are missing are empty."""
    content = read_bytes(path)
    try:
        table = pd.read_csv(io.BytesIO(content))[columns]
        kinds: dict[str, Any] = {name: "Int64" if name in YEARS else bool if name in TRUTHS else float
                                 for name in columns if name not in TEXTS}  # fmt: skip
        table = table.astype(kinds)
        texts = [name for name in columns if name in TEXTS]
        table[texts] = table[texts].astype(object).where(table[texts].notna(), "")
        return table
    except (TypeError, ValueError, KeyError):
        raise InputError(path, "search", None, AGAIN) from None
