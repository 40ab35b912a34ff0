"""Optional parts of the installation: one clear line where one is missing."""

from importlib.util import find_spec

from clusterpact.inputs import InputError

#: Distributions whose modules have another name.
DISTRIBUTIONS = {
    "babel": "Babel",
    "sklearn": "scikit-learn",
    "dask_jobqueue": "dask-jobqueue",
    "cuda.bindings": "cuda-bindings",
}


def require(command: str, extra: str, *modules: str) -> None:
    """Raise InputError if a module that a command needs is not installed; `extra` names the part that brings it."""
    for module in modules:
        if is_missing(module):
            name = DISTRIBUTIONS.get(module, module)
            expected = f"{name} is not installed; expected: pip install {name} (or the extra {extra!r})"
            raise InputError("", command, None, expected)


def is_missing(module: str) -> bool:
    """Whether a module is not installed, or a package that it lies in."""
    parts = module.split(".")
    return any(find_spec(".".join(parts[: count + 1])) is None for count in range(len(parts)))
