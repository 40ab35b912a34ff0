"""What `manifest.json` of a result holds, field by field with units; a manifest is checked against it when it is read.

`docs/manifest.md` shows these fields in a table that `make docs` writes.
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator

from clusterpact.experiments.experiment import MOST_RUNS
from clusterpact.files import refuse_links
from clusterpact.inputs import InputError, Record, is_there, read_bytes, with_tuples
from clusterpact.results.recorded import RECORDING, RECORDINGS

FORMAT: Literal[2] = 2


def _is(meaning: str, unit: str = "-", **rest: Any) -> Any:
    """A field with its meaning and its unit."""
    return Field(description=meaning, json_schema_extra={"unit": unit}, **rest)


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Version = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9 .+!_-]{0,99}$")]
Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class Policy(Record):
    """A policy of the experiment, written out."""

    name: str = _is("name of the policy, as in every table")
    title: str = _is("name for people")
    governance_mode: str | None = _is("how the pact decides; `null`: as the cluster does")
    schedules: dict[str, tuple[tuple[int, float], ...]] = _is(
        "per instrument, [year, strength] points, each held until the next; before the first, the law of the place",
        "year, and the instrument's own",
    )
    practices: dict[str, float | dict[str, float]] = _is(
        "parameters of behaviour that the policy sets, or bounds by `at_least` or `at_most`",
        "the parameter's own",
        default={},
    )
    budgets: dict[str, tuple[tuple[int, float], ...]] = _is(
        "per line of public support, [year, amount] points of its yearly budget", "year, and MEUR/year", default={}
    )
    signals: dict[str, str] = _is("per instrument that waits for a signal, the signal", default={})
    targets: dict[str, dict[str, tuple[str, ...]]] = _is(
        "per instrument that is not for everyone, whom it is for: names of plants, sectors, owners, networks", default={}
    )


class Design(Record):
    """The Morris design of a screening."""

    factors: tuple[str, ...] = _is("screened parameters, and `luck`")
    trajectories: int = _is("trajectories of the design", "count", ge=1)
    replicates: int = _is("runs per point of the design", "count", ge=1)
    seed: int = _is("seed of the design")


class Together(Record):
    """An ensemble of parameters; its rows are those of `inputs/ensemble.parquet`."""

    name: str = _is("name of the ensemble")
    replicates: int = _is(
        "runs per row, taken in turn; not written where rows are drawn by weight", "count", default=0, ge=0
    )


class Resolved(Record):
    """The experiment, resolved: everything that results depend on. Its hash is the id."""

    name: Name = _is("name of the experiment")
    title: str = _is("title of the experiment")
    cluster: str = _is("name of the cluster or network of clusters")
    horizon: tuple[int, int] = _is("first and last year", "year")
    runs: int = _is("runs per policy", "count", ge=1, le=MOST_RUNS)
    seed: int = _is("seed of every draw", ge=0)
    first_run: int = _is("number of the first run; not written if it is 0", default=0, ge=0, le=MOST_RUNS)
    baseline: str = _is("policy that others are compared with")
    policies: tuple[Policy, ...] = _is("policies in the order of the tables", min_length=1)
    uncertainty: dict[str, dict[str, tuple[float, ...]]] = _is(
        "per drawn parameter, its distribution and the numbers of it", "the parameter's own"
    )
    parameters: dict[str, float] = _is(
        "parameters that are fixed at another value than their default", "the parameter's own"
    )
    targets: dict[str, float] = _is("per year, the abated share of scope 1 that is aimed at", "share")
    inputs: dict[str, Sha256] = _is("SHA-256 of every file in `inputs/`")
    source: Sha256 = _is("SHA-256 of the rules, their tables, and the versions of Python, NumPy and the compiler")
    recording: Literal[tuple(RECORDINGS)] = _is(  # type: ignore[valid-type]
        f"level of recording, `{'`, `'.join(RECORDINGS)}`; not written if it is `{RECORDING}`", default=RECORDING
    )
    screening: Design | None = _is("design of a screening; not written for other experiments", default=None)
    ensemble: Together | None = _is("parameters that are drawn together; not written if none are", default=None)
    windows: dict[str, tuple[int, int]] = _is(
        "first and last year of every window that is scored against the record; not written if there are none", "year",
        default={},
    )  # fmt: skip
    rules: dict[str, str] = _is("per decision, the theory in place of the usual one; not written if none is", default={})

    def as_data(self) -> dict[str, Any]:
        """The experiment as it is written, of which the id is the hash."""
        return self.model_dump(mode="json", exclude_unset=True)

    @field_validator("inputs")
    @classmethod
    def _inside(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or not name.isprintable():
                raise ValueError("expected paths inside the folder")
        return value


class ShardTiming(Record):
    """What the size of shards rests on; empty if it was given or the work is small."""

    seconds_per_run: float | None = _is(
        "time of a run, the fastest of three measurements before the first shard", "s", default=None, ge=0
    )
    pilot_runs: int | None = _is("runs of each measurement", "count", default=None, ge=1)


class Machine(Record):
    """The machine that started the result. Another processor's maths library may differ in the last bit."""

    system: str = _is("operating system")
    processor: str = _is("name of the processor")
    python: str | None = _is("kind of Python")


