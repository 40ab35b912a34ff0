"""An experiment changed on the way from Python: keys of its file replaced, single ones set, packages added."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.experiment import Experiment, ExperimentFile, read_experiment, resolve
from clusterpact.experiments.layers import ALTERNATIVES, find_experiment, varied, with_packages
from clusterpact.inputs import InputError, at_home, check, nearest, read_toml
from clusterpact.policies.package import BUDGET, Package, Points
from clusterpact.policies.signals import Signal
from clusterpact.policies.targets import Target

TABLES = ("uncertainty", "parameters", "rules", "targets", "windows", "search")  #: keys of an experiment file that hold keys


def load_variant(
    experiment: str | Mapping[str, Any],
    set: Mapping[str, Any] | None = None,
    packages: Iterable[Any] | None = None,
    **whole: Any,
) -> Experiment:
    """An experiment of the library, of a file, or of a mapping with the keys of a file, changed.

    whole: keys of the file, replaced as a whole (`runs=100`, `policies=[…]`, `uncertainty={…}`; None: as it is). set: single
    keys, dotted where they lie in a table (`"targets.2030": 0.5`, `"rules.choice": "npv"`); the name of a parameter alone
    is short for `parameters.NAME`; None takes a key out. packages: policies to add: mappings as in `[[policy]]`, files of
    one, or packages. What is changed is laid over the rest as `layers.varied` does. Mistakes in the file are told of the
    file, mistakes in what changes it as of the file `as changed`. Raises InputError.
    """
    if isinstance(experiment, Mapping):
        path, data = Path("experiment"), with_packages(dict(experiment))
    else:
        path = find_experiment(str(experiment))
        data = read_experiment(path)
    file = check(ExperimentFile, data, path, strict=True)
    if not isinstance(set, Mapping | None):
        raise InputError("", "set", set, "expected a mapping of keys of an experiment file to values")
    given = {_known(key): value for key, value in whole.items() if value is not None}
    single = {_known(str(key)): value for key, value in (set or {}).items()}
    if not given and not single and packages is None:
        return resolve(file, path)
    changes = {key: _by_text(value) if key in TABLES else value for key, value in given.items()}
    changes = with_packages(changes)
    data = {key: value for key, value in data.items() if not (key in TABLES and key in changes)}
    for key, value in single.items():
        _change(data, changes, key, value)
    if packages is not None:
        changes["policy"] = [*changes.get("policy", ()), *(package_data(package) for package in packages)]
    path = path.with_name(f"{path.name}, as changed")
    return resolve(check(ExperimentFile, varied(data, changes), path, strict=True), path)


def _change(data: dict[str, Any], changes: dict[str, Any], key: str, value: Any) -> None:
    """Note one key that is set among the changes, or take it out of the data (both changed in place)."""
    table, _, name = key.partition(".")
    held = data.get(table)
    if value is None and name and isinstance(held, Mapping):
        data[table] = {known: old for known, old in held.items() if known != name}
    elif value is None:
        data.pop(key, None)
    elif name:
        changes[table] = {**changes.get(table, {}), name: value}
    else:
        changes[key] = _by_text(value) if key in TABLES else value


def _known(key: str) -> str:
    """A key of an experiment file, written out; raises InputError if there is none of that name."""
    table, _, name = key.partition(".")
    if key in ExperimentFile.model_fields or (table in TABLES and name):
        if table in ALTERNATIVES and name and name != "ensemble" and name not in PARAMETERS:
            raise InputError("", key, None, "unknown parameter" + nearest(name, PARAMETERS))
        return key
    if key in PARAMETERS:
        return f"parameters.{key}"
    raise InputError("", key, None, "no such key or parameter" + nearest(key, (*ExperimentFile.model_fields, *PARAMETERS)))


def _by_text(table: Any) -> Any:
    """A table with its keys as text, as in a file: years may be given as numbers."""
    return {str(key): value for key, value in table.items()} if isinstance(table, Mapping) else table


def package_data(package: Any) -> dict[str, Any]:
    """A package as it is written in an experiment: of a mapping, a file (.toml), or a package. Raises InputError."""
    if isinstance(package, Mapping):
        return dict(package)
    if isinstance(package, str | Path):
        return read_toml(at_home(package, "packages"))
    if not isinstance(package, Package):
        raise InputError("", "packages", package, "expected a mapping as in [[policy]], a file of one, or a package")
    mode = {} if package.governance_mode is None else {"governance_mode": package.governance_mode}
    schedules = {name: as_written(*package.instrument(name)) for name in package.schedules}
    budgets = {f"{line}{BUDGET}": as_written(points) for line, points in package.budgets.items()}
    practices = {name: practised.written for name, practised in package.practices.items()}
    texts = {"name": package.name, "title": package.title, "description": package.description}
    return texts | mode | schedules | {"practices": practices, "budgets": budgets}


def as_written(points: Points | None, target: Target | None = None, signal: Signal | None = None) -> Any:
    """An instrument as an experiment file has it: a number, held from year 0 on, or a schedule; for whom, and when."""
    points = points or ()
    is_constant = len(points) == 1 and points[0][0] == 0
    more: dict[str, Any] = ({"for": target.written} if target else {}) | ({"when": str(signal)} if signal else {})
    if more:
        return ({"value": points[0][1]} if is_constant else {"schedule": points}) | more
    return points[0][1] if is_constant else {"schedule": points}
