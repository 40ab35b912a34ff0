"""An experiment changed on the way: keys of its file replaced, packages added, and what then no longer fits taken out."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.experiment import Experiment, ExperimentFile, resolve
from clusterpact.experiments.layers import find_experiment
from clusterpact.inputs import InputError, at_home, check, nearest, read_toml
from clusterpact.policies.package import BUDGET, Package

TABLES = ("uncertainty", "parameters", "rules", "targets", "windows")  #: keys of an experiment file that hold keys
OTHER = {"parameters": "uncertainty", "uncertainty": "parameters"}  #: a parameter stands in one of the two


def load_variant(experiment: str | Mapping[str, Any], **changes: Any) -> Experiment:
    """An experiment of the library, of a file, or of a mapping with the keys of a file, changed as `varied` says.

    Mistakes in the file are told of the file, mistakes in what changes it as of the file `as changed`. Of the policies that
    the file defines, only those run that `policies` lists, if it is given. Raises InputError.
    """
    if isinstance(experiment, Mapping):
        path, data = Path("experiment"), dict(experiment)
    else:
        path = find_experiment(str(experiment))
        data = read_toml(path)
    file = check(ExperimentFile, data, path, strict=True)
    if all(value is None for value in changes.values()):
        return resolve(file, path)
    changed = varied(data, **changes)
    path = path.with_name(f"{path.name}, as changed")
    found = resolve(check(ExperimentFile, changed, path, strict=True), path)
    if changes.get("policies") is None:
        return found
    asked = {*changed["policies"], found.baseline, *names_of(changes.get("packages") or ())}
    return replace(found, policies=tuple(package for package in found.policies if package.name in asked))


def varied(
    data: Mapping[str, Any], set: Mapping[str, Any] | None = None, packages: Iterable[Any] | None = None, **whole: Any
) -> dict[str, Any]:
    """The data of an experiment file, changed.

    whole: keys of the file, replaced as a whole (`runs=100`, `policies=[…]`, `uncertainty={…}`; None: as it is). set: single
    keys, dotted where they lie in a table (`"targets.2030": 0.5`, `"rules.choice": "npv"`); the name of a parameter alone
    is short for `parameters.NAME`; None takes a key out. packages: policies to add: mappings as in `[[policy]]`, files of
    one, or packages.

    A parameter that is set is no longer drawn, and one that is drawn no longer set. Where policies are replaced and the
    baseline is not among them, the first is the baseline. Targets and windows beyond a new horizon go. Raises InputError for
    an unknown key.
    """
    made: dict[str, Any] = deepcopy(dict(data))
    given = {_known(key): value for key, value in whole.items() if value is not None}
    if not isinstance(set, Mapping | None):
        raise InputError("", "set", set, "expected a mapping of keys of an experiment file to values")
    given |= {_known(str(key)): value for key, value in (set or {}).items()}
    for key, value in given.items():
        table, _, name = key.partition(".")
        if name:
            made[table] = _with(made.get(table), name, value, table)
        elif value is None:
            made.pop(key, None)
        else:
            made[key] = _by_text(value) if key in TABLES else value
    for table, other in OTHER.items():
        fresh = _fresh(given, table) - _fresh(given, other)
        if isinstance(made.get(other), dict):
            made[other] = {name: value for name, value in made[other].items() if name not in fresh}
    if packages is not None:
        made["policy"] = [*made.get("policy", ()), *map(package_data, packages)]
    if "horizon" in given:
        _within_horizon(made, given)
    listed = [*made.get("policies", ()), *names_of(made.get("policy", ()))]
    if "policies" in given and "baseline" not in given and made.get("baseline") not in listed:
        made.pop("baseline", None)
    return made


def _known(key: str) -> str:
    """A key of an experiment file, written out; raises InputError if there is none of that name."""
    table, _, name = key.partition(".")
    if key in ExperimentFile.model_fields or (table in TABLES and name):
        if table in OTHER and name and name != "ensemble" and name not in PARAMETERS:
            raise InputError("", key, None, "unknown parameter" + nearest(name, PARAMETERS))
        return key
    if key in PARAMETERS:
        return f"parameters.{key}"
    raise InputError("", key, None, "no such key or parameter" + nearest(key, (*ExperimentFile.model_fields, *PARAMETERS)))


def _with(table: Any, name: str, value: Any, key: str) -> dict[str, Any]:
    """A table of the file with one key set, or taken out."""
    if table is not None and not isinstance(table, Mapping):
        raise InputError("", key, table, "expected a table")
    rest = {known: old for known, old in (table or {}).items() if known != name}
    return rest if value is None else rest | {name: value}


def _by_text(table: Any) -> Any:
    """A table with its keys as text, as in a file: years may be given as numbers."""
    return {str(key): value for key, value in table.items()} if isinstance(table, Mapping) else table


def _fresh(given: Mapping[str, Any], table: str) -> set[str]:
    """Names that the changes set in a table."""
    names = set(given[table]) if isinstance(given.get(table), Mapping) else set()
    dotted = (key.partition(".") for key, value in given.items() if value is not None)
    return names | {name for first, _, name in dotted if first == table and name}


def _within_horizon(made: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Take out the targets and windows of the file that lie beyond a new horizon; those that are given stay."""
    try:
        first, last = (int(year) for year in made["horizon"])
    except (TypeError, ValueError, KeyError):
        return  # the check of the experiment says what is wrong with it
    targets, windows = made.get("targets"), made.get("windows")
    if isinstance(targets, dict):
        kept = _fresh(given, "targets")
        made["targets"] = {year: share for year, share in targets.items() if year in kept or first <= int(year) <= last}
    if isinstance(windows, dict):
        kept = _fresh(given, "windows")
        made["windows"] = {
            name: years for name, years in windows.items() if name in kept or first <= years[0] <= years[1] <= last
        }


def names_of(packages: Iterable[Any]) -> list[str]:
    """The names of packages, as `varied` takes them."""
    return [str(package_data(package).get("name")) for package in packages]


def package_data(package: Any) -> dict[str, Any]:
    """A package as it is written in an experiment: of a mapping, a file (.toml), or a package. Raises InputError."""
    if isinstance(package, Mapping):
        return dict(package)
    if isinstance(package, str | Path):
        return read_toml(at_home(package, "packages"))
    if not isinstance(package, Package):
        raise InputError("", "packages", package, "expected a mapping as in [[policy]], a file of one, or a package")
    mode = {} if package.governance_mode is None else {"governance_mode": package.governance_mode}
    schedules = {name: as_written(points) for name, points in package.schedules.items()}
    budgets = {f"{line}{BUDGET}": as_written(points) for line, points in package.budgets.items()}
    practices = {name: practised.written for name, practised in package.practices.items()}
    texts = {"name": package.name, "title": package.title, "description": package.description}
    return texts | mode | schedules | {"practices": practices, "budgets": budgets}


def as_written(points: tuple[tuple[int, float], ...]) -> Any:
    """Points in time as an experiment file has them: a number, which holds from year 0 on, or a schedule."""
    return points[0][1] if len(points) == 1 and points[0][0] == 0 else {"schedule": points}
