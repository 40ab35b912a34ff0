"""What people write as models: unknown keys are mistakes, numbers are finite, text prints; a mistake is one line."""

import re
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from clusterpact.inputs.mistakes import MOST_MISTAKES, InputError, nearest
from clusterpact.inputs.text import printable

IN_A_LIST = re.compile(r"\[[0-9]+\]$")  #: the last part of a key: a value's place among others
Model = TypeVar("Model", bound=BaseModel)

#: What users are told of a pattern that their text does not match.
PATTERNS = {
    "'^[a-z0-9][a-z0-9-]*$'": "lowercase letters, digits and hyphens, such as 'my-cluster'",
    "'^[A-Za-z0-9][A-Za-z0-9._-]*$'": "letters, digits, '.', '_' and '-'",
}


class Record(BaseModel):
    """Base of everything that users write: unknown keys are mistakes, numbers are finite, text prints.

    gone: keys of earlier versions, and where what they said is written now.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True, defer_build=True)
    gone: ClassVar[dict[str, str]] = {}

    @field_validator("*", mode="before")
    @classmethod
    def _prints(cls, value: Any) -> Any:
        return printable_text(value)


def printable_text(value: Any) -> Any:
    """A value of a key with its text printable; raises ValueError as `printable` does. Tables in a list check their own."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable_text(key): printable_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(item if isinstance(item, dict) else printable_text(item) for item in value)
    return value


class Ranged(Record):
    """A row with a range, and a default or typical value within it."""

    @model_validator(mode="after")
    def _within(self) -> "Ranged":
        low, high = (getattr(self, name) for name in ("low", "high"))
        for name in ("default", "typical"):
            value = getattr(self, name, low)
            if not low <= value <= high:
                raise ValueError(f"expected low <= {name} <= high, found {low:g}, {value:g}, {high:g}")
        return self


def check(model: type[Model], data: dict[str, Any], file: object, prefix: str = "", strict: bool = False) -> Model:
    """Validate data against a model, or raise InputError for all mistakes; strict where the file has types (TOML)."""
    try:
        return model.model_validate(with_tuples(data) if strict else data, strict=strict)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        errors.sort(key=lambda one: one["type"] != "extra_forbidden")  # what is misspelt may be what is missing
        explained = [explain(one, model, file, prefix) for one in errors[:MOST_MISTAKES]]
        of_key: dict[str, InputError] = {}
        for one in explained:
            of_key.setdefault(IN_A_LIST.sub("", one.key), one)
        first, *others = of_key.values()
        first.others = tuple(others)
        raise first from None


def with_tuples(data: Any) -> Any:
    """Data with lists as tuples, which strict models ask for."""
    if isinstance(data, dict):
        return {key: with_tuples(value) for key, value in data.items()}
    return tuple(with_tuples(item) for item in data) if isinstance(data, list) else data


def explain(error: Any, model: type[BaseModel], file: object, prefix: str) -> InputError:
    """Turn one pydantic error into an InputError."""
    location = [str(part) if not isinstance(part, int) else f"[{part + 1}]" for part in error["loc"]]
    key = prefix + ".".join(location).replace(".[", "[")
    if error["type"] == "extra_forbidden":
        return InputError(file, key, None, "unknown key" + hint(_model_at(model, error["loc"]), error["loc"][-1]))
    if error["type"] == "missing":
        return InputError(file, key, None, "missing; expected a value")
    message = error["msg"].removeprefix("Value error, ")
    message = (message[0].lower() + message[1:]).replace("input should be", "expected").replace("tuple", "list")
    if error["type"] == "tuple_type" and isinstance(error.get("input"), dict):
        message = f"expected a list of tables; write [[{key}]]"
    for pattern, meaning in PATTERNS.items():
        if pattern in message:
            message = f"expected {meaning}"
    return InputError(file, key, error.get("input"), message)


def hint(model: type[BaseModel] | None, name: str) -> str:
    """What to say of a name that a model does not know: where it went, or the nearest that it knows."""
    gone: dict[str, str] = getattr(model, "gone", {})
    return f"; {gone[name]}" if name in gone else nearest(name, names_of(model) if model else ())


def names_of(model: type[BaseModel]) -> list[str]:
    """The names of a model's fields as users write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel] | None:
    """The (nested) model that holds the last part of a location."""
    current: type[BaseModel] = model
    for part in location[:-1]:
        if isinstance(part, str):
            field = next((f for n, f in current.model_fields.items() if part in (n, f.alias)), None)
            inner = [a for a in arguments(field.annotation if field else None) if _is_model(a)]
            if not inner:
                return None
            current = inner[0]
    return current


def arguments(annotation: Any) -> list[Any]:
    """A type and all types inside it."""
    found = [annotation]
    for inner in getattr(annotation, "__args__", ()):
        found += arguments(inner)
    return found


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def unique(path: Path, key: str, names: list[str]) -> None:
    """Raise InputError if a name appears more than once."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(path, key, name, "appears more than once")
        seen.add(name)
