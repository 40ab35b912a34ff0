"""Tables of an experiment file, each checked key by key: what is uncertain or fixed, theories, targets and windows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.theories import THEORIES
from clusterpact.experiments.design import Distribution, parse_distribution
from clusterpact.inputs import InputError, Mistakes, nearest
from clusterpact.sim.cluster import YEAR_KEY

if TYPE_CHECKING:
    from clusterpact.experiments.experiment import ExperimentFile

#: Keys of an experiment file whose check hangs on another one.
HANGING = {
    "horizon": ("targets", "windows", "search"), "policies": ("baseline", "search"),
    "policy": ("policies", "baseline", "search"), "targets": ("search",),
}  # fmt: skip


def uncertainty_of(written: dict[str, Any], parameters: dict[str, float], path: Path) -> dict[str, Distribution]:
    """The distribution of every drawn parameter, checked, and the values of those that are fixed, none of which is both."""
    uncertainty = {}
    mistakes = Mistakes()
    for name, distribution in written.items():
        with mistakes.apart():
            _known_parameter(name, path, f"uncertainty.{name}")
            uncertainty[name] = parse_distribution(distribution, PARAMETERS[name], path, f"uncertainty.{name}")
    for name, value in parameters.items():
        with mistakes.apart():
            _check_fixed(name, value, name in written, path)
    mistakes.tell()
    return uncertainty


def _check_fixed(name: str, value: float, is_drawn: bool, path: Path) -> None:
    """Raise InputError for a parameter that cannot be fixed at a value."""
    key = f"parameters.{name}"
    _known_parameter(name, path, key)
    parameter = PARAMETERS[name]
    if not parameter.low <= value <= parameter.high:
        raise InputError(path, key, value, f"expected {parameter.low:g} to {parameter.high:g} {parameter.unit}")
    if is_drawn:
        raise InputError(path, key, value, "already in [uncertainty]; expected only one of the two")


def _known_parameter(name: str, path: Path, key: str) -> None:
    if name not in PARAMETERS:
        raise InputError(path, key, None, "unknown parameter" + nearest(name, PARAMETERS))


def windows_of(file: "ExperimentFile", path: Path) -> dict[str, tuple[int, int]]:
    """The windows of years in which a result is scored, within the horizon."""
    mistakes = Mistakes()
    for name, (first, last) in file.windows.items():
        with mistakes.apart():
            if not file.horizon[0] <= first <= last <= file.horizon[1]:
                expected = f"expected [first year, last year] within the horizon ({file.horizon[0]} to {file.horizon[1]})"
                raise InputError(path, f"windows.{name}", [first, last], expected)
    mistakes.tell()
    return dict(file.windows)


def theories_of(file: "ExperimentFile", path: Path) -> dict[str, str]:
    """The theories that an experiment names, by decision, but for the usual ones. Raises InputError for unknown names."""
    mistakes = Mistakes()
    for decision, name in file.rules.items():
        with mistakes.apart():
            if decision not in THEORIES:
                raise InputError(path, f"rules.{decision}", None, "unknown decision" + nearest(decision, THEORIES))
            if name not in THEORIES[decision]:
                raise InputError(path, f"rules.{decision}", name, "no such theory", THEORIES[decision])
    mistakes.tell()
    return {decision: name for decision, name in file.rules.items() if name != next(iter(THEORIES[decision]))}


def targets_of(file: "ExperimentFile", path: Path) -> dict[int, float]:
    """The abated share that is aimed at by year, each within the horizon."""
    targets = {}
    mistakes = Mistakes()
    for year, share in file.targets.items():
        with mistakes.apart():
            if not YEAR_KEY.fullmatch(year) or not file.horizon[0] <= int(year) <= file.horizon[1]:
                expected = f"expected a year between {file.horizon[0]} and {file.horizon[1]}"
                raise InputError(path, f"targets.{year}", share, expected)
            targets[int(year)] = share
    mistakes.tell()
    return dict(sorted(targets.items()))
