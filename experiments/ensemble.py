"""Ensembles: parameter rows with weights that a record of the past has not ruled out, drawn as a whole once a run.

An ensemble is a Parquet table: a column per parameter, a column `weight`, a row per set of parameters. A run takes one row
by weight or, for the waves of a calibration, the rows in turn, several runs each.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.design import design_draws
from clusterpact.files import replacing
from clusterpact.inputs import InputError, at_home, is_there, nearest, read_bytes, usable_path

ENSEMBLES = Path(__file__).with_name("library") / "ensembles"
ENSEMBLE_FILE = "ensemble.parquet"  #: its place among the inputs of a result
WEIGHT = "weight"
LARGEST_ENSEMBLE = 256_000_000  #: bytes of a file
MOST_SETS = 1_000_000


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Sets of parameters: `rows`, a record per set; replicates: runs per row taken in turn, 0 to draw rows by weight."""

    name: str
    path: Path
    rows: dict[str, np.ndarray]
    weights: np.ndarray
    replicates: int = 0

    def as_data(self) -> dict[str, Any]:
        """What it is called and how it is drawn; its content stands among the inputs."""
        return {"name": self.name} | ({"replicates": self.replicates} if self.replicates else {})

    @cached_property
    def edges(self) -> np.ndarray:
        """Cumulated weights, the last one exactly 1."""
        edges: np.ndarray = np.cumsum(self.weights)
        return np.asarray(edges / edges[-1])

    def values(self, seed: int, first_run: int, runs: int) -> dict[str, np.ndarray]:
        """Values of every parameter of the ensemble for a range of runs, each of shape (runs,)."""
        if self.replicates:
            taken = np.arange(first_run, first_run + runs) // self.replicates
        else:
            drawn = design_draws(seed, "ensemble", first_run, runs)
            taken = np.minimum(np.searchsorted(self.edges, drawn, side="right"), len(self.weights) - 1)
        return {parameter: values[taken] for parameter, values in self.rows.items()}


def ensemble_names() -> list[str]:
    """Names of the ensembles that the project ships."""
    return sorted(path.stem for path in ENSEMBLES.glob("*.parquet"))


def find_ensemble(name: str, near: Path, file: object, replicates: int = 0) -> Ensemble:
    """An ensemble by name: a Parquet file (relative to `near`) or one of the library. Raises InputError."""
    path = usable_path(near / at_home(name, "uncertainty.ensemble", file), "uncertainty.ensemble", file)
    if path.is_dir() or not is_there(path):
        path = ENSEMBLES / f"{name}.parquet"
    if name not in ensemble_names() and not is_there(path):
        raise InputError(file, "uncertainty.ensemble", name, "no such file or ensemble of the library", ensemble_names())
    return read_ensemble(path, Path(name).stem, replicates)


def read_ensemble(path: Path, name: str, replicates: int = 0) -> Ensemble:
    """Read and check an ensemble; raises InputError for an unknown parameter, a value out of range, or no rows."""
    try:
        file = pq.ParquetFile(pa.BufferReader(read_bytes(path, LARGEST_ENSEMBLE)))
        about = file.metadata
        if about.num_rows > MOST_SETS or about.num_columns > len(PARAMETERS) + 1:
            expected = f"expected at most {MOST_SETS:,} rows and a column per parameter"
            raise InputError(path, "ensemble", None, expected)
        table = file.read()
        columns = {name: _numbers(table.column(name)) for name in table.column_names}
    except InputError:
        raise
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException):
        raise InputError(path, "ensemble", None, "is no readable Parquet table of numbers") from None
    weights = columns.pop(WEIGHT, np.ones(len(table)))
    if not len(table) or not columns:
        raise InputError(path, "ensemble", None, "holds no parameters; expected a row per set and a column per parameter")
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise InputError(path, WEIGHT, None, "expected numbers of 0 or more, not all 0")
    for key, values in columns.items():
        if key not in PARAMETERS:
            raise InputError(path, key, None, "unknown parameter" + nearest(key, PARAMETERS))
        low, high = PARAMETERS[key].low, PARAMETERS[key].high
        wrong = values[~((values >= low) & (values <= high))]
        if len(wrong):
            raise InputError(path, key, float(wrong[0]), f"expected {low:g} to {high:g} {PARAMETERS[key].unit}")
    return Ensemble(name, path, columns, weights, replicates)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """A column of numbers, NaN where one is missing; PyArrow's own way would import pandas first."""
    return np.array(column.to_pylist(), np.float64)


def write_ensemble(path: Path, rows: dict[str, np.ndarray], weights: np.ndarray | None = None) -> None:
    """Write sets of parameters as an ensemble, whole or not at all."""
    columns = {name: pa.array(values) for name, values in rows.items()}
    if weights is not None:
        columns[WEIGHT] = pa.array(weights)
    with replacing(path) as temporary:
        pq.write_table(pa.table(columns), temporary, compression="zstd")
