"""The line of a TOML file in which a key stands: what a mistake names, found again in the text."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from clusterpact.inputs.files import TOKEN, read_text, read_toml
from clusterpact.inputs.mistakes import InputError

PLACE = re.compile(r"\[([0-9]+)\]")


def line_of(text: str, key: str) -> int | None:
    """The line, from 1, of a key such as `targets.2030`, `network[2].id` or `policy[NAME].base`; None if nothing fits.

    A key within another's value, as in an inline table or a list, is found in the line where that value begins.
    """
    return found_in(lines_of(text), named_by_number(key, tomllib.loads(text)))


def found_in(lines: dict[str, int], wanted: str) -> int | None:
    """The line of a key, or of what it lies in."""
    while wanted:
        if wanted in lines:
            return lines[wanted]
        shorter = re.sub(r"(\.[^.\[\]]*|\[[^\]]*\])$", "", wanted)
        wanted = "" if shorter == wanted else shorter
    return None


def with_lines(mistake: InputError) -> list[InputError]:
    """A mistake and those found with it, in the order of their files, each with its line of a TOML file where it has one."""
    files: dict[str, list[tuple[int, InputError]]] = {}
    for one in (mistake, *mistake.others):
        is_toml = isinstance(one.file, Path) and one.file.suffix == ".toml"
        line = _line_in(one.file, one.key) if is_toml and isinstance(one.file, Path) else None
        placed = one if line is None else one.moved(f"{one.file}:{line}", one.key)
        files.setdefault(str(one.file).partition(":")[0], []).append((line or 0, placed))
    return [one for found in files.values() for _, one in sorted(found, key=lambda pair: pair[0])]


def _line_in(path: Path, key: str) -> int | None:
    """The line of a key in a file; None where the file is not valid TOML."""
    try:
        data = read_toml(path)
        return found_in(lines_of(read_text(path)), named_by_number(key, data))
    except (InputError, ValueError, RecursionError):
        return None


def named_by_number(key: str, data: dict[str, Any]) -> str:
    """A key with the tables of a list by number: `policy[NAME].x`, and `policy.x` where there is one, as `policy[1].x`."""
    for table, items in data.items():
        if not isinstance(items, list) or not key.startswith(table):
            continue
        if key.startswith(f"{table}.") and len(items) == 1:
            return f"{table}[1]{key.removeprefix(table)}"
        for number, item in enumerate(items, start=1):
            called = f"{table}[{item.get('name')}]" if isinstance(item, dict) else ""
            if called and key.startswith(called) and not PLACE.match(key, len(table)):
                return f"{table}[{number}]{key.removeprefix(called)}"
    return key


def lines_of(text: str) -> dict[str, int]:
    """The line of every key and table of a TOML file, by its dotted key; tables of a list have their number from 1."""
    found: dict[str, int] = {}
    count: Counter[str] = Counter()
    above = ""
    for line, statement in _statements(text):
        is_list, is_table = statement.startswith("[["), statement.startswith("[")
        written = statement.strip("[]") if is_table else _key_of(statement)
        parts = _parts(written)
        key = ".".join(parts)
        if is_table and not is_list and count[parts[0]]:
            key = f"{parts[0]}[{count[parts[0]]}]" + "".join(f".{part}" for part in parts[1:])
        if is_list:
            count[key] += 1
            key = f"{key}[{count[key]}]"
        if is_table:
            above = key
        elif above:
            key = f"{above}.{key}"
        found.setdefault(key, line)
    return found


def _statements(text: str) -> list[tuple[int, str]]:
    """Every statement of a TOML file with the line it begins in: a header, or a key with its value; comments left out."""
    found: list[tuple[int, str]] = []
    said: list[str] = []
    line = begun = 1
    at = depth = 0
    for token in TOKEN.finditer(f"{text}\n"):
        sign = token[0]
        said += [text[at : token.start()], "" if sign.startswith("#") else sign]
        at = token.end()
        depth += (sign in ("[", "{")) - (sign in ("]", "}"))
        line += sign.count("\n")
        if sign == "\n" and depth == 0:
            if statement := "".join(said).strip():
                found.append((begun, statement))
            said, begun = [], line
    return found


def _key_of(statement: str) -> str:
    """What stands before the first `=` that is not within quotes."""
    return next(statement[: found.start()] for found in TOKEN.finditer(statement) if found[0] == "=")


def _parts(written: str) -> list[str]:
    """The parts of a dotted key."""
    inner: Any = tomllib.loads(f"{written} = 0")
    parts = []
    while isinstance(inner, dict):
        part, inner = next(iter(inner.items()))
        parts.append(part)
    return parts
