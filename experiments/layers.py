"""Experiment files that build on one another, and what is set beside a file: data laid over data, before it is checked."""

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from clusterpact.inputs import InputError, at_home, is_there, nearest, read_toml, usable_path
from clusterpact.policies.package import parse_package
from clusterpact.sim.scenario import PAST, find_cluster

EXPERIMENTS = Path(__file__).with_name("library")
ALTERNATIVES = {"parameters": "uncertainty", "uncertainty": "parameters"}  #: a parameter is fixed or drawn, not both
WORD = re.compile(r"[A-Za-z~/.][A-Za-z0-9~/._+-]*")  #: a text that needs no quotes on the command line
PACKAGE = ".toml"  #: how a policy ends that is the file of a package, such as one that a search found
OPTIONS = {"runs": "--runs", "seed": "--seed", "recording": "--recording", "policies": "--policy"}


def experiment_names() -> list[str]:
    """Names of the experiments that the project ships."""
    paths = [*EXPERIMENTS.glob("*.toml"), *EXPERIMENTS.glob(f"{PAST}/*.toml")]
    return sorted(path.relative_to(EXPERIMENTS).with_suffix("").as_posix() for path in paths)


def find_experiment(name: str, near: Path = Path(), file: object = "", key: str = "experiment") -> Path:
    """Path of an experiment: a file (relative to `near`), or a name of the library."""
    path = usable_path(near / at_home(name, key, file), key, file)
    if path.is_dir() and name not in experiment_names():
        raise InputError(path, key, None, "is a folder; expected an experiment file (.toml)")
    if is_there(path) and not path.is_dir():
        return path
    if name in experiment_names():
        return EXPERIMENTS / f"{name}.toml"
    raise InputError(file, key, name, "no such file or experiment of the library", experiment_names())


def base_of(data: dict[str, Any], path: Path) -> Path | None:
    """The file that an experiment file builds on, None if it stands by itself."""
    if "base" not in data:
        return None
    if not isinstance(data["base"], str):
        raise InputError(path, "base", data["base"], "expected the name or the file of an experiment")
    return find_experiment(data["base"], path.parent, path, "base")


def with_bases(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The data of an experiment file, laid over that of its base, which is laid over its own; its paths hold anywhere."""
    own = with_packages(read_toml(path), path.parent, path)
    if path.resolve() in above:
        raise InputError(above[0], "base", None, f"builds on itself, by way of {path.name}; expected another experiment")
    base = base_of(own, path)
    if base is None:
        return own
    theirs = _anchored(with_bases(base, (*above, path.resolve())), base)
    return varied(theirs, {key: value for key, value in own.items() if key != "base"})


def with_packages(data: dict[str, Any], near: Path = Path(), file: object = "") -> dict[str, Any]:
    """Data in which policies that are named by a file (relative to `near`) are variants with its content, before all others.

    Raises InputError for a file that is none, or no package.
    """
    listed, variants = data.get("policies"), data.get("policy", ())
    if not _are_names(listed) or not _are_tables(variants):
        return data
    found: list[dict[str, Any]] = []
    names = []
    for name in listed:
        if name.endswith(PACKAGE):
            path = usable_path(near / at_home(name, "policies", file), "policies", file)
            found.append(read_toml(path))
            name = parse_package(found[-1], path).name
        names.append(name)
    return data | {"policies": names, "policy": [*found, *variants]} if found else data


def _anchored(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """Data whose paths, written relative to their file, hold anywhere."""
    anchored = dict(data)
    if isinstance(data.get("cluster"), str):
        anchored["cluster"] = str(find_cluster(data["cluster"], path.parent, path).absolute())
    drawn = data.get("uncertainty")
    ensemble = drawn.get("ensemble") if isinstance(drawn, dict) else None
    if isinstance(drawn, dict) and isinstance(ensemble, str):
        beside = path.parent / at_home(ensemble, "uncertainty.ensemble", path)
        if is_there(beside) and not beside.is_dir():
            anchored["uncertainty"] = drawn | {"ensemble": str(beside.absolute())}
    return anchored


def varied(data: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The data of an experiment file with changes laid over it, neither of them checked.

    A table is changed key by key, and an empty one empties it; a [[policy]] is changed by its name; `accept` grows; whatever
    else is replaced. A parameter that the changes fix is no longer drawn, and the other way about. Where they list policies,
    variants that they neither list nor define are left out, and a baseline that they leave out gives way to the first.
    Targets and windows of the data that lie beyond a new horizon go.
    """
    changed = dict(data)
    for key, value in changes.items():
        held = data.get(key)
        if key == "policy" and _are_tables(held) and _are_tables(value):
            changed[key] = _by_name(held, value)
        elif key == "accept" and isinstance(held, list) and isinstance(value, list):
            changed[key] = [*held, *(one for one in value if one not in held)]
        elif isinstance(held, dict) and isinstance(value, dict) and value:
            changed[key] = held | value
        else:
            changed[key] = value
    for key, other in ALTERNATIVES.items():
        fixed, kept = changes.get(key), changes.get(other, {})
        if isinstance(fixed, dict) and isinstance(kept, dict) and isinstance(changed.get(other), dict):
            changed[other] = {name: value for name, value in changed[other].items() if name not in fixed or name in kept}
    if "horizon" in changes:
        _fit_horizon(changed, changes)
    listed = changes.get("policies")
    if isinstance(listed, list | tuple):
        if _are_tables(changed.get("policy")):
            kept = [*listed, *(table.get("name") for table in changes.get("policy", []))]
            changed["policy"] = _flattened(changed["policy"], kept)
        if changed.get("baseline") not in listed and "baseline" not in changes:
            changed.pop("baseline", None)
    return changed


def _fit_horizon(data: dict[str, Any], changes: dict[str, Any]) -> None:
    """Take out targets and windows that lie beyond a new horizon and are not among the changes (changed in place)."""
    try:
        first, last = (int(year) for year in data["horizon"])
        fits = {
            "targets": {year for year in data.get("targets", {}) if first <= int(year) <= last},
            "windows": {name for name, (start, end) in data.get("windows", {}).items() if first <= start <= end <= last},
        }
    except (TypeError, ValueError, AttributeError):
        return  # the check of what is laid over each other says what is wrong with it
    for key, names in fits.items():
        if key in data:
            names |= set(changes.get(key, ()))
            data[key] = {name: value for name, value in data[key].items() if name in names}


def _are_tables(value: Any) -> TypeGuard[Sequence[dict[str, Any]]]:
    return isinstance(value, list | tuple) and all(isinstance(table, dict) for table in value)


def _are_names(value: Any) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)


