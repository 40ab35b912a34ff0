"""The timing of a result as it lies in its folder: tables, and `timing.json`, which says what they rest on."""

import io
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from clusterpact.inputs import InputError, is_there, read_bytes
from clusterpact.results.about import About, Timing
from clusterpact.results.statistics.timing import CURVES, LATEST, MILESTONES, PAIRS

FOLDER = "timing"  #: the folder of it all within a result
ABOUT_FILE = "timing.json"
TABLES = {"curves": CURVES, "latest": [*LATEST, "strength", "strength_unit"], "milestones": MILESTONES, "pairs": PAIRS}
WHOLE = ("latest_year", "next_year", "worth_year")  #: columns of years that may be missing
AGAIN = "is damaged; clusterpact timing mends it"


class Kept(BaseModel):
    """`timing.json`: the experiment that was asked, by its id, and what was asked and found of it."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    experiment: str
    outcome: str
    label: str
    unit: str
    policy: str
    runs: Annotated[int, Field(ge=2)]
    every: Annotated[int, Field(ge=1)]
    confidence: Annotated[float, Field(gt=0, lt=1)]
    co2_eur_per_t: Annotated[float, Field(ge=0)]
    strengths: dict[str, float]
    left_out: dict[str, tuple[str, float]]
    chances: dict[str, tuple[int, float, float, float]]


def as_data(found: Timing, experiment: str) -> dict[str, Any]:
    """What the tables rest on, as plain data; experiment: the id of the one that was asked."""
    return Kept(
        experiment=experiment, outcome=found.outcome, label=found.label, unit=found.unit, policy=found.package,
        runs=found.runs, every=found.every, confidence=found.confidence, co2_eur_per_t=found.co2_eur_per_t,
        strengths=found.strengths, left_out=found.left_out,
        chances={str(year): values for year, values in found.chances.items()},
    ).model_dump(mode="json")  # fmt: skip


def read_timing(folder: Path, about: About) -> Timing | None:
    """The timing that lies in the folder of a result; None if there is none. Raises InputError if it is damaged."""
    path = folder / FOLDER / ABOUT_FILE
    if not is_there(path):
        return None
    content = read_bytes(path)
    try:
        kept = Kept.model_validate_json(content)
    except ValueError:
        raise InputError(path, "timing", None, AGAIN) from None
    if kept.experiment != about.id:
        raise InputError(path, "experiment", kept.experiment, f"expected {about.id}, that of the result: clusterpact timing "
                         "again, or away with it")  # fmt: skip
    tables = {name: _table(path.with_name(f"{name}.csv"), columns) for name, columns in TABLES.items()}
    chances = {int(year): values for year, values in kept.chances.items()}
    return Timing(
        about, path.parent, kept.outcome, kept.label, kept.unit, kept.policy, kept.runs, kept.every, kept.confidence,
        kept.co2_eur_per_t, kept.strengths, kept.left_out, chances, tables,
    )  # fmt: skip


def _table(path: Path, columns: list[str]) -> pd.DataFrame:
    """A table that `timing` wrote."""
    content = read_bytes(path)
    try:
        table = pd.read_csv(io.BytesIO(content))[columns]
        return table.astype({name: "Int64" for name in WHOLE if name in columns})
    except (TypeError, ValueError, KeyError):
        raise InputError(path, "timing", None, AGAIN) from None
