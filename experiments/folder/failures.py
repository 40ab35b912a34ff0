"""Runs that raised: how they are written down, in the ledger and in a complete result, and how they are read."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from clusterpact.inputs import InputError, read_bytes

Printable = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,200}$")]


class Failure(BaseModel):
    """A run that raised: its policy and number, the parameters that it had (they may be no numbers), and the traceback."""

    model_config = ConfigDict(extra="forbid", strict=True)
    run: Annotated[int, Field(ge=0)]
    policy: Printable
    parameters: dict[str, float]
    traceback: str


FAILURES = TypeAdapter(list[Failure])


def read_failures(folder: Path) -> list[dict[str, Any]]:
    """The runs of a complete result that raised, in the order of policies and runs."""
    path = folder / "failures.json"
    try:
        return [failure.model_dump() for failure in FAILURES.validate_python(json.loads(read_bytes(path)))]
    except (OSError, ValueError, RecursionError):
        raise InputError(path, "failures", None, "is damaged; run the experiment again to mend it") from None