def _by_name(tables: Iterable[dict[str, Any]], changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Variants with those of the same name changed key by key, and the others after them."""
    changes = list(changes)
    held = list(tables)
    names = [table.get("name") for table in held]
    for change in changes:
        if (name := change.get("name")) is not None and names.count(name) == 1:
            held[names.index(name)] = _over(held[names.index(name)], change)
        else:
            held.append(change)
    return held


def _over(table: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A variant changed key by key, also in its practices and budgets."""
    merged = table | change
    for key in ("practices", "budgets"):
        if isinstance(table.get(key), dict) and isinstance(change.get(key), dict):
            merged[key] = table[key] | change[key]
    return merged


def _flattened(tables: Iterable[dict[str, Any]], kept: Iterable[Any]) -> list[dict[str, Any]]:
    """The variants that are kept, each with what it builds on written out where that is left out."""
    kept, found = list(kept), []
    whole: dict[str, dict[str, Any]] = {}
    for table in tables:
        name = table.get("base")
        base = whole.get(name) if isinstance(name, str) else None
        if base is not None and base.get("name") not in kept:
            under = {key: value for key, value in base.items() if key not in ("name", "title", "description")}
            table = _over(under, {key: value for key, value in table.items() if key != "base"})
        if isinstance(table.get("name"), str):
            whole[table["name"]] = table
        if table.get("name") in kept:
            found.append(table)
    return found


def settings(written: Iterable[str], data: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Changes for `varied` from texts such as `parameters.capex_level=1.1`: a dotted key of experiment files, a TOML value.

    A text of letters needs no quotes; `policy.NAME.KEY` changes the variant NAME of `data`, the file's. known: the keys
    there are, dotted where a table holds them. Raises InputError for another text, key or value.
    """
    own = [table.get("name") for table in data.get("policy", ())] if _are_tables(data.get("policy", ())) else []
    tables = {key.partition(".")[0] for key in known}
    found: dict[str, Any] = {}
    for text in written:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not key:
            raise InputError("", "--set", text, "expected key=value, such as parameters.capex_level=1.1")
        table, *rest = key.split(".")
        if table not in tables:
            raise InputError("", f"--set {key}", None, "unknown key" + nearest(key, known))
        change = value_of(key, value)
        if table == "policy" and len(rest) > 1:
            name = ".".join(rest[:-1])
            if name not in own:
                raise InputError("", f"--set {key}", None, "no variant of the experiment" + nearest(name, map(str, own)))
            change = [{"name": name, rest[-1]: change}]
        elif rest:
            change = {".".join(rest): change}
        found = varied(found, {table: change})
    return found


def value_of(key: str, text: str) -> Any:
    """The value of a text as TOML has it, or the text itself if it is a plain word; raises InputError for others."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        if WORD.fullmatch(text):
            return text
        expected = 'expected a value as in an experiment file, such as 0.3, "text" or [2026, 2050]'
        raise InputError("", f"--set {key}", text, expected) from None


def as_given(mistake: InputError, path: Path, changes: dict[str, Any], by_option: Collection[str]) -> InputError:
    """A mistake of an experiment said of what made it, if one of the changes did and not the file at `path`.

    by_option: the changes that have an option of their own; the others were set.
    """
    for name, value in changes.items():
        keys = [f"{name}.{key}" for key in value] if isinstance(value, dict) and value else [name]
        for key in keys:
            if mistake.file == path and (mistake.key == key or mistake.key.startswith((f"{key}.", f"{key}["))):
                return mistake.moved("", OPTIONS.get(name, f"--{name}") if name in by_option else f"--set {mistake.key}")
    return mistake
