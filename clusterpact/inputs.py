"""Bad input in one clear line: file, key, value, what was expected, and the nearest known name."""

import csv
import difflib
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

Model = TypeVar("Model", bound=BaseModel)


#: What users are told of a pattern that their text does not match.
PATTERNS = {
    "'^[a-z0-9][a-z0-9-]*$'": "lowercase letters, digits and hyphens, such as 'my-cluster'",
    "'^[A-Za-z0-9][A-Za-z0-9._-]*$'": "letters, digits, '.', '_' and '-'",
}


class InputError(ValueError):
    """A mistake in what a user wrote; its text is one line that says where and what is expected."""

    def __init__(self, file: object, key: str, value: object, expected: str, known: Iterable[str] = ()):
        where = f"{file}: " if file else ""
        shown = "" if value is None else f" = {_short(value)}"
        place = key if key.isprintable() and len(key) <= 100 else _short(key)
        super().__init__(f"{where}{place}{shown}: {expected}{nearest(value if known else None, known)}")


def _as_written(value: object) -> object:
    """A value as its author wrote it: lists, not tuples."""
    return [_as_written(item) for item in value] if isinstance(value, tuple) else value


def at_home(path: str | Path, key: str, file: object = "") -> Path:
    """The path, a `~` at its start replaced by the home folder that it stands for; raises InputError if there is none."""
    text = str(path)
    try:
        return Path(text).expanduser() if text.startswith("~") else Path(path)
    except RuntimeError:
        raise InputError(file, key, text, "no such home folder; expected ~ or the name of a user behind it") from None


def usable_path(path: str | Path, key: str, file: object = "") -> Path:
    """The path, `~` expanded, if the system can look it up (it may not exist)."""
    path = at_home(path, key, file)
    try:
        path.exists()
        str(path).encode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a name that files can have"
        raise InputError(file, key, str(path), f"cannot be used as a path ({reason})") from None
    return path


def _short(value: object) -> str:
    value = _as_written(value)
    text = repr(value) if isinstance(value, str) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:77] + "..."


def nearest(name: object, known: Iterable[str]) -> str:
    """'; did you mean …?' for the known name nearest to a wrong one, or the list of all if none is near."""
    names = list(known)
    if name is None or not names:
        return ""
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


class Record(BaseModel):
    """Base of everything that users write: unknown keys are mistakes, numbers are finite.

    gone: keys of earlier versions, and where what they said is written now.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)
    gone: ClassVar[dict[str, str]] = {}


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
    """Validate data against a model, or raise InputError for the first mistake; strict where the file has types (TOML)."""
    try:
        return model.model_validate(_with_tuples(data) if strict else data, strict=strict)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
        raise explain(first, model, file, prefix) from None


def _with_tuples(data: Any) -> Any:
    """Data with lists as tuples, which strict models ask for."""
    if isinstance(data, dict):
        return {key: _with_tuples(value) for key, value in data.items()}
    return tuple(_with_tuples(item) for item in data) if isinstance(data, list) else data


def explain(error: Any, model: type[BaseModel], file: object, prefix: str) -> InputError:
    """Turn one pydantic error into an InputError."""
    location = [str(part) if not isinstance(part, int) else f"[{part + 1}]" for part in error["loc"]]
    key = prefix + ".".join(location).replace(".[", "[")
    if error["type"] == "extra_forbidden":
        return InputError(file, key, None, "unknown key" + _hint(_model_at(model, error["loc"]), error["loc"][-1]))
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


def _hint(model: type[BaseModel] | None, name: str) -> str:
    """What to say of a name that a model does not know: where it went, or the nearest that it knows."""
    gone: dict[str, str] = getattr(model, "gone", {})
    return f"; {gone[name]}" if name in gone else nearest(name, _names(model) if model else ())


def _names(model: type[BaseModel]) -> list[str]:
    """The names of a model's fields as users write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel] | None:
    """The (nested) model that holds the last part of a location."""
    current: type[BaseModel] = model
    for part in location[:-1]:
        if isinstance(part, str):
            field = next((f for n, f in current.model_fields.items() if part in (n, f.alias)), None)
            inner = [a for a in _arguments(field.annotation if field else None) if _is_model(a)]
            if not inner:
                return None
            current = inner[0]
    return current


def _arguments(annotation: Any) -> list[Any]:
    """A type and all types inside it."""
    found = [annotation]
    for inner in getattr(annotation, "__args__", ()):
        found += _arguments(inner)
    return found


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def read_text(path: Path) -> str:
    """Text of a file in UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(path, "file", None, "not found") from None
    except IsADirectoryError:
        raise InputError(path, "file", None, "is a folder; expected a file") from None
    except UnicodeDecodeError as error:
        raise InputError(path, "file", None, f"not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise InputError(path, "file", None, f"cannot be read ({error.strerror})") from None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dictionary."""
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(path, "file", None, f"not valid TOML: {_short(str(error))}") from None


def read_table(path: Path, model: type[Model], key: str = "") -> list[Model]:
    """A CSV file as one model a row; blank cells count as absent, and lines that start with '#' are comments.

    key: a column, if any, whose cells may not repeat.
    """
    try:
        rows = _read_rows(path, model, csv.DictReader(_without_comments(read_text(path).splitlines())))
    except csv.Error as error:
        raise InputError(path, "file", None, f"not a valid table: {error}") from None
    if key:
        unique(path, key, [getattr(row, key) for row in rows])
    return rows


def _without_comments(lines: list[str]) -> Iterator[str]:
    """The lines of a table, comments blank, so that lines keep their numbers; what stands in quotes is no comment."""
    quoted = False
    for line in lines:
        if line.startswith("#") and not quoted:
            yield ""
        else:
            quoted ^= line.count('"') % 2 == 1
            yield line


def _read_rows(path: Path, model: type[Model], reader: "csv.DictReader[str]") -> list[Model]:
    """The rows of a table, each checked."""
    while reader.fieldnames == []:  # a blank line, or a comment, before the header
        reader.fieldnames = None
    header = [name.strip() for name in reader.fieldnames or []]
    line = f"line {max(1, reader.line_num)}"
    known = _names(model)
    for separator in ";\t":
        if len(header) == 1 and separator in header[0]:
            expected = f"one column only; expected commas between columns, found {separator!r}"
            raise InputError(path, line, None, expected)
    for name in header:
        if name not in known:
            raise InputError(path, f"{line}, column {name!r}", None, "unknown column" + _hint(model, name))
        if header.count(name) > 1:
            raise InputError(path, f"{line}, column {name!r}", None, "appears twice")
    for name, field in zip(known, model.model_fields.values(), strict=True):
        if field.is_required() and name not in header:
            raise InputError(path, f"{line}, column {name!r}", None, "missing column")
    rows = []
    for row in reader:
        where = f"{path}:{reader.line_num}"
        if None in row or None in row.values():
            raise InputError(where, "row", None, f"expected {len(header)} cells")
        cells = {name.strip(): cell.strip() for name, cell in row.items() if cell and cell.strip()}
        if cells:
            rows.append(check(model, cells, where))
    return rows


def unique(path: Path, key: str, names: list[str]) -> None:
    """Raise InputError if a name appears more than once."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(path, key, name, "appears more than once")
        seen.add(name)