class Execution(Record):
    """How the runs were done; written when the result is complete."""

    executors: tuple[str, ...] = _is("where shards ran: `local`, `dask`, `slurm`, `gpu`")
    workers: tuple[str, ...] = _is("names of the computers")
    wall_hours: float = _is("from the start of the first shard to the end of the last, pauses included", "h", ge=0)
    core_hours: float = _is("time that shards took, added up", "h", ge=0)
    failed_runs: int = _is("runs that raised and are in no table", "count", ge=0)


class Manifest(Record):
    """`manifest.json`: what a result is, and what it was made with."""

    format: Literal[2] = _is("version of this format")
    id: Annotated[str, Field(pattern="^[0-9a-f]{12}$")] = _is("first 12 digits of the SHA-256 of `experiment`")
    shard_runs: int = _is("runs per shard; changes no number", "count", ge=1)
    shard_timing: ShardTiming = _is("what the size of shards rests on; empty if it was given or the work is small")
    experiment: Resolved = _is("the experiment, resolved: everything that results depend on")
    descriptions: dict[str, str] = _is("per policy, what it stands for")
    search: dict[str, Any] | None = _is(
        "what `search` looks for, as in the table `[search]` of the experiment file; no number hangs on it", default=None
    )
    versions: dict[Name, Version] = _is("versions of clusterpact, Python and packages")
    commit: Annotated[str, Field(pattern="^[!-~]{0,200}$")] = _is("commit of the source; empty outside a checkout")
    dirty: bool = _is("whether the source was changed since that commit")
    machine: Machine = _is("the machine that started the result")
    started: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z$")] = _is(
        "when the folder was opened", "UTC"
    )
    execution: Execution | None = _is("how the runs were done; there once the result is complete", default=None)

    @field_validator("versions")
    @classmethod
    def _told(cls, value: dict[str, str]) -> dict[str, str]:
        if not {"clusterpact", "python"} <= set(value):
            raise ValueError("expected the versions of clusterpact and Python")
        return value

    def as_json(self) -> bytes:
        """The content of `manifest.json`."""
        return json.dumps(self.model_dump(mode="json", exclude_unset=True), indent=1).encode()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a result folder, checked; raises InputError if there is none or it is damaged.

    Everything that opens a result begins here, so here it is seen to that nothing in it is a link to what lies elsewhere.
    """
    path = folder / "manifest.json"
    refuse_links(folder)
    try:
        if not is_there(path):
            raise InputError(folder, "results", None, "no manifest.json; expected the folder of a result")
        data = json.loads(read_bytes(path))
        found = data["format"]
        if type(found) is int and found != FORMAT:
            maker = "an older" if found < FORMAT else "a newer"
            remedy = "run the experiment again" if found < FORMAT else "read it with that version"
            raise InputError(path, "format", found, f"made by {maker} version; {remedy}")
        return Manifest.model_validate(with_tuples(data), strict=True)
    except InputError:
        raise
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        expected = f"is damaged; expected the manifest of a result{f' (see {place})' if place else ''}"
        raise InputError(path, "manifest", None, " ".join(expected.split())) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(path, "manifest", None, "is damaged; expected the manifest of a result") from None


def fields(model: type[BaseModel] = Manifest, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Every field of a manifest as (dotted name, unit, meaning); `[]` stands for each entry of a list."""
    for name, entry in model.model_fields.items():
        extra = entry.json_schema_extra
        yield f"{prefix}{name}", str(extra["unit"]) if isinstance(extra, dict) else "-", entry.description or ""
        for inner in (entry.annotation, *get_args(entry.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                listed = "[]" if inner is not entry.annotation and type(None) not in get_args(entry.annotation) else ""
                yield from fields(inner, f"{prefix}{name}{listed}.")
