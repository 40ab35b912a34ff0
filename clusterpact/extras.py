"""Optional parts of the installation: one clear line where one is missing."""

from importlib.util import find_spec

from clusterpact.inputs import InputError


def require(command: str, extra: str, *modules: str) -> None:
    """Raise InputError if a module that a command needs is not installed; `extra` names the part that brings it."""
    for module in modules:
        if find_spec(module) is None:
            expected = f"{module} is not installed; expected: pip install 'clusterpact[{extra}]'"
            raise InputError("", command, None, expected)
